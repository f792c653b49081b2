/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

static LacProcessor *new_filter(double hz, double slope) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("dc_filter"), &p), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "hz", 0), hz, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "slope_db_per_octave", 0), slope, 0), LAC_OK);
  return p;
}

static LacProcessor *filter(double hz, double slope, double rate_hz, unsigned n_channels) {
  LacProcessor *p = new_filter(hz, slope);
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 20, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

static double butterworth_db(double f_hz, double corner_hz, int order) {
  return -10.0 * log10(1.0 + pow(corner_hz / f_hz, 2.0 * order));
}

/* Where the phase of Butterworth's high-pass stands: each pole of the unit circle turns by its own share. */
static double butterworth_deg(double f_hz, double corner_hz, int order) {
  double sum = 0;
  for (int k = 0; k < order; k++) {
    double a = LAC_PI * (2.0 * k + order + 1.0) / (2.0 * order);
    sum += 0.5 * LAC_PI - atan2(f_hz / corner_hz - sin(a), -cos(a));
  }
  return sum * 180.0 / LAC_PI;
}

/* Gain and phase at f, from the response to a one that nothing preceded. */
static void response(LacProcessor *p, double f_hz, double rate_hz, double *db, double *deg) {
  size_t n = (size_t)(6.0 * rate_hz);
  TestSignal x = test_silence(1, n);
  x.channels[0][1] = 1.0F; /* the first sample is what was there before */
  test_run(p, &x, 0);
  double re = 0, im = 0, w = 2.0 * LAC_PI * f_hz / rate_hz;
  for (size_t i = 1; i < n; i++) {
    re += (double)x.channels[0][i] * cos(w * (double)(i - 1));
    im -= (double)x.channels[0][i] * sin(w * (double)(i - 1));
  }
  *db = 10.0 * log10(re * re + im * im);
  *deg = atan2(im, re) * 180.0 / LAC_PI;
  test_signal_free(&x);
}

/* The published response at every slope; at 40 Hz a working setting takes less than 0.1 dB. */
static void test_response(void **state) {
  (void)state;
  static const struct {
    double hz;
    int order;
    bool is_working; /* what the guidance advises */
  } rows[] = {{3, 1, true}, {5, 1, true}, {5, 2, true}, {10, 2, true}, {20, 4, true}, {25, 3, false}, {60, 4, false}};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
      static const double at_hz[] = {10, 20, 40, 100, 1000, 15000};
      for (size_t f = 0; f < sizeof at_hz / sizeof at_hz[0]; f++) {
        LacProcessor *p = filter(rows[k].hz, 6.0 * rows[k].order, rates[r], 1);
        double db, deg;
        response(p, at_hz[f], rates[r], &db, &deg);
        assert_true(fabs(db - butterworth_db(at_hz[f], rows[k].hz, rows[k].order)) < 0.005);
        double turned = remainder(deg - butterworth_deg(at_hz[f], rows[k].hz, rows[k].order), 360.0);
        assert_true(fabs(turned) < 0.3); /* the bilinear transform, at 15 kHz of 44.1 */
        assert_true(at_hz[f] != 40 || !rows[k].is_working || db > -0.1);
        if (at_hz[f] == 40 && r == 0) {
          print_message("%g Hz, %d dB/octave: %.3f dB and %.1f degrees at 40 Hz\n", rows[k].hz, 6 * rows[k].order, db,
                        deg);
        }
        lac_processor_free(p);
      }
    }
  }
}

/* A song on an offset comes out as the song without it, from the first sample on: no step, no thump. */
static void test_offset_is_gone_at_once(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (int order = 1; order <= 4; order++) {
      LacProcessor *p = filter(5, 6.0 * order, rates[r], 2);
      TestSignal plain = test_noise(2, 40000, 0.1, 7), offset = test_copy(&plain);
      for (size_t i = 0; i < plain.n_frames; i++) {
        offset.channels[0][i] += 0.25F;
        offset.channels[1][i] -= 0.0625F;
      }
      test_run(p, &plain, 512);
      lac_processor_reset(p);
      test_run(p, &offset, 77);
      double worst = 0;
      for (size_t i = 0; i < plain.n_frames; i++) {
        for (unsigned c = 0; c < 2; c++) {
          worst = fmax(worst, fabs((double)plain.channels[c][i] - (double)offset.channels[c][i]));
        }
      }
      assert_true(worst < 6e-8); /* -144 dBFS: the last bit of the offset input */
      assert_true(fabsf(offset.channels[0][0]) < 1e-7F);
      test_signal_free(&plain);
      test_signal_free(&offset);
      lac_processor_free(p);
    }
  }
}

