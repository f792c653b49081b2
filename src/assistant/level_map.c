/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/level_map.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/loudness.h"
#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/gain_computer.h"

enum { QUANTILES = 50 };

/* What is searched; makeup follows from the rest. `GAP`: of the upward threshold under the other. */
enum { THRESHOLD, SLOPE, KNEE, GAP, UP_SLOPE, UP_RANGE, VALUES };

typedef struct Values {
  double of[VALUES];
} Values;

typedef struct Search {
  const LacBandLevels *source;
  double wanted[QUANTILES]; /* levels in LUFS, at the source's loudness */
  Values low, high;
  unsigned n_values;      /* fewer without the upward stage */
  double *blocks;         /* levels of the source behind the compressor */
  float *down_db, *up_db; /* of its windows */
} Search;

/* Ratios 3, both together 6; the makeup gain that is weighed like the former. */
static const double most_slope = 2.0 / 3.0, most_sum = 5.0 / 6.0, most_makeup_db = 6.0;
/* In dB^2. The target is what was asked for: outweighs a distance of a few hundredths of a dB, no more. */
static const double prior = 0.05;
/* Sharper bends are heard, and blocks of 400 ms do not see them; wider ones are no bends of mastering. */
static const double least_knee_db = 3.0, most_knee_db = 20.0;
static const double most_lift_db = 12.0, widest_gap_db = 20.0;
/* Thresholds so far under the loudest window: a song has nothing of its own below. */
static const double depth_db = 40.0;
/* A distance that nobody hears, and the share of one that is not worth a compressor: predictions err by half of it. */
static const double least_distance_db = 0.3, least_gain = 0.2;
static const double windows_hz = 20.0;

