/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Elementwise loops that the compiler turns into vectors, and shuffles between them. */

#include "dsp/lane_gain.h"

#include <math.h>

#include "dsp/frame_vectors.h"

enum { MOST = 2 * LAC_LANE_GAIN_RUN };

#define ALWAYS static inline __attribute__((always_inline))

/* The gain of every sample; where it stands still, of none but the first. */
ALWAYS bool fill(const LacLaneGain *gain, double *gains, uint32_t n) {
  gains[0] = gain->now;
  if (gain->now == gain->next)
    return false;
  for (uint32_t i = 0; i < n; i++)
    gains[2 * i] = gains[2 * i + 1] = lac_lane_gain_at(gain, i);
  return true;
}

ALWAYS double within(double x, double most) {
  const double below = x < most ? x : most;
  return below > -most ? below : -most;
}

ALWAYS float held(double x, double most) {
  const double inside = within(x, most);
  return fabs(inside) < 1e-30 ? 0.0f : (float)inside;
}

static void part(const double *frames, const LacLaneGain *gain, double most, float *left, float *right, uint32_t n) {
  double gains[MOST];
  float samples[MOST];
  if (fill(gain, gains, n)) {
    for (uint32_t i = 0; i < 2 * n; i++)
      samples[i] = held(frames[i] * gains[i], most);
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < 2 * n; i++)
      samples[i] = held(frames[i] * all, most);
  }
  lac_frames_apart(samples, left, right, n);
}

static void join(const float *left, const float *right, const LacLaneGain *gain, double *restrict frames, uint32_t n) {
  double gains[MOST];
  lac_frames_from(left, right, frames, n);
  if (fill(gain, gains, n)) {
    for (uint32_t i = 0; i < 2 * n; i++)
      frames[i] *= gains[i];
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < 2 * n; i++)
      frames[i] *= all;
  }
}

static void add(const float *const dry[2], const double *frames, const LacLaneGain *gain, double most,
                float *const out[2], uint32_t n) {
  double gains[MOST], sums[MOST];
  float samples[MOST];
  lac_frames_from(dry[0], dry[1], sums, n);
  if (fill(gain, gains, n)) {
    for (uint32_t i = 0; i < 2 * n; i++)
      samples[i] = (float)within((sums[i] + frames[i]) * gains[i], most);
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < 2 * n; i++)
      samples[i] = (float)within((sums[i] + frames[i]) * all, most);
  }
  lac_frames_apart(samples, out[0], out[1], n);
}

const LacLaneGainKernels LAC_KERNEL(lac_lane_gain_kernels) = {part, join, add};
