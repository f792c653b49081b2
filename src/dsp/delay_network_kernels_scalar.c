/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/delay_network_kernels.h"

#include <math.h>

static double between(double from, double to, double place, bool is_moving) {
  return is_moving ? from + (to - from) * place : to;
}

static void absorb(const LacAbsorption *from, const LacAbsorption *to, LacAbsorptionState *state,
                   LacNetworkBlock *block, uint32_t n_frames, uint32_t first) {
  const bool is_moving = from != to;
  for (uint32_t i = 0; i < n_frames; i++) {
    const double place = (double)(first + i + 1) / LAC_NETWORK_FRAMES;
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
      double x = (double)block->line[j][i];
      for (unsigned k = 0; k < 2; k++) {
        const double z = state->z[k][j];
        const double through = between(from->through[k][j], to->through[k][j], place, is_moving);
        const double feed = between(from->feed[k][j], to->feed[k][j], place, is_moving);
        const double pole = between(from->pole[k][j], to->pole[k][j], place, is_moving);
        state->z[k][j] = feed * x + pole * z;
        x = through * x + z;
      }
      block->line[j][i] = fabs(x) < 1e-25 ? 0.0f : (float)x;
    }
  }
}

static void scale(const float *from, const float *to, LacNetworkBlock *block, uint32_t n_frames, uint32_t first) {
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    for (uint32_t i = 0; i < n_frames; i++) {
      const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
      block->line[j][i] *= from == to ? to[j] : from[j] + (to[j] - from[j]) * place;
    }
  }
}

static void mix(LacNetworkBlock *block, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    for (unsigned half = LAC_NETWORK_LINES / 2; half > 0; half /= 2) {
      for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
        if (!(j & half)) {
          const float a = block->line[j][i], b = block->line[j + half][i];
          block->line[j][i] = a + b;
          block->line[j + half][i] = a - b;
        }
      }
    }
  }
}

static void inject(LacNetworkBlock *block, const float *from_left, const float *from_right, const float *left,
                   const float *right, uint32_t n_frames) {
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    for (uint32_t i = 0; i < n_frames; i++) {
      block->line[j][i] += from_left[j] * left[i] + from_right[j] * right[i];
    }
  }
}

static void tap(const LacNetworkBlock *block, const float *to_mid, const float *to_side, float *mid, float *side,
                uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    float m = 0, s = 0;
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
      m += to_mid[j] * block->line[j][i];
      s += to_side[j] * block->line[j][i];
    }
    mid[i] = m;
    side[i] = s;
  }
}

const LacNetworkKernels lac_network_kernels_scalar = {absorb, scale, mix, inject, tap};
