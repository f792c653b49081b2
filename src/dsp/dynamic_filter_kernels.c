/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: a vector holds SIDE filters in series, two lanes each, and the second works a whole step
 * behind the first, so that both are at the same place of their ramps:
 *
 *   turn 0  [ filter 0: step 0 |                  ]
 *   turn 1  [ filter 0: step 1 | filter 1: step 0 ]
 *   turn 2  [ filter 0: step 2 | filter 1: step 1 ] ...
 *
 * Where only one of them has a step to work on, or the other's is cut short, the other half's states are put back. */

#include "dsp/dynamic_filter_kernels.h"

#include "dsp/frame_pairs.h"

#define ALWAYS static inline __attribute__((always_inline))

enum { SIDE = LAC_PAIRS, WIDTH = LAC_PAIRS_WIDTH, RING = 4 };

typedef LacPair Pair;
typedef LacPairU PairU;
typedef LacPairs Wide;

/* Of what comes out: of x, w1 and w2. */
typedef struct Mixture {
  Wide x, w1, w2;
} Mixture;

/* Filters side by side, every lane its own. */
typedef struct Row {
  Wide a1, a2;
  Mixture over, square;
  Mixture ring[RING]; /* where ramps end; the last of them for the turn after, found early to be ready then */
  Wide w1, w2;
} Row;

/* A run cut at the borders of its steps. */
typedef struct Cuts {
  LacSteps steps;
  uint32_t n_ramps;
} Cuts;

/* First frame of a ramp, or the end of the run. */
static inline uint32_t start_of(Cuts cuts, uint32_t ramp) {
  const uint32_t start = ramp > 0 ? ramp * cuts.steps.frames - cuts.steps.at : 0;
  return start < cuts.steps.n_frames ? start : cuts.steps.n_frames;
}

static inline uint32_t length_of(Cuts cuts, uint32_t ramp) {
  return start_of(cuts, ramp + 1) - start_of(cuts, ramp);
}

ALWAYS Pair root_at(const float *const roots[2], uint32_t point) {
  return (Pair){(double)roots[0][point], (double)roots[1][point]};
}

/* Finds what number `k` of the roots of filter 0 makes, and number k - 1 of filter 1, which is a turn behind. */
ALWAYS void aim(Row *row, const float *const (*roots)[2], unsigned n, uint32_t k, uint32_t n_ramps) {
#if LAC_LANES >= 8
  const Pair second = root_at(roots[n - 1], k > 0 ? k - 1 : 0);
  const Wide a = lac_pairs_of(root_at(roots[0], k < n_ramps ? k : n_ramps), second);
#else
  const Wide a = root_at(roots[0], k < n_ramps ? k : n_ramps);
  (void)n;
#endif
  const Wide over = a - 1.0, square = over * (a + 1.0);
  Mixture *mixture = &row->ring[k % RING];
  mixture->x = 1.0 + (over * row->over.x + square * row->square.x);
  mixture->w1 = over * row->over.w1 + square * row->square.w1;
  mixture->w2 = over * row->over.w2 + square * row->square.w2;
}

ALWAYS void set_lane(Mixture *mixture, const double *parts, unsigned lane) {
  mixture->x[lane] = parts[0];
  mixture->w1[lane] = parts[1];
  mixture->w2[lane] = parts[2];
}

/* n filters, ready for turn 0. */
static inline void begin(Row *row, LacDynamicFilter *const *filters, unsigned n, const float *const (*roots)[2],
                         uint32_t n_ramps) {
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const LacDynamicFilter *filter = filters[lane / 2 < n ? lane / 2 : 0];
    const LacDynamicForm form = lac_dynamic_form_of(filter->shape, filter->to);
    row->a1[lane] = form.a1;
    row->a2[lane] = form.a2;
    set_lane(&row->over, form.over, lane);
    set_lane(&row->square, form.square, lane);
    row->w1[lane] = lane / 2 < n ? filter->w1[lane % 2] : 0.0;
    row->w2[lane] = lane / 2 < n ? filter->w2[lane % 2] : 0.0;
  }
  aim(row, roots, n, 0, n_ramps);
  aim(row, roots, n, 1, n_ramps);
}

static inline void end(const Row *row, LacDynamicFilter *const *filters, unsigned n) {
  for (unsigned lane = 0; lane < 2 * n; lane++) {
    filters[lane / 2]->w1[lane % 2] = row->w1[lane];
    filters[lane / 2]->w2[lane % 2] = row->w2[lane];
  }
}

/* n frames from `at` on of a step in turn `turn`, each filter in place over its own frames. */
ALWAYS void run_step(Row *row, uint32_t turn, double *first, double *second, uint32_t at, uint32_t n, double share) {
  const Wide a1 = row->a1, a2 = row->a2;
  const Mixture from = row->ring[turn % RING], *to = &row->ring[(turn + 1) % RING];
  const Mixture slope = {to->x - from.x, to->w1 - from.w1, to->w2 - from.w2};
  Wide w1 = row->w1, w2 = row->w2, now = (Wide){0} + (double)at * share;
#pragma GCC unroll 2
  for (uint32_t i = 0; i < 2 * n; i += 2) {
    now += share; /* exact: a step is a power of two */
    const Wide x = lac_pairs_load(first + i, second + i);
    const Wide y = (from.x + slope.x * now) * x + ((from.w1 + slope.w1 * now) * w1 + (from.w2 + slope.w2 * now) * w2);
    const Wide w = (x - a2 * w2) - a1 * w1;
    w2 = w1;
    w1 = w;
    lac_pairs_store(y, first + i, second + i);
  }
  row->w1 = w1;
  row->w2 = w2;
}

