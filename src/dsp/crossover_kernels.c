/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. A frame is a row of pairs, one per band; split s works on pairs 0 .. s, all with the
 * same factors, and takes the last one apart. The number of splits is a constant in every loop, so that all lanes and
 * states of a frame live in registers. Those who only listen need no phase: there split s works LAG frames behind
 * split s - 1, so that all splits work at once, two to a vector where it holds four lanes. */

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

/* With a lag of one frame, neighbours in a vector would wait for each other's result of the last frame. */
enum { LAG = 2, DEPTH = LAC_PAIRS, WIDTH = LAC_PAIRS_WIDTH, MAX_GROUPS = LAC_CROSSOVER_MAX_SPLITS / DEPTH };

typedef LacPairs Lanes;
typedef int64_t Whole __attribute__((vector_size(8 * WIDTH)));

/* Two integrators of every lane, and one frame through them (quick_section of crossover.c). */
typedef struct Integrators {
  Lanes z1, z2;
} Integrators;

/* DEPTH neighbouring splits. */
typedef struct Group {
  Lanes in1, in2, keep1;
  Integrators whole, low;
  Lanes high, older; /* what went up to the next split in the last frame and in the one before */
  Whole lag;         /* of each lane's split, in frames */
} Group;

static inline __attribute__((always_inline)) Lanes select_lanes(Whole mask, Lanes yes, Lanes no) {
  return (Lanes)(((Whole)yes & mask) | ((Whole)no & ~mask));
}

static inline __attribute__((always_inline)) Lanes quick_pass(const Group *g, Integrators *s, Lanes x, Whole works,
                                                              bool at_edge, Lanes *band) {
  Lanes z1 = s->z1, z2 = s->z2, beyond = x - z2;
  Lanes next1 = g->in1 * beyond + g->keep1 * z1;
  Lanes next2 = (z2 + g->in2 * beyond) + g->in1 * z1;
  s->z1 = at_edge ? select_lanes(works, next1, z1) : next1;
  s->z2 = at_edge ? select_lanes(works, next2, z2) : next2;
  *band = z1 + next1;
  return z2 + next2;
}

/* Returns the bands of the group's splits. */
static inline __attribute__((always_inline)) Lanes listen_step(Group *g, Lanes x, int64_t t, int64_t n_frames,
                                                               bool at_edge) {
  Whole frame = t - g->lag, works = (Whole)(frame >= 0) & (Whole)(frame < n_frames);
  Lanes band, unused, low = quick_pass(g, &g->whole, x, works, at_edge, &band);
  low = 0.25 * quick_pass(g, &g->low, low, works, at_edge, &unused);
  g->older = g->high;
  g->high = (x - LAC_BUTTERWORTH_K * band) - low;
  return low;
}

/* What the splits of a group take in: the first one what comes from `below` in its last pair, each other one what its
 * neighbour sent up. */
static inline __attribute__((always_inline)) Lanes follow(Lanes below, Lanes high) {
#if LAC_LANES >= 8
  return __builtin_shufflevector(below, high, 2, 3, 4, 5);
#else
  (void)high;
  return below;
#endif
}

static inline __attribute__((always_inline)) Lanes follow_frame(const double *frame, Lanes high) {
#if LAC_LANES >= 8
  return lac_pairs_of(*(const LacPairU *)frame, __builtin_shufflevector(high, high, 0, 1));
#else
  (void)high;
  return *(const LacPairU *)frame;
#endif
}

static inline __attribute__((always_inline)) void store_pair(Lanes y, unsigned pair, double *frame) {
  *(LacPairU *)frame = lac_pairs_part(y, pair);
}

static inline __attribute__((always_inline)) void listen_steps(Group *groups, unsigned n_splits, const double *frames,
                                                               double *const *bands, int64_t from, int64_t to,
                                                               int64_t n_frames, bool at_edge) {
  const unsigned n_groups = (n_splits + DEPTH - 1) / DEPTH;
  for (int64_t t = from; t < to; t++) {
    for (unsigned g = n_groups; g-- > 0;) {
      const double *frame_at = frames + 2 * (!at_edge || t < n_frames ? t : 0);
      Lanes x = g > 0 ? follow(groups[g - 1].older, groups[g].older) : follow_frame(frame_at, groups[0].older);
      Lanes low = listen_step(&groups[g], x, t, n_frames, at_edge);
      for (unsigned s = g * DEPTH; s < (g + 1) * DEPTH && s < n_splits; s++) {
        const int64_t frame = t - LAG * (int64_t)s;
        if (!at_edge || (frame >= 0 && frame < n_frames)) {
          store_pair(low, s % DEPTH, bands[s] + 2 * frame);
          if (s + 1 == n_splits) {
            store_pair(groups[g].high, s % DEPTH, bands[n_splits] + 2 * frame);
          }
        }
      }
    }
  }
}

