/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recipes read and written: round trips, and documents that are refused. */

#include <lacquer/chain.h>

#include "chain/test/recipe_fixture.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/test/check.h"
#include "core/test/comma_locale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- Round trips -------------------------------------------------------------------------------------------- */

/* The writer's own form: what is written here comes back byte for byte (engine apart). */
static const char golden[] =
    "{\n"
    "  \"schema\": \"lacquer.recipe/1\",\n"
    "  \"engine\": \"%s\",\n"
    "  \"input\": {\n"
    "    \"pcm_sha256\": \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\n"
    "    \"frames\": 441000,\n"
    "    \"rate_hz\": 44100,\n"
    "    \"x_take\": 3\n"
    "  },\n"
    "  \"target\": {\n"
    "    \"integrated_lufs\": -14,\n"
    "    \"true_peak_dbtp\": -1,\n"
    "    \"x_why\": \"club\"\n"
    "  },\n"
    "  \"output\": {\n"
    "    \"rate_hz\": 48000,\n"
    "    \"bits\": 24,\n"
    "    \"dither\": \"none\",\n"
    "    \"seed\": 9007199254740991,\n"
    "    \"keep_tail_s\": 1.5,\n"
    "    \"x_host\": [1, 2]\n"
    "  },\n"
    "  \"chain\": [\n"
    "    {\n"
    "      \"processor\": \"equalizer\",\n"
    "      \"id\": \"tone\",\n"
    "      \"revision\": %u,\n"
    "      \"enabled\": true,\n"
    "      \"parameters\": {\n"
    "        \"band1_type\": \"bell\",\n"
    "        \"band1_hz\": 290,\n"
    "        \"band1_db\": -1.3,\n"
    "        \"band1_q\": 0.71\n"
    "      },\n"
    "      \"x_color\": \"red\"\n"
    "    },\n"
    "    {\n"
    "      \"processor\": \"gain\",\n"
    "      \"id\": \"gain\",\n"
    "      \"revision\": %u,\n"
    "      \"enabled\": false,\n"
    "      \"parameters\": {}\n"
    "    }\n"
    "  ],\n"
    "  \"decisions\": [\n"
    "    {\n"
    "      \"entry\": \"tone\",\n"
    "      \"processor\": \"equalizer\",\n"
    "      \"parameter\": \"band1_db\",\n"
    "      \"value\": -1.3,\n"
    "      \"set_by\": \"assistant\",\n"
    "      \"reason\": \"Less mud\",\n"
    "      \"evidence\": \"290 Hz is 2.1 dB over the style\",\n"
    "      \"x_rule\": \"tone/2\"\n"
    "    },\n"
    "    {\n"
    "      \"entry\": \"\",\n"
    "      \"processor\": \"target\",\n"
    "      \"parameter\": \"integrated_lufs\",\n"
    "      \"value\": -14,\n"
    "      \"set_by\": \"preset\",\n"
    "      \"reason\": \"streaming\",\n"
    "      \"evidence\": \"\"\n"
    "    },\n"
    "    {\n"
    "      \"entry\": \"gone\",\n"
    "      \"processor\": \"reverb\",\n"
    "      \"parameter\": \"shape\",\n"
    "      \"value\": {\n"
    "        \"kind\": \"hall one\"\n"
    "      },\n"
    "      \"set_by\": \"reference\",\n"
    "      \"reason\": \"kept\",\n"
    "      \"evidence\": \"\"\n"
    "    },\n"
    "    {\n"
    "      \"entry\": \"tone\",\n"
    "      \"processor\": \"equalizer\",\n"
    "      \"parameter\": \"band1_hz\",\n"
    "      \"value\": 290,\n"
    "      \"set_by\": \"assistant\"\n"
    "    }\n"
    "  ],\n"
    "  \"x_studio\": {\n"
    "    \"zoom\": 2.5,\n"
    "    \"open\": null\n"
    "  }\n"
    "}\n";

static void make_golden(char *text, size_t size) {
  snprintf(text, size, golden, lac_version(), lac_processor_class_info(lac_processor_class_find("equalizer"))->revision,
           lac_processor_class_info(lac_processor_class_find("gain"))->revision);
}

