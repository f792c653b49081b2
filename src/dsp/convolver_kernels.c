/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The bins of a group stay in registers while all partitions pass by; every bin is the
 * same expression at every width. */

#include "dsp/convolver_kernels.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

enum { GROUP = LAC_TRANSFORM_GROUP, N_VECTORS = GROUP / LAC_LANES };

static inline __attribute__((always_inline)) V load(const float *p) {
  return *(const VU *)p;
}

typedef struct Sums {
  V re[N_VECTORS], im[N_VECTORS];
} Sums;

static inline __attribute__((always_inline)) void add_products(Sums *sums, const float *x, const float *h, uint32_t n) {
  for (const float *end = x + (size_t)2 * GROUP * n; x < end; x += 2 * GROUP, h += 2 * GROUP) {
#pragma GCC unroll 4
    for (int v = 0; v < N_VECTORS; v++) {
      const V a = load(x + v * LAC_LANES), b = load(x + GROUP + v * LAC_LANES);
      const V c = load(h + v * LAC_LANES), d = load(h + GROUP + v * LAC_LANES);
      sums->re[v] += a * c - b * d;
      sums->im[v] += a * d + b * c;
    }
  }
}

static void accumulate(const float *spectra, uint32_t newest, const float *filter, uint32_t n_partitions,
                       uint32_t n_bins, float *re, float *im) {
  const size_t step = (size_t)2 * GROUP * n_partitions, around = (size_t)2 * GROUP * newest;
  for (uint32_t j = 0; j < n_bins; j += GROUP, spectra += step, filter += step) {
    Sums sums = {{{0}}, {{0}}};
    add_products(&sums, spectra + around, filter, n_partitions - newest);
    add_products(&sums, spectra, filter + step - around, newest);
#pragma GCC unroll 4
    for (int v = 0; v < N_VECTORS; v++) {
      *(VU *)(re + j + v * LAC_LANES) = sums.re[v];
      *(VU *)(im + j + v * LAC_LANES) = sums.im[v];
    }
  }
}

/* ---- direct taps ---- */

/* Taps eight apart see the same vectors of x, one (in baseline two) further on. */
enum { APART = LAC_CONVOLVER_TAPS_APART, F_LANES = LAC_LANES < 8 ? LAC_LANES : 8, SHIFT = APART / F_LANES };
enum { N_OUT = 4, ROUND = 4, N_SEEN = N_OUT + SHIFT * (ROUND - 1) };

typedef float F __attribute__((vector_size(F_LANES * 4)));
typedef float FU __attribute__((vector_size(F_LANES * 4), aligned(4), may_alias));

static inline __attribute__((always_inline)) F load_f(const float *p) {
  return *(const FU *)p;
}

static inline __attribute__((always_inline)) void end_sums(const F *sum, unsigned n, const float *const parts[3],
                                                           float *y, uint32_t i) {
#pragma GCC unroll 4
  for (unsigned v = 0; v < n; v++, i += F_LANES) {
    *(FU *)(y + i) = sum[v] + ((load_f(parts[2] + i) + load_f(parts[1] + i)) + load_f(parts[0] + i));
  }
}

/* N_OUT vectors of outputs from i on: every vector of x is loaded once for a round of taps. */
static inline __attribute__((always_inline)) void sum_rounds(const float *taps, uint32_t n_taps, const float *x,
                                                             const float *const parts[3], float *y, uint32_t i) {
  F sum[N_OUT] = {0};
  for (uint32_t first = 0; first < APART; first++) {
    const float *from = x + i + first, *end = taps + first + n_taps;
    for (const float *tap = taps + first; tap < end; tap += APART * ROUND, from += APART * ROUND) {
      F seen[N_SEEN];
#pragma GCC unroll 16
      for (unsigned v = 0; v < N_SEEN; v++) {
        seen[v] = load_f(from + F_LANES * v);
      }
#pragma GCC unroll 4
      for (unsigned q = 0; q < ROUND; q++) {
#pragma GCC unroll 4
        for (unsigned v = 0; v < N_OUT; v++) {
          sum[v] += tap[APART * q] * seen[v + SHIFT * q];
        }
      }
    }
  }
  end_sums(sum, N_OUT, parts, y, i);
}

static void sum_up(const float *taps, uint32_t n_taps, const float *x, const float *const parts[3], float *y,
                   uint32_t n_frames) {
  uint32_t i = 0;
  for (; n_taps % (APART * ROUND) == 0 && i + N_OUT * F_LANES <= n_frames; i += N_OUT * F_LANES) {
    sum_rounds(taps, n_taps, x, parts, y, i);
  }
  for (; i + F_LANES <= n_frames; i += F_LANES) {
    F sum = {0};
    for (uint32_t first = 0; first < APART; first++) {
      for (uint32_t k = first; k < n_taps; k += APART) {
        sum += taps[k] * load_f(x + i + k);
      }
    }
    end_sums(&sum, 1, parts, y, i);
  }
  if (i < n_frames) {
    const float *const rest[3] = {parts[0] + i, parts[1] + i, parts[2] + i};
    lac_convolver_kernels_scalar.sum_up(taps, n_taps, x + i, rest, y + i, n_frames - i);
  }
}

/* ---- what comes in ---- */

typedef int32_t I __attribute__((vector_size(LAC_LANES * 4)));

static inline __attribute__((always_inline)) V select_lanes(I mask, V yes, V no) {
  return (V)(((I)yes & mask) | ((I)no & ~mask));
}

static void take(const float *from, float *to, uint32_t n_frames) {
  const V most = (V){0} + 1e30f, least = (V){0} + 1e-30f;
  uint32_t i = 0;
  for (; i + LAC_LANES <= n_frames; i += LAC_LANES) {
    const V x = load(from + i), below = select_lanes(x < most, x, most);
    const V held = select_lanes(below > -most, below, -most);
    *(VU *)(to + i) = (V)((I)held & ((I)(held >= least) | (I)(held <= -least)));
  }
  if (i < n_frames) {
    lac_convolver_kernels_scalar.take(from + i, to + i, n_frames - i);
  }
}

const LacConvolverKernels LAC_KERNEL(lac_convolver_kernels) = {accumulate, sum_up, take};
