/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A gain that is a cubic over a run of frames, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_CUBIC_GAIN_H
#define LAC_DSP_CUBIC_GAIN_H

#include "dsp/kernels.h"

enum { LAC_CUBIC_GAIN_RUN = 32 }; /* most frames per call */

typedef struct LacCubicGainKernels {
  /* Frame i of each channel times c[0] + u (c[1] + u (c[2] + u c[3])), u = (place + i) / LAC_CUBIC_GAIN_RUN, in place,
   * held within +-FLT_MAX; right may be NULL. */
  void (*apply)(const double c[4], uint32_t place, float *left, float *right, uint32_t n);
} LacCubicGainKernels;

LAC_KERNEL_TABLES(LacCubicGainKernels, lac_cubic_gain_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacCubicGainKernels lac_cubic_gain_kernels_scalar;

#endif
