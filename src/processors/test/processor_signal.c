/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/test/processor_signal.h"

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/k_weighting.h"
#include "processors/processor_class.h"

uint64_t test_random_u64(TestRandom *random) {
  /* splitmix64 (Steele, Lea and Flood 2014) */
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double test_random_uniform(TestRandom *random) {
  return (double)(test_random_u64(random) >> 11) * 0x1p-53;
}

TestSignal test_silence(unsigned n_channels, size_t n_frames) {
  TestSignal signal = {.n_channels = n_channels, .n_frames = n_frames};
  for (unsigned c = 0; c < n_channels; c++) {
    signal.channels[c] = calloc(n_frames + 1, sizeof(float));
    if (!signal.channels[c]) {
      abort();
    }
  }
  return signal;
}

TestSignal test_noise(unsigned n_channels, size_t n_frames, double peak, uint64_t seed) {
  TestSignal signal = test_silence(n_channels, n_frames);
  TestRandom random = {seed};
  for (size_t i = 0; i < n_frames; i++) {
    for (unsigned c = 0; c < n_channels; c++) {
      signal.channels[c][i] = (float)(peak * (2.0 * test_random_uniform(&random) - 1.0));
    }
  }
  return signal;
}

TestSignal test_sine(unsigned n_channels, size_t n_frames, double hz, double rate_hz, double peak) {
  TestSignal signal = test_silence(n_channels, n_frames);
  for (size_t i = 0; i < n_frames; i++) {
    const float sample = (float)(peak * sin(2.0 * LAC_PI * hz / rate_hz * (double)i));
    for (unsigned c = 0; c < n_channels; c++) {
      signal.channels[c][i] = sample;
    }
  }
  return signal;
}

static float odd_sample(unsigned index, size_t i, unsigned c, TestRandom *random) {
  double sign = (i + c) % 2 ? -1.0 : 1.0;
  switch (index) {
  case 0: /* full-scale square, channels in opposition */
    return ((i / 64) + c) % 2 ? -1.0F : 1.0F;
  case 1: /* alternation at Nyquist */
    return (float)sign;
  case 2: /* denormals */
    return (float)(sign * 1e-41 * test_random_uniform(random));
  case 3: /* bursts of full-scale noise between silences of minus zero */
    return (i / 500) % 2 ? (float)(2.0 * test_random_uniform(random) - 1.0) : -0.0F;
  case 4: /* direct current */
    return c ? -0.9F : 1.0F;
  default: /* absurdly loud */
    return (i / 100) % 3 == 0 ? (float)sign * FLT_MAX : 1e30F;
  }
}

TestSignal test_odd_signal(unsigned index, unsigned n_channels, size_t n_frames) {
  TestSignal signal = test_silence(n_channels, n_frames);
  TestRandom random = {index + 1u};
  for (size_t i = 0; i < n_frames; i++) {
    for (unsigned c = 0; c < n_channels; c++) {
      signal.channels[c][i] = odd_sample(index, i, c, &random);
    }
  }
  return signal;
}

TestSignal test_copy(const TestSignal *signal) {
  TestSignal copy = test_silence(signal->n_channels, signal->n_frames);
  for (unsigned c = 0; c < signal->n_channels; c++) {
    memcpy(copy.channels[c], signal->channels[c], signal->n_frames * sizeof(float));
  }
  return copy;
}

void test_signal_free(TestSignal *signal) {
  for (unsigned c = 0; c < signal->n_channels; c++) {
    free(signal->channels[c]);
  }
  memset(signal, 0, sizeof *signal);
}

bool test_same_bits(const TestSignal *a, const TestSignal *b) {
  bool same = a->n_channels == b->n_channels && a->n_frames == b->n_frames;
  for (unsigned c = 0; same && c < a->n_channels; c++) {
    same = memcmp(a->channels[c], b->channels[c], a->n_frames * sizeof(float)) == 0;
  }
  return same;
}

bool test_all_finite(const TestSignal *signal) {
  for (unsigned c = 0; c < signal->n_channels; c++) {
    for (size_t i = 0; i < signal->n_frames; i++) {
      if (!isfinite(signal->channels[c][i])) {
        return false;
      }
    }
  }
  return true;
}

static uint32_t next_block(uint32_t block, size_t left, TestRandom *random) {
  size_t size = block == TEST_RANDOM_BLOCKS ? test_random_u64(random) % 701 : block == 0 ? left : block;
  return (uint32_t)(size < left ? size : left);
}

void test_run(LacProcessor *p, TestSignal *signal, uint32_t block) {
  TestRandom random = {block};
  if (lac_processor_is_whole(p) && !p->is_planned) {
    for (size_t i = 0; i < signal->n_frames;) {
      uint32_t n = next_block(block, signal->n_frames - i, &random);
      const float *place[2] = {signal->channels[0] + i, signal->n_channels > 1 ? signal->channels[1] + i : NULL};
      if (lac_processor_observe(p, place, n) != LAC_OK) {
        abort();
      }
      i += n;
    }
    if (lac_processor_plan(p, NULL) != LAC_OK) {
      abort();
    }
  }
  for (size_t i = 0; i < signal->n_frames;) {
    uint32_t n = next_block(block, signal->n_frames - i, &random);
    float *place[2] = {signal->channels[0] + i, signal->n_channels > 1 ? signal->channels[1] + i : NULL};
    lac_processor_process(p, place, n);
    i += n;
  }
}

/* Of every stride-th of x; turns[k] has turned by k / (n * stride) of a circle. */
static void transform(double complex *x, size_t n, size_t stride, double complex *turns, double complex *out) {
  if (n == 1) {
    out[0] = x[0];
    return;
  }
  transform(x, n / 2, 2 * stride, turns, out);
  transform(x + stride, n / 2, 2 * stride, turns, out + n / 2);
  for (size_t k = 0; k < n / 2; k++) {
    const double complex odd = out[k + n / 2] * turns[k * stride];
    out[k + n / 2] = out[k] - odd;
    out[k] += odd;
  }
}

double *test_spectrum(const float *x, size_t n) {
  double complex *in = malloc(n * sizeof *in), *out = malloc(n * sizeof *out), *turns = malloc(n * sizeof *turns);
  double *magnitude = malloc((n / 2 + 1) * sizeof *magnitude);
  if (!in || !out || !turns || !magnitude) {
    abort();
  }
  for (size_t i = 0, quarter = n / 4; i < quarter; i++) {
    const double complex turn = cexp(-2.0 * I * LAC_PI * (double)i / (double)n);
    turns[i] = turn, turns[i + quarter] = -I * turn;
    turns[i + 2 * quarter] = -turn, turns[i + 3 * quarter] = I * turn;
  }
  for (size_t i = 0; i < n; i++) {
    /* Blackman and Harris 1978, four terms, side lobes at -92 dB */
    const double window = 0.35875 - 0.48829 * creal(turns[i]) + 0.14128 * creal(turns[2 * i & (n - 1)]) -
                          0.01168 * creal(turns[3 * i & (n - 1)]);
    in[i] = (double)x[i] * window;
  }
  transform(in, n, 1, turns, out);
  for (size_t k = 0; k <= n / 2; k++) {
    magnitude[k] = cabs(out[k]) * 2.0 / (0.35875 * (double)n);
  }
  free(in);
  free(out);
  free(turns);
  return magnitude;
}

double test_response_db(const float *x, size_t n, double height, double f_hz, double rate_hz) {
  double complex turn = cexp(-2.0 * I * LAC_PI * f_hz / rate_hz), phase = 1.0, sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += (double)x[i] * phase;
    phase *= turn;
  }
  return 20.0 * log10(cabs(sum) / height);
}

