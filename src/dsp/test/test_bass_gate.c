/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/bass_gate.h"

static const double TURN = 6.283185307179586;

typedef struct Heard {
  float *openness;
  size_t n_hops;
  uint32_t hop_frames;
  double rate_hz;
} Heard;

static Heard hear(double rate_hz, const float *const *channels, unsigned n_channels, size_t n_frames) {
  LacBassGate *gate;
  assert_int_equal(lac_bass_gate_new(rate_hz, n_frames, &gate), LAC_OK);
  Heard heard = {.hop_frames = lac_bass_gate_hop_frames(gate), .rate_hz = rate_hz};
  heard.n_hops = (n_frames + heard.hop_frames - 1) / heard.hop_frames;
  heard.openness = malloc((heard.n_hops + 1) * sizeof(float));
  assert_non_null(heard.openness);
  heard.openness[heard.n_hops] = -7; /* a guard */
  lac_bass_gate_run(gate, channels, n_channels, n_frames, heard.openness);
  assert_true(heard.openness[heard.n_hops] == -7);
  for (size_t h = 0; h < heard.n_hops; h++)
    assert_true(heard.openness[h] >= 0 && heard.openness[h] <= 1);
  lac_bass_gate_free(gate);
  return heard;
}

static Heard hear_mono(double rate_hz, const float *x, size_t n_frames) {
  return hear(rate_hz, &x, 1, n_frames);
}

static double least(const Heard *heard, double from_s, double to_s) {
  double least = 2;
  for (size_t h = 0; h < heard->n_hops; h++) {
    const double t = ((double)h + 0.5) * heard->hop_frames / heard->rate_hz;
    if (t >= from_s && t < to_s && (double)heard->openness[h] < least)
      least = (double)heard->openness[h];
  }
  return least;
}

static double most(const Heard *heard, double from_s, double to_s) {
  double most = -1;
  for (size_t h = 0; h < heard->n_hops; h++) {
    const double t = ((double)h + 0.5) * heard->hop_frames / heard->rate_hz;
    if (t >= from_s && t < to_s && (double)heard->openness[h] > most)
      most = (double)heard->openness[h];
  }
  return most;
}

static double mean(const Heard *heard) {
  double sum = 0;
  for (size_t h = 0; h < heard->n_hops; h++)
    sum += (double)heard->openness[h];
  return sum / (double)heard->n_hops;
}

static float *new_signal(size_t n) {
  float *x = calloc(n, sizeof *x);
  assert_non_null(x);
  return x;
}

static void add_tone(float *x, size_t n, double rate_hz, double hz, double gain) {
  for (size_t i = 0; i < n; i++)
    x[i] += (float)(gain * sin(TURN * hz * (double)i / rate_hz));
}

static void add_noise(float *x, size_t n, uint64_t seed, double gain) {
  for (size_t i = 0; i < n; i++)
    x[i] += (float)(gain * (2 * lac_random_double(seed, 0, i) - 1));
}

/* Every half second: 48 Hz with a falling pitch, gone 20 dB after a quarter of a second. */
static void add_kicks(float *x, size_t n, double rate_hz, double gain) {
  for (size_t i = 0; i < n; i++) {
    const double t = fmod((double)i / rate_hz, 0.5);
    x[i] += (float)(gain * exp(-9 * t) * sin(TURN * (48 * t + 9 * (1 - exp(-30 * t)))));
  }
}

/* Recovery that leaves harmonics of 6 dB of limiting below about -60 dB (measured on the convex problem) or more. */
static void test_tones_open(void **state) {
  (void)state;
  static const double rates[] = {8000, 11025, 32000, 44100, 48000, 88200, 96000, 192000, 384000};
  static const double tones[][2] = {{25, 290}, {41, 290}, {50, 250}, {80, 100}, {100, 70}, {200, 25}, {400, 5}};
  for (size_t r = 0; r < test_at_most(sizeof rates / sizeof rates[0]); r++) {
    const size_t n = (size_t)(0.8 * rates[r]);
    for (size_t k = 0; k < sizeof tones / sizeof tones[0]; k++) {
      float *x = new_signal(n);
      add_tone(x, n, rates[r], tones[k][0], 0.7);
      Heard heard = hear_mono(rates[r], x, n);
      assert_true(lac_bass_gate_recovery_ms(least(&heard, 0, 0.8), 1) > tones[k][1]);
      free(heard.openness);
      free(x);
    }
  }
}

