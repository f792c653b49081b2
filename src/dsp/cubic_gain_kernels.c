/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: plain loops that the compiler turns into vectors. What is beyond a float rounds to
 * infinity and is held as a float, which is half the work. */

#include "dsp/cubic_gain.h"

#include <float.h>

#define ALWAYS static inline __attribute__((always_inline))

enum { RUN = LAC_CUBIC_GAIN_RUN };

ALWAYS void apply_to(const double *gain, float *restrict x, uint32_t n) {
  float y[RUN];
  for (uint32_t i = 0; i < n; i++) {
    y[i] = (float)((double)x[i] * gain[i]);
  }
  for (uint32_t i = 0; i < n; i++) {
    y[i] = y[i] < FLT_MAX ? y[i] : FLT_MAX;
  }
  for (uint32_t i = 0; i < n; i++) {
    x[i] = y[i] > -FLT_MAX ? y[i] : -FLT_MAX;
  }
}

/* n is a constant for whole runs. */
ALWAYS void apply_run(const double c[4], uint32_t place, float *left, float *right, uint32_t n) {
  double gain[RUN];
  const double c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3];
  for (int32_t i = 0; i < RUN; i++) { /* also beyond n, to nobody's harm */
    const double u = (double)((int32_t)place + i) * (1.0 / RUN);
    gain[i] = c0 + u * (c1 + u * (c2 + u * c3));
  }
  apply_to(gain, left, n);
  if (right) {
    apply_to(gain, right, n);
  }
}

static void apply(const double c[4], uint32_t place, float *left, float *right, uint32_t n) {
  if (n == RUN) {
    apply_run(c, 0, left, right, RUN);
  } else {
    apply_run(c, place, left, right, n);
  }
}

const LacCubicGainKernels LAC_KERNEL(lac_cubic_gain_kernels) = {apply};
