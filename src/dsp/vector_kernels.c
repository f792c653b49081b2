/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The compiler keeps the order of float operations, so plain elementwise loops are
 * vectorised without harm; the reductions spell their lanes. */

#include "dsp/vector_kernels.h"

#include <math.h>

static inline LacFloat8 load(const float *p) { return *(const LacFloat8U *)p; }

static inline LacDouble8 load64(const double *p) { return *(const LacDouble8U *)p; }

static float dot(const float *a, const float *b, size_t n) {
  LacFloat8 lanes = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) lanes += load(a + i) * load(b + i);
  for (size_t j = 0; i < n; i++, j++) lanes[j] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

static double dot64(const double *a, const double *b, size_t n) {
  LacDouble8 lanes = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) lanes += load64(a + i) * load64(b + i);
  for (size_t j = 0; i < n; i++, j++) lanes[j] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

static void dot64_pair(const double *h, const double *x, const double *y, size_t n, double sums[2]) {
  LacDouble8 x0 = {0}, x1 = {0}, y0 = {0}, y1 = {0};
  for (size_t i = 0; i < n; i += 16) {
    LacDouble8 h0 = load64(h + i), h1 = load64(h + i + 8);
    x0 += h0 * load64(x + i);
    x1 += h1 * load64(x + i + 8);
    y0 += h0 * load64(y + i);
    y1 += h1 * load64(y + i + 8);
  }
  x0 += x1;
  y0 += y1;
  sums[0] = lac_sum_lanes(x0);
  sums[1] = lac_sum_lanes(y0);
}

/* Thirty-two outputs at a time: each tap is loaded once for all of them. */
static void fir(const float *h, size_t n_taps, const float *x, float *y, size_t n) {
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    LacFloat8 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (size_t k = 0; k < n_taps; k++) {
      const float *p = x + i + k;
      const float tap = h[k];
      s0 += tap * load(p);
      s1 += tap * load(p + 8);
      s2 += tap * load(p + 16);
      s3 += tap * load(p + 24);
    }
    *(LacFloat8U *)(y + i) = s0;
    *(LacFloat8U *)(y + i + 8) = s1;
    *(LacFloat8U *)(y + i + 16) = s2;
    *(LacFloat8U *)(y + i + 24) = s3;
  }
  for (; i < n; i++) {
    float sum = 0;
    for (size_t k = 0; k < n_taps; k++) sum += h[k] * x[i + k];
    y[i] = sum;
  }
}

static void multiply(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

static float max_abs(const float *x, size_t n) {
  LacFloat8 m0 = {0}, m1 = {0};
  size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    LacFloat8 a = (LacFloat8)((LacInt8)load(x + i) & 0x7fffffff);
    LacFloat8 b = (LacFloat8)((LacInt8)load(x + i + 8) & 0x7fffffff);
    m0 = (LacFloat8)(((LacInt8)(a > m0) & (LacInt8)a) | (~(LacInt8)(a > m0) & (LacInt8)m0));
    m1 = (LacFloat8)(((LacInt8)(b > m1) & (LacInt8)b) | (~(LacInt8)(b > m1) & (LacInt8)m1));
  }
  float largest = 0;
  for (int j = 0; j < 8; j++) {
    if (m0[j] > largest) largest = m0[j];
    if (m1[j] > largest) largest = m1[j];
  }
  for (; i < n; i++) {
    if (fabsf(x[i]) > largest) largest = fabsf(x[i]);
  }
  return largest;
}

static double sum_squares(const float *x, size_t n) {
  LacDouble8 lanes = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    LacDouble8 v = __builtin_convertvector(load(x + i), LacDouble8);
    lanes += v * v;
  }
  for (size_t j = 0; i < n; i++, j++) lanes[j] += (double)x[i] * (double)x[i];
  return lac_sum_lanes(lanes);
}

const LacVectorKernels LAC_KERNEL(lac_vector_kernels) = {dot, dot64, dot64_pair, fir, multiply, max_abs, sum_squares};
