/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A render as a job: passes over the whole song, cancel and progress, what it measures, sinks and files that fail. */

#include <lacquer/render.h>

#include "core/file.h"
#include "core/threads.h"
#include "render/job_progress.h"
#include "render/kept_signal.h"
#include "render/render_passes.h"
#include "render/spool.h"
#include "render/test/render_fixture.h"
#include "render/test/whole_class.h"

#include <math.h>
#include <string.h>

/* --- Whole processors --------------------------------------------------------------------------------------- */

static float peak_of(const float *x, uint64_t n) {
  float peak = 0;
  for (uint64_t i = 0; i < n; ++i) {
    peak = fabsf(x[i]) > peak ? fabsf(x[i]) : peak;
  }
  return peak;
}

static void test_whole(void **state) {
  (void)state;
  static const char *const settings[] = {"gain.db=-6", NULL};
  TestSong song;
  char in_path[TEST_PATH_SIZE], out_path[TEST_PATH_SIZE];
  LacRecipe *recipe = test_recipe_of(settings);
  test_add_normalizer(recipe, 0, 0.25); /* normalizer, gain, normalizer2, normalizer3 */
  test_add_normalizer(recipe, SIZE_MAX, 0.5);
  test_add_normalizer(recipe, SIZE_MAX, 0.75);
  test_set_output(recipe, 0, 32);
  test_song_make(&song, 44100, 1, 32, 50000);
  test_song_write(&song, test_path(&test_folder, "in.wav", in_path));
  test_path(&test_folder, "out.wav", out_path);
  /* In float, in the same order. The gain stage glides from nothing: its factor is constant from frame 0. */
  const float first = 0.25f / peak_of(song.channels[0], song.n_frames);
  for (int disk = 0; disk < 2; ++disk) {
    TestSong out;
    LacRenderResult result;
    test_render(in_path, recipe, out_path, 3, disk ? 0 : LAC_SPOOL_MEMORY_BYTES, 0, &result, NULL);
    test_song_read(out_path, &out);
    assert_true(fabsf(peak_of(out.channels[0], out.n_frames) - 0.75f) < 1e-6f);
    assert_int_equal(result.spool_bytes, 50000 * sizeof(float));
    /* Proportional all along: every pass saw every frame at its place. */
    const float ratio = 0.75f / peak_of(song.channels[0], song.n_frames);
    for (uint64_t i = 0; i < song.n_frames; ++i) {
      assert_true(fabsf(out.channels[0][i] - ratio * song.channels[0][i]) < 1e-6f);
    }
    /* One readout each, in the chain's order. */
    assert_int_equal(result.n_readouts, 3);
    assert_string_equal(result.readouts[0].entry, "normalizer");
    assert_string_equal(result.readouts[2].entry, "normalizer3");
    assert_string_equal(result.readouts[0].readout, "gain");
    assert_true(fabsf(result.readouts[0].mean[0] - first) < 1e-5f);
    assert_true(fabsf(result.readouts[2].mean[10] - 1.5f) < 1e-5f);
    assert_int_equal(result.readouts[0].count, (50000 + 440) / 441);
    lac_render_result_free(&result);
    test_song_free(&out);
  }
  test_song_free(&song);
  lac_recipe_free(recipe);
}

static LacStatus render_expecting(const LacRecipe *recipe, const LacJobControl *control, LacError *error) {
  char in_path[TEST_PATH_SIZE], out_path[TEST_PATH_SIZE];
  LacSource *source = NULL;
  LacSink *sink = NULL;
  LacSinkFormat format;
  LacRenderResult result;
  assert_int_equal(lac_source_open(test_path(&test_folder, "in.wav", in_path), NULL, &source, NULL, error), LAC_OK);
  assert_int_equal(lac_render_format(lac_source_info(source), recipe, LAC_CONTAINER_WAV, &format, error), LAC_OK);
  test_path(&test_folder, "never.wav", out_path);
  assert_int_equal(lac_sink_open(out_path, true, &format, &sink, NULL, error), LAC_OK);
  const LacStatus status =
      lac_render_spooled(source, recipe, sink, LAC_MEASURE_LOUDNESS, control, 0, NULL, &result, NULL, error);
  if (status == LAC_OK) {
    lac_render_result_free(&result);
  }
  lac_sink_abort(sink);
  lac_source_close(source);
  return status;
}

