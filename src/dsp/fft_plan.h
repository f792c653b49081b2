/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the FFT's code for each CPU level shares. The method: a real transform of n points is a complex one of
 * N = n/2 points (even samples real, odd samples imaginary) and an unpacking step. The complex transform is Stockham's
 * self-sorting radix-4 decimation in frequency (T. G. Stockham, "High-speed convolution and correlation", 1966; in the
 * form of C. Van Loan, "Computational Frameworks for the FFT", 1992, section 1.7): passes with stride s = 1, 4, 16,
 * ... take x[q + s (p + k m)], k = 0..3, q < s, p < m = N / (4 s), to y[q + s (4 p + k)]; a last pass of radix 2
 * when N is no power of 4. Every output is the same expression of the same operands at every vector width, so the
 * bits do not depend on it. */

#ifndef LAC_DSP_FFT_PLAN_H
#define LAC_DSP_FFT_PLAN_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

/* Passes with a stride below this have their twiddles spread out per element: six rows (w1 re, w1 im, w2 re, ...) of
 * N/4 values in the order j = q + s p. From it on: six values per p. */
enum { LAC_FFT_SPREAD_BELOW = 16, LAC_FFT_MAX_PASSES = 12 };

/* Smallest complex length that the vector code takes; below it all levels run the scalar code. */
enum { LAC_FFT_SMALLEST_VECTOR = 64 };

#define LAC_FFT_PLAN(Name, Real)                                                                                       \
  typedef struct Name {                                                                                                \
    uint32_t n_complex; /* N */                                                                                        \
    uint32_t n_passes;                                                                                                 \
    Real *twiddles[LAC_FFT_MAX_PASSES]; /* per pass; NULL when all are 1 */                                            \
    Real *unpack_cos, *unpack_sin;      /* of -2 pi k / n, k < N/2 */                                                  \
  } Name;

LAC_FFT_PLAN(LacFftPlan, float)
LAC_FFT_PLAN(LacFft64Plan, double)

typedef struct LacFftKernels {
  void (*forward)(const LacFftPlan *plan, const float *in, float *re, float *im, float *scratch);
  void (*inverse)(const LacFftPlan *plan, const float *re, const float *im, float *out, float *scratch);
  void (*complex)(const LacFftPlan *plan, const float *from_re, const float *from_im, float *re, float *im,
                  float *scratch);
} LacFftKernels;

LAC_KERNEL_TABLES(LacFftKernels, lac_fft_kernels)

/* The readable truth, and the only form in double. */
void lac_fft_forward_scalar(const LacFftPlan *plan, const float *in, float *re, float *im, float *scratch);
void lac_fft_inverse_scalar(const LacFftPlan *plan, const float *re, const float *im, float *out, float *scratch);
void lac_fft_complex_scalar(const LacFftPlan *plan, const float *from_re, const float *from_im, float *re, float *im,
                            float *scratch);
void lac_fft64_forward_scalar(const LacFft64Plan *plan, const double *in, double *re, double *im, double *scratch);
void lac_fft64_inverse_scalar(const LacFft64Plan *plan, const double *re, const double *im, double *out,
                              double *scratch);

#endif
