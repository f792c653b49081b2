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

#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

enum { SIDE = LAC_LANES >= 8 ? 2 : 1, WIDTH = 2 * SIDE };

typedef double Wide __attribute__((vector_size(8 * WIDTH)));
typedef double Pair __attribute__((vector_size(16)));
typedef double PairU __attribute__((vector_size(16), aligned(8), may_alias));


/* Filters side by side, every lane its own. */
typedef struct Row {
  unsigned n; /* filters: 1..SIDE */
  Wide a1, a2, over[3], square[3];
  /* Of what comes out, at both ends of the ramp and at the end of the next: of x, w1 and w2. The next one's are found
   * before a ramp is run, so that they are ready after it. */
  Wide from[3], to[3], next[3];
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

ALWAYS Pair root_at(const float *const roots[2], uint32_t point) {
  return (Pair){(double)roots[0][point], (double)roots[1][point]};
}

/* The roots that every filter's ramp of this turn leads to. */
ALWAYS Wide roots_at(unsigned n, const float *const (*roots)[2], uint32_t turn, uint32_t n_ramps) {
  const uint32_t point = turn < n_ramps ? turn + 1 : n_ramps;
#if LAC_LANES >= 8
  const uint32_t behind = turn < n_ramps ? turn : n_ramps;
  return __builtin_shufflevector(root_at(roots[0], point), root_at(roots[n - 1], behind), 0, 1, 2, 3);
#else
  (void)n;
  return root_at(roots[0], point);
#endif
}

ALWAYS void aim(Row *row, Wide a) {
  const Wide over = a - 1.0, square = over * (a + 1.0);
  for (int part = 0; part < 3; part++) {
    row->from[part] = row->to[part];
    row->to[part] = row->next[part];
    row->next[part] = over * row->over[part] + square * row->square[part];
  }
  row->next[0] += 1.0;
}

static inline void begin(Row *row, LacDynamicFilter *const *filters, unsigned n, const float *const (*roots)[2]) {
  row->n = n;
  Wide a;
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const unsigned f = lane / 2 < n ? lane / 2 : 0;
    const LacDynamicForm form = lac_dynamic_form_of(filters[f]->shape, filters[f]->to);
    row->a1[lane] = form.a1;
    row->a2[lane] = form.a2;
    for (int part = 0; part < 3; part++) {
      row->over[part][lane] = form.over[part];
      row->square[part][lane] = form.square[part];
    }
    row->w1[lane] = filters[f]->w1[lane % 2];
    row->w2[lane] = filters[f]->w2[lane % 2];
    a[lane] = (double)roots[f][lane % 2][0];
  }
  aim(row, a);
}

static inline void end(const Row *row, LacDynamicFilter *const *filters) {
  for (unsigned lane = 0; lane < 2 * row->n; lane++) {
    filters[lane / 2]->w1[lane % 2] = row->w1[lane];
    filters[lane / 2]->w2[lane % 2] = row->w2[lane];
  }
}

/* n frames from `at` on of a step, for the filters side by side, each in place over its own frames. */
ALWAYS void run_step(Row *row, double *first, double *second, uint32_t at, uint32_t n, double share) {
  const Wide a1 = row->a1, a2 = row->a2;
  const Wide from0 = row->from[0], from1 = row->from[1], from2 = row->from[2];
  const Wide slope0 = row->to[0] - from0, slope1 = row->to[1] - from1, slope2 = row->to[2] - from2;
  Wide w1 = row->w1, w2 = row->w2, now = (Wide){0} + (double)at * share;
  for (uint32_t i = 0; i < 2 * n; i += 2) {
    now += share; /* exact: a step is a power of two */
#if LAC_LANES >= 8
    const Wide x = __builtin_shufflevector(*(const PairU *)(first + i), *(const PairU *)(second + i), 0, 1, 2, 3);
#else
    const Wide x = *(const PairU *)(first + i);
#endif
    const Wide y = (from0 + slope0 * now) * x + ((from1 + slope1 * now) * w1 + (from2 + slope2 * now) * w2);
    const Wide w = (x - a2 * w2) - a1 * w1;
    w2 = w1;
    w1 = w;
    *(PairU *)(first + i) = __builtin_shufflevector(y, y, 0, 1);
    if (SIDE > 1) {
      *(PairU *)(second + i) = __builtin_shufflevector(y, y, WIDTH - 2, WIDTH - 1);
    }
  }
  row->w1 = w1;
  row->w2 = w2;
}

