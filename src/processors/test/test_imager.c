/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/processor.h>

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

typedef struct Setting {
  const char *id;
  double value;
} Setting;

static LacProcessor *new_imager(double rate_hz, unsigned n_channels, const Setting *settings) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("imager"), &p), LAC_OK);
  for (const Setting *s = settings; s->id; s++) {
    assert_int_equal(lac_processor_set(p, test_param(p, s->id, 0), s->value, 0), LAC_OK);
  }
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 18, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

enum { N_SPECTRUM = 1 << 16 };

/* Spectrum of the end of the mid (sign 1) or side (-1). Caller frees. */
static double *spectrum_of(const TestSignal *x, int sign) {
  float *sum = malloc(N_SPECTRUM * sizeof *sum);
  assert_non_null(sum);
  for (size_t i = 0; i < N_SPECTRUM; i++) {
    const size_t at = x->n_frames - N_SPECTRUM + i;
    sum[i] = 0.5F * (x->channels[0][at] + (float)sign * x->channels[1][at]);
  }
  double *spectrum = test_spectrum(sum, N_SPECTRUM);
  free(sum);
  return spectrum;
}

/* Power in the third of an octave around f_hz. */
static double power_around(const double *spectrum, double f_hz, double rate_hz) {
  double power = 0;
  const size_t end = (size_t)(f_hz * 1.122 * N_SPECTRUM / rate_hz);
  for (size_t k = (size_t)(f_hz * 0.891 * N_SPECTRUM / rate_hz); k <= end; k++) {
    power += spectrum[k] * spectrum[k];
  }
  return power;
}

/* Power between two frequencies, of pink noise where the spectrum is that of white noise. */
static double pink_power(const double *spectrum, double from_hz, double to_hz, double rate_hz) {
  double power = 0;
  const size_t end = (size_t)(to_hz * N_SPECTRUM / rate_hz);
  for (size_t k = (size_t)(from_hz * N_SPECTRUM / rate_hz); k < end; k++) {
    power += spectrum[k] * spectrum[k] / (double)k;
  }
  return power;
}

typedef struct WidthErrors {
  double middle_db, whole_db; /* the largest of all bands */
} WidthErrors;

/* How far side over mid is from having moved as asked. */
static WidthErrors width_errors(double rate_hz, const double widths_db[4], uint64_t seed) {
  static const double middles[] = {100, 447, 2236, 10000}, edges[] = {20, 200, 1000, 5000, 20000};
  static const char *const ids[] = {"band1_width_percent", "band2_width_percent", "band3_width_percent",
                                    "band4_width_percent"};
  Setting settings[5] = {{0}};
  for (unsigned b = 0; b < 4; b++) {
    settings[b] = (Setting){ids[b], 100 * pow(10, widths_db[b] / 20)};
  }
  LacProcessor *p = new_imager(rate_hz, 2, settings);
  TestSignal in = test_noise(2, 1u << 17, 0.25, seed), out = test_copy(&in);
  test_run(p, &out, 0);
  double *spectra[] = {spectrum_of(&in, 1), spectrum_of(&in, -1), spectrum_of(&out, 1), spectrum_of(&out, -1)};
  WidthErrors errors = {0};
  print_message("%.0f Hz, middle and whole:", rate_hz);
  for (unsigned b = 0; b < 4; b++) {
    double middle[4], whole[4];
    for (unsigned i = 0; i < 4; i++) {
      middle[i] = power_around(spectra[i], middles[b], rate_hz);
      whole[i] = pink_power(spectra[i], edges[b], edges[b + 1], rate_hz);
    }
    const double middle_db = 10 * log10(middle[3] / middle[2] / (middle[1] / middle[0])) - widths_db[b];
    const double whole_db = 10 * log10(whole[3] / whole[2] / (whole[1] / whole[0])) - widths_db[b];
    print_message(" %+.2f %+.2f", middle_db, whole_db);
    errors.middle_db = fmax(errors.middle_db, fabs(middle_db));
    errors.whole_db = fmax(errors.whole_db, fabs(whole_db));
  }
  print_message(" dB\n");
  for (unsigned i = 0; i < 4; i++) {
    free(spectra[i]);
  }
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
  return errors;
}

/* The bar: side over mid moves as asked within 0.5 dB, in the middle of every band and over all of it, while neighbours
 * are within 3.6 dB of each other; up to 8 dB the middle holds, and the slopes of the splits cost the whole the rest.
 */
static void test_widths(void **state) {
  (void)state;
  static const double widths_db[4][4] = {{-1.8, 1.8, -1.8, 1.8}, {-3, 0, 1, 2}, {-4, 4, -4, 4}, {4, -4, 4, -4}};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned k = 0; k < 4; k++) {
      const WidthErrors errors = width_errors(rates[r], widths_db[k], r);
      assert_true(errors.middle_db <= 0.5);
      assert_true(errors.whole_db <= (k < 2 ? 0.5 : 2.0));
    }
  }
}

