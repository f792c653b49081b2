/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What docs/processors/limiter.md promises of the offline form, with the 32x judge for the true peak. LIMITER_FIGURES=1
 * prints the figures. */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/threads.h"
#include "dsp/true_peak.h"
#include "processors/processor_class.h"
#include "processors/test/limiter_trials.h"
#include "processors/test/processor_signal.h"

typedef struct Settings {
  double drive_db, ceiling_dbtp, link_percent, character, quality;
} Settings;

enum { STANDARD = 1, BEST = 2 };

/* Of work after a stop; 0.1 s of time is what is promised. A build under a sanitizer may be ten times as slow. */
static const double MOST_STOP_S = 0.2;

static LacProcessor *new_stoppable(const Settings *s, double rate_hz, unsigned n_channels, uint32_t n_threads,
                                   LacReadoutTrack *tracks, const LacCancel *cancel) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find("limiter"), &p), LAC_OK);
  const struct {
    const char *id;
    double value;
  } values[] = {{"drive_db", s->drive_db},   {"ceiling_dbtp", s->ceiling_dbtp}, {"link_percent", s->link_percent},
                {"character", s->character}, {"quality", s->quality},           {"solver", 1}};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    assert_int_equal(lac_processor_set(p, test_param(p, values[i].id, 0), values[i].value, 0), LAC_OK);
  const LacProcessorSetup setup = {.rate_hz = rate_hz,
                                   .n_channels = n_channels,
                                   .max_block_frames = 1u << 20,
                                   .readouts = tracks,
                                   .n_threads = n_threads,
                                   .cancel = cancel};
  assert_true(lac_processor_is_whole(p));
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  assert_int_equal(lac_processor_latency_frames(p), 0);
  return p;
}

static LacProcessor *new_limiter(const Settings *s, double rate_hz, unsigned n_channels, uint32_t n_threads,
                                 LacReadoutTrack *tracks) {
  return new_stoppable(s, rate_hz, n_channels, n_threads, tracks, NULL);
}

static void observe(LacProcessor *p, const TestSignal *signal, uint32_t block) {
  for (size_t at = 0, n; at < signal->n_frames; at += n) {
    n = signal->n_frames - at < block ? signal->n_frames - at : block;
    const float *run[2] = {signal->channels[0] + at, signal->n_channels > 1 ? signal->channels[1] + at : NULL};
    assert_int_equal(lac_processor_observe(p, run, (uint32_t)n), LAC_OK);
  }
  assert_int_equal(lac_processor_plan(p, NULL), LAC_OK);
}

static void limit_with(const Settings *s, double rate_hz, TestSignal *signal, uint32_t block, uint32_t n_threads) {
  LacProcessor *p = new_limiter(s, rate_hz, signal->n_channels, n_threads, NULL);
  observe(p, signal, block);
  test_run(p, signal, block);
  lac_processor_free(p);
}

static void limit(const Settings *s, double rate_hz, TestSignal *signal) {
  limit_with(s, rate_hz, signal, 4096, 0);
}

static double judge_db(const TestSignal *signal) {
  double peak = 0;
  for (unsigned c = 0; c < signal->n_channels; c++)
    peak = fmax(peak, lac_true_peak_judge(signal->channels[c], signal->n_frames));
  return 20 * log10(peak);
}

static void print_figure(const char *what, double value) {
  if (getenv("LIMITER_FIGURES"))
    print_message("%s: %.4f\n", what, value);
}

static void test_true_peak_is_kept(void **state) {
  (void)state;
  static const double rates_hz[] = {44100, 48000, 88200, 96000, 176400, 192000};
  static const Settings settings[] = {{18, -1, 100, 0, STANDARD}, {6, -1, 50, 2, STANDARD}, {18, -0.1, 0, 1, BEST}};
  const size_t n_rates = test_at_most(sizeof rates_hz / sizeof rates_hz[0]);
  for (size_t r = 0; r < n_rates; r++) {
    for (int kind = 0; kind < N_TORTURES; kind++) {
      const Settings *s = &settings[((size_t)kind + r) % 3];
      TestSignal signal = torture(kind, rates_hz[r], 30000);
      limit(s, rates_hz[r], &signal);
      const double over_db = judge_db(&signal) - s->ceiling_dbtp;
      if (getenv("LIMITER_FIGURES"))
        print_message("%6.0f Hz, torture %d, drive %2.0f dB: %+.4f dB\n", rates_hz[r], kind, s->drive_db, over_db);
      assert_true(over_db <= 0.01);
      test_signal_free(&signal);
    }
  }
}

