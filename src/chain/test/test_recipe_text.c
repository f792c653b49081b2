/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/chain.h>

#include "chain/test/song_class.h"
#include "core/test/check.h"

#include <string.h>

static void check_set(LacRecipe *recipe, const char *assignment, const char *entry, const char *param, double value) {
  LacError error = {0};
  const LacStatus status = lac_recipe_set_text(recipe, assignment, LAC_SET_BY_PERSON, &error);
  if (status != LAC_OK) {
    fail_msg("%s -> %s", assignment, error.text);
  }
  const size_t index = lac_recipe_find(recipe, entry);
  assert_true(index < lac_recipe_entry_count(recipe));
  assert_string_equal(lac_recipe_entry(recipe, index).id, entry);
  const size_t p = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, index).cls), param);
  assert_true(lac_recipe_value(recipe, index, p) == value);
  assert_int_equal(lac_recipe_set_by(recipe, index, p), LAC_SET_BY_PERSON);
}

static void check_refused(LacRecipe *recipe, const char *assignment, LacStatus expected, const char *code,
                          const char *says) {
  LacError error = {0};
  const size_t before = lac_recipe_entry_count(recipe);
  const LacStatus status = lac_recipe_set_text(recipe, assignment, LAC_SET_BY_PERSON, &error);
  if (status != expected || strcmp(error.code, code) != 0 || !strstr(error.text, says)) {
    fail_msg("%s -> %d %s: %s (expected %s)", assignment, (int)status, error.code, error.text, says);
  }
  assert_int_equal(lac_recipe_entry_count(recipe), before); /* a refusal adds nothing */
}

static void test_accepted(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  check_set(recipe, "limiter.drive_db=3.25", "limiter", "drive_db", 3.25);
  check_set(recipe, "gain.db=-2e0", "gain", "db", -2);
  check_set(recipe, "equalizer.band1_type=bell", "equalizer", "band1_type", 1);
  check_set(recipe, "equalizer.band1_channel=side", "equalizer", "band1_channel", 4);
  check_set(recipe, "air.equalizer.band1_db=1", "air", "band1_db", 1);
  check_set(recipe, "air.equalizer.band1_db=1.5", "air", "band1_db", 1.5);
  check_set(recipe, "air.band1_db=2", "air", "band1_db", 2);
  check_set(recipe, "equalizer.band1_db=3", "equalizer", "band1_db", 3); /* the one of that name */
  assert_int_equal(lac_recipe_entry_count(recipe), 4);
  assert_string_equal(lac_recipe_entry(recipe, 3).id, "limiter");
  assert_int_equal(lac_recipe_add(recipe, &test_rider_class, "r", 0, NULL), LAC_OK);
  check_set(recipe, "r.on=yes", "r", "on", 1);
  check_set(recipe, "rider.on=off", "r", "on", 0);
  check_set(recipe, "rider.on=true", "r", "on", 1);
  assert_int_equal(lac_recipe_set_text(recipe, "r.curve=100:1,2000:-3.5", LAC_SET_BY_PERSON, NULL), LAC_OK);
  size_t n = 0;
  const LacCurvePoint *points = lac_recipe_points(recipe, 0, RIDER_CURVE, &n);
  assert_int_equal(n, 2);
  assert_true(points[1].x == 2000 && points[1].y == -3.5);
  assert_int_equal(lac_recipe_set_text(recipe, "r.curve=", LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_null(lac_recipe_points(recipe, 0, RIDER_CURVE, &n));
  lac_recipe_free(recipe);
}

/* What the assistant keeps for itself answers to its own name; a processor's name means an entry of one's own. */
static void test_beside_the_assistants(void **state) {
  (void)state;
  static const struct {
    const char *processor, *id;
  } entries[] = {{"dc_filter", "offset"}, {"gain", "staging"}, {"equalizer", "tone"}, {"gain", "level"}};
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (size_t i = 0; i < 4; ++i) {
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find(entries[i].processor), entries[i].id, i, NULL),
                     LAC_OK);
  }
  check_set(recipe, "gain.db=3", "gain", "db", 3);
  check_set(recipe, "equalizer.band1_db=-3", "equalizer", "band1_db", -3);
  check_set(recipe, "dc_filter.hz=20", "dc_filter", "hz", 20);
  assert_int_equal(lac_recipe_entry_count(recipe), 7);
  check_set(recipe, "gain.db=2", "gain", "db", 2);
  check_set(recipe, "staging.gain.db=1", "staging", "db", 1);
  check_set(recipe, "level.db=-1", "level", "db", -1);
  assert_int_equal(lac_recipe_entry_count(recipe), 7);
  lac_recipe_free(recipe);
}

