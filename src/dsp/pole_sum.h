/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A sum of first-order poles over one channel, per CPU level with the same bits (dsp/kernels.h): shelves and passes of
 * 6 dB per octave in series, as partial fractions, at both ends of a way of its own that a part of the sound takes.
 *
 *   y[n] = through x[n] + sum of e_k[n],   e_k[n + 1] = pole_k e_k[n] + feed_k x[n]
 *
 * Four steps of a pole are made one, e[n] = p^4 e[n-4] + f (p^3 x[n-4] + p^2 x[n-3] + p x[n-2] + x[n-1]) (look-ahead:
 * P. M. Kogge, "The Architecture of Pipelined Computers", 1981): four frames are worked on at once, and wait for what
 * comes out of the four before them and not for each other. Every frame is made so, wherever a run begins.
 *
 * What comes back meets the song and is made in double precision. What leaves becomes single anyway, and is made in
 * single, of eight steps one: b[n] = x[n] + p x[n-1] + p^2 (x[n-2] + p x[n-3]), e[n] = p^8 e[n-8] + b[n-1] + p^4
 * b[n-5]. */

#ifndef LAC_DSP_POLE_SUM_H
#define LAC_DSP_POLE_SUM_H

#include "dsp/kernels.h"

/* What leaves for a curve and is smaller (-180 dBFS) is nothing: of its square, its cube and what filters make of them
 * single precision would keep subnormal numbers, which cost a multiple. */
#define LAC_POLE_SUM_LEAST 1e-9f

enum {
  LAC_POLE_SUM_POLES = 2,
  LAC_POLE_SUM_AHEAD = 4,
  LAC_POLE_SUM_LEAVE_AHEAD = 8, /* of what leaves */
  LAC_POLE_SUM_RUN = 128        /* most frames per call */
};

typedef struct LacPoleSum {
  unsigned n_poles;
  double through, feed[LAC_POLE_SUM_POLES], pole[LAC_POLE_SUM_POLES];
} LacPoleSum;

/* The last frames, the latest last; all zero in silence. */
typedef struct LacPoleSumState {
  double x[LAC_POLE_SUM_AHEAD], e[LAC_POLE_SUM_POLES][LAC_POLE_SUM_AHEAD];
} LacPoleSumState;

/* Of what leaves: the poles' shares before they are fed into the sum. */
typedef struct LacPoleSumLeaveState {
  float x[LAC_POLE_SUM_LEAVE_AHEAD], e[LAC_POLE_SUM_POLES][LAC_POLE_SUM_LEAVE_AHEAD];
} LacPoleSumLeaveState;

/* Frame i has now + (next - now) (place + i + 1) per_frame. */
typedef struct LacPoleSumGain {
  double now, next, per_frame;
  uint32_t place;
} LacPoleSumGain;

static inline double lac_pole_sum_gain_at(const LacPoleSumGain *gain, uint32_t i) {
  return gain->now + (gain->next - gain->now) * ((double)(gain->place + i + 1) * gain->per_frame);
}

typedef struct LacPoleSumKernels {
  /* x is in, held within +-most, and so is out = y gain; below LAC_POLE_SUM_LEAST: 0. */
  void (*leave)(const LacPoleSum *sum, LacPoleSumLeaveState *state, const float *in, const LacPoleSumGain *gain,
                float most, float *out, uint32_t n);
  /* x is in times wet; out = (dry + y) gain, held within +-most. out may be dry. */
  void (*come_back)(const LacPoleSum *sum, LacPoleSumState *state, const float *in, const LacPoleSumGain *wet,
                    const float *dry, const LacPoleSumGain *gain, double most, float *out, uint32_t n);
} LacPoleSumKernels;

LAC_KERNEL_TABLES(LacPoleSumKernels, lac_pole_sum_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacPoleSumKernels lac_pole_sum_kernels_scalar;

/* The first-order section (high s + low w) / (s + w), w = 2 pi hz warped: g = tan(pi hz / rate). Makes the sum that, or
 * multiplies it by that; at most LAC_POLE_SUM_POLES of them, of different poles. A sum of no poles begins with
 * through 1. */
void lac_pole_sum_times(LacPoleSum *sum, double g, double low, double high);
/* States below 1e-30 become 0. */
void lac_pole_sum_flush(LacPoleSumState *state);
void lac_pole_sum_flush_leave(LacPoleSumLeaveState *state);

/* What one step of the recursion needs: the pole's fourth power, and the weights of the frames four to one before. */
typedef struct LacPoleSteps {
  double pole, weights[LAC_POLE_SUM_AHEAD];
} LacPoleSteps;

static inline LacPoleSteps lac_pole_steps(const LacPoleSum *sum, unsigned k) {
  const double p = sum->pole[k], p2 = p * p, f = sum->feed[k];
  return (LacPoleSteps){.pole = p2 * p2, .weights = {f * (p2 * p), f * p2, f * p, f}};
}

/* Powers of the pole, and its feed, of what leaves. */
typedef struct LacPoleLeaveSteps {
  float pole, pole2, pole4, pole8, feed;
} LacPoleLeaveSteps;

static inline LacPoleLeaveSteps lac_pole_leave_steps(const LacPoleSum *sum, unsigned k) {
  const double p = sum->pole[k], p2 = p * p, p4 = p2 * p2;
  return (LacPoleLeaveSteps){(float)p, (float)p2, (float)p4, (float)(p4 * p4), (float)sum->feed[k]};
}

#endif