static void test_failing_plan(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacRecipe *recipe = test_recipe_of(NULL);
  test_add_normalizer(recipe, 0, 0.5);
  assert_int_equal(lac_recipe_set(recipe, 0, NORMALIZER_REFUSES, 1, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 50000);
  assert_int_equal(render_expecting(recipe, &(LacJobControl){.n_threads = 2}, &error), LAC_ERR_INTERNAL);
  assert_string_equal(error.code, "PLAN_FAILED");
  assert_non_null(strstr(error.text, "normalizer"));
  lac_recipe_free(recipe);
}

/* --- Cancel and progress ------------------------------------------------------------------------------------ */

typedef struct Listener {
  LacCancel *cancel;
  double cancel_at; /* fraction */
  double last;
  unsigned n_calls;
} Listener;

static void listen(void *user, const char *stage, double fraction) {
  Listener *listener = user;
  assert_string_equal(stage, "render");
  assert_true(fraction >= listener->last && fraction <= 1);
  listener->last = fraction;
  listener->n_calls++;
  if (fraction >= listener->cancel_at) {
    atomic_store(&listener->cancel->requested, true);
  }
}

typedef struct Stopper {
  LacCancel *cancel;
  useconds_t wait_us;
} Stopper;

static void stop_later(void *context) {
  const Stopper *stopper = context;
  usleep(stopper->wait_us);
  atomic_store(&stopper->cancel->requested, true);
}

static void test_cancel(void **state) {
  (void)state;
  static const char *const settings[] = {"equalizer.band1_type=bell", "equalizer.band1_db=3", "limiter.drive_db=6",
                                         NULL};
  char path[TEST_PATH_SIZE];
  LacRecipe *recipe = test_recipe_of(settings);
  test_add_normalizer(recipe, 0, 0.5);
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 800000);
  unsigned n_cancelled = 0;
  for (unsigned i = 0; i < 24; ++i) {
    LacCancel cancel = {false};
    LacThread *thread = NULL;
    LacError error = {0};
    Stopper stopper = {.cancel = &cancel, .wait_us = 1 + i * i * 600};
    const LacJobControl control = {.n_threads = 1 + i % 3, .cancel = &cancel};
    assert_int_equal(lac_thread_start(&thread, stop_later, &stopper), LAC_OK);
    const LacStatus status = render_expecting(recipe, &control, &error);
    lac_thread_join(thread);
    assert_true(status == LAC_OK || status == LAC_ERR_CANCELLED);
    assert_true(status == LAC_OK || strcmp(error.code, "CANCELLED") == 0);
    n_cancelled += status == LAC_ERR_CANCELLED;
  }
  assert_true(n_cancelled >= 5);
  assert_false(lac_path_exists(test_path(&test_folder, "never.wav", path)));
  lac_recipe_free(recipe);
}

static void test_progress(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  LacCancel cancel = {false};
  LacError error = {0};
  LacRecipe *recipe = test_recipe_of(NULL);
  test_add_normalizer(recipe, 0, 0.5);
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 300000);
  Listener listener = {.cancel = &cancel, .cancel_at = 2};
  LacJobControl control = {.n_threads = 2, .cancel = &cancel, .progress = listen, .progress_user = &listener};
  const double begin_s = lac_job_seconds();
  assert_int_equal(render_expecting(recipe, &control, &error), LAC_OK);
  assert_true(listener.last == 1);
  assert_true(listener.n_calls >= 2 && listener.n_calls <= 2 + 10 * (lac_job_seconds() - begin_s) + 1);
  listener = (Listener){.cancel = &cancel, .cancel_at = 0};
  assert_int_equal(render_expecting(recipe, &control, &error), LAC_ERR_CANCELLED);
  assert_true(listener.last == 0);
  lac_recipe_free(recipe);
}

/* --- What the solver sees ----------------------------------------------------------------------------------- */

/* observe() measures what a render without the limiter would write as float. */
static void check_observe(LacRecipe *recipe, const char *in_path) {
  LacSource *source = NULL;
  LacError error = {0};
  LacAnalysis observed, written;
  TestSong out;
  char out_path[TEST_PATH_SIZE];
  const LacJobControl control = {.n_threads = 2};
  const unsigned measure = LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING;
  assert_int_equal(lac_source_open(in_path, NULL, &source, NULL, &error), LAC_OK);
  assert_int_equal(lac_render_observe(source, recipe, measure, &control, NULL, &observed, NULL, &error), LAC_OK);
  lac_source_close(source);
  const size_t limiter = lac_recipe_find(recipe, "limiter");
  lac_recipe_enable(recipe, limiter, false);
  test_render(in_path, recipe, test_path(&test_folder, "out.wav", out_path), 1, LAC_SPOOL_MEMORY_BYTES, 0, NULL, NULL);
  lac_recipe_enable(recipe, limiter, true);
  test_song_read(out_path, &out);
  assert_int_equal(lac_source_open(out_path, NULL, &source, NULL, &error), LAC_OK);
  assert_int_equal(lac_measure_source(source, measure, "verify", &control, &written, NULL, &error), LAC_OK);
  assert_int_equal(observed.n_frames, out.n_frames);
  assert_string_equal(observed.pcm_sha256, written.pcm_sha256);
  assert_true(observed.loudness.integrated_lufs == written.loudness.integrated_lufs);
  assert_true(observed.control.count > 0 && observed.control.count == written.control.count);
  lac_source_close(source);
  lac_analysis_free(&observed);
  lac_analysis_free(&written);
  test_song_free(&out);
}

