/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/sha256.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sha256_blocks.h"

#include "core/test/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_sum(const char *bytes, size_t n_bytes, size_t chunk, const char *expected) {
  LacSha256 sha;
  char text[LAC_SHA256_TEXT_SIZE];
  lac_sha256_init(&sha);
  for (size_t i = 0; i < n_bytes; i += chunk)
    lac_sha256_add(&sha, bytes + i, n_bytes - i < chunk ? n_bytes - i : chunk);
  lac_sha256_text(&sha, text);
  assert_string_equal(text, expected);
}

/* FIPS 180-4 example computations (NIST, "SHA256.pdf") and the empty message. */
static void check_vectors(void) {
  static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (size_t chunk = 1; chunk < 70; chunk++) {
    check_sum("", 0, chunk, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sum("abc", 3, chunk, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_sum(two_blocks, 56, chunk, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
  char *million = lac_alloc(1000000, 1);
  assert_non_null(million);
  memset(million, 'a', 1000000);
  check_sum(million, 1000000, 4097, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  lac_free(million);
}

static void test_vectors(void **state) {
  (void)state;
  check_vectors();
}

static void test_vectors_at_baseline(void **state) {
  (void)state;
  setenv("LACQUER_CPU", "baseline", 1);
  LacSha256 sha;
  lac_sha256_init(&sha);
  assert_true(sha.blocks == lac_sha256_blocks_plain);
  check_vectors();
  unsetenv("LACQUER_CPU");
}

static void test_native_agrees(void **state) {
  (void)state;
  LacSha256Blocks native = lac_sha256_blocks_native();
  if (!native) {
    print_message("this machine has no SHA instructions: agreement not run\n");
    skip();
  }
  uint64_t bytes[8 * 9];
  for (uint64_t round = 0; round < 2000; round++) {
    uint32_t plain[8], fast[8];
    for (size_t i = 0; i < 8 * 9; i++)
      bytes[i] = lac_random_u64(3, round, i);
    for (size_t i = 0; i < 8; i++)
      plain[i] = fast[i] = (uint32_t)lac_random_u64(4, round, i);
    /* One byte in: unaligned. */
    lac_sha256_blocks_plain(plain, (const uint8_t *)bytes + 1, round % 9);
    native(fast, (const uint8_t *)bytes + 1, round % 9);
    assert_memory_equal(plain, fast, sizeof plain);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_vectors_at_baseline),
      cmocka_unit_test(test_native_agrees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