/* Transfer at f_hz of both channels, by correlation with the impulse response. */
static void transfer(const TestSignal *x, double f_hz, double rate_hz, double re[2], double im[2]) {
  const double turn_re = cos(2 * LAC_PI * f_hz / rate_hz), turn_im = -sin(2 * LAC_PI * f_hz / rate_hz);
  double at_re = 1, at_im = 0;
  re[0] = re[1] = im[0] = im[1] = 0;
  for (size_t i = 0; i < x->n_frames; i++) {
    for (unsigned c = 0; c < 2; c++) {
      re[c] += (double)x->channels[c][i] * at_re;
      im[c] += (double)x->channels[c][i] * at_im;
    }
    const double next_re = at_re * turn_re - at_im * turn_im;
    at_im = at_re * turn_im + at_im * turn_re;
    at_re = next_re;
  }
}

/* Response to a sound panned to the left: 1 and 0.5. */
static TestSignal panned(const Setting *settings, double rate_hz) {
  LacProcessor *p = new_imager(rate_hz, 2, settings);
  TestSignal x = test_silence(2, (size_t)(rate_hz / 6));
  x.channels[0][0] = 1.0F;
  x.channels[1][0] = 0.5F;
  test_run(p, &x, 0);
  lac_processor_free(p);
  return x;
}

/* Phase between the channels of a panned sound, from from_hz up, and how flat the mid is. */
static void check_image(const Setting *settings, double rate_hz, double from_hz, const char *name) {
  TestSignal x = panned(settings, rate_hz);
  double skew = 0, uneven = 0;
  for (double f = from_hz; f < 16000; f *= 1.25) {
    double re[2], im[2];
    transfer(&x, f, rate_hz, re, im);
    const double cross_re = re[0] * re[1] + im[0] * im[1], cross_im = im[0] * re[1] - re[0] * im[1];
    skew = fmax(skew, fabs(atan2(cross_im, cross_re)) * 180 / LAC_PI);
    const double mid = hypot(re[0] + re[1], im[0] + im[1]) / 1.5;
    uneven = fmax(uneven, fabs(20 * log10(mid)));
  }
  print_message("%.0f Hz, %s: skew %.5f degrees, mid within %.5f dB\n", rate_hz, name, skew, uneven);
  assert_true(skew <= 0.01 && uneven <= 0.001);
  test_signal_free(&x);
}

/* A panned sound is never bent, and the mid is as loud as ever at every frequency. */
static void test_image(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    const Setting widths[] = {
        {"band1_width_percent", 60}, {"band3_width_percent", 130}, {"band4_width_percent", 150}, {NULL, 0}};
    const Setting bass[] = {{"mono_below_hz", 120}, {NULL, 0}};
    const Setting all[] = {
        {"mono_below_hz", 90}, {"band3_width_percent", 120}, {"rotate1_hz", 150}, {"rotate2_hz", 320}, {NULL, 0}};
    check_image(widths, rates[r], 30, "widths");
    check_image(bass, rates[r], 120, "mono bass");
    check_image(all, rates[r], 90, "all");
  }
}

/* The bar: the side is down by 24 dB an octave below the frequency, and there again an octave above. */
static void test_mono_bass(void **state) {
  (void)state;
  static const double hz[] = {60, 120, 300};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned k = 0; k < 3; k++) {
      const Setting settings[] = {{"mono_below_hz", hz[k]}, {NULL, 0}};
      TestSignal x = panned(settings, rates[r]);
      double side_db[3];
      for (unsigned i = 0; i < 3; i++) {
        double re[2], im[2];
        static const double places[] = {0.25, 0.5, 2};
        transfer(&x, hz[k] * places[i], rates[r], re, im);
        side_db[i] = 20 * log10(hypot(re[0] - re[1], im[0] - im[1]) / 0.5);
      }
      print_message("%.0f Hz: side %.1f, %.1f, %.2f dB two and one octaves below and one above %.0f Hz\n", rates[r],
                    side_db[0], side_db[1], side_db[2], hz[k]);
      assert_true(side_db[0] <= -45 && side_db[1] <= -24 && side_db[2] >= -0.6);
      test_signal_free(&x);
    }
  }
}

static double power_of(const TestSignal *x, double left, double right, size_t from) {
  double sum = 0;
  for (size_t i = from; i < x->n_frames; i++) {
    const double v = left * (double)x->channels[0][i] + right * (double)x->channels[1][i];
    sum += v * v;
  }
  return sum;
}

