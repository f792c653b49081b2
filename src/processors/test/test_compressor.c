/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "processors/test/processor_values.h"

#define PI 3.14159265358979323846

#define MAKE(rate_hz, n_channels, ...) TEST_MADE("compressor", rate_hz, n_channels, __VA_ARGS__)

/* Gain in dB that a sine gets once everything has settled, over its last second. */
static double sine_gain(LacProcessor *p, double f_hz, double level_db, double rate_hz) {
  size_t n = (size_t)rate_hz;
  TestSignal sine = test_sine(p->setup.n_channels, 4 * n, f_hz, rate_hz, pow(10, level_db / 20));
  lac_processor_reset(p);
  test_run(p, &sine, 4096);
  double gain = test_line_db(sine.channels[0] + 3 * n, n, f_hz, rate_hz) - level_db;
  test_signal_free(&sine);
  return gain;
}

static double wanted_gain(double level_db, double threshold_db, double ratio, double knee_db) {
  double over = level_db - threshold_db, slope = 1 / ratio - 1;
  if (2 * over < -knee_db) {
    return 0;
  }
  return 2 * fabs(over) <= knee_db ? slope * pow(over + knee_db / 2, 2) / (2 * knee_db) : slope * over;
}

/* The bar: static curve within 0.05 dB, both detectors, three rates. */
static void test_static_curve(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  double worst = 0;
  for (size_t k = 0; k < 6; k++) {
    LacProcessor *p = MAKE(rates[k % 3], 1, {"band1_ratio", 2}, {"band1_threshold_db", -20}, {"band1_knee_db", 6},
                           {"detector", (double)(k / 3)}, {"band1_attack_ms", 10}, {"band1_release_ms", 200});
    for (double level = -26; level <= 0; level += k % 3 == 0 ? 2 : 7) {
      double error = fabs(sine_gain(p, 1000, level, rates[k % 3]) - wanted_gain(level, -20, 2, 6));
      worst = error > worst ? error : worst;
    }
    lac_processor_free(p);
  }
  print_message("static curve: worst error %.4f dB\n", worst);
  assert_true(worst <= 0.05);
}

/* In the middle of a band the gain of that band; half way between two where they meet (shelves). */
static void test_bands_reach_their_gain(void **state) {
  (void)state;
  for (int structure = 0; structure < 2; structure++) {
    LacProcessor *p =
        MAKE(44100, 1, {"bands", 3}, {"band_structure", structure}, {"crossover1_hz", 150}, {"crossover2_hz", 3000},
             {"band2_ratio", 2}, {"band2_threshold_db", -26}, {"band2_knee_db", 0}, {"band_coupling_db", 60});
    double middle = sine_gain(p, 671, -18, 44100), low = sine_gain(p, 30, -18, 44100);
    double high = sine_gain(p, 15000, -18, 44100);
    print_message("structure %d: middle %.3f (wanted -4), low %.3f, high %.3f\n", structure, middle, low, high);
    assert_true(fabs(middle + 4) < 0.02 && fabs(low) < 0.05 && fabs(high) < 0.05);
    lac_processor_free(p);
  }
}

/* The bar: 63 % times within 5 % of what is set. */
static void test_times(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000}, attack[] = {1, 10, 30}, release[] = {60, 100, 400};
  for (size_t k = 0; k < 3; k++) {
    LacProcessor *p = MAKE(rates[k], 1, {"detector", 1}, {"band1_ratio", 4}, {"band1_threshold_db", -30},
                           {"band1_attack_ms", attack[k]}, {"band1_release_ms", release[k]});
    double up = test_step_ms(p, -40, -10, 3);
    double down = test_step_ms(p, -10, -40, 3);
    print_message("attack %.0f: %.2f ms, release %.0f: %.1f ms\n", attack[k], up, release[k], down);
    assert_true(fabs(up / attack[k] - 1) < 0.05 && fabs(down / release[k] - 1) < 0.05);
    lac_processor_free(p);
  }
}

