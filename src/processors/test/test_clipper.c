/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What docs/processors/clipper.md promises. CLIPPER_FIGURES=1 prints the figures. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/true_peak.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

#define RATE_HZ 44100.0
#define PI 3.14159265358979323846

typedef struct Settings {
  double amount_db, drive_db, ceiling_dbtp, link_percent;
} Settings;

static void figure(const char *what, double value) {
  if (getenv("CLIPPER_FIGURES"))
    fprintf(stderr, "%-46s %8.2f\n", what, value);
}

static LacProcessor *new_processor(const char *id, const Settings *s) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find(id), &p), LAC_OK);
  if (strcmp(id, "clipper") == 0)
    assert_int_equal(lac_processor_set(p, test_param(p, "amount_db", 0), s->amount_db, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "drive_db", 0), s->drive_db, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "ceiling_dbtp", 0), s->ceiling_dbtp, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "link_percent", 0), s->link_percent, 0), LAC_OK);
  return p;
}

/* Runs one processor over `in` with its latency removed. */
static TestSignal run(const char *id, const Settings *s, const TestSignal *in, LacReadoutTrack *track) {
  LacProcessor *p = new_processor(id, s);
  const LacProcessorSetup setup = test_setup(RATE_HZ, in->n_channels, 4096, in->n_frames, track);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  const size_t latency = lac_processor_latency_frames(p);
  TestSignal longer = test_silence(in->n_channels, in->n_frames + latency), out = test_copy(in);
  for (unsigned c = 0; c < in->n_channels; c++)
    memcpy(longer.channels[c], in->channels[c], in->n_frames * sizeof(float));
  test_run(p, &longer, 1000);
  for (unsigned c = 0; c < in->n_channels; c++)
    memcpy(out.channels[c], longer.channels[c] + latency, in->n_frames * sizeof(float));
  test_signal_free(&longer);
  lac_processor_free(p);
  return out;
}

/* Chords under drum hits: three partials with overtones, every quarter second a burst of falling noise. */
static TestSignal music(unsigned n_channels, size_t n_frames) {
  TestSignal signal = test_noise(n_channels, n_frames, 1.0, 12);
  for (unsigned c = 0; c < n_channels; c++) {
    double low = 0;
    for (size_t i = 0; i < n_frames; i++) {
      const double t = (double)i / RATE_HZ, since_hit = fmod(t, 0.25), hit = exp(-since_hit / 0.03);
      low += ((double)signal.channels[c][i] - low) * 0.2;
      double chord = 0;
      for (int k = 1; k <= 8; k++)
        chord += (sin(2 * PI * 110 * k * t + k) + sin(2 * PI * 138.6 * k * t) + sin(2 * PI * 329.6 * k * t + c)) / k;
      signal.channels[c][i] = (float)(0.12 * chord + 0.9 * hit * low + 0.35 * hit * sin(2 * PI * 60 * t));
    }
  }
  return signal;
}

static double energy(const TestSignal *signal, size_t from, size_t to) {
  double sum = 0;
  for (unsigned c = 0; c < signal->n_channels; c++)
    for (size_t i = from; i < to; i++)
      sum += (double)signal->channels[c][i] * (double)signal->channels[c][i];
  return sum;
}

static double difference_db(const TestSignal *a, const TestSignal *b) {
  double sum = 1e-30;
  for (unsigned c = 0; c < a->n_channels; c++)
    for (size_t i = 0; i < a->n_frames; i++)
      sum += pow((double)a->channels[c][i] - (double)b->channels[c][i], 2);
  return 10 * log10(sum / energy(b, 0, b->n_frames));
}

static double judge_db(const TestSignal *signal) {
  double peak = 0;
  for (unsigned c = 0; c < signal->n_channels; c++)
    peak = fmax(peak, lac_true_peak_judge(signal->channels[c], signal->n_frames));
  return 20 * log10(peak);
}

static void test_nothing_above_is_untouched(void **state) {
  (void)state;
  TestSignal in = music(2, 60000);
  const double peak_db = judge_db(&in);
  const Settings s = {3, 6, fmin(0, peak_db + 6.05), 50};
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < in.n_frames && peak_db + 6.05 > 0; i++)
      in.channels[c][i] *= (float)pow(10, -(peak_db + 6.05) / 20);
  TestSignal out = run("clipper", &s, &in, NULL);
  assert_true(test_same_bits(&in, &out));
  test_signal_free(&in);
  test_signal_free(&out);
}

/* Peaks go down by no more than asked for, and nothing new stands out; the limiter then works less: the same drive is
 * louder, under the same ceiling. */
static void test_limiter_works_less(void **state) {
  (void)state;
  static const Settings settings[] = {{1, 8, -1, 100}, {2, 8, -1, 50}, {3, 12, -3, 0}};
  for (unsigned k = 0; k < 6; k++) {
    const Settings *s = &settings[k / 2];
    TestSignal in = music(1 + k % 2, 100000);
    float minimum[300], mean[300];
    LacReadoutTrack track = {minimum, mean, 300, 0};
    TestSignal clipped = run("clipper", s, &in, &track);
    TestSignal alone = run("limiter", s, &in, NULL), both = run("limiter", s, &clipped, NULL);
    const double louder_db = 10 * log10(energy(&both, 0, in.n_frames) / energy(&alone, 0, in.n_frames));
    figure("louder at the same drive, dB", louder_db);
    assert_true(louder_db > 0.05);
    assert_true(judge_db(&clipped) < judge_db(&in) + 0.01);
    assert_true(judge_db(&both) < s->ceiling_dbtp + 0.02);
    float deepest = 0;
    for (size_t i = 0; i < track.count; i++)
      deepest = fminf(deepest, minimum[i]);
    figure("deepest clipped, dB", (double)deepest);
    assert_int_equal(track.count, (in.n_frames + 440) / 441);
    assert_true(deepest < -0.3f && deepest > -(float)s->amount_db - 0.001f);
    test_signal_free(&in);
    test_signal_free(&clipped);
    test_signal_free(&alone);
    test_signal_free(&both);
  }
}

