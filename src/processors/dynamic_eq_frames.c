/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/dynamic_eq.h"

#include <string.h>

/* Mean squares are doubled, so that a sine reads its amplitude (AES17); the envelope of a bell does so by itself. */
static const double SINE_SCALE = 2.0;
/* What relative levels are taken of is at least this loud, so that silence is not full of anything. */
static const double SILENT_POWER = 1e-9;

static double scale_of(const DynamicEqBand *band) {
  return band->kind.type == DYNAMIC_EQ_BELL ? 1.0 : SINE_SCALE;
}

static void to_mid_side(const double *from, double *to, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    double left = from[2 * i], right = from[2 * i + 1];
    to[2 * i] = 0.5 * (left + right);
    to[2 * i + 1] = 0.5 * (left - right);
  }
}

static void to_left_right(double *frames, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    double mid = frames[2 * i], side = frames[2 * i + 1];
    frames[2 * i] = mid + side;
    frames[2 * i + 1] = mid - side;
  }
}

/* One power of both channels' powers: of the louder one, or of the one that the band is about. */
static void choose(const DynamicEq *self, DynamicEqChannel channel, double *const *powers, double *power, uint32_t n) {
  if (channel == DYNAMIC_EQ_STEREO) {
    self->dynamics->larger(powers[0], powers[1], power, n);
  } else {
    memcpy(power, powers[channel == DYNAMIC_EQ_MID ? 0 : 1], n * sizeof *power);
  }
}

static const double *key_of(const DynamicEq *self, const DynamicEqBand *band) {
  return self->work->keys[band->kind.channel != DYNAMIC_EQ_STEREO];
}

/* Power of everything that a relative band compares itself with. */
static void listen_to_all(DynamicEq *self, unsigned r, uint32_t n) {
  DynamicEqWork *work = self->work;
  const DynamicEqBand *band = &self->bands[self->running[r]];
  double *powers[2] = {work->powers[0], work->powers[1]}, *broad = work->broad[r];
  self->dynamics->squares(key_of(self, band), powers[0], powers[1], n);
  choose(self, band->kind.channel, powers, broad, n);
  lac_mean_power_run(&self->broad[r], 1, &broad, n);
}

/* Power in the band and, for relative ones, of everything: work->heard and work->broad, by place in `running`. Bands of
 * one shape that hear the same listen two by two. */
static void listen(DynamicEq *self, uint32_t n, uint32_t place) {
  DynamicEqWork *work = self->work;
  double *powers[4] = {work->powers[0], work->powers[1], work->powers[2], work->powers[3]}, *heard[DYNAMIC_EQ_BANDS];
  for (unsigned r = 0, n_ears; r < self->n_running; r += n_ears) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    DynamicEqBand *other = r + 1 < self->n_running ? &self->bands[self->running[r + 1]] : NULL;
    LacDynamicFilter *ears[2] = {band->ear, other ? other->ear : NULL};
    n_ears = other && other->kind.type == band->kind.type && key_of(self, other) == key_of(self, band) ? 2 : 1;
    lac_dynamic_filter_detect(self->filters, ears, n_ears, key_of(self, band), powers, n, place, LAC_QUANTUM_FRAMES);
    for (unsigned e = 0; e < n_ears; e++) {
      heard[r + e] = work->heard[r + e];
      choose(self, self->bands[self->running[r + e]].kind.channel, powers + 2 * e, heard[r + e], n);
    }
  }
  for (unsigned r = 0; r < self->n_running; r++) {
    if (self->bands[self->running[r]].kind.is_relative) {
      listen_to_all(self, r, n);
    }
  }
  lac_mean_power_run(self->heard, self->n_running, heard, n);
}

