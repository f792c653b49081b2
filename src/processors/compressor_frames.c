/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/compressor.h"

#include <string.h>

#include "dsp/elementary.h"

/* Mean squares are doubled, so that a sine reads the same in both detectors (AES17: a full-scale sine is 0 dB RMS). */
static const double SINE_SCALE = 2.0;

static LacCompressor *compressor_of(LacProcessor *p) {
  return p->state;
}

/* ---- from bands to powers ---- */

/* The bands that the side-chain high-pass thins out: the lowest, and those that begin below its frequency. */
static bool is_filtered(const LacCompressor *self, unsigned band) {
  return self->is_filtering && (band == 0 || self->crossover.places[band - 1].hz <
                                                 lac_exp(lac_glide_value(&self->glides[COMPRESSOR_SIDECHAIN_HZ])));
}

static const double *side_chain(LacCompressor *self, unsigned band, uint32_t n, uint32_t place) {
  LacCompressorWork *work = self->work;
  if (!is_filtered(self, band)) {
    return work->bands[band];
  }
  double *filtered = work->filtered[band];
  memcpy(filtered, work->bands[band], 2 * sizeof(double) * n);
  if (self->is_settled) {
    const LacSvfSection *section = &self->next.high_pass;
    LacSvfState *state = &self->high_pass[band];
    self->svf->run(&section, &state, 1, filtered, n);
  } else {
    lac_svf_run_moving(&self->now.high_pass, &self->next.high_pass, &self->high_pass[band], filtered, n, place,
                       LAC_QUANTUM_FRAMES);
  }
  return filtered;
}

/* work->linked: the louder channel of every band. */
static void link_channels(LacProcessor *p, uint32_t n) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  for (unsigned b = 0; b < self->n_bands; b++) {
    const double *right = work->powers[p->setup.n_channels > 1 ? self->n_bands + b : b];
    self->dynamics->larger(work->powers[b], right, work->linked[b], n);
  }
}

/* The crest, frame by frame. */
static void follow_crests(LacProcessor *p, const double *const *chains, uint32_t n_frames) {
  LacCompressor *self = compressor_of(p);
  for (unsigned b = 0; b < self->n_bands; b++) {
    self->dynamics->squares(chains[b], self->work->powers[b], self->work->powers[self->n_bands + b], n_frames);
  }
  link_channels(p, n_frames);
  for (unsigned b = 0; b < self->n_bands; b++) {
    lac_crest_run(&self->crests[b], self->work->linked[b], n_frames);
  }
}

/* Powers of every lane at the control points, and of each band over both channels. */
static void measure(LacProcessor *p, const double *const *chains, LacSteps steps, bool is_rms) {
  LacCompressor *self = compressor_of(p);
  double *powers[COMPRESSOR_LANES];
  for (unsigned lane = 0; lane < COMPRESSOR_LANES; lane++) {
    powers[lane] = self->work->powers[lane];
  }
  if (is_rms) {
    self->dynamics->mean_squares(self->means, self->n_bands, self->quadratures, self->n_steady, chains, powers, steps);
  } else {
    self->dynamics->peak_squares(self->peaks, self->n_bands, chains, powers, steps);
  }
  link_channels(p, lac_steps_points(steps));
}

/* ---- from powers to gains, at n control points ---- */

/* How far points are from one quantum border to the next. */
static void find_shares(float *shares, uint32_t n, uint32_t first, uint32_t step) {
  for (uint32_t i = 0; i < n; i++) {
    shares[i] = (float)(first + i * step + 1) / (float)LAC_QUANTUM_FRAMES;
  }
}

/* What the curve wants at these powers, while the curve may be on its way. */
static void want(LacCompressor *self, const LacGainCurve *now, const LacGainCurve *next, const double *powers,
                 double scale, float *amounts, uint32_t n) {
  LacCompressorWork *work = self->work;
  self->dynamics->levels(powers, scale, work->level_db, n);
  self->dynamics->amounts(next, work->level_db, amounts, n);
  if (!self->is_settled) {
    self->dynamics->amounts(now, work->level_db, work->other, n);
    for (uint32_t i = 0; i < n; i++) {
      amounts[i] = work->other[i] + (amounts[i] - work->other[i]) * work->shares[i];
    }
  }
}

