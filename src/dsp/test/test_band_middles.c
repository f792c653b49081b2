/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <complex.h>
#include <math.h>
#include <string.h>

#include "dsp/band_middles.h"
#include "dsp/elementary.h"

static const double rates[] = {44100, 48000, 96000, 16000, 8000};
enum { N_RATES = 5, N_FULL_RATES = 3 }; /* the first hold all of the usual splits */
static const double usual_hz[] = {120, 1000, 6000}, wide_hz[] = {200, 1000, 8000};

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* p = s/w of the bilinear transform. */
static double complex place(double hz, double split_hz, double rate_hz) {
  return I * tan(LAC_PI * hz / rate_hz) / tan(LAC_PI * split_hz / rate_hz);
}

/* The cascade of low shelves that the compressor runs. */
static double shelves_db(unsigned n_bands, const double *hz, const double *db, double at_hz, double rate_hz) {
  double complex h = pow(10, db[n_bands - 1] / 20);
  for (unsigned k = 0; k + 1 < n_bands; k++) {
    const double complex p = place(at_hz, hz[k], rate_hz);
    const double g = pow(10, (db[k] - db[k + 1]) / 20);
    h *= (p * p + sqrt(2 * g) * p + g) / (p * p + sqrt(2) * p + 1);
  }
  return 20 * log10(cabs(h));
}

/* Linkwitz-Riley bands with their all-passes, each times its gain. */
static double bands_db(unsigned n_bands, const double *hz, const double *db, double at_hz, double rate_hz) {
  double complex sum = 0, up = 1;
  for (unsigned b = 0; b < n_bands; b++) {
    double complex band = up;
    for (unsigned k = b; k + 1 < n_bands; k++) {
      const double complex p = place(at_hz, hz[k], rate_hz), d = p * p + sqrt(2) * p + 1;
      const double complex low = 1 / (d * d), high = p * p * p * p / (d * d);
      band *= k == b ? low : low + high;
      up *= k == b ? high : 1;
    }
    sum += band * pow(10, db[b] / 20);
  }
  return 20 * log10(cabs(sum));
}

static double middle_hz(unsigned n_bands, const double *hz, unsigned band) {
  return sqrt((band == 0 ? 20 : hz[band - 1]) * (band + 1 == n_bands ? 20000 : hz[band]));
}

static void given(unsigned n_bands, bool is_sum, double rate_hz, const double *hz, const double *asked, double *db) {
  LacBandMiddles middles = {0};
  float values[LAC_CROSSOVER_MAX_BANDS], *gains[LAC_CROSSOVER_MAX_BANDS];
  lac_band_middles_aim(&middles, n_bands, is_sum, rate_hz, hz);
  for (unsigned b = 0; b < n_bands; b++) {
    values[b] = (float)pow(10, asked[b] / 20);
    gains[b] = &values[b];
  }
  lac_band_middles_kernels_at(lac_cpu_level())->run(&middles, gains, 1);
  for (unsigned b = 0; b < n_bands; b++)
    db[b] = 20 * log10((double)values[b]);
}

static double worst_db(const double *hz, double deepest_db, bool is_sum, bool is_plain) {
  uint64_t seed = 1;
  double worst = 0;
  for (size_t r = 0; r < N_FULL_RATES; r++)
    for (int round = 0; round < 200; round++) {
      double asked[4], db[4];
      for (unsigned b = 0; b < 4; b++)
        asked[b] = deepest_db * uniform(&seed);
      given(4, is_sum, rates[r], hz, asked, db);
      const double *used = is_plain ? asked : db;
      for (unsigned b = 0; b < 4; b++) {
        const double at_hz = middle_hz(4, hz, b);
        const double is = is_sum ? bands_db(4, hz, used, at_hz, rates[r]) : shelves_db(4, hz, used, at_hz, rates[r]);
        worst = fmax(worst, fabs(is - asked[b]));
      }
    }
  return worst;
}

/* Bands as they are used, up to the 4 dB that the coupling lets them be apart: the middle has what was asked. */
static void test_middles(void **state) {
  (void)state;
  for (int is_sum = 0; is_sum < 2; is_sum++) {
    const double usual = worst_db(usual_hz, -4, is_sum, false), wide = worst_db(wide_hz, -4, is_sum, false);
    const double plain = worst_db(usual_hz, -4, is_sum, true);
    print_message("%s: within %.4f and %.4f dB, %.2f without\n", is_sum ? "sum" : "shelves", usual, wide, plain);
    assert_true(usual < 0.02 && wide < 0.05 && plain > 0.3);
  }
}