static void test_observe(void **state) {
  (void)state;
  static const char *const settings[] = {"equalizer.band1_type=bell", "equalizer.band1_db=3", "gain.db=-2",
                                         "limiter.drive_db=0", NULL};
  char path[TEST_PATH_SIZE];
  LacRecipe *recipe = test_recipe_of(settings);
  test_set_output(recipe, 0, 32);
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 100000);
  check_observe(recipe, path);
  test_set_output(recipe, 48000, 32);
  check_observe(recipe, path);
  test_add_normalizer(recipe, 0, 0.5);
  check_observe(recipe, path);
  lac_recipe_free(recipe);
}

/* One render of in.wav with what earlier ones kept; the file's sum, and the result without its readouts' memory. */
static void render_kept(LacSource *source, const LacRecipe *recipe, size_t spool_memory_bytes, LacKeptSignal **kept,
                        char sha256[65], LacRenderResult *result) {
  char path[TEST_PATH_SIZE];
  LacSink *sink = NULL;
  LacSinkFormat format;
  LacError error = {0};
  const LacJobControl control = {.n_threads = 2};
  assert_int_equal(lac_render_format(lac_source_info(source), recipe, LAC_CONTAINER_WAV, &format, &error), LAC_OK);
  test_path(&test_folder, "kept.wav", path);
  assert_int_equal(lac_sink_open(path, true, &format, &sink, NULL, &error), LAC_OK);
  assert_int_equal(lac_render_spooled(source, recipe, sink, LAC_MEASURE_LOUDNESS, &control, spool_memory_bytes, kept,
                                      result, NULL, &error),
                   LAC_OK);
  assert_int_equal(lac_sink_finish(sink, &error), LAC_OK);
  assert_int_equal(lac_sink_commit(sink, &error), LAC_OK);
  test_file_sha256(path, sha256);
}

static void check_same_readouts(const LacRenderResult *a, const LacRenderResult *b) {
  assert_int_equal(a->n_readouts, b->n_readouts);
  assert_int_equal(a->n_frames, b->n_frames);
  assert_int_equal(a->n_nonfinite, b->n_nonfinite);
  for (size_t i = 0; i < a->n_readouts; ++i) {
    assert_string_equal(a->readouts[i].entry, b->readouts[i].entry);
    assert_int_equal(a->readouts[i].count, b->readouts[i].count);
    assert_memory_equal(a->readouts[i].mean, b->readouts[i].mean, a->readouts[i].count * sizeof(float));
    assert_memory_equal(a->readouts[i].minimum, b->readouts[i].minimum, a->readouts[i].count * sizeof(float));
  }
}

/* Renders with and without what was kept are the same. Returns whether it served: a mark on it is still there. */
static bool check_kept(LacSource *source, const LacRecipe *recipe, size_t spool_memory_bytes, LacKeptSignal **kept) {
  static const LacRecipeInput mark = {.n_frames = 4711};
  char with[65], without[65];
  LacRenderResult a, b;
  if (*kept) {
    lac_recipe_set_input((*kept)->recipe, &mark);
  }
  render_kept(source, recipe, spool_memory_bytes, NULL, without, &a);
  render_kept(source, recipe, spool_memory_bytes, kept, with, &b);
  assert_string_equal(with, without);
  check_same_readouts(&a, &b);
  lac_render_result_free(&a);
  lac_render_result_free(&b);
  return *kept && lac_recipe_input((*kept)->recipe).n_frames == mark.n_frames;
}

static void set_value(LacRecipe *recipe, const char *assignment) {
  LacError error = {0};
  assert_int_equal(lac_recipe_set_text(recipe, assignment, LAC_SET_BY_PERSON, &error), LAC_OK);
}

