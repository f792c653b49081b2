/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inner loops of true_peak.c, compiled once per CPU level from true_peak_kernels.c. Lanes are neighbouring frames
 * and nothing is summed across lanes, so every level gives the same bits. */

#ifndef LAC_DSP_TRUE_PEAK_KERNELS_H
#define LAC_DSP_TRUE_PEAK_KERNELS_H

#include "dsp/kernels.h"

enum {
  LAC_TP_HALF_PAIRS = 128, /* first stage: 256 taps between two samples, symmetric */
  LAC_TP_FINE_PAIRS = 6,   /* second stage: 12 taps between two values at 2x */
  LAC_TP_CHUNK = 120,      /* most frames per call of `wide` */
  LAC_TP_REACH = 132,      /* samples of x read on either side of the frames asked for */
  LAC_TP_SLACK = 48        /* further readable samples behind, whatever they hold */
};

typedef struct LacTruePeakTaps {
  float half[LAC_TP_HALF_PAIRS];   /* half[k] weighs x[n-k] + x[n+1+k] */
  float middle[LAC_TP_FINE_PAIRS]; /* second stage, half way: weighs z[m-k] + z[m+1+k] */
  float even[LAC_TP_FINE_PAIRS];   /* quarter positions: even part, weighs the sum */
  float odd[LAC_TP_FINE_PAIRS];    /* and odd part, weighs z[m-k] - z[m+1+k] */
} LacTruePeakTaps;

typedef struct LacTruePeakKernels {
  /* m[i] = refined largest |value| of the 8x signal in [x + i, x + i + 1) for i < n <= LAC_TP_CHUNK. */
  void (*wide)(const LacTruePeakTaps *taps, const float *x, float *m, uint32_t n);
  /* Largest |x| and largest |x[i-1] - 2 x[i] + x[i+1]| over n values. */
  void (*extent)(const float *x, uint32_t n, float *level, float *bend);
  /* Largest |4-phase (n_phases 4) or 2-phase value| of the ITU filter, x with 11 samples before it. */
  float (*itu)(const float (*phases)[12], uint32_t n_phases, const float *x, uint32_t n);
} LacTruePeakKernels;

LAC_KERNEL_TABLES(LacTruePeakKernels, lac_true_peak_kernels)

#endif