/* Reduction of every lane in dB, into work->amounts. */
static void reduce(LacCompressor *self, uint32_t n) {
  LacCompressorWork *work = self->work;
  const double scale = self->is_rms ? SINE_SCALE : 1.0;
  float *amounts[COMPRESSOR_LANES];
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    const unsigned band = lane % self->n_bands;
    const double *powers = self->n_paths > 1 ? work->powers[lane] : work->linked[band];
    amounts[lane] = work->amounts[lane];
    want(self, &self->now.down[band], &self->next.down[band], powers, scale, amounts[lane], n);
  }
  for (unsigned b = 0; self->n_paths > 1 && b < self->n_bands; b++) {
    float *linked = work->lifts[b]; /* free until lifted */
    want(self, &self->now.down[b], &self->next.down[b], work->linked[b], scale, linked, n);
    for (unsigned path = 0; path < 2; path++) {
      float *own = work->amounts[path * self->n_bands + b];
      for (uint32_t i = 0; i < n; i++) {
        own[i] += self->link * (linked[i] - own[i]);
      }
    }
  }
  self->dynamics->ballistics(self->down, self->n_bands * self->n_paths, amounts, n);
}

/* Upward gain of every band in dB, into work->lifts. Always by the mean square: peaks pass zero twice a period. */
static void lift(LacProcessor *p, const double *const *chains, LacSteps steps) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  const float most = (float)COMPRESSOR_UP_MOST_DB;
  const uint32_t n = lac_steps_points(steps);
  float *lifts[COMPRESSOR_BANDS];
  if (!self->is_rms) {
    measure(p, chains, steps, true);
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    lifts[b] = work->lifts[b];
    want(self, &self->now.up[b], &self->next.up[b], work->linked[b], SINE_SCALE, lifts[b], n);
    for (uint32_t i = 0; i < n; i++) {
      lifts[b][i] = most - lifts[b][i];
    }
  }
  self->dynamics->ballistics(self->up, self->n_bands, lifts, n);
  for (unsigned b = 0; b < self->n_bands; b++) {
    for (uint32_t i = 0; i < n; i++) {
      lifts[b][i] = most - lifts[b][i];
    }
  }
}

/* Gains of one path in dB in place, no further than the coupling from each other. */
static void couple(LacCompressor *self, float *const *gains, uint32_t n) {
  const float base = (float)self->now.coupling_db, slope = (float)(self->next.coupling_db - self->now.coupling_db);
  float *half = self->work->other;
  for (uint32_t i = 0; i < n; i++) {
    half[i] = 0.5f * (base + slope * self->work->shares[i]);
  }
  self->dynamics->couple(gains, self->n_bands, half, n);
}

/* The deepest reduction of a band's paths, as a gain in dB: every frame shows what its step is on the way to. */
static void report(LacCompressor *self, unsigned band, LacSteps steps) {
  LacCompressorWork *work = self->work;
  if (!self->readouts[band].track) {
    return;
  }
  const float *left = work->gains[band] + COMPRESSOR_PAST;
  const float *right = self->n_paths > 1 ? work->gains[self->n_bands + band] + COMPRESSOR_PAST : left;
  const uint32_t before = lac_steps_before(steps), head = before < steps.n_frames ? before : steps.n_frames;
  lac_readout_push_constant(&self->readouts[band], self->shown_db[band], head);
  for (uint32_t i = head, point = 0; i < steps.n_frames; i += steps.frames, point++) {
    const uint32_t rest = steps.n_frames - i;
    self->shown_db[band] = left[point] < right[point] ? left[point] : right[point];
    lac_readout_push_constant(&self->readouts[band], self->shown_db[band], rest < steps.frames ? rest : steps.frames);
  }
}

/* dB to gain, with makeup, and mixed with the untouched signal. */
static void finish_lane(LacCompressor *self, unsigned lane, uint32_t n) {
  const unsigned band = lane % self->n_bands;
  float *gain = self->work->gains[lane] + COMPRESSOR_PAST, *db = self->work->other;
  const float *shares = self->work->shares;
  const float makeup = (float)self->now.makeup_db[band], mix = (float)self->now.mix;
  const float makeup_slope = (float)(self->next.makeup_db[band] - self->now.makeup_db[band]);
  const float mix_slope = (float)(self->next.mix - self->now.mix);
  for (uint32_t i = 0; i < n; i++) {
    db[i] = gain[i] + (makeup + makeup_slope * shares[i]);
  }
  self->dynamics->gains(db, gain, n);
  if (mix != 1.0f || mix_slope != 0.0f) {
    for (uint32_t i = 0; i < n; i++) {
      gain[i] = 1.0f + (mix + mix_slope * shares[i]) * (gain[i] - 1.0f);
    }
  }
}

