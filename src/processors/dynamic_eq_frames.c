/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/dynamic_eq.h"

#include <string.h>

#include "dsp/mid_side.h"

/* Mean squares are doubled, so that a sine reads its amplitude (AES17); the envelope of a bell does so by itself. */
static const double SINE_SCALE = 2.0;
/* What relative levels are taken of is at least this loud, so that silence is not full of anything. */
static const double SILENT_POWER = 1e-9;

static double scale_of(const DynamicEqBand *band) {
  return band->kind.type == DYNAMIC_EQ_BELL ? 1.0 : SINE_SCALE;
}

static unsigned key_of(const DynamicEqBand *band) {
  return band->kind.channel != DYNAMIC_EQ_STEREO;
}

static const double *key_frames(const DynamicEq *self, const DynamicEqBand *band) {
  return self->work->keys[key_of(band)] + 2 * DYNAMIC_EQ_PAST;
}

/* Power of everything that a relative band compares itself with. */
static void listen_to_all(DynamicEq *self, unsigned r, LacSteps steps) {
  DynamicEqWork *work = self->work;
  DynamicEqBand *band = &self->bands[self->running[r]];
  double *powers[2] = {work->powers[0], work->powers[1]}, *broad = work->broad[r];
  const double *key = key_frames(self, band);
  const uint32_t n = lac_steps_points(steps);
  self->dynamics->mean_squares(&band->everything, 1, NULL, 0, &key, powers, steps); /* factor 1: of each step */
  if (band->kind.channel == DYNAMIC_EQ_STEREO) {
    self->dynamics->larger(powers[0], powers[1], broad, n);
  } else {
    memcpy(broad, powers[band->kind.channel == DYNAMIC_EQ_MID ? 0 : 1], n * sizeof *broad);
  }
  self->dynamics->mean_powers(&self->broad[r], 1, &broad, n);
}

/* Power in the band and, for relative ones, of everything: work->heard and work->broad, by place in `running`. */
static void listen(DynamicEq *self, LacSteps steps) {
  DynamicEqWork *work = self->work;
  const uint32_t n = lac_steps_points(steps);
  LacDynamicEar *ears[DYNAMIC_EQ_BANDS];
  const double *keys[DYNAMIC_EQ_BANDS];
  double *heard[DYNAMIC_EQ_BANDS], *powers[DYNAMIC_EQ_BANDS];
  unsigned n_bells = 0, n_shelves = 0;
  for (unsigned r = 0; r < self->n_running; r++) { /* bells first: two of a kind are heard at once */
    DynamicEqBand *band = &self->bands[self->running[r]];
    const unsigned e = band->kind.type == DYNAMIC_EQ_BELL ? n_bells++ : self->n_running - ++n_shelves;
    ears[e] = &band->ear;
    keys[e] = key_frames(self, band);
    powers[e] = heard[r] = work->heard[r];
  }
  self->ears->hear(ears, self->n_running, keys, powers, steps);
  for (unsigned r = 0; r < self->n_running; r++) {
    if (self->bands[self->running[r]].kind.is_relative) {
      listen_to_all(self, r, steps);
    }
  }
  self->dynamics->mean_powers(self->heard, self->n_running, heard, n);
}

/* What the curve of a band wants, into work->amounts. */
static void want(DynamicEq *self, unsigned r, uint32_t n) {
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
      amount[i] = work->other[i] + (amount[i] - work->other[i]) * work->shares[i];
    }
  }
  for (uint32_t i = 0; band->kind.is_below && i < n; i++) {
    amount[i] = (float)DYNAMIC_EQ_MOST_DB - amount[i];
  }
}

/* Every frame shows what its step is on the way to. */
static void report(DynamicEq *self, unsigned index, const float *gain_db, LacSteps steps) {
  DynamicEqBand *band = &self->bands[index];
  if (!self->readouts[index].track) {
    return;
  }
  const uint32_t before = lac_steps_before(steps), head = before < steps.n_frames ? before : steps.n_frames;
  lac_readout_push_constant(&self->readouts[index], band->shown_db, head);
  for (uint32_t i = head, point = 0; i < steps.n_frames; i += steps.frames, point++) {
    const uint32_t rest = steps.n_frames - i;
    band->shown_db = gain_db[point];
    lac_readout_push_constant(&self->readouts[index], band->shown_db, rest < steps.frames ? rest : steps.frames);
  }
}

