/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "dsp/window.h"

static void test_kaiser(void **state) {
  (void)state;
  assert_true(lac_kaiser(0, 9) == 1.0);
  assert_true(lac_kaiser(1.0001, 9) == 0.0 && lac_kaiser(-1.0001, 9) == 0.0);
  /* numpy.kaiser(5, 8.6) */
  assert_true(fabs(lac_kaiser(1, 8.6) - 0.00133251) < 1e-8);
  assert_true(fabs(lac_kaiser(-0.5, 8.6) - 0.34039362) < 1e-8);
  assert_true(fabs(lac_kaiser_beta(150) - 15.57126) < 1e-9);
  for (double u = 0; u < 1; u += 0.01)
    assert_true(lac_kaiser(u, 12) == lac_kaiser(-u, 12));
}

static void test_kaiser_series(void **state) {
  (void)state;
  for (double beta = 0; beta <= 20; beta += 2.5) {
    LacKaiser kaiser;
    lac_kaiser_init(&kaiser, beta);
    for (double u = -1.01; u < 1.02; u += 0.01) {
      assert_true(fabs(lac_kaiser_at(&kaiser, u) - lac_kaiser(u, beta)) < 4e-15);
    }
  }
}

static void test_hann(void **state) {
  (void)state;
  float window[64];
  lac_hann(window, 64);
  assert_true(window[0] == 0.0f && window[32] == 1.0f);
  for (int i = 0; i < 32; i++)
    assert_true(fabsf(window[i] + window[i + 32] - 1.0f) < 1e-6f); /* adds up at 50 % */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kaiser), cmocka_unit_test(test_kaiser_series),
                                     cmocka_unit_test(test_hann)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
