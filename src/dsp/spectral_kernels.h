/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of spectral tools over bins, per CPU level with the same bits (dsp/kernels.h). Nothing overlaps but where
 * an array is changed in place. */

#ifndef LAC_DSP_SPECTRAL_KERNELS_H
#define LAC_DSP_SPECTRAL_KERNELS_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

typedef struct LacSpectralKernels {
  /* sum[i] += a[i] b[i]. */
  void (*add_product)(const float *a, const float *b, float *sum, uint32_t n);
  /* Of `size` bins of two real signals as one complex, z = x + i y: power[k] = share (|Z[k]|^2 + |Z[size - k]|^2),
   * which with a share of a half is |X|^2 + |Y|^2; k = 0 .. size / 2. */
  void (*packed_power)(const float *re, const float *im, uint32_t size, float share, float *power);
  /* Bins k and size - k times gain[k], k = 0 .. size / 2: both signals through the same zero-phase filter. */
  void (*packed_multiply)(const float *gain, uint32_t size, float *re, float *im);
  /* average[k] += forget (10 log10(a[k] / b[k]) - average[k]); quotients are normal floats. */
  void (*average_ratio_db)(const float *a, const float *b, float forget, float *average, uint32_t n);
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
