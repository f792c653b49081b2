/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. A frame is a row of pairs, one per band; split s works on pairs 0 .. s, all with the
 * same factors, and takes the last one apart. The number of splits is a constant in every loop, so that all lanes and
 * states of a frame live in registers. */

#include "dsp/crossover_kernels.h"

#include <string.h>

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
static inline __attribute__((always_inline)) void split(Stage *stage, unsigned s, Pair *pairs, bool is_in_phase) {
  for (unsigned b = 0; is_in_phase && b < s; b++) {
    pass(stage, b, &pairs[b]);
  }
  Pair low = low_pass(stage, pass(stage, s, &pairs[s]));
  pairs[s + 1] = pairs[s] - low;
  pairs[s] = low;
}

static inline __attribute__((always_inline)) void run_splits(LacCrossover *crossover, const double *frames,
                                                             double *const *bands, uint32_t n_frames, uint32_t first,
                                                             uint32_t period, unsigned n_splits, bool is_moving,
                                                             bool is_in_phase) {
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
      split(&stages[s], s, pairs, is_in_phase);
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
    run_splits(crossover, frames, bands, n_frames, first, period, n, is_moving, is_in_phase);                          \
    return;

static inline __attribute__((always_inline)) void run_any(LacCrossover *crossover, const double *frames,
                                                          double *const *bands, uint32_t n_frames, uint32_t first,
                                                          uint32_t period, bool is_moving, bool is_in_phase) {
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
    run_any(crossover, frames, bands, n_frames, first, period, false, true);
  } else {
    run_any(crossover, frames, bands, n_frames, first, period, true, true);
  }
}

static void listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                   uint32_t first, uint32_t period) {
  if (lac_crossover_is_still(crossover)) {
    run_any(crossover, frames, bands, n_frames, first, period, false, false);
  } else {
    run_any(crossover, frames, bands, n_frames, first, period, true, false);
  }
}

static inline __attribute__((always_inline)) void run_all_pass(LacCrossover *crossover, double *frames,
                                                               uint32_t n_frames, uint32_t first, uint32_t period,
                                                               unsigned n_splits) {
  Stage stages[LAC_CROSSOVER_MAX_SPLITS];
  bool is_moving = !lac_crossover_is_still(crossover);
  for (unsigned s = 0; s < n_splits; s++) {
    memcpy(&stages[s], &crossover->stages[s], sizeof crossover->stages[s]);
    set_factors(&stages[s], &crossover->places[s], first, period);
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    Pair x;
    memcpy(&x, frames + 2 * i, sizeof x);
    for (unsigned s = 0; s < n_splits; s++) {
      if (is_moving) {
        set_factors(&stages[s], &crossover->places[s], first + i, period);
      }
      pass(&stages[s], 0, &x);
    }
    memcpy(frames + 2 * i, &x, sizeof x);
  }
  for (unsigned s = 0; s < n_splits; s++) {
    memcpy(&crossover->stages[s], &stages[s], sizeof crossover->stages[s]);
  }
}

#define RUN_ALL_PASS(n)                                                                                                \
  case n:                                                                                                              \
    run_all_pass(crossover, frames, n_frames, first, period, n);                                                       \
    return;

static void all_pass(LacCrossover *crossover, double *frames, uint32_t n_frames, uint32_t first, uint32_t period) {
  switch (crossover->n_splits) {
    RUN_ALL_PASS(1)
    RUN_ALL_PASS(2)
    RUN_ALL_PASS(3)
    RUN_ALL_PASS(4)
  }
}

const LacCrossoverKernels LAC_KERNEL(lac_crossover_kernels) = {run, listen, all_pass};
