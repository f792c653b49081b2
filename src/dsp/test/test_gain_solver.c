/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/test/check.h"
#include "dsp/gain_solver.h"
#include "dsp/gain_solver_kernels.h"

enum { MAX_KNOTS = 4096, LANES = LAC_GAIN_LANES };

static const double knots_per_s = 44100.0 / 4;
static const double tolerance_db = 0.005;

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* A problem in arrays of its own, one lane of which is looked at. */
typedef struct Case {
  uint32_t n;
  float *cap, *slope, *bend, *gain;
} Case;

static float *new_floats(size_t n) {
  float *x = calloc(n, sizeof *x);
  assert_non_null(x);
  return x;
}

static Case new_case(uint32_t n) {
  const size_t size = (size_t)n * LANES;
  return (Case){n, new_floats(size), new_floats(size), new_floats(size), new_floats(size)};
}

static void free_case(Case *c) {
  free(c->cap), free(c->slope), free(c->bend), free(c->gain);
}

typedef enum Shape { NOISE, NEEDLES, STEPS, SMALL, MUSIC, SHAPES } Shape;
typedef enum Regime { FAST, MIDDLE, SLOW, GATED, WILD, REGIMES } Regime;

static double draw_cap(Shape shape, uint32_t k, double *held, uint64_t *random) {
  switch (shape) {
  case NOISE:
    return -25 * uniform(random);
  case NEEDLES:
    return uniform(random) < 0.03 ? -20 * uniform(random) : 0;
  case STEPS:
    *held = uniform(random) < 0.05 ? -15 * uniform(random) : *held;
    return *held < -10 ? 0 : *held;
  case SMALL:
    return uniform(random) < 0.2 ? -0.02 * uniform(random) : 0;
  default: /* beats of a decaying tone 55 Hz, with noise on it */
    if (k % 4 == 0)
      *held = fabs(sin(k * 55 * 6.2832 / knots_per_s)) * exp(-(double)(k % 5500) / 3000) + 0.3 * uniform(random);
    return *held > 0.4 ? -8.7 * log(*held / 0.4) : 0;
  }
}

static void draw_law(Regime regime, double place, double *tau_s, double *curve_s, uint64_t *random) {
  static const double tau_ms[] = {1, 20, 300}, curve_ms[] = {0.5, 2, 5};
  const double way = place < 0.3 ? 0 : place < 0.7 ? (place - 0.3) / 0.4 : 1;
  if (regime <= SLOW) {
    *tau_s = 1e-3 * tau_ms[regime], *curve_s = 1e-3 * curve_ms[regime];
  } else if (regime == GATED) {
    *tau_s = 1e-3 * pow(300, way), *curve_s = 0.5e-3 * pow(10, way);
  } else {
    *tau_s = 1e-3 * pow(300, uniform(random)), *curve_s = 0.3e-3 * pow(17, uniform(random));
  }
}

static void fill_lane(Case *c, unsigned lane, Shape shape, Regime regime, uint64_t seed) {
  double held = 0, tau_s, curve_s;
  for (uint32_t k = 0; k < c->n; k++) {
    const size_t at = (size_t)k * LANES + lane;
    c->cap[at] = (float)draw_cap(shape, k, &held, &seed);
    draw_law(regime, (double)k / c->n, &tau_s, &curve_s, &seed);
    c->slope[at] = (float)pow(tau_s * knots_per_s, 2);
    c->bend[at] = (float)pow(curve_s * knots_per_s, 4);
  }
}

static LacGainSolution solve(Case *c, unsigned n_lanes, bool is_warm) {
  LacGainSolver *solver;
  LacGainSolution solution;
  assert_int_equal(lac_gain_solver_new(c->n, &solver), LAC_OK);
  LacGainProblem problem = {c->n, n_lanes, c->cap, c->slope, c->bend, 1, c->gain, is_warm};
  assert_int_equal(lac_gain_solve(solver, &problem, NULL, &solution), LAC_OK);
  lac_gain_solver_free(solver);
  return solution;
}

/* The truth: the plain primal barrier method, one lane, damped Newton steps with a line search, in double. */
typedef struct Truth {
  uint32_t n;
  double *cap, *k0, *k1, *k2, *u, *step, *gradient, *next, *pivot, *l1, *l2;
} Truth;

