/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What docs/processors/limiter.md promises, with the 32x judge for the true peak. LIMITER_FIGURES=1 prints the figures.
 */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/true_peak.h"
#include "processors/processor_class.h"
#include "processors/test/limiter_trials.h"
#include "processors/test/processor_signal.h"

typedef struct Settings {
  double drive_db, ceiling_dbtp, link_percent, lookahead_ms, release_ms;
} Settings;

static const Settings DEFAULTS = {0, 0, 100, 2, 1};

static LacProcessor *new_limiter(const Settings *s, double rate_hz, unsigned n_channels, LacReadoutTrack *tracks) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("limiter"), &p), LAC_OK);
  const struct {
    const char *id;
    double value;
  } values[] = {{"drive_db", s->drive_db},
                {"ceiling_dbtp", s->ceiling_dbtp},
                {"link_percent", s->link_percent},
                {"lookahead_ms", s->lookahead_ms},
                {"release_ms", s->release_ms}};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    assert_int_equal(lac_processor_set(p, test_param(p, values[i].id, 0), values[i].value, 0), LAC_OK);
  const LacProcessorSetup setup = {
      .rate_hz = rate_hz, .n_channels = n_channels, .max_block_frames = 1u << 20, .readouts = tracks};
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

/* Runs `signal` in blocks and removes the latency: what comes out has its length. Returns the latency. */
static size_t limit(const Settings *s, double rate_hz, TestSignal *signal, uint32_t block) {
  LacProcessor *p = new_limiter(s, rate_hz, signal->n_channels, NULL);
  const size_t latency = lac_processor_latency_frames(p), n = signal->n_frames;
  TestSignal longer = test_silence(signal->n_channels, n + latency);
  for (unsigned c = 0; c < signal->n_channels; c++)
    memcpy(longer.channels[c], signal->channels[c], n * sizeof(float));
  test_run(p, &longer, block);
  for (unsigned c = 0; c < signal->n_channels; c++)
    memcpy(signal->channels[c], longer.channels[c] + latency, n * sizeof(float));
  test_signal_free(&longer);
  lac_processor_free(p);
  return latency;
}

static double judge_db(const TestSignal *signal) {
  double peak = 0;
  for (unsigned c = 0; c < signal->n_channels; c++)
    peak = fmax(peak, lac_true_peak_judge(signal->channels[c], signal->n_frames));
  return 20 * log10(peak);
}

static void test_true_peak_is_kept(void **state) {
  (void)state;
  static const double rates_hz[] = {44100, 48000, 88200, 96000, 176400, 192000};
  static const Settings settings[] = {{18, -1, 100, 2, 1}, {6, -1, 50, 1.5, 0.5}, {18, -0.1, 0, 10, 50}};
  const size_t n_rates = test_at_most(sizeof rates_hz / sizeof rates_hz[0]);
  for (size_t r = 0; r < n_rates; r++) {
    for (int kind = 0; kind < N_TORTURES; kind++) {
      const Settings *s = &settings[((size_t)kind + r) % 3];
      TestSignal signal = torture(kind, rates_hz[r], 30000);
      limit(s, rates_hz[r], &signal, 4096);
      const double over_db = judge_db(&signal) - s->ceiling_dbtp;
      if (getenv("LIMITER_FIGURES"))
        print_message("%6.0f Hz, torture %d, drive %2.0f dB: %+.4f dB\n", rates_hz[r], kind, s->drive_db, over_db);
      assert_true(over_db <= 0.01);
      float largest = 0;
      for (unsigned c = 0; c < 2; c++)
        for (size_t i = 0; i < signal.n_frames; i++)
          largest = fmaxf(largest, fabsf(signal.channels[c][i]));
      assert_true((double)largest <= pow(10, s->ceiling_dbtp / 20));
      test_signal_free(&signal);
    }
  }
}

/* Nothing to limit: not one bit changes, whatever the settings; only the time, by the latency that was declared. */
static void test_nothing_to_limit(void **state) {
  (void)state;
  static const Settings settings[] = {
      {0, 0, 100, 2, 1}, {0, -1, 0, 1.5, 0.5}, {0, -3, 50, 10, 500}, {0, -0.01, 100, 5, 20}};
  for (size_t k = 0; k < sizeof settings / sizeof settings[0]; k++) {
    for (unsigned n_channels = 1; n_channels <= 2; n_channels++) {
      TestSignal in = test_noise(n_channels, 20000, 1.0, 5);
      const double gain = pow(10, (settings[k].ceiling_dbtp - judge_db(&in) - 0.006) / 20);
      for (unsigned c = 0; c < n_channels; c++)
        for (size_t i = 0; i < in.n_frames; i++)
          in.channels[c][i] *= (float)gain;
      TestSignal out = test_copy(&in);
      limit(&settings[k], 48000, &out, 1000);
      assert_true(test_same_bits(&in, &out));
      test_signal_free(&in);
      test_signal_free(&out);
    }
  }
}