/* Every band gets in its middle what it was meant to. */
static void settle_middles(LacCompressor *self, uint32_t n) {
  float before[COMPRESSOR_BANDS][LAC_QUANTUM_FRAMES]; /* with the crossovers of the last border */
  for (unsigned path = 0; path < self->n_paths && self->n_bands > 1; path++) {
    float *gains[COMPRESSOR_BANDS], *olds[COMPRESSOR_BANDS];
    for (unsigned b = 0; b < self->n_bands; b++) {
      gains[b] = self->work->gains[path * self->n_bands + b] + COMPRESSOR_PAST;
      olds[b] = self->is_settled ? NULL : memcpy(before[b], gains[b], n * sizeof(float));
    }
    self->middles->run(&self->next.middles, gains, n);
    if (self->is_settled) {
      continue;
    }
    self->middles->run(&self->now.middles, olds, n);
    for (unsigned b = 0; b < self->n_bands; b++) {
      for (uint32_t i = 0; i < n; i++) {
        gains[b][i] = olds[b][i] + self->work->shares[i] * (gains[b][i] - olds[b][i]);
      }
    }
  }
}

/* work->gains: the last two points before, then n new ones. */
static void find_gains(LacCompressor *self, LacSteps steps) {
  LacCompressorWork *work = self->work;
  const uint32_t n = lac_steps_points(steps);
  for (unsigned path = 0; path < self->n_paths; path++) {
    float *gains[COMPRESSOR_BANDS];
    for (unsigned b = 0; b < self->n_bands; b++) {
      const float *amounts = work->amounts[path * self->n_bands + b], *lifts = work->lifts[b];
      gains[b] = work->gains[path * self->n_bands + b] + COMPRESSOR_PAST;
      for (uint32_t i = 0; i < n; i++) {
        gains[b][i] = self->is_lifting ? lifts[i] - amounts[i] : 0.0f - amounts[i];
      }
    }
    if (self->n_bands > 1) {
      couple(self, gains, n);
    }
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    report(self, b, steps);
  }
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    finish_lane(self, lane, n);
  }
  settle_middles(self, n);
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    memcpy(work->gains[lane], self->past[lane], sizeof self->past[lane]);
    memcpy(self->past[lane], work->gains[lane] + n, sizeof self->past[lane]);
  }
}

void lac_compressor_rest_gains(LacCompressor *self) {
  self->work->shares[0] = 0.0f;
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    self->work->gains[lane][COMPRESSOR_PAST] = 0.0f;
    finish_lane(self, lane, 1);
  }
  settle_middles(self, 1);
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    self->past[lane][0] = self->past[lane][1] = self->work->gains[lane][COMPRESSOR_PAST];
  }
}

/* ---- from gains to sound ---- */

/* Gains of a band from the point on at which the first frame's ramp begins. */
static const float *gain_of(const LacCompressor *self, unsigned band, unsigned channel, LacSteps steps) {
  return self->work->gains[(self->n_paths > 1 ? channel * self->n_bands : 0) + band] + (steps.at > 0 ? 0 : 1);
}

/* out: the sum of the lowest n_bands times their gains. */
static void mix_bands(LacCompressor *self, unsigned n_bands, const double *const *bands, double *out, LacSteps steps) {
  const float *gains[COMPRESSOR_BANDS][2];
  for (unsigned b = 0; b < n_bands; b++) {
    gains[b][0] = gain_of(self, b, 0, steps);
    gains[b][1] = gain_of(self, b, 1, steps);
  }
  self->dynamics->mix(bands, n_bands, (const float *const(*)[2])gains, out, steps);
}

/* Cascade of low shelves: shelf j takes the difference of bands j and j + 1, everything the gain of the highest band.
 * Where all bands have one gain, no shelf does anything. */
static void run_shelves(LacCompressor *self, LacSteps steps, uint32_t place) {
  LacCompressorWork *work = self->work;
  const unsigned top = self->n_bands - 1;
  const uint32_t n = lac_steps_points(steps) + (steps.at > 0 ? COMPRESSOR_PAST : 1);
  const float *roots[COMPRESSOR_BANDS][2];
  LacDynamicFilter *row[COMPRESSOR_BANDS];
  for (unsigned j = 0; j < top; j++) {
    for (unsigned path = 0; path < self->n_paths; path++) {
      self->dynamics->roots(gain_of(self, j, path, steps), gain_of(self, j + 1, path, steps), work->roots[j][path], n);
    }
    roots[j][0] = work->roots[j][0];
    roots[j][1] = work->roots[j][self->n_paths - 1];
    row[j] = &self->shelves[j];
    row[j]->from.g = self->crossover.places[j].from_g;
    row[j]->to.g = self->crossover.places[j].to_g;
  }
  if (top == 0) {
    const double *frames = work->frames;
    mix_bands(self, 1, &frames, work->frames, steps);
    return;
  }
  row[top] = &self->overall;
  roots[top][0] = gain_of(self, top, 0, steps);
  roots[top][1] = gain_of(self, top, 1, steps);
  lac_dynamic_filter_run(self->filters, row, self->n_bands, work->frames, (const float *const(*)[2])roots, steps, place,
                         LAC_QUANTUM_FRAMES);
}