static void test_refused(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  static const char *const broken[] = {"",       "=",          "gain",          "gain.db",    "=1",     "db=1",
                                       "a..b=1", ".gain.db=1", "a.b.gain.db=1", "gain.db.=1", "gain.=1"};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; ++i) {
    check_refused(recipe, broken[i], LAC_ERR_USAGE, "SETTING_SYNTAX", "PROCESSOR.PARAMETER=VALUE");
  }
  check_refused(recipe, "limitr.drive_db=3", LAC_ERR_USAGE, "SETTING_UNKNOWN", "Did you mean limiter?");
  check_refused(recipe, "limiter.driev_db=3", LAC_ERR_USAGE, "SETTING_UNKNOWN", "Did you mean drive_db?");
  check_refused(recipe, "x.limitr.drive_db=3", LAC_ERR_USAGE, "SETTING_UNKNOWN", "Did you mean limiter?");
  check_refused(recipe, "zzzzzzzz.drive_db=3", LAC_ERR_USAGE, "SETTING_UNKNOWN", "no processor \"zzzzzzzz\". See");
  check_refused(recipe, "limiter.drive_db=99", LAC_ERR_RANGE, "SETTING_RANGE", "takes 0 to 40 dB");
  check_refused(recipe, "limiter.drive_db=nan", LAC_ERR_RANGE, "SETTING_RANGE", "takes 0 to 40 dB");
  check_refused(recipe, "limiter.drive_db=", LAC_ERR_RANGE, "SETTING_RANGE", "takes 0 to 40 dB");
  check_refused(recipe, "limiter.drive_db=3 dB", LAC_ERR_RANGE, "SETTING_RANGE", "not a number. Write it with a point");
  check_refused(recipe, "limiter.drive_db=3,5", LAC_ERR_RANGE, "SETTING_RANGE",
                "without its unit, such as 1.5; it takes");
  check_refused(recipe, "equalizer.band1_type=bel", LAC_ERR_RANGE, "SETTING_RANGE", "Did you mean bell?");
  check_refused(recipe, "equalizer.band1_type=bel", LAC_ERR_RANGE, "SETTING_RANGE", "is one of: off, bell");
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), "a", 0, NULL), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), "b", 0, NULL), LAC_OK);
  check_refused(recipe, "gain.db=1", LAC_ERR_USAGE, "SETTING_AMBIGUOUS", "gain: b and a. Put");
  check_refused(recipe, "a.limiter.drive_db=1", LAC_ERR_USAGE, "SETTING_UNKNOWN", "is a gain, not a limiter");
  check_refused(recipe, "a b.limiter.drive_db=1", LAC_ERR_USAGE, "SETTING_SYNTAX", "cannot name an entry");
  assert_int_equal(lac_recipe_add(recipe, &test_rider_class, "r", 0, NULL), LAC_OK);
  check_refused(recipe, "r.on=maybe", LAC_ERR_RANGE, "SETTING_RANGE", "true or false");
  check_refused(recipe, "r.curve=100", LAC_ERR_RANGE, "SETTING_RANGE", "points x:y,x:y,... with x rising");
  check_refused(recipe, "r.curve=100:1,50:1", LAC_ERR_RANGE, "SETTING_RANGE", "points x:y,x:y,... with x rising");
  check_refused(recipe, "r.curve=100:1,1e9:1", LAC_ERR_RANGE, "SETTING_RANGE", "from above 0, up to 1000000 Hz");
  check_refused(recipe, "r.times=1:2", LAC_ERR_RANGE, "SETTING_RANGE", "rising values");
  check_refused(recipe, "r.times=1,,2", LAC_ERR_RANGE, "SETTING_RANGE", "rising values");
  lac_recipe_free(recipe);
}