static void test_golden(void **state) {
  (void)state;
  char text[8192];
  make_golden(text, sizeof text);
  LacNotes notes = {0};
  LacRecipe *recipe = test_recipe_read(text, &notes);
  assert_int_equal(notes.count, 0);
  test_recipe_check_text(recipe, text);
  test_recipe_check_text(recipe, text); /* writing changes nothing */

  assert_int_equal(lac_recipe_entry_count(recipe), 2);
  const size_t hz = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, 0).cls), "band1_hz");
  assert_true(lac_recipe_value(recipe, 0, hz) == 290);
  assert_int_equal(lac_recipe_set_by(recipe, 0, hz), LAC_SET_BY_ASSISTANT);
  assert_int_equal(lac_recipe_set_by(recipe, 0, hz - 1), LAC_SET_BY_PERSON);
  assert_int_equal(lac_recipe_set_by(recipe, 0, hz + 1), LAC_SET_BY_ASSISTANT);
  assert_int_equal(lac_recipe_set_by(recipe, 0, hz + 20), LAC_SET_BY_DEFAULT);
  assert_false(lac_recipe_is_set(recipe, 0, hz + 20));
  assert_true(lac_recipe_entry(recipe, 0).enabled);
  assert_false(lac_recipe_entry(recipe, 1).enabled);
  assert_int_equal(lac_recipe_decision_count(recipe), 3);
  assert_string_equal(lac_recipe_decision(recipe, 0).value, "-1.3");
  assert_string_equal(lac_recipe_decision(recipe, 2).value, "{\"kind\":\"hall one\"}");
  assert_true(lac_recipe_output(recipe).seed == 9007199254740991u);
  assert_true(lac_recipe_target(recipe).integrated_lufs == -14);
  assert_true(lac_recipe_input(recipe).n_frames == 441000);

  LacRecipe *copy = NULL;
  assert_int_equal(lac_recipe_copy(recipe, &copy), LAC_OK);
  lac_recipe_free(recipe);
  test_recipe_check_text(copy, text);
  lac_recipe_free(copy);
}

static void test_smallest(void **state) {
  (void)state;
  LacRecipe *recipe = test_recipe_read("{\"schema\":\"lacquer.recipe/1\",\"chain\":[]}", NULL);
  assert_int_equal(lac_recipe_entry_count(recipe), 0);
  assert_true(isnan(lac_recipe_target(recipe).integrated_lufs));
  assert_int_equal(lac_recipe_output(recipe).bits, 0);
  assert_int_equal(lac_recipe_output(recipe).seed, 1);
  assert_int_equal(lac_recipe_output(recipe).dither, LAC_DITHER_TPDF);
  lac_recipe_free(recipe);
  recipe =
      test_recipe_read("{\"schema\":\"lacquer.recipe/1\",\"target\":{\"integrated_lufs\":null},\"chain\":["
                       "{\"processor\":\"gain\"},{\"processor\":\"gain\",\"id\":\"gain\"},{\"processor\":\"gain\"}]}",
                       NULL);
  /* A written id keeps its name, whatever stands before it without one. */
  assert_string_equal(lac_recipe_entry(recipe, 0).id, "gain2");
  assert_string_equal(lac_recipe_entry(recipe, 1).id, "gain");
  assert_string_equal(lac_recipe_entry(recipe, 2).id, "gain3");
  assert_true(lac_recipe_entry(recipe, 0).enabled);
  lac_recipe_free(recipe);
}

static void test_comma_locale(void **state) {
  (void)state;
  char text[8192];
  make_golden(text, sizeof text);
  assert_true(comma_locale_enter());
  LacRecipe *recipe = test_recipe_read(text, NULL);
  char *written = test_recipe_write(recipe);
  LacError error = {0};
  assert_int_equal(lac_recipe_set_text(recipe, "tone.equalizer.band1_q=1,5", LAC_SET_BY_PERSON, &error), LAC_ERR_RANGE);
  assert_int_equal(lac_recipe_set_text(recipe, "tone.equalizer.band1_q=1.5", LAC_SET_BY_PERSON, &error), LAC_OK);
  setlocale(LC_ALL, "C");
  assert_string_equal(written, text);
  lac_text_free(written);
  lac_recipe_free(recipe);
}

/* --- Refusals ----------------------------------------------------------------------------------------------- */

static void check_schema_error(const char *text, const char *pointer) {
  LacRecipe *recipe = NULL;
  LacError error = {0};
  const LacStatus status = lac_recipe_read("r.json", text, strlen(text), &recipe, NULL, &error);
  char begin[128];
  snprintf(begin, sizeof begin, "r.json: %s ", pointer);
  if (status != LAC_ERR_SCHEMA || strncmp(error.text, begin, strlen(begin)) != 0) {
    fail_msg("%s\n-> %d %s, expected %s", text, (int)status, error.text, begin);
  }
  assert_null(recipe);
  assert_string_equal(error.code, "RECIPE_INVALID");
  assert_int_equal(error.status, LAC_ERR_SCHEMA);
}

#define DOCUMENT(rest) "{\"schema\":\"lacquer.recipe/1\",\"chain\":[]," rest "}"
#define ENTRY(rest) "{\"schema\":\"lacquer.recipe/1\",\"chain\":[{\"processor\":\"gain\"}," rest "]}"

