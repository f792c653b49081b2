/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: side by side as many ears as a vector holds. */

#include "dsp/dynamic_ear.h"

#include "dsp/frame_pairs.h"

#define ALWAYS static inline __attribute__((always_inline))

enum { EARS = LAC_PAIRS, WIDTH = LAC_PAIRS_WIDTH };

typedef LacPairs Wide;

static void differ(LacDynamicShape shape, const double *frames, double *u, uint32_t n_frames) {
  const double side = shape == LAC_DYNAMIC_BELL ? -1.0 : 1.0;
  const double middle = shape == LAC_DYNAMIC_BELL ? 0.0 : shape == LAC_DYNAMIC_LOW_SHELF ? 2.0 : -2.0;
  if (shape == LAC_DYNAMIC_BELL) {
    for (uint32_t i = 0; i < 2 * n_frames; i++) {
      u[i] = frames[i] - *(frames + i - 4);
    }
    return;
  }
  for (uint32_t i = 0; i < 2 * n_frames; i++) {
    u[i] = (frames[i] + side * *(frames + i - 4)) + middle * *(frames + i - 2);
  }
}

/* As LacDynamicEar and its form, every lane its own. */
typedef struct Group {
  Wide a1, a2, b, c, e, weight, lanes;
  Wide y1, y2, v1, v2, direct, turned;
} Group;

/* A lone ear fills a vector of two twice over: the same numbers in both halves. */
ALWAYS void begin(Group *g, LacDynamicEar *const *ears, unsigned n) {
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const unsigned at = lane / 2 < n ? lane / 2 : 0, l = lane % 2;
    const LacDynamicEar *ear = ears[at];
    const LacDynamicEarForm form = lac_dynamic_ear_form(ear);
    g->a1[lane] = form.a1;
    g->a2[lane] = form.a2;
    g->b[lane] = form.b;
    g->c[lane] = form.c;
    g->e[lane] = form.e;
    g->weight[lane] = form.direct;
    g->lanes[lane] = ear->lanes[l];
    g->y1[lane] = ear->y1[l];
    g->y2[lane] = ear->y2[l];
    g->v1[lane] = ear->v1[l];
    g->v2[lane] = ear->v2[l];
    g->direct[lane] = ear->direct[l];
    g->turned[lane] = ear->turned[l];
  }
}

ALWAYS void end(const Group *g, LacDynamicEar *const *ears, unsigned n) {
  for (unsigned lane = 0; lane < 2 * n; lane++) {
    LacDynamicEar *ear = ears[lane / 2];
    const unsigned l = lane % 2;
    ear->y1[l] = g->y1[lane];
    ear->y2[l] = g->y2[lane];
    ear->v1[l] = g->v1[lane];
    ear->v2[l] = g->v2[lane];
    ear->direct[l] = g->direct[lane];
    ear->turned[l] = g->turned[lane];
  }
}

ALWAYS double larger_of(double a, double b) {
  return a > b ? a : b;
}

static void hear_group(LacDynamicEar *const *ears, unsigned n, const double *const *inputs, double *const *powers,
                       LacSteps steps) {
  const double share = 1.0 / (double)steps.frames; /* exact: a power of two */
  const uint32_t n_points = lac_steps_points(steps);
  const double *const first = inputs[0], *const second = inputs[n - 1];
  Group g;
  begin(&g, ears, n);
  Wide y1 = g.y1, y2 = g.y2, v1 = g.v1, v2 = g.v2, direct_sum = g.direct, turned_sum = g.turned;
  for (uint32_t i = 0, point = 0, at = lac_steps_before(steps); i < steps.n_frames; point++, at += steps.frames) {
#pragma GCC unroll 2
    for (const uint32_t last = at < steps.n_frames ? at : steps.n_frames - 1; i <= last; i++) {
      const Wide y = (g.b * lac_pairs_load(first + 2 * i, second + 2 * i) - g.a2 * y2) - g.a1 * y1;
      const Wide v = (g.b * y - g.a2 * v2) - g.a1 * v1;
      const Wide direct = v - v2, turned = g.c * (v + v2) + g.e * v1;
      direct_sum += direct * direct;
      turned_sum += turned * turned;
      y2 = y1;
      y1 = y;
      v2 = v1;
      v1 = v;
    }
    if (point < n_points) {
      const Wide power = (g.weight * direct_sum + turned_sum) * share * g.lanes;
      powers[0][point] = larger_of(power[0], power[1]);
      if (n > 1) {
        powers[n - 1][point] = larger_of(power[WIDTH - 2], power[WIDTH - 1]);
      }
      direct_sum = turned_sum = (Wide){0};
    }
  }
  g.y1 = y1;
  g.y2 = y2;
  g.v1 = v1;
  g.v2 = v2;
  g.direct = direct_sum;
  g.turned = turned_sum;
  end(&g, ears, n);
}

static void hear(LacDynamicEar *const *ears, unsigned n_ears, const double *const *inputs, double *const *powers,
                 LacSteps steps) {
  for (unsigned e = 0, n; e < n_ears; e += n) {
    n = n_ears - e < EARS ? 1 : EARS;
    hear_group(ears + e, n, inputs + e, powers + e, steps);
  }
}

const LacDynamicEarKernels LAC_KERNEL(lac_dynamic_ear_kernels) = {differ, hear};
