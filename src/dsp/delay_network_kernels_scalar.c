/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/delay_network_kernels.h"

#include <float.h>

enum { LINES = LAC_NETWORK_LINES };

static float between(float from, float to, float place, bool is_moving) {
  return is_moving ? from + (to - from) * place : to;
}

static void absorb(const LacAbsorption *from, const LacAbsorption *to, LacAbsorptionState *state,
                   const LacNetworkPlaces *in, LacNetworkBlock *out, uint32_t n_frames, uint32_t first,
                   bool without_low) {
  (void)without_low; /* makes no difference but to the time it takes */
  const bool is_moving = from != to;
  for (uint32_t i = 0; i < n_frames; i++) {
    const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
    for (unsigned j = 0; j < LINES; j++) {
      float x = in->memory[in->at[j] + (int32_t)i];
      for (unsigned k = 0; k < LAC_NETWORK_SECTIONS; k++) {
        const float z = state->z[k][j];
        const float through = between(from->through[k][j], to->through[k][j], place, is_moving);
        const float feed = between(from->feed[k][j], to->feed[k][j], place, is_moving);
        const float pole = between(from->pole[k][j], to->pole[k][j], place, is_moving);
        state->z[k][j] = feed * x + pole * z;
        x = through * x + z;
      }
      out->line[j][i] = (x + LAC_NETWORK_VEIL) - LAC_NETWORK_VEIL;
    }
  }
}

static void tap(const LacNetworkBlock *block, float from, float to, float *mid, float *side, uint32_t n_frames,
                uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float gain = between(from, to, (float)(first + i + 1) / LAC_NETWORK_FRAMES, true);
    float sums[2] = {0, 0};
    for (unsigned j = 0; j < LINES; j++) {
      const float x = block->line[j][i];
      sums[j >> 2 & 1] += lac_network_leaves_negative(j) ? -x : x;
    }
    mid[i] = (sums[0] + sums[1]) * gain;
    side[i] = (sums[0] - sums[1]) * gain;
  }
}

static float hold(float value, float limit) {
  const float below = value < limit ? value : limit;
  return below > -limit ? below : -limit;
}

static void enter(const float *left, const float *right, float *left_to, float *right_to, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    left_to[i] = hold(left[i], 1e30f);
    right_to[i] = hold(right[i], 1e30f);
  }
}

static void add(float *left, float *right, const float *const room[2], const float mid[2], const float side[2],
                uint32_t n_frames, uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
    const float m = room[0][i] * between(mid[0], mid[1], place, true);
    const float s = room[1][i] * between(side[0], side[1], place, true);
    left[i] = hold(left[i] + (m + s), FLT_MAX);
    if (right) {
      right[i] = hold(right[i] + (m - s), FLT_MAX);
    }
  }
}

static void hadamard(float x[LINES]) {
  for (unsigned half = LINES / 2; half > 0; half /= 2) {
    for (unsigned j = 0; j < LINES; j++) {
      if (!(j & half)) {
        const float a = x[j], b = x[j + half];
        x[j] = a + b;
        x[j + half] = a - b;
      }
    }
  }
}

static void spread(LacNetworkBlock *block, const float *sum, const float *difference, const LacNetworkPlaces *out,
                   uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    float x[LINES];
    for (unsigned j = 0; j < LINES; j++) {
      x[j] = block->line[j][i];
    }
    hadamard(x);
    for (unsigned j = 0; j < LINES; j++) {
      const float enters = j & 1 ? difference[i] : sum[i];
      out->memory[out->at[j] + (int32_t)i] = x[j] + (lac_network_enters_negative(j) ? -enters : enters);
    }
  }
}

static void mix(const float *from, const float *to, const LacNetworkPlaces *in, const LacNetworkPlaces *out,
                uint32_t n_frames, uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
    float x[LINES];
    for (unsigned j = 0; j < LINES; j++) {
      x[j] = in->memory[in->at[j] + (int32_t)i] * between(from[j], to[j], place, from != to);
    }
    hadamard(x);
    for (unsigned j = 0; j < LINES; j++) {
      out->memory[out->at[j] + (int32_t)i] = x[j];
    }
  }
}

const LacNetworkKernels lac_network_kernels_scalar = {absorb, tap, enter, add, spread, mix};
