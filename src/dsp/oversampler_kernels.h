/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One doubling of the rate and its way back, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_OVERSAMPLER_KERNELS_H
#define LAC_DSP_OVERSAMPLER_KERNELS_H

#include "dsp/kernels.h"

enum { LAC_TAPS_STEP = 8, LAC_TAPS_ROWS = 4 };
enum { LAC_TAPS_RUNS = 4 }; /* that a filter's memory has room for, before what is past is moved to its beginning */

/* A filter over x: h[k] for x[i + k], k = 0 .. LAC_TAPS_STEP n_rows - 1. A vector of x shall serve all
 * taps that are whole vectors apart: of the first LAC_TAPS_ROWS rows of LAC_TAPS_STEP taps those of the first column
 * are added, in order, then those of the next, then the next rows. */
typedef struct LacTaps {
  const float *h, *x; /* x has n + LAC_TAPS_STEP n_rows - 1 samples */
  uint32_t n_rows;
} LacTaps;

/* The tap that is added as the nth. */
static inline uint32_t lac_taps_order(const LacTaps *taps, uint32_t n) {
  const uint32_t band = n / (LAC_TAPS_STEP * LAC_TAPS_ROWS) * LAC_TAPS_ROWS, left = taps->n_rows - band;
  const uint32_t rows = left < LAC_TAPS_ROWS ? left : LAC_TAPS_ROWS, in_band = n - band * LAC_TAPS_STEP;
  return (band + in_band % rows) * LAC_TAPS_STEP + in_band / rows;
}

typedef struct LacOversamplerKernels {
  /* out[2 i] = taps over x at i; out[2 i + 1] = odd[i]. */
  void (*up)(const LacTaps *taps, const float *odd, float *out, uint32_t n);
  /* y[i] = centre x[i], then the products of a; to even[i / 2] and odd[i / 2] by turns, which are none of the others. n
   * is even. */
  void (*down_half)(const LacTaps *a, float centre, const float *x, float *even, float *odd, uint32_t n);
  /* y[i] = the products of a, then those of b. */
  void (*down)(const LacTaps *a, const LacTaps *b, float *y, uint32_t n);
  /* a[k] = in[2 k], b[k] = in[2 k + 1], c[k] = a[k] + b[k] of n samples; of a last one alone a. */
  void (*deal)(const float *in, float *a, float *b, float *c, uint32_t n);
  /* out[2 k] = a[k] + b[k - 1], out[2 k + 1] = c[k] - (a[k] + b[k]), n frames in all. */
  void (*join)(const float *a, const float *b, const float *c, float *out, uint32_t n);
} LacOversamplerKernels;

LAC_KERNEL_TABLES(LacOversamplerKernels, lac_oversampler_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacOversamplerKernels lac_oversampler_kernels_scalar;

#endif
