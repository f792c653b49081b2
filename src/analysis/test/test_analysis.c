/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bundle: the same bits for every cutting and every CPU level, two halves joined, odd inputs, failing memory. */

#include "meter_signals.h"

#include "analysis/dynamics.h"
#include "analysis/findings.h"
#include "analysis/overview.h"
#include "analysis/spectrum_meter.h"
#include "analysis/true_peak_meter.h"
#include "core/memory.h"
#include "core/sha256.h"
#ifdef LAC_FAULTS
#include "core/faults.h"
#endif

static const unsigned EVERYTHING = LAC_MEASURE_ALL | LAC_MEASURE_LIMITING;

static Stereo test_signal(double seconds, double rate_hz) {
  Stereo s = stereo_new(seconds, rate_hz);
  fill_programme(&s, 1.2);
  for (uint32_t i = 0; i < s.n_frames; i++) /* some clipping */
    s.channels[0][i] = s.channels[0][i] > 0.9F ? 0.9F : s.channels[0][i];
  if (s.n_frames > 3000) {
    s.channels[0][2000] = NAN;
    s.channels[1][2999] = INFINITY;
  }
  return s;
}

static void assert_same_array(const float *a, const float *b, size_t count) {
  assert_int_equal(a == NULL, b == NULL);
  if (a)
    assert_memory_equal(a, b, count * sizeof(float));
}

static void assert_same(const LacAnalysis *a, const LacAnalysis *b) {
  assert_int_equal(a->measured, b->measured);
  assert_true(a->n_frames == b->n_frames && a->n_nonfinite == b->n_nonfinite && a->is_silent == b->is_silent);
  assert_string_equal(a->pcm_sha256, b->pcm_sha256);
  assert_memory_equal(&a->loudness, &b->loudness, sizeof(a->loudness));
  assert_memory_equal(&a->spectrum, &b->spectrum, sizeof(a->spectrum));
  assert_memory_equal(&a->stereo, &b->stereo, sizeof(a->stereo));
  assert_memory_equal(&a->dynamics, &b->dynamics, sizeof(a->dynamics));
  assert_memory_equal(&a->overview, &b->overview, sizeof(a->overview));
  assert_int_equal(a->n_findings, b->n_findings);
  for (size_t i = 0; i < a->n_findings; i++) {
    assert_string_equal(a->findings[i].text, b->findings[i].text);
    assert_int_equal(a->findings[i].kind, b->findings[i].kind);
    assert_memory_equal(&a->findings[i].value, &b->findings[i].value, sizeof(double));
    assert_memory_equal(&a->findings[i].time_s, &b->findings[i].time_s, sizeof(double));
    assert_memory_equal(&a->findings[i].confidence, &b->findings[i].confidence, sizeof(double));
  }
  assert_int_equal(a->history.count, b->history.count);
  assert_same_array(a->history.momentary_lufs, b->history.momentary_lufs, a->history.count);
  assert_same_array(a->history.short_term_lufs, b->history.short_term_lufs, a->history.count);
  assert_same_array(a->history.true_peak_dbtp, b->history.true_peak_dbtp, a->history.count);
  assert_int_equal(a->control.count, b->control.count);
  assert_same_array(a->control.peak, b->control.peak, a->control.count);
  assert_same_array(a->control.k_energy, b->control.k_energy, a->control.count);
  assert_int_equal(a->control.lead == NULL, b->control.lead == NULL);
  if (a->control.lead)
    assert_memory_equal(a->control.lead, b->control.lead, a->control.count);
  assert_int_equal(a->control.openness_count, b->control.openness_count);
  if (a->control.openness_count)
    assert_memory_equal(a->control.openness, b->control.openness, a->control.openness_count);
}

static LacAnalysis analyse_in(const Stereo *s, unsigned n_channels, unsigned measure, uint32_t chunk) {
  const float *channels[2] = {s->channels[0], s->channels[1]};
  return analyse_channels(channels, n_channels, s->n_frames, s->rate_hz, measure, chunk);
}

