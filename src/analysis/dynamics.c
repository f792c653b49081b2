/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/dynamics.h"

#include <math.h>
#include <string.h>

#include "analysis/level_code.h"
#include "core/memory.h"
#include "dsp/elementary.h"

_Static_assert((int)LAC_DYNAMICS_BANDS == (int)LAC_BANK_BANDS, "one lane per group");

enum { NO_CREST = 255, CREST_STEPS_PER_DB = 10 };

static const double QUIET_POWER = 1e-12;   /* -120 dB: a crest of rounding noise means nothing */
static const double HIGHEST_CORNER = 0.45; /* of the sample rate */

static void set_filter(float coefficients[3][LAC_BANK_BANDS], unsigned group, double hz, double rate_hz) {
  const double corner = hz / rate_hz < HIGHEST_CORNER ? hz / rate_hz : HIGHEST_CORNER;
  const double g = lac_tan(LAC_PI * corner), k = sqrt(2.0);
  const double a1 = 1.0 / (1.0 + g * (g + k));
  coefficients[0][group] = (float)a1;
  coefficients[1][group] = (float)(g * a1);
  coefficients[2][group] = (float)(g * g * a1);
}

void lac_dynamics_meter_init(LacDynamicsMeter *meter, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  meter->kernels = lac_meter_kernels_at(lac_cpu_level());
  meter->n_channels = n_channels;
  lac_band_scale_init(&meter->scale);
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    const unsigned first = g * (LAC_BANDS / LAC_DYNAMICS_BANDS), end = first + LAC_BANDS / LAC_DYNAMICS_BANDS;
    set_filter(meter->bank.high_pass, g, meter->scale.edge_hz[first], rate_hz);
    set_filter(meter->bank.low_pass, g, meter->scale.edge_hz[end], rate_hz);
    meter->exists[g] = lac_band_group_hz(&meter->scale, g) < HIGHEST_CORNER * rate_hz;
    meter->weight[g] = lac_k_weight_power(lac_band_group_hz(&meter->scale, g));
  }
  meter->window_frames = (uint32_t)floor(rate_hz / 20.0 + 0.5);
  meter->window_left = meter->window_frames;
  meter->quantum_left = LAC_DYNAMICS_QUANTUM;
  memset(&meter->record, NO_CREST, sizeof(meter->record));
  lac_series_init(&meter->records, sizeof(LacDynamicsRecord));
}

void lac_dynamics_meter_free(LacDynamicsMeter *meter) {
  lac_series_free(&meter->records);
}

static void end_quantum(LacDynamicsMeter *meter) {
  for (unsigned c = 0; c < meter->n_channels; c++)
    for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++)
      meter->energy[c][g] += (double)meter->bank.energy[c][g];
  memset(meter->bank.energy, 0, sizeof(meter->bank.energy));
  meter->quantum_left = LAC_DYNAMICS_QUANTUM;
}

static uint8_t crest_code(float peak, double mean_square) {
  if (!(mean_square > QUIET_POWER))
    return NO_CREST;
  const double db = lac_db_from_power((double)peak * (double)peak / mean_square);
  const double code = rint(db * CREST_STEPS_PER_DB);
  return code <= 0 ? 0 : code >= NO_CREST - 1 ? NO_CREST - 1 : (uint8_t)code;
}

/* `n_windows` of mean squares have been added up in `level`. */
static LacStatus end_block(LacDynamicsMeter *meter, unsigned n_windows) {
  double loudness = 0;
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    const double level = meter->level[g] / n_windows;
    meter->record.level[g] = lac_level_code(level);
    if (meter->exists[g])
      loudness += level * meter->weight[g] * meter->n_channels;
  }
  meter->record.loudness = (float)loudness;
  memset(meter->record.window_level[n_windows], 0,
         (LAC_DYNAMICS_WINDOWS - n_windows) * sizeof(meter->record.window_level[0]));
  LacDynamicsRecord *record = lac_series_push(&meter->records);
  if (!record)
    return LAC_ERR_MEMORY;
  *record = meter->record;
  memset(&meter->record, NO_CREST, sizeof(meter->record));
  memset(meter->level, 0, sizeof(meter->level));
  meter->window = 0;
  return LAC_OK;
}

static LacStatus end_window(LacDynamicsMeter *meter) {
  end_quantum(meter);
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    const double left = meter->energy[0][g] / meter->window_frames;
    const double right = meter->energy[1][g] / meter->window_frames;
    const unsigned louder = right > left;
    meter->record.crest[meter->window][g] = crest_code(meter->bank.peak[louder][g], louder ? right : left);
    const double level = (left + right) / meter->n_channels;
    meter->record.window_level[meter->window][g] = lac_level_code(level);
    meter->level[g] += level;
  }
  memset(meter->bank.peak, 0, sizeof(meter->bank.peak));
  memset(meter->energy, 0, sizeof(meter->energy));
  meter->window_left = meter->window_frames;
  return ++meter->window == LAC_DYNAMICS_WINDOWS ? end_block(meter, LAC_DYNAMICS_WINDOWS) : LAC_OK;
}