/* The bar: the mono sum is 2 M, to -120 dB; the image of a mono song spreads and stays in the middle. */
static void test_widen(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    for (unsigned percent = 30; percent <= 100; percent += 70) {
      const Setting settings[] = {{"widen_percent", percent}, {NULL, 0}};
      LacProcessor *p = new_imager(rates[r], 2, settings);
      TestSignal in = test_noise(2, 1u << 17, 0.25, 4);
      memcpy(in.channels[1], in.channels[0], in.n_frames * sizeof(float));
      TestSignal out = test_copy(&in), error = test_copy(&in);
      test_run(p, &out, 0);
      for (size_t i = 0; i < in.n_frames; i++) {
        error.channels[0][i] = (float)((double)out.channels[0][i] + (double)out.channels[1][i] -
                                       (double)in.channels[0][i] - (double)in.channels[1][i]);
      }
      const double mid = power_of(&in, 1, 1, 0), error_db = 10 * log10(power_of(&error, 1, 0, 0) / mid + 1e-30);
      const double side_db = 10 * log10(power_of(&out, 1, -1, 9000) / power_of(&in, 1, 1, 9000));
      const double image_db = 10 * log10(power_of(&out, 1, 0, 9000) / power_of(&out, 0, 1, 9000));
      double *mid_before = spectrum_of(&in, 1), *side_after = spectrum_of(&out, -1);
      const double bass = power_around(side_after, 100, rates[r]) / power_around(mid_before, 100, rates[r]);
      free(mid_before);
      free(side_after);
      print_message("%.0f Hz, %u %%: mono sum %.1f dB, side %.2f dB under mid, image off by %.2f dB, 100 Hz %.1f dB\n",
                    rates[r], percent, error_db, -side_db, image_db, 10 * log10(bass));
      assert_true(error_db <= -120);
      assert_true(fabs(side_db - 20 * log10(percent / 100.0)) < 0.5 && fabs(image_db) < 0.2);
      assert_true(10 * log10(bass) < 20 * log10(percent / 100.0) - 16);
      TestSignal *all[] = {&in, &out, &error};
      for (unsigned k = 0; k < 3; k++) {
        test_signal_free(all[k]);
      }
      lac_processor_free(p);
    }
  }
}

static void test_balance(void **state) {
  (void)state;
  static const double db[] = {-6, 0.5, 12};
  for (unsigned k = 0; k < 3; k++) {
    const Setting settings[] = {{"balance_db", db[k]}, {NULL, 0}};
    LacProcessor *p = new_imager(48000, 2, settings);
    TestSignal x = test_noise(2, 20000, 0.25, 4);
    memcpy(x.channels[1], x.channels[0], x.n_frames * sizeof(float));
    const double before = power_of(&x, 1, 0, 0) + power_of(&x, 0, 1, 0);
    test_run(p, &x, 0);
    const double left = power_of(&x, 1, 0, 0), right = power_of(&x, 0, 1, 0);
    assert_true(fabs(10 * log10(right / left) - db[k]) < 1e-4);
    assert_true(fabs(10 * log10((left + right) / before)) < 1e-4);
    test_signal_free(&x);
    lac_processor_free(p);
  }
}

/* Rotation: all frequencies as loud as before, both channels alike, and a lopsided wave gets lower peaks. */
static void test_rotation(void **state) {
  (void)state;
  const Setting settings[] = {{"rotate1_hz", 100}, {"rotate2_hz", 200}, {NULL, 0}};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    TestSignal x = panned(settings, rates[r]);
    for (double f = 20; f < 18000; f *= 1.3) {
      double re[2], im[2];
      transfer(&x, f, rates[r], re, im);
      assert_true(fabs(20 * log10(hypot(re[0], im[0]))) < 0.001);
      assert_true(fabs(20 * log10(2 * hypot(re[1], im[1]))) < 0.001);
    }
    test_signal_free(&x);
  }
  LacProcessor *p = new_imager(48000, 2, settings);
  TestSignal pulses = test_silence(2, 48000);
  double before = 0, after = 0;
  for (size_t i = 0; i < pulses.n_frames; i++) {
    double v = 0;
    for (int h = 1; h <= 12; h++) {
      v += 0.05 * cos(2 * LAC_PI * 110 * h * (double)i / 48000);
    }
    pulses.channels[0][i] = pulses.channels[1][i] = (float)v;
    before = fmax(before, fabs(v));
  }
  test_run(p, &pulses, 0);
  for (size_t i = 24000; i < pulses.n_frames; i++) {
    after = fmax(after, fabs((double)pulses.channels[0][i]));
  }
  print_message("pulses at 110 Hz: peak %.2f dB\n", 20 * log10(after / before));
  assert_true(20 * log10(after / before) < -2);
  test_signal_free(&pulses);
  lac_processor_free(p);
}

