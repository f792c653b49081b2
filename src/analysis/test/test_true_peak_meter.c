/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* EBU Tech 3341 cases 15-23 (20-23 from the formula of a burst that lies at four offsets of a quarter sample, as one
 * made at 4 fs and decimated would), and that the shortcuts of the meter change nothing. */

#include "meter_signals.h"

#include "analysis/loudness.h"
#include "analysis/true_peak_meter.h"

static void check_peak(const Stereo *s, double expected) {
  LacAnalysis analysis = analyse(s, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK);
  const double over = analysis.loudness.true_peak_dbtp - expected;
  const double itu_over = analysis.loudness.true_peak_itu_dbtp - expected;
  if (!(over <= 0.2 && over >= -0.4))
    fail_msg("true peak %.3f, expected %.1f at %.0f Hz", analysis.loudness.true_peak_dbtp, expected, s->rate_hz);
  /* From 192 kHz on BS.1770 asks for no oversampling, and fs/4 is no longer audio. */
  if (s->rate_hz < 192000 && !(itu_over <= 0.2 && itu_over >= -0.4))
    fail_msg("ITU peak %.3f, expected %.1f at %.0f Hz", analysis.loudness.true_peak_itu_dbtp, expected, s->rate_hz);
  assert_true(analysis.loudness.true_peak_dbtp >= analysis.loudness.sample_peak_dbfs);
  lac_analysis_free(&analysis);
}

static void check_sine(double rate, double divisor, double degrees, double amplitude, double expected) {
  Stereo s = stereo_new(1, rate);
  const double fade = 0.05 * rate;
  for (uint32_t i = 0; i < s.n_frames; i++) {
    const double to_end = s.n_frames - 1.0 - i, nearest = i < to_end ? i : to_end;
    const double gain = nearest < fade ? 0.5 - 0.5 * cos(M_PI * nearest / fade) : 1;
    s.channels[0][i] = s.channels[1][i] =
        (float)(gain * amplitude * sin(2 * M_PI * i / divisor + degrees * M_PI / 180));
  }
  check_peak(&s, expected);
  stereo_free(&s);
}

static void check_burst(double rate, int quarter) {
  Stereo s = stereo_new(0.2, rate);
  for (uint32_t i = 0; i < s.n_frames; i++) {
    const double t = (double)i - s.n_frames / 2 + quarter / 4.0; /* in samples from the peak */
    s.channels[0][i] = s.channels[1][i] = (float)(cos(2 * M_PI * t / 6) * exp(-t * t / (2 * 40 * 40)));
  }
  check_peak(&s, 0);
  stereo_free(&s);
}

static void test_ebu_cases(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000, 192000};
  for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
    check_sine(rates[i], 4, 0, 0.5, -6);
    check_sine(rates[i], 4, 45, 0.5, -6);
    check_sine(rates[i], 6, 60, 0.5, -6);
    check_sine(rates[i], 8, 67.5, 0.5, -6);
    check_sine(rates[i], 4, 45, 1.41, 3);
    for (int quarter = 0; quarter < 4; quarter++)
      check_burst(rates[i], quarter);
  }
}

/* Everything oversampled, nothing skipped: the largest per 100 ms of the given channel. */
static void slow_hops(const float *x, uint32_t n, uint32_t hop, float *hops) {
  LacArena *arena = NULL;
  LacTruePeak *detector = NULL;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_new(arena, &detector), LAC_OK);
  const uint32_t delay = lac_true_peak_delay_frames();
  const float silence = 0;
  for (uint32_t i = 0; i < n + delay; i++) {
    const float peak = lac_true_peak_block(detector, i < n ? &x[i] : &silence, 1, 0);
    float *slot = &hops[i < delay ? 0 : (i - delay) / hop];
    *slot = peak > *slot ? peak : *slot;
  }
  lac_arena_free(arena);
}

static void test_history_is_exact(void **state) {
  (void)state;
  Stereo s = stereo_new(3.05, 16000);
  fill_programme(&s, 0.8);
  float hops[2][32] = {{0}};
  for (int c = 0; c < 2; c++)
    slow_hops(s.channels[c], s.n_frames, 1600, hops[c]);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_TRUE_PEAK);
  assert_int_equal(analysis.history.count, 31);
  float largest = 0;
  for (size_t i = 0; i < analysis.history.count; i++) {
    const float peak = hops[0][i] > hops[1][i] ? hops[0][i] : hops[1][i];
    largest = peak > largest ? peak : largest;
    assert_near((double)analysis.history.true_peak_dbtp[i], 20 * log10((double)peak), 1e-5);
  }
  assert_near(analysis.loudness.true_peak_dbtp, 20 * log10((double)largest), 1e-9);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

/* The limiter's track is made in another way, and must come to the same largest peak. */
static void test_track_agrees(void **state) {
  (void)state;
  Stereo s = stereo_new(2.003, 44100);
  fill_programme(&s, 0.8);
  LacAnalysis block = analyse(&s, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK);
  LacAnalysis track = analyse(&s, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING);
  assert_true(block.loudness.true_peak_dbtp == track.loudness.true_peak_dbtp);
  assert_int_equal(track.control.hop_frames, 44);
  assert_int_equal(track.control.count, (s.n_frames + 43) / 44);
  double energy = 0, largest = 0;
  for (size_t i = 0; i < track.control.count; i++) {
    energy += (double)track.control.k_energy[i];
    largest = fmax(largest, (double)track.control.peak[i]);
    assert_true(track.control.k_energy[i] >= 0.0F);
  }
  assert_near(20 * log10(largest), track.loudness.true_peak_dbtp, 1e-6);
  /* Ungated loudness of the whole from the track. */
  LacLoudnessMeter meter;
  lac_loudness_meter_init(&meter, s.rate_hz, 2);
  double sum = 0, *power = malloc(s.n_frames * sizeof(double));
  assert_non_null(power);
  lac_k_weighting_power(&meter.weighting, (const float *const[2]){s.channels[0], s.channels[1]}, 2, power, s.n_frames);
  for (uint32_t i = 0; i < s.n_frames; i++)
    sum += power[i];
  /* In phase the same energy, but for what rings on beyond either end. */
  assert_near(energy / sum, 1, 5e-3);
  free(power);
  lac_loudness_meter_free(&meter);
  lac_analysis_free(&block);
  lac_analysis_free(&track);
  stereo_free(&s);
}

/* Every hop's peak is at least its largest sample, and each peak lies where it is. */
static void test_track_position(void **state) {
  (void)state;
  Stereo s = stereo_new(0.5, 48000);
  s.channels[1][12345] = -0.7F;
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING);
  size_t at = 0;
  for (size_t i = 0; i < analysis.control.count; i++)
    at = analysis.control.peak[i] > analysis.control.peak[at] ? i : at;
  assert_int_equal(at, 12345 / 48);
  assert_true(analysis.control.peak[at] >= 0.7F);
  assert_true(fabs(analysis.loudness.true_peak_time_s - 12345 / 48000.0) <= 0.01);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ebu_cases),
      cmocka_unit_test(test_history_is_exact),
      cmocka_unit_test(test_track_agrees),
      cmocka_unit_test(test_track_position),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