/* Nothing to limit: not one bit changes, whatever the settings. */
static void test_nothing_to_limit(void **state) {
  (void)state;
  static const Settings settings[] = {
      {0, 0, 100, 0, STANDARD}, {0, -1, 0, 1, STANDARD}, {0, -3, 50, 2, BEST}, {0, -0.01, 100, 0, BEST}};
  for (size_t k = 0; k < sizeof settings / sizeof settings[0]; k++) {
    for (unsigned n_channels = 1; n_channels <= 2; n_channels++) {
      TestSignal in = test_noise(n_channels, test_is_short() ? 20000 : 50000, 1.0, 5);
      const double gain = pow(10, (settings[k].ceiling_dbtp - judge_db(&in) - 0.006) / 20);
      for (unsigned c = 0; c < n_channels; c++)
        for (size_t i = 0; i < in.n_frames; i++)
          in.channels[c][i] = i % 5 ? in.channels[c][i] * (float)gain : -0.0f;
      TestSignal out = test_copy(&in);
      limit(&settings[k], 48000, &out);
      assert_true(test_same_bits(&in, &out));
      test_signal_free(&in);
      test_signal_free(&out);
    }
  }
}

/* One loud place in a quiet song: everything further away than the gain reaches keeps its bits. */
static void test_rest_is_untouched(void **state) {
  (void)state;
  enum { N = 200000, LOUD = 90000 };
  const Settings s = {0, -1, 100, 0, STANDARD};
  TestSignal in = test_noise(2, N, 0.3, 9);
  in.channels[1][LOUD] = 2.0f;
  TestSignal out = test_copy(&in);
  limit(&s, 44100, &out);
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < N; i++)
      assert_true((i > LOUD - 4410 && i < LOUD + 4410) || in.channels[c][i] == out.channels[c][i]);
  assert_true(judge_db(&out) <= -1 + 0.01);
  test_signal_free(&in);
  test_signal_free(&out);
}

/* Block sizes and threads, of both passes; and a second run after a reset. */
static void test_blocks_and_threads(void **state) {
  (void)state;
  static const Settings settings[] = {{9, -1, 50, 0, STANDARD}, {12, -2, 100, 1, STANDARD}};
  static const struct {
    uint32_t block, n_threads;
  } runs[] = {{1, 0}, {7, 2}, {4096, 1}, {8192, 3}, {100000, 8}, {119, 2}};
  for (int k = 0; k < 2; k++) {
    TestSignal in = torture(5, 44100, test_is_short() ? 150000 : 500000), expected = test_copy(&in);
    for (unsigned c = 0; c < 2; c++)
      for (size_t i = 0; i < in.n_frames; i++)
        expected.channels[c][i] = in.channels[c][i] *= (i / 50000) % 3 ? 0.9f : 0.05f;
    limit(&settings[k], 44100, &expected);
    for (size_t r = 0; r < sizeof runs / sizeof runs[0]; r++) {
      TestSignal out = test_copy(&in), again = test_copy(&in);
      LacProcessor *p = new_limiter(&settings[k], 44100, 2, runs[r].n_threads, NULL);
      observe(p, &out, runs[r].block);
      test_run(p, &out, runs[r].block);
      lac_processor_reset(p);
      test_run(p, &again, TEST_RANDOM_BLOCKS);
      assert_true(test_same_bits(&out, &expected) && test_same_bits(&again, &expected));
      lac_processor_free(p);
      test_signal_free(&out);
      test_signal_free(&again);
    }
    test_signal_free(&in);
    test_signal_free(&expected);
  }
}

