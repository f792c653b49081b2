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
  LAC_TP_GROUP = 8,        /* frames that are read or passed over together */
  LAC_TP_GROUPS = LAC_TP_CHUNK / LAC_TP_GROUP,
  LAC_TP_REACH = 137, /* samples of x read on either side of the frames asked for */
  LAC_TP_SLACK = 48   /* further readable samples behind, whatever they hold */
};

typedef struct LacTruePeakTaps {
  float half[LAC_TP_HALF_PAIRS];   /* half[k] weighs x[n-k] + x[n+1+k] */
  float middle[LAC_TP_FINE_PAIRS]; /* second stage, half way: weighs z[m-k] + z[m+1+k] */
  float even[LAC_TP_FINE_PAIRS];   /* quarter positions: even part, weighs the sum */
  float odd[LAC_TP_FINE_PAIRS];    /* and odd part, weighs z[m-k] - z[m+1+k] */
} LacTruePeakTaps;

/* What bounds the readings of n frames, group by group (dsp/peak_bound.h). */
typedef struct LacTruePeakSurvey {
  float level[LAC_TP_GROUPS];     /* largest |sample| of the group and the one behind it */
  float near_bend[LAC_TP_GROUPS]; /* largest second difference within LAC_PEAK_BOUND_NEAR of the group */
  float far_bend;                 /* and anywhere near enough to any of the frames */
} LacTruePeakSurvey;

typedef struct LacTruePeakKernels {
  /* m[i] = refined largest |value| of the 8x signal in [x + i, x + i + 1) for i < n <= LAC_TP_CHUNK where bit i / 8 of
   * `groups` is set, else 0. */
  void (*wide)(const LacTruePeakTaps *taps, const float *x, float *m, uint32_t n, uint32_t groups);
  void (*survey)(const float *x, uint32_t n, LacTruePeakSurvey *survey);
  /* lowest[g] = smallest limit of the frames that the readings 8 g .. 8 g + 7 belong to, reading i to the frames i - 1
   * and i; 1 <= n_frames < LAC_TP_CHUNK. */
  void (*group_limits)(const float *limits, uint32_t n_frames, float *lowest);
  /* Largest |x| and largest |x[i-1] - 2 x[i] + x[i+1]| over n values. */
  void (*extent)(const float *x, uint32_t n, float *level, float *bend);
  /* Largest |4-phase (n_phases 4) or 2-phase value| of the ITU filter, x with 11 samples before it. */
  float (*itu)(const float (*phases)[12], uint32_t n_phases, const float *x, uint32_t n);
} LacTruePeakKernels;

LAC_KERNEL_TABLES(LacTruePeakKernels, lac_true_peak_kernels)

#endif
