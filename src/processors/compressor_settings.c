/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the values of the table to what the sound is made with. */

#include "processors/compressor.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

/* The lowest tone that the peak detector is made for. */
static const double LOWEST_HZ = 20;

static LacCompressor *compressor_of(const LacProcessor *p) {
  return p->state;
}

double lac_compressor_band_value(const LacProcessor *p, unsigned band, unsigned value) {
  return p->values[band * COMPRESSOR_PER_BAND + value];
}

unsigned lac_compressor_count_bands(const LacProcessor *p) {
  return (unsigned)rint(p->values[COMPRESSOR_N_BANDS]);
}

bool lac_compressor_is_band_time(size_t param) {
  const size_t of_band = param % COMPRESSOR_PER_BAND;
  return param < COMPRESSOR_N_BANDS && (of_band == COMPRESSOR_ATTACK_MS || of_band == COMPRESSOR_RELEASE_MS);
}

double lac_compressor_glide_target(const LacProcessor *p, size_t param) {
  const double value = p->values[param];
  const size_t of_band = param % COMPRESSOR_PER_BAND;
  if (lac_compressor_is_band_time(param)) {
    return lac_log(value);
  }
  if (param < COMPRESSOR_N_BANDS) {
    return of_band == COMPRESSOR_RATIO || of_band == COMPRESSOR_UP_RATIO ? 1.0 - 1.0 / value : value;
  }
  return strcmp(p->cls->info.params[param].unit, "Hz") == 0 ? lac_log(value) : value;
}

static double glided(const LacCompressor *self, unsigned band, unsigned value) {
  return lac_glide_value(&self->glides[band * COMPRESSOR_PER_BAND + value]);
}

static void aim_middles(const LacProcessor *p, LacBandMiddles *middles) {
  const LacCompressor *self = compressor_of(p);
  double hz[LAC_CROSSOVER_MAX_SPLITS];
  for (unsigned j = 0; j + 1 < self->n_bands; j++) {
    hz[j] = lac_exp(lac_glide_value(&self->glides[COMPRESSOR_CROSSOVER_HZ + j]));
  }
  lac_band_middles_aim(middles, self->n_bands, self->is_split, p->setup.rate_hz, hz);
}

void lac_compressor_read_glides(const LacProcessor *p, LacCompressorSettings *settings) {
  LacCompressor *self = compressor_of(p);
  aim_middles(p, &settings->middles);
  for (unsigned b = 0; b < self->n_bands; b++) {
    const double heard_db = self->n_bands > 1 ? settings->middles.heard_db[b] : 0.0;
    double knee_db = glided(self, b, COMPRESSOR_KNEE_DB);
    double floor_db = lac_glide_value(&self->glides[COMPRESSOR_NOISE_FLOOR_DB]);
    settings->down[b] = (LacGainCurve){.threshold_db = glided(self, b, COMPRESSOR_THRESHOLD_DB) - heard_db,
                                       .slope = glided(self, b, COMPRESSOR_RATIO),
                                       .knee_db = knee_db,
                                       .range_db = LAC_DYNAMICS_NO_RANGE_DB};
    settings->up[b] = (LacGainCurve){.threshold_db = glided(self, b, COMPRESSOR_UP_THRESHOLD_DB) - heard_db,
                                     .slope = glided(self, b, COMPRESSOR_UP_RATIO),
                                     .knee_db = knee_db,
                                     .range_db = glided(self, b, COMPRESSOR_UP_RANGE_DB),
                                     .fade_db = floor_db + 6.0 - heard_db,
                                     .is_below = true};
    settings->makeup_db[b] = glided(self, b, COMPRESSOR_MAKEUP_DB);
  }
  settings->coupling_db = lac_glide_value(&self->glides[COMPRESSOR_COUPLING_DB]);
  settings->mix = lac_glide_value(&self->glides[COMPRESSOR_MIX_PERCENT]) * 0.01;
  double hz = lac_exp(lac_glide_value(&self->glides[COMPRESSOR_SIDECHAIN_HZ]));
  double g = lac_tan(LAC_PI * hz / p->setup.rate_hz);
  LacSvf high_pass = {.g = g, .k = sqrt(2.0), .high = 1.0};
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
    lac_svf_lane(&settings->high_pass, lane, &high_pass, 1.0);
  }
}

