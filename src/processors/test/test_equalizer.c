/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dsp/biquad_fit.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

enum { STEREO, LEFT, RIGHT, MID, SIDE };

static LacProcessor *new_equalizer(void) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("equalizer"), &p), LAC_OK);
  return p;
}

static void set_band(LacProcessor *p, int band, LacBandType type, double hz, double db, double q, int channel) {
  assert_int_equal(lac_processor_set(p, test_param(p, "type", band), type, p->frame), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "hz", band), hz, p->frame), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "db", band), db, p->frame), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "q", band), q, p->frame), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "channel", band), channel, p->frame), LAC_OK);
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 17, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* Largest difference to the analogue prototype over 20 Hz .. 20 kHz of the processor's own impulse response. */
static double running_error(LacBandType type, double hz, double db, double q, double rate_hz) {
  LacProcessor *p = new_equalizer();
  set_band(p, 3, type, hz, db, q, STEREO);
  prepare(p, rate_hz, 1);
  TestSignal impulse = test_silence(1, 1u << 15);
  impulse.channels[0][0] = 1.0F;
  test_run(p, &impulse, 777);
  double worst = 0, top = fmin(20000, 0.499 * rate_hz);
  for (int i = 0; i <= 80; i++) {
    double f = i < 60 ? 20.0 * pow(top / 20.0, i / 59.0) : fmin(top, hz * pow(2.0, (i - 70) / 20.0 / q));
    double got = test_response_db(impulse.channels[0], impulse.n_frames, 1.0, f, rate_hz);
    double error = fabs(got - lac_band_prototype_db(type, hz, db, q, f));
    worst = error > worst ? error : worst;
  }
  test_signal_free(&impulse);
  lac_processor_free(p);
  return worst;
}

/* Bells to 18 kHz at 48 kHz, +-12 dB, Q 0.5 to 4, are as near to the prototype up to 20 kHz as their designs. */
static void test_bells_are_not_cramped(void **state) {
  (void)state;
  static const double hz[] = {100, 1000, 5000, 10000, 14000, 16000, 18000};
  static const double q[] = {0.5, 1.0, 4.0};
  double worst = 0;
  for (size_t i = 0; i < 7; i++) {
    for (size_t k = 0; k < 3; k++) {
      for (int sign = -1; sign <= 1; sign += 2) {
        double error = running_error(LAC_BAND_BELL, hz[i], 12.0 * sign, q[k], 48000);
        worst = error > worst ? error : worst;
      }
    }
  }
  print_message("running bells at 48 kHz: worst error %.4f dB\n", worst);
  assert_true(worst <= 0.018);
  assert_true(running_error(LAC_BAND_BELL, 14000, 12, 2, 44100) <= 0.004);
  assert_true(running_error(LAC_BAND_BELL, 16000, -12, 1, 96000) <= 0.003);
  assert_true(running_error(LAC_BAND_HIGH_SHELF, 10000, 6, 0.71, 48000) <= 0.004);
  assert_true(running_error(LAC_BAND_HIGH_SHELF, 16000, 6, 0.71, 48000) <= 0.004);
  assert_true(running_error(LAC_BAND_LOW_SHELF, 200, -6, 0.71, 48000) <= 0.004);
  assert_true(running_error(LAC_BAND_TILT, 1000, 3, 0.4, 48000) <= 0.004);
}

/* All bands at once: the running response is the sum of lac_eq_band_db. */
static void test_bands_add_up(void **state) {
  (void)state;
  const double rate_hz = 44100;
  LacProcessor *p = new_equalizer();
  double expected[9] = {0};
  for (int b = 1; b <= 12; b++) {
    LacBandType type = b == 1 ? LAC_BAND_HIGH_PASS_24 : b == 12 ? LAC_BAND_LOW_PASS_6 : (LacBandType)(b % 4 + 1);
    double hz = b == 1 ? 30 : 40 * pow(1.7, b), db = 6 - b, q = 0.5 + 0.1 * b;
    set_band(p, b, type, hz, db, q, STEREO);
    for (int i = 0; i < 9; i++) {
      expected[i] += lac_eq_band_db(type, hz, db, q, rate_hz, 30 * pow(2, i));
    }
  }
  prepare(p, rate_hz, 1);
  TestSignal impulse = test_silence(1, 1u << 16);
  impulse.channels[0][0] = 1.0F;
  test_run(p, &impulse, 4096);
  for (int i = 0; i < 9; i++) {
    double got = test_response_db(impulse.channels[0], impulse.n_frames, 1.0, 30 * pow(2, i), rate_hz);
    assert_true(fabs(got - expected[i]) < 0.002);
  }
  test_signal_free(&impulse);
  lac_processor_free(p);
}