static Truth new_truth(const Case *c, unsigned lane) {
  Truth t = {.n = c->n};
  double **arrays[] = {&t.cap, &t.k0, &t.k1, &t.k2, &t.u, &t.step, &t.gradient, &t.next, &t.pivot, &t.l1, &t.l2};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
    *arrays[i] = calloc(c->n + 4, sizeof(double));
    assert_non_null(*arrays[i]);
  }
  for (uint32_t k = 0; k < c->n; k++) {
    const double p = (double)c->slope[k * LANES + lane], q = (double)c->bend[k * LANES + lane];
    t.cap[k] = (double)c->cap[k * LANES + lane];
    t.k0[k] += 1;
    if (k + 1 < c->n)
      t.k0[k] += p, t.k0[k + 1] += p, t.k1[k] -= p;
    if (k > 0 && k + 1 < c->n) {
      t.k0[k - 1] += q, t.k0[k] += 4 * q, t.k0[k + 1] += q;
      t.k1[k - 1] -= 2 * q, t.k1[k] -= 2 * q, t.k2[k - 1] += q;
    }
  }
  return t;
}

static void free_truth(Truth *t) {
  double *arrays[] = {t->cap, t->k0, t->k1, t->k2, t->u, t->step, t->gradient, t->next, t->pivot, t->l1, t->l2};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
    free(arrays[i]);
}

static double k_times(const Truth *t, const double *u, uint32_t k) {
  double sum = t->k0[k] * u[k];
  sum += k > 0 ? t->k1[k - 1] * u[k - 1] : 0;
  sum += k > 1 ? t->k2[k - 2] * u[k - 2] : 0;
  return sum + (t->k1[k] * u[k + 1] + t->k2[k] * u[k + 2]); /* both 0 beyond the end */
}

/* Value of the barrier function; infinite outside. */
static double value(const Truth *t, const double *u, double weight) {
  double sum = 0;
  for (uint32_t k = 0; k < t->n; k++) {
    if (!(u[k] < t->cap[k]))
      return INFINITY;
    sum += 0.5 * u[k] * k_times(t, u, k) - weight * log(t->cap[k] - u[k]);
  }
  return sum;
}

/* The Newton step; returns the slope along it. */
static double newton(Truth *t, double weight) {
  double slope = 0;
  for (uint32_t k = 0; k < t->n; k++) {
    double s = t->cap[k] - t->u[k], d = t->k0[k] + weight / (s * s);
    t->gradient[k] = k_times(t, t->u, k) + weight / s;
    d -= k > 1 ? t->l2[k - 2] * t->k2[k - 2] : 0;
    d -= k > 0 ? t->l1[k - 1] * t->l1[k - 1] * t->pivot[k - 1] : 0;
    t->pivot[k] = d;
    t->l1[k] = (t->k1[k] - (k > 0 ? t->k2[k - 1] * t->l1[k - 1] : 0)) / d;
    t->l2[k] = t->k2[k] / d;
    t->step[k] =
        -t->gradient[k] - (k > 0 ? t->l1[k - 1] * t->step[k - 1] : 0) - (k > 1 ? t->l2[k - 2] * t->step[k - 2] : 0);
  }
  t->step[t->n] = t->step[t->n + 1] = 0;
  for (uint32_t k = t->n; k-- > 0;) {
    t->step[k] = t->step[k] / t->pivot[k] - t->l1[k] * t->step[k + 1] - t->l2[k] * t->step[k + 2];
    slope += t->gradient[k] * t->step[k];
  }
  return slope;
}

/* How far to go along the step: the function over `weight` is self-concordant (Nesterov & Nemirovski 1994), so all the
 * way once its decrement is below 1/4; before that as far as it helps. */
static double length_of(Truth *t, double weight, double slope) {
  const double decrement = sqrt(-slope / weight);
  if (decrement < 0.25)
    return 1;
  const double here = value(t, t->u, weight);
  for (double length = 1; length > 1 / (1 + decrement); length *= 0.5) {
    for (uint32_t k = 0; k < t->n; k++)
      t->next[k] = t->u[k] + length * t->step[k];
    if (value(t, t->next, weight) <= here + 0.1 * length * slope)
      return length;
  }
  return 1 / (1 + decrement);
}

