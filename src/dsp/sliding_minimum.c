/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/sliding_minimum.h"

#include <math.h>

/* Blocks of `length` values (van Herk 1992, Gil & Werman 1993): a window is the tail of one block and the head of the
 * next, so it is the smaller of a running minimum and of one prepared backwards when the block was complete. */

LacStatus lac_sliding_minimum_init(LacSlidingMinimum *m, LacArena *arena, uint32_t length, float resting) {
  *m = (LacSlidingMinimum){.length = length, .resting = resting};
  m->values = lac_arena_alloc(arena, (size_t)length + 1, sizeof *m->values);
  if (!m->values)
    return LAC_ERR_MEMORY;
  lac_sliding_minimum_reset(m);
  return LAC_OK;
}

void lac_sliding_minimum_reset(LacSlidingMinimum *m) {
  m->filled = 0;
  m->smallest = INFINITY;
  for (uint32_t i = 0; i < m->length; i++)
    m->values[i] = m->resting;
  m->values[m->length] = INFINITY;
}

static inline float smaller(float a, float b) {
  return a < b ? a : b;
}

/* At most to the end of a block; returns the smallest of it so far. Of the last value's window nothing lies in the
 * block before: that stands for a place behind it which is never the smaller. */
static float run_in_block(float *restrict values, float smallest, const float *in, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float here = in[i];
    smallest = smaller(smallest, here);
    values[i] = here;
    out[i] = smaller(smallest, values[i + 1]);
  }
  return smallest;
}

static void end_block(LacSlidingMinimum *m) {
  float smallest = INFINITY;
  for (uint32_t k = m->length; k-- > 0;)
    m->values[k] = smallest = smaller(m->values[k], smallest);
  m->filled = 0;
  m->smallest = INFINITY;
}

void lac_sliding_minimum_run(LacSlidingMinimum *m, const float *in, float *out, uint32_t n) {
  for (uint32_t done = 0, run; done < n; done += run) {
    const uint32_t room = m->length - m->filled;
    run = n - done < room ? n - done : room;
    m->smallest = run_in_block(m->values + m->filled, m->smallest, in + done, out + done, run);
    m->filled += run;
    if (m->filled == m->length)
      end_block(m);
  }
}
