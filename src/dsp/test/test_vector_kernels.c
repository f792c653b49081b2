/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every CPU level of the shared kernels equals the scalar truth bit for bit, for every length and alignment. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/random.h"
#include "dsp/vector_kernels.h"

enum { N = 700 };

static float a[N + 8], b[N + 8];
static double a64[N + 8], b64[N + 8];

static void fill(void) {
  for (unsigned i = 0; i < N + 8; i++) {
    a[i] = (float)(lac_random_double(1, 1, i) * 2 - 1);
    b[i] = (float)(lac_random_double(1, 2, i) * 2 - 1);
    a64[i] = lac_random_double(1, 3, i) * 2 - 1;
    b64[i] = lac_random_double(1, 4, i) * 2 - 1;
  }
  a[300] = -1.5f; /* the largest magnitude, negative */
  a[20] = NAN;    /* passed over by max_abs */
}

static void check_level(const LacVectorKernels *k) {
  const LacVectorKernels *truth = &lac_vector_kernels_scalar;
  static float y[N + 8], wanted[N + 8];
  for (size_t n = 0; n <= 530; n += n < 70 ? 1 : 23) {
    for (size_t shift = 0; shift < 3; shift++) {
      const float *p = a + 21 + shift, *q = b + shift;
      const double *p64 = a64 + shift, *q64 = b64 + 2 * shift;
      float d = k->dot(p, q, n), td = truth->dot(p, q, n);
      double d64 = k->dot64(p64, q64, n), td64 = truth->dot64(p64, q64, n);
      double s = k->sum_squares(p, n), ts = truth->sum_squares(p, n);
      assert_memory_equal(&d, &td, sizeof d);
      assert_memory_equal(&d64, &td64, sizeof d64);
      assert_memory_equal(&s, &ts, sizeof s);
      assert_true(k->max_abs(a + shift, n) == truth->max_abs(a + shift, n));
      double pair[2], wanted_pair[2];
      k->dot64_pair(a64, p64, q64, n / 16 * 16, pair);
      truth->dot64_pair(a64, p64, q64, n / 16 * 16, wanted_pair);
      assert_memory_equal(pair, wanted_pair, sizeof pair);
      memset(y, 0, sizeof y);
      memset(wanted, 0, sizeof wanted);
      k->multiply(p, q, y, n);
      truth->multiply(p, q, wanted, n);
      assert_memory_equal(y, wanted, sizeof y);
      memcpy(y, p, n * sizeof *y);
      memcpy(wanted, p, n * sizeof *y);
      const double gain = n % 3 == 0 ? 1e39 : -0.7; /* beyond a float it is held */
      k->amplify(y, gain, n);
      truth->amplify(wanted, gain, n);
      assert_memory_equal(y, wanted, sizeof y);
      k->fir(q, 37, p, y, n);
      truth->fir(q, 37, p, wanted, n);
      assert_memory_equal(y, wanted, sizeof y);
      static const uint32_t delays[] = {1, 0, 17, 20};
      k->sparse_fir(q, delays, 4, p, y, n);
      truth->sparse_fir(q, delays, 4, p, wanted, n);
      assert_memory_equal(y, wanted, sizeof y);
    }
  }
}

static void test_levels(void **state) {
  (void)state;
  fill();
  int checked = 0;
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    check_level(lac_vector_kernels_at((LacCpuLevel)level));
    checked++;
  }
  print_message("%d CPU levels checked\n", checked);
  assert_true(checked > 0);
}

static void test_truth(void **state) {
  (void)state;
  fill();
  const LacVectorKernels *k = &lac_vector_kernels_scalar;
  double sum = 0, squares = 0;
  for (int i = 0; i < 600; i++) {
    sum += a64[i] * b64[i];
    squares += (double)b[i] * (double)b[i];
  }
  assert_true(fabs(k->dot64(a64, b64, 600) - sum) < 1e-12);
  assert_true(fabs(k->sum_squares(b, 600) - squares) < 1e-12);
  static const uint32_t delays[] = {5, 0};
  static const float gains[] = {2.0f, -1.0f};
  float y[10];
  k->sparse_fir(gains, delays, 2, b + 5, y, 10);
  for (int i = 0; i < 10; i++) {
    assert_true(fabsf(y[i] - (2.0f * b[i] - b[i + 5])) < 1e-6f);
  }
  assert_true(k->max_abs(a, 600) == 1.5f && k->max_abs(a, 0) == 0.0f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels), cmocka_unit_test(test_truth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
