/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "core/test/check.h"
#include "dsp/biquad_fit.h"
#include "dsp/elementary.h"

/* Largest difference to the prototype where that is above -40 dB, on a grid finer than the design's. */
static double worst_error(LacBandType type, double hz, double db, double q, double rate_hz) {
  LacSvf sections[LAC_BAND_MAX_SECTIONS];
  unsigned n = lac_band_design(type, hz, db, q, rate_hz, sections);
  double worst = 0, top = fmin(20000, 0.499 * rate_hz);
  for (int i = 0; i < 1500; i++) {
    double f = i < 1000 ? 20 * pow(top / 20, i / 999.0) : hz * pow(2, (i - 1250) / 250.0 / q);
    double wanted = lac_band_prototype_db(type, hz, db, q, f);
    if (f >= 20 && f <= top && wanted > -40) {
      double error = fabs(lac_sections_db(sections, n, rate_hz, f) - wanted);
      worst = error <= worst ? worst : error;
    }
  }
  return worst;
}

static double worst_bell(double hz, double rate_hz) {
  static const double q[] = {0.5, 0.71, 1, 2, 4}, db[] = {-12, -6, -1, 3, 12};
  double worst = 0;
  for (size_t k = 0; k < 25; k++) {
    double error = worst_error(LAC_BAND_BELL, hz, db[k / 5], q[k % 5], rate_hz);
    worst = error > worst ? error : worst;
  }
  return worst;
}

/* No single section of second order that is exact at DC does better than 0.1360, 0.0772 and 0.0028 dB at 44.1, 48 and
 * 96 kHz (solved as a linear program on the squared magnitude). */
static void test_bells(void **state) {
  (void)state;
  static const struct {
    double rate_hz, low_bar_db, bar_db;
  } rows[] = {{44100, 0.018, 0.0105}, {48000, 0.018, 0.0065},   {88200, 0.0045, 0.003},
              {96000, 0.003, 0.003},  {192000, 0.0012, 0.0012}, {384000, 0.0012, 0.0012}};
  static const double low_hz[] = {20, 50, 100, 300, 1000, 2000, 3000, 4000};
  static const double high_hz[] = {5000, 6000, 8000, 10000, 12000, 14000, 16000, 17000, 18000};
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
    double low = 0, high = 0;
    for (size_t i = 0; i < sizeof low_hz / sizeof low_hz[0]; i++) {
      low = fmax(low, worst_bell(low_hz[i], rows[r].rate_hz));
    }
    for (size_t i = 0; i < sizeof high_hz / sizeof high_hz[0]; i++) {
      high = fmax(high, worst_bell(high_hz[i], rows[r].rate_hz));
    }
    print_message("bells at %g: to 4 kHz %.4f, 5 to 18 kHz %.4f dB\n", rows[r].rate_hz, low, high);
    assert_true(low <= rows[r].low_bar_db);
    assert_true(high <= rows[r].bar_db);
  }
}

/* The least possible of one section: 0.0234, 0.0082 and 0.00003 dB. */
static void test_high_shelf(void **state) {
  (void)state;
  static const struct { double rate_hz, bar_db; } rows[] = {{44100, 0.002}, {48000, 0.0017}, {96000, 0.0007}};
  for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
    double up = worst_error(LAC_BAND_HIGH_SHELF, 16000, 6, sqrt(0.5), rows[r].rate_hz);
    double down = worst_error(LAC_BAND_HIGH_SHELF, 16000, -6, sqrt(0.5), rows[r].rate_hz);
    print_message("high shelf at 16 kHz, rate %g: %.5f dB\n", rows[r].rate_hz, fmax(up, down));
    assert_true(fmax(up, down) <= rows[r].bar_db);
  }
}

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static void test_random_bells(void **state) {
  (void)state;
  static const struct { double rate_hz, bar_db; } rows[] = {{44100, 0.018}, {48000, 0.018}, {96000, 0.0035}};
  for (size_t r = 0; r < 3; r++) {
    uint64_t random = 7;
    double worst = 0, sum = 0;
    for (int i = 0; i < 600; i++) {
      double hz = 20 * pow(1000, uniform(&random)), db = 30 * uniform(&random) - 15;
      double q = 0.3 * pow(40, uniform(&random));
      double error = worst_error(LAC_BAND_BELL, hz, db, q, rows[r].rate_hz);
      worst = error > worst ? error : worst;
      sum += error;
    }
    print_message("600 random bells at %g: worst %.4f, mean %.4f dB\n", rows[r].rate_hz, worst, sum / 600);
    assert_true(worst <= rows[r].bar_db);
  }
}

