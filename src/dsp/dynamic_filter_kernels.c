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

enum { SIDE = LAC_PAIRS };

typedef LacPair Pair;
typedef LacPairs Wide;

/* Of what comes out: of x, w1 and w2. */
typedef struct Mixture {
  Wide x, w1, w2;
} Mixture;

/* Filters side by side, every lane its own. */
typedef struct Row {
  Wide a1, a2;
  Mixture over, square;
} Row;

/* And what they remember. */
typedef struct Memory {
  Wide w1, w2;
} Memory;

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

/* What number `k` of the roots of filter 0 makes, and number k - 1 of filter 1, which is a turn behind. */
ALWAYS Mixture mixture_at(const Row *row, const float *const (*roots)[2], unsigned n, uint32_t k, uint32_t n_ramps) {
#if LAC_LANES >= 8
  const Pair second = root_at(roots[n - 1], k > 0 ? k - 1 : 0);
  const Wide a = lac_pairs_of(root_at(roots[0], k < n_ramps ? k : n_ramps), second);
#else
  const Wide a = root_at(roots[0], k < n_ramps ? k : n_ramps);
  (void)n;
#endif
  const Wide over = a - 1.0, square = over * (a + 1.0);
  return (Mixture){1.0 + (over * row->over.x + square * row->square.x), over * row->over.w1 + square * row->square.w1,
                   over * row->over.w2 + square * row->square.w2};
}

/* What is gained in a frame from one mixture on the way to the next. */
ALWAYS Mixture slope_of(const Mixture *from, const Mixture *to, double share) {
  return (Mixture){(to->x - from->x) * share, (to->w1 - from->w1) * share, (to->w2 - from->w2) * share};
}

ALWAYS Wide both(double first, double second) {
  return lac_pairs_of((Pair){first, first}, (Pair){second, second});
}

static inline void begin(Row *row, Memory *memory, LacDynamicFilter *const *filters, unsigned n) {
  const LacDynamicFilter *f = filters[0], *s = filters[n - 1];
  const LacDynamicForm first = lac_dynamic_form_of(f->shape, f->to), second = lac_dynamic_form_of(s->shape, s->to);
  const double *over[2] = {first.over, second.over}, *square[2] = {first.square, second.square};
  row->a1 = both(first.a1, second.a1);
  row->a2 = both(first.a2, second.a2);
  row->over = (Mixture){both(over[0][0], over[1][0]), both(over[0][1], over[1][1]), both(over[0][2], over[1][2])};
  row->square =
      (Mixture){both(square[0][0], square[1][0]), both(square[0][1], square[1][1]), both(square[0][2], square[1][2])};
  *memory = (Memory){lac_pairs_load(f->w1, s->w1), lac_pairs_load(f->w2, s->w2)};
}

static inline void end(const Memory *memory, LacDynamicFilter *const *filters, unsigned n) {
  double unused[2][2];
  lac_pairs_store(memory->w1, filters[0]->w1, n > 1 ? filters[1]->w1 : unused[0]);
  lac_pairs_store(memory->w2, filters[0]->w2, n > 1 ? filters[1]->w2 : unused[1]);
}

ALWAYS void advance(Mixture *now, const Mixture *slope) {
  *now = (Mixture){now->x + slope->x, now->w1 + slope->w1, now->w2 + slope->w2};
}

/* A frame of each filter in place; its w takes the place of the older of the two before it. */
ALWAYS void run_frame(const Row *row, Mixture *now, const Mixture *slope, Wide newer, Wide *older, double *first,
                      double *second) {
  const Wide x = lac_pairs_load(first, second);
  advance(now, slope);
  lac_pairs_store(now->x * x + (now->w1 * newer + now->w2 * *older), first, second);
  *older = (x - row->a2 * *older) - row->a1 * newer;
}

/* n frames of ramps from their frame `at` on, each filter over its own frames. */
ALWAYS void run_frames(const Row *row, Memory *memory, const Mixture *from, const Mixture *slope, double *first,
                       double *second, uint32_t at, uint32_t n) {
  Wide w1 = memory->w1, w2 = memory->w2;
  Mixture now = *from;
  for (uint32_t i = 0; i < at; i++) {
    advance(&now, slope);
  }
#pragma GCC unroll 2
  for (; n >= 2; n -= 2, first += 4, second += 4) {
    run_frame(row, &now, slope, w1, &w2, first, second);
    run_frame(row, &now, slope, w2, &w1, first + 2, second + 2);
  }
  *memory = (Memory){w1, w2};
  if (n > 0) {
    run_frame(row, &now, slope, w1, &w2, first, second);
    *memory = (Memory){w2, w1};
  }
}

