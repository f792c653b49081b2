/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops of the meters, one source compiled per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_ANALYSIS_METER_KERNELS_H
#define LAC_ANALYSIS_METER_KERNELS_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

enum { LAC_BANK_BANDS = 8 };

/* Eight band-passes side by side, each a Butterworth high-pass and low-pass of second order as trapezoidal state
 * variable filters (Simper 2011): v1, v2 from the input and the two integrator states. */
typedef struct LacBandBank {
  float high_pass[3][LAC_BANK_BANDS]; /* a1, a2, a3 */
  float low_pass[3][LAC_BANK_BANDS];
  float state[2][4][LAC_BANK_BANDS]; /* per channel: high-pass 1, 2, low-pass 1, 2 */
  float peak[2][LAC_BANK_BANDS];     /* largest |output|, raised by every run */
  float energy[2][LAC_BANK_BANDS];   /* sum of squares, added to by every run */
} LacBandBank;

typedef struct LacFrameSums {
  double left, right, left_squared, right_squared, product;
} LacFrameSums;

typedef struct LacMeterKernels {
  /* Lowers *minimum and raises *maximum to what is found in n finite samples. */
  void (*range)(const float *x, size_t n, float *minimum, float *maximum);
  /* Copies with every NaN and infinity replaced by 0; returns how many there were. */
  size_t (*copy_finite)(const float *in, float *out, size_t n);
  /* True when three consecutive samples, the last one x[i] with 0 <= i < n, lie within `tolerance` of each other step
   * by step and |x[i]| >= floor. x[-2] and x[-1] are read. */
  bool (*has_flat)(const float *x, size_t n, float floor, float tolerance);
  /* Sums over n frames, 8 double lanes each. */
  void (*frame_sums)(const float *left, const float *right, size_t n, LacFrameSums *sums);
  /* Runs the bank over n frames; `right` may be NULL. State below 1e-15 is set to 0 at the end. */
  void (*bank)(LacBandBank *bank, const float *left, const float *right, size_t n);
  /* power[k] = re[k]^2 + im[k]^2; n a multiple of 8, 32-byte aligned, here and below. */
  void (*powers)(const float *re, const float *im, float *power, size_t n);
  /* cross[k] = a_re b_re + a_im b_im. */
  void (*cross)(const float *a_re, const float *a_im, const float *b_re, const float *b_im, float *cross, size_t n);
  /* sums[k] += a[k] + b[k]. */
  void (*accumulate)(const float *a, const float *b, double *sums, size_t n);
  /* mid = (l + r) / 2, side = (l - r) / 2; any n, any alignment. */
  void (*mid_side)(const float *left, const float *right, float *mid, float *side, size_t n);
  /* out[i] = larger of |left[i]|, |right[i]|; `right` may be `left`; any n, any alignment. */
  void (*sizes)(const float *left, const float *right, float *out, size_t n);
  /* out[i] = larger of a[i], b[i]; any n, any alignment. */
  void (*larger)(const float *a, const float *b, float *out, size_t n);
} LacMeterKernels;

LAC_KERNEL_TABLES(LacMeterKernels, lac_meter_kernels)

#endif
