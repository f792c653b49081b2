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

#include "core/test/check.h"
#include "dsp/dither.h"
#include "dsp/fft.h"
#include "dsp/hearing_threshold.h"
#include "dsp/noise_shaper.h"
#include "dsp/window.h"
#include "published_shapers.h"

enum { ORDER = LAC_NOISE_SHAPER_ORDER, GRID = 8192, N_RATES = 12 };

static const double rates_hz[N_RATES] = {8000,  11025, 16000, 22050, 32000,  44100,
                                         48000, 64000, 88200, 96000, 192000, 384000};

/* --- The design ------------------------------------------------------------------------------------------- */

/* Terhardt's threshold again, in the form of the bar: one over it, 0 dB at 1 kHz. */
static double ear_weight(double hz) {
  const double khz = fmax(hz, 20) / 1000;
  const double db = 3.64 * pow(khz, -0.8) - 6.5 * exp(-0.6 * pow(khz - 3.3, 2)) + 1e-3 * pow(khz, 4);
  return pow(10, -(db - 3.37) / 10);
}

typedef struct Noise {
  double total_db;    /* over white */
  double weighted_db; /* of 16-bit dither so shaped, weighted by the threshold, dBFS (sine) */
  double mean_log_db; /* Gerzon and Craven's */
} Noise;

static const double white_dbfs = -93.319; /* 10 log10(2 * 0.25 / 2^30) */

static Noise expect(const LacNoiseShaper *shaper, double rate_hz) {
  double total = 0, weighted = 0, mean_log = 0;
  for (int i = 0; i < GRID; i++) {
    const double hz = (i + 0.5) / GRID * rate_hz / 2, power = lac_noise_shaper_power(shaper, hz, rate_hz);
    total += power / GRID;
    weighted += power * ear_weight(hz) / GRID;
    mean_log += 10 * log10(power) / GRID;
  }
  return (Noise){10 * log10(total), white_dbfs + 10 * log10(weighted), mean_log};
}

static void test_threshold(void **state) {
  (void)state;
  for (double hz = 1; hz < 100000; hz *= 1.07)
    assert_true(fabs(-10 * log10(ear_weight(hz)) - (lac_hearing_threshold_db(hz) - 3.37)) <
                    1e-9 * fmax(1, lac_hearing_threshold_db(hz)) ||
                lac_hearing_threshold_db(hz) > 3000);
  assert_true(lac_hearing_threshold_db(3300) < -4.9 && lac_hearing_threshold_db(0) == lac_hearing_threshold_db(20));
}

static void test_rates(void **state) {
  (void)state;
  const LacNoiseShaper white = {{0}};
  for (size_t i = 0; i < test_at_most(N_RATES); i++) {
    LacNoiseShaper shaper;
    lac_noise_shaper_design(&shaper, rates_hz[i]);
    const Noise noise = expect(&shaper, rates_hz[i]), flat = expect(&white, rates_hz[i]);
    print_message("%6.0f Hz: total %+6.2f dB, weighted %7.2f dB (plain dither %7.2f), bound %5.2f\n", rates_hz[i],
                  noise.total_db, noise.weighted_db, flat.weighted_db, lac_noise_shaper_peak_gain(&shaper));
    assert_true(noise.total_db < 13.51 && noise.weighted_db < flat.weighted_db - 1.0);
    assert_true(fabs(noise.total_db - 10 * log10(lac_noise_shaper_total(&shaper))) < 1e-6);
    /* 0 says both: not less than theory allows, and nothing wasted (minimum phase). */
    assert_true(fabs(noise.mean_log_db) < 1e-3);
    assert_true(lac_noise_shaper_peak_gain(&shaper) < 16);
    if (rates_hz[i] == 44100)
      assert_true(noise.weighted_db <= -109 && noise.total_db <= 14);
  }
}

/* What the design makes least, with lambda -40 dB under the weight's top (at 3.3 kHz). */
static double cost(const LacNoiseShaper *shaper, double rate_hz) {
  double sum = 0, top = 0;
  for (int i = 0; i < GRID; i++)
    top = fmax(top, ear_weight((i + 0.5) / GRID * rate_hz / 2));
  for (int i = 0; i < GRID; i++) {
    const double hz = (i + 0.5) / GRID * rate_hz / 2;
    sum += lac_noise_shaper_power(shaper, hz, rate_hz) * (ear_weight(hz) / top + 1e-4) / GRID;
  }
  return sum;
}

