/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The losses are recursive in time, so a vector holds lines there, turned there and back;
 * everywhere else it holds frames of one line. */

#include "dsp/delay_network_kernels.h"

#include <float.h>
#include <string.h>

/* Half of the lines of 16 lanes would wait for the other half: eight are enough for every level. */
enum { WIDTH = LAC_LANES < 8 ? LAC_LANES : 8, LINES = LAC_NETWORK_LINES, GROUPS = LINES / WIDTH };
enum { LOW = LAC_NETWORK_LOW, HIGH = LAC_NETWORK_HIGH, SECTIONS = LAC_NETWORK_SECTIONS };

typedef float V __attribute__((vector_size(4 * WIDTH)));
typedef float VU __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

typedef int32_t I __attribute__((vector_size(4 * WIDTH)));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const float *p) {
  return *(const VU *)p;
}

ALWAYS void store(float *p, V v) {
  *(VU *)p = v;
}

/* FOUR frames of WIDTH lines: one frame of all in a vector, and back. */
enum { FOUR = 4 };

#if LAC_LANES < 8
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#else
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13) /* within each half */
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)

typedef float Half __attribute__((vector_size(16)));
typedef float HalfU __attribute__((vector_size(16), aligned(4), may_alias));

ALWAYS Half load_half(const float *p) {
  return *(const HalfU *)p;
}
#endif

/* Rows become columns, in every half: vectors of eight hold a row of lines 0 to 3 and one of lines 4 to 7. */
ALWAYS void transpose(V x[FOUR]) {
  const V a = ZIP_LOW(x[0], x[1]), b = ZIP_HIGH(x[0], x[1]), c = ZIP_LOW(x[2], x[3]), d = ZIP_HIGH(x[2], x[3]);
  x[0] = PAIRS_LOW(a, c);
  x[1] = PAIRS_HIGH(a, c);
  x[2] = PAIRS_LOW(b, d);
  x[3] = PAIRS_HIGH(b, d);
}

ALWAYS void load_frames(const float *memory, const int32_t *at, V x[FOUR]) {
#pragma GCC unroll 4
  for (unsigned k = 0; k < FOUR; k++) {
#if LAC_LANES < 8
    x[k] = load(memory + at[k]);
#else
    x[k] = __builtin_shufflevector(load_half(memory + at[k]), load_half(memory + at[k + 4]), 0, 1, 2, 3, 4, 5, 6, 7);
#endif
  }
  transpose(x);
}

/* ---- losses ---- */

typedef struct Section {
  V through, feed, pole;
} Section;

ALWAYS Section section_at(const LacAbsorption *a, unsigned which, unsigned group) {
  const unsigned at = group * WIDTH;
  return (Section){load(a->through[which] + at), load(a->feed[which] + at), load(a->pole[which] + at)};
}

ALWAYS Section between(Section from, Section to, float place) {
  return (Section){from.through + (to.through - from.through) * place, from.feed + (to.feed - from.feed) * place,
                   from.pole + (to.pole - from.pole) * place};
}

ALWAYS V run_section(Section s, V x, V *z) {
  const V y = s.through * x + *z;
  *z = s.feed * x + s.pole * *z;
  return y;
}

typedef struct Job {
  const LacNetworkRound *round;
  bool is_moving, without_low, without_veil; /* constants at every call */
} Job;

/* n frames of all lines; `first` is the place of the first. Each frame waits for the one before, so groups take turns.
 */
ALWAYS void absorb_frames(const Job *job, V z[GROUPS][SECTIONS], V x[GROUPS][FOUR], uint32_t n, uint32_t first) {
  const LacAbsorption *from = job->round->from, *to = job->round->to;
  const V veil = (V){0} + LAC_NETWORK_VEIL;
#pragma GCC unroll 8
  for (uint32_t k = 0; k < n; k++) {
    const float place = (float)(first + k + 1) / LAC_NETWORK_FRAMES;
#pragma GCC unroll 4
    for (unsigned g = 0; g < GROUPS; g++) {
      Section low = section_at(to, LOW, g), high = section_at(to, HIGH, g);
      if (job->is_moving) {
        low = between(section_at(from, LOW, g), low, place);
        high = between(section_at(from, HIGH, g), high, place);
      }
      V y = job->without_low ? x[g][k] : run_section(low, x[g][k], &z[g][LOW]);
      y = run_section(high, y, &z[g][HIGH]);
      x[g][k] = job->without_veil ? y : (y + veil) - veil;
    }
  }
}

/* FOUR frames on from `i`, turned there and back: behind, x[g][k] holds, in each of its halves, as many lines. */
ALWAYS void absorb_four(const Job *job, V z[GROUPS][SECTIONS], const LacNetworkPlaces *in, uint32_t i,
                        V x[GROUPS][FOUR], uint32_t n_frames, uint32_t first) {
#pragma GCC unroll 4
  for (unsigned g = 0; g < GROUPS; g++) {
    load_frames(in->memory + i, in->at + g * WIDTH, x[g]);
  }
  if (i + FOUR <= n_frames) {
    absorb_frames(job, z, x, FOUR, first + i);
  } else {
    absorb_frames(job, z, x, i < n_frames ? n_frames - i : 0, first + i);
  }
#pragma GCC unroll 4
  for (unsigned g = 0; g < GROUPS; g++) {
    transpose(x[g]);
  }
}

