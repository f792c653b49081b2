/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plain loops of the real-time limiter, per CPU level with the same bits (dsp/kernels.h): sample by sample, nothing
 * is summed. */

#ifndef LAC_DSP_LIMITER_KERNELS_H
#define LAC_DSP_LIMITER_KERNELS_H

#include "dsp/kernels.h"

typedef struct LacLimiterKernels {
  /* x[i] times gain, held within +-most; NaN becomes most. */
  void (*drive)(float *x, float gain, float most, uint32_t n);
  /* x[i] times gain[i], in double. */
  void (*reduce)(float *x, const double *gain, uint32_t n);
  /* a[i] and b[i] change places. */
  void (*swap)(float *a, float *b, uint32_t n);
} LacLimiterKernels;

LAC_KERNEL_TABLES(LacLimiterKernels, lac_limiter_kernels)

#endif
