/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/master.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assistant/test/song_file.h"

static LacPlatforms *platforms;

static const LacRuleResult *rule_of(const LacCheckResult *result, const char *id) {
  for (size_t i = 0; i < result->n_rules; i++)
    if (strcmp(result->rules[i].id, id) == 0)
      return &result->rules[i];
  fail_msg("%s has no rule %s", result->platform_id, id);
  return NULL;
}

static void check_file(const char *path, const char *platform, bool passed, const char *failing) {
  LacAnalyzeResult file;
  LacCheckResult result;
  LacError error = {0};
  if (lac_analyze(path, NULL, &file, &error))
    fail_msg("%s", error.text);
  assert_int_equal(lac_check(&file, lac_platforms_find(platforms, platform), &result), LAC_OK);
  for (size_t i = 0; i < result.n_rules; i++) {
    assert_true(strlen(result.rules[i].text) > 5 && strlen(result.rules[i].source) > 3);
    bool expected = passed || strstr(failing, result.rules[i].id) == NULL;
    if (result.rules[i].passed != expected)
      fail_msg("%s for %s: %s %d: %s", path, platform, result.rules[i].id, (int)result.rules[i].passed,
               result.rules[i].text);
  }
  assert_int_equal(result.passed, passed);
  lac_check_result_free(&result);
  lac_analyze_result_free(&file);
}

static void test_masters_pass(void **state) {
  (void)state;
  static const char *const ids[] = {"streaming", "cd"};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    LacMasterOptions options;
    LacMasterResult result;
    LacError error = {0};
    lac_master_options_init(&options);
    options.input = song_path("long.wav");
    options.output = song_path("made.wav");
    options.platform = ids[i];
    options.max_limiting_db = 20;
    options.may_replace = true;
    if (lac_master(&options, NULL, &result, &error))
      fail_msg("%s", error.text);
    lac_master_result_free(&result);
    check_file(song_path("made.wav"), ids[i], true, "");
  }
}

static void test_failing_rules(void **state) {
  (void)state;
  check_file(song_path("long.wav"), "mix", true, "");
  check_file(song_path("mono.wav"), "streaming", false, "channels seconds_min");
  check_file(song_path("clipped.wav"), "mix", false, "true_peak_max no_clipping bits_min headroom plr_min");
  check_file(song_path("long.wav"), "cd", false, "bits_one_of");
}

static void test_measured_figures(void **state) {
  (void)state;
  LacAnalyzeResult file;
  LacCheckResult result;
  assert_int_equal(lac_analyze(song_path("long.wav"), NULL, &file, NULL), LAC_OK);
  assert_int_equal(lac_check(&file, lac_platforms_find(platforms, "broadcast-ebu"), &result), LAC_OK);
  const LacRuleResult *loud = rule_of(&result, "integrated_max");
  assert_true(loud->measured == file.analysis.loudness.integrated_lufs && loud->required == -22.8);
  assert_false(loud->passed);
  assert_non_null(strstr(loud->text, "LUFS"));
  assert_non_null(strstr(loud->source, "EBU R 128 v5 (2023)"));
  assert_true(rule_of(&result, "rate_one_of")->measured == 44100);
  assert_true(rule_of(&result, "polarity")->passed);
  lac_check_result_free(&result);
  lac_analyze_result_free(&file);
}

static void expect_text(const LacCheckResult *result, const char *id, const char *text) {
  if (strcmp(rule_of(result, id)->text, text) != 0)
    fail_msg("%s: \"%s\", not \"%s\"", id, rule_of(result, id)->text, text);
}

/* What is said reads like a sentence, met or missed. */
static void test_sentences(void **state) {
  (void)state;
  LacAnalyzeResult file;
  LacCheckResult result;
  assert_int_equal(lac_analyze(song_path("mono.wav"), NULL, &file, NULL), LAC_OK);
  file.analysis.loudness.integrated_lufs = -9;
  file.analysis.loudness.true_peak_dbtp = -1.5;
  assert_int_equal(lac_check(&file, lac_platforms_find(platforms, "streaming"), &result), LAC_OK);
  expect_text(&result, "integrated_max",
              "The loudness is -9.0 LUFS. Required: not louder than -14 LUFS (what is louder is turned down again).");
  expect_text(&result, "true_peak_max", "The true peak is -1.5 dBTP; allowed: at most -1 dBTP.");
  expect_text(&result, "channels", "1 channel. Required: two channels (several distributors refuse mono).");
  expect_text(&result, "bits_min", "24 bits; needed: at least 16 bits.");
  expect_text(&result, "rate_one_of", "The sample rate is 44.1 kHz.");
  lac_check_result_free(&result);
  file.analysis.loudness.integrated_lufs = NAN;
  assert_int_equal(lac_check(&file, lac_platforms_find(platforms, "streaming"), &result), LAC_OK);
  assert_non_null(strstr(rule_of(&result, "integrated_max")->text, "cannot be measured. Required: not louder"));
  lac_check_result_free(&result);
  lac_analyze_result_free(&file);
}