static void check_chunks(double seconds, double rate_hz, unsigned n_channels, unsigned measure) {
  static const uint32_t chunks[] = {1, 7, 64, 4096, 65536};
  Stereo s = test_signal(seconds, rate_hz);
  LacAnalysis truth = analyse_in(&s, n_channels, measure, s.n_frames);
  for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
    LacAnalysis analysis = analyse_in(&s, n_channels, measure, chunks[i]);
    assert_same(&analysis, &truth);
    lac_analysis_free(&analysis);
  }
  lac_analysis_free(&truth);
  stereo_free(&s);
}

static void test_chunks(void **state) {
  (void)state;
  check_chunks(7.3, 44100, 2, LAC_MEASURE_ALL);
  check_chunks(7.3, 44100, 2, EVERYTHING);
  check_chunks(3.7, 44100, 1, EVERYTHING);
  check_chunks(3.7, 11025, 2, EVERYTHING);
  check_chunks(1.1, 192000, 2, LAC_MEASURE_ALL);
  check_chunks(3.7, 48000, 2, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK);
}

/* Each meter by itself, without the analyzer's blocks in front. */
typedef struct Alone {
  LacLoudness peaks;
  float hops[64];
  size_t n_hops;
  LacSpectrum spectrum;
  LacStereo stereo;
  LacDynamics dynamics;
  LacOverview overview;
  char texts[8][200];
} Alone;

static void measure_alone(const Stereo *s, uint32_t chunk, Alone *out) {
  LacArena *arena = NULL;
  LacTruePeakMeter peaks;
  LacSpectrumMeter spectrum;
  LacDynamicsMeter dynamics;
  LacOverviewMeter *overview = malloc(sizeof(*overview));
  LacFindingsMeter *findings = malloc(sizeof(*findings));
  assert_true(overview && findings);
  memset(out, 0, sizeof(*out));
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_meter_init(&peaks, arena, s->rate_hz, 2), LAC_OK);
  assert_int_equal(lac_spectrum_meter_init(&spectrum, s->rate_hz, 2), LAC_OK);
  lac_dynamics_meter_init(&dynamics, s->rate_hz, 2);
  lac_overview_meter_init(overview);
  lac_findings_meter_init(findings, s->rate_hz, 2);
  for (uint32_t done = 0; done < s->n_frames; done += chunk) {
    const uint32_t n = s->n_frames - done < chunk ? s->n_frames - done : chunk;
    const float *at[2] = {s->channels[0] + done, s->channels[1] + done};
    assert_int_equal(lac_true_peak_meter_add(&peaks, at, n, NULL, NULL), LAC_OK);
    assert_int_equal(lac_spectrum_meter_add(&spectrum, at, n), LAC_OK);
    assert_int_equal(lac_dynamics_meter_add(&dynamics, at, n), LAC_OK);
    lac_overview_meter_add(overview, at, 2, n);
    lac_findings_meter_add(findings, at, n);
  }
  assert_int_equal(lac_true_peak_meter_flush(&peaks, NULL, NULL), LAC_OK);
  lac_true_peak_meter_result(&peaks, &out->peaks);
  out->n_hops = peaks.hops.count;
  lac_true_peak_meter_history(&peaks, out->hops, out->n_hops < 64 ? out->n_hops : 64);
  assert_int_equal(lac_spectrum_meter_result(&spectrum, &out->spectrum, &out->stereo), LAC_OK);
  assert_int_equal(lac_dynamics_meter_result(&dynamics, &out->dynamics), LAC_OK);
  lac_overview_meter_result_db(overview, &out->overview);
  LacFindingList list = {0};
  lac_findings_meter_result(findings, 0, 0, &list);
  assert_true(list.count > 0 && list.count <= 8);
  for (size_t i = 0; i < list.count; i++)
    strcpy(out->texts[i], list.items[i].text);
  lac_free(list.items);
  lac_true_peak_meter_free(&peaks);
  lac_spectrum_meter_free(&spectrum);
  lac_dynamics_meter_free(&dynamics);
  lac_arena_free(arena);
  free(overview);
  free(findings);
}

