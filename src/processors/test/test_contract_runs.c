/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every processor promises of its runs, checked on every registered class: the same bits however it is run, no
 * allocation underway, no harm when one fails. The test binary wraps the allocator. */

#include <lacquer/processor.h>

#include "core/test/check.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"
#include "processors/test/contract_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the allocator, counted ---- */

static long n_allocations, n_alive, fail_at; /* fail_at 0: never */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size);
void __wrap_free(void *memory);

static bool allocation_fails(void) {
  return ++n_allocations == fail_at;
}

static void *counted(void *memory) {
  n_alive += memory != NULL;
  return memory;
}

void *__wrap_malloc(size_t size) {
  return allocation_fails() ? NULL : counted(__real_malloc(size));
}
void *__wrap_calloc(size_t count, size_t size) {
  return allocation_fails() ? NULL : counted(__real_calloc(count, size));
}
void *__wrap_realloc(void *memory, size_t size) {
  if (allocation_fails()) {
    return NULL;
  }
  void *moved = __real_realloc(memory, size);
  n_alive += moved && !memory;
  return moved;
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return allocation_fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  if (allocation_fails()) {
    return 12; /* ENOMEM */
  }
  int status = __real_posix_memalign(memory, alignment, size);
  n_alive += status == 0;
  return status;
}
void __wrap_free(void *memory) {
  n_alive -= memory != NULL;
  __real_free(memory);
}

/* ---- the promises ---- */

static void check_cuts(const LacProcessorClass *cls, uint64_t seed, uint64_t changes_seed) {
  static const uint32_t blocks[] = {1, 7, 32, 33, 64, 512, 4096, TEST_RANDOM_BLOCKS};
  TestSignal in = test_noise(1 + seed % 2, 5000, 1.0, seed + 5);
  TestTracks *expected_tracks = test_new_tracks(&cls->info);
  TestSignal expected = test_render(cls, seed, changes_seed, &in, 0, expected_tracks);
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) {
    TestTracks *tracks = test_new_tracks(&cls->info);
    TestSignal out = test_render(cls, seed, changes_seed, &in, blocks[k], tracks);
    assert_true(test_same_bits(&out, &expected));
    assert_memory_equal(tracks->minimum, expected_tracks->minimum, sizeof tracks->minimum);
    assert_memory_equal(tracks->mean, expected_tracks->mean, sizeof tracks->mean);
    for (size_t i = 0; i < cls->info.n_readouts; i++) {
      assert_int_equal(tracks->tracks[i].count, expected_tracks->tracks[i].count);
    }
    test_signal_free(&out);
    free(tracks);
  }
  free(expected_tracks);
  test_signal_free(&expected);
  test_signal_free(&in);
}

static void test_block_sizes(void **state) {
  for (uint64_t seed = 0; seed < 8; seed++) {
    check_cuts(test_class_of(state), seed, 0);
  }
}

static void test_changes_land_on_borders(void **state) {
  for (uint64_t seed = 1; seed < 8; seed++) {
    check_cuts(test_class_of(state), seed, 100 + seed);
  }
}

/* The same bits on every CPU level that this machine has. */
static void test_cpu_levels(void **state) {
  static const char *const levels[] = {"baseline", "avx2", "avx512"};
  const char *forced = getenv("LACQUER_CPU");
  char *before = forced ? strdup(forced) : NULL;
  for (uint64_t seed = 0; seed < 8; seed++) {
    TestSignal in = test_noise(1 + seed % 2, 5000, 1.0, seed + 5), first = {0};
    for (int level = 0; level < 3; level++) {
      assert_int_equal(setenv("LACQUER_CPU", levels[level], 1), 0);
      TestSignal out = test_render(test_class_of(state), seed, seed, &in, 333, NULL);
      if (level == 0) {
        first = out;
      } else {
        assert_true(test_same_bits(&out, &first));
        test_signal_free(&out);
      }
    }
    test_signal_free(&first);
    test_signal_free(&in);
  }
  if (before) {
    setenv("LACQUER_CPU", before, 1);
  } else {
    unsetenv("LACQUER_CPU");
  }
  free(before);
}

/* A change asked for just before its block is the same as one asked for long before. */
static void test_late_changes(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (size_t param = 0; cls->changed && param < cls->info.n_params; param++) {
    const LacParam *row = &cls->info.params[param];
    if ((row->flags & LAC_PARAM_RESTARTS) || test_has_points(row)) {
      continue;
    }
    TestSignal early = test_noise(2, 4000, 0.7, param), late = test_copy(&early);
    for (int is_late = 0; is_late < 2; is_late++) {
      LacProcessor *p = test_new_processor(cls);
      test_set_random(p, 77);
      TestSignal *signal = is_late ? &late : &early;
      test_prepare(p, 48000, signal);
      if (lac_processor_is_whole(p)) { /* a plan belongs to the values it was made with */
        lac_processor_free(p);
        continue;
      }
      TestRandom random = {param + 9};
      double value = test_random_value(row, &random);
      if (!is_late) {
        assert_int_equal(lac_processor_set(p, param, value, 1990), LAC_OK);
      }
      TestSignal head = *signal, tail = *signal;
      head.n_frames = 1990;
      tail.n_frames -= 1990;
      for (unsigned c = 0; c < 2; c++) {
        tail.channels[c] += 1990;
      }
      test_run(p, &head, 100);
      if (is_late) {
        assert_int_equal(lac_processor_set(p, param, value, 0), LAC_OK);
      }
      test_run(p, &tail, 0);
      assert_true(lac_processor_get(p, param) == value);
      lac_processor_free(p);
    }
    assert_true(test_same_bits(&early, &late));
    test_signal_free(&early);
    test_signal_free(&late);
  }
}

