/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For kernel sources (dsp/kernels.h): planar samples to frames of two interleaved lanes and back, in vectors of the
 * level's own width. */

#ifndef LAC_DSP_FRAME_VECTORS_H
#define LAC_DSP_FRAME_VECTORS_H

#include <float.h>
#include <stddef.h>

#include "dsp/kernels.h"

#if LAC_LANES >= 8
#include <immintrin.h> /* gcc 12 goes by halves, and compares where it could take the smaller */
#endif

typedef float LacFramesV __attribute__((vector_size(4 * LAC_LANES)));
typedef float LacFramesVU __attribute__((vector_size(4 * LAC_LANES), aligned(4), may_alias));
#if LAC_LANES == 16
#define LAC_FRAMES_EVENS 0, 2, 4, 6, 16, 18, 20, 22, 8, 10, 12, 14, 24, 26, 28, 30
#define LAC_FRAMES_ODDS 1, 3, 5, 7, 17, 19, 21, 23, 9, 11, 13, 15, 25, 27, 29, 31
#define LAC_FRAMES_LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define LAC_FRAMES_UPPER 4, 12, 5, 13, 6, 14, 7, 15
#define LAC_FRAMES_ALL 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#elif LAC_LANES == 8
#define LAC_FRAMES_EVENS 0, 2, 8, 10, 4, 6, 12, 14
#define LAC_FRAMES_ODDS 1, 3, 9, 11, 5, 7, 13, 15
#define LAC_FRAMES_LOWER 0, 4, 1, 5
#define LAC_FRAMES_UPPER 2, 6, 3, 7
#define LAC_FRAMES_ALL 0, 1, 2, 3, 4, 5, 6, 7
#else
#define LAC_FRAMES_EVENS 0, 2, 4, 6
#define LAC_FRAMES_ODDS 1, 3, 5, 7
#endif

#ifdef LAC_FRAMES_LOWER
typedef float LacFramesH __attribute__((vector_size(2 * LAC_LANES)));
typedef double LacFramesD __attribute__((vector_size(4 * LAC_LANES)));

static inline __attribute__((always_inline)) LacFramesD lac_frames_widened(LacFramesH x) {
#if LAC_LANES == 8
  return (LacFramesD)_mm256_cvtps_pd((__m128)x);
#else
  return (LacFramesD)_mm512_cvtps_pd((__m256)x);
#endif
}
#endif

/* frames[2 i] = left[i], frames[2 i + 1] = right[i]; right NULL, as a constant: 0. */
static inline __attribute__((always_inline)) void lac_frames_from(const float *left, const float *right, double *frames,
                                                                  uint32_t n) {
  uint32_t i = 0;
#ifdef LAC_FRAMES_LOWER
  enum { HALF = LAC_LANES / 2 };
  typedef float HU __attribute__((vector_size(4 * HALF), aligned(4), may_alias));
  typedef double DU __attribute__((vector_size(8 * HALF), aligned(8), may_alias));
  for (; i + HALF <= n; i += HALF) {
    LacFramesH l = *(const HU *)(left + i), r = {0};
    if (right)
      r = *(const HU *)(right + i);
    *(DU *)(frames + 2 * i) = lac_frames_widened(__builtin_shufflevector(l, r, LAC_FRAMES_LOWER));
    *(DU *)(frames + 2 * i + HALF) = lac_frames_widened(__builtin_shufflevector(l, r, LAC_FRAMES_UPPER));
  }
#endif
  for (; i < n; i++) {
    frames[2 * i] = (double)left[i];
    frames[2 * i + 1] = right ? (double)right[i] : 0;
  }
}

#ifdef LAC_FRAMES_LOWER
/* Two halves of a vector. */
static inline __attribute__((always_inline)) LacFramesV lac_frames_joined(const float *low, const float *high) {
  typedef float HU __attribute__((vector_size(2 * LAC_LANES), aligned(4), may_alias));
  return __builtin_shufflevector(*(const HU *)low, *(const HU *)high, LAC_FRAMES_ALL);
}
#endif

