/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "dsp/linear_prediction.h"

enum { ORDER = 12, N = 4000 };

/* Autocorrelation of noise with a tilt and a tone in it. */
static void make_lags(double r[ORDER + 1]) {
  static double x[N];
  for (int i = 0; i < N; i++)
    x[i] = lac_random_double(1, 0, (uint64_t)i) - 0.5 + (i ? 0.7 * x[i - 1] : 0) + 0.3 * sin(0.7 * i);
  for (int k = 0; k <= ORDER; k++) {
    r[k] = 0;
    for (int i = k; i < N; i++)
      r[k] += x[i] * x[i - k];
  }
}

/* The normal equations hold: each lag of A * r is 0, and lag 0 is the power left. */
static void test_equations(void **state) {
  (void)state;
  double r[ORDER + 1], a[ORDER];
  make_lags(r);
  const double left = lac_levinson(r, ORDER, a);
  for (int m = 0; m <= ORDER; m++) {
    double sum = r[m];
    for (int i = 1; i <= ORDER; i++)
      sum += a[i - 1] * r[abs(m - i)];
    assert_true(fabs(sum - (m == 0 ? left : 0.0)) < 1e-11 * r[0]);
  }
  assert_true(left > 0 && left < r[0]);
}

/* A process of known order is found exactly, and higher coefficients vanish. */
static void test_known(void **state) {
  (void)state;
  double r[ORDER + 1], a[ORDER];
  for (int k = 0; k <= ORDER; k++)
    r[k] = pow(0.9, k);
  const double left = lac_levinson(r, ORDER, a);
  assert_true(fabs(a[0] + 0.9) < 1e-14 && fabs(left - 0.19) < 1e-14);
  for (int i = 1; i < ORDER; i++)
    assert_true(fabs(a[i]) < 1e-13);
}

/* Nothing to predict from, a perfect tone, and what is no autocorrelation at all. */
static void test_degenerate(void **state) {
  (void)state;
  double r[ORDER + 1] = {1}, a[ORDER];
  assert_true(lac_levinson(r, ORDER, a) == 1.0);
  for (int i = 0; i < ORDER; i++)
    assert_true(a[i] == 0.0);
  memset(r, 0, sizeof r);
  assert_true(lac_levinson(r, ORDER, a) == 0.0);
  for (int k = 0; k <= ORDER; k++)
    r[k] = 1.0;
  assert_true(lac_levinson(r, ORDER, a) == 0.0 && a[0] == -1.0 && a[1] == 0.0);
  for (int k = 0; k <= ORDER; k++)
    r[k] = k == 0 ? 1.0 : 5.0;
  lac_levinson(r, ORDER, a);
  r[1] = NAN;
  lac_levinson(r, ORDER, a);
  for (int i = 0; i < ORDER; i++)
    assert_true(isfinite(a[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_equations), cmocka_unit_test(test_known),
                                     cmocka_unit_test(test_degenerate)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
