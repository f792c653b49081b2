/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/core.h>

#include "core/cpu.h"
#include "core/memory.h"
#include "core/utf8.h"

#include "core/test/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_sentences(void **state) {
  (void)state;
  for (int i = LAC_OK; i <= LAC_ERR_INTERNAL; i++) {
    const char *sentence = lac_strerror((LacStatus)i);
    assert_non_null(sentence);
    assert_true(strlen(sentence) > 3 && sentence[strlen(sentence) - 1] != '.');
    for (int other = LAC_OK; other < i; other++)
      assert_string_not_equal(sentence, lac_strerror((LacStatus)other));
  }
  assert_string_equal(lac_strerror((LacStatus)999), "Unknown status");
  assert_string_equal(lac_strerror((LacStatus)-1), "Unknown status");
  int major, minor, patch;
  assert_int_equal(sscanf(lac_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

static void test_error_set(void **state) {
  (void)state;
  LacError error;
  memset(&error, 'x', sizeof error);
  assert_int_equal(lac_error_set(NULL, LAC_ERR_READ, "CODE", "%s", "text"), LAC_ERR_READ);
  assert_int_equal(lac_error_set(&error, LAC_ERR_READ, "CODE", "%s %d", "text", 5), LAC_ERR_READ);
  assert_int_equal(error.status, LAC_ERR_READ);
  assert_string_equal(error.code, "CODE");
  assert_string_equal(error.text, "text 5");
  lac_error_set(&error, LAC_ERR_READ, "A_CODE_THAT_IS_LONGER_THAN_THE_FIELD_FOR_IT", "%s", "");
  assert_int_equal(strlen(error.code), LAC_CODE_SIZE - 1);
}

static void test_error_cut(void **state) {
  (void)state;
  /* Two-byte letters at odd and even places: never half of one at the end. */
  for (size_t shift = 0; shift < 2; shift++) {
    char text[2 * LAC_ERROR_TEXT_SIZE] = "a";
    for (size_t i = shift; i + 2 < sizeof text; i += 2)
      memcpy(text + i, "\xC3\xA9", 3);
    LacError error;
    lac_error_set(&error, LAC_ERR_READ, "CODE", "%s", text);
    size_t length = strlen(error.text);
    assert_true(length >= LAC_ERROR_TEXT_SIZE - 3);
    assert_int_equal((length - shift) % 2, 0);
    assert_null(strchr(error.text, '?'));
  }
}

static void test_utf8(void **state) {
  (void)state;
  static const char *const good[] = {
      "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xB5", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(lac_utf8_length(good[i], strlen(good[i])), strlen(good[i]));
    for (size_t n = 1; n < strlen(good[i]); n++)
      assert_int_equal(lac_utf8_length(good[i], n), 0);
  }
  static const char *const bad[] = {"\x80",
                                    "\xC0\x80",
                                    "\xC1\xBF",
                                    "\xE0\x9F\xBF",
                                    "\xED\xA0\x80",
                                    "\xF0\x8F\xBF\xBF",
                                    "\xF4\x90\x80\x80",
                                    "\xF5\x80\x80\x80",
                                    "\xFF",
                                    "\xC3(",
                                    "\xE2\x82(",
                                    "\xF0\x9F\x8E("};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(lac_utf8_length(bad[i], strlen(bad[i])), 0);
  assert_int_equal(lac_utf8_length("", 0), 0);
  char text[] = "a\x1b[31m\xff \xC3\xA9\n\t\x7f\xC2\x9B\xE2\x82";
  lac_utf8_clean(text);
  assert_string_equal(text, "a?[31m? \xC3\xA9\n\t?????");
  assert_int_equal(lac_utf8_cut("ab\xE2\x82\xAC", 5), 5);
  assert_int_equal(lac_utf8_cut("ab\xE2\x82\xAC", 4), 2);
  assert_int_equal(lac_utf8_cut("ab\xE2\x82\xAC", 3), 2);
  assert_int_equal(lac_utf8_cut("ab", 2), 2);
  assert_int_equal(lac_utf8_cut("", 0), 0);
}

static void test_notes(void **state) {
  (void)state;
  LacNotes notes = {0}, more = {0};
  for (int i = 0; i < 40; i++)
    assert_int_equal(lac_notes_add(&notes, i % 2 ? "ODD" : "EVEN", "%d", i / 4), LAC_OK);
  /* 10 different texts under each of two codes; the rest were repeats. */
  assert_int_equal(notes.count, 20);
  assert_string_equal(notes.items[0].code, "EVEN");
  assert_string_equal(notes.items[1].code, "ODD");
  assert_string_equal(notes.items[19].text, "9");
  assert_true(lac_notes_has(&notes, "ODD"));
  assert_false(lac_notes_has(&notes, "OD"));
  assert_int_equal(lac_notes_add(&more, "NEW", "file \xff"), LAC_OK);
  assert_string_equal(more.items[0].text, "file ?");
  assert_int_equal(lac_notes_append(&more, &notes), LAC_OK);
  assert_int_equal(lac_notes_append(&more, &notes), LAC_OK);
  assert_int_equal(lac_notes_append(&more, &more), LAC_OK);
  assert_int_equal(more.count, 21);
  assert_string_equal(more.items[20].text, "9");
  lac_notes_free(&notes);
  lac_notes_free(&notes);
  lac_notes_free(&more);
  lac_notes_free(NULL);
  assert_null(more.items);
}

static void test_cancel(void **state) {
  (void)state;
  LacCancel cancel = {false};
  assert_false(lac_cancelled(NULL));
  assert_false(lac_cancelled(&cancel));
  atomic_store(&cancel.requested, true);
  assert_true(lac_cancelled(&cancel));
}

static void test_cpu_level(void **state) {
  (void)state;
  unsetenv("LACQUER_CPU");
  LacCpuLevel best = lac_cpu_level();
  for (int level = 0; level < LAC_CPU_LEVELS; level++) {
    setenv("LACQUER_CPU", lac_cpu_level_name((LacCpuLevel)level), 1);
    assert_int_equal(lac_cpu_level(), level < (int)best ? level : (int)best);
  }
  setenv("LACQUER_CPU", "pentium", 1);
  assert_int_equal(lac_cpu_level(), best);
  unsetenv("LACQUER_CPU");
  assert_string_equal(lac_cpu_level_name(LAC_CPU_BASELINE), "baseline");
  assert_string_equal(lac_cpu_level_name((LacCpuLevel)17), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sentences), cmocka_unit_test(test_error_set), cmocka_unit_test(test_error_cut),
      cmocka_unit_test(test_utf8),      cmocka_unit_test(test_notes),     cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_cpu_level),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