static void test_meters_alone(void **state) {
  (void)state;
  static const uint32_t chunks[] = {1, 7, 64, 1000, 65536};
  Stereo s = stereo_new(3.9, 22050);
  fill_programme(&s, 1.2);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[0][i] = s.channels[0][i] > 0.7F ? 0.7F : s.channels[0][i];
  static Alone truth, alone;
  measure_alone(&s, s.n_frames, &truth);
  for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
    measure_alone(&s, chunks[i], &alone);
    assert_memory_equal(&alone, &truth, sizeof(alone));
  }
  stereo_free(&s);
}

/* A level the machine has not is lowered to its best: then the comparison is with itself. */
static void test_cpu_levels(void **state) {
  (void)state;
  static const char *const levels[] = {"baseline", "avx2", "avx512"};
  Stereo s = test_signal(4.3, 44100);
  LacAnalysis truth = analyse_in(&s, 2, EVERYTHING, 4096);
  for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
    assert_int_equal(setenv("LACQUER_CPU", levels[i], 1), 0);
    LacAnalysis analysis = analyse_in(&s, 2, EVERYTHING, 4096);
    assert_same(&analysis, &truth);
    lac_analysis_free(&analysis);
  }
  unsetenv("LACQUER_CPU");
  lac_analysis_free(&truth);
  stereo_free(&s);
}

static void test_join(void **state) {
  (void)state;
  static const unsigned halves[][2] = {
      {LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK, LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS},
      {LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK},
      {LAC_MEASURE_LOUDNESS | LAC_MEASURE_FINDINGS, LAC_MEASURE_SPECTRUM | LAC_MEASURE_TRUE_PEAK},
      {LAC_MEASURE_TRUE_PEAK, LAC_MEASURE_ALL & ~LAC_MEASURE_TRUE_PEAK},
      {LAC_MEASURE_ALL & ~LAC_MEASURE_CHECKSUM, LAC_MEASURE_CHECKSUM},
      {LAC_MEASURE_ALL & ~LAC_MEASURE_FLAWS, LAC_MEASURE_FLAWS},
      {LAC_MEASURE_ALL, LAC_MEASURE_LOUDNESS},
      {LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING,
       LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS},
      {LAC_MEASURE_LIMITING_PEAKS, LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING_LEVELS},
      {LAC_MEASURE_LIMITING_LEVELS, LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING},
  };
  Stereo s = test_signal(9.1, 44100);
  for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
    LacAnalysis whole = analyse_in(&s, 2, halves[i][0] | halves[i][1], 4096);
    LacAnalysis into = analyse_in(&s, 2, halves[i][0], 4096);
    LacAnalysis from = analyse_in(&s, 2, halves[i][1], 4096);
    assert_int_equal(lac_analysis_join(&into, &from), LAC_OK);
    assert_null(from.findings);
    assert_same(&into, &whole);
    lac_analysis_free(&whole);
    lac_analysis_free(&into);
  }
  /* Two different pieces of audio are not one. */
  Stereo other = test_signal(3, 44100);
  LacAnalysis into = analyse_in(&s, 2, LAC_MEASURE_LOUDNESS, 4096);
  LacAnalysis from = analyse_in(&other, 2, LAC_MEASURE_TRUE_PEAK, 4096);
  assert_int_equal(lac_analysis_join(&into, &from), LAC_ERR_USAGE);
  lac_analysis_free(&into);
  stereo_free(&other);
  stereo_free(&s);
}

