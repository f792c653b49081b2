/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_batch.h"

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/limit_audibility.h"
#include "dsp/limit_image.h"
#include "dsp/true_peak.h"

#include <math.h>
#include <string.h>

enum {
  MOST_ITEMS = 2 * LAC_GAIN_LANES, /* a segment and one of its paths */
  MOST_GUARD_ROUNDS = 4,
  MOST_TRIMS = 8,
  TRIM_FLAT = 4, /* knots either side that a trim lowers fully, and where it ends */
  TRIM_REACH = 16,
  RUN = 128 /* frames per reading of the result */
};

static const float TOLERATED_DB = 0.003f;  /* over the ceiling: the ordinary error of the detector */
static const float CUT_BEYOND_DB = 0.005f; /* what a cut takes off beyond what it found, because neighbours move too */

struct LacLimitWorker {
  LacLimitLayout layout;
  LacLimitRules rules;
  unsigned n_paths, n_items;
  const LacLimitBatch *batch;
  const LacStop *stop;
  LacArena *arena;
  LacGainSolver *solver;
  LacLimitTimes *times;
  LacLimitImage *image;           /* NULL when the channels share their gain */
  LacLimitAudibility *audibility; /* NULL when there is one kind of gain only */
  LacTruePeak *detector;
  float *allowed[LAC_GAIN_LANES][2]; /* per cell of a segment and channel: what it may gain, dB */
  float *openness[LAC_GAIN_LANES];   /* of limit_times.h */
  float *slope[LAC_GAIN_LANES], *bend[LAC_GAIN_LANES], *link[LAC_GAIN_LANES];
  float *cut[MOST_ITEMS], *curve[MOST_ITEMS]; /* cut: what violations have taken off the caps, <= 0 */
  float *other[MOST_ITEMS];                   /* of the kind that is not tried, as below */
  float *other_slope[LAC_GAIN_LANES], *other_bend[LAC_GAIN_LANES];
  float *cap[MOST_ITEMS];
  float *lane_cap, *lane_slope, *lane_bend, *lane_gain; /* [n_knots][8] */
  float *gain, *product;                                /* length_frames */
  float *over; /* per cell of the segment at work, dB over the ceiling, 0 where it holds */
};

unsigned lac_limit_paths(const LacLimitRules *rules) {
  return rules->n_channels > 1 && rules->link < 1.0 ? 2 : 1;
}

static void *take(LacLimitWorker *w, size_t count, size_t size, bool *is_short) {
  void *memory = lac_arena_alloc(w->arena, count, size);
  *is_short |= !memory;
  return memory;
}

static LacStatus take_memory(LacLimitWorker *w) {
  const LacLimitLayout *layout = &w->layout;
  const size_t n = layout->n_knots, length = layout->length_frames, lanes = n * LAC_GAIN_LANES;
  bool is_short = false;
  for (unsigned s = 0; s < LAC_GAIN_LANES; s++) {
    w->openness[s] = take(w, lac_limit_times_count(w->times), sizeof(float), &is_short);
    w->slope[s] = take(w, n, sizeof(float), &is_short);
    w->bend[s] = take(w, n, sizeof(float), &is_short);
    w->link[s] = take(w, n, sizeof(float), &is_short);
    if (w->audibility) {
      w->other_slope[s] = take(w, n, sizeof(float), &is_short);
      w->other_bend[s] = take(w, n, sizeof(float), &is_short);
    }
    for (unsigned c = 0; c < w->rules.n_channels; c++)
      w->allowed[s][c] = take(w, length / layout->spline.step, sizeof(float), &is_short);
  }
  for (unsigned i = 0; i < w->n_paths * LAC_GAIN_LANES; i++) {
    w->cut[i] = take(w, n, sizeof(float), &is_short);
    w->cap[i] = take(w, n, sizeof(float), &is_short);
    w->curve[i] = take(w, n, sizeof(float), &is_short);
    if (w->audibility)
      w->other[i] = take(w, n, sizeof(float), &is_short);
  }
  float **const per_lane[] = {&w->lane_cap, &w->lane_slope, &w->lane_bend, &w->lane_gain};
  for (size_t i = 0; i < 4; i++)
    *per_lane[i] = take(w, lanes, sizeof(float), &is_short);
  w->gain = take(w, length, sizeof(float), &is_short);
  w->product = take(w, length, sizeof(float), &is_short);
  w->over = take(w, layout->n_cells, sizeof(float), &is_short);
  return is_short ? LAC_ERR_MEMORY : LAC_OK;
}

