/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/bounded_fit.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

enum { MOST_STEPS = 60 };

/* Far below what anybody hears, in dB squared and dB, both times the largest weight; and what rounding leaves of the
 * gradient, of the largest term in it. */
static const double gap_done = 1e-9, residual_done = 1e-7, rounding = 1e-13;

typedef struct Work {
  size_t n;
  /* The pentadiagonal matrix K of the objective: diagonal, first and second off-diagonal; and K + the barrier's
   * diagonal as L D L^T with unit lower L. */
  double *k0, *k1, *k2;
  double *d, *l1, *l2;
  double *force;      /* w d */
  double *gradient;   /* K u - force */
  double *low, *high; /* multipliers of u >= -bound and u <= bound */
  double *step, *low_step, *high_step;
  double *right; /* a right-hand side, and the solution in its place */
} Work;

enum { N_ARRAYS = sizeof(Work) / sizeof(double *) - 1 };

static LacStatus work_new(Work *work, size_t n, double **memory) {
  *memory = lac_calloc(n * N_ARRAYS, sizeof(double));
  if (!*memory)
    return LAC_ERR_MEMORY;
  double **arrays[N_ARRAYS] = {&work->k0,   &work->k1,       &work->k2,        &work->d,    &work->l1,
                               &work->l2,   &work->force,    &work->gradient,  &work->low,  &work->high,
                               &work->step, &work->low_step, &work->high_step, &work->right};
  work->n = n;
  for (size_t i = 0; i < N_ARRAYS; i++)
    *arrays[i] = *memory + i * n;
  return LAC_OK;
}

/* ---- the matrix ---- */

static double assemble(Work *w, const LacBoundedFit *problem) {
  const size_t n = w->n;
  double most = 0;
  for (size_t k = 0; k < n; k++) {
    w->k0[k] += problem->weight[k];
    w->force[k] = problem->weight[k] * problem->wanted[k];
    most = problem->weight[k] > most ? problem->weight[k] : most;
  }
  for (size_t k = 0; k + 1 < n; k++) {
    double p = problem->slope[k];
    w->k0[k] += p;
    w->k0[k + 1] += p;
    w->k1[k] -= p;
  }
  for (size_t k = 1; k + 1 < n; k++) {
    double q = problem->bend[k];
    w->k0[k - 1] += q;
    w->k0[k] += 4.0 * q;
    w->k0[k + 1] += q;
    w->k1[k - 1] -= 2.0 * q;
    w->k1[k] -= 2.0 * q;
    w->k2[k - 1] += q;
  }
  /* What nothing holds is held at 0. */
  for (size_t k = 0; k < n; k++)
    w->k0[k] += 1e-9 * most;
  return most;
}

/* L D L^T of K + diag(low / (u + bound) + high / (bound - u)); u NULL: of K. */
static void factor(Work *w, const double *u, double bound) {
  for (size_t k = 0; k < w->n; k++) {
    double d = w->k0[k];
    if (u)
      d += w->low[k] / (u[k] + bound) + w->high[k] / (bound - u[k]);
    double below = k > 0 ? w->k1[k - 1] : 0;
    if (k > 1) {
      w->l2[k] = w->k2[k - 2] / w->d[k - 2];
      below -= w->l2[k] * w->d[k - 2] * w->l1[k - 1];
      d -= w->l2[k] * w->l2[k] * w->d[k - 2];
    }
    if (k > 0) {
      w->l1[k] = below / w->d[k - 1];
      d -= w->l1[k] * w->l1[k] * w->d[k - 1];
    }
    w->d[k] = d;
  }
}

static void solve(const Work *w, double *x) {
  const size_t n = w->n;
  for (size_t k = 0; k < n; k++) {
    x[k] -= k > 0 ? w->l1[k] * x[k - 1] : 0;
    x[k] -= k > 1 ? w->l2[k] * x[k - 2] : 0;
  }
  for (size_t k = 0; k < n; k++)
    x[k] /= w->d[k];
  for (size_t k = n; k-- > 0;) {
    x[k] -= k + 1 < n ? w->l1[k + 1] * x[k + 1] : 0;
    x[k] -= k + 2 < n ? w->l2[k + 2] * x[k + 2] : 0;
  }
}

static void find_gradient(Work *w, const double *u) {
  const size_t n = w->n;
  for (size_t k = 0; k < n; k++) {
    double sum = w->k0[k] * u[k] - w->force[k];
    sum += k > 0 ? w->k1[k - 1] * u[k - 1] : 0;
    sum += k > 1 ? w->k2[k - 2] * u[k - 2] : 0;
    sum += k + 1 < n ? w->k1[k] * u[k + 1] : 0;
    sum += k + 2 < n ? w->k2[k] * u[k + 2] : 0;
    w->gradient[k] = sum;
  }
}

