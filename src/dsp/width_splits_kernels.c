/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Where four doubles fit into a vector, the sections of mid and side and, two frames
 * later, those of what is held and of the second low-pass are one; and two splits run in one loop, the second on what
 * the first has just finished, so that their chains of dependent operations overlap:
 *
 *   step t:  split 0 { mid t, side t, held t-2, low t-2 }  ->  split 1 { mid t-2, side t-2, held t-4, low t-4 }
 *
 * (One frame later would do, but then every step would wait for all of the one before.)
 * At both ends of a stretch some lanes have no frame to work on; there a mask keeps their states. */

#include "dsp/width_splits_kernels.h"

#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

typedef double Pair __attribute__((vector_size(16)));

#if LAC_LANES >= 8

typedef double Quad __attribute__((vector_size(32)));
typedef int64_t Whole __attribute__((vector_size(32)));

enum { AT_ONCE = 2, LAG = 2 };

typedef struct Stage {
  Quad g, c1, c2, a11, a22, b1, b2, round;
  double gain;
  Quad z1, z2;
  /* Of the two steps before, in turn. */
  Pair low[LAG];       /* its second lane counts */
  Pair passed[LAG];    /* mid and side, all-passed */
  double waiting[LAG]; /* what is held of the frame that the step began */
} Stage;

ALWAYS Stage begin(const LacWidthFactors *f, const LacWidthSplit *split) {
  const Quad zero = {0};
  Stage s = {.g = zero + f->g, .c1 = zero + f->c1, .c2 = zero + f->c2, .a11 = zero + f->a11, .a22 = zero + f->a22};
  s.b1 = zero + f->b1, s.b2 = zero + f->b2, s.round = zero + f->round, s.gain = f->gain;
  memcpy(&s.z1, split->z1, sizeof s.z1);
  memcpy(&s.z2, split->z2, sizeof s.z2);
  return s;
}

ALWAYS void end(const Stage *s, LacWidthSplit *split) {
  memcpy(split->z1, &s->z1, sizeof s->z1);
  memcpy(split->z2, &s->z2, sizeof s->z2);
}

/* In: the pair and what is held of frame t; out: those of frame t - LAG. turn: t % LAG. */
ALWAYS void step(Stage *s, Pair *pair, double *held, int64_t t, unsigned turn, int64_t n, bool at_edge) {
  const Pair later = {s->waiting[turn], s->low[turn][1]};
  const Quad x = __builtin_shufflevector(*pair, later, 0, 1, 2, 3), apart = x - s->z2;
  const Quad v1 = s->c1 * s->z1 + s->c2 * apart, v2 = s->z2 + s->g * v1;
  Quad next1 = s->a11 * s->z1 + s->b1 * apart, next2 = s->a22 * s->z2 + (s->b1 * s->z1 + s->b2 * x);
  if (at_edge) {
    const Whole frame = {t, t, t - LAG, t - LAG}, works = (Whole)(frame >= 0) & (Whole)(frame < n);
    next1 = (Quad)(((Whole)next1 & works) | ((Whole)s->z1 & ~works));
    next2 = (Quad)(((Whole)next2 & works) | ((Whole)s->z2 & ~works));
  }
  s->z1 = next1;
  s->z2 = next2;
  const Quad passed = x - s->round * v1;
  s->waiting[turn] = *held;
  *held = passed[2] + s->gain * v2[3];
  *pair = s->passed[turn] - (Pair){0.0, v2[3]};
  s->passed[turn] = __builtin_shufflevector(passed, passed, 0, 1);
  s->low[turn] = __builtin_shufflevector(v2, v2, 0, 1);
}

/* One step of all stages. */
ALWAYS void step_all(Stage *stages, int n_stages, double *frames, double *held, int64_t t, unsigned turn, int64_t n,
                     bool at_edge) {
  const int64_t skew = LAG * n_stages;
  Pair pair = {0};
  double finished = 0;
  if (!at_edge || t < n) {
    memcpy(&pair, frames + 2 * t, sizeof pair);
    finished = held[t];
  }
  step(&stages[0], &pair, &finished, t, turn, n, at_edge);
  if (n_stages > 1)
    step(&stages[1], &pair, &finished, t - LAG, turn, n, at_edge);
  if (!at_edge || (t >= skew && t < n + skew)) {
    memcpy(frames + 2 * (t - skew), &pair, sizeof pair);
    held[t - skew] = finished;
  }
}

