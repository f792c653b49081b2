/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signal between its samples, for work that must see inter-sample peaks: `factor` points per sample, the first of
 * them the sample itself, untouched. Kaiser-windowed sinc, 48 taps a phase: error below -74 dB up to 0.43 of the rate.
 */

#ifndef LAC_DSP_INTERPOLATE_H
#define LAC_DSP_INTERPOLATE_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/vector_kernels.h"

enum { LAC_INTERPOLATE_REACH = 24 }; /* samples it reads on either side */

typedef struct LacInterpolator {
  const LacVectorKernels *kernels;
  uint32_t factor;
  float *taps;  /* [factor - 1][2 * REACH] */
  float *phase; /* scratch of max_frames */
} LacInterpolator;

/* factor 1, 2 or 4 */
LAC_NODISCARD LacStatus lac_interpolator_init(LacInterpolator *ip, LacArena *arena, uint32_t factor,
                                              uint32_t max_frames);
/* points[factor i + p] = the signal at x[i] + p / factor, for n_frames samples; reads x[-REACH] to x[n_frames + REACH].
 */
void lac_interpolate(LacInterpolator *ip, const float *x, float *points, uint32_t n_frames);

#endif
