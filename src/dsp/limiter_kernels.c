/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: the compiler makes vectors of these loops. */

#include "dsp/limiter_kernels.h"

static void drive(float *x, float gain, float most, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float v = x[i] * gain, below = v < most ? v : most;
    x[i] = below > -most ? below : -most;
  }
}

static void reduce(float *restrict x, const double *restrict gain, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    x[i] = (float)((double)x[i] * gain[i]);
}

static void swap(float *restrict a, float *restrict b, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

const LacLimiterKernels LAC_KERNEL(lac_limiter_kernels) = {drive, reduce, swap};