/* What the curve of a band wants, into work->amounts. */
static void want(DynamicEq *self, unsigned r, uint32_t n, uint32_t place) {
  DynamicEqWork *work = self->work;
  DynamicEqBand *band = &self->bands[self->running[r]];
  float *amount = work->amounts[r];
  self->dynamics->levels(work->heard[r], scale_of(band), work->level_db, n);
  if (band->kind.is_relative) {
    for (uint32_t i = 0; i < n; i++) {
      work->broad[r][i] += SILENT_POWER;
    }
    self->dynamics->levels(work->broad[r], SINE_SCALE, work->other, n);
    for (uint32_t i = 0; i < n; i++) {
      work->level_db[i] -= work->other[i];
    }
  }
  self->dynamics->amounts(&band->next, work->level_db, amount, n);
  if (band->is_moving) {
    self->dynamics->amounts(&band->now, work->level_db, work->other, n);
    for (uint32_t i = 0; i < n; i++) {
      float share = (float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES;
      amount[i] = work->other[i] + (amount[i] - work->other[i]) * share;
    }
  }
  for (uint32_t i = 0; band->kind.is_below && i < n; i++) {
    amount[i] = (float)DYNAMIC_EQ_MOST_DB - amount[i];
  }
}

/* Square roots of the gains, into work->roots. */
static void find_gains(DynamicEq *self, uint32_t n, uint32_t place) {
  DynamicEqWork *work = self->work;
  float *amounts[DYNAMIC_EQ_BANDS];
  for (unsigned r = 0; r < self->n_running; r++) {
    amounts[r] = work->amounts[r];
    want(self, r, n, place);
  }
  lac_ballistics_run(self->ballistics, self->n_running, amounts, n);
  for (unsigned r = 0; r < self->n_running; r++) {
    const DynamicEqBand *band = &self->bands[self->running[r]];
    const float base = (float)band->now_share, slope = (float)(band->next_share - band->now_share);
    for (uint32_t i = 0; i < n; i++) {
      float amount = band->kind.is_below ? (float)DYNAMIC_EQ_MOST_DB - amounts[r][i] : amounts[r][i];
      amounts[r][i] = amount * (base + slope * ((float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES));
      work->other[i] = 0.5f * amounts[r][i];
    }
    lac_readout_push(&self->readouts[self->running[r]], amounts[r], n);
    self->dynamics->gains(work->other, work->roots[r], n);
  }
}

static void filter(DynamicEq *self, uint32_t n, uint32_t place) {
  DynamicEqWork *work = self->work;
  for (unsigned r = 0; r < self->n_running; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    if (r == self->n_direct) {
      to_mid_side(work->frames, work->frames, n);
    }
    const float *roots[2] = {band->kind.channel == DYNAMIC_EQ_SIDE ? work->ones : work->roots[r],
                             band->kind.channel == DYNAMIC_EQ_MID ? work->ones : work->roots[r]};
    lac_dynamic_filter_run(self->filters, &band->filter, work->frames, roots, n, place, LAC_QUANTUM_FRAMES);
  }
  if (self->n_running > self->n_direct) {
    to_left_right(work->frames, n);
  }
}

/* Frames in which no band does anything keep their bits. */
static void write_out(DynamicEq *self, float *const *channels, unsigned n_channels, uint32_t n) {
  DynamicEqWork *work = self->work;
  int32_t is_touched[DYNAMIC_EQ_STRETCH] = {0};
  for (unsigned r = 0; r < self->n_running; r++) {
    for (uint32_t i = 0; i < n; i++) {
      is_touched[i] |= work->roots[r][i] != 1.0f;
    }
  }
  self->svf->separate(work->frames, work->out[0], n_channels > 1 ? work->out[1] : NULL, n);
  for (unsigned c = 0; c < n_channels; c++) {
    for (uint32_t i = 0; i < n; i++) {
      channels[c][i] = is_touched[i] ? work->out[c][i] : channels[c][i];
    }
  }
}

void lac_dynamic_eq_run(LacProcessor *p, float *const *channels, uint32_t n_frames, uint32_t place) {
  DynamicEq *self = p->state;
  DynamicEqWork *work = self->work;
  const bool is_stereo = p->setup.n_channels > 1;
  self->svf->interleave(channels[0], is_stereo ? channels[1] : NULL, work->frames, n_frames);
  memcpy(work->keys[0], work->frames, 2 * sizeof(double) * n_frames);
  if (self->n_running > self->n_direct) {
    to_mid_side(work->frames, work->keys[1], n_frames);
  }
  listen(self, n_frames, place);
  find_gains(self, n_frames, place);
  filter(self, n_frames, place);
  write_out(self, channels, p->setup.n_channels, n_frames);
}
