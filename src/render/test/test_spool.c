/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/spool.h"

#include "core/test/check.h"

#include <stdbool.h>
#include <string.h>

enum { BLOCK = 5000 };

static float value(unsigned channel, uint64_t frame) {
  return (float)frame * (channel ? -0.5f : 0.25f) + 1;
}

static void check_spool(unsigned n_channels, size_t memory_limit, uint64_t n_frames, bool expects_disk) {
  static float memory[2][BLOCK];
  float *const channels[] = {memory[0], memory[1]};
  LacSpool *spool = NULL;
  LacError error = {0};
  assert_int_equal(lac_spool_new(n_channels, memory_limit, &spool), LAC_OK);
  for (uint64_t at = 0; at < n_frames;) {
    /* Block sizes that cut the pages everywhere. */
    uint32_t n = (uint32_t)(1 + at * 7919 % BLOCK);
    n = n_frames - at < n ? (uint32_t)(n_frames - at) : n;
    for (unsigned c = 0; c < n_channels; ++c) {
      for (uint32_t i = 0; i < n; ++i) {
        memory[c][i] = value(c, at + i);
      }
    }
    assert_int_equal(lac_spool_append(spool, (const float *const *)channels, n, &error), LAC_OK);
    at += n;
  }
  assert_int_equal(lac_spool_frames(spool), n_frames);
  assert_int_equal(lac_spool_bytes(spool), n_frames * n_channels * sizeof(float));
  assert_true(lac_spool_memory_bytes(spool) <= memory_limit);
  assert_int_equal(lac_spool_memory_bytes(spool) < lac_spool_bytes(spool), expects_disk);
  for (uint64_t at = 0; at < n_frames; at += BLOCK) {
    const uint32_t n = n_frames - at < BLOCK ? (uint32_t)(n_frames - at) : BLOCK;
    assert_int_equal(lac_spool_read(spool, at, channels, n, &error), LAC_OK);
    for (unsigned c = 0; c < n_channels; ++c) {
      for (uint32_t i = 0; i < n; ++i) {
        assert_true(memory[c][i] == value(c, at + i));
      }
    }
  }
  assert_int_equal(lac_spool_read(spool, n_frames, channels, 1, &error), LAC_ERR_INTERNAL);
  assert_int_equal(lac_spool_read(spool, n_frames + 5, channels, 0, &error), LAC_ERR_INTERNAL);
  lac_spool_free(spool);
}

static void test_spool(void **state) {
  (void)state;
  check_spool(2, LAC_SPOOL_MEMORY_BYTES, 100000, false);
  check_spool(1, LAC_SPOOL_MEMORY_BYTES, 100000, false);
  check_spool(2, 0, 100000, true);
  check_spool(1, 0, 33333, true);
  check_spool(2, 300000, 200001, true); /* begins in memory, goes on on disk */
  lac_spool_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_spool)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
