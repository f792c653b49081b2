/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One doubling of the rate and its way back, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_OVERSAMPLER_KERNELS_H
#define LAC_DSP_OVERSAMPLER_KERNELS_H

#include "dsp/kernels.h"

/* Symmetric taps over x: h[k] for x[i + k] and x[i + last - k], k = 0 .. n_pairs - 1, last >= 2 n_pairs - 1. */
typedef struct LacTapPairs {
  const float *h, *x; /* x has n + last samples */
  uint32_t n_pairs, last;
} LacTapPairs;

typedef struct LacOversamplerKernels {
  /* out[2 i] = sum over k of h[k] (x[i + k] + x[i + last - k]), added in that order; out[2 i + 1] = odd[i]. */
  void (*up)(const LacTapPairs *pairs, const float *odd, float *out, uint32_t n);
  /* y[i] = centre x[i], then the products of a, then those of b, added in that order; y is none of the others. */
  void (*down)(const LacTapPairs *a, const LacTapPairs *b, float centre, const float *x, float *y, uint32_t n);
  /* even[i] = in[2 i], odd[i] = in[2 i + 1]. */
  void (*unzip)(const float *in, float *even, float *odd, uint32_t n);
} LacOversamplerKernels;

LAC_KERNEL_TABLES(LacOversamplerKernels, lac_oversampler_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacOversamplerKernels lac_oversampler_kernels_scalar;

#endif
