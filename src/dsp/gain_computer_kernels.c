/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: plain loops without branches, which the compiler turns into vectors of the level. */

#include "dsp/gain_computer_kernels.h"

#include <string.h>

#include "dsp/elementary.h"

typedef double Pair __attribute__((vector_size(16)));

static inline float clampf(float x, float low, float high) {
  float above = x > low ? x : low;
  return above < high ? above : high;
}

static void squares(const double *restrict frames, double *restrict left, double *restrict right, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    left[i] = frames[2 * i] * frames[2 * i];
    right[i] = frames[2 * i + 1] * frames[2 * i + 1];
  }
}

/* Both channels in a vector, n_bands (a constant) side by side: each is a chain of dependent operations. */
static inline __attribute__((always_inline)) void mean_group(LacMeanSquare *bands, unsigned n_bands,
                                                             const double *const *frames, double *const *left,
                                                             double *const *right, uint32_t n_frames) {
  Pair first[4], second[4];
  for (unsigned b = 0; b < n_bands; b++) {
    memcpy(&first[b], bands[b].state[0], sizeof first[b]);
    memcpy(&second[b], bands[b].state[1], sizeof second[b]);
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    for (unsigned b = 0; b < n_bands; b++) {
      Pair x;
      memcpy(&x, frames[b] + 2 * i, sizeof x);
      first[b] = first[b] * (1.0 - bands[b].factor) + (x * x) * bands[b].factor;
      second[b] = second[b] * (1.0 - bands[b].factor) + first[b] * bands[b].factor;
      left[b][i] = second[b][0];
      right[b][i] = second[b][1];
    }
  }
  for (unsigned b = 0; b < n_bands; b++) {
    memcpy(bands[b].state[0], &first[b], sizeof first[b]);
    memcpy(bands[b].state[1], &second[b], sizeof second[b]);
  }
}

static void mean_squares(LacMeanSquare *bands, unsigned n_bands, const double *const *frames, double *const *powers,
                         uint32_t n_frames) {
  unsigned b = 0;
  for (; b + 4 <= n_bands; b += 4) {
    mean_group(bands + b, 4, frames + b, powers + b, powers + n_bands + b, n_frames);
  }
  for (; b + 2 <= n_bands; b += 2) {
    mean_group(bands + b, 2, frames + b, powers + b, powers + n_bands + b, n_frames);
  }
  if (b < n_bands) {
    mean_group(bands + b, 1, frames + b, powers + b, powers + n_bands + b, n_frames);
  }
}

static void larger(const double *a, const double *b, double *out, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    out[i] = a[i] > b[i] ? a[i] : b[i];
  }
}

static void levels(const double *restrict powers, double scale, float *restrict level_db, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    double power = powers[i] * scale;
    double above = power > 1e-30 ? power : 1e-30;
    level_db[i] = 3.01029995664f * lac_fast_log2f((float)(above < 1e30 ? above : 1e30));
  }
}

static void amounts(const LacDynamicsCurve *curve, const float *restrict level_db, float *restrict amount_db,
                    uint32_t n_frames) {
  const float sign = curve->is_below ? -1.0f : 1.0f, threshold = (float)curve->threshold_db;
  /* A knee of almost nothing stands in for none. */
  const float knee = (float)(curve->knee_db > 1e-3 ? curve->knee_db : 1e-3), half = 0.5f * knee, bend = 0.5f / knee;
  const float slope = (float)curve->slope, range = (float)curve->range_db;
  for (uint32_t i = 0; i < n_frames; i++) {
    float over = sign * (level_db[i] - threshold);
    float in_knee = clampf(over + half, 0.0f, knee), beyond = clampf(over - half, 0.0f, 2000.0f);
    amount_db[i] = clampf(slope * (in_knee * in_knee * bend + beyond), 0.0f, range);
  }
  const float fade = (float)curve->fade_db, per_db = (float)(1.0 / LAC_DYNAMICS_FADE_WIDTH_DB);
  for (uint32_t i = 0; curve->is_below && i < n_frames; i++) {
    float t = clampf((level_db[i] - fade) * per_db, 0.0f, 1.0f);
    amount_db[i] = amount_db[i] * (t * t * (3.0f - 2.0f * t));
  }
}

static void gains(const float *restrict gain_db, float *restrict gain, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    gain[i] = lac_fast_exp2f(0.16609640474f * clampf(gain_db[i], -200.0f, 200.0f));
  }
}

const LacDynamicsKernels LAC_KERNEL(lac_gain_computer_kernels) = {squares, mean_squares, larger,
                                                                  levels,  amounts,      gains};
