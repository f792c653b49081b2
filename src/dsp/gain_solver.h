/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calmest gain under a ceiling: a stiff string below an obstacle.
 *
 *   minimise  1/2 sum w u_k^2  +  1/2 sum p_k (u_{k+1} - u_k)^2  +  1/2 sum q_k (u_{k+1} - 2 u_k + u_{k-1})^2
 *   subject to  u_k <= cap_k
 *
 * u is a gain in dB at knots, 0 its rest; p = (recovery time * knots per second)^2 holds it back from moving,
 * q = (rounding time * knots per second)^4 from bending. Both ends are free. Eight such problems, all of the same
 * length, run side by side in the lanes of vectors, because each one is a chain of dependent operations. */

#ifndef LAC_DSP_GAIN_SOLVER_H
#define LAC_DSP_GAIN_SOLVER_H

#include "dsp/stop.h"

enum { LAC_GAIN_LANES = 8 };

typedef struct LacGainSolver LacGainSolver; /* workspace; one thread at a time */

/* All arrays: [n_knots][LAC_GAIN_LANES], knot by knot. Lanes beyond n_lanes are ignored. */
typedef struct LacGainProblem {
  uint32_t n_knots;    /* >= 4, at most the solver's max_knots */
  unsigned n_lanes;    /* 1..8 */
  const float *cap_db; /* <= 0, finite */
  const float *slope;  /* p_k >= 0, between knots k and k + 1 (the last one is not used) */
  const float *bend;   /* q_k >= 0, around knot k (the first and last are not used) */
  double rest;         /* w > 0, the pull toward 0 dB */
  float *gain_db;      /* out: u, every value <= its cap. In: where to start, when is_warm */
  bool is_warm;
} LacGainProblem;

typedef struct LacGainSolution {
  unsigned n_iterations;
  double worst_gap_db; /* largest |min(cap - u, force / rest)| before holding u below cap: about the error of u */
} LacGainSolution;

LAC_NODISCARD LacStatus lac_gain_solver_new(uint32_t max_knots, LacGainSolver **out);
void lac_gain_solver_free(LacGainSolver *solver);
/* Errors: CANCELLED (stop, which may be NULL, is looked at once per iteration). A lane does not depend on what stands
 * in the others. */
LacStatus lac_gain_solve(LacGainSolver *solver, const LacGainProblem *problem, const LacStop *stop,
                         LacGainSolution *solution);

#endif
