/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops of the peak canceller (peak_cancel.h), one form per CPU level, the same bits on each. */

#ifndef LAC_DSP_PEAK_CANCEL_KERNELS_H
#define LAC_DSP_PEAK_CANCEL_KERNELS_H

#include <stddef.h>

#include "dsp/kernels.h"

typedef struct LacPeakCancelKernels {
  /* y[i] -= amount h[i]. n a multiple of 16. */
  void (*subtract)(float *y, const float *h, float amount, size_t n);
  /* First i >= from with |y[i]| > level[i] or lambda[i] != 0; n when there is none. n a multiple of 16. */
  size_t (*next)(const float *y, const float *level, const float *lambda, size_t from, size_t n);
  /* y[i] += weight h[i]. n a multiple of 16. */
  void (*add)(float *y, const float *h, float weight, size_t n);
} LacPeakCancelKernels;

LAC_KERNEL_TABLES(LacPeakCancelKernels, lac_peak_cancel_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacPeakCancelKernels lac_peak_cancel_kernels_scalar;

#endif
