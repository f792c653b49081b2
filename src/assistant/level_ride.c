/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/level_ride.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/loudness.h"
#include "assistant/curve_points.h"
#include "assistant/level_sections.h"
#include "core/memory.h"
#include "dsp/bounded_fit.h"
#include "dsp/elementary.h"

enum { HOPS_PER_S = 10, HALF_WINDOW = 15, BORDER_REACH = 15 };

/* Times over which the gain may turn, and hold still where nothing is to be ridden. */
static const double section_turn_s = 5.0, border_turn_s = 1.0, hold_s = 10.0;
/* More of the distance than this is no riding: sections lose their shape and the gain hurries (2.5 dB/s and more). */
static const double most_amount = 0.75;
/* A gain below this everywhere is not worth a curve; nor is a range this near to the one asked for. */
static const double least_db = 0.1, near_lu = 0.05;
/* A fade falls by so much at least, from one stretch of 3 s to the next without a break, in 5 s or more. */
static const double fade_db = 10.0, fade_db_per_stretch = 0.9;
enum { FADE_HOPS = 5 * HOPS_PER_S, FADE_STRETCH = 3 * HOPS_PER_S };

typedef struct Ride {
  size_t n;
  double *power;   /* mean square of each hop */
  double *changed; /* the same behind the gain */
  double *level;   /* short-term loudness around each hop */
  double *weight, *wanted, *slope, *bend;
  double *gain; /* u */
  double *sorted;
  bool *is_border;
  double bound, low, high; /* quantiles of the gated level */
  double own_range_lu;     /* of `power`: what predictions are compared with */
} Ride;

static void ride_free(Ride *ride) {
  void *all[] = {ride->power, ride->changed, ride->level, ride->weight, ride->wanted,
                 ride->slope, ride->bend,    ride->gain,  ride->sorted, ride->is_border};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    lac_free(all[i]);
}

static LacStatus ride_new(Ride *ride, size_t n) {
  double **all[] = {&ride->power, &ride->changed, &ride->level, &ride->weight, &ride->wanted,
                    &ride->slope, &ride->bend,    &ride->gain,  &ride->sorted};
  bool is_complete = true;
  ride->n = n;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    is_complete = (*all[i] = lac_calloc(n, sizeof(double))) != NULL && is_complete;
  ride->is_border = lac_calloc(n, sizeof(bool));
  return is_complete && ride->is_border ? LAC_OK : LAC_ERR_MEMORY;
}

/* ---- what the analysis knows ---- */

/* Mean square of hop j. The momentary loudness of 400 ms is what is kept: the two windows around the hop, which blurs
 * it by 500 ms, little beside the 3 s that everything here is about. */
static double hop_power(const LacHistory *history, size_t j) {
  double sum = 0;
  for (size_t end = j + 1; end <= j + 2; end++) {
    size_t i = end < LAC_LOUDNESS_MOMENTARY_HOPS - 1 ? LAC_LOUDNESS_MOMENTARY_HOPS - 1 : end;
    double lufs = (double)history->momentary_lufs[i < history->count ? i : history->count - 1];
    sum += isfinite(lufs) ? lac_power_from_db(lufs + 0.691) : 0.0;
  }
  return 0.5 * sum;
}

static double level_of(const Ride *ride, size_t from, size_t to) {
  double sum = 0;
  for (size_t k = from; k < to; k++)
    sum += ride->power[k];
  return lac_lufs_from_mean_square(sum / (double)(to - from));
}

/* The three seconds around every hop, cut off where its section begins and ends: across a border they would foretell
 * what comes, and the gain would give way before it does. */
static void find_levels(Ride *ride) {
  size_t begin = 0, end = 0;
  for (size_t j = 0; j < ride->n; j++) {
    if (j == end) {
      begin = j;
      for (end = j + 1; end < ride->n && !ride->is_border[end];)
        end++;
    }
    size_t from = j > begin + HALF_WINDOW ? j - HALF_WINDOW : begin;
    ride->level[j] = level_of(ride, from, j + HALF_WINDOW < end ? j + HALF_WINDOW : end);
  }
}

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The gates of the loudness range (EBU Tech 3342): -70 LUFS, and 20 LU below the mean of what passes that. Finds the
 * 10th and 95th percentile of what remains; false when nothing does. */