/* The hash is that of the samples themselves. */
static void test_hash(void **state) {
  (void)state;
  Stereo s = stereo_new(0.3, 44100);
  fill_programme(&s, 0.5);
  LacSha256 sha;
  lac_sha256_init(&sha);
  for (uint32_t i = 0; i < s.n_frames; i++)
    for (int c = 0; c < 2; c++) {
      uint32_t bits;
      memcpy(&bits, &s.channels[c][i], sizeof(bits));
      const uint8_t bytes[4] = {(uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16), (uint8_t)(bits >> 24)};
      lac_sha256_add(&sha, bytes, 4);
    }
  char text[LAC_SHA256_TEXT_SIZE];
  lac_sha256_text(&sha, text);
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_FINDINGS);
  assert_string_equal(analysis.pcm_sha256, text);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_overview(void **state) {
  (void)state;
  Stereo s = stereo_new(13.7, 44100);
  for (uint32_t i = 0; i < s.n_frames; i++) { /* a wedge: left goes up, right goes down */
    s.channels[0][i] = (float)i / (float)s.n_frames;
    s.channels[1][i] = -0.5F * s.channels[0][i];
  }
  LacAnalysis analysis = analyse(&s, LAC_MEASURE_LOUDNESS);
  assert_int_equal(analysis.overview.count, LAC_OVERVIEW_COLUMNS);
  for (size_t i = 0; i < analysis.overview.count; i++) {
    assert_near((double)analysis.overview.maximum[i], ((double)i + 1) / LAC_OVERVIEW_COLUMNS, 0.0005);
    assert_near((double)analysis.overview.minimum[i], -0.5 * ((double)i + 1) / LAC_OVERVIEW_COLUMNS, 0.0005);
  }
  assert_near(analysis.loudness.sample_peak_dbfs, 0, 0.001);
  lac_analysis_free(&analysis);
  s.n_frames = 700;
  analysis = analyse(&s, LAC_MEASURE_LOUDNESS);
  assert_int_equal(analysis.overview.count, 700);
  lac_analysis_free(&analysis);
  s.n_frames = 613700;
  stereo_free(&s);
}

static void test_nothing_and_little(void **state) {
  (void)state;
  static const uint32_t lengths[] = {0, 1, 2, 100, 4409, 4410, 17639, 17640};
  static const double rates[] = {8000, 44100, 384000};
  for (size_t r = 0; r < 3; r++) {
    Stereo s = stereo_new(1, rates[r] < 44100 ? 44100 : rates[r]);
    fill_programme(&s, 0.5);
    s.rate_hz = rates[r];
    for (unsigned n_channels = 1; n_channels <= 2; n_channels++)
      for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        s.n_frames = lengths[i];
        LacAnalysis analysis = analyse_in(&s, n_channels, EVERYTHING, 512);
        assert_int_equal(analysis.n_frames, lengths[i]);
        if (lengths[i] < 0.4 * rates[r])
          assert_true(isnan(analysis.loudness.integrated_lufs) && isnan(analysis.loudness.plr_lu));
        if (lengths[i] >= 100)
          assert_true(isfinite(analysis.loudness.true_peak_dbtp) && isfinite(analysis.loudness.sample_peak_dbfs));
        assert_int_equal(strlen(analysis.pcm_sha256), 64);
        lac_analysis_free(&analysis);
      }
    stereo_free(&s);
  }
}

