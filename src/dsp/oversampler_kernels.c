/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Outputs are independent of each other, so that every width gives the same bits. */

#include "dsp/oversampler_kernels.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

enum { WIDE = 4 }; /* vectors of outputs at a time: each tap is loaded once for all of them */

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

static void zip(const float *even, const float *odd, float *out, uint32_t n) {
  uint32_t i = 0;
  for (; i + LAC_LANES <= n; i += LAC_LANES) {
    const V a = load(even + i), b = load(odd + i);
    *(VU *)(out + 2 * i) = __builtin_shufflevector(a, b, LOW_HALVES);
    *(VU *)(out + 2 * i + LAC_LANES) = __builtin_shufflevector(a, b, HIGH_HALVES);
  }
  for (; i < n; i++) {
    out[2 * i] = even[i];
    out[2 * i + 1] = odd[i];
  }
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

static void symmetric(const float *h, uint32_t n_pairs, uint32_t last, const float *x, float *y, uint32_t n) {
  uint32_t i = 0;
  for (; i + WIDE * LAC_LANES <= n; i += WIDE * LAC_LANES) {
    V s[WIDE] = {0};
    for (uint32_t k = 0; k < n_pairs; k++) {
#pragma GCC unroll 4
      for (int v = 0; v < WIDE; v++)
        s[v] += h[k] * (load(x + i + k + v * LAC_LANES) + load(x + i + last - k + v * LAC_LANES));
    }
#pragma GCC unroll 4
    for (int v = 0; v < WIDE; v++)
      *(VU *)(y + i + v * LAC_LANES) = s[v];
  }
  for (; i < n; i++) {
    float sum = 0;
    for (uint32_t k = 0; k < n_pairs; k++)
      sum += h[k] * (x[i + k] + x[i + last - k]);
    y[i] = sum;
  }
}

static void add_up(const float *a, const float *b, float gain, const float *x, float *y, uint32_t n) {
  uint32_t i = 0;
  for (; i + LAC_LANES <= n; i += LAC_LANES)
    *(VU *)(y + i) = (load(a + i) + load(b + i)) + gain * load(x + i);
  for (; i < n; i++)
    y[i] = (a[i] + b[i]) + gain * x[i];
}

const LacOversamplerKernels LAC_KERNEL(lac_oversampler_kernels) = {zip, unzip, symmetric, add_up};
