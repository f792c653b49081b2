/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/pole_sum.h"

#include <math.h>
#include <string.h>

enum { AHEAD = LAC_POLE_SUM_AHEAD, LEAVE_AHEAD = LAC_POLE_SUM_LEAVE_AHEAD };

void lac_pole_sum_times(LacPoleSum *sum, double g, double low, double high) {
  /* Bilinear: d + f z^-1 / (1 - p z^-1). */
  const double p = (1.0 - g) / (1.0 + g), d = (high + low * g) / (1.0 + g);
  const double f = p * d + (low * g - high) / (1.0 + g);
  /* The product of two such terms is made of both poles again: z^-2 / ((1 - p z^-1) (1 - q z^-1)) is the difference of
   * z^-1 / (1 - p z^-1) and z^-1 / (1 - q z^-1), over p - q. */
  double own = sum->through * f;
  for (unsigned k = 0; k < sum->n_poles; k++) {
    const double both = sum->feed[k] * f / (sum->pole[k] - p);
    sum->feed[k] = sum->feed[k] * d + both;
    own -= both;
  }
  sum->through *= d;
  sum->feed[sum->n_poles] = own;
  sum->pole[sum->n_poles++] = p;
}

void lac_pole_sum_flush(LacPoleSumState *state) {
  double *values = state->x;
  for (size_t i = 0; i < sizeof *state / sizeof *values; i++)
    values[i] = fabs(values[i]) < 1e-30 ? 0 : values[i];
}

void lac_pole_sum_flush_leave(LacPoleSumLeaveState *state) {
  float *values = state->x;
  for (size_t i = 0; i < sizeof *state / sizeof *values; i++)
    values[i] = fabsf(values[i]) < 1e-30f ? 0 : values[i];
}

/* ---- the scalar truth of dsp/pole_sum_kernels.c ---- */

static double frame(const LacPoleSum *sum, LacPoleSumState *state, double x) {
  double y = sum->through * x;
  for (unsigned k = 0; k < sum->n_poles; k++) {
    const LacPoleSteps steps = lac_pole_steps(sum, k);
    double *e = state->e[k];
    const double *w = steps.weights, *past = state->x;
    const double fed = (w[0] * past[0] + w[1] * past[1]) + (w[2] * past[2] + w[3] * past[3]);
    const double now = steps.pole * e[0] + fed;
    memmove(e, e + 1, (AHEAD - 1) * sizeof *e);
    e[AHEAD - 1] = now;
    y += now;
  }
  memmove(state->x, state->x + 1, (AHEAD - 1) * sizeof *state->x);
  state->x[AHEAD - 1] = x;
  return y;
}

static double gain_at(const LacPoleSumGain *gain, uint32_t i) {
  return gain->now == gain->next ? gain->now : lac_pole_sum_gain_at(gain, i);
}

static double within(double x, double most) {
  const double below = x < most ? x : most;
  return below > -most ? below : -most;
}

static float held(float x, float most) {
  const float below = x < most ? x : most;
  return below > -most ? below : -most;
}

/* Four steps of a pole, fed by the frame at `latest` and three before it. */
static float four_steps(const LacPoleLeaveSteps *steps, const float *latest) {
  return (latest[0] + steps->pole * latest[-1]) + steps->pole2 * (latest[-2] + steps->pole * latest[-3]);
}

static float leaving_frame(const LacPoleSum *sum, LacPoleSumLeaveState *state, float x) {
  const float *latest = state->x + LEAVE_AHEAD - 1;
  float y = (float)sum->through * x;
  for (unsigned k = 0; k < sum->n_poles; k++) {
    const LacPoleLeaveSteps steps = lac_pole_leave_steps(sum, k);
    float *e = state->e[k];
    const float fed = four_steps(&steps, latest) + steps.pole4 * four_steps(&steps, latest - 4);
    const float now = steps.pole8 * e[0] + fed;
    memmove(e, e + 1, (LEAVE_AHEAD - 1) * sizeof *e);
    e[LEAVE_AHEAD - 1] = now;
    y += steps.feed * now;
  }
  memmove(state->x, state->x + 1, (LEAVE_AHEAD - 1) * sizeof *state->x);
  state->x[LEAVE_AHEAD - 1] = x;
  return y;
}

static void leave(const LacPoleSum *sum, LacPoleSumLeaveState *state, const float *in, const LacPoleSumGain *gain,
                  float most, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float y = held(leaving_frame(sum, state, held(in[i], most)) * (float)gain_at(gain, i), most);
    out[i] = fabsf(y) < LAC_POLE_SUM_LEAST ? 0.0f : y;
  }
}

static void come_back(const LacPoleSum *sum, LacPoleSumState *state, const float *in, const LacPoleSumGain *wet,
                      const float *dry, const LacPoleSumGain *gain, double most, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const double y = frame(sum, state, (double)in[i] * gain_at(wet, i));
    out[i] = (float)within(((double)dry[i] + y) * gain_at(gain, i), most);
  }
}

const LacPoleSumKernels lac_pole_sum_kernels_scalar = {leave, come_back};
