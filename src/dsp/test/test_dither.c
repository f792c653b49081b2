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
#include "dsp/dither.h"
#include "dsp/fft.h"
#include "dsp/window.h"

enum { RATE = 44100, N = 1 << 18 };

static float signal[2][N];
static int32_t words[2][N], again[2][N];
static const float *const inputs[2] = {signal[0], signal[1]};
static int32_t *const outputs[2] = {words[0], words[1]};

static void fill_sine(double hz, double gain) {
  for (int i = 0; i < N; i++)
    signal[0][i] = signal[1][i] = (float)(gain * sin(2 * M_PI * hz * i / RATE));
}

/* Plain at first; the second round of main shapes. */
static bool is_shaped;

static void init(LacQuantizer *q, unsigned bits, bool has_dither, uint64_t seed) {
  LacNoiseShaper shaper;
  lac_quantizer_init(q, bits, has_dither, seed, RATE);
  if (!is_shaped)
    return;
  lac_noise_shaper_design(&shaper, RATE);
  lac_quantizer_shape(q, &shaper);
}

/* The bound on what dither and shaping add, in LSB. */
static double bound_lsb(void) {
  LacNoiseShaper shaper;
  lac_noise_shaper_design(&shaper, RATE);
  return is_shaped ? 1.5 * lac_noise_shaper_peak_gain(&shaper) : 1.5;
}

static void run(unsigned bits, bool has_dither, uint64_t seed, unsigned n_channels, uint32_t n) {
  LacQuantizer q;
  init(&q, bits, has_dither, seed);
  lac_quantizer_run(&q, inputs, n_channels, outputs, n, false);
}

/* Power per bin, averaged over Hann frames of 4096 at 50 %. */
static void average_spectrum(double power[2049]) {
  enum { SIZE = 4096 };
  static double in[SIZE], re[SIZE / 2 + 1], im[SIZE / 2 + 1];
  static float window[SIZE];
  LacFft64 *fft;
  assert_int_equal(lac_fft64_new(SIZE, &fft), LAC_OK);
  double *scratch = malloc(lac_fft64_scratch_doubles(fft) * sizeof *scratch);
  lac_hann(window, SIZE);
  memset(power, 0, 2049 * sizeof *power);
  for (int at = 0; at + SIZE <= N; at += SIZE / 2) {
    for (int i = 0; i < SIZE; i++)
      in[i] = words[0][at + i] * (double)window[i];
    lac_fft64_forward(fft, in, re, im, scratch);
    for (int k = 0; k <= SIZE / 2; k++)
      power[k] += re[k] * re[k] + im[k] * im[k];
  }
  free(scratch);
  lac_fft64_free(fft);
}

/* Highest of harmonics 2..12 of bin `k` over the mean power between them, in dB. */
static double worst_harmonic_db(int k, bool has_dither) {
  double power[2049], worst = -300, floor_power = 0;
  int n_floor = 0;
  fill_sine((double)k * RATE / 4096, pow(10, -90.0 / 20));
  run(16, has_dither, 1, 1, N);
  average_spectrum(power);
  for (int b = 4; b < 2040; b++) {
    if (b % k < 4 || b % k > k - 4)
      continue;
    floor_power += power[b];
    n_floor++;
  }
  floor_power /= n_floor;
  for (int h = 2; h <= 12; h++)
    worst = fmax(worst, 10 * log10(power[h * k] / floor_power));
  return worst;
}

static void test_harmonics(void **state) {
  (void)state;
  double with = worst_harmonic_db(93, true), without = worst_harmonic_db(93, false);
  print_message("worst harmonic over the floor: %.2f dB with dither, %.1f dB without\n", with, without);
  assert_true(with < 2.5);   /* 127 averages scatter by 0.4 dB */
  assert_true(without > 20); /* the test can see harmonics */
}

