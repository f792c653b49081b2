/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A moving average that looks like a bell: three boxes one after another, lengths 0.404 : 0.335 : 0.261 of the support
 * (stop band about -49 dB; ratios after G. Luff, "Designing a straightforward limiter", Signalsmith Audio 2022).
 * Weights are >= 0 and sum to 1, so whatever bounds every input of the support bounds the output. Sums are 64-bit
 * integers: nothing drifts, a constant comes out exactly, and results do not depend on how a stretch is cut. */

#ifndef LAC_DSP_BOX_SMOOTHER_H
#define LAC_DSP_BOX_SMOOTHER_H

#include <lacquer/core.h>

#include "core/arena.h"

enum { LAC_BOXES = 3 };

typedef struct LacBoxSmoother {
  int64_t *ring[LAC_BOXES];
  uint32_t length[LAC_BOXES];
  uint32_t at[LAC_BOXES];
  int64_t sum[LAC_BOXES];
  double one;      /* what 1.0 is as an integer input: a power of two */
  double per_unit; /* integer output to gain */
  int64_t full;    /* output when the whole support holds `one` */
} LacBoxSmoother;

/* support >= 1 frames: output i depends on inputs i - support + 1 .. i at most. Starts full of ones. */
LAC_NODISCARD LacStatus lac_box_smoother_init(LacBoxSmoother *s, LacArena *arena, uint32_t support);
void lac_box_smoother_reset(LacBoxSmoother *s);
/* Gains 0..1 in and out; in place allowed. Inputs are rounded down to 1/one. */
void lac_box_smoother_run(LacBoxSmoother *s, const double *in, double *out, uint32_t n);

#endif
