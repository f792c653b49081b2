/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/memory.h"
#include "core/arena.h"
#include "core/text_buffer.h"

#include "core/test/check.h"

#include <stdio.h>
#include <string.h>

static void test_checked_products(void **state) {
  (void)state;
  size_t result = 7;
  assert_true(lac_mul_size(6, 7, &result) && result == 42);
  assert_false(lac_mul_size(SIZE_MAX / 2, 3, &result));
  assert_int_equal(result, 42);
  assert_true(lac_add_size(SIZE_MAX - 1, 1, &result) && result == SIZE_MAX);
  assert_false(lac_add_size(SIZE_MAX, 1, &result));
  assert_true(result == SIZE_MAX);
}

static void test_allocation(void **state) {
  (void)state;
  assert_null(lac_alloc(SIZE_MAX / 2, 4));
  assert_null(lac_calloc(SIZE_MAX, SIZE_MAX));
  assert_null(lac_alloc((size_t)PTRDIFF_MAX + 1, 1));
  char *nothing = lac_alloc(0, 8);
  assert_non_null(nothing);
  char *kept = lac_realloc(nothing, 3, 1);
  assert_non_null(kept);
  memcpy(kept, "ab", 3);
  assert_null(lac_realloc(kept, SIZE_MAX, 2));
  assert_string_equal(kept, "ab");
  lac_free(kept);
  lac_free(NULL);
  unsigned char *zeros = lac_calloc(1000, 3);
  assert_non_null(zeros);
  for (size_t i = 0; i < 3000; i++)
    assert_int_equal(zeros[i], 0);
  lac_free(zeros);
}

static void test_strings(void **state) {
  (void)state;
  char *text = lac_strndup("hello", 3);
  assert_string_equal(text, "hel");
  lac_free(text);
  text = lac_strndup("hi", 100);
  assert_string_equal(text, "hi");
  lac_free(text);
  text = lac_format("%s-%d-%s", "a", 12, "");
  assert_string_equal(text, "a-12-");
  lac_free(text);
}

static void test_text_buffer(void **state) {
  (void)state;
  LacText text = {0};
  char expected[4001] = "";
  for (int i = 0; i < 1000; i++) {
    lac_text_appendf(&text, "%03d,", i);
    snprintf(expected + 4 * i, 5, "%03d,", i);
  }
  assert_false(text.failed);
  assert_int_equal(text.length, 4000);
  assert_string_equal(text.bytes, expected);
  lac_text_append_bytes(&text, "a\0b", 3);
  assert_int_equal(text.length, 4003);
  char *taken = lac_text_take(&text);
  assert_memory_equal(taken + 4000, "a\0b", 4);
  lac_text_free(taken);
  assert_null(text.bytes);
  taken = lac_text_take(&text);
  assert_string_equal(taken, "");
  lac_text_free(taken);
  lac_text_append(&text, "kept");
  lac_text_append_bytes(&text, "", SIZE_MAX - 2);
  assert_true(text.failed);
  lac_text_append(&text, "not");
  assert_string_equal(text.bytes, "kept");
  assert_null(lac_text_take(&text));
  assert_null(text.bytes);
  assert_false(text.failed);
}

static void test_arena(void **state) {
  (void)state;
  LacArena *arena;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_arena_used(arena), 0);
  unsigned char *blocks[300];
  size_t sizes[300], total = 0;
  for (size_t i = 0; i < 300; i++) {
    sizes[i] = i % 50 == 49 ? 200000 : i * 37 % 5000;
    blocks[i] = lac_arena_alloc(arena, sizes[i], 1);
    assert_non_null(blocks[i]);
    assert_int_equal((uintptr_t)blocks[i] % LAC_ARENA_ALIGNMENT, 0);
    for (size_t b = 0; b < sizes[i]; b++)
      assert_true(blocks[i][b] == 0);
    memset(blocks[i], (int)i + 1, sizes[i]);
    total += sizes[i];
  }
  /* Nobody wrote into a neighbour. */
  for (size_t i = 0; i < 300; i++)
    for (size_t b = 0; b < sizes[i]; b++)
      assert_true(blocks[i][b] == (unsigned char)(i + 1));
  assert_true(lac_arena_used(arena) >= total && lac_arena_used(arena) <= total + 300 * LAC_ARENA_ALIGNMENT);
  size_t used = lac_arena_used(arena);
  assert_null(lac_arena_alloc(arena, SIZE_MAX, 2));
  assert_null(lac_arena_alloc(arena, SIZE_MAX - 8, 1));
  assert_null(lac_arena_alloc(arena, SIZE_MAX - 200, 1));
  assert_int_equal(lac_arena_used(arena), used);
  assert_non_null(lac_arena_alloc(arena, 0, 4));
  lac_arena_free(arena);
  lac_arena_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_checked_products), cmocka_unit_test(test_allocation), cmocka_unit_test(test_strings),
      cmocka_unit_test(test_text_buffer),      cmocka_unit_test(test_arena),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
