/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bars of the match EQ: the curve, the phases, the latency, no clicks. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/test/check.h"
#include "dsp/biquad_fit.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

enum { MINIMUM, LINEAR, MIXED };

static const double rates[] = {44100, 48000, 96000};

static LacProcessor *new_match(int phase) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("match_eq"), &p), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "phase", 0), phase, 0), LAC_OK);
  return p;
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 18, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* Eight bands over 40 Hz .. 16 kHz, each anything in +-6 dB. */
enum { N_BANDS = 8 };
static void random_bands(LacCurvePoint *points, uint64_t seed, double sign) {
  TestRandom random = {seed};
  for (int i = 0; i < N_BANDS; i++) {
    points[i] = (LacCurvePoint){40.0 * pow(400.0, i / (N_BANDS - 1.0)), 0};
    points[i].y = sign * (12.0 * test_random_uniform(&random) - 6.0);
  }
}

static void set_curve(LacProcessor *p, const char *id, const LacCurvePoint *points, size_t n) {
  assert_int_equal(lac_processor_set_points(p, test_param(p, id, 0), points, n), LAC_OK);
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

/* Power of third octaves around 40 Hz .. 16 kHz over frames of 16384 half overlapped, in dB. */
enum { N_THIRDS = 27 };
static void thirds_db(const float *x, size_t n, double rate_hz, double db[N_THIRDS]) {
  enum { N = 16384 };
  double power[N_THIRDS] = {0};
  for (size_t at = 0; at + N <= n; at += N / 2) {
    double *spectrum = test_spectrum(x + at, N);
    for (int k = 0; k < N_THIRDS; k++) {
      const double hz = 40 * pow(2, k / 3.0), low = hz * pow(2, -1 / 6.0) * N / rate_hz;
      const double high = hz * pow(2, 1 / 6.0) * N / rate_hz;
      for (size_t bin = (size_t)ceil(low); bin <= (size_t)high; bin++)
        power[k] += spectrum[bin] * spectrum[bin];
    }
    free(spectrum);
  }
  for (int k = 0; k < N_THIRDS; k++)
    db[k] = 10 * log10(power[k]);
}

static double rms_difference(const double *a, const double *b, int n) {
  double sum = 0;
  for (int k = 0; k < n; k++)
    sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sqrt(sum / n);
}

/* Bends a signal by eight bells of the equaliser; `curve` becomes the inverse of what that did. */
enum { N_POINTS = 200 };
static void bend(TestSignal *signal, double rate_hz, uint64_t seed, LacCurvePoint *curve) {
  LacCurvePoint bands[N_BANDS];
  random_bands(bands, seed, 1);
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("equalizer"), &p), LAC_OK);
  for (int b = 0; b < N_BANDS; b++) {
    assert_int_equal(lac_processor_set(p, test_param(p, "type", b + 1), LAC_BAND_BELL, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "hz", b + 1), bands[b].x, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "db", b + 1), bands[b].y, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, test_param(p, "q", b + 1), 1.4, 0), LAC_OK);
  }
  prepare(p, rate_hz, signal->n_channels);
  test_run(p, signal, 4096);
  lac_processor_free(p);
  for (int i = 0; i < N_POINTS; i++) {
    curve[i] = (LacCurvePoint){20 * pow(1000, i / (N_POINTS - 1.0)), 0};
    for (int b = 0; b < N_BANDS; b++)
      curve[i].y -= lac_eq_band_db(LAC_BAND_BELL, bands[b].x, bands[b].y, 1.4, rate_hz, curve[i].x);
  }
}

