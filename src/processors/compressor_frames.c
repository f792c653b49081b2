/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/compressor.h"

#include <math.h>
#include <string.h>

/* Mean squares are doubled, so that a sine reads the same in both detectors (AES17: a full-scale sine is 0 dB RMS). */
static const double SINE_SCALE = 2.0;

static LacCompressor *compressor_of(LacProcessor *p) {
  return p->state;
}

/* ---- from bands to powers ---- */

/* The bands that the side-chain high-pass thins out: the lowest, and those that begin below its frequency. */
static bool is_filtered(const LacCompressor *self, unsigned band) {
  double high_pass_hz = lac_exp(lac_glide_value(&self->glides[COMPRESSOR_SIDECHAIN_HZ]));
  return self->is_filtering && (band == 0 || self->crossover.places[band - 1].hz < high_pass_hz);
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

/* Powers of every lane, and of each band over both channels; the crest on the way. */
static void measure(LacProcessor *p, const double *const *chains, uint32_t n) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  const bool is_auto = p->values[COMPRESSOR_AUTO_TIMES] != 0;
  double *powers[COMPRESSOR_LANES];
  for (unsigned lane = 0; lane < COMPRESSOR_LANES; lane++) {
    powers[lane] = work->powers[lane];
  }
  for (unsigned b = 0; (is_auto || !self->is_rms) && b < self->n_bands; b++) {
    self->dynamics->squares(chains[b], powers[b], powers[self->n_bands + b], n);
  }
  if (is_auto || !self->is_rms) {
    link_channels(p, n);
  }
  for (unsigned b = 0; is_auto && b < self->n_bands; b++) {
    lac_crest_run(&self->crests[b], work->linked[b], n);
  }
  if (self->is_rms) {
    self->dynamics->mean_squares(self->means, self->n_bands, chains, powers, n);
    link_channels(p, n);
  }
}

/* ---- from powers to gains ---- */

static void blend(float *to, const float *from, uint32_t n, uint32_t place) {
  for (uint32_t i = 0; i < n; i++) {
    float share = (float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES;
    to[i] = from[i] + (to[i] - from[i]) * share;
  }
}

/* What the curve wants at these powers, while the curve may be on its way. */
static void want(LacCompressor *self, const LacDynamicsCurve *now, const LacDynamicsCurve *next, const double *powers,
                 double scale, float *amounts, uint32_t n, uint32_t place) {
  LacCompressorWork *work = self->work;
  self->dynamics->levels(powers, scale, work->level_db, n);
  self->dynamics->amounts(next, work->level_db, amounts, n);
  if (!self->is_settled) {
    self->dynamics->amounts(now, work->level_db, work->other, n);
    blend(amounts, work->other, n, place);
  }
}

/* Reduction of every lane in dB, into work->amounts. */
static void reduce(LacCompressor *self, uint32_t n, uint32_t place) {
  LacCompressorWork *work = self->work;
  const double scale = self->is_rms ? SINE_SCALE : 1.0;
  float *amounts[COMPRESSOR_LANES];
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    const unsigned band = lane % self->n_bands;
    const double *powers = self->n_paths > 1 ? work->powers[lane] : work->linked[band];
    amounts[lane] = work->amounts[lane];
    want(self, &self->now.down[band], &self->next.down[band], powers, scale, amounts[lane], n, place);
  }
  for (unsigned b = 0; self->n_paths > 1 && b < self->n_bands; b++) {
    float *linked = work->gains[0]; /* free until now */
    want(self, &self->now.down[b], &self->next.down[b], work->linked[b], scale, linked, n, place);
    for (unsigned path = 0; path < 2; path++) {
      float *own = work->amounts[path * self->n_bands + b];
      for (uint32_t i = 0; i < n; i++) {
        own[i] += self->link * (linked[i] - own[i]);
      }
    }
  }
  lac_ballistics_run(self->down, self->n_bands * self->n_paths, amounts, n);
}