/* Total error: mean 0, variance 1/4 LSB^2, whatever the signal. */
static void test_variance(void **state) {
  (void)state;
  static const double levels[] = {0.1, 0.25, 0.5, 0.77, 100.3};
  for (int l = 0; l < 5; l++) {
    for (int i = 0; i < N; i++)
      signal[0][i] = (float)(levels[l] / 32768);
    run(16, true, 7, 1, N);
    double mean = 0, square = 0;
    for (int i = 0; i < N; i++) {
      double e = words[0][i] - (double)signal[0][i] * 32768;
      mean += e / N;
      square += e * e / N;
      assert_true(fabs(e) <= 1.5);
    }
    assert_true(fabs(mean) < 0.005 && fabs(square - 0.25) < 0.003);
  }
}

/* Channels, seeds and lags are uncorrelated. */
static void test_independence(void **state) {
  (void)state;
  memset(signal, 0, sizeof signal);
  for (int i = 0; i < N; i++)
    signal[0][i] = signal[1][i] = 1e-30f; /* not silence */
  run(24, true, 1, 2, N);
  double cross = 0, lag = 0, own = 0;
  for (int i = 1; i < N; i++) {
    cross += (double)words[0][i] * words[1][i];
    lag += (double)words[0][i] * words[0][i - 1];
    own += (double)words[0][i] * words[0][i];
  }
  assert_true(fabs(cross / own) < 0.01 && fabs(lag / own) < 0.01);
  memcpy(again, words, sizeof words);
  run(24, true, 2, 2, N);
  assert_true(memcmp(again, words, sizeof words) != 0);
  run(24, true, 1, 2, N);
  assert_memory_equal(again, words, sizeof words);
}

static void test_blocks(void **state) {
  (void)state;
  const uint32_t n = 20000;
  fill_sine(440, 0.3);
  memset(signal[0] + 5000, 0, 4000 * sizeof(float)); /* blanking in the middle of it */
  run(16, true, 9, 2, n);
  memcpy(again, words, sizeof words);
  static const uint32_t sizes[] = {1, 7, 64, 4096};
  for (int s = 0; s < 4; s++) {
    LacQuantizer q;
    init(&q, 16, true, 9);
    memset(words, 0, n * sizeof words[0][0]);
    for (uint32_t at = 0; at < n; at += sizes[s]) {
      uint32_t m = sizes[s] < n - at ? sizes[s] : n - at;
      lac_quantizer_run(&q, (const float *const[]){signal[0] + at, signal[1] + at}, 2,
                        (int32_t *const[]){words[0] + at, words[1] + at}, m, false);
    }
    assert_memory_equal(again[0], words[0], n * sizeof words[0][0]);
    assert_memory_equal(again[1], words[1], n * sizeof words[0][0]);
  }
}

static int count_nonzero(const int32_t *x, int from, int to) {
  int n = 0;
  for (int i = from; i < to; i++)
    n += x[i] != 0;
  return n;
}

static void test_blanking(void **state) {
  (void)state;
  memset(signal, 0, sizeof signal);
  signal[0][1000] = signal[0][20000] = 1e-9f;
  run(16, true, 3, 1, 40000);
  const int end = 1001 + 2205 + 441;
  assert_true(count_nonzero(words[0], 1001, 1001 + 2205) > 500); /* a quarter of the values of plain TPDF */
  assert_true(count_nonzero(words[0], end - 100, end) < count_nonzero(words[0], 1001, 1101));
  assert_int_equal(count_nonzero(words[0], end, 20000), 0);
  assert_true(count_nonzero(words[0], 20001, 20101) > 10); /* back at once */
  memset(signal, 0, sizeof signal);
  run(16, true, 3, 2, 40000); /* nothing but silence: quiet after the first 60 ms */
  assert_int_equal(count_nonzero(words[1], 2205 + 441, 40000), 0);
}

