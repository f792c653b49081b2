/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every allocation of the recipe's life fails once: an error, no leak, and the recipe as it was. */

#include <lacquer/chain.h>

#include "chain/test/song_class.h"
#include "core/faults.h"
#include "core/test/check.h"

#include <string.h>

static const char document[] =
    "{\"schema\":\"lacquer.recipe/1\",\"x\":{\"y\":[1,2]},\"target\":{\"integrated_lufs\":-14,\"z\":1},"
    "\"chain\":[{\"processor\":\"gain\",\"parameters\":{\"db\":1}},{\"processor\":\"equalizer\",\"id\":\"tone\","
    "\"revision\":77,\"parameters\":{\"band1_type\":\"bell\",\"band1_db\":2}},{\"processor\":\"limiter\"}],"
    "\"decisions\":[{\"entry\":\"gain\",\"processor\":\"gain\",\"parameter\":\"db\",\"value\":1,\"set_by\":"
    "\"assistant\",\"reason\":\"r\",\"evidence\":\"e\"},{\"entry\":\"tone\",\"processor\":\"equalizer\","
    "\"parameter\":\"band1_db\",\"value\":1,\"set_by\":\"preset\",\"reason\":\"r\"}]}";

static LacRecipe *make_recipe(void) {
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_read("r", document, strlen(document), &recipe, NULL, NULL), LAC_OK);
  const LacCurvePoint points[] = {{100, 1}, {200, 2}};
  assert_int_equal(lac_recipe_add(recipe, &test_rider_class, NULL, 0, NULL), LAC_OK);
  assert_int_equal(lac_recipe_set_points(recipe, 0, RIDER_CURVE, points, 2, LAC_SET_BY_PERSON, "r", "e"), LAC_OK);
  return recipe;
}

static LacStatus do_read(LacRecipe *recipe) {
  LacRecipe *read = NULL;
  LacNotes notes = {0};
  (void)recipe;
  const LacStatus status = lac_recipe_read("r", document, strlen(document), &read, &notes, NULL);
  lac_recipe_free(read);
  lac_notes_free(&notes);
  return status == LAC_ERR_SYNTAX ? LAC_ERR_MEMORY : status;
}

static LacStatus do_write(LacRecipe *recipe) {
  char *text = NULL;
  const LacStatus status = lac_recipe_write(recipe, &text);
  lac_text_free(text);
  return status;
}

static LacStatus do_copy(LacRecipe *recipe) {
  LacRecipe *copy = NULL;
  const LacStatus status = lac_recipe_copy(recipe, &copy);
  lac_recipe_free(copy);
  return status;
}

static LacStatus do_diff(LacRecipe *recipe) {
  static const char other_text[] = "{\"schema\":\"lacquer.recipe/1\",\"chain\":[{\"processor\":\"limiter\"},"
                                   "{\"processor\":\"gain\",\"parameters\":{\"db\":-1}}]}";
  LacRecipe *other = NULL;
  char *text = NULL;
  LacStatus status = lac_recipe_read("o", other_text, strlen(other_text), &other, NULL, NULL);
  if (status == LAC_OK) {
    status = lac_recipe_diff(recipe, other, &text);
  }
  lac_text_free(text);
  lac_recipe_free(other);
  return status == LAC_ERR_SYNTAX ? LAC_ERR_MEMORY : status;
}

static LacStatus do_set_text(LacRecipe *recipe) {
  return lac_recipe_set_text(recipe, "air.equalizer.band1_db=3", LAC_SET_BY_PERSON, NULL);
}

static LacStatus do_set_dither(LacRecipe *recipe) {
  return lac_recipe_set_text(recipe, "output.dither=shaped", LAC_SET_BY_PERSON, NULL);
}

static LacStatus do_set_curve(LacRecipe *recipe) {
  return lac_recipe_set_text(recipe, "rider.curve=50:1,60:2,70:3", LAC_SET_BY_PERSON, NULL);
}

/* Into another one: what a merge has taken over when it fails stays. */
static LacStatus do_merge(LacRecipe *recipe) {
  LacRecipe *into = NULL;
  LacStatus status = lac_recipe_new(&into);
  if (status == LAC_OK) {
    status = lac_recipe_merge(into, recipe, LAC_SET_BY_PRESET, "r", "e");
  }
  lac_recipe_free(into);
  return status;
}

static LacStatus do_chain(LacRecipe *recipe) {
  const LacChainSetup setup = {
      .rate_hz = 44100, .n_channels = 2, .max_block_frames = 64, .total_frames = 1000, .with_readouts = true};
  LacChain *chain = NULL;
  const LacStatus status = lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, NULL, NULL);
  lac_chain_free(chain);
  return status;
}

static void check_operation(LacStatus (*operation)(LacRecipe *recipe)) {
  long k = 1;
  for (;; ++k) {
    LacRecipe *recipe = make_recipe();
    char *before = NULL;
    char *after = NULL;
    assert_int_equal(lac_recipe_write(recipe, &before), LAC_OK);
    lac_faults_fail_allocation(k);
    const LacStatus status = operation(recipe);
    const bool was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(lac_recipe_write(recipe, &after), LAC_OK);
    if (was_hit && status != LAC_OK) {
      assert_int_equal(status, LAC_ERR_MEMORY);
      assert_string_equal(before, after);
    }
    assert_true(was_hit || status == LAC_OK);
    lac_text_free(before);
    lac_text_free(after);
    lac_recipe_free(recipe);
    if (!was_hit) {
      break;
    }
  }
  assert_true(k > 3);
}

static void test_allocations(void **state) {
  (void)state;
  check_operation(do_read);
  check_operation(do_write);
  check_operation(do_copy);
  check_operation(do_diff);
  check_operation(do_set_text);
  check_operation(do_set_dither);
  check_operation(do_set_curve);
  check_operation(do_merge);
  check_operation(do_chain);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
