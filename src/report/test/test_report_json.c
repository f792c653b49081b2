/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The documents of --json: published keys are there, what does not exist is null, any bytes in, UTF-8 out. */

#include "report/test/report_sample.h"

#include "core/test/check.h"
#include "core/test/comma_locale.h"
#include "text/json.h"

#include <math.h>
#include <string.h>

static const char *const side_keys[] = {"path",     "format", "pcm_sha256", "tags",     "loudness",
                                        "spectrum", "stereo", "dynamics",   "findings", NULL};
static const char *const format_keys[] = {"container", "codec", "rate_hz", "channels", "bits",
                                          "float",     "lossy", "frames",  "seconds",  NULL};
static const char *const loudness_keys[] = {"integrated_lufs",
                                            "momentary_max_lufs",
                                            "short_term_max_lufs",
                                            "range_lu",
                                            "true_peak_dbtp",
                                            "true_peak_itu_dbtp",
                                            "true_peak_time_s",
                                            "sample_peak_dbfs",
                                            "plr_lu",
                                            "psr_min_lu",
                                            NULL};
static const char *const spectrum_keys[] = {"bands_hz", "mid_db", "side_db", "tilt_db_per_octave", NULL};
static const char *const stereo_keys[] = {"bands_hz", "width_db", "correlation", "balance_db", "mono_loss_lu", NULL};
static const char *const finding_keys[] = {"kind",     "time_s",     "seconds", "channel",
                                           "severity", "confidence", "text",    NULL};
static const char *const master_keys[] = {"input",    "output", "targets", "targets_met", "decisions", "recipe",
                                          "warnings", "sha256", "renders", "seconds",     NULL};

static void check_keys(const json_t *object, const char *const *keys) {
  assert_true(json_is_object(object));
  for (; *keys; keys++)
    if (!json_object_get(object, *keys))
      fail_msg("no key %s", *keys);
}

static json_t *parse(char *text) {
  LacError error = {0};
  json_t *root = lac_json_parse("document", text, strlen(text), &error);
  if (!root)
    fail_msg("%s", error.text);
  lac_text_free(text);
  return root;
}

static json_t *first_file(const json_t *root, const char *schema) {
  assert_string_equal(json_string_value(json_object_get(root, "schema")), schema);
  assert_string_equal(json_string_value(json_object_get(root, "engine")), lac_version());
  return json_array_get(json_object_get(root, "files"), 0);
}

static void check_side(const json_t *side) {
  check_keys(side, side_keys);
  check_keys(json_object_get(side, "format"), format_keys);
  check_keys(json_object_get(side, "loudness"), loudness_keys);
  check_keys(json_object_get(side, "spectrum"), spectrum_keys);
  check_keys(json_object_get(side, "stereo"), stereo_keys);
  assert_int_equal(json_array_size(json_object_get(json_object_get(side, "spectrum"), "mid_db")), LAC_BANDS);
  assert_int_equal(json_array_size(json_object_get(json_object_get(side, "dynamics"), "crest_db")), LAC_DYNAMICS_BANDS);
}

static void test_master(void **state) {
  (void)state;
  ReportSample *sample = sample_new();
  char *text = NULL;
  assert_int_equal(lac_report_master_json(&sample->file, 1, &text), LAC_OK);
  json_t *root = parse(text), *file = first_file(root, "lacquer.master/1");
  check_keys(file, master_keys);
  check_side(json_object_get(file, "input"));
  check_side(json_object_get(file, "output"));
  const json_t *loudness = json_object_get(json_object_get(file, "output"), "loudness");
  assert_float_equal(json_number_value(json_object_get(loudness, "integrated_lufs")), -14, 0);
  assert_float_equal(json_number_value(json_object_get(json_object_get(file, "targets"), "true_peak_dbtp")), -1, 0);
  assert_true(json_is_true(json_object_get(file, "targets_met")));
  assert_string_equal(json_string_value(json_object_get(file, "sha256")), "0123abcd");
  assert_int_equal(json_array_size(json_object_get(file, "decisions")), 1);
  const json_t *finding = json_array_get(json_object_get(json_object_get(file, "input"), "findings"), 0);
  check_keys(finding, finding_keys);
  assert_string_equal(json_string_value(json_object_get(finding, "channel")), "left");
  assert_string_equal(json_string_value(json_object_get(finding, "severity")), "warning");
  assert_string_equal(json_string_value(json_object_get(json_object_get(file, "recipe"), "schema")),
                      "lacquer.recipe/1");
  json_decref(root);
  sample->file.output.analysis = NULL;
  sample->file.output.sha256 = NULL;
  assert_int_equal(lac_report_master_json(&sample->file, 1, &text), LAC_OK);
  root = parse(text);
  file = first_file(root, "lacquer.master/1");
  check_keys(file, master_keys);
  assert_true(json_is_null(json_object_get(file, "output")));
  assert_true(json_is_null(json_object_get(file, "sha256")));
  json_decref(root);
  sample_free(sample);
}

