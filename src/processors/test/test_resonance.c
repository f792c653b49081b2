/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bars of the resonance suppressor: what it takes, and above all what it leaves. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/test/check.h"
#include "dsp/biquad_fit.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

static LacProcessor *new_resonance(double depth_db, double threshold_db) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("resonance"), &p), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "depth_db", 0), depth_db, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "threshold_db", 0), threshold_db, 0), LAC_OK);
  return p;
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 19, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* Noise of 3 dB less per octave: white noise through P. Kellet's filter of six poles (music-dsp list, 1999). */
static void make_pink(float *x, size_t n) {
  static const double pole[6] = {0.99886, 0.99332, 0.96900, 0.86650, 0.55000, -0.7616};
  static const double gain[6] = {0.0555179, 0.0750759, 0.1538520, 0.3104856, 0.5329522, -0.0168980};
  double z[6] = {0}, last = 0;
  for (size_t i = 0; i < n; i++) {
    const double white = (double)x[i];
    double sum = 0.5362 * white + 0.115926 * last;
    for (int k = 0; k < 6; k++) {
      z[k] = pole[k] * z[k] + gain[k] * white;
      sum += z[k];
    }
    last = white;
    x[i] = (float)(0.1 * sum);
  }
}

static TestSignal pink_noise(size_t n, uint64_t seed) {
  TestSignal pink = test_noise(2, n, 1, seed);
  make_pink(pink.channels[0], n);
  make_pink(pink.channels[1], n);
  return pink;
}

static void add_resonance(TestSignal *signal, double hz, double rate_hz) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("equalizer"), &p), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "type", 1), LAC_BAND_BELL, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "hz", 1), hz, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "db", 1), 12, 0), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "q", 1), 30, 0), LAC_OK);
  prepare(p, rate_hz, 2);
  test_run(p, signal, 4096);
  lac_processor_free(p);
}

/* Power of the left channel from low to high Hz over frames of 16384 half overlapped, the first second left out. */
typedef struct Spectrum {
  double *power;
  double per_bin;
} Spectrum;
enum { LONG = 16384 };

static Spectrum spectrum_of(const TestSignal *signal, size_t delay, size_t n_frames, double rate_hz) {
  Spectrum s = {calloc(LONG / 2 + 1, sizeof(double)), rate_hz / LONG};
  const size_t first = delay + (size_t)rate_hz;
  for (size_t at = first; at + LONG <= delay + n_frames; at += LONG / 2) {
    double *magnitude = test_spectrum(signal->channels[0] + at, LONG);
    for (int k = 0; k <= LONG / 2; k++)
      s.power[k] += magnitude[k] * magnitude[k];
    free(magnitude);
  }
  return s;
}

static double change_db(const Spectrum *a, const Spectrum *b, double low, double high) {
  double before = 0, after = 0;
  for (int k = (int)ceil(low / a->per_bin); k <= (int)(high / a->per_bin) && k <= LONG / 2; k++) {
    before += a->power[k];
    after += b->power[k];
  }
  return 10 * log10(after / before);
}

/* The bar: a resonance of +12 dB, Q 30, on pink noise ends below +3 dB; thirds further than a quarter octave away
 * change by less than 0.3 dB. */
static void test_takes_a_resonance(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000}, hz[] = {500, 1000, 3000, 8000};
  for (int r = 0; r < 3; r++) {
    for (int i = r; i < 4; i += r + 1) {
      TestSignal clean = pink_noise((size_t)(3.5 * rates[r]), 20 + (uint64_t)i), with = test_copy(&clean);
      add_resonance(&with, hz[i], rates[r]);
      LacProcessor *p = new_resonance(18, 5);
      prepare(p, rates[r], 2);
      TestSignal out = test_copy(&with);
      test_run(p, &out, 3000);
      const size_t latency = lac_processor_latency_frames(p);
      const size_t n = with.n_frames - latency;
      Spectrum a = spectrum_of(&clean, 0, n, rates[r]), b = spectrum_of(&with, 0, n, rates[r]);
      Spectrum c = spectrum_of(&out, latency, n, rates[r]);
      const double half = fmax(hz[i] / 120, 1.5 * a.per_bin);
      const double before = change_db(&a, &b, hz[i] - half, hz[i] + half);
      const double after = change_db(&a, &c, hz[i] - half, hz[i] + half);
      double worst = 0;
      for (double third = 40; third < 17000; third *= pow(2, 1 / 3.0)) {
        const double low = third * pow(2, -1 / 6.0), high = third * pow(2, 1 / 6.0);
        if (high < hz[i] * pow(2, -0.25) || low > hz[i] * pow(2, 0.25))
          worst = fmax(worst, fabs(change_db(&b, &c, low, high)));
      }
      print_message("%.0f, %.0f Hz: %.1f -> %.2f dB, elsewhere %.3f dB\n", rates[r], hz[i], before, after, worst);
      assert_true(before > 9 && after < 3 && after > -3);
      assert_true(worst < 0.3);
      free(a.power);
      free(b.power);
      free(c.power);
      TestSignal *all[] = {&clean, &with, &out};
      for (int k = 0; k < 3; k++)
        test_signal_free(all[k]);
      lac_processor_free(p);
    }
  }
}

