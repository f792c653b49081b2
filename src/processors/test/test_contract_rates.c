/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Promises that hang on the rate, checked on every registered class at 44.1, 48 and 96 kHz: 24-bit samples come through
 * defaults bit for bit, the declared delay is the true one, silence, cuts and a new start; and what is too small to be
 * heard costs no more than sound does. */

#include <lacquer/processor.h>

#include "core/test/check.h"
#include "processors/processor_class.h"
#include "processors/test/contract_fixture.h"
#include "processors/test/processor_signal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

/* White noise of 24-bit samples. */
static TestSignal words(unsigned n_channels, size_t n_frames, double peak, uint64_t seed) {
  TestSignal signal = test_noise(n_channels, n_frames, peak, seed);
  for (unsigned c = 0; c < n_channels; c++) {
    for (size_t i = 0; i < n_frames; i++) {
      signal.channels[c][i] = rintf(signal.channels[c][i] * 0x1p23F) * 0x1p-23F;
    }
  }
  return signal;
}

/* Whether `out` is `in`, `delay` frames later, with silence before it. */
static bool is_delayed(const TestSignal *in, const TestSignal *out, size_t delay) {
  bool same = true;
  for (unsigned c = 0; c < in->n_channels; c++) {
    for (size_t i = 0; i < delay; i++) {
      same = same && out->channels[c][i] == 0;
    }
    same = same && memcmp(in->channels[c], out->channels[c] + delay, (in->n_frames - delay) * sizeof(float)) == 0;
  }
  return same;
}