static void test_schema_errors(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"[]", "the document"},
      {"{}", "/schema"},
      {"{\"schema\":1,\"chain\":[]}", "/schema"},
      {"{\"schema\":\"lacquer.recipe/2\",\"chain\":[]}", "/schema"},
      {"{\"schema\":\"lacquer.recipe/1\"}", "/chain"},
      {"{\"schema\":\"lacquer.recipe/1\",\"chain\":{}}", "/chain"},
      {DOCUMENT("\"engine\":3"), "/engine"},
      {DOCUMENT("\"target\":[]"), "/target"},
      {DOCUMENT("\"target\":{\"integrated_lufs\":\"-14\"}"), "/target/integrated_lufs"},
      {DOCUMENT("\"target\":{\"integrated_lufs\":5}"), "/target/integrated_lufs"},
      {DOCUMENT("\"target\":{\"true_peak_dbtp\":1e9}"), "/target/true_peak_dbtp"},
      {DOCUMENT("\"output\":3"), "/output"},
      {DOCUMENT("\"output\":{\"bits\":20}"), "/output/bits"},
      {DOCUMENT("\"output\":{\"bits\":\"24\"}"), "/output/bits"},
      {DOCUMENT("\"output\":{\"bits\":24.5}"), "/output/bits"},
      {DOCUMENT("\"output\":{\"rate_hz\":7999}"), "/output/rate_hz"},
      {DOCUMENT("\"output\":{\"rate_hz\":400000}"), "/output/rate_hz"},
      {DOCUMENT("\"output\":{\"dither\":\"rpdf\"}"), "/output/dither"},
      {DOCUMENT("\"output\":{\"dither\":true}"), "/output/dither"},
      {DOCUMENT("\"output\":{\"seed\":-1}"), "/output/seed"},
      {DOCUMENT("\"output\":{\"keep_tail_s\":1000}"), "/output/keep_tail_s"},
      {DOCUMENT("\"input\":{\"pcm_sha256\":\"abc\"}"), "/input/pcm_sha256"},
      {DOCUMENT("\"input\":{\"frames\":-1}"), "/input/frames"},
      {DOCUMENT("\"input\":{\"rate_hz\":\"x\"}"), "/input/rate_hz"},
      {ENTRY("5"), "/chain/1"},
      {ENTRY("{}"), "/chain/1/processor"},
      {ENTRY("{\"processor\":5}"), "/chain/1/processor"},
      {ENTRY("{\"processor\":\"gian\"}"), "/chain/1/processor"},
      {ENTRY("{\"processor\":\"gain\",\"id\":7}"), "/chain/1/id"},
      {ENTRY("{\"processor\":\"gain\",\"id\":\"\"}"), "/chain/1/id"},
      {ENTRY("{\"processor\":\"gain\",\"id\":\"a.b\"}"), "/chain/1/id"},
      {ENTRY("{\"processor\":\"gain\",\"id\":\"a\"},{\"processor\":\"gain\",\"id\":\"a\"}"), "/chain/2/id"},
      {ENTRY("{\"processor\":\"gain\",\"revision\":\"1\"}"), "/chain/1/revision"},
      {ENTRY("{\"processor\":\"gain\",\"enabled\":1}"), "/chain/1/enabled"},
      {ENTRY("{\"processor\":\"gain\",\"parameters\":[]}"), "/chain/1/parameters"},
      {ENTRY("{\"processor\":\"gain\",\"parameters\":{\"dbs\":1}}"), "/chain/1/parameters/dbs"},
      {ENTRY("{\"processor\":\"gain\",\"parameters\":{\"db\":\"1\"}}"), "/chain/1/parameters/db"},
      {ENTRY("{\"processor\":\"gain\",\"parameters\":{\"db\":null}}"), "/chain/1/parameters/db"},
      {ENTRY("{\"processor\":\"gain\",\"parameters\":{\"db\":1e6}}"), "/chain/1/parameters/db"},
      {ENTRY("{\"processor\":\"equalizer\",\"parameters\":{\"band1_type\":1}}"), "/chain/1/parameters/band1_type"},
      {ENTRY("{\"processor\":\"equalizer\",\"parameters\":{\"band1_type\":\"bel\"}}"),
       "/chain/1/parameters/band1_type"},
      {DOCUMENT("\"decisions\":{}"), "/decisions"},
      {DOCUMENT("\"decisions\":[1]"), "/decisions/0"},
      {DOCUMENT("\"decisions\":[{\"set_by\":\"me\",\"parameter\":\"a\",\"value\":1}]"), "/decisions/0/set_by"},
      {DOCUMENT("\"decisions\":[{\"parameter\":\"a\",\"value\":1}]"), "/decisions/0/set_by"},
      {DOCUMENT("\"decisions\":[{\"set_by\":\"person\",\"value\":1}]"), "/decisions/0/parameter"},
      {DOCUMENT("\"decisions\":[{\"set_by\":\"person\",\"parameter\":\"a\"}]"), "/decisions/0/value"},
      {DOCUMENT("\"decisions\":[{\"set_by\":\"person\",\"parameter\":\"a\",\"value\":1,\"reason\":3}]"),
       "/decisions/0/reason"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    check_schema_error(cases[i][0], cases[i][1]);
  }
}

