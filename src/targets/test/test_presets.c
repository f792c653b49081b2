/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Presets: documents refused with the place, the shipped ones as they stand in the tree, the user's own, and what
 * applying them does to a recipe. */

#include <lacquer/targets.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/faults.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/test/folder.h"

static const char *data_path;

#define WORDS "\"title\":\"T\",\"purpose\":\"P\",\"description\":\"D\""
#define ENTRY(id, values) "{\"processor\":\"equalizer\",\"id\":\"" id "\",\"parameters\":{" values "}}"
#define PRESET(id, chain)                                                                                              \
  "{\"schema\":\"lacquer.preset/1\",\"id\":\"" id "\",\"version\":1," WORDS ",\"chain\":[" chain "]}"
#define AIR "\"band1_type\":\"high_shelf\",\"band1_db\":2"

static LacPresets *read_good(const char *text) {
  LacPresets *presets = NULL;
  LacError error = {0};
  if (lac_presets_read("test.json", text, strlen(text), &presets, &error) != LAC_OK)
    fail_msg("%s", error.text);
  return presets;
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *from, *to, *place;
    LacStatus status;
  } cases[] = {
      {"lacquer.preset/1", "lacquer.preset/2", "/schema", LAC_ERR_SCHEMA},
      {"\"id\":\"air\"", "\"id\":\"Air\"", "/id", LAC_ERR_SCHEMA},
      {"\"version\":1", "\"version\":0", "/version", LAC_ERR_SCHEMA},
      {"\"version\":1", "\"version\":1.5", "/version", LAC_ERR_SCHEMA},
      {"\"title\":\"T\"", "\"title\":\"\"", "/title", LAC_ERR_SCHEMA},
      {"\"purpose\":\"P\"", "\"purpose\":1", "/purpose", LAC_ERR_SCHEMA},
      {"\"description\":\"D\"", "\"description\":\"a\\nb\"", "/description", LAC_ERR_SCHEMA},
      {"\"version\":1", "\"version\":1,\"purpos\":\"x\"", "/purpos", LAC_ERR_SCHEMA},
      {"\"version\":1", "\"version\":1,\"aliases\":[\"a b\"]", "/aliases", LAC_ERR_SCHEMA},
      {"\"equalizer\"", "\"equaliser\"", "/chain/0/processor", LAC_ERR_SCHEMA},
      {"\"band1_db\":2", "\"band1_db\":200", "/chain/0/parameters/band1_db", LAC_ERR_SCHEMA},
      {"}]}", "}]", "test.json:1:", LAC_ERR_SYNTAX},
      {"[{", "{\"a\":[{", "test.json:1:", LAC_ERR_SYNTAX},
  };
  static const char good[] = PRESET("air", ENTRY("tone2", AIR));
  lac_presets_free(read_good(good));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *place = strstr(good, cases[i].from);
    assert_non_null(place);
    char text[1024];
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - good), good, cases[i].to, place + strlen(cases[i].from));
    LacPresets *presets = NULL;
    LacError error = {0};
    const LacStatus status = lac_presets_read("test.json", text, strlen(text), &presets, &error);
    if (status != cases[i].status || presets || !strstr(error.text, cases[i].place))
      fail_msg("%s: status %d, \"%s\"", cases[i].to, (int)status, error.text);
  }
}

/* What the library carries is what stands in data/presets, and every preset there is told to the build. */
static void test_shipped(void **state) {
  (void)state;
  char **names = NULL;
  size_t count = 0;
  LacPresets *presets = NULL;
  LacError error = {0};
  if (lac_presets_load(&presets, NULL, &error) != LAC_OK)
    fail_msg("%s", error.text);
  assert_int_equal(lac_folder_list(data_path, ".json", 1000, &names, &count, NULL), LAC_OK);
  assert_int_equal(lac_presets_count(presets), count);
  for (size_t i = 0; i < count; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", data_path, names[i]);
    LacPresets *file = NULL;
    assert_int_equal(lac_presets_read_file(path, &file, NULL), LAC_OK);
    const LacPreset *own = lac_presets_at(file, 0), *built_in = lac_presets_find(presets, own->id);
    assert_non_null(built_in);
    assert_string_equal(built_in->purpose, own->purpose);
    char *difference = NULL;
    assert_int_equal(lac_recipe_diff(own->recipe, built_in->recipe, &difference), LAC_OK);
    assert_string_equal(difference, "");
    lac_text_free(difference);
    lac_presets_free(file);
  }
  assert_null(lac_presets_find(presets, "nowhere"));
  assert_null(lac_presets_at(presets, count));
  lac_folder_list_free(names, count);
  lac_presets_free(presets);
}

