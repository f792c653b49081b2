/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/lossy_edge.h"

#include <math.h>

#include "dsp/elementary.h"

/* The fall is read between two stretches of 1 kHz with 500 Hz between their near ends: codecs fall 30..90 dB there,
 * 96 dB per octave at 16 kHz falls 7 dB (measured on filtered noise). */
static const double GAP_HZ = 500, STRETCH_HZ = 1000, LOWEST_EDGE_HZ = 4000, STEP_HZ = 50;
static const double LEAST_FALL_DB = 20;
static const double FLOOR_DB = -130; /* mean square of a 5 Hz bin: the rounding of 24 bits lies at -180 */
static const double AUDIBLE_DB = -115;

typedef struct Bins {
  const double *power;
  uint32_t n;
  double hz, scale;
} Bins;

static double level_db(const Bins *bins, double from_hz, double to_hz) {
  uint32_t first = (uint32_t)floor(from_hz / bins->hz + 0.5), end = (uint32_t)floor(to_hz / bins->hz + 0.5);
  end = end < bins->n ? end : bins->n;
  double sum = 0;
  for (uint32_t k = first; k < end; k++)
    sum += bins->power[k];
  const double mean = end > first ? sum / (end - first) * bins->scale : 0;
  const double floor_power = lac_power_from_db(FLOOR_DB);
  return lac_db_from_power(mean > floor_power ? mean : floor_power);
}

static double fall_db(const Bins *bins, double hz) {
  const double nyquist = (bins->n - 1) * bins->hz;
  const double above_end = hz + GAP_HZ / 2 + STRETCH_HZ < nyquist ? hz + GAP_HZ / 2 + STRETCH_HZ : nyquist;
  return level_db(bins, hz - GAP_HZ / 2 - STRETCH_HZ, hz - GAP_HZ / 2) - level_db(bins, hz + GAP_HZ / 2, above_end);
}

/* The middle of the fall: where the level passes half-way between both sides. */
static double middle_of_fall(const Bins *bins, double hz) {
  const double below = level_db(bins, hz - GAP_HZ / 2 - STRETCH_HZ, hz - GAP_HZ / 2);
  const double half_way = below - fall_db(bins, hz) / 2;
  double at = hz - GAP_HZ;
  while (at < hz + GAP_HZ && level_db(bins, at, at + STEP_HZ) > half_way)
    at += bins->hz;
  return at;
}

/* Nothing may come back above an edge. */
static bool stays_down(const Bins *bins, double hz, double fall) {
  const double nyquist = (bins->n - 1) * bins->hz;
  const double below = level_db(bins, hz - GAP_HZ / 2 - STRETCH_HZ, hz - GAP_HZ / 2);
  for (double at = hz + GAP_HZ / 2; at + STEP_HZ < nyquist; at += 4 * STEP_HZ)
    if (level_db(bins, at, at + 4 * STEP_HZ) > below - fall / 2)
      return false;
  return true;
}

void lac_lossy_edge_find(const double *bin_power, uint32_t n_bins, double bin_hz, double scale, double *cutoff_hz,
                         double *edge_db) {
  const Bins bins = {bin_power, n_bins, bin_hz, scale};
  const double nyquist = (n_bins - 1) * bin_hz;
  double fall = 0, edge = 0;
  *cutoff_hz = *edge_db = NAN;
  for (double hz = LOWEST_EDGE_HZ; hz + GAP_HZ / 2 + 2 * STEP_HZ < nyquist; hz += STEP_HZ) {
    const double here = fall_db(&bins, hz);
    if (here > fall) {
      fall = here;
      edge = hz;
    }
  }
  if (fall >= LEAST_FALL_DB && stays_down(&bins, edge, fall)) {
    *cutoff_hz = middle_of_fall(&bins, edge);
    *edge_db = fall;
  } else if (nyquist > 2 * STRETCH_HZ && level_db(&bins, nyquist - STRETCH_HZ, nyquist) > AUDIBLE_DB) {
    *cutoff_hz = nyquist;
  }
}
