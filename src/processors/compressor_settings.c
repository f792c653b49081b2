/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the values of the table to what the sound is made with. */

#include "processors/compressor.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

static LacCompressor *compressor_of(const LacProcessor *p) {
  return p->state;
}

double lac_compressor_band_value(const LacProcessor *p, unsigned band, unsigned value) {
  return p->values[band * COMPRESSOR_PER_BAND + value];
}

unsigned lac_compressor_count_bands(const LacProcessor *p) {
  return (unsigned)rint(p->values[COMPRESSOR_N_BANDS]);
}

double lac_compressor_glide_target(const LacProcessor *p, size_t param) {
  const double value = p->values[param];
  const size_t of_band = param % COMPRESSOR_PER_BAND;
  if (param < COMPRESSOR_N_BANDS) {
    return of_band == COMPRESSOR_RATIO || of_band == COMPRESSOR_UP_RATIO ? 1.0 - 1.0 / value : value;
  }
  return strcmp(p->cls->info.params[param].unit, "Hz") == 0 ? lac_log(value) : value;
}

static double glided(const LacCompressor *self, unsigned band, unsigned value) {
  return lac_glide_value(&self->glides[band * COMPRESSOR_PER_BAND + value]);
}

void lac_compressor_read_glides(const LacProcessor *p, LacCompressorSettings *settings) {
  LacCompressor *self = compressor_of(p);
  for (unsigned b = 0; b < self->n_bands; b++) {
    double knee_db = glided(self, b, COMPRESSOR_KNEE_DB);
    double floor_db = lac_glide_value(&self->glides[COMPRESSOR_NOISE_FLOOR_DB]);
    settings->down[b] = (LacDynamicsCurve){.threshold_db = glided(self, b, COMPRESSOR_THRESHOLD_DB),
                                           .slope = glided(self, b, COMPRESSOR_RATIO),
                                           .knee_db = knee_db,
                                           .range_db = LAC_DYNAMICS_NO_RANGE_DB};
    settings->up[b] = (LacDynamicsCurve){.threshold_db = glided(self, b, COMPRESSOR_UP_THRESHOLD_DB),
                                         .slope = glided(self, b, COMPRESSOR_UP_RATIO),
                                         .knee_db = knee_db,
                                         .range_db = glided(self, b, COMPRESSOR_UP_RANGE_DB),
                                         .fade_db = floor_db + 6.0,
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

void lac_compressor_set_times(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  const double rate_hz = p->setup.rate_hz, detector_s = p->values[COMPRESSOR_DETECTOR_MS] * 1e-3;
  const double steady_s = p->values[COMPRESSOR_STEADY_RELEASE_MS] * 1e-3;
  for (unsigned lane = 0; lane < 2 * self->n_bands; lane++) {
    const unsigned b = lane % self->n_bands;
    const double attack_s = lac_compressor_band_value(p, b, COMPRESSOR_ATTACK_MS) * 1e-3;
    const double release_s = lac_compressor_band_value(p, b, COMPRESSOR_RELEASE_MS) * 1e-3;
    lac_ballistics_set(&self->down[lane], attack_s, release_s, steady_s, rate_hz);
    if (lane < self->n_bands) {
      lac_ballistics_set(&self->up[b], attack_s, release_s, 0.0, rate_hz);
      self->means[b].factor = lac_one_pole_factor(0.5 * detector_s, rate_hz);
    }
  }
}

/* Times of this quantum after the crest of what has been (Giannoulis et al. 2013, eqs. 8 to 11): the times set are
 * those of a sine, whose C^2 is 2. */
void lac_compressor_set_automatic_times(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  const double steady_s = p->values[COMPRESSOR_STEADY_RELEASE_MS] * 1e-3;
  for (unsigned b = 0; b < self->n_bands; b++) {
    const double faster = 2.0 / lac_crest_square(&self->crests[b]);
    const double attack_s = faster * 1e-3 * lac_compressor_band_value(p, b, COMPRESSOR_ATTACK_MS);
    const double release_s = faster * 1e-3 * lac_compressor_band_value(p, b, COMPRESSOR_RELEASE_MS);
    for (unsigned path = 0; path < self->n_paths; path++) {
      lac_ballistics_set_quickly(&self->down[path * self->n_bands + b], attack_s, release_s, steady_s,
                                 p->setup.rate_hz);
    }
  }
}
