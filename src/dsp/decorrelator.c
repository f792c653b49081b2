/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/decorrelator.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { TAPS = LAC_DECORRELATOR_TAPS };

#define HIGHPASS_HZ 300.0
#define FAST_S 0.002
#define SLOW_S 0.05
/* Power that a transient may stand above its surroundings. */
#define HEADROOM 4.0
/* In all of 30 ms; the earlier taps carry most, so that the whole sounds like one place. */
#define DECAY_DB 18.0

/* Places in ms with their signs, one in each 24th of 1 .. 30 ms. Found by climbing from random starts (12 000 trials)
 * toward equal power in every third of an octave from 300 Hz to 16 kHz, and toward |1 + D/2|^2 = |1 - D/2|^2 in each of
 * them, which is what keeps a widened middle in the middle. */
static const double places_ms[TAPS] = {1.93,   -2.23,  -4.51, 5.72,   6.01,   7.50,  8.74,   -10.51,
                                       11.14,  12.78,  14.15, -15.23, -16.60, 17.51, -18.50, -19.51,
                                       -21.36, -22.40, 23.37, 24.03,  26.32,  26.97, -28.67, 29.99};

LacStatus lac_decorrelator_init(LacDecorrelator *self, LacArena *arena, double rate_hz) {
  memset(self, 0, sizeof *self);
  double power = 0, gains[TAPS];
  for (unsigned k = 0; k < TAPS; k++) {
    const double ms = fabs(places_ms[k]);
    gains[k] = (places_ms[k] < 0 ? -1.0 : 1.0) * lac_gain_from_db(-DECAY_DB * ms / 30.0);
    power += gains[k] * gains[k];
    self->delay[k] = (uint32_t)rint(ms * 1e-3 * rate_hz);
    self->reach = self->delay[k] > self->reach ? self->delay[k] : self->reach;
  }
  for (unsigned k = 0; k < TAPS; k++) {
    self->gain[k] = (float)(gains[k] / sqrt(power));
  }
  const double g = lac_tan(LAC_PI * HIGHPASS_HZ / rate_hz), c1 = 1.0 / (1.0 + g * (g + sqrt(2.0)));
  self->a = 2.0 * c1;
  self->b = 2.0 * g * (g * c1);
  self->c = 0.5 + sqrt(0.5) / g;
  self->vectors = lac_vector_kernels_at(lac_cpu_level());
  self->fast_factor = 1.0 - lac_exp(-1.0 / (FAST_S * rate_hz));
  self->slow_factor = 1.0 - lac_exp(-1.0 / (SLOW_S * rate_hz));
  self->length = 2 * self->reach + LAC_DECORRELATOR_MOST_FRAMES;
  self->history = lac_arena_alloc(arena, self->length, sizeof *self->history);
  lac_decorrelator_reset(self);
  return self->history ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_decorrelator_reset(LacDecorrelator *self) {
  self->z1 = self->z2 = self->fast = self->slow = 0;
  self->at = self->reach;
  if (self->history) {
    memset(self->history, 0, self->length * sizeof *self->history);
  }
}

/* Finite in every float sum to come. */
static float hold(double value) {
  const double limited = value < 1e30 ? value : 1e30;
  return (float)(limited > -1e30 ? limited : -1e30);
}

/* High-pass and duck, into the history. The high-pass is a section of dsp/width_splits.h,
 *   w = a z1 + b (x - z2), y = (x - z2) - c w; z1' = w - z1, z2' = z2 + w,
 * written so that no state waits for more than one product and two sums. */
static void take(LacDecorrelator *self, const double *frames, float *to, uint32_t n_frames) {
  const double a = self->a, b = self->b, c = self->c, fast_factor = self->fast_factor, slow_factor = self->slow_factor;
  double z1 = self->z1, z2 = self->z2, fast = self->fast, slow = self->slow;
  for (uint32_t i = 0; i < n_frames; i++) {
    const double x = frames[2 * i], apart = x - z2, next1 = (a - 1.0) * z1 + b * apart;
    z2 = (1.0 - b) * z2 + (a * z1 + b * x);
    const double y = apart - c * (next1 + z1), power = y * y;
    z1 = next1;
    fast = (1.0 - fast_factor) * fast + fast_factor * power;
    slow = (1.0 - slow_factor) * slow + slow_factor * power;
    const double allowed = HEADROOM * slow;
    to[i] = hold(fast > allowed ? y * sqrt(allowed / fast) : y);
  }
  self->z1 = z1;
  self->z2 = z2;
  self->fast = fast;
  self->slow = slow;
}

void lac_decorrelator_run(LacDecorrelator *self, const double *frames, float *out, uint32_t n_frames) {
  if (self->at + n_frames > self->length) {
    memmove(self->history, self->history + self->at - self->reach, self->reach * sizeof *self->history);
    self->at = self->reach;
  }
  float *now = self->history + self->at;
  take(self, frames, now, n_frames);
  self->vectors->sparse_fir(self->gain, self->delay, TAPS, now, out, n_frames);
  self->at += n_frames;
}

void lac_decorrelator_flush(LacDecorrelator *self) {
  double *states[] = {&self->z1, &self->z2, &self->fast, &self->slow};
  for (unsigned k = 0; k < 4; k++) {
    *states[k] = fabs(*states[k]) < 1e-30 ? 0 : *states[k];
  }
}
