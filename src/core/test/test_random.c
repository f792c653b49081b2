/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/random.h"

#include "core/test/check.h"

#include <math.h>

/* First words of philox2x64-10 from the known-answer file of Random123 (kat_vectors). */
static void test_known_answers(void **state) {
  (void)state;
  assert_true(lac_random_u64(0, 0, 0) == 0xca00a0459843d731u);
  assert_true(lac_random_u64(UINT64_MAX, UINT64_MAX, UINT64_MAX) == 0x65b021d60cd8310fu);
  assert_true(lac_random_u64(0xa4093822299f31d0u, 0x13198a2e03707344u, 0x243f6a8885a308d3u) == 0x0a5e742c2997341cu);
}

static double draw(int kind, uint64_t i) {
  switch (kind) {
  case 0:
    return lac_random_double(1, 0, i);
  case 1:
    return lac_random_double(1, i, 0);
  case 2:
    return lac_random_double(i, 0, 0);
  default:
    return lac_random_double(UINT64_MAX, 7, i << 32);
  }
}

/* Uniform in every bit of 1/1024 steps, along counters, streams and seeds: chi-square of 1023 degrees of freedom has
 * mean 1023 and deviation 45; 5 deviations either way. */
static void test_uniform(void **state) {
  (void)state;
  enum { DRAWS = 1 << 18, CELLS = 1024 };
  for (int kind = 0; kind < 4; kind++) {
    unsigned counts[CELLS] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
      double x = draw(kind, i);
      assert_true(x >= 0.0 && x < 1.0);
      counts[(int)(x * CELLS)]++;
    }
    double chi_square = 0.0, expected = (double)DRAWS / CELLS;
    for (int c = 0; c < CELLS; c++)
      chi_square += (counts[c] - expected) * (counts[c] - expected) / expected;
    assert_true(fabs(chi_square - 1023.0) < 5.0 * 45.3);
  }
}

/* Neighbours are uncorrelated: counters, streams, seeds. The estimate's deviation is 1/sqrt(n). */
static void test_independent(void **state) {
  (void)state;
  enum { DRAWS = 1 << 18 };
  for (int kind = 0; kind < 4; kind++) {
    for (uint64_t lag = 1; lag <= 4; lag++) {
      double sum = 0.0;
      for (uint64_t i = 0; i < DRAWS; i++)
        sum += (draw(kind, i) - 0.5) * (draw(kind, i + lag) - 0.5) * 12.0;
      assert_true(fabs(sum / DRAWS) < 5.0 / sqrt((double)DRAWS));
    }
  }
}

static void test_run(void **state) {
  (void)state;
  uint64_t many[13];
  for (size_t n = 0; n <= 13; n++) {
    const uint64_t counter = UINT64_MAX - 5 + n; /* round the end too */
    lac_random_run(3, 4, counter, many, n);
    for (size_t i = 0; i < n; i++)
      assert_true(many[i] == lac_random_u64(3, 4, counter + i));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_run),
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_uniform),
      cmocka_unit_test(test_independent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
