/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every processor promises, checked on every registered class. The test binary wraps the allocator. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

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

/* ---- processors with values ---- */

static const LacProcessorClass *class_of(void **state) {
  return *(const LacProcessorClass **)state;
}

static LacProcessor *new_processor(const LacProcessorClass *cls) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(cls, &p), LAC_OK);
  return p;
}

static double random_value(const LacParam *row, TestRandom *random) {
  double u = test_random_uniform(random);
  switch (test_random_u64(random) % 6) {
  case 0:
    return row->minimum;
  case 1:
    return row->maximum;
  default:
    break;
  }
  if (row->type != LAC_PARAM_NUMBER) {
    return floor(row->minimum + u * (row->maximum - row->minimum + 1.0));
  }
  if (row->scale == LAC_SCALE_LOG) {
    return fmin(row->maximum, fmax(row->minimum, row->minimum * pow(row->maximum / row->minimum, u)));
  }
  return row->minimum + u * (row->maximum - row->minimum);
}

static void set_random_points(LacProcessor *p, size_t param, TestRandom *random) {
  const LacParam *row = &p->cls->info.params[param];
  LacCurvePoint points[4];
  bool is_hz = row->x_unit && strcmp(row->x_unit, "Hz") == 0;
  for (int i = 0; i < 4; i++) {
    double place = (i + test_random_uniform(random)) / 4.0;
    points[i].x = row->type == LAC_PARAM_LIST ? row->minimum + place * (row->maximum - row->minimum)
                  : is_hz                     ? 20.0 * pow(1000.0, place)
                                              : place;
    points[i].y = row->minimum + test_random_uniform(random) * (row->maximum - row->minimum);
  }
  assert_int_equal(lac_processor_set_points(p, param, points, 4), LAC_OK);
}

static bool has_points(const LacParam *row) {
  return row->type == LAC_PARAM_CURVE || row->type == LAC_PARAM_LIST;
}

/* seed 0: defaults */
static void set_random(LacProcessor *p, uint64_t seed) {
  TestRandom random = {seed};
  for (size_t i = 0; seed != 0 && i < p->cls->info.n_params; i++) {
    const LacParam *row = &p->cls->info.params[i];
    if (has_points(row)) {
      set_random_points(p, i, &random);
    } else {
      assert_int_equal(lac_processor_set(p, i, random_value(row, &random), 0), LAC_OK);
    }
  }
}

static void prepare(LacProcessor *p, double rate_hz, const TestSignal *signal) {
  LacProcessorSetup setup = {.rate_hz = rate_hz,
                             .n_channels = signal->n_channels,
                             .max_block_frames = (uint32_t)(signal->n_frames > 0 ? signal->n_frames : 1),
                             .total_frames = signal->n_frames};
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

/* ---- the promises ---- */

static bool is_lower_snake(const char *id) {
  if (!islower((unsigned char)id[0])) {
    return false;
  }
  for (const char *c = id; *c; c++) {
    if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_') {
      return false;
    }
  }
  return id[strlen(id) - 1] != '_' && !strstr(id, "__");
}

static bool is_text(const char *text) {
  return text && text[0] != '\0';
}

static void check_row(const LacProcessorInfo *info, size_t i) {
  const LacParam *row = &info->params[i];
  assert_true(is_lower_snake(row->id));
  assert_int_equal(lac_param_find(info, row->id), i); /* unique */
  assert_true(is_text(row->title) && row->unit && is_text(row->help));
  assert_true(isfinite(row->minimum) && isfinite(row->maximum) && row->minimum < row->maximum);
  if (!has_points(row)) {
    assert_true(row->neutral >= row->minimum && row->neutral <= row->maximum);
    assert_true(row->step > 0 && row->step <= row->maximum - row->minimum);
  }
  assert_true(row->scale != LAC_SCALE_LOG || row->minimum > 0);
  if (row->type == LAC_PARAM_CHOICE) {
    size_t n = 0;
    for (; row->choices[n]; n++) {
      assert_true(is_lower_snake(row->choices[n]));
    }
    assert_true(row->minimum == 0 && row->maximum == (double)n - 1);
  } else {
    assert_null(row->choices);
  }
  assert_true(row->type != LAC_PARAM_SWITCH || (row->minimum == 0 && row->maximum == 1));
  assert_true(row->type != LAC_PARAM_CURVE || row->x_unit);
}

