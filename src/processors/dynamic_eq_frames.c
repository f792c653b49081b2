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
static void listen_to_all(DynamicEq *self, unsigned r, LacSteps steps) {
  DynamicEqWork *work = self->work;
  DynamicEqBand *band = &self->bands[self->running[r]];
  double *powers[2] = {work->powers[0], work->powers[1]}, *broad = work->broad[r];
  const double *key = key_of(self, band);
  self->dynamics->mean_squares(&band->everything, 1, &key, powers, steps); /* its factor is 1: the mean of each step */
  choose(self, band->kind.channel, powers, broad, lac_steps_points(steps));
  lac_mean_power_run(&self->broad[r], 1, &broad, lac_steps_points(steps));
}

/* Power in the band and, for relative ones, of everything: work->heard and work->broad, by place in `running`. Bands of
 * one shape that hear the same listen two by two. */
static void listen(DynamicEq *self, LacSteps steps, uint32_t place) {
  DynamicEqWork *work = self->work;
  const uint32_t n = lac_steps_points(steps);
  double *powers[4] = {work->powers[0], work->powers[1], work->powers[2], work->powers[3]}, *heard[DYNAMIC_EQ_BANDS];
  for (unsigned r = 0, n_ears; r < self->n_running; r += n_ears) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    DynamicEqBand *other = r + 1 < self->n_running ? &self->bands[self->running[r + 1]] : NULL;
    LacDynamicFilter *ears[2] = {band->ear, other ? other->ear : NULL};
    double *sums[2] = {band->heard_sums, other ? other->heard_sums : NULL};
    n_ears = other && other->kind.type == band->kind.type && key_of(self, other) == key_of(self, band) ? 2 : 1;
    lac_dynamic_filter_detect(self->filters, ears, n_ears, key_of(self, band), sums, powers, steps, place,
                              LAC_QUANTUM_FRAMES);
    for (unsigned e = 0; e < n_ears; e++) {
      heard[r + e] = work->heard[r + e];
      choose(self, self->bands[self->running[r + e]].kind.channel, powers + 2 * e, heard[r + e], n);
    }
  }
  for (unsigned r = 0; r < self->n_running; r++) {
    if (self->bands[self->running[r]].kind.is_relative) {
      listen_to_all(self, r, steps);
    }
  }
  lac_mean_power_run(self->heard, self->n_running, heard, n);
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
  lac_ballistics_run(self->ballistics, self->n_running, amounts, n);
  for (unsigned r = 0; r < self->n_running; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    const float base = (float)band->now_share, slope = (float)(band->next_share - band->now_share);
    for (uint32_t i = 0; i < n; i++) {
      float amount = band->kind.is_below ? (float)DYNAMIC_EQ_MOST_DB - amounts[r][i] : amounts[r][i];
      amounts[r][i] = amount * (base + slope * work->shares[i]);
      work->other[i] = 0.5f * amounts[r][i];
    }
    report(self, self->running[r], amounts[r], steps);
    memcpy(work->roots[r], band->past, sizeof band->past);
    self->dynamics->gains(work->other, work->roots[r] + DYNAMIC_EQ_PAST, n);
    memcpy(band->past, work->roots[r] + n, sizeof band->past);
  }
}

/* The bands from `first` on, up to `end`, in rows. */
static void filter(DynamicEq *self, unsigned first, unsigned end, LacSteps steps, uint32_t place) {
  DynamicEqWork *work = self->work;
  for (unsigned r = first, n; r < end; r += n) {
    LacDynamicFilter *filters[LAC_DYNAMIC_ROW];
    const float *roots[LAC_DYNAMIC_ROW][2];
    n = end - r <= LAC_DYNAMIC_ROW ? end - r : 3; /* six are three and three */
    for (unsigned k = 0; k < n; k++) {
      DynamicEqBand *band = &self->bands[self->running[r + k]];
      const float *root = work->roots[r + k] + (steps.at > 0 ? 0 : 1);
      filters[k] = &band->filter;
      roots[k][0] = band->kind.channel == DYNAMIC_EQ_SIDE ? work->ones : root;
      roots[k][1] = band->kind.channel == DYNAMIC_EQ_MID ? work->ones : root;
    }
    lac_dynamic_filter_run(self->filters, filters, n, work->frames, (const float *const(*)[2])roots, NULL, steps, place,
                           LAC_QUANTUM_FRAMES);
  }
}

/* Frames in which no band does anything keep their bits. */
static void write_out(DynamicEq *self, float *const *channels, unsigned n_channels, LacSteps steps) {
  DynamicEqWork *work = self->work;
  self->svf->separate(work->frames, work->out[0], n_channels > 1 ? work->out[1] : NULL, steps.n_frames);
  for (uint32_t i = 0, ramp = steps.at > 0 ? 0 : 1, run; i < steps.n_frames; i += run, ramp++) {
    const uint32_t whole = steps.frames - (i == 0 ? steps.at : 0), rest = steps.n_frames - i;
    bool is_touched = false;
    run = whole < rest ? whole : rest;
    for (unsigned r = 0; r < self->n_running; r++) {
      is_touched = is_touched || work->roots[r][ramp] != 1.0f || work->roots[r][ramp + 1] != 1.0f;
    }
    for (unsigned c = 0; is_touched && c < n_channels; c++) {
      memcpy(channels[c] + i, work->out[c] + i, run * sizeof work->out[c][0]);
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
    lac_to_mid_side(work->frames, work->keys[1], n_frames);
  }
  const LacSteps steps = {n_frames, self->step_frames, place % self->step_frames};
  for (uint32_t i = 0; i < lac_steps_points(steps); i++) {
    const uint32_t frame = place + lac_steps_before(steps) + i * steps.frames;
    work->shares[i] = (float)(frame + 1) / (float)LAC_QUANTUM_FRAMES;
  }
  listen(self, steps, place);
  find_gains(self, steps);
  filter(self, 0, self->n_direct, steps, place);
  if (self->n_running > self->n_direct) {
    lac_to_mid_side(work->frames, work->frames, n_frames);
    filter(self, self->n_direct, self->n_running, steps, place);
    lac_to_left_right(work->frames, n_frames);
  }
  write_out(self, channels, p->setup.n_channels, steps);
}
