/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: plain loops without branches, which the compiler turns into vectors of the level. */

#include "dsp/gain_computer_kernels.h"

#include "dsp/elementary.h"

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

const LacDynamicsKernels LAC_KERNEL(lac_gain_computer_kernels) = {squares, larger, levels, amounts, gains};