/* 63 % times of a tone in the middle of a band, whose filters overshoot when it gets louder: attack, then release. The
 * gain is that of the power over half a period. */
static void tone_times_ms(LacProcessor *p, size_t period, double times_ms[2]) {
  const size_t half = (size_t)p->setup.rate_hz, n = 2 * half, window = period / 2;
  TestSignal in = test_silence(1, n), out;
  double gains[2][2], *gain = calloc(n, sizeof *gain);
  for (size_t i = 0; i < n; i++) {
    in.channels[0][i] = (float)((i >= half / 2 && i < half + half / 2 ? 0.316 : 0.01) *
                                sin(2 * PI * (double)(i % period) / (double)period));
  }
  out = test_copy(&in);
  test_run(p, &out, 1000);
  for (size_t i = 0; i + window < n; i++) {
    double power[2] = {0};
    for (size_t k = i; k < i + window; k++) {
      power[0] += pow(in.channels[0][k], 2);
      power[1] += pow(out.channels[0][k], 2);
    }
    gain[i + window / 2] = 10 * log10(power[1] / power[0]);
  }
  for (int way = 0; way < 2; way++) {
    const size_t at = half / 2 + way * half, end = at + half / 2 - period;
    gains[way][0] = gain[at - period];
    gains[way][1] = gain[end];
    size_t i = end;
    while (fabs(gain[i] - gains[way][1]) < exp(-1) * fabs(gains[way][1] - gains[way][0])) {
      i--;
    }
    times_ms[way] = (double)(i - at) / p->setup.rate_hz * 1e3;
  }
  test_signal_free(&in);
  test_signal_free(&out);
  free(gain);
}

/* The bar holds in bands too, in both structures. */
static void test_times_of_bands(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  for (int k = 0; k < 6; k++) {
    double times_ms[2];
    LacProcessor *p =
        MAKE(rates[k % 3], 1, {"detector", 1}, {"bands", 4}, {"band_structure", k / 3}, {"*_ratio", 2},
             {"*_threshold_db", -30}, {"*_knee_db", 0}, {"*_attack_ms", 30}, {"*_release_ms", 100},
             {"crossover1_hz", 200}, {"crossover2_hz", 1000}, {"crossover3_hz", 8000}, {"band_coupling_db", 60});
    tone_times_ms(p, k % 3 == 2 ? 34 : 16, times_ms);
    print_message("%g Hz, structure %d: attack %.2f ms, release %.1f ms\n", rates[k % 3], k / 3, times_ms[0],
                  times_ms[1]);
    assert_true(fabs(times_ms[0] / 30 - 1) < 0.05 && fabs(times_ms[1] / 100 - 1) < 0.05);
    lac_processor_free(p);
  }
}

/* Milliseconds from the first frame of a louder square wave until the gain is 63 % down. */
static double attack_time_ms(LacProcessor *p, size_t onset, double rate_hz) {
  const size_t n = onset + (size_t)(0.2 * rate_hz);
  TestSignal in = test_silence(1, n), out;
  for (size_t i = 0; i < n; i++) {
    in.channels[0][i] = i < onset ? 0.001F : i / 20 % 2 ? 0.3F : -0.3F;
  }
  out = test_copy(&in);
  lac_processor_reset(p);
  test_run(p, &out, 77);
  double full = log((double)(out.channels[0][n - 1] / in.channels[0][n - 1])), before = 0, now = 0;
  size_t i = onset;
  for (; now < 1 - exp(-1); i++) {
    before = now;
    now = log((double)(out.channels[0][i] / in.channels[0][i])) / full;
  }
  test_signal_free(&in);
  test_signal_free(&out);
  return ((double)(i - onset) - (now - (1 - exp(-1))) / (now - before)) / rate_hz * 1e3;
}

