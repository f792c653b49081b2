/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Songs opened, limiters chosen and levels predicted, for tests of the assistant: what fails there fails the test. */

#ifndef LAC_ASSISTANT_TEST_ASSISTANT_FIXTURE_H
#define LAC_ASSISTANT_TEST_ASSISTANT_FIXTURE_H

#include <lacquer/assistant.h>

#include "assistant/limiter_choice.h"
#include "assistant/recipe_edit.h"
#include "assistant/test/song_file.h"
#include "core/test/check.h"

static inline LacSource *test_open_song(const char *path, LacNotes *notes) {
  LacSource *source = NULL;
  assert_int_equal(lac_source_open(path, NULL, &source, notes, NULL), LAC_OK);
  return source;
}

/* The recipe's limiter, added when there is none, as the assistant chooses it for two channels. */
static inline void test_choose_limiter(LacRecipe *recipe, LacQuality quality) {
  size_t limiter;
  assert_int_equal(lac_edit_entry(recipe, "limiter", NULL, SIZE_MAX, &limiter), LAC_OK);
  assert_int_equal(lac_limiter_choose(recipe, quality, 2), LAC_OK);
}

/* What is predicted of a song with this recipe and target (NAN: no loudness), at most 8 dB of limiting; a person set
 * the target. The notes are the caller's to free. */
static inline LacSolveResult test_predict_song(const char *path, LacRecipe *recipe, LacRecipeTarget target,
                                               LacNotes *notes) {
  LacAssistantOptions options = {.strength_percent = 0, .max_limiting_db = 8};
  LacError error = {0};
  LacSolveResult solved;
  LacSource *source = test_open_song(path, notes);
  assert_int_equal(lac_recipe_set_target(recipe, target, LAC_SET_BY_PERSON, NULL), LAC_OK);
  if (lac_assistant_predict(source, NULL, recipe, &options, NULL, &solved, notes, &error) != LAC_OK)
    fail_msg("%s", error.text);
  lac_source_close(source);
  return solved;
}

#endif
