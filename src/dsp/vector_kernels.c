/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The compiler keeps the order of float operations, so plain elementwise loops are
 * vectorised without harm; the reductions spell their lanes. */

#include "dsp/vector_kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if LAC_LANES >= 8
#include <immintrin.h> /* gcc 12 makes four instructions of a maximum of vectors */
#endif

/* Vectors of the level's own width: gcc 12 spills wider ones to memory. Sixteen, or eight, lanes are several of them.
 */
typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));
typedef double D __attribute__((vector_size(LAC_LANES * 4)));
typedef double DU __attribute__((vector_size(LAC_LANES * 4), aligned(8), may_alias));

enum {
  D_LANES = LAC_LANES / 2,
  N_8 = 8 / D_LANES, /* double vectors in eight lanes */
  N_16 = 16 / D_LANES,
  F_LANES = LAC_LANES < 8 ? LAC_LANES : 8, /* float reductions have eight lanes in all */
};
typedef float F __attribute__((vector_size(F_LANES * 4)));
typedef float FU __attribute__((vector_size(F_LANES * 4), aligned(4), may_alias));
typedef int32_t FI __attribute__((vector_size(F_LANES * 4)));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS D load64(const double *p) {
  return *(const DU *)p;
}

static float dot(const float *a, const float *b, size_t n) {
  F sums[8 / F_LANES] = {0};
  float lanes[8];
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
#pragma GCC unroll 8
    for (int v = 0; v < 8 / F_LANES; v++)
      sums[v] += *(const FU *)(a + i + v * F_LANES) * *(const FU *)(b + i + v * F_LANES);
  }
  memcpy(lanes, sums, sizeof lanes);
  for (size_t j = 0; i < n; i++, j++)
    lanes[j] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

static double dot64(const double *a, const double *b, size_t n) {
  D sums[N_8] = {0};
  double lanes[8];
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
#pragma GCC unroll 8
    for (int v = 0; v < N_8; v++)
      sums[v] += load64(a + i + v * D_LANES) * load64(b + i + v * D_LANES);
  }
  memcpy(lanes, sums, sizeof lanes);
  for (size_t j = 0; i < n; i++, j++)
    lanes[j] += a[i] * b[i];
  return lac_sum_lanes(lanes);
}

ALWAYS double fold(const D sums[N_16]) {
  double lanes[16];
  memcpy(lanes, sums, sizeof lanes);
  for (int j = 0; j < 8; j++)
    lanes[j] += lanes[j + 8];
  return lac_sum_lanes(lanes);
}

#if LAC_LANES > 4
static void dot64_pair(const double *h, const double *x, const double *y, size_t n, double sums[2]) {
  D sx[N_16] = {0}, sy[N_16] = {0};
  for (size_t i = 0; i < n; i += 16) {
#pragma GCC unroll 8
    for (int v = 0; v < N_16; v++) {
      D taps = load64(h + i + v * D_LANES);
      sx[v] += taps * load64(x + i + v * D_LANES);
      sy[v] += taps * load64(y + i + v * D_LANES);
    }
  }
  sums[0] = fold(sx);
  sums[1] = fold(sy);
}
#else
/* The sums of one signal fill half of the registers. */
static double dot64_folded(const double *h, const double *x, size_t n) {
  D s[N_16] = {0};
  for (size_t i = 0; i < n; i += 16) {
#pragma GCC unroll 8
    for (int v = 0; v < N_16; v++)
      s[v] += load64(h + i + v * D_LANES) * load64(x + i + v * D_LANES);
  }
  return fold(s);
}

static void dot64_pair(const double *h, const double *x, const double *y, size_t n, double sums[2]) {
  sums[0] = dot64_folded(h, x, n);
  sums[1] = dot64_folded(h, y, n);
}
#endif

