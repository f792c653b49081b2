/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/processor_class.h"
#include "processors/saturator_voice.h"
#include "processors/test/processor_signal.h"

enum { TAPE, TUBE, TRANSFORMER, SOFT_CLIP, N_CHARACTERS };
static const char *const names[] = {"tape", "tube", "transformer", "soft_clip"};
static const double rates[] = {44100, 48000, 96000};

enum { N = 1 << 16, LEAD = 1 << 15 }; /* analysed frames, and those before, in which everything settles */

static void set(LacProcessor *p, const char *id, double value) {
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), value, p->frame), LAC_OK);
}

static LacProcessor *new_saturator(int character, double drive_db) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("saturator"), &p), LAC_OK);
  set(p, "character", character);
  set(p, "drive_db", drive_db);
  return p;
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 18, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* A tone of whole periods in N frames, an odd number of them, so that nothing folds onto a harmonic. */
static double bin_of(double hz, double rate_hz) {
  return 2.0 * rint((hz * N / rate_hz - 1.0) / 2.0) + 1.0;
}

/* Runs a tone of `bin` through p and analyses N frames after LEAD: amplitudes at bins 0 .. N/2. Caller frees. */
static double *run_tone(LacProcessor *p, double bin, double peak) {
  TestSignal tone = test_sine(1, LEAD + N, bin, N, peak);
  test_run(p, &tone, 0);
  double *spectrum = test_spectrum(tone.channels[0] + LEAD, N);
  test_signal_free(&tone);
  return spectrum;
}

static double around(const double *spectrum, double bin) {
  double highest = 0;
  for (long k = (long)bin - 5; k <= (long)bin + 5; k++) {
    if (k >= 0 && k <= N / 2) {
      highest = fmax(highest, spectrum[k]);
    }
  }
  return highest;
}

/* Largest line that is no harmonic, against the tone, in dB. The four-term window spreads a line over +-5 bins. */
static double worst_alias_db(const double *spectrum, double bin) {
  double worst = 0;
  for (long k = 0; k <= N / 2; k++) {
    const double away = fabs((double)k - bin * rint((double)k / bin));
    worst = away > 6 ? fmax(worst, spectrum[k]) : worst;
  }
  return 20 * log10(worst / around(spectrum, bin) + 1e-30);
}

/* The bar: alias at most -90 dB for 5 kHz at 12 dB of drive, every character, tone at full scale. */
static void test_alias(void **state) {
  (void)state;
  for (int quality = 0; quality < 2; quality++) {
    for (int c = 0; c < N_CHARACTERS; c++) {
      double got[3];
      for (size_t r = 0; r < test_at_most(3); r++) {
        LacProcessor *p = new_saturator(c, 12);
        set(p, "quality", quality);
        prepare(p, rates[r], 1);
        double bin = bin_of(5000, rates[r]), *spectrum = run_tone(p, bin, 1.0);
        got[r] = worst_alias_db(spectrum, bin);
        assert_true(got[r] <= -90);
        free(spectrum);
        lac_processor_free(p);
      }
      print_message("alias of 5 kHz, +12 dB, %s %s: %.1f, %.1f, %.1f dB at 44.1, 48, 96 kHz\n", names[c],
                    quality ? "best" : "standard", got[0], got[1], got[2]);
    }
  }
}

/* Harmonics at the level asked for: the character's own (the table of the guidance page) times the percentages, for the
 * tone that the drive brings to full scale. */
