/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/master.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "assistant/recipe_edit.h"
#include "assistant/test/song_file.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"

static LacMasterOptions options_for(const char *input) {
  LacMasterOptions options;
  lac_master_options_init(&options);
  options.input = input;
  return options;
}

static LacStatus master(const LacMasterOptions *options, LacMasterResult *result, LacError *error) {
  memset(error, 0, sizeof *error);
  LacStatus status = lac_master(options, NULL, result, error);
  if (status)
    assert_true(error->code[0] && error->text[0]); /* every failure speaks */
  return status;
}

static void check_failure(const LacMasterOptions *options, LacStatus expected, const char *code) {
  LacMasterResult result;
  LacError error;
  size_t before = song_folder_count();
  LacStatus status = master(options, &result, &error);
  if (status != expected || strcmp(error.code, code) != 0)
    fail_msg("%s: status %d, %s: %s", options->input, (int)status, error.code, error.text);
  assert_int_equal(song_folder_count(), before); /* nothing was left behind */
  if (status == LAC_ERR_TARGET)
    lac_master_result_free(&result);
}

static void hash_of(const char *path, char text[LAC_SHA256_TEXT_SIZE]) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  LacSha256 sha;
  LacError error = {0};
  if (lac_file_read_all(path, 256u << 20, &bytes, &n_bytes, &error))
    fail_msg("%s", error.text);
  lac_sha256_init(&sha);
  lac_sha256_add(&sha, bytes, n_bytes);
  lac_sha256_text(&sha, text);
  lac_free(bytes);
}

static bool exists(const char *name) {
  return access(song_path(name), F_OK) == 0;
}
static void drop(const char *name) {
  assert_int_equal(unlink(song_path(name)), 0);
}

/* --- The plain case --------------------------------------------------------------------------------------- */

static void test_default(void **state) {
  (void)state;
  LacMasterOptions options = options_for(song_path("song.wav"));
  LacMasterResult result;
  LacError error;
  char input_before[LAC_SHA256_TEXT_SIZE];
  char input_after[LAC_SHA256_TEXT_SIZE];
  char written[LAC_SHA256_TEXT_SIZE];
  hash_of(song_path("song.wav"), input_before);
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_string_equal(result.output_path, song_path("song.master.wav"));
  assert_string_equal(result.platform_id, "streaming");
  assert_true(result.targets_met && result.has_output && result.solved.is_met);
  assert_true(fabs(result.output.loudness.integrated_lufs + 14) <= 0.05);
  assert_true(result.output.loudness.true_peak_dbtp <= -0.97);
  assert_int_equal(result.output_info.bits, 24);
  assert_int_equal(result.output_info.rate_hz, 44100);
  assert_int_equal(result.output.n_frames, result.input.n_frames);
  assert_true(result.solved.n_renders >= 1 && result.n_stages >= 4 && result.seconds > 0);
  assert_true(result.n_readouts > 0);
  hash_of(result.output_path, written);
  assert_string_equal(written, result.sha256);
  hash_of(song_path("song.wav"), input_after);
  assert_string_equal(input_before, input_after);
  bool has_title = false;
  for (size_t i = 0; i < result.tags.count; i++)
    has_title |= strcmp(result.tags.items[i].key, "TITLE") == 0 && strcmp(result.tags.items[i].value, "A Song") == 0;
  assert_true(has_title);
  lac_master_result_free(&result);

  LacAnalyzeResult analyzed; /* the tag travelled, the numbers are the file's */
  assert_int_equal(lac_analyze(song_path("song.master.wav"), NULL, &analyzed, &error), LAC_OK);
  assert_true(analyzed.tags.count > 0 && strcmp(analyzed.tags.items[0].value, "A Song") == 0);
  lac_analyze_result_free(&analyzed);
  drop("song.master.wav");
}

/* --- Paths ------------------------------------------------------------------------------------------------- */