/* Below the test's folder. */
static char *below(const char *name) {
  char *path = lac_format("%s/%s", test_folder.path, name);
  assert_non_null(path);
  return path;
}

static void make(const char *name) {
  char *path = below(name);
  assert_int_equal(mkdir(path, 0777), 0);
  lac_free(path);
}

static void write_preset(const char *name, const char *text) {
  char *path = below(name);
  assert_int_equal(lac_file_write_all(path, text, strlen(text), true, NULL), LAC_OK);
  lac_free(path);
}

static void clear(const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char *path = below(names[i]);
    assert_int_equal(remove(path), 0);
    lac_free(path);
  }
}

/* A bad file is left out and said, with its place; what is no file is not looked at; the others are there. */
static void check_left_out(void) {
  LacPresets *presets = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  assert_int_equal(lac_presets_load(&presets, &notes, &error), LAC_OK);
  assert_int_equal(notes.count, 2);
  assert_string_equal(notes.items[0].code, "PRESET_SKIPPED");
  assert_non_null(strstr(notes.items[0].text, "broken.json"));
  assert_non_null(strstr(notes.items[1].text, "/aliases"));
  assert_non_null(lac_presets_find(presets, "mine"));
  assert_non_null(lac_presets_find(presets, "warm-tape"));
  assert_int_equal(lac_presets_left_out(presets, "z", &error), LAC_ERR_SCHEMA);
  assert_non_null(strstr(error.text, "z.json"));
  assert_int_equal(lac_presets_left_out(presets, "broken", NULL), LAC_ERR_SYNTAX);
  assert_int_equal(lac_presets_left_out(presets, "mine", &error), LAC_OK);
  assert_int_equal(lac_presets_left_out(presets, "", &error), LAC_OK);
  lac_notes_free(&notes);
  lac_presets_free(presets);
}

/* The user's folder adds and replaces; the folder of the environment outranks it; names are taken once. */
static void test_users_own(void **state) {
  (void)state;
  static const char *const made[] = {
      "presets/pipe.json", "presets/folder.json",       "presets/broken.json",           "presets/z.json",
      "presets/mine.json", "lacquer/presets/mine.json", "lacquer/presets/open-top.json", "lacquer/presets/note.txt",
      "lacquer/presets"};
  LacPresets *presets = NULL;
  LacError error = {0};
  make("lacquer");
  make("lacquer/presets");
  make("presets");
  setenv("XDG_DATA_HOME", test_folder.path, 1);
  setenv("LACQUER_DATA", test_folder.path, 1);
  write_preset("lacquer/presets/mine.json", PRESET("mine", ENTRY("a", AIR)));
  write_preset("lacquer/presets/open-top.json", PRESET("open-top", ENTRY("a", AIR)));
  write_preset("lacquer/presets/note.txt", "x");
  write_preset("presets/mine.json", PRESET("mine", ENTRY("b", AIR)));
  if (lac_presets_load(&presets, NULL, &error) != LAC_OK)
    fail_msg("%s", error.text);
  assert_string_equal(lac_presets_find(presets, "open-top")->title, "T");
  assert_string_equal(lac_recipe_entry(lac_presets_find(presets, "mine")->recipe, 0).id, "b");
  lac_presets_free(presets);

  write_preset("presets/z.json",
               "{\"schema\":\"lacquer.preset/1\",\"id\":\"other\",\"aliases\":[\"mine\"],\"version\":1," WORDS
               ",\"chain\":[" ENTRY("a", AIR) "]}");
  write_preset("presets/broken.json", "");
  make("presets/folder.json");
  char *pipe = below("presets/pipe.json");
  assert_int_equal(mkfifo(pipe, 0666), 0);
  lac_free(pipe);
  check_left_out();
  unsetenv("XDG_DATA_HOME");
  unsetenv("LACQUER_DATA");
  clear(made, sizeof made / sizeof made[0]);
}

static double value_of(const LacRecipe *recipe, const char *id, const char *param) {
  const size_t entry = lac_recipe_find(recipe, id);
  assert_true(entry < lac_recipe_entry_count(recipe));
  return lac_recipe_value(recipe, entry,
                          lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), param));
}