#if LAC_LANES >= 8

/* The same for one of them alone: the other's half runs over `idle`, and then what it remembers is put back. */
static void run_alone(const Row *row, Memory *memory, const Mixture *from, const Mixture *slope, unsigned which,
                      double *frames, uint32_t at, uint32_t n) {
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Memory new = *memory;
  run_frames(row, &new, from, slope, which == 0 ? frames : idle, which == 0 ? idle : frames, at, n);
  const Memory first = which == 0 ? new : *memory, second = which == 0 ? *memory : new;
  memory->w1 = __builtin_shufflevector(first.w1, second.w1, 0, 1, 6, 7);
  memory->w2 = __builtin_shufflevector(first.w2, second.w2, 0, 1, 6, 7);
}

/* A turn in which one has no step to work on, or not a whole one. */
static void run_cut(const Row *row, Memory *memory, const float *const (*roots)[2], double *frames, Cuts cuts,
                    uint32_t turn) {
  const Mixture from = mixture_at(row, roots, 2, turn, cuts.n_ramps);
  const Mixture to = mixture_at(row, roots, 2, turn + 1, cuts.n_ramps);
  const Mixture slope = slope_of(&from, &to, 1.0 / (double)cuts.steps.frames);
  if (turn < cuts.n_ramps) {
    run_alone(row, memory, &from, &slope, 0, frames + 2 * start_of(cuts, turn), turn == 0 ? cuts.steps.at : 0,
              length_of(cuts, turn));
  }
  if (turn > 0) {
    run_alone(row, memory, &from, &slope, 1, frames + 2 * start_of(cuts, turn - 1), turn == 1 ? cuts.steps.at : 0,
              length_of(cuts, turn - 1));
  }
}

/* Turns first .. last - 1, in which both have whole steps. Ramps are found a turn early, to be ready then. */
static void run_whole(const Row *row, Memory *memory, const float *const (*roots)[2], double *frames, Cuts cuts,
                      uint32_t first, uint32_t last) {
  const uint32_t length = cuts.steps.frames;
  const double share = 1.0 / (double)length; /* exact: a step is a power of two */
  Memory now = *memory;
  Mixture from = mixture_at(row, roots, 2, first, cuts.n_ramps);
  Mixture to = mixture_at(row, roots, 2, first + 1, cuts.n_ramps), slope = slope_of(&from, &to, share);
  double *newest = frames + 2 * (first * length - cuts.steps.at);
  for (uint32_t turn = first; turn < last; turn++, newest += 2 * (size_t)length) {
    const Mixture after = mixture_at(row, roots, 2, turn + 2, cuts.n_ramps), next = slope_of(&to, &after, share);
    run_frames(row, &now, &from, &slope, newest, newest - 2 * (size_t)length, 0, length);
    from = to;
    to = after;
    slope = next;
  }
  *memory = now;
}

/* Two in series. */
static void run_pair(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  const uint32_t whole = (cuts.steps.at + cuts.steps.n_frames) / cuts.steps.frames, cut = 1 + (cuts.steps.at > 0);
  Row row;
  Memory memory;
  begin(&row, &memory, filters, 2);
  uint32_t turn = 0;
  for (; turn < cut && turn <= cuts.n_ramps; turn++) {
    run_cut(&row, &memory, roots, frames, cuts, turn);
  }
  if (turn < whole) {
    run_whole(&row, &memory, roots, frames, cuts, turn, whole);
    turn = whole;
  }
  for (; turn <= cuts.n_ramps; turn++) {
    run_cut(&row, &memory, roots, frames, cuts, turn);
  }
  end(&memory, filters, 2);
}

#endif

/* One: a second half of a vector, if there is one, runs over nothing. */
static void run_one(LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2], Cuts cuts) {
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Row row;
  Memory memory;
  begin(&row, &memory, filters, 1);
  Mixture from = mixture_at(&row, roots, 1, 0, cuts.n_ramps);
  for (uint32_t ramp = 0; ramp < cuts.n_ramps; ramp++) {
    const Mixture to = mixture_at(&row, roots, 1, ramp + 1, cuts.n_ramps);
    const Mixture slope = slope_of(&from, &to, 1.0 / (double)cuts.steps.frames);
    run_frames(&row, &memory, &from, &slope, frames + 2 * start_of(cuts, ramp), idle, ramp == 0 ? cuts.steps.at : 0,
               length_of(cuts, ramp));
    from = to;
  }
  end(&memory, filters, 1);
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
