/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef LAC_DSP_GAIN_SPLINE_KERNELS_H
#define LAC_DSP_GAIN_SPLINE_KERNELS_H

#include "dsp/kernels.h"

typedef struct LacGainSplineKernels {
  /* gain[c * step + j] = 10^(u / 20) with u = sum over i = 0..3 of weights[i][j] * u[c + i]; step a power of two. */
  void (*gains)(const float *u, const float *const weights[4], uint32_t step, float *gain, size_t n_cells);
  /* cap[k] = min(0, ceiling_db - 20 log10 peak[k]), exactly 0 for peaks up to `ceiling`. */
  void (*caps)(const float *peak, float ceiling, float ceiling_db, float *cap_db, size_t n);
} LacGainSplineKernels;

LAC_KERNEL_TABLES(LacGainSplineKernels, lac_gain_spline_kernels)

#endif