/* One ear or one of mid and side: the rest keeps its bits (mid and side: what it was to rounding). */
static void test_channels(void **state) {
  (void)state;
  TestSignal in = test_noise(2, 8000, 0.5, 1);
  for (int channel = LEFT; channel <= SIDE; channel++) {
    LacProcessor *p = new_equalizer();
    set_band(p, 1, LAC_BAND_BELL, 2000, 9, 1, channel);
    prepare(p, 48000, 2);
    TestSignal out = test_copy(&in);
    test_run(p, &out, 100);
    double touched = 0, other = 0;
    for (size_t i = 0; i < in.n_frames; i++) {
      double l0 = (double)in.channels[0][i], r0 = (double)in.channels[1][i];
      double l1 = (double)out.channels[0][i], r1 = (double)out.channels[1][i];
      double left = fabs(l1 - l0), right = fabs(r1 - r0);
      double mid = fabs(l1 + r1 - l0 - r0), side = fabs(l1 - r1 - l0 + r0);
      touched += channel == LEFT ? left : channel == RIGHT ? right : channel == MID ? mid : side;
      double rest = channel == LEFT ? right : channel == RIGHT ? left : channel == MID ? side : mid;
      other = rest > other ? rest : other;
    }
    assert_true(touched > 100);
    assert_true(channel <= RIGHT ? other == 0 : other < 3e-7);
    test_signal_free(&out);
    lac_processor_free(p);
  }
  test_signal_free(&in);
}

/* Mono: mid is the signal; side, left and right do nothing at all. */
static void test_mono(void **state) {
  (void)state;
  TestSignal in = test_noise(1, 4000, 0.5, 2), stereo = test_copy(&in);
  for (int channel = STEREO; channel <= SIDE; channel++) {
    LacProcessor *p = new_equalizer();
    set_band(p, 1, LAC_BAND_HIGH_SHELF, 3000, 4, 0.7, channel);
    prepare(p, 48000, 1);
    TestSignal out = test_copy(&in);
    test_run(p, &out, 100);
    if (channel == STEREO) {
      assert_false(test_same_bits(&out, &in));
      test_signal_free(&stereo);
      stereo = test_copy(&out);
    } else if (channel == MID) {
      assert_true(test_same_bits(&out, &stereo));
    } else {
      assert_true(lac_processor_is_neutral(p));
      assert_true(test_same_bits(&out, &in));
    }
    test_signal_free(&out);
    lac_processor_free(p);
  }
  test_signal_free(&in);
  test_signal_free(&stereo);
}

/* Loudest spectral line of channel 0 further than 400 Hz from the sine, in dB of the sine. */
static double splatter_db(const TestSignal *signal, size_t first, size_t n, double hz, double rate_hz) {
  double *spectrum = test_spectrum(signal->channels[0] + first, n);
  double inside = 0, outside = 0;
  for (size_t k = 0; k <= n / 2; k++) {
    double distance = fabs((double)k * rate_hz / (double)n - hz);
    double *place = distance < 400 ? &inside : &outside;
    *place = spectrum[k] > *place ? spectrum[k] : *place;
  }
  free(spectrum);
  return 20.0 * log10(outside / inside);
}