/* No small change of any coefficient makes it better. */
static void test_least(void **state) {
  (void)state;
  static const double tried_hz[] = {8000, 44100, 96000};
  for (size_t i = 0; i < test_at_most(3); i++) {
    LacNoiseShaper shaper;
    lac_noise_shaper_design(&shaper, tried_hz[i]);
    const double least = cost(&shaper, tried_hz[i]);
    for (int k = 0; k < 2 * ORDER; k++) {
      LacNoiseShaper other = shaper;
      other.coefficients[k / 2] += k % 2 ? 1e-3 : -1e-3;
      assert_true(cost(&other, tried_hz[i]) > least);
    }
  }
}

/* The measure finds the published totals, and none of the published sets does better by the design's own aim. */
static void test_published(void **state) {
  (void)state;
  LacNoiseShaper ours;
  lac_noise_shaper_design(&ours, 44100);
  for (size_t i = 0; i < test_at_most(N_PUBLISHED_SHAPERS); i++) {
    const PublishedShaper *set = &published_shapers[i];
    const Noise noise = expect(&set->shaper, 44100);
    print_message("%s: total %+6.2f dB, weighted %7.2f dB, mean of log %.3f dB\n", set->name, noise.total_db,
                  noise.weighted_db, noise.mean_log_db);
    assert_true(fabs(noise.total_db - set->total_db) < 0.06);
    assert_true(noise.mean_log_db > -1e-3);
    assert_true(cost(&set->shaper, 44100) > cost(&ours, 44100));
  }
}

/* --- The noise that comes out ----------------------------------------------------------------------------- */

enum { RATE = 44100, SIZE = 16384, BINS = SIZE / 2 + 1, N = 1 << 20, TONE = 370 };

static float signal[N];
static int32_t words[N];

static int n_frames(void) {
  return test_is_short() ? N / 16 : N;
}

static void quantize_sine(double level_db, double rate_hz, const LacNoiseShaper *shaper) {
  LacQuantizer q;
  const double gain = pow(10, level_db / 20);
  for (int i = 0; i < n_frames(); i++)
    signal[i] = (float)(gain * sin(2 * M_PI * TONE / SIZE * (i % SIZE)));
  lac_quantizer_init(&q, 16, true, 1, rate_hz);
  lac_quantizer_shape(&q, shaper);
  lac_quantizer_run(&q, (const float *const[]){signal}, 1, (int32_t *const[]){words}, (uint32_t)n_frames(), false);
  assert_int_equal(q.n_clamped, 0);
}

/* Power per bin of the words, in full-scale sines: Hann frames at 50 %. */
static void average_spectrum(double power[BINS]) {
  static double in[SIZE], re[BINS], im[BINS];
  static float window[SIZE];
  LacFft64 *fft;
  double sum = 0;
  int n_averaged = 0;
  assert_int_equal(lac_fft64_new(SIZE, &fft), LAC_OK);
  double *scratch = malloc(lac_fft64_scratch_doubles(fft) * sizeof *scratch);
  lac_hann(window, SIZE);
  for (int i = 0; i < SIZE; i++)
    sum += (double)window[i] * window[i];
  memset(power, 0, BINS * sizeof *power);
  for (int at = 0; at + SIZE <= n_frames(); at += SIZE / 2, n_averaged++) {
    for (int i = 0; i < SIZE; i++)
      in[i] = words[at + i] * 0x1p-15 * (double)window[i];
    lac_fft64_forward(fft, in, re, im, scratch);
    for (int k = 0; k < BINS; k++)
      power[k] += re[k] * re[k] + im[k] * im[k];
  }
  for (int k = 0; k < BINS; k++)
    power[k] *= 4 / (sum * SIZE * n_averaged);
  free(scratch);
  lac_fft64_free(fft);
}

static bool is_tone(int k) {
  return abs(k - TONE) <= 4;
}

/* Harmonics 2..12 over the mean power near them, dB; the highest. */
static double worst_harmonic_db(const double power[BINS]) {
  double worst = -300;
  for (int h = 2; h <= 12; h++) {
    double near = 0;
    for (int k = 20; k < 120; k++)
      near += (power[h * TONE - k] + power[h * TONE + k]) / 200;
    worst = fmax(worst, 10 * log10((power[h * TONE - 1] + power[h * TONE] + power[h * TONE + 1]) / 3 / near));
  }
  return worst;
}