/* Writes the frames out; those in whose ramps every gain is exactly 1 keep their bits (a sum with zero would lose the
 * sign of a zero). */
static void write_out(LacCompressor *self, float *const *channels, unsigned n_channels, LacSteps steps) {
  LacCompressorWork *work = self->work;
  const uint32_t n_ramps = (steps.at + steps.n_frames + steps.frames - 1) / steps.frames;
  int32_t is_touched[COMPRESSOR_POINTS], n_touched = 0;
  memset(is_touched, 0, n_ramps * sizeof is_touched[0]);
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    const float *gain = work->gains[lane] + (steps.at > 0 ? 0 : 1);
    for (uint32_t r = 0; r < n_ramps; r++) {
      is_touched[r] |= (gain[r] != 1.0f) | (gain[r + 1] != 1.0f);
    }
  }
  for (uint32_t r = 0; r < n_ramps; r++) {
    n_touched += is_touched[r];
  }
  if (n_touched == (int32_t)n_ramps) {
    self->svf->separate(work->frames, channels[0], n_channels > 1 ? channels[1] : NULL, steps.n_frames);
    return;
  }
  for (uint32_t i = 0, r = 0, run; i < steps.n_frames; i += run, r++) {
    const uint32_t whole = steps.frames - (i == 0 ? steps.at : 0), rest = steps.n_frames - i;
    run = whole < rest ? whole : rest;
    if (is_touched[r]) {
      self->svf->separate(work->frames + 2 * i, channels[0] + i, n_channels > 1 ? channels[1] + i : NULL, run);
    }
  }
}

static void sound(LacProcessor *p, float *const *channels, LacSteps steps, uint32_t place) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  float *right = p->setup.n_channels > 1 ? channels[1] : NULL;
  double *bands[COMPRESSOR_BANDS];
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    bands[b] = work->bands[b];
  }
  if (self->delay_frames > 0) {
    lac_compressor_delay(self, channels, p->setup.n_channels, steps.n_frames);
    self->svf->interleave(channels[0], right, work->frames, steps.n_frames);
    if (self->is_split) {
      lac_crossover_run(&self->sound_crossover, work->frames, bands, steps.n_frames, place, LAC_QUANTUM_FRAMES);
    }
  }
  if (self->is_split) {
    mix_bands(self, self->n_bands, (const double *const *)bands, work->frames, steps);
    self->svf->separate(work->frames, channels[0], right, steps.n_frames);
    return;
  }
  run_shelves(self, steps, place);
  write_out(self, channels, p->setup.n_channels, steps);
}

void lac_compressor_delay(LacCompressor *self, float *const *channels, unsigned n_channels, uint32_t n_frames) {
  if (self->delay_frames == 0) {
    return;
  }
  for (uint32_t done = 0, run; done < n_frames; done += run) {
    uint32_t left = self->delay_frames - self->delay_at;
    run = n_frames - done < left ? n_frames - done : left;
    for (unsigned c = 0; c < n_channels; c++) {
      for (uint32_t i = 0; i < run; i++) {
        const float newest = channels[c][done + i];
        channels[c][done + i] = self->delay[c][self->delay_at + i];
        self->delay[c][self->delay_at + i] = newest;
      }
    }
    self->delay_at = self->delay_at + run < self->delay_frames ? self->delay_at + run : 0;
  }
}

void lac_compressor_run(LacProcessor *p, float *const *channels, uint32_t n_frames, uint32_t place) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  const double *chains[COMPRESSOR_BANDS];
  double *bands[COMPRESSOR_BANDS];
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    bands[b] = work->bands[b];
  }
  self->svf->interleave(channels[0], p->setup.n_channels > 1 ? channels[1] : NULL, work->frames, n_frames);
  if (self->is_split && self->delay_frames == 0) {
    lac_crossover_run(&self->crossover, work->frames, bands, n_frames, place, LAC_QUANTUM_FRAMES);
  } else {
    lac_crossover_listen(&self->crossover, work->frames, bands, n_frames, place, LAC_QUANTUM_FRAMES);
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    chains[b] = side_chain(self, b, n_frames, place);
  }
  if (p->values[COMPRESSOR_AUTO_TIMES] != 0) {
    follow_crests(p, chains, n_frames);
  }
  const LacSteps steps = {n_frames, self->step_frames, place % self->step_frames};
  const uint32_t n_points = lac_steps_points(steps);
  find_shares(work->shares, n_points, place + lac_steps_before(steps), steps.frames);
  measure(p, chains, steps, self->is_rms);
  reduce(self, n_points);
  if (self->is_lifting) {
    lift(p, chains, steps);
  }
  find_gains(self, steps);
  sound(p, channels, steps, place);
}