/* Where nothing sticks out every bit stays, however deep it might cut. */
static void test_rest_is_exact(void **state) {
  (void)state;
  TestSignal in = pink_noise(200000, 7), out = test_copy(&in);
  LacProcessor *p = new_resonance(24, 7);
  prepare(p, 44100, 2);
  test_run(p, &out, 512);
  assert_false(lac_processor_is_neutral(p));
  const size_t latency = lac_processor_latency_frames(p);
  assert_int_equal(latency, 4096);
  for (unsigned c = 0; c < 2; c++)
    assert_memory_equal(out.channels[c] + latency, in.channels[c], (in.n_frames - latency) * sizeof(float));
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* A tone in pink noise; partials > 1: a note of as many partials, each of that level. */
static TestSignal tone(size_t n, double hz, int partials, double level, double rate_hz) {
  TestSignal signal = pink_noise(n, 11);
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < n; i++)
      signal.channels[c][i] *= 0.1F;
  for (int m = 1; m <= partials; m++) {
    TestSignal sine = test_sine(2, n, m * hz, rate_hz, level);
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < n; i++)
        signal.channels[c][i] += sine.channels[c][i];
    test_signal_free(&sine);
  }
  return signal;
}

/* What the processor does to the line at `hz` once it has settled, dB. */
static double line_change_db(LacProcessor *p, const TestSignal *in, double hz, double rate_hz) {
  TestSignal out = test_copy(in);
  prepare(p, rate_hz, 2);
  test_run(p, &out, 1024);
  const size_t at = in->n_frames - 16384, latency = lac_processor_latency_frames(p);
  const double wanted = test_response_db(in->channels[0] + at - latency, 16384, 1, hz, rate_hz);
  const double got = test_response_db(out.channels[0] + at, 16384, 1, hz, rate_hz);
  test_signal_free(&out);
  return got - wanted;
}

/* A lonely tone goes down by the depth, partials of a note by half of it. */
static void test_partials_get_half(void **state) {
  (void)state;
  const double rate_hz = 48000;
  TestSignal lonely = tone(100000, 1320, 1, 0.05, rate_hz), note = tone(100000, 330, 8, 0.05, rate_hz);
  LacProcessor *p = new_resonance(6, 5);
  const double alone = line_change_db(p, &lonely, 1320, rate_hz);
  assert_true(alone < -4.5 && alone > -6.2);
  for (int m = 2; m <= 5; m++) {
    const double change = line_change_db(p, &note, 330 * m, rate_hz);
    print_message("lonely %.2f dB, partial %d %.2f dB\n", alone, m, change);
    assert_true(change < -1 && change > -3.1);
  }
  test_signal_free(&lonely);
  test_signal_free(&note);
  lac_processor_free(p);
}

