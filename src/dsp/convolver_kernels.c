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
enum { MOST_OUT = 8, ROUND = LAC_CONVOLVER_ROUND_TAPS, AT_ONCE = ROUND / APART };

typedef float F __attribute__((vector_size(F_LANES * 4)));
typedef float FU __attribute__((vector_size(F_LANES * 4), aligned(4), may_alias));

static inline __attribute__((always_inline)) F load_f(const float *p) {
  return *(const FU *)p;
}

static inline __attribute__((always_inline)) void end_sums(const F *sum, uint32_t n, const float *const parts[3],
                                                           float *y, uint32_t i) {
#pragma GCC unroll 8
  for (uint32_t v = 0; v < n; v++, i += F_LANES) {
    *(FU *)(y + i) = sum[v] + ((load_f(parts[2] + i) + load_f(parts[1] + i)) + load_f(parts[0] + i));
  }
}

/* n_out vectors of outputs from i on (a constant at every call): as many sums as additions are under way at once, and
 * every vector of x is loaded once for a round of taps, whose sums it meets in the order of the taps. */
static inline __attribute__((always_inline)) void sum_rounds(const float *taps, uint32_t n_taps, const float *x,
                                                             const float *const parts[3], float *y, uint32_t i,
                                                             uint32_t n_out) {
  F sum[MOST_OUT] = {0};
  for (uint32_t round = 0; round < n_taps; round += ROUND) {
    for (uint32_t k = round; k < round + APART; k++) {
      const float *tap = taps + k, *from = x + i + k;
#pragma GCC unroll 16
      for (uint32_t s = 0; s < n_out + SHIFT * (AT_ONCE - 1); s++) {
        const F seen = load_f(from + F_LANES * s);
#pragma GCC unroll 4
        for (uint32_t q = 0; q < AT_ONCE; q++) {
          if (s >= SHIFT * q && s - SHIFT * q < n_out) {
            sum[s - SHIFT * q] += tap[APART * q] * seen;
          }
        }
      }
    }
  }
  end_sums(sum, n_out, parts, y, i);
}

static void sum_up(const float *taps, uint32_t n_taps, const float *x, const float *const parts[3], float *y,
                   uint32_t n_frames) {
  uint32_t i = 0;
  if (n_taps % ROUND == 0) {
    for (; i + MOST_OUT * F_LANES <= n_frames; i += MOST_OUT * F_LANES) {
      sum_rounds(taps, n_taps, x, parts, y, i, MOST_OUT);
    }
    for (; i + F_LANES <= n_frames; i += F_LANES) {
      sum_rounds(taps, n_taps, x, parts, y, i, 1);
    }
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
