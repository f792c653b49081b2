/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Some bins at a time stay in registers while all partitions pass by; every bin is the
 * same expression at every width. */

#include "dsp/convolver_kernels.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

/* Four vectors at once: their sums fill half of the registers of baseline and avx2. */
enum { N_VECTORS = 4, RUN = N_VECTORS * LAC_LANES };

static inline __attribute__((always_inline)) V load(const float *p) {
  return *(const VU *)p;
}

typedef struct Slots {
  const float *spectra, *filter;
  uint32_t newest, n_partitions, stride;
} Slots;

/* n vectors from bin j on; n is a constant at every call. */
static inline __attribute__((always_inline)) void accumulate_at(const Slots *s, uint32_t j, int n, float *re,
                                                                float *im) {
  const size_t slot = (size_t)2 * s->stride;
  V sum_re[N_VECTORS] = {0}, sum_im[N_VECTORS] = {0};
  const float *x = s->spectra + slot * s->newest + j, *h = s->filter + j;
  const float *first = s->spectra + j, *last = first + slot * (s->n_partitions - 1);
  for (uint32_t p = 0; p < s->n_partitions; p++) {
    const float *x_im = x + s->stride, *h_im = h + s->stride;
#pragma GCC unroll 4
    for (int v = 0; v < n; v++) {
      const V a = load(x + v * LAC_LANES), b = load(x_im + v * LAC_LANES);
      const V c = load(h + v * LAC_LANES), d = load(h_im + v * LAC_LANES);
      sum_re[v] += a * c - b * d;
      sum_im[v] += a * d + b * c;
    }
    h += slot;
    x = x == first ? last : x - slot;
  }
#pragma GCC unroll 4
  for (int v = 0; v < n; v++) {
    *(VU *)(re + j + v * LAC_LANES) = sum_re[v];
    *(VU *)(im + j + v * LAC_LANES) = sum_im[v];
  }
}

static void accumulate(const float *spectra, uint32_t newest, const float *filter, uint32_t n_partitions,
                       uint32_t stride, float *re, float *im) {
  const Slots slots = {spectra, filter, newest, n_partitions, stride};
  uint32_t j = 0;
  for (; j + RUN <= stride; j += RUN)
    accumulate_at(&slots, j, N_VECTORS, re, im);
  for (; j < stride; j += LAC_LANES)
    accumulate_at(&slots, j, 1, re, im);
}

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

const LacConvolverKernels LAC_KERNEL(lac_convolver_kernels) = {accumulate, take};
