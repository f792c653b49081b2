/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For kernel sources (dsp/kernels.h): planar samples to frames of two interleaved lanes and back, in vectors of the
 * level's own width. */

#ifndef LAC_DSP_FRAME_VECTORS_H
#define LAC_DSP_FRAME_VECTORS_H

#include <float.h>
#include <stddef.h>

#include "dsp/kernels.h"

typedef float LacFramesV __attribute__((vector_size(4 * LAC_LANES)));
typedef float LacFramesVU __attribute__((vector_size(4 * LAC_LANES), aligned(4), may_alias));
#if LAC_LANES == 16
#define LAC_FRAMES_EVENS 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define LAC_FRAMES_ODDS 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define LAC_FRAMES_LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define LAC_FRAMES_UPPER 4, 12, 5, 13, 6, 14, 7, 15
#elif LAC_LANES == 8
#define LAC_FRAMES_EVENS 0, 2, 4, 6, 8, 10, 12, 14
#define LAC_FRAMES_ODDS 1, 3, 5, 7, 9, 11, 13, 15
#define LAC_FRAMES_LOWER 0, 4, 1, 5
#define LAC_FRAMES_UPPER 2, 6, 3, 7
#else
#define LAC_FRAMES_EVENS 0, 2, 4, 6
#define LAC_FRAMES_ODDS 1, 3, 5, 7
#endif

/* frames[2 i] = left[i], frames[2 i + 1] = right[i]; right NULL, as a constant: 0. */
static inline __attribute__((always_inline)) void lac_frames_from(const float *left, const float *right, double *frames,
                                                                  uint32_t n) {
  uint32_t i = 0;
#ifdef LAC_FRAMES_LOWER
  enum { HALF = LAC_LANES / 2 };
  typedef float H __attribute__((vector_size(4 * HALF)));
  typedef float HU __attribute__((vector_size(4 * HALF), aligned(4), may_alias));
  typedef double D __attribute__((vector_size(8 * HALF)));
  typedef double DU __attribute__((vector_size(8 * HALF), aligned(8), may_alias));
  for (; i + HALF <= n; i += HALF) {
    H l = *(const HU *)(left + i), r = {0};
    if (right)
      r = *(const HU *)(right + i);
    *(DU *)(frames + 2 * i) = __builtin_convertvector(__builtin_shufflevector(l, r, LAC_FRAMES_LOWER), D);
    *(DU *)(frames + 2 * i + HALF) = __builtin_convertvector(__builtin_shufflevector(l, r, LAC_FRAMES_UPPER), D);
  }
#endif
  for (; i < n; i++) {
    frames[2 * i] = (double)left[i];
    frames[2 * i + 1] = right ? (double)right[i] : 0;
  }
}

/* Held within +-FLT_MAX, in place of the doubles, and rounded. Each in a loop of its own: together gcc 12 makes
 * branches of them, which cost four times as much. */
static inline __attribute__((always_inline)) void lac_frames_round(double *samples, float *rounded, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    samples[i] = samples[i] < (double)FLT_MAX ? samples[i] : (double)FLT_MAX;
  }
  for (uint32_t i = 0; i < n; i++) {
    samples[i] = samples[i] > -(double)FLT_MAX ? samples[i] : -(double)FLT_MAX;
  }
  for (uint32_t i = 0; i < n; i++) {
    rounded[i] = (float)samples[i];
  }
}

/* right may be NULL, as a constant. */
static inline __attribute__((always_inline)) void lac_frames_apart(const float *frames, float *left, float *right,
                                                                   uint32_t n) {
  uint32_t i = 0;
  for (; i + LAC_LANES <= n; i += LAC_LANES) {
    const LacFramesV a = *(const LacFramesVU *)(frames + 2 * i), b = *(const LacFramesVU *)(frames + 2 * i + LAC_LANES);
    *(LacFramesVU *)(left + i) = __builtin_shufflevector(a, b, LAC_FRAMES_EVENS);
    if (right) {
      *(LacFramesVU *)(right + i) = __builtin_shufflevector(a, b, LAC_FRAMES_ODDS);
    }
  }
  for (; i < n; i++) {
    left[i] = frames[2 * i];
    if (right) {
      right[i] = frames[2 * i + 1];
    }
  }
}

#endif