static void test_kept(void **state) {
  (void)state;
  static const char *const settings[] = {"equalizer.band1_type=bell",
                                         "equalizer.band1_db=3",
                                         "compressor.band1_threshold_db=-30",
                                         "gain.db=0",
                                         "limiter.solver=offline",
                                         "limiter.drive_db=2",
                                         NULL};
  static const uint32_t rates[] = {0, 48000};
  char path[TEST_PATH_SIZE];
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 60000);
  for (size_t i = 0; i < 4; ++i) {
    const size_t memory_bytes = i % 2 ? 0 : LAC_SPOOL_MEMORY_BYTES;
    LacSource *source = NULL;
    LacKeptSignal *kept = NULL;
    LacAnalysis observed;
    LacError error = {0};
    LacRecipe *recipe = test_recipe_of(settings);
    test_set_output(recipe, rates[i / 2], 24);
    assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
    assert_int_equal(lac_render_observe(source, recipe, LAC_MEASURE_LOUDNESS, NULL, &kept, &observed, NULL, &error),
                     LAC_OK);
    assert_non_null(kept);
    lac_analysis_free(&observed);
    assert_true(check_kept(source, recipe, memory_bytes, &kept));
    set_value(recipe, "limiter.drive_db=9"); /* only what follows is new */
    assert_true(check_kept(source, recipe, memory_bytes, &kept));
    set_value(recipe, "gain.db=-2"); /* in front of the resampler there is no way back to it */
    assert_int_equal(check_kept(source, recipe, memory_bytes, &kept), rates[i / 2] == 0);
    set_value(recipe, "equalizer.band1_db=2");
    assert_false(check_kept(source, recipe, memory_bytes, &kept));
    assert_true(check_kept(source, recipe, memory_bytes, &kept)); /* the render before has left its own */
    set_value(recipe, i % 2 ? "limiter.solver=realtime" : "clipper.amount_db=2"); /* they hear beyond the song's end */
    assert_false(check_kept(source, recipe, memory_bytes, &kept));
    assert_null(kept);
    lac_kept_signal_free(kept);
    lac_source_close(source);
    lac_recipe_free(recipe);
  }
}

/* What was measured on the way is what the file holds. */
static void test_measured_on_the_way(void **state) {
  (void)state;
  static const char *const settings[] = {"gain.db=3", "limiter.drive_db=6", "limiter.ceiling_dbtp=-1", NULL};
  static const unsigned depths[] = {16, 24, 32};
  char in_path[TEST_PATH_SIZE], out_path[TEST_PATH_SIZE];
  LacRecipe *recipe = test_recipe_of(settings);
  test_song_put(test_path(&test_folder, "in.wav", in_path), 24, 100000);
  for (size_t i = 0; i < 3; ++i) {
    LacRenderResult result;
    LacSource *source = NULL;
    LacAnalysis written;
    LacError error = {0};
    const unsigned measure = LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK;
    test_set_output(recipe, 0, depths[i]);
    test_render(in_path, recipe, test_path(&test_folder, "out.wav", out_path), 2, LAC_SPOOL_MEMORY_BYTES, measure,
                &result, NULL);
    assert_int_equal(lac_source_open(out_path, NULL, &source, NULL, &error), LAC_OK);
    assert_int_equal(lac_measure_source(source, measure, "verify", NULL, &written, NULL, &error), LAC_OK);
    assert_string_equal(result.analysis.pcm_sha256, written.pcm_sha256);
    assert_true(result.analysis.loudness.true_peak_dbtp == written.loudness.true_peak_dbtp);
    assert_int_equal(result.output.bits, depths[i]);
    assert_string_equal(result.output.container, "wav");
    /* The limiter says what it did, hop by hop. */
    assert_int_equal(result.n_readouts, 1);
    assert_string_equal(result.readouts[0].unit, "dB");
    assert_int_equal(result.readouts[0].count, (100000 + 440) / 441);
    float lowest = 0;
    for (size_t k = 0; k < result.readouts[0].count; ++k) {
      lowest = result.readouts[0].minimum[k] < lowest ? result.readouts[0].minimum[k] : lowest;
    }
    assert_true(lowest < -1 && lowest > -30);
    lac_render_result_free(&result);
    lac_analysis_free(&written);
    lac_source_close(source);
  }
  lac_recipe_free(recipe);
}

