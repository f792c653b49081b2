/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals, runs and spectra for the tests of processors. Everything is seeded; memory comes from malloc. */

#ifndef LAC_PROCESSORS_TEST_PROCESSOR_SIGNAL_H
#define LAC_PROCESSORS_TEST_PROCESSOR_SIGNAL_H

#include <lacquer/processor.h>

/* A small generator of its own, so that a test does not depend on core/random. */
typedef struct TestRandom {
  uint64_t state;
} TestRandom;

uint64_t test_random_u64(TestRandom *random);
double test_random_uniform(TestRandom *random); /* [0, 1) */

typedef struct TestSignal {
  unsigned n_channels;
  size_t n_frames;
  float *channels[2];
} TestSignal;

/* White noise in +-peak, channels independent. */
TestSignal test_noise(unsigned n_channels, size_t n_frames, double peak, uint64_t seed);
TestSignal test_sine(unsigned n_channels, size_t n_frames, double hz, double rate_hz, double peak);
TestSignal test_silence(unsigned n_channels, size_t n_frames);
/* Full-scale square of 64 frames, 1-sample alternation, denormals, minus zeros, huge steps ... by index. */
enum { TEST_N_ODD_SIGNALS = 6 };
TestSignal test_odd_signal(unsigned index, unsigned n_channels, size_t n_frames);
TestSignal test_copy(const TestSignal *signal);
void test_signal_free(TestSignal *signal);
bool test_same_bits(const TestSignal *a, const TestSignal *b);
bool test_all_finite(const TestSignal *signal);
/* FNV-1a over all samples, channel by channel, going on from `hash`: what a golden value is compared with. */
#define TEST_HASH_BEGIN 0xcbf29ce484222325u
uint64_t test_hash(const TestSignal *signal, uint64_t hash);

/* Process the whole signal in place: block 0 = one block of everything, otherwise blocks of that many frames;
 * TEST_RANDOM_BLOCKS = random sizes 0 .. 700. A whole processor observes and plans first. */
#define TEST_RANDOM_BLOCKS UINT32_MAX
void test_run(LacProcessor *p, TestSignal *signal, uint32_t block);

/* Magnitudes of n/2 + 1 bins of n = power of two samples under a four-term Blackman-Harris window, scaled so that a
 * full-scale sine reads 1. Caller frees. */
double *test_spectrum(const float *x, size_t n);
/* Amplitude in dB of the line at f over n samples, a whole number of periods. */
double test_line_db(const float *x, size_t n, double f_hz, double rate_hz);
/* The largest magnitude from bin `first` on, in half overlapping windows of x. */
double test_highest_line(const float *x, size_t n, size_t window, size_t first);
/* Gain in dB at f of an impulse response that started with an impulse of `height`. */
double test_response_db(const float *x, size_t n, double height, double f_hz, double rate_hz);
/* K-weighted energy of all channels from frame `from` on (dsp/k_weighting.h). */
double test_loudness_power(const TestSignal *signal, size_t from, double rate_hz);
/* Milliseconds until 63 % of the way from the gain at from_db to that at to_db is gone, after a reset and half_s of
 * each: a square wave has one level all the time, so that output over input is the gain of every frame. */
double test_step_ms(LacProcessor *p, double from_db, double to_db, double half_s);

LacProcessorSetup test_setup(double rate_hz, unsigned n_channels, size_t max_block_frames, uint64_t total_frames,
                             LacReadoutTrack *readouts);
/* Parameter `id` of the processor, or band<band>_<id> when band > 0; aborts when there is none. */
size_t test_param(const LacProcessor *p, const char *id, int band);

#endif