LacStatus lac_dynamics_meter_add(LacDynamicsMeter *meter, const float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0; done < n_frames;) {
    uint32_t n = meter->quantum_left < meter->window_left ? meter->quantum_left : meter->window_left;
    n = n_frames - done < n ? n_frames - done : n;
    meter->kernels->bank(&meter->bank, channels[0] + done, meter->n_channels > 1 ? channels[1] + done : NULL, n);
    done += n;
    meter->quantum_left -= n;
    meter->window_left -= n;
    if (!meter->window_left) {
      const LacStatus status = end_window(meter);
      if (status)
        return status;
    } else if (!meter->quantum_left) {
      end_quantum(meter);
    }
  }
  return LAC_OK;
}

static const LacDynamicsRecord *record_at(const LacDynamicsMeter *meter, size_t i) {
  return (const LacDynamicsRecord *)meter->records.items + i;
}

/* Loudness that a block must exceed: -70 LUFS, and 10 LU under the mean of those that do. */
static double find_gate(const LacDynamicsMeter *meter) {
  const double absolute = lac_power_from_db(-70.0 + 0.691);
  double sum = 0;
  size_t n = 0;
  for (size_t i = 0; i < meter->records.count; i++) {
    const double loudness = (double)record_at(meter, i)->loudness;
    if (loudness > absolute) {
      sum += loudness;
      n++;
    }
  }
  const double relative = n ? sum / (double)n * 0.1 : INFINITY;
  return relative > absolute ? relative : absolute;
}

static double crest_median(const LacDynamicsMeter *meter, double gate, unsigned group) {
  size_t counts[NO_CREST] = {0}, n = 0;
  for (size_t i = 0; i < meter->records.count; i++) {
    const LacDynamicsRecord *record = record_at(meter, i);
    for (unsigned w = 0; w < LAC_DYNAMICS_WINDOWS && (double)record->loudness > gate; w++) {
      if (record->crest[w][group] == NO_CREST)
        continue;
      counts[record->crest[w][group]]++;
      n++;
    }
  }
  if (!n)
    return NAN;
  unsigned code = 0;
  for (size_t seen = counts[0]; seen <= (n - 1) / 2;)
    seen += counts[++code];
  return (double)code / CREST_STEPS_PER_DB;
}

static void fill_group(const LacDynamicsMeter *meter, double gate, unsigned group, LacLevelHistogram *histogram,
                       LacDynamics *dynamics) {
  static const double fractions[3] = {0.1, 0.5, 0.9};
  lac_level_histogram_reset(histogram);
  for (size_t i = 0; i < meter->records.count; i++)
    if ((double)record_at(meter, i)->loudness > gate)
      lac_level_histogram_add(histogram, record_at(meter, i)->level[group]);
  double db[3];
  lac_level_histogram_quantiles(histogram, fractions, db, 3);
  dynamics->level_db_10[group] = db[0];
  dynamics->level_db_50[group] = db[1];
  dynamics->level_db_90[group] = db[2];
  dynamics->crest_db[group] = crest_median(meter, gate, group);
}

LacStatus lac_dynamics_meter_result(LacDynamicsMeter *meter, LacDynamics *dynamics) {
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    dynamics->bands_hz[g] = lac_band_group_hz(&meter->scale, g);
    dynamics->crest_db[g] = NAN;
    dynamics->level_db_10[g] = dynamics->level_db_50[g] = dynamics->level_db_90[g] = NAN;
  }
  if (!meter->records.count && meter->window) {
    const LacStatus status = end_block(meter, meter->window);
    if (status)
      return status;
  }
  const double gate = find_gate(meter);
  LacLevelHistogram *histogram = lac_calloc(1, sizeof(*histogram));
  if (!histogram)
    return LAC_ERR_MEMORY;
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++)
    if (meter->exists[g])
      fill_group(meter, gate, g, histogram, dynamics);
  lac_free(histogram);
  return LAC_OK;
}

LacStatus lac_dynamics_meter_levels(const LacDynamicsMeter *meter, LacLevelTrack *track) {
  const size_t n_windows = meter->records.count * LAC_DYNAMICS_WINDOWS;
  *track = (LacLevelTrack){0};
  if (!n_windows)
    return LAC_OK;
  track->group_db = lac_alloc(n_windows, sizeof(*track->group_db));
  if (!track->group_db)
    return LAC_ERR_MEMORY;
  track->n_windows = n_windows;
  for (size_t i = 0; i < n_windows; i++) {
    const uint16_t *codes = record_at(meter, i / LAC_DYNAMICS_WINDOWS)->window_level[i % LAC_DYNAMICS_WINDOWS];
    for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++)
      track->group_db[i][g] = meter->exists[g] ? (float)lac_level_db(codes[g]) : -INFINITY;
  }
  return LAC_OK;
}