static bool gate(Ride *ride) {
  double sum = 0;
  size_t n = 0;
  for (size_t j = 0; j < ride->n; j++)
    if (ride->level[j] >= -70.0) {
      sum += lac_power_from_db(ride->level[j]);
      n++;
    }
  double least = n ? lac_db_from_power(sum / (double)n) - 20.0 : 0;
  n = 0;
  for (size_t j = 0; j < ride->n; j++) {
    ride->weight[j] = ride->level[j] >= -70.0 && ride->level[j] >= least ? 1.0 : 0.0;
    if (ride->weight[j] > 0)
      ride->sorted[n++] = ride->level[j];
  }
  if (!n)
    return false;
  qsort(ride->sorted, n, sizeof(double), compare_double);
  ride->low = ride->sorted[(size_t)(0.10 * (double)(n - 1) + 0.5)];
  ride->high = ride->sorted[(size_t)(0.95 * (double)(n - 1) + 0.5)];
  return true;
}

/* Level of the hop `k` from the beginning, or from the end. */
static double level_from(const Ride *ride, bool from_end, size_t k) {
  return ride->level[from_end ? ride->n - 1 - k : k];
}

/* A fade is meant: its part of the song is left alone. Walks from the first sound inward while it gets louder. */
static void leave_fade(Ride *ride, bool from_end) {
  size_t first = 0;
  while (first < ride->n && ride->weight[from_end ? ride->n - 1 - first : first] == 0)
    first++;
  size_t k = first;
  while (k + FADE_STRETCH < ride->n &&
         level_from(ride, from_end, k + FADE_STRETCH) > level_from(ride, from_end, k) + fade_db_per_stretch)
    k++;
  if (k < first + FADE_HOPS || level_from(ride, from_end, k) < level_from(ride, from_end, first) + fade_db)
    return;
  for (size_t i = first; i < k; i++)
    ride->weight[from_end ? ride->n - 1 - i : i] = 0;
}

static double fourth_power(double x) {
  return x * x * x * x;
}

/* Borders from the plain loudness, then the loudness of each section by itself. */
static LacStatus find_sections(Ride *ride) {
  for (size_t j = 0; j < ride->n; j++)
    ride->wanted[j] = lac_db_from_power(ride->power[j] + 1e-8);
  LacStatus status = lac_level_sections(ride->level, ride->wanted, ride->weight, ride->n, ride->is_border);
  find_levels(ride);
  return status;
}

/* How stiff the gain is at every hop. */
static void find_stiffness(Ride *ride) {
  const double section = fourth_power(section_turn_s * HOPS_PER_S), border = fourth_power(border_turn_s * HOPS_PER_S);
  const double hold = hold_s * HOPS_PER_S * hold_s * HOPS_PER_S;
  for (size_t j = 0; j < ride->n; j++) {
    ride->bend[j] = section;
    ride->slope[j] = ride->weight[j] > 0 ? 0 : hold;
  }
  for (size_t j = 0; j < ride->n; j++) {
    const size_t end = j + BORDER_REACH < ride->n ? j + BORDER_REACH : ride->n;
    for (size_t k = j > BORDER_REACH ? j - BORDER_REACH : 0; k < end && ride->is_border[j]; k++)
      ride->bend[k] = border;
  }
}

/* ---- the gain ---- */

static LacStatus fit(Ride *ride, double amount) {
  double middle = 0.5 * (ride->low + ride->high);
  for (size_t j = 0; j < ride->n; j++)
    ride->wanted[j] = ride->weight[j] > 0 ? amount * (middle - ride->level[j]) : 0;
  const LacBoundedFit problem = {.n = ride->n,
                                 .wanted = ride->wanted,
                                 .weight = ride->weight,
                                 .slope = ride->slope,
                                 .bend = ride->bend,
                                 .bound = ride->bound};
  return lac_bounded_fit(&problem, ride->gain, NULL);
}

/* The loudness range behind the gain, as a change of the measured one. */
static LacStatus predict(Ride *ride, double measured_lu, double *range_lu) {
  for (size_t j = 0; j < ride->n; j++)
    ride->changed[j] = ride->power[j] * lac_power_from_db(ride->gain[j]);
  LacStatus status = lac_loudness_range(ride->changed, ride->n, 1, range_lu);
  *range_lu += measured_lu - ride->own_range_lu;
  return status;
}

static LacStatus try_amount(Ride *ride, double amount, double measured_lu, double *range_lu) {
  LacStatus status = fit(ride, amount);
  return status ? status : predict(ride, measured_lu, range_lu);
}