/* Vectors of frames are taken apart as the first and third of four halves and the second and fourth: so nothing but
 * their making crosses the middle of a vector. right may be NULL, as a constant. */
static inline __attribute__((always_inline)) void lac_frames_apart(const float *frames, float *left, float *right,
                                                                   uint32_t n) {
  uint32_t i = 0;
  for (; i + LAC_LANES <= n; i += LAC_LANES) {
    const float *at = frames + 2 * i;
#ifdef LAC_FRAMES_LOWER
    enum { HALF = LAC_LANES / 2 };
    const LacFramesV a = lac_frames_joined(at, at + 2 * HALF), b = lac_frames_joined(at + HALF, at + 3 * HALF);
#else
    const LacFramesV a = *(const LacFramesVU *)at, b = *(const LacFramesVU *)(at + LAC_LANES);
#endif
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

#ifdef LAC_FRAMES_LOWER
/* Two vectors of doubles rounded to one of floats. */
static inline __attribute__((always_inline)) LacFramesV lac_frames_rounded(const double *first, const double *second) {
#if LAC_LANES == 8
  const __m128 low = _mm256_cvtpd_ps(_mm256_loadu_pd(first)), high = _mm256_cvtpd_ps(_mm256_loadu_pd(second));
  return (LacFramesV)_mm256_insertf128_ps(_mm256_castps128_ps256(low), high, 1);
#else
  return (LacFramesV)__builtin_shufflevector(_mm512_cvtpd_ps(_mm512_loadu_pd(first)),
                                             _mm512_cvtpd_ps(_mm512_loadu_pd(second)), LAC_FRAMES_ALL);
#endif
}

static inline __attribute__((always_inline)) LacFramesV lac_frames_held(LacFramesV x) {
  const LacFramesV most = (LacFramesV){0} + FLT_MAX; /* not a number: the second operand, as x < most ? x : most */
#if LAC_LANES == 8
  return (LacFramesV)_mm256_max_ps(_mm256_min_ps((__m256)x, (__m256)most), (__m256)-most);
#else
  return (LacFramesV)_mm512_max_ps(_mm512_min_ps((__m512)x, (__m512)most), (__m512)-most);
#endif
}
#endif

/* The way back, rounded and held within +-FLT_MAX; right may be NULL, as a constant. What is beyond rounds to infinity
 * and is held as a float, which is half the work. */
static inline __attribute__((always_inline)) void lac_frames_to(const double *frames, float *left, float *right,
                                                                uint32_t n) {
  enum { RUN = 64 };
  uint32_t done = 0;
#ifdef LAC_FRAMES_LOWER
  for (; done + LAC_LANES <= n; done += LAC_LANES) {
    enum { HALF = LAC_LANES / 2 };
    const double *at = frames + 2 * done;
    const LacFramesV a = lac_frames_held(lac_frames_rounded(at, at + 2 * HALF));
    const LacFramesV b = lac_frames_held(lac_frames_rounded(at + HALF, at + 3 * HALF));
    *(LacFramesVU *)(left + done) = __builtin_shufflevector(a, b, LAC_FRAMES_EVENS);
    if (right) {
      *(LacFramesVU *)(right + done) = __builtin_shufflevector(a, b, LAC_FRAMES_ODDS);
    }
  }
#endif
  for (uint32_t run; done < n; done += run) { /* a loop for each: together gcc 12 makes branches of them */
    float rounded[2 * RUN];
    run = n - done < RUN ? n - done : RUN;
    for (uint32_t i = 0; i < 2 * run; i++) {
      rounded[i] = (float)frames[2 * done + i];
    }
    for (uint32_t i = 0; i < 2 * run; i++) {
      rounded[i] = rounded[i] < FLT_MAX ? rounded[i] : FLT_MAX;
    }
    for (uint32_t i = 0; i < 2 * run; i++) {
      rounded[i] = rounded[i] > -FLT_MAX ? rounded[i] : -FLT_MAX;
    }
    if (right) {
      lac_frames_apart(rounded, left + done, right + done, run);
    } else {
      lac_frames_apart(rounded, left + done, NULL, run);
    }
  }
}

#endif