/* What a recipe has stays; what it lacks comes in with the purpose; an id of another processor gives way. */
static void test_apply(void **state) {
  (void)state;
  LacPresets *presets = read_good(
      PRESET("air", ENTRY("top", AIR) ",{\"processor\":\"gain\",\"id\":\"trim\",\"parameters\":{\"db\":-2}}"));
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_set_text(recipe, "limiter.drive_db=3", LAC_SET_BY_PERSON, NULL), LAC_OK);
  size_t entry = 0;
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("equalizer"), "top", SIZE_MAX, &entry), LAC_OK);
  assert_int_equal(lac_recipe_set_text(recipe, "top.equalizer.band1_db=-1", LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("fade"), "trim", SIZE_MAX, &entry), LAC_OK);
  assert_int_equal(lac_preset_apply(lac_presets_at(presets, 0), recipe), LAC_OK);
  assert_true(value_of(recipe, "top", "band1_db") == -1);
  assert_true(value_of(recipe, "top", "band1_type") == 3);
  assert_true(value_of(recipe, "gain", "db") == -2); /* under a free id, ahead of the limiter */
  assert_int_equal(lac_recipe_find(recipe, "gain") + 1, lac_recipe_find(recipe, "limiter"));
  const size_t n = lac_recipe_decision_count(recipe);
  bool is_said = false;
  for (size_t i = 0; i < n; i++) {
    const LacDecision decision = lac_recipe_decision(recipe, i);
    is_said |= decision.set_by == LAC_SET_BY_PRESET && !strcmp(decision.reason, "P") &&
               !strcmp(decision.evidence, "Preset air, version 1.") && !strcmp(decision.parameter, "db");
  }
  assert_true(is_said);
  lac_recipe_free(recipe);
  lac_presets_free(presets);
}

/* A curve without points is a value like any other. */
static void test_apply_empty_curve(void **state) {
  (void)state;
  LacPresets *presets = read_good(PRESET("flat", "{\"processor\":\"match_eq\",\"parameters\":{\"mid_curve\":[]}}"));
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_preset_apply(lac_presets_at(presets, 0), recipe), LAC_OK);
  assert_true(lac_recipe_is_set(recipe, 0, 0));
  lac_recipe_free(recipe);
  lac_presets_free(presets);
}

#ifdef LAC_FAULTS
/* Every allocation of loading, leaving a file out and applying fails once: said, and nothing leaks. */
static void test_allocations(void **state) {
  (void)state;
  static const char *const made[] = {"lacquer/presets/broken.json", "lacquer/presets", "lacquer"};
  make("lacquer");
  make("lacquer/presets");
  write_preset(made[0], "{");
  setenv("XDG_DATA_HOME", test_folder.path, 1);
  for (long k = 1;; k++) {
    LacPresets *presets = NULL;
    LacRecipe *recipe = NULL;
    LacError error = {0};
    lac_faults_fail_allocation(k);
    LacNotes notes = {0};
    LacStatus status = lac_presets_load(&presets, &notes, &error);
    assert_true(status != LAC_OK || lac_notes_has(&notes, "PRESET_SKIPPED"));
    lac_notes_free(&notes);
    if (!status)
      status = lac_recipe_new(&recipe);
    if (!status)
      status = lac_preset_apply(lac_presets_find(presets, "tight-low-end"), recipe);
    const bool was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_true(status == LAC_OK || (was_hit && status == LAC_ERR_MEMORY));
    assert_true(status == LAC_OK || presets || error.text[0]);
    lac_recipe_free(recipe);
    lac_presets_free(presets);
    if (!was_hit) {
      assert_true(k > 100);
      break;
    }
    k += k / 16; /* thousands of them are alike */
  }
  unsetenv("XDG_DATA_HOME");
  clear(made, 3);
}
#endif

int main(int argc, char **argv) {
  assert_true(argc == 2);
  data_path = argv[1];
  setenv("HOME", "/nonexistent", 1);
  unsetenv("XDG_DATA_HOME");
  unsetenv("LACQUER_DATA");
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_shipped),
      cmocka_unit_test_setup_teardown(test_users_own, test_folder_setup, test_folder_teardown),
      cmocka_unit_test(test_apply),
      cmocka_unit_test(test_apply_empty_curve),
#ifdef LAC_FAULTS
      cmocka_unit_test_setup_teardown(test_allocations, test_folder_setup, test_folder_teardown),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
