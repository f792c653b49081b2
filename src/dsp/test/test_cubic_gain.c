/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <string.h>

#include "dsp/cubic_gain.h"

enum { RUN = LAC_CUBIC_GAIN_RUN };

/* Every place and length, what overflows too: all levels have the bits of the truth, and no more than n change. */
static void test_levels_agree(void **state) {
  (void)state;
  const double c[4] = {1.5, -0.3, 2.1, -1.7};
  for (uint32_t place = 0; place < RUN; place++) {
    for (uint32_t n = 0; place + n <= RUN; n++) {
      for (int level = 0; level <= (int)lac_cpu_level(); level++) {
        float truth[2][RUN], got[2][RUN];
        for (int i = 0; i < 2 * RUN; i++) {
          truth[i / RUN][i % RUN] = i % 7 == 0 ? (i % 2 ? FLT_MAX : -FLT_MAX) : (float)(i - RUN) * 0.037f;
        }
        memcpy(got, truth, sizeof got);
        float *const right = n % 5 ? truth[1] : NULL;
        lac_cubic_gain_kernels_scalar.apply(c, place, truth[0], right, n);
        lac_cubic_gain_kernels_at((LacCpuLevel)level)->apply(c, place, got[0], right ? got[1] : NULL, n);
        assert_memory_equal(got, truth, sizeof got);
      }
    }
  }
}

static void test_cubic(void **state) {
  (void)state;
  const double c[4] = {1, 2, 4, 8};
  float left[RUN] = {0}, right[RUN] = {0};
  left[0] = right[RUN / 2] = 1;
  left[RUN - 1] = FLT_MAX;
  lac_cubic_gain_kernels_scalar.apply(c, 0, left, right, RUN);
  assert_true(left[0] == 1.0f && right[RUN / 2] == 4.0f && left[RUN - 1] == FLT_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_levels_agree),
      cmocka_unit_test(test_cubic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
