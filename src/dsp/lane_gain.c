/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/lane_gain.h"

#include <math.h>

/* The scalar truth. */

static double held(double x, double most) {
  return x > most ? most : x < -most ? -most : x;
}

static float part_of(double x, double most) {
  const double within = held(x, most);
  return fabs(within) < 1e-30 ? 0.0f : (float)within;
}

static void part(const double *frames, const LacLaneGain *gain, double most, float *left, float *right, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    left[i] = part_of(frames[2 * i] * lac_lane_gain_at(gain, i), most);
    right[i] = part_of(frames[2 * i + 1] * lac_lane_gain_at(gain, i), most);
  }
}

static void join(const float *left, const float *right, const LacLaneGain *gain, double *frames, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    frames[2 * i] = (double)left[i] * lac_lane_gain_at(gain, i);
    frames[2 * i + 1] = (double)right[i] * lac_lane_gain_at(gain, i);
  }
}

static void add(const float *const dry[2], const double *frames, const LacLaneGain *gain, double most,
                float *const out[2], uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const double g = lac_lane_gain_at(gain, i);
    const float left = dry[0][i], right = dry[1][i];
    out[0][i] = (float)held(((double)left + frames[2 * i]) * g, most);
    out[1][i] = (float)held(((double)right + frames[2 * i + 1]) * g, most);
  }
}

const LacLaneGainKernels lac_lane_gain_kernels_scalar = {part, join, add};
