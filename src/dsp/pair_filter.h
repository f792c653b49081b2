/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The filter that comes down last from twice the rate, two frames at a time: a sum over even and over odd samples, of
 * each by the fast algorithm for two outputs (D. A. Parker & K. K. Parhi, "Low-area/power parallel FIR digital filter
 * implementations", Journal of VLSI Signal Processing 17, 1997). With the taps h of even and odd lag, h0 and h1, and
 * the frames of even and odd number, x0 and x1, three filters of half the length do for four:
 *
 *   a = h0 * x0,  b = h1 * x1,  c = (h0 + h1) * (x0 + x1)
 *   y[2k] = a[k] + b[k-1],  y[2k+1] = c[k] - (a[k] + b[k])
 *
 * Frames are counted from the last reset, so that the same ones are even however they are cut into calls. */

#ifndef LAC_DSP_PAIR_FILTER_H
#define LAC_DSP_PAIR_FILTER_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/oversampler_kernels.h"
#include "dsp/oversampler_taps.h"

/* The even frames, the odd ones and the sums of both. */
enum { LAC_PAIR_A, LAC_PAIR_B, LAC_PAIR_C, LAC_PAIR_PRODUCTS };

typedef struct LacPairFilter {
  uint32_t n_rows, n_past, run;        /* run: most pairs per call */
  float *h[LAC_PAIR_PRODUCTS][2];      /* for even samples and odd ones, as LacTaps.h */
  float *memory[LAC_PAIR_PRODUCTS][2]; /* what is filtered: a past and LAC_TAPS_RUNS runs */
  float *y[LAC_PAIR_PRODUCTS], *out;
  uint32_t at; /* in memory: the past begins */
  bool is_odd; /* the next frame is */
  float b_before;
} LacPairFilter;

/* most: frames per call. */
LAC_NODISCARD LacStatus lac_pair_filter_init(LacPairFilter *self, LacArena *arena, const LacOversamplerTaps *taps,
                                             uint32_t most);
void lac_pair_filter_reset(LacPairFilter *self);
/* n even samples and n odd ones, and one before them each, become n frames. */
void lac_pair_filter_run(LacPairFilter *self, const LacOversamplerKernels *kernels, const float *even, const float *odd,
                         float *out, uint32_t n);

#endif
