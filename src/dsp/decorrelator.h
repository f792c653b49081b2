/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A second signal that sounds like the first and has nothing in common with it: sparse "velvet" noise of some twenty
 * taps in 30 ms, decaying (B. Alary, A. Politis, V. Valimaki, "Velvet-noise decorrelator", DAFx-17), places and signs
 * optimised (S. J. Schlecht, B. Alary, V. Valimaki, E. A. P. Habets, "Optimized velvet-noise decorrelator", DAFx-18).
 *
 * What goes in is high-passed at 300 Hz, because below that 30 ms cannot decorrelate and bass belongs in the middle,
 * and ducked on transients, because a spread attack is a flam: where the power of the last 2 ms stands more than 6 dB
 * above that of the last 50 ms, it is turned down to 6 dB above. A steady sound passes with a gain of exactly 1. */

#ifndef LAC_DSP_DECORRELATOR_H
#define LAC_DSP_DECORRELATOR_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/vector_kernels.h"

enum { LAC_DECORRELATOR_TAPS = 24, LAC_DECORRELATOR_MOST_FRAMES = 256 };

typedef struct LacDecorrelator {
  const LacVectorKernels *vectors;
  uint32_t delay[LAC_DECORRELATOR_TAPS];
  float gain[LAC_DECORRELATOR_TAPS]; /* power 1 together */
  uint32_t reach;                    /* the longest delay */
  float *history;                    /* what went in, the last `reach` frames before `at` and more */
  uint32_t length, at;
  double a, b, c;                  /* of the high-pass, a trapezoidal state-variable filter (dsp/svf.h) */
  double z1, z2;                   /* its integrators */
  double fast, slow;               /* power of the last 2 and 50 ms */
  double fast_factor, slow_factor; /* of their one-pole means */
} LacDecorrelator;

/* Memory comes from the arena. Begins silent. */
LAC_NODISCARD LacStatus lac_decorrelator_init(LacDecorrelator *self, LacArena *arena, double rate_hz);
void lac_decorrelator_reset(LacDecorrelator *self);
/* out[i] from frames[2 i]: the first lane of interleaved pairs; as loud as it above 300 Hz, on the mean of frequencies.
 * n_frames up to LAC_DECORRELATOR_MOST_FRAMES. */
void lac_decorrelator_run(LacDecorrelator *self, const double *frames, float *out, uint32_t n_frames);
/* Sets states below 1e-30 to zero; call at fixed places. */
void lac_decorrelator_flush(LacDecorrelator *self);

#endif
