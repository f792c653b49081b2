/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/delay_network_kernels.h"

#include <float.h>

enum { LINES = LAC_NETWORK_LINES };

static float between(float from, float to, float place, bool is_moving) {
  return is_moving ? from + (to - from) * place : to;
}

/* What is left of x in line j. */
static float absorb(const LacNetworkRound *round, LacAbsorptionState *state, unsigned j, float x, float place) {
  const LacAbsorption *from = round->from, *to = round->to;
  const bool is_moving = from != to;
  for (unsigned k = 0; k < LAC_NETWORK_SECTIONS; k++) { /* without_low makes no difference but to the time it takes */
    const float z = state->z[k][j];
    const float through = between(from->through[k][j], to->through[k][j], place, is_moving);
    const float feed = between(from->feed[k][j], to->feed[k][j], place, is_moving);
    const float pole = between(from->pole[k][j], to->pole[k][j], place, is_moving);
    state->z[k][j] = feed * x + pole * z;
    x = through * x + z;
  }
  return round->without_veil ? x : (x + LAC_NETWORK_VEIL) - LAC_NETWORK_VEIL;
}

/* A stage of the Hadamard matrix. */
static void butterflies(float x[LINES], unsigned half) {
  for (unsigned j = 0; j < LINES; j++) {
    if (!(j & half)) {
      const float a = x[j], b = x[j + half];
      x[j] = a + b;
      x[j + half] = a - b;
    }
  }
}

static void feed_back(const LacNetworkRound *round, LacAbsorptionState *state, const LacNetworkPlaces *in,
                      const LacNetworkPlaces *out, uint32_t n_frames, uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
    const float exit_gain = between(round->from->exit_gain, round->to->exit_gain, place, round->from != round->to);
    float x[LINES];
    for (unsigned j = 0; j < LINES; j++) {
      x[j] = absorb(round, state, j, in->memory[in->at[j] + (int32_t)i], place);
    }
    butterflies(x, 8);
    butterflies(x, 4);
    /* Now the lines have been added with all the signs that mid and side ask for. */
    round->mid[i] = ((x[0] + x[9]) - (x[6] + x[15])) * exit_gain;
    round->side[i] = ((x[4] + x[13]) - (x[2] + x[11])) * exit_gain;
    for (unsigned j = 0; j < LINES; j++) {
      const float enters = j & 1 ? round->difference[i] : round->sum[i];
      out->memory[out->at[j] + (int32_t)i] = x[j] + (lac_network_enters_negative(j) ? -enters : enters);
    }
  }
}

static float hold(float value, float limit) {
  const float below = value < limit ? value : limit;
  return below > -limit ? below : -limit;
}

static void enter(const float *left, const float *right, float *sum, float *difference, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float l = hold(left[i], 1e30f), r = hold(right[i], 1e30f);
    sum[i] = l + r;
    difference[i] = l - r;
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

static void mix(const float *from, const float *to, const LacNetworkPlaces *in, const LacNetworkPlaces *out,
                uint32_t n_frames, uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float place = (float)(first + i + 1) / LAC_NETWORK_FRAMES;
    float x[LINES];
    for (unsigned j = 0; j < LINES; j++) {
      x[j] = in->memory[in->at[j] + (int32_t)i] * between(from[j], to[j], place, from != to);
    }
    for (unsigned half = LINES / 2; half > 0; half /= 2) {
      butterflies(x, half);
    }
    for (unsigned j = 0; j < LINES; j++) {
      out->memory[out->at[j] + (int32_t)i] = x[j];
    }
  }
}

const LacNetworkKernels lac_network_kernels_scalar = {feed_back, enter, add, mix};
