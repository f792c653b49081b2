/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kernels over arrays that many objects share. Arrays may be unaligned; n is any number, 0 included; no kernel
 * writes beyond its n. Bits are the same on every CPU level (dsp/kernels.h). */

#ifndef LAC_DSP_VECTOR_KERNELS_H
#define LAC_DSP_VECTOR_KERNELS_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

typedef struct LacVectorKernels {
  /* Sum of a[i] b[i]: products and sums in float, 8 lanes. */
  float (*dot)(const float *a, const float *b, size_t n);
  /* Sum of a[i] b[i], in double, 8 lanes. */
  double (*dot64)(const double *a, const double *b, size_t n);
  /* sums[0] = sum of h[i] x[i], sums[1] = sum of h[i] y[i]; in double; n a multiple of 16; 16 lanes, the upper
   * eight folded onto the lower eight first. */
  void (*dot64_pair)(const double *h, const double *x, const double *y, size_t n, double sums[2]);
  /* y[i] = sum over k = 0..n_taps-1 of h[k] x[i + k], added in that order, float; x has n + n_taps - 1 samples. */
  void (*fir)(const float *h, size_t n_taps, const float *x, float *y, size_t n);
  /* y[i] = sum over k = 0..n_taps-1 of h[k] x[i - delays[k]], added in that order, float; y is no part of x. */
  void (*sparse_fir)(const float *h, const uint32_t *delays, size_t n_taps, const float *x, float *y, size_t n);
  /* out[i] = a[i] b[i]; out may be a or b. */
  void (*multiply)(const float *a, const float *b, float *out, size_t n);
  /* x[i] times gain, in double, rounded and held within +-FLT_MAX. */
  void (*amplify)(float *x, double gain, size_t n);
  /* Largest |x[i]|, 0 when there is none; NaN is passed over. */
  float (*max_abs)(const float *x, size_t n);
  /* Sum of x[i]^2 in double, 8 lanes. */
  double (*sum_squares)(const float *x, size_t n);
} LacVectorKernels;

LAC_KERNEL_TABLES(LacVectorKernels, lac_vector_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacVectorKernels lac_vector_kernels_scalar;

#endif
