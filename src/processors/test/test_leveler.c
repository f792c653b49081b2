/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/monotone_curve.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

/* Up, a rest from 2 to 3 s, down. */
static const LacCurvePoint ride[] = {{0.25, 0}, {1.0, 2.5}, {1.4, 3}, {2.0, 0}, {3.0, 0}, {3.6, -3}, {4.5, -1.25}};
enum { N_RIDE = sizeof ride / sizeof ride[0] };

static LacProcessor *new_leveler(const LacCurvePoint *points, size_t n, double amount) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("leveler"), &p), LAC_OK);
  assert_int_equal(lac_processor_set_points(p, test_param(p, "curve", 0), points, n), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "amount_percent", 0), amount, 0), LAC_OK);
  return p;
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels, LacReadoutTrack *tracks, uint64_t n_frames) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 20, n_frames, tracks);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* The curve of `ride` in dB. */
static double ride_db(double seconds) {
  LacCurveKnot knots[N_RIDE];
  size_t piece = 0;
  for (size_t i = 0; i < N_RIDE; i++) {
    knots[i] = (LacCurveKnot){.x = ride[i].x, .y = ride[i].y};
  }
  lac_monotone_curve_fit(knots, N_RIDE);
  return lac_monotone_curve_at(knots, N_RIDE, seconds, &piece, NULL);
}

/* Every sample, at every rate: within -140 dB of the drawn gain, and untouched where that is 0 dB. */
static void test_follows_the_curve(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int amount = 100; amount >= 50; amount -= 50) {
      LacProcessor *p = new_leveler(ride, N_RIDE, amount);
      size_t n = (size_t)(5 * rates[r]), n_rest = 0;
      prepare(p, rates[r], 2, NULL, n);
      assert_false(lac_processor_is_neutral(p));
      assert_int_equal(lac_processor_latency_frames(p), 0);
      TestSignal in = test_noise(2, n, 1.0, 3), out = test_copy(&in);
      test_run(p, &out, 777);
      for (size_t i = 0; i < n; i++) {
        double s = (double)i / rates[r], gain = pow(10.0, 0.01 * amount * ride_db(s) / 20.0);
        bool rests = s < 0.249 || (s > 2.001 && s < 2.999); /* quanta that lie within it whole */
        for (unsigned c = 0; c < 2; c++) {
          double expected = (double)in.channels[c][i] * gain;
          assert_true(fabs((double)out.channels[c][i] - expected) <= 1e-7 * fabs(expected));
          assert_true(!rests || memcmp(&in.channels[c][i], &out.channels[c][i], sizeof(float)) == 0);
        }
        n_rest += rests;
      }
      assert_true((double)n_rest > rates[r]);
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
  }
}

static void test_reads_out_its_gain(void **state) {
  (void)state;
  enum { HOPS = 500 };
  static float minimum[HOPS], mean[HOPS];
  LacReadoutTrack track = {minimum, mean, HOPS, 0};
  LacProcessor *p = new_leveler(ride, N_RIDE, 100);
  prepare(p, 48000, 1, &track, 240000);
  TestSignal x = test_noise(1, 240000, 0.5, 1);
  test_run(p, &x, 4096);
  assert_int_equal(track.count, HOPS);
  for (int k = 0; k < HOPS; k++) {
    assert_true(fabs((double)mean[k] - ride_db((k + 0.5) * 0.01)) < 0.01);
  }
  test_signal_free(&x);
  lac_processor_free(p);
}

/* Its seconds are those of the programme, also behind a processor that delays. */
static void test_waits_for_the_programme(void **state) {
  (void)state;
  enum { N = 100000, LATE = 1237 };
  TestSignal plain = test_noise(1, N, 1.0, 4), late = test_silence(1, N + LATE);
  for (int i = 0; i < N; i++) {
    late.channels[0][LATE + i] = plain.channels[0][i];
  }
  for (int is_late = 0; is_late < 2; is_late++) {
    LacProcessor *p = new_leveler(ride, N_RIDE, 100);
    LacProcessorSetup setup = test_setup(48000, 1, 64, 0, NULL);
    setup.late_frames = is_late ? LATE : 0;
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, is_late ? &late : &plain, 64);
    lac_processor_free(p);
  }
  for (int i = 0; i < N; i++) {
    assert_true(fabsf(plain.channels[0][i] - late.channels[0][LATE + i]) <= 1.2e-7F * fabsf(plain.channels[0][i]));
  }
  test_signal_free(&plain);
  test_signal_free(&late);
}