LacStatus lac_limit_worker_new(const LacLimitLayout *layout, const LacLimitRules *rules, LacLimitWorker **out) {
  *out = NULL;
  LacLimitWorker *w = lac_calloc(1, sizeof *w);
  if (!w)
    return LAC_ERR_MEMORY;
  w->layout = *layout;
  w->rules = *rules;
  w->n_paths = lac_limit_paths(rules);
  LacStatus status = lac_arena_new(&w->arena);
  if (status == LAC_OK)
    status = lac_gain_solver_new(layout->n_knots, &w->solver);
  if (status == LAC_OK)
    status = lac_limit_times_new(layout, rules->rate_hz, &w->times);
  if (status == LAC_OK && rules->weights.n_kinds > 1)
    status = lac_limit_audibility_new(layout, rules->rate_hz, &w->audibility);
  if (status == LAC_OK && w->n_paths == 2)
    status = lac_limit_image_new(layout, rules->rate_hz, rules->weights.most_drift_db, &w->image);
  if (status == LAC_OK)
    status = lac_true_peak_new(w->arena, &w->detector);
  if (status == LAC_OK)
    status = take_memory(w);
  if (status != LAC_OK) {
    lac_limit_worker_free(w);
    return status;
  }
  *out = w;
  return LAC_OK;
}

void lac_limit_worker_free(LacLimitWorker *w) {
  if (!w)
    return;
  lac_gain_solver_free(w->solver);
  lac_limit_times_free(w->times);
  lac_limit_audibility_free(w->audibility);
  lac_limit_image_free(w->image);
  lac_arena_free(w->arena);
  lac_free(w);
}

const float *lac_limit_worker_curve(const LacLimitWorker *w, unsigned segment, unsigned path) {
  return w->curve[segment * w->n_paths + path];
}

/* --- What holds the string -------------------------------------------------------------------------------------- */

/* What each cell of each channel allows. */
static void allow_cells(LacLimitWorker *w, unsigned s) {
  const uint32_t n_cells = w->layout.length_frames / w->layout.spline.step;
  for (unsigned c = 0; c < w->rules.n_channels; c++) {
    lac_gain_spline_allow(w->batch->segments[s].cell_peaks[c], w->rules.ceiling_gain, w->allowed[s][c], n_cells);
    lac_limit_times_level(w->times, w->allowed[s][c]);
  }
}

static void weigh(LacLimitWorker *w, unsigned s, unsigned kind) {
  lac_limit_times_weigh(w->times, w->openness[s], &w->rules.weights.kinds[kind], w->slope[s], w->bend[s]);
}

/* And how stiff the string is there, at first. */
static void look_at(LacLimitWorker *w, unsigned s) {
  const LacLimitSegment *segment = &w->batch->segments[s];
  const uint32_t n_cells = w->layout.length_frames / w->layout.spline.step;
  const float *left = w->allowed[s][0], *right = w->rules.n_channels > 1 ? w->allowed[s][1] : left;
  float *allowed = w->gain;
  allow_cells(w, s);
  for (uint32_t i = 0; i < n_cells; i++)
    allowed[i] = fminf(left[i], right[i]);
  lac_limit_times_measure(w->times, (const float *const *)segment->channels, w->rules.n_channels, allowed,
                          w->openness[s]);
  weigh(w, s, 0);
}

/* The caps of one segment. A knot answers for the two cells it stands between, where its weight is largest; what the
 * curve of its neighbours leaves over further out is found by reading the result. */
static void lower_caps(LacLimitWorker *w, unsigned s) {
  const LacLimitLayout *layout = &w->layout;
  const uint32_t margin_cells = layout->margin_frames / layout->spline.step;
  const float *left = w->allowed[s][0] + margin_cells - 2,
              *right = w->rules.n_channels > 1 ? w->allowed[s][1] + margin_cells - 2 : left;
  for (uint32_t k = 0; k < layout->n_knots; k++) {
    const float own[2] = {fminf(left[k], left[k + 1]), fminf(right[k], right[k + 1])};
    const float both = fminf(own[0], own[1]);
    if (w->n_paths == 1) {
      w->cap[s][k] = both + w->cut[s][k];
      continue;
    }
    for (unsigned c = 0; c < 2; c++)
      w->cap[2 * s + c][k] = own[c] + w->link[s][k] * (both - own[c]) + w->cut[2 * s + c][k];
  }
}

/* --- Solving ---------------------------------------------------------------------------------------------------- */

