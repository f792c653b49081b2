/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the processors' own tests measure at one rate, at 44.1, 48 and 96 kHz. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/test/processor_values.h"

static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

/* Every bit comes back, as late as declared. */
static bool returns_every_bit(LacProcessor *p, const TestSignal *in) {
  TestSignal out = test_copy(in);
  test_run(p, &out, 333);
  const size_t latency = lac_processor_latency_frames(p);
  bool same = true;
  for (unsigned c = 0; c < in->n_channels; c++) {
    same = same && memcmp(in->channels[c], out.channels[c] + latency, (in->n_frames - latency) * sizeof(float)) == 0;
  }
  test_signal_free(&out);
  return same;
}

/* ---- match EQ ---- */

/* A flat curve, and amount 0 of any, are no change at all: the bar is 0.05 dB. */
static void test_match_of_the_same(void **state) {
  (void)state;
  static const LacCurvePoint flat[] = {{100, 0}, {1000, 0}}, bell[] = {{500, 0}, {1000, 6}, {2000, 0}};
  for (size_t k = 0; k < 6 * N_RATES; k++) {
    const int phase = (int)(k / N_RATES % 3);
    const bool is_flat = k < 3 * N_RATES;
    LacProcessor *p = NULL;
    assert_int_equal(lac_processor_new(lac_processor_class_find("match_eq"), &p), LAC_OK);
    assert_int_equal(lac_processor_set_points(p, test_param(p, "mid_curve", 0), is_flat ? flat : bell, is_flat ? 2 : 3),
                     LAC_OK);
    test_set(p, "phase", phase);
    test_set(p, "amount_percent", is_flat ? 100 : 0);
    LacProcessorSetup setup = test_setup(rates[k % N_RATES], 2, 1u << 17, 0, NULL);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    TestSignal in = test_noise(2, 20000, 1, k);
    assert_true(lac_processor_is_neutral(p) && returns_every_bit(p, &in));
    test_signal_free(&in);
    lac_processor_free(p);
  }
}

/* The bar: what a mixed phase sends ahead by more than 5 ms is 60 dB under its main tap, for curves within 6 dB that
 * jump from end to end. */
static void test_pre_echo(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    double worst = -300;
    for (unsigned k = 0; k < 8; k++) {
      LacCurvePoint points[8];
      for (unsigned i = 0; i < 8; i++) {
        points[i] = (LacCurvePoint){40 * pow(400, i / 7.0), (k >> i % 3 & 1) == i / 3 % 2 ? 6 : -6};
      }
      LacProcessor *p = NULL;
      assert_int_equal(lac_processor_new(lac_processor_class_find("match_eq"), &p), LAC_OK);
      assert_int_equal(lac_processor_set_points(p, test_param(p, "mid_curve", 0), points, 8), LAC_OK);
      test_set(p, "phase", 2);
      LacProcessorSetup setup = test_setup(rates[r], 1, 1u << 17, 0, NULL);
      assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
      TestSignal h = test_silence(1, 1u << 14);
      h.channels[0][0] = 1;
      test_run(p, &h, 0);
      const size_t main_tap = lac_processor_latency_frames(p), early = (size_t)(0.005 * rates[r]);
      double before = 0;
      for (size_t i = 0; i + early < main_tap; i++) {
        before += (double)h.channels[0][i] * (double)h.channels[0][i];
      }
      worst = fmax(worst, 10 * log10(before) - 20 * log10(fabs((double)h.channels[0][main_tap])));
      test_signal_free(&h);
      lac_processor_free(p);
    }
    print_message("%.0f Hz: earlier than 5 ms %.1f dB under the main tap\n", rates[r], worst);
    assert_true(worst <= -60);
  }
}

/* ---- dynamics ---- */

/* What waits under its threshold touches no bit. */
static void test_rest_is_exact(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    LacProcessor *all[] = {
        TEST_MADE("compressor", rates[r], 2, {"bands", 4}, {"*_ratio", 4}, {"*_threshold_db", -10}),
        TEST_MADE("dynamic_eq", rates[r], 2, {"band1_type", 1}, {"band1_range_db", -9}, {"band1_threshold_db", -10},
                  {"band3_type", 3}, {"band3_range_db", 6}, {"band3_threshold_db", -10}),
        TEST_MADE("resonance", rates[r], 2, {"depth_db", 24}, {"threshold_db", 18}),
        TEST_MADE("saturator", rates[r], 2, {"drive_db", 6}, {"character", 3}),
    };
    TestSignal in = test_noise(2, 20000, 0.03, r);
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
      assert_false(lac_processor_is_neutral(all[k]));
      assert_true(returns_every_bit(all[k], &in));
      lac_processor_free(all[k]);
    }
    test_signal_free(&in);
  }
}