/* 6 dB over: what the limiter leaves clean is left to it, and trying leaves no trace. */
static void test_tones_are_left_alone(void **state) {
  (void)state;
  static const double tones_hz[] = {31.5, 50, 100, 200, 440, 997, 2500, 5000, 7350, 10000, 15000};
  static const Settings settings[] = {{3, 6, -1, 100}, {1, 6, -1, 50}};
  for (size_t k = 0; k < 2 * sizeof tones_hz / sizeof tones_hz[0]; k++) {
    const Settings *s = &settings[k % 2];
    TestSignal in = test_sine(2, 88200, tones_hz[k / 2], RATE_HZ, pow(10, -1.0 / 20)),
               out = run("clipper", s, &in, NULL);
    /* The first tenths of a second are not yet a steady tone. */
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < in.n_frames; i++)
        in.channels[c][i] = i < 30000 || i > 80000 ? out.channels[c][i] : in.channels[c][i];
    figure("changed on a tone, dB", difference_db(&out, &in));
    assert_true(test_same_bits(&in, &out));
    test_signal_free(&in);
    test_signal_free(&out);
  }
}

/* Largest change of level between the channels over any 50 ms, dB: gains per millisecond, by what both have. */
static double image_shift_db(const TestSignal *in, const TestSignal *out) {
  enum { STEP = 44, WINDOW = 50 };
  const size_t n = in->n_frames / STEP;
  double *weight = calloc(n + 1, sizeof *weight), *moved = calloc(n + 1, sizeof *moved), largest = 0;
  assert_true(weight && moved);
  for (size_t b = 0; b < n; b++) {
    double both[2] = {1e-20, 1e-20}, cross[2] = {1e-20, 1e-20};
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = b * STEP; i < (b + 1) * STEP; i++) {
        both[c] += (double)in->channels[c][i] * (double)in->channels[c][i];
        cross[c] += (double)in->channels[c][i] * (double)out->channels[c][i];
      }
    const double w = sqrt(both[0] * both[1]);
    weight[b + 1] = weight[b] + w;
    moved[b + 1] = moved[b] + w * 20 * log10(cross[0] * both[1] / (both[0] * cross[1]));
  }
  for (size_t b = 0; b + WINDOW <= n; b++)
    largest = fmax(largest, fabs((moved[b + WINDOW] - moved[b]) / (weight[b + WINDOW] - weight[b])));
  free(weight);
  free(moved);
  return largest;
}

/* Noise on one side alone, over a sound that both have: only that side is clipped. */
static void test_image_stands_still(void **state) {
  (void)state;
  for (unsigned side = 0; side < 2; side++) {
    const Settings s = {3, 6, -1, 100};
    TestSignal in = music(2, 132300), noise = test_noise(1, 132300, 0.5, 3);
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < in.n_frames; i++)
        in.channels[c][i] = 0.3f * in.channels[c][i] + (c == side ? noise.channels[0][i] : 0.0f);
    TestSignal out = run("clipper", &s, &in, NULL);
    figure("image moved, dB", image_shift_db(&in, &out));
    figure("changed, dB", difference_db(&out, &in));
    assert_true(difference_db(&out, &in) > -60); /* it did work */
    assert_true(image_shift_db(&in, &out) < 0.4);
    test_signal_free(&in);
    test_signal_free(&noise);
    test_signal_free(&out);
  }
}

static void test_smpte(void **state) {
  (void)state;
  const Settings s = {3, 6, -1, 100};
  TestSignal in = test_sine(2, 132300, 60, RATE_HZ, 0.8 * pow(10, -1.0 / 20));
  for (size_t i = 0; i < in.n_frames; i++)
    for (unsigned c = 0; c < 2; c++)
      in.channels[c][i] += 0.178f * (float)sin(2 * PI * 7000 * (double)i / RATE_HZ);
  TestSignal out = run("clipper", &s, &in, NULL);
  for (unsigned c = 0; c < 2; c++)
    memcpy(in.channels[c], out.channels[c], 44100 * sizeof(float));
  figure("changed on 60 Hz and 7 kHz, dB", difference_db(&out, &in));
  assert_true(difference_db(&out, &in) < -60);
  test_signal_free(&in);
  test_signal_free(&out);
}

/* Soft noise, then a hit 12 dB over: 5 to 20 ms before it nothing rises. */
static void test_no_pre_echo(void **state) {
  (void)state;
  const Settings s = {3, 12, -1, 100};
  for (size_t onset = 30000; onset < 30512; onset += 73) {
    TestSignal in = test_noise(1, 60000, 0.003, 5), hit = test_noise(1, 60000, 0.9, 6);
    for (size_t i = onset; i < onset + 8000; i++)
      in.channels[0][i] += hit.channels[0][i] * (float)exp(-(double)(i - onset) / 2000);
    TestSignal out = run("clipper", &s, &in, NULL);
    const size_t from = onset - 882, to = onset - 220;
    assert_true(energy(&out, from, to) < energy(&in, from, to) * 1.02);
    assert_true(difference_db(&out, &in) > -60); /* it did work */
    test_signal_free(&in);
    test_signal_free(&hit);
    test_signal_free(&out);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing_above_is_untouched),
      cmocka_unit_test(test_limiter_works_less),
      cmocka_unit_test(test_tones_are_left_alone),
      cmocka_unit_test(test_image_stands_still),
      cmocka_unit_test(test_smpte),
      cmocka_unit_test(test_no_pre_echo),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