static void find_truth(Truth *t) {
  double deepest = 0;
  for (uint32_t k = 0; k < t->n; k++)
    deepest = fmin(deepest, t->cap[k]);
  for (uint32_t k = 0; k < t->n; k++)
    t->u[k] = deepest - 1;
  for (double weight = 10; weight > 1e-8; weight *= 0.3) {
    for (int i = 0; i < 500; i++) {
      double slope = newton(t, weight);
      if (!(slope < -1e-6 * weight))
        break;
      double length = length_of(t, weight, slope);
      for (uint32_t k = 0; k < t->n; k++)
        t->u[k] += length * t->step[k];
    }
  }
}

/* What makes it a truth: balance of forces, the force of each cap being what the barrier left of it. */
static void check_truth(Truth *t) {
  for (uint32_t k = 0; k < t->n; k++) {
    double force = -k_times(t, t->u, k), s = t->cap[k] - t->u[k];
    assert_true(s > 0);
    assert_true(force > -1e-3 - 1e-8 * t->k0[k]);
    assert_true(fmin(s, force) < 2e-3);
  }
}

static void assert_feasible(const Case *c, unsigned n_lanes) {
  for (size_t k = 0; k < c->n; k++) {
    for (unsigned l = 0; l < n_lanes; l++)
      assert_true(c->gain[k * LANES + l] <= c->cap[k * LANES + l]); /* false for NaN */
  }
}

static double error_of(const Case *c, unsigned lane) {
  Truth t = new_truth(c, lane);
  double worst = 0;
  find_truth(&t);
  check_truth(&t);
  for (uint32_t k = 0; k < c->n; k++)
    worst = fmax(worst, fabs((double)c->gain[k * LANES + lane] - t.u[k]));
  free_truth(&t);
  return worst;
}

/* From a lane to the next that the truth, which is slow, is found for. */
static unsigned judged_step(void) {
  return test_is_short() ? 5 : 1;
}

static void test_against_truth(void **state) {
  (void)state;
  static const uint32_t sizes[] = {4, 5, 6, 7, 17, 64, 300};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    for (int regime = 0; regime < REGIMES; regime++) {
      Case c = new_case(sizes[s]);
      for (unsigned l = 0; l < LANES; l++)
        fill_lane(&c, l, (Shape)(l % SHAPES), (Regime)regime, 100 * s + l);
      LacGainSolution solution = solve(&c, LANES, false);
      assert_feasible(&c, LANES);
      assert_true(solution.worst_gap_db <= tolerance_db);
      for (unsigned l = 0; l < LANES; l += judged_step()) {
        double e = error_of(&c, l);
        if (e > tolerance_db)
          print_message("n %u regime %d lane %u: %g dB, %u steps\n", sizes[s], regime, l, e, solution.n_iterations);
        assert_true(e <= tolerance_db);
      }
      free_case(&c);
    }
  }
}

/* Long problems of every kind come to rest well before the limit. */
static void test_steps(void **state) {
  (void)state;
  for (int shape = 0; shape < (int)test_at_most(SHAPES); shape++) {
    for (int regime = 0; regime < REGIMES; regime++) {
      Case c = new_case(MAX_KNOTS);
      for (unsigned l = 0; l < LANES; l++)
        fill_lane(&c, l, (Shape)shape, (Regime)regime, 7 * l + 1);
      LacGainSolution solution = solve(&c, LANES, false);
      assert_feasible(&c, LANES);
      if (getenv("LACQUER_VERBOSE") || solution.n_iterations > 30)
        print_message("shape %d regime %d: %u steps, %.4f\n", shape, regime, solution.n_iterations,
                      solution.worst_gap_db);
      assert_true(solution.n_iterations <= 30);
      assert_true(solution.worst_gap_db <= tolerance_db);
      free_case(&c);
    }
  }
}

