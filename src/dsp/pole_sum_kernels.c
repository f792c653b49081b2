/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. */

#include "dsp/pole_sum.h"

#include <stdint.h>
#include <string.h>

#if LAC_LANES >= 8
#include <immintrin.h>
#endif

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

/* Of AHEAD frames; x: as many of the past, then they. n_poles is a constant at every call. */
ALWAYS void step_poles(const LacPoleSteps *steps, double through, V e[LAC_POLE_SUM_POLES][PARTS], unsigned n_poles,
                       const double *x, double *y) {
#pragma GCC unroll 2
  for (unsigned part = 0; part < PARTS; part++) {
    const double *at = x + part * WIDTH;
    V out = through * load(at + AHEAD);
#pragma GCC unroll 2
    for (unsigned k = 0; k < n_poles; k++) {
      const double *w = steps[k].weights;
      const V fed = (w[0] * load(at) + w[1] * load(at + 1)) + (w[2] * load(at + 2) + w[3] * load(at + 3));
      e[k][part] = steps[k].pole * e[k][part] + fed;
      out += e[k][part];
    }
    *(VU *)(y + part * WIDTH) = out;
  }
}

/* x: AHEAD frames of the past, n frames, and room for AHEAD more, as y has. n_poles is a constant at every call. */
ALWAYS void run_poles(const LacPoleSum *sum, LacPoleSumState *state, unsigned n_poles, const double *x, double *y,
                      size_t n) {
  LacPoleSteps steps[LAC_POLE_SUM_POLES];
  V e[LAC_POLE_SUM_POLES][PARTS];
  for (unsigned k = 0; k < n_poles; k++) {
    steps[k] = lac_pole_steps(sum, k);
    for (unsigned part = 0; part < PARTS; part++)
      e[k][part] = load(state->e[k] + part * WIDTH);
  }
  const double through = sum->through;
  size_t i = 0;
  for (; i + AHEAD <= n; i += AHEAD)
    step_poles(steps, through, e, n_poles, x + i, y + i);
  for (unsigned k = 0; k < n_poles; k++)
    for (unsigned part = 0; part < PARTS; part++)
      *(VU *)(state->e[k] + part * WIDTH) = e[k][part];
  if (i == n)
    return;
  step_poles(steps, through, e, n_poles, x + i, y + i);
  for (unsigned k = 0; k < n_poles; k++) { /* a last vector reaches beyond n */
    double last[2 * AHEAD];
    memcpy(last, state->e[k], sizeof state->e[k]);
    memcpy(last + AHEAD, e[k], sizeof e[k]);
    memcpy(state->e[k], last + (n - i), sizeof state->e[k]);
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

/* ---- what leaves ---- */

enum { LEAVE_AHEAD = LAC_POLE_SUM_LEAVE_AHEAD, LEAVE_WIDTH = LAC_LANES < LEAVE_AHEAD ? LAC_LANES : LEAVE_AHEAD };
enum { LEAVE_PARTS = LEAVE_AHEAD / LEAVE_WIDTH, LEAVE_ROOM = RUN + 3 * LEAVE_AHEAD };

typedef float F __attribute__((vector_size(4 * LEAVE_WIDTH)));
typedef float FU __attribute__((vector_size(4 * LEAVE_WIDTH), aligned(4), may_alias));
typedef int32_t I __attribute__((vector_size(4 * LEAVE_WIDTH)));

ALWAYS F load_floats(const float *p) {
  return *(const FU *)p;
}

ALWAYS F held(F x, F most) {
#if LAC_LANES >= 8 /* gcc 12 makes five instructions of a minimum of vectors */
  return (F)_mm256_max_ps(_mm256_min_ps((__m256)x, (__m256)most), (__m256)-most);
#else
  const I is_below = x < most;
  const F below = (F)(((I)x & is_below) | ((I)most & ~is_below));
  const I is_above = below > -most;
  return (F)(((I)below & is_above) | ((I)-most & ~is_above));
#endif
}

/* x: LEAVE_AHEAD frames of the past, n frames and room to make whole vectors; fours: what four steps of a pole are fed,
 * the latest of them by the frame at the same place. */
ALWAYS void feed_four_steps(LacPoleLeaveSteps steps, const float *x, float *restrict fours, size_t n) {
  for (size_t i = 3; i < LEAVE_AHEAD + n; i += LEAVE_WIDTH) {
    const F earlier = steps.pole2 * (load_floats(x + i - 2) + steps.pole * load_floats(x + i - 3));
    *(FU *)(fours + i) = (load_floats(x + i) + steps.pole * load_floats(x + i - 1)) + earlier;
  }
}

/* A run, and what it needs. gain_step 0: gains are the same vector for all. */
typedef struct Leaving {
  const float *x, *gains;
  size_t gain_step;
  float through, most;
  LacPoleLeaveSteps steps[LAC_POLE_SUM_POLES];
  float fours[LAC_POLE_SUM_POLES][LEAVE_ROOM];
} Leaving;

/* LEAVE_AHEAD frames, the first of which is the one at i. n_poles is a constant at every call. */
ALWAYS void step_leaving(const Leaving *run, F e[LAC_POLE_SUM_POLES][LEAVE_PARTS], unsigned n_poles, size_t i,
                         float *y) {
#pragma GCC unroll 2
  for (unsigned part = 0; part < LEAVE_PARTS; part++) {
    const size_t at = i + part * LEAVE_WIDTH, latest = LEAVE_AHEAD - 1 + at;
    F out = run->through * load_floats(run->x + LEAVE_AHEAD + at);
#pragma GCC unroll 2
    for (unsigned k = 0; k < n_poles; k++) {
      const float *fours = run->fours[k] + latest;
      const F fed = load_floats(fours) + run->steps[k].pole4 * load_floats(fours - 4);
      e[k][part] = run->steps[k].pole8 * e[k][part] + fed;
      out += run->steps[k].feed * e[k][part];
    }
    out = held(out * load_floats(run->gains + at * run->gain_step), run->most - (F){0});
    const I is_heard = (F)((I)out & INT32_MAX) >= LAC_POLE_SUM_LEAST;
    *(FU *)(y + part * LEAVE_WIDTH) = (F)((I)out & is_heard);
  }
}

/* n_poles is a constant at every call. */
ALWAYS void run_leaving(Leaving *run, const LacPoleSum *sum, LacPoleSumLeaveState *state, unsigned n_poles, float *y,
                        size_t n) {
  F e[LAC_POLE_SUM_POLES][LEAVE_PARTS];
  for (unsigned k = 0; k < n_poles; k++) {
    run->steps[k] = lac_pole_leave_steps(sum, k);
    feed_four_steps(run->steps[k], run->x, run->fours[k], n);
    for (unsigned part = 0; part < LEAVE_PARTS; part++)
      e[k][part] = load_floats(state->e[k] + part * LEAVE_WIDTH);
  }
  size_t i = 0;
  for (; i + LEAVE_AHEAD <= n; i += LEAVE_AHEAD)
    step_leaving(run, e, n_poles, i, y + i);
  for (unsigned k = 0; k < n_poles; k++)
    for (unsigned part = 0; part < LEAVE_PARTS; part++)
      *(FU *)(state->e[k] + part * LEAVE_WIDTH) = e[k][part];
  if (i == n)
    return;
  float rest[LEAVE_AHEAD];
  step_leaving(run, e, n_poles, i, rest);
  memcpy(y + i, rest, (n - i) * sizeof *y);
  for (unsigned k = 0; k < n_poles; k++) { /* a last vector reaches beyond n */
    float last[2 * LEAVE_AHEAD];
    memcpy(last, state->e[k], sizeof state->e[k]);
    memcpy(last + LEAVE_AHEAD, e[k], sizeof e[k]);
    memcpy(state->e[k], last + (n - i), sizeof state->e[k]);
  }
}

/* Of every frame; where it stands still, of a vector of them. Returns the step from frame to frame. */
ALWAYS size_t fill_floats(const LacPoleSumGain *gain, float *gains, uint32_t n) {
  if (gain->now == gain->next) {
    *(FU *)gains = (float)gain->now - (F){0};
    return 0;
  }
  for (uint32_t i = 0; i < n; i++)
    gains[i] = (float)lac_pole_sum_gain_at(gain, i);
  memset(gains + n, 0, 2 * LEAVE_AHEAD * sizeof *gains);
  return 1;
}

/* Zeros behind, so that vectors are whole. */
ALWAYS void hold_all(const float *in, float most, float *x, size_t n) {
  const F all = most - (F){0};
  size_t i = 0;
  for (; i + LEAVE_WIDTH <= n; i += LEAVE_WIDTH)
    *(FU *)(x + i) = held(load_floats(in + i), all);
  memset(x + i, 0, 2 * LEAVE_AHEAD * sizeof *x);
  memcpy(x + i, in + i, (n - i) * sizeof *x);
  *(FU *)(x + i) = held(load_floats(x + i), all);
}

static void leave(const LacPoleSum *sum, LacPoleSumLeaveState *state, const float *in, const LacPoleSumGain *gain,
                  float most, float *out, uint32_t n) {
  float x[LEAVE_ROOM], gains[RUN + 2 * LEAVE_AHEAD];
  if (n == 0)
    return;
  memcpy(x, state->x, sizeof state->x);
  hold_all(in, most, x + LEAVE_AHEAD, n);
  Leaving run;
  run.x = x, run.gains = gains, run.most = most, run.through = (float)sum->through;
  run.gain_step = fill_floats(gain, gains, n);
  if (sum->n_poles == 0)
    run_leaving(&run, sum, state, 0, out, n);
  else if (sum->n_poles == 1)
    run_leaving(&run, sum, state, 1, out, n);
  else
    run_leaving(&run, sum, state, 2, out, n);
  memcpy(state->x, x + n, sizeof state->x);
}

/* ---- what comes back ---- */

ALWAYS double within(double x, double most) {
  const double below = x < most ? x : most;
  return below > -most ? below : -most;
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