/* Full scale where the processor says it is neutral, else with headroom: a limiter limits. */
static void test_words_pass_defaults(void **state) {
  for (size_t k = 0; k < 2 * N_RATES; k++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    TestSignal in = words(1 + k % 2, 9000, lac_processor_is_neutral(p) ? 1.0 : 0.25, k), out = test_copy(&in);
    test_prepare(p, rates[k / 2], &in);
    test_run(p, &out, 512);
    assert_true(is_delayed(&in, &out, lac_processor_latency_frames(p)));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

static void test_latency(void **state) {
  for (size_t r = 0; r < N_RATES; r++) {
    test_check_latency(test_class_of(state), rates[r], 1, 12000);
  }
}

static void test_silence_stays_silent(void **state) {
  for (uint64_t seed = 0; seed < 4 * N_RATES; seed++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    TestSignal signal = test_silence(1 + seed % 2, 4000);
    test_set_random(p, seed);
    test_prepare(p, rates[seed / 4], &signal);
    test_run(p, &signal, 256);
    for (size_t i = 0; i < signal.n_channels * signal.n_frames; i++) {
      assert_true(signal.channels[i % signal.n_channels][i / signal.n_channels] == 0);
    }
    test_signal_free(&signal);
    lac_processor_free(p);
  }
}

/* In one block, cut at random after a reset, and prepared anew: the same bits. */
static void test_cuts_and_new_starts(void **state) {
  for (uint64_t seed = 0; seed < 2 * N_RATES; seed++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    TestSignal in = test_noise(2, 4000, 0.9, seed), first = test_copy(&in), cut = test_copy(&in), anew = test_copy(&in);
    test_set_random(p, 300 + seed);
    test_prepare(p, rates[seed / 2], &in);
    test_run(p, &first, 0);
    lac_processor_reset(p);
    test_run(p, &cut, TEST_RANDOM_BLOCKS);
    test_prepare(p, rates[seed / 2], &in);
    test_run(p, &anew, 64);
    assert_true(test_same_bits(&first, &cut) && test_same_bits(&first, &anew));
    TestSignal *all[] = {&in, &first, &cut, &anew};
    for (size_t k = 0; k < 4; k++) {
      test_signal_free(all[k]);
    }
    lac_processor_free(p);
  }
}

/* ---- what the smallest numbers cost ---- */

enum { BLOCK = 1024, BLOCKS = 24, LOUD = 6 }; /* LOUD blocks of noise, then what is tiny */
typedef enum Tiny { SILENCE, DENORMALS, FAINT, DECAY, N_TINY } Tiny;
static const char *const tiny_names[] = {"silence", "1e-41", "1e-16", "decay"};

/* FAINT: its square is a float, its cube, or what a filter leaves of the square, is subnormal. DECAY: falls from 0.5
 * through all that a float can hold. */
static double tiny_gain(Tiny tiny, size_t frame) {
  const double gone = (double)frame / ((double)BLOCK * (BLOCKS - LOUD));
  return tiny == SILENCE ? 0 : tiny == DENORMALS ? 2e-41 : tiny == FAINT ? 2e-16 : pow(10, -45 * gone);
}

static TestSignal dying(Tiny tiny) {
  TestSignal signal = test_noise(2, (size_t)BLOCK * BLOCKS, 0.5, 7);
  for (unsigned c = 0; c < 2; c++) {
    for (size_t i = (size_t)BLOCK * LOUD; i < signal.n_frames; i++) {
      signal.channels[c][i] = (float)((double)signal.channels[c][i] * tiny_gain(tiny, i - (size_t)BLOCK * LOUD));
    }
  }
  return signal;
}

static double cpu_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const double MOST_RATIO = 1.2;

/* One run; keeps the shortest time of every block. */
static void time_blocks(LacProcessor *p, const TestSignal *in, double best_s[BLOCKS]) {
  TestSignal work = test_copy(in);
  lac_processor_reset(p);
  for (size_t b = 0; b < BLOCKS; b++) {
    float *place[2] = {work.channels[0] + b * BLOCK, work.channels[1] + b * BLOCK};
    const double start = cpu_s();
    lac_processor_process(p, place, BLOCK);
    best_s[b] = fmin(best_s[b], cpu_s() - start);
  }
  test_signal_free(&work);
}

/* Time of the tiny blocks over that of as many loud ones, both by turns, until it is clear. What else the machine does
 * falls out of the shortest times; a cost of denormals is there every time. */
static double cost_ratio(LacProcessor *p, Tiny tiny) {
  enum { LEAST_ROUNDS = 6, MOST_ROUNDS = 400 };
  double loud_s[BLOCKS], tiny_s[BLOCKS], ratio = 0;
  TestSignal noise = test_noise(2, (size_t)BLOCK * BLOCKS, 0.5, 7), in = dying(tiny);
  for (size_t b = 0; b < BLOCKS; b++) {
    loud_s[b] = tiny_s[b] = 1e9;
  }
  for (int round = 0; round < MOST_ROUNDS && (round < LEAST_ROUNDS || ratio > MOST_RATIO); round++) {
    double sums[2] = {0};
    time_blocks(p, &noise, loud_s);
    time_blocks(p, &in, tiny_s);
    for (size_t b = LOUD; b < BLOCKS; b++) {
      sums[0] += loud_s[b];
      sums[1] += tiny_s[b];
    }
    ratio = sums[1] / sums[0];
  }
  test_signal_free(&noise);
  test_signal_free(&in);
  return ratio;
}

static void test_tiny_numbers_cost_no_more(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (uint64_t seed = 1; seed <= 3 && !test_is_short(); seed++) {
    LacProcessor *p = test_new_processor(cls);
    test_set_random(p, seed);
    LacProcessorSetup setup = test_setup(48000, 2, BLOCK, 0, NULL);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    for (int tiny = 0; !lac_processor_is_whole(p) && tiny < N_TINY; tiny++) {
      const double ratio = cost_ratio(p, (Tiny)tiny);
      print_message("%-10s values %d, %-7s: %.2f\n", cls->info.id, (int)seed, tiny_names[tiny], ratio);
      assert_true(ratio <= MOST_RATIO);
    }
    lac_processor_free(p);
  }
}

int main(void) {
  static const struct CMUnitTest promises[] = {
      cmocka_unit_test(test_words_pass_defaults),       cmocka_unit_test(test_latency),
      cmocka_unit_test(test_silence_stays_silent),      cmocka_unit_test(test_cuts_and_new_starts),
      cmocka_unit_test(test_tiny_numbers_cost_no_more),
  };
  return test_every_class(promises, sizeof promises / sizeof promises[0]);
}