/* Frames i and on, WIDTH of them, of all lines: line[j], what is left. */
ALWAYS void absorb(const Job *job, V z[GROUPS][SECTIONS], const LacNetworkPlaces *in, uint32_t i, V line[LINES],
                   uint32_t n_frames, uint32_t first) {
  V x[GROUPS][FOUR];
  absorb_four(job, z, in, i, x, n_frames, first);
#if LAC_LANES < 8
  memcpy(line, x, sizeof x);
#else
  V y[GROUPS][FOUR];
  absorb_four(job, z, in, i + FOUR, y, n_frames, first);
#pragma GCC unroll 8
  for (unsigned k = 0; k < GROUPS * FOUR; k++) {
    V *to = line + k / FOUR * WIDTH + k % FOUR;
    to[0] = __builtin_shufflevector(x[k / FOUR][k % FOUR], y[k / FOUR][k % FOUR], 0, 1, 2, 3, 8, 9, 10, 11);
    to[FOUR] = __builtin_shufflevector(x[k / FOUR][k % FOUR], y[k / FOUR][k % FOUR], 4, 5, 6, 7, 12, 13, 14, 15);
  }
#endif
}

/* ---- ways out and in ---- */

ALWAYS V iota(void) {
#if LAC_LANES < 8
  return (V){1, 2, 3, 4};
#else
  return (V){1, 2, 3, 4, 5, 6, 7, 8};
#endif
}

/* Frames i and on of a way through the quantum. */
ALWAYS V places(uint32_t i) {
  return (iota() + (float)i) / LAC_NETWORK_FRAMES;
}

ALWAYS V select_lanes(I mask, V yes, V no) {
  return (V)(((I)yes & mask) | ((I)no & ~mask));
}

ALWAYS V hold(V x, float limit) {
  const V most = (V){0} + limit, below = select_lanes(x < most, x, most);
  return select_lanes(below > -most, below, -most);
}

static void enter(const float *left, const float *right, float *sum, float *difference, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i += WIDTH) {
    const V l = hold(load(left + i), 1e30f), r = hold(load(right + i), 1e30f);
    store(sum + i, l + r);
    store(difference + i, l - r);
  }
}

static void add_scalar(float *left, float *right, const float *const room[2], const float mid[2], const float side[2],
                       uint32_t from, uint32_t n_frames, uint32_t first) {
  if (from < n_frames) {
    const float *const rest[2] = {room[0] + from, room[1] + from};
    lac_network_kernels_scalar.add(left + from, right ? right + from : NULL, rest, mid, side, n_frames - from,
                                   first + from);
  }
}

static void add(float *left, float *right, const float *const room[2], const float mid[2], const float side[2],
                uint32_t n_frames, uint32_t first) {
  const float mid_step = mid[1] - mid[0], side_step = side[1] - side[0];
  uint32_t i = 0;
  for (; i + WIDTH <= n_frames; i += WIDTH) {
    const V place = places(first + i);
    const V m = load(room[0] + i) * (mid[0] + mid_step * place), s = load(room[1] + i) * (side[0] + side_step * place);
    store(left + i, hold(load(left + i) + (m + s), FLT_MAX));
    if (right) {
      store(right + i, hold(load(right + i) + (m - s), FLT_MAX));
    }
  }
  add_scalar(left, right, room, mid, side, i, n_frames, first);
}

/* ---- once around ---- */

typedef struct Four {
  V v[4];
} Four;

/* Two stages of butterflies at once. */
ALWAYS Four butterfly(V a, V b, V c, V d) {
  const V ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
  return (Four){{ac + bd, ac - bd, a_c + b_d, a_c - b_d}};
}

/* Between the first two stages and the last two, lines have been added with all the signs that mid and side ask for. */
ALWAYS void run_round(const Job *job, LacAbsorptionState *state, const LacNetworkPlaces *in,
                      const LacNetworkPlaces *out, uint32_t n_frames, uint32_t first) {
  const LacNetworkRound round = *job->round;
  V z[GROUPS][SECTIONS];
  for (unsigned k = 0; k < GROUPS * SECTIONS; k++) {
    z[k / SECTIONS][k % SECTIONS] = load(state->z[k % SECTIONS] + k / SECTIONS * WIDTH);
  }
  V exit_gain = (V){0} + round.to->exit_gain;
  for (uint32_t i = 0; i < n_frames; i += WIDTH) {
    const V enters[2] = {load(round.sum + i), load(round.difference + i)};
    V line[LINES];
    Four y[4];
    absorb(job, z, in, i, line, n_frames, first);
#pragma GCC unroll 4
    for (unsigned j = 0; j < 4; j++) {
      y[j] = butterfly(line[j], line[j + 4], line[j + 8], line[j + 12]);
#pragma GCC unroll 4
      for (unsigned k = 0; k < 4; k++) {
        const V x = enters[j & 1];
        const bool is_negative = lac_network_enters_negative(j + 4 * k);
        store(out->memory + out->at[j + 4 * k] + i, is_negative ? y[j].v[k] - x : y[j].v[k] + x);
      }
    }
    if (job->is_moving) {
      exit_gain = round.from->exit_gain + (round.to->exit_gain - round.from->exit_gain) * places(first + i);
    }
    store(round.mid + i, ((y[0].v[0] + y[1].v[2]) - (y[2].v[1] + y[3].v[3])) * exit_gain);
    store(round.side + i, ((y[0].v[1] + y[1].v[3]) - (y[2].v[0] + y[3].v[2])) * exit_gain);
  }
  for (unsigned k = 0; k < GROUPS * SECTIONS; k++) {
    store(state->z[k % SECTIONS] + k / SECTIONS * WIDTH, z[k / SECTIONS][k % SECTIONS]);
  }
}