static void test_wrong_sink(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacSource *source = NULL;
  LacSink *sink = NULL;
  LacRenderResult result;
  LacRecipe *recipe = test_recipe_of(NULL);
  const LacSinkFormat format = {.rate_hz = 48000, .n_channels = 2, .bits = 24, .n_frames = 1000};
  test_song_put(test_path(&test_folder, "in.wav", path), 24, 1000);
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  assert_int_equal(lac_sink_open(test_path(&test_folder, "x.wav", path), true, &format, &sink, NULL, &error), LAC_OK);
  assert_int_equal(lac_render(source, recipe, sink, 0, NULL, NULL, &result, NULL, &error), LAC_ERR_USAGE);
  assert_string_equal(error.code, "SINK_FORMAT");
  lac_sink_abort(sink);
  lac_source_close(source);
  lac_recipe_free(recipe);
}

static LacStatus render_source(LacSource *source, const LacRecipe *recipe, LacRenderResult *result, LacError *error) {
  char path[TEST_PATH_SIZE];
  LacSink *sink = NULL;
  LacSinkFormat format;
  assert_int_equal(lac_render_format(lac_source_info(source), recipe, LAC_CONTAINER_WAV, &format, error), LAC_OK);
  assert_int_equal(lac_sink_open(test_path(&test_folder, "x.wav", path), true, &format, &sink, NULL, error), LAC_OK);
  const LacStatus status = lac_render(source, recipe, sink, 0, NULL, NULL, result, NULL, error);
  if (status == LAC_OK) {
    assert_int_equal(lac_sink_finish(sink, error), LAC_OK);
  }
  lac_sink_abort(sink);
  return status;
}

/* A measuring pass finds fewer frames than the file promised, and a render then has them all. */
static void check_what_is_there(LacSource *source, const LacRecipe *recipe, uint64_t promised) {
  LacError error = {0};
  LacRenderResult result;
  LacAnalysis analysis;
  assert_int_equal(lac_measure_source(source, LAC_MEASURE_LOUDNESS, "analyse", NULL, &analysis, NULL, &error), LAC_OK);
  assert_true(lac_source_info(source)->n_frames < promised);
  if (render_source(source, recipe, &result, &error) != LAC_OK) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(result.n_frames, analysis.n_frames);
  lac_render_result_free(&result);
  lac_analysis_free(&analysis);
}

/* Overwrites `n_bytes` from the middle of the file, all to its end when it has fewer. */
static void damage(const char *path, long n_bytes) {
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  const long size = ftell(file), middle = size / 2;
  fseek(file, middle, SEEK_SET);
  for (long i = 0; i < n_bytes && i < size - middle; ++i) {
    fputc(0x55, file);
  }
  fclose(file);
}

/* A damaged place with music behind it is silence there, and the length stays. Of a damaged second half, what is there
 * is rendered. */
static void test_damaged_middle(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacSource *source = NULL;
  LacRenderResult result;
  LacRecipe *recipe = test_recipe_of(NULL);
  test_song_put(test_path(&test_folder, "in.flac", path), 16, 200000);
  damage(path, 3000);
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  const uint64_t promised = lac_source_info(source)->n_frames;
  assert_int_equal(render_source(source, recipe, &result, &error), LAC_OK);
  assert_int_equal(result.n_frames, promised);
  lac_render_result_free(&result);
  lac_source_close(source);
  damage(path, 1L << 30);
  source = NULL;
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  check_what_is_there(source, recipe, promised);
  lac_source_close(source);
  lac_recipe_free(recipe);
}

/* A file that loses its end after it was opened: said, and after a measuring pass what is there is rendered. */
static void test_shrinking_file(void **state) {
  (void)state;
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacSource *source = NULL;
  LacRenderResult result;
  LacRecipe *recipe = test_recipe_of(NULL);
  test_song_put(test_path(&test_folder, "shrinks.wav", path), 16, 200000);
  assert_int_equal(lac_source_open(path, NULL, &source, NULL, &error), LAC_OK);
  const uint64_t promised = lac_source_info(source)->n_frames;
  assert_int_equal(truncate(path, 400000), 0);
  assert_int_equal(render_source(source, recipe, &result, &error), LAC_ERR_DAMAGED);
  assert_string_equal(error.code, "INPUT_LENGTH");
  check_what_is_there(source, recipe, promised);
  lac_source_close(source);
  lac_recipe_free(recipe);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole),
                                     cmocka_unit_test(test_failing_plan),
                                     cmocka_unit_test(test_cancel),
                                     cmocka_unit_test(test_progress),
                                     cmocka_unit_test(test_observe),
                                     cmocka_unit_test(test_kept),
                                     cmocka_unit_test(test_measured_on_the_way),
                                     cmocka_unit_test(test_wrong_sink),
                                     cmocka_unit_test(test_damaged_middle),
                                     cmocka_unit_test(test_shrinking_file)};
  return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