/* Up to eight items side by side. */
static LacStatus solve_lanes(LacLimitWorker *w, const unsigned *items, unsigned n_items, bool is_warm) {
  const uint32_t n = w->layout.n_knots;
  for (unsigned l = 0; l < LAC_GAIN_LANES; l++) {
    const unsigned i = items[l < n_items ? l : 0], s = i / w->n_paths; /* idle lanes repeat the first */
    for (uint32_t k = 0; k < n; k++) {
      w->lane_cap[k * LAC_GAIN_LANES + l] = w->cap[i][k];
      w->lane_slope[k * LAC_GAIN_LANES + l] = w->slope[s][k];
      w->lane_bend[k * LAC_GAIN_LANES + l] = w->bend[s][k];
      w->lane_gain[k * LAC_GAIN_LANES + l] = w->curve[i][k];
    }
  }
  const LacGainProblem problem = {.n_knots = n,
                                  .n_lanes = n_items,
                                  .cap_db = w->lane_cap,
                                  .slope = w->lane_slope,
                                  .bend = w->lane_bend,
                                  .rest = 1.0,
                                  .gain_db = w->lane_gain,
                                  .is_warm = is_warm};
  /* Its worst gap goes unread: what the last step has not settled lies under its caps like the rest, only not calmest,
   * and a later round goes on from there. */
  LacGainSolution solution;
  const LacStatus status = lac_gain_solve(w->solver, &problem, w->stop, &solution);
  if (status != LAC_OK)
    return status;
  for (unsigned l = 0; l < n_items; l++) {
    const unsigned i = items[l];
    for (uint32_t k = 0; k < n; k++) {
      const float u = fminf(w->lane_gain[k * LAC_GAIN_LANES + l], w->cap[i][k]);
      w->curve[i][k] = u > -1e-6f && w->cap[i][k] == 0.0f ? 0.0f : u;
    }
  }
  return LAC_OK;
}

static LacStatus solve(LacLimitWorker *w, const bool *is_wanted, bool is_warm) {
  unsigned items[LAC_GAIN_LANES], n = 0;
  LacStatus status = LAC_OK;
  for (unsigned i = 0; i < w->n_items && status == LAC_OK; i++) {
    if (is_wanted[i])
      items[n++] = i;
    if (n == LAC_GAIN_LANES || (n > 0 && i + 1 == w->n_items)) {
      status = solve_lanes(w, items, n, is_warm);
      n = 0;
    }
  }
  return status;
}

/* --- Fast or calm ----------------------------------------------------------------------------------------------- */

static LacAudible audible_in(LacLimitWorker *w, unsigned s) {
  return lac_limit_audibility_run(w->audibility, s, (const float *const *)w->batch->segments[s].channels,
                                  w->rules.n_channels, (const float *const *)w->curve + (size_t)s * w->n_paths,
                                  w->n_paths);
}

static void exchange(float **a, float **b) {
  float *kept = *a;
  *a = *b;
  *b = kept;
}

/* Puts what stands aside and takes what stood aside: curves and stiffness of a segment. */
static void exchange_kinds(LacLimitWorker *w, unsigned s) {
  for (unsigned i = s * w->n_paths; i < (s + 1) * w->n_paths; i++)
    exchange(&w->curve[i], &w->other[i]);
  exchange(&w->slope[s], &w->other_slope[s]);
  exchange(&w->bend[s], &w->other_bend[s]);
}

/* Solves the segments in `is_open` for a calmer kind; keeps it where it is heard less, and closes the others. */
static LacStatus try_kind(LacLimitWorker *w, unsigned kind, bool *is_open, LacAudible *audible) {
  bool is_wanted[MOST_ITEMS] = {false};
  for (unsigned s = 0; s < w->batch->n_segments; s++) {
    if (!is_open[s])
      continue;
    exchange_kinds(w, s);
    weigh(w, s, kind);
    for (unsigned i = s * w->n_paths; i < (s + 1) * w->n_paths; i++) {
      memcpy(w->curve[i], w->other[i], w->layout.n_knots * sizeof *w->curve[i]);
      is_wanted[i] = true;
    }
  }
  const LacStatus status = solve(w, is_wanted, true);
  for (unsigned s = 0; s < w->batch->n_segments && status == LAC_OK; s++) {
    if (!is_open[s])
      continue;
    const LacAudible tried = audible_in(w, s);
    is_open[s] = lac_limit_is_heard_less(&tried, &audible[s]);
    if (is_open[s])
      audible[s] = tried;
    else
      exchange_kinds(w, s);
  }
  return status;
}

