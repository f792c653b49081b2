/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: filters in series run side by side, each a whole step behind the one before it, so that
 * all are at the same place of their ramps and none waits for the recursion of another:
 *
 *   turn 0  [ filter 0: step 0 |                  ] [                  | ...
 *   turn 1  [ filter 0: step 1 | filter 1: step 0 ] [                  | ...
 *   turn 2  [ filter 0: step 2 | filter 1: step 1 ] [ filter 2: step 0 | ...
 *
 * A vector holds SIDE filters, wherever they are in the series: only bells, which take less work, or none. Up to three
 * vectors take their turns together. A filter that has no step in a turn runs over nothing, and then what it remembers
 * is put back. Steps that the run cuts short are taken filter by filter.
 *
 * The mixtures of several turns are found ahead of them: of linked channels two turns in one. */

#include "dsp/dynamic_filter_kernels.h"

#include "dsp/frame_pairs.h"

#define ALWAYS static inline __attribute__((always_inline))

enum { SIDE = LAC_PAIRS, MOST_ROWS = 3, AHEAD = 8 };

typedef LacPair Pair;
typedef LacPairs Wide;

/* Of what comes out: of x, w1 and w2. Bells: of w - w2 alone, as x. */
typedef struct Mixture {
  Wide x, w1, w2;
} Mixture;

/* Filters side by side, every lane its own. */
typedef struct Row {
  unsigned count;        /* a lone one fills a vector of two twice over */
  unsigned places[SIDE]; /* in the series: so many turns behind its first */
  LacDynamicFilter *filters[SIDE];
  const float *const *roots[SIDE];
  bool is_linked; /* each filter's roots are the same in both channels */
  Wide a1, a2;
  Mixture over, square;
} Row;

/* Rows that take their turns together: those of shelves and gains, then those of bells. */
typedef struct Team {
  Row rows[MOST_ROWS];
  unsigned n_shelves, n_bells; /* rows */
  unsigned n_filters;
} Team;

/* Whole steps of a run. */
typedef struct Steps {
  double *frames;
  uint32_t count, length;
  uint32_t first; /* the ramp of the first */
} Steps;

/* The first lane of each filter twice, and the second. */
#if LAC_LANES >= 8
#define EARLIER(x) __builtin_shufflevector(x, x, 0, 0, 2, 2)
#define LATER(x) __builtin_shufflevector(x, x, 1, 1, 3, 3)
#else
#define EARLIER(x) __builtin_shufflevector(x, x, 0, 0)
#define LATER(x) __builtin_shufflevector(x, x, 1, 1)
#endif

/* ---- mixtures ---- */

typedef float Roots __attribute__((vector_size(8 * SIDE)));

/* At the roots a; over, square: what lane by lane belongs to them. */
ALWAYS Mixture mixture_of(Wide a, const Mixture *over_of, const Mixture *square_of, bool are_bells) {
  const Wide over = a - 1.0, square = over * (a + 1.0);
  if (are_bells) {
    return (Mixture){.x = square * square_of->x};
  }
  return (Mixture){1.0 + (over * over_of->x + square * square_of->x), over * over_of->w1 + square * square_of->w1,
                   over * over_of->w2 + square * square_of->w2};
}

ALWAYS Wide wide_of(Roots roots) {
#if LAC_LANES >= 8 /* gcc 12 would convert two halves, one of them by way of memory */
  return (Wide)_mm256_cvtps_pd((__m128)roots);
#else
  return __builtin_convertvector(roots, Wide);
#endif
}

/* At the root points[i] of filter i. */
ALWAYS Mixture mixture_at(const Row *row, const uint32_t points[SIDE], bool are_bells) {
  const float *const *first = row->roots[0], *const *second = row->roots[SIDE - 1];
#if LAC_LANES >= 8
  const Roots roots = {first[0][points[0]], first[1][points[0]], second[0][points[1]], second[1][points[1]]};
#else
  const Roots roots = {first[0][points[0]], first[1][points[0]]};
  (void)second;
#endif
  return mixture_of(wide_of(roots), &row->over, &row->square, are_bells);
}

/* Of linked channels, AHEAD turns from a root of each filter on: the two lanes of a filter stand for two turns, which
 * are parted in the end. */
ALWAYS void mixtures_of_linked(const Row *row, const float *first, const float *second, Mixture mixtures[AHEAD],
                               bool are_bells) {
  const Mixture over = row->over, square = row->square;
  for (uint32_t t = 0; t < AHEAD; t += 2) {
#if LAC_LANES >= 8
    const Roots roots = {first[t], first[t + 1], second[t], second[t + 1]};
#else
    const Roots roots = {first[t], first[t + 1]};
    (void)second;
#endif
    const Mixture both = mixture_of(wide_of(roots), &over, &square, are_bells);
    mixtures[t].x = EARLIER(both.x);
    mixtures[t + 1].x = LATER(both.x);
    if (!are_bells) {
      mixtures[t].w1 = EARLIER(both.w1);
      mixtures[t + 1].w1 = LATER(both.w1);
      mixtures[t].w2 = EARLIER(both.w2);
      mixtures[t + 1].w2 = LATER(both.w2);
    }
  }
}

ALWAYS Mixture slope_of(const Mixture *from, const Mixture *to, double share, bool are_bells) {
  if (are_bells) {
    return (Mixture){.x = (to->x - from->x) * share};
  }
  return (Mixture){(to->x - from->x) * share, (to->w1 - from->w1) * share, (to->w2 - from->w2) * share};
}

ALWAYS void advance(Mixture *now, const Mixture *slope, bool are_bells) {
  now->x += slope->x;
  if (!are_bells) {
    now->w1 += slope->w1;
    now->w2 += slope->w2;
  }
}

/* ---- frames ---- */

/* A row at work: what its filters remember, and the ramp of the mixture. */
typedef struct Hand {
  const Row *row;
  Wide w1, w2;
  Mixture now, slope, to;
  double *first, *second; /* frames of its filters in this turn */
} Hand;

/* A frame of each filter in place; its w takes the place of the older of the two before it. */
ALWAYS void run_frame(Hand *hand, uint32_t i, Wide newer, Wide *older, bool are_bells) {
  const Row *row = hand->row;
  const Wide x = lac_pairs_load(hand->first + i, hand->second + i);
  const Wide w = (x - row->a2 * *older) - row->a1 * newer;
  advance(&hand->now, &hand->slope, are_bells);
  const Wide y =
      are_bells ? x + hand->now.x * (w - *older) : hand->now.x * x + (hand->now.w1 * newer + hand->now.w2 * *older);
  lac_pairs_store(y, hand->first + i, hand->second + i);
  *older = w;
}

/* n frames of n_rows (a constant, as which of them are bells). */
ALWAYS void run_frames(Hand *a, Hand *b, Hand *c, unsigned n_rows, unsigned n_shelves, uint32_t n) {
  uint32_t i = 0;
  for (; i + 4 <= 2 * n; i += 4) {
    run_frame(a, i, a->w1, &a->w2, n_shelves < 1);
    if (n_rows > 1) {
      run_frame(b, i, b->w1, &b->w2, n_shelves < 2);
    }
    if (n_rows > 2) {
      run_frame(c, i, c->w1, &c->w2, n_shelves < 3);
    }
    run_frame(a, i + 2, a->w2, &a->w1, n_shelves < 1);
    if (n_rows > 1) {
      run_frame(b, i + 2, b->w2, &b->w1, n_shelves < 2);
    }
    if (n_rows > 2) {
      run_frame(c, i + 2, c->w2, &c->w1, n_shelves < 3);
    }
  }
  Hand *const hands[] = {a, b, c};
  for (unsigned r = 0; r < n_rows && n % 2 > 0; r++) {
    run_frame(hands[r], i, hands[r]->w1, &hands[r]->w2, n_shelves <= r);
    const Wide newer = hands[r]->w2;
    hands[r]->w2 = hands[r]->w1;
    hands[r]->w1 = newer;
  }
}

/* ---- rows ---- */

ALWAYS Wide both(double first, double second) {
  return lac_pairs_of((Pair){first, first}, (Pair){second, second});
}

/* What its filters are. */
static void fill(Row *row) {
  const unsigned last = row->count - 1;
  const LacDynamicFilter *f = row->filters[0], *s = row->filters[last];
  const LacDynamicForm first = lac_dynamic_form_of(f->shape, f->to), second = lac_dynamic_form_of(s->shape, s->to);
  const double *over[2] = {first.over, second.over}, *square[2] = {first.square, second.square};
  row->places[SIDE - 1] = row->places[last];
  row->roots[SIDE - 1] = row->roots[last];
  row->is_linked = row->roots[0][0] == row->roots[0][1] && row->roots[last][0] == row->roots[last][1];
  row->a1 = both(first.a1, second.a1);
  row->a2 = both(first.a2, second.a2);
  row->over = (Mixture){both(over[0][0], over[1][0]), both(over[0][1], over[1][1]), both(over[0][2], over[1][2])};
  row->square =
      (Mixture){both(square[0][0], square[1][0]), both(square[0][1], square[1][1]), both(square[0][2], square[1][2])};
}

/* ---- turns ---- */

/* Whether a filter is at work in a turn. */
ALWAYS bool is_at_work(const Row *row, unsigned filter, Steps steps, uint32_t turn) {
  return turn - row->places[filter] < steps.count; /* before its first it wraps around */
}

ALWAYS double *frames_of(const Row *row, unsigned filter, Steps steps, uint32_t turn) {
  return steps.frames + 2 * (size_t)steps.length * (turn - row->places[filter]);
}

/* Where ramps begin in a turn, held within the run where filters may be idle. */
ALWAYS void points_in(const Row *row, Steps steps, uint32_t turn, bool is_ragged, uint32_t points[SIDE]) {
  for (unsigned f = 0; f < SIDE; f++) {
    const uint32_t step = turn > row->places[f] || !is_ragged ? turn - row->places[f] : 0;
    points[f] = steps.first + (step < steps.count || !is_ragged ? step : steps.count);
  }
}

ALWAYS Mixture mixture_in(const Row *row, Steps steps, uint32_t turn, bool is_ragged, bool are_bells) {
  uint32_t points[SIDE];
  points_in(row, steps, turn, is_ragged, points);
  return mixture_at(row, points, are_bells);
}

ALWAYS void mixtures_from(const Row *row, Steps steps, uint32_t turn, Mixture *mixtures, bool is_ragged,
                          bool are_bells) {
  if (row->is_linked && !is_ragged) {
    uint32_t points[SIDE];
    points_in(row, steps, turn, false, points);
    mixtures_of_linked(row, row->roots[0][0] + points[0], row->roots[SIDE - 1][0] + points[SIDE - 1], mixtures,
                       are_bells);
    return;
  }
  for (uint32_t t = 0; t < AHEAD; t++) {
    mixtures[t] = mixture_in(row, steps, turn + t, is_ragged, are_bells);
  }
}

/* The mixtures of all rows where the ramps of AHEAD turns begin. */
static __attribute__((noinline)) void look_ahead(const Team *team, Steps steps, uint32_t turn,
                                                 Mixture mixtures[MOST_ROWS][AHEAD]) {
  const bool is_ragged = turn < team->n_filters || turn + AHEAD > steps.count;
  for (unsigned r = 0; r < team->n_shelves + team->n_bells; r++) {
    const Row *row = &team->rows[r];
    if (r >= team->n_shelves && is_ragged) {
      mixtures_from(row, steps, turn, mixtures[r], true, true);
    } else if (r >= team->n_shelves) {
      mixtures_from(row, steps, turn, mixtures[r], false, true);
    } else if (is_ragged) {
      mixtures_from(row, steps, turn, mixtures[r], true, false);
    } else {
      mixtures_from(row, steps, turn, mixtures[r], false, false);
    }
  }
}

ALWAYS Hand take_up(const Row *row, Steps steps, bool are_bells) {
  const LacDynamicFilter *first = row->filters[0], *second = row->filters[row->count - 1];
  Hand hand = {.row = row, .w1 = lac_pairs_load(first->w1, second->w1), .w2 = lac_pairs_load(first->w2, second->w2)};
  hand.to = mixture_in(row, steps, 0, true, are_bells);
  return hand;
}

ALWAYS void put_down(const Hand *hand) {
  LacDynamicFilter *const first = hand->row->filters[0], *const second = hand->row->filters[hand->row->count - 1];
  lac_pairs_store(hand->w1, first->w1, second->w1);
  lac_pairs_store(hand->w2, first->w2, second->w2);
}

/* The ramps of a turn, to the mixture of the next, and the frames of those at work. */
ALWAYS void begin_turn(Hand *hand, Steps steps, uint32_t turn, Mixture to, double *idle, bool are_bells) {
  const Row *row = hand->row;
  hand->now = hand->to;
  hand->to = to;
  hand->slope = slope_of(&hand->now, &hand->to, 1.0 / (double)steps.length, are_bells);
  hand->first = !idle || is_at_work(row, 0, steps, turn) ? frames_of(row, 0, steps, turn) : idle;
  hand->second = !idle || is_at_work(row, SIDE - 1, steps, turn) ? frames_of(row, SIDE - 1, steps, turn) : idle;
}

/* Who ran over nothing remembers what it did before. */
ALWAYS void put_back(Hand *hand, const double *idle, Wide w1, Wide w2) {
  const bool first = hand->first != idle, second = hand->second != idle;
  hand->w1 = lac_pairs_of(lac_pairs_part(first ? hand->w1 : w1, 0), lac_pairs_part(second ? hand->w1 : w1, SIDE - 1));
  hand->w2 = lac_pairs_of(lac_pairs_part(first ? hand->w2 : w2, 0), lac_pairs_part(second ? hand->w2 : w2, SIDE - 1));
}

/* to: of every row, where the ramps of turns end. idle: what filters without a step run over; NULL, as a constant, when
 * all have one. */
ALWAYS void run_turn(Hand *a, Hand *b, Hand *c, unsigned n_rows, unsigned n_shelves, Steps steps, uint32_t turn,
                     Mixture to[MOST_ROWS][AHEAD], double *idle) {
  const Wide a1 = a->w1, a2 = a->w2, b1 = b->w1, b2 = b->w2, c1 = c->w1, c2 = c->w2;
  begin_turn(a, steps, turn, to[0][turn % AHEAD], idle, n_shelves < 1);
  if (n_rows > 1) {
    begin_turn(b, steps, turn, to[1][turn % AHEAD], idle, n_shelves < 2);
  }
  if (n_rows > 2) {
    begin_turn(c, steps, turn, to[2][turn % AHEAD], idle, n_shelves < 3);
  }
  run_frames(a, b, c, n_rows, n_shelves, steps.length);
  if (idle) {
    put_back(a, idle, a1, a2);
    put_back(b, idle, b1, b2);
    put_back(c, idle, c1, c2);
  }
}

ALWAYS void run_steps(const Team *team, unsigned n_shelves, unsigned n_bells, Steps steps) {
  const unsigned n_rows = n_shelves + n_bells;
  const uint32_t late = team->n_filters - 1;
  double idle[2 * LAC_MOST_STEP_FRAMES] = {0};
  Mixture to[MOST_ROWS][AHEAD];
  Hand a = take_up(&team->rows[0], steps, n_shelves < 1), b = a, c = a;
  if (n_rows > 1) {
    b = take_up(&team->rows[1], steps, n_shelves < 2);
  }
  if (n_rows > 2) {
    c = take_up(&team->rows[2], steps, n_shelves < 3);
  }
  for (uint32_t turn = 0, end; turn < steps.count + late; turn = end) {
    const bool is_whole = turn >= late && turn + AHEAD <= steps.count;
    end = turn + AHEAD < steps.count + late ? turn + AHEAD : steps.count + late;
    look_ahead(team, steps, turn + 1, to);
    for (; turn < end && !is_whole; turn++) {
      run_turn(&a, &b, &c, n_rows, n_shelves, steps, turn, to, idle);
    }
    for (; turn < end; turn++) {
      run_turn(&a, &b, &c, n_rows, n_shelves, steps, turn, to, NULL);
    }
  }
  put_down(&a);
  if (n_rows > 1) {
    put_down(&b);
  }
  if (n_rows > 2) {
    put_down(&c);
  }
}

/* ---- teams ---- */

/* As many of still filters as make a team. */
static Team gather(LacDynamicFilter *const *filters, unsigned n_filters, const float *const (*roots)[2]) {
  Team team = {0};
  unsigned n_of[2] = {0}; /* shelves and gains, bells */
  for (unsigned f = 0; f < n_filters && !lac_dynamic_filter_is_moving(filters[f]); f++) {
    n_of[filters[f]->shape == LAC_DYNAMIC_BELL]++;
    if (n_of[0] > 2 * SIDE || n_of[1] > 2 * SIDE || (n_of[0] > SIDE && n_of[1] > SIDE)) {
      break;
    }
    team.n_filters++;
    team.n_shelves = (n_of[0] + SIDE - 1) / SIDE;
    team.n_bells = (n_of[1] + SIDE - 1) / SIDE;
  }
  n_of[0] = n_of[1] = 0;
  for (unsigned f = 0; f < team.n_filters; f++) {
    const bool is_bell = filters[f]->shape == LAC_DYNAMIC_BELL;
    const unsigned k = n_of[is_bell]++;
    Row *row = &team.rows[(is_bell ? team.n_shelves : 0) + k / SIDE];
    row->places[k % SIDE] = f;
    row->filters[k % SIDE] = filters[f];
    row->roots[k % SIDE] = roots[f];
    row->count++;
  }
  return team;
}

#define RUN_STEPS(shelves, bells)                                                                                      \
  case 4 * shelves + bells:                                                                                            \
    run_steps(team, shelves, bells, steps);                                                                            \
    break;

static void run_whole(Team *team, Steps steps) {
  for (unsigned r = 0; r < team->n_shelves + team->n_bells; r++) {
    fill(&team->rows[r]);
  }
  switch (4 * team->n_shelves + team->n_bells) {
    RUN_STEPS(0, 1)
    RUN_STEPS(0, 2)
    RUN_STEPS(1, 0)
    RUN_STEPS(1, 1)
    RUN_STEPS(1, 2)
    RUN_STEPS(2, 0)
    RUN_STEPS(2, 1)
  }
}

ALWAYS void run_part_of(const Row *row, double *frames, uint32_t step, uint32_t ramp, uint32_t at, uint32_t n,
                        bool is_bell) {
  const Steps steps = {frames, 1, step, ramp};
  Hand hand = take_up(row, steps, is_bell);
  begin_turn(&hand, steps, 0, mixture_in(row, steps, 1, false, is_bell), NULL, is_bell);
  for (uint32_t i = 0; i < at; i++) {
    advance(&hand.now, &hand.slope, is_bell);
  }
  run_frames(&hand, &hand, &hand, 1, is_bell ? 0 : 1, n);
  put_down(&hand);
}

/* n frames of one filter, from a ramp's frame `at` on: a step cut short. */
static void run_part(LacDynamicFilter *filter, const float *const roots[2], double *frames, uint32_t step,
                     uint32_t ramp, uint32_t at, uint32_t n) {
  Row row = {.count = 1, .filters = {filter}, .roots = {roots}};
  fill(&row);
  if (filter->shape == LAC_DYNAMIC_BELL) {
    run_part_of(&row, frames, step, ramp, at, n, true);
  } else {
    run_part_of(&row, frames, step, ramp, at, n, false);
  }
}

/* A team over a run: a step cut short, whole ones, and another one cut short. */
static void run_still(Team *team, LacDynamicFilter *const *filters, double *frames, const float *const (*roots)[2],
                      LacSteps steps) {
  const uint32_t left = (steps.frames - steps.at) % steps.frames, head = left < steps.n_frames ? left : steps.n_frames;
  const uint32_t whole = (steps.n_frames - head) / steps.frames, done = head + whole * steps.frames;
  const uint32_t first = head > 0 ? 1 : 0;
  for (unsigned f = 0; f < team->n_filters && head > 0; f++) {
    run_part(filters[f], roots[f], frames, steps.frames, 0, steps.at, head);
  }
  if (whole > 0) {
    run_whole(team, (Steps){frames + 2 * (size_t)head, whole, steps.frames, first});
  }
  for (unsigned f = 0; f < team->n_filters && done < steps.n_frames; f++) {
    run_part(filters[f], roots[f], frames + 2 * (size_t)done, steps.frames, first + whole, 0, steps.n_frames - done);
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
                LacSteps steps, uint32_t first, uint32_t period) {
  for (unsigned f = 0, n; f < n_filters; f += n) {
    if (lac_dynamic_filter_is_moving(filters[f])) {
      run_moving(filters[f], frames, roots[f], steps, first, period);
      n = 1;
    } else {
      Team team = gather(filters + f, n_filters - f, roots + f);
      n = team.n_filters;
      run_still(&team, filters + f, frames, roots + f, steps);
    }
  }
}

const LacDynamicFilterKernels LAC_KERNEL(lac_dynamic_filter_kernels) = {run};