/* What a detector of the band misses in the middle. */
static void test_heard(void **state) {
  (void)state;
  for (size_t r = 0; r < N_FULL_RATES; r++) {
    LacBandMiddles middles = {0};
    lac_band_middles_aim(&middles, 4, false, rates[r], usual_hz);
    for (unsigned b = 0; b < 4; b++) {
      double db[4] = {-400, -400, -400, -400};
      db[b] = 0;
      const double missed = bands_db(4, usual_hz, db, middle_hz(4, usual_hz, b), rates[r]);
      assert_true(fabs(middles.heard_db[b] + missed) < 1e-3);
    }
  }
}

/* Bands of one gain stay as they are, to the bit; a band has no more than 2 dB added, however narrow it is. */
static void test_bounds(void **state) {
  (void)state;
  static const double narrow_hz[] = {1000, 1300, 1700, 1700};
  uint64_t seed = 2;
  for (int round = 0; round < 2000; round++) {
    LacBandMiddles middles = {0};
    float values[5][100], *gains[5], before[5];
    const unsigned n_bands = 2 + (unsigned)round % 4;
    const bool is_same = round % 3 == 0;
    lac_band_middles_aim(&middles, n_bands, round % 2, rates[round % 3], narrow_hz);
    for (unsigned b = 0; b < n_bands; b++) {
      gains[b] = values[b];
      before[b] = is_same && b > 0 ? before[0] : (float)pow(10, 48 * (uniform(&seed) - 0.5) / 20);
      for (int i = 0; i < 100; i++)
        values[b][i] = before[b];
    }
    lac_band_middles_kernels_at(lac_cpu_level())->run(&middles, gains, 100);
    for (unsigned b = 0; b < n_bands; b++) {
      assert_true(!is_same || values[b][99] == before[b]);
      assert_true(fabs(20 * log10((double)(values[b][0] / before[b]))) < 2.001 && values[b][0] == values[b][99]);
    }
  }
}

/* Splits anywhere, in any order, at any rate: thresholds and what is heard move by no more than is said. */
static void test_any_splits(void **state) {
  (void)state;
  enum { N_BANDS = 5 };
  uint64_t seed = 4;
  double most_heard_db = 0, most_db = 0;
  for (int round = 0; round < 20000; round++) {
    LacBandMiddles middles = {0};
    const double rate_hz = rates[round % N_RATES], at_hz = 20 * pow(0.4 * rate_hz / 20, uniform(&seed));
    double hz[N_BANDS - 1], held_hz[N_BANDS - 1], asked[N_BANDS], db[N_BANDS];
    for (unsigned k = 0; k + 1 < N_BANDS; k++) {
      hz[k] = round % 7 == 0 && k > 0 ? hz[0] : 20 * pow(1000, uniform(&seed));
      held_hz[k] = lac_crossover_held_hz(hz[k], rate_hz);
    }
    for (unsigned b = 0; b < N_BANDS; b++)
      asked[b] = -4 * uniform(&seed);
    lac_band_middles_aim(&middles, N_BANDS, false, rate_hz, hz);
    for (unsigned b = 0; b < N_BANDS; b++) {
      assert_true(middles.heard_db[b] >= 0 && middles.strength[b] >= 0 && middles.strength[b] <= 1);
      most_heard_db = fmax(most_heard_db, middles.heard_db[b]);
    }
    given(N_BANDS, false, rate_hz, hz, asked, db);
    most_db = fmax(most_db, fabs(shelves_db(N_BANDS, held_hz, db, at_hz, rate_hz) -
                                 shelves_db(N_BANDS, held_hz, asked, at_hz, rate_hz)));
  }
  print_message("thresholds move by up to %.2f dB, the sound by up to %.2f\n", most_heard_db, most_db);
  assert_true(most_heard_db < 2.9 && most_db < 2);
}

static void test_levels_agree(void **state) {
  (void)state;
  enum { N = 77 };
  static const double hz[] = {90, 400, 2000, 7000};
  uint64_t seed = 3;
  for (unsigned round = 0; round < 8; round++) {
    LacBandMiddles middles = {0};
    float truth[5][N], got[5][N], *true_gains[5], *gains[5], before[5][N];
    const unsigned n_bands = 2 + round % 4;
    lac_band_middles_aim(&middles, n_bands, round / 4 > 0, rates[0], hz);
    for (unsigned b = 0; b < 5; b++) {
      true_gains[b] = truth[b];
      gains[b] = got[b];
      for (int i = 0; i < N; i++)
        truth[b][i] = before[b][i] = (float)pow(10, 48 * (uniform(&seed) - 0.5) / 20);
    }
    lac_band_middles_kernels_at((LacCpuLevel)0)->run(&middles, true_gains, N);
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      memcpy(got, before, sizeof got);
      lac_band_middles_kernels_at((LacCpuLevel)level)->run(&middles, gains, N);
      assert_memory_equal(got, truth, sizeof got);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_middles), cmocka_unit_test(test_heard),
                                     cmocka_unit_test(test_bounds), cmocka_unit_test(test_any_splits),
                                     cmocka_unit_test(test_levels_agree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