static void test_tables(void **state) {
  const LacProcessorInfo *info = lac_processor_class_info(class_of(state));
  assert_true(is_lower_snake(info->id) && is_text(info->title) && is_text(info->purpose));
  assert_ptr_equal(lac_processor_class_find(info->id), class_of(state));
  assert_true(info->revision >= 1);
  assert_true(info->kinds != 0 && (info->kinds & ~(unsigned)(LAC_KIND_STREAM | LAC_KIND_WHOLE)) == 0);
  for (size_t i = 0; i < info->n_params; i++) {
    check_row(info, i);
  }
  for (size_t i = 0; i < info->n_readouts; i++) {
    assert_true(is_lower_snake(info->readouts[i].id) && is_text(info->readouts[i].title));
    assert_true(info->readouts[i].unit && is_text(info->readouts[i].help));
    assert_int_equal(lac_readout_find(info, info->readouts[i].id), i);
  }
}

static void test_ranges(void **state) {
  LacProcessor *p = new_processor(class_of(state));
  const LacProcessorInfo *info = lac_processor_class_info(class_of(state));
  for (size_t i = 0; i < info->n_params; i++) {
    const LacParam *row = &info->params[i];
    if (has_points(row)) {
      LacCurvePoint falling[2] = {{2, row->minimum}, {1, row->minimum}};
      assert_int_equal(lac_processor_set_points(p, i, falling, 2), LAC_ERR_RANGE);
      continue;
    }
    const double bad[] = {NAN, INFINITY, -INFINITY, nextafter(row->minimum, -INFINITY),
                          nextafter(row->maximum, INFINITY)};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
      assert_int_equal(lac_processor_set(p, i, bad[k], 0), LAC_ERR_RANGE);
      assert_true(lac_processor_get(p, i) == row->neutral);
    }
    assert_int_equal(lac_processor_set(p, i, row->minimum, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, i, row->maximum, 0), LAC_OK);
    assert_true(lac_processor_get(p, i) == row->maximum);
    if (row->type != LAC_PARAM_NUMBER) {
      assert_int_equal(lac_processor_set(p, i, 0.5, 0), LAC_ERR_RANGE);
    }
  }
  assert_int_equal(lac_processor_set(p, info->n_params, 0, 0), LAC_ERR_USAGE);
  const LacProcessorSetup bad_setups[] = {test_setup(7999, 2, 64, 0, NULL),  test_setup(384001, 2, 64, 0, NULL),
                                          test_setup(NAN, 2, 64, 0, NULL),   test_setup(48000, 0, 64, 0, NULL),
                                          test_setup(48000, 3, 64, 0, NULL), test_setup(48000, 2, 0, 0, NULL)};
  for (size_t k = 0; k < sizeof bad_setups / sizeof bad_setups[0]; k++) {
    assert_int_not_equal(lac_processor_prepare(p, &bad_setups[k]), LAC_OK);
  }
  lac_processor_free(p);
}

