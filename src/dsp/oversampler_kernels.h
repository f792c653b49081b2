/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two halves of a half-band stage, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_OVERSAMPLER_KERNELS_H
#define LAC_DSP_OVERSAMPLER_KERNELS_H

#include "dsp/kernels.h"

typedef struct LacOversamplerKernels {
  /* out[2 i] = even[i], out[2 i + 1] = odd[i]. */
  void (*zip)(const float *even, const float *odd, float *out, uint32_t n);
  /* The way back. */
  void (*unzip)(const float *in, float *even, float *odd, uint32_t n);
  /* y[i] = sum over k = 0..n_pairs-1 of h[k] (x[i + k] + x[i + last - k]), added in that order; x has n + last samples,
   * last >= 2 n_pairs - 1. */
  void (*symmetric)(const float *h, uint32_t n_pairs, uint32_t last, const float *x, float *y, uint32_t n);
  /* y[i] = a[i] + b[i] + gain x[i], added in that order; y is none of the others. */
  void (*add_up)(const float *a, const float *b, float gain, const float *x, float *y, uint32_t n);
} LacOversamplerKernels;

LAC_KERNEL_TABLES(LacOversamplerKernels, lac_oversampler_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacOversamplerKernels lac_oversampler_kernels_scalar;

#endif