static LacStatus choose_kinds(LacLimitWorker *w) {
  bool is_open[LAC_GAIN_LANES];
  LacAudible audible[LAC_GAIN_LANES];
  LacStatus status = LAC_OK;
  for (unsigned s = 0; s < w->batch->n_segments && w->audibility; s++) {
    if (lac_stopped(w->stop))
      return LAC_ERR_CANCELLED;
    lac_limit_audibility_forget(w->audibility, s);
    audible[s] = audible_in(w, s);
    is_open[s] = lac_limit_is_audible(&audible[s]);
  }
  for (unsigned kind = 1; kind < w->rules.weights.n_kinds && status == LAC_OK; kind++)
    status = try_kind(w, kind, is_open, audible);
  return status;
}

/* --- The image -------------------------------------------------------------------------------------------------- */

/* Links closer what drifted of the segments with an open item; marks what must be solved again. */
static bool tie_channels(LacLimitWorker *w, const bool *is_open, bool *is_tied) {
  bool is_any = false;
  for (unsigned s = 0; s < w->batch->n_segments && w->n_paths == 2 && !lac_stopped(w->stop); s++) {
    const float *curves[2] = {w->curve[2 * s], w->curve[2 * s + 1]};
    if (!(is_open[2 * s] || is_open[2 * s + 1]) ||
        !lac_limit_image_tie(w->image, (const float *const *)w->batch->segments[s].channels, curves, w->link[s]))
      continue;
    lower_caps(w, s);
    is_tied[2 * s] = is_tied[2 * s + 1] = is_any = true;
  }
  return is_any;
}

static LacStatus keep_image(LacLimitWorker *w) {
  LacStatus status = LAC_OK;
  bool is_any = true;
  for (unsigned round = 0; round < MOST_GUARD_ROUNDS && is_any && status == LAC_OK; round++) {
    bool is_open[MOST_ITEMS], is_tied[MOST_ITEMS] = {false};
    for (unsigned i = 0; i < w->n_items; i++)
      is_open[i] = true;
    is_any = tie_channels(w, is_open, is_tied);
    status = lac_stopped(w->stop) ? LAC_ERR_CANCELLED : solve(w, is_tied, true);
  }
  return status;
}

/* --- The result ------------------------------------------------------------------------------------------------- */

/* Reads channel c of a segment under `curve`; w->over becomes the larger of what it was and what is found. Outer parts
 * of the overlap are never heard and not read. A stop ends it half way. */
static bool read_result(LacLimitWorker *w, const LacLimitSegment *segment, unsigned c, const float *curve) {
  const LacLimitLayout *layout = &w->layout;
  const uint32_t step = layout->spline.step, delay = lac_true_peak_delay_frames();
  const uint32_t unread = layout->overlap_frames - layout->fade_frames - 4 * step; /* frames of E at either end */
  const uint32_t from = layout->margin_frames + unread, end = layout->length_frames - from; /* read these */
  const float *x = segment->channels[c];
  const float limit = (float)(w->rules.ceiling_gain * lac_gain_from_db((double)TOLERATED_DB));
  float ready[RUN];
  bool is_over = false;
  uint32_t still = 0; /* frames for which nothing has been changed */
  lac_gain_spline_gains(&layout->spline, curve, w->gain + layout->margin_frames, layout->n_cells);
  lac_true_peak_reset(w->detector);
  for (uint32_t at = from - layout->margin_frames, n; at < end + delay && !lac_stopped(w->stop); at += n) {
    n = end + delay - at < RUN ? end + delay - at : RUN;
    bool is_still = true;
    for (uint32_t i = 0; i < n; i++) {
      const uint32_t f = at + i;
      const bool is_inside = f >= layout->margin_frames && f < layout->length_frames - layout->margin_frames;
      const float gain = is_inside ? w->gain[f] : 1.0f;
      is_still &= gain == 1.0f;
      w->product[i] = x[f] * gain;
    }
    still = is_still ? still + n : 0;
    lac_true_peak_track(w->detector, w->product, ready, n, still >= 2 * delay + RUN ? INFINITY : limit);
    for (uint32_t i = 0; i < n; i++)
      if (at + i >= from + delay && ready[i] > limit) {
        float *over = &w->over[(at + i - delay - layout->margin_frames) / step];
        *over = fmaxf(*over, (float)lac_db_from_gain((double)ready[i] / w->rules.ceiling_gain));
        is_over = true;
      }
  }
  return is_over;
}