static void check_silent(float value, bool is_silent, uint64_t n_nonfinite) {
  Stereo s = stereo_new(4, 44100);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[0][i] = s.channels[1][i] = value;
  LacAnalysis analysis = analyse(&s, EVERYTHING);
  assert_int_equal(analysis.is_silent, is_silent);
  assert_int_equal(analysis.n_nonfinite, n_nonfinite);
  assert_true(isnan(analysis.loudness.integrated_lufs) && isnan(analysis.loudness.range_lu));
  assert_true(isnan(analysis.loudness.plr_lu) && isnan(analysis.loudness.psr_min_lu));
  assert_true(isnan(analysis.spectrum.mid_db[10]) && isnan(analysis.spectrum.tilt_db_per_octave));
  assert_true(isnan(analysis.stereo.balance_db) && isnan(analysis.dynamics.crest_db[3]));
  assert_int_equal(isnan(analysis.loudness.true_peak_dbtp), is_silent);
  assert_int_equal(analysis.n_findings, n_nonfinite ? 1 : 0);
  assert_true(analysis.history.momentary_lufs[10] < -70);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_silence(void **state) {
  (void)state;
  check_silent(0, true, 0);
  check_silent(-0.0F, true, 0);
  check_silent(NAN, true, 2 * 4 * 44100);
  check_silent(INFINITY, true, 2 * 4 * 44100);
  check_silent(1e-30F, false, 0);
  check_silent(1e-42F, false, 0); /* denormal */
}

static void test_extremes(void **state) {
  (void)state;
  Stereo s = stereo_new(2, 44100);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[0][i] = s.channels[1][i] = i / 50 % 2 ? 3e38F : -3e38F;
  LacAnalysis analysis = analyse(&s, EVERYTHING); /* must not crash; figures may overflow */
  lac_analysis_free(&analysis);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[0][i] = s.channels[1][i] = i / 50 % 2 ? 1.0F : -1.0F;
  analysis = analyse(&s, EVERYTHING);
  assert_true(analysis.loudness.true_peak_dbtp > 0.5 && analysis.loudness.true_peak_dbtp < 3);
  assert_near(analysis.loudness.sample_peak_dbfs, 0, 1e-6);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_refusals(void **state) {
  (void)state;
  LacAnalyzer *analyzer = (LacAnalyzer *)&state;
  assert_int_equal(lac_analyzer_new(7999, 2, EVERYTHING, &analyzer), LAC_ERR_RANGE);
  assert_null(analyzer);
  assert_int_equal(lac_analyzer_new(384001, 2, EVERYTHING, &analyzer), LAC_ERR_RANGE);
  assert_int_equal(lac_analyzer_new((double)NAN, 2, EVERYTHING, &analyzer), LAC_ERR_RANGE);
  assert_int_equal(lac_analyzer_new(44100, 0, EVERYTHING, &analyzer), LAC_ERR_CHANNELS);
  assert_int_equal(lac_analyzer_new(44100, 3, EVERYTHING, &analyzer), LAC_ERR_CHANNELS);
  lac_analyzer_free(NULL);
  lac_analysis_free(NULL);
  assert_int_equal(lac_analyzer_new(44100, 1, EVERYTHING, &analyzer), LAC_OK);
  LacAnalysis analysis;
  assert_int_equal(lac_analyzer_finish(analyzer, &analysis), LAC_OK);
  lac_analysis_free(&analysis);
  assert_int_equal(lac_analyzer_finish(analyzer, &analysis), LAC_ERR_USAGE);
  const float *none[1] = {NULL};
  assert_int_equal(lac_analyzer_add(analyzer, none, 0), LAC_ERR_USAGE);
  lac_analyzer_free(analyzer);
}

#ifdef LAC_FAULTS
/* The k-th allocation fails, for every k: an error, no leak (the sanitizer build sees), no crash. */
static void test_failing_memory(void **state) {
  (void)state;
  Stereo s = test_signal(4, 44100);
  const float *channels[2] = {s.channels[0], s.channels[1]};
  bool was_hit = true;
  for (long k = 1; was_hit; k++) {
    LacAnalyzer *analyzer = NULL;
    LacAnalysis analysis;
    lac_faults_fail_allocation(k);
    LacStatus status = lac_analyzer_new(s.rate_hz, 2, EVERYTHING, &analyzer);
    if (!status) {
      status = lac_analyzer_add(analyzer, channels, s.n_frames);
      const LacStatus end = lac_analyzer_finish(analyzer, &analysis);
      assert_true(!status || end == status);
      status = end;
      if (!status)
        lac_analysis_free(&analysis);
    }
    lac_analyzer_free(analyzer);
    was_hit = lac_faults_hit();
    assert_int_equal(status, was_hit ? LAC_ERR_MEMORY : LAC_OK);
  }
  lac_faults_fail_allocation(0);
  stereo_free(&s);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_chunks),
      cmocka_unit_test(test_meters_alone),
      cmocka_unit_test(test_cpu_levels),
      cmocka_unit_test(test_join),
      cmocka_unit_test(test_hash),
      cmocka_unit_test(test_overview),
      cmocka_unit_test(test_nothing_and_little),
      cmocka_unit_test(test_silence),
      cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_refusals),
#ifdef LAC_FAULTS
      cmocka_unit_test(test_failing_memory),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