static bool equals_delayed(const TestSignal *in, const TestSignal *out, size_t delay) {
  for (unsigned c = 0; c < in->n_channels; c++) {
    if (memcmp(in->channels[c], out->channels[c] + delay, (in->n_frames - delay) * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

/* Defaults return every bit: of any signal when the processor says it is neutral, else of a signal with headroom. */
static void test_neutral(void **state) {
  for (unsigned k = 0; k < 2 * (TEST_N_ODD_SIGNALS + 1); k++) {
    unsigned n_channels = 1 + k % 2, which = k / 2;
    LacProcessor *p = new_processor(class_of(state));
    TestSignal in =
        which < TEST_N_ODD_SIGNALS ? test_odd_signal(which, n_channels, 9000) : test_noise(n_channels, 9000, 0.25, k);
    prepare(p, 44100, &in);
    if (which == TEST_N_ODD_SIGNALS || lac_processor_is_neutral(p)) {
      TestSignal out = test_copy(&in);
      test_run(p, &out, 512);
      assert_true(equals_delayed(&in, &out, lac_processor_latency_frames(p)));
      test_signal_free(&out);
    }
    test_signal_free(&in);
    lac_processor_free(p);
  }
}

/* With any values: who says neutral, prepared or not, returns every bit (the chain leaves it out). */
static void test_neutral_is_true(void **state) {
  const LacProcessorClass *cls = class_of(state);
  for (size_t k = 0; k < 2 * cls->info.n_params + 20; k++) {
    LacProcessor *p = new_processor(cls);
    size_t param = k / 2;
    if (param >= cls->info.n_params) {
      set_random(p, k);
    } else if (!has_points(&cls->info.params[param])) {
      const LacParam *row = &cls->info.params[param];
      assert_int_equal(lac_processor_set(p, param, k % 2 ? row->maximum : row->minimum, 0), LAC_OK);
    }
    TestSignal in = test_noise(1 + k % 2, 4000, 1.0, k), out = test_copy(&in);
    bool is_neutral = lac_processor_is_neutral(p);
    prepare(p, 48000, &in);
    is_neutral = is_neutral || lac_processor_is_neutral(p);
    test_run(p, &out, 300);
    assert_true(!is_neutral || test_same_bits(&in, &out));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

typedef struct Tracks {
  LacReadoutTrack tracks[64];
  float minimum[64][64], mean[64][64];
} Tracks;

static Tracks *new_tracks(const LacProcessorInfo *info) {
  Tracks *tracks = calloc(1, sizeof *tracks);
  assert_non_null(tracks);
  assert_true(info->n_readouts <= 64);
  for (size_t i = 0; i < info->n_readouts; i++) {
    tracks->tracks[i] = (LacReadoutTrack){tracks->minimum[i], tracks->mean[i], 64, 0};
  }
  return tracks;
}

/* Runs `in` with the values of `seed` and changes of the values of `changes_seed` underway (0: none). */
static TestSignal render(const LacProcessorClass *cls, uint64_t seed, uint64_t changes_seed, const TestSignal *in,
                         uint32_t block, Tracks *tracks) {
  LacProcessor *p = new_processor(cls);
  set_random(p, seed);
  LacProcessorSetup setup =
      test_setup(48000, in->n_channels, (uint32_t)in->n_frames, in->n_frames, tracks ? tracks->tracks : NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  TestRandom random = {changes_seed};
  for (int k = 0; changes_seed != 0 && cls->info.n_params > 0 && k < 40; k++) {
    size_t param = test_random_u64(&random) % cls->info.n_params;
    const LacParam *row = &cls->info.params[param];
    double value = random_value(row, &random);
    uint64_t at_frame = test_random_u64(&random) % in->n_frames;
    LacStatus status = lac_processor_set(p, param, value, at_frame);
    bool restarts = (row->flags & LAC_PARAM_RESTARTS) || !cls->changed || has_points(row) || lac_processor_is_whole(p);
    assert_int_equal(status, restarts ? LAC_ERR_USAGE : LAC_OK);
  }
  TestSignal out = test_copy(in);
  test_run(p, &out, block);
  lac_processor_free(p);
  return out;
}

static void check_cuts(const LacProcessorClass *cls, uint64_t seed, uint64_t changes_seed) {
  static const uint32_t blocks[] = {1, 7, 32, 33, 64, 512, 4096, TEST_RANDOM_BLOCKS};
  TestSignal in = test_noise(1 + seed % 2, 5000, 1.0, seed + 5);
  Tracks *expected_tracks = new_tracks(&cls->info);
  TestSignal expected = render(cls, seed, changes_seed, &in, 0, expected_tracks);
  for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) {
    Tracks *tracks = new_tracks(&cls->info);
    TestSignal out = render(cls, seed, changes_seed, &in, blocks[k], tracks);
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
    check_cuts(class_of(state), seed, 0);
  }
}

static void test_changes_land_on_borders(void **state) {
  for (uint64_t seed = 1; seed < 8; seed++) {
    check_cuts(class_of(state), seed, 100 + seed);
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
      TestSignal out = render(class_of(state), seed, seed, &in, 333, NULL);
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
  const LacProcessorClass *cls = class_of(state);
  for (size_t param = 0; cls->changed && param < cls->info.n_params; param++) {
    const LacParam *row = &cls->info.params[param];
    if ((row->flags & LAC_PARAM_RESTARTS) || has_points(row)) {
      continue;
    }
    TestSignal early = test_noise(2, 4000, 0.7, param), late = test_copy(&early);
    for (int is_late = 0; is_late < 2; is_late++) {
      LacProcessor *p = new_processor(cls);
      set_random(p, 77);
      TestSignal *signal = is_late ? &late : &early;
      prepare(p, 48000, signal);
      if (lac_processor_is_whole(p)) { /* a plan belongs to the values it was made with */
        lac_processor_free(p);
        continue;
      }
      TestRandom random = {param + 9};
      double value = random_value(row, &random);
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
  const LacProcessorClass *cls = class_of(state);
  LacProcessor *p = new_processor(cls);
  TestSignal signal = test_silence(2, 64);
  prepare(p, 48000, &signal);
  for (size_t param = 0; param < cls->info.n_params; param++) {
    const LacParam *row = &cls->info.params[param];
    if (has_points(row)) {
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
    LacProcessor *p = new_processor(class_of(state));
    set_random(p, seed);
    TestSignal in = test_noise(2, 4000, 0.9, seed);
    prepare(p, 44100, &in);
    TestSignal first = test_copy(&in), again = test_copy(&in), prepared = test_copy(&in);
    test_run(p, &first, 0);
    lac_processor_reset(p);
    test_run(p, &again, 130);
    prepare(p, 44100, &in);
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

/* The declared latency is where output and input match best, for defaults and with every value that may change it at
 * its ends. */
static void check_latency(const LacProcessorClass *cls, size_t param, double value) {
  enum { N = 6000, AROUND = 40 };
  LacProcessor *p = new_processor(cls);
  if (param != SIZE_MAX) {
    assert_int_equal(lac_processor_set(p, param, value, 0), LAC_OK);
  }
  TestSignal in = test_noise(2, N, 0.25, 3), out = test_copy(&in);
  LacProcessorSetup setup = test_setup(44100, 2, N, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  test_run(p, &out, 0);
  long latency = (long)lac_processor_latency_frames(p), best = -1;
  assert_true(latency < N - AROUND - 1000);
  double best_sum = -1;
  for (long delay = latency > AROUND ? latency - AROUND : 0; delay <= latency + AROUND; delay++) {
    double sum = 0;
    for (long i = 0; i + delay < N; i++) {
      sum += (double)in.channels[0][i] * (double)out.channels[0][i + delay];
    }
    if (fabs(sum) > best_sum) {
      best_sum = fabs(sum);
      best = delay;
    }
  }
  assert_int_equal(best, latency);
  test_signal_free(&in);
  test_signal_free(&out);
  lac_processor_free(p);
}

static void test_latency(void **state) {
  const LacProcessorClass *cls = class_of(state);
  check_latency(cls, SIZE_MAX, 0);
  for (size_t i = 0; i < cls->info.n_params; i++) {
    const LacParam *row = &cls->info.params[i];
    if ((row->flags & LAC_PARAM_RESTARTS) && !has_points(row)) {
      check_latency(cls, i, row->minimum);
      check_latency(cls, i, row->maximum);
    }
  }
}

static void test_silence_stays_silent(void **state) {
  for (uint64_t seed = 0; seed < 12; seed++) {
    TestSignal in = test_silence(1 + seed % 2, 3000);
    TestSignal out = render(class_of(state), seed, seed ? 50 + seed : 0, &in, 256, NULL);
    for (unsigned c = 0; c < out.n_channels; c++) {
      for (size_t i = 0; i < out.n_frames; i++) {
        assert_true(out.channels[c][i] == 0);
      }
    }
    test_signal_free(&in);
    test_signal_free(&out);
  }
}

/* What comes after the declared latency and tail is 60 dB down. */
static void test_tail(void **state) {
  for (uint64_t seed = 0; seed < 5; seed++) {
    LacProcessor *p = new_processor(class_of(state));
    set_random(p, seed);
    TestSignal noise = test_noise(2, 4000, 0.5, seed);
    LacProcessorSetup setup = test_setup(8000, 2, 4096, 0, NULL);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, &noise, 4000);
    uint64_t tail = lac_processor_tail_frames(p) + lac_processor_latency_frames(p);
    assert_true(tail < 20000000);
    TestSignal silence = test_silence(2, 4000);
    for (uint64_t done = 0; done < tail; done += silence.n_frames) {
      silence.n_frames = tail - done < 4000 ? (size_t)(tail - done) : 4000;
      test_run(p, &silence, 4000);
      memset(silence.channels[0], 0, 4000 * sizeof(float));
      memset(silence.channels[1], 0, 4000 * sizeof(float));
    }
    silence.n_frames = 4000;
    test_run(p, &silence, 4000);
    for (size_t i = 0; i < 4000; i++) {
      assert_true(fabsf(silence.channels[0][i]) < 5e-4F && fabsf(silence.channels[1][i]) < 5e-4F);
    }
    test_signal_free(&noise);
    test_signal_free(&silence);
    lac_processor_free(p);
  }
}

/* Every value at both ends, the others at random. */
static void test_extremes(void **state) {
  const LacProcessorClass *cls = class_of(state);
  for (size_t i = 0; i < 2 * cls->info.n_params; i++) {
    size_t param = i / 2;
    const LacParam *row = &cls->info.params[param];
    for (unsigned which = 0; which <= TEST_N_ODD_SIGNALS; which++) {
      unsigned n_channels = 1 + (unsigned)(i + which) % 2;
      TestSignal signal =
          which < TEST_N_ODD_SIGNALS ? test_odd_signal(which, n_channels, 2000) : test_noise(n_channels, 2000, 1.0, i);
      LacProcessor *p = new_processor(cls);
      set_random(p, i + 1);
      if (!has_points(row)) {
        assert_int_equal(lac_processor_set(p, param, i % 2 ? row->maximum : row->minimum, 0), LAC_OK);
      }
      prepare(p, 44100, &signal);
      test_run(p, &signal, 300);
      assert_true(test_all_finite(&signal));
      test_signal_free(&signal);
      lac_processor_free(p);
    }
  }
}

/* After absurd input it still works, and a reset makes it as new. */
static void test_heals(void **state) {
  LacProcessor *p = new_processor(class_of(state));
  set_random(p, 4);
  TestSignal in = test_noise(2, 3000, 0.5, 8), expected = test_copy(&in), out = test_copy(&in);
  prepare(p, 48000, &in);
  test_run(p, &expected, 0);
  lac_processor_reset(p);
  TestSignal absurd = test_odd_signal(5, 2, 3000), rest = test_silence(2, 3000);
  test_run(p, &absurd, 64);
  test_run(p, &rest, 64);
  assert_true(test_all_finite(&absurd) && test_all_finite(&rest));
  lac_processor_reset(p);
  test_run(p, &out, 64);
  assert_true(test_same_bits(&out, &expected));
  TestSignal *all[] = {&in, &expected, &out, &absurd, &rest};
  for (size_t k = 0; k < 5; k++) {
    test_signal_free(all[k]);
  }
  lac_processor_free(p);
}

static void test_rates_and_random_values(void **state) {
  static const double rates[] = {8000, 11025, 22050, 44100, 48000, 88200, 96000, 192000, 384000};
  for (size_t k = 0; k < 4 * sizeof rates / sizeof rates[0]; k++) {
    LacProcessor *p = new_processor(class_of(state));
    set_random(p, 1000 + k);
    TestSignal signal = k % 3 ? test_noise(1 + k % 2, 6000, 1.0, k) : test_sine(1 + k % 2, 6000, 997, 44100, 1.0);
    prepare(p, rates[k / 4], &signal);
    test_run(p, &signal, TEST_RANDOM_BLOCKS);
    assert_true(test_all_finite(&signal));
    test_signal_free(&signal);
    lac_processor_free(p);
  }
}

static void test_process_does_not_allocate(void **state) {
  const LacProcessorClass *cls = class_of(state);
  for (uint64_t seed = 0; seed < 4; seed++) {
    LacProcessor *p = new_processor(cls);
    set_random(p, seed);
    TestSignal signal = test_noise(2, 4096, 1.0, seed);
    Tracks *tracks = new_tracks(&cls->info);
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
      if (!has_points(&cls->info.params[param])) {
        (void)lac_processor_set(p, param, random_value(&cls->info.params[param], &random), 100u * (unsigned)k);
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
    LacCurvePoint point = {cls->info.params[i].minimum, cls->info.params[i].minimum};
    if (cls->info.params[i].type == LAC_PARAM_LIST) {
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
    LacStatus status = make_and_prepare(class_of(state));
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

static void test_readouts(void **state) {
  const LacProcessorClass *cls = class_of(state);
  for (uint64_t seed = 0; seed < 6; seed++) {
    const size_t n_song = 9999; /* not a multiple of the hop, 480 */
    LacProcessor *p = new_processor(cls);
    set_random(p, seed);
    Tracks *tracks = new_tracks(&cls->info);
    LacProcessorSetup setup = test_setup(48000, 2, 512, n_song, tracks->tracks);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    TestSignal signal = test_noise(2, n_song + lac_processor_latency_frames(p), 1.0, seed);
    test_run(p, &signal, 512);
    for (size_t i = 0; i < cls->info.n_readouts; i++) {
      const LacReadoutTrack *track = &tracks->tracks[i];
      assert_int_equal(track->count, (n_song + 479) / 480);
      for (size_t k = 0; k < track->count; k++) {
        assert_true(isfinite(track->mean[k]) && isfinite(track->minimum[k]));
        assert_true(track->minimum[k] <= track->mean[k] + 1e-5F * fabsf(track->mean[k]));
      }
    }
    test_signal_free(&signal);
    free(tracks);
    lac_processor_free(p);
  }
}

int main(void) {
  static const struct CMUnitTest promises[] = {
      cmocka_unit_test(test_tables),
      cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_neutral),
      cmocka_unit_test(test_neutral_is_true),
      cmocka_unit_test(test_block_sizes),
      cmocka_unit_test(test_changes_land_on_borders),
      cmocka_unit_test(test_cpu_levels),
      cmocka_unit_test(test_late_changes),
      cmocka_unit_test(test_queue_is_bounded),
      cmocka_unit_test(test_reset_is_new),
      cmocka_unit_test(test_latency),
      cmocka_unit_test(test_silence_stays_silent),
      cmocka_unit_test(test_tail),
      cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_heals),
      cmocka_unit_test(test_rates_and_random_values),
      cmocka_unit_test(test_process_does_not_allocate),
      cmocka_unit_test(test_every_allocation_may_fail),
      cmocka_unit_test(test_readouts),
  };
  enum { N_PROMISES = sizeof promises / sizeof promises[0] };
  int failed = 0;
  size_t n_classes = lac_processor_class_count();
  for (size_t k = 0; k < n_classes; k++) {
    const LacProcessorClass *cls = lac_processor_class_at(k);
    struct CMUnitTest tests[N_PROMISES];
    memcpy(tests, promises, sizeof promises);
    for (size_t i = 0; i < N_PROMISES; i++) {
      tests[i].initial_state = (void *)(uintptr_t)cls;
    }
    failed += _cmocka_run_group_tests(cls->info.id, tests, N_PROMISES, NULL, NULL);
  }
  return failed > 0 || n_classes == 0;
}
