/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A recipe's values: decisions and edits, curves, lists and song-bound values, and the difference of two recipes. */

#include <lacquer/chain.h>

#include "chain/recipe_model.h"
#include "chain/test/song_class.h"
#include "chain/test/recipe_fixture.h"
#include "core/memory.h"
#include "core/test/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void check_diff(const LacRecipe *a, const LacRecipe *b, const char *expected) {
  char *text = NULL;
  assert_int_equal(lac_recipe_diff(a, b, &text), LAC_OK);
  assert_string_equal(text, expected);
  lac_text_free(text);
}

/* --- Decisions and edits ------------------------------------------------------------------------------------ */

static void test_edited_values(void **state) {
  (void)state;
  const char *edited =
      "{\"schema\":\"lacquer.recipe/1\",\"target\":{\"integrated_lufs\":-9},\"chain\":[{\"processor\":\"gain\","
      "\"parameters\":{\"db\":2}},{\"processor\":\"equalizer\"}],\"decisions\":["
      "{\"entry\":\"gain\",\"processor\":\"gain\",\"parameter\":\"db\",\"value\":1.5,\"set_by\":\"assistant\","
      "\"reason\":\"level\",\"evidence\":\"e\"},"
      "{\"entry\":\"\",\"processor\":\"target\",\"parameter\":\"integrated_lufs\",\"value\":-14,\"set_by\":\"preset\","
      "\"reason\":\"streaming\"},"
      "{\"entry\":\"\",\"processor\":\"target\",\"parameter\":\"true_peak_dbtp\",\"value\":-1,\"set_by\":\"preset\","
      "\"reason\":\"streaming\"},"
      "{\"entry\":\"equalizer\",\"processor\":\"equalizer\",\"parameter\":\"band2_db\",\"value\":1,"
      "\"set_by\":\"assistant\",\"reason\":\"air\"}]}";
  LacRecipe *recipe = test_recipe_read(edited, NULL);
  /* Changed: now the person's. Taken out: gone. */
  assert_int_equal(lac_recipe_set_by(recipe, 0, 0), LAC_SET_BY_PERSON);
  assert_int_equal(lac_recipe_decision_count(recipe), 2);
  const LacDecision gain = lac_recipe_decision(recipe, 0);
  assert_string_equal(gain.value, "2");
  assert_int_equal(gain.set_by, LAC_SET_BY_PERSON);
  assert_string_equal(gain.evidence, "1.5 (assistant) before.");
  assert_string_equal(lac_recipe_decision(recipe, 1).value, "-9");
  assert_false(lac_recipe_is_set(recipe, 1, 7));
  test_recipe_round_trip(recipe);
  lac_recipe_free(recipe);
}

static void test_set(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  size_t gain = 9;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), NULL, SIZE_MAX, &gain), LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, gain, 0, 3, LAC_SET_BY_PRESET, NULL, NULL), LAC_OK);
  assert_int_equal(lac_recipe_decision_count(recipe), 0);
  assert_int_equal(lac_recipe_set_by(recipe, gain, 0), LAC_SET_BY_PRESET);
  assert_int_equal(lac_recipe_set(recipe, gain, 0, 4, LAC_SET_BY_ASSISTANT, "a", "b"), LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, gain, 0, 5, LAC_SET_BY_PERSON, "c", NULL), LAC_OK);
  assert_int_equal(lac_recipe_decision_count(recipe), 1);
  assert_string_equal(lac_recipe_decision(recipe, 0).value, "5");
  assert_string_equal(lac_recipe_decision(recipe, 0).reason, "c");
  assert_int_equal(lac_recipe_set(recipe, gain, 0, 1e9, LAC_SET_BY_PERSON, "c", NULL), LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set(recipe, gain, 0, NAN, LAC_SET_BY_PERSON, "c", NULL), LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set(recipe, gain, 77, 0, LAC_SET_BY_PERSON, "c", NULL), LAC_ERR_USAGE);
  assert_int_equal(lac_recipe_set(recipe, 5, 0, 0, LAC_SET_BY_PERSON, "c", NULL), LAC_ERR_USAGE);
  assert_true(lac_recipe_value(recipe, gain, 0) == 5);
  assert_int_equal(lac_recipe_set(recipe, gain, 0, 6, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  assert_int_equal(lac_recipe_decision_count(recipe), 0);
  const LacRecipeTarget target = {.integrated_lufs = -9, .true_peak_dbtp = NAN};
  assert_int_equal(lac_recipe_set_target(recipe, target, LAC_SET_BY_PERSON, "asked"), LAC_OK);
  assert_int_equal(lac_recipe_decision_count(recipe), 1);
  assert_string_equal(lac_recipe_decision(recipe, 0).processor, "target");
  lac_recipe_free(recipe);
}

static void test_order(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  size_t entry = 0;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  static const char *const added[] = {"limiter", "gain", "equalizer", "fade", "gain"};
  for (size_t i = 0; i < 5; ++i) {
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find(added[i]), NULL, SIZE_MAX, NULL), LAC_OK);
  }
  static const char *const expected[] = {"equalizer", "fade", "gain", "gain2", "limiter"};
  for (size_t i = 0; i < 5; ++i) {
    assert_string_equal(lac_recipe_entry(recipe, i).id, expected[i]);
  }
  assert_int_equal(lac_recipe_find(recipe, "gain"), 2);
  assert_int_equal(lac_recipe_find(recipe, "nothing"), SIZE_MAX);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), "gain", SIZE_MAX, NULL), LAC_ERR_USAGE);
  assert_int_equal(lac_recipe_add(recipe, NULL, NULL, SIZE_MAX, NULL), LAC_ERR_USAGE);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("equalizer"), "air", 4, &entry), LAC_OK);
  assert_int_equal(entry, 4);
  assert_int_equal(lac_recipe_set(recipe, 0, 2, 1, LAC_SET_BY_PERSON, "x", NULL), LAC_OK);
  assert_int_equal(lac_recipe_remove(recipe, 0), LAC_OK);
  assert_int_equal(lac_recipe_decision_count(recipe), 0);
  assert_int_equal(lac_recipe_find(recipe, "equalizer"), 3); /* the only one left, by its processor */
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("equalizer"), "mud", 0, NULL), LAC_OK);
  assert_int_equal(lac_recipe_find(recipe, "equalizer"), SIZE_MAX - 1);
  lac_recipe_enable(recipe, 0, false);
  assert_false(lac_recipe_entry(recipe, 0).enabled);
  assert_int_equal(lac_recipe_remove(recipe, 99), LAC_ERR_USAGE);
  while (lac_recipe_entry_count(recipe) < LAC_RECIPE_MAX_ENTRIES) {
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), NULL, SIZE_MAX, NULL), LAC_OK);
  }
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), NULL, SIZE_MAX, NULL), LAC_ERR_LIMIT);
  lac_recipe_free(recipe);
}

