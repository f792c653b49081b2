/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/test/contract_fixture.h"

#include "processors/processor_class.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const LacProcessorClass *test_class_of(void **state) {
  return *(const LacProcessorClass **)state;
}

LacProcessor *test_new_processor(const LacProcessorClass *cls) {
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(cls, &p), LAC_OK);
  return p;
}

double test_random_value(const LacParam *row, TestRandom *random) {
  double u = test_random_uniform(random);
  switch (test_random_u64(random) % 6) {
  case 0:
    return row->minimum;
  case 1:
    return row->maximum;
  default:
    break;
  }
  if (row->type != LAC_PARAM_NUMBER || (row->flags & LAC_PARAM_COUNTS)) {
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

bool test_has_points(const LacParam *row) {
  return row->type == LAC_PARAM_CURVE || row->type == LAC_PARAM_LIST;
}

void test_set_random(LacProcessor *p, uint64_t seed) {
  TestRandom random = {seed};
  for (size_t i = 0; seed != 0 && i < p->cls->info.n_params; i++) {
    const LacParam *row = &p->cls->info.params[i];
    if (test_has_points(row)) {
      set_random_points(p, i, &random);
    } else {
      assert_int_equal(lac_processor_set(p, i, test_random_value(row, &random), 0), LAC_OK);
    }
  }
}

void test_prepare(LacProcessor *p, double rate_hz, const TestSignal *signal) {
  LacProcessorSetup setup = {.rate_hz = rate_hz,
                             .n_channels = signal->n_channels,
                             .max_block_frames = (uint32_t)(signal->n_frames > 0 ? signal->n_frames : 1),
                             .total_frames = signal->n_frames};
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
}

TestTracks *test_new_tracks(const LacProcessorInfo *info) {
  TestTracks *tracks = calloc(1, sizeof *tracks);
  assert_non_null(tracks);
  assert_true(info->n_readouts <= 64);
  for (size_t i = 0; i < info->n_readouts; i++) {
    tracks->tracks[i] = (LacReadoutTrack){tracks->minimum[i], tracks->mean[i], 64, 0};
  }
  return tracks;
}

TestSignal test_render(const LacProcessorClass *cls, uint64_t seed, uint64_t changes_seed, const TestSignal *in,
                       uint32_t block, TestTracks *tracks) {
  LacProcessor *p = test_new_processor(cls);
  test_set_random(p, seed);
  LacProcessorSetup setup =
      test_setup(48000, in->n_channels, (uint32_t)in->n_frames, in->n_frames, tracks ? tracks->tracks : NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  TestRandom random = {changes_seed};
  for (int k = 0; changes_seed != 0 && cls->info.n_params > 0 && k < 40; k++) {
    size_t param = test_random_u64(&random) % cls->info.n_params;
    const LacParam *row = &cls->info.params[param];
    double value = test_random_value(row, &random);
    uint64_t at_frame = test_random_u64(&random) % in->n_frames;
    LacStatus status = lac_processor_set(p, param, value, at_frame);
    bool restarts =
        (row->flags & LAC_PARAM_RESTARTS) || !cls->changed || test_has_points(row) || lac_processor_is_whole(p);
    assert_int_equal(status, restarts ? LAC_ERR_USAGE : LAC_OK);
  }
  TestSignal out = test_copy(in);
  test_run(p, &out, block);
  lac_processor_free(p);
  return out;
}

static void check_latency_at(const LacProcessorClass *cls, double rate_hz, const TestSignal *in, size_t param,
                             double value) {
  enum { AROUND = 40 };
  const long n = (long)in->n_frames;
  LacProcessor *p = test_new_processor(cls);
  if (param != SIZE_MAX) {
    assert_int_equal(lac_processor_set(p, param, value, 0), LAC_OK);
  }
  TestSignal out = test_copy(in);
  test_prepare(p, rate_hz, in);
  test_run(p, &out, 0);
  const long latency = (long)lac_processor_latency_frames(p);
  assert_true(latency < n - AROUND - 1000);
  long best = -1;
  double best_sum = -1;
  for (long delay = latency > AROUND ? latency - AROUND : 0; delay <= latency + AROUND; delay++) {
    double sum = 0;
    for (long i = 0; i + delay < n; i++) {
      sum += (double)in->channels[0][i] * (double)out.channels[0][i + delay];
    }
    best = fabs(sum) > best_sum ? delay : best;
    best_sum = fmax(best_sum, fabs(sum));
  }
  assert_int_equal(best, latency);
  test_signal_free(&out);
  lac_processor_free(p);
}

void test_check_latency(const LacProcessorClass *cls, double rate_hz, unsigned n_channels, size_t n) {
  TestSignal in = test_noise(n_channels, n, 0.25, 3);
  check_latency_at(cls, rate_hz, &in, SIZE_MAX, 0);
  for (size_t i = 0; i < cls->info.n_params; i++) {
    const LacParam *row = &cls->info.params[i];
    if ((row->flags & LAC_PARAM_RESTARTS) && !test_has_points(row)) {
      check_latency_at(cls, rate_hz, &in, i, row->minimum);
      check_latency_at(cls, rate_hz, &in, i, row->maximum);
    }
  }
  test_signal_free(&in);
}

int test_every_class(const struct CMUnitTest *promises, size_t n_promises) {
  enum { MAX_PROMISES = 32 };
  if (n_promises > MAX_PROMISES) {
    print_error("room for %d promises, not for %zu\n", (int)MAX_PROMISES, n_promises);
    return 1;
  }
  int failed = 0;
  size_t n_classes = lac_processor_class_count();
  for (size_t k = 0; k < n_classes; k++) {
    const LacProcessorClass *cls = lac_processor_class_at(k);
    struct CMUnitTest tests[MAX_PROMISES];
    memcpy(tests, promises, n_promises * sizeof promises[0]);
    for (size_t i = 0; i < n_promises; i++) {
      tests[i].initial_state = (void *)(uintptr_t)cls;
    }
    failed += _cmocka_run_group_tests(cls->info.id, tests, n_promises, NULL, NULL);
  }
  return failed > 0 || n_classes == 0;
}
