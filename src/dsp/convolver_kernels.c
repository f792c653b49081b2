/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Sixteen bins at a time stay in registers while all partitions pass by; every bin is the
 * same expression at every width. */

#include "dsp/convolver_kernels.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

/* Two vectors at once where there are registers for it; baseline and avx2 have 16, avx512 has 32. */
enum { N_VECTORS = 2, RUN = N_VECTORS * LAC_LANES };

static inline __attribute__((always_inline)) V load(const float *p) {
  return *(const VU *)p;
}

static void accumulate(const float *spectra, uint32_t newest, const float *filter, uint32_t n_partitions,
                       uint32_t stride, float *re, float *im) {
  uint32_t j = 0;
  for (; j + RUN <= stride; j += RUN) {
    V sum_re[N_VECTORS] = {0}, sum_im[N_VECTORS] = {0};
    uint32_t slot = newest;
    for (uint32_t p = 0; p < n_partitions; p++) {
      const float *x = spectra + (size_t)2 * slot * stride + j, *h = filter + (size_t)2 * p * stride + j;
#pragma GCC unroll 2
      for (int v = 0; v < N_VECTORS; v++) {
        const V a = load(x + v * LAC_LANES), b = load(x + stride + v * LAC_LANES);
        const V c = load(h + v * LAC_LANES), d = load(h + stride + v * LAC_LANES);
        sum_re[v] += a * c - b * d;
        sum_im[v] += a * d + b * c;
      }
      slot = slot > 0 ? slot - 1 : n_partitions - 1;
    }
#pragma GCC unroll 2
    for (int v = 0; v < N_VECTORS; v++) {
      *(VU *)(re + j + v * LAC_LANES) = sum_re[v];
      *(VU *)(im + j + v * LAC_LANES) = sum_im[v];
    }
  }
  for (; j < stride; j += LAC_LANES) {
    V sum_re = {0}, sum_im = {0};
    uint32_t slot = newest;
    for (uint32_t p = 0; p < n_partitions; p++) {
      const float *x = spectra + (size_t)2 * slot * stride + j, *h = filter + (size_t)2 * p * stride + j;
      sum_re += load(x) * load(h) - load(x + stride) * load(h + stride);
      sum_im += load(x) * load(h + stride) + load(x + stride) * load(h);
      slot = slot > 0 ? slot - 1 : n_partitions - 1;
    }
    *(VU *)(re + j) = sum_re;
    *(VU *)(im + j) = sum_im;
  }
}

const LacConvolverKernels LAC_KERNEL(lac_convolver_kernels) = {accumulate};