LacProcessorSetup test_setup(double rate_hz, unsigned n_channels, size_t max_block_frames, uint64_t total_frames,
                             LacReadoutTrack *readouts) {
  return (LacProcessorSetup){.rate_hz = rate_hz,
                             .n_channels = n_channels,
                             .max_block_frames = (uint32_t)max_block_frames,
                             .total_frames = total_frames,
                             .readouts = readouts};
}

size_t test_param(const LacProcessor *p, const char *id, int band) {
  char band_id[64];
  snprintf(band_id, sizeof band_id, "band%d_%s", band, id);
  size_t found = lac_param_find(&p->cls->info, band > 0 ? band_id : id);
  if (found == SIZE_MAX) {
    abort();
  }
  return found;
}

uint64_t test_hash(const TestSignal *signal, uint64_t hash) {
  for (unsigned c = 0; c < signal->n_channels; c++) {
    const unsigned char *bytes = (const unsigned char *)signal->channels[c];
    for (size_t i = 0; i < signal->n_frames * sizeof(float); i++) {
      hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
  }
  return hash;
}

double test_line_db(const float *x, size_t n, double f_hz, double rate_hz) {
  double re = 0, im = 0;
  for (size_t i = 0; i < n; i++) {
    double w = 2 * LAC_PI * f_hz / rate_hz * (double)i;
    re += (double)x[i] * cos(w);
    im += (double)x[i] * sin(w);
  }
  return 20 * log10(2 * sqrt(re * re + im * im) / (double)n + 1e-30);
}

double test_highest_line(const float *x, size_t n, size_t window, size_t first) {
  double highest = 0;
  for (size_t at = 0; at + window <= n; at += window / 2) {
    double *spectrum = test_spectrum(x + at, window);
    for (size_t k = first; k < window / 2; k++) {
      highest = fmax(highest, spectrum[k]);
    }
    free(spectrum);
  }
  return highest;
}

double test_loudness_power(const TestSignal *signal, size_t from, double rate_hz) {
  LacKWeighting weighting;
  lac_k_weighting_init(&weighting, rate_hz);
  double *power = malloc(signal->n_frames * sizeof *power), sum = 0;
  if (!power) {
    abort();
  }
  lac_k_weighting_power(&weighting, (const float *const *)signal->channels, signal->n_channels, power,
                        (uint32_t)signal->n_frames);
  for (size_t i = from; i < signal->n_frames; i++) {
    sum += power[i];
  }
  free(power);
  return sum;
}

static double gain_db_at(const TestSignal *out, const TestSignal *in, size_t i) {
  return 20 * log10((double)(out->channels[0][i] / in->channels[0][i]));
}

double test_step_ms(LacProcessor *p, double from_db, double to_db, double half_s) {
  const size_t half = (size_t)(half_s * p->setup.rate_hz), n = 2 * half;
  TestSignal in = test_silence(1, n);
  for (size_t i = 0; i < n; i++) {
    in.channels[0][i] = (float)((i / 20 % 2 ? 1 : -1) * pow(10, (i < half ? from_db : to_db) / 20));
  }
  TestSignal out = test_copy(&in);
  lac_processor_reset(p);
  test_run(p, &out, 1000);
  const double before = gain_db_at(&out, &in, half - 1), after = gain_db_at(&out, &in, n - 1);
  size_t i = half;
  while (i < n && fabs(gain_db_at(&out, &in, i) - before) < (1 - exp(-1)) * fabs(after - before)) {
    i++;
  }
  test_signal_free(&in);
  test_signal_free(&out);
  return (double)(i - half + 1) / p->setup.rate_hz * 1e3;
}
