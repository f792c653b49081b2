/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/monotone_curve.h"

#include "core/test/check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static double at(const LacCurveKnot *knots, size_t n, double x) {
  size_t piece = 0;
  return lac_monotone_curve_at(knots, n, x, &piece, NULL);
}

/* Every point is met, and between two points no value lies outside them. */
static void test_stays_between_its_points(void **state) {
  (void)state;
  srand(1);
  for (int round = 0; round < 200; round++) {
    LacCurveKnot knots[12];
    double x = 0;
    for (int i = 0; i < 12; i++) {
      x += 0.001 + (rand() % 1000) * (rand() % 3 ? 1e-3 : 1e-1);
      knots[i] = (LacCurveKnot){.x = x, .y = rand() % 4 ? rand() % 1200 / 100.0 - 6.0 : 0.0};
    }
    lac_monotone_curve_fit(knots, 12);
    for (int i = 0; i < 11; i++) {
      assert_true(at(knots, 12, knots[i].x) == knots[i].y);
      double low = fmin(knots[i].y, knots[i + 1].y), high = fmax(knots[i].y, knots[i + 1].y);
      double before = knots[i].y;
      for (int k = 1; k < 50; k++) {
        double y = at(knots, 12, knots[i].x + (knots[i + 1].x - knots[i].x) * k / 50.0);
        assert_true(y >= low - 1e-12 && y <= high + 1e-12);
        assert_true((y - before) * (knots[i + 1].y - knots[i].y) >= -1e-12); /* one way only */
        assert_true(low != high || y == low);
        before = y;
      }
    }
  }
}

/* The published slope, and the derivative that is handed out is that of the values. */
static void test_slopes(void **state) {
  (void)state;
  LacCurveKnot knots[5] = {{.x = 0, .y = 0}, {.x = 1, .y = 2}, {.x = 3, .y = 3}, {.x = 4, .y = 3}, {.x = 6, .y = -1}};
  lac_monotone_curve_fit(knots, 5);
  assert_true(knots[0].slope == 0 && knots[2].slope == 0 && knots[3].slope == 0 && knots[4].slope == 0);
  /* h 1 and 2, rises 2 and 0.5: (5 + 4) / (5 / 2 + 4 / 0.5) */
  assert_true(fabs(knots[1].slope - 9.0 / 10.5) < 1e-15);
  for (double x = 0.01; x < 6.5; x += 0.0137) {
    size_t piece = 2;
    double slope;
    (void)lac_monotone_curve_at(knots, 5, x, &piece, &slope);
    double expected = (at(knots, 5, x + 1e-6) - at(knots, 5, x - 1e-6)) / 2e-6;
    assert_true(fabs(slope - expected) < 1e-5);
  }
}

static void test_holds_its_ends_and_needs_no_hint(void **state) {
  (void)state;
  LacCurveKnot knots[40];
  for (int i = 0; i < 40; i++)
    knots[i] = (LacCurveKnot){.x = i * i, .y = sin(i)};
  lac_monotone_curve_fit(knots, 40);
  for (double x = -10; x < 1600; x += 3.7) {
    double slope, expected = at(knots, 40, x);
    for (size_t hint = 0; hint < 45; hint += 4) {
      size_t piece = hint;
      assert_true(lac_monotone_curve_at(knots, 40, x, &piece, &slope) == expected);
    }
    assert_true(x > 0 || (expected == knots[0].y && slope == 0));
    assert_true(x < 1521 || (expected == knots[39].y && slope == 0));
  }
  size_t piece = SIZE_MAX;
  assert_true(lac_monotone_curve_at(knots, 0, 1, &piece, NULL) == 0);
  assert_true(lac_monotone_curve_at(knots, 1, 1, &piece, NULL) == knots[0].y);
  assert_true(lac_monotone_curve_at(knots, 40, NAN, &piece, NULL) == knots[0].y);
}

/* Points at the ends of what a double holds, or one bit apart: nothing but finite values between the points'. */
static void test_absurd_points(void **state) {
  (void)state;
  static const double places[][3] = {
      {-1e308, 0, 1e308}, {-1.7e308, -1.6e308, 1.7e308}, {-5e-324, 0, 5e-324}, {-1e-310, 1e-310, 1e308}};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    for (size_t n = 2; n <= 3; n++) {
      LacCurveKnot knots[3] = {{places[i][0], 3, 0}, {places[i][1], -1, 0}, {places[i][2], -6, 0}};
      knots[1] = n == 2 ? knots[2] : knots[1];
      lac_monotone_curve_fit(knots, n);
      for (double x = -1e-309; x <= 1e308; x = x < 0 ? 0 : x == 0 ? 1e-309 : x * 1e30) {
        double slope = NAN, y;
        size_t piece = 0;
        y = lac_monotone_curve_at(knots, n, x, &piece, &slope);
        assert_true(y <= 3 && y >= -6 && isfinite(slope));
      }
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stays_between_its_points),
      cmocka_unit_test(test_slopes),
      cmocka_unit_test(test_holds_its_ends_and_needs_no_hint),
      cmocka_unit_test(test_absurd_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
