/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/vector_kernels.h"

#include <float.h>
#include <math.h>

enum { LANES = 8 };

static float dot(const float *a, const float *b, size_t n) {
  float lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++)
    lanes[i % LANES] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

static double dot64(const double *a, const double *b, size_t n) {
  double lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++)
    lanes[i % LANES] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

static double dot64_folded(const double *a, const double *b, size_t n) {
  double lanes[2 * LANES] = {0};
  for (size_t i = 0; i < n; i++)
    lanes[i % (2 * LANES)] += a[i] * b[i];
  for (size_t i = 0; i < LANES; i++)
    lanes[i] += lanes[i + LANES];
  return lac_sum_lanes(lanes);
}

static void dot64_pair(const double *h, const double *x, const double *y, size_t n, double sums[2]) {
  sums[0] = dot64_folded(h, x, n);
  sums[1] = dot64_folded(h, y, n);
}

static void fir(const float *h, size_t n_taps, const float *x, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float sum = 0;
    for (size_t k = 0; k < n_taps; k++)
      sum += h[k] * x[i + k];
    y[i] = sum;
  }
}

static void sparse_fir(const float *h, const uint32_t *delays, size_t n_taps, const float *x, float *y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float sum = 0;
    for (size_t k = 0; k < n_taps; k++)
      sum += h[k] * (x + i)[-(ptrdiff_t)delays[k]];
    y[i] = sum;
  }
}

static void multiply(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] * b[i];
}

static void amplify(float *x, double gain, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const float y = (float)((double)x[i] * gain), below = y > FLT_MAX ? FLT_MAX : y;
    x[i] = below < -FLT_MAX ? -FLT_MAX : below;
  }
}

static float max_abs(const float *x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; i++) {
    if (fabsf(x[i]) > largest)
      largest = fabsf(x[i]);
  }
  return largest;
}

static double sum_squares(const float *x, size_t n) {
  double lanes[LANES] = {0};
  for (size_t i = 0; i < n; i++)
    lanes[i % LANES] += (double)x[i] * (double)x[i];
  return lac_sum_lanes(lanes);
}

const LacVectorKernels lac_vector_kernels_scalar = {dot,      dot64,   dot64_pair, fir,        sparse_fir,
                                                    multiply, amplify, max_abs,    sum_squares};