static void test_harmonic_levels(void **state) {
  (void)state;
  static const double own[N_CHARACTERS][2] = {{-60, -27.4}, {-30, -32.4}, {-50, -19.0}, {-400, -29.4}};
  static const double percents[][2] = {{100, 100}, {200, 100}, {100, 50}, {50, 25}, {300, 75}};
  double worst = 0;
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int c = 0; c < N_CHARACTERS; c++) {
      for (size_t k = 0; k < 5; k++) {
        LacProcessor *p = new_saturator(c, 9);
        set(p, "even_percent", percents[k][0]);
        set(p, "odd_percent", percents[k][1]);
        prepare(p, rates[r], 1);
        double bin = bin_of(lac_saturator_reference_hz((LacSaturatorCharacter)c), rates[r]);
        double *spectrum = run_tone(p, bin, pow(10, -9.0 / 20));
        double tone = around(spectrum, bin);
        double even = 20 * log10(around(spectrum, 2 * bin) / tone + 1e-30);
        double odd = 20 * log10(around(spectrum, 3 * bin) / tone);
        double even_error = even - own[c][0] - 20 * log10(percents[k][0] / 100);
        double odd_error = odd - own[c][1] - 20 * log10(percents[k][1] / 100);
        if (k == 0) {
          print_message("%s at %.0f Hz: second %.2f dB, third %.2f dB\n", names[c], rates[r], even, odd);
        }
        worst = fmax(worst, fmax(c == SOFT_CLIP ? 0 : fabs(even_error), fabs(odd_error)));
        assert_true(c != SOFT_CLIP || even < -130);
        free(spectrum);
        lac_processor_free(p);
      }
    }
  }
  print_message("harmonics: worst error %.3f dB\n", worst);
  assert_true(worst <= 0.5);
}

/* Small signals pass flat to 20 kHz, and so does any signal where nothing is driven. */
static void test_flat(void **state) {
  (void)state;
  double worst = 0;
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int c = 0; c < N_CHARACTERS; c++) {
      LacProcessor *p = new_saturator(c, 12);
      set(p, "from_hz", 200);
      set(p, "tone_db", 6);
      prepare(p, rates[r], 1);
      TestSignal impulse = test_silence(1, 1u << 15);
      impulse.channels[0][lac_processor_latency_frames(p)] = 1e-4F;
      test_run(p, &impulse, 0);
      for (int i = 0; i <= 60; i++) {
        double hz = 20 * pow(1000, i / 60.0);
        worst = fmax(worst, fabs(test_response_db(impulse.channels[0], impulse.n_frames, 1e-4, hz, rates[r])));
      }
      test_signal_free(&impulse);
      lac_processor_free(p);
    }
  }
  print_message("small signals flat to %.6f dB\n", worst);
  assert_true(worst <= 0.1);
}

/* A driven tone keeps its phase and timing: what the curve takes off lies exactly on the tone. At 15 kHz the tone that
 * comes out of tape is as much lower as at the same place of the curve at 1 kHz, to 0.5 dB. */
static void test_delay_is_exact(void **state) {
  (void)state;
  for (int quality = 0; quality < 2; quality++) {
    for (size_t r = 0; r < test_at_most(3); r++) {
      LacProcessor *p = new_saturator(TUBE, 12);
      set(p, "quality", quality);
      prepare(p, rates[r], 1);
      long latency = (long)lac_processor_latency_frames(p);
      double compressed[2], phase = 0;
      for (int k = 0; k < 2; k++) {
        double bin = bin_of(k ? 15000 : 1000, rates[r]);
        TestSignal tone = test_sine(1, LEAD + N, bin, N, 0.5);
        lac_processor_reset(p);
        test_run(p, &tone, 0);
        double re = 0, im = 0;
        for (long i = 0; i < N; i++) {
          double angle = 2 * LAC_PI * bin / N * (double)(LEAD + i - latency);
          re += (double)tone.channels[0][LEAD + i] * sin(angle);
          im += (double)tone.channels[0][LEAD + i] * cos(angle);
        }
        compressed[k] = 20 * log10(sqrt(re * re + im * im) / N / 0.25);
        phase = fmax(phase, fabs(atan2(im, re)));
        test_signal_free(&tone);
      }
      assert_true(phase < 0.01);
      assert_true(compressed[0] < -1 && fabs(compressed[0] - compressed[1]) < 0.5);
      lac_processor_free(p);
    }
  }
}

