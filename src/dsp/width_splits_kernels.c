/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. A vector holds the same section of four splits (of two in baseline), each LAG frames
 * behind the one before, so that within a step only what a split hands on to the next one changes its lane:
 *
 *   step t:  mid  { split 0, frame t | split 1, frame t - LAG | split 2, frame t - 2 LAG | ... }, side, held, low alike
 *
 * The chain through a split is some forty cycles long, so LAG steps overlap. At both ends of a stretch some lanes have
 * no frame to work on; there a mask keeps their states.
 *
 * All states shall stay in registers, or every step waits for memory: so what is handed on lies in a ring, and each
 * section is done with before the next one begins. */

#include "dsp/width_splits_kernels.h"

#include <float.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

enum {
  WIDTH = LAC_LANES < 8 ? 2 : 4, /* splits at once */
  LAG = 3,                       /* frames from lane to lane */
  RING = 4,                      /* steps that are kept, more than LAG */
  SKEW = LAG * (WIDTH - 1)
};

typedef double D __attribute__((vector_size(8 * WIDTH)));
typedef int64_t Whole __attribute__((vector_size(8 * WIDTH)));
typedef double Pair __attribute__((vector_size(16)));

#if LAC_LANES < 8
#define ALL(x) ((D){x, x})
#define LAGS ((Whole){0, LAG})
#define HAND_ON(in, before) __builtin_shufflevector(in, before, 0, 2)
#define LAST(a, b) __builtin_shufflevector(a, b, 1, 3)
#else
#define ALL(x) ((D){x, x, x, x})
#define LAGS ((Whole){0, LAG, 2 * LAG, 3 * LAG})
#define HAND_ON(in, before) __builtin_shufflevector(in, before, 0, 4, 5, 6)
#define LAST(a, b) __builtin_shufflevector(a, b, 3, 7)
#endif

typedef struct Section {
  D z1, z2;
} Section;

typedef struct Splits {
  D a, b, round, gain;
  Section sections[LAC_WIDTH_SECTIONS];
  D mid[RING], side[RING], held[RING]; /* handed on, of the last steps in turn: t % RING */
} Splits;

/* What stands in memory, and between two runs what is held of it. */
typedef struct Frames {
  double *pairs, *held;
  int64_t n;
  double last_gain;
} Frames;

ALWAYS D row(const double *values) {
  D v;
  memcpy(&v, values, sizeof v);
  return v;
}

/* Where the lanes of step t have a frame. */
ALWAYS Whole lanes_at_work(int64_t t, int64_t n) {
  const Whole frame = t - LAGS;
  return (Whole)(frame >= 0) & (Whole)(frame < n);
}

ALWAYS D select_lanes(Whole mask, D yes, D no) {
  return (D)(((Whole)yes & mask) | ((Whole)no & ~mask));
}

ALWAYS D turn(const Splits *s, Section *section, D apart, Whole works, bool at_edge) {
  const D w = s->a * section->z1 + s->b * apart, next1 = w - section->z1, next2 = section->z2 + w;
  section->z1 = at_edge ? select_lanes(works, next1, section->z1) : next1;
  section->z2 = at_edge ? select_lanes(works, next2, section->z2) : next2;
  return w;
}

/* begins and ends: with the first and the last of the splits. All bools are constants. */
ALWAYS void step(Splits *s, const Frames *f, int64_t t, bool begins, bool ends, bool at_edge) {
  const uint32_t now = (uint32_t)t % RING, before = (uint32_t)(t - LAG) % RING;
  const Whole works = at_edge ? lanes_at_work(t, f->n) : (Whole){0};
  const bool comes = !at_edge || t < f->n, goes = !at_edge || (t >= SKEW && t < f->n + SKEW);
  Section *sections = s->sections;
  const D mid = HAND_ON(ALL(comes ? f->pairs[2 * t] : 0), s->mid[before]);
  const D mid_w = turn(s, &sections[LAC_WIDTH_MID], mid - sections[LAC_WIDTH_MID].z2, works, at_edge);
  s->mid[now] = mid - s->round * mid_w;
  const D side = HAND_ON(ALL(comes ? f->pairs[2 * t + 1] : 0), s->side[before]);
  const D low_z2 = sections[LAC_WIDTH_LOW].z2, side_z2 = sections[LAC_WIDTH_SIDE].z2;
  const D side_w = turn(s, &sections[LAC_WIDTH_SIDE], side - side_z2, works, at_edge);
  const D low_w = turn(s, &sections[LAC_WIDTH_LOW], ((side_z2 + side_z2) - low_z2) + side_w, works, at_edge);
  const D finished = 0.25 * ((low_z2 + low_z2) + low_w);
  s->side[now] = (side - s->round * side_w) - finished;
  const D held = HAND_ON(ALL(begins || !comes ? 0 : f->held[t]), s->held[before]);
  const D held_w = turn(s, &sections[LAC_WIDTH_HELD], held - sections[LAC_WIDTH_HELD].z2, works, at_edge);
  s->held[now] = (held - s->round * held_w) + s->gain * finished;
  if (goes) {
    const D left = ends ? s->held[now] + f->last_gain * s->side[now] : s->side[now];
    const Pair pair = LAST(s->mid[now], left);
    memcpy(f->pairs + 2 * (t - SKEW), &pair, sizeof pair);
    if (!ends)
      f->held[t - SKEW] = s->held[now][WIDTH - 1];
  }
}

ALWAYS void steps(Splits *s, const Frames *f, int64_t from, int64_t to, bool begins, bool ends, bool at_edge) {
  for (int64_t t = from; t < to; t++)
    step(s, f, t, begins, ends, at_edge);
}

