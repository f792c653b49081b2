/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/sliding_minimum.h"

/* Blocks of `length` values (van Herk 1992, Gil & Werman 1993): a window is the tail of one block and the head of the
 * next, so it is the smaller of a running minimum and of one prepared backwards when the block was complete. */

LacStatus lac_sliding_minimum_init(LacSlidingMinimum *m, LacArena *arena, uint32_t length, float resting) {
  *m = (LacSlidingMinimum){.length = length, .resting = resting};
  m->values = lac_arena_alloc(arena, length, sizeof *m->values);
  if (!m->values)
    return LAC_ERR_MEMORY;
  lac_sliding_minimum_reset(m);
  return LAC_OK;
}

void lac_sliding_minimum_reset(LacSlidingMinimum *m) {
  m->filled = 0;
  m->smallest = m->resting;
  for (uint32_t i = 0; i < m->length; i++)
    m->values[i] = m->resting;
}

static inline float smaller(float a, float b) {
  return a < b ? a : b;
}

void lac_sliding_minimum_run(LacSlidingMinimum *m, const float *in, float *out, uint32_t n) {
  const uint32_t last = m->length - 1;
  uint32_t at = m->filled;
  float smallest = m->smallest;
  for (uint32_t i = 0; i < n; i++) {
    const float here = in[i];
    smallest = at ? smaller(smallest, here) : here;
    m->values[at] = here;
    if (at < last) {
      out[i] = smaller(smallest, m->values[++at]);
    } else {
      out[i] = smallest;
      for (uint32_t k = last; k-- > 0;)
        m->values[k] = smaller(m->values[k], m->values[k + 1]);
      at = 0;
    }
  }
  m->filled = at;
  m->smallest = smallest;
}
