/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of width per band (dsp/width_splits.h), per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_WIDTH_SPLITS_KERNELS_H
#define LAC_DSP_WIDTH_SPLITS_KERNELS_H

#include "dsp/kernels.h"
#include "dsp/width_splits.h"

typedef struct LacWidthSplitsKernels {
  /* Interleaved pairs of mid and side through n_splits (at least 1) that stand still; n_frames up to
   * LAC_WIDTH_MOST_FRAMES. */
  void (*run)(const LacWidthFactors *factors, LacWidthState *state, unsigned n_splits, double *frames,
              uint32_t n_frames);
  /* frames[2 i] = half the sum of left and right, frames[2 i + 1] = half their difference. */
  void (*to_mid_side)(const float *left, const float *right, double *frames, uint32_t n_frames);
  /* The way back: sum and difference times a gain each, rounded to float and held within +-FLT_MAX. */
  void (*to_left_right)(const double *frames, const double gains[2], float *left, float *right, uint32_t n_frames);
} LacWidthSplitsKernels;

LAC_KERNEL_TABLES(LacWidthSplitsKernels, lac_width_splits_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacWidthSplitsKernels lac_width_splits_kernels_scalar;

#endif
