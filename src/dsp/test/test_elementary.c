/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Own elementary functions against the long double functions of libm. Errors in ulp of the double result. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "dsp/elementary.h"

typedef double (*Function)(double);
typedef long double (*Reference)(long double);

static uint64_t generator = 88172645463325252ULL;

static double uniform(double low, double high) {
  generator ^= generator << 13;
  generator ^= generator >> 7;
  generator ^= generator << 17;
  return low + (high - low) * (double)(generator >> 11) * 0x1p-53;
}

static double ulp_error(double got, long double wanted) {
  double rounded = (double)wanted;
  double spacing = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
  return (double)(fabsl((long double)got - wanted) / (long double)spacing);
}

static double worst_error(Function f, Reference reference, double low, double high, int logarithmic) {
  enum { N = 60000 };
  double worst = 0;
  for (int i = 0; i < 2 * N; i++) {
    double u = i < N ? low + (high - low) * i / (N - 1) : uniform(low, high);
    double x = logarithmic ? exp2(u) : u;
    double e = ulp_error(f(x), reference(x));
    if (!(e <= worst))
      worst = e;
  }
  return worst;
}

static long double reference_gain(long double db) {
  return powl(10.0L, db / 20.0L);
}
static long double reference_power(long double db) {
  return powl(10.0L, db / 10.0L);
}
static long double reference_gain_db(long double gain) {
  return 20.0L * log10l(gain);
}
static long double reference_power_db(long double power) {
  return 10.0L * log10l(power);
}

static void test_functions(void **state) {
  (void)state;
  static const struct {
    const char *name;
    Function function;
    Reference reference;
    double low, high;
    int logarithmic; /* low and high are powers of two */
    double bar_ulp;
  } cases[] = {
      {"exp", lac_exp, expl, -700, 700, 0, 1.0},
      {"exp near 0", lac_exp, expl, -1, 1, 0, 1.0},
      {"exp2", lac_exp2, exp2l, -1000, 1000, 0, 1.0},
      {"log", lac_log, logl, -1000, 1000, 1, 1.0},
      {"log near 1", lac_log, logl, 0.5, 2, 0, 1.0},
      {"log2", lac_log2, log2l, -1000, 1000, 1, 1.0},
      {"log2 near 1", lac_log2, log2l, 0.5, 2, 0, 1.0},
      {"log10", lac_log10, log10l, -1000, 1000, 1, 1.5},
      {"log10 near 1", lac_log10, log10l, 0.5, 2, 0, 2.0},
      {"sin", lac_sin, sinl, -7, 7, 0, 1.0},
      {"sin far", lac_sin, sinl, 0, 0x1p40, 0, 1.0},
      {"sin small", lac_sin, sinl, -60, 0, 1, 1.0},
      {"cos", lac_cos, cosl, -7, 7, 0, 1.0},
      {"cos far", lac_cos, cosl, -0x1p40, 0, 0, 1.0},
      {"tan", lac_tan, tanl, -7, 7, 0, 2.0},
      {"tan small", lac_tan, tanl, -60, 0, 1, 2.0},
      {"sinh", lac_sinh, sinhl, -20, 20, 0, 2.0},
      {"sinh near 0", lac_sinh, sinhl, -1.2, 1.2, 0, 1.5},
      {"cosh", lac_cosh, coshl, -700, 700, 0, 1.5},
      {"tanh", lac_tanh, tanhl, -25, 25, 0, 2.0},
      {"tanh near 0", lac_tanh, tanhl, -1.2, 1.2, 0, 2.5},
      {"gain", lac_gain_from_db, reference_gain, -200, 200, 0, 1.0},
      {"power", lac_power_from_db, reference_power, -200, 200, 0, 1.0},
      {"gain dB", lac_db_from_gain, reference_gain_db, -30, 10, 1, 2.5},
      {"power dB", lac_db_from_power, reference_power_db, -60, 10, 1, 2.5},
  };
  int failures = 0;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double worst =
        worst_error(cases[i].function, cases[i].reference, cases[i].low, cases[i].high, cases[i].logarithmic);
    int bad = !(worst <= cases[i].bar_ulp);
    print_message("%-14s %.3f ulp (bar %.1f)%s\n", cases[i].name, worst, cases[i].bar_ulp, bad ? "  FAILED" : "");
    failures += bad;
  }
  assert_int_equal(failures, 0);
}

static void test_two_arguments(void **state) {
  (void)state;
  double worst_pow = 0, worst_atan2 = 0;
  for (int i = 0; i < 100000; i++) {
    double base = exp2(uniform(-20, 20)), exponent = uniform(-5, 5);
    worst_pow = fmax(worst_pow, ulp_error(lac_pow(base, exponent), powl(base, exponent)));
    double y = uniform(-1, 1) * exp2(uniform(-30, 30)), x = uniform(-1, 1) * exp2(uniform(-30, 30));
    worst_atan2 = fmax(worst_atan2, ulp_error(lac_atan2(y, x), atan2l(y, x)));
  }
  print_message("pow %.3f ulp, atan2 %.3f ulp\n", worst_pow, worst_atan2);
  assert_true(worst_pow <= 1.5);
  assert_true(worst_atan2 <= 2.0);
}

