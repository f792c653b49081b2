/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/tone_target.h"

#include <math.h>

#include <lacquer/assistant.h>

#include "analysis/band_scale.h"
#include "dsp/elementary.h"

typedef struct Point {
  double hz;
  double db;
} Point;

/* Current masters over the mean of 1950-2015 (13 masters, so half of it: +7 dB at 63-160 Hz, +1 at 200-500 Hz, +0.4 at
 * 630 Hz-1.6 kHz, +1 at 2-5 kHz, +4.4 at 6.3-12.5 kHz). */
static const Point current_db[] = {{30, 1.0},   {63, 3.5},   {125, 3.5},  {200, 0.8},   {500, 0.4},  {1600, 0.2},
                                   {3150, 0.5}, {5000, 1.0}, {6300, 2.2}, {12500, 2.2}, {16000, 1.0}};
/* Standard deviation between songs: the published spread of commercial songs and the robust one that 100 songs of the
 * free corpus show around this target (8 dB at 54 Hz, 5 at 124, 4.5 at 400, 3 at 1 kHz, 4.5 at 3.7 kHz, 8 at 6.6 kHz),
 * whichever is wider below 4 kHz, half-way between the two above it. */
static const Point spread_table[] = {{20, 12.0},  {50, 8.5},    {80, 6.5},    {125, 5.2},  {200, 4.6},
                                     {600, 4.2},  {1000, 3.2},  {2000, 3.5},  {3500, 4.3}, {5000, 5.2},
                                     {8000, 6.5}, {12500, 8.0}, {16000, 11.0}};

/* Straight lines over log frequency, constant beyond the ends. */
static double interpolate(const Point *points, size_t count, double f_hz) {
  if (f_hz <= points[0].hz)
    return points[0].db;
  for (size_t i = 1; i < count; i++) {
    if (f_hz < points[i].hz) {
      double span = lac_log2(points[i].hz / points[i - 1].hz);
      double part = lac_log2(f_hz / points[i - 1].hz) / span;
      return points[i - 1].db + part * (points[i].db - points[i - 1].db);
    }
  }
  return points[count - 1].db;
}

/* Elowsson and Friberg 2017: x in sixtieths of an octave above 30 Hz. */
static double mean_density_db(double f_hz) {
  double x = 60.0 * lac_log2(f_hz / 30.0) + 1.0;
  return f_hz >= 94.0 ? -0.000183 * x * x + 0.0213 * x - 16.735 : -0.000907 * x * x + 0.256 * x - 32.942;
}

double lac_tone_target_density_db(double f_hz) {
  const size_t count = sizeof current_db / sizeof current_db[0];
  return mean_density_db(f_hz) - mean_density_db(1000.0) + interpolate(current_db, count, f_hz) -
         interpolate(current_db, count, 1000.0);
}

/* Four of five songs lie within 1.25 deviations. With one deviation a third of every finished song would be "wrong":
 * the median edit on the corpus is then 0.64 dB, so it is 0.38 dB. */
static const double normal_deviations = 1.25;

double lac_tone_target_spread_db(double f_hz) {
  return normal_deviations * interpolate(spread_table, sizeof spread_table / sizeof spread_table[0], f_hz);
}

/* Integral of the density from low to high, by 16 slices. */
static double band_power_db(double low_hz, double high_hz) {
  enum { SLICES = 16 };
  double width = (high_hz - low_hz) / SLICES;
  double sum = 0.0;
  for (int i = 0; i < SLICES; i++)
    sum += width * lac_power_from_db(lac_tone_target_density_db(low_hz + (i + 0.5) * width));
  return lac_db_from_power(sum);
}

void lac_tone_target_bands(double bands_hz[LAC_BANDS], double level_db[LAC_BANDS], double spread_db[LAC_BANDS]) {
  LacBandScale scale;
  lac_band_scale_init(&scale);
  for (int b = 0; b < LAC_BANDS; b++) {
    bands_hz[b] = scale.centre_hz[b];
    level_db[b] = band_power_db(scale.edge_hz[b], scale.edge_hz[b + 1]);
    spread_db[b] = lac_tone_target_spread_db(bands_hz[b]);
  }
}