/* A band that moves to where it needs a second section, and back: no click, and it arrives where it should. */
static void test_second_section_comes_and_goes(void **state) {
  (void)state;
  static const double from[] = {4000, 8000}, to[] = {8000, 4000};
  const double rate_hz = 48000;
  LacSvf sections[LAC_BAND_MAX_SECTIONS];
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 4000, 3, 1, rate_hz, sections), 1);
  assert_int_equal(lac_band_design(LAC_BAND_BELL, 8000, 3, 1, rate_hz, sections), 2);
  for (size_t way = 0; way < 2; way++) {
    LacProcessor *moved = new_equalizer(), *fixed = new_equalizer();
    set_band(moved, 2, LAC_BAND_BELL, from[way], 3, 1, STEREO);
    set_band(fixed, 2, LAC_BAND_BELL, to[way], 3, 1, STEREO);
    prepare(moved, rate_hz, 2);
    prepare(fixed, rate_hz, 2);
    TestSignal sine = test_sine(2, 65536, 6000, rate_hz, 1.0), still = test_copy(&sine);
    assert_int_equal(lac_processor_set(moved, test_param(moved, "hz", 2), to[way], 30000), LAC_OK);
    test_run(moved, &sine, 480);
    test_run(fixed, &still, 480);
    double splatter = splatter_db(&sine, 24576, 32768, 6000, rate_hz), worst = 0;
    for (size_t i = 60000; i < sine.n_frames; i++) {
      worst = fmax(worst, fabs((double)(sine.channels[0][i] - still.channels[0][i])));
    }
    print_message("%g -> %g Hz: %.1f dB, then %.1e from one that stood there\n", from[way], to[way], splatter, worst);
    assert_true(splatter < -100);
    assert_true(worst < 2e-7);
    test_signal_free(&sine);
    test_signal_free(&still);
    lac_processor_free(moved);
    lac_processor_free(fixed);
  }
}

typedef struct Step {
  const char *param;
  double from, to;
} Step;

/* Any value stepped under a full-scale sine leaves no click. */
static void test_no_clicks(void **state) {
  (void)state;
  static const Step steps[] = {{"db", 0, 6},      {"db", 6, 0},      {"db", -12, 12},   {"db", 18, -18},
                               {"hz", 900, 1800}, {"hz", 60, 12000}, {"q", 0.5, 8},     {"type", 0, 1},
                               {"type", 1, 0},    {"type", 1, 3},    {"type", 0, 6},    {"type", 10, 0},
                               {"channel", 0, 3}, {"channel", 3, 4}, {"channel", 1, 2}, {"type", 2, 11}};
  const double rate_hz = 48000, hz = 1000;
  enum { N = 32768, AT = 20000 };
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
    LacProcessor *p = new_equalizer();
    set_band(p, 2, LAC_BAND_BELL, 900, 5, 1.0, STEREO);
    size_t param = test_param(p, steps[k].param, 2);
    assert_int_equal(lac_processor_set(p, param, steps[k].from, 0), LAC_OK);
    prepare(p, rate_hz, 2);
    TestSignal sine = test_sine(2, AT + N, hz, rate_hz, 1.0);
    for (size_t i = 0; i < sine.n_frames; i++) {
      sine.channels[1][i] *= 0.5F; /* so that there is something in mid and side */
    }
    assert_int_equal(lac_processor_set(p, param, steps[k].to, AT + N / 2 - 8000), LAC_OK);
    test_run(p, &sine, 480);
    double before = splatter_db(&sine, AT - 16384, 16384, hz, rate_hz);
    double during = splatter_db(&sine, AT, N, hz, rate_hz);
    print_message("%-8s %6g -> %6g: %.1f dB (before %.1f)\n", steps[k].param, steps[k].from, steps[k].to, during,
                  before);
    assert_true(during < -80);
    test_signal_free(&sine);
    lac_processor_free(p);
  }
}

/* A Q or a frequency on its way lifts nothing by more than the band is set to, 6 dB. Only where a Q goes from end to
 * end a narrow bell closes around what a wide one has stored. */