/* I0 by its series in long double. */
static void test_bessel(void **state) {
  (void)state;
  double worst = 0;
  for (double x = 0; x < 300; x += 0.37) {
    long double sum = 1, term = 1;
    for (int k = 1; k < 1000; k++)
      sum += term *= (long double)x * x / 4 / ((long double)k * k);
    worst = fmax(worst, ulp_error(lac_bessel_i0(x), sum));
  }
  print_message("I0 %.3f ulp\n", worst);
  assert_true(worst <= 8.0);
  assert_true(lac_bessel_i0(0) == 1.0);
  assert_true(isinf(lac_bessel_i0(1e9)));
}

static void test_special_values(void **state) {
  (void)state;
  assert_true(lac_exp(0) == 1.0 && lac_exp(-INFINITY) == 0.0 && isinf(lac_exp(INFINITY)) && isnan(lac_exp(NAN)));
  assert_true(isinf(lac_exp(710)) && lac_exp(-800) == 0.0 && lac_exp(-740) > 0.0 && isfinite(lac_exp(709.7)));
  assert_true(lac_log(1) == 0.0 && lac_log(0) == -INFINITY && isnan(lac_log(-1)) && lac_log(INFINITY) == INFINITY);
  assert_true(isnan(lac_log(NAN)) && fabs(lac_log(4.9e-324) - log(4.9e-324)) < 1e-12);
  for (int k = -1074; k <= 1023; k++) {
    assert_true(lac_exp2(k) == ldexp(1, k));
    assert_true(lac_log2(ldexp(1, k)) == k);
  }
  assert_true(isinf(lac_exp2(1024)) && lac_exp2(-1100) == 0.0);
  assert_true(lac_pow(0, 2) == 0.0 && lac_pow(5, 0) == 1.0 && lac_pow(1, NAN) == 1.0 && isnan(lac_pow(-1, 2)));
  assert_true(isinf(lac_pow(10, 400)) && lac_pow(10, -400) == 0.0 && lac_pow(2, 10) == 1024.0);
  assert_true(isnan(lac_sin(INFINITY)) && isnan(lac_cos(NAN)) && isnan(lac_tan(-INFINITY)));
  assert_true(lac_sin(0) == 0.0 && lac_cos(0) == 1.0 && signbit(lac_sin(-0.0)));
  assert_true(lac_tanh(100) == 1.0 && lac_tanh(-INFINITY) == -1.0 && lac_tanh(0) == 0.0);
  assert_true(isinf(lac_sinh(800)) && lac_sinh(-800) == -INFINITY && isinf(lac_cosh(-800)));
  assert_true(lac_gain_from_db(-INFINITY) == 0.0 && lac_gain_from_db(0) == 1.0 && lac_power_from_db(0) == 1.0);
  assert_true(lac_db_from_gain(0) == -INFINITY && lac_db_from_gain(1) == 0.0 && lac_db_from_power(0) == -INFINITY);
  static const double values[] = {0.0, -0.0, 1.0, -1.0, INFINITY, -INFINITY, 1e-310, -3.0};
  for (int i = 0; i < 8; i++) {
    for (int j = 0; j < 8; j++) {
      double got = lac_atan2(values[i], values[j]), wanted = atan2(values[i], values[j]);
      assert_true(fabs(got - wanted) <= 1e-15 && signbit(got) == signbit(wanted));
    }
  }
}

static void test_fast_forms(void **state) {
  (void)state;
  double worst_log = 0, worst_exp = 0;
  for (int i = 0; i < 300000; i++) {
    float x = (float)exp2(uniform(-125, 125)), y = (float)uniform(-126, 127), near = (float)uniform(0.5, 2);
    worst_log = fmax(worst_log, fabs(lac_fast_log2f(x) - log2(x)));
    worst_log = fmax(worst_log, fabs(lac_fast_log2f(near) - log2(near)));
    worst_exp = fmax(worst_exp, fabs(lac_fast_exp2f(y) / exp2(y) - 1));
  }
  print_message("fast log2: %.3g dB, fast exp2: %.3g dB\n", worst_log * 6.0206, worst_exp * 8.6859);
  assert_true(worst_log * 6.0206 < 1e-4 && worst_exp * 8.6859 < 1e-4);
  for (int k = -126; k <= 127; k++) {
    assert_true(lac_fast_exp2f((float)k) == (float)ldexp(1, k));
    assert_true(lac_fast_log2f((float)ldexp(1, k)) == (float)k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_functions),      cmocka_unit_test(test_two_arguments), cmocka_unit_test(test_bessel),
      cmocka_unit_test(test_special_values), cmocka_unit_test(test_fast_forms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
