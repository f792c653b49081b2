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

/* SIDE neighbouring splits; states as in LacListenForm, and the sums of the last two. */
typedef struct Row {
  Lanes a1, a2, back, scale;
  Lanes w1, w2, v1, v2, w_sum, v_sum;
} Row;

/* Where the splits of a row take their frames from and put them. */
typedef struct Way {
  const double *in[2];
  double *low[2], *high[2];
} Way;

static inline void fill(Row *row, const LacCrossover *crossover, unsigned split, unsigned n) {
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const unsigned s = split + (lane / 2 < n ? lane / 2 : n - 1), l = lane % 2;
    const LacCrossoverStage *stage = &crossover->stages[s];
    const LacListenForm form = lac_crossover_listen_form(&crossover->places[s]);
    row->a1[lane] = form.a1;
    row->a2[lane] = form.a2;
    row->back[lane] = form.back;
    row->scale[lane] = form.scale;
    row->w1[lane] = stage->z1[2 * s + l];
    row->w2[lane] = stage->z2[2 * s + l];
    row->v1[lane] = stage->low_z1[l];
    row->v2[lane] = stage->low_z2[l];
  }
  row->w_sum = row->w1 + row->w2;
  row->v_sum = row->v1 + row->v2;
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

static inline __attribute__((always_inline)) void listen_frame(Row *row, const Way *way, uint32_t i) {
  const Lanes x = lac_pairs_load(way->in[0] + i, way->in[1] + i);
  const Lanes w = (x - row->a2 * row->w2) - row->a1 * row->w1, w_next = w + row->w1, l = w_next + row->w_sum;
  const Lanes v = (l - row->a2 * row->v2) - row->a1 * row->v1, v_next = v + row->v1;
  const Lanes low = row->scale * (v_next + row->v_sum), high = (x - row->back * (w - row->w2)) - low;
  lac_pairs_store(low, way->low[0] + i, way->low[1] + i);
  lac_pairs_store(high, way->high[0] + i, way->high[1] + i);
  row->w2 = row->w1;
  row->w1 = w;
  row->v2 = row->v1;
  row->v1 = v;
  row->w_sum = w_next;
  row->v_sum = v_next;
}

/* n_rows, a constant, side by side: each is a chain of dependent operations. */
static inline __attribute__((always_inline)) void listen_run(Row *rows, const Way *ways, unsigned n_rows, uint32_t n) {
  Row a = rows[0], b = rows[n_rows - 1];
  const Way first = ways[0], second = ways[n_rows - 1];
#pragma GCC unroll 2
  for (uint32_t i = 0; i < 2 * n; i += 2) {
    listen_frame(&a, &first, i);
    if (n_rows > 1) {
      listen_frame(&b, &second, i);
    }
  }
  rows[0] = a;
  rows[n_rows - 1] = n_rows > 1 ? b : a;
}

/* A split alone fills a vector of two twice over. */
static void listen_to_one(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          unsigned split) {
  double *const low = bands[split], *const high = bands[split + 1];
  Row row;
  fill(&row, crossover, split, 1);
  listen_run(&row, &(Way){{frames, frames}, {low, low}, {high, high}}, 1, n_frames);
  keep(&row, crossover, split, 1);
}

#if LAC_LANES >= 8

static inline LacPairs busy_lanes(LacPairs now, LacPairs before, const bool is_busy[2]) {
  return lac_pairs_of(lac_pairs_part(is_busy[0] ? now : before, 0), lac_pairs_part(is_busy[1] ? now : before, 1));
}

/* Lanes whose split had nothing to do get back what they were before. */
static void put_back(Row *row, const Row *before, bool is_first_busy, bool is_second_busy) {
  const bool is_busy[2] = {is_first_busy, is_second_busy};
  row->w1 = busy_lanes(row->w1, before->w1, is_busy);
  row->w2 = busy_lanes(row->w2, before->w2, is_busy);
  row->v1 = busy_lanes(row->v1, before->v1, is_busy);
  row->v2 = busy_lanes(row->v2, before->v2, is_busy);
  row->w_sum = busy_lanes(row->w_sum, before->w_sum, is_busy);
  row->v_sum = busy_lanes(row->v_sum, before->v_sum, is_busy);
}

/* Of one split. What goes up waits in its band for the next split, which then puts its own frames in its place. */
static void set_way(Way *way, unsigned lane, const double *in, double *low, double *high) {
  way->in[lane] = in;
  way->low[lane] = low;
  way->high[lane] = high;
}

/* All splits (a constant, two or more) at once, each LAG frames behind the one before: at first the lower ones are
 * alone, in the end the upper ones. A lone one in its vector fills it twice over. */
static inline __attribute__((always_inline)) void listen_to_all(LacCrossover *crossover, const double *frames,
                                                                double *const *bands, uint32_t n_frames,
                                                                unsigned n_splits) {
  const unsigned n_rows = (n_splits + 1) / 2, last = n_splits - 1;
  double idle[3][2 * LAG] = {{0}};
  Row rows[2], before[2];
  for (unsigned r = 0; r < n_rows; r++) {
    fill(&rows[r], crossover, 2 * r, n_splits - 2 * r < 2 ? 1 : 2);
  }
  for (uint32_t at = 0, n; at < n_frames + last * LAG; at += n) {
    Way ways[2];
    bool is_busy[4];
    n = at == last * LAG ? n_frames - last * LAG : LAG;
    for (unsigned lane = 0; lane < 2 * n_rows; lane++) {
      const unsigned s = lane < last ? lane : last;
      is_busy[lane] = at >= s * LAG && at < n_frames + s * LAG;
      if (is_busy[lane]) {
        const size_t place = 2 * (at - (size_t)s * LAG);
        set_way(&ways[lane / 2], lane % 2, (s > 0 ? bands[s] : frames) + place, bands[s] + place, bands[s + 1] + place);
      } else {
        set_way(&ways[lane / 2], lane % 2, idle[0], idle[1], idle[2]);
      }
    }
    memcpy(before, rows, n_rows * sizeof rows[0]);
    listen_run(rows, ways, n_rows, n);
    for (unsigned r = 0; r < n_rows; r++) {
      put_back(&rows[r], &before[r], is_busy[2 * r], is_busy[2 * r + 1]);
    }
  }
  for (unsigned r = 0; r < n_rows; r++) {
    keep(&rows[r], crossover, 2 * r, n_splits - 2 * r < 2 ? 1 : 2);
  }
}

#endif

static void listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                   uint32_t first, uint32_t period) {
  if (!lac_crossover_is_still(crossover)) {
    lac_crossover_listen_moving(crossover, frames, bands, n_frames, first, period);
    return;
  }
#if LAC_LANES >= 8
  if (n_frames > crossover->n_splits * LAG) {
    switch (crossover->n_splits) {
    case 2:
      listen_to_all(crossover, frames, bands, n_frames, 2);
      return;
    case 3:
      listen_to_all(crossover, frames, bands, n_frames, 3);
      return;
    case 4:
      listen_to_all(crossover, frames, bands, n_frames, 4);
      return;
    }
  }
#endif
  for (unsigned split = 0; split < crossover->n_splits; split++) {
    listen_to_one(crossover, split > 0 ? bands[split] : frames, bands, n_frames, split);
  }
}

const LacCrossoverKernels LAC_KERNEL(lac_crossover_kernels) = {run, listen};