/* As designed to a tenth of a dB: in all, weighted, and band for band; no distortion; the tone is itself. */
static void check_noise(double level_db, double rate_hz) {
  static double power[BINS];
  double total = 0, weighted = 0, tone = 0;
  LacNoiseShaper shaper;
  lac_noise_shaper_design(&shaper, rate_hz);
  quantize_sine(level_db, rate_hz, &shaper);
  average_spectrum(power);
  for (int k = 10; k < BINS; k++) {
    *(is_tone(k) ? &tone : &total) += power[k];
    weighted += is_tone(k) ? 0 : power[k] * ear_weight(k * rate_hz / SIZE);
  }
  const Noise expected = expect(&shaper, rate_hz);
  const double total_db = 10 * log10(total), weighted_db = 10 * log10(weighted);
  const double harmonic_db = worst_harmonic_db(power);
  print_message("%6.0f Hz, sine at %5.1f dB: noise %.2f dB (%+.2f), weighted %.2f dB, harmonics %+.2f dB\n", rate_hz,
                level_db, total_db, total_db - white_dbfs, weighted_db, harmonic_db);
  assert_true(fabs(total_db - white_dbfs - expected.total_db) < 0.1);
  assert_true(fabs(weighted_db - expected.weighted_db) < 0.2);
  assert_true(fabs(10 * log10(tone) - level_db) < 0.1);
  assert_true(harmonic_db < 2.0);
  for (int from = 512; from + 256 < BINS; from += 256) {
    double here = 0, wanted = 0;
    for (int k = from; k < from + 256; k++) {
      here += power[k];
      wanted += lac_noise_shaper_power(&shaper, k * rate_hz / SIZE, rate_hz) * pow(10, white_dbfs / 10) / (BINS - 1);
    }
    assert_true(fabs(10 * log10(here / wanted)) < 0.5);
  }
  if (rate_hz == 44100)
    assert_true(weighted_db <= -109 && total_db - white_dbfs <= 14);
}

static void test_noise(void **state) {
  (void)state;
  static const struct {
    double level_db, rate_hz;
  } sines[] = {{-90, 44100}, {-60, 44100}, {-1, 44100}, {-90, 48000}, {-60, 96000}, {-60, 192000}};
  for (size_t i = 0; i < test_at_most(sizeof sines / sizeof sines[0]); i++)
    check_noise(sines[i].level_db, sines[i].rate_hz);
}

/* No word is further from its sample than the bound, and the bound is not far from what happens. */
static void test_bound(void **state) {
  (void)state;
  LacNoiseShaper shaper;
  double most = 0;
  lac_noise_shaper_design(&shaper, RATE);
  quantize_sine(-20, RATE, &shaper);
  for (int i = 0; i < n_frames(); i++)
    most = fmax(most, fabs(words[i] - signal[i] * 32768.0));
  const double bound = 1.5 * lac_noise_shaper_peak_gain(&shaper);
  print_message("most added in %d samples: %.2f LSB, bound %.2f LSB\n", n_frames(), most, bound);
  assert_true(most <= bound && most > 0.5 * bound);
}

/* One signal on both channels: their noise has nothing in common, so the ear does not find it in the middle. */
static void test_channels(void **state) {
  (void)state;
  static int32_t right[N];
  LacNoiseShaper shaper;
  LacQuantizer q;
  double cross = 0, own = 0;
  lac_noise_shaper_design(&shaper, RATE);
  quantize_sine(-30, RATE, &shaper);
  lac_quantizer_init(&q, 16, true, 1, RATE);
  lac_quantizer_shape(&q, &shaper);
  lac_quantizer_run(&q, (const float *const[]){signal, signal}, 2, (int32_t *const[]){words, right},
                    (uint32_t)n_frames(), false);
  for (int i = 0; i < n_frames(); i++) {
    const double left_error = words[i] - signal[i] * 32768.0, right_error = right[i] - signal[i] * 32768.0;
    cross += left_error * right_error;
    own += left_error * left_error;
  }
  assert_true(fabs(cross / own) < 0.01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_threshold), cmocka_unit_test(test_rates), cmocka_unit_test(test_least),
      cmocka_unit_test(test_published), cmocka_unit_test(test_noise), cmocka_unit_test(test_bound),
      cmocka_unit_test(test_channels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