/* is_moving and without_low are constants at every call. */
ALWAYS void choose_veil(const LacNetworkRound *round, bool is_moving, bool without_low, LacAbsorptionState *state,
                        const LacNetworkPlaces *in, const LacNetworkPlaces *out, uint32_t n_frames, uint32_t first) {
  if (round->without_veil) {
    run_round(&(Job){round, is_moving, without_low, true}, state, in, out, n_frames, first);
  } else {
    run_round(&(Job){round, is_moving, without_low, false}, state, in, out, n_frames, first);
  }
}

static void feed_back(const LacNetworkRound *round, LacAbsorptionState *state, const LacNetworkPlaces *in,
                      const LacNetworkPlaces *out, uint32_t n_frames, uint32_t first) {
  if (round->from != round->to) {
    choose_veil(round, true, false, state, in, out, n_frames, first);
  } else if (!round->without_low) {
    choose_veil(round, false, false, state, in, out, n_frames, first);
  } else if (n_frames == LAC_NETWORK_RUN) { /* nearly always */
    choose_veil(round, false, true, state, in, out, LAC_NETWORK_RUN, first);
  } else {
    choose_veil(round, false, true, state, in, out, n_frames, first);
  }
}

/* ---- rows ---- */

/* The last two stages: lines that lie side by side. */
ALWAYS Four butterfly_near(const LacNetworkBlock *block, unsigned j, uint32_t i) {
  return butterfly(load(&block->line[j][i]), load(&block->line[j + 1][i]), load(&block->line[j + 2][i]),
                   load(&block->line[j + 3][i]));
}

/* The first two stages, of lines j, j + 4, ...; is_moving is a constant at every call. */
ALWAYS void mix_far(const float *from, const float *to, const LacNetworkPlaces *in, LacNetworkBlock *block, unsigned j,
                    uint32_t n_frames, uint32_t first, bool is_moving) {
  const float *line[4];
  V gain[4];
#pragma GCC unroll 4
  for (unsigned k = 0; k < 4; k++) {
    line[k] = in->memory + in->at[j + 4 * k];
    gain[k] = (V){0} + to[j + 4 * k];
  }
#pragma GCC unroll 8
  for (uint32_t i = 0; i < n_frames; i += WIDTH) {
    V x[4];
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; k++) {
      if (is_moving) {
        gain[k] = from[j + 4 * k] + (to[j + 4 * k] - from[j + 4 * k]) * places(first + i);
      }
      x[k] = load(line[k] + i) * gain[k];
    }
    const Four y = butterfly(x[0], x[1], x[2], x[3]);
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; k++) {
      store(&block->line[j + 4 * k][i], y.v[k]);
    }
  }
}

ALWAYS void run_mix(const float *from, const float *to, const LacNetworkPlaces *in, const LacNetworkPlaces *out,
                    uint32_t n_frames, uint32_t first, bool is_moving) {
  LacNetworkBlock block;
  for (unsigned j = 0; j < 4; j++) {
    mix_far(from, to, in, &block, j, n_frames, first, is_moving);
  }
  for (unsigned j = 0; j < LINES; j += 4) {
    float *line[4];
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; k++) {
      line[k] = out->memory + out->at[j + k];
    }
#pragma GCC unroll 8
    for (uint32_t i = 0; i < n_frames; i += WIDTH) {
      const Four y = butterfly_near(&block, j, i);
#pragma GCC unroll 4
      for (unsigned k = 0; k < 4; k++) {
        store(line[k] + i, y.v[k]);
      }
    }
  }
}

static void mix(const float *from, const float *to, const LacNetworkPlaces *in, const LacNetworkPlaces *out,
                uint32_t n_frames, uint32_t first) {
  if (from != to) {
    run_mix(from, to, in, out, n_frames, first, true);
  } else if (n_frames == LAC_NETWORK_RUN) {
    run_mix(from, to, in, out, LAC_NETWORK_RUN, first, false);
  } else {
    run_mix(from, to, in, out, n_frames, first, false);
  }
}

const LacNetworkKernels LAC_KERNEL(lac_network_kernels) = {feed_back, enter, add, mix};
