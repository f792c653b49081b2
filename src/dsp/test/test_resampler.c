/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All pairs of standard rates: frame counts, flatness and delay against the ideal signal, images and aliases in the
 * spectrum; sweep and two tones; soxr as oracle; any way of cutting the input gives the same bits. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>

#include "core/faults.h"
#include "core/random.h"
#include "dsp/fft.h"
#include "dsp/resampler.h"
#include "dsp/window.h"

static const uint32_t rates[] = {8000,  11025, 12000, 16000,  22050,  24000,  32000, 44100,
                                 48000, 88200, 96000, 176400, 192000, 352800, 384000};
enum { N_RATES = 15, SPECTRUM = 16384 };

static float *new_floats(size_t n) {
  float *x = calloc(n + 64, sizeof *x);
  assert_non_null(x);
  return x;
}

/* The whole signal in blocks of block_in frames, output buffers of block_out. Returns the frames given. */
static uint64_t convert(LacResampler *r, const float *const in[2], uint64_t n, unsigned n_channels, uint32_t block_in,
                        uint32_t block_out, float *const out[2]) {
  uint64_t at = 0, given = 0;
  uint32_t taken, more;
  while (at < n) {
    uint32_t size = block_in < n - at ? block_in : (uint32_t)(n - at);
    const float *from[2] = {in[0] + at, n_channels > 1 ? in[1] + at : NULL};
    float *to[2] = {out[0] + given, n_channels > 1 ? out[1] + given : NULL};
    lac_resampler_process(r, from, size, &taken, to, block_out, &more);
    assert_true(taken + more > 0 && taken <= size && more <= block_out);
    at += taken;
    given += more;
  }
  do {
    float *to[2] = {out[0] + given, n_channels > 1 ? out[1] + given : NULL};
    more = lac_resampler_flush(r, to, block_out);
    given += more;
  } while (more > 0);
  return given;
}

/* One channel of n frames through a converter that is new or reset; the result has *n_out frames. */
static float *convert_by(LacResampler *r, uint32_t in_rate, uint32_t out_rate, const float *in, uint64_t n,
                         uint64_t *n_out) {
  *n_out = lac_resampled_frames(n, in_rate, out_rate);
  float *out = new_floats(*n_out);
  uint64_t given = convert(r, (const float *const[]){in, NULL}, n, 1, 4096, 4096, (float *const[]){out, NULL});
  assert_int_equal(given, *n_out);
  return out;
}

static float *convert_mono(uint32_t in_rate, uint32_t out_rate, const float *in, uint64_t n, uint64_t *n_out) {
  LacResampler *r;
  assert_int_equal(lac_resampler_new(in_rate, out_rate, 1, &r), LAC_OK);
  float *out = convert_by(r, in_rate, out_rate, in, n, n_out);
  lac_resampler_free(r);
  return out;
}

static double max_of(double a, double b) {
  return a > b ? a : b;
}

/* Highest bin in dBFS of 16384 samples under a Kaiser window whose side lobes are below -190 dB, bins nearer than 16 to
 * `skip_hz` (< 0: none) left out. */
static double highest_db(const float *x, double rate_hz, double skip_hz) {
  static double in[SPECTRUM], re[SPECTRUM / 2 + 1], im[SPECTRUM / 2 + 1], scratch[SPECTRUM], window[SPECTRUM];
  static double sum = 0;
  static LacFft64 *fft = NULL; /* made once for the many pairs */
  if (!fft) {
    assert_int_equal(lac_fft64_new(SPECTRUM, &fft), LAC_OK);
    for (int i = 0; i < SPECTRUM; i++)
      sum += window[i] = lac_kaiser(2.0 * i / SPECTRUM - 1.0, 20);
  }
  for (int i = 0; i < SPECTRUM; i++)
    in[i] = (double)x[i] * window[i];
  lac_fft64_forward(fft, in, re, im, scratch);
  double highest = 0, skip = skip_hz < 0 ? -100 : skip_hz / rate_hz * SPECTRUM;
  for (int k = 0; k <= SPECTRUM / 2; k++) {
    if (fabs(k - skip) > 16)
      highest = max_of(highest, re[k] * re[k] + im[k] * im[k]);
  }
  return 10 * log10(highest * 4 / (sum * sum) + 1e-40);
}

