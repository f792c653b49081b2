/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The lanes of a frame are its bands, two each; split s works on lanes 0 .. 2 s + 1 at
 * once, all with the same factors, and takes the last pair apart. The number of splits is a constant in every loop, so
 * that all lanes and states of a frame live in registers. */

#include "dsp/crossover_kernels.h"

#include <string.h>

enum {
  WIDTH = LAC_LANES >= 8 ? 4 : 2, /* 8 lanes would stand half empty */
  N_VECTORS = LAC_CROSSOVER_LANES / WIDTH,
  PAIRS = WIDTH / 2
};

typedef double Lanes __attribute__((vector_size(8 * WIDTH)));
typedef double Pair __attribute__((vector_size(16)));

typedef struct Stage {
  Lanes z1[N_VECTORS], z2[N_VECTORS];
  Pair low_z1, low_z2;
  double c1, c2, g;
} Stage;

_Static_assert(offsetof(Stage, c1) == sizeof(LacCrossoverStage), "a stage begins as one");

static inline __attribute__((always_inline)) Pair get_pair(const Lanes *lanes, unsigned pair) {
#if LAC_LANES >= 8
  Lanes v = lanes[pair / PAIRS];
  return pair % PAIRS ? __builtin_shufflevector(v, v, 2, 3) : __builtin_shufflevector(v, v, 0, 1);
#else
  return lanes[pair];
#endif
}

static inline __attribute__((always_inline)) void put_pair(Lanes *lanes, unsigned pair, Pair value) {
#if LAC_LANES >= 8
  Lanes wide = __builtin_shufflevector(value, value, 0, 1, 0, 1);
  Lanes *v = &lanes[pair / PAIRS];
  *v = pair % PAIRS ? __builtin_shufflevector(*v, wide, 0, 1, 6, 7) : __builtin_shufflevector(wide, *v, 0, 1, 6, 7);
#else
  lanes[pair] = value;
#endif
}

static inline __attribute__((always_inline)) void set_factors(Stage *stage, const LacCrossoverPlace *place,
                                                              uint32_t frame, uint32_t period) {
  double g = place->from_g + (place->to_g - place->from_g) * ((double)(frame + 1) / (double)period);
  stage->c1 = 1.0 / (1.0 + g * (g + LAC_BUTTERWORTH_K));
  stage->c2 = g * stage->c1;
  stage->g = g;
}

/* The first section over the lanes of one vector: they become their all-pass; returns their low-pass. */
static inline __attribute__((always_inline)) Lanes pass(Stage *stage, unsigned vector, Lanes *x) {
  Lanes z1 = stage->z1[vector], z2 = stage->z2[vector];
  Lanes v1 = stage->c1 * z1 + stage->c2 * (*x - z2);
  Lanes v2 = z2 + stage->g * v1;
  stage->z1[vector] = v1 + (v1 - z1);
  stage->z2[vector] = v2 + (v2 - z2);
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

/* One frame through split s; `last` is the pair that is split, and becomes the upper one. */
static inline __attribute__((always_inline)) Pair split(Stage *stage, unsigned s, Lanes *lanes, Pair last) {
  Lanes low[N_VECTORS];
  put_pair(lanes, s, last);
  for (unsigned v = 0; v <= s / PAIRS; v++) {
    low[v] = pass(stage, v, &lanes[v]);
  }
  Pair lowest = low_pass(stage, get_pair(low, s));
  Pair upper = get_pair(lanes, s) - lowest;
  put_pair(lanes, s, lowest);
  return upper;
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
    Lanes lanes[N_VECTORS] = {{0}};
    Pair last;
    memcpy(&last, frames + 2 * i, sizeof last);
    for (unsigned s = 0; s < n_splits; s++) {
      if (is_moving) {
        set_factors(&stages[s], &crossover->places[s], first + i, period);
      }
      last = split(&stages[s], s, lanes, last);
    }
    for (unsigned b = 0; b < n_splits; b++) {
      Pair low = get_pair(lanes, b);
      memcpy(out[b] + 2 * i, &low, sizeof low);
    }
    memcpy(out[n_splits] + 2 * i, &last, sizeof last);
  }
  for (unsigned s = 0; s < n_splits; s++) {
    memcpy(&crossover->stages[s], &stages[s], sizeof crossover->stages[s]);
  }
}

#define RUN_SPLITS(n, is_moving)                                                                                       \
  case n:                                                                                                              \
    run_splits(crossover, frames, bands, n_frames, first, period, n, is_moving);                                       \
    return;

static void run(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames, uint32_t first,
                uint32_t period) {
  if (lac_crossover_is_still(crossover)) {
    switch (crossover->n_splits) {
      RUN_SPLITS(1, false)
      RUN_SPLITS(2, false)
      RUN_SPLITS(3, false)
      RUN_SPLITS(4, false)
    }
  } else {
    switch (crossover->n_splits) {
      RUN_SPLITS(1, true)
      RUN_SPLITS(2, true)
      RUN_SPLITS(3, true)
      RUN_SPLITS(4, true)
    }
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
    Lanes x = {0};
    memcpy(&x, frames + 2 * i, 2 * sizeof *frames);
    for (unsigned s = 0; s < n_splits; s++) {
      if (is_moving) {
        set_factors(&stages[s], &crossover->places[s], first + i, period);
      }
      pass(&stages[s], 0, &x);
    }
    memcpy(frames + 2 * i, &x, 2 * sizeof *frames);
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

const LacCrossoverKernels LAC_KERNEL(lac_crossover_kernels) = {run, all_pass};
