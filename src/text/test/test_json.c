/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text/json.h"
#include "core/memory.h"
#include "core/random.h"

#include "core/test/check.h"
#include "core/test/comma_locale.h"

#include <math.h>

static json_t *parse(const char *text) {
  LacError error = {0};
  json_t *value = lac_json_parse("doc", text, strlen(text), &error);
  if (!value)
    fail_msg("%s -> %s", text, error.text);
  return value;
}

static void check_written(const char *text, const char *expected) {
  json_t *value = parse(text);
  char *written = lac_json_write(value);
  assert_string_equal(written, expected);
  json_t *again = parse(written);
  assert_true(json_equal(value, again));
  char *twice = lac_json_write(again);
  assert_string_equal(written, twice);
  lac_text_free(twice);
  lac_text_free(written);
  json_decref(value);
  json_decref(again);
}

static void test_write(void **state) {
  (void)state;
  check_written("{}", "{}\n");
  check_written("[]", "[]\n");
  check_written(" null ", "null\n");
  check_written("\xEF\xBB\xBF[true,false]", "[true, false]\n");
  check_written("{\"z\":1,\"a\":-0.5,\"m\":[1,2.50,\"x\"]}",
                "{\n  \"z\": 1,\n  \"a\": -0.5,\n  \"m\": [1, 2.5, \"x\"]\n}\n");
  check_written("[[],[1],{\"a\":{}}]", "[\n  [],\n  [1],\n  {\n    \"a\": {}\n  }\n]\n");
  check_written("\"\\u0001\\b\\t\\n\\f\\r\\\"\\\\\\/\\u00e9\\ud83c\\udfb5\\u007f\"",
                "\"\\u0001\\b\\t\\n\\f\\r\\\"\\\\/\xC3\xA9\xF0\x9F\x8E\xB5\x7f\"\n");
  check_written("{\"a\\\"b\":\"\"}", "{\n  \"a\\\"b\": \"\"\n}\n");
  check_written("[9223372036854775807,-9223372036854775808,1e300,-0.0,1E-7]",
                "[9223372036854775807, -9223372036854775808, 1e300, -0.0, 1e-7]\n");
  assert_null(lac_json_write(NULL));
}

static void check_refused(const char *text, size_t n_bytes, size_t line, size_t column) {
  LacError error = {0};
  char place[64];
  snprintf(place, sizeof place, "my recipe.json:%zu:%zu: ", line, column);
  json_t *value = lac_json_parse("my recipe.json", text, n_bytes, &error);
  if (value)
    fail_msg("accepted: %s", text);
  assert_int_equal(error.status, LAC_ERR_SYNTAX);
  assert_string_equal(error.code, "JSON_SYNTAX");
  if (strncmp(error.text, place, strlen(place)) != 0)
    fail_msg("not at %s but: %s", place, error.text);
  assert_null(lac_json_parse("doc", text, n_bytes, NULL));
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t line, column;
  } rows[] = {
      {"", 1, 1},
      {"{\"a\":1,\n \"b\":2,\n \"a\":3}", 3, 2},
      {"[1,2,]", 1, 6},
      {"[1 2]", 1, 4},
      {"{} x", 1, 4},
      {"{\"a\":1}\n\n}", 3, 1},
      {"{'a':1}", 1, 2},
      {"[01]", 1, 2},
      {"[+1]", 1, 2},
      {"[.5]", 1, 2},
      {"[1.]", 1, 4},
      {"[nan]", 1, 2},
      {"[1e999]", 1, 2},
      {"[9223372036854775808]", 1, 2},
      {"[\"\xFF\"]", 1, 3},
      {"[\n\"\xC3\xA9\",\"\xED\xA0\x80\"]", 2, 7},
      {"[\"\\ud800\"]", 1, 3},
      {"[\"a\nb\"]", 1, 4},
      {"[\"\\u0000\"]", 1, 3},
      {"[\"\\x\"]", 1, 3},
      {"[tru]", 1, 2},
      {"{\"a\" 1}", 1, 6},
      {"{1:2}", 1, 2},
      {"[1", 1, 3},
      {"[-]", 1, 3},
      {"[1e+]", 1, 5},
      {"[\"\\u12g4\"]", 1, 3},
      {"[\"\\udc00\"]", 1, 3},
      {"[\"\\ud83c\\u0041\"]", 1, 3},
      {"[\"\\u00", 1, 3},
      {"[\"\\", 1, 3},
      {"{\"a\":1,}", 1, 8},
      {"{\"a\":", 1, 6},
      {"{\"a\":1", 1, 7},
      {"{", 1, 2},
      {"\xEF\xBB\xBF[,]", 1, 2},
      {"\"open", 1, 1},
      {"/* no */ 1", 1, 1},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check_refused(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].column);
  check_refused("[1,\0 2]", 7, 1, 4);
  check_refused("1\0", 2, 1, 2);
}