static void test_existing_output(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  char before[LAC_SHA256_TEXT_SIZE];
  char after[LAC_SHA256_TEXT_SIZE];
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("there.wav");
  song_file_write(&(SongFile){.path = options.output, .seconds = 1});
  hash_of(options.output, before);
  check_failure(&options, LAC_ERR_EXISTS, "OUTPUT_EXISTS");
  hash_of(options.output, after);
  assert_string_equal(before, after);
  options.may_replace = true;
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  hash_of(options.output, after);
  assert_string_equal(after, result.sha256);
  lac_master_result_free(&result);
  drop("there.wav");
}

static void test_output_is_input(void **state) {
  (void)state;
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.may_replace = true;
  options.output = song_path("song.wav");
  check_failure(&options, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT");
  assert_int_equal(symlink(song_path("song.wav"), song_path("link.wav")), 0);
  assert_int_equal(link(song_path("song.wav"), song_path("hard.wav")), 0);
  options.output = song_path("link.wav");
  check_failure(&options, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT");
  options.output = song_path("hard.wav");
  check_failure(&options, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT");
  options.output = song_path("new.wav"); /* the small outputs are guarded as well */
  options.save_recipe = song_path("link.wav");
  check_failure(&options, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT");
  options.save_recipe = NULL;
  options.report = song_path("new.wav");
  check_failure(&options, LAC_ERR_USAGE, "OUTPUT_TWICE");
  drop("link.wav");
  drop("hard.wav");
}

static void test_folder_output(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  LacMasterOptions options = options_for(song_path("song.wav"));
  assert_int_equal(mkdir(song_path("sub"), 0777), 0);
  options.output = song_path("sub");
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_string_equal(result.output_path, song_path("sub/song.master.wav"));
  assert_true(exists("sub/song.master.wav"));
  lac_master_result_free(&result);
  drop("sub/song.master.wav");
  assert_int_equal(rmdir(song_path("sub")), 0);
  options.output = song_path("nowhere/x.wav");
  check_failure(&options, LAC_ERR_WRITE, "OUTPUT_UNWRITABLE");
}

/* A pipe: rendered elsewhere, verified, then copied. */
static void test_device_output(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  LacMasterOptions options = options_for(song_path("song.wav"));
  size_t before = song_folder_count();
  options.output = "/dev/null";
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_true(result.targets_met && strlen(result.sha256) == 64);
  lac_master_result_free(&result);
  assert_int_equal(song_folder_count(), before);
}

static void test_saved_files(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("out.wav");
  options.save_recipe = song_path("out.json");
  options.report = song_path("out.html");
  song_file_write(&(SongFile){.path = song_path("x.wav"), .seconds = 0.1});
  assert_int_equal(rename(song_path("x.wav"), song_path("out.html")), 0);
  check_failure(&options, LAC_ERR_EXISTS, "OUTPUT_EXISTS"); /* before any work, and for every output */
  assert_false(exists("out.wav"));
  drop("out.html");
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_true(exists("out.wav") && exists("out.json") && exists("out.html"));
  char *bytes = NULL;
  size_t n_bytes = 0;
  assert_int_equal(lac_file_read_all(song_path("out.html"), 64u << 20, &bytes, &n_bytes, NULL), LAC_OK);
  assert_non_null(strstr(bytes, result.sha256));
  lac_free(bytes);

  /* The saved recipe renders the same bytes. */
  LacRenderOptions render = {
      .recipe_path = song_path("out.json"), .input = song_path("song.wav"), .output = song_path("again.wav")};
  LacMasterResult again;
  memset(&error, 0, sizeof error);
  if (lac_render_recipe(&render, NULL, &again, &error))
    fail_msg("%s", error.text);
  assert_string_equal(again.sha256, result.sha256);
  assert_true(again.targets_met);
  char first[LAC_SHA256_TEXT_SIZE];
  memcpy(first, result.sha256, sizeof first);
  lac_master_result_free(&again);
  assert_int_equal(lac_render_recipe(&render, NULL, &again, &error), LAC_ERR_EXISTS);
  lac_master_result_free(&result);

  /* And master with that recipe arrives at the same. */
  options = options_for(song_path("song.wav"));
  options.recipe_path = song_path("out.json");
  options.output = song_path("again.wav");
  options.may_replace = true;
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_string_equal(result.sha256, first);
  lac_master_result_free(&result);
  drop("out.wav");
  drop("out.json");
  drop("out.html");
  drop("again.wav");
}

static void test_threads_do_not_matter(void **state) {
  (void)state;
  char hashes[2][LAC_SHA256_TEXT_SIZE];
  for (unsigned i = 0; i < 2; i++) {
    LacMasterOptions options = options_for(song_path("song.wav"));
    LacJobControl control = {.n_threads = i + 1};
    LacMasterResult result;
    options.output = song_path("threads.flac");
    options.may_replace = true;
    assert_int_equal(lac_master(&options, &control, &result, NULL), LAC_OK);
    memcpy(hashes[i], result.sha256, sizeof hashes[i]);
    lac_master_result_free(&result);
  }
  assert_string_equal(hashes[0], hashes[1]);
  drop("threads.flac");
}

/* --- Refusals ---------------------------------------------------------------------------------------------- */

static void test_refused_options(void **state) {
  (void)state;
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("never.wav");
  LacMasterOptions wrong = options;
  wrong.platform = "nowhere";
  check_failure(&wrong, LAC_ERR_USAGE, "PLATFORM_UNKNOWN");
  wrong.platform = "mix";
  check_failure(&wrong, LAC_ERR_USAGE, "PLATFORM_CHECK_ONLY");
  wrong = options;
  wrong.strength_percent = 101;
  check_failure(&wrong, LAC_ERR_RANGE, "OPTION_RANGE");
  wrong = options;
  wrong.loudness_lufs = 3;
  check_failure(&wrong, LAC_ERR_RANGE, "OPTION_RANGE");
  wrong = options;
  wrong.ceiling_dbtp = 1;
  check_failure(&wrong, LAC_ERR_RANGE, "OPTION_RANGE");
  wrong = options;
  wrong.bits = 20;
  check_failure(&wrong, LAC_ERR_RANGE, "OPTION_RANGE");
  wrong = options;
  wrong.rate_hz = 5000;
  check_failure(&wrong, LAC_ERR_RANGE, "OPTION_RANGE");
  wrong = options;
  wrong.output = song_path("never.xyz");
  check_failure(&wrong, LAC_ERR_USAGE, "OUTPUT_FORMAT");
  wrong = options;
  static const char *const setting[] = {"limiter.drive_db=999"};
  wrong.settings = setting;
  wrong.n_settings = 1;
  check_failure(&wrong, LAC_ERR_RANGE, "SETTING_RANGE");
  wrong = options_for(song_path("absent.wav"));
  check_failure(&wrong, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  wrong = options;
  wrong.recipe_path = song_path("absent.json");
  check_failure(&wrong, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
}

static void test_refused_inputs(void **state) {
  (void)state;
  song_file_write(&(SongFile){.path = song_path("silent.wav"), .seconds = 2, .is_silent = true});
  song_file_write(&(SongFile){.path = song_path("nan.wav"), .seconds = 2, .bits = 32, .is_nan = true});
  song_file_write(&(SongFile){.path = song_path("empty.wav"), .seconds = 0});
  LacMasterOptions options = options_for(song_path("silent.wav"));
  check_failure(&options, LAC_ERR_SILENT, "INPUT_SILENT");
  options = options_for(song_path("nan.wav"));
  check_failure(&options, LAC_ERR_NONFINITE, "INPUT_NONFINITE");
  options = options_for(song_path("empty.wav"));
  check_failure(&options, LAC_ERR_EMPTY, "INPUT_EMPTY");
  drop("silent.wav");
  drop("nan.wav");
  drop("empty.wav");
}

/* --- Targets ----------------------------------------------------------------------------------------------- */

static void test_target_limited(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("limited.wav");
  options.loudness_lufs = -4;
  options.max_limiting_db = 1;
  assert_int_equal(master(&options, &result, &error), LAC_ERR_TARGET);
  assert_string_equal(error.code, "TARGET_LIMITED");
  assert_true(exists("limited.wav") && !result.targets_met && result.solved.is_limited);
  assert_true(lac_notes_has(&result.warnings, "TARGET_LIMITED"));
  assert_true(result.output.loudness.true_peak_dbtp <= -0.97);
  lac_master_result_free(&result);
  drop("limited.wav");
}

static void test_level_only(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  song_file_write(&(SongFile){.path = song_path("short.wav"), .seconds = 0.3});
  LacMasterOptions options = options_for(song_path("short.wav"));
  assert_int_equal(master(&options, &result, &error), LAC_ERR_TARGET);
  assert_true(exists("short.master.wav") && lac_notes_has(&result.warnings, "LEVEL_ONLY"));
  assert_true(result.output.loudness.true_peak_dbtp <= -0.97 && result.output.loudness.true_peak_dbtp > -1.5);
  lac_master_result_free(&result);
  drop("short.master.wav");
  drop("short.wav");
}

static LacDecision output_dither_decision(const LacRecipe *recipe) {
  for (size_t i = 0; i < lac_recipe_decision_count(recipe); i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    if (strcmp(decision.processor, "output") == 0 && strcmp(decision.parameter, "dither") == 0)
      return decision;
  }
  return (LacDecision){0};
}

static LacDecision target_decision(const LacRecipe *recipe, const char *parameter) {
  for (size_t i = 0; i < lac_recipe_decision_count(recipe); i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    if (strcmp(decision.processor, "target") == 0 && strcmp(decision.parameter, parameter) == 0)
      return decision;
  }
  fail_msg("no decision on %s", parameter);
  return (LacDecision){0};
}

static void test_platform_format(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  song_file_write(&(SongFile){.path = song_path("high.wav"), .seconds = 10, .rate_hz = 48000});
  LacMasterOptions options = options_for(song_path("high.wav"));
  options.platform = "cd";
  options.max_limiting_db = 20;
  options.output = song_path("cd.wav");
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_int_equal(result.output_info.rate_hz, 44100);
  assert_int_equal(result.output_info.bits, 16);
  assert_true(lac_notes_has(&result.warnings, "RATE_CHANGED"));
  assert_true(fabs(result.output.loudness.integrated_lufs + 9) <= 0.05);
  assert_true(result.output.loudness.true_peak_dbtp <= -0.27);
  assert_int_equal(lac_recipe_output(result.recipe).dither, LAC_DITHER_SHAPED); /* final words, said with a reason */
  assert_non_null(output_dither_decision(result.recipe).reason);
  assert_int_equal(output_dither_decision(result.recipe).set_by, LAC_SET_BY_PRESET);
  lac_master_result_free(&result);
  drop("cd.wav");
  options.is_dry_run = true;
  options.bits = 24; /* not the disc's words */
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_int_equal(lac_recipe_output(result.recipe).dither, LAC_DITHER_TPDF);
  assert_non_null(strstr(target_decision(result.recipe, "integrated_lufs").reason,
                         "You asked for 24 bits instead of 16; they get plain dither."));
  lac_master_result_free(&result);
  static const char *const plain[] = {"output.dither=tpdf"};
  options.bits = 0;
  options.settings = plain;
  options.n_settings = 1;
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_int_equal(lac_recipe_output(result.recipe).dither, LAC_DITHER_TPDF);
  assert_int_equal(output_dither_decision(result.recipe).set_by, LAC_SET_BY_PERSON);
  lac_master_result_free(&result);

  options = options_for(song_path("high.wav"));
  options.platform = "archive"; /* loudness left alone, ceiling kept */
  options.strength_percent = 0;
  options.output = song_path("archive.wav");
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_true(isnan(result.target.integrated_lufs) && result.target.true_peak_dbtp == -1);
  assert_true(fabs(result.output.loudness.integrated_lufs - result.input.loudness.integrated_lufs) < 0.02);
  assert_int_equal(result.output_info.rate_hz, 48000);
  lac_master_result_free(&result);
  drop("archive.wav");
  drop("high.wav");
}

/* --set outranks everything; a drive by hand decides the loudness. */
static void test_persons_values(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  static const char *const settings[] = {"limiter.drive_db=2.5", "equalizer.band1_type=bell", "equalizer.band1_db=1.5"};
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("mine.wav");
  options.settings = settings;
  options.n_settings = 3;
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_true(isnan(result.target.integrated_lufs));
  size_t limiter = lac_edit_find(result.recipe, "limiter", NULL);
  size_t equalizer = lac_edit_find(result.recipe, "equalizer", "equalizer");
  assert_true(lac_edit_value(result.recipe, limiter, "drive_db") == 2.5);
  assert_true(lac_edit_value(result.recipe, equalizer, "band1_db") == 1.5);
  assert_int_equal(result.solved.n_renders, 1);
  lac_master_result_free(&result);
  drop("mine.wav");
}

/* A curve over the song's time binds the recipe to the song: it renders there again, and elsewhere only when asked to.
 */
static void test_song_bound_curve(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  static const char *const settings[] = {"leveler.curve=0:0,2:0,3:-2.5,6:1.25"};
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.output = song_path("ridden.wav");
  options.save_recipe = song_path("ridden.json");
  options.settings = settings;
  options.n_settings = 1;
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  size_t leveler = lac_edit_find(result.recipe, "leveler", NULL), n = 0;
  const LacCurvePoint *points = lac_recipe_points(result.recipe, leveler, 0, &n);
  assert_true(n == 4 && points[2].x == 3 && points[2].y == -2.5);
  assert_string_equal(lac_recipe_input(result.recipe).pcm_sha256, result.input.pcm_sha256);
  char first[LAC_SHA256_TEXT_SIZE];
  memcpy(first, result.sha256, sizeof first);
  lac_master_result_free(&result);

  song_file_write(&(SongFile){.path = song_path("other.wav"), .seconds = 7, .gain_db = -1});
  LacRenderOptions render = {
      .recipe_path = song_path("ridden.json"), .input = song_path("song.wav"), .output = song_path("again.wav")};
  memset(&error, 0, sizeof error);
  if (lac_render_recipe(&render, NULL, &result, &error))
    fail_msg("%s", error.text);
  assert_string_equal(result.sha256, first);
  lac_master_result_free(&result);
  drop("again.wav");
  render.input = song_path("other.wav");
  assert_int_equal(lac_render_recipe(&render, NULL, &result, &error), LAC_ERR_USAGE);
  assert_string_equal(error.code, "RECIPE_OTHER_SONG");
  assert_non_null(strstr(error.text, "--redetect"));
  assert_false(exists("again.wav"));
  options = options_for(song_path("other.wav"));
  options.output = song_path("again.wav");
  options.recipe_path = song_path("ridden.json");
  check_failure(&options, LAC_ERR_USAGE, "RECIPE_OTHER_SONG");
  options.redetect = true;
  if (master(&options, &result, &error))
    fail_msg("%s", error.text);
  assert_string_equal(lac_recipe_input(result.recipe).pcm_sha256,
                      result.input.pcm_sha256); /* this song's from now on */
  assert_string_not_equal(result.sha256, first);
  lac_master_result_free(&result);
  drop("other.wav");
  drop("again.wav");
  drop("ridden.wav");
  drop("ridden.json");
}

/* Who set a target is said per value, and every decision has a reason and its evidence. */
static void test_reasons(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  static const char *const settings[] = {"limiter.link_percent=80"};
  LacMasterOptions options = options_for(song_path("song.wav"));
  options.is_dry_run = true;
  options.loudness_lufs = -12;
  options.settings = settings;
  options.n_settings = 1;
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  LacDecision loudness = target_decision(result.recipe, "integrated_lufs");
  LacDecision peak = target_decision(result.recipe, "true_peak_dbtp");
  assert_int_equal(loudness.set_by, LAC_SET_BY_PERSON);
  assert_string_equal(loudness.reason, "Set by you: --loudness -12");
  assert_string_equal(loudness.evidence, "Streaming services would be -14 LUFS.");
  assert_int_equal(peak.set_by, LAC_SET_BY_PRESET);
  assert_non_null(strstr(peak.reason, "True peak at most -1 dBTP"));
  for (size_t i = 0; i < lac_recipe_decision_count(result.recipe); i++) {
    LacDecision decision = lac_recipe_decision(result.recipe, i);
    if (!decision.reason || strlen(decision.reason) < 10 || !decision.evidence || strlen(decision.evidence) < 5)
      fail_msg("%s.%s has no reason or no evidence", decision.processor, decision.parameter);
    if (decision.evidence[strlen(decision.evidence) - 1] != '.')
      fail_msg("%s.%s: no full stop: %s", decision.processor, decision.parameter, decision.evidence);
    if (strcmp(decision.parameter, "link_percent") == 0) {
      assert_string_equal(decision.reason, "Set by you: limiter.link_percent=80");
      assert_string_equal(decision.evidence, "The default is 100 %.");
    }
  }
  lac_master_result_free(&result);

  options.loudness_lufs = -14; /* as it would be anyway: said once */
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_string_equal(target_decision(result.recipe, "integrated_lufs").evidence, "");
  lac_master_result_free(&result);

  options.loudness_lufs = NAN;
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  loudness = target_decision(result.recipe, "integrated_lufs");
  assert_int_equal(loudness.set_by, LAC_SET_BY_PRESET);
  assert_non_null(strstr(loudness.reason, "Streaming services: music plays at -14 LUFS there"));
  assert_non_null(strstr(loudness.evidence, "AES TD1008"));
  assert_string_equal(loudness.reason, target_decision(result.recipe, "true_peak_dbtp").reason);
  lac_master_result_free(&result);
}

static void test_dry_run(void **state) {
  (void)state;
  LacMasterResult result;
  LacError error;
  LacMasterOptions options = options_for(song_path("song.wav"));
  size_t before = song_folder_count();
  options.output = song_path("dry.wav");
  options.save_recipe = song_path("dry.json");
  options.report = song_path("dry.html");
  options.is_dry_run = true;
  assert_int_equal(master(&options, &result, &error), LAC_OK);
  assert_int_equal(song_folder_count(), before);
  assert_true(!result.has_output && result.targets_met && result.solved.n_renders == 0);
  assert_true(fabs(result.solved.predicted_lufs + 14) < 0.05);
  assert_true(lac_recipe_decision_count(result.recipe) > 0);
  lac_master_result_free(&result);
}

static void test_cancelled(void **state) {
  (void)state;
  LacCancel cancel;
  LacMasterResult result;
  LacError error = {0};
  LacMasterOptions options = options_for(song_path("song.wav"));
  size_t before = song_folder_count();
  atomic_init(&cancel.requested, true);
  LacJobControl control = {.cancel = &cancel};
  assert_int_equal(lac_master(&options, &control, &result, &error), LAC_ERR_CANCELLED);
  assert_int_equal(song_folder_count(), before);
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_default),
                                            cmocka_unit_test(test_existing_output),
                                            cmocka_unit_test(test_output_is_input),
                                            cmocka_unit_test(test_folder_output),
                                            cmocka_unit_test(test_device_output),
                                            cmocka_unit_test(test_saved_files),
                                            cmocka_unit_test(test_threads_do_not_matter),
                                            cmocka_unit_test(test_refused_options),
                                            cmocka_unit_test(test_refused_inputs),
                                            cmocka_unit_test(test_target_limited),
                                            cmocka_unit_test(test_level_only),
                                            cmocka_unit_test(test_platform_format),
                                            cmocka_unit_test(test_persons_values),
                                            cmocka_unit_test(test_song_bound_curve),
                                            cmocka_unit_test(test_reasons),
                                            cmocka_unit_test(test_dry_run),
                                            cmocka_unit_test(test_cancelled)};
  unsetenv("LACQUER_DATA");
  setenv("XDG_DATA_HOME", "/nonexistent", 1);
  song_folder_new();
  song_file_write(&(SongFile){.path = song_path("song.wav"), .seconds = 12, .title = "A Song"});
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  song_folder_remove();
  return failed;
}
