/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/width_splits.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/width_splits_kernels.h"

/* Damping of a Butterworth section. */
#define K 1.4142135623730951

static double prewarped(double hz, double rate_hz) {
  const double top = 0.45 * rate_hz, held = hz < top ? hz : top;
  return lac_tan(LAC_PI * (held > 1.0 ? held : 1.0) / rate_hz);
}

/* Factors `at` (0 .. 1) of the way to the next border. */
static void find_factors(LacWidthSplits *self, double at) {
  LacWidthFactors *f = &self->factors;
  const unsigned n = self->n_splits, first = LAC_WIDTH_MAX_SPLITS - n;
  for (unsigned k = 0; k < n; k++) {
    const double g = self->from_g[k] + (self->to_g[k] - self->from_g[k]) * at, c1 = 1.0 / (1.0 + g * (g + K));
    f->a[first + k] = 2.0 * c1;
    f->b[first + k] = 2.0 * g * (g * c1);
    f->round[first + k] = K / g;
    f->gain[first + k] = self->from_gain[k] + (self->to_gain[k] - self->from_gain[k]) * at;
  }
  f->last_gain = self->from_gain[n] + (self->to_gain[n] - self->from_gain[n]) * at;
}

static bool is_still(const LacWidthSplits *self) {
  bool is_still = true;
  for (unsigned s = 0; s < self->n_splits; s++) {
    is_still = is_still && self->from_g[s] == self->to_g[s];
  }
  for (unsigned b = 0; b <= self->n_splits; b++) {
    is_still = is_still && self->from_gain[b] == self->to_gain[b];
  }
  return is_still;
}

void lac_width_splits_aim(LacWidthSplits *self, const double *hz, const double *gains) {
  for (unsigned s = 0; s < self->n_splits; s++) {
    self->from_g[s] = self->to_g[s];
    self->to_g[s] = prewarped(hz[s], self->rate_hz);
  }
  memcpy(self->from_gain, self->to_gain, sizeof self->from_gain);
  memcpy(self->to_gain, gains, (self->n_splits + 1) * sizeof *gains);
  self->is_moving = !is_still(self);
  if (!self->is_moving) {
    find_factors(self, 1.0);
  }
}

void lac_width_splits_init(LacWidthSplits *self, unsigned n_splits, double rate_hz, const double *hz,
                           const double *gains) {
  memset(self, 0, sizeof *self);
  self->kernels = lac_width_splits_kernels_at(lac_cpu_level());
  self->n_splits = n_splits;
  self->rate_hz = rate_hz;
  lac_width_splits_aim(self, hz, gains);
  lac_width_splits_aim(self, hz, gains);
}

/* The first integrators are kept times g: when g moves, they follow. */
static void follow_g(LacWidthSplits *self, double before, double at) {
  for (unsigned k = 0; k < self->n_splits; k++) {
    const double from = self->from_g[k], way = self->to_g[k] - from;
    const double ratio = (from + way * at) / (from + way * before);
    for (unsigned s = 0; s < LAC_WIDTH_SECTIONS; s++) {
      self->state.z1[s][LAC_WIDTH_MAX_SPLITS - self->n_splits + k] *= ratio;
    }
  }
}

/* Every frame has factors of its own. */
static void run_moving(LacWidthSplits *self, double *frames, uint32_t n_frames, uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double at = (double)(first + i + 1) / (double)period;
    follow_g(self, (double)(first + i) / (double)period, at);
    find_factors(self, at);
    lac_width_splits_kernels_scalar.run(&self->factors, &self->state, self->n_splits, frames + 2 * i, 1);
  }
}

void lac_width_splits_run(LacWidthSplits *self, double *frames, uint32_t n_frames, uint32_t first, uint32_t period) {
  if (self->is_moving) {
    run_moving(self, frames, n_frames, first, period);
  } else if (self->n_splits > 0) {
    self->kernels->run(&self->factors, &self->state, self->n_splits, frames, n_frames);
  } else {
    for (uint32_t i = 0; i < n_frames && self->factors.last_gain != 1.0; i++) {
      frames[2 * i + 1] *= self->factors.last_gain;
    }
  }
}

static void flush(LacWidthRow *rows) {
  for (unsigned s = 0; s < LAC_WIDTH_SECTIONS; s++) {
    for (unsigned k = 0; k < LAC_WIDTH_MAX_SPLITS; k++) {
      rows[s][k] = fabs(rows[s][k]) < 1e-30 ? 0 : rows[s][k];
    }
  }
}

void lac_width_splits_flush(LacWidthSplits *self) {
  flush(self->state.z1);
  flush(self->state.z2);
}

/* ---- the truth of the kernels ---- */

/* One step of a section of split k on x - z2; returns w. */
static double turn(const LacWidthFactors *f, LacWidthState *state, unsigned section, unsigned k, double apart) {
  double *z1 = &state->z1[section][k], *z2 = &state->z2[section][k];
  const double w = f->a[k] * *z1 + f->b[k] * apart;
  *z1 = w - *z1;
  *z2 = *z2 + w;
  return w;
}

static void run(const LacWidthFactors *f, LacWidthState *state, unsigned n_splits, double *frames, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    double mid = frames[2 * i], side = frames[2 * i + 1], held = 0;
    for (unsigned k = LAC_WIDTH_MAX_SPLITS - n_splits; k < LAC_WIDTH_MAX_SPLITS; k++) {
      const double side_z2 = state->z2[LAC_WIDTH_SIDE][k], low_z2 = state->z2[LAC_WIDTH_LOW][k];
      const double mid_w = turn(f, state, LAC_WIDTH_MID, k, mid - state->z2[LAC_WIDTH_MID][k]);
      const double side_w = turn(f, state, LAC_WIDTH_SIDE, k, side - side_z2);
      const double held_w = turn(f, state, LAC_WIDTH_HELD, k, held - state->z2[LAC_WIDTH_HELD][k]);
      const double low_w = turn(f, state, LAC_WIDTH_LOW, k, ((side_z2 + side_z2) - low_z2) + side_w);
      const double finished = 0.25 * ((low_z2 + low_z2) + low_w);
      mid = mid - f->round[k] * mid_w;
      side = (side - f->round[k] * side_w) - finished;
      held = (held - f->round[k] * held_w) + f->gain[k] * finished;
    }
    frames[2 * i] = mid;
    frames[2 * i + 1] = held + f->last_gain * side;
  }
}

static void to_mid_side(const float *left, const float *right, double *frames, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double l = (double)left[i], r = (double)right[i];
    frames[2 * i] = 0.5 * (l + r);
    frames[2 * i + 1] = 0.5 * (l - r);
  }
}

/* What is beyond FLT_MAX has become infinite. */
static float hold(double value) {
  const float rounded = (float)value, below = rounded < FLT_MAX ? rounded : FLT_MAX;
  return below > -FLT_MAX ? below : -FLT_MAX;
}

static void to_left_right(const double *frames, const double gains[2], float *left, float *right, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double mid = frames[2 * i], side = frames[2 * i + 1];
    left[i] = hold((mid + side) * gains[0]);
    right[i] = hold((mid - side) * gains[1]);
  }
}

const LacWidthSplitsKernels lac_width_splits_kernels_scalar = {run, to_mid_side, to_left_right};