/* Square roots of the gains, into work->roots after those of the last two points. */
static void find_gains(DynamicEq *self, LacSteps steps) {
  DynamicEqWork *work = self->work;
  const uint32_t n = lac_steps_points(steps);
  float *amounts[DYNAMIC_EQ_BANDS];
  for (unsigned r = 0; r < self->n_running; r++) {
    amounts[r] = work->amounts[r];
    want(self, r, n);
  }
  self->dynamics->ballistics(self->ballistics, self->n_running, amounts, n);
  for (unsigned r = 0; r < self->n_running; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    const float base = (float)band->now_share, slope = (float)(band->next_share - band->now_share);
    for (uint32_t i = 0; band->kind.is_below && i < n; i++) {
      amounts[r][i] = (float)DYNAMIC_EQ_MOST_DB - amounts[r][i];
    }
    for (uint32_t i = 0; i < n; i++) {
      amounts[r][i] *= slope != 0.0f ? base + slope * work->shares[i] : base;
      work->other[i] = 0.5f * amounts[r][i];
    }
    report(self, self->running[r], amounts[r], steps);
    memcpy(work->roots[r], band->past, sizeof band->past);
    self->dynamics->gains(work->other, work->roots[r] + DYNAMIC_EQ_PAST, n);
    memcpy(band->past, work->roots[r] + n, sizeof band->past);
  }
}

/* The bands from `first` on, up to `end`. */
static void filter(DynamicEq *self, unsigned first, unsigned end, double *frames, LacSteps steps, uint32_t place) {
  DynamicEqWork *work = self->work;
  LacDynamicFilter *filters[DYNAMIC_EQ_BANDS];
  const float *roots[DYNAMIC_EQ_BANDS][2];
  for (unsigned r = first; r < end; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    const float *root = work->roots[r] + (steps.at > 0 ? 0 : 1);
    filters[r - first] = &band->filter;
    roots[r - first][0] = band->kind.channel == DYNAMIC_EQ_SIDE ? work->ones : root;
    roots[r - first][1] = band->kind.channel == DYNAMIC_EQ_MID ? work->ones : root;
  }
  lac_dynamic_filter_run(self->filters, filters, end - first, frames, (const float *const(*)[2])roots, steps, place,
                         LAC_QUANTUM_FRAMES);
}

/* Ramps in which no band does anything keep their bits. */
static void write_out(DynamicEq *self, const double *frames, float *const *channels, unsigned n_channels,
                      LacSteps steps) {
  DynamicEqWork *work = self->work;
  const uint32_t n_ramps = (steps.at + steps.n_frames + steps.frames - 1) / steps.frames;
  int32_t is_touched[DYNAMIC_EQ_POINTS], n_touched = 0;
  memset(is_touched, 0, n_ramps * sizeof is_touched[0]);
  for (unsigned r = 0; r < self->n_running; r++) {
    const float *root = work->roots[r] + (steps.at > 0 ? 0 : 1);
    for (uint32_t ramp = 0; ramp < n_ramps; ramp++) {
      is_touched[ramp] |= (root[ramp] != 1.0f) | (root[ramp + 1] != 1.0f);
    }
  }
  for (uint32_t ramp = 0; ramp < n_ramps; ramp++) {
    n_touched += is_touched[ramp];
  }
  if (n_touched == (int32_t)n_ramps) {
    self->svf->separate(frames, channels[0], n_channels > 1 ? channels[1] : NULL, steps.n_frames);
    return;
  }
  for (uint32_t i = 0, ramp = 0, run; n_touched > 0 && i < steps.n_frames; i += run, ramp++) {
    const uint32_t whole = steps.frames - (i == 0 ? steps.at : 0), rest = steps.n_frames - i;
    run = whole < rest ? whole : rest;
    if (is_touched[ramp]) {
      self->svf->separate(frames + 2 * i, channels[0] + i, n_channels > 1 ? channels[1] + i : NULL, run);
    }
  }
}

void lac_dynamic_eq_run(LacProcessor *p, float *const *channels, uint32_t n_frames, uint32_t place) {
  DynamicEq *self = p->state;
  DynamicEqWork *work = self->work;
  const bool is_stereo = p->setup.n_channels > 1;
  double *const key = work->keys[0], *const frames = key + 2 * DYNAMIC_EQ_PAST;
  memcpy(key, self->past, sizeof self->past);
  self->svf->interleave(channels[0], is_stereo ? channels[1] : NULL, frames, n_frames);
  memcpy(self->past, key + 2 * n_frames, sizeof self->past);
  if (self->n_running > self->n_direct) {
    lac_to_mid_side(key, work->keys[1], DYNAMIC_EQ_PAST + n_frames);
  }
  const LacSteps steps = {n_frames, self->step_frames, place % self->step_frames};
  for (uint32_t i = 0; !self->is_settled && i < lac_steps_points(steps); i++) {
    const uint32_t frame = place + lac_steps_before(steps) + i * steps.frames;
    work->shares[i] = (float)(frame + 1) / (float)LAC_QUANTUM_FRAMES;
  }
  listen(self, steps);
  find_gains(self, steps);
  filter(self, 0, self->n_direct, frames, steps, place);
  if (self->n_running > self->n_direct) {
    lac_to_mid_side(frames, frames, n_frames);
    filter(self, self->n_direct, self->n_running, frames, steps, place);
    lac_to_left_right(frames, n_frames);
  }
  write_out(self, frames, channels, p->setup.n_channels, steps);
}