static void test_queue_is_bounded(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  LacProcessor *p = test_new_processor(cls);
  TestSignal signal = test_silence(2, 64);
  test_prepare(p, 48000, &signal);
  for (size_t param = 0; param < cls->info.n_params; param++) {
    const LacParam *row = &cls->info.params[param];
    if (test_has_points(row)) {
      continue;
    }
    if ((row->flags & LAC_PARAM_RESTARTS) || !cls->changed) {
      assert_int_equal(lac_processor_set(p, param, row->maximum, 0), LAC_ERR_USAGE);
      continue;
    }
    for (int k = 0; k < LAC_MAX_PENDING_CHANGES; k++) {
      assert_int_equal(lac_processor_set(p, param, row->maximum, 32u * (unsigned)k), LAC_OK);
    }
    assert_int_equal(lac_processor_set(p, param, row->maximum, 1u << 20), LAC_ERR_LIMIT);
    assert_int_equal(lac_processor_set(p, param, row->minimum, 31), LAC_OK); /* replaces the one at 32 */
    assert_int_equal(lac_processor_set(p, param, NAN, 0), LAC_ERR_RANGE);
    lac_processor_reset(p); /* takes what is queued */
    assert_true(lac_processor_get(p, param) == row->maximum);
  }
  test_signal_free(&signal);
  lac_processor_free(p);
}

static void test_reset_is_new(void **state) {
  for (uint64_t seed = 0; seed < 6; seed++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    test_set_random(p, seed);
    TestSignal in = test_noise(2, 4000, 0.9, seed);
    test_prepare(p, 44100, &in);
    TestSignal first = test_copy(&in), again = test_copy(&in), prepared = test_copy(&in);
    test_run(p, &first, 0);
    lac_processor_reset(p);
    test_run(p, &again, 130);
    test_prepare(p, 44100, &in);
    test_run(p, &prepared, 64);
    assert_true(test_same_bits(&first, &again));
    assert_true(test_same_bits(&first, &prepared));
    test_signal_free(&first);
    test_signal_free(&again);
    test_signal_free(&prepared);
    test_signal_free(&in);
    lac_processor_free(p);
  }
}

static void test_process_does_not_allocate(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (uint64_t seed = 0; seed < 4; seed++) {
    LacProcessor *p = test_new_processor(cls);
    test_set_random(p, seed);
    TestSignal signal = test_noise(2, 4096, 1.0, seed);
    TestTracks *tracks = test_new_tracks(&cls->info);
    LacProcessorSetup setup = test_setup(48000, 2, 4096, 4096, tracks->tracks);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    if (lac_processor_is_whole(p)) {
      TestSignal copy = test_copy(&signal);
      test_run(p, &copy, 0);
      lac_processor_reset(p);
      test_signal_free(&copy);
    }
    long before = n_allocations;
    TestRandom random = {seed};
    for (int k = 0; cls->info.n_params > 0 && k < 30; k++) {
      size_t param = test_random_u64(&random) % cls->info.n_params;
      if (!test_has_points(&cls->info.params[param])) {
        (void)lac_processor_set(p, param, test_random_value(&cls->info.params[param], &random), 100u * (unsigned)k);
      }
    }
    test_run(p, &signal, 256);
    lac_processor_reset(p);
    assert_int_equal(n_allocations, before);
    test_signal_free(&signal);
    free(tracks);
    lac_processor_free(p);
  }
}

static LacStatus make_and_prepare(const LacProcessorClass *cls) {
  LacProcessor *p = NULL;
  LacStatus status = lac_processor_new(cls, &p);
  LacProcessorSetup setup = test_setup(48000, 2, 512, 48000, NULL);
  for (size_t i = 0; status == LAC_OK && i < cls->info.n_params; i++) {
    const LacParam *row = &cls->info.params[i];
    LacCurvePoint point =
        row->type == LAC_PARAM_LIST ? (LacCurvePoint){row->minimum, row->minimum} : (LacCurvePoint){1000, row->maximum};
    if (test_has_points(row)) {
      status = lac_processor_set_points(p, i, &point, 1);
    }
  }
  if (status == LAC_OK) {
    status = lac_processor_prepare(p, &setup);
  }
  lac_processor_free(p);
  return status;
}

static void test_every_allocation_may_fail(void **state) {
  long alive = n_alive;
  for (long k = 1;; k++) {
    n_allocations = 0;
    fail_at = k;
    LacStatus status = make_and_prepare(test_class_of(state));
    bool was_reached = n_allocations >= k;
    fail_at = 0;
    assert_int_equal(n_alive, alive);
    if (!was_reached) {
      assert_int_equal(status, LAC_OK);
      return;
    }
    assert_int_equal(status, LAC_ERR_MEMORY);
  }
}

int main(void) {
  static const struct CMUnitTest promises[] = {
      cmocka_unit_test(test_block_sizes),
      cmocka_unit_test(test_changes_land_on_borders),
      cmocka_unit_test(test_cpu_levels),
      cmocka_unit_test(test_late_changes),
      cmocka_unit_test(test_queue_is_bounded),
      cmocka_unit_test(test_reset_is_new),
      cmocka_unit_test(test_process_does_not_allocate),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return test_every_class(promises, sizeof promises / sizeof promises[0]);
}
