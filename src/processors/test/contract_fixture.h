/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the contract tests share: processors with random values, the room for their readouts, and every promise checked
 * on every registered class. */

#ifndef LAC_PROCESSORS_TEST_CONTRACT_FIXTURE_H
#define LAC_PROCESSORS_TEST_CONTRACT_FIXTURE_H

#include <lacquer/processor.h>

#include "core/test/check.h"
#include "processors/test/processor_signal.h"

/* The class that test_every_class() handed to a promise. */
const LacProcessorClass *test_class_of(void **state);
LacProcessor *test_new_processor(const LacProcessorClass *cls);
/* Prepared for blocks up to the whole signal. */
void test_prepare(LacProcessor *p, double rate_hz, const TestSignal *signal);

/* A curve or a list, not one value. */
bool test_has_points(const LacParam *row);
/* Often one of the ends. */
double test_random_value(const LacParam *row, TestRandom *random);
/* seed 0: defaults */
void test_set_random(LacProcessor *p, uint64_t seed);

typedef struct TestTracks {
  LacReadoutTrack tracks[64];
  float minimum[64][64], mean[64][64];
} TestTracks;

/* Room for every readout of the class. Caller frees. */
TestTracks *test_new_tracks(const LacProcessorInfo *info);

/* Runs `in` with the values of `seed` and changes of the values of `changes_seed` underway (0: none). */
TestSignal test_render(const LacProcessorClass *cls, uint64_t seed, uint64_t changes_seed, const TestSignal *in,
                       uint32_t block, TestTracks *tracks);

/* Where n frames of noise and what becomes of them match best is where the declared latency says: with defaults, and
 * with every value that may change it at its ends. */
void test_check_latency(const LacProcessorClass *cls, double rate_hz, unsigned n_channels, size_t n);

/* Runs the promises as one group for every registered class. Returns what main returns. */
int test_every_class(const struct CMUnitTest *promises, size_t n_promises);

#endif