/* The bar: within 5 % of attacks and releases that masters use. */
static void test_times(void **state) {
  (void)state;
  static const double attack_ms[] = {5, 20, 80}, release_ms[] = {60, 80, 120};
  double worst = 0;
  for (size_t k = 0; k < 3 * N_RATES; k++) {
    LacProcessor *p =
        TEST_MADE("compressor", rates[k % 3], 1, {"detector", 1}, {"band1_ratio", 4}, {"band1_threshold_db", -30},
                  {"band1_attack_ms", attack_ms[k / 3]}, {"band1_release_ms", release_ms[k / 3]});
    const double up = test_step_ms(p, -40, -10, 1) / attack_ms[k / 3] - 1,
                 down = test_step_ms(p, -10, -40, 1) / release_ms[k / 3] - 1;
    worst = fmax(worst, fmax(fabs(up), fabs(down)));
    lac_processor_free(p);
  }
  print_message("attack and release off by at most %.2f %%\n", 100 * worst);
  assert_true(worst <= 0.05);
}

/* A gliding buzz with formants; at the end of every half second a tenth of noise around 6.5 kHz with soft edges. */
static TestSignal voice(double rate_hz, size_t n) {
  const size_t every = (size_t)(0.5 * rate_hz), ess = (size_t)(0.1 * rate_hz);
  TestSignal signal = test_silence(1, n), noise = test_noise(1, n, 1.0, 12);
  double phase = 0, z[2][4] = {{0}};
  const double pole = exp(-log(1 / 0.85) * 44100 / rate_hz); /* as wide at every rate */
  for (size_t i = 0; i < n; i++) {
    const double f0 = 140 + 30 * sin(2 * LAC_PI * 0.7 * (double)i / rate_hz), into = (double)(i % every);
    double buzz = 0, hiss = (double)noise.channels[0][i];
    phase += 2 * LAC_PI * f0 / rate_hz;
    for (int h = 1; h < 30; h++) {
      const double f = h * f0, formants = exp(-pow((f - 500) / 200, 2)) + 0.5 * exp(-pow((f - 1500) / 300, 2)) +
                                          0.15 * exp(-pow((f - 2600) / 400, 2)) + 0.01;
      buzz += formants / h * sin(h * phase);
    }
    for (int k = 0; k < 2; k++) {
      const double next =
          hiss - z[k][1] + 2 * pole * cos(2 * LAC_PI * 6500 / rate_hz) * z[k][2] - pole * pole * z[k][3];
      z[k][1] = z[k][0];
      z[k][0] = hiss;
      z[k][3] = z[k][2];
      z[k][2] = next;
      hiss = (1 - pole) * next;
    }
    const double since = into - (double)(every - ess), edge = 0.005 * rate_hz;
    const double open = since > 0 ? fmin(1, fmin(since, (double)ess - since) / edge) : 0;
    signal.channels[0][i] = (float)(0.3 * (buzz * (1 - open) + 0.8 * open * hiss));
  }
  test_signal_free(&noise);
  return signal;
}

/* Change in dB of the frames within ess sounds, or of those from 50 ms after one, from 0.5 s on. */
static double change_db(const TestSignal *in, const TestSignal *out, bool of_ess, double rate_hz) {
  double sums[2] = {0};
  for (size_t i = (size_t)(0.5 * rate_hz); i < in->n_frames; i++) {
    const double place = fmod((double)i / rate_hz, 0.5);
    if (of_ess ? place > 0.41 && place < 0.49 : place > 0.05 && place < 0.4) {
      sums[0] += (double)in->channels[0][i] * (double)in->channels[0][i];
      sums[1] += (double)out->channels[0][i] * (double)out->channels[0][i];
    }
  }
  return 10 * log10(sums[1] / sums[0]);
}