static void test_gain_holds_on_the_way(void **state) {
  (void)state;
  static const struct {
    const char *param;
    double from, to, most_db;
  } rows[] = {
      {"q", 0.5, 8, 6.1}, {"q", 8, 0.5, 6.4}, {"q", 0.1, 40, 8}, {"hz", 900, 2500, 6.1}, {"hz", 12000, 2500, 6.1}};
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    LacProcessor *p = new_equalizer();
    set_band(p, 1, LAC_BAND_BELL, 2500, 6, 1, STEREO);
    size_t param = test_param(p, rows[k].param, 1);
    assert_int_equal(lac_processor_set(p, param, rows[k].from, 0), LAC_OK);
    prepare(p, 44100, 1);
    TestSignal sine = test_sine(1, 40000, 2500, 44100, 0.25);
    assert_int_equal(lac_processor_set(p, param, rows[k].to, 10000), LAC_OK);
    test_run(p, &sine, 480);
    double peak = 0;
    for (size_t i = 5000; i < sine.n_frames; i++) {
      peak = fmax(peak, fabs((double)sine.channels[0][i]));
    }
    double most_db = 20 * log10(peak / 0.25);
    print_message("%-2s %6g -> %6g: at most %.2f dB\n", rows[k].param, rows[k].from, rows[k].to, most_db);
    assert_true(most_db < rows[k].most_db);
    test_signal_free(&sine);
    lac_processor_free(p);
  }
}

/* Nor does a shelf whose peak moves up to Nyquist, where g and `high` of its design are huge: no louder on the way than
 * at the end. */
static void test_shelf_holds_on_the_way_to_nyquist(void **state) {
  (void)state;
  static const struct {
    double hz, db, rate_hz;
  } rows[] = {{15000, 12, 44100}, {17500, 6, 44100}, {14000, 18, 48000}, {15800, 12, 48000}};
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    double peak[2] = {0};
    for (unsigned moves = 0; moves < 2; moves++) {
      LacProcessor *p = new_equalizer();
      set_band(p, 1, LAC_BAND_HIGH_SHELF, rows[k].hz, rows[k].db, moves ? 0.3 : 10, STEREO);
      prepare(p, rows[k].rate_hz, 1);
      TestSignal noise = test_noise(1, 30000, 0.05, 7);
      if (moves)
        assert_int_equal(lac_processor_set(p, test_param(p, "q", 1), 10, 8000), LAC_OK);
      test_run(p, &noise, 480);
      for (size_t i = 0; i < noise.n_frames; i++) {
        peak[moves] = fmax(peak[moves], fabs((double)noise.channels[0][i]));
      }
      test_signal_free(&noise);
      lac_processor_free(p);
    }
    const double over_db = 20 * log10(peak[1] / peak[0]);
    print_message("shelf at %g Hz, %g dB, Q 0.3 -> 10: %+.1f dB over where it goes\n", rows[k].hz, rows[k].db, over_db);
    assert_true(over_db <= 1.0);
  }
}

/* After every glide and fade the equaliser is the one that was prepared so from the start. */
static void test_changes_arrive(void **state) {
  (void)state;
  LacProcessor *moved = new_equalizer(), *fixed = new_equalizer();
  set_band(moved, 1, LAC_BAND_BELL, 200, 6, 1, STEREO);
  set_band(moved, 2, LAC_BAND_HIGH_PASS_24, 40, 0, 0.71, STEREO);
  set_band(moved, 3, LAC_BAND_BELL, 5000, -3, 2, MID);
  prepare(moved, 44100, 2);
  set_band(moved, 1, LAC_BAND_BELL, 400, -2, 3, STEREO);
  set_band(moved, 2, LAC_BAND_OFF, 40, 0, 0.71, STEREO);
  set_band(moved, 3, LAC_BAND_HIGH_SHELF, 9000, 2, 0.7, SIDE);
  set_band(fixed, 1, LAC_BAND_BELL, 400, -2, 3, STEREO);
  set_band(fixed, 3, LAC_BAND_HIGH_SHELF, 9000, 2, 0.7, SIDE);
  prepare(fixed, 44100, 2);
  TestSignal a = test_noise(2, 90000, 0.5, 5), b = test_copy(&a);
  test_run(moved, &a, 512);
  test_run(fixed, &b, 512);
  for (size_t i = 70000; i < a.n_frames; i++) {
    assert_true(fabsf(a.channels[0][i] - b.channels[0][i]) < 1e-6F);
    assert_true(fabsf(a.channels[1][i] - b.channels[1][i]) < 1e-6F);
  }
  /* Back to nothing: bit exact again, and it knows. */
  set_band(moved, 1, LAC_BAND_BELL, 400, 0, 3, STEREO);
  set_band(moved, 3, LAC_BAND_OFF, 9000, 2, 0.7, SIDE);
  assert_false(lac_processor_is_neutral(moved));
  test_run(moved, &b, 512);
  assert_true(lac_processor_is_neutral(moved));
  TestSignal c = test_odd_signal(3, 2, 3000), d = test_copy(&c);
  test_run(moved, &c, 99);
  assert_true(test_same_bits(&c, &d));
  TestSignal *all[] = {&a, &b, &c, &d};
  for (size_t k = 0; k < 4; k++) {
    test_signal_free(all[k]);
  }
  lac_processor_free(moved);
  lac_processor_free(fixed);
}