/* The same for one of them alone: the other's half runs over `idle`, and then its states are put back. */
static void run_alone(Row *row, unsigned which, double *frames, double *idle, uint32_t at, uint32_t n, double share) {
  const Wide w1 = row->w1, w2 = row->w2;
  run_step(row, which == 0 ? frames : idle, which == 0 ? idle : frames, at, n, share);
#if LAC_LANES >= 8
  if (which == 0) {
    row->w1 = __builtin_shufflevector(row->w1, w1, 0, 1, 6, 7);
    row->w2 = __builtin_shufflevector(row->w2, w2, 0, 1, 6, 7);
  } else {
    row->w1 = __builtin_shufflevector(w1, row->w1, 0, 1, 6, 7);
    row->w2 = __builtin_shufflevector(w2, row->w2, 0, 1, 6, 7);
  }
#else
  (void)w1;
  (void)w2;
#endif
}

/* Two in series. */
static void run_pair(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  const double share = 1.0 / (double)cuts.steps.frames;
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Row row;
  begin(&row, filters, 2, roots);
  aim(&row, roots_at(2, roots, 0, cuts.n_ramps));
  for (uint32_t turn = 0; turn <= cuts.n_ramps; turn++) {
    const uint32_t start = start_of(cuts, turn), before = turn > 0 ? start_of(cuts, turn - 1) : 0;
    const uint32_t ahead = start_of(cuts, turn + 1) - start, behind = start - before;
    aim(&row, roots_at(2, roots, turn + 1, cuts.n_ramps));
    if (ahead == cuts.steps.frames && behind == ahead) {
      run_step(&row, frames + 2 * start, frames + 2 * before, 0, ahead, share);
      continue;
    }
    run_alone(&row, 0, frames + 2 * start, idle, turn == 0 ? cuts.steps.at : 0, ahead, share);
    run_alone(&row, 1, frames + 2 * before, idle, turn == 1 ? cuts.steps.at : 0, behind, share);
  }
  end(&row, filters);
}

/* One: a second half of a vector, if there is one, runs over nothing. */
static void run_one(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  const double share = 1.0 / (double)cuts.steps.frames;
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Row row;
  begin(&row, filters, 1, roots);
  aim(&row, roots_at(1, roots, 0, cuts.n_ramps));
  for (uint32_t ramp = 0; ramp < cuts.n_ramps; ramp++) {
    const uint32_t start = start_of(cuts, ramp);
    aim(&row, roots_at(1, roots, ramp + 1, cuts.n_ramps));
    run_step(&row, frames + 2 * start, idle, ramp == 0 ? cuts.steps.at : 0, start_of(cuts, ramp + 1) - start, share);
  }
  end(&row, filters);
}

static void apply_gains(double *frames, const float *const gains[2], Cuts cuts) {
  const double share = 1.0 / (double)cuts.steps.frames;
  for (uint32_t ramp = 0; ramp < cuts.n_ramps; ramp++) {
    const Pair from = root_at(gains, ramp), slope = root_at(gains, ramp + 1) - from;
    const uint32_t start = start_of(cuts, ramp), after = start_of(cuts, ramp + 1);
    double at = ramp == 0 ? (double)cuts.steps.at : 0;
    Pair now = {at * share, at * share};
    for (uint32_t i = start; i < after; i++) {
      PairU *frame = (PairU *)(frames + 2 * i);
      now += share;
      *frame *= from + slope * now;
    }
  }
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
                const float *const *gains, LacSteps steps, uint32_t first, uint32_t period) {
  const Cuts cuts = {steps, (steps.at + steps.n_frames + steps.frames - 1) / steps.frames};
  bool moves = false;
  for (unsigned f = 0; f < n_filters; f++) {
    moves = moves || lac_dynamic_filter_is_moving(filters[f]);
  }
  for (unsigned f = 0, n; f < n_filters; f += n) {
    n = moves || n_filters - f < SIDE ? 1 : SIDE;
    if (lac_dynamic_filter_is_moving(filters[f])) {
      run_moving(filters[f], frames, roots[f], steps, first, period);
    } else if (n == 1) {
      run_one(filters + f, frames, roots + f, cuts);
    } else {
      run_pair(filters + f, frames, roots + f, cuts);
    }
  }
  if (gains) {
    apply_gains(frames, gains, cuts);
  }
}

const LacDynamicFilterKernels LAC_KERNEL(lac_dynamic_filter_kernels) = {run};
