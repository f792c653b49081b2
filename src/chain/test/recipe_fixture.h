/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recipes from text and back, for tests: what fails there fails the test. */

#ifndef LAC_CHAIN_TEST_RECIPE_FIXTURE_H
#define LAC_CHAIN_TEST_RECIPE_FIXTURE_H

#include <lacquer/chain.h>

#include "core/test/check.h"

#include <string.h>

static inline LacRecipe *test_recipe_read(const char *text, LacNotes *notes) {
  LacRecipe *recipe = NULL;
  LacError error = {0};
  const LacStatus status = lac_recipe_read("r.json", text, strlen(text), &recipe, notes, &error);
  if (status != LAC_OK) {
    fail_msg("%s\n-> %s", text, error.text);
  }
  return recipe;
}

static inline char *test_recipe_write(const LacRecipe *recipe) {
  char *text = NULL;
  assert_int_equal(lac_recipe_write(recipe, &text), LAC_OK);
  return text;
}

static inline void test_recipe_check_text(const LacRecipe *recipe, const char *expected) {
  char *text = test_recipe_write(recipe);
  assert_string_equal(text, expected);
  lac_text_free(text);
}

/* What is written is read, and written again as it was. */
static inline void test_recipe_round_trip(const LacRecipe *recipe) {
  char *written = test_recipe_write(recipe);
  LacRecipe *again = test_recipe_read(written, NULL);
  test_recipe_check_text(again, written);
  lac_recipe_free(again);
  lac_text_free(written);
}

#endif
