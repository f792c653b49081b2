/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/cubic_gain.h"

#include <float.h>

static float to_float(double value) {
  return value > (double)FLT_MAX ? FLT_MAX : value < -(double)FLT_MAX ? -FLT_MAX : (float)value;
}

static void apply(const double c[4], uint32_t place, float *left, float *right, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const double u = (double)(place + i) * (1.0 / LAC_CUBIC_GAIN_RUN);
    const double gain = c[0] + u * (c[1] + u * (c[2] + u * c[3]));
    left[i] = to_float((double)left[i] * gain);
    if (right) {
      right[i] = to_float((double)right[i] * gain);
    }
  }
}

const LacCubicGainKernels lac_cubic_gain_kernels_scalar = {apply};