/* A lane comes out the same in any place, beside anything. */
static void test_lanes_are_alone(void **state) {
  (void)state;
  Case all = new_case(600);
  for (unsigned l = 0; l < LANES; l++)
    fill_lane(&all, l, (Shape)(l % SHAPES), (Regime)(l % REGIMES), l);
  solve(&all, LANES, false);
  for (unsigned l = 0; l < LANES; l++) {
    Case one = new_case(600);
    const unsigned place = (l * 3 + 1) % LANES;
    for (size_t i = 0; i < 600 * LANES; i++)
      one.cap[i] = one.slope[i] = one.bend[i] = NAN, one.gain[i] = 7;
    for (unsigned j = 0; j < place; j++)
      fill_lane(&one, j, NEEDLES, WILD, 99 + j);
    fill_lane(&one, place, (Shape)(l % SHAPES), (Regime)(l % REGIMES), l);
    solve(&one, place + 1, false);
    for (size_t k = 0; k < 600; k++) {
      assert_memory_equal(&one.gain[k * LANES + place], &all.gain[k * LANES + l], sizeof(float));
      for (unsigned j = place + 1; j < LANES; j++)
        assert_true(one.gain[k * LANES + j] == 7.0F);
    }
    free_case(&one);
  }
  free_case(&all);
}

/* Nothing to limit: exactly 0. Far from what there is to limit: exactly 0 as well. */
static void test_rest_is_exact(void **state) {
  (void)state;
  Case c = new_case(2000);
  for (unsigned l = 0; l < LANES; l++)
    fill_lane(&c, l, NEEDLES, FAST, l);
  for (size_t k = 0; k < 2000; k++) {
    c.cap[k * LANES + 2] = 0;
    c.cap[k * LANES + 3] = k == 1000 ? -6 : 0;
    c.gain[k * LANES + 2] = -1;
  }
  solve(&c, LANES, false);
  for (size_t k = 0; k < 2000; k++) {
    const float *u = &c.gain[k * LANES];
    assert_true(u[2] == 0.0F && !signbit(u[2]));
    if (k < 500 || k > 1500)
      assert_true(u[3] == 0.0F);
  }
  assert_true(c.gain[1000 * LANES + 3] == -6.0F);
  for (size_t k = 0; k < 2000; k++)
    for (unsigned l = 0; l < LANES; l++)
      c.cap[k * LANES + l] = 0;
  assert_int_equal(solve(&c, LANES, false).n_iterations, 0);
  free_case(&c);
}

/* Only the ratio of the three weights counts; by powers of two it does so to the bit. */
static void test_scale(void **state) {
  (void)state;
  Case c = new_case(400);
  LacGainSolver *solver;
  LacGainSolution solution;
  for (unsigned l = 0; l < LANES; l++)
    fill_lane(&c, l, MUSIC, WILD, l);
  solve(&c, LANES, false);
  float *expected = c.gain;
  c.gain = new_floats(400 * LANES);
  for (size_t i = 0; i < 400 * LANES; i++)
    c.slope[i] *= 4, c.bend[i] *= 4;
  assert_int_equal(lac_gain_solver_new(1000, &solver), LAC_OK);
  LacGainProblem problem = {400, LANES, c.cap, c.slope, c.bend, 4, c.gain, false};
  assert_int_equal(lac_gain_solve(solver, &problem, NULL, &solution), LAC_OK);
  assert_memory_equal(expected, c.gain, 400 * LANES * sizeof(float));
  lac_gain_solver_free(solver);
  free(expected);
  free_case(&c);
}

/* A cutting plane: a few caps a little lower, from the last solution on. */
static void test_warm_start(void **state) {
  (void)state;
  for (int regime = 0; regime < REGIMES; regime++) {
    Case c = new_case(500);
    for (unsigned l = 0; l < LANES; l++)
      fill_lane(&c, l, l % 2 ? MUSIC : NEEDLES, (Regime)regime, l + 5);
    solve(&c, LANES, false);
    for (unsigned l = 0; l < LANES; l++) {
      for (size_t k = 40 + 20 * l; k < 500; k += 150)
        for (size_t j = k; j < k + 4; j++)
          c.cap[j * LANES + l] = fminf(c.cap[j * LANES + l], c.gain[j * LANES + l] - 0.03F);
    }
    LacGainSolution warm = solve(&c, LANES, true);
    assert_feasible(&c, LANES);
    assert_true(warm.n_iterations <= 12);
    for (unsigned l = 0; l < LANES; l += judged_step())
      assert_true(error_of(&c, l) <= tolerance_db);
    /* From nonsense, too. */
    for (size_t i = 0; i < 500 * LANES; i++)
      c.gain[i] = (float)(i % 7) - 5;
    solve(&c, LANES, true);
    assert_feasible(&c, LANES);
    for (unsigned l = 0; l < LANES; l += judged_step())
      assert_true(error_of(&c, l) <= tolerance_db);
    free_case(&c);
  }
}