/* ---- distributions ---- */

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Of rising values, between neighbours in a straight line; fraction 0..1. */
static double quantile(const double *sorted, size_t n, double fraction) {
  const double place = fraction * (double)(n - 1);
  const size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
  return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

static size_t first_above(const double *sorted, size_t n, double gate) {
  size_t first = 0;
  while (first < n && !(sorted[first] > gate))
    first++;
  return first;
}

static double mean_db(const double *levels, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += lac_power_from_db(levels[i]);
  return n ? lac_db_from_power(sum / (double)n) : NAN;
}

/* Sorts the levels of blocks. Quantiles of those that pass both gates, and their loudness; false: too few. */
static bool gated_quantiles(double *levels, size_t n, double quantiles[QUANTILES], double *loudness) {
  qsort(levels, n, sizeof *levels, compare_double);
  size_t first = first_above(levels, n, LAC_LEVEL_SILENCE_LUFS);
  first += first_above(levels + first, n - first, mean_db(levels + first, n - first) - 10.0);
  if (n - first < LAC_LEVEL_LEAST_BLOCKS)
    return false;
  *loudness = mean_db(levels + first, n - first);
  for (unsigned q = 0; q < QUANTILES; q++)
    quantiles[q] = quantile(levels + first, n - first, (q + 0.5) / QUANTILES);
  return true;
}

/* At equal loudness. */
static double distance(const double a[QUANTILES], double a_lufs, const double b[QUANTILES], double b_lufs) {
  double sum = 0;
  for (unsigned q = 0; q < QUANTILES; q++)
    sum += fabs((a[q] - a_lufs) - (b[q] - b_lufs));
  return sum / QUANTILES;
}

/* From the 10th to the 90th percentile; quantile q stands for (q + 0.5) / QUANTILES. */
static double span(const double quantiles[QUANTILES]) {
  const double end = (0.9 * QUANTILES - 0.5) / (QUANTILES - 1);
  return quantile(quantiles, QUANTILES, end) - quantile(quantiles, QUANTILES, 1.0 - end);
}

/* Levels of 400 ms; gains of the windows in dB, NULL: none. */
static void find_blocks(const LacBandLevels *levels, const float *down_db, const float *up_db, double *blocks) {
  for (size_t i = 0; i < levels->n_windows; i += LAC_WINDOWS_PER_BLOCK) {
    double sum = 0;
    for (size_t k = i; k < i + LAC_WINDOWS_PER_BLOCK; k++) {
      const double gain_db = down_db ? (double)up_db[k] - (double)down_db[k] : 0.0;
      sum += levels->power[k] * (gain_db < 0 || gain_db > 0 ? lac_power_from_db(gain_db) : 1.0);
    }
    blocks[i / LAC_WINDOWS_PER_BLOCK] = lac_lufs_from_mean_square(sum / LAC_WINDOWS_PER_BLOCK);
  }
}

/* ---- the compressor ---- */

static void run_times(float *amounts, uint32_t n) {
  LacBallistics lane = {0};
  lac_ballistics_set(&lane, 1e-3 * LAC_LEVEL_ATTACK_MS, 1e-3 * LAC_LEVEL_RELEASE_MS, 0.0, windows_hz);
  lac_ballistics_rest(&lane, n ? (double)amounts[0] : 0.0);
  lac_ballistics_run(&lane, 1, &amounts, n);
}

/* The blocks behind these values; the lift goes through its times as what is missing of the most, which rises with the
 * level as reduction does: as in the processor. */
static void run_compressor(const Search *search, const Values *values) {
  const LacBandLevels *source = search->source;
  const uint32_t n = (uint32_t)source->n_windows;
  const LacGainCurve down = {.threshold_db = values->of[THRESHOLD],
                             .slope = values->of[SLOPE],
                             .knee_db = values->of[KNEE],
                             .range_db = LAC_DYNAMICS_NO_RANGE_DB};
  const LacGainCurve up = {.threshold_db = values->of[THRESHOLD] - values->of[GAP],
                           .slope = values->of[UP_SLOPE],
                           .knee_db = values->of[KNEE],
                           .range_db = values->of[UP_RANGE],
                           .fade_db = LAC_LEVEL_SILENCE_LUFS + source->offset_db,
                           .is_below = true};
  const bool lifts = up.slope > 0;
  for (uint32_t i = 0; i < n; i++) {
    const double heard_db = source->heard_db[i];
    search->down_db[i] = heard_db > -200.0 ? (float)lac_gain_curve_db(&down, heard_db) : 0.0F;
    search->up_db[i] =
        (float)(lifts && heard_db > -200.0 ? most_lift_db - lac_gain_curve_db(&up, heard_db) : most_lift_db);
  }
  run_times(search->down_db, n);
  if (lifts)
    run_times(search->up_db, n);
  for (uint32_t i = 0; i < n; i++)
    search->up_db[i] = (float)most_lift_db - search->up_db[i];
  find_blocks(source, search->down_db, search->up_db, search->blocks);
}

/* Where both stages bend or slope at once they are bounded together; the upward one has a level to begin under. */
static bool is_allowed(const Search *search, const Values *values) {
  const bool is_apart = values->of[GAP] >= values->of[KNEE];
  return (is_apart || values->of[SLOPE] + values->of[UP_SLOPE] <= most_sum) &&
         (values->of[UP_SLOPE] <= 0 || values->of[THRESHOLD] - values->of[GAP] <= search->high.of[THRESHOLD]);
}

static double square(double x) {
  return x * x;
}

/* What the values cost, and the makeup gain that suits them best: the gates move with it, so that it is the mean of
 * what is missing. */
static double cost_of(const Search *search, const Values *values, double *makeup_db) {
  double got[QUANTILES], loudness, missing = 0, sum = 0;
  if (!is_allowed(search, values))
    return INFINITY;
  run_compressor(search, values);
  if (!gated_quantiles(search->blocks, search->source->n_windows / LAC_WINDOWS_PER_BLOCK, got, &loudness))
    return INFINITY;
  for (unsigned q = 0; q < QUANTILES; q++)
    missing += (search->wanted[q] - got[q]) / QUANTILES;
  *makeup_db = missing > most_makeup_db ? most_makeup_db : missing < -most_makeup_db ? -most_makeup_db : missing;
  for (unsigned q = 0; q < QUANTILES; q++)
    sum += square(search->wanted[q] - got[q] - *makeup_db) / QUANTILES;
  return sum + prior * (square(values->of[SLOPE]) + square(values->of[UP_SLOPE]) + square(*makeup_db / most_makeup_db));
}

/* ---- the search ---- */

static void keep_better(const Search *search, const Values *values, Values *best, double *least) {
  double makeup_db;
  const double cost = cost_of(search, values, &makeup_db);
  if (cost < *least) {
    *least = cost;
    *best = *values;
  }
}

/* Coarsely over thresholds and ratios, which have several valleys; with the upward stage also over its ratio. */
static void look_around(const Search *search, Values *best, double *least) {
  const unsigned n_up = search->n_values == VALUES ? 2 : 1;
  const Values start = *best;
  for (unsigned t = 0; t < 16; t++)
    for (unsigned s = 0; s < 4; s++)
      for (unsigned k = 0; k < n_up; k++) {
        Values values = start;
        values.of[THRESHOLD] = search->high.of[THRESHOLD] - t / 16.0 * depth_db;
        values.of[SLOPE] = most_slope * (n_up > 1 ? s / 4.0 : (s + 1) / 4.0);
        values.of[UP_SLOPE] = n_up > 1 ? most_slope * (k ? 0.9 : 0.4) : 0.0;
        keep_better(search, &values, best, least);
      }
}

static double bounded(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* Pattern search (Hooke & Jeeves, "Direct Search Solution of Numerical and Statistical Problems", J. ACM 8, 1961):
 * every value by a step up or down as long as that is better, then half the step. */
static void refine(const Search *search, Values *best, double *least) {
  Values step = {{4.0, 0.2, 4.0, 4.0, 0.2, 4.0}};
  for (unsigned halving = 0; halving < 6; halving++) {
    for (bool has_moved = true; has_moved;) {
      const double before = *least;
      for (unsigned v = 0; v < search->n_values; v++)
        for (int sign = -1; sign <= 1; sign += 2) {
          Values values = *best;
          values.of[v] = bounded(values.of[v] + sign * step.of[v], search->low.of[v], search->high.of[v]);
          keep_better(search, &values, best, least);
        }
      has_moved = *least < before - 1e-3;
    }
    for (unsigned v = 0; v < VALUES; v++)
      step.of[v] *= 0.5;
  }
}

/* One compressor first; then with the upward stage, which has to be better: over the same levels, and below them. */
static Values find_values(Search *search, bool may_lift) {
  static const double gaps_db[] = {-10.0, 5.0};
  double loudest = -INFINITY, least = INFINITY;
  for (size_t i = 0; i < search->source->n_windows; i++)
    loudest = fmax(loudest, search->source->heard_db[i]);
  loudest = fmin(loudest, 0.0); /* as far as thresholds go */
  search->low = (Values){{loudest - depth_db, 0, least_knee_db, -widest_gap_db, 0, 0}};
  search->high = (Values){{loudest, most_slope, most_knee_db, widest_gap_db, most_slope, most_lift_db}};
  search->n_values = GAP;
  Values best = {{loudest, 0, 2.0 * least_knee_db, 0, 0, most_lift_db}};
  look_around(search, &best, &least);
  refine(search, &best, &least);
  search->n_values = VALUES;
  for (unsigned i = 0; i < (may_lift ? 2 : 0); i++) {
    Values values = best;
    double least_here = INFINITY;
    values.of[GAP] = gaps_db[i];
    values.of[UP_RANGE] = most_lift_db;
    look_around(search, &values, &least_here);
    refine(search, &values, &least_here);
    best = least_here < least ? values : best;
    least = fmin(least, least_here);
  }
  return best;
}

static void tell(const Values *values, double makeup_db, LacLevelMap *map) {
  map->is_needed = true;
  map->threshold_db = values->of[THRESHOLD];
  map->ratio = 1.0 / (1.0 - values->of[SLOPE]);
  map->knee_db = values->of[KNEE];
  map->makeup_db = makeup_db;
  map->up_threshold_db = values->of[THRESHOLD] - values->of[GAP];
  map->up_ratio = 1.0 / (1.0 - values->of[UP_SLOPE]);
  map->up_range_db = values->of[UP_RANGE];
}

/* `target`: its gated quantiles against their loudness. */
static void fit(Search *search, const double target[QUANTILES], const LacLevelGoal *goal, LacLevelMap *map) {
  const size_t n_blocks = search->source->n_windows / LAC_WINDOWS_PER_BLOCK;
  double own[QUANTILES], got[QUANTILES], loudness, makeup_db;
  find_blocks(search->source, NULL, NULL, search->blocks);
  if (!gated_quantiles(search->blocks, n_blocks, own, &loudness))
    return;
  map->before_db = map->after_db = distance(own, loudness, target, 0.0);
  map->source_span_db = span(own);
  map->target_span_db = span(target);
  const bool is_narrower = map->target_span_db < map->source_span_db; /* the only way that a compressor goes */
  if (map->before_db < least_distance_db || !is_narrower || !(goal->amount > 0))
    return;
  for (unsigned q = 0; q < QUANTILES; q++)
    search->wanted[q] = own[q] + goal->amount * (loudness + target[q] - own[q]);
  const Values values = find_values(search, goal->may_lift);
  (void)cost_of(search, &values, &makeup_db);
  if (!gated_quantiles(search->blocks, n_blocks, got, &loudness))
    return;
  const double after_db = distance(got, loudness, target, 0.0);
  if (after_db > (1.0 - least_gain) * map->before_db)
    return;
  map->after_db = after_db;
  tell(&values, makeup_db, map);
}

/* False: too few blocks. */
static bool target_quantiles(const LacBandLevels *target, double *blocks, double quantiles[QUANTILES]) {
  double loudness;
  find_blocks(target, NULL, NULL, blocks);
  if (!gated_quantiles(blocks, target->n_windows / LAC_WINDOWS_PER_BLOCK, quantiles, &loudness))
    return false;
  for (unsigned q = 0; q < QUANTILES; q++)
    quantiles[q] -= loudness;
  return true;
}

LacStatus lac_level_map_fit(const LacBandLevels *source, const LacBandLevels *target, const LacLevelGoal *goal,
                            LacLevelMap *map) {
  const size_t longer = source->n_windows > target->n_windows ? source->n_windows : target->n_windows;
  double wanted[QUANTILES];
  Search search = {.source = source};
  *map = (LacLevelMap){
      .ratio = 1.0, .up_ratio = 1.0, .before_db = NAN, .after_db = NAN, .source_span_db = NAN, .target_span_db = NAN};
  search.blocks = lac_alloc(longer / LAC_WINDOWS_PER_BLOCK + 1, sizeof(double));
  search.down_db = lac_alloc(source->n_windows + 1, sizeof(float));
  search.up_db = lac_alloc(source->n_windows + 1, sizeof(float));
  const LacStatus status = search.blocks && search.down_db && search.up_db ? LAC_OK : LAC_ERR_MEMORY;
  if (!status && target_quantiles(target, search.blocks, wanted))
    fit(&search, wanted, goal, map);
  lac_free(search.blocks);
  lac_free(search.down_db);
  lac_free(search.up_db);
  return status;
}
