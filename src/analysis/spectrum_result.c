/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/spectrum_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lossy_edge.h"
#include "analysis/spectrum_meter.h"
#include "core/memory.h"
#include "dsp/elementary.h"

static const double POWER_FLOOR = 1e-16; /* -160 dB: what is not there at all */

typedef struct Sums {
  double mid[LAC_BANDS], side[LAC_BANDS], cross[LAC_BANDS];
  double left, right, stereo, mono;
  size_t n;
} Sums;

static const LacSpectrumRecord *record_at(const LacSpectrumMeter *meter, size_t i) {
  return (const LacSpectrumRecord *)(const void *)((const char *)meter->records.items + i * meter->records.item_size);
}

/* Every record is above the absolute gate; the relative one is 10 LU under their mean. */
static double relative_gate(const LacSpectrumMeter *meter) {
  double sum = 0;
  for (size_t i = 0; i < meter->records.count; i++)
    sum += (double)record_at(meter, i)->loudness;
  return meter->records.count ? sum / (double)meter->records.count * 0.1 : INFINITY;
}

static void add_record(Sums *sums, const LacLevelTable *table, const LacSpectrumRecord *record, bool is_stereo) {
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    const double mid = record->mid[b] ? lac_level_power(table, record->mid[b]) : 0;
    sums->mid[b] += mid;
    if (is_stereo) {
      const double side = record->side[b] ? lac_level_power(table, record->side[b]) : 0;
      sums->side[b] += side;
      sums->cross[b] += sqrt(mid * side) * (record->lean[b] / 127.0);
    }
  }
  sums->left += lac_level_power(table, record->left);
  sums->right += lac_level_power(table, record->right);
  sums->stereo += lac_level_power(table, record->stereo);
  sums->mono += lac_level_power(table, record->mono);
  sums->n++;
}

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double lac_spectral_tilt(const double *power) {
  LacBandScale scale;
  lac_band_scale_init(&scale);
  double x[LAC_BANDS], y[LAC_BANDS], slopes[LAC_BANDS * (LAC_BANDS - 1) / 2];
  int n = 0, n_slopes = 0;
  for (int b = 0; b < LAC_BANDS; b++) {
    if (scale.centre_hz[b] < 100 || scale.centre_hz[b] > 10000 || !(power[b] > POWER_FLOOR))
      continue;
    x[n] = lac_log2(scale.centre_hz[b]);
    y[n++] = lac_db_from_power(power[b] / (scale.edge_hz[b + 1] - scale.edge_hz[b]));
  }
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++)
      slopes[n_slopes++] = (y[j] - y[i]) / (x[j] - x[i]);
  if (n < 4)
    return NAN;
  qsort(slopes, (size_t)n_slopes, sizeof(double), compare_double);
  return (slopes[(n_slopes - 1) / 2] + slopes[n_slopes / 2]) / 2;
}

static double floored_db(double power) {
  return lac_db_from_power(power > POWER_FLOOR ? power : POWER_FLOOR);
}

static bool band_exists(const LacSpectrumMeter *meter, unsigned band) {
  return meter->bands[band].count > 0;
}

static void set_nothing(const LacBandScale *scale, LacSpectrum *spectrum, LacStereo *stereo) {
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    spectrum->bands_hz[b] = stereo->bands_hz[b] = scale->centre_hz[b];
    spectrum->mid_db[b] = spectrum->side_db[b] = NAN;
    spectrum->mid_db_10[b] = spectrum->mid_db_50[b] = spectrum->mid_db_90[b] = NAN;
    stereo->width_db[b] = stereo->correlation[b] = NAN;
  }
  spectrum->tilt_db_per_octave = spectrum->cutoff_hz = spectrum->edge_db = NAN;
  stereo->balance_db = stereo->mono_loss_lu = stereo->correlation_overall = NAN;
}