/* The bar: pink noise through a random +-6 dB curve of eight bands, corrected by the inverse: <= 0.3 dB RMS. */
static void test_matches_back(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int phase = MINIMUM; phase <= MIXED; phase++) {
      TestSignal in = test_noise(1, 1u << 17, 1.0, 40 + r);
      make_pink(in.channels[0], in.n_frames);
      TestSignal out = test_copy(&in);
      LacCurvePoint inverse[N_POINTS];
      double before[N_THIRDS], bent[N_THIRDS], after[N_THIRDS];
      bend(&out, rates[r], 10 * r + (uint64_t)phase + 3, inverse);
      LacProcessor *p = new_match(phase);
      set_curve(p, "mid_curve", inverse, N_POINTS);
      prepare(p, rates[r], 1);
      const size_t latency = lac_processor_latency_frames(p), n = in.n_frames - latency;
      thirds_db(in.channels[0], n, rates[r], before);
      thirds_db(out.channels[0], n, rates[r], bent);
      test_run(p, &out, 4096);
      thirds_db(out.channels[0] + latency, n, rates[r], after);
      const double error = rms_difference(before, after, N_THIRDS);
      print_message("%.0f Hz, phase %d: %.4f dB (bent by %.1f)\n", rates[r], phase, error,
                    rms_difference(before, bent, N_THIRDS));
      assert_true(rms_difference(before, bent, N_THIRDS) > 1);
      assert_true(error <= 0.1);
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
  }
}

/* Impulse response of one channel pair; frames before the latency included. */
static TestSignal impulse_response(LacProcessor *p, unsigned n_channels, float left, float right) {
  TestSignal impulse = test_silence(n_channels, 1u << 15);
  impulse.channels[0][0] = left;
  if (n_channels > 1)
    impulse.channels[1][0] = right;
  test_run(p, &impulse, 999);
  return impulse;
}

/* The curve itself, per channel: mid and side have theirs, amounts scale it in dB, and its ends hold. */
static void test_curve(void **state) {
  (void)state;
  static const LacCurvePoint mid[] = {{100, 6}, {1000, -3}, {8000, 2}}, side[] = {{60, -6}, {3000, 4}};
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int phase = MINIMUM; phase <= MIXED; phase++) {
      LacProcessor *p = new_match(phase);
      set_curve(p, "mid_curve", mid, 3);
      set_curve(p, "side_curve", side, 2);
      assert_int_equal(lac_processor_set(p, test_param(p, "amount_percent", 0), 50, 0), LAC_OK);
      prepare(p, rates[r], 2);
      for (int lane = 0; lane < 2; lane++) {
        const LacCurvePoint *points = lane ? side : mid;
        const size_t n = lane ? 2 : 3;
        lac_processor_reset(p);
        TestSignal h = impulse_response(p, 2, 1, lane ? -1.0F : 1.0F);
        for (size_t k = 0; k < n; k++) {
          const double db = test_response_db(h.channels[0], h.n_frames, 1, points[k].x, rates[r]);
          assert_true(fabs(db - 0.5 * points[k].y) < 0.05);
        }
        const double low = test_response_db(h.channels[0], h.n_frames, 1, 25, rates[r]);
        const double high = test_response_db(h.channels[0], h.n_frames, 1, 19000, rates[r]);
        assert_true(fabs(low - 0.5 * points[0].y) < 0.1 && fabs(high - 0.5 * points[n - 1].y) < 0.02);
        for (size_t i = 0; i < h.n_frames; i++) /* nothing of the other lane */
          assert_true(fabsf(h.channels[0][i] - (lane ? -1.0F : 1.0F) * h.channels[1][i]) < 1e-6F);
        test_signal_free(&h);
      }
      lac_processor_free(p);
    }
  }
}

