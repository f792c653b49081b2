/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/pole_sum.h"

enum { N = 1000 };

static float uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (float)((double)(*state >> 11) * 0x1p-53 - 0.5);
}

/* Shelves and a pass as the saturator has them: a block of direct current at 4 Hz beside shelves of 30 Hz to 9.5 kHz.
 */
typedef struct Shelf {
  double hz, low, high;
} Shelf;
static const Shelf shelves[][2] = {
    {{4, 0, 1}, {3183, 1, 0.33}}, {{4, 0, 1}, {300, 0.1, 1}}, {{9549, 0.9, 2.7}, {0, 0, 0}}};
static const double rates[] = {44100, 192000};

static LacPoleSum sum_of(const Shelf *row, double rate_hz) {
  LacPoleSum sum = {.through = 1};
  for (int k = 0; k < 2; k++) {
    if (row[k].hz > 0) {
      lac_pole_sum_times(&sum, lac_tan(LAC_PI * row[k].hz / rate_hz), row[k].low, row[k].high);
    }
  }
  return sum;
}

static const LacPoleSumGain unity = {.now = 1, .next = 1};

/* Against the sections one after the other, trapezoidal, in double. */
static void test_is_the_series(void **state) {
  (void)state;
  for (size_t s = 0; s < 3; s++) {
    for (size_t r = 0; r < 2; r++) {
      float in[N], out[N], dry[N] = {0};
      double expected[N], worst = 0;
      uint64_t random = s;
      for (int i = 0; i < N; i++) {
        in[i] = uniform(&random);
        expected[i] = (double)in[i];
      }
      for (int k = 0; k < 2; k++) {
        const double g = lac_tan(LAC_PI * shelves[s][k].hz / rates[r]);
        double z = 0;
        for (int i = 0; i < N && g > 0; i++) {
          const double v = (expected[i] - z) * g / (1 + g), low = v + z;
          z = low + v;
          expected[i] = shelves[s][k].low * low + shelves[s][k].high * (expected[i] - low);
        }
      }
      const LacPoleSum sum = sum_of(shelves[s], rates[r]);
      LacPoleSumState poles = {.x = {0}};
      for (uint32_t done = 0; done < N; done += 100) {
        lac_pole_sum_kernels_scalar.come_back(&sum, &poles, in + done, &unity, dry + done, &unity, FLT_MAX, out + done,
                                              100);
      }
      for (int i = 0; i < N; i++) {
        worst = fmax(worst, fabs((double)out[i] - expected[i]));
      }
      assert_true(worst < 1e-7); /* the rounding of the output */
    }
  }
}

/* Every level, and every cut into runs, gives the bits of the truth in one piece; gains that move too. */
static void test_levels_and_cuts_agree(void **state) {
  (void)state;
  static float in[N], dry[N], expected[2][N], got[2][N];
  uint64_t random = 5;
  for (int i = 0; i < N; i++) {
    in[i] = 3 * uniform(&random);
    dry[i] = uniform(&random);
  }
  for (size_t s = 0; s < 4; s++) {
    const LacPoleSum sum = s < 3 ? sum_of(shelves[s], 48000) : (LacPoleSum){.through = 1};
    for (int moves = 0; moves < 2; moves++) {
      LacPoleSumGain gain = {0.7, moves ? 0.9 : 0.7, 1.0 / N, 0}, wet = {1.3, moves ? 0.2 : 1.3, 1.0 / N, 0};
      LacPoleSumLeaveState leaving = {.x = {0}};
      LacPoleSumState coming = {.x = {0}};
      for (uint32_t i = 0; i < N; i++) {
        gain.place = wet.place = i;
        lac_pole_sum_kernels_scalar.leave(&sum, &leaving, in + i, &gain, 0.9F, expected[0] + i, 1);
        lac_pole_sum_kernels_scalar.come_back(&sum, &coming, in + i, &wet, dry + i, &gain, 0.9, expected[1] + i, 1);
      }
      for (int level = 0; level <= (int)lac_cpu_level(); level++) {
        const LacPoleSumKernels *kernels = lac_pole_sum_kernels_at((LacCpuLevel)level);
        LacPoleSumLeaveState out = {.x = {0}};
        LacPoleSumState back = {.x = {0}};
        for (uint32_t done = 0, n = 0; done < N; done += n, n = (n + 1) % (LAC_POLE_SUM_RUN + 1)) {
          n = N - done < n ? N - done : n;
          gain.place = wet.place = done;
          kernels->leave(&sum, &out, in + done, &gain, 0.9F, got[0] + done, n);
          memcpy(got[1] + done, dry + done, n * sizeof(float));
          kernels->come_back(&sum, &back, in + done, &wet, got[1] + done, &gain, 0.9, got[1] + done, n);
        }
        assert_memory_equal(expected, got, sizeof got);
        assert_memory_equal(leaving.x, out.x, sizeof out.x);
        assert_memory_equal(leaving.e, out.e, sum.n_poles * sizeof out.e[0]);
        assert_memory_equal(coming.x, back.x, sizeof back.x);
        assert_memory_equal(coming.e, back.e, sum.n_poles * sizeof back.e[0]);
      }
    }
  }
}

/* What a curve behind would make subnormal numbers of does not leave. */
static void test_faint(void **state) {
  (void)state;
  const LacPoleSum sum = {.through = 1};
  const float in[4] = {0.9F * LAC_POLE_SUM_LEAST, 1.1F * LAC_POLE_SUM_LEAST, -0.9F * LAC_POLE_SUM_LEAST, -1};
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    LacPoleSumLeaveState poles = {.x = {0}};
    float out[4];
    lac_pole_sum_kernels_at((LacCpuLevel)level)->leave(&sum, &poles, in, &unity, 2, out, 4);
    assert_true(out[0] == 0 && out[1] == in[1] && out[2] == 0 && out[3] == in[3]);
  }
}

static void test_flush(void **state) {
  (void)state;
  LacPoleSumState poles = {{1e-31, 1}, {{-1e-35, -2e-30}}};
  lac_pole_sum_flush(&poles);
  assert_true(poles.x[0] == 0 && poles.x[1] == 1 && poles.e[0][0] == 0 && poles.e[0][1] == -2e-30);
  LacPoleSumLeaveState leaving = {{1e-31F, 1}, {{-1e-35F, -2e-30F}}};
  lac_pole_sum_flush_leave(&leaving);
  assert_true(leaving.x[0] == 0 && leaving.x[1] == 1 && leaving.e[0][0] == 0 && leaving.e[0][1] == -2e-30F);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_the_series),
      cmocka_unit_test(test_levels_and_cuts_agree),
      cmocka_unit_test(test_faint),
      cmocka_unit_test(test_flush),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