static void test_depth(void **state) {
  (void)state;
  char text[200];
  for (size_t depth = 60; depth <= 70; depth++) {
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    if (depth > 64) {
      check_refused(text, strlen(text), 1, 65);
      continue;
    }
    json_t *value = parse(text);
    char *written = lac_json_write(value);
    assert_non_null(written);
    json_decref(parse(written));
    lac_text_free(written);
    json_decref(value);
  }
  /* Brackets within strings are text, also behind escapes. */
  json_decref(parse("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\\\",[]]"));
  /* What could not be read back is not written. */
  json_t *deep = json_array();
  for (int i = 0; i < 64; i++) {
    json_t *outer = json_array();
    json_array_append_new(outer, deep);
    deep = outer;
  }
  assert_null(lac_json_write(deep));
  json_decref(deep);
}

/* Random bytes built from JSON's own pieces: whatever is accepted survives writing and reading. */
static void test_random_documents(void **state) {
  (void)state;
  static const char *const pieces[] = {"{",  "}",    "[",     "]",    ",",    ":",    "\"a\"", "\"b\\n\"", "1",
                                       "-2", "0.25", "1e-30", "true", "null", "\"\"", " ",     "\n",       "\xC3\xA9"};
  size_t n_accepted = 0;
  for (uint64_t round = 0; round < 200000; round++) {
    char text[128] = "";
    uint64_t n_pieces = lac_random_u64(7, round, 0) % 9 + 1;
    for (uint64_t i = 0; i < n_pieces; i++)
      strcat(text, pieces[lac_random_u64(7, round, i + 1) % (sizeof pieces / sizeof *pieces)]);
    json_t *value = lac_json_parse("doc", text, strlen(text), NULL);
    if (!value)
      continue;
    n_accepted++;
    char *written = lac_json_write(value);
    json_t *again = parse(written);
    /* Not json_equal: a real that is whole reads back as an integer. */
    char *twice = lac_json_write(again);
    assert_string_equal(written, twice);
    lac_text_free(twice);
    lac_text_free(written);
    json_decref(value);
    json_decref(again);
  }
  assert_true(n_accepted > 1000);
}

/* Damaged documents, byte by byte: jansson's own reader is the judge of what is JSON and what it says. */
static void test_against_jansson(void **state) {
  (void)state;
  static const char document[] =
      "{\"schema\": \"lacquer.recipe/1\", \"chain\": [{\"id\": \"t\\u00e9\\ud83c\\udfb5\\n\", \"on\": "
      "true, \"p\": {\"hz\": 290.5, \"db\": -1e-2}}, null, [0, -12, 1E+5]], \"\xC3\xA9\": false}";
  static const char bytes[] = "{}[]\",:\\ \n\tu0919eE+-.dtfn\xC3\xA9\xFF\x01";
  size_t n_accepted = 0;
  for (uint64_t round = 0; round < test_at_most(100000); round++) {
    char text[sizeof document];
    memcpy(text, document, sizeof document);
    size_t n_bytes = sizeof document - 1;
    for (uint64_t i = 0; i <= round % 3; i++) {
      uint64_t chance = lac_random_u64(8, round, i);
      size_t at = (size_t)(chance >> 32) % n_bytes;
      if (chance % 4 == 0)
        memmove(text + at, text + at + 1, n_bytes-- - at);
      else
        text[at] = bytes[chance / 4 % (sizeof bytes - 1)];
    }
    json_t *ours = lac_json_parse("doc", text, n_bytes, NULL);
    json_t *theirs = json_loadb(text, n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!ours != !theirs || (ours && !json_equal(ours, theirs)))
      fail_msg("jansson %s: %s", theirs ? "accepts" : "refuses", text);
    n_accepted += ours != NULL;
    json_decref(ours);
    json_decref(theirs);
  }
  assert_true(n_accepted > test_at_most(5000));
}