typedef struct Work {
  _Alignas(64) double near_row[700 * LANES], far_row[700 * LANES], forward[700 * LANES];
  float slack[700 * LANES], force[700 * LANES], gain[700 * LANES];
} Work;

static LacGainSweep sweep_of(Work *work, const Case *c, uint32_t n) {
  memset(work, 0, sizeof *work);
  for (size_t i = 0; i < 700 * LANES; i++)
    work->slack[i] = 26 + c->cap[i % (c->n * LANES)], work->force[i] = 0.3F;
  return (LacGainSweep){.n_knots = n,
                        .inverse_rest = 1 / 1.7,
                        .cap = c->cap,
                        .slope = c->slope,
                        .bend = c->bend,
                        .slack = work->slack,
                        .force = work->force,
                        .near_row = work->near_row,
                        .far_row = work->far_row,
                        .forward = work->forward,
                        .gain = work->gain};
}

static void step(const LacGainKernels *kernels, LacGainSweep *w, int i) {
  for (unsigned l = 0; l < LANES; l++) {
    w->target[l] = (float)pow(0.1, i + 0.1 * l);
    w->is_open[l] = i < (int)l ? -1 : 0;
  }
  kernels->factor(w);
  kernels->update(w);
}

static void test_levels_agree(void **state) {
  (void)state;
  static const uint32_t lengths[] = {4, 5, 6, 7, 8, 63, 700};
  static Work truth, work;
  Case c = new_case(700);
  for (unsigned l = 0; l < LANES; l++)
    fill_lane(&c, l, (Shape)(l % SHAPES), (Regime)(l % REGIMES), l);
  for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      LacGainSweep expected = sweep_of(&truth, &c, lengths[n]), got = sweep_of(&work, &c, lengths[n]);
      for (int i = 0; i < 8; i++) {
        step(&lac_gain_kernels_scalar, &expected, i);
        step(lac_gain_kernels_at((LacCpuLevel)level), &got, i);
        assert_memory_equal(&truth, &work, sizeof truth);
        assert_memory_equal(expected.residual, got.residual, sizeof got.residual);
      }
    }
  }
  free_case(&c);
}

static void test_refusals(void **state) {
  (void)state;
  LacGainSolver *solver;
  LacGainSolution solution;
  LacCancel cancel = {true};
  LacStop stop = {.asked = {NULL, &cancel}};
  Case c = new_case(100);
  for (unsigned l = 0; l < LANES; l++)
    fill_lane(&c, l, NOISE, FAST, l);
  assert_int_equal(lac_gain_solver_new(3, &solver), LAC_ERR_RANGE);
  assert_null(solver);
  assert_int_equal(lac_gain_solver_new(99, &solver), LAC_OK);
  LacGainProblem problem = {99, LANES, c.cap, c.slope, c.bend, 1, c.gain, false};
  assert_int_equal(lac_gain_solve(solver, &problem, &stop, &solution), LAC_ERR_CANCELLED);
  atomic_store(&cancel.requested, false);
  assert_int_equal(lac_gain_solve(solver, &problem, &stop, &solution), LAC_OK);
  atomic_store(&stop.own.requested, true);
  assert_int_equal(lac_gain_solve(solver, &problem, &stop, &solution), LAC_ERR_CANCELLED);
  problem.n_knots = 100;
  assert_int_equal(lac_gain_solve(solver, &problem, NULL, &solution), LAC_ERR_RANGE);
  problem.n_knots = 99, problem.n_lanes = 0;
  assert_int_equal(lac_gain_solve(solver, &problem, NULL, &solution), LAC_ERR_RANGE);
  problem.n_lanes = 1, problem.rest = 0;
  assert_int_equal(lac_gain_solve(solver, &problem, NULL, &solution), LAC_ERR_RANGE);
  lac_gain_solver_free(solver);
  lac_gain_solver_free(NULL);
  free_case(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_truth), cmocka_unit_test(test_steps),    cmocka_unit_test(test_lanes_are_alone),
      cmocka_unit_test(test_rest_is_exact), cmocka_unit_test(test_scale),    cmocka_unit_test(test_warm_start),
      cmocka_unit_test(test_levels_agree),  cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