/* A new amount under a tone, the curve at -3 dB and on its way: nothing beyond 300 Hz of it above -80 dB; at 0 it
 * returns every bit. */
static void test_amount_glides(void **state) {
  (void)state;
  enum { N = 32768 };
  static const LacCurvePoint slow[] = {{0, -3}, {1, 3}};
  static const double amounts[][2] = {{100, 0}, {0, 100}, {50, 60}};
  for (size_t k = 0; k < 3; k++) {
    LacProcessor *p = new_leveler(slow, 2, amounts[k][0]);
    prepare(p, 48000, 1, NULL, 0);
    assert_true(lac_processor_is_neutral(p) == (amounts[k][0] == 0));
    TestSignal x = test_sine(1, N, 1000, 48000, 0.5);
    assert_int_equal(lac_processor_set(p, test_param(p, "amount_percent", 0), amounts[k][1], N / 8), LAC_OK);
    test_run(p, &x, 100);
    double *spectrum = test_spectrum(x.channels[0], N);
    for (size_t bin = 0; bin <= N / 2; bin++) {
      bool is_near = fabs((double)bin * 48000 / N - 1000) <= 300;
      assert_true(is_near || 20 * log10(spectrum[bin] / 0.5) < -80);
    }
    free(spectrum);
    test_signal_free(&x);
    assert_true(lac_processor_is_neutral(p) == (amounts[k][1] == 0));
    TestSignal tail = test_noise(1, 500, 1.0, 1), expected = test_copy(&tail);
    test_run(p, &tail, 0);
    assert_true(test_same_bits(&tail, &expected) == (amounts[k][1] == 0));
    test_signal_free(&tail);
    test_signal_free(&expected);
    lac_processor_free(p);
  }
}

/* Points closer than the quanta: bounded all the same. */
static void test_wild_curves_stay_in_bounds(void **state) {
  (void)state;
  enum { N_POINTS = 4096, N = 48000 };
  static LacCurvePoint wild[N_POINTS];
  for (int i = 0; i < N_POINTS; i++) {
    wild[i] = (LacCurvePoint){1.3e-4 * i, i % 3 == 0 ? 6 : i % 3 == 1 ? -6 : 0};
  }
  LacProcessor *p = new_leveler(wild, N_POINTS, 100);
  prepare(p, 48000, 1, NULL, 0);
  TestSignal ones = test_silence(1, N);
  for (int i = 0; i < N; i++) {
    ones.channels[0][i] = 1.0F;
  }
  test_run(p, &ones, 0);
  for (int i = 0; i < N; i++) {
    assert_true(fabs(20 * log10((double)ones.channels[0][i])) < 6.02);
  }
  test_signal_free(&ones);
  lac_processor_free(p);
}

/* Points at 0 dB, or none, are nothing to do. */
static void test_flat_is_neutral(void **state) {
  (void)state;
  static const LacCurvePoint flat[] = {{0, 0}, {10, 0}};
  for (size_t n = 0; n <= 2; n++) {
    LacProcessor *p = new_leveler(flat, n, 100);
    assert_true(lac_processor_is_neutral(p));
    prepare(p, 48000, 2, NULL, 0);
    assert_true(lac_processor_is_neutral(p));
    lac_processor_free(p);
  }
  static const LacCurvePoint steep[] = {{0, 6.01}};
  LacProcessor *p = new_leveler(flat, 2, 0);
  assert_int_equal(lac_processor_set_points(p, 0, steep, 1), LAC_ERR_RANGE);
  lac_processor_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_follows_the_curve),          cmocka_unit_test(test_reads_out_its_gain),
      cmocka_unit_test(test_waits_for_the_programme),    cmocka_unit_test(test_amount_glides),
      cmocka_unit_test(test_wild_curves_stay_in_bounds), cmocka_unit_test(test_flat_is_neutral),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