typedef struct Figures {
  double level_db; /* worst deviation of level in the pass band */
  double error_db; /* worst difference from the ideal signal at the ideal time, re full scale */
  double spur_db;  /* highest image or alias */
} Figures;

/* A sine through the converter; start and end of the output are left out. */
static void measure_tone(LacResampler *r, uint32_t in_rate, uint32_t out_rate, double hz, Figures *f) {
  const double lower = in_rate < out_rate ? in_rate : out_rate;
  const uint64_t edge = (uint64_t)(130.0 * out_rate / lower); /* half a filter */
  const uint64_t n_want = SPECTRUM + 2 * edge, n = n_want * in_rate / out_rate + 8;
  float *in = new_floats(n);
  const double w = 2 * M_PI * hz / in_rate;
  for (uint64_t i = 0; i < n; i++)
    in[i] = (float)sin(fmod(w * (double)i, 2 * M_PI) + 0.3);
  uint64_t n_out;
  lac_resampler_reset(r);
  float *out = convert_by(r, in_rate, out_rate, in, n, &n_out);
  assert_true(n_out >= edge + SPECTRUM);
  const bool is_inside = hz < lower / 2;
  f->spur_db = max_of(f->spur_db, highest_db(out + edge, out_rate, is_inside ? hz : -1));
  if (hz <= 0.907 * lower / 2) {
    double in_phase = 0, power = 0, worst = 0;
    for (uint64_t k = edge; k < edge + SPECTRUM; k++) {
      double ideal = sin(fmod(2 * M_PI * hz / out_rate * (double)k, 2 * M_PI) + 0.3);
      in_phase += ideal * (double)out[k];
      power += ideal * ideal;
      worst = max_of(worst, fabs((double)out[k] - ideal));
    }
    f->level_db = max_of(f->level_db, fabs(20 * log10(in_phase / power)));
    f->error_db = max_of(f->error_db, 20 * log10(worst));
  }
  free(in);
  free(out);
}

static void test_all_pairs(void **state) {
  (void)state;
  Figures worst = {0, -400, -400};
  for (int a = 0; a < N_RATES; a++) {
    for (int b = 0; b < N_RATES; b++) {
      if (a == b)
        continue;
      const uint32_t in_rate = rates[a], out_rate = rates[b], lower = in_rate < out_rate ? in_rate : out_rate;
      /* Every pair of the audible rates in depth; the far ones with two tones (their filters are long). */
      static const double fractions[] = {0.907, 1.001, 0.31, 1.37};
      const bool is_near = in_rate >= 44100 && out_rate >= 44100;
      Figures f = {0, -400, -400};
      LacResampler *r;
      assert_int_equal(lac_resampler_new(in_rate, out_rate, 1, &r), LAC_OK);
      for (int t = 0; t < (is_near ? 4 : 2); t++) {
        const double hz = fractions[t] * lower / 2;
        if (hz < in_rate / 2.0)
          measure_tone(r, in_rate, out_rate, hz, &f);
      }
      lac_resampler_free(r);
      if (f.level_db > 1e-5 || f.error_db > -130 || f.spur_db > -150) {
        print_message("%u -> %u: level %.2g dB, error %.1f dB, spurs %.1f dB\n", in_rate, out_rate, f.level_db,
                      f.error_db, f.spur_db);
      }
      worst.level_db = max_of(worst.level_db, f.level_db);
      worst.error_db = max_of(worst.error_db, f.error_db);
      worst.spur_db = max_of(worst.spur_db, f.spur_db);
    }
  }
  print_message("210 pairs: pass band %.2g dB, error at the ideal time %.1f dB, images and aliases %.1f dB\n",
                worst.level_db, worst.error_db, worst.spur_db);
  assert_true(worst.level_db <= 0.001);
  assert_true(worst.error_db <= -130); /* float input and output alone make -144 */
  assert_true(worst.spur_db <= -150);
}