/* A steady chord stays steady: no line away from its own within 60 dB, no movement of its level. */
static void test_chords_are_steady(void **state) {
  (void)state;
  static const double notes[] = {261.63, 329.63, 392.0};
  const double rate_hz = 48000;
  enum { N = 160000, FROM = 90000, WINDOW = 32768 };
  TestSignal chord = test_silence(2, N);
  for (int note = 0; note < 3; note++) {
    for (int m = 1; m <= 10; m++) {
      TestSignal sine = test_sine(2, N, m * notes[note], rate_hz, 0.1 / m);
      for (unsigned c = 0; c < 2; c++)
        for (size_t i = 0; i < N; i++)
          chord.channels[c][i] += sine.channels[c][i];
      test_signal_free(&sine);
    }
  }
  LacProcessor *p = new_resonance(6, 3);
  prepare(p, rate_hz, 2);
  TestSignal out = test_copy(&chord);
  test_run(p, &out, 1000);
  double *spectrum = test_spectrum(out.channels[0] + FROM, WINDOW), own = 0, other = 0;
  for (int k = 0; k <= WINDOW / 2; k++) {
    const double hz = k * rate_hz / WINDOW;
    double nearest = 1e9;
    for (int note = 0; note < 3; note++)
      for (int m = 1; m <= 10; m++)
        nearest = fmin(nearest, fabs(hz - m * notes[note]));
    double *place = nearest < 40 ? &own : &other;
    *place = fmax(*place, spectrum[k]);
  }
  free(spectrum);
  const double early = test_response_db(out.channels[0] + FROM, 20000, 1, 523.26, rate_hz);
  const double late = test_response_db(out.channels[0] + FROM + 40000, 20000, 1, 523.26, rate_hz);
  const double before = test_response_db(chord.channels[0] + FROM - 4096, 20000, 1, 523.26, rate_hz);
  print_message("other lines %.1f dB, movement %.3f dB, cut %.2f dB\n", 20 * log10(other / own), late - early,
                early - before);
  assert_true(20 * log10(other / own) < -60);
  assert_true(fabs(late - early) < 0.1);
  assert_true(early - before < -0.3); /* it does work */
  test_signal_free(&chord);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Hits of a tom, 200 Hz dying away in 60 ms, twice a second: they stay. */
static void test_drums_stay(void **state) {
  (void)state;
  const double rate_hz = 48000;
  enum { N = 192000, EVERY = 24000 };
  TestSignal in = pink_noise(N, 5);
  for (unsigned c = 0; c < 2; c++) {
    for (size_t i = 0; i < N; i++) {
      const double t = (double)(i % EVERY) / rate_hz, attack = t < 0.001 ? t / 0.001 : 1;
      in.channels[c][i] = 0.5F * in.channels[c][i] +
                          (float)(0.5 * attack * exp(-t / 0.06) * sin(2 * M_PI * (400 + 60 * exp(-t / 0.02)) * t));
    }
  }
  LacProcessor *p = new_resonance(6, 5);
  prepare(p, rate_hz, 2);
  TestSignal out = test_copy(&in);
  test_run(p, &out, 800);
  const size_t latency = lac_processor_latency_frames(p);
  double before = 0, after = 0, first = 0, first_after = 0;
  for (size_t i = EVERY; i + latency < N; i++) {
    const double x = (double)in.channels[0][i], y = (double)out.channels[0][i + latency];
    before += x * x;
    after += y * y;
    first += i % EVERY < 1000 ? x * x : 0;
    first_after += i % EVERY < 1000 ? y * y : 0;
  }
  print_message("drums: all %.2f dB, first 21 ms %.2f dB\n", 10 * log10(after / before),
                10 * log10(first_after / first));
  assert_true(fabs(10 * log10(after / before)) < 1.5);
  assert_true(fabs(10 * log10(first_after / first)) < 1);
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Both channels get the same gain: what was half of the other stays half. */
static void test_channels_are_linked(void **state) {
  (void)state;
  TestSignal in = tone(60000, 2000, 1, 0.1, 48000);
  for (size_t i = 0; i < in.n_frames; i++)
    in.channels[1][i] = -0.5F * in.channels[0][i];
  LacProcessor *p = new_resonance(12, 5);
  prepare(p, 48000, 2);
  test_run(p, &in, 512);
  for (size_t i = 0; i < in.n_frames; i++)
    assert_true(fabsf(in.channels[1][i] + 0.5F * in.channels[0][i]) < 1e-6F);
  test_signal_free(&in);
  lac_processor_free(p);
}

/* What lies outside the range keeps every bit. */
static void test_range(void **state) {
  (void)state;
  static const struct { double from_hz, to_hz; } ranges[] = {{3000, 16000}, {150, 800}};
  TestSignal in = tone(60000, 1500, 1, 0.2, 48000);
  for (int k = 0; k < 2; k++) {
    LacProcessor *p = new_resonance(12, 7);
    assert_int_equal(lac_processor_set(p, test_param(p, "from_hz", 0), ranges[k].from_hz, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "to_hz", 0), ranges[k].to_hz, 0), LAC_OK);
    prepare(p, 48000, 2);
    TestSignal out = test_copy(&in);
    test_run(p, &out, 512);
    const size_t latency = lac_processor_latency_frames(p);
    assert_memory_equal(out.channels[1] + latency, in.channels[1], (in.n_frames - latency) * sizeof(float));
    test_signal_free(&out);
    lac_processor_free(p);
  }
  test_signal_free(&in);
}

/* Half the mix is half the difference; the readout says how deep; back at depth 0 it rests and knows. */
static void test_mix_and_readout(void **state) {
  (void)state;
  enum { N = 96000, HOPS = N / 480 };
  TestSignal in = tone(N, 2000, 1, 0.1, 48000), full = test_copy(&in), half = test_copy(&in);
  float minimum[HOPS + 10], mean[HOPS + 10];
  LacReadoutTrack track = {minimum, mean, HOPS + 10, 0};
  LacProcessorSetup setup = test_setup(48000, 2, 4096, N, &track);
  LacProcessor *p = new_resonance(6, 5);
  for (int is_half = 0; is_half < 2; is_half++) {
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, is_half ? &half : &full, 4096);
    if (!is_half) {
      assert_true(track.count > HOPS - 12);
      print_message("readout %.2f .. %.2f\n", (double)minimum[0], (double)mean[HOPS / 2]);
      assert_true(minimum[0] > -6.5F && mean[HOPS / 2] < -4 && mean[HOPS / 2] > -6.5F);
      lac_processor_reset(p);
      assert_int_equal(lac_processor_set(p, test_param(p, "mix_percent", 0), 50, 0), LAC_OK);
    }
  }
  const size_t latency = lac_processor_latency_frames(p);
  for (size_t i = latency; i < N; i++) {
    const float dry = in.channels[0][i - latency];
    assert_true(fabsf(half.channels[0][i] - dry - 0.5F * (full.channels[0][i] - dry)) < 1e-6F);
  }
  assert_int_equal(lac_processor_set(p, test_param(p, "depth_db", 0), 0, p->frame), LAC_OK);
  TestSignal more = test_copy(&in);
  test_run(p, &more, 4096);
  assert_true(lac_processor_is_neutral(p));
  assert_memory_equal(more.channels[0] + N - 20000, in.channels[0] + N - 20000 - latency, 20000 * sizeof(float));
  TestSignal *all[] = {&in, &full, &half, &more};
  for (int k = 0; k < 4; k++)
    test_signal_free(all[k]);
  lac_processor_free(p);
}