/* An offset that comes in the middle is below -100 dBFS after the tail. */
static void test_offset_settles(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (int order = 1; order <= 4; order++) {
      LacProcessor *p = filter(order == 1 ? 2 : 5, 6.0 * order, rates[r], 1);
      TestSignal step = test_silence(1, (size_t)(5.0 * rates[r]));
      for (size_t i = 1000; i < step.n_frames; i++) {
        step.channels[0][i] = 0.5F;
      }
      test_run(p, &step, 0);
      uint64_t tail = lac_processor_tail_frames(p);
      assert_true(tail < step.n_frames - 2000);
      for (size_t i = 1000 + (size_t)tail; i < step.n_frames; i++) {
        assert_true(fabsf(step.channels[0][i]) < 1e-5F);
      }
      test_signal_free(&step);
      lac_processor_free(p);
    }
  }
}

/* Cut within a wave: begins at 0, and what it takes for an offset is forgotten at the pace of the corner. */
static void test_cut_within_a_wave(void **state) {
  (void)state;
  LacProcessor *p = filter(5, 12, 48000, 1);
  TestSignal x = test_silence(1, 48000);
  for (size_t i = 0; i < x.n_frames; i++) {
    x.channels[0][i] = (float)(0.5 * cos(2 * LAC_PI * 60 / 48000.0 * (double)i));
  }
  TestSignal in = test_copy(&x);
  test_run(p, &x, 0);
  assert_true(fabsf(x.channels[0][0]) < 1e-7F);
  /* One period around 0.2 s: its mean. */
  double sum = 0;
  for (size_t i = 9600; i < 10400; i++) {
    sum += (double)x.channels[0][i];
  }
  assert_true(fabs(sum / 800) < 0.02);
  test_signal_free(&x);
  test_signal_free(&in);
  lac_processor_free(p);
}

/* Behind a processor that delays: the offset is learnt from the programme, not from what precedes it. */
static void test_waits_for_the_programme(void **state) {
  (void)state;
  enum { N = 5000, LATE = 77 };
  TestSignal plain = test_noise(1, N, 0.25, 4), late = test_silence(1, N + LATE);
  for (int i = 0; i < N; i++) {
    plain.channels[0][i] += 0.5F;
    late.channels[0][LATE + i] = plain.channels[0][i];
  }
  for (int is_late = 0; is_late < 2; is_late++) {
    LacProcessor *p = new_filter(5, 12);
    LacProcessorSetup setup = test_setup(48000, 1, 64, 0, NULL);
    setup.late_frames = is_late ? LATE : 0;
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, is_late ? &late : &plain, 64);
    lac_processor_free(p);
  }
  for (int i = 0; i < N; i++) {
    assert_true(fabsf(plain.channels[0][i] - late.channels[0][LATE + i]) < 1e-7F);
  }
  test_signal_free(&plain);
  test_signal_free(&late);
}

/* What changes under a tone stays within 300 Hz of it, to -80 dB. */
static void test_changes_do_not_click(void **state) {
  (void)state;
  enum { N = 32768 };
  static const struct {
    double hz[2], slope[2];
  } rows[] = {{{0, 20}, {12, 12}}, {{20, 0}, {24, 24}}, {{2, 100}, {6, 6}}, {{30, 30}, {6, 24}}, {{1, 40}, {18, 12}}};
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    LacProcessor *p = filter(rows[k].hz[0], rows[k].slope[0], 48000, 1);
    TestSignal x = test_sine(1, N, 1000, 48000, 0.5);
    for (size_t i = 0; i < N; i++) {
      x.channels[0][i] += 0.3F + (float)(0.2 * sin(2 * LAC_PI * 30 / 48000.0 * (double)i));
    }
    assert_int_equal(lac_processor_set(p, test_param(p, "hz", 0), rows[k].hz[1], N / 2), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "slope_db_per_octave", 0), rows[k].slope[1], N / 2), LAC_OK);
    test_run(p, &x, 100);
    double *spectrum = test_spectrum(x.channels[0], N);
    double worst = 0;
    for (size_t bin = 0; bin <= N / 2; bin++) {
      double hz = (double)bin * 48000 / N;
      if (hz > 300 && fabs(hz - 1000) > 300) {
        worst = fmax(worst, spectrum[bin]);
      }
    }
    assert_true(20 * log10(worst / 0.5) < -80);
    free(spectrum);
    test_signal_free(&x);
    /* A second later it has arrived: off returns every bit. */
    TestSignal rest = test_noise(1, 48000, 1.0, 1), expected = test_copy(&rest), out = test_copy(&rest);
    test_run(p, &rest, 0);
    test_run(p, &out, 0);
    assert_true(lac_processor_is_neutral(p) == (rows[k].hz[1] == 0));
    assert_true(test_same_bits(&out, &expected) == (rows[k].hz[1] == 0));
    test_signal_free(&rest);
    test_signal_free(&expected);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_response),
      cmocka_unit_test(test_offset_is_gone_at_once),
      cmocka_unit_test(test_offset_settles),
      cmocka_unit_test(test_cut_within_a_wave),
      cmocka_unit_test(test_waits_for_the_programme),
      cmocka_unit_test(test_changes_do_not_click),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
