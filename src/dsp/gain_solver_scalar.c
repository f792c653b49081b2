/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One lane after the other, in the order of operations that the kernels keep. */

#include <math.h>

#include "dsp/gain_solver_kernels.h"

enum { STEP = LAC_GAIN_LANES };

static void factor_lane(const LacGainSweep *w, unsigned lane) {
  const size_t n = w->n_knots;
  const double target = (double)w->target[lane];
  double last_slope = 0, last_bend = 0, bend = 0;
  double below = 0, near_row = 0, far_row = 0, far_row2 = 0, far_taken = 0, far_taken2 = 0;
  double solved = 0, solved2 = 0;
  for (size_t k = 0; k < n; k++) {
    const size_t at = k * STEP + lane;
    double slope = k + 1 < n ? (double)w->slope[at] * w->inverse_rest : 0;
    double next_bend = k + 2 < n ? (double)w->bend[at + STEP] * w->inverse_rest : 0;
    float inverse = 1.0F / w->slack[at], stiffness = w->force[at] * inverse;
    double diagonal = ((1.0 + (double)stiffness) + (last_slope + slope)) + ((last_bend + next_bend) + 4.0 * bend);
    double pivot = 1.0 / ((diagonal - far_taken2) - near_row * below);
    double rhs = ((double)stiffness * (double)w->cap[at] - (double)w->force[at]) - target * (double)inverse;
    double now = (rhs - far_row2 * solved2) - near_row * solved;
    below = -(slope + 2.0 * (bend + next_bend)) - bend * near_row;
    far_row2 = far_row, far_taken2 = far_taken, solved2 = solved;
    w->near_row[at] = near_row = below * pivot;
    w->far_row[at] = far_row = next_bend * pivot;
    w->forward[at] = now * pivot;
    far_taken = far_row * next_bend;
    solved = now;
    last_slope = slope, last_bend = bend, bend = next_bend;
  }
}

static void factor(const LacGainSweep *sweep) {
  for (unsigned lane = 0; lane < LAC_GAIN_LANES; lane++)
    factor_lane(sweep, lane);
}

static void move_knot(LacGainSweep *w, size_t at, float target, float s, float f) {
  float z = s - f, size = z > 0 ? z : -z;
  float large = 0.5F * (size + sqrtf(size * size + 4.0F * target)), small = target / large;
  float slack = z > 0 ? large : small;
  w->slack[at] = slack > LAC_GAIN_LEAST_SLACK ? slack : LAC_GAIN_LEAST_SLACK;
  w->force[at] = z > 0 ? small : large;
}

static void update(LacGainSweep *w) {
  for (unsigned lane = 0; lane < LAC_GAIN_LANES; lane++) {
    const float target = w->target[lane];
    double later = 0, later2 = 0;
    float residual = 0;
    for (size_t k = w->n_knots; k-- > 0;) {
      const size_t at = k * STEP + lane;
      double u = (w->forward[at] - w->far_row[at] * later2) - w->near_row[at] * later;
      float s = (float)((double)w->cap[at] - u), gain = (float)u;
      float inverse = 1.0F / w->slack[at];
      float f = target * inverse + (w->force[at] * inverse) * (w->slack[at] - s);
      float least = s < f ? s : f, miss = least < 0 ? -least : least;
      residual = miss > residual ? miss : residual;
      if (w->is_open[lane])
        w->gain[at] = s > LAC_GAIN_TOUCH * f && gain < w->cap[at] ? gain : w->cap[at];
      move_knot(w, at, target, s, f);
      later2 = later, later = u;
    }
    w->residual[lane] = residual;
  }
}

const LacGainKernels lac_gain_kernels_scalar = {factor, update};
