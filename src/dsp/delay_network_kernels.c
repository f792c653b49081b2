/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. The losses are recursive in time, so a vector holds lines there, turned there and back;
 * everywhere else it holds frames of one line. */

#include "dsp/delay_network_kernels.h"

#include <float.h>

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

ALWAYS void store_half(float *p, Half v) {
  *(HalfU *)p = v;
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

ALWAYS void store_frames(float *line, V x[FOUR]) {
  transpose(x);
#pragma GCC unroll 4
  for (unsigned k = 0; k < FOUR; k++, line += LAC_NETWORK_RUN) {
#if LAC_LANES < 8
    store(line, x[k]);
#else
    store_half(line, __builtin_shufflevector(x[k], x[k], 0, 1, 2, 3));
    store_half(line + 4 * LAC_NETWORK_RUN, __builtin_shufflevector(x[k], x[k], 4, 5, 6, 7));
#endif
  }
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
  const LacAbsorption *from, *to;
  bool is_moving, without_low; /* constants at every call */
} Job;

/* n frames of all lines; `first` is the place of the first. Each frame waits for the one before, so groups take turns.
 */
ALWAYS void absorb_frames(const Job *job, V z[GROUPS][SECTIONS], V x[GROUPS][FOUR], uint32_t n, uint32_t first) {
  const V veil = (V){0} + LAC_NETWORK_VEIL;
#pragma GCC unroll 8
  for (uint32_t k = 0; k < n; k++) {
    const float place = (float)(first + k + 1) / LAC_NETWORK_FRAMES;
#pragma GCC unroll 4
    for (unsigned g = 0; g < GROUPS; g++) {
      Section low = section_at(job->to, LOW, g), high = section_at(job->to, HIGH, g);
      if (job->is_moving) {
        low = between(section_at(job->from, LOW, g), low, place);
        high = between(section_at(job->from, HIGH, g), high, place);
      }
      V y = job->without_low ? x[g][k] : run_section(low, x[g][k], &z[g][LOW]);
      y = run_section(high, y, &z[g][HIGH]);
      x[g][k] = (y + veil) - veil;
    }
  }
}

ALWAYS void run_absorb(const Job *job, LacAbsorptionState *state, const LacNetworkPlaces *in, LacNetworkBlock *out,
                       uint32_t n_frames, uint32_t first) {
  V z[GROUPS][SECTIONS];
  for (unsigned k = 0; k < GROUPS * SECTIONS; k++) {
    z[k / SECTIONS][k % SECTIONS] = load(state->z[k % SECTIONS] + k / SECTIONS * WIDTH);
  }
  for (uint32_t i = 0; i < n_frames; i += FOUR) {
    V x[GROUPS][FOUR];
#pragma GCC unroll 4
    for (unsigned g = 0; g < GROUPS; g++) {
      load_frames(in->memory + i, in->at + g * WIDTH, x[g]);
    }
    if (i + FOUR <= n_frames) {
      absorb_frames(job, z, x, FOUR, first + i);
    } else {
      absorb_frames(job, z, x, n_frames - i, first + i);
    }
#pragma GCC unroll 4
    for (unsigned g = 0; g < GROUPS; g++) {
      store_frames(&out->line[g * WIDTH][i], x[g]);
    }
  }
  for (unsigned k = 0; k < GROUPS * SECTIONS; k++) {
    store(state->z[k % SECTIONS] + k / SECTIONS * WIDTH, z[k / SECTIONS][k % SECTIONS]);
  }
}

static void absorb(const LacAbsorption *from, const LacAbsorption *to, LacAbsorptionState *state,
                   const LacNetworkPlaces *in, LacNetworkBlock *out, uint32_t n_frames, uint32_t first,
                   bool without_low) {
  if (from != to) {
    run_absorb(&(Job){from, to, true, false}, state, in, out, n_frames, first);
  } else if (!without_low) {
    run_absorb(&(Job){from, to, false, false}, state, in, out, n_frames, first);
  } else if (n_frames == LAC_NETWORK_RUN) { /* nearly always */
    run_absorb(&(Job){from, to, false, true}, state, in, out, LAC_NETWORK_RUN, first);
  } else {
    run_absorb(&(Job){from, to, false, true}, state, in, out, n_frames, first);
  }
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

static void tap(const LacNetworkBlock *block, float from, float to, float *mid, float *side, uint32_t n_frames,
                uint32_t first) {
  for (uint32_t i = 0; i < n_frames; i += WIDTH) {
    const V gain = from + (to - from) * places(first + i);
    V sums[2] = {{0}, {0}};
#pragma GCC unroll 16
    for (unsigned j = 0; j < LINES; j++) {
      const V x = load(&block->line[j][i]), sum = sums[j >> 2 & 1];
      sums[j >> 2 & 1] = lac_network_leaves_negative(j) ? sum - x : sum + x;
    }
    store(mid + i, (sums[0] + sums[1]) * gain);
    store(side + i, (sums[0] - sums[1]) * gain);
  }
}

ALWAYS V select_lanes(I mask, V yes, V no) {
  return (V)(((I)yes & mask) | ((I)no & ~mask));
}

ALWAYS V hold(V x, float limit) {
  const V most = (V){0} + limit, below = select_lanes(x < most, x, most);
  return select_lanes(below > -most, below, -most);
}

static void enter(const float *left, const float *right, float *left_to, float *right_to, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i += WIDTH) {
    store(left_to + i, hold(load(left + i), 1e30f));
    store(right_to + i, hold(load(right + i), 1e30f));
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

typedef struct Four {
  V v[4];
} Four;

/* Two stages of butterflies at once. */
ALWAYS Four butterfly(V a, V b, V c, V d) {
  const V ac = a + c, bd = b + d, a_c = a - c, b_d = b - d;
  return (Four){{ac + bd, ac - bd, a_c + b_d, a_c - b_d}};
}

/* The last two stages: lines that lie side by side. */
ALWAYS Four butterfly_near(const LacNetworkBlock *block, unsigned j, uint32_t i) {
  return butterfly(load(&block->line[j][i]), load(&block->line[j + 1][i]), load(&block->line[j + 2][i]),
                   load(&block->line[j + 3][i]));
}

ALWAYS void run_spread(LacNetworkBlock *block, const float *sum, const float *difference, const LacNetworkPlaces *out,
                       uint32_t n_frames) {
  for (unsigned j = 0; j < 4; j++) {
#pragma GCC unroll 8
    for (uint32_t i = 0; i < n_frames; i += WIDTH) {
      const Four y = butterfly(load(&block->line[j][i]), load(&block->line[j + 4][i]), load(&block->line[j + 8][i]),
                               load(&block->line[j + 12][i]));
      for (unsigned k = 0; k < 4; k++) {
        store(&block->line[j + 4 * k][i], y.v[k]);
      }
    }
  }
#pragma GCC unroll 4
  for (unsigned j = 0; j < LINES; j += 4) {
    float *to[4];
    for (unsigned k = 0; k < 4; k++) {
      to[k] = out->memory + out->at[j + k];
    }
#pragma GCC unroll 8
    for (uint32_t i = 0; i < n_frames; i += WIDTH) {
      const Four y = butterfly_near(block, j, i);
      const V enters[2] = {load(sum + i), load(difference + i)};
#pragma GCC unroll 4
      for (unsigned k = 0; k < 4; k++) {
        const V x = enters[k & 1];
        store(to[k] + i, lac_network_enters_negative(j + k) ? y.v[k] - x : y.v[k] + x);
      }
    }
  }
}

/* A whole run, nearly always, is a constant, so that its loops unroll. */
static void spread(LacNetworkBlock *block, const float *sum, const float *difference, const LacNetworkPlaces *out,
                   uint32_t n_frames) {
  if (n_frames == LAC_NETWORK_RUN) {
    run_spread(block, sum, difference, out, LAC_NETWORK_RUN);
  } else {
    run_spread(block, sum, difference, out, n_frames);
  }
}

/* ---- rows ---- */

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

const LacNetworkKernels LAC_KERNEL(lac_network_kernels) = {absorb, tap, enter, add, spread, mix};