static void test_latency_is_exact(void **state) {
  (void)state;
  static const double rates_hz[] = {8000, 44100, 96000, 384000};
  for (size_t r = 0; r < 4; r++) {
    Settings s = DEFAULTS;
    s.lookahead_ms = 1.5 + (double)r;
    LacProcessor *p = new_limiter(&s, rates_hz[r], 1, NULL);
    const size_t latency = lac_processor_latency_frames(p);
    TestSignal impulse = test_silence(1, latency + 50);
    impulse.channels[0][3] = 0.5f;
    test_run(p, &impulse, 64);
    for (size_t i = 0; i < impulse.n_frames; i++)
      assert_true(impulse.channels[0][i] == (i == latency + 3 ? 0.5f : 0.0f));
    test_signal_free(&impulse);
    lac_processor_free(p);
  }
}

/* Quiet stretches between loud ones, so that the resting shortcuts come and go. */
static void test_block_sizes(void **state) {
  (void)state;
  static const Settings settings[] = {{9, -1, 100, 2, 1}, {12, -2, 30, 7, 20}};
  static const uint32_t blocks[] = {1, 2, 7, 32, 119, 120, 512, 4096, 8192, TEST_RANDOM_BLOCKS};
  for (int kind = 0; kind < N_TORTURES; kind++) {
    TestSignal in = torture(kind, 44100, 24000);
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < in.n_frames; i++)
        in.channels[c][i] *= (i / 6000) % 2 ? 0.05f : 0.9f;
    TestSignal expected = test_copy(&in);
    limit(&settings[kind % 2], 44100, &expected, 0);
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
      TestSignal out = test_copy(&in);
      limit(&settings[kind % 2], 44100, &out, blocks[b]);
      assert_true(test_same_bits(&out, &expected));
      test_signal_free(&out);
    }
    test_signal_free(&in);
    test_signal_free(&expected);
  }
}

/* The defaults, 6 dB over. */
static void limit_6_db(TestSignal *signal) {
  const Settings s = {6, -1, 100, DEFAULTS.lookahead_ms, DEFAULTS.release_ms};
  limit(&s, RATE_HZ, signal, 4096);
}

static double distortion_db(double hz) {
  double *spectrum = limited_spectrum(limit_6_db, on_grid(hz), 1, 0, 0), power = 0;
  for (int k = (int)rint(1.5 * hz * SPECTRUM / RATE_HZ); k <= SPECTRUM / 2; k++)
    power += spectrum[k] * spectrum[k];
  const double db = 10 * log10(power / line(spectrum, on_grid(hz)));
  free(spectrum);
  return db;
}

/* The bass rule: the short default release may not bend low notes. */
static void test_bass_stays_clean(void **state) {
  (void)state;
  static const double tones_hz[] = {20, 30, 50, 80, 120, 200, 315, 500, 997};
  for (size_t k = 0; k < sizeof tones_hz / sizeof tones_hz[0]; k++) {
    const double db = distortion_db(tones_hz[k]);
    if (getenv("LIMITER_FIGURES"))
      print_message("THD %.0f Hz: %.1f dB\n", tones_hz[k], db);
    assert_true(db <= -100);
  }
  const double smpte_db = intermodulation_db(limit_6_db, 60, 7000);
  if (getenv("LIMITER_FIGURES"))
    print_message("SMPTE: %.1f dB\n", smpte_db);
  assert_true(smpte_db <= -80);
  assert_true(intermodulation_db(limit_6_db, 100, 7000) <= -80 && intermodulation_db(limit_6_db, 50, 3000) <= -80);
}

static void test_recovery(void **state) {
  (void)state;
  const double ms = recovery_ms(limit_6_db);
  if (getenv("LIMITER_FIGURES"))
    print_message("recovery %.1f ms\n", ms);
  assert_true(ms <= 10);
}