/* The output's dither, with its decision; nothing else of the output. */
static void test_output_dither(void **state) {
  (void)state;
  static const struct {
    const char *assignment;
    LacDither dither;
  } cases[] = {{"output.dither=shaped", LAC_DITHER_SHAPED},
               {"output.dither=none", LAC_DITHER_NONE},
               {"output.dither=tpdf", LAC_DITHER_TPDF}};
  LacRecipe *recipe = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    assert_int_equal(lac_recipe_set_text(recipe, cases[i].assignment, LAC_SET_BY_PERSON, &error), LAC_OK);
    assert_int_equal(lac_recipe_output(recipe).dither, cases[i].dither);
    assert_int_equal(lac_recipe_decision_count(recipe), 1);
    const LacDecision decision = lac_recipe_decision(recipe, 0);
    assert_string_equal(decision.processor, "output");
    assert_string_equal(decision.parameter, "dither");
    assert_non_null(strstr(decision.value, lac_dither_name(cases[i].dither)));
    assert_non_null(strstr(decision.reason, cases[i].assignment));
    assert_int_equal(decision.set_by, LAC_SET_BY_PERSON);
  }
  check_refused(recipe, "output.dither=shapd", LAC_ERR_RANGE, "SETTING_RANGE", "Did you mean shaped?");
  check_refused(recipe, "output.dither=", LAC_ERR_RANGE, "SETTING_RANGE", "must be tpdf, shaped or none");
  check_refused(recipe, "output.bits=16", LAC_ERR_USAGE, "SETTING_UNKNOWN", "options of their own");
  assert_int_equal(lac_recipe_output(recipe).dither, LAC_DITHER_TPDF);
  lac_recipe_free(recipe);
}

/* What people are told as one: the values of one band, and values with the same words. */
static void test_decision_groups(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  size_t tone = 0, level = 0, speaker = 99;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("equalizer"), "tone", 0, &tone), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), "level", 1, &level), LAC_OK);
  const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find("equalizer"));
  static const struct {
    const char *param, *reason, *evidence;
    double value;
  } rows[] = {{"band1_hz", "Less mud.", NULL, 290},
              {"band1_db", "Less mud.", "2 dB over", -2},
              {"band2_hz", "More air.", "3 dB under", 9000}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_int_equal(lac_recipe_set(recipe, tone, lac_param_find(info, rows[i].param), rows[i].value,
                                    LAC_SET_BY_ASSISTANT, rows[i].reason, rows[i].evidence),
                     LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, level, 0, 1.0, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  const size_t count = lac_recipe_decision_count(recipe);
  assert_true(count >= 3);
  assert_int_equal(lac_recipe_decision_group(recipe, 0, &speaker), 2);
  assert_int_equal(speaker, 1);
  assert_int_equal(lac_recipe_decision_group(recipe, 2, &speaker), 3);
  assert_int_equal(speaker, 2);
  lac_recipe_free(recipe);
}

/* A preset's bands have the same words: they are one thought. */
static void test_same_words_are_one(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  size_t entry = 0, speaker;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("equalizer"), "air", 0, &entry), LAC_OK);
  const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find("equalizer"));
  static const char *const params[] = {"band1_db", "band1_hz", "band2_db", "band3_hz"};
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(lac_recipe_set(recipe, entry, lac_param_find(info, params[i]), 12, LAC_SET_BY_PRESET,
                                    i < 3 ? "Air." : "Other.", "Preset air."),
                     LAC_OK);
  assert_int_equal(lac_recipe_decision_group(recipe, 0, &speaker), 3);
  assert_int_equal(lac_recipe_decision_group(recipe, 3, &speaker), 4);
  lac_recipe_free(recipe);
}

static void test_shown_values(void **state) {
  (void)state;
  static const struct {
    const char *value, *shown;
  } cases[] = {{"-2.5", "-2.5"},        {"\"bell\"", "\"bell\""}, {"[[1, 2], [3, 4], [5, 6]]", "3 points"},
               {"[[1, 2]]", "1 point"}, {"[1, 2]", "2 points"},   {"[7]", "1 point"},
               {"[]", "0 points"},      {"true", "true"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char buffer[LAC_SHOWN_VALUE_SIZE];
    const LacDecision decision = {.value = cases[i].value};
    assert_string_equal(lac_decision_shown(&decision, buffer), cases[i].shown);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepted),        cmocka_unit_test(test_beside_the_assistants),
      cmocka_unit_test(test_refused),         cmocka_unit_test(test_output_dither),
      cmocka_unit_test(test_decision_groups), cmocka_unit_test(test_same_words_are_one),
      cmocka_unit_test(test_shown_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
