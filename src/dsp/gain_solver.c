/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An obstacle problem: with K the matrix of the quadratic form, s = cap - u the distance and f the force of the cap,
 *
 *   K u + f = 0,   s >= 0,   f >= 0,   s f = 0 at every knot.
 *
 * Newton's method on the smoothed conditions s f = t, t falling to nearly nothing, as in the smoothing methods for
 * complementarity problems (Chen & Harker 1993; Kanzow 1996), but with the point carried by the hyperbola itself.
 * A step solves the linear system, whose solution (s', f') obeys the equation of motion exactly and the conditions not
 * quite, then moves every knot by itself to where s f = t meets s - f = s' - f'. So s and f stay positive without a
 * step length that one bad knot would shorten for all, and a step costs one factorisation and one solution in two
 * sweeps; on music 7 to 13 steps do. (Interior points with predictor and corrector took as many, each with two
 * solutions and with step lengths to find; a plain active set is the limit t = 0 of this and runs in circles.) A unit
 * of force is `rest` per dB, so s and f weigh the same where the string is at rest; units of 10 or 0.1 cost steps.
 *
 * The measure of error is the largest |min(s', f')|: where it is small, (s', f') solve a problem whose caps and forces
 * differ by no more than that. */

#include "dsp/gain_solver.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "core/cpu.h"
#include "dsp/gain_solver_kernels.h"

enum {
  MAX_STEPS = 60,
  PATIENCE = 5, /* steps at the last target without progress before a lane starts again */
};

/* Targets for s f, dB^2: the first is this share of the deepest cap squared, the last leaves 0.001 dB. */
static const double first_share = 0.1, least_first = 1e-3, last_target = 1e-6;
static const double warm_target = 1e-4; /* 1e-5 saves a step, but one of 36 runs on music then took 22 */
static const double shrink =
    0.1; /* of the target per step: 0.05 saves a step where it is easy, but runs in circles more often */
static const double start_margin_db = 0.1; /* below the deepest cap */
static const float tolerance_db = 0.002F;

typedef struct Lane {
  double floor_db; /* where a cold start begins */
  double first, target, shrink;
  bool is_warm;
  double least;    /* residual so far, at the last target */
  unsigned n_vain; /* steps that did not halve it */
} Lane;

struct LacGainSolver {
  LacArena *arena;
  const LacGainKernels *kernels;
  uint32_t max_knots;
  LacGainSweep sweep;
  Lane lanes[LAC_GAIN_LANES];
};

LacStatus lac_gain_solver_new(uint32_t max_knots, LacGainSolver **out) {
  LacArena *arena;
  *out = NULL;
  if (max_knots < 4)
    return LAC_ERR_RANGE;
  LacStatus status = lac_arena_new(&arena);
  if (status)
    return status;
  LacGainSolver *g = lac_arena_alloc(arena, 1, sizeof *g);
  float *floats = lac_arena_alloc(arena, max_knots, 2 * LAC_GAIN_LANES * sizeof(float));
  double *doubles = lac_arena_alloc(arena, max_knots, 3 * LAC_GAIN_LANES * sizeof(double));
  if (!g || !floats || !doubles) {
    lac_arena_free(arena);
    return LAC_ERR_MEMORY;
  }
  const size_t n = (size_t)max_knots * LAC_GAIN_LANES;
  g->sweep.slack = floats, g->sweep.force = floats + n;
  g->sweep.near_row = doubles, g->sweep.far_row = doubles + n, g->sweep.forward = doubles + 2 * n;
  g->arena = arena;
  g->kernels = lac_gain_kernels_at(lac_cpu_level());
  g->max_knots = max_knots;
  *out = g;
  return LAC_OK;
}

void lac_gain_solver_free(LacGainSolver *solver) {
  if (solver)
    lac_arena_free(solver->arena);
}

/* -(K u)_k / rest: the force that holds a knot of a solution. `at` is the knot's place in the arrays. */
static double force_at(const LacGainProblem *p, double inverse_rest, size_t k, size_t at) {
  enum { STEP = LAC_GAIN_LANES };
  const size_t n = p->n_knots, first = k > 1 ? k - 1 : 1, last = k + 2 < n ? k + 1 : n - 2;
  const float *u = p->gain_db;
  double sum = 0;
  if (k > 0)
    sum += (double)p->slope[at - STEP] * ((double)u[at] - (double)u[at - STEP]);
  if (k + 1 < n)
    sum += (double)p->slope[at] * ((double)u[at] - (double)u[at + STEP]);
  for (size_t m = first; m <= last; m++) {
    const size_t j = at + m * STEP - k * STEP;
    double curve = ((double)u[j + STEP] - 2 * (double)u[j]) + (double)u[j - STEP];
    sum += (m == k ? -2 : 1) * (double)p->bend[j] * curve;
  }
  return -((double)u[at] + inverse_rest * sum);
}

/* Cold: a flat line below all caps, where nothing touches. Too few knots that touch are better than too many: those
 * are let go only a few at a step. */
static void start_cold(const LacGainProblem *p, LacGainSweep *w, unsigned l, double floor_db, double target) {
  for (size_t k = 0; k < p->n_knots; k++) {
    const size_t at = k * LAC_GAIN_LANES + l;
    w->slack[at] = (float)((double)p->cap_db[at] - floor_db);
    w->force[at] = (float)(target / (double)w->slack[at]);
  }
}

