/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The losses are recursive in time, so a vector holds lines there; everywhere else it
 * holds frames of one line. */

#include "dsp/delay_network_kernels.h"

#include <string.h>

enum { WIDTH = LAC_LANES / 2, GROUPS = LAC_NETWORK_LINES / WIDTH, ROWS = 2 * GROUPS };

typedef double Lanes __attribute__((vector_size(8 * WIDTH)));
typedef float Narrow __attribute__((vector_size(4 * WIDTH)));
typedef float Frames __attribute__((vector_size(4 * LAC_LANES)));
typedef int64_t Whole __attribute__((vector_size(8 * WIDTH)));

static inline __attribute__((always_inline)) Lanes load(const double *p) {
  Lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline __attribute__((always_inline)) Frames load_frames(const float *p) {
  Frames v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline __attribute__((always_inline)) void store_frames(float *p, Frames v) {
  memcpy(p, &v, sizeof v);
}

/* One frame of WIDTH lines from `first` on. */
static inline __attribute__((always_inline)) Lanes gather(const LacNetworkBlock *block, unsigned first, uint32_t i) {
  Narrow v = {0};
  for (unsigned j = 0; j < WIDTH; j++) {
    v[j] = block->line[first + j][i];
  }
  return __builtin_convertvector(v, Lanes);
}

static inline __attribute__((always_inline)) void scatter(LacNetworkBlock *block, unsigned first, uint32_t i, Lanes v) {
  Lanes magnitude = (Lanes)((Whole)v & INT64_MAX);
  Narrow out = __builtin_convertvector((Lanes)((Whole)v & ~(Whole)(magnitude < 1e-25)), Narrow);
  for (unsigned j = 0; j < WIDTH; j++) {
    block->line[first + j][i] = out[j];
  }
}

/* is_moving is a constant at every call. */
static inline __attribute__((always_inline)) void run_absorb(const LacAbsorption *from, const LacAbsorption *to,
                                                             LacAbsorptionState *state, LacNetworkBlock *block,
                                                             uint32_t n_frames, uint32_t first, bool is_moving) {
  const double *rows[2][3] = {{&from->through[0][0], &from->feed[0][0], &from->pole[0][0]},
                              {&to->through[0][0], &to->feed[0][0], &to->pole[0][0]}};
  Lanes z[ROWS];
  memcpy(z, state->z, sizeof z);
  for (uint32_t i = 0; i < n_frames; i++) {
    const double place = (double)(first + i + 1) / LAC_NETWORK_FRAMES;
    for (unsigned g = 0; g < GROUPS; g++) {
      Lanes x = gather(block, g * WIDTH, i);
      for (unsigned k = 0; k < 2; k++) {
        const unsigned at = (k * GROUPS + g) * WIDTH;
        Lanes c[3];
        for (unsigned r = 0; r < 3; r++) {
          const Lanes end = load(rows[1][r] + at);
          c[r] = is_moving ? load(rows[0][r] + at) + (end - load(rows[0][r] + at)) * place : end;
        }
        const Lanes before = z[k * GROUPS + g];
        z[k * GROUPS + g] = c[1] * x + c[2] * before;
        x = c[0] * x + before;
      }
      scatter(block, g * WIDTH, i, x);
    }
  }
  memcpy(state->z, z, sizeof z);
}

static void absorb(const LacAbsorption *from, const LacAbsorption *to, LacAbsorptionState *state,
                   LacNetworkBlock *block, uint32_t n_frames, uint32_t first) {
  if (from == to) {
    run_absorb(from, to, state, block, n_frames, first, false);
  } else {
    run_absorb(from, to, state, block, n_frames, first, true);
  }
}

static void scale(const float *from, const float *to, LacNetworkBlock *block, uint32_t n_frames, uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i += LAC_LANES) {
    Frames place;
    for (unsigned k = 0; k < LAC_LANES; k++) {
      place[k] = (float)(first + i + k + 1) / LAC_NETWORK_FRAMES;
    }
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
      float *at = &block->line[j][i];
      store_frames(at, load_frames(at) * (from == to ? to[j] + (Frames){0} : from[j] + (to[j] - from[j]) * place));
    }
  }
}

/* Two stages of butterflies at once, of four lines `apart` lines from each other. */
static inline __attribute__((always_inline)) void butterfly4(LacNetworkBlock *block, unsigned j, unsigned apart,
                                                             uint32_t i) {
  float *at[4];
  for (unsigned k = 0; k < 4; k++) {
    at[k] = &block->line[j + k * apart][i];
  }
  const Frames a = load_frames(at[0]), b = load_frames(at[1]), c = load_frames(at[2]), d = load_frames(at[3]);
  const Frames ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
  store_frames(at[0], ac + bd);
  store_frames(at[1], ac - bd);
  store_frames(at[2], a_c + b_d);
  store_frames(at[3], a_c - b_d);
}

static void mix(LacNetworkBlock *block, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i += LAC_LANES) {
    for (unsigned j = 0; j < 4; j++) {
      butterfly4(block, j, 4, i);
    }
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j += 4) {
      butterfly4(block, j, 1, i);
    }
  }
}

static void inject(LacNetworkBlock *block, const float *from_left, const float *from_right, const float *left,
                   const float *right, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i += LAC_LANES) {
    const Frames l = load_frames(left + i), r = load_frames(right + i);
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
      store_frames(&block->line[j][i], load_frames(&block->line[j][i]) + (from_left[j] * l + from_right[j] * r));
    }
  }
}

static void tap(const LacNetworkBlock *block, const float *to_mid, const float *to_side, float *mid, float *side,
                uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i += LAC_LANES) {
    Frames m = {0}, s = {0};
    for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
      const Frames x = load_frames(&block->line[j][i]);
      m += to_mid[j] * x;
      s += to_side[j] * x;
    }
    store_frames(mid + i, m);
    store_frames(side + i, s);
  }
}

const LacNetworkKernels LAC_KERNEL(lac_network_kernels) = {absorb, scale, mix, inject, tap};