static bool find_violations(LacLimitWorker *w, unsigned item) {
  const LacLimitSegment *segment = &w->batch->segments[item / w->n_paths];
  memset(w->over, 0, w->layout.n_cells * sizeof *w->over);
  if (w->n_paths == 2)
    return read_result(w, segment, item % 2, w->curve[item]);
  bool is_over = false;
  for (unsigned c = 0; c < w->rules.n_channels; c++)
    is_over |= read_result(w, segment, c, w->curve[item]);
  return is_over;
}

/* Cell c lies between the knots c + 1 and c + 2. */
static void cut_caps(LacLimitWorker *w, unsigned item) {
  for (uint32_t c = 0; c < w->layout.n_cells; c++) {
    if (w->over[c] <= 0.0f)
      continue;
    for (uint32_t k = c + 1; k <= c + 2; k++) {
      const float cap = fminf(w->cap[item][k], w->curve[item][k] - w->over[c] - CUT_BEYOND_DB);
      w->cut[item][k] += cap - w->cap[item][k];
      w->cap[item][k] = cap;
    }
  }
}

/* What cuts could not settle: the curve itself is lowered around it. */
static void trim(LacLimitWorker *w, unsigned item) {
  float *lower = w->product;
  const int n = (int)w->layout.n_knots;
  memset(lower, 0, (size_t)n * sizeof *lower);
  for (int c = 0; c < (int)w->layout.n_cells; c++) {
    if (w->over[c] <= 0.0f)
      continue;
    for (int k = c + 1 - TRIM_REACH; k <= c + 2 + TRIM_REACH; k++) {
      const int away = k < c + 1 ? c + 1 - k : k > c + 2 ? k - c - 2 : 0;
      const float shape = away <= TRIM_FLAT ? 1.0f : (float)(TRIM_REACH - away) / (TRIM_REACH - TRIM_FLAT);
      if (k >= 0 && k < n)
        lower[k] = fmaxf(lower[k], shape * (w->over[c] + CUT_BEYOND_DB));
    }
  }
  for (int k = 0; k < n; k++)
    w->curve[item][k] -= lower[k];
}

/* Cuts move the image again: where they do, the channels are tied again. */
static LacStatus keep_ceiling(LacLimitWorker *w) {
  bool is_open[MOST_ITEMS], is_any = true;
  for (unsigned i = 0; i < w->n_items; i++)
    is_open[i] = true;
  LacStatus status = LAC_OK;
  for (unsigned round = 0; round < w->rules.most_rounds + MOST_TRIMS && is_any && status == LAC_OK; round++) {
    const bool is_cutting = round < w->rules.most_rounds;
    bool is_over[MOST_ITEMS] = {false};
    is_any = false;
    for (unsigned i = 0; i < w->n_items; i++) {
      if (!is_open[i])
        continue;
      is_over[i] = find_violations(w, i);
      if (lac_stopped(w->stop))
        return LAC_ERR_CANCELLED;
      is_any |= is_over[i];
      if (is_over[i] && is_cutting)
        cut_caps(w, i);
      else if (is_over[i])
        trim(w, i);
    }
    if (is_cutting) {
      is_any |= tie_channels(w, is_open, is_over);
      status = lac_stopped(w->stop) ? LAC_ERR_CANCELLED : solve(w, is_over, true);
    }
    memcpy(is_open, is_over, sizeof is_open);
  }
  return status;
}

LacStatus lac_limit_worker_run(LacLimitWorker *w, const LacLimitBatch *batch, const LacStop *stop) {
  bool is_wanted[MOST_ITEMS] = {false};
  w->batch = batch;
  w->stop = stop;
  w->n_items = batch->n_segments * w->n_paths;
  for (unsigned s = 0; s < batch->n_segments; s++) {
    if (lac_stopped(stop))
      return LAC_ERR_CANCELLED;
    look_at(w, s);
    for (uint32_t k = 0; k < w->layout.n_knots; k++)
      w->link[s][k] = (float)w->rules.link;
    for (unsigned i = s * w->n_paths; i < (s + 1) * w->n_paths; i++) {
      memset(w->cut[i], 0, w->layout.n_knots * sizeof *w->cut[i]);
      is_wanted[i] = true;
    }
    lower_caps(w, s);
  }
  LacStatus status = solve(w, is_wanted, false);
  if (status == LAC_OK)
    status = choose_kinds(w);
  if (status == LAC_OK)
    status = keep_image(w);
  if (status == LAC_OK)
    status = keep_ceiling(w);
  return status;
}
