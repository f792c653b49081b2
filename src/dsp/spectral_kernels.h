/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of spectral tools over bins, per CPU level with the same bits (dsp/kernels.h). Nothing overlaps but where
 * an array is changed in place. */

#ifndef LAC_DSP_SPECTRAL_KERNELS_H
#define LAC_DSP_SPECTRAL_KERNELS_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

/* From nothing to all over width_db around threshold_db, with flat ends. */
typedef struct LacSpectralKnee {
  float threshold_db, width_db, most_db;
} LacSpectralKnee;

/* Of 16 points p in a row: the window at p + j q, and the real and imaginary parts of exp(-2 pi i j p / (4 q)) for
 * j = 1, 2, 3. One stream in the order of their use: rows of their own, as far apart as a cache repeats itself, would
 * push each other out of it. */
enum { LAC_SPECTRAL_GROUP = 16 };
typedef struct LacSpectralFactors {
  float window[4][LAC_SPECTRAL_GROUP], turns[3][2][LAC_SPECTRAL_GROUP];
} LacSpectralFactors;

typedef struct LacSpectralKernels {
  /* The first step of the transform of a frame of 4 q points, z = x + i y under a window: four planes of q points each,
   * a pitch from one to the next, whose own transforms are the bins j, j + 4, j + 8, ... of the whole. */
  void (*split)(const float *x, const float *y, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
                float *re, float *im);
  /* The last step of the way back, planes that have been transformed themselves: sum_x and sum_y += x and y times a
   * window. */
  void (*join)(const float *re, const float *im, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
               float *sum_x, float *sum_y);
  /* Of a transform in planes: power[k] = share (|Z[k]|^2 + |Z[-k]|^2), which with a share of a half is |X|^2 + |Y|^2;
   * k = 0 .. 2 q. */
  void (*packed_power)(const float *re, const float *im, uint32_t q, float share, float *power);
  /* Bins k and -k times scale gain[k], k = 0 .. 2 q: both signals through the same zero-phase filter. planes: scratch
   * of 2 q. */
  void (*packed_multiply)(const float *gain, float scale, uint32_t q, float *planes, float *re, float *im);
  /* Sum of powers, in double, 8 lanes. */
  double (*total)(const float *power, uint32_t n);
  /* sums[k] = sum of the powers before k, none of them below `least`; n + 1 values, in steps of four. */
  void (*sum_up)(const float *power, double least, double *sums, uint32_t n);
  /* ratio[k] = (to[k] - from[k]) weight[k] scale: of two places in running sums. */
  void (*ratios)(const double *to, const double *from, const double *weight, double scale, float *ratio, uint32_t n);
  /* average[k] += forget (10 log10(ratio[k]) - average[k]); ratios are normal floats. */
  void (*average_db)(const float *ratio, float forget, float *average, uint32_t n);
  /* Prominence times a factor, under a knee, most_db at most, times a range of 0 .. 1. */
  void (*want)(const float *prominence, const float *factor, const float *range, const LacSpectralKnee *knee,
               float *wanted, uint32_t n);
  /* One step of a reduction toward what is wanted, both 0 or more: `attack` of the way up, `release` of the way down;
   * below `least` it is 0. */
  void (*follow)(const float *wanted, float attack, float release, float least, float *reduction, uint32_t n);
  /* 1 less the gain of so many dB down: 0 for 0. */
  void (*cut_from_db)(const float *reduction, float *cut, uint32_t n);
} LacSpectralKernels;

LAC_KERNEL_TABLES(LacSpectralKernels, lac_spectral_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacSpectralKernels lac_spectral_kernels_scalar;

#endif
