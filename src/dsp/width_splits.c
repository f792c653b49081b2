/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/width_splits.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

/* Damping of a Butterworth section. */
#define K 1.4142135623730951

/* One SSE2 register, present on every x86-64: wider ones would wait for the second low-pass. */
typedef double Pair __attribute__((vector_size(16)));

/* A section as a state space (dsp/svf.h), in which no state waits for more than one product and two sums:
 *   v1 = c1 z1 + c2 (x - z2), v2 = z2 + g v1; z1' = a11 z1 + b1 (x - z2); z2' = a22 z2 + (b1 z1 + b2 x). */
typedef struct Factors {
  double g, c1, c2, a11, a22, b1, b2;
  double gain; /* of the band below */
} Factors;

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

/* One section over two lanes: returns its low-pass, *x becomes its all-pass. */
static inline __attribute__((always_inline)) Pair section(const Factors *f, Pair *z1, Pair *z2, Pair *x) {
  const Pair apart = *x - *z2;
  const Pair v1 = f->c1 * *z1 + f->c2 * apart, v2 = *z2 + f->g * v1;
  const Pair next1 = f->a11 * *z1 + f->b1 * apart;
  *z2 = f->a22 * *z2 + (f->b1 * *z1 + f->b2 * *x);
  *z1 = next1;
  *x = *x - 2.0 * K * v1;
  return v2;
}

static inline __attribute__((always_inline)) Factors factors_at(const LacWidthSplits *self, unsigned k, double at) {
  const LacWidthSplit *split = &self->splits[k];
  const double g = split->from_g + (split->to_g - split->from_g) * at;
  const double c1 = 1.0 / (1.0 + g * (g + K)), c2 = g * c1, c3 = g * c2;
  const double gain = self->from_gain[k] + (self->to_gain[k] - self->from_gain[k]) * at;
  return (Factors){g, c1, c2, 2.0 * c1 - 1.0, 1.0 - 2.0 * c3, 2.0 * c2, 2.0 * c3, gain};
}

/* All frames through one split: the mid and what is left of the side in frames, what is finished in held. is_moving is
 * a constant at every call. */
static inline __attribute__((always_inline)) void run_split(LacWidthSplits *self, unsigned k, double *frames,
                                                            double *held, uint32_t n_frames, uint32_t first,
                                                            uint32_t period, bool is_moving) {
  Pair z1[2], z2[2]; /* {mid, side}, {held, low} */
  memcpy(z1, self->splits[k].z1, sizeof z1);
  memcpy(z2, self->splits[k].z2, sizeof z2);
  Factors f = factors_at(self, k, 1.0);
  for (uint32_t i = 0; i < n_frames; i++) {
    if (is_moving) {
      f = factors_at(self, k, (double)(first + i + 1) / (double)period);
    }
    Pair x;
    memcpy(&x, frames + 2 * i, sizeof x);
    const Pair low = section(&f, &z1[0], &z2[0], &x);
    Pair behind = {held[i], low[1]};
    const Pair lowest = section(&f, &z1[1], &z2[1], &behind);
    held[i] = behind[0] + f.gain * lowest[1];
    frames[2 * i] = x[0];
    frames[2 * i + 1] = x[1] - lowest[1];
  }
  memcpy(self->splits[k].z1, z1, sizeof z1);
  memcpy(self->splits[k].z2, z2, sizeof z2);
}

void lac_width_splits_run(LacWidthSplits *self, double *frames, uint32_t n_frames, uint32_t first, uint32_t period) {
  double held[LAC_WIDTH_MOST_FRAMES] = {0};
  const bool is_moving = !is_still(self);
  for (unsigned k = 0; k < self->n_splits; k++) {
    if (is_moving) {
      run_split(self, k, frames, held, n_frames, first, period, true);
    } else {
      run_split(self, k, frames, held, n_frames, first, period, false);
    }
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
