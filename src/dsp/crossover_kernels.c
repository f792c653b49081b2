/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. A frame is a row of pairs, one per band; split s works on pairs 0 .. s, all with the
 * same factors, and takes the last one apart. The number of splits is a constant in every loop, so that all lanes and
 * states of a frame live in registers. Those who only listen need no phase: there one split after the other runs over
 * all frames, or, where a vector holds four lanes, two at once. */

#include "dsp/crossover_kernels.h"

#include <string.h>

#include "dsp/frame_pairs.h"

/* Pairs: four or eight lanes to a vector measured slower (one split alone fills but one pair, and taking pairs apart
 * and together costs more than it gains), 26 instead of 21 ns per frame for four bands. */
typedef double Pair __attribute__((vector_size(16)));

enum { N_PAIRS = LAC_CROSSOVER_LANES / 2 };

typedef struct Stage {
  Pair z1[N_PAIRS], z2[N_PAIRS];
  Pair low_z1, low_z2;
  double c1, c2, g;
} Stage;

_Static_assert(offsetof(Stage, c1) == sizeof(LacCrossoverStage), "a stage begins as one");

static inline __attribute__((always_inline)) void set_factors(Stage *stage, const LacCrossoverPlace *place,
                                                              uint32_t frame, uint32_t period) {
  double g = place->from_g + (place->to_g - place->from_g) * ((double)(frame + 1) / (double)period);
  stage->c1 = 1.0 / (1.0 + g * (g + LAC_BUTTERWORTH_K));
  stage->c2 = g * stage->c1;
  stage->g = g;
}

/* The first section over one pair: it becomes its all-pass; returns its low-pass. */
static inline __attribute__((always_inline)) Pair pass(Stage *stage, unsigned pair, Pair *x) {
  Pair z1 = stage->z1[pair], z2 = stage->z2[pair];
  Pair v1 = stage->c1 * z1 + stage->c2 * (*x - z2);
  Pair v2 = z2 + stage->g * v1;
  stage->z1[pair] = v1 + (v1 - z1);
  stage->z2[pair] = v2 + (v2 - z2);
  *x = *x - 2.0 * LAC_BUTTERWORTH_K * v1;
  return v2;
}

static inline __attribute__((always_inline)) Pair low_pass(Stage *stage, Pair x) {
  Pair v1 = stage->c1 * stage->low_z1 + stage->c2 * (x - stage->low_z2);
  Pair v2 = stage->low_z2 + stage->g * v1;
  stage->low_z1 = v1 + (v1 - stage->low_z1);
  stage->low_z2 = v2 + (v2 - stage->low_z2);
  return v2;
}

/* One frame through split s: pairs below s pass (to stay in phase), pair s is taken apart into itself and the next. */
static inline __attribute__((always_inline)) void split(Stage *stage, unsigned s, Pair *pairs) {
  for (unsigned b = 0; b < s; b++) {
    pass(stage, b, &pairs[b]);
  }
  Pair low = low_pass(stage, pass(stage, s, &pairs[s]));
  pairs[s + 1] = pairs[s] - low;
  pairs[s] = low;
}

static inline __attribute__((always_inline)) void run_splits(LacCrossover *crossover, const double *frames,
                                                             double *const *bands, uint32_t n_frames, uint32_t first,
                                                             uint32_t period, unsigned n_splits, bool is_moving) {
  Stage stages[LAC_CROSSOVER_MAX_SPLITS];
  double *out[LAC_CROSSOVER_MAX_BANDS];
  for (unsigned s = 0; s < n_splits; s++) {
    memcpy(&stages[s], &crossover->stages[s], sizeof crossover->stages[s]);
    set_factors(&stages[s], &crossover->places[s], first, period);
  }
  for (unsigned b = 0; b <= n_splits; b++) {
    out[b] = bands[b];
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    Pair pairs[LAC_CROSSOVER_MAX_BANDS];
    memcpy(&pairs[0], frames + 2 * i, sizeof pairs[0]);
    for (unsigned s = 0; s < n_splits; s++) {
      if (is_moving) {
        set_factors(&stages[s], &crossover->places[s], first + i, period);
      }
      split(&stages[s], s, pairs);
    }
    for (unsigned b = 0; b <= n_splits; b++) {
      memcpy(out[b] + 2 * i, &pairs[b], sizeof pairs[b]);
    }
  }
  for (unsigned s = 0; s < n_splits; s++) {
    memcpy(&crossover->stages[s], &stages[s], sizeof crossover->stages[s]);
  }
}