static void test_pointer(void **state) {
  (void)state;
  char buffer[64];
  LacJsonPath chain = {.key = "chain"}, entry = {.parent = &chain, .index = 2},
              parameters = {.parent = &entry, .key = "parameters"}, odd = {.parent = &parameters, .key = "a/b~c"},
              empty = {.parent = &odd, .key = ""};
  lac_json_pointer(NULL, buffer, sizeof buffer);
  assert_string_equal(buffer, "");
  lac_json_pointer(&parameters, buffer, sizeof buffer);
  assert_string_equal(buffer, "/chain/2/parameters");
  lac_json_pointer(&empty, buffer, sizeof buffer);
  assert_string_equal(buffer, "/chain/2/parameters/a~1b~0c/");
  lac_json_pointer(&parameters, buffer, 8);
  assert_string_equal(buffer, "/chain/");
  lac_json_pointer(&parameters, buffer, 1);
  assert_string_equal(buffer, "");
  LacJsonPath accent = {.key = "\xC3\xA9"};
  lac_json_pointer(&accent, buffer, 3);
  assert_string_equal(buffer, "/");
}

static void test_builders(void **state) {
  (void)state;
  bool failed = false;
  json_t *object = json_object();
  lac_json_set_number(object, "number", 0.1, &failed);
  lac_json_set_number(object, "silence", -INFINITY, &failed);
  lac_json_set_integer(object, "integer", INT64_MIN, &failed);
  lac_json_set_text(object, "text", "a\xFF\xC3\xA9\xE2\x82", &failed);
  lac_json_set_text(object, "none", NULL, &failed);
  lac_json_set_bool(object, "flag", true, &failed);
  lac_json_set_numbers(object, "row", (const double[]){1.0, NAN, -2.5}, 3, &failed);
  lac_json_set_numbers(object, "empty", NULL, 0, &failed);
  json_t *array = json_array();
  lac_json_push(array, json_integer(1), &failed);
  lac_json_set(object, "array", array, &failed);
  assert_false(failed);
  char *written = lac_json_write(object);
  assert_string_equal(written,
                      "{\n  \"number\": 0.1,\n  \"silence\": null,\n  \"integer\": -9223372036854775808,\n"
                      "  \"text\": \"a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\",\n  \"none\": null,\n"
                      "  \"flag\": true,\n  \"row\": [1, null, -2.5],\n  \"empty\": [],\n  \"array\": [1]\n}\n");
  lac_text_free(written);
  lac_json_set(object, "lost", NULL, &failed);
  assert_true(failed);
  failed = false;
  lac_json_push(array, NULL, &failed);
  assert_true(failed);
  failed = false;
  lac_json_set_bool(NULL, "flag", true, &failed);
  assert_true(failed);
  json_decref(object);
}

static void test_comma_locale(void **state) {
  (void)state;
  if (!comma_locale_enter())
    fail_msg("no locale with a decimal comma: install one (Debian: locales-all) or C.UTF-8 (libc-bin)");
  json_t *value = parse("[1.5, -2.25e-3]");
  assert_true(json_real_value(json_array_get(value, 0)) == 1.5);
  assert_true(json_real_value(json_array_get(value, 1)) == -2.25e-3);
  char *written = lac_json_write(value);
  assert_string_equal(written, "[1.5, -0.00225]\n");
  lac_text_free(written);
  json_decref(value);
  setlocale(LC_ALL, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_write),           cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_depth),           cmocka_unit_test(test_random_documents),
      cmocka_unit_test(test_against_jansson), cmocka_unit_test(test_pointer),
      cmocka_unit_test(test_builders),        cmocka_unit_test(test_comma_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