/* Warm: what a step from the given solution would have led to. */
static void start_warm(const LacGainProblem *p, LacGainSweep *w, unsigned l, double target) {
  for (size_t k = 0; k < p->n_knots; k++) {
    const size_t at = k * LAC_GAIN_LANES + l;
    double z = (double)p->cap_db[at] - (double)p->gain_db[at], force = 0;
    if (z <= 0)
      force = force_at(p, w->inverse_rest, k, at);
    z -= force > 0 ? force : 0;
    double large = 0.5 * (fabs(z) + sqrt(z * z + 4 * target)), small = target / large;
    w->slack[at] = (float)(z > 0 ? large : small);
    w->force[at] = (float)(z > 0 ? small : large);
    if (!(w->slack[at] >= LAC_GAIN_LEAST_SLACK))
      w->slack[at] = LAC_GAIN_LEAST_SLACK;
  }
}

/* A lane without a problem: finite numbers to work on, and 0 where it is one of the caller's. */
static void start_idle(const LacGainProblem *p, LacGainSweep *w, unsigned l) {
  for (size_t k = 0; k < p->n_knots; k++) {
    const size_t at = k * LAC_GAIN_LANES + l;
    w->slack[at] = w->force[at] = 1;
    if (l < p->n_lanes)
      p->gain_db[at] = 0;
  }
}

/* Returns whether there is anything to do. */
static bool start_lane(const LacGainProblem *p, LacGainSweep *w, unsigned l, Lane *lane) {
  double deepest = 0;
  for (size_t k = 0; k < p->n_knots && l < p->n_lanes; k++) {
    double cap = (double)p->cap_db[k * LAC_GAIN_LANES + l];
    deepest = cap < deepest ? cap : deepest;
  }
  const double first = first_share * deepest * deepest;
  lane->floor_db = deepest - start_margin_db;
  lane->is_warm = p->is_warm;
  lane->first = first > least_first ? first : least_first;
  lane->target = p->is_warm ? warm_target : lane->first;
  lane->shrink = shrink;
  lane->least = HUGE_VAL;
  lane->n_vain = 0;
  if (!(deepest < 0))
    start_idle(p, w, l);
  else if (p->is_warm)
    start_warm(p, w, l, lane->target);
  else
    start_cold(p, w, l, lane->floor_db, lane->target);
  w->is_open[l] = deepest < 0 ? -1 : 0;
  return deepest < 0;
}

/* The next target of a lane. One that does not come to rest at the last target starts again, cold and, unless it was
 * warm before, falling in smaller steps. */
static void move_on(const LacGainProblem *p, LacGainSweep *w, unsigned l, Lane *lane, double residual) {
  if (lane->target <= last_target) {
    lane->n_vain += !(residual < 0.5 * lane->least);
    lane->least = residual < lane->least ? residual : lane->least;
  }
  if (lane->n_vain < PATIENCE) {
    const double next = lane->target * lane->shrink;
    lane->target = next > last_target ? next : last_target;
    return;
  }
  lane->shrink = lane->is_warm ? lane->shrink : sqrt(lane->shrink);
  lane->is_warm = false;
  lane->least = HUGE_VAL;
  lane->n_vain = 0;
  lane->target = lane->first;
  start_cold(p, w, l, lane->floor_db, lane->target);
}

static bool is_valid(const LacGainSolver *solver, const LacGainProblem *p) {
  return p->n_knots >= 4 && p->n_knots <= solver->max_knots && p->n_lanes >= 1 && p->n_lanes <= LAC_GAIN_LANES &&
         p->rest > 0;
}

LacStatus lac_gain_solve(LacGainSolver *solver, const LacGainProblem *problem, const LacStop *stop,
                         LacGainSolution *solution) {
  LacGainSweep *w = &solver->sweep;
  float residual[LAC_GAIN_LANES] = {0};
  unsigned n_open = 0;
  *solution = (LacGainSolution){0};
  if (!is_valid(solver, problem))
    return LAC_ERR_RANGE;
  w->n_knots = problem->n_knots;
  w->inverse_rest = 1 / problem->rest;
  w->cap = problem->cap_db, w->slope = problem->slope, w->bend = problem->bend, w->gain = problem->gain_db;
  for (unsigned l = 0; l < LAC_GAIN_LANES; l++)
    n_open += start_lane(problem, w, l, &solver->lanes[l]);
  for (unsigned step = 0; n_open > 0 && step < MAX_STEPS; step++) {
    if (lac_stopped(stop))
      return LAC_ERR_CANCELLED;
    for (unsigned l = 0; l < LAC_GAIN_LANES; l++) {
      if (step > 0 && w->is_open[l])
        move_on(problem, w, l, &solver->lanes[l], (double)residual[l]);
      w->target[l] = (float)solver->lanes[l].target;
    }
    solver->kernels->factor(w);
    solver->kernels->update(w);
    solution->n_iterations = step + 1;
    for (unsigned l = 0; l < LAC_GAIN_LANES; l++) {
      if (!w->is_open[l])
        continue;
      residual[l] = w->residual[l];
      if (residual[l] <= tolerance_db) {
        w->is_open[l] = 0;
        n_open--;
      }
    }
  }
  for (unsigned l = 0; l < LAC_GAIN_LANES; l++) {
    if ((double)residual[l] > solution->worst_gap_db)
      solution->worst_gap_db = (double)residual[l];
  }
  return LAC_OK;
}