/* A slow sweep over the pass band and a pair of tones stay what they are: error against the analytic signal. */
static void test_sweep(void **state) {
  (void)state;
  static const uint32_t pairs[][2] = {{96000, 44100}, {44100, 48000}, {48000, 44100}, {192000, 48000}, {44100, 96000}};
  for (size_t p = 0; p < 5; p++) {
    const double in_rate = pairs[p][0], out_rate = pairs[p][1], seconds = 2.0, top = 20000, bottom = 20;
    const uint64_t n = (uint64_t)(seconds * in_rate);
    float *sweep = new_floats(n), *tones = new_floats(n);
    const double rise = (top - bottom) / seconds;
    for (uint64_t i = 0; i < n; i++) {
      double t = (double)i / in_rate;
      sweep[i] = (float)sin(2 * M_PI * (bottom * t + rise * t * t / 2));
      tones[i] = (float)(0.5 * sin(2 * M_PI * 18000 * t) + 0.5 * sin(2 * M_PI * 19000 * t));
    }
    uint64_t n_out;
    float *y = convert_mono(pairs[p][0], pairs[p][1], sweep, n, &n_out);
    float *z = convert_mono(pairs[p][0], pairs[p][1], tones, n, &n_out);
    double error = 0, power = 0, tone_error = 0;
    for (uint64_t k = 2000; k < n_out - 2000; k++) {
      double t = (double)k / out_rate, wanted = sin(2 * M_PI * (bottom * t + rise * t * t / 2));
      double two = 0.5 * sin(2 * M_PI * 18000 * t) + 0.5 * sin(2 * M_PI * 19000 * t);
      error += ((double)y[k] - wanted) * ((double)y[k] - wanted);
      tone_error += ((double)z[k] - two) * ((double)z[k] - two);
      power += wanted * wanted;
    }
    print_message("%u -> %u: sweep error %.1f dB, two tones %.1f dB\n", pairs[p][0], pairs[p][1],
                  10 * log10(error / power), 10 * log10(tone_error / power));
    assert_true(10 * log10(error / power) <= -140 && 10 * log10(tone_error / power) <= -140);
    free(sweep), free(tones), free(y), free(z);
  }
}

/* Against soxr (VHQ steep, float64 inside): two independent converters agree on level and delay. Tones end at 11 kHz:
 * above 13 kHz soxr's own pass band droops (96 -> 44.1: 3e-6 at 16 kHz, 7e-5 at 19 kHz). */
static void test_soxr(void **state) {
  (void)state;
  static const uint32_t pairs[][2] = {{96000, 44100}, {44100, 48000}, {48000, 44100}, {44100, 88200}, {192000, 96000}};
  for (size_t p = 0; p < 5; p++) {
    const uint32_t in_rate = pairs[p][0], out_rate = pairs[p][1];
    const size_t n = in_rate;
    float *in = new_floats(n);
    for (size_t i = 0; i < n; i++) {
      double x = 0;
      for (int tone = 0; tone < 12; tone++) {
        x += sin(2 * M_PI * (37.0 + 1010.0 * tone) * (double)i / in_rate + tone) / 12;
      }
      in[i] = (float)x;
    }
    uint64_t n_out;
    float *ours = convert_mono(in_rate, out_rate, in, n, &n_out), *theirs = new_floats(n_out + 100);
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ | SOXR_STEEP_FILTER, 0);
    soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    size_t done = 0;
    assert_null(soxr_oneshot(in_rate, out_rate, 1, in, n, NULL, theirs, n_out + 100, &done, &io, &quality, NULL));
    double error = 0, power = 0;
    for (uint64_t k = 4000; k < n_out - 4000; k++) {
      error += ((double)ours[k] - (double)theirs[k]) * ((double)ours[k] - (double)theirs[k]);
      power += (double)ours[k] * (double)ours[k];
    }
    print_message("%u -> %u: differs from soxr by %.1f dB\n", in_rate, out_rate, 10 * log10(error / power));
    assert_true(10 * log10(error / power) <= -135);
    free(in), free(ours), free(theirs);
  }
}