/* The readout is the gain that was applied: minimum and mean per 10 ms, in dB, drive left out. */
static void test_readout(void **state) {
  (void)state;
  enum { N = 44100, HOP = 441, ENTRIES = N / HOP };
  static const double links[] = {100, 0};
  for (size_t k = 0; k < 2; k++) {
    const Settings s = {12, -1, links[k], 3, 10};
    float minimum[ENTRIES], mean[ENTRIES];
    LacReadoutTrack track = {minimum, mean, ENTRIES, 0};
    LacProcessor *p = new_limiter(&s, RATE_HZ, 2, &track);
    const size_t latency = lac_processor_latency_frames(p);
    TestSignal in = torture(5, RATE_HZ, N + latency), out = test_copy(&in);
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < in.n_frames; i++)
        in.channels[c][i] = out.channels[c][i] *= i < N / 3 ? 0.02f : 1.0f;
    test_run(p, &out, 333);
    assert_int_equal(track.count, ENTRIES);
    double deepest = 0;
    for (size_t e = 0; e < ENTRIES; e++) {
      double least = 0, sum = 0;
      for (size_t i = e * HOP; i < (e + 1) * HOP; i++) {
        double lower = 1;
        for (unsigned c = 0; c < 2; c++) {
          const double driven = (double)in.channels[c][i] * pow(10, 12.0 / 20);
          if (fabs(driven) > 1e-4)
            lower = fmin(lower, (double)out.channels[c][i + latency] / driven);
        }
        least = fmin(least, 20 * log10(lower));
        sum += 20 * log10(lower);
      }
      assert_true(fabs((double)minimum[e] - least) < 0.02 && fabs((double)mean[e] - sum / HOP) < 0.05);
      deepest = fmin(deepest, least);
    }
    assert_true(deepest < -6);
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

/* Linked, both channels have the same gain at every frame; unlinked, the quiet one stays as it is. */
static void test_link(void **state) {
  (void)state;
  TestSignal in = torture(5, RATE_HZ, 20000);
  for (size_t i = 0; i < in.n_frames; i++)
    in.channels[1][i] = 0.125f * in.channels[0][i];
  for (int is_linked = 0; is_linked < 2; is_linked++) {
    const Settings s = {6, -1, is_linked ? 100 : 0, 2, 1};
    TestSignal out = test_copy(&in);
    limit(&s, RATE_HZ, &out, 100);
    const float drive = (float)pow(10, 6.0 / 20);
    for (size_t i = 0; i < in.n_frames; i++) {
      if (is_linked)
        assert_true(out.channels[1][i] == 0.125f * out.channels[0][i]);
      else
        assert_true(fabsf(out.channels[1][i] - drive * in.channels[1][i]) <= 1e-6f);
    }
    test_signal_free(&out);
  }
  test_signal_free(&in);
}

/* A drive that is turned up and a ceiling that is pulled down while it runs: no step, and never over the ceiling that
 * held before or holds after. */
static void test_moving_controls(void **state) {
  (void)state;
  const Settings s = {0, -1, 100, 2, 1};
  LacProcessor *p = new_limiter(&s, RATE_HZ, 2, NULL);
  TestSignal signal = test_sine(2, 60000, 300, RATE_HZ, 0.8);
  assert_int_equal(lac_processor_set(p, test_param(p, "drive_db", 0), 12, 10000), LAC_OK);
  assert_int_equal(lac_processor_set(p, test_param(p, "ceiling_dbtp", 0), -6, 30000), LAC_OK);
  test_run(p, &signal, 77);
  const double step = 2 * PI * 300 / RATE_HZ * 1.1; /* the steepest the sine itself gets, and a little */
  for (size_t i = 1; i < signal.n_frames; i++) {
    assert_true(fabs((double)signal.channels[0][i] - (double)signal.channels[0][i - 1]) < step);
    assert_true((double)fabsf(signal.channels[0][i]) <= pow(10, -1.0 / 20));
    /* a quick ceiling would be heard: 0.2 dB are left after 0.14 s, nothing after 0.3 s */
    if (i > 30000 + 6000)
      assert_true((double)fabsf(signal.channels[0][i]) <= pow(10, i > 30000 + 13230 ? -6.0 / 20 : -5.8 / 20));
  }
  test_signal_free(&signal);
  lac_processor_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_true_peak_is_kept), cmocka_unit_test(test_nothing_to_limit),
      cmocka_unit_test(test_latency_is_exact),  cmocka_unit_test(test_block_sizes),
      cmocka_unit_test(test_bass_stays_clean),  cmocka_unit_test(test_recovery),
      cmocka_unit_test(test_readout),           cmocka_unit_test(test_link),
      cmocka_unit_test(test_moving_controls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
