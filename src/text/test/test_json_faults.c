/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text/json.h"
#include "core/faults.h"

#include "core/test/check.h"

#include <string.h>

/* Every allocation of reading, building and writing fails once, jansson's own included. */

#define LONG_TEXT "longer than the first buffer of any reader, so that it must grow while the text is read; and longer"

static const char document[] = "{\"chain\": [{\"processor\": \"gain\", \"parameters\": {\"gain_db\": -1.5}}], \"n\": "
                               "[1, 2, 3], \"long\": \"" LONG_TEXT "\"}";

static void test_parse(void **state) {
  (void)state;
  bool is_hit = true;
  long k = 0;
  while (is_hit) {
    LacError error = {0};
    lac_faults_fail_allocation(++k);
    json_t *value = lac_json_parse("doc", document, strlen(document), &error);
    is_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    if (is_hit) {
      assert_null(value);
      assert_int_equal(error.status, LAC_ERR_MEMORY);
    } else {
      assert_int_equal(json_object_size(value), 3);
      assert_string_equal(json_string_value(json_object_get(value, "long")), LONG_TEXT);
    }
    json_decref(value);
  }
  assert_true(k > 15);
}

static char *build_and_write(bool *failed) {
  json_t *object = json_object();
  lac_json_set_number(object, "number", 0.1, failed);
  lac_json_set_text(object, "text", "caf\xE9 and more text than a small buffer holds, to make it grow once or twice",
                    failed);
  lac_json_set_numbers(object, "row", (const double[]){1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0}, 10, failed);
  for (char key[] = "a"; key[0] <= 'z'; key[0]++)
    lac_json_set_integer(object, key, key[0], failed);
  char *text = *failed ? NULL : lac_json_write(object);
  *failed = *failed || !text;
  json_decref(object);
  return text;
}

static void test_build(void **state) {
  (void)state;
  bool is_hit = true;
  long k = 0;
  while (is_hit) {
    bool failed = false;
    lac_faults_fail_allocation(++k);
    char *text = build_and_write(&failed);
    is_hit = lac_faults_hit();
    assert_int_equal(failed, is_hit);
    assert_int_equal(text == NULL, is_hit);
    lac_text_free(text);
  }
  lac_faults_fail_allocation(0);
  assert_true(k > 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_build),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