/* Programmes down to one frame, loud up to their first and last frame; mono, all rates. */
static void test_short_programmes(void **state) {
  (void)state;
  static const size_t lengths[] = {1, 2, 31, 300, 5000, 16384, 16385, 40000};
  static const double rates_hz[] = {8000, 16000, 44100, 384000};
  const Settings s = {12, -1, 50, 0, STANDARD};
  for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
    for (size_t r = 0; r < sizeof rates_hz / sizeof rates_hz[0]; r++) {
      TestSignal signal = test_noise(1 + (unsigned)(k + r) % 2, lengths[k], 1.0, k);
      limit(&s, rates_hz[r], &signal);
      if (getenv("LIMITER_FIGURES"))
        print_message("%zu frames, %.0f Hz: %.4f\n", lengths[k], rates_hz[r], judge_db(&signal));
      assert_true(test_all_finite(&signal) && judge_db(&signal) <= -1 + 0.01);
      test_signal_free(&signal);
    }
  }
  LacProcessor *p = new_limiter(&s, 44100, 2, 2, NULL);
  assert_int_equal(lac_processor_plan(p, NULL), LAC_OK); /* nothing at all */
  lac_processor_free(p);
}

/* As masters have it, 6 dB over. */
static void limit_6_db(TestSignal *signal) {
  const Settings s = {6, -1, 50, 0, STANDARD};
  limit(&s, RATE_HZ, signal);
}

/* Everything but the tone, over the tone. */
static double distortion_db(double hz) {
  double *spectrum = limited_spectrum(limit_6_db, on_grid(hz), 1, 0, 0), power = 0;
  const int tone = (int)rint(on_grid(hz) * SPECTRUM / RATE_HZ);
  for (int k = 8; k <= SPECTRUM / 2; k++)
    power += abs(k - tone) > 8 ? spectrum[k] * spectrum[k] : 0;
  const double db = 10 * log10(power / line(spectrum, on_grid(hz)));
  free(spectrum);
  return db;
}

static void test_tones_stay_clean(void **state) {
  (void)state;
  static const double tones_hz[] = {20, 30, 50, 80, 120, 200, 315, 500, 997, 2500};
  for (size_t k = 0; k < sizeof tones_hz / sizeof tones_hz[0]; k++) {
    const double db = distortion_db(tones_hz[k]);
    if (getenv("LIMITER_FIGURES"))
      print_message("%.0f Hz: THD+N %.1f dB\n", tones_hz[k], db);
    assert_true(db <= (tones_hz[k] == 997 ? -130 : -60));
  }
  const double smpte_db = intermodulation_db(limit_6_db, 60, 7000);
  print_figure("SMPTE dB", smpte_db);
  assert_true(smpte_db <= -60);
}

static void test_recovery(void **state) {
  (void)state;
  const double ms = recovery_ms(limit_6_db);
  print_figure("recovery ms", ms);
  assert_true(ms <= 15);
}

/* The readout is the gain that was applied: minimum and mean per 10 ms, in dB, drive left out. */
static void test_readout(void **state) {
  (void)state;
  enum { N = 44100, HOP = 441, ENTRIES = N / HOP };
  float minimum[ENTRIES], mean[ENTRIES];
  LacReadoutTrack track = {minimum, mean, ENTRIES, 0};
  const Settings s = {12, -1, 0, 0, STANDARD};
  LacProcessor *p = new_limiter(&s, RATE_HZ, 2, 0, &track);
  TestSignal in = torture(5, RATE_HZ, N), out = test_copy(&in);
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < in.n_frames; i++)
      in.channels[c][i] = out.channels[c][i] *= i < N / 3 ? 0.02f : 1.0f;
  observe(p, &out, 333);
  test_run(p, &out, 333);
  assert_int_equal(track.count, ENTRIES);
  for (size_t e = 0; e < ENTRIES; e++) {
    double least = 0, sum = 0;
    for (size_t i = e * HOP; i < (e + 1) * HOP; i++) {
      double lower = 1;
      for (unsigned c = 0; c < 2; c++) {
        const double driven = (double)in.channels[c][i] * pow(10, 12.0 / 20);
        if (fabs(driven) > 1e-4)
          lower = fmin(lower, (double)out.channels[c][i] / driven);
      }
      least = fmin(least, 20 * log10(lower));
      sum += 20 * log10(lower);
    }
    assert_true(fabs((double)minimum[e] - least) < 0.02 && fabs((double)mean[e] - sum / HOP) < 0.05);
  }
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