/* Treble at a quarter and a half of the bass amplitude; a saw; an organ pipe's octaves; a long 808 with its slide. */
static void test_held_bass_opens(void **state) {
  (void)state;
  enum { N = 44100 };
  for (int k = 0; k < 5; k++) {
    float *x = new_signal(N);
    if (k < 2) {
      add_tone(x, N, 44100, 60, 0.4);
      add_tone(x, N, 44100, 7000, k ? 0.2 : 0.1);
    }
    for (int h = 1; k == 2 && h < 40; h++)
      add_tone(x, N, 44100, 41.2 * h, 0.3 / h / (1 + h * h / 36.0));
    for (int h = 1; k == 3 && h <= 8; h *= 2)
      add_tone(x, N, 44100, 32.7 * h, 0.3 / h);
    for (int i = 0; k == 4 && i < N; i++) {
      const double t = i / 44100.0;
      x[i] = (float)(exp(-t / 0.8) * sin(TURN * (45 * t + 5 * (1 - exp(-12 * t)))));
    }
    Heard heard = hear_mono(44100, x, N);
    assert_true(lac_bass_gate_recovery_ms(least(&heard, 0.1, 0.9), 1) > (k == 4 ? 50 : 150));
    free(heard.openness);
    free(x);
  }
}

/* Drums, held bass, chords and hats together, noise, and kick drums alone. */
static void test_dense_stays_closed(void **state) {
  (void)state;
  enum { N = 4 * 44100 };
  for (int k = 0; k < 3; k += test_is_short() ? 2 : 1) {
    float *x = new_signal(N);
    if (k < 2)
      add_kicks(x, N, 44100, 0.4);
    if (k == 0) {
      add_tone(x, N, 44100, 55, 0.15);
      for (int note = 0; note < 12; note++)
        add_tone(x, N, 44100, 110 * pow(2, (note % 4) * 4 / 12.0) * (1 + note / 4), 0.04);
      add_noise(x, N, 3, 0.1);
    }
    if (k == 2)
      add_noise(x, N, 4, 0.5);
    Heard heard = hear_mono(44100, x, N);
    assert_true(mean(&heard) < 0.05);
    free(heard.openness);
    free(x);
  }
}

/* 50 ms bursts in a quieter tone: nothing may keep the gain from coming back. */
static void test_bursts_stay_closed(void **state) {
  (void)state;
  enum { N = 44100 };
  static const double bursts_hz[] = {50, 100, 200, 400, 700, 997, 3000};
  for (size_t k = 0; k < sizeof bursts_hz / sizeof bursts_hz[0]; k++) {
    float *x = new_signal(N);
    add_tone(x, N, 44100, 997, 0.2);
    add_tone(x + N / 2, 2205, 44100, bursts_hz[k], 0.8);
    Heard heard = hear_mono(44100, x, N);
    assert_true(lac_bass_gate_recovery_ms(most(&heard, 0, 1), 1) < 2.5);
    free(heard.openness);
    memset(x, 0, N * sizeof *x);
    add_tone(x + N / 2, 2205, 44100, bursts_hz[k], 0.8); /* in silence */
    heard = hear_mono(44100, x, N);
    assert_true(bursts_hz[k] < 600 || most(&heard, 0, 1) < 0.01);
    free(heard.openness);
    free(x);
  }
}

/* A bass note within noise: opens, closes, and never jumps. */
static void test_glides(void **state) {
  (void)state;
  enum { N = 2 * 44100 };
  float *x = new_signal(N);
  add_noise(x, N, 5, 0.5);
  memset(x + N / 4, 0, N / 2 * sizeof *x);
  add_tone(x + N / 4, N / 2, 44100, 50, 0.5);
  Heard heard = hear_mono(44100, x, N);
  assert_true(most(&heard, 0, 0.45) < 0.01 && least(&heard, 0.65, 1.35) > 0.95 && most(&heard, 1.55, 2) < 0.01);
  for (size_t h = 1; h < heard.n_hops; h++)
    assert_true(fabsf(heard.openness[h] - heard.openness[h - 1]) <= 0.2001f);
  free(heard.openness);
  free(x);
}

/* All of it in turns, two channels that differ: what the cutting and levelling tests run on. */
static void make_song(float *left, float *right, size_t n) {
  add_kicks(left, n, 44100, 0.4);
  add_noise(left + n / 4, n / 4, 6, 0.2);
  add_tone(left + n / 3, n / 3, 44100, 61, 0.5);
  add_tone(right, n / 2, 44100, 73, 0.5);
  add_tone(right + n / 2, n / 2, 44100, 250, 0.5);
  add_noise(right + 3 * n / 4, n / 4, 7, 0.05);
}

static void test_level(void **state) {
  (void)state;
  enum { N = 3 * 44100 };
  float *x[2] = {new_signal(N), new_signal(N)};
  make_song(x[0], x[1], N);
  const float *const channels[2] = {x[0], x[1]};
  Heard heard = hear(44100, channels, 2, N);
  assert_true(most(&heard, 0, 3) > 0.5 && least(&heard, 0, 3) < 0.01);
  static const float gains[] = {1024.0f, 1.0f / 4096, 3.0f};
  for (size_t k = 0; k < 3; k++) {
    float *y[2] = {new_signal(N), new_signal(N)};
    for (size_t i = 0; i < N; i++) {
      y[0][i] = x[0][i] * gains[k];
      y[1][i] = x[1][i] * gains[k];
    }
    const float *const scaled[2] = {y[0], y[1]};
    Heard again = hear(44100, scaled, 2, N);
    for (size_t h = 0; h < heard.n_hops; h++) /* powers of two: the same bits */
      assert_true(fabsf(again.openness[h] - heard.openness[h]) <= (k == 2 ? 1e-3f : 0.0f));
    free(again.openness);
    free(y[0]);
    free(y[1]);
  }
  free(heard.openness);
  free(x[0]);
  free(x[1]);
}

