/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "dsp/lane_gain.h"

enum { N = LAC_LANE_GAIN_RUN };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53 - 0.5;
}

typedef struct Result {
  float left[N], right[N], out[2][N];
  double frames[2 * N];
} Result;

static void run(const LacLaneGainKernels *kernels, const LacLaneGain *gain, uint32_t n, Result *r) {
  static double frames[2 * N];
  uint64_t random = 3;
  memset(r, 0, sizeof *r);
  for (int i = 0; i < 2 * N; i++)
    frames[i] = uniform(&random) * (i % 11 == 0 ? 1e-30 : i % 13 == 0 ? 1e39 : 4.0);
  kernels->part(frames, gain, 1e6, r->left, r->right, n);
  kernels->join(r->left, r->right, gain, r->frames, n);
  kernels->add((const float *const[]){r->left, r->right}, frames, gain, 3e38, (float *const[]){r->out[0], r->out[1]},
               n);
}

static void test_levels_agree(void **state) {
  (void)state;
  static Result expected, got;
  const LacLaneGain gains[] = {{0.7, 0.7, 1.0 / 32, 0}, {0.2, 1.7, 1.0 / 32, 5}};
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    for (uint32_t n = 0; n <= N; n += n < 40 ? 1 : 11) {
      for (int g = 0; g < 2; g++) {
        run(&lac_lane_gain_kernels_scalar, &gains[g], n, &expected);
        run(lac_lane_gain_kernels_at((LacCpuLevel)level), &gains[g], n, &got);
        assert_memory_equal(&expected, &got, sizeof got);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels_agree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