/* Steps twice as long where neither the mean nor any attack is quick: 0.36 ms. Peaks would be read too high by them. */
static uint32_t step_frames_for(const LacProcessor *p, double shortest_s) {
  const uint32_t frames = lac_steps_frames(shortest_s, p->setup.rate_hz);
  const bool is_slow = compressor_of(p)->is_rms && p->values[COMPRESSOR_DETECTOR_MS] >= 5 && shortest_s >= 0.02;
  return is_slow && 2 * frames <= LAC_MOST_STEP_FRAMES ? 2 * frames : frames;
}

/* Takes the step that suits the shortest attack; true when it is another one than before. */
static bool set_step(LacProcessor *p, double shortest_s) {
  LacCompressor *self = compressor_of(p);
  const double detector_s = p->values[COMPRESSOR_DETECTOR_MS] * 1e-3, rate_hz = p->setup.rate_hz;
  const uint32_t step_frames = step_frames_for(p, shortest_s);
  for (unsigned b = 0; b < self->n_bands; b++) {
    self->means[b].factor = lac_one_pole_factor(0.5 * detector_s, rate_hz / step_frames);
    if (step_frames != self->step_frames) {
      lac_quadrature_aim(&self->quadratures[b], rate_hz / step_frames);
      lac_mean_square_restep(&self->means[b], &self->quadratures[b], self->step_frames, step_frames);
    }
  }
  const bool is_new = step_frames != self->step_frames;
  self->step_frames = step_frames;
  return is_new;
}

/* What a band's times are multiplied with: 1, or, automatically, after the crest of what has been (Giannoulis et al.
 * 2013, eqs. 8 to 11): the times set are those of a sine, whose C^2 is 2. */
static double time_scale(const LacCompressor *self, unsigned band, bool is_auto) {
  return is_auto ? 2.0 / lac_crest_square(&self->crests[band]) : 1.0;
}

/* Exactly what is set, once it has arrived there. */
static double time_s(const LacProcessor *p, unsigned band, unsigned value) {
  const LacGlide *glide = &compressor_of(p)->glides[band * COMPRESSOR_PER_BAND + value];
  return 1e-3 * (glide->is_moving ? lac_exp(lac_glide_value(glide)) : lac_compressor_band_value(p, band, value));
}

void lac_compressor_set_windows(const LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    const unsigned band = lane % self->n_bands;
    const double lowest_hz = band > 0 ? self->crossover.places[band - 1].hz : LOWEST_HZ;
    self->down[lane].window = self->is_rms ? 0.0 : 0.5 / lowest_hz * p->setup.rate_hz / self->step_frames;
  }
}

static void set_all_times(LacProcessor *p, bool is_auto) {
  LacCompressor *self = compressor_of(p);
  const double steady_s = p->values[COMPRESSOR_STEADY_RELEASE_MS] * 1e-3;
  double shortest_s = 1.0;
  for (unsigned b = 0; b < self->n_bands; b++) {
    const double set_s = time_s(p, b, COMPRESSOR_ATTACK_MS);
    const double attack_s = set_s * time_scale(self, b, is_auto);
    shortest_s = set_s < shortest_s ? set_s : shortest_s;
    shortest_s = attack_s < shortest_s ? attack_s : shortest_s;
  }
  const bool is_new = set_step(p, shortest_s);
  const double delay_s = lac_steps_delay_s(self->step_frames, p->setup.rate_hz);
  const double steps_hz = p->setup.rate_hz / self->step_frames;
  for (unsigned b = 0; b < self->n_bands; b++) {
    const double attack_s = time_s(p, b, COMPRESSOR_ATTACK_MS), release_s = time_s(p, b, COMPRESSOR_RELEASE_MS);
    const double scale = time_scale(self, b, is_auto);
    for (unsigned path = 0; path < self->n_paths; path++) {
      LacBallistics *down = &self->down[path * self->n_bands + b];
      (is_auto ? lac_ballistics_set_quickly : lac_ballistics_set)(down, scale * attack_s - delay_s,
                                                                  scale * release_s - delay_s, steady_s, steps_hz);
    }
    if (is_new || !is_auto) {
      lac_ballistics_set(&self->up[b], attack_s - delay_s, release_s - delay_s, 0.0, steps_hz);
    }
  }
  lac_compressor_set_windows(p);
}

void lac_compressor_set_times(LacProcessor *p) {
  set_all_times(p, false);
}

void lac_compressor_set_automatic_times(LacProcessor *p) {
  set_all_times(p, true);
}