/* No more than 0.05 dB away from nothing: a flat curve or amount 0 returns every bit, as late as declared. */
static void test_identity(void **state) {
  (void)state;
  static const LacCurvePoint flat[] = {{100, 0}, {1000, 0}}, bell[] = {{500, 0}, {1000, 6}, {2000, 0}};
  for (int phase = MINIMUM; phase <= MIXED; phase++) {
    for (int which = 0; which < 3; which++) {
      LacProcessor *p = new_match(phase);
      set_curve(p, "mid_curve", which < 2 ? flat : bell, which == 0 ? 0 : which == 1 ? 2 : 3);
      if (which == 2)
        assert_int_equal(lac_processor_set(p, test_param(p, "amount_percent", 0), 0, 0), LAC_OK);
      assert_true(lac_processor_is_neutral(p));
      prepare(p, 44100, 2);
      const uint32_t latency = lac_processor_latency_frames(p);
      assert_true(lac_processor_is_neutral(p) && (which == 2 || latency == 0));
      TestSignal in = test_noise(2, 10000, 1, 8), out = test_copy(&in);
      test_run(p, &out, 100);
      for (unsigned c = 0; c < 2; c++)
        assert_memory_equal(out.channels[c] + latency, in.channels[c], (in.n_frames - latency) * sizeof(float));
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
  }
}

/* A part without a curve of its own goes through: the side is the input's to rounding when only the mid is bent. */
static void test_lanes_rest(void **state) {
  (void)state;
  static const LacCurvePoint bell[] = {{500, 0}, {1000, 6}, {2000, 0}};
  for (int phase = MINIMUM; phase <= MIXED; phase++) {
    for (int lane = 0; lane < 2; lane++) {
      LacProcessor *p = new_match(phase);
      set_curve(p, lane ? "side_curve" : "mid_curve", bell, 3);
      prepare(p, 48000, 2);
      const uint32_t latency = lac_processor_latency_frames(p);
      TestSignal in = test_noise(2, 12000, 1, 9), out = test_copy(&in);
      test_run(p, &out, 700);
      double bent = 0;
      for (size_t i = 0; i + latency < in.n_frames; i++) {
        const float *l = out.channels[0] + latency, *r = out.channels[1] + latency;
        const float other = lane ? l[i] + r[i] - in.channels[0][i] - in.channels[1][i]
                                 : l[i] - r[i] - in.channels[0][i] + in.channels[1][i];
        assert_true(fabsf(other) < 1e-6F);
        bent += fabs((double)l[i] - (double)in.channels[0][i]);
      }
      assert_true(bent > 100);
      test_signal_free(&in);
      test_signal_free(&out);
      lac_processor_free(p);
    }
  }
}

/* The bar: what sounds earlier than 5 ms before the main tap is 60 dB under the whole; linear phase is only told. */
static void test_pre_echo(void **state) {
  (void)state;
  for (size_t r = 0; r < test_at_most(3); r++) {
    double worst[3] = {-300, -300, -300};
    for (int k = 0; k < 24; k++) {
      LacCurvePoint points[N_BANDS];
      random_bands(points, 500 + (uint64_t)k, 1);
      LacProcessor *p = new_match(k % 3);
      set_curve(p, "mid_curve", points, N_BANDS);
      prepare(p, rates[r], 1);
      TestSignal h = impulse_response(p, 1, 1, 0);
      const size_t main_tap = lac_processor_latency_frames(p), early = (size_t)(0.005 * rates[r]);
      double before = 0, all = 0;
      for (size_t i = 0; i < h.n_frames; i++) {
        const double energy = (double)h.channels[0][i] * (double)h.channels[0][i];
        all += energy;
        before += i + early < main_tap ? energy : 0;
      }
      worst[k % 3] = fmax(worst[k % 3], 10 * log10(before / all + 1e-30));
      test_signal_free(&h);
      lac_processor_free(p);
    }
    print_message("%.0f Hz, earlier than 5 ms: minimum %.0f, mixed %.1f, linear %.1f dB\n", rates[r], worst[MINIMUM],
                  worst[MIXED], worst[LINEAR]);
    assert_true(worst[MINIMUM] <= -100 && worst[MIXED] <= -60);
  }
}

/* To the sample: the main tap, and the centre of linear phase's symmetry. */
static void test_latency(void **state) {
  (void)state;
  static const LacCurvePoint points[] = {{300, -4}, {1000, 3}};
  static const uint32_t wanted[3][3] = {{0, 4096, 1024}, {0, 4096, 1024}, {0, 8192, 1792}};
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (int phase = MINIMUM; phase <= MIXED; phase++) {
      LacProcessor *p = new_match(phase);
      set_curve(p, "mid_curve", points, 2);
      prepare(p, rates[r], 1);
      const uint32_t latency = lac_processor_latency_frames(p);
      assert_int_equal(latency, wanted[r][phase]);
      TestSignal h = impulse_response(p, 1, 1, 0);
      size_t main_tap = 0;
      for (size_t i = 0; i < h.n_frames; i++)
        main_tap = fabsf(h.channels[0][i]) > fabsf(h.channels[0][main_tap]) ? i : main_tap;
      assert_int_equal(main_tap, latency);
      for (size_t i = 1; phase == LINEAR && i < latency; i++)
        assert_true(fabsf(h.channels[0][latency - i] - h.channels[0][latency + i]) < 3e-7F);
      test_signal_free(&h);
      lac_processor_free(p);
    }
  }
}

