/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: lanes are neighbouring samples, every operation as in the scalar truth of waveshaper.c,
 * which says what it means. */

#include "dsp/waveshaper.h"

#include <stddef.h>

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));
typedef int32_t M __attribute__((vector_size(LAC_LANES * 4)));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const float *p) {
  return *(const VU *)p;
}

ALWAYS V choose(M mask, V yes, V no) {
  return (V)((mask & (M)yes) | (~mask & (M)no));
}

typedef struct Line {
  V mean, moment;
} Line;

ALWAYS Line line_of(const LacWaveshaper *curve, const LacWaveshaperSide *side, V a, V b, V per_d, M is_point) {
  const V zero = {0}, t = zero + curve->knee, top = zero + curve->top;
  const float per_width = 1.0f / (curve->top - curve->knee);
  const V low_a = choose(a < t, t, a), low_b = choose(b < t, t, b);
  const V in_a = choose(low_a > top, top, low_a), in_b = choose(low_b > top, top, low_b);
  const V high_a = choose(a < top, top, a), high_b = choose(b < top, top, b);
  const V within = choose(is_point, choose((a > t) & (a <= top), zero + 1.0f, zero), (in_a - in_b) * per_d);
  const V beyond = choose(is_point, choose(a > top, zero + 1.0f, zero), (high_a - high_b) * per_d);
  const V in_middle = ((in_a - a) + (in_b - b)) * (0.5f * per_d);
  const V over_middle = ((high_a - a) + (high_b - b)) * (0.5f * per_d);
  const V m = 0.5f * ((in_a - t) + (in_b - t)) * per_width, h = 0.5f * (in_a - in_b) * per_width;
  const V q0 = m * m * (side->c2 + m * (side->c3 + m * side->c4));
  const V q1 = m * (2.0f * side->c2 + m * (3.0f * side->c3 + m * (4.0f * side->c4)));
  const V q2 = side->c2 + m * (3.0f * side->c3 + m * (6.0f * side->c4));
  const V q3 = side->c3 + m * (4.0f * side->c4);
  const V h2 = h * h;
  const V mean_in = q0 + h2 * (q2 * (1.0f / 3.0f) + h2 * (side->c4 * (1.0f / 5.0f)));
  const V moment_in = h * (q1 * (1.0f / 6.0f) + h2 * (q3 * (1.0f / 10.0f)));
  const V mean_over = side->end + side->slope * (0.5f * ((high_a - top) + (high_b - top)));
  const V moment_over = side->slope * (high_a - high_b) * (1.0f / 12.0f);
  return (Line){within * mean_in + beyond * mean_over, within * (in_middle * mean_in + within * moment_in) +
                                                           beyond * (over_middle * mean_over + beyond * moment_over)};
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *y, uint32_t n) {
  float late[LAC_WAVESHAPER_MOST + LAC_WAVESHAPER_SLACK];
  const V zero = {0};
  late[0] = state->late;
  u[-1] = state->u;
  for (uint32_t i = 0; i < n; i += LAC_LANES) {
    const V a = load(u + i), b = load(u + i - 1), d = a - b;
    const M is_point = choose(d < zero, -d, d) < zero + 1e-18f;
    const V per_d = choose(is_point, zero, 1.0f / d);
    const Line up = line_of(curve, &curve->side[0], a, b, per_d, is_point);
    const Line down = line_of(curve, &curve->side[1], -a, -b, -per_d, is_point);
    const V half = 0.5f * (up.mean - down.mean), moment = up.moment - down.moment;
    *(VU *)(y + i) = half - moment;
    *(VU *)(late + i + 1) = half + moment;
  }
  for (uint32_t i = 0; i < n; i += LAC_LANES)
    *(VU *)(y + i) = load(y + i) + load(late + i);
  state->late = late[n];
  state->u = u[(ptrdiff_t)n - 1];
}

const LacWaveshaperKernels LAC_KERNEL(lac_waveshaper_kernels) = {run};