/* Wherever between control points a sound begins: within 5 % and the half frame that sampling costs. */
static void test_every_attack(void **state) {
  (void)state;
  static const double attacks[] = {0.1, 0.3, 0.6, 1, 3, 9, 12};
  for (int k = 0; k < 14; k++) {
    const double rate_hz = k < 7 ? 44100 : 96000, attack_ms = attacks[k % 7], frame_ms = 1e3 / rate_hz;
    LacProcessor *p = MAKE(rate_hz, 1, {"detector", 1}, {"band1_ratio", 4}, {"band1_threshold_db", -30},
                           {"band1_attack_ms", attack_ms}, {"band1_release_ms", 500});
    double least = 1e9, most = 0;
    for (size_t onset = 1000; onset < 1032; onset += 3) {
      double ms = attack_time_ms(p, onset, rate_hz);
      least = ms < least ? ms : least;
      most = ms > most ? ms : most;
    }
    print_message("attack %g ms at %g Hz: %.3f to %.3f ms\n", attack_ms, rate_hz, least, most);
    assert_true(least >= 0.95 * attack_ms - 0.5 * frame_ms && most <= 1.05 * attack_ms + 0.5 * frame_ms);
    lac_processor_free(p);
  }
}

/* The bar: 50 Hz at 4 dB reduction in glue mode, all distortion at most -50 dB; and no tone much more than others. */
static double glue_distortion_db(double f_hz, double rate_hz, double steady_ms, double *gain_db) {
  LacProcessor *p = MAKE(rate_hz, 1, {"band1_ratio", 2}, {"band1_threshold_db", -18}, {"band1_attack_ms", 30},
                         {"band1_release_ms", 200}, {"steady_release_ms", steady_ms});
  size_t n = (size_t)rate_hz;
  TestSignal sine = test_sine(1, 8 * n, f_hz, rate_hz, pow(10, -10 / 20.0));
  test_run(p, &sine, 4096);
  double power = 0;
  for (int k = 2; k < 10; k++) {
    power += pow(10, test_line_db(sine.channels[0] + 7 * n, n, k * f_hz, rate_hz) / 10);
  }
  double first = test_line_db(sine.channels[0] + 7 * n, n, f_hz, rate_hz);
  *gain_db = first + 10;
  test_signal_free(&sine);
  lac_processor_free(p);
  return 10 * log10(power) - first;
}

static void test_glue_is_clean(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  for (size_t k = 0; k < 3; k++) {
    double gain, plain = glue_distortion_db(50, rates[k], 0, &gain);
    double steady = glue_distortion_db(50, rates[k], 2000, &gain);
    print_message("50 Hz at %.2f dB: THD %.1f dB, with a steady release %.1f dB\n", gain, plain, steady);
    assert_true(fabs(gain + 4) < 0.01);
    assert_true(plain <= -140 && steady <= -140);
  }
  static const double tones_hz[] = {31, 40, 63, 80, 100, 160, 250};
  for (size_t k = 0; k < 7; k++) {
    double gain, plain = glue_distortion_db(tones_hz[k], 44100, 0, &gain);
    print_message("%.0f Hz at %.2f dB: THD %.1f dB\n", tones_hz[k], gain, plain);
    assert_true(fabs(gain + 4) < 0.01 && plain <= -135);
  }
}