/* States never become denormal: what decays ends in exact silence. */
static void test_decay_ends(void **state) {
  (void)state;
  LacProcessor *p = new_equalizer();
  set_band(p, 1, LAC_BAND_HIGH_PASS, 300, 0, 0.71, STEREO);
  set_band(p, 2, LAC_BAND_BELL, 1000, 6, 2, SIDE);
  prepare(p, 48000, 2);
  TestSignal noise = test_noise(2, 4800, 1.0, 6), rest = test_silence(2, 48000);
  test_run(p, &noise, 0);
  uint64_t tail = lac_processor_tail_frames(p);
  test_run(p, &rest, 0);
  assert_true(tail > 100 && tail < 20000);
  for (size_t i = tail; i < rest.n_frames; i++) {
    assert_true(fabsf(rest.channels[0][i]) < 1e-5F);
  }
  for (size_t i = 40000; i < rest.n_frames; i++) {
    assert_true(rest.channels[0][i] == 0 && rest.channels[1][i] == 0);
  }
  test_signal_free(&noise);
  test_signal_free(&rest);
  lac_processor_free(p);
}

/* The same bits from every compiler, optimisation level and machine. When the sound is changed on purpose, `revision`
 * grows and the value below is replaced by the one that this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  const uint64_t golden = 0x4a185ac08a7940bbu;
  LacProcessor *p = new_equalizer();
  for (int b = 1; b <= 12; b++) {
    set_band(p, b, (LacBandType)(b % (LAC_BAND_TYPES - 1) + 1), 15.0 * (1 << (b - 1)), 0.75 * b - 5, 0.25 * b, b % 5);
  }
  prepare(p, 44100, 2);
  for (unsigned b = 1; b <= 12; b++) {
    assert_int_equal(lac_processor_set(p, test_param(p, "db", (int)b), 7 - 0.5 * b, 1000 * b), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "hz", (int)b), 18.0 * (1 << (b - 1)), 1100 * b), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "type", (int)b), b % 4, 20000 + 300 * b), LAC_OK);
  }
  TestSignal signal = test_noise(2, 40000, 0.5, 2026);
  test_run(p, &signal, 1000);
  uint64_t hash = test_hash(&signal, TEST_HASH_BEGIN);
  print_message("golden: 0x%016llxu\n", (unsigned long long)hash);
  assert_true(hash == golden);
  test_signal_free(&signal);
  lac_processor_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bells_are_not_cramped),
      cmocka_unit_test(test_bands_add_up),
      cmocka_unit_test(test_channels),
      cmocka_unit_test(test_mono),
      cmocka_unit_test(test_second_section_comes_and_goes),
      cmocka_unit_test(test_no_clicks),
      cmocka_unit_test(test_gain_holds_on_the_way),
      cmocka_unit_test(test_shelf_holds_on_the_way_to_nyquist),
      cmocka_unit_test(test_changes_arrive),
      cmocka_unit_test(test_decay_ends),
      cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
