/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Splits that stand still (dsp/width_splits.h), per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_WIDTH_SPLITS_KERNELS_H
#define LAC_DSP_WIDTH_SPLITS_KERNELS_H

#include "dsp/kernels.h"
#include "dsp/width_splits.h"

/* A section as a state space (dsp/svf.h), in which no state waits for more than one product and two sums:
 *   v1 = c1 z1 + c2 (x - z2), v2 = z2 + g v1; z1' = a11 z1 + b1 (x - z2); z2' = a22 z2 + (b1 z1 + b2 x);
 * low-pass v2, all-pass x - round v1. */
typedef struct LacWidthFactors {
  double g, c1, c2, a11, a22, b1, b2, round;
  double gain; /* of the band below */
} LacWidthFactors;

typedef struct LacWidthSplitsKernels {
  /* All frames through one split after another: the mid and what is left of the side in frames, what is finished in
   * held. n_frames <= LAC_WIDTH_MOST_FRAMES. */
  void (*run)(const LacWidthFactors *factors, LacWidthSplit *splits, unsigned n_splits, double *frames, double *held,
              uint32_t n_frames);
} LacWidthSplitsKernels;

LAC_KERNEL_TABLES(LacWidthSplitsKernels, lac_width_splits_kernels)

#endif
