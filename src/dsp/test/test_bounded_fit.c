/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/bounded_fit.h"

#include "core/test/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N = 3000 };
static double wanted[N], weight[N], slope[N], bend[N], u[N];

static double uniform(void) {
  return rand() / (double)RAND_MAX;
}

static LacBoundedFit random_problem(size_t n, double bound) {
  for (size_t k = 0; k < n; k++) {
    wanted[k] = 8.0 * uniform() - 4.0 + 3.0 * sin((double)k * 0.02);
    weight[k] = rand() % 5 ? uniform() : 0;
    slope[k] = rand() % 3 ? 0 : 10 * uniform();
    bend[k] = pow(10.0, 6.0 * uniform());
  }
  return (LacBoundedFit){n, wanted, weight, slope, bend, bound};
}

/* Slope of the objective by u_k, written out term by term. */
static double force_on(const LacBoundedFit *problem, size_t k) {
  double sum = problem->weight[k] * (u[k] - problem->wanted[k]);
  if (k + 1 < problem->n)
    sum -= problem->slope[k] * (u[k + 1] - u[k]);
  if (k > 0)
    sum += problem->slope[k - 1] * (u[k] - u[k - 1]);
  static const double side[3] = {1, -2, 1};
  for (size_t j = 0; j < 3; j++) { /* bends around k - 1, k, k + 1 */
    size_t middle = k + j;
    if (middle < 2 || middle > problem->n - 1)
      continue;
    middle -= 1;
    sum += problem->bend[middle] * side[j] * (u[middle + 1] - 2.0 * u[middle] + u[middle - 1]);
  }
  return sum;
}

/* The conditions of Karush, Kuhn and Tucker: no force inside, and at a bound only a force that presses on it. */
static void check_optimal(const LacBoundedFit *problem) {
  for (size_t k = 0; k < problem->n; k++) {
    double force = force_on(problem, k), room = problem->bound - fabs(u[k]);
    assert_true(room >= 0);
    assert_true(fabs(force) < 2e-6 || (room < 1e-4 && force * u[k] < 0) || fabs(force) * room < 1e-5);
  }
}

static void test_is_optimal(void **state) {
  (void)state;
  srand(3);
  unsigned most = 0, on_bound = 0;
  for (int round = 0; round < 60; round++) {
    LacBoundedFit problem = random_problem(3 + (size_t)(rand() % 400), 0.3 + 4.0 * uniform());
    unsigned n_steps;
    assert_int_equal(lac_bounded_fit(&problem, u, &n_steps), LAC_OK);
    check_optimal(&problem);
    most = n_steps > most ? n_steps : most;
    on_bound += n_steps > 1;
  }
  print_message("at most %u factorisations\n", most);
  assert_true(most <= 30 && on_bound > 20);
}

/* Against sweeps of one unknown at a time, each brought to its best place within the bound. */
static void test_equals_slow_sweeps(void **state) {
  (void)state;
  srand(5);
  LacBoundedFit problem = random_problem(40, 1.5);
  for (size_t k = 0; k < 40; k++) {
    bend[k] = 5.0 * uniform();
    weight[k] += 0.1;
  }
  assert_int_equal(lac_bounded_fit(&problem, u, NULL), LAC_OK);
  double found[40];
  for (size_t k = 0; k < 40; k++) {
    found[k] = u[k];
    u[k] = 0;
  }
  for (int sweep = 0; sweep < 20000; sweep++) {
    for (size_t k = 0; k < 40; k++) {
      double at = u[k], force = force_on(&problem, k);
      u[k] = at + 1.0;
      double stiffness = force_on(&problem, k) - force;
      double best = at - force / stiffness;
      u[k] = best > 1.5 ? 1.5 : best < -1.5 ? -1.5 : best;
    }
  }
  for (size_t k = 0; k < 40; k++)
    assert_true(fabs(found[k] - u[k]) < 1e-5);
}

static void test_bound_that_does_not_matter(void **state) {
  (void)state;
  srand(7);
  LacBoundedFit problem = random_problem(200, 100);
  unsigned n_steps;
  assert_int_equal(lac_bounded_fit(&problem, u, &n_steps), LAC_OK);
  assert_int_equal(n_steps, 1);
  check_optimal(&problem);
  /* What is wanted already calm and within the bound comes out. */
  for (size_t k = 0; k < 200; k++) {
    wanted[k] = 2.5 - 0.01 * (double)k;
    weight[k] = 1;
    slope[k] = 0;
  }
  assert_int_equal(lac_bounded_fit(&problem, u, NULL), LAC_OK);
  for (size_t k = 0; k < 200; k++)
    assert_true(fabs(u[k] - wanted[k]) < 1e-6);
}

static void test_odd_lengths_and_no_weight(void **state) {
  (void)state;
  srand(9);
  for (size_t n = 0; n <= 4; n++) {
    LacBoundedFit problem = random_problem(n, 1);
    for (size_t k = 0; k < n; k++)
      weight[k] = 0;
    assert_int_equal(lac_bounded_fit(&problem, u, NULL), LAC_OK);
    for (size_t k = 0; k < n; k++)
      assert_true(u[k] == 0);
    for (size_t k = 0; k < n; k++)
      weight[k] = 1;
    assert_int_equal(lac_bounded_fit(&problem, u, NULL), LAC_OK);
    for (size_t k = 0; k < n; k++)
      assert_true(fabs(u[k]) <= 1);
  }
}

static void test_speed(void **state) {
  (void)state;
  srand(11);
  LacBoundedFit problem = random_problem(N, 1);
  clock_t start = clock();
  unsigned n_steps;
  assert_int_equal(lac_bounded_fit(&problem, u, &n_steps), LAC_OK);
  print_message("%d unknowns, %u steps: %.1f ms\n", (int)N, n_steps, 1e3 * (double)(clock() - start) / CLOCKS_PER_SEC);
  check_optimal(&problem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_optimal),
      cmocka_unit_test(test_equals_slow_sweeps),
      cmocka_unit_test(test_bound_that_does_not_matter),
      cmocka_unit_test(test_odd_lengths_and_no_weight),
      cmocka_unit_test(test_speed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
