/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds stretches where the waveform was cut off: three or more samples at one level, entered by a step, or by a slope
 * that would have led well beyond it. Smooth tops (a bass note turning round, however many samples its 16-bit top
 * lasts) are entered with a vanishing slope and are not taken; a limiter touches its ceiling with single samples. Runs
 * are collected in a histogram of their level, because clipping happens at the extreme of the signal only, while the
 * flats of square waves and of coarse quantisation lie at many levels. */

#ifndef LAC_ANALYSIS_CLIP_DETECTOR_H
#define LAC_ANALYSIS_CLIP_DETECTOR_H

#include <lacquer/core.h>

#include "analysis/meter_kernels.h"
#include "dsp/vector_kernels.h"

enum { LAC_CLIP_GROUP = 64, LAC_CLIP_CONTEXT = 4, LAC_CLIP_LEVELS = 960 };

typedef struct LacClipLevel {
  uint32_t runs;
  uint32_t longest; /* frames */
  uint64_t frames;  /* in all runs */
  uint64_t longest_start;
} LacClipLevel;

typedef struct LacClipDetector { /* of one channel; about 60 KB */
  const LacVectorKernels *vectors;
  const LacMeterKernels *kernels;
  float peak;       /* largest |sample| of the groups before */
  float extreme[2]; /* most positive, most negative as a positive number */
  uint64_t frame;   /* of the next group */
  uint32_t run;     /* samples of the run that reaches the end of the last group; 0: none */
  uint64_t run_start;
  float run_level;                         /* signed, of its largest sample */
  bool run_is_steep;                       /* entered at a slope */
  LacClipLevel levels[2][LAC_CLIP_LEVELS]; /* per polarity, 0.05 dB each, downwards from +12 dBFS */
} LacClipDetector;

/* What is clipped in a channel. */
typedef struct LacClipResult {
  uint64_t runs; /* at the extremes; 0: not clipped */
  uint64_t frames;
  uint32_t longest;
  uint64_t longest_start;
  double confidence; /* 0..1 */
} LacClipResult;

void lac_clip_detector_init(LacClipDetector *detector);
/* x: LAC_CLIP_CONTEXT samples before, then n <= LAC_CLIP_GROUP of the group. Groups are full but for the last. */
void lac_clip_detector_group(LacClipDetector *detector, const float *x, uint32_t n);
/* Ends a run that reaches the end of the signal and judges. */
LacClipResult lac_clip_detector_result(LacClipDetector *detector);

#endif
