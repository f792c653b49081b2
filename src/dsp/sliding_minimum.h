/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The smallest of the last `length` values, at a constant average cost per value whatever the length. */

#ifndef LAC_DSP_SLIDING_MINIMUM_H
#define LAC_DSP_SLIDING_MINIMUM_H

#include <lacquer/core.h>

#include "core/arena.h"

typedef struct LacSlidingMinimum {
  float *values; /* before `filled`: this block's values; from there on: minima to the end of the block before, then
                    infinity */
  uint32_t length;
  uint32_t filled;
  float smallest; /* of this block so far, infinity at its beginning */
  float resting;  /* what the window holds before anything has come */
} LacSlidingMinimum;

/* length >= 1; `resting`: the value all windows start with (1 for a gain). */
LAC_NODISCARD LacStatus lac_sliding_minimum_init(LacSlidingMinimum *m, LacArena *arena, uint32_t length, float resting);
void lac_sliding_minimum_reset(LacSlidingMinimum *m);
/* out[i] = smallest of in[i - length + 1 .. i]; in place allowed. */
void lac_sliding_minimum_run(LacSlidingMinimum *m, const float *in, float *out, uint32_t n);

#endif
