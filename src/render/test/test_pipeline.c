/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/pipeline.h"

#include "core/test/check.h"

#include <string.h>

/* Counts up; work doubles every block into two, so that links fill and wait. */
typedef struct Count {
  uint32_t n_blocks; /* to read */
  uint32_t n_read;
  uint32_t n_worked;
  uint32_t n_drained;
  float last;
  bool is_flushed;
  LacStatus fail_read, fail_work, fail_drain; /* at half-way */
  LacCancel *cancel_in_drain;
} Count;

static LacStatus read_count(void *context, LacBlock *block, LacError *error) {
  Count *count = context;
  if (count->fail_read && count->n_read >= count->n_blocks / 2) {
    return lac_error_set(error, count->fail_read, "READ", "reading failed");
  }
  if (count->n_read < count->n_blocks) {
    block->channels[0][0] = (float)count->n_read++;
    block->n_frames = 1;
  }
  return LAC_OK;
}

static LacStatus emit(LacEmitter *emitter, float value) {
  LacBlock *block = lac_emitter_take(emitter);
  if (!block) {
    return LAC_ERR_CANCELLED;
  }
  block->channels[0][0] = value;
  block->n_frames = 1;
  return lac_emitter_send(emitter, block);
}

static LacStatus work_count(void *context, LacBlock *block, LacEmitter *emitter, LacError *error) {
  Count *count = context;
  if (count->fail_work && count->n_worked >= count->n_blocks / 2) {
    return lac_error_set(error, count->fail_work, "WORK", "working failed");
  }
  if (!block) {
    assert_false(count->is_flushed);
    count->is_flushed = true;
    return emit(emitter, 2.0f * (float)count->n_worked);
  }
  const float value = block->channels[0][0];
  count->n_worked++;
  const LacStatus status = emit(emitter, 2 * value);
  return status == LAC_OK ? emit(emitter, 2 * value + 1) : status;
}

static LacStatus drain_count(void *context, const LacBlock *block, LacError *error) {
  Count *count = context;
  assert_true(block->channels[0][0] == (float)count->n_drained);
  count->n_drained++;
  if (count->fail_drain && count->n_drained >= count->n_blocks / 2) {
    return lac_error_set(error, count->fail_drain, "DRAIN", "draining failed");
  }
  if (count->cancel_in_drain && count->n_drained >= count->n_blocks / 2) {
    atomic_store(&count->cancel_in_drain->requested, true);
  }
  return LAC_OK;
}

static LacStatus run(Count *count, const LacCancel *cancel, unsigned n_threads, LacError *error) {
  const LacPipelineJob job = {.n_channels = 1,
                              .cancel = cancel,
                              .context = count,
                              .read = read_count,
                              .work = work_count,
                              .drain = drain_count};
  return lac_pipeline_run(&job, n_threads, error);
}

static void test_all_arrive(void **state) {
  (void)state;
  for (unsigned n_threads = 1; n_threads <= 4; ++n_threads) {
    for (uint32_t n_blocks = 0; n_blocks < 60; n_blocks += 7) {
      Count count = {.n_blocks = n_blocks};
      LacError error = {0};
      assert_int_equal(run(&count, NULL, n_threads, &error), LAC_OK);
      assert_int_equal(count.n_drained, 2 * n_blocks + 1);
      assert_true(count.is_flushed);
    }
  }
}

static void check_failure(Count count, LacStatus status, const char *text) {
  for (unsigned n_threads = 1; n_threads <= 3; ++n_threads) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      Count fresh = count;
      LacError error = {0};
      assert_int_equal(run(&fresh, NULL, n_threads, &error), status);
      assert_string_equal(error.text, text);
      assert_int_equal(error.status, status);
      assert_int_equal(run(&(Count){.n_blocks = 3}, NULL, n_threads, NULL), LAC_OK);
    }
  }
}

static void test_failures(void **state) {
  (void)state;
  check_failure((Count){.n_blocks = 100, .fail_read = LAC_ERR_READ}, LAC_ERR_READ, "reading failed");
  check_failure((Count){.n_blocks = 100, .fail_work = LAC_ERR_MEMORY}, LAC_ERR_MEMORY, "working failed");
  check_failure((Count){.n_blocks = 100, .fail_drain = LAC_ERR_NO_SPACE}, LAC_ERR_NO_SPACE, "draining failed");
}

static void test_cancel(void **state) {
  (void)state;
  for (unsigned n_threads = 1; n_threads <= 3; ++n_threads) {
    LacCancel cancel = {false};
    LacError error = {0};
    Count count = {.n_blocks = 100000, .cancel_in_drain = &cancel};
    assert_int_equal(run(&count, &cancel, n_threads, &error), LAC_ERR_CANCELLED);
    assert_string_equal(error.code, "CANCELLED");
    assert_true(count.n_drained <= count.n_blocks / 2 + 1);
    /* Asked before it began. */
    count = (Count){.n_blocks = 10};
    assert_int_equal(run(&count, &cancel, n_threads, &error), LAC_ERR_CANCELLED);
    assert_int_equal(count.n_drained, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_arrive), cmocka_unit_test(test_failures),
                                     cmocka_unit_test(test_cancel)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
