/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processors/test/processor_values.h"

#define PI 3.14159265358979323846

enum { OFF, BELL, LOW_SHELF, HIGH_SHELF };

#define MAKE(rate_hz, n_channels, ...) TEST_MADE("dynamic_eq", rate_hz, n_channels, __VA_ARGS__)

static double sine_gain(LacProcessor *p, double f_hz, double level_db, double rate_hz) {
  size_t n = (size_t)rate_hz;
  TestSignal sine = test_sine(p->setup.n_channels, 3 * n, f_hz, rate_hz, pow(10, level_db / 20));
  lac_processor_reset(p);
  test_run(p, &sine, 4096);
  double gain = test_line_db(sine.channels[0] + 2 * n, n, f_hz, rate_hz) - level_db;
  test_signal_free(&sine);
  return gain;
}

/* The bar: static gain of each band within 0.1 dB: at the middle of bells, on the plateau of shelves. */
static void test_static_gain(void **state) {
  (void)state;
  static const struct {
    int type;
    double hz, tone_hz;
  } bands[] = {
      {BELL, 60, 60}, {BELL, 1000, 1000}, {BELL, 12000, 12000}, {LOW_SHELF, 800, 50}, {HIGH_SHELF, 1000, 16000}};
  static const double rates[] = {44100, 48000, 96000};
  double worst = 0;
  for (int k = 0; k < 15; k++) {
    LacProcessor *p =
        MAKE(rates[k % 3], 1, {"band2_type", bands[k / 3].type}, {"band2_hz", bands[k / 3].hz}, {"band2_q", 0.71},
             {"band2_threshold_db", -30}, {"band2_ratio", 2}, {"band2_knee_db", 0}, {"band2_range_db", k % 2 ? 6 : -6});
    static const double levels[] = {-40, -24, -20, -6}, amounts[] = {0, 3, 5, 6};
    for (int l = 0; l < 4; l++) {
      double wanted = (k % 2 ? 1 : -1) * amounts[l];
      double error = fabs(sine_gain(p, bands[k / 3].tone_hz, levels[l], rates[k % 3]) - wanted);
      worst = error > worst ? error : worst;
    }
    test_set(p, "band2_direction", 1);
    double below = fabs(sine_gain(p, bands[k / 3].tone_hz, -36, rates[k % 3]) - (k % 2 ? 3 : -3));
    worst = below > worst ? below : worst;
    lac_processor_free(p);
  }
  print_message("static gain: worst error %.4f dB\n", worst);
  assert_true(worst <= 0.1);
}

/* ---- a voice with ess sounds, and where they are ---- */

enum { RATE = 44100, ESS_FRAMES = RATE / 10, ESS_EVERY = RATE / 2, VOICE_FRAMES = 6 * RATE };

static bool is_ess(size_t frame) {
  return frame % ESS_EVERY >= ESS_EVERY - ESS_FRAMES;
}

/* A gliding buzz with formants; every half second a tenth of a second of noise around 6.5 kHz, with soft edges. */
static TestSignal voice(double gain) {
  TestSignal signal = test_silence(1, VOICE_FRAMES), noise = test_noise(1, VOICE_FRAMES, 1.0, 12);
  double phase = 0, z[2][4] = {{0}};
  for (size_t i = 0; i < VOICE_FRAMES; i++) {
    double f0 = 140 + 30 * sin(2 * PI * 0.7 * (double)i / RATE), x = 0;
    phase += 2 * PI * f0 / RATE;
    for (int h = 1; h < 40; h++) {
      double f = h * f0, formants = exp(-pow((f - 500) / 200, 2)) + 0.5 * exp(-pow((f - 1500) / 300, 2)) +
                                    0.15 * exp(-pow((f - 2600) / 400, 2)) + 0.01;
      x += formants / h * sin(h * phase);
    }
    double y = (double)noise.channels[0][i];
    for (int k = 0; k < 2; k++) { /* resonance at 6.5 kHz with zeros at both ends, twice */
      double next = y - z[k][1] + 2 * 0.85 * cos(2 * PI * 6500 / RATE) * z[k][2] - 0.85 * 0.85 * z[k][3];
      z[k][1] = z[k][0];
      z[k][0] = y;
      z[k][3] = z[k][2];
      z[k][2] = next;
      y = 0.15 * next;
    }
    double into = (double)(i % ESS_EVERY) - (ESS_EVERY - ESS_FRAMES), edge = 0.005 * RATE;
    double open = is_ess(i) ? fmin(1, fmin(into, ESS_FRAMES - into) / edge) : 0;
    signal.channels[0][i] = (float)(gain * (x * (1 - open) + 0.8 * open * y));
  }
  test_signal_free(&noise);
  return signal;
}