/* The amount that brings the range to what is asked, by halving. */
static LacStatus solve_amount(Ride *ride, double range_lu, LacRideResult *result) {
  double low = 0, high = most_amount, found;
  LacStatus status = try_amount(ride, high, result->before_lu, &found);
  result->is_limited = !status && found > range_lu + near_lu;
  for (int i = 0; i < 12 && !status && !result->is_limited && fabs(found - range_lu) > 0.2 * near_lu; i++) {
    double middle = 0.5 * (low + high);
    status = try_amount(ride, middle, result->before_lu, &found);
    if (found > range_lu)
      low = middle;
    else
      high = middle;
    result->amount_percent = 100.0 * middle;
  }
  if (result->is_limited)
    result->amount_percent = 100.0 * most_amount;
  return status;
}

/* ---- the curve ---- */

static double seconds_of(size_t hop) {
  return ((double)hop + 0.5) / HOPS_PER_S;
}

/* The curve as the leveler will run it, back at the hops: its range, its ends, its speed. */
static LacStatus look_at(Ride *ride, const LacLevelRide *made, LacRideResult *result) {
  LacStatus status =
      lac_curve_points_run(made->points, made->n_points, 0.5 / HOPS_PER_S, 1.0 / HOPS_PER_S, ride->gain, ride->n);
  if (status)
    return status;
  for (size_t j = 0; j < ride->n; j++) {
    double speed = j > 0 ? HOPS_PER_S * fabs(ride->gain[j] - ride->gain[j - 1]) : 0;
    result->lowest_db = ride->gain[j] < result->lowest_db ? ride->gain[j] : result->lowest_db;
    result->highest_db = ride->gain[j] > result->highest_db ? ride->gain[j] : result->highest_db;
    result->fastest_db_per_s = speed > result->fastest_db_per_s ? speed : result->fastest_db_per_s;
    result->n_borders += ride->is_border[j];
  }
  result->n_points = made->n_points;
  return predict(ride, result->before_lu, &result->after_lu);
}

static bool is_worth_it(const Ride *ride) {
  for (size_t j = 0; j < ride->n; j++)
    if (fabs(ride->gain[j]) >= least_db)
      return true;
  return false;
}

static LacStatus find(Ride *ride, const LacAnalysis *analysis, const LacRideOptions *options, double step_db,
                      LacLevelRide *made) {
  LacRideResult *result = &made->result;
  for (size_t j = 0; j < ride->n; j++)
    ride->power[j] = hop_power(&analysis->history, j);
  find_levels(ride);
  if (!gate(ride))
    return LAC_OK;
  leave_fade(ride, false);
  leave_fade(ride, true);
  result->most_db = ride->bound = options->most_db > 0 ? fmin(options->most_db, 6.0) : 3.0;
  LacStatus status = find_sections(ride);
  find_stiffness(ride);
  if (!status)
    status = lac_loudness_range(ride->power, ride->n, 1, &ride->own_range_lu);
  result->amount_percent = options->amount_percent > 0 ? fmin(options->amount_percent, 100.0) : 35.0;
  if (!status && isfinite(options->range_lu)) {
    result->amount_percent = 0;
    if (result->before_lu > options->range_lu + near_lu)
      status = solve_amount(ride, options->range_lu, result);
  } else if (!status) {
    status = fit(ride, 0.01 * result->amount_percent);
  }
  if (status || !is_worth_it(ride))
    return status;
  status = lac_curve_points_of(ride->gain, ride->n, seconds_of(0), seconds_of(1) - seconds_of(0), step_db,
                               &made->points, &made->n_points);
  return status ? status : look_at(ride, made, result);
}

LacStatus lac_level_ride_find(const LacAnalysis *analysis, const LacRideOptions *options, double step_db,
                              LacLevelRide *made) {
  Ride ride = {0};
  *made = (LacLevelRide){.result = {.before_lu = analysis->loudness.range_lu, .after_lu = analysis->loudness.range_lu}};
  if (!isfinite(analysis->loudness.range_lu) || !analysis->history.momentary_lufs || !analysis->history.count)
    return LAC_OK;
  LacStatus status = ride_new(&ride, analysis->history.count);
  if (!status)
    status = find(&ride, analysis, options, step_db, made);
  ride_free(&ride);
  if (status)
    lac_level_ride_free(made);
  return status;
}

void lac_level_ride_free(LacLevelRide *ride) {
  lac_free(ride->points);
  ride->points = NULL;
  ride->n_points = 0;
}