/* 1 where tone may be judged and moved, fading out below 40 Hz and toward 16 kHz or the end of the content. */
static double edge_taper(double f_hz, double top_hz) {
  double low = f_hz <= 25.0 ? 0.0 : f_hz >= 40.0 ? 1.0 : lac_log2(f_hz / 25.0) / lac_log2(40.0 / 25.0);
  double high = f_hz >= top_hz ? 0.0 : f_hz <= 0.7 * top_hz ? 1.0 : lac_log2(top_hz / f_hz) / lac_log2(1.0 / 0.7);
  return low * high;
}

/* Bands that lie this far under the target hold nothing that could be balanced. */
static const double unobserved_db = 22.0;

/* Raises the target to the source: the weighted mean difference, far bands counting only up to 6 dB (Huber). */
static void level_target(LacToneView *view) {
  double offset = 0.0;
  for (int round = 0; round < 8; round++) {
    double sum = 0.0;
    double weights = 0.0;
    for (int b = 0; b < LAC_BANDS; b++) {
      double difference = view->source_db[b] - view->target_db[b] - offset;
      if (round == 0) /* the first round finds the rough level */
        difference = difference < -100.0 ? -100.0 : difference;
      else
        difference = difference > 6.0 ? 6.0 : difference < -6.0 ? -6.0 : difference;
      sum += view->weight[b] * difference;
      weights += view->weight[b];
    }
    offset += weights > 0.0 ? sum / weights : 0.0;
  }
  for (int b = 0; b < LAC_BANDS; b++)
    view->target_db[b] += offset;
}

static void find_errors(LacToneView *view) {
  double raw[LAC_BANDS];
  for (int b = 0; b < LAC_BANDS; b++) {
    raw[b] = view->target_db[b] - view->source_db[b];
    if (raw[b] > unobserved_db)
      view->weight[b] = 0.0;
  }
  for (int b = 0; b < LAC_BANDS; b++) {
    /* Neighbours that are not there do not pull. */
    double sum = 2.0 * raw[b];
    double count = 2.0;
    if (b > 0 && view->weight[b - 1] > 0.0)
      sum += raw[b - 1], count += 1.0;
    if (b + 1 < LAC_BANDS && view->weight[b + 1] > 0.0)
      sum += raw[b + 1], count += 1.0;
    double error = sum / count;
    double beyond = fabs(error) - view->spread_db[b];
    view->error_db[b] = view->weight[b] > 0.0 ? error : 0.0;
    view->need_db[b] = view->weight[b] > 0.0 && beyond > 0.0 ? (error > 0.0 ? beyond : -beyond) : 0.0;
  }
}

bool lac_tone_view(const LacAnalysis *analysis, LacToneView *view) {
  const LacSpectrum *spectrum = &analysis->spectrum;
  double top_hz = 16000.0;
  size_t n_observed = 0;
  *view = (LacToneView){0};
  if (!(analysis->measured & LAC_MEASURE_SPECTRUM))
    return false;
  if (isfinite(spectrum->cutoff_hz) && spectrum->cutoff_hz < top_hz)
    top_hz = spectrum->cutoff_hz;
  if (0.5 * analysis->rate_hz < top_hz)
    top_hz = 0.5 * analysis->rate_hz;
  lac_tone_target_bands(view->bands_hz, view->target_db, view->spread_db);
  for (int b = 0; b < LAC_BANDS; b++) {
    double side =
        analysis->n_channels > 1 && isfinite(spectrum->side_db[b]) ? lac_power_from_db(spectrum->side_db[b]) : 0;
    double mid = isfinite(spectrum->mid_db[b]) ? lac_power_from_db(spectrum->mid_db[b]) : 0.0;
    bool is_there = mid + side > 1e-15;
    view->source_db[b] = is_there ? lac_db_from_power(mid + side) : -150.0;
    view->weight[b] =
        is_there ? edge_taper(view->bands_hz[b], top_hz) / (view->spread_db[b] * view->spread_db[b]) : 0.0;
    n_observed += view->weight[b] > 0.0;
  }
  if (n_observed < LAC_BANDS / 4) /* a lone tone has no balance */
    return false;
  level_target(view);
  find_errors(view);
  return true;
}

bool lac_assistant_tone_band(const LacAnalysis *analysis, double low_db[LAC_BANDS], double high_db[LAC_BANDS]) {
  LacToneView view;
  if (!lac_tone_view(analysis, &view))
    return false;
  for (int b = 0; b < LAC_BANDS; b++) {
    low_db[b] = view.target_db[b] - view.spread_db[b];
    high_db[b] = view.target_db[b] + view.spread_db[b];
  }
  return true;
}