/* Energy in dB of frames of one kind, ess sounds without their first and last 10 ms, the rest 50 ms after one. */
static double energy_db(const TestSignal *signal, bool of_ess) {
  double sum = 0;
  size_t margin = of_ess ? RATE / 100 : RATE / 20;
  for (size_t i = RATE; i < VOICE_FRAMES - margin; i++) {
    bool belongs = is_ess(i) == of_ess && is_ess(i - margin) == of_ess && (!of_ess || is_ess(i + margin) == of_ess);
    sum += belongs ? (double)signal->channels[0][i] * (double)signal->channels[0][i] : 0;
  }
  return 10 * log10(sum);
}

#define DE_ESSER                                                                                                       \
  {"band5_type", BELL}, {"band5_hz", 6700}, {"band5_q", 0.5}, {"band5_threshold_db", -12}, {"band5_range_db", -6},     \
      {"band5_ratio", 4}, {"band5_knee_db", 6}, {"band5_attack_ms", 1}, {"band5_release_ms", 60}, {                    \
    "band5_detector", 1                                                                                                \
  }

/* The bars: ess energy down 6 +-1 dB, other frames changed by less than 0.2 dB, at any level. */
static void test_de_esser(void **state) {
  (void)state;
  for (int level_db = 0; level_db >= -30; level_db -= 15) {
    LacProcessor *p = MAKE(RATE, 1, DE_ESSER);
    TestSignal in = voice(0.3 * pow(10, level_db / 20.0)), out = test_copy(&in);
    test_run(p, &out, 512);
    double ess = energy_db(&out, true) - energy_db(&in, true), rest = energy_db(&out, false) - energy_db(&in, false);
    print_message("voice at %d dB: ess %.2f dB, rest %.4f dB\n", level_db, ess, rest);
    assert_true(fabs(ess + 6) < 1 && fabs(rest) < 0.2);
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* Under the threshold every bit stays, also while other bands wait. */
static void test_rest_is_exact(void **state) {
  (void)state;
  for (unsigned k = 0; k < TEST_N_ODD_SIGNALS; k++) {
    TestSignal in = test_odd_signal(k, 2, 9000), out;
    for (size_t i = 0; i < 2 * in.n_frames; i++) {
      float x = in.channels[i % 2][i / 2];
      in.channels[i % 2][i / 2] = fabsf(x) > 0.01F ? copysignf(0.01F, x) : x;
    }
    LacProcessor *p =
        MAKE(48000, 2, {"band1_type", BELL}, {"band1_range_db", -9}, {"band1_threshold_db", -10},
             {"band3_type", HIGH_SHELF}, {"band3_range_db", 6}, {"band3_threshold_db", -10}, {"band4_type", LOW_SHELF},
             {"band4_range_db", 6}, {"band4_threshold_db", -10}, {"band4_channel", 2});
    out = test_copy(&in);
    test_run(p, &out, 100);
    assert_false(lac_processor_is_neutral(p));
    assert_true(test_same_bits(&in, &out));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* A band of the middle leaves the sides alone, and the other way round; mono is all middle. */
static void test_channels(void **state) {
  (void)state;
  for (int channel = 1; channel <= 2; channel++) {
    LacProcessor *p = MAKE(48000, 2, {"band1_type", BELL}, {"band1_hz", 1000}, {"band1_range_db", -12},
                           {"band1_threshold_db", -40}, {"band1_channel", channel});
    TestSignal in = test_sine(2, 48000, 1000, 48000, 0.4), other = test_sine(2, 48000, 1100, 48000, 0.2);
    for (size_t i = 0; i < in.n_frames; i++) { /* mid: 1000 Hz, side: 1100 Hz */
      in.channels[0][i] += other.channels[0][i];
      in.channels[1][i] -= other.channels[1][i];
    }
    test_run(p, &in, 512);
    double worst = 0;
    for (size_t i = 0; i < in.n_frames; i++) {
      double mid = 0.5 * ((double)in.channels[0][i] + (double)in.channels[1][i]);
      double side = 0.5 * ((double)in.channels[0][i] - (double)in.channels[1][i]);
      double wanted = channel == 1 ? (double)other.channels[0][i] : 2 * (double)other.channels[0][i];
      double got = channel == 1 ? side : 0.5 * mid;
      double reference = channel == 1 ? wanted : 0.2 * sin(2 * PI * 1000 / 48000.0 * (double)i);
      worst = fmax(worst, fabs(got - reference));
    }
    assert_true(worst < 2e-6);
    test_signal_free(&in);
    test_signal_free(&other);
    lac_processor_free(p);
  }
  LacProcessor *mono = MAKE(48000, 1, {"band1_type", BELL}, {"band1_range_db", -12}, {"band1_channel", 2});
  assert_true(lac_processor_is_neutral(mono));
  lac_processor_free(mono);
}

/* What the rate cannot carry rests. */
static void test_low_rates(void **state) {
  (void)state;
  LacProcessor *p = MAKE(16000, 2, {"band6_type", HIGH_SHELF}, {"band6_range_db", -12});
  assert_true(lac_processor_is_neutral(p));
  lac_processor_free(p);
}

/* 63 % times: a tone in a bell, whose envelope the detector reads without ripple. */
static void test_times(void **state) {
  (void)state;
  enum { N = 96000 };
  static float minimum[2 * N], mean[2 * N];
  LacProcessor *p = MAKE(48000, 1, {"band1_type", BELL}, {"band1_hz", 8000}, {"band1_q", 0.5}, {"band1_ratio", 2},
                         {"band1_range_db", -24}, {"band1_threshold_db", -30}, {"band1_knee_db", 0},
                         {"band1_attack_ms", 40}, {"band1_release_ms", 200});
  TestSignal in = test_sine(1, 2 * N, 8000, 48000, 1.0), out;
  for (size_t i = 0; i < in.n_frames; i++) {
    in.channels[0][i] *= i > N / 2 && i < N ? 0.3F : 0.0316F;
  }
  LacReadoutTrack tracks[6] = {{minimum, mean, 2 * N, 0}};
  LacProcessorSetup setup = test_setup(48000, 1, 2 * N, 2 * N, tracks);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  out = test_copy(&in);
  test_run(p, &out, 480);
  double full = (double)mean[N / 480 - 1];
  size_t up = N / 2 / 480, down = N / 480;
  while ((double)mean[up] > (1 - exp(-1)) * full) {
    up++;
  }
  while ((double)mean[down] < exp(-1) * full) {
    down++;
  }
  double attack_ms = 10.0 * (double)(up - N / 2 / 480), release_ms = 10.0 * (double)(down - N / 480);
  print_message("full %.2f dB, attack %.0f ms, release %.0f ms\n", full, attack_ms, release_ms);
  assert_true(fabs(attack_ms - 40) <= 10 && fabs(release_ms - 200) <= 20);
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Noise that is quieter than the threshold on average: its louder moments pull a narrow band down by little. */
static void test_noise_in_a_narrow_band(void **state) {
  (void)state;
  enum { N = 10 * 48000 };
  static float minimum[N / 480 + 1], mean[N / 480 + 1];
  LacProcessor *p = MAKE(48000, 1, {"band1_type", BELL}, {"band1_hz", 2000}, {"band1_q", 20}, {"band1_ratio", 20},
                         {"band1_range_db", -12}, {"band1_threshold_db", -26}, {"band1_knee_db", 0},
                         {"band1_attack_ms", 15}, {"band1_release_ms", 120});
  LacReadoutTrack tracks[6] = {{minimum, mean, N / 480 + 1, 0}};
  LacProcessorSetup setup = test_setup(48000, 1, N, N, tracks);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  TestSignal noise = test_noise(1, N, 1.0, 7);
  test_run(p, &noise, 480);
  double sum = 0;
  for (size_t i = 10; i < tracks[0].count; i++) {
    sum += (double)mean[i];
  }
  const double pulled_db = sum / (double)(tracks[0].count - 10);
  print_message("noise pulls a narrow band down by %.2f dB\n", pulled_db);
  assert_true(pulled_db > -2);
  test_signal_free(&noise);
  lac_processor_free(p);
}

static double splatter_db(const TestSignal *signal, size_t first, size_t n, double hz, double rate_hz) {
  double *spectrum = test_spectrum(signal->channels[0] + first, n);
  double inside = 0, outside = 0;
  for (size_t k = 0; k <= n / 2; k++) {
    double f = (double)k * rate_hz / (double)n, distance = fabs(f / hz - rint(f / hz)) * hz;
    double *place = distance < 400 && f > 0.5 * hz ? &inside : &outside;
    *place = spectrum[k] > *place ? spectrum[k] : *place;
  }
  free(spectrum);
  return 20.0 * log10(outside / inside);
}

/* Any value stepped under a full-scale sine leaves nothing above -80 dB outside the harmonics. */
static void test_no_clicks(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double from, to;
  } steps[] = {{"band1_type", 0, 1},        {"band1_type", 1, 0},           {"band1_type", 1, 2},
               {"band1_type", 3, 1},        {"band1_hz", 300, 9000},        {"band1_hz", 3000, 100},
               {"band1_q", 0.1, 20},        {"band1_threshold_db", 0, -60}, {"band1_range_db", 0, 12},
               {"band1_range_db", -24, 24}, {"band1_range_db", -12, 0},     {"band1_ratio", 1, 20},
               {"band1_direction", 0, 1},   {"band1_detector", 1, 0},       {"band1_channel", 0, 1},
               {"band1_channel", 2, 0},     {"band1_attack_ms", 300, 0.1},  {"band1_release_ms", 5000, 5},
               {"band1_knee_db", 0, 30}};
  enum { N = 32768, AT = 40000 };
  const double rate_hz = 48000, hz = 3000;
  double worst = -200;
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
    LacProcessor *p = MAKE(rate_hz, 2, {"band1_type", BELL}, {"band1_hz", 2500}, {"band1_range_db", -12},
                           {"band1_attack_ms", 2}, {"band1_release_ms", 50}, {steps[k].id, steps[k].from});
    TestSignal sine = test_sine(2, AT + N, hz, rate_hz, 1.0), head = sine, tail = sine;
    head.n_frames = AT + N / 2 - 8000;
    tail.n_frames -= head.n_frames;
    for (unsigned c = 0; c < 2; c++) {
      tail.channels[c] += head.n_frames;
    }
    for (size_t i = 0; i < sine.n_frames; i++) {
      sine.channels[1][i] *= 0.5F;
    }
    test_run(p, &head, 480);
    test_set(p, steps[k].id, steps[k].to);
    test_run(p, &tail, 480);
    double during = splatter_db(&sine, AT, N, hz, rate_hz);
    if (during > -90) {
      print_message("%-22s %6g -> %6g: %.1f dB\n", steps[k].id, steps[k].from, steps[k].to, during);
    }
    worst = during > worst ? during : worst;
    test_signal_free(&sine);
    lac_processor_free(p);
  }
  print_message("loudest splatter of a step: %.1f dB\n", worst);
  assert_true(worst < -80);
}

/* Gains in straight lines from point to point, as far apart as they ever are: a sine whose level swings by 20 dB, 30
 * times a second, gets no image of itself around their frequency of 3 kHz. */
static void test_points_are_close(void **state) {
  (void)state;
  enum { N = 32768, AT = 40000 };
  const double rate_hz = 48000, hz = 2000;
  LacProcessor *p = MAKE(rate_hz, 1, {"band1_type", BELL}, {"band1_hz", hz}, {"band1_threshold_db", -40},
                         {"band1_range_db", -12}, {"band1_attack_ms", 10}, {"band1_release_ms", 10});
  TestSignal sine = test_sine(1, AT + N, hz, rate_hz, 1.0);
  for (size_t i = 0; i < sine.n_frames; i++) {
    sine.channels[0][i] *= (float)pow(10, (-12 + 10 * cos(2 * PI * 30 * (double)i / rate_hz)) / 20);
  }
  test_run(p, &sine, 480);
  double *spectrum = test_spectrum(sine.channels[0] + AT, N), image = 0;
  for (size_t k = (size_t)(4500 * N / rate_hz); k < (size_t)(5500 * N / rate_hz); k++) {
    image = fmax(image, spectrum[k]);
  }
  free(spectrum);
  print_message("images of the control points: %.1f dBFS\n", 20 * log10(image));
  assert_true(20 * log10(image) < -120);
  test_signal_free(&sine);
  lac_processor_free(p);
}

static void test_changes_arrive(void **state) {
  (void)state;
  LacProcessor *moved = MAKE(44100, 2, {"band1_type", BELL}, {"band1_range_db", 6}, {"band4_type", HIGH_SHELF},
                             {"band4_range_db", -6}, {"band4_channel", 1});
  LacProcessor *fixed = MAKE(44100, 2, {"band1_type", LOW_SHELF}, {"band1_range_db", -9}, {"band1_hz", 300},
                             {"band3_type", BELL}, {"band3_range_db", -6}, {"band3_threshold_db", -40});
  test_set(moved, "band1_type", LOW_SHELF);
  test_set(moved, "band1_range_db", -9);
  test_set(moved, "band1_hz", 300);
  test_set(moved, "band3_type", BELL);
  test_set(moved, "band3_range_db", -6);
  test_set(moved, "band3_threshold_db", -40);
  test_set(moved, "band4_type", OFF);
  TestSignal a = test_noise(2, 200000, 0.5, 5), b = test_copy(&a);
  test_run(moved, &a, 512);
  test_run(fixed, &b, 512);
  for (size_t i = 150000; i < a.n_frames; i++) {
    assert_true(fabsf(a.channels[0][i] - b.channels[0][i]) < 2e-6F);
    assert_true(fabsf(a.channels[1][i] - b.channels[1][i]) < 2e-6F);
  }
  test_set(moved, "band1_range_db", 0);
  test_set(moved, "band3_type", OFF);
  assert_false(lac_processor_is_neutral(moved));
  test_run(moved, &a, 512);
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

/* The same bits from every compiler, optimisation level and machine. When the sound is changed on purpose, `revision`
 * grows and the value below is replaced by what this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  const uint64_t golden = 0x93a041a590f43842u;
  LacProcessor *p = MAKE(44100, 2, {"band1_type", LOW_SHELF}, {"band1_range_db", 6}, {"band2_type", BELL},
                         {"band2_range_db", -9}, {"band2_direction", 1}, {"band3_type", HIGH_SHELF},
                         {"band3_range_db", -6}, {"band3_detector", 1}, {"band5_type", BELL}, {"band5_range_db", -12},
                         {"band5_channel", 1}, {"band6_type", HIGH_SHELF}, {"band6_range_db", 4}, {"band6_channel", 2});
  TestSignal signal = test_noise(2, 40000, 0.5, 2026), rest = signal;
  rest.n_frames = 8000;
  test_run(p, &rest, 1000);
  test_set(p, "band1_range_db", -6);
  test_set(p, "band2_hz", 400);
  test_set(p, "band5_type", OFF);
  test_set(p, "band6_channel", 0);
  rest.n_frames = 32000;
  rest.channels[0] += 8000;
  rest.channels[1] += 8000;
  test_run(p, &rest, 1000);
  uint64_t hash = test_hash(&signal, TEST_HASH_BEGIN);
  print_message("golden: 0x%016llxu\n", (unsigned long long)hash);
  assert_true(hash == golden);
  test_signal_free(&signal);
  lac_processor_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_static_gain),
      cmocka_unit_test(test_de_esser),
      cmocka_unit_test(test_rest_is_exact),
      cmocka_unit_test(test_channels),
      cmocka_unit_test(test_low_rates),
      cmocka_unit_test(test_times),
      cmocka_unit_test(test_noise_in_a_narrow_band),
      cmocka_unit_test(test_no_clicks),
      cmocka_unit_test(test_points_are_close),
      cmocka_unit_test(test_changes_arrive),
      cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