/* ---- the interior point ---- */

/* Mean product of slack and multiplier: how far from the edge of the problem. */
static double mean_gap(const Work *w, const double *u, double bound, double go) {
  double sum = 0;
  for (size_t k = 0; k < w->n; k++) {
    double at = u[k] + go * w->step[k];
    sum += (w->low[k] + go * w->low_step[k]) * (at + bound) + (w->high[k] + go * w->high_step[k]) * (bound - at);
  }
  return sum / (2.0 * (double)w->n);
}

static double worst_residual(const Work *w) {
  double worst = 0;
  for (size_t k = 0; k < w->n; k++) {
    double residual = fabs(w->gradient[k] - w->low[k] + w->high[k]);
    worst = residual > worst ? residual : worst;
  }
  return worst;
}

/* Newton's step toward slack x multiplier = `gap`, less the second-order part of the step before it (is_second). */
static void find_step(Work *w, const double *u, double bound, double gap, bool is_second) {
  for (size_t k = 0; k < w->n; k++) {
    double low_product = gap - (is_second ? w->step[k] * w->low_step[k] : 0);
    double high_product = gap + (is_second ? w->step[k] * w->high_step[k] : 0);
    w->low_step[k] = low_product / (u[k] + bound) - w->low[k]; /* at a standstill; the rest follows from the step */
    w->high_step[k] = high_product / (bound - u[k]) - w->high[k];
    w->right[k] = -w->gradient[k] + (w->low_step[k] + w->low[k]) - (w->high_step[k] + w->high[k]);
  }
  solve(w, w->right);
  for (size_t k = 0; k < w->n; k++) {
    w->step[k] = w->right[k];
    w->low_step[k] -= w->low[k] / (u[k] + bound) * w->step[k];
    w->high_step[k] += w->high[k] / (bound - u[k]) * w->step[k];
  }
}

static double shorter(double go, double value, double step) {
  return step < 0 && -value / step < go ? -value / step : go;
}

/* The longest step, at most 1, that keeps every slack and multiplier positive. */
static double longest_step(const Work *w, const double *u, double bound) {
  double go = 1.0;
  for (size_t k = 0; k < w->n; k++) {
    go = shorter(go, u[k] + bound, w->step[k]);
    go = shorter(go, bound - u[k], -w->step[k]);
    go = shorter(go, w->low[k], w->low_step[k]);
    go = shorter(go, w->high[k], w->high_step[k]);
  }
  return go;
}

static double largest(const double *u, size_t n) {
  double most = 0;
  for (size_t k = 0; k < n; k++)
    most = fabs(u[k]) > most ? fabs(u[k]) : most;
  return most;
}

static LacStatus iterate(Work *w, double *u, double bound, double scale, unsigned *n_steps) {
  const double near = residual_done * scale + rounding * bound * largest(w->k0, w->n);
  for (size_t k = 0; k < w->n; k++) {
    u[k] = 0;
    w->low[k] = w->high[k] = scale * bound;
  }
  for (unsigned i = 0; i < MOST_STEPS; i++) {
    find_gradient(w, u);
    double gap = mean_gap(w, u, bound, 0);
    if (gap <= gap_done * scale && worst_residual(w) <= near)
      return LAC_OK;
    factor(w, u, bound);
    ++*n_steps;
    find_step(w, u, bound, 0, false);
    double left = mean_gap(w, u, bound, longest_step(w, u, bound)) / gap;
    find_step(w, u, bound, left * left * left * gap, true);
    double go = 0.995 * longest_step(w, u, bound);
    for (size_t k = 0; k < w->n; k++) {
      u[k] += go * w->step[k];
      w->low[k] += go * w->low_step[k];
      w->high[k] += go * w->high_step[k];
    }
  }
  return LAC_ERR_INTERNAL;
}

LacStatus lac_bounded_fit(const LacBoundedFit *problem, double *u, unsigned *n_steps) {
  Work work = {0};
  double *memory = NULL;
  unsigned counted = 0;
  LacStatus status = problem->n ? work_new(&work, problem->n, &memory) : LAC_OK;
  memset(u, 0, problem->n * sizeof *u);
  double scale = !status && problem->n ? assemble(&work, problem) : 0;
  if (scale > 0) {
    memcpy(u, work.force, problem->n * sizeof *u);
    factor(&work, NULL, problem->bound);
    solve(&work, u);
    counted = 1;
    if (largest(u, problem->n) > problem->bound)
      status = iterate(&work, u, problem->bound, scale, &counted);
  }
  lac_free(memory);
  if (n_steps)
    *n_steps = counted;
  return status;
}