/* The same music on one channel and on two has the same tone, and without loudness there is no offset. */
static void test_compare_mono(void **state) {
  (void)state;
  LacCompareResult result;
  song_file_write(&(SongFile){.path = song_path("mono10.wav"), .seconds = 10, .n_channels = 1});
  song_file_write(&(SongFile){.path = song_path("stereo10.wav"), .seconds = 10});
  song_file_write(&(SongFile){.path = song_path("silent.wav"), .seconds = 2, .is_silent = true});
  assert_int_equal(lac_compare(song_path("mono10.wav"), song_path("stereo10.wav"), NULL, false, NULL, &result, NULL),
                   LAC_OK);
  assert_true(result.louder_is_b && result.offset_db < -2.5);
  double sum = 0.0;
  for (int i = 2; i < LAC_BANDS; i++) {
    sum += result.tone_difference_db[i];
    if (!(fabs(result.tone_difference_db[i]) < 1.5)) /* the channels' noises are not the same */
      fail_msg("band %d: %.2f dB", i, result.tone_difference_db[i]);
  }
  if (fabs(sum / (LAC_BANDS - 2)) > 0.5)
    fail_msg("%.2f dB on average", sum / (LAC_BANDS - 2));
  lac_compare_result_free(&result);
  assert_int_equal(lac_compare(song_path("mono10.wav"), song_path("silent.wav"), NULL, false, NULL, &result, NULL),
                   LAC_OK);
  assert_true(isnan(result.offset_db) && !result.louder_is_b);
  lac_compare_result_free(&result);
}

static void test_compare(void **state) {
  (void)state;
  LacCompareResult result;
  LacError error = {0};
  song_file_write(&(SongFile){.path = song_path("quiet.wav"), .seconds = 10, .gain_db = -9, .bass_db = 6});
  const char *folder = song_path("");
  if (lac_compare(song_path("quiet.wav"), song_path("long.wav"), folder, false, NULL, &result, &error))
    fail_msg("%s", error.text);
  double difference = result.b.analysis.loudness.integrated_lufs - result.a.analysis.loudness.integrated_lufs;
  assert_true(result.louder_is_b && fabs(result.offset_db + difference) < 1e-9 && result.offset_db < -3);
  /* At equal loudness the one without the boosted bass has less of it and more of the rest. */
  assert_true(result.tone_difference_db[2] < -1 && result.tone_difference_db[25] > 0);
  char *paths[2] = {strdup(result.exported_a), strdup(result.exported_b)};
  lac_compare_result_free(&result);

  /* The exported pair is equally loud, and the quieter one was not touched but for its dither. */
  LacAnalyzeResult a;
  LacAnalyzeResult b;
  assert_int_equal(lac_analyze(paths[0], NULL, &a, NULL), LAC_OK);
  assert_int_equal(lac_analyze(paths[1], NULL, &b, NULL), LAC_OK);
  assert_true(fabs(a.analysis.loudness.integrated_lufs - b.analysis.loudness.integrated_lufs) < 0.02);
  assert_int_equal(b.info.bits, 24);
  lac_analyze_result_free(&a);
  lac_analyze_result_free(&b);
  assert_int_equal(lac_compare(song_path("quiet.wav"), song_path("long.wav"), folder, false, NULL, &result, &error),
                   LAC_ERR_EXISTS);
  assert_string_equal(error.code, "OUTPUT_EXISTS");
  for (int i = 0; i < 2; i++) {
    unlink(paths[i]);
    free(paths[i]);
  }
  assert_int_equal(lac_compare(song_path("quiet.wav"), song_path("absent.wav"), NULL, false, NULL, &result, &error),
                   LAC_ERR_NOT_FOUND);
}

int main(void) {
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_masters_pass),     cmocka_unit_test(test_failing_rules),
      cmocka_unit_test(test_measured_figures), cmocka_unit_test(test_sentences),
      cmocka_unit_test(test_compare),          cmocka_unit_test(test_compare_mono)};
  unsetenv("LACQUER_DATA");
  setenv("XDG_DATA_HOME", "/nonexistent", 1);
  if (lac_platforms_load(&platforms, NULL))
    return 99;
  song_folder_new();
  song_file_write(&(SongFile){.path = song_path("long.wav"), .seconds = 31});
  song_file_write(&(SongFile){.path = song_path("mono.wav"), .seconds = 4, .n_channels = 1, .gain_db = -6});
  song_file_write(&(SongFile){.path = song_path("clipped.wav"), .seconds = 8, .gain_db = 15, .bits = 16});
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  song_folder_remove();
  lac_platforms_free(platforms);
  return failed;
}
