/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. */

#include "dsp/pole_sum.h"

#include <math.h>
#include <string.h>

enum { AHEAD = LAC_POLE_SUM_AHEAD, RUN = LAC_POLE_SUM_RUN };
enum { WIDTH = LAC_LANES == 4 ? 2 : AHEAD, PARTS = AHEAD / WIDTH }; /* vectors for four frames */

typedef double V __attribute__((vector_size(8 * WIDTH)));
typedef double VU __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const double *p) {
  return *(const VU *)p;
}

/* The gain of every frame; where it stands still, of none but the first. */
ALWAYS bool fill(const LacPoleSumGain *gain, double *gains, uint32_t n) {
  gains[0] = gain->now;
  if (gain->now == gain->next)
    return false;
  for (uint32_t i = 0; i < n; i++)
    gains[i] = lac_pole_sum_gain_at(gain, i);
  return true;
}

/* x: AHEAD frames of the past, n frames, and room to make whole vectors, as y has. n_poles is a constant at every
 * call. */
ALWAYS void run_poles(const LacPoleSum *sum, LacPoleSumState *state, unsigned n_poles, const double *x, double *y,
                      uint32_t n) {
  LacPoleSteps steps[LAC_POLE_SUM_POLES];
  V e[LAC_POLE_SUM_POLES][PARTS], before[LAC_POLE_SUM_POLES][PARTS];
  for (unsigned k = 0; k < n_poles; k++) {
    steps[k] = lac_pole_steps(sum, k);
    memcpy(e[k], state->e[k], sizeof e[k]);
    memcpy(before[k], e[k], sizeof e[k]);
  }
  const double through = sum->through;
  uint32_t i = 0;
  for (; i < n; i += AHEAD) {
#pragma GCC unroll 2
    for (unsigned part = 0; part < PARTS; part++) {
      const double *at = x + i + part * WIDTH;
      V out = through * load(at + AHEAD);
#pragma GCC unroll 2
      for (unsigned k = 0; k < n_poles; k++) {
        const double *w = steps[k].weights;
        const V fed = (w[0] * load(at) + w[1] * load(at + 1)) + (w[2] * load(at + 2) + w[3] * load(at + 3));
        before[k][part] = e[k][part];
        e[k][part] = steps[k].pole * e[k][part] + fed;
        out += e[k][part];
      }
      *(VU *)(y + i + part * WIDTH) = out;
    }
  }
  for (unsigned k = 0; k < n_poles; k++) { /* the last vectors reach beyond n */
    double last[2 * AHEAD];
    memcpy(last, before[k], sizeof before[k]);
    memcpy(last + AHEAD, e[k], sizeof e[k]);
    memcpy(state->e[k], last + (AHEAD + n - i), sizeof state->e[k]);
  }
}

/* y of what stands in x behind the past. */
static void run_sum(const LacPoleSum *sum, LacPoleSumState *state, double *restrict x, double *restrict y, uint32_t n) {
  memcpy(x, state->x, sizeof state->x);
  memset(x + AHEAD + n, 0, AHEAD * sizeof *x);
  if (sum->n_poles == 0)
    for (uint32_t i = 0; i < n; i++)
      y[i] = sum->through * x[AHEAD + i];
  else if (sum->n_poles == 1)
    run_poles(sum, state, 1, x, y, n);
  else
    run_poles(sum, state, 2, x, y, n);
  memcpy(state->x, x + n, sizeof state->x);
}

ALWAYS double within(double x, double most) {
  const double below = x < most ? x : most;
  return below > -most ? below : -most;
}

ALWAYS float held(double x, double most) {
  const float rounded = (float)within(x, most);
  return fabsf(rounded) < LAC_POLE_SUM_LEAST ? 0.0f : rounded;
}

static void leave(const LacPoleSum *sum, LacPoleSumState *state, const float *in, const LacPoleSumGain *gain,
                  double most, float *out, uint32_t n) {
  double x[RUN + 2 * AHEAD], y[RUN + AHEAD], gains[RUN];
  if (n == 0)
    return;
  for (uint32_t i = 0; i < n; i++)
    x[AHEAD + i] = (double)in[i];
  run_sum(sum, state, x, y, n);
  if (fill(gain, gains, n)) {
    for (uint32_t i = 0; i < n; i++)
      out[i] = held(y[i] * gains[i], most);
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < n; i++)
      out[i] = held(y[i] * all, most);
  }
}

static void come_back(const LacPoleSum *sum, LacPoleSumState *state, const float *in, const LacPoleSumGain *wet,
                      const float *dry, const LacPoleSumGain *gain, double most, float *out, uint32_t n) {
  double x[RUN + 2 * AHEAD], y[RUN + AHEAD], gains[RUN];
  if (n == 0)
    return;
  if (fill(wet, gains, n)) {
    for (uint32_t i = 0; i < n; i++)
      x[AHEAD + i] = (double)in[i] * gains[i];
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < n; i++)
      x[AHEAD + i] = (double)in[i] * all;
  }
  run_sum(sum, state, x, y, n);
  if (fill(gain, gains, n)) {
    for (uint32_t i = 0; i < n; i++)
      out[i] = (float)within(((double)dry[i] + y[i]) * gains[i], most);
  } else {
    const double all = gains[0];
    for (uint32_t i = 0; i < n; i++)
      out[i] = (float)within(((double)dry[i] + y[i]) * all, most);
  }
}

const LacPoleSumKernels LAC_KERNEL(lac_pole_sum_kernels) = {leave, come_back};
