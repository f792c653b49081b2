/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/svf.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/svf_kernels.h"

/* Two doubles: one SSE2 register, present on every x86-64. */
typedef double Lanes __attribute__((vector_size(16)));

double lac_svf_power(const LacSvf *svf, double w) {
  double s = lac_sin(0.5 * w), c = lac_cos(0.5 * w);
  /* Multiplied through by (g cos)^4, so that Nyquist is no special case. */
  double v = s * s, u = c * c * svf->g * svf->g, uv = u * v;
  double numerator = (svf->low * u - svf->high * v) * (svf->low * u - svf->high * v) + svf->band * svf->band * uv;
  double denominator = (u - v) * (u - v) + svf->k * svf->k * uv;
  return numerator / denominator;
}

void lac_svf_lane(LacSvfSection *section, unsigned lane, const LacSvf *svf, double wet) {
  /* Simper's c1, c2, c3: v3 = x - z2; v1 = c1 z1 + c2 v3; v2 = z2 + c2 z1 + c3 v3; z1' = 2 v1 - z1; z2' = 2 v2 - z2;
   * y = high x + (band - high k) v1 + (low - high) v2. Written out in z1, z2, x. */
  double c1 = 1.0 / (1.0 + svf->g * (svf->g + svf->k));
  double c2 = svf->g * c1, c3 = svf->g * c2;
  double m1 = svf->band - svf->high * svf->k, m2 = svf->low - svf->high;
  section->a11[lane] = 2.0 * c1 - 1.0;
  section->a12[lane] = -2.0 * c2;
  section->in1[lane] = 2.0 * c2;
  section->a21[lane] = 2.0 * c2;
  section->a22[lane] = 1.0 - 2.0 * c3;
  section->in2[lane] = 2.0 * c3;
  section->through[lane] = 1.0 + wet * (svf->high - 1.0 + (m1 * c2 + m2 * c3));
  section->out1[lane] = wet * (m1 * c1 + m2 * c2);
  section->out2[lane] = wet * (m2 * (1.0 - c3) - m1 * c2);
  section->g[lane] = svf->g;
  section->still1[lane] = section->out1[lane] + svf->g * section->out2[lane];
  section->still_sum[lane] = 2.0 * svf->g * section->out2[lane];
  section->keep[lane] = 2.0 * (c1 - c3) - 1.0;
  section->back[lane] = 4.0 * c3;
}

void lac_svf_lane_through(LacSvfSection *section, unsigned lane) {
  section->through[lane] = 1.0;
  /* Minus zero: x + (-0.0 * 0) is x even for x = -0.0. */
  section->out1[lane] = section->out2[lane] = -0.0;
  section->a11[lane] = section->a12[lane] = section->in1[lane] = 0;
  section->a21[lane] = section->a22[lane] = section->in2[lane] = 0;
  section->still1[lane] = section->still_sum[lane] = -0.0;
  section->keep[lane] = section->back[lane] = 0;
  section->g[lane] = 1.0;
}

void lac_svf_turn_state(const LacSvfSection *section, LacSvfState *state, bool is_sum) {
  for (unsigned lane = 0; lane < LAC_SVF_LANES && is_sum != state->is_sum; lane++) {
    const double z1 = state->z1[lane], z2 = state->z2[lane], g = section->g[lane];
    state->z2[lane] = is_sum ? 0.5 * (z2 / g - z1) : g * (2.0 * z2 + z1);
  }
  state->is_sum = is_sum;
}

static inline Lanes load(const double lanes[LAC_SVF_LANES]) {
  return (Lanes){lanes[0], lanes[1]};
}

static inline void store(double lanes[LAC_SVF_LANES], Lanes value) {
  lanes[0] = value[0];
  lanes[1] = value[1];
}

static inline __attribute__((always_inline)) Lanes step(const LacSvfSection *c, Lanes x, Lanes *z1, Lanes *z2) {
  Lanes y = (load(c->through) * x + load(c->out2) * *z2) + load(c->out1) * *z1;
  Lanes next1 = (load(c->in1) * x + load(c->a12) * *z2) + load(c->a11) * *z1;
  Lanes next2 = (load(c->in2) * x + load(c->a21) * *z1) + load(c->a22) * *z2;
  *z1 = next1;
  *z2 = next2;
  return y;
}

void lac_svf_run_moving(const LacSvfSection *from, const LacSvfSection *to, LacSvfState *state, double *frames,
                        uint32_t n_frames, uint32_t first, uint32_t period) {
  enum { N_ROWS = offsetof(LacSvfSection, still1) / sizeof(Lanes) };
  lac_svf_turn_state(from, state, false);
  Lanes base[N_ROWS], slope[N_ROWS], end[N_ROWS];
  memcpy(base, from, sizeof base);
  memcpy(end, to, sizeof end);
  for (int r = 0; r < N_ROWS; r++) {
    slope[r] = end[r] - base[r];
  }
  Lanes z1 = load(state->z1), z2 = load(state->z2);
  for (uint32_t i = 0; i < n_frames; i++) {
    double place = (double)(first + i + 1) / (double)period;
    Lanes row[N_ROWS];
    for (int r = 0; r < N_ROWS; r++) {
      row[r] = base[r] + slope[r] * place;
    }
    LacSvfSection now;
    memcpy(&now, row, sizeof row); /* the rows that a step reads */
    store(frames + 2 * i, step(&now, load(frames + 2 * i), &z1, &z2));
  }
  store(state->z1, z1);
  store(state->z2, z2);
}

void lac_svf_flush(LacSvfState *state) {
  for (int lane = 0; lane < LAC_SVF_LANES; lane++) {
    state->z1[lane] = fabs(state->z1[lane]) < 1e-30 ? 0 : state->z1[lane];
    state->z2[lane] = fabs(state->z2[lane]) < 1e-30 ? 0 : state->z2[lane];
  }
}

/* ---- the scalar truth of dsp/svf_kernels.h ---- */

static double step_scalar(const LacSvfSection *c, LacSvfState *state, unsigned lane, double x) {
  const double z1 = state->z1[lane], sum = state->z2[lane];
  state->z1[lane] = (c->in1[lane] * x - c->back[lane] * sum) + c->keep[lane] * z1;
  state->z2[lane] = sum + z1;
  return c->through[lane] * x + (c->still_sum[lane] * sum + c->still1[lane] * z1);
}

static void run_scalar(const LacSvfSection *const *sections, LacSvfState *const *states, unsigned n_sections,
                       double *frames, uint32_t n_frames) {
  for (unsigned k = 0; k < n_sections; k++) {
    lac_svf_turn_state(sections[k], states[k], true);
    for (uint32_t i = 0; i < LAC_SVF_LANES * n_frames; i++) {
      frames[i] = step_scalar(sections[k], states[k], i % LAC_SVF_LANES, frames[i]);
    }
  }
}

static void interleave_scalar(const float *left, const float *right, double *frames, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    frames[2 * i] = (double)left[i];
    frames[2 * i + 1] = right ? (double)right[i] : 0.0;
  }
}

static float to_float(double value) {
  return value > (double)FLT_MAX ? FLT_MAX : value < -(double)FLT_MAX ? -FLT_MAX : (float)value;
}

static void separate_scalar(const double *frames, float *left, float *right, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    left[i] = to_float(frames[2 * i]);
    if (right) {
      right[i] = to_float(frames[2 * i + 1]);
    }
  }
}

const LacSvfKernels lac_svf_kernels_scalar = {run_scalar, interleave_scalar, separate_scalar};
