/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* For kernel sources (dsp/kernels.h): as many pairs of doubles (frames of two lanes) as a vector of AVX2 holds, of two
 * places: two pairs, or in baseline one, when the second place is left alone. AVX-512 does as AVX2: recursions gain
 * nothing from more. */

#ifndef LAC_DSP_FRAME_PAIRS_H
#define LAC_DSP_FRAME_PAIRS_H

#include "dsp/kernels.h"

#if LAC_LANES >= 8
#include <immintrin.h> /* gcc 12 makes one instruction more of each shuffle than there need be */
#endif

enum { LAC_PAIRS = LAC_LANES >= 8 ? 2 : 1, LAC_PAIRS_WIDTH = 2 * LAC_PAIRS };

typedef double LacPair __attribute__((vector_size(16)));
typedef double LacPairU __attribute__((vector_size(16), aligned(8), may_alias));
typedef double LacPairs __attribute__((vector_size(8 * LAC_PAIRS_WIDTH)));

static inline __attribute__((always_inline)) LacPairs lac_pairs_of(LacPair first, LacPair second) {
#if LAC_LANES >= 8
  return (LacPairs)_mm256_insertf128_pd(_mm256_castpd128_pd256((__m128d)first), (__m128d)second, 1);
#else
  (void)second;
  return first;
#endif
}

static inline __attribute__((always_inline)) LacPairs lac_pairs_load(const double *first, const double *second) {
#if LAC_LANES >= 8
  return lac_pairs_of(*(const LacPairU *)first, *(const LacPairU *)second);
#else
  (void)second;
  return *(const LacPairU *)first;
#endif
}

/* The same pair twice. */
static inline __attribute__((always_inline)) LacPairs lac_pairs_twice(const double *pair) {
#if LAC_LANES >= 8
  return (LacPairs)_mm256_broadcast_pd((const __m128d *)(const void *)pair);
#else
  return *(const LacPairU *)pair;
#endif
}

/* part: 0 or 1, a constant. */
static inline __attribute__((always_inline)) LacPair lac_pairs_part(LacPairs pairs, unsigned part) {
#if LAC_LANES >= 8
  return part > 0 ? (LacPair)_mm256_extractf128_pd((__m256d)pairs, 1) : (LacPair)_mm256_castpd256_pd128((__m256d)pairs);
#else
  (void)part;
  return pairs;
#endif
}

/* Lane by lane a > b ? a : b. */
static inline __attribute__((always_inline)) LacPairs lac_pairs_larger(LacPairs a, LacPairs b) {
#if LAC_LANES >= 8
  return (LacPairs)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
  return (LacPairs){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]};
#endif
}

/* Lane by lane a < b ? a : b. */
static inline __attribute__((always_inline)) LacPairs lac_pairs_smaller(LacPairs a, LacPairs b) {
#if LAC_LANES >= 8
  return (LacPairs)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
  return (LacPairs){a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1]};
#endif
}

static inline __attribute__((always_inline)) void lac_pairs_store(LacPairs pairs, double *first, double *second) {
  *(LacPairU *)first = lac_pairs_part(pairs, 0);
  if (LAC_PAIRS > 1) {
    *(LacPairU *)second = lac_pairs_part(pairs, 1);
  }
}

#endif
