/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Outputs are independent of each other, so that every width gives the same bits. */

#include "dsp/oversampler_kernels.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

/* Vectors of outputs at a time: each tap is loaded once for all of them. Eight sums and what they are made of fit into
 * sixteen registers; fewer for what is left of a run. */
enum { WIDE = 8, NARROW = 4 };

static inline __attribute__((always_inline)) V load(const float *p) {
  return *(const VU *)p;
}

#if LAC_LANES == 16
#define LOW_HALVES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_HALVES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define EVENS 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODDS 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif LAC_LANES == 8
#define LOW_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#define EVENS 0, 2, 4, 6, 8, 10, 12, 14
#define ODDS 1, 3, 5, 7, 9, 11, 13, 15
#else
#define LOW_HALVES 0, 4, 1, 5
#define HIGH_HALVES 2, 6, 3, 7
#define EVENS 0, 2, 4, 6
#define ODDS 1, 3, 5, 7
#endif

#define ALWAYS static inline __attribute__((always_inline))

/* Adds a block of `width` vectors; width is a constant at every call. */
ALWAYS void add_pairs(const LacTapPairs *pairs, uint32_t i, int width, V *s) {
  const float *h = pairs->h, *end = h + pairs->n_pairs, *first = pairs->x + i, *second = first + pairs->last;
#pragma GCC unroll 2
  for (; h < end; h++, first++, second--) {
    const V tap = (V){0} + *h;
#pragma GCC unroll 8
    for (int v = 0; v < width; v++)
      s[v] += tap * (load(first + v * LAC_LANES) + load(second + v * LAC_LANES));
  }
}

ALWAYS float add_pairs_once(const LacTapPairs *pairs, uint32_t i, float sum) {
  for (uint32_t k = 0; k < pairs->n_pairs; k++)
    sum += pairs->h[k] * (pairs->x[i + k] + pairs->x[i + pairs->last - k]);
  return sum;
}

ALWAYS void up_block(const LacTapPairs *pairs, const float *odd, float *out, uint32_t i, int width) {
  V s[WIDE] = {0};
  add_pairs(pairs, i, width, s);
#pragma GCC unroll 8
  for (int v = 0; v < width; v++) {
    const V b = load(odd + i + v * LAC_LANES);
    *(VU *)(out + 2 * (i + v * LAC_LANES)) = __builtin_shufflevector(s[v], b, LOW_HALVES);
    *(VU *)(out + 2 * (i + v * LAC_LANES) + LAC_LANES) = __builtin_shufflevector(s[v], b, HIGH_HALVES);
  }
}

static void up(const LacTapPairs *pairs, const float *odd, float *out, uint32_t n) {
  uint32_t i = 0;
  for (; i + WIDE * LAC_LANES <= n; i += WIDE * LAC_LANES)
    up_block(pairs, odd, out, i, WIDE);
  for (; i + NARROW * LAC_LANES <= n; i += NARROW * LAC_LANES)
    up_block(pairs, odd, out, i, NARROW);
  for (; i < n; i++) {
    out[2 * i] = add_pairs_once(pairs, i, 0.0f);
    out[2 * i + 1] = odd[i];
  }
}

ALWAYS void down_block(const LacTapPairs *a, const LacTapPairs *b, float centre, const float *x, float *y, uint32_t i,
                       int width) {
  V s[WIDE];
#pragma GCC unroll 8
  for (int v = 0; v < width; v++)
    s[v] = centre * load(x + i + v * LAC_LANES);
  add_pairs(a, i, width, s);
  add_pairs(b, i, width, s);
#pragma GCC unroll 8
  for (int v = 0; v < width; v++)
    *(VU *)(y + i + v * LAC_LANES) = s[v];
}

static void down(const LacTapPairs *a, const LacTapPairs *b, float centre, const float *x, float *y, uint32_t n) {
  uint32_t i = 0;
  for (; i + WIDE * LAC_LANES <= n; i += WIDE * LAC_LANES)
    down_block(a, b, centre, x, y, i, WIDE);
  for (; i + NARROW * LAC_LANES <= n; i += NARROW * LAC_LANES)
    down_block(a, b, centre, x, y, i, NARROW);
  for (; i < n; i++)
    y[i] = add_pairs_once(b, i, add_pairs_once(a, i, centre * x[i]));
}

static void unzip(const float *in, float *even, float *odd, uint32_t n) {
  uint32_t i = 0;
  for (; i + LAC_LANES <= n; i += LAC_LANES) {
    const V a = load(in + 2 * i), b = load(in + 2 * i + LAC_LANES);
    *(VU *)(even + i) = __builtin_shufflevector(a, b, EVENS);
    *(VU *)(odd + i) = __builtin_shufflevector(a, b, ODDS);
  }
  for (; i < n; i++) {
    even[i] = in[2 * i];
    odd[i] = in[2 * i + 1];
  }
}

const LacOversamplerKernels LAC_KERNEL(lac_oversampler_kernels) = {up, down, unzip};