/* --- Curves, lists, switches, song-bound values ------------------------------------------------------------- */

static void test_curves(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, &test_rider_class, NULL, SIZE_MAX, NULL), LAC_OK);
  const LacCurvePoint curve[] = {{100, 0}, {1000, 1.5}, {8000, -2}};
  const LacCurvePoint falling[] = {{100, 0}, {100, 1}};
  const LacCurvePoint high[] = {{100, 7}};
  const LacCurvePoint zero_hz[] = {{0, 0}};
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_CURVE, curve, 3, LAC_SET_BY_PERSON, "why", NULL), LAC_OK);
  assert_string_equal(lac_recipe_decision(recipe, 0).value, "[[100,0],[1000,1.5],[8000,-2]]");
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_CURVE, falling, 2, LAC_SET_BY_PERSON, "", NULL),
                   LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_CURVE, high, 1, LAC_SET_BY_PERSON, "", NULL), LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_CURVE, zero_hz, 1, LAC_SET_BY_PERSON, "", NULL),
                   LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_SWITCH, curve, 3, LAC_SET_BY_PERSON, "", NULL),
                   LAC_ERR_USAGE);
  assert_int_equal(lac_recipe_set(recipe, 0, RIDER_CURVE, 1, LAC_SET_BY_PERSON, "", NULL), LAC_ERR_USAGE);
  size_t n = 0;
  assert_true(lac_recipe_points(recipe, 0, RIDER_CURVE, &n)[1].y == 1.5);
  assert_int_equal(n, 3);
  assert_int_equal(lac_recipe_set_text(recipe, "rider.times=0.5,7,12.25", LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_recipe_set_text(recipe, "rider.on=on", LAC_SET_BY_PERSON, NULL), LAC_OK);
  char *text = test_recipe_write(recipe);
  assert_non_null(strstr(text, "\"times\": [0.5, 7, 12.25]"));
  assert_non_null(strstr(text, "\"on\": true"));
  lac_text_free(text);

  /* What was written is read as the same cells. */
  const LacProcessorInfo *info = lac_processor_class_info(&test_rider_class);
  for (size_t i = 0; i < info->n_params; ++i) {
    json_t *json = lac_recipe_cell_json(&info->params[i], &recipe->items[0].cells[i]);
    LacRecipeCell cell = {0};
    assert_int_equal(lac_recipe_cell_from_json(&info->params[i], json, &cell), LAC_OK);
    assert_true(cell.value == recipe->items[0].cells[i].value);
    assert_int_equal(cell.n_points, recipe->items[0].cells[i].n_points);
    for (size_t k = 0; k < cell.n_points; ++k) {
      assert_true(cell.points[k].x == recipe->items[0].cells[i].points[k].x);
      assert_true(cell.points[k].y == recipe->items[0].cells[i].points[k].y);
    }
    lac_free(cell.points);
    json_decref(json);
  }
  LacRecipe *copy = NULL;
  assert_int_equal(lac_recipe_copy(recipe, &copy), LAC_OK);
  check_diff(recipe, copy, "");
  lac_recipe_free(copy);
  lac_recipe_free(recipe);
}

