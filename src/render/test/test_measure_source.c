/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/render.h>

#include "render/test/render_fixture.h"

#include <math.h>
#include <string.h>

static void measure(const char *path, unsigned what, unsigned n_threads, LacAnalysis *analysis) {
  LacSource *source = NULL;
  LacError error = {0};
  const LacJobControl control = {.n_threads = n_threads};
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  if (lac_measure_source(source, what, "analyse", &control, analysis, NULL, &error) != LAC_OK) {
    fail_msg("%s", error.text);
  }
  lac_source_close(source);
}

static bool same_double(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

static void check_doubles(const double *a, const double *b, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    assert_true(same_double(a[i], b[i]));
  }
}

/* What was not asked for has no array on either side. */
static void check_floats(const float *a, const float *b, size_t count) {
  assert_true((a == NULL) == (b == NULL));
  for (size_t i = 0; a && i < count; ++i) {
    assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
  }
}

static void check_same(const LacAnalysis *a, const LacAnalysis *b) {
  assert_int_equal(a->measured, b->measured);
  assert_true(a->n_frames == b->n_frames && a->n_nonfinite == b->n_nonfinite && a->is_silent == b->is_silent);
  assert_string_equal(a->pcm_sha256, b->pcm_sha256);
  check_doubles((const double *)&a->loudness, (const double *)&b->loudness, sizeof a->loudness / sizeof(double));
  check_doubles((const double *)&a->spectrum, (const double *)&b->spectrum, sizeof a->spectrum / sizeof(double));
  check_doubles((const double *)&a->stereo, (const double *)&b->stereo, sizeof a->stereo / sizeof(double));
  check_doubles((const double *)&a->dynamics, (const double *)&b->dynamics, sizeof a->dynamics / sizeof(double));
  assert_int_equal(a->n_findings, b->n_findings);
  for (size_t i = 0; i < a->n_findings; ++i) {
    assert_int_equal(a->findings[i].kind, b->findings[i].kind);
    assert_string_equal(a->findings[i].text, b->findings[i].text);
    assert_true(same_double(a->findings[i].value, b->findings[i].value));
  }
  assert_int_equal(a->history.count, b->history.count);
  check_floats(a->history.momentary_lufs, b->history.momentary_lufs, a->history.count);
  check_floats(a->history.short_term_lufs, b->history.short_term_lufs, a->history.count);
  check_floats(a->history.true_peak_dbtp, b->history.true_peak_dbtp, a->history.count);
  assert_int_equal(a->overview.count, b->overview.count);
  assert_memory_equal(a->overview.maximum, b->overview.maximum, a->overview.count * sizeof(float));
  assert_int_equal(a->control.count, b->control.count);
  check_floats(a->control.peak, b->control.peak, a->control.count);
  check_floats(a->control.k_energy, b->control.k_energy, a->control.count);
  assert_int_equal(a->control.lead != NULL, b->control.lead != NULL);
  if (a->control.lead) {
    assert_memory_equal(a->control.lead, b->control.lead, a->control.count);
  }
  assert_int_equal(a->control.openness_count, b->control.openness_count);
  assert_memory_equal(a->control.openness, b->control.openness, a->control.openness_count);
}

/* One analyzer or two, one thread or three: the same numbers. */
static void test_threads(void **state) {
  (void)state;
  static const unsigned whats[] = {LAC_MEASURE_ALL | LAC_MEASURE_LIMITING, LAC_MEASURE_ALL,
                                   LAC_MEASURE_LOUDNESS | LAC_MEASURE_FINDINGS, LAC_MEASURE_SPECTRUM,
                                   LAC_MEASURE_LOUDNESS};
  for (unsigned n_channels = 1; n_channels <= 2; ++n_channels) {
    TestSong song;
    char path[TEST_PATH_SIZE];
    test_song_make(&song, 44100, n_channels, 24, 200000);
    for (uint64_t i = 150000; i < 150030; ++i) {
      song.channels[0][i] = i % 40 < 20 ? 1.0f - 0x1p-23f : -1.0f; /* something to find */
    }
    test_song_write(&song, test_path(&test_folder, "in.wav", path));
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; ++i) {
      LacAnalysis first, other;
      measure(path, whats[i], 1, &first);
      assert_int_equal(first.measured, whats[i]);
      assert_int_equal(first.n_frames, 200000);
      for (unsigned n_threads = 2; n_threads <= 3; ++n_threads) {
        measure(path, whats[i], n_threads, &other);
        check_same(&first, &other);
        lac_analysis_free(&other);
      }
      lac_analysis_free(&first);
    }
    test_song_free(&song);
  }
}

static void test_silence_and_nonfinite(void **state) {
  (void)state;
  TestSong song;
  char path[TEST_PATH_SIZE];
  LacAnalysis analysis;
  LacNotes notes = {0};
  LacError error = {0};
  LacSource *source = NULL;
  test_song_make(&song, 44100, 2, 32, 50000);
  memset(song.channels[0], 0, 50000 * sizeof(float));
  memset(song.channels[1], 0, 50000 * sizeof(float));
  song.channels[1][77] = NAN;
  test_song_write(&song, test_path(&test_folder, "in.wav", path));
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  assert_int_equal(lac_measure_source(source, LAC_MEASURE_ALL, "analyse", NULL, &analysis, &notes, &error), LAC_OK);
  assert_true(analysis.is_silent);
  assert_int_equal(analysis.n_nonfinite, 1);
  assert_true(lac_notes_has(&notes, "INPUT_NONFINITE"));
  lac_notes_free(&notes);
  lac_analysis_free(&analysis);
  lac_source_close(source);
  test_song_free(&song);
}

static void test_cancel(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 100000);
  for (unsigned n_threads = 1; n_threads <= 3; ++n_threads) {
    LacCancel cancel = {true};
    LacAnalysis analysis;
    LacError error = {0};
    LacSource *source = NULL;
    const LacJobControl control = {.n_threads = n_threads, .cancel = &cancel};
    assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
    assert_int_equal(lac_measure_source(source, LAC_MEASURE_ALL, "analyse", &control, &analysis, NULL, &error),
                     LAC_ERR_CANCELLED);
    lac_source_close(source);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads), cmocka_unit_test(test_silence_and_nonfinite),
                                     cmocka_unit_test(test_cancel)};
  return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