/* Mono steps aside, whatever is asked; equal widths filter nothing. */
static void test_steps_aside(void **state) {
  (void)state;
  const Setting settings[] = {{"band1_width_percent", 0}, {"mono_below_hz", 150}, {"widen_percent", 50},
                              {"balance_db", 3},          {"rotate1_hz", 200},    {NULL, 0}};
  LacProcessor *p = new_imager(44100, 1, settings);
  TestSignal in = test_noise(1, 5000, 0.5, 1), out = test_copy(&in);
  assert_true(lac_processor_is_neutral(p));
  test_run(p, &out, 100);
  assert_int_equal(lac_processor_set(p, test_param(p, "widen_percent", 0), 80, p->frame), LAC_OK);
  test_run(p, &out, 100);
  assert_true(test_same_bits(&in, &out));
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
  const Setting equal[] = {{"band1_width_percent", 150},
                           {"band2_width_percent", 150},
                           {"band3_width_percent", 150},
                           {"band4_width_percent", 150},
                           {NULL, 0}};
  TestSignal x = panned(equal, 44100);
  assert_true(x.channels[0][0] == 1.125F && x.channels[1][0] == 0.375F && x.channels[0][1] == 0);
  test_signal_free(&x);
}

/* Back at its defaults after a while it rests again, bit for bit. */
static void test_comes_to_rest(void **state) {
  (void)state;
  const Setting settings[] = {{"band1_width_percent", 0}, {"mono_below_hz", 150}, {"widen_percent", 50},
                              {"balance_db", 3},          {"rotate1_hz", 200},    {NULL, 0}};
  LacProcessor *p = new_imager(48000, 2, settings);
  TestSignal in = test_noise(2, 48000, 0.5, 1), out = test_copy(&in);
  test_run(p, &out, 512);
  assert_false(lac_processor_is_neutral(p));
  for (const Setting *s = settings; s->id; s++) {
    const size_t param = test_param(p, s->id, 0);
    const double neutral = lac_processor_class_info(p->cls)->params[param].neutral;
    assert_int_equal(lac_processor_set(p, param, neutral, p->frame), LAC_OK);
  }
  test_run(p, &out, 512);
  assert_true(lac_processor_is_neutral(p));
  TestSignal again = test_copy(&in);
  test_run(p, &again, 512);
  assert_true(test_same_bits(&in, &again));
  test_signal_free(&in);
  test_signal_free(&out);
  test_signal_free(&again);
  lac_processor_free(p);
}

/* The highest line above 4 kHz in any 1024 frames while a value steps from one end to the other under tones of 500 Hz,
 * which are at full scale left and half of it, a quarter of a turn later, right. A click of one sample reads 45 dB
 * below its height. */
static double click_db(const char *id, double from, double to, bool is_busy) {
  enum { N = 1 << 15, WINDOW = 1024, FIRST_LINE = 4000 * WINDOW / 48000 };
  const Setting calm[] = {{id, from}, {NULL, 0}};
  const Setting busy[] = {{"band1_width_percent", 30},
                          {"band2_width_percent", 150},
                          {"band3_width_percent", 60},
                          {"rotate2_hz", 200},
                          {id, from},
                          {NULL, 0}};
  LacProcessor *p = new_imager(48000, 2, is_busy ? busy : calm);
  TestSignal x = test_sine(2, 2 * N, 500, 48000, 1.0);
  for (unsigned i = 0; i < 2 * N; i++) { /* their own beginning must not be heard */
    const double fade = i < 10000 ? 0.5 - 0.5 * cos(LAC_PI * i / 10000) : 1;
    x.channels[0][i] *= (float)fade;
    x.channels[1][i] = (float)(0.5 * fade * cos(2 * LAC_PI * 500 * i / 48000));
  }
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), to, N + 5000), LAC_OK);
  test_run(p, &x, 4096);
  const double highest = test_highest_line(x.channels[0] + N, N, WINDOW, FIRST_LINE);
  test_signal_free(&x);
  lac_processor_free(p);
  return 20 * log10(highest);
}

static void test_changes_do_not_click(void **state) {
  (void)state;
  const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find("imager"));
  for (size_t i = 0; i < info->n_params; i++) {
    const LacParam *row = &info->params[i];
    double worst = -300;
    for (int busy = 0; busy < 2; busy++) {
      worst = fmax(worst, click_db(row->id, row->minimum, row->maximum, busy));
      worst = fmax(worst, click_db(row->id, row->maximum, row->minimum, busy));
    }
    print_message("%-20s %.0f dB\n", row->id, worst);
    assert_true(worst < -100);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_widths),
      cmocka_unit_test(test_image),
      cmocka_unit_test(test_mono_bass),
      cmocka_unit_test(test_widen),
      cmocka_unit_test(test_balance),
      cmocka_unit_test(test_rotation),
      cmocka_unit_test(test_steps_aside),
      cmocka_unit_test(test_comes_to_rest),
      cmocka_unit_test(test_changes_do_not_click),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