/* Upward gain of every band in dB, into work->lifts. Always by the mean square: peaks pass zero twice a period. */
static void lift(LacProcessor *p, const double *const *chains, uint32_t n, uint32_t place) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  const float most = (float)COMPRESSOR_UP_MOST_DB;
  float *lifts[COMPRESSOR_BANDS];
  double *powers[COMPRESSOR_LANES];
  for (unsigned lane = 0; lane < COMPRESSOR_LANES; lane++) {
    powers[lane] = work->powers[lane];
  }
  if (!self->is_rms) {
    self->dynamics->mean_squares(self->means, self->n_bands, chains, powers, n);
    link_channels(p, n);
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    lifts[b] = work->lifts[b];
    want(self, &self->now.up[b], &self->next.up[b], work->linked[b], SINE_SCALE, lifts[b], n, place);
    for (uint32_t i = 0; i < n; i++) {
      lifts[b][i] = most - lifts[b][i];
    }
  }
  lac_ballistics_run(self->up, self->n_bands, lifts, n);
  for (unsigned b = 0; b < self->n_bands; b++) {
    for (uint32_t i = 0; i < n; i++) {
      lifts[b][i] = most - lifts[b][i];
    }
  }
}

/* Gains of one path in dB in place, no further than the coupling from each other: what is beyond is shared by the
 * highest and the lowest. */
static void couple(LacCompressor *self, float *const *gains, uint32_t n, uint32_t place) {
  float lowest[COMPRESSOR_STRETCH], highest[COMPRESSOR_STRETCH];
  memcpy(lowest, gains[0], n * sizeof lowest[0]);
  memcpy(highest, gains[0], n * sizeof highest[0]);
  for (unsigned b = 1; b < self->n_bands; b++) {
    for (uint32_t i = 0; i < n; i++) {
      lowest[i] = gains[b][i] < lowest[i] ? gains[b][i] : lowest[i];
      highest[i] = gains[b][i] > highest[i] ? gains[b][i] : highest[i];
    }
  }
  const float base = (float)self->now.coupling_db, slope = (float)(self->next.coupling_db - self->now.coupling_db);
  for (uint32_t i = 0; i < n; i++) {
    float half = 0.5f * (base + slope * ((float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES));
    float middle = 0.5f * (lowest[i] + highest[i]), apart = 0.5f * (highest[i] - lowest[i]);
    lowest[i] = apart > half ? middle - half : lowest[i];
    highest[i] = apart > half ? middle + half : highest[i];
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    for (uint32_t i = 0; i < n; i++) {
      float above = gains[b][i] > lowest[i] ? gains[b][i] : lowest[i];
      gains[b][i] = above < highest[i] ? above : highest[i];
    }
  }
}

/* The deepest reduction of a band's paths, as a gain in dB. */
static void report(LacCompressor *self, unsigned band, uint32_t n) {
  LacCompressorWork *work = self->work;
  if (!self->readouts[band].track) {
    return;
  }
  const float *left = work->gains[band];
  const float *right = self->n_paths > 1 ? work->gains[self->n_bands + band] : left;
  for (uint32_t i = 0; i < n; i++) {
    work->other[i] = left[i] < right[i] ? left[i] : right[i];
  }
  lac_readout_push(&self->readouts[band], work->other, n);
}

/* dB to gain, with makeup, and mixed with the untouched signal. */
static void finish_lane(LacCompressor *self, unsigned lane, uint32_t n, uint32_t place) {
  const unsigned band = lane % self->n_bands;
  float *gain = self->work->gains[lane], *db = self->work->other;
  const float makeup = (float)self->now.makeup_db[band], mix = (float)self->now.mix;
  const float makeup_slope = (float)(self->next.makeup_db[band] - self->now.makeup_db[band]);
  const float mix_slope = (float)(self->next.mix - self->now.mix);
  for (uint32_t i = 0; i < n; i++) {
    db[i] = gain[i] + (makeup + makeup_slope * ((float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES));
  }
  self->dynamics->gains(db, gain, n);
  if (mix != 1.0f || mix_slope != 0.0f) {
    for (uint32_t i = 0; i < n; i++) {
      float share = mix + mix_slope * ((float)(place + i + 1) / (float)LAC_QUANTUM_FRAMES);
      gain[i] = 1.0f + share * (gain[i] - 1.0f);
    }
  }
}

static void find_gains(LacCompressor *self, uint32_t n, uint32_t place) {
  LacCompressorWork *work = self->work;
  for (unsigned path = 0; path < self->n_paths; path++) {
    float *gains[COMPRESSOR_BANDS];
    for (unsigned b = 0; b < self->n_bands; b++) {
      const float *amounts = work->amounts[path * self->n_bands + b], *lifts = work->lifts[b];
      gains[b] = work->gains[path * self->n_bands + b];
      for (uint32_t i = 0; i < n; i++) {
        gains[b][i] = self->is_lifting ? lifts[i] - amounts[i] : 0.0f - amounts[i];
      }
    }
    if (self->n_bands > 1) {
      couple(self, gains, n, place);
    }
  }
  for (unsigned b = 0; b < self->n_bands; b++) {
    report(self, b, n);
  }
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    finish_lane(self, lane, n, place);
  }
}

/* ---- from gains to sound ---- */

static const float *gain_of(const LacCompressor *self, unsigned band, unsigned channel) {
  return self->work->gains[(self->n_paths > 1 ? channel * self->n_bands : 0) + band];
}

/* sum (or, for the first, the sum's start) += band times its gain. */
static void add_band(double *sum, const double *frames, const float *left, const float *right, bool is_first,
                     uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    double l = frames[2 * i] * (double)left[i], r = frames[2 * i + 1] * (double)right[i];
    sum[2 * i] = is_first ? l : sum[2 * i] + l;
    sum[2 * i + 1] = is_first ? r : sum[2 * i + 1] + r;
  }
}

