/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/box_smoother.h"

#include <math.h>

static const double SHARES[LAC_BOXES] = {0.404, 0.335, 0.261};

LacStatus lac_box_smoother_init(LacBoxSmoother *s, LacArena *arena, uint32_t support) {
  *s = (LacBoxSmoother){0};
  /* Lengths l with sum of (l - 1) = support - 1. */
  const double spare = support > 0 ? support - 1.0 : 0.0;
  s->length[0] = 1 + (uint32_t)floor(spare * SHARES[0] + 0.5);
  s->length[1] = 1 + (uint32_t)floor(spare * SHARES[1] + 0.5);
  const uint32_t used = s->length[0] + s->length[1] - 2;
  s->length[2] = 1 + (used < support ? support - 1 - used : 0);
  double count = 1;
  for (int b = 0; b < LAC_BOXES; b++) {
    count *= s->length[b];
    s->ring[b] = lac_arena_alloc(arena, s->length[b], sizeof *s->ring[b]);
    if (!s->ring[b])
      return LAC_ERR_MEMORY;
  }
  /* As fine as 2^-40 while the last sum stays below 2^62. */
  s->one = 1099511627776.0;
  while (s->one * count >= 4611686018427387904.0)
    s->one *= 0.5;
  s->full = (int64_t)(s->one * count);
  s->per_unit = 1.0 / (s->one * count);
  lac_box_smoother_reset(s);
  return LAC_OK;
}

void lac_box_smoother_reset(LacBoxSmoother *s) {
  int64_t level = (int64_t)s->one;
  for (int b = 0; b < LAC_BOXES; b++) {
    for (uint32_t i = 0; i < s->length[b]; i++)
      s->ring[b][i] = level;
    level *= s->length[b];
    s->sum[b] = level;
    s->at[b] = 0;
  }
}

void lac_box_smoother_run(LacBoxSmoother *s, const double *in, double *out, uint32_t n) {
  int64_t *const r0 = s->ring[0], *const r1 = s->ring[1], *const r2 = s->ring[2];
  uint32_t a0 = s->at[0], a1 = s->at[1], a2 = s->at[2];
  int64_t s0 = s->sum[0], s1 = s->sum[1], s2 = s->sum[2];
  for (uint32_t i = 0; i < n; i++) {
    const int64_t v = (int64_t)(in[i] * s->one);
    s0 += v - r0[a0];
    r0[a0] = v;
    a0 = a0 + 1 < s->length[0] ? a0 + 1 : 0;
    s1 += s0 - r1[a1];
    r1[a1] = s0;
    a1 = a1 + 1 < s->length[1] ? a1 + 1 : 0;
    s2 += s1 - r2[a2];
    r2[a2] = s1;
    a2 = a2 + 1 < s->length[2] ? a2 + 1 : 0;
    out[i] = s2 == s->full ? 1.0 : (double)s2 * s->per_unit;
  }
  s->at[0] = a0, s->at[1] = a1, s->at[2] = a2;
  s->sum[0] = s0, s->sum[1] = s1, s->sum[2] = s2;
}