/* Stretches on the hop grid with context agree with the whole, bit for bit; one hop less of it is not enough. */
static void test_stretches(void **state) {
  (void)state;
  enum { N = 3 * 44100 };
  float *x[2] = {new_signal(N), new_signal(N)};
  make_song(x[0], x[1], N);
  const float *const channels[2] = {x[0], x[1]};
  Heard whole = hear(44100, channels, 2, N);
  LacBassGate *gate;
  assert_int_equal(lac_bass_gate_new(44100, N, &gate), LAC_OK);
  const size_t hop = lac_bass_gate_hop_frames(gate), context = lac_bass_gate_context_frames(gate) / hop;
  float *part = new_signal(whole.n_hops);
  size_t n_short = 0;
  for (size_t less = 0; less < 2; less++) {
    for (size_t from = 0; from < whole.n_hops; from += 37) {
      const size_t to = from + 37 < whole.n_hops ? from + 37 : whole.n_hops;
      const size_t first = from > context - less ? from - (context - less) : 0;
      const size_t end = (to + context - less) * hop < N ? (to + context - less) * hop : N;
      const float *const here[2] = {x[0] + first * hop, x[1] + first * hop};
      lac_bass_gate_run(gate, here, 2, end - first * hop, part);
      const bool is_same = !memcmp(part + (from - first), whole.openness + from, (to - from) * sizeof *part);
      assert_true(is_same || less);
      n_short += !is_same;
    }
  }
  assert_true(n_short > 0);
  lac_bass_gate_free(gate);
  free(part);
  free(whole.openness);
  free(x[0]);
  free(x[1]);
}

/* Silence, nothing but an offset, a few frames; the same in both channels as in one. */
static void test_edges(void **state) {
  (void)state;
  enum { N = 44100 };
  float *x = new_signal(N);
  Heard heard = hear_mono(44100, x, N);
  assert_true(most(&heard, 0, 1) == 0);
  free(heard.openness);
  for (int i = 0; i < N; i++)
    x[i] = 0.25f;
  heard = hear_mono(44100, x, N);
  assert_true(most(&heard, 0.1, 0.9) < 0.01);
  free(heard.openness);
  memset(x, 0, N * sizeof *x);
  add_tone(x, N, 44100, 50, 0.5);
  for (size_t n = 1; n < 700; n += 37) {
    heard = hear_mono(44100, x, n);
    free(heard.openness);
  }
  add_noise(x + N / 2, N / 2, 8, 0.3);
  heard = hear_mono(44100, x, N);
  const float *const twice[2] = {x, x};
  Heard stereo = hear(44100, twice, 2, N);
  for (size_t h = 0; h < heard.n_hops; h++)
    assert_true(fabsf(heard.openness[h] - stereo.openness[h]) < 1e-5f);
  free(heard.openness);
  free(stereo.openness);
  free(x);
}

static void test_limits(void **state) {
  (void)state;
  LacBassGate *gate;
  assert_int_equal(lac_bass_gate_new(7999, 1000, &gate), LAC_ERR_RANGE);
  assert_int_equal(lac_bass_gate_new(384001, 1000, &gate), LAC_ERR_RANGE);
  assert_int_equal(lac_bass_gate_new((double)NAN, 1000, &gate), LAC_ERR_RANGE);
  assert_int_equal(lac_bass_gate_new(44100, 0, &gate), LAC_ERR_RANGE);
  assert_null(gate);
  lac_bass_gate_free(NULL);
  assert_int_equal(lac_bass_gate_new(44100, 1000, &gate), LAC_OK);
  assert_int_equal(lac_bass_gate_hop_frames(gate), 256);
  assert_true(lac_bass_gate_context_frames(gate) < 0.16 * 44100);
  lac_bass_gate_free(gate);
  assert_true(fabs(lac_bass_gate_recovery_ms(0, 1) - 1) < 1e-12);
  assert_true(fabs(lac_bass_gate_recovery_ms(1, 1) - 300) < 1e-9);
  assert_true(fabs(lac_bass_gate_recovery_ms(0.5, 3) - 30) < 1e-9);
  assert_true(lac_bass_gate_recovery_ms(0.5, 400) == 400);
  assert_true(fabs(lac_bass_gate_rounding_ms(1, 0.5) - 5) < 1e-12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tones_open),
      cmocka_unit_test(test_held_bass_opens),
      cmocka_unit_test(test_dense_stays_closed),
      cmocka_unit_test(test_bursts_stay_closed),
      cmocka_unit_test(test_glides),
      cmocka_unit_test(test_level),
      cmocka_unit_test(test_stretches),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