/* The asymmetric curve leaves no direct current. */
static void test_no_direct_current(void **state) {
  (void)state;
  for (int c = 0; c < N_CHARACTERS; c++) {
    LacProcessor *p = new_saturator(c, 12);
    set(p, "even_percent", 300);
    prepare(p, 48000, 1);
    TestSignal tone = test_sine(1, 4 * 48000, 480, 48000, 0.9);
    test_run(p, &tone, 0);
    double sum = 0;
    for (size_t i = 3 * 48000; i < 4 * 48000; i++) {
      sum += (double)tone.channels[0][i];
    }
    assert_true(20 * log10(fabs(sum) / 48000 + 1e-30) < -100);
    test_signal_free(&tone);
    lac_processor_free(p);
  }
}

static double difference(const TestSignal *in, const TestSignal *out, uint32_t latency, size_t from) {
  double worst = 0;
  for (size_t i = from; i + latency < in->n_frames; i++) {
    worst = fmax(worst, fabs((double)out->channels[0][i + latency] - (double)in->channels[0][i]));
  }
  return worst;
}

/* What is not driven is exact: below the knee every sample; at drive 0, and at mix 0, what comes out is what went in.
 */
static void test_rest_is_exact(void **state) {
  (void)state;
  LacProcessor *p = new_saturator(SOFT_CLIP, 6);
  prepare(p, 44100, 1);
  TestSignal in = test_noise(1, 9000, 0.1, 1), out = test_copy(&in);
  test_run(p, &out, 0);
  assert_true(lac_processor_latency_frames(p) > 0);
  assert_true(difference(&in, &out, lac_processor_latency_frames(p), 0) == 0);
  for (int k = 0; k < 2; k++) {
    lac_processor_free(p);
    p = new_saturator(TUBE, k ? 12 : 0);
    set(p, "mix_percent", k ? 0 : 100);
    assert_true(lac_processor_is_neutral(p));
    set(p, "output_db", 6);
    assert_false(lac_processor_is_neutral(p)); /* now it has something to do, and still adds nothing of its own */
    prepare(p, 44100, 1);
    memcpy(out.channels[0], in.channels[0], in.n_frames * sizeof(float));
    test_run(p, &out, 0);
    for (size_t i = 0; i < in.n_frames; i++) {
      out.channels[0][i] = (float)((double)out.channels[0][i] / pow(10, 6.0 / 20));
    }
    assert_true(difference(&in, &out, lac_processor_latency_frames(p), 0) < 1e-7);
  }
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Only the band is driven: a loud tone outside it gets no harmonics, the same tone inside does. */
static void test_band(void **state) {
  (void)state;
  const double rate_hz = 48000;
  double thirds[2][2];
  for (int k = 0; k < 2; k++) {
    for (int inside = 0; inside < 2; inside++) {
      LacProcessor *p = new_saturator(TAPE, 6);
      set(p, "from_hz", k ? 20 : 2000);
      set(p, "to_hz", k ? 300 : 20000);
      prepare(p, rate_hz, 1);
      double bin = bin_of((k == 0) == (inside == 1) ? 5000 : 100, rate_hz), *spectrum = run_tone(p, bin, 0.5);
      thirds[k][inside] = 20 * log10(around(spectrum, 3 * bin) / around(spectrum, bin) + 1e-30);
      free(spectrum);
      lac_processor_free(p);
    }
    print_message("third harmonic inside the band %.1f dB, outside %.1f dB\n", thirds[k][1], thirds[k][0]);
    assert_true(thirds[k][1] > -40 && thirds[k][0] < -90);
  }
}

/* What the characters do to frequencies: tape bends highs first, a transformer lows. */
static void test_characters(void **state) {
  (void)state;
  double thirds[2][2];
  for (int c = 0; c < 2; c++) {
    for (int high = 0; high < 2; high++) {
      LacProcessor *p = new_saturator(c ? TRANSFORMER : TAPE, 6);
      prepare(p, 96000, 1);
      double bin = bin_of(high ? 6000 : 60, 96000), *spectrum = run_tone(p, bin, 0.25);
      thirds[c][high] = 20 * log10(around(spectrum, 3 * bin) / around(spectrum, bin));
      free(spectrum);
      lac_processor_free(p);
    }
  }
  print_message("third harmonic at 60 Hz and 6 kHz: tape %.1f %.1f, transformer %.1f %.1f dB\n", thirds[0][0],
                thirds[0][1], thirds[1][0], thirds[1][1]);
  assert_true(thirds[0][1] > thirds[0][0] && thirds[1][0] > thirds[1][1] + 20);
}

/* Steps of parameters under a tone: outside its harmonics nothing above -80 dB. */
static void check_step(const char *id, double from, double to) {
  const double rate_hz = 48000, hz = 997;
  enum { ROOM = 1 << 15 };
  LacProcessor *p = new_saturator(TUBE, 9);
  set(p, id, from);
  prepare(p, rate_hz, 1);
  TestSignal tone = test_sine(1, 3 * ROOM, hz, rate_hz, 0.5);
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), to, ROOM + ROOM / 2), LAC_OK);
  test_run(p, &tone, 0);
  double *spectrum = test_spectrum(tone.channels[0] + ROOM, ROOM), worst = 0;
  for (int k = 0; k <= ROOM / 2; k++) {
    const double f = k * rate_hz / ROOM, away = fabs(f - hz * rint(f / hz));
    worst = away > 300 ? fmax(worst, spectrum[k]) : worst;
  }
  print_message("%s from %g to %g: %.1f dB\n", id, from, to, 20 * log10(worst / 0.5));
  assert_true(20 * log10(worst / 0.5) < -80);
  free(spectrum);
  test_signal_free(&tone);
  lac_processor_free(p);
}

