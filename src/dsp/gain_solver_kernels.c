/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Each lane is a chain of dependent operations, some thirty cycles a knot; eight of them
 * in vectors of the level's own width keep the units busy. Points are kept in float: a Newton step needs its point
 * exactly as it is written, not more digits of it; only factors and solution need double. */

#include "dsp/gain_solver_kernels.h"

#include <math.h>
#include <string.h>

enum {
  D_LANES = LAC_LANES / 2,
  F_LANES = LAC_LANES < LAC_GAIN_LANES ? LAC_LANES : LAC_GAIN_LANES,
  N_D = LAC_GAIN_LANES / D_LANES,
  N_F = LAC_GAIN_LANES / F_LANES,
};

typedef double D __attribute__((vector_size(8 * D_LANES)));
typedef double DA __attribute__((vector_size(8 * D_LANES), aligned(8), may_alias));
typedef float F __attribute__((vector_size(4 * F_LANES)));
typedef float FU __attribute__((vector_size(4 * F_LANES), aligned(4), may_alias));
typedef int32_t I __attribute__((vector_size(4 * F_LANES)));
typedef int32_t IU __attribute__((vector_size(4 * F_LANES), aligned(4), may_alias));
typedef float H __attribute__((vector_size(4 * D_LANES)));

#define ALWAYS static inline __attribute__((always_inline))
#define EACH_D _Pragma("GCC unroll 8") for (int v = 0; v < N_D; v++)
#define EACH_F _Pragma("GCC unroll 8") for (int v = 0; v < N_F; v++)

/* Eight lanes. */
typedef struct Doubles {
  D v[N_D];
} Doubles;
typedef struct Floats {
  F v[N_F];
} Floats;

ALWAYS Floats load(const float *p) {
  Floats x;
  EACH_F x.v[v] = *(const FU *)(p + v * F_LANES);
  return x;
}

ALWAYS void store(float *p, Floats x) {
  EACH_F *(FU *)(p + v * F_LANES) = x.v[v];
}

ALWAYS Doubles load64(const double *p) {
  Doubles x;
  EACH_D x.v[v] = *(const DA *)(p + v * D_LANES);
  return x;
}

ALWAYS void store64(double *p, Doubles x) {
  EACH_D *(DA *)(p + v * D_LANES) = x.v[v];
}

ALWAYS Doubles widen(Floats x) {
  Doubles y;
#if LAC_LANES == 16
  y.v[0] = __builtin_convertvector(x.v[0], D);
#elif LAC_LANES == 8
  y.v[0] = __builtin_convertvector(__builtin_shufflevector(x.v[0], x.v[0], 0, 1, 2, 3), D);
  y.v[1] = __builtin_convertvector(__builtin_shufflevector(x.v[0], x.v[0], 4, 5, 6, 7), D);
#else
  EACH_D y.v[v] = (D){(double)x.v[v / 2][v % 2 * 2], (double)x.v[v / 2][v % 2 * 2 + 1]};
#endif
  return y;
}

ALWAYS Floats narrow(Doubles x) {
  Floats y;
#if LAC_LANES == 16
  y.v[0] = __builtin_convertvector(x.v[0], F);
#elif LAC_LANES == 8
  y.v[0] = __builtin_shufflevector(__builtin_convertvector(x.v[0], H), __builtin_convertvector(x.v[1], H), 0, 1, 2, 3,
                                   4, 5, 6, 7);
#else
  EACH_F y.v[v] = (F){(float)x.v[2 * v][0], (float)x.v[2 * v][1], (float)x.v[2 * v + 1][0], (float)x.v[2 * v + 1][1]};
#endif
  return y;
}

ALWAYS F choose(I mask, F yes, F no) {
  return (F)(((I)yes & mask) | ((I)no & ~mask));
}

ALWAYS F root(F x) {
  F y;
#pragma GCC unroll 8
  for (int j = 0; j < F_LANES; j++)
    y[j] = sqrtf(x[j]);
  return y;
}

/* What knot k leaves to the next two. */
typedef struct Factor {
  Doubles slope, bend, last_bend;       /* p_{k-1}, q_k, q_{k-1} */
  Doubles near_row, far_row, far_row2;  /* L_{k,k-1}, L_{k+1,k-1}, L_{k,k-2} */
  Doubles taken, far_taken, far_taken2; /* of the diagonal by k - 1 from k and from k + 1, by k - 2 from k */
  Doubles solved, solved2;              /* of knots k - 1, k - 2 */
} Factor;