/* Largest difference of the gains of both channels over 50 ms: its mean, and weighted with the sound they share. */
static double image_shift_db(const TestSignal *in, const TestSignal *out) {
  enum { WINDOW = 2205 };
  const size_t n = in->n_frames;
  double *sums = calloc(3 * (n + 1), sizeof *sums), largest = 0;
  assert_non_null(sums);
  double *plain = sums, *heard = sums + n + 1, *shared = sums + 2 * (n + 1);
  for (size_t i = 0; i < n; i++) {
    const double l = (double)in->channels[0][i], r = (double)in->channels[1][i];
    const double left = (double)out->channels[0][i] / l, right = (double)out->channels[1][i] / r;
    const double shift = fabs(l) > 1e-9 && fabs(r) > 1e-9 && right > 0 ? 20 * log10(left / right) : 0;
    plain[i + 1] = plain[i] + shift;
    heard[i + 1] = heard[i] + shift * fabs(l * r);
    shared[i + 1] = shared[i] + fabs(l * r) + 1e-12;
    if (i < WINDOW)
      continue;
    const size_t from = i + 1 - WINDOW;
    largest = fmax(largest, fabs(plain[i + 1] - plain[from]) / WINDOW);
    largest = fmax(largest, fabs(heard[i + 1] - heard[from]) / (shared[i + 1] - shared[from]));
  }
  free(sums);
  return largest;
}

/* However loosely they are linked, the image may move by no more than half a dB over 50 ms. */
static void test_image_stands(void **state) {
  (void)state;
  enum { N = 100000, KICK = 11025 };
  static const double links[] = {0, 50, 90};
  for (size_t k = 0; k < 6; k += test_is_short() ? 3 : 1) {
    const Settings s = {9, -1, links[k % 3], 0, STANDARD};
    TestSignal in = torture(5, RATE_HZ, N);
    for (size_t i = 0; i < N; i++) {
      in.channels[1][i] = 0.1f * in.channels[0][i];
      if (k >= 3) { /* hits that both share over what they do not */
        const double t = (double)(i % KICK) / RATE_HZ, hit = sin(2 * PI * 90 * t) * exp(-t / 0.02);
        in.channels[1][i] = (float)(0.25 * sin(0.3 * (double)i) + 0.4 * hit);
        in.channels[0][i] = 0.5f * in.channels[0][i] + (float)(0.6 * hit);
      }
    }
    TestSignal out = test_copy(&in);
    limit(&s, RATE_HZ, &out);
    const double largest = image_shift_db(&in, &out);
    print_figure("image shift dB", largest);
    assert_true(largest <= 0.5 + 0.02);
    test_signal_free(&in);
    test_signal_free(&out);
  }
}

/* Given up half way: cancelled plans say so, busy workers come back. */
static void test_giving_up(void **state) {
  (void)state;
  const Settings s = {12, -1, 50, 0, STANDARD};
  TestSignal in = torture(2, RATE_HZ, 300000);
  for (uint32_t n_threads = 0; n_threads <= 3; n_threads++) {
    LacProcessor *p = new_limiter(&s, RATE_HZ, 2, n_threads, NULL);
    assert_int_equal(lac_processor_observe(p, (const float *const *)in.channels, 300000), LAC_OK);
    LacCancel cancel = {0};
    atomic_store(&cancel.requested, n_threads % 2 == 0);
    if (n_threads < 3)
      assert_int_equal(lac_processor_plan(p, &cancel), n_threads % 2 == 0 ? LAC_ERR_CANCELLED : LAC_OK);
    lac_processor_free(p);
  }
  LacProcessor *p = new_limiter(&s, RATE_HZ, 2, 0, NULL);
  assert_int_equal(lac_processor_set(p, test_param(p, "drive_db", 0), 3, 1000), LAC_ERR_USAGE);
  lac_processor_free(p);
  test_signal_free(&in);
}