/* Values stepped while it cuts leave no click. */
static void test_no_clicks(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double to;
  } steps[] = {{"depth_db", 0},   {"depth_db", 24},   {"threshold_db", 20}, {"sharpness_percent", 0},
               {"from_hz", 5000}, {"mix_percent", 0}, {"to_hz", 300}};
  enum { N = 120000, AT = 60000, WINDOW = 32768 };
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
    LacProcessor *p = new_resonance(12, 5);
    prepare(p, 48000, 1);
    assert_int_equal(lac_processor_set(p, test_param(p, steps[k].id, 0), steps[k].to, AT + 6000), LAC_OK);
    TestSignal sine = test_sine(1, N, 1000, 48000, 0.5);
    test_run(p, &sine, 480);
    double *spectrum = test_spectrum(sine.channels[0] + AT, WINDOW), inside = 0, outside = 0;
    for (int i = 0; i <= WINDOW / 2; i++) {
      double *place = fabs(i * 48000.0 / WINDOW - 1000) < 400 ? &inside : &outside;
      *place = fmax(*place, spectrum[i]);
    }
    print_message("%s: %.1f dB\n", steps[k].id, 20 * log10(outside / inside));
    assert_true(20 * log10(outside / inside) < -80);
    free(spectrum);
    test_signal_free(&sine);
    lac_processor_free(p);
  }
}

/* The same bits for every cut, on every CPU level, from every compiler and machine. When the sound is changed on
 * purpose, `revision` grows and the value below is replaced by the one that this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  const uint64_t golden = 0x5d0917b547a677a9u;
  static const char *const levels[] = {"baseline", "avx2", "avx512"};
  const char *forced = getenv("LACQUER_CPU");
  char *before = forced ? strdup(forced) : NULL;
  for (int k = 0; k < 6; k++) {
    assert_int_equal(setenv("LACQUER_CPU", levels[k / 2], 1), 0);
    LacProcessor *p = new_resonance(9, 4);
    prepare(p, 44100, 2);
    assert_int_equal(lac_processor_set(p, test_param(p, "depth_db", 0), 4, 20000), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "sharpness_percent", 0), 90, 30000), LAC_OK);
    TestSignal signal = tone(50000, 440, 5, 0.05, 44100);
    test_run(p, &signal, k % 2 ? 0 : TEST_RANDOM_BLOCKS);
    uint64_t hash = test_hash(&signal, TEST_HASH_BEGIN);
    print_message("golden: 0x%016llxu\n", (unsigned long long)hash);
    assert_true(hash == golden);
    test_signal_free(&signal);
    lac_processor_free(p);
  }
  if (before)
    setenv("LACQUER_CPU", before, 1);
  else
    unsetenv("LACQUER_CPU");
  free(before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_takes_a_resonance),
      cmocka_unit_test(test_rest_is_exact),
      cmocka_unit_test(test_partials_get_half),
      cmocka_unit_test(test_chords_are_steady),
      cmocka_unit_test(test_drums_stay),
      cmocka_unit_test(test_channels_are_linked),
      cmocka_unit_test(test_range),
      cmocka_unit_test(test_mix_and_readout),
      cmocka_unit_test(test_no_clicks),
      cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