/* Air: bells and shelves that stand at or above the top of hearing, some of them above Nyquist. */
static void test_above_hearing(void **state) {
  (void)state;
  static const double hz[] = {19000, 20000, 22000, 24000, 26000, 32000, 40000}, rates[] = {44100, 48000, 96000};
  double worst = 0;
  for (size_t i = 0; i < 7 * 3 * 3; i++) {
    double db = i % 2 ? -5 : 9, rate_hz = rates[i / 7 % 3];
    double q[] = {0.4, 0.71, 1.0};
    double bell = worst_error(LAC_BAND_BELL, hz[i % 7], db, q[i / 21], rate_hz);
    double shelf = worst_error(LAC_BAND_HIGH_SHELF, hz[i % 7], db, q[i / 21], rate_hz);
    worst = fmax(worst, fmax(bell, shelf));
  }
  print_message("bells and shelves from 19 to 40 kHz: %.4f dB\n", worst);
  assert_true(worst <= 0.006);
}

typedef struct TypeRow {
  LacBandType type;
  double lowest_hz, highest_hz;
  double bar_db[3]; /* at 44.1, 48, 96 kHz */
} TypeRow;

static void test_other_types(void **state) {
  (void)state;
  static const TypeRow rows[] = {{LAC_BAND_LOW_SHELF, 20, 18000, {0.0125, 0.008, 0.0012}},
                                 {LAC_BAND_HIGH_SHELF, 20, 18000, {0.0125, 0.008, 0.0012}},
                                 {LAC_BAND_TILT, 20, 18000, {0.0125, 0.008, 0.0012}},
                                 {LAC_BAND_NOTCH, 20, 8000, {0.2, 0.12, 0.005}},
                                 {LAC_BAND_HIGH_PASS, 20, 2000, {0.015, 0.01, 0.001}},
                                 {LAC_BAND_LOW_PASS, 2000, 18000, {0.14, 0.06, 0.0012}},
                                 {LAC_BAND_HIGH_PASS_6, 20, 4000, {0.02, 0.012, 0.001}},
                                 {LAC_BAND_LOW_PASS_6, 2000, 18000, {0.015, 0.04, 0.0055}},
                                 {LAC_BAND_HIGH_PASS_24, 20, 2000, {0.015, 0.01, 0.0005}},
                                 {LAC_BAND_LOW_PASS_24, 2000, 18000, {0.24, 0.1, 0.002}},
                                 {LAC_BAND_HIGH_PASS_48, 20, 2000, {0.024, 0.016, 0.0006}},
                                 {LAC_BAND_LOW_PASS_48, 2000, 18000, {0.48, 0.2, 0.002}}};
  static const double rates[] = {44100, 48000, 96000}, q[] = {0.5, 0.71, 1.0};
  for (size_t t = 0; t < sizeof rows / sizeof rows[0]; t++) {
    for (int r = 0; r < 3; r++) {
      double worst = 0;
      for (int i = 0; i < 12 * 3 * 2; i += test_is_short() ? 5 : 1) {
        double hz = rows[t].lowest_hz * pow(rows[t].highest_hz / rows[t].lowest_hz, (i % 12) / 11.0);
        double error = worst_error(rows[t].type, hz, i / 36 ? -6 : 6, q[i / 12 % 3], rates[r]);
        worst = error > worst ? error : worst;
      }
      print_message("type %d %g..%g Hz at %g: %.4f dB\n", (int)rows[t].type, rows[t].lowest_hz, rows[t].highest_hz,
                    rates[r], worst);
      assert_true(worst <= rows[t].bar_db[r]);
    }
  }
}

