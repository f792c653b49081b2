/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Spectrum and stereo of signals whose answer is known. */

#include "meter_signals.h"

#include "analysis/band_scale.h"
#include "analysis/level_code.h"
#include "analysis/spectrum_meter.h"

static void test_band_scale(void **state) {
  (void)state;
  LacBandScale scale;
  lac_band_scale_init(&scale);
  assert_near(scale.centre_hz[0], 25, 1e-6);
  assert_near(scale.centre_hz[LAC_BANDS - 1], 18000, 1e-6);
  for (int b = 0; b < LAC_BANDS; b++)
    assert_true(scale.edge_hz[b] < scale.centre_hz[b] && scale.centre_hz[b] < scale.edge_hz[b + 1]);
  /* Total gain of the two filters of the K-weighting (ITU-R BS.1770-5, Annex 1, tables 1 and 2). */
  static const double table[][2] = {{20, -13.28}, {50, -3.93}, {100, -1.13}, {997, 0.691}, {2000, 3.07}, {15000, 4.0}};
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
    assert_near(10 * log10(lac_k_weight_power(table[i][0])), table[i][1], 0.06);
}

static void test_level_code(void **state) {
  (void)state;
  LacLevelTable table;
  lac_level_table_init(&table);
  for (double db = -159; db <= 33; db += 0.37) {
    const uint16_t code = lac_level_code(pow(10, db / 10));
    assert_near(lac_level_db(code), db, 0.0016);
    assert_near(10 * log10(lac_level_power(&table, code)), db, 0.0016);
  }
  assert_int_equal(lac_level_code(0), 0);
  assert_int_equal(lac_level_code(1e30), 65535);
  LacLevelHistogram *h = calloc(1, sizeof(*h));
  assert_non_null(h);
  lac_level_histogram_reset(h);
  const double fractions[3] = {0.1, 0.5, 0.9};
  double db[3];
  lac_level_histogram_quantiles(h, fractions, db, 3);
  assert_true(isnan(db[0]) && isnan(db[2]));
  for (int i = 0; i <= 100; i++)
    lac_level_histogram_add(h, lac_level_code(pow(10, -i / 10.0)));
  lac_level_histogram_quantiles(h, fractions, db, 3);
  assert_near(db[0], -90, 0.002);
  assert_near(db[1], -50, 0.002);
  assert_near(db[2], -10, 0.002);
  free(h);
}

/* Pink noise: equal power per octave; a pause of silence and a stretch 30 dB lower change nothing, as both are gated.
 */