/* Turns are constants, so that nothing is moved from one to the other. */
ALWAYS void step_twice(Stage *stages, int n_stages, double *frames, double *held, int64_t t, int64_t n, bool at_edge) {
  step_all(stages, n_stages, frames, held, t, 0, n, at_edge);
  step_all(stages, n_stages, frames, held, t + 1, 1, n, at_edge);
}

/* n_stages is a constant at every call, so that stages live in registers. */
ALWAYS void run_stages(const LacWidthFactors *factors, LacWidthSplit *splits, int n_stages, double *frames,
                       double *held, uint32_t n_frames) {
  Stage stages[AT_ONCE];
  const int64_t n = n_frames, skew = LAG * n_stages, whole = n > skew ? n - n % LAG : 0;
  stages[0] = begin(&factors[0], &splits[0]);
  if (n_stages > 1)
    stages[1] = begin(&factors[1], &splits[1]);
  int64_t t = 0;
  for (; t < skew; t += LAG)
    step_twice(stages, n_stages, frames, held, t, n, true);
  for (; t < whole; t += LAG)
    step_twice(stages, n_stages, frames, held, t, n, false);
  for (; t < n + skew; t += LAG)
    step_twice(stages, n_stages, frames, held, t, n, true);
  end(&stages[0], &splits[0]);
  if (n_stages > 1)
    end(&stages[1], &splits[1]);
}

static void run(const LacWidthFactors *factors, LacWidthSplit *splits, unsigned n_splits, double *frames, double *held,
                uint32_t n_frames) {
  unsigned k = 0;
  for (; k + AT_ONCE <= n_splits; k += AT_ONCE)
    run_stages(factors + k, splits + k, AT_ONCE, frames, held, n_frames);
  if (k < n_splits)
    run_stages(factors + k, splits + k, 1, frames, held, n_frames);
}

#else

/* One section over two lanes: returns its low-pass, *x becomes its all-pass. */
ALWAYS Pair section(const LacWidthFactors *f, Pair *z1, Pair *z2, Pair *x) {
  const Pair apart = *x - *z2;
  const Pair v1 = f->c1 * *z1 + f->c2 * apart, v2 = *z2 + f->g * v1;
  const Pair next1 = f->a11 * *z1 + f->b1 * apart;
  *z2 = f->a22 * *z2 + (f->b1 * *z1 + f->b2 * *x);
  *z1 = next1;
  *x = *x - f->round * v1;
  return v2;
}

static void run(const LacWidthFactors *factors, LacWidthSplit *splits, unsigned n_splits, double *frames, double *held,
                uint32_t n_frames) {
  for (unsigned k = 0; k < n_splits; k++) {
    const LacWidthFactors f = factors[k];
    Pair z1[2], z2[2]; /* {mid, side}, {held, low} */
    memcpy(z1, splits[k].z1, sizeof z1);
    memcpy(z2, splits[k].z2, sizeof z2);
    for (uint32_t i = 0; i < n_frames; i++) {
      Pair x;
      memcpy(&x, frames + 2 * i, sizeof x);
      const Pair low = section(&f, &z1[0], &z2[0], &x);
      Pair behind = {held[i], low[1]};
      const Pair lowest = section(&f, &z1[1], &z2[1], &behind);
      held[i] = behind[0] + f.gain * lowest[1];
      frames[2 * i] = x[0];
      frames[2 * i + 1] = x[1] - lowest[1];
    }
    memcpy(splits[k].z1, z1, sizeof z1);
    memcpy(splits[k].z2, z2, sizeof z2);
  }
}

#endif

const LacWidthSplitsKernels LAC_KERNEL(lac_width_splits_kernels) = {run};