static void test_no_clicks(void **state) {
  (void)state;
  static const struct {
    const char *id;
    double from, to;
  } steps[] = {{"drive_db", 3, 18},     {"drive_db", 18, 0},   {"mix_percent", 100, 0}, {"even_percent", 0, 300},
               {"odd_percent", 0, 100}, {"tone_db", -12, 12},  {"from_hz", 20, 2000},   {"to_hz", 20000, 500},
               {"character", 1, 2},     {"character", 0, 3},   {"output_db", 0, -12},   {"level_match", 0, 1},
               {"mode", 0, 1},          {"level_match", 1, 0}, {"from_hz", 300, 20}};
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
    check_step(steps[k].id, steps[k].from, steps[k].to);
  }
}

/* With nothing to do it only delays; turned up, and down again, the delay stays. */
static void test_wakes_up(void **state) {
  (void)state;
  LacProcessor *p = new_saturator(SOFT_CLIP, 0);
  prepare(p, 48000, 2);
  const uint32_t latency = lac_processor_latency_frames(p);
  assert_true(latency > 40 && latency < 160);
  assert_true(lac_processor_is_neutral(p));
  TestSignal in = test_sine(2, 48000, 200, 48000, 0.2), out = test_copy(&in);
  assert_int_equal(lac_processor_set(p, test_param(p, "drive_db", 0), 3, 24000), LAC_OK);
  test_run(p, &out, 0);
  assert_false(lac_processor_is_neutral(p));
  assert_int_equal(lac_processor_latency_frames(p), latency);
  assert_true(difference(&in, &out, latency, 0) == 0); /* below the knee */
  for (size_t i = 1; i < 48000; i++) {                 /* no jump on the way */
    assert_true(fabs((double)out.channels[0][i] - (double)out.channels[0][i - 1]) < 0.02);
  }
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* With the level match the loudness stays, whatever the drive; on noise whose level wanders by 12 dB. */
static void test_level_match(void **state) {
  (void)state;
  for (int c = 0; c < N_CHARACTERS; c++) {
    LacProcessor *p = new_saturator(c, 15);
    set(p, "level_match", 1);
    prepare(p, 44100, 2);
    TestSignal in = test_noise(2, 44100 * 8, 1.0, (uint64_t)c);
    for (size_t i = 0; i < in.n_frames; i++) {
      const double gain = 0.5 * pow(10, -0.3 - 0.3 * sin(2 * LAC_PI * (double)i / 44100 / 1.3));
      in.channels[0][i] *= (float)gain;
      in.channels[1][i] *= (float)gain;
    }
    TestSignal out = test_copy(&in);
    test_run(p, &out, 4096);
    const double before = test_loudness_power(&in, 0, 44100), after = test_loudness_power(&out, 0, 44100);
    print_message("%s: loudness off by %.3f LU\n", names[c], 10 * log10(after / before));
    assert_true(fabs(10 * log10(after / before)) < 0.2);
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* The exciter adds as much as it is asked for, to a quiet song as to a loud one, and only above. */
static void test_exciter(void **state) {
  (void)state;
  const double rate_hz = 44100;
  double added[3];
  for (int k = 0; k < 3; k++) {
    LacProcessor *p = new_saturator(TAPE, 0);
    set(p, "mode", 1);
    set(p, "excite_db", k == 2 ? -34 : -20);
    prepare(p, rate_hz, 1);
    /* Pink noise by Kellet's three poles. */
    TestSignal in = test_noise(1, 44100 * 6, k == 1 ? 0.03 : 0.3, 4);
    double b0 = 0, b1 = 0, b2 = 0;
    for (size_t i = 0; i < in.n_frames; i++) {
      const double w = (double)in.channels[0][i];
      b0 = 0.99765 * b0 + w * 0.0990460;
      b1 = 0.96300 * b1 + w * 0.2965164;
      b2 = 0.57000 * b2 + w * 1.0526913;
      in.channels[0][i] = (float)(0.3 * (b0 + b1 + b2 + w * 0.1848));
    }
    TestSignal out = test_copy(&in);
    test_run(p, &out, 0);
    const size_t latency = lac_processor_latency_frames(p);
    TestSignal extra = test_copy(&in);
    for (size_t i = 0; i < in.n_frames; i++) {
      extra.channels[0][i] = i >= latency ? out.channels[0][i] - in.channels[0][i - latency] : 0;
    }
    double *of_band = test_spectrum(in.channels[0] + 44100 * 4, N), band = 0, low = 0, high = 0;
    double *of_extra = test_spectrum(extra.channels[0] + 44100 * 4, N);
    for (int i = 1; i <= N / 2; i++) {
      const double f = i * rate_hz / N;
      band += f >= 3000 && f <= 10000 ? of_band[i] * of_band[i] : 0;
      *(f < 2000 ? &low : &high) += of_extra[i] * of_extra[i];
    }
    added[k] = 10 * log10(high / band);
    print_message("exciter adds %.2f dB, below 2 kHz %.1f dB\n", added[k], 10 * log10(low / band));
    assert_true(10 * log10(low / high) < -15);
    free(of_band);
    free(of_extra);
    TestSignal *all[] = {&in, &out, &extra};
    for (int i = 0; i < 3; i++) {
      test_signal_free(all[i]);
    }
    lac_processor_free(p);
  }
  assert_true(fabs(added[0] + 20) < 1 && fabs(added[1] - added[0]) < 0.5 && fabs(added[2] + 34) < 1);
}

/* Any values on a full-scale square, direct current and noise: finite, and no louder than the song times the gains. */
static void test_any_values(void **state) {
  (void)state;
  for (uint64_t k = 0; k < 60; k++) {
    TestRandom random = {k};
    LacProcessor *p = new_saturator((int)(k % 4), 24 * test_random_uniform(&random));
    set(p, "mode", k % 5 == 0);
    set(p, "excite_db", -12);
    set(p, "even_percent", 300 * test_random_uniform(&random));
    set(p, "odd_percent", 100 * test_random_uniform(&random));
    set(p, "from_hz", 20 * pow(500, test_random_uniform(&random)));
    set(p, "tone_db", 24 * test_random_uniform(&random) - 12);
    set(p, "mix_percent", 100 * test_random_uniform(&random));
    set(p, "level_match", (double)(k % 2));
    TestSignal signal = k % 3 == 0   ? test_odd_signal(0, 1 + k % 2, 20000)
                        : k % 3 == 1 ? test_odd_signal(4, 1 + k % 2, 20000)
                                     : test_noise(1 + k % 2, 20000, 1.0, k);
    prepare(p, rates[k % 3], signal.n_channels);
    test_run(p, &signal, TEST_RANDOM_BLOCKS);
    assert_true(test_all_finite(&signal));
    for (size_t i = 0; i < signal.n_frames; i++) {
      assert_true(fabs((double)signal.channels[0][i]) < 20);
    }
    test_signal_free(&signal);
    lac_processor_free(p);
  }
}

/* Mono is what each side of a stereo song with equal sides is. */
static void test_mono(void **state) {
  (void)state;
  TestSignal mono = test_noise(1, 6000, 0.9, 3), stereo = test_silence(2, 6000);
  memcpy(stereo.channels[0], mono.channels[0], 6000 * sizeof(float));
  memcpy(stereo.channels[1], mono.channels[0], 6000 * sizeof(float));
  for (unsigned n_channels = 1; n_channels <= 2; n_channels++) {
    LacProcessor *p = new_saturator(TAPE, 12);
    set(p, "from_hz", 100);
    prepare(p, 48000, n_channels);
    test_run(p, n_channels == 1 ? &mono : &stereo, 100);
    lac_processor_free(p);
  }
  assert_memory_equal(mono.channels[0], stereo.channels[0], 6000 * sizeof(float));
  assert_memory_equal(mono.channels[0], stereo.channels[1], 6000 * sizeof(float));
  test_signal_free(&mono);
  test_signal_free(&stereo);
}

/* The same bits from every compiler, optimisation level and machine. When the sound is changed on purpose, `revision`
 * grows and the value below is replaced by the one that this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  const uint64_t golden = 0x86e36056851a6837u;
  uint64_t hash = TEST_HASH_BEGIN;
  for (int c = 0; c < N_CHARACTERS; c++) {
    LacProcessor *p = new_saturator(c, 10);
    set(p, "level_match", c % 2);
    prepare(p, 44100, 2);
    assert_int_equal(lac_processor_set(p, test_param(p, "mode", 0), 1, 6000), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "excite_db", 0), -20, 6000), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "tone_db", 0), 4, 3000), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "from_hz", 0), 150, 3000), LAC_OK);
    TestSignal signal = test_noise(2, 20000, 0.8, 2026);
    test_run(p, &signal, 1000);
    hash = test_hash(&signal, hash);
    test_signal_free(&signal);
    lac_processor_free(p);
  }
  print_message("golden: 0x%016llxu\n", (unsigned long long)hash);
  assert_true(hash == golden);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_alias),
      cmocka_unit_test(test_harmonic_levels),
      cmocka_unit_test(test_flat),
      cmocka_unit_test(test_delay_is_exact),
      cmocka_unit_test(test_no_direct_current),
      cmocka_unit_test(test_rest_is_exact),
      cmocka_unit_test(test_band),
      cmocka_unit_test(test_characters),
      cmocka_unit_test(test_no_clicks),
      cmocka_unit_test(test_wakes_up),
      cmocka_unit_test(test_level_match),
      cmocka_unit_test(test_exciter),
      cmocka_unit_test(test_any_values),
      cmocka_unit_test(test_mono),
      cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