static void test_exact(void **state) {
  (void)state;
  for (int i = 0; i < 65536; i++)
    signal[0][i] = (float)(i - 32768) / 32768;
  assert_true(lac_samples_are_exact(signal[0], 65536, 16));
  LacQuantizer q;
  init(&q, 16, true, 1);
  lac_quantizer_run(&q, inputs, 1, outputs, 65536, true);
  for (int i = 0; i < 65536; i++)
    assert_int_equal(words[0][i], i - 32768);
  assert_int_equal(q.n_clamped, 0);
  for (int i = 0; i < 65536; i++)
    signal[0][i] = (float)(i * 256 + 17 - 8388608) / 8388608;
  assert_true(lac_samples_are_exact(signal[0], 65536, 24) && !lac_samples_are_exact(signal[0], 65536, 16));
  init(&q, 24, true, 1);
  lac_quantizer_run(&q, inputs, 1, outputs, 65536, true);
  for (int i = 0; i < 65536; i++)
    assert_int_equal(words[0][i], i * 256 + 17 - 8388608);
  signal[0][0] = 1.0f;
  assert_false(lac_samples_are_exact(signal[0], 1, 24));
  signal[0][0] = NAN;
  assert_false(lac_samples_are_exact(signal[0], 1, 24));
}

static void test_clamp_and_guard(void **state) {
  (void)state;
  static const float hot[] = {1.0f, -1.0f, 1.5f, -2.0f, INFINITY, -INFINITY, NAN, 0.5f};
  memcpy(signal[0], hot, sizeof hot);
  LacQuantizer q;
  init(&q, 16, false, 1);
  lac_quantizer_run(&q, inputs, 1, outputs, 8, false);
  static const int32_t wanted[] = {32767, -32768, 32767, -32768, 32767, -32768, 0, 16384};
  assert_memory_equal(words[0], wanted, sizeof wanted);
  assert_int_equal(q.n_clamped, 5);
  assert_true(lac_quantizer_guard(16, true) == 1.5 / 32768 && lac_quantizer_guard(24, false) == 0.5 / 8388608);
  assert_true(lac_quantizer_guard(32, true) == 0 && lac_quantizer_guard(0, true) == 0);
  /* A signal under ceiling - guard never leaves the ceiling. */
  const double ceiling = pow(10, -1.0 / 20);
  fill_sine(997, ceiling - bound_lsb() / 32768);
  run(16, true, 4, 1, N);
  for (int i = 0; i < N; i++)
    assert_true(abs(words[0][i]) <= ceiling * 32768);
}

/* After anything at all comes the word of the sample, off by no more than the bound: clipping, infinities and NaN
 * leave nothing behind in the loop. */
static void test_recovery(void **state) {
  (void)state;
  static const float wild[] = {3e38f, NAN, -INFINITY, INFINITY, 1.0f, 1.5f, -1.5f, 100.0f, 1e-40f, 2e11f};
  const int n_wild = sizeof wild / sizeof wild[0];
  const double bound = bound_lsb();
  fill_sine(50, 4.0); /* three quarters of the time beyond full scale */
  for (int i = 0; i < N; i += 97)
    signal[0][i] = wild[(i / 97) % n_wild];
  run(16, true, 5, 1, N);
  for (int i = 0; i < N; i++) {
    const double wanted = isnan(signal[0][i]) ? 0.0 : fmin(fmax(signal[0][i] * 32768.0, -32768.0), 32767.0);
    assert_true(fabs(words[0][i] - wanted) <= bound);
  }
}

static int shape(void **state) {
  (void)state;
  is_shaped = true;
  return 0;
}

int main(void) {
  const struct CMUnitTest plain[] = {
      cmocka_unit_test(test_harmonics),       cmocka_unit_test(test_variance), cmocka_unit_test(test_independence),
      cmocka_unit_test(test_blocks),          cmocka_unit_test(test_blanking), cmocka_unit_test(test_exact),
      cmocka_unit_test(test_clamp_and_guard), cmocka_unit_test(test_recovery),
  };
  const struct CMUnitTest shaped[] = {
      cmocka_unit_test(test_blocks),          cmocka_unit_test(test_blanking), cmocka_unit_test(test_exact),
      cmocka_unit_test(test_clamp_and_guard), cmocka_unit_test(test_recovery),
  };
  int failed = cmocka_run_group_tests_name("plain", plain, NULL, NULL);
  return failed + cmocka_run_group_tests_name("shaped", shaped, shape, NULL);
}
