/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "dsp/dynamic_ear.h"
#include "dsp/elementary.h"

enum { N = 8192, PAST = 2 };

static double sound[2 * (PAST + N)], *const frames = sound + 2 * PAST;

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static LacDynamicEar ear_at(LacDynamicShape shape, double g, double k) {
  LacDynamicEar ear;
  lac_dynamic_ear_init(&ear, shape, (LacDynamicPoles){g, k});
  return ear;
}

/* One ear over frames, with points every 2. */
static void hear(LacDynamicEar *ear, double *powers, uint32_t first, uint32_t n) {
  LacDynamicEar *const ears[1] = {ear};
  const double *inputs[1] = {frames + 2 * first};
  lac_dynamic_ear_kernels_scalar.hear(ears, 1, inputs, &powers, (LacSteps){n, 2, 0});
}

/* A tone in the middle of a bell: its power without ripple. */
static void test_bell_has_no_ripple(void **state) {
  (void)state;
  static double powers[N];
  memset(sound, 0, sizeof sound);
  for (int i = 0; i < N; i++) {
    frames[2 * i] = 0.5 * sin(0.1 * i);
  }
  LacDynamicEar ear = ear_at(LAC_DYNAMIC_BELL, tan(0.5 * 0.1), 1.0);
  hear(&ear, powers, 0, N);
  for (int i = 2000; i < N / 2; i++) {
    assert_true(fabs(powers[i] - 0.25) < 1e-9);
  }
}

/* Any tone: the mean power is the filter's response squared twice; that of a bell's turned signal beside it. */
static void test_response(void **state) {
  (void)state;
  static double powers[N];
  for (int shape = 0; shape < 3; shape++) {
    for (int i = 1; i < 16; i++) {
      const double w = 2 * LAC_PI * i / 32, g = 0.3, k = 0.9, p = tan(0.5 * w) / g;
      for (int n = 0; n < N; n++) {
        frames[2 * n] = sqrt(2.0) * sin(w * n);
      }
      LacDynamicEar ear = ear_at((LacDynamicShape)shape, g, k);
      hear(&ear, powers, 0, N);
      double mean = 0;
      for (int n = N / 4; n < N / 2; n++) {
        mean += powers[n] * 4 / N;
      }
      /* |p^2 + k p + 1|^2 at p = j p, and what stands over it. */
      const double under = pow(1 - p * p, 2) + k * k * p * p;
      const double over = shape == LAC_DYNAMIC_BELL ? k * k * p * p : shape == LAC_DYNAMIC_LOW_SHELF ? 1 : pow(p, 4);
      double wanted = over * over;
      if (shape == LAC_DYNAMIC_BELL) {
        wanted = 0.5 * over * (over + 0.25 * k * k * pow(1 + p * p, 2));
        wanted *= 2;
      }
      wanted /= under * under;
      assert_true(fabs(10 * log10(mean / wanted)) < 1e-6);
    }
  }
}

/* Frequency on its way while a tone rings: the level neither jumps nor is pumped up. */
static void test_moving(void **state) {
  (void)state;
  static double powers[N];
  for (int way = 0; way < 2; way++) {
    for (int n = 0; n < N; n++) {
      frames[2 * n] = sin(0.02 * n);
    }
    LacDynamicEar ear = ear_at(LAC_DYNAMIC_BELL, tan(0.5 * 0.02), 1.0);
    double most = 0;
    for (int q = 0; q < N / 32; q++) {
      if (q > 100 && q < 120) {
        lac_dynamic_ear_aim(&ear, (LacDynamicPoles){ear.poles.g * (way ? 1.14 : 1 / 1.14), 1.0});
      }
      hear(&ear, powers + 16 * q, 32 * (uint32_t)q, 32);
      for (int i = 0; q > 50 && i < 16; i++) {
        most = fmax(most, powers[16 * q + i]);
      }
    }
    print_message("on the way %s: at most %.2f dB over the tone\n", way ? "up" : "down", 10 * log10(most));
    assert_true(most < 2);
  }
}

static void test_levels_agree(void **state) {
  (void)state;
  enum { EARS = 7, FRAMES = 777 };
  static double powers[2][EARS][N];
  uint64_t random = 3;
  for (int i = 0; i < 2 * (PAST + N); i++) {
    sound[i] = uniform(&random) - 0.5;
  }
  for (int l = 0; l <= (int)lac_cpu_level(); l++) {
    const LacDynamicEarKernels *kernels = lac_dynamic_ear_kernels_at((LacCpuLevel)l);
    for (unsigned round = 0; round < 4 * EARS;
         round++) { /* neighbours of one shape or not, that hear the same or not */
      const unsigned n_ears = 1 + round % EARS, alike = 1 + round / EARS % 2, apart = round / EARS < 2 ? 2 : 0;
      LacDynamicEar truth[EARS], ears[EARS], *true_ears[EARS], *got[EARS];
      const double *inputs[EARS];
      double *true_powers[EARS], *got_powers[EARS];
      for (unsigned e = 0; e < n_ears; e++) {
        truth[e] = ears[e] = ear_at((LacDynamicShape)((e / alike + n_ears) % 3), 0.1 * (e + 1), 1 + e);
        true_ears[e] = &truth[e];
        got[e] = &ears[e];
        inputs[e] = frames + apart * e;
        truth[e].lanes[e % 2] = ears[e].lanes[e % 2] = e % 3 > 0;
        true_powers[e] = powers[0][e];
        got_powers[e] = powers[1][e];
      }
      const LacSteps steps = {FRAMES, 4, 3};
      lac_dynamic_ear_kernels_scalar.hear(true_ears, n_ears, inputs, true_powers, steps);
      kernels->hear(got, n_ears, inputs, got_powers, steps);
      assert_memory_equal(powers[0], powers[1], sizeof powers[0]);
      for (unsigned e = 0; e < n_ears; e++) {
        assert_memory_equal(truth[e].y1, ears[e].y1, 12 * sizeof(double));
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bell_has_no_ripple),
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_moving),
      cmocka_unit_test(test_levels_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
