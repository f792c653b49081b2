/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "meter_signals.h"

#include "analysis/dynamics.h"

static unsigned group_of(double hz) {
  LacBandScale scale;
  lac_band_scale_init(&scale);
  unsigned g = 0;
  while (g + 1 < LAC_DYNAMICS_BANDS && hz > scale.edge_hz[(g + 1) * 5])
    g++;
  return g;
}

/* A sine in the middle of a group: crest 3.01 dB, its own level, nothing in the far groups. */
static void test_sine(void **state) {
  (void)state;
  LacBandScale scale;
  lac_band_scale_init(&scale);
  for (unsigned g = 1; g < LAC_DYNAMICS_BANDS; g++) {
    Stereo s = stereo_new(4, 48000);
    for (int c = 0; c < 2; c++)
      add_sine(s.channels[c], s.n_frames, s.rate_hz, lac_band_group_hz(&scale, g), 0.25);
    LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
    const LacDynamics *d = &analysis.dynamics;
    assert_near(d->crest_db[g], 3.01, 0.25); /* 0.1 dB steps; few samples per period on top */
    assert_near(d->level_db_50[g], 20 * log10(0.25) - 3.01 - 1.2, 1.2); /* both slopes reach the middle */
    assert_near(d->level_db_90[g] - d->level_db_10[g], 0, 0.05);
    if (g + 2 < LAC_DYNAMICS_BANDS)
      assert_true(d->level_db_50[g + 2] < d->level_db_50[g] - 6);
    lac_analysis_free(&analysis);
    stereo_free(&s);
  }
}

/* A tone at two levels, half the time each 6 dB apart: quantiles see both, and the gate drops the pause. */
static void test_levels(void **state) {
  (void)state;
  Stereo s = stereo_new(40, 44100);
  for (int c = 0; c < 2; c++)
    add_sine(s.channels[c], s.n_frames, s.rate_hz, 1400, 0.5);
  for (uint32_t i = 0; i < s.n_frames; i++) {
    const double t = i / s.rate_hz;
    for (int c = 0; c < 2; c++)
      s.channels[c][i] *= t < 10 ? 1.0F : t < 20 ? 0.5F : 0.001F;
  }
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  const unsigned g = group_of(1400);
  assert_near(analysis.dynamics.level_db_90[g] - analysis.dynamics.level_db_10[g], 6.02, 0.05);
  assert_near(analysis.dynamics.level_db_90[g], -9.03 - 1.2, 1.2);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

/* All windows are kept, also those that the gate drops; what is joined from another analyzer keeps them too. */
static void test_level_of_every_window(void **state) {
  (void)state;
  Stereo s = stereo_new(8.3, 8000);
  for (int c = 0; c < 2; c++)
    add_sine(s.channels[c], s.n_frames, s.rate_hz, 1400, 0.5);
  for (uint32_t i = s.n_frames / 2; i < s.n_frames; i++)
    s.channels[0][i] = s.channels[1][i] = 0;
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_LOUDNESS), other = analyse(&s, LAC_MEASURE_SPECTRUM);
  assert_null(analysis.levels.group_db);
  assert_int_equal(lac_analysis_join(&analysis, &other), LAC_OK);
  const LacLevelTrack *levels = &analysis.levels;
  const unsigned g = group_of(1400);
  assert_int_equal(levels->n_windows, 160); /* the last 0.3 s are no block */
  assert_near(levels->group_db[16][g], analysis.dynamics.level_db_50[g], 0.01);
  assert_true(levels->group_db[120][g] < -120);
  assert_true(levels->group_db[16][LAC_DYNAMICS_BANDS - 1] == -INFINITY); /* beyond half of 8 kHz */
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

/* Of noise a group passes as much as its five bands hold: what the slopes take inside they give outside. */
static void test_noise_level(void **state) {
  (void)state;
  Stereo s = stereo_new(12, 44100);
  for (int c = 0; c < 2; c++)
    fill_noise(s.channels[c], s.n_frames, s.rate_hz, -1, 22050, 9);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    double power = 0;
    for (unsigned b = 5 * g; b < 5 * g + 5; b++)
      power += pow(10, analysis.spectrum.mid_db[b] / 10);
    assert_near(analysis.dynamics.level_db_50[g], 10 * log10(power), 1.0);
  }
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

/* Clicks have a far larger crest than noise, noise than a tone. */
static void test_order_of_crests(void **state) {
  (void)state;
  Stereo s = stereo_new(6, 44100);
  fill_noise(s.channels[0], s.n_frames, s.rate_hz, 0, 22050, 5);
  for (uint32_t i = 0; i < s.n_frames; i += 2205)
    s.channels[1][i] = 0.9F;
  const float *noise[2] = {s.channels[0], NULL}, *clicks[2] = {s.channels[1], NULL};
  LacAnalysis a = analyse_channels(noise, 1, s.n_frames, s.rate_hz, LAC_MEASURE_SPECTRUM, 4096);
  LacAnalysis b = analyse_channels(clicks, 1, s.n_frames, s.rate_hz, LAC_MEASURE_SPECTRUM, 4096);
  for (unsigned g = 2; g < LAC_DYNAMICS_BANDS; g++) {
    assert_true(a.dynamics.crest_db[g] > 6 && a.dynamics.crest_db[g] < 14);
    assert_true(b.dynamics.crest_db[g] > a.dynamics.crest_db[g] + 3);
  }
  lac_analysis_free(&a);
  lac_analysis_free(&b);
  stereo_free(&s);
}

/* Groups beyond half the rate do not exist; low rates and short signals work. */
static void test_limits(void **state) {
  (void)state;
  Stereo s = stereo_new(0.12, 8000);
  for (int c = 0; c < 2; c++)
    add_sine(s.channels[c], s.n_frames, s.rate_hz, 700, 0.25);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  assert_true(isnan(analysis.dynamics.crest_db[7]) && isnan(analysis.dynamics.level_db_50[6]));
  assert_near(analysis.dynamics.level_db_50[group_of(700)], -15.05 - 1.2, 1.5);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sine),        cmocka_unit_test(test_levels),
      cmocka_unit_test(test_noise_level), cmocka_unit_test(test_order_of_crests),
      cmocka_unit_test(test_limits),      cmocka_unit_test(test_level_of_every_window),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
