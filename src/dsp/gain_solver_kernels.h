/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The two sweeps of one Newton step of the gain solver (dsp/gain_solver.c tells what for), over eight lanes side by
 * side, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_GAIN_SOLVER_KERNELS_H
#define LAC_DSP_GAIN_SOLVER_KERNELS_H

#include "dsp/gain_solver.h"
#include "dsp/kernels.h"

/* s never falls below this: it bounds lambda / s, and a millionth of a decibel is nothing. */
#define LAC_GAIN_LEAST_SLACK 1e-6F
/* A knot is taken to touch its cap, exactly, where s <= this * lambda. At the target product a knot with neither
 * distance nor force has s = lambda: it must touch, so that idle stretches come out as their cap, 0. */
#define LAC_GAIN_TOUCH 2.0F

/* Arrays of n_knots rows of LAC_GAIN_LANES; those of double aligned to 64. */
typedef struct LacGainSweep {
  uint32_t n_knots; /* >= 4 */
  double inverse_rest;
  const float *cap, *slope, *bend;
  float *slack, *force;                 /* s > 0 and lambda > 0: the point to linearise at, and the next one */
  double *near_row, *far_row, *forward; /* of the factors L: below the diagonal, below that; D^-1 L^-1 rhs */
  float *gain;                          /* the solution of the linear system, held below the cap */
  float target[LAC_GAIN_LANES];         /* the product s lambda to go for */
  int32_t is_open[LAC_GAIN_LANES];      /* -1: write gain; 0: leave this lane's gain as it is */
  float residual[LAC_GAIN_LANES];       /* out: largest |min(s, lambda)| of the linear solution */
} LacGainSweep;

typedef struct LacGainKernels {
  /* Factors K + diag(lambda / s) = L D L' and solves the first half, from the first knot to the last. */
  void (*factor)(const LacGainSweep *sweep);
  /* The second half, from the last knot to the first, and on the way the next point. */
  void (*update)(LacGainSweep *sweep);
} LacGainKernels;

LAC_KERNEL_TABLES(LacGainKernels, lac_gain_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacGainKernels lac_gain_kernels_scalar;

#endif