/* Loudest spectral line of channel 0 further than 400 Hz from the sine, in dB of the sine. */
static double splatter_db(const float *x, size_t n, double hz, double rate_hz) {
  double *spectrum = test_spectrum(x, n), inside = 0, outside = 0;
  for (size_t k = 0; k <= n / 2; k++) {
    double *place = fabs((double)k * rate_hz / (double)n - hz) < 400 ? &inside : &outside;
    *place = fmax(*place, spectrum[k]);
  }
  free(spectrum);
  return 20.0 * log10(outside / inside);
}

/* Amounts stepped under a full-scale sine, and stepped again while the first change is underway. */
static void test_no_clicks(void **state) {
  (void)state;
  static const LacCurvePoint points[] = {{200, -12}, {1000, 12}, {5000, -12}};
  const double steps[][3] = {{0, 100, 100}, {100, 0, 0}, {100, 30, 80}};
  enum { N = 32768, AT = 20000 };
  for (int phase = MINIMUM; phase <= MIXED; phase++) {
    for (size_t k = 0; k < 3; k++) {
      LacProcessor *p = new_match(phase);
      const size_t amount = test_param(p, "amount_percent", 0);
      set_curve(p, "mid_curve", points, 3);
      assert_int_equal(lac_processor_set(p, amount, steps[k][0], 0), LAC_OK);
      prepare(p, 48000, 2);
      assert_int_equal(lac_processor_set(p, amount, steps[k][1], AT + 6000), LAC_OK);
      assert_int_equal(lac_processor_set(p, amount, steps[k][2], AT + 9000), LAC_OK);
      TestSignal sine = test_sine(2, AT + N, 1000, 48000, 0.25);
      test_run(p, &sine, 480);
      const double db = splatter_db(sine.channels[0] + AT, N, 1000, 48000);
      print_message("phase %d, %3.0f -> %3.0f -> %3.0f: %.1f dB\n", phase, steps[k][0], steps[k][1], steps[k][2], db);
      assert_true(db < -100);
      test_signal_free(&sine);
      lac_processor_free(p);
    }
  }
}

/* After a change it is the one that was prepared so; back at 0 it returns every bit again and knows. */
static void test_changes_arrive(void **state) {
  (void)state;
  static const LacCurvePoint points[] = {{200, -12}, {1000, 12}, {5000, -12}};
  for (int phase = MINIMUM; phase <= MIXED; phase++) {
    LacProcessor *moved = new_match(phase), *fixed = new_match(phase);
    const size_t amount = test_param(moved, "amount_percent", 0);
    set_curve(moved, "mid_curve", points, 3);
    set_curve(fixed, "mid_curve", points, 3);
    assert_int_equal(lac_processor_set(moved, amount, 20, 0), LAC_OK);
    assert_int_equal(lac_processor_set(fixed, amount, 70, 0), LAC_OK);
    prepare(moved, 48000, 2);
    prepare(fixed, 48000, 2);
    TestSignal in = test_noise(2, 40000, 0.5, 5), a = test_copy(&in), b = test_copy(&in);
    assert_int_equal(lac_processor_set(moved, amount, 70, 777), LAC_OK);
    test_run(moved, &a, 512);
    test_run(fixed, &b, 512);
    /* 0.14 s: the wait for a border, the design, the fade, and the past of the filter */
    for (size_t i = 20000; i < a.n_frames; i++)
      assert_true(fabsf(a.channels[0][i] - b.channels[0][i]) < 1e-6F);
    assert_int_equal(lac_processor_set(moved, amount, 0, moved->frame), LAC_OK);
    test_run(moved, &b, 512);
    assert_true(lac_processor_is_neutral(moved));
    TestSignal c = test_copy(&in);
    test_run(moved, &c, 99);
    const uint32_t latency = lac_processor_latency_frames(moved);
    assert_memory_equal(c.channels[1] + latency, in.channels[1], (in.n_frames - latency) * sizeof(float));
    TestSignal *all[] = {&in, &a, &b, &c};
    for (size_t k = 0; k < 4; k++)
      test_signal_free(all[k]);
    lac_processor_free(moved);
    lac_processor_free(fixed);
  }
}