/* Knot k: slope to the next one, bend of the next one. */
ALWAYS void factor_knot(const LacGainSweep *w, size_t k, Factor *f, Doubles slope, Doubles next_bend, Doubles target) {
  const size_t at = k * LAC_GAIN_LANES;
  Floats slack = load(w->slack + at), force = load(w->force + at), inverse, stiffness;
  EACH_F inverse.v[v] = 1.0F / slack.v[v];
  EACH_F stiffness.v[v] = force.v[v] * inverse.v[v];
  Doubles cap = widen(load(w->cap + at)), stiff = widen(stiffness), inv = widen(inverse), push = widen(force);
  Doubles near_row, far_row, half, solved;
  EACH_D {
    D bends = (f->last_bend.v[v] + next_bend.v[v]) + 4.0 * f->bend.v[v];
    D diagonal = ((1.0 + stiff.v[v]) + (f->slope.v[v] + slope.v[v])) + bends;
    D pivot = 1.0 / ((diagonal - f->far_taken2.v[v]) - f->taken.v[v]);
    D below = -(slope.v[v] + 2.0 * (f->bend.v[v] + next_bend.v[v])) - f->bend.v[v] * f->near_row.v[v];
    D rhs = (stiff.v[v] * cap.v[v] - push.v[v]) - target.v[v] * inv.v[v];
    solved.v[v] = (rhs - f->far_row2.v[v] * f->solved2.v[v]) - f->near_row.v[v] * f->solved.v[v];
    near_row.v[v] = below * pivot;
    far_row.v[v] = next_bend.v[v] * pivot;
    half.v[v] = solved.v[v] * pivot;
    f->far_taken2.v[v] = f->far_taken.v[v];
    f->far_taken.v[v] = far_row.v[v] * next_bend.v[v];
    f->taken.v[v] = near_row.v[v] * below;
  }
  store64(w->near_row + at, near_row);
  store64(w->far_row + at, far_row);
  store64(w->forward + at, half);
  f->last_bend = f->bend, f->bend = next_bend, f->slope = slope;
  f->far_row2 = f->far_row, f->far_row = far_row, f->near_row = near_row;
  f->solved2 = f->solved, f->solved = solved;
}

ALWAYS Doubles load_scaled(const float *p, double factor) {
  Doubles x = widen(load(p));
  EACH_D x.v[v] *= factor;
  return x;
}

static void factor(const LacGainSweep *sweep) {
  const LacGainSweep w = *sweep;
  const size_t n = w.n_knots;
  const Doubles none = {{{0}}}, target = widen(load(w.target));
  Factor f = {0};
  for (size_t k = 0; k + 2 < n; k++)
    factor_knot(&w, k, &f, load_scaled(w.slope + k * LAC_GAIN_LANES, w.inverse_rest),
                load_scaled(w.bend + (k + 1) * LAC_GAIN_LANES, w.inverse_rest), target);
  factor_knot(&w, n - 2, &f, load_scaled(w.slope + (n - 2) * LAC_GAIN_LANES, w.inverse_rest), none, target);
  factor_knot(&w, n - 1, &f, none, none, target);
}

/* The next point: where the hyperbola s lambda = target meets the line through the linear solution on which
 * s - lambda is constant. */
ALWAYS void next_point(F slack, F force, F target, F *next_slack, F *next_force) {
  const F least_slack = LAC_GAIN_LEAST_SLACK + (F){0};
  F z = slack - force;
  I is_free = z > 0.0F;
  F size = choose(is_free, z, -z);
  F large = 0.5F * (size + root(size * size + 4.0F * target)), small = target / large;
  F s = choose(is_free, large, small);
  *next_slack = choose(s > least_slack, s, least_slack);
  *next_force = choose(is_free, small, large);
}

static void update(LacGainSweep *sweep) {
  const LacGainSweep w = *sweep;
  const Floats target = load(w.target);
  Floats residual = {{{0}}};
  Doubles later = {{{0}}}, later2 = {{{0}}}; /* the solution at k + 1, k + 2 */
  I is_open[N_F];
  EACH_F is_open[v] = *(const IU *)(w.is_open + v * F_LANES);
  for (size_t k = w.n_knots; k-- > 0;) {
    const size_t at = k * LAC_GAIN_LANES;
    Doubles near_row = load64(w.near_row + at), far_row = load64(w.far_row + at), x = load64(w.forward + at), free_db;
    const Floats cap = load(w.cap + at), old = load(w.gain + at);
    const Doubles cap64 = widen(cap);
    EACH_D x.v[v] = (x.v[v] - far_row.v[v] * later2.v[v]) - near_row.v[v] * later.v[v];
    EACH_D free_db.v[v] = cap64.v[v] - x.v[v];
    later2 = later, later = x;
    Floats slack = load(w.slack + at), force = load(w.force + at), gain = narrow(x), s = narrow(free_db);
    EACH_F {
      F inverse = 1.0F / slack.v[v];
      F l = target.v[v] * inverse + (force.v[v] * inverse) * (slack.v[v] - s.v[v]);
      F least = choose(s.v[v] < l, s.v[v], l);
      F miss = choose(least < 0.0F, -least, least);
      residual.v[v] = choose(miss > residual.v[v], miss, residual.v[v]);
      F held = choose((s.v[v] > LAC_GAIN_TOUCH * l) & (gain.v[v] < cap.v[v]), gain.v[v], cap.v[v]);
      gain.v[v] = choose(is_open[v], held, old.v[v]);
      next_point(s.v[v], l, target.v[v], &slack.v[v], &force.v[v]);
    }
    store(w.slack + at, slack);
    store(w.force + at, force);
    store(w.gain + at, gain);
  }
  store(sweep->residual, residual);
}

const LacGainKernels LAC_KERNEL(lac_gain_kernels) = {factor, update};