#if LAC_LANES >= 8

/* The same for one of them alone: the other's half runs over `idle`, and then its states are put back. */
static void run_alone(Row *row, uint32_t turn, unsigned which, double *frames, double *idle, uint32_t at, uint32_t n,
                      double share) {
  const Wide w1 = row->w1, w2 = row->w2;
  run_step(row, turn, which == 0 ? frames : idle, which == 0 ? idle : frames, at, n, share);
  if (which == 0) {
    row->w1 = __builtin_shufflevector(row->w1, w1, 0, 1, 6, 7);
    row->w2 = __builtin_shufflevector(row->w2, w2, 0, 1, 6, 7);
  } else {
    row->w1 = __builtin_shufflevector(w1, row->w1, 0, 1, 6, 7);
    row->w2 = __builtin_shufflevector(w2, row->w2, 0, 1, 6, 7);
  }
}

/* Two in series. */
static void run_pair(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  const uint32_t length = cuts.steps.frames, n_ramps = cuts.n_ramps;
  const uint32_t first_whole = 1 + (cuts.steps.at > 0), after_whole = (cuts.steps.at + cuts.steps.n_frames) / length;
  const double share = 1.0 / (double)length;
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Row row;
  begin(&row, filters, 2, roots, n_ramps);
  for (uint32_t turn = 0; turn <= n_ramps; turn++) {
    if (turn < n_ramps) {
      aim(&row, roots, 2, turn + 2, n_ramps);
    }
    double *const newest = frames + 2 * start_of(cuts, turn);
    if (turn >= first_whole && turn < after_whole) {
      run_step(&row, turn, newest, newest - 2 * length, 0, length, share);
      continue;
    }
    if (turn < n_ramps) {
      run_alone(&row, turn, 0, newest, idle, turn == 0 ? cuts.steps.at : 0, length_of(cuts, turn), share);
    }
    if (turn > 0) {
      run_alone(&row, turn, 1, frames + 2 * start_of(cuts, turn - 1), idle, turn == 1 ? cuts.steps.at : 0,
                length_of(cuts, turn - 1), share);
    }
  }
  end(&row, filters, 2);
}

#endif

/* One: a second half of a vector, if there is one, runs over nothing. */
static void run_one(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  const double share = 1.0 / (double)cuts.steps.frames;
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Row row;
  begin(&row, filters, 1, roots, cuts.n_ramps);
  for (uint32_t ramp = 0; ramp < cuts.n_ramps; ramp++) {
    aim(&row, roots, 1, ramp + 2 < cuts.n_ramps ? ramp + 2 : cuts.n_ramps, cuts.n_ramps);
    run_step(&row, ramp, frames + 2 * start_of(cuts, ramp), idle, ramp == 0 ? cuts.steps.at : 0, length_of(cuts, ramp),
             share);
  }
  end(&row, filters, 1);
}

static void run_still(LacDynamicFilter *const *filters, unsigned n, double *frames, const float *const (*roots)[2],
                      Cuts cuts) {
#if LAC_LANES >= 8
  if (n == 2) {
    run_pair(filters, frames, roots, cuts);
    return;
  }
#endif
  (void)n;
  run_one(filters, frames, roots, cuts);
}

static void run_moving(LacDynamicFilter *filter, double *frames, const float *const roots[2], LacSteps steps,
                       uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < 2 * steps.n_frames; i++) {
    const uint32_t ramp = (steps.at + i / 2) / steps.frames, at = (steps.at + i / 2) % steps.frames;
    const double share = (double)(at + 1) / (double)steps.frames;
    const double a0 = (double)roots[i % 2][ramp], a1 = (double)roots[i % 2][ramp + 1], a = a0 + (a1 - a0) * share;
    frames[i] = lac_dynamic_filter_step_moving(filter, i % 2, a, first + i / 2, period, frames[i]);
  }
}

static void run(LacDynamicFilter *const *filters, unsigned n_filters, double *frames, const float *const (*roots)[2],
                LacSteps steps, uint32_t first, uint32_t period) {
  const Cuts cuts = {steps, (steps.at + steps.n_frames + steps.frames - 1) / steps.frames};
  bool moves = false;
  for (unsigned f = 0; f < n_filters; f++) {
    moves = moves || lac_dynamic_filter_is_moving(filters[f]);
  }
  for (unsigned f = 0, n; f < n_filters; f += n) {
    n = moves || n_filters - f < SIDE ? 1 : SIDE;
    if (lac_dynamic_filter_is_moving(filters[f])) {
      run_moving(filters[f], frames, roots[f], steps, first, period);
    } else {
      run_still(filters + f, n, frames, roots + f, cuts);
    }
  }
}

const LacDynamicFilterKernels LAC_KERNEL(lac_dynamic_filter_kernels) = {run};
