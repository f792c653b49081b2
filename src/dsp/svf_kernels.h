/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows of sections over two lanes, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_SVF_KERNELS_H
#define LAC_DSP_SVF_KERNELS_H

#include "dsp/kernels.h"
#include "dsp/svf.h"

typedef struct LacSvfKernels {
  /* Runs sections in series, in place, over n_frames of LAC_SVF_LANES interleaved doubles. */
  void (*run)(const LacSvfSection *const *sections, LacSvfState *const *states, unsigned n_sections, double *frames,
              uint32_t n_frames);
  /* frames[2 i] = left[i], frames[2 i + 1] = right[i]; right NULL: 0. */
  void (*interleave)(const float *left, const float *right, double *frames, uint32_t n_frames);
  /* The way back, rounded to float and held within +-FLT_MAX; right may be NULL. */
  void (*separate)(const double *frames, float *left, float *right, uint32_t n_frames);
} LacSvfKernels;

LAC_KERNEL_TABLES(LacSvfKernels, lac_svf_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacSvfKernels lac_svf_kernels_scalar;

#endif
