/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limiter_kernels.h"

#include "core/random.h"
#include "core/test/check.h"

#include <math.h>
#include <string.h>

enum { N = 260 };

static void make(float a[N], float b[N], double gain[N]) {
  for (size_t i = 0; i < N; i++) {
    a[i] = (float)(lac_random_double(1, 0, i) * 2 - 1);
    b[i] = (float)(lac_random_double(1, 1, i) * 2 - 1);
    gain[i] = lac_random_double(1, 2, i);
  }
  a[3] = NAN;
  a[11] = -INFINITY;
  b[2] = 3e38f;
}

/* Every level does what the words say, and touches nothing beyond n. */
static void check_level(const LacLimiterKernels *k, size_t n) {
  float a[N], b[N], x[N], y[N];
  double gain[N];
  make(a, b, gain);
  memcpy(x, a, sizeof x);
  k->drive(x, 3.0f, 1.5f, (uint32_t)n);
  for (size_t i = 0; i < N; i++) {
    const float v = i < n ? a[i] * 3.0f : a[i], below = v < 1.5f ? v : 1.5f;
    const float wanted = i >= n ? a[i] : below > -1.5f ? below : -1.5f;
    assert_memory_equal(&x[i], &wanted, sizeof wanted);
  }
  memcpy(y, b, sizeof y);
  k->reduce(y, gain, (uint32_t)n);
  for (size_t i = 0; i < N; i++)
    assert_true(y[i] == (i < n ? (float)((double)b[i] * gain[i]) : b[i]));
  memcpy(x, a, sizeof x);
  memcpy(y, b, sizeof y);
  k->swap(x, y, (uint32_t)n);
  assert_memory_equal(x, b, n * sizeof *x);
  assert_memory_equal(y, a, n * sizeof *y);
  assert_memory_equal(x + n, a + n, (N - n) * sizeof *x);
  assert_memory_equal(y + n, b + n, (N - n) * sizeof *y);
}

static void test_levels(void **state) {
  (void)state;
  for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++)
    for (size_t n = 0; n < N; n += n < 40 ? 1 : 19)
      check_level(lac_limiter_kernels_at(level), n);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