#define RUN_SPLITS(n)                                                                                                  \
  case n:                                                                                                              \
    run_splits(crossover, frames, bands, n_frames, first, period, n, is_moving);                                       \
    return;

static inline __attribute__((always_inline)) void run_any(LacCrossover *crossover, const double *frames,
                                                          double *const *bands, uint32_t n_frames, uint32_t first,
                                                          uint32_t period, bool is_moving) {
  switch (crossover->n_splits) {
    RUN_SPLITS(1)
    RUN_SPLITS(2)
    RUN_SPLITS(3)
    RUN_SPLITS(4)
  }
}

static void run(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames, uint32_t first,
                uint32_t period) {
  if (lac_crossover_is_still(crossover)) {
    run_any(crossover, frames, bands, n_frames, first, period, false);
  } else {
    run_any(crossover, frames, bands, n_frames, first, period, true);
  }
}

/* ---- listening ---- */

enum { LAG = 8, SIDE = LAC_PAIRS, WIDTH = LAC_PAIRS_WIDTH };

typedef LacPairs Lanes;

/* SIDE neighbouring splits; states as in LacListenForm. */
typedef struct Row {
  Lanes a1, a2, back, scale;
  Lanes w1, w2, v1, v2;
} Row;

/* Where the splits of a row take their frames from and put them. */
typedef struct Way {
  const double *in[2];
  double *low[2], *high[2];
} Way;

static inline void fill(Row *row, const LacCrossover *crossover, unsigned split, unsigned n) {
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const unsigned s = split + (lane / 2 < n ? lane / 2 : 0), l = lane % 2;
    const LacCrossoverStage *stage = &crossover->stages[s];
    const LacListenForm form = lac_crossover_listen_form(&crossover->places[s]);
    row->a1[lane] = form.a1;
    row->a2[lane] = form.a2;
    row->back[lane] = form.back;
    row->scale[lane] = form.scale;
    row->w1[lane] = lane / 2 < n ? stage->z1[2 * s + l] : 0.0;
    row->w2[lane] = lane / 2 < n ? stage->z2[2 * s + l] : 0.0;
    row->v1[lane] = lane / 2 < n ? stage->low_z1[l] : 0.0;
    row->v2[lane] = lane / 2 < n ? stage->low_z2[l] : 0.0;
  }
}

static inline void keep(const Row *row, LacCrossover *crossover, unsigned split, unsigned n) {
  for (unsigned lane = 0; lane < 2 * n; lane++) {
    const unsigned s = split + lane / 2, l = lane % 2;
    LacCrossoverStage *stage = &crossover->stages[s];
    stage->z1[2 * s + l] = row->w1[lane];
    stage->z2[2 * s + l] = row->w2[lane];
    stage->low_z1[l] = row->v1[lane];
    stage->low_z2[l] = row->v2[lane];
  }
}