static void check_message(const char *text, const char *expected) {
  LacRecipe *recipe = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_read("r.json", text, strlen(text), &recipe, NULL, &error), LAC_ERR_SCHEMA);
  assert_string_equal(error.text, expected);
}

static void test_range_message(void **state) {
  (void)state;
  check_message(ENTRY("{\"processor\":\"equalizer\",\"parameters\":{\"band1_hz\":1}}"),
                "r.json: /chain/1/parameters/band1_hz cannot be 1: it takes 10 to 40000 Hz.");
  check_message(ENTRY("{\"processor\":\"compressor\",\"parameters\":{\"bands\":2.5}}"),
                "r.json: /chain/1/parameters/bands cannot be 2.5: it takes whole numbers from 1 to 5.");
  check_message(ENTRY("{\"processor\":\"equalizer\",\"parameters\":{\"band1_hx\":100}}"),
                "r.json: /chain/1/parameters/band1_hx is not a parameter of equalizer. Did you mean band1_hz?");
  check_message(ENTRY("{\"processor\":\"xyzzyxyzzy\"}"),
                "r.json: /chain/1/processor names no processor of this version (\"xyzzyxyzzy\").");
}

static void test_syntax_error(void **state) {
  (void)state;
  const char *text = "{\n \"schema\": ,\n}";
  LacRecipe *recipe = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_read("r.json", text, strlen(text), &recipe, NULL, &error), LAC_ERR_SYNTAX);
  assert_int_equal(strncmp(error.text, "r.json:2:", 9), 0);
  assert_int_equal(lac_recipe_read("r.json", text, strlen(text), &recipe, NULL, NULL), LAC_ERR_SYNTAX);
}

static void test_revision_note(void **state) {
  (void)state;
  LacNotes notes = {0};
  LacRecipe *recipe = test_recipe_read(ENTRY("{\"processor\":\"gain\",\"revision\":99}"), &notes);
  assert_true(lac_notes_has(&notes, "RECIPE_REVISION"));
  assert_int_equal(notes.count, 1);
  assert_int_equal(lac_recipe_entry(recipe, 1).revision, 99);
  lac_notes_free(&notes);
  lac_recipe_free(recipe);
}

/* A hostile document is refused or read, never believed beyond its size. */
static void test_hostile(void **state) {
  (void)state;
  enum { SIZE = 200000 };
  char *text = lac_alloc(SIZE + 64, 1);
  assert_non_null(text);
  LacRecipe *recipe = NULL;
  LacError error = {0};
  memset(text, '[', SIZE);
  assert_int_equal(lac_recipe_read("r", text, SIZE, &recipe, NULL, &error), LAC_ERR_SYNTAX);
  size_t at = (size_t)sprintf(text, "{\"schema\":\"lacquer.recipe/1\",\"chain\":[");
  for (int i = 0; i < 300; ++i) {
    at += (size_t)sprintf(text + at, "%s{\"processor\":\"gain\"}", i ? "," : "");
  }
  at += (size_t)sprintf(text + at, "]}");
  assert_int_equal(lac_recipe_read("r", text, at, &recipe, NULL, &error), LAC_ERR_SCHEMA);
  /* Damage at random places of a good document. */
  char good[8192];
  make_golden(good, sizeof good);
  const size_t length = strlen(good);
  for (uint64_t i = 0; i < 3000; ++i) {
    memcpy(text, good, length);
    for (uint64_t k = 0; k < 1 + i % 3; ++k) {
      const uint64_t random = lac_random_u64(7, k, i);
      text[random % length] = (char)(random >> 40);
    }
    recipe = NULL;
    if (lac_recipe_read("r", text, length, &recipe, NULL, &error) == LAC_OK) {
      test_recipe_round_trip(recipe);
    } else {
      assert_null(recipe);
      assert_true(error.text[0] != '\0');
    }
    lac_recipe_free(recipe);
  }
  lac_free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden),        cmocka_unit_test(test_smallest),
                                     cmocka_unit_test(test_comma_locale),  cmocka_unit_test(test_schema_errors),
                                     cmocka_unit_test(test_range_message), cmocka_unit_test(test_syntax_error),
                                     cmocka_unit_test(test_revision_note), cmocka_unit_test(test_hostile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
