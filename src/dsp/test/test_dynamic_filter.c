/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <complex.h>
#include <math.h>
#include <string.h>

#include "dsp/dynamic_filter.h"
#include "dsp/dynamic_filter_kernels.h"
#include "dsp/elementary.h"

enum { N = 8192 };

static double frames[2 * N];
static float roots[2][N + 1];
static const float *const root[2][2] = {{roots[0], roots[1]}, {roots[1], roots[0]}};

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static void set_roots(double a) {
  for (int i = 0; i <= N; i++) {
    roots[0][i] = roots[1][i] = (float)a;
  }
}

static double response_db(double w) {
  double complex turn = cexp(-I * w), at = 1, sum = 0;
  for (int i = 0; i < N; i++) {
    sum += frames[2 * i] * at;
    at *= turn;
  }
  return 20 * log10(cabs(sum));
}

static void test_response(void **state) {
  (void)state;
  for (int shape = 0; shape < 3; shape++) {
    for (int sign = -1; sign <= 1; sign++) {
      LacDynamicPoles poles = {0.3, shape ? 1.4142 : 0.7};
      LacDynamicFilter filter = {(LacDynamicShape)shape, poles, poles, {0}, {0}};
      double a = pow(10, sign * 6.0 / 40.0);
      set_roots(a);
      a = (double)roots[0][0];
      memset(frames, 0, sizeof frames);
      frames[0] = 1;
      LacDynamicFilter *const filters[1] = {&filter};
      lac_dynamic_filter_run(&lac_dynamic_filter_kernels_scalar, filters, 1, frames, root, (LacSteps){N, 1, 0}, 0, 32);
      for (int i = 1; i < 30; i++) {
        double w = LAC_PI * i / 30;
        double power = lac_dynamic_filter_power((LacDynamicShape)shape, poles, a, w);
        assert_true(fabs(response_db(w) - 10 * log10(power)) < 1e-6);
      }
      double w0 = shape == 0 ? 2 * atan(0.3) : shape == 1 ? 1e-9 : LAC_PI;
      double peak = lac_dynamic_filter_power((LacDynamicShape)shape, poles, a, w0);
      assert_true(fabs(10 * log10(peak) - 6.0 * sign) < 1e-5);
    }
  }
}

static void test_unity_is_exact(void **state) {
  (void)state;
  uint64_t random = 1;
  double before[2 * N];
  set_roots(1);
  for (int shape = 0; shape < 3; shape++) {
    LacDynamicFilter filter = {(LacDynamicShape)shape, {0.1, 1}, {0.4, 2}, {0}, {0}};
    for (int i = 0; i < 2 * N; i++) {
      frames[i] = before[i] = uniform(&random) - 0.5;
    }
    LacDynamicFilter *const filters[1] = {&filter};
    lac_dynamic_filter_run(lac_dynamic_filter_kernels_at(lac_cpu_level()), filters, 1, frames, root,
                           (LacSteps){32, 4, 0}, 0, 32);
    assert_memory_equal(frames, before, sizeof before);
  }
}

/* Rows of one to six of any shapes, that stand or that move in part, over runs cut anywhere. */
static void test_levels_agree(void **state) {
  (void)state;
  enum { MOST = 6 };
  static double got[2 * N];
  uint64_t random = 3;
  for (int i = 0; i < N; i++) {
    roots[0][i] = (float)(0.5 + uniform(&random));
    roots[1][i] = (float)(0.5 + uniform(&random));
  }
  for (int k = 0; k < 120; k++) {
    LacDynamicFilter start[MOST];
    const float *rows[MOST][2];
    const bool moves = k % 3 == 0;
    const unsigned count = 1 + (unsigned)k % MOST;
    const uint32_t n = moves ? 21 : 1 + (uint32_t)(777 * uniform(&random)), step = 1u << k % 4;
    for (unsigned f = 0; f < count; f++) {
      const LacDynamicPoles poles = {0.1 + 0.3 * uniform(&random), 0.6 + uniform(&random)};
      start[f] = (LacDynamicFilter){(LacDynamicShape)(4 * uniform(&random)), poles, poles, {0.1, 0.2}, {0.3, 0}};
      start[f].to.g += moves && uniform(&random) < 0.5 ? 0.1 : 0;
      rows[f][0] = roots[f % 2] + 5 * f;
      rows[f][1] = k % 3 == 1 ? rows[f][0] : roots[k % 2] + 5 * f; /* linked, and of their own */
    }
    for (int l = 0; l <= (int)lac_cpu_level(); l++) {
      LacDynamicFilter truth[MOST], filter[MOST], *true_row[MOST], *row[MOST];
      memcpy(truth, start, sizeof truth);
      memcpy(filter, start, sizeof filter);
      for (unsigned f = 0; f < count; f++) {
        true_row[f] = &truth[f];
        row[f] = &filter[f];
      }
      for (int i = 0; i < 2 * N; i++) {
        frames[i] = got[i] = uniform(&random) - 0.5;
      }
      const LacSteps steps = {n, step, 11 % step};
      lac_dynamic_filter_run(&lac_dynamic_filter_kernels_scalar, true_row, count, frames,
                             (const float *const(*)[2])rows, steps, 11, 32);
      lac_dynamic_filter_run(lac_dynamic_filter_kernels_at((LacCpuLevel)l), row, count, got,
                             (const float *const(*)[2])rows, steps, 11, 32);
      assert_memory_equal(frames, got, sizeof got);
      for (unsigned f = 0; f < count; f++) {
        assert_memory_equal(truth[f].w1, filter[f].w1, sizeof truth[f].w1);
        assert_memory_equal(truth[f].w2, filter[f].w2, sizeof truth[f].w2);
      }
    }
  }
}

/* Poles that move by next to nothing sound as poles that stand: both forms of the filter are the same filter. The
 * lowest bell at the highest rate is where the short form rounds worst: still below -180 dB. */
static void test_forms_agree(void **state) {
  (void)state;
  static double other[2 * N];
  uint64_t random = 5;
  double most = 0;
  set_roots(1.7);
  for (int k = 0; k < 6; k++) {
    const double g = k < 3 ? 0.00016 : 0.7;
    LacDynamicFilter still = {(LacDynamicShape)(k % 3), {g, 1.4}, {g, 1.4}, {0}, {0}}, moving = still;
    moving.to.k *= 1 + 1e-13;
    LacDynamicFilter *const stills[1] = {&still}, *const movings[1] = {&moving};
    for (int i = 0; i < 2 * N; i++) {
      frames[i] = other[i] = uniform(&random);
    }
    for (int i = 0; i < N; i += 32) {
      lac_dynamic_filter_run(&lac_dynamic_filter_kernels_scalar, stills, 1, frames + 2 * i, root, (LacSteps){32, 4, 0},
                             0, 32);
      lac_dynamic_filter_run(&lac_dynamic_filter_kernels_scalar, movings, 1, other + 2 * i, root, (LacSteps){32, 4, 0},
                             0, 32);
    }
    for (int i = 0; i < 2 * N; i++) {
      most = fmax(most, fabs(frames[i] - other[i]));
    }
  }
  print_message("forms differ by %.0f dB\n", 20 * log10(most));
  assert_true(most < 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_unity_is_exact),
      cmocka_unit_test(test_levels_agree),
      cmocka_unit_test(test_forms_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