static void check_points_refused(size_t param, const char *json_text, LacStatus expected) {
  const LacProcessorInfo *info = lac_processor_class_info(&test_rider_class);
  json_t *json = lac_json_parse("v", json_text, strlen(json_text), NULL);
  LacRecipeCell cell = {0};
  assert_non_null(json);
  assert_int_equal(lac_recipe_cell_from_json(&info->params[param], json, &cell), expected);
  assert_null(cell.points);
  json_decref(json);
}

static void test_point_refusals(void **state) {
  (void)state;
  check_points_refused(RIDER_CURVE, "{}", LAC_ERR_SCHEMA);
  check_points_refused(RIDER_CURVE, "[1]", LAC_ERR_SCHEMA);
  check_points_refused(RIDER_CURVE, "[[1,2,3]]", LAC_ERR_SCHEMA);
  check_points_refused(RIDER_CURVE, "[[1,\"2\"]]", LAC_ERR_SCHEMA);
  check_points_refused(RIDER_CURVE, "[[2,0],[1,0]]", LAC_ERR_RANGE);
  check_points_refused(RIDER_CURVE, "[[2,9]]", LAC_ERR_RANGE);
  check_points_refused(RIDER_CURVE, "[[1,0],[1000001,0]]", LAC_ERR_RANGE);
  check_points_refused(RIDER_CURVE, "[[1,3],[1e308,-6]]", LAC_ERR_RANGE);
  check_points_refused(RIDER_LIST, "[[1,2]]", LAC_ERR_SCHEMA);
  check_points_refused(RIDER_LIST, "[-1]", LAC_ERR_RANGE);
  char many[LAC_MAX_CURVE_POINTS * 6 + 64] = "[0";
  size_t at = 2;
  for (int i = 1; i <= LAC_MAX_CURVE_POINTS; ++i) {
    at += (size_t)sprintf(many + at, ",%d", i);
  }
  strcpy(many + at, "]");
  check_points_refused(RIDER_LIST, many, LAC_ERR_RANGE);
}

static void test_song_bound(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  LacRecipeInput input = {.n_frames = 5, .rate_hz = 48000};
  memset(input.pcm_sha256, 'a', 64);
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, &test_rider_class, NULL, SIZE_MAX, NULL), LAC_OK);
  lac_recipe_set_input(recipe, &input);
  assert_false(lac_recipe_is_song_bound(recipe));
  char *text = test_recipe_write(recipe);
  assert_null(strstr(text, "pcm_sha256"));
  lac_text_free(text);
  assert_int_equal(lac_recipe_set(recipe, 0, RIDER_OFFSET, 0.5, LAC_SET_BY_ASSISTANT, NULL, NULL), LAC_OK);
  assert_true(lac_recipe_is_song_bound(recipe));
  text = test_recipe_write(recipe);
  assert_non_null(strstr(text, "\"pcm_sha256\": \"aaaa"));
  assert_non_null(strstr(text, "\"frames\": 5"));
  lac_text_free(text);
  lac_recipe_free(recipe);
}

/* --- Difference --------------------------------------------------------------------------------------------- */

static void test_diff(void **state) {
  (void)state;
  LacRecipe *a =
      test_recipe_read("{\"schema\":\"lacquer.recipe/1\",\"target\":{\"integrated_lufs\":-14},\"chain\":["
                       "{\"processor\":\"equalizer\",\"id\":\"tone\",\"parameters\":{\"band1_type\":\"bell\"}},"
                       "{\"processor\":\"fade\"},{\"processor\":\"gain\",\"parameters\":{\"db\":1}},"
                       "{\"processor\":\"limiter\"}]}",
                       NULL);
  LacRecipe *b =
      test_recipe_read("{\"schema\":\"lacquer.recipe/1\",\"target\":{\"integrated_lufs\":-9},\"output\":"
                       "{\"bits\":16,\"dither\":\"shaped\"},\"chain\":[{\"processor\":\"gain\",\"parameters\":"
                       "{\"db\":-2.5}},{\"processor\":\"equalizer\",\"id\":\"tone\",\"parameters\":"
                       "{\"band1_type\":\"notch\"}},{\"processor\":\"limiter\",\"enabled\":false},"
                       "{\"processor\":\"gain\",\"id\":\"trim\",\"parameters\":{\"db\":3}}]}",
                       NULL);
  check_diff(a, b,
             "target.integrated_lufs: -14 -> -9 LUFS\n"
             "output.bits: none -> 16\n"
             "output.dither: tpdf -> shaped\n"
             "fade: removed (fade)\n"
             "gain.db: 1 -> -2.5 dB\n"
             "tone.band1_type: bell -> notch\n"
             "limiter.enabled: true -> false\n"
             "trim: added (gain)\n"
             "trim.db: 0 -> 3 dB\n"
             "order: tone, gain, limiter -> gain, tone, limiter\n");
  check_diff(a, a, "");
  lac_recipe_free(a);
  lac_recipe_free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_edited_values),
                                     cmocka_unit_test(test_set),
                                     cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_curves),
                                     cmocka_unit_test(test_point_refusals),
                                     cmocka_unit_test(test_song_bound),
                                     cmocka_unit_test(test_diff)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
