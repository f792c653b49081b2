/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The readable truth of peak_cancel_kernels.h. */

#include <math.h>

#include "dsp/peak_cancel_kernels.h"

static void subtract(float *y, const float *h, float amount, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] -= amount * h[i];
}

static size_t next(const float *y, const float *level, const float *lambda, size_t from, size_t n) {
  size_t i = from;
  while (i < n && !(fabsf(y[i]) > level[i] || lambda[i] != 0.0f))
    i++;
  return i;
}

static void add(float *y, const float *h, float weight, size_t n) {
  for (size_t i = 0; i < n; i++)
    y[i] += weight * h[i];
}

const LacPeakCancelKernels lac_peak_cancel_kernels_scalar = {subtract, next, add};
