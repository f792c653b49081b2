/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limiter and clipper that a quality writes into a recipe, and what a person's own settings make of them. */

#include <lacquer/assistant.h>

#include "assistant/limiter_choice.h"
#include "assistant/recipe_edit.h"
#include "assistant/test/assistant_fixture.h"
#include "assistant/test/song_file.h"
#include "core/test/check.h"

#include <math.h>

/* Which limiter each quality writes, and that a person's word stands. */
static void test_quality(void **state) {
  (void)state;
  static const struct {
    LacQuality quality;
    const char *setting;
    double solver, link, clip_db;
  } cases[] = {{LAC_QUALITY_STANDARD, NULL, 1, 50, NAN},
               {LAC_QUALITY_FAST, NULL, 0, 100, NAN},
               {LAC_QUALITY_BEST, NULL, 1, 50, 1},
               {LAC_QUALITY_STANDARD, "limiter.solver=realtime", 0, 100, NAN},
               {LAC_QUALITY_STANDARD, "limiter.link_percent=80", 1, 80, NAN},
               {LAC_QUALITY_FAST, "limiter.solver=offline", 1, 50, NAN},
               {LAC_QUALITY_DEFAULT, NULL, 1, 50, NAN},
               {LAC_QUALITY_DEFAULT, "clipper.amount_db=0.5", 1, 50, 0.5},
               {LAC_QUALITY_STANDARD, "clipper.amount_db=0.5", 1, 50, 0.5},
               {LAC_QUALITY_BEST, "limiter.quality=fast", 0, 100, 1},
               {LAC_QUALITY_BEST, "clipper.amount_db=0.5", 1, 50, 0.5}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    LacRecipe *recipe = NULL;
    assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
    if (cases[i].setting)
      assert_int_equal(lac_recipe_set_text(recipe, cases[i].setting, LAC_SET_BY_PERSON, NULL), LAC_OK);
    test_choose_limiter(recipe, cases[i].quality);
    const size_t limiter = lac_edit_find(recipe, "limiter", NULL), clipper = lac_edit_find(recipe, "clipper", NULL);
    assert_true(lac_edit_value(recipe, limiter, "solver") == cases[i].solver);
    assert_true(lac_edit_value(recipe, limiter, "link_percent") == cases[i].link);
    assert_true(isnan(cases[i].clip_db) ? clipper == SIZE_MAX
                                        : lac_edit_value(recipe, clipper, "amount_db") == cases[i].clip_db);
    assert_true(lac_limiter_form(recipe, limiter).is_offline == (cases[i].solver > 0.5));
    for (size_t d = 0; d < lac_recipe_decision_count(recipe); d++) {
      const LacDecision decision = lac_recipe_decision(recipe, d);
      assert_true(decision.set_by != LAC_SET_BY_ASSISTANT || (decision.reason && decision.evidence));
    }
    lac_recipe_free(recipe);
  }
}

/* A recipe's own choice stands while no quality is asked for; asked for, it is made anew and whole. */
static void test_quality_again(void **state) {
  (void)state;
  static const LacQuality qualities[] = {LAC_QUALITY_STANDARD, LAC_QUALITY_FAST, LAC_QUALITY_BEST};
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 3; j++) {
      LacRecipe *recipe = NULL;
      LacRecipe *anew = NULL;
      char *before = NULL;
      char *after = NULL;
      char *difference = NULL;
      assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
      assert_int_equal(lac_recipe_new(&anew), LAC_OK);
      test_choose_limiter(recipe, qualities[i]);
      assert_int_equal(lac_recipe_write(recipe, &before), LAC_OK);
      test_choose_limiter(recipe, LAC_QUALITY_DEFAULT);
      assert_int_equal(lac_recipe_write(recipe, &after), LAC_OK);
      assert_string_equal(before, after);
      test_choose_limiter(recipe, qualities[j]);
      test_choose_limiter(anew, qualities[j]);
      assert_int_equal(lac_recipe_diff(recipe, anew, &difference), LAC_OK);
      if (qualities[j] != LAC_QUALITY_FAST) /* which does not read the refinement */
        assert_string_equal(difference, "");
      assert_int_equal(lac_edit_find(recipe, "clipper", NULL) != SIZE_MAX, qualities[j] == LAC_QUALITY_BEST);
      lac_text_free(before);
      lac_text_free(after);
      lac_text_free(difference);
      lac_recipe_free(recipe);
      lac_recipe_free(anew);
    }
}

/* Values that the form at work does not read are named. */
static void test_idle_settings(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    bool is_idle;
  } rows[] = {{"limiter.release_ms=50", true}, {"limiter.character=punchy", false}, {"limiter.solver=realtime", false}};
  for (size_t i = 0; i < 3; i++) {
    LacNotes notes = {0};
    LacRecipe *recipe = NULL;
    assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
    test_choose_limiter(recipe, LAC_QUALITY_STANDARD);
    assert_int_equal(lac_recipe_set_text(recipe, rows[i].setting, LAC_SET_BY_PERSON, NULL), LAC_OK);
    test_predict_song(song_path("quiet.wav"), recipe, (LacRecipeTarget){NAN, -1}, &notes);
    assert_int_equal(lac_notes_has(&notes, "SETTING_IDLE"), rows[i].is_idle);
    lac_recipe_free(recipe);
    lac_notes_free(&notes);
  }
}

/* A clipper is told what the limiter is, also when a person drives it; what a person told it stands, and is noted. */
static void test_clipper_told(void **state) {
  (void)state;
  static const char *const settings[] = {"limiter.drive_db=5", "clipper.amount_db=1", "clipper.drive_db=7"};
  for (size_t n = 2; n <= 3; n++) {
    LacNotes notes = {0};
    LacRecipe *recipe = NULL;
    assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
    for (size_t i = 0; i < n; i++)
      assert_int_equal(lac_recipe_set_text(recipe, settings[i], LAC_SET_BY_PERSON, NULL), LAC_OK);
    test_predict_song(song_path("quiet.wav"), recipe, (LacRecipeTarget){NAN, -1}, &notes);
    const size_t clipper = lac_edit_find(recipe, "clipper", NULL), limiter = lac_edit_find(recipe, "limiter", NULL);
    assert_true(lac_edit_value(recipe, clipper, "drive_db") == (n == 2 ? 5 : 7));
    assert_true(lac_edit_value(recipe, clipper, "ceiling_dbtp") == lac_edit_value(recipe, limiter, "ceiling_dbtp"));
    assert_true(lac_notes_has(&notes, "CLIPPER_MISMATCH") == (n == 3));
    lac_recipe_free(recipe);
    lac_notes_free(&notes);
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(test_quality), cmocka_unit_test(test_quality_again),
                                            cmocka_unit_test(test_idle_settings), cmocka_unit_test(test_clipper_told)};
  song_folder_new();
  song_file_write(&(SongFile){.path = song_path("quiet.wav"), .seconds = 16, .gain_db = -12});
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  song_folder_remove();
  return failed;
}