static void test_blocks(void **state) {
  (void)state;
  static const uint32_t pairs[][2] = {{44100, 48000}, {96000, 44100}, {48000, 384000}, {192000, 8000}, {48000, 48000}};
  static const uint32_t blocks[][2] = {{1, 4096}, {7, 64}, {64, 1}, {4096, 13}, {65536, 65536}};
  enum { N = 9001 };
  float *in[2] = {new_floats(N), new_floats(N)};
  for (int i = 0; i < N; i++) {
    in[0][i] = (float)(lac_random_double(4, 0, i) - 0.5);
    in[1][i] = (float)(lac_random_double(4, 1, i) - 0.5);
  }
  for (size_t p = 0; p < 5; p++) {
    LacResampler *r;
    assert_int_equal(lac_resampler_new(pairs[p][0], pairs[p][1], 2, &r), LAC_OK);
    const uint64_t due = lac_resampled_frames(N, pairs[p][0], pairs[p][1]);
    float *whole[2] = {new_floats(due), new_floats(due)}, *cut[2] = {new_floats(due), new_floats(due)};
    assert_int_equal(convert(r, (const float *const *)in, N, 2, 100000, 100000, whole), due);
    for (size_t b = 0; b < 5; b++) {
      lac_resampler_reset(r);
      assert_int_equal(convert(r, (const float *const *)in, N, 2, blocks[b][0], blocks[b][1], cut), due);
      assert_memory_equal(whole[0], cut[0], due * sizeof(float));
      assert_memory_equal(whole[1], cut[1], due * sizeof(float));
    }
    /* a channel alone gives the bits it gives in company */
    uint64_t n_out;
    float *mono = convert_mono(pairs[p][0], pairs[p][1], in[1], N, &n_out);
    assert_memory_equal(whole[1], mono, due * sizeof(float));
    if (pairs[p][0] == pairs[p][1])
      assert_memory_equal(whole[0], in[0], N * sizeof(float));
    free(mono), free(whole[0]), free(whole[1]), free(cut[0]), free(cut[1]);
    lac_resampler_free(r);
  }
  free(in[0]), free(in[1]);
}

/* Few frames, none at all, and what is refused. */
static void test_edges(void **state) {
  (void)state;
  LacResampler *r;
  float in[4] = {1, 1, 1, 1}, out[64];
  assert_int_equal(lac_resampled_frames(1, 44100, 48000), 2);
  assert_int_equal(lac_resampled_frames(147, 44100, 48000), 160);
  assert_int_equal(lac_resampled_frames(0, 44100, 48000), 0);
  assert_int_equal(lac_resampled_frames(UINT64_C(1) << 40, 8000, 384000), (UINT64_C(1) << 40) * 48);
  assert_int_equal(lac_resampler_new(8000, 48000, 1, &r), LAC_OK);
  assert_int_equal(lac_resampler_flush(r, (float *const[]){out}, 64), 0);
  for (uint64_t n = 1; n < 4; n++) {
    lac_resampler_reset(r);
    assert_int_equal(convert(r, (const float *const[]){in, NULL}, n, 1, 4, 64, (float *const[]){out, NULL}), 6 * n);
  }
  lac_resampler_free(r);
  assert_int_equal(lac_resampler_new(0, 48000, 1, &r), LAC_ERR_RANGE);
  assert_int_equal(lac_resampler_new(44101, 44100, 1, &r), LAC_ERR_RANGE);
  assert_int_equal(lac_resampler_new(44100, 48000, 3, &r), LAC_ERR_CHANNELS);
  assert_null(r);
  lac_resampler_free(NULL);
}

/* A failed allocation gives MEMORY and leaks nothing (the sanitizer build sees leaks). */
static void test_memory(void **state) {
  (void)state;
#ifdef LAC_FAULTS
  for (long k = 1;; k++) {
    LacResampler *r = NULL;
    lac_faults_fail_allocation(k);
    LacStatus status = lac_resampler_new(44100, 48000, 2, &r);
    bool hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(status, hit ? LAC_ERR_MEMORY : LAC_OK);
    assert_true(hit == !r);
    lac_resampler_free(r);
    if (!hit) {
      assert_true(k > 1);
      break;
    }
  }
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_edges), cmocka_unit_test(test_blocks), cmocka_unit_test(test_memory),
      cmocka_unit_test(test_soxr),  cmocka_unit_test(test_sweep),  cmocka_unit_test(test_all_pairs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
