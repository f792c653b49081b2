/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/width_splits.h"

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

void lac_width_splits_aim(LacWidthSplits *self, const double *hz, const double *gains) {
  for (unsigned s = 0; s < self->n_splits; s++) {
    self->splits[s].from_g = self->splits[s].to_g;
    self->splits[s].to_g = prewarped(hz[s], self->rate_hz);
  }
  memcpy(self->from_gain, self->to_gain, sizeof self->from_gain);
  memcpy(self->to_gain, gains, (self->n_splits + 1) * sizeof *gains);
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

static bool is_still(const LacWidthSplits *self) {
  bool is_still = true;
  for (unsigned s = 0; s < self->n_splits; s++) {
    is_still = is_still && self->splits[s].from_g == self->splits[s].to_g;
  }
  for (unsigned b = 0; b <= self->n_splits; b++) {
    is_still = is_still && self->from_gain[b] == self->to_gain[b];
  }
  return is_still;
}

static LacWidthFactors factors_at(const LacWidthSplits *self, unsigned k, double at) {
  const LacWidthSplit *split = &self->splits[k];
  const double g = split->from_g + (split->to_g - split->from_g) * at;
  const double c1 = 1.0 / (1.0 + g * (g + K)), c2 = g * c1, c3 = g * c2;
  const double gain = self->from_gain[k] + (self->to_gain[k] - self->from_gain[k]) * at;
  return (LacWidthFactors){g, c1, c2, 2.0 * c1 - 1.0, 1.0 - 2.0 * c3, 2.0 * c2, 2.0 * c3, 2.0 * K, gain};
}

/* While something moves, every frame has factors of its own. */
void lac_width_splits_run(LacWidthSplits *self, double *frames, uint32_t n_frames, uint32_t first, uint32_t period) {
  LacWidthFactors factors[LAC_WIDTH_MAX_SPLITS];
  double held[LAC_WIDTH_MOST_FRAMES] = {0};
  const bool is_moving = !is_still(self);
  const uint32_t n_at_once = is_moving ? 1 : n_frames;
  for (uint32_t i = 0; i < n_frames; i += n_at_once) {
    for (unsigned k = 0; k < self->n_splits; k++) {
      factors[k] = factors_at(self, k, is_moving ? (double)(first + i + 1) / (double)period : 1.0);
    }
    self->kernels->run(factors, self->splits, self->n_splits, frames + 2 * i, held + i, n_at_once);
  }
  const double from = self->from_gain[self->n_splits], to = self->to_gain[self->n_splits];
  for (uint32_t i = 0; i < n_frames; i++) {
    const double at = (double)(first + i + 1) / (double)period;
    frames[2 * i + 1] = held[i] + (is_moving ? from + (to - from) * at : to) * frames[2 * i + 1];
  }
}

void lac_width_splits_flush(LacWidthSplits *self) {
  for (unsigned s = 0; s < self->n_splits; s++) {
    for (unsigned k = 0; k < 4; k++) {
      double *z1 = &self->splits[s].z1[k], *z2 = &self->splits[s].z2[k];
      *z1 = fabs(*z1) < 1e-30 ? 0 : *z1;
      *z2 = fabs(*z2) < 1e-30 ? 0 : *z2;
    }
  }
}
