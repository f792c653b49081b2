/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of a partitioned convolver over its transforms (dsp/block_transform.h). */

#ifndef LAC_DSP_CONVOLVER_KERNELS_H
#define LAC_DSP_CONVOLVER_KERNELS_H

#include <lacquer/core.h>

#include "dsp/block_transform.h"
#include "dsp/kernels.h"

enum { LAC_CONVOLVER_TAPS_APART = 8, LAC_CONVOLVER_ROUND_TAPS = 32 };

typedef struct LacConvolverKernels {
  /* re + i im = sum over p = 0 .. n_partitions - 1, in that order, of X[(newest + p) mod n_partitions] H[p], for n_bins
   * (a multiple of LAC_TRANSFORM_GROUP). The n_partitions groups of the same bins stand one behind the other in X and
   * in H, so that both are read from their beginning to their end. */
  void (*accumulate)(const float *spectra, uint32_t newest, const float *filter, uint32_t n_partitions, uint32_t n_bins,
                     float *re, float *im);
  /* y[i] = (sum over k of taps[k] x[i + k]) + ((parts[2][i] + parts[1][i]) + parts[0][i]). n_taps, a multiple of
   * LAC_CONVOLVER_TAPS_APART, or 0. Summed in rounds of LAC_CONVOLVER_ROUND_TAPS (the last may be shorter), of which
   * first every TAPS_APART-th from the first on, then from the second on, ... */
  void (*sum_up)(const float *taps, uint32_t n_taps, const float *x, const float *const parts[3], float *y,
                 uint32_t n_frames);
  /* to[i] = from[i], held within +-1e30; below 1e-30 it is 0, so that no transform meets denormals. */
  void (*take)(const float *from, float *to, uint32_t n_frames);
} LacConvolverKernels;

LAC_KERNEL_TABLES(LacConvolverKernels, lac_convolver_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacConvolverKernels lac_convolver_kernels_scalar;

#endif