/* Four vectors of outputs at a time: each tap is loaded once for all of them. */
static void fir(const float *h, size_t n_taps, const float *x, float *y, size_t n) {
  size_t i = 0;
  for (; i + 4 * LAC_LANES <= n; i += 4 * LAC_LANES) {
    V s[4] = {0};
#pragma GCC unroll 4
    for (size_t k = 0; k < n_taps; k++) {
      const float *p = x + i + k;
#pragma GCC unroll 4
      for (int v = 0; v < 4; v++)
        s[v] += h[k] * *(const VU *)(p + v * LAC_LANES);
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
      *(VU *)(y + i + v * LAC_LANES) = s[v];
  }
  for (; i + LAC_LANES <= n; i += LAC_LANES) {
    V sum = {0};
    for (size_t k = 0; k < n_taps; k++)
      sum += h[k] * *(const VU *)(x + i + k);
    *(VU *)(y + i) = sum;
  }
  for (; i < n; i++) {
    float sum = 0;
    for (size_t k = 0; k < n_taps; k++)
      sum += h[k] * x[i + k];
    y[i] = sum;
  }
}

static void sparse_fir(const float *h, const uint32_t *delays, size_t n_taps, const float *x, float *y, size_t n) {
  size_t i = 0;
  for (; i + 4 * LAC_LANES <= n; i += 4 * LAC_LANES) {
    V s[4] = {0};
    for (size_t k = 0; k < n_taps; k++) {
      const float *p = x + i - delays[k];
#pragma GCC unroll 4
      for (int v = 0; v < 4; v++)
        s[v] += h[k] * *(const VU *)(p + v * LAC_LANES);
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
      *(VU *)(y + i + v * LAC_LANES) = s[v];
  }
  for (; i < n; i++) {
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

/* The largest magnitude is the same in any order. */
/* Not the other way round: a NaN is not larger. */
ALWAYS F larger(F size, F most) {
#if LAC_LANES >= 8
  return (F)_mm256_max_ps((__m256)size, (__m256)most);
#else
  const FI is_larger = size > most;
  return (F)((is_larger & (FI)size) | (~is_larger & (FI)most));
#endif
}

ALWAYS F magnitudes(const float *x) {
  return (F)((FI) * (const FU *)x & 0x7fffffff);
}

static float max_abs(const float *x, size_t n) {
  F most[4] = {0};
  float lanes[F_LANES], largest = 0;
  size_t i = 0;
  if (n < F_LANES) {
    for (; i < n; i++)
      largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    return largest;
  }
  for (; i + 4 * F_LANES <= n; i += 4 * F_LANES) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
      most[v] = larger(magnitudes(x + i + v * F_LANES), most[v]);
  }
  for (; i + F_LANES <= n; i += F_LANES)
    most[0] = larger(magnitudes(x + i), most[0]);
  most[1] = larger(magnitudes(x + n - F_LANES), most[1]); /* what is left, and some of it twice */
  most[0] = larger(larger(most[0], most[1]), larger(most[2], most[3]));
  memcpy(lanes, most, sizeof lanes);
  for (size_t h = F_LANES / 2; h; h /= 2)
    for (size_t j = 0; j < h; j++)
      lanes[j] = lanes[j] > lanes[j + h] ? lanes[j] : lanes[j + h];
  return lanes[0];
}

/* What is beyond a float has become infinite: it is held as a float, which is half the work. */
ALWAYS F held(F x) {
  const F most = (F){0} + FLT_MAX;
  const FI above = x > most, below = x < -most;
  x = (F)(((FI)most & above) | ((FI)x & ~above));
  return (F)(((FI)-most & below) | ((FI)x & ~below));
}

enum { HALF = F_LANES / 2 };
typedef double H __attribute__((vector_size(8 * HALF)));
typedef float S __attribute__((vector_size(4 * HALF)));
typedef float SU __attribute__((vector_size(4 * HALF), aligned(4), may_alias));

ALWAYS S amplified(const float *x, double gain) {
  const S samples = *(const SU *)x;
  return __builtin_convertvector(__builtin_convertvector(samples, H) * gain, S);
}

static void amplify(float *x, double gain, size_t n) {
  size_t i = 0;
  for (; i + F_LANES <= n; i += F_LANES) {
    const S low = amplified(x + i, gain), high = amplified(x + i + HALF, gain);
#if LAC_LANES < 8
    *(FU *)(x + i) = held(__builtin_shufflevector(low, high, 0, 1, 2, 3));
#else
    *(FU *)(x + i) = held(__builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7));
#endif
  }
  lac_vector_kernels_scalar.amplify(x + i, gain, n - i);
}

static double sum_squares(const float *x, size_t n) {
  double lanes[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t j = 0; j < 8; j++)
      lanes[j] += (double)x[i + j] * (double)x[i + j];
  }
  for (size_t j = 0; i < n; i++, j++)
    lanes[j] += (double)x[i] * (double)x[i];
  return lac_sum_lanes(lanes);
}

const LacVectorKernels LAC_KERNEL(lac_vector_kernels) = {dot,      dot64,   dot64_pair, fir,        sparse_fir,
                                                         multiply, amplify, max_abs,    sum_squares};
