/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A second-order section as a trapezoidal state-variable filter (Zavalishin 2012, "The Art of VA Filter Design";
 * Simper 2013): any biquad can be written so, and its state keeps its meaning while coefficients move. */

#ifndef LAC_DSP_SVF_H
#define LAC_DSP_SVF_H

#include <lacquer/core.h>

/* H = (high p^2 + band p + low) / (p^2 + k p + 1), p = (z - 1) / (z + 1) / g. Stable for g, k > 0. */
typedef struct LacSvf {
  double g;
  double k;
  double low;
  double band;
  double high;
} LacSvf;

/* |H|^2 at w radians per sample, 0 <= w <= pi. */
double lac_svf_power(const LacSvf *svf, double w);

enum { LAC_SVF_LANES = 2 };

/* One section over two lanes (left and right, or mid and side) as a state space that one step applies:
 *   y = through x + out1 z1 + out2 z2;  z1' = in1 x + a11 z1 + a12 z2;  z2' = in2 x + a21 z1 + a22 z2.
 * z1 and z2 are the integrator states of the trapezoidal filter, so the matrix is a contraction for all g, k >= 0, and
 * so is every mixture of two of them: coefficients may be interpolated sample by sample.
 *
 * While coefficients stand still, a sum takes the place of z2 = g (2 sum + z1), and a step is half the work and the
 * shortest recursion there is:
 *   y = through x + still1 z1 + still_sum sum;  z1' = in1 x + keep z1 - back sum;  sum' = sum + z1.
 * The sum is as large as z2 / 2 g and its rounding weighs 2 g, so that it is no noisier than z2 (a direct form, whose
 * state is as large as 1 / g^2, would be). */
typedef struct LacSvfSection {
  double through[LAC_SVF_LANES], in1[LAC_SVF_LANES];
  double out1[LAC_SVF_LANES], out2[LAC_SVF_LANES];
  double a11[LAC_SVF_LANES], a12[LAC_SVF_LANES];
  double a21[LAC_SVF_LANES], a22[LAC_SVF_LANES], in2[LAC_SVF_LANES];
  double still1[LAC_SVF_LANES], still_sum[LAC_SVF_LANES], keep[LAC_SVF_LANES], back[LAC_SVF_LANES];
  double g[LAC_SVF_LANES];
} LacSvfSection;

/* All zero is silence. */
typedef struct LacSvfState {
  double z1[LAC_SVF_LANES], z2[LAC_SVF_LANES];
  bool is_sum; /* z2 is the sum: the section that ran last stood still */
} LacSvfState;

/* Fills one lane: wet 1 is the filter, 0 is the input itself, between is the mixture of both. */
void lac_svf_lane(LacSvfSection *section, unsigned lane, const LacSvf *svf, double wet);
/* A lane that returns its input bit for bit (while its state is zero) and holds its state at zero. */
void lac_svf_lane_through(LacSvfSection *section, unsigned lane);

/* One section while its coefficients move: frame i uses from + (to - from) * (first + i + 1) / period. */
void lac_svf_run_moving(const LacSvfSection *from, const LacSvfSection *to, LacSvfState *state, double *frames,
                        uint32_t n_frames, uint32_t first, uint32_t period);
/* Brings the states into the form that a section takes while it stands still (is_sum), or moves from. */
void lac_svf_turn_state(const LacSvfSection *section, LacSvfState *state, bool is_sum);
/* Sets states below 1e-30 to zero, before they become denormal. */
void lac_svf_flush(LacSvfState *state);

#endif
