/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/band_levels.h"

#include <math.h>

#include "analysis/band_scale.h"
#include "analysis/loudness.h"
#include "core/memory.h"
#include "dsp/elementary.h"

enum { BANDS_OF_GROUP = LAC_BANDS / LAC_DYNAMICS_BANDS, MOST_BLOCKS = 1200 /* 8 minutes */ };

/* The compressor calls a full-scale sine 0 dB: a mean square of one half. */
static const double per_sine = 2.0;

double lac_group_border_hz(unsigned group) {
  LacBandScale scale;
  lac_band_scale_init(&scale);
  return scale.edge_hz[group * BANDS_OF_GROUP];
}

/* |H|^2 of a Butterworth high-pass of second order. */
static double high_pass_power(double hz, double corner_hz) {
  const double r = hz / corner_hz, r4 = r * r * r * r;
  return corner_hz > 0 ? r4 / (1.0 + r4) : 1.0;
}

/* Mean over the channels; the side is NAN in mono. */
static double band_power(const LacSpectrum *spectrum, unsigned band) {
  const double mid = spectrum->mid_db[band], side = spectrum->side_db[band];
  return (isfinite(mid) ? lac_power_from_db(mid) : 0.0) + (isfinite(side) ? lac_power_from_db(side) : 0.0);
}

/* The louder of two channels over their mean, as a power. */
static double louder_power(const LacStereo *stereo) {
  const double apart_db = fabs(stereo->balance_db);
  return isfinite(apart_db) ? 2.0 / (1.0 + lac_power_from_db(-apart_db)) : 1.0;
}

/* What ear and detector make of the power of each group, by the mean spectrum inside it. */
typedef struct GroupWeights {
  double ear[LAC_DYNAMICS_BANDS], detector[LAC_DYNAMICS_BANDS];
} GroupWeights;

static GroupWeights weigh_groups(const LacAnalysis *analysis, double sidechain_hz) {
  const double louder = per_sine * louder_power(&analysis->stereo);
  GroupWeights weights;
  LacBandScale scale;
  lac_band_scale_init(&scale);
  for (unsigned g = 0; g < LAC_DYNAMICS_BANDS; g++) {
    double sum = 1e-30, ear = 0, detector = 0;
    for (unsigned b = g * BANDS_OF_GROUP; b < (g + 1) * BANDS_OF_GROUP; b++) {
      const double power = band_power(&analysis->spectrum, b);
      sum += power;
      ear += power * lac_k_weight_power(scale.centre_hz[b]);
      detector += power * high_pass_power(scale.centre_hz[b], sidechain_hz);
    }
    weights.ear[g] = analysis->n_channels * ear / sum;
    weights.detector[g] = louder * detector / sum;
  }
  return weights;
}

static void weigh_window(const float *group_db, LacGroupRange range, const GroupWeights *weights, double *ear,
                         double *detector) {
  *ear = *detector = 0;
  for (unsigned g = range.first; g < range.end; g++) {
    const double power = isfinite(group_db[g]) ? lac_power_from_db((double)group_db[g]) : 0.0;
    *ear += weights->ear[g] * power;
    *detector += weights->detector[g] * power;
  }
}

LacStatus lac_band_levels(const LacAnalysis *analysis, LacGroupRange range, double sidechain_hz,
                          LacBandLevels *levels) {
  const size_t n_blocks = analysis->levels.n_windows / LAC_WINDOWS_PER_BLOCK;
  const size_t every = 1 + n_blocks / MOST_BLOCKS, n_kept = (n_blocks + every - 1) / every;
  const GroupWeights weights = weigh_groups(analysis, sidechain_hz);
  const size_t n_windows = n_kept * LAC_WINDOWS_PER_BLOCK;
  double ear_sum = 0, detector_sum = 0;
  *levels = (LacBandLevels){.n_windows = n_windows};
  levels->power = lac_alloc(n_windows ? n_windows : 1, sizeof(double));
  levels->heard_db = lac_alloc(n_windows ? n_windows : 1, sizeof(double));
  if (!levels->power || !levels->heard_db)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; i < n_windows; i++) {
    const size_t window = i / LAC_WINDOWS_PER_BLOCK * every * LAC_WINDOWS_PER_BLOCK + i % LAC_WINDOWS_PER_BLOCK;
    double detector;
    weigh_window(analysis->levels.group_db[window], range, &weights, &levels->power[i], &detector);
    levels->heard_db[i] = detector > 0 ? lac_db_from_power(detector) : -INFINITY;
    ear_sum += levels->power[i];
    detector_sum += detector;
  }
  if (ear_sum > 0 && detector_sum > 0)
    levels->offset_db = lac_db_from_power(detector_sum) - lac_lufs_from_mean_square(ear_sum);
  return LAC_OK;
}

void lac_band_levels_free(LacBandLevels *levels) {
  lac_free(levels->power);
  lac_free(levels->heard_db);
  *levels = (LacBandLevels){0};
}