/* Everything the table allows gives a stable section, also above Nyquist, at every rate. */
static void test_all_corners_are_stable(void **state) {
  (void)state;
  static const double rates[] = {8000, 11025, 44100, 384000}, q[] = {0.1, 0.71, 6, 40}, db[] = {-18, -0.1, 18};
  static const double hz[] = {10, 100, 1000, 3999, 4000, 11000, 22049, 22050, 40000};
  LacSvf s[LAC_BAND_MAX_SECTIONS];
  for (int type = 1; type < LAC_BAND_TYPES; type++) {
    for (size_t i = 0; i < 4 * 4 * 3 * 9; i += test_is_short() ? 5 : 1) {
      double rate_hz = rates[i % 4];
      unsigned n = lac_band_design((LacBandType)type, hz[i / 48], db[i / 16 % 3], q[i / 4 % 4], rate_hz, s);
      assert_true(n >= 1 && n <= LAC_BAND_MAX_SECTIONS);
      for (unsigned k = 0; k < n; k++) {
        assert_true(s[k].g > 0 && s[k].k > 0 && isfinite(s[k].g) && isfinite(s[k].k));
        assert_true(isfinite(s[k].low) && isfinite(s[k].band) && isfinite(s[k].high));
        assert_true(s[k].low >= 0 && s[k].band >= 0 && s[k].high >= 0); /* minimum phase */
        double gain = lac_sections_db(&s[k], 1, rate_hz, fmin(hz[i / 48], 0.45 * rate_hz));
        assert_true(gain < 53);
      }
    }
  }
}

/* Larger root of z^2 + a1 z + a2, as a radius. */
static double root_radius(double a1, double a2) {
  double discriminant = 0.25 * a1 * a1 - a2;
  return discriminant < 0 ? sqrt(a2) : 0.5 * fabs(a1) + sqrt(discriminant);
}

/* Poles and zeros of the trapezoidal section: A(z) = (1 - z^-1)^2 + g k (1 - z^-2) + g^2 (1 + z^-1)^2, B likewise. */
static void test_random_designs_are_stable(void **state) {
  (void)state;
  static const double rates[] = {8000, 11025, 16000, 22050, 44100, 48000, 88200, 96000, 192000, 384000};
  uint64_t random = 11;
  LacSvf s[LAC_BAND_MAX_SECTIONS];
  double pole = 0, zero = 0;
  for (int i = 0; i < 6000; i += test_is_short() ? 7 : 1) {
    LacBandType type = (LacBandType)(1 + (int)(uniform(&random) * (LAC_BAND_TYPES - 1)));
    double hz = 10 * pow(4000, uniform(&random)), db = 36 * uniform(&random) - 18;
    unsigned n = lac_band_design(type, hz, db, 0.1 * pow(400, uniform(&random)), rates[i % 10], s);
    for (unsigned k = 0; k < n; k++) {
      double g = s[k].g, a0 = 1 + g * s[k].k + g * g;
      pole = fmax(pole, root_radius(2 * (g * g - 1) / a0, (1 - g * s[k].k + g * g) / a0));
      double low = s[k].low * g * g, band = s[k].band * g, b0 = s[k].high + band + low;
      zero = fmax(zero, root_radius(2 * (low - s[k].high) / b0, (s[k].high - band + low) / b0));
    }
  }
  print_message("random designs: largest pole %.12f, largest zero %.12f\n", pole, zero);
  assert_true(pole < 1);
  assert_true(zero <= 1 + 1e-7); /* a notch and a high-pass have theirs on the circle */
}

static LacSvf half_way(const LacSvf *a, const LacSvf *b) {
  const double k = sqrt(a->k * b->k);
  return (LacSvf){.g = sqrt(a->g * b->g),
                  .k = k,
                  .low = 0.5 * (a->low + b->low),
                  .band = 0.5 * k * (a->band / a->k + b->band / b->k),
                  .high = 0.5 * (a->high + b->high)};
}

/* Half way, as an equalizer glides, between two bands 1 % apart; a second section grows from one that does nothing. */
static double worst_on_the_way(LacBandType type, double hz, double db, double q, double rate_hz) {
  LacSvf a[LAC_BAND_MAX_SECTIONS], b[LAC_BAND_MAX_SECTIONS];
  unsigned n_a = lac_band_design(type, hz, db, q, rate_hz, a),
           n_b = lac_band_design(type, 1.01 * hz, db, q, rate_hz, b);
  LacSvf *few = n_a < n_b ? a : b, *many = n_a < n_b ? b : a;
  few[1] = n_a == n_b ? few[1] : (LacSvf){.g = many[1].g, .k = many[1].k, .low = 1, .band = many[1].k, .high = 1};
  unsigned n = n_a > n_b ? n_a : n_b;
  double worst = 0;
  for (unsigned k = 0; k < n; k++) {
    a[k] = half_way(&a[k], &b[k]);
  }
  for (double f = 20; f < 20000; f *= 1.05) {
    double error = fabs(lac_sections_db(a, n, rate_hz, f) - lac_band_prototype_db(type, hz * sqrt(1.01), db, q, f));
    worst = error > worst ? error : worst;
  }
  return worst;
}