static LacStatus fill_quantiles(const LacSpectrumMeter *meter, double gate, LacSpectrum *spectrum) {
  static const double fractions[3] = {0.1, 0.5, 0.9};
  LacLevelHistogram *histogram = lac_calloc(1, sizeof(*histogram));
  if (!histogram)
    return LAC_ERR_MEMORY;
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    if (!band_exists(meter, b))
      continue;
    lac_level_histogram_reset(histogram);
    for (size_t i = 0; i < meter->records.count; i++) {
      const LacSpectrumRecord *record = record_at(meter, i);
      if ((double)record->loudness > gate)
        lac_level_histogram_add(histogram, record->mid[b]);
    }
    double db[3];
    lac_level_histogram_quantiles(histogram, fractions, db, 3);
    spectrum->mid_db_10[b] = db[0];
    spectrum->mid_db_50[b] = db[1];
    spectrum->mid_db_90[b] = db[2];
  }
  lac_free(histogram);
  return LAC_OK;
}

static void fill_spectrum(const LacSpectrumMeter *meter, const Sums *sums, LacSpectrum *spectrum) {
  const double n = (double)sums->n;
  double total[LAC_BANDS];
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    total[b] = band_exists(meter, b) ? (sums->mid[b] + sums->side[b]) / n : 0;
    if (!band_exists(meter, b))
      continue;
    spectrum->mid_db[b] = floored_db(sums->mid[b] / n);
    if (meter->n_channels > 1)
      spectrum->side_db[b] = floored_db(sums->side[b] / n);
  }
  spectrum->tilt_db_per_octave = lac_spectral_tilt(total);
  lac_lossy_edge_find(meter->bin_power, meter->n_bins, meter->rate_hz / meter->size,
                      meter->power_scale / (double)meter->n_bin_frames, &spectrum->cutoff_hz, &spectrum->edge_db);
}

/* Left power = M + S + 2X, right = M + S - 2X, Re(L conj R) = M - S, with X = Re(M conj S). */
static double correlation(double mid, double side, double cross) {
  const double left = mid + side + 2 * cross, right = mid + side - 2 * cross;
  if (!(left > POWER_FLOOR) || !(right > POWER_FLOOR))
    return NAN;
  const double rho = (mid - side) / sqrt(left * right);
  return rho > 1 ? 1 : rho < -1 ? -1 : rho;
}

static void fill_stereo(const LacSpectrumMeter *meter, const Sums *sums, LacStereo *stereo) {
  if (meter->n_channels < 2)
    return;
  const double n = (double)sums->n;
  double mid = 0, side = 0, cross = 0;
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    if (!band_exists(meter, b))
      continue;
    stereo->width_db[b] = floored_db(sums->side[b] / n) - floored_db(sums->mid[b] / n);
    stereo->correlation[b] = correlation(sums->mid[b] / n, sums->side[b] / n, sums->cross[b] / n);
    mid += sums->mid[b] / n;
    side += sums->side[b] / n;
    cross += sums->cross[b] / n;
  }
  stereo->correlation_overall = correlation(mid, side, cross);
  stereo->balance_db = floored_db(sums->left / n) - floored_db(sums->right / n);
  stereo->mono_loss_lu = floored_db(sums->stereo / n) - floored_db(sums->mono / n);
}

LacStatus lac_spectrum_result(const LacSpectrumMeter *meter, LacSpectrum *spectrum, LacStereo *stereo) {
  set_nothing(&meter->scale, spectrum, stereo);
  const double gate = relative_gate(meter);
  LacLevelTable table;
  lac_level_table_init(&table);
  Sums sums;
  memset(&sums, 0, sizeof(sums));
  for (size_t i = 0; i < meter->records.count; i++)
    if ((double)record_at(meter, i)->loudness > gate)
      add_record(&sums, &table, record_at(meter, i), meter->n_channels > 1);
  if (!sums.n)
    return LAC_OK;
  fill_spectrum(meter, &sums, spectrum);
  fill_stereo(meter, &sums, stereo);
  return fill_quantiles(meter, gate, spectrum);
}