static inline __attribute__((always_inline)) void listen_run(Row *row, Way way, uint32_t n) {
  const Lanes a1 = row->a1, a2 = row->a2, back = row->back, scale = row->scale;
  Lanes w1 = row->w1, w2 = row->w2, v1 = row->v1, v2 = row->v2, w_sum = w1 + w2, v_sum = v1 + v2;
#pragma GCC unroll 2
  for (uint32_t i = 0; i < 2 * n; i += 2) {
    const Lanes x = lac_pairs_load(way.in[0] + i, way.in[1] + i);
    const Lanes w = (x - a2 * w2) - a1 * w1, w_next = w + w1, l = w_next + w_sum;
    const Lanes v = (l - a2 * v2) - a1 * v1, v_next = v + v1, low = scale * (v_next + v_sum);
    const Lanes high = (x - back * (w - w2)) - low;
    lac_pairs_store(low, way.low[0] + i, way.low[1] + i);
    lac_pairs_store(high, way.high[0] + i, way.high[1] + i);
    w2 = w1;
    w1 = w;
    v2 = v1;
    v1 = v;
    w_sum = w_next;
    v_sum = v_next;
  }
  row->w1 = w1;
  row->w2 = w2;
  row->v1 = v1;
  row->v2 = v2;
}

/* A split alone: the other half of a vector, if there is one, runs over nothing. */
static void listen_to_one(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          unsigned split) {
  enum { RUN = 32 };
  double idle[3][2 * RUN] = {{0}};
  Row row;
  fill(&row, crossover, split, 1);
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < RUN ? n_frames - done : RUN;
    const Way way = {
        {frames + 2 * done, idle[0]}, {bands[split] + 2 * done, idle[1]}, {bands[split + 1] + 2 * done, idle[2]}};
    listen_run(&row, way, n);
  }
  keep(&row, crossover, split, 1);
}

#if LAC_LANES >= 8

/* Two splits, the second LAG frames behind the first. What goes up from the first waits for it in its band, which the
 * second then puts in its place. */
static void listen_to_two(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          unsigned split) {
  if (n_frames < LAG) {
    listen_to_one(crossover, frames, bands, n_frames, split);
    listen_to_one(crossover, bands[split + 1], bands, n_frames, split + 1);
    return;
  }
  double *const middle = bands[split + 1], *const top = bands[split + 2], idle[3][2 * LAG] = {{0}};
  Row row, before;
  fill(&row, crossover, split, 2);
  before = row;
  listen_run(&row, (Way){{frames, idle[0]}, {bands[split], idle[1]}, {middle, idle[2]}}, LAG);
  row.w1 = __builtin_shufflevector(row.w1, before.w1, 0, 1, 6, 7);
  row.w2 = __builtin_shufflevector(row.w2, before.w2, 0, 1, 6, 7);
  row.v1 = __builtin_shufflevector(row.v1, before.v1, 0, 1, 6, 7);
  row.v2 = __builtin_shufflevector(row.v2, before.v2, 0, 1, 6, 7);
  listen_run(&row, (Way){{frames + 2 * LAG, middle}, {bands[split] + 2 * LAG, middle}, {middle + 2 * LAG, top}},
             n_frames - LAG);
  before = row;
  double *const rest = middle + 2 * (n_frames - LAG);
  listen_run(&row, (Way){{idle[0], rest}, {idle[1], rest}, {idle[2], top + 2 * (n_frames - LAG)}}, LAG);
  row.w1 = __builtin_shufflevector(before.w1, row.w1, 0, 1, 6, 7);
  row.w2 = __builtin_shufflevector(before.w2, row.w2, 0, 1, 6, 7);
  row.v1 = __builtin_shufflevector(before.v1, row.v1, 0, 1, 6, 7);
  row.v2 = __builtin_shufflevector(before.v2, row.v2, 0, 1, 6, 7);
  keep(&row, crossover, split, 2);
}

#endif

static void listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                   uint32_t first, uint32_t period) {
  if (!lac_crossover_is_still(crossover)) {
    lac_crossover_listen_moving(crossover, frames, bands, n_frames, first, period);
    return;
  }
  unsigned split = 0;
#if LAC_LANES >= 8
  for (; split + 2 <= crossover->n_splits; split += 2) {
    listen_to_two(crossover, split > 0 ? bands[split] : frames, bands, n_frames, split);
  }
#endif
  for (; split < crossover->n_splits; split++) {
    listen_to_one(crossover, split > 0 ? bands[split] : frames, bands, n_frames, split);
  }
}

const LacCrossoverKernels LAC_KERNEL(lac_crossover_kernels) = {run, listen};
