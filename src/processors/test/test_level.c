/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gain and fade. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "dsp/elementary.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

static LacProcessor *new_processor(const char *id) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find(id), &p), LAC_OK);
  return p;
}

static void set(LacProcessor *p, const char *id, double value, uint64_t at_frame) {
  assert_int_equal(lac_processor_set(p, test_param(p, id, 0), value, at_frame), LAC_OK);
}

static void prepare(LacProcessor *p, double rate_hz, unsigned n_channels, uint64_t total_frames) {
  LacProcessorSetup setup = test_setup(rate_hz, n_channels, 1u << 17, total_frames, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

static void test_gain_is_exact(void **state) {
  (void)state;
  static const double db[] = {-60, -6.02, -0.1, 0.5, 12, 60};
  for (size_t k = 0; k < sizeof db / sizeof db[0]; k++) {
    LacProcessor *p = new_processor("gain");
    set(p, "db", db[k], 0);
    prepare(p, 48000, 2, 0);
    assert_false(lac_processor_is_neutral(p));
    TestSignal in = test_noise(2, 1000, 1.0, k), out = test_copy(&in);
    test_run(p, &out, 13);
    for (size_t i = 0; i < in.n_frames; i++) {
      double expected = (double)in.channels[1][i] * pow(10.0, db[k] / 20.0);
      assert_true(fabs((double)out.channels[1][i] - expected) <= 6.1e-8 * fabs(expected));
    }
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

static void test_gain_does_not_click(void **state) {
  (void)state;
  enum { N = 32768 };
  static const double steps[][2] = {{0, -6}, {0, 12}, {-60, 0}, {0, -60}, {-0.1, 0}};
  for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
    LacProcessor *p = new_processor("gain");
    set(p, "db", steps[k][0], 0);
    prepare(p, 48000, 1, 0);
    set(p, "db", steps[k][1], N / 2 - 6000);
    TestSignal sine = test_sine(1, N, 1000, 48000, 1.0);
    test_run(p, &sine, 480);
    double *spectrum = test_spectrum(sine.channels[0], N), outside = 0;
    for (size_t i = 0; i <= N / 2; i++) {
      bool is_far = fabs((double)i * 48000 / N - 1000) > 300;
      outside = is_far && spectrum[i] > outside ? spectrum[i] : outside;
    }
    print_message("gain %g -> %g dB: %.1f dB\n", steps[k][0], steps[k][1], 20 * log10(outside));
    assert_true(20 * log10(outside) < -80);
    /* Arrived, to the bit. */
    TestSignal tail = test_noise(1, 500, 1.0, 1), expected = test_copy(&tail);
    test_run(p, &tail, 0);
    if (steps[k][1] == 0) {
      assert_true(test_same_bits(&tail, &expected));
      assert_true(lac_processor_is_neutral(p));
    }
    free(spectrum);
    test_signal_free(&sine);
    test_signal_free(&tail);
    test_signal_free(&expected);
    lac_processor_free(p);
  }
}

/* Targets that come every quantum are followed, not waited out. */
static void test_gain_follows_automation(void **state) {
  (void)state;
  LacProcessor *p = new_processor("gain");
  prepare(p, 48000, 1, 0);
  TestSignal ones = test_silence(1, 48000);
  for (size_t i = 0; i < ones.n_frames; i++) {
    ones.channels[0][i] = 1.0F;
  }
  for (size_t i = 0; i < ones.n_frames; i += 320) {
    set(p, "db", -12.0 * (double)i / 48000.0, i);
    float *place[1] = {ones.channels[0] + i};
    lac_processor_process(p, place, 320);
  }
  for (size_t i = 4800; i < 48000; i++) {
    double ideal = -12.0 * ((double)i - 0.015 * 48000) / 48000.0; /* three poles of 5 ms: 15 ms late */
    assert_true(fabs(20 * log10((double)ones.channels[0][i]) - ideal) < 0.1);
    assert_true(ones.channels[0][i] <= ones.channels[0][i - 1]);
  }
  test_signal_free(&ones);
  lac_processor_free(p);
}

static double shape(int which, double u) {
  switch (which) {
  case 0:
    return u;
  case 1:
    return sin(0.5 * LAC_PI * u);
  case 2:
    return 0.5 - 0.5 * cos(LAC_PI * u);
  default:
    return (pow(10.0, 3.0 * (u - 1.0)) - 0.001) / 0.999;
  }
}

static void test_fade_is_sample_exact(void **state) {
  (void)state;
  enum { N = 10000, IN = 480, OUT = 960 };
  for (int which = 0; which < 4; which++) {
    LacProcessor *p = new_processor("fade");
    set(p, "in_s", 0.01, 0);
    set(p, "out_s", 0.02, 0);
    set(p, "in_shape", which, 0);
    set(p, "out_shape", which, 0);
    prepare(p, 48000, 2, N);
    TestSignal in = test_noise(2, N + 100, 1.0, 1), out = test_copy(&in);
    test_run(p, &out, 111);
    for (size_t i = 0; i < in.n_frames; i++) {
      double gain = i < IN        ? shape(which, (double)i / IN)
                    : i < N - OUT ? 1.0
                    : i < N       ? shape(which, (double)(N - 1 - i) / OUT)
                                  : 0.0;
      for (int c = 0; c < 2; c++) {
        double expected = (double)in.channels[c][i] * gain;
        assert_true(fabs((double)out.channels[c][i] - expected) <= 6.1e-8 * fabs(expected) + 1e-15);
        assert_true(i < IN || i >= N - OUT || out.channels[c][i] == in.channels[c][i]);
      }
    }
    assert_true(out.channels[0][0] == 0 && out.channels[1][N - 1] == 0);
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* The gains of a fade-in of n frames over ones; the caller frees. */
static float *fade_gains(double rate_hz, int which, bool is_out, size_t n) {
  LacProcessor *p = new_processor("fade");
  set(p, is_out ? "out_s" : "in_s", (double)n / rate_hz, 0);
  set(p, is_out ? "out_shape" : "in_shape", which, 0);
  prepare(p, rate_hz, 1, 3 * n);
  TestSignal ones = test_silence(1, 3 * n);
  for (size_t i = 0; i < 3 * n; i++) {
    ones.channels[0][i] = 1.0F;
  }
  test_run(p, &ones, 129);
  lac_processor_free(p);
  return ones.channels[0];
}

/* Every shape at every rate: its formula, 0 at the outer end and 1 beside the inner one to the bit, never back; the
 * fade-out is the mirror image; and what each shape is for. */
static void test_fade_shapes(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000};
  for (size_t r = 0; r < 3; r++) {
    const size_t n = (size_t)(0.3 * rates[r]);
    for (int which = 0; which < 4; which++) {
      float *in = fade_gains(rates[r], which, false, n), *out = fade_gains(rates[r], which, true, n);
      assert_true(in[0] == 0 && in[n] == 1 && in[3 * n - 1] == 1 && out[0] == 1 && out[2 * n - 1] == 1);
      for (size_t k = 0; k < n; k++) {
        double u = (double)k / (double)n, gain = (double)in[k], rest = (double)in[n - k];
        assert_true(fabs(gain - shape(which, u)) < 6.1e-8);
        assert_true(in[k + 1] >= in[k] && out[3 * n - 1 - k] == in[k]);
        /* linear and s_curve cross over at equal gain, equal_power at equal power, logarithmic is even in dB. */
        double sum = which == 1 ? gain * gain + rest * rest : gain + rest;
        assert_true(which == 3 || fabs(sum - 1.0) < 2e-7);
        double even = 60.0 * (u - 1.0);
        assert_true(which != 3 || u < 0.5 || fabs(20 * log10(gain) - even) < 0.3);
      }
      free(in);
      free(out);
    }
  }
}

/* Without a known length the beginning fades in all the same, and the end is left alone. A reset fades in again. */
static void test_fade_of_unknown_length(void **state) {
  (void)state;
  LacProcessor *p = new_processor("fade");
  set(p, "in_s", 0.01, 0);
  set(p, "in_shape", 0, 0);
  set(p, "out_s", 10, 0);
  prepare(p, 8000, 1, 0);
  for (int round = 0; round < 2; round++) {
    TestSignal in = test_noise(1, 30000, 1.0, 5), out = test_copy(&in);
    test_run(p, &out, 333);
    for (size_t i = 0; i < 30000; i++) {
      double expected = (double)in.channels[0][i] * (i < 80 ? (double)i / 80 : 1.0);
      assert_true(fabs((double)out.channels[0][i] - expected) <= 6.1e-8 * fabs(expected));
    }
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_reset(p);
  }
  lac_processor_free(p);
}

/* Behind a processor that delays, the fades wait for the programme. */
static void test_fade_waits_for_the_programme(void **state) {
  (void)state;
  enum { N = 3000, LATE = 77 };
  TestSignal plain = test_noise(1, N, 1.0, 4), late = test_silence(1, N + LATE);
  for (int i = 0; i < N; i++) {
    late.channels[0][LATE + i] = plain.channels[0][i];
  }
  for (int is_late = 0; is_late < 2; is_late++) {
    LacProcessor *p = new_processor("fade");
    set(p, "in_s", 0.02, 0);
    set(p, "out_s", 0.1, 0);
    LacProcessorSetup setup = {.rate_hz = 8000,
                               .n_channels = 1,
                               .max_block_frames = 64,
                               .total_frames = is_late ? N + LATE : N,
                               .late_frames = is_late ? LATE : 0};
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, is_late ? &late : &plain, 64);
    lac_processor_free(p);
  }
  assert_memory_equal(plain.channels[0], late.channels[0] + LATE, N * sizeof(float));
  test_signal_free(&plain);
  test_signal_free(&late);
}

/* Longer than the programme: both fades span all of it. Unknown length: no fade-out. */
static void test_fade_bounds(void **state) {
  (void)state;
  LacProcessor *p = new_processor("fade");
  set(p, "in_s", 100, 0);
  set(p, "in_shape", 0, 0);
  set(p, "out_s", 100, 0);
  set(p, "out_shape", 0, 0);
  prepare(p, 8000, 1, 1000);
  TestSignal ones = test_silence(1, 1000);
  for (int i = 0; i < 1000; i++) {
    ones.channels[0][i] = 1.0F;
  }
  TestSignal same = test_copy(&ones);
  test_run(p, &ones, 7);
  for (int i = 0; i < 1000; i++) {
    assert_true(fabs((double)ones.channels[0][i] - (i / 1000.0) * ((999 - i) / 1000.0)) < 1e-7);
  }
  assert_int_equal(lac_processor_set(p, 0, 1, 0), LAC_ERR_USAGE);
  lac_processor_free(p);
  p = new_processor("fade");
  set(p, "out_s", 1, 0);
  prepare(p, 8000, 1, 0);
  assert_true(lac_processor_is_neutral(p));
  TestSignal copy = test_copy(&same);
  test_run(p, &copy, 0);
  assert_true(test_same_bits(&copy, &same));
  lac_processor_free(p);
  test_signal_free(&ones);
  test_signal_free(&same);
  test_signal_free(&copy);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gain_is_exact),
      cmocka_unit_test(test_gain_does_not_click),
      cmocka_unit_test(test_gain_follows_automation),
      cmocka_unit_test(test_fade_is_sample_exact),
      cmocka_unit_test(test_fade_shapes),
      cmocka_unit_test(test_fade_of_unknown_length),
      cmocka_unit_test(test_fade_waits_for_the_programme),
      cmocka_unit_test(test_fade_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