/* Under the threshold: every bit, whatever the bands. Above it in one band, the others keep their level. */
static void test_rest_is_exact(void **state) {
  (void)state;
  for (unsigned k = 0; k < TEST_N_ODD_SIGNALS; k++) {
    TestSignal in = test_odd_signal(k, 2, 9000);
    float peak = 0;
    for (size_t i = 0; i < 2 * in.n_frames; i++) {
      float x = fabsf(in.channels[i % 2][i / 2]);
      peak = x > peak ? x : peak;
    }
    for (size_t i = 0; peak > 0.1F && i < 2 * in.n_frames; i++) {
      in.channels[i % 2][i / 2] *= 0.01F / peak;
    }
    LacProcessor *p = MAKE(48000, 2, {"bands", 5}, {"*_ratio", 4}, {"*_threshold_db", -10}, {"lookahead_ms", k});
    TestSignal out = test_copy(&in);
    test_run(p, &out, 777);
    size_t latency = lac_processor_latency_frames(p);
    assert_false(lac_processor_is_neutral(p));
    for (unsigned c = 0; c < 2; c++) {
      assert_memory_equal(in.channels[c], out.channels[c] + latency, (in.n_frames - latency) * sizeof(float));
    }
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* The bar: the crossover structure at rest is flat within 0.01 dB. */
static void test_crossover_is_flat(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  double worst = 0;
  for (size_t k = 0; k < 3; k++) {
    LacProcessor *p = MAKE(rates[k], 1, {"bands", 5}, {"band_structure", 1});
    assert_false(lac_processor_is_neutral(p));
    TestSignal impulse = test_silence(1, 1u << 15);
    impulse.channels[0][0] = 0.5F;
    test_run(p, &impulse, 500);
    for (int i = 0; i < 60; i++) {
      double f = 20 * pow(0.49 * rates[k] / 20, i / 59.0);
      double error = fabs(test_response_db(impulse.channels[0], impulse.n_frames, 0.5, f, rates[k]));
      worst = error > worst ? error : worst;
    }
    test_signal_free(&impulse);
    lac_processor_free(p);
  }
  print_message("crossover at rest: %.6f dB\n", worst);
  assert_true(worst <= 0.01);
}

static void test_upward(void **state) {
  (void)state;
  for (int detector = 0; detector < 2; detector++) {
    LacProcessor *p =
        MAKE(48000, 2, {"band1_upward_ratio", 2}, {"band1_upward_threshold_db", -30}, {"band1_upward_range_db", 8},
             {"band1_knee_db", 0}, {"noise_floor_db", -80}, {"detector", detector});
    static const double at[] = {-20, -36, -42, -50, -62, -68, -74, -80};
    static const double lifted[] = {0, 3, 6, 8, 8, 4, 0, 0};
    for (size_t i = 0; i < 8; i++) {
      double gain = sine_gain(p, 1000, at[i], 48000);
      assert_true(fabs(gain - lifted[i]) < 0.1);
    }
    TestSignal loud = test_sine(2, 48000, 1000, 48000, 0.5), silence = test_silence(2, 96000);
    test_run(p, &loud, 100);
    test_run(p, &silence, 100);
    test_signal_free(&loud);
    test_signal_free(&silence);
    lac_processor_free(p);
  }
}

/* Parallel: (1 - m) x + m y, y with its makeup. */
static void test_mix(void **state) {
  (void)state;
  LacProcessor *p = MAKE(44100, 2, {"band1_ratio", 20}, {"band1_threshold_db", -30}, {"band1_knee_db", 0},
                         {"band1_makeup_db", 6}, {"mix_percent", 40});
  double wet = pow(10, (6 - 0.95 * 20) / 20), wanted = 20 * log10(0.6 + 0.4 * wet);
  assert_true(fabs(sine_gain(p, 1000, -10, 44100) - wanted) < 0.05);
  lac_processor_free(p);
}

/* One loud band drags the others along as far as the coupling says; apart from the makeup. */
static void test_coupling(void **state) {
  (void)state;
  for (int coupling = 0; coupling <= 60; coupling += 4) {
    LacProcessor *p = MAKE(44100, 1, {"bands", 2}, {"crossover1_hz", 1000}, {"*_ratio", 2}, {"*_threshold_db", -20},
                           {"band_structure", 1}, {"band_coupling_db", coupling}, {"*_attack_ms", 5});
    TestSignal both = test_sine(1, 88200, 100, 44100, 1.0), quiet = test_sine(1, 88200, 8000, 44100, 0.001);
    for (size_t i = 0; i < both.n_frames; i++) {
      both.channels[0][i] += quiet.channels[0][i];
    }
    test_run(p, &both, 512);
    double low = test_line_db(both.channels[0] + 44100, 44100, 100, 44100);
    double high = test_line_db(both.channels[0] + 44100, 44100, 8000, 44100) + 60;
    double beyond = coupling < 10 ? 0.5 * (10 - coupling) : 0; /* wanted: -10 and 0 */
    assert_true(fabs(low + 10 - beyond) < 0.15 && fabs(high + beyond) < 0.15);
    test_signal_free(&both);
    test_signal_free(&quiet);
    lac_processor_free(p);
  }
}

/* Linked: one channel's loudness turns both down; unlinked: only itself. The louder one decides. */
static void test_link(void **state) {
  (void)state;
  static const double links[] = {100, 50, 0}, quiet_gain[] = {-10, -5, 0};
  for (size_t k = 0; k < 3; k++) {
    LacProcessor *p = MAKE(48000, 2, {"band1_ratio", 2}, {"band1_threshold_db", -20}, {"link_percent", links[k]});
    TestSignal sine = test_sine(2, 96000, 1000, 48000, 1.0);
    for (size_t i = 0; i < sine.n_frames; i++) {
      sine.channels[1][i] *= 0.01F;
    }
    test_run(p, &sine, 512);
    assert_true(fabs(test_line_db(sine.channels[0] + 48000, 48000, 1000, 48000) + 10) < 0.05);
    assert_true(fabs(test_line_db(sine.channels[1] + 48000, 48000, 1000, 48000) + 40 - quiet_gain[k]) < 0.05);
    test_signal_free(&sine);
    lac_processor_free(p);
  }
}

/* The side-chain high-pass: bass does not turn the whole down, and keeps its level. */
static void test_side_chain(void **state) {
  (void)state;
  LacProcessor *p = MAKE(48000, 1, {"band1_ratio", 4}, {"band1_threshold_db", -20}, {"band1_knee_db", 0},
                         {"sidechain_highpass_hz", 150});
  assert_true(fabs(sine_gain(p, 40, -10, 48000)) < 0.05);
  assert_true(fabs(sine_gain(p, 2000, -10, 48000) + 7.5) < 0.1);
  lac_processor_free(p);
}

/* The times set are those of a sine: a square wave (C^2 = 1) gets twice as long ones, a sound of short peaks shorter.
 */
static void test_auto_times(void **state) {
  (void)state;
  double square_ms[2], peaks_db[2];
  for (int is_auto = 0; is_auto < 2; is_auto++) {
    LacProcessor *p = MAKE(48000, 1, {"band1_ratio", 4}, {"band1_threshold_db", -30}, {"auto_times", is_auto},
                           {"band1_attack_ms", 20}, {"band1_release_ms", 300}, {"detector", 1});
    square_ms[is_auto] = test_step_ms(p, -10, -40, 3);
    lac_processor_reset(p);
    TestSignal peaks = test_silence(1, 96000);
    for (size_t i = 0; i < peaks.n_frames; i++) { /* 2 ms of a tone every 100 ms, then a quiet probe */
      peaks.channels[0][i] = (float)((i % 4800 < 96 ? 0.9 : 0.001) * sin(0.5 * (double)i));
    }
    double before = test_line_db(peaks.channels[0] + 91200 + 2400, 1200, 0.5 / (2 * PI) * 48000, 48000);
    test_run(p, &peaks, 512);
    peaks_db[is_auto] = test_line_db(peaks.channels[0] + 91200 + 2400, 1200, 0.5 / (2 * PI) * 48000, 48000) - before;
    test_signal_free(&peaks);
    lac_processor_free(p);
  }
  print_message("square %.0f and %.0f ms, between peaks %.2f and %.2f dB\n", square_ms[0], square_ms[1], peaks_db[0],
                peaks_db[1]);
  assert_true(fabs(square_ms[0] / 300 - 1) < 0.05 && fabs(square_ms[1] / 600 - 1) < 0.1);
  assert_true(peaks_db[1] > peaks_db[0] + 1);
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

/* The bar: any value stepped under a full-scale sine leaves nothing above -80 dB outside the harmonics. */
static void test_no_clicks(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double from, to;
  } steps[] = {{"*_threshold_db", -20, -60}, {"*_threshold_db", -60, 0},
               {"*_ratio", 1, 20},           {"*_ratio", 20, 1},
               {"*_knee_db", 0, 30},         {"*_makeup_db", -6, 12},
               {"*_makeup_db", 24, 0},       {"mix_percent", 0, 100},
               {"mix_percent", 100, 0},      {"*_attack_ms", 300, 0.1},
               {"*_release_ms", 5000, 5},    {"crossover1_hz", 120, 3000},
               {"crossover2_hz", 4000, 300}, {"band_coupling_db", 0, 60},
               {"band2_makeup_db", 0, 24},   {"sidechain_highpass_hz", 20, 500},
               {"auto_times", 0, 1},         {"steady_release_ms", 0, 500},
               {"detector_ms", 200, 1},      {"*_upward_ratio", 1, 4},
               {"*_upward_ratio", 4, 1},     {"*_upward_range_db", 24, 0},
               {"noise_floor_db", -120, -30}};
  enum { N = 32768, AT = 40000 };
  const double rate_hz = 48000, hz = 3000;
  double worst = -200;
  for (size_t k = 0; k < 2 * sizeof steps / sizeof steps[0]; k++) {
    LacProcessor *p = MAKE(rate_hz, 2, {"bands", 3}, {"band_structure", (double)(k % 2)}, {"*_ratio", 3},
                           {"*_upward_ratio", 2}, {"*_upward_threshold_db", 0}, {"crossover1_hz", 1000},
                           {"crossover2_hz", 4000}, {steps[k / 2].id, steps[k / 2].from}, {"*_attack_ms", 2},
                           {"*_release_ms", 50}, {steps[k / 2].id, steps[k / 2].from});
    TestSignal sine = test_sine(2, AT + N, hz, rate_hz, 1.0), head = sine, tail = sine;
    head.n_frames = AT + N / 2 - 8000;
    tail.n_frames -= head.n_frames;
    for (unsigned c = 0; c < 2; c++) {
      tail.channels[c] += head.n_frames;
    }
    test_run(p, &head, 480);
    test_set(p, steps[k / 2].id, steps[k / 2].to);
    test_run(p, &tail, 480);
    double before = splatter_db(&sine, AT - 32768, 16384, hz, rate_hz);
    double during = splatter_db(&sine, AT, N, hz, rate_hz);
    if (during > -90) {
      print_message("%-22s %6g -> %6g, structure %d: %.1f dB (before %.1f)\n", steps[k / 2].id, steps[k / 2].from,
                    steps[k / 2].to, (int)(k % 2), during, before);
    }
    worst = during > worst ? during : worst;
    test_signal_free(&sine);
    lac_processor_free(p);
  }
  print_message("loudest splatter of a step: %.1f dB\n", worst);
  assert_true(worst < -80);
}

/* After all glides it is the one that was prepared so; back to nothing it is neutral and exact again. */
static void test_changes_arrive(void **state) {
  (void)state;
  LacProcessor *moved = MAKE(44100, 2, {"bands", 4}, {"*_ratio", 1.5}, {"*_makeup_db", 3});
  LacProcessor *fixed = MAKE(44100, 2, {"bands", 4}, {"*_ratio", 3}, {"*_threshold_db", -35}, {"crossover2_hz", 900},
                             {"mix_percent", 70});
  test_set(moved, "*_ratio", 3);
  test_set(moved, "*_makeup_db", 0);
  test_set(moved, "*_threshold_db", -35);
  test_set(moved, "crossover2_hz", 900);
  test_set(moved, "mix_percent", 70);
  TestSignal a = test_noise(2, 200000, 0.5, 5), b = test_copy(&a);
  test_run(moved, &a, 512);
  test_run(fixed, &b, 512);
  for (size_t i = 180000; i < a.n_frames; i++) {
    assert_true(fabsf(a.channels[0][i] - b.channels[0][i]) < 2e-6F);
    assert_true(fabsf(a.channels[1][i] - b.channels[1][i]) < 2e-6F);
  }
  test_set(moved, "*_ratio", 1);
  assert_false(lac_processor_is_neutral(moved));
  TestSignal more = test_noise(2, 300000, 0.5, 6);
  test_run(moved, &more, 512);
  assert_true(lac_processor_is_neutral(moved));
  TestSignal c = test_odd_signal(3, 2, 3000), d = test_copy(&c);
  test_run(moved, &c, 99);
  assert_true(test_same_bits(&c, &d));
  TestSignal *all[] = {&a, &b, &c, &d, &more};
  for (size_t k = 0; k < 5; k++) {
    test_signal_free(all[k]);
  }
  lac_processor_free(moved);
  lac_processor_free(fixed);
}

/* 44.1 and 96 kHz do the same to the same music (two tones and a burst), within 0.1 dB. */
static void test_rates_agree(void **state) {
  (void)state;
  double gains[2][2];
  for (int r = 0; r < 2; r++) {
    double rate_hz = r ? 96000 : 44100;
    LacProcessor *p =
        MAKE(rate_hz, 1, {"bands", 3}, {"*_ratio", 2.5}, {"*_threshold_db", -30}, {"crossover2_hz", 3000});
    gains[r][0] = sine_gain(p, 600, -12, rate_hz);
    gains[r][1] = sine_gain(p, 9000, -12, rate_hz);
    lac_processor_free(p);
  }
  print_message("600 Hz: %.3f and %.3f dB, 9 kHz: %.3f and %.3f dB\n", gains[0][0], gains[1][0], gains[0][1],
                gains[1][1]);
  assert_true(fabs(gains[0][0] - gains[1][0]) < 0.1 && fabs(gains[0][1] - gains[1][1]) < 0.1);
}

/* The same bits from every compiler, optimisation level and machine. When the sound is changed on purpose, `revision`
 * grows and the values below are replaced by what this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  static const uint64_t golden[] = {0xd7ce5e8bfb41a604u, 0x5584e9982ddbae96u};
  for (int structure = 0; structure < 2; structure++) {
    LacProcessor *p =
        MAKE(44100, 2, {"bands", 4 + structure}, {"band_structure", structure}, {"*_ratio", 3}, {"*_threshold_db", -35},
             {"*_upward_ratio", 1.5}, {"link_percent", 60}, {"sidechain_highpass_hz", 80}, {"lookahead_ms", 2},
             {"mix_percent", 80}, {"auto_times", structure}, {"steady_release_ms", 700});
    TestSignal signal = test_noise(2, 40000, 0.5, 2026), rest = signal;
    rest.n_frames = 8000;
    test_run(p, &rest, 1000);
    test_set(p, "*_makeup_db", 3);
    test_set(p, "crossover1_hz", 200);
    test_set(p, "*_ratio", 2);
    rest.n_frames = 32000;
    rest.channels[0] += 8000;
    rest.channels[1] += 8000;
    test_run(p, &rest, 1000);
    uint64_t hash = test_hash(&signal, TEST_HASH_BEGIN);
    print_message("golden: 0x%016llxu\n", (unsigned long long)hash);
    assert_true(hash == golden[structure]);
    test_signal_free(&signal);
    lac_processor_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_static_curve),  cmocka_unit_test(test_bands_reach_their_gain),
      cmocka_unit_test(test_times),         cmocka_unit_test(test_times_of_bands),
      cmocka_unit_test(test_every_attack),  cmocka_unit_test(test_glue_is_clean),
      cmocka_unit_test(test_rest_is_exact), cmocka_unit_test(test_crossover_is_flat),
      cmocka_unit_test(test_upward),        cmocka_unit_test(test_mix),
      cmocka_unit_test(test_coupling),      cmocka_unit_test(test_link),
      cmocka_unit_test(test_side_chain),    cmocka_unit_test(test_auto_times),
      cmocka_unit_test(test_no_clicks),     cmocka_unit_test(test_changes_arrive),
      cmocka_unit_test(test_rates_agree),   cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
