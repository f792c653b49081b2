/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every allocation and every write of a render fails once: no crash, no leak, an error that says what, and the old
 * output stands. */

#include <lacquer/render.h>

#include "core/faults.h"
#include "render/render_passes.h"
#include "render/test/render_fixture.h"

#include <string.h>

static char in_path[TEST_PATH_SIZE];
static char out_path[TEST_PATH_SIZE];

static LacRecipe *make_recipe(void) {
  static const char *const settings[] = {"equalizer.band1_type=bell", "equalizer.band1_db=3", "limiter.drive_db=6",
                                         NULL};
  LacRecipe *recipe = test_recipe_of(settings);
  test_add_normalizer(recipe, 1, 0.5);
  test_set_output(recipe, 48000, 0);
  return recipe;
}

/* Open, render through memory or disk, commit. */
static LacStatus run_job(const LacRecipe *recipe, unsigned n_threads, size_t spool_memory_bytes, LacError *error) {
  LacSource *source = NULL;
  LacSink *sink = NULL;
  LacSinkFormat format;
  LacRenderResult result;
  LacNotes notes = {0};
  const LacJobControl control = {.n_threads = n_threads};
  LacStatus status = lac_source_open(in_path, NULL, &source, &notes, error);
  if (status == LAC_OK) {
    status = lac_render_format(lac_source_info(source), recipe, LAC_CONTAINER_WAV, &format, error);
  }
  if (status == LAC_OK) {
    status = lac_sink_open(out_path, true, &format, &sink, &notes, error);
  }
  if (status == LAC_OK) {
    status = lac_render_spooled(source, recipe, sink, LAC_MEASURE_LOUDNESS, &control, spool_memory_bytes, NULL, &result,
                                &notes, error);
    if (status == LAC_OK) {
      lac_render_result_free(&result);
      status = lac_sink_commit(sink, error);
    } else {
      lac_sink_abort(sink);
    }
  }
  lac_source_close(source);
  lac_notes_free(&notes);
  return status;
}

static char good_sha256[65]; /* of the file that a job without faults writes */

/* The old file, or (when only the folder could not be synchronised after the rename) the whole new one. */
static void check_old_output(void) {
  char text[16];
  char hash[65];
  if (strcmp(test_file_get(out_path, text, sizeof text), "old") != 0) {
    test_file_sha256(out_path, hash);
    assert_string_equal(hash, good_sha256);
  }
}

static void check_allocations(unsigned n_threads, size_t spool_memory_bytes) {
  LacRecipe *recipe = make_recipe();
  unsigned n_failed = 0;
  for (long k = 1;; ++k) {
    LacError error = {0};
    assert_true(test_file_put(out_path, "old"));
    lac_faults_fail_allocation(k);
    const LacStatus status = run_job(recipe, n_threads, spool_memory_bytes, &error);
    const bool was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    if (!was_hit) {
      assert_int_equal(status, LAC_OK);
      break;
    }
    /* A library below may do without (it then goes on), but half a result is never written. */
    if (status != LAC_OK) {
      assert_true(error.text[0] != '\0');
      check_old_output();
      n_failed++;
    }
  }
  assert_true(n_failed > 50);
  lac_recipe_free(recipe);
}

/* Twice up to the limiter: the second time from what the first one kept. */
static LacStatus observe_twice(const LacRecipe *recipe, LacError *error) {
  LacSource *source = NULL;
  LacKeptSignal *kept = NULL;
  const LacJobControl control = {.n_threads = 2};
  LacStatus status = lac_source_open(in_path, NULL, &source, NULL, error);
  for (int i = 0; i < 2 && status == LAC_OK; ++i) {
    LacAnalysis analysis;
    status = lac_render_observe(source, recipe, LAC_MEASURE_LOUDNESS, &control, &kept, &analysis, NULL, error);
    if (status == LAC_OK) {
      lac_analysis_free(&analysis);
    }
  }
  lac_kept_signal_free(kept);
  lac_source_close(source);
  return status;
}

static void test_kept_allocations(void **state) {
  (void)state;
  static const char *const settings[] = {"compressor.band1_threshold_db=-30", "limiter.solver=offline", NULL};
  LacRecipe *recipe = test_recipe_of(settings);
  LacStatus status = LAC_ERR_MEMORY;
  bool was_hit = true;
  for (long k = 1; was_hit; ++k) {
    LacError error = {0};
    lac_faults_fail_allocation(k);
    status = observe_twice(recipe, &error);
    was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_true(status == LAC_OK || error.text[0] != '\0');
  }
  assert_int_equal(status, LAC_OK);
  lac_recipe_free(recipe);
}

static void test_allocations(void **state) {
  (void)state;
  check_allocations(1, 100000000);
  check_allocations(2, 0);
  check_allocations(3, 0);
}

static void check_writes(unsigned n_threads, LacWriteFault kind) {
  LacRecipe *recipe = make_recipe();
  long n_failed = 0;
  for (long k = 1;; ++k) {
    LacError error = {0};
    assert_true(test_file_put(out_path, "old"));
    lac_faults_fail_write(k, kind);
    const LacStatus status = run_job(recipe, n_threads, 0, &error);
    const bool was_hit = lac_faults_hit();
    lac_faults_fail_write(0, kind);
    if (!was_hit) {
      assert_int_equal(status, LAC_OK);
      break;
    }
    if (status != LAC_OK) {
      assert_true(error.text[0] != '\0');
      check_old_output();
      assert_int_equal(test_folder_count(&test_folder), 2); /* in and out, no temporary left */
      n_failed++;
    }
  }
  assert_true(n_failed > 5);
  lac_recipe_free(recipe);
}

static void test_writes(void **state) {
  (void)state;
  check_writes(1, LAC_FAULT_ENOSPC);
  check_writes(2, LAC_FAULT_EIO);
  check_writes(3, LAC_FAULT_SHORT);
}

static void test_good(void **state) {
  (void)state;
  LacError error = {0};
  LacRecipe *recipe = make_recipe();
  assert_int_equal(run_job(recipe, 1, 0, &error), LAC_OK);
  test_file_sha256(out_path, good_sha256);
  lac_recipe_free(recipe);
}

static int make_folder(void **state) {
  if (test_folder_setup(state) != 0) {
    return -1;
  }
  test_path(&test_folder, "out.wav", out_path);
  test_song_put(test_path(&test_folder, "in.wav", in_path), 24, 44100);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_allocations),
                                     cmocka_unit_test(test_kept_allocations), cmocka_unit_test(test_writes)};
  return cmocka_run_group_tests(tests, make_folder, test_folder_teardown);
}
