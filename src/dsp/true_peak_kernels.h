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
  LAC_TP_CHUNK = 248,      /* most readings at once: 31 groups, a bit each, and one half-way block more */
  LAC_TP_GROUP = 8,        /* frames that are read or passed over together */
  LAC_TP_GROUPS = LAC_TP_CHUNK / LAC_TP_GROUP,
  LAC_TP_SURVEYED = (LAC_TP_GROUPS + 7) / 8 * 8,
  LAC_TP_ROOM = LAC_TP_CHUNK + 3 * LAC_TP_GROUP,
  LAC_TP_BRIEF_PAIRS = 4,
  LAC_TP_REACH = 140, /* samples of x read on either side of the frames asked for */
  LAC_TP_SLACK = 48   /* further readable samples behind, whatever they hold */
};

typedef struct LacTruePeakTaps {
  float half[LAC_TP_HALF_PAIRS];   /* half[k] weighs x[n-k] + x[n+1+k] */
  float middle[LAC_TP_FINE_PAIRS]; /* second stage, half way: weighs z[m-k] + z[m+1+k] */
  float even[LAC_TP_FINE_PAIRS];   /* quarter positions: even part, weighs the sum */
  float odd[LAC_TP_FINE_PAIRS];    /* and odd part, weighs z[m-k] - z[m+1+k] */
  float brief[LAC_TP_BRIEF_PAIRS]; /* 8 taps that nearly do what `half` does */
} LacTruePeakTaps;

/* What bounds the readings of n frames, group by group (dsp/peak_bound.h). */
typedef struct LacTruePeakSurvey {
  float level[LAC_TP_SURVEYED];     /* largest |sample| of the group and the one behind it */
  float near_bend[LAC_TP_SURVEYED]; /* largest second difference within LAC_PEAK_BOUND_NEAR of the group */
  float far_bend;                   /* and anywhere near enough to any of the frames */
} LacTruePeakSurvey;

/* A closer look at the same (dsp/peak_bound.h): half-way values by the brief taps, and what those may miss. */
typedef struct LacTruePeakOutline {
  float half_way[LAC_TP_GROUPS];  /* largest |half-way value| behind a sample of the group */
  float bend[LAC_TP_GROUPS];      /* largest second difference at 2x within 8 samples of the group */
  float near_edge[LAC_TP_GROUPS]; /* largest eighth difference / 256 within LAC_PEAK_BOUND_NEAR of the group */
  float far_edge;                 /* and anywhere near enough */
} LacTruePeakOutline;

/* Readings of a stretch, made group by group as they are wanted. */
typedef struct LacTruePeakReadings {
  uint32_t half_ways;          /* bit b: half_way[8 b .. 8 b + 7] is there */
  float half_way[LAC_TP_ROOM]; /* [j]: half way after sample j - 4 */
  float most[LAC_TP_ROOM];     /* [i]: refined largest |value| of the 8x signal from sample i on, before i + 1 */
} LacTruePeakReadings;

typedef struct LacTruePeakKernels {
  /* Makes the readings 8 g .. 8 g + 7 of every bit g of `groups`, for the samples from x on. */
  void (*wide)(const LacTruePeakTaps *taps, const float *x, uint32_t groups, LacTruePeakReadings *readings);
  /* bend[i] = |x[i-1] - 2 x[i] + x[i+1]|, the second differences of n values and of what fills up a group. */
  void (*bends)(const float *x, float *bend, uint32_t n);
  /* bend: those around x, from LAC_TP_REACH before it to LAC_TP_REACH behind the n values and another 48. */
  void (*survey)(const float *x, const float *bend, uint32_t n, LacTruePeakSurvey *survey);
  void (*outline)(const LacTruePeakTaps *taps, const float *x, uint32_t n_groups, LacTruePeakOutline *outline);
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
