/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calmest curve near wanted values, held within +-bound:
 *
 *   minimise  1/2 sum w_k (u_k - d_k)^2  +  1/2 sum p_k (u_{k+1} - u_k)^2  +  1/2 sum q_k (u_{k+1} - 2 u_k + u_{k-1})^2
 *   subject to  |u_k| <= bound
 *
 * d is wanted and w says how much; p holds the curve back from moving, q from bending. Both ends are free. Solved by
 * the primal-dual interior-point method of S. Mehrotra ("On the implementation of a primal-dual interior point method",
 * SIAM J. Optimization 2, 1992) with one banded factorisation per step: time and memory grow with the length only. */

#ifndef LAC_DSP_BOUNDED_FIT_H
#define LAC_DSP_BOUNDED_FIT_H

#include <lacquer/core.h>

typedef struct LacBoundedFit {
  size_t n;
  const double *wanted; /* d */
  const double *weight; /* w >= 0 */
  const double *slope;  /* p >= 0, between k and k + 1; the last one is not used */
  const double *bend;   /* q >= 0, around k; the first and the last are not used */
  double bound;         /* > 0 */
} LacBoundedFit;

/* Fills u[n]; all zeros where no weight is. A curve that the weights do not determine (fewer than three of them on
 * bends alone) is the one nearest to 0. *n_steps (or NULL): factorisations, 1 where the bound does not matter.
 * LAC_ERR_MEMORY; LAC_ERR_INTERNAL when it did not converge in 60 steps (u is then still within its bound). */
LAC_NODISCARD LacStatus lac_bounded_fit(const LacBoundedFit *problem, double *u, unsigned *n_steps);

#endif