ALWAYS void run_at(const LacWidthFactors *factors, LacWidthState *state, unsigned first, const Frames *f, bool begins,
                   bool ends) {
  Splits s = {.a = row(factors->a + first), .b = row(factors->b + first), .round = row(factors->round + first)};
  s.gain = row(factors->gain + first);
  for (int k = 0; k < LAC_WIDTH_SECTIONS; k++)
    s.sections[k] = (Section){row(state->z1[k] + first), row(state->z2[k] + first)};
  const int64_t whole = f->n > SKEW ? f->n : SKEW;
  steps(&s, f, 0, SKEW, begins, ends, true);
  steps(&s, f, SKEW, whole, begins, ends, false);
  steps(&s, f, whole, f->n + SKEW, begins, ends, true);
  for (int k = 0; k < LAC_WIDTH_SECTIONS; k++) {
    memcpy(state->z1[k] + first, &s.sections[k].z1, sizeof(D));
    memcpy(state->z2[k] + first, &s.sections[k].z2, sizeof(D));
  }
}

/* Places before the first split hand everything on. */
static void run(const LacWidthFactors *factors, LacWidthState *state, unsigned n_splits, double *frames,
                uint32_t n_frames) {
#if LAC_LANES < 8
  double held[LAC_WIDTH_MOST_FRAMES];
  const Frames f = {frames, held, n_frames, factors->last_gain};
  if (n_splits > WIDTH) {
    run_at(factors, state, 0, &f, true, false);
    run_at(factors, state, WIDTH, &f, false, true);
  } else {
    run_at(factors, state, WIDTH, &f, true, true);
  }
#else
  const Frames f = {frames, NULL, n_frames, factors->last_gain};
  (void)n_splits;
  run_at(factors, state, 0, &f, true, true);
#endif
}

/* ---- left and right ---- */

enum { HALF = LAC_LANES / 2, RUN = 64 }; /* HALF: doubles in a vector of the level's own width */

typedef double DV __attribute__((vector_size(8 * HALF)));
typedef double DVU __attribute__((vector_size(8 * HALF), aligned(8), may_alias));
typedef float FH __attribute__((vector_size(4 * HALF)));
typedef float FHU __attribute__((vector_size(4 * HALF), aligned(4), may_alias));

#if LAC_LANES == 16
#define LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define UPPER 4, 12, 5, 13, 6, 14, 7, 15
#define FIRSTS 0, 8, 2, 10, 4, 12, 6, 14
#define SECONDS 1, 9, 3, 11, 5, 13, 7, 15
#define IN_ORDER 0, 2, 4, 6, 1, 3, 5, 7
#elif LAC_LANES == 8
#define LOWER 0, 4, 1, 5
#define UPPER 2, 6, 3, 7
#define FIRSTS 0, 4, 2, 6
#define SECONDS 1, 5, 3, 7
#define IN_ORDER 0, 2, 1, 3
#else
#define LOWER 0, 2
#define UPPER 1, 3
#define FIRSTS 0, 2
#define SECONDS 1, 3
#define IN_ORDER 0, 1
#endif

static void to_mid_side(const float *left, const float *right, double *frames, uint32_t n_frames) {
  uint32_t i = 0;
  for (; i + HALF <= n_frames; i += HALF) {
    const DV l = __builtin_convertvector(*(const FHU *)(left + i), DV);
    const DV r = __builtin_convertvector(*(const FHU *)(right + i), DV), mid = 0.5 * (l + r), side = 0.5 * (l - r);
    *(DVU *)(frames + 2 * i) = __builtin_shufflevector(mid, side, LOWER);
    *(DVU *)(frames + 2 * i + HALF) = __builtin_shufflevector(mid, side, UPPER);
  }
  lac_width_splits_kernels_scalar.to_mid_side(left + i, right + i, frames + 2 * i, n_frames - i);
}

/* Loops of their own: together gcc 12 makes branches of them. */
ALWAYS void hold(float *restrict samples, float *restrict held, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    samples[i] = samples[i] < FLT_MAX ? samples[i] : FLT_MAX;
  for (uint32_t i = 0; i < n; i++)
    held[i] = samples[i] > -FLT_MAX ? samples[i] : -FLT_MAX;
}

/* A vector of frames, whose pairs lie in two: firsts and seconds, in an order that needs no exchange of halves until
 * they are floats. */
static void to_left_right(const double *frames, const double gains[2], float *left, float *right, uint32_t n_frames) {
  float sides[2][RUN];
  uint32_t done = 0;
  for (uint32_t n; (n = (n_frames - done < RUN ? n_frames - done : RUN) / HALF * HALF) > 0; done += n) {
    for (uint32_t i = 0; i < n; i += HALF) {
      const double *at = frames + 2 * (done + i);
      const DV a = *(const DVU *)at, b = *(const DVU *)(at + HALF);
      const DV mid = __builtin_shufflevector(a, b, FIRSTS), side = __builtin_shufflevector(a, b, SECONDS);
      const FH l = __builtin_convertvector((mid + side) * gains[0], FH);
      const FH r = __builtin_convertvector((mid - side) * gains[1], FH);
      *(FHU *)(sides[0] + i) = __builtin_shufflevector(l, l, IN_ORDER);
      *(FHU *)(sides[1] + i) = __builtin_shufflevector(r, r, IN_ORDER);
    }
    hold(sides[0], left + done, n);
    hold(sides[1], right + done, n);
  }
  lac_width_splits_kernels_scalar.to_left_right(frames + 2 * done, gains, left + done, right + done, n_frames - done);
}

const LacWidthSplitsKernels LAC_KERNEL(lac_width_splits_kernels) = {run, to_mid_side, to_left_right};