/* Of all threads, so that it does not matter how busy the machine is. */
static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Presses stop while another thread observes. */
typedef struct Presser {
  LacCancel cancel;
  long wait_ms;
  double pressed_s;
} Presser;

static void press(void *context) {
  Presser *presser = context;
  nanosleep(&(struct timespec){.tv_nsec = presser->wait_ms * 1000000}, NULL);
  presser->pressed_s = now_s();
  atomic_store(&presser->cancel.requested, true);
}

/* Seconds of work from the press until observe, in one call of everything, says so and all is freed. */
static double stop_s(const TestSignal *in, double rate_hz, uint32_t n_threads, long wait_ms) {
  static const Settings hostile = {40, -20, 0, 2, BEST};
  Presser presser = {.wait_ms = wait_ms};
  LacThread *thread = NULL;
  LacProcessor *p = new_stoppable(&hostile, rate_hz, 2, n_threads, NULL, &presser.cancel);
  assert_int_equal(lac_thread_start(&thread, press, &presser), LAC_OK);
  LacStatus status = LAC_OK;
  while (status == LAC_OK && !lac_cancelled(&presser.cancel))
    status = lac_processor_observe(p, (const float *const *)in->channels, (uint32_t)in->n_frames);
  lac_thread_join(thread);
  if (status == LAC_OK) /* pressed between two calls */
    status = lac_processor_observe(p, (const float *const *)in->channels, (uint32_t)in->n_frames);
  assert_int_equal(status, LAC_ERR_CANCELLED);
  lac_processor_free(p);
  return now_s() - presser.pressed_s;
}

/* A batch of eight segments takes 0.4 s at this rate and these settings; a stop does not wait for it. */
static void test_stop_while_observing(void **state) {
  (void)state;
  const double rate_hz = 192000;
  TestSignal in = torture(2, rate_hz, 900000);
  for (uint32_t n_threads = 0; n_threads <= 3; n_threads += n_threads + 1) {
    double longest = 0;
    for (long wait_ms = 60; wait_ms <= 300; wait_ms += 60)
      longest = fmax(longest, stop_s(&in, rate_hz, n_threads, wait_ms));
    print_figure("work after a stop, ms", longest * 1e3);
    assert_true(longest <= MOST_STOP_S);
  }
  test_signal_free(&in);
}

/* The flag is up before anything is observed: not one frame is looked at. And without it, freeing ends busy workers. */
static void test_stopped_before(void **state) {
  (void)state;
  const Settings s = {40, -20, 0, 2, BEST};
  TestSignal in = torture(2, RATE_HZ, 300000);
  for (uint32_t n_threads = 0; n_threads <= 3; n_threads++) {
    LacCancel cancel = {true};
    LacProcessor *p = new_stoppable(&s, RATE_HZ, 2, n_threads, NULL, &cancel);
    assert_int_equal(lac_processor_observe(p, (const float *const *)in.channels, 1), LAC_ERR_CANCELLED);
    for (int i = 0; i < 2; i++)
      assert_int_equal(lac_processor_plan(p, NULL), LAC_ERR_CANCELLED);
    lac_processor_free(p);
    p = new_limiter(&s, RATE_HZ, 2, n_threads, NULL);
    assert_int_equal(lac_processor_observe(p, (const float *const *)in.channels, 200000), LAC_OK);
    const double before_s = now_s();
    lac_processor_free(p);
    assert_true(now_s() - before_s <= MOST_STOP_S);
  }
  test_signal_free(&in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_true_peak_is_kept),
      cmocka_unit_test(test_nothing_to_limit),
      cmocka_unit_test(test_rest_is_untouched),
      cmocka_unit_test(test_blocks_and_threads),
      cmocka_unit_test(test_short_programmes),
      cmocka_unit_test(test_tones_stay_clean),
      cmocka_unit_test(test_recovery),
      cmocka_unit_test(test_readout),
      cmocka_unit_test(test_image_stands),
      cmocka_unit_test(test_giving_up),
      cmocka_unit_test(test_stop_while_observing),
      cmocka_unit_test(test_stopped_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