/* The bars: ess sounds 6 +-1 dB down, the rest changed by less than 0.2 dB. */
static void test_de_esser(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    LacProcessor *p =
        TEST_MADE("dynamic_eq", rates[r], 1, {"band5_type", 1}, {"band5_hz", 6700}, {"band5_q", 0.5},
                  {"band5_threshold_db", -12}, {"band5_range_db", -6}, {"band5_ratio", 4}, {"band5_knee_db", 6},
                  {"band5_attack_ms", 1}, {"band5_release_ms", 60}, {"band5_detector", 1});
    TestSignal in = voice(rates[r], (size_t)(2.5 * rates[r])), out = test_copy(&in);
    test_run(p, &out, 512);
    const double ess = change_db(&in, &out, true, rates[r]), rest = change_db(&in, &out, false, rates[r]);
    print_message("%.0f Hz: ess %.2f dB, rest %.4f dB\n", rates[r], ess, rest);
    assert_true(fabs(ess + 6) <= 1 && fabs(rest) < 0.2);
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* ---- saturator ---- */

/* The bar: direct current below -100 dBFS, however lopsided the curve. */
static void test_no_direct_current(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    double worst = -300;
    for (int character = 0; character < 4; character++) {
      LacProcessor *p =
          TEST_MADE("saturator", rates[r], 1, {"character", character}, {"drive_db", 12}, {"even_percent", 300});
      const size_t n = (size_t)rates[r];
      TestSignal tone = test_sine(1, 3 * n, 500, rates[r], 0.9);
      test_run(p, &tone, 0);
      double sum = 0;
      for (size_t i = 2 * n; i < 3 * n; i++) {
        sum += (double)tone.channels[0][i];
      }
      worst = fmax(worst, 20 * log10(fabs(sum) / (double)n + 1e-30));
      test_signal_free(&tone);
      lac_processor_free(p);
    }
    print_message("%.0f Hz: direct current %.1f dBFS\n", rates[r], worst);
    assert_true(worst < -100);
  }
}

/* ---- reverb ---- */

/* The bar: at the returns and times of glue the song becomes at most 0.2 LU louder. Noise of 3 dB less per octave, by
 * Kellet's three poles: channels apart, alike, and opposite. */
static void test_room_is_no_louder(void **state) {
  (void)state;
  static const double returns_db[] = {-32, -22}, times_s[] = {0.3, 1.0};
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    double worst = 0;
    for (int k = 0; k < 12; k++) {
      LacProcessor *p =
          TEST_MADE("reverb", rates[r], 2, {"return_db", returns_db[k % 2]}, {"time_s", times_s[k / 2 % 2]});
      TestSignal in = test_noise(2, (size_t)(2.5 * rates[r]), 0.3, 4);
      for (unsigned c = 0; c < 2; c++) {
        double b[3] = {0};
        for (size_t i = 0; i < in.n_frames; i++) {
          const double w = (double)in.channels[c][i];
          b[0] = 0.99765 * b[0] + w * 0.0990460;
          b[1] = 0.96300 * b[1] + w * 0.2965164;
          b[2] = 0.57000 * b[2] + w * 1.0526913;
          in.channels[c][i] = (float)(0.3 * (b[0] + b[1] + b[2] + w * 0.1848));
        }
      }
      for (size_t i = 0; i < in.n_frames && k >= 4; i++) {
        in.channels[1][i] = k < 8 ? in.channels[0][i] : -in.channels[0][i];
      }
      TestSignal out = test_copy(&in);
      test_run(p, &out, 4096);
      worst = fmax(worst, fabs(10 * log10(test_loudness_power(&out, out.n_frames / 2, rates[r]) /
                                          test_loudness_power(&in, in.n_frames / 2, rates[r]))));
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
    print_message("%.0f Hz: a room changes the loudness by at most %.3f LU\n", rates[r], worst);
    assert_true(worst > 0 && worst <= 0.2);
  }
}

/* A room for the sides alone leaves the mono sum alone. */
static void test_room_of_the_sides(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(N_RATES); r++) {
    LacProcessor *p = TEST_MADE("reverb", rates[r], 2, {"width_percent", 200}, {"return_db", -10});
    TestSignal in = test_noise(2, 40000, 0.5, 9), out = test_copy(&in);
    test_run(p, &out, 512);
    double error = 0, song = 0;
    for (size_t i = 0; i < in.n_frames; i++) {
      const double before = (double)in.channels[0][i] + (double)in.channels[1][i];
      error += pow((double)out.channels[0][i] + (double)out.channels[1][i] - before, 2);
      song += before * before;
    }
    print_message("%.0f Hz: mono sum %.1f dB\n", rates[r], 10 * log10(error / song));
    assert_true(10 * log10(error / song) <= -120 && !test_same_bits(&in, &out));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_match_of_the_same), cmocka_unit_test(test_pre_echo),
      cmocka_unit_test(test_rest_is_exact),     cmocka_unit_test(test_times),
      cmocka_unit_test(test_de_esser),          cmocka_unit_test(test_no_direct_current),
      cmocka_unit_test(test_room_is_no_louder), cmocka_unit_test(test_room_of_the_sides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
