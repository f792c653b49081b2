/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/peak_cancel_kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef float V __attribute__((vector_size(4 * LAC_LANES)));
typedef float VU __attribute__((vector_size(4 * LAC_LANES), aligned(4), may_alias));
typedef int32_t M __attribute__((vector_size(4 * LAC_LANES)));

enum { BLOCK = 16, N_VECTORS = BLOCK / LAC_LANES };

static void subtract(float *y, const float *h, float amount, size_t n) {
  for (size_t i = 0; i < n; i += LAC_LANES)
    *(VU *)(y + i) = *(const VU *)(y + i) - amount * *(const VU *)(h + i);
}

static void add(float *y, const float *h, float weight, size_t n) {
  for (size_t i = 0; i < n; i += LAC_LANES)
    *(VU *)(y + i) = *(const VU *)(y + i) + weight * *(const VU *)(h + i);
}

static inline bool is_point(float y, float level, float lambda) {
  return fabsf(y) > level || lambda != 0.0f;
}

static inline bool is_any(const float *y, const float *level, const float *lambda) {
  M found = {0};
#pragma GCC unroll 4
  for (int v = 0; v < N_VECTORS; v++) {
    const V x = *(const VU *)(y + v * LAC_LANES), l = *(const VU *)(level + v * LAC_LANES);
    const V m = *(const VU *)(lambda + v * LAC_LANES);
    found |= (M)(x > l) | (M)(-x > l) | (M)(m != 0.0f);
  }
  uint64_t words[LAC_LANES / 2], any = 0;
  __builtin_memcpy(words, &found, sizeof words);
  for (int w = 0; w < LAC_LANES / 2; w++)
    any |= words[w];
  return any != 0;
}

static size_t next(const float *y, const float *level, const float *lambda, size_t from, size_t n) {
  size_t i = from;
  for (; i % BLOCK != 0; i++)
    if (is_point(y[i], level[i], lambda[i]))
      return i;
  for (; i < n; i += BLOCK) {
    if (!is_any(y + i, level + i, lambda + i))
      continue;
    while (!is_point(y[i], level[i], lambda[i]))
      i++;
    return i;
  }
  return n;
}

const LacPeakCancelKernels LAC_KERNEL(lac_peak_cancel_kernels) = {subtract, next, add};
