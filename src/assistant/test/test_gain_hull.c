/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assistant/gain_hull.h"

enum { HOPS = 240 };

static float random_share(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (float)(*state >> 40) / 16777216.0f;
}

/* The same problem the slow way: projected Gauss-Seidel over
 * (1 + p_k + p_k-1) v_k = p_k v_k+1 + p_k-1 v_k-1, never under what is wanted. */
static void relax(const float *wanted_db, const float *recovery, double *v) {
  double p[HOPS];
  for (size_t k = 0; k < HOPS; k++) {
    const double r = (double)recovery[k];
    p[k] = k + 1 < HOPS ? r / ((1 - r) * (1 - r)) : 0.0;
    v[k] = fmax(0.0, (double)wanted_db[k]);
  }
  for (int sweep = 0; sweep < 200000; sweep++) {
    double change = 0;
    for (size_t k = 0; k < HOPS; k++) {
      const double left = k > 0 ? p[k - 1] : 0.0;
      const double pull = (k + 1 < HOPS ? p[k] * v[k + 1] : 0.0) + (k > 0 ? left * v[k - 1] : 0.0);
      const double to = fmax(pull / (1.0 + p[k] + left), (double)wanted_db[k]);
      change = fmax(change, fabs(to - v[k]));
      v[k] = to;
    }
    if (change < 1e-9)
      break;
  }
}

static void check(const float *wanted_db, const float *recovery) {
  LacGainHull *hull = NULL;
  float fall[HOPS], rise[HOPS], found[HOPS];
  double slow[HOPS];
  assert_int_equal(lac_gain_hull_new(HOPS, &hull), LAC_OK);
  lac_gain_hull_curves(recovery, HOPS, fall, rise);
  lac_gain_hull_run(hull, wanted_db, fall, rise, HOPS, found);
  relax(wanted_db, recovery, slow);
  for (size_t k = 0; k < HOPS; k++)
    if (fabs((double)found[k] - slow[k]) > 2e-3)
      fail_msg("hop %zu: %.5f, exact %.5f", k, (double)found[k], slow[k]);
  lac_gain_hull_free(hull);
}

/* Peaks here and there, from few to everywhere. */
static void test_steady_recovery(void **state) {
  (void)state;
  static const float recoveries[] = {0.1f, 0.45f, 0.9f, 0.99f};
  uint64_t seed = 1;
  for (size_t r = 0; r < sizeof recoveries / sizeof recoveries[0]; r++)
    for (int density = 1; density <= 16; density *= 4) {
      float wanted_db[HOPS], recovery[HOPS];
      for (size_t k = 0; k < HOPS; k++) {
        wanted_db[k] = random_share(&seed) < (float)density / 16.0f ? 12.0f * random_share(&seed) : -3.0f;
        recovery[k] = recoveries[r];
      }
      check(wanted_db, recovery);
    }
}

/* A bass gate that opens and closes. */
static void test_changing_recovery(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 8; round++) {
    float wanted_db[HOPS], recovery[HOPS];
    float open = 0.0f;
    for (size_t k = 0; k < HOPS; k++) {
      open += k / 40 % 2 ? 0.05f : -0.05f;
      open = open < 0.0f ? 0.0f : open > 1.0f ? 1.0f : open;
      wanted_db[k] = random_share(&seed) < 0.3f ? 9.0f * random_share(&seed) : -1.0f;
      recovery[k] = 0.45f + 0.545f * open;
    }
    check(wanted_db, recovery);
  }
}

static void test_nothing_wanted(void **state) {
  (void)state;
  LacGainHull *hull = NULL;
  float wanted_db[8] = {0, -1, -2, 0, 0, -5, -60, 0}, recovery[8], fall[8], rise[8], found[8];
  for (int k = 0; k < 8; k++)
    recovery[k] = 0.5f;
  assert_int_equal(lac_gain_hull_new(8, &hull), LAC_OK);
  lac_gain_hull_curves(recovery, 8, fall, rise);
  lac_gain_hull_run(hull, wanted_db, fall, rise, 8, found);
  for (int k = 0; k < 8; k++)
    assert_true(found[k] == 0.0f);
  lac_gain_hull_run(hull, wanted_db, fall, rise, 0, found);
  lac_gain_hull_free(hull);
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_steady_recovery),
                                            cmocka_unit_test(test_changing_recovery),
                                            cmocka_unit_test(test_nothing_wanted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