static void test_silence_is_null(void **state) {
  (void)state;
  ReportSample *sample = sample_new();
  sample_make_silent(sample);
  char *text = NULL;
  assert_int_equal(lac_report_analysis_json(&sample->file, 1, &text), LAC_OK);
  json_t *root = parse(text), *file = first_file(root, "lacquer.analysis/1");
  check_side(file);
  for (const char *const *key = loudness_keys; *key; key++)
    assert_true(json_is_null(json_object_get(json_object_get(file, "loudness"), *key)));
  const json_t *bands = json_object_get(json_object_get(file, "spectrum"), "mid_db");
  assert_true(json_is_null(json_array_get(bands, 7)));
  json_decref(root);
  sample_free(sample);
}

static void test_failed_file(void **state) {
  (void)state;
  LacError error = {LAC_ERR_NOT_FOUND, "INPUT_MISSING", "x.wav does not exist."};
  LacReportFile file = {.input = {.path = "x\xFF\".wav"}, .error = &error};
  LacReportCheck check = {.path = "x.wav", .error = &error};
  char *texts[3] = {0};
  assert_int_equal(lac_report_analysis_json(&file, 1, &texts[0]), LAC_OK);
  assert_int_equal(lac_report_master_json(&file, 1, &texts[1]), LAC_OK);
  assert_int_equal(lac_report_check_json(&check, 1, &texts[2]), LAC_OK);
  for (size_t i = 0; i < 3; i++) {
    json_t *root = parse(texts[i]);
    const json_t *entry = json_array_get(json_object_get(root, "files"), 0), *found = json_object_get(entry, "error");
    assert_string_equal(json_string_value(json_object_get(found, "code")), "INPUT_MISSING");
    assert_string_equal(json_string_value(json_object_get(found, "text")), "x.wav does not exist.");
    assert_string_equal(json_string_value(json_object_get(entry, "path")), i < 2 ? "x\xEF\xBF\xBD\".wav" : "x.wav");
    json_decref(root);
  }
}

static void test_check_and_compare(void **state) {
  (void)state;
  static const char *const rule_keys[] = {"id", "passed", "measured", "required", "text", "source", NULL};
  ReportSample *sample = sample_new();
  LacReportRule rules[] = {{"true_peak_max", false, -0.5, -1, "Too high.", "a page"},
                           {"channels", true, NAN, NAN, "", ""}};
  LacReportCheck check = {.path = "a.wav", .platform_id = "spotify", .rules = rules, .n_rules = 2};
  char *text = NULL;
  assert_int_equal(lac_report_check_json(&check, 1, &text), LAC_OK);
  json_t *root = parse(text), *file = first_file(root, "lacquer.check/1");
  assert_string_equal(json_string_value(json_object_get(file, "platform")), "spotify");
  assert_true(json_is_false(json_object_get(file, "passed")));
  check_keys(json_array_get(json_object_get(file, "rules"), 0), rule_keys);
  assert_true(json_is_null(json_object_get(json_array_get(json_object_get(file, "rules"), 1), "measured")));
  json_decref(root);
  assert_int_equal(lac_report_compare_json(&sample->compare, &text), LAC_OK);
  root = parse(text);
  check_side(json_object_get(root, "a"));
  check_side(json_object_get(root, "b"));
  assert_string_equal(json_string_value(json_object_get(root, "louder")), "b");
  assert_float_equal(json_number_value(json_object_get(root, "offset_db")), -4, 0);
  assert_int_equal(json_array_size(json_object_get(root, "tone_difference_db")), LAC_BANDS);
  json_decref(root);
  sample_free(sample);
}

static void test_processors(void **state) {
  (void)state;
  static const char *const keys[] = {"id", "title", "purpose", "kind", "revision", "parameters", NULL};
  char *text = NULL;
  assert_int_equal(lac_report_processors_json(&text), LAC_OK);
  json_t *root = parse(text), *list = json_object_get(root, "processors");
  assert_string_equal(json_string_value(json_object_get(root, "schema")), "lacquer.list/1");
  assert_int_equal(json_array_size(list), lac_processor_class_count());
  for (size_t i = 0; i < json_array_size(list); i++)
    check_keys(json_array_get(list, i), keys);
  json_decref(root);
}

static void test_same_bytes_in_every_locale(void **state) {
  (void)state;
  ReportSample *sample = sample_new();
  char *plain = NULL, *comma = NULL;
  assert_int_equal(lac_report_master_json(&sample->file, 1, &plain), LAC_OK);
  assert_true(comma_locale_enter());
  assert_int_equal(lac_report_master_json(&sample->file, 1, &comma), LAC_OK);
  setlocale(LC_ALL, "C");
  assert_string_equal(plain, comma);
  lac_text_free(plain);
  lac_text_free(comma);
  sample_free(sample);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_master),      cmocka_unit_test(test_silence_is_null),
      cmocka_unit_test(test_failed_file), cmocka_unit_test(test_check_and_compare),
      cmocka_unit_test(test_processors),  cmocka_unit_test(test_same_bytes_in_every_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