/* Designs that lie near each other have sections that do: the way between them leads past no other sound. */
static void test_ways_are_straight(void **state) {
  (void)state;
  static const struct {
    LacBandType type;
    double bar_db;
  } rows[] = {{LAC_BAND_BELL, 0.21}, {LAC_BAND_LOW_SHELF, 0.5}, {LAC_BAND_HIGH_SHELF, 0.5}};
  static const double q[] = {0.71, 1, 2, 4}, db[] = {-12, 3, 6, 12};
  for (size_t t = 0; t < sizeof rows / sizeof rows[0]; t++) {
    double worst = 0;
    for (size_t i = 0; i < 2 * 4 * 4; i += test_is_short() ? 7 : 1) {
      for (double hz = 3000; hz < 18000; hz *= 1.02) {
        double rate_hz = i < 16 ? 44100 : 48000;
        worst = fmax(worst, worst_on_the_way(rows[t].type, hz, db[i / 4 % 4], q[i % 4], rate_hz));
      }
    }
    print_message("half way to a band of type %d 1 %% above: %.3f dB\n", (int)rows[t].type, worst);
    assert_true(worst <= rows[t].bar_db);
  }
}

static void test_identities(void **state) {
  (void)state;
  LacSvf s[LAC_BAND_MAX_SECTIONS];
  assert_int_equal(lac_band_design(LAC_BAND_OFF, 1000, 6, 1, 48000, s), 0);
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 1000, 0, 1, 48000, s), 0);
  assert_int_equal(lac_band_design(LAC_BAND_LOW_PASS_48, 1000, 0, 1, 48000, s), 4);
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 4000, -2.5, 0.71, 44100, s), 1);
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 8000, -2.5, 0.71, 44100, s), 2);
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 8000, -2.5, 0.71, 96000, s), 1);
  assert_true(lac_eq_band_db(LAC_BAND_BELL, 1000, 0, 1, 48000, 900) == 0);
  for (int i = 0; i < 40; i++) {
    double f = 20 * pow(1000, i / 39.0);
    /* A cut undoes its boost. */
    double sum = lac_eq_band_db(LAC_BAND_BELL, 11000, 9, 1.3, 44100, f) +
                 lac_eq_band_db(LAC_BAND_BELL, 11000, -9, 1.3, 44100, f);
    assert_true(fabs(sum) < 1e-9);
    /* A tilt is a shelf turned down by half. */
    double tilt = lac_eq_band_db(LAC_BAND_TILT, 700, 5, 0.5, 44100, f);
    assert_true(fabs(tilt + 2.5 - lac_eq_band_db(LAC_BAND_HIGH_SHELF, 700, 5, 0.5, 44100, f)) < 1e-9);
  }
  /* Exact at DC and dead at the notch. */
  assert_true(fabs(lac_eq_band_db(LAC_BAND_BELL, 9000, 12, 0.5, 44100, 0)) < 1e-9);
  assert_true(fabs(lac_eq_band_db(LAC_BAND_LOW_SHELF, 900, 12, 0.7, 44100, 0) - 12) < 1e-9);
  assert_true(lac_eq_band_db(LAC_BAND_NOTCH, 5000, 0, 4, 44100, 5000) < -200);
  assert_true(lac_eq_band_db(LAC_BAND_HIGH_PASS, 30, 0, 0.71, 44100, 0) == -INFINITY);
}

/* The bars cannot be met by the plain bilinear transform, so the test above does measure the fit. */
static void test_bilinear_would_fail(void **state) {
  (void)state;
  double a = pow(10, 12 / 40.0), g = tan(LAC_PI * 16000 / 48000);
  LacSvf bilinear = {g, 1 / (a * 1.0), 1, a / 1.0, 1};
  double error =
      fabs(lac_sections_db(&bilinear, 1, 48000, 20000) - lac_band_prototype_db(LAC_BAND_BELL, 16000, 12, 1, 20000));
  assert_true(error > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bells),
      cmocka_unit_test(test_high_shelf),
      cmocka_unit_test(test_random_bells),
      cmocka_unit_test(test_above_hearing),
      cmocka_unit_test(test_other_types),
      cmocka_unit_test(test_all_corners_are_stable),
      cmocka_unit_test(test_random_designs_are_stable),
      cmocka_unit_test(test_ways_are_straight),
      cmocka_unit_test(test_identities),
      cmocka_unit_test(test_bilinear_would_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