/* Mono: mid is the signal, and a side curve does nothing at all. */
static void test_mono(void **state) {
  (void)state;
  static const LacCurvePoint points[] = {{200, -3}, {1000, 6}};
  TestSignal mono = test_noise(1, 9000, 0.5, 2), stereo = test_noise(2, 9000, 0.5, 2);
  memcpy(stereo.channels[0], mono.channels[0], 9000 * sizeof(float));
  memcpy(stereo.channels[1], mono.channels[0], 9000 * sizeof(float));
  TestSignal *signals[] = {&mono, &stereo};
  for (int k = 0; k < 2; k++) {
    LacProcessor *p = new_match(MIXED);
    set_curve(p, "mid_curve", points, 2);
    set_curve(p, "side_curve", points + 1, 1);
    prepare(p, 48000, signals[k]->n_channels);
    test_run(p, signals[k], 333);
    lac_processor_free(p);
  }
  assert_memory_equal(mono.channels[0], stereo.channels[0], 9000 * sizeof(float));
  LacProcessor *p = new_match(MIXED);
  set_curve(p, "side_curve", points, 2);
  prepare(p, 48000, 1);
  assert_true(lac_processor_is_neutral(p) && lac_processor_latency_frames(p) == 0);
  lac_processor_free(p);
  test_signal_free(&mono);
  test_signal_free(&stereo);
}

/* The same bits for every cut, on every CPU level, from every compiler and machine. When the sound is changed on
 * purpose, `revision` grows and the value below is replaced by the one that this test prints. */
static void test_bits_repeat(void **state) {
  (void)state;
  const uint64_t golden = 0x20c26279afce934au;
  static const char *const levels[] = {"baseline", "avx2", "avx512"};
  const char *forced = getenv("LACQUER_CPU");
  char *before = forced ? strdup(forced) : NULL;
  for (int k = 0; k < 6; k++) {
    assert_int_equal(setenv("LACQUER_CPU", levels[k / 2], 1), 0);
    static const LacCurvePoint mid[] = {{100, 6}, {1000, -3}, {8000, 2}}, side[] = {{60, -6}, {3000, 4}};
    LacProcessor *p = new_match(MIXED);
    set_curve(p, "mid_curve", mid, 3);
    set_curve(p, "side_curve", side, 2);
    prepare(p, 44100, 2);
    assert_int_equal(lac_processor_set(p, test_param(p, "amount_percent", 0), 30, 5000), LAC_OK);
    TestSignal signal = test_noise(2, 30000, 0.5, 2026);
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
      cmocka_unit_test(test_matches_back), cmocka_unit_test(test_curve),          cmocka_unit_test(test_identity),
      cmocka_unit_test(test_lanes_rest),   cmocka_unit_test(test_pre_echo),       cmocka_unit_test(test_latency),
      cmocka_unit_test(test_no_clicks),    cmocka_unit_test(test_changes_arrive), cmocka_unit_test(test_mono),
      cmocka_unit_test(test_bits_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