/* Cascade of low shelves: shelf j takes the difference of bands j and j + 1, everything the gain of the highest band.
 * Where all bands have one gain, no shelf does anything. */
static void run_shelves(LacCompressor *self, uint32_t n, uint32_t place) {
  LacCompressorWork *work = self->work;
  const float *roots[2] = {work->roots[0], work->roots[self->n_paths - 1]};
  for (unsigned j = 0; j + 1 < self->n_bands; j++) {
    for (unsigned path = 0; path < self->n_paths; path++) {
      const float *below = gain_of(self, j, path), *above = gain_of(self, j + 1, path);
      for (uint32_t i = 0; i < n; i++) {
        work->roots[path][i] = sqrtf(below[i] / above[i]);
      }
    }
    self->shelves[j].from.g = self->crossover.places[j].from_g;
    self->shelves[j].to.g = self->crossover.places[j].to_g;
    lac_dynamic_filter_run(self->filters, &self->shelves[j], work->frames, roots, n, place, LAC_QUANTUM_FRAMES);
  }
  const unsigned top = self->n_bands - 1;
  add_band(work->frames, work->frames, gain_of(self, top, 0), gain_of(self, top, 1), true, n);
}

/* Frames in which every gain is exactly 1 keep their bits (a sum with zero would lose the sign of a zero). */
static void keep_untouched(const LacCompressor *self, float *const *channels, unsigned n_channels,
                           float out[][COMPRESSOR_STRETCH], uint32_t n) {
  int32_t is_touched[COMPRESSOR_STRETCH] = {0};
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    const float *gain = self->work->gains[lane];
    for (uint32_t i = 0; i < n; i++) {
      is_touched[i] |= gain[i] != 1.0f;
    }
  }
  for (unsigned c = 0; c < n_channels; c++) {
    for (uint32_t i = 0; i < n; i++) {
      channels[c][i] = is_touched[i] ? out[c][i] : channels[c][i];
    }
  }
}

static void sound(LacProcessor *p, float *const *channels, uint32_t n, uint32_t place) {
  LacCompressor *self = compressor_of(p);
  LacCompressorWork *work = self->work;
  float *right = p->setup.n_channels > 1 ? channels[1] : NULL;
  double *bands[COMPRESSOR_BANDS];
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    bands[b] = work->bands[b];
  }
  if (self->delay_frames > 0) {
    lac_compressor_delay(self, channels, p->setup.n_channels, n);
    self->svf->interleave(channels[0], right, work->frames, n);
    if (self->is_split) {
      lac_crossover_run(&self->sound_crossover, work->frames, bands, n, place, LAC_QUANTUM_FRAMES);
    }
  }
  if (self->is_split) {
    for (unsigned b = 0; b < self->n_bands; b++) {
      add_band(work->frames, bands[b], gain_of(self, b, 0), gain_of(self, b, 1), b == 0, n);
    }
    self->svf->separate(work->frames, channels[0], right, n);
    return;
  }
  run_shelves(self, n, place);
  float out[LAC_MAX_CHANNELS][COMPRESSOR_STRETCH];
  self->svf->separate(work->frames, out[0], right ? out[1] : NULL, n);
  keep_untouched(self, channels, p->setup.n_channels, out, n);
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
  measure(p, chains, n_frames);
  reduce(self, n_frames, place);
  if (self->is_lifting) {
    lift(p, chains, n_frames, place);
  }
  find_gains(self, n_frames, place);
  sound(p, channels, n_frames, place);
}
