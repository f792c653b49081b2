/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals for the tests of the meters, made from formulas and a counter-based generator: the same every time. */

#ifndef LAC_ANALYSIS_TEST_METER_SIGNALS_H
#define LAC_ANALYSIS_TEST_METER_SIGNALS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lacquer/analysis.h>

#include "core/random.h"
#include "dsp/fft.h"

/* Two planar channels. */
typedef struct Stereo {
  float *channels[2];
  uint32_t n_frames;
  double rate_hz;
} Stereo;

static inline Stereo stereo_new(double seconds, double rate_hz) {
  Stereo s = {.n_frames = (uint32_t)(seconds * rate_hz + 0.5), .rate_hz = rate_hz};
  for (int c = 0; c < 2; c++) {
    s.channels[c] = calloc((size_t)s.n_frames + 1, sizeof(float));
    assert_non_null(s.channels[c]);
  }
  return s;
}

static inline void stereo_free(Stereo *s) {
  free(s->channels[0]);
  free(s->channels[1]);
}

static inline double uniform(uint64_t stream, uint64_t i) {
  return 2.0 * lac_random_double(7, stream, i) - 1.0;
}

static inline double gaussian(uint64_t stream, uint64_t i) {
  const double u = 1.0 - lac_random_double(11, stream, 2 * i), v = lac_random_double(11, stream, 2 * i + 1);
  return sqrt(-2.0 * log(u)) * cos(2 * M_PI * v);
}

static inline void add_sine(float *x, uint32_t n, double rate_hz, double hz, double amplitude) {
  for (uint32_t i = 0; i < n; i++)
    x[i] += (float)(amplitude * sin(2 * M_PI * hz / rate_hz * i));
}

static inline double root_mean_square(const float *x, uint32_t n) {
  double sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum += (double)x[i] * (double)x[i];
  return sqrt(sum / n);
}

static inline void scale_to_rms(float *x, uint32_t n, double rms) {
  const double gain = rms / root_mean_square(x, n);
  for (uint32_t i = 0; i < n; i++)
    x[i] = (float)((double)x[i] * gain);
}

/* Noise whose power density is exactly f^exponent from 10 Hz to `top_hz` and nothing above: random phases through one
 * inverse FFT, repeated with its period (a power of two of at least 2^18 frames). */
static inline void fill_noise(float *x, uint32_t n, double rate_hz, double exponent, double top_hz, uint64_t stream) {
  const uint32_t size = 1u << 18;
  LacFft64 *fft = NULL;
  assert_int_equal(lac_fft64_new(size, &fft), LAC_OK);
  double *re = aligned_alloc(64, (size / 2 + 8) * sizeof(double)),
         *im = aligned_alloc(64, (size / 2 + 8) * sizeof(double));
  double *out = aligned_alloc(64, size * sizeof(double));
  double *scratch = aligned_alloc(64, (lac_fft64_scratch_doubles(fft) + 8) / 8 * 64);
  assert_true(re && im && out && scratch);
  for (uint32_t k = 0; k <= size / 2; k++) {
    const double hz = k * rate_hz / size;
    const double size_of = hz >= 10 && hz <= top_hz && k < size / 2 ? pow(hz, exponent / 2) : 0;
    const double phase = M_PI * uniform(stream, k);
    re[k] = size_of * cos(phase);
    im[k] = size_of * sin(phase);
  }
  lac_fft64_inverse(fft, re, im, out, scratch);
  for (uint32_t i = 0; i < n; i++)
    x[i] = (float)out[i % size];
  scale_to_rms(x, n, 0.1);
  free(re);
  free(im);
  free(out);
  free(scratch);
  lac_fft64_free(fft);
}

/* Kick, bass, chords and hats with pauses and level changes: something that sounds for music in every band. */
static inline void fill_programme(Stereo *s, double gain) {
  const double rate = s->rate_hz;
  double low[2] = {0, 0};
  for (uint32_t i = 0; i < s->n_frames; i++) {
    const double t = i / rate, beat = fmod(t, 0.5), bar = fmod(t, 8.0);
    const double section = bar < 3 ? 1.0 : bar < 6 ? 0.4 : 0.1;
    const double kick = exp(-beat * 18) * sin(2 * M_PI * (45 + 90 * exp(-beat * 40)) * beat);
    const double bass = 0.3 * sin(2 * M_PI * 55 * t) + 0.1 * sin(2 * M_PI * 110 * t + 0.3);
    const double chord = 0.1 * (sin(2 * M_PI * 220 * t) + sin(2 * M_PI * 277.18 * t) + sin(2 * M_PI * 329.63 * t));
    const double hat = exp(-fmod(t, 0.25) * 60);
    for (int c = 0; c < 2; c++) {
      const double noise = gaussian((uint64_t)c, i);
      low[c] += 0.5 * (noise - low[c]);
      const double wide = 0.08 * sin(2 * M_PI * (440 + 3 * c) * t + c);
      s->channels[c][i] = (float)(gain * section * (0.6 * kick + bass + chord + wide + 0.15 * hat * (noise - low[c])));
    }
  }
}

static inline LacAnalysis analyse_channels(const float *const *channels, unsigned n_channels, uint32_t n_frames,
                                           double rate_hz, unsigned measure, uint32_t chunk) {
  LacAnalyzer *analyzer = NULL;
  LacAnalysis analysis;
  assert_int_equal(lac_analyzer_new(rate_hz, n_channels, measure, &analyzer), LAC_OK);
  for (uint32_t done = 0; done < n_frames;) {
    const uint32_t n = n_frames - done < chunk ? n_frames - done : chunk;
    const float *at[2] = {channels[0] + done, n_channels > 1 ? channels[1] + done : NULL};
    assert_int_equal(lac_analyzer_add(analyzer, at, n), LAC_OK);
    done += n;
  }
  assert_int_equal(lac_analyzer_finish(analyzer, &analysis), LAC_OK);
  lac_analyzer_free(analyzer);
  return analysis;
}

static inline LacAnalysis analyse(const Stereo *s, unsigned measure) {
  const float *channels[2] = {s->channels[0], s->channels[1]};
  return analyse_channels(channels, 2, s->n_frames, s->rate_hz, measure, 4096);
}

static inline const LacFinding *find(const LacAnalysis *analysis, LacFindingKind kind) {
  for (size_t i = 0; i < analysis->n_findings; i++)
    if (analysis->findings[i].kind == kind)
      return &analysis->findings[i];
  return NULL;
}

#define assert_near(value, expected, tolerance)                                                                        \
  do {                                                                                                                 \
    const double value_ = (value), expected_ = (expected);                                                             \
    if (!(fabs(value_ - expected_) <= (tolerance)))                                                                    \
      fail_msg("%s is %.5f, expected %.5f within %g", #value, value_, expected_, (double)(tolerance));                 \
  } while (0)

#endif