static inline void fill(Group *group, const LacCrossover *crossover, unsigned first_split, uint32_t first,
                        uint32_t period) {
  *group = (Group){.lag = {0}};
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    const unsigned s = first_split + lane / 2;
    group->lag[lane] = LAG * s;
    if (s < crossover->n_splits) {
      const LacCrossoverStage *stage = &crossover->stages[s];
      Stage factors;
      set_factors(&factors, &crossover->places[s], first, period);
      group->in1[lane] = 2.0 * factors.c2;
      group->in2[lane] = factors.g * (2.0 * factors.c2);
      group->keep1[lane] = 2.0 * factors.c1 - 1.0;
      group->whole.z1[lane] = stage->z1[2 * s + lane % 2];
      group->whole.z2[lane] = stage->z2[2 * s + lane % 2];
      group->low.z1[lane] = stage->low_z1[lane % 2];
      group->low.z2[lane] = stage->low_z2[lane % 2];
    }
  }
}

static inline void keep(const Group *group, LacCrossover *crossover, unsigned first_split) {
  for (unsigned lane = 0; lane < WIDTH && first_split + lane / 2 < crossover->n_splits; lane++) {
    const unsigned s = first_split + lane / 2;
    LacCrossoverStage *stage = &crossover->stages[s];
    stage->z1[2 * s + lane % 2] = group->whole.z1[lane];
    stage->z2[2 * s + lane % 2] = group->whole.z2[lane];
    stage->low_z1[lane % 2] = group->low.z1[lane];
    stage->low_z2[lane % 2] = group->low.z2[lane];
  }
}

/* n_splits is a constant at every call. */
static inline __attribute__((always_inline)) void listen_splits(LacCrossover *crossover, const double *frames,
                                                                double *const *bands, uint32_t n_frames, uint32_t first,
                                                                uint32_t period, unsigned n_splits) {
  Group groups[MAX_GROUPS];
  double *out[LAC_CROSSOVER_MAX_BANDS];
  for (unsigned g = 0; g * DEPTH < n_splits; g++) {
    fill(&groups[g], crossover, g * DEPTH, first, period);
  }
  for (unsigned b = 0; b <= n_splits; b++) {
    out[b] = bands[b];
  }
  const int64_t n = n_frames, skew = LAG * ((int64_t)n_splits - 1), head = skew < n ? skew : n + skew;
  listen_steps(groups, n_splits, frames, out, 0, head, n, true);
  if (skew < n) {
    listen_steps(groups, n_splits, frames, out, skew, n, n, false);
    listen_steps(groups, n_splits, frames, out, n, n + skew, n, true);
  }
  for (unsigned g = 0; g * DEPTH < n_splits; g++) {
    keep(&groups[g], crossover, g * DEPTH);
  }
}

static void listen_still(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                         uint32_t first, uint32_t period) {
  switch (crossover->n_splits) {
  case 1:
    listen_splits(crossover, frames, bands, n_frames, first, period, 1);
    break;
  case 2:
    listen_splits(crossover, frames, bands, n_frames, first, period, 2);
    break;
  case 3:
    listen_splits(crossover, frames, bands, n_frames, first, period, 3);
    break;
  case 4:
    listen_splits(crossover, frames, bands, n_frames, first, period, 4);
    break;
  }
}

/* While frequencies move every frame has its own factors: frame by frame. */
static void listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                   uint32_t first, uint32_t period) {
  if (lac_crossover_is_still(crossover)) {
    listen_still(crossover, frames, bands, n_frames, first, period);
    return;
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    double *frame[LAC_CROSSOVER_MAX_BANDS];
    for (unsigned b = 0; b <= crossover->n_splits; b++) {
      frame[b] = bands[b] + 2 * i;
    }
    listen_still(crossover, frames + 2 * i, frame, 1, first + i, period);
  }
}

const LacCrossoverKernels LAC_KERNEL(lac_crossover_kernels) = {run, listen};