static void check_pink(double rate) {
  Stereo s = stereo_new(rate > 100000 ? 14 : 30, rate);
  fill_noise(s.channels[0], s.n_frames, rate, -1, rate / 2, 1);
  const double top = rate / 2, rms = 0.1;
  for (uint32_t i = 0; i < s.n_frames; i++) {
    const double t = (double)i / s.n_frames;
    s.channels[0][i] *= t > 0.9 ? 0.0F : t > 0.7 ? 0.0316F : 1.0F;
    s.channels[1][i] = s.channels[0][i];
  }
  /* The scale was set on the whole of the noise, before the pause was made. */
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  LacBandScale scale;
  lac_band_scale_init(&scale);
  for (int b = 0; b < LAC_BANDS; b++) {
    if (scale.centre_hz[b] >= rate / 2) {
      assert_true(isnan(analysis.spectrum.mid_db[b]));
      continue;
    }
    const double high = fmin(scale.edge_hz[b + 1], top);
    const double expected = 20 * log10(rms) + 10 * log10(log(high / scale.edge_hz[b]) / log(top / 10));
    /* Few bins and few independent frames in the bass: 30 s of a 27 Hz band scatter by 0.2 dB. */
    assert_near(analysis.spectrum.mid_db[b], expected, scale.centre_hz[b] < 100 ? 1.0 : 0.35);
    assert_true(analysis.spectrum.side_db[b] < -150);
    assert_true(analysis.spectrum.mid_db_10[b] < analysis.spectrum.mid_db_50[b]);
    assert_true(analysis.spectrum.mid_db_50[b] < analysis.spectrum.mid_db_90[b]);
    assert_near(analysis.stereo.correlation[b], 1, 1e-3);
  }
  assert_near(analysis.spectrum.tilt_db_per_octave, -3.01, 0.15);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_pink(void **state) {
  (void)state;
  check_pink(44100);
  check_pink(8000);
  check_pink(96000);
  check_pink(192000);
}

static void test_sine_level(void **state) {
  (void)state;
  Stereo s = stereo_new(2, 48000);
  add_sine(s.channels[0], s.n_frames, s.rate_hz, 1000, 0.5);
  add_sine(s.channels[1], s.n_frames, s.rate_hz, 1000, 0.5);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  double power = 0;
  for (int b = 0; b < LAC_BANDS; b++)
    power += pow(10, analysis.spectrum.mid_db[b] / 10);
  assert_near(10 * log10(power), 10 * log10(0.125), 0.02);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

typedef struct Image {
  double left_of_a, right_of_a, left_of_b, right_of_b; /* two independent noises a and b */
  double width_db, correlation, balance_db, mono_loss_lu;
} Image;

static void check_image(const float *a, const float *b, uint32_t n, const Image *image) {
  Stereo s = stereo_new(n / 44100.0, 44100);
  for (uint32_t i = 0; i < s.n_frames; i++) {
    s.channels[0][i] = (float)(image->left_of_a * (double)a[i] + image->left_of_b * (double)b[i]);
    s.channels[1][i] = (float)(image->right_of_a * (double)a[i] + image->right_of_b * (double)b[i]);
  }
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  if (!isnan(image->width_db))
    for (int band = 8; band < LAC_BANDS; band++) {
      assert_near(analysis.stereo.width_db[band], image->width_db, 1.0);
      assert_near(analysis.stereo.correlation[band], image->correlation, 0.1);
    }
  assert_near(analysis.stereo.correlation_overall, image->correlation, 0.02);
  assert_near(analysis.stereo.balance_db, image->balance_db, 0.1);
  assert_near(analysis.stereo.mono_loss_lu, image->mono_loss_lu, 0.1);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_images(void **state) {
  (void)state;
  const uint32_t n = 44100 * 12;
  float *a = malloc(n * sizeof(float)), *b = malloc(n * sizeof(float));
  assert_true(a && b);
  fill_noise(a, n, 44100, -1, 22050, 1);
  fill_noise(b, n, 44100, -1, 22050, 2);
  static const Image images[] = {
      {1, 1, 0, 0, NAN, 1, 0, 0},                /* the same in both */
      {1, 0, 0, 1, 0, 0, 0, 3.01},               /* unrelated */
      {1, 0.5, 0, 0, -9.54, 1, 6.02, 0.4576},    /* panned: 20 log10(0.25 / 0.75); 0.5625 * 2 of 1.25 */
      {1, 0.3, 0.3, 1, -5.378, 0.5505, 0, 1.10}, /* mixed: mid 1.3, side 0.7 of each; 2 * 0.3 / 1.09 */
      {1, -0.5, 0, 0, 9.54, -1, 6.02, 10},       /* one reversed: 0.0625 * 2 of 1.25 */
  };
  for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++)
    check_image(a, b, n, &images[i]);
  free(a);
  free(b);
}

static void test_missing_channel(void **state) {
  (void)state;
  Stereo s = stereo_new(3, 44100);
  fill_noise(s.channels[0], s.n_frames, s.rate_hz, -1, 22050, 1);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM);
  assert_true(analysis.stereo.balance_db > 40);
  assert_near(analysis.stereo.mono_loss_lu, 3.01, 0.02);
  assert_near(analysis.stereo.width_db[20], 0, 0.01);
  lac_analysis_free(&analysis);
  /* One channel: side and image do not exist. */
  const float *channels[2] = {s.channels[0], NULL};
  analysis = analyse_channels(channels, 1, s.n_frames, s.rate_hz, LAC_MEASURE_SPECTRUM, 1000);
  assert_true(isnan(analysis.spectrum.side_db[20]) && isnan(analysis.stereo.width_db[20]));
  assert_true(isnan(analysis.stereo.balance_db) && isnan(analysis.stereo.mono_loss_lu));
  assert_false(isnan(analysis.spectrum.mid_db[20]));
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void check_edge(double rate, double top_hz, bool is_edge) {
  Stereo s = stereo_new(8, rate);
  for (int c = 0; c < 2; c++)
    fill_noise(s.channels[c], s.n_frames, rate, -1, top_hz, (uint64_t)c + 3);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS);
  assert_near(analysis.spectrum.cutoff_hz, top_hz, is_edge ? 100 : 1e-6);
  assert_int_equal(!isnan(analysis.spectrum.edge_db), is_edge);
  const LacFinding *finding = find(&analysis, LAC_FINDING_LOSSY);
  assert_int_equal(finding != NULL, is_edge && top_hz < 20400);
  if (finding)
    assert_true(finding->confidence > 0.7 && finding->value == analysis.spectrum.cutoff_hz);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_edges(void **state) {
  (void)state;
  check_edge(44100, 16000, true);
  check_edge(44100, 19000, true);
  check_edge(44100, 20000, true);
  check_edge(48000, 15500, true);
  check_edge(48000, 20000, true);
  check_edge(44100, 22050, false);
  check_edge(48000, 24000, false);
  check_edge(48000, 21500, true); /* the filter of a converter: an edge, but no codec's */
  check_edge(96000, 24000, true); /* made from 48 kHz */
}

/* Equalizer slopes and dull sources are no edges. */
static void test_slopes_are_no_edges(void **state) {
  (void)state;
  static const double exponents[] = {-2, -4, -6};
  for (size_t i = 0; i < sizeof(exponents) / sizeof(*exponents); i++) {
    Stereo s = stereo_new(6, 44100);
    for (int c = 0; c < 2; c++)
      fill_noise(s.channels[c], s.n_frames, 44100, exponents[i], 22050, (uint64_t)c);
    /* Eight one-pole low-passes at 6 kHz: 48 dB per octave. */
    for (int c = 0; c < 2; c++)
      for (int pass = 0; pass < 8; pass++) {
        const double a = 1 - exp(-2 * M_PI * 6000 / 44100);
        double y = 0;
        for (uint32_t k = 0; k < s.n_frames; k++)
          s.channels[c][k] = (float)(y += a * ((double)s.channels[c][k] - y));
      }
    LacAnalysis analysis = analyse(&s, LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS);
    assert_true(isnan(analysis.spectrum.edge_db));
    assert_null(find(&analysis, LAC_FINDING_LOSSY));
    lac_analysis_free(&analysis);
    stereo_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_band_scale), cmocka_unit_test(test_level_code),
      cmocka_unit_test(test_pink),       cmocka_unit_test(test_sine_level),
      cmocka_unit_test(test_images),     cmocka_unit_test(test_missing_channel),
      cmocka_unit_test(test_edges),      cmocka_unit_test(test_slopes_are_no_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
