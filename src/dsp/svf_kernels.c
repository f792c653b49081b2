/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cascade skew, compiled once per CPU level: a vector holds DEPTH sections in series, two lanes each, and section j of
 * it works on a frame `lag` before that of section j - 1. Up to MAX_GROUPS vectors run in one loop, each on what the
 * one before made a step ago, so that within a step none waits for another.
 *
 *   lag 1, step t:  group 0 [ frame t | frame t-1 | ... ]  ->  group 1 [ frame t-D | ... ]  -> frames[t - skew]
 *
 * A vector waits for its own output of `lag` steps before, so that the time from a state through output and input to
 * the next state passes in `lag` + 1 steps. Four have enough to do meanwhile, and no register for what is older; fewer
 * lag by two, and one alone by three.
 *
 * At both ends of a stretch some sections have no frame to work on; there the states of those are kept by a mask. */

#include "dsp/svf_kernels.h"

#include <string.h>

#include "dsp/frame_vectors.h"

enum { DEPTH = LAC_LANES / 4, WIDTH = LAC_SVF_LANES * DEPTH, MAX_GROUPS = 4, N_ROWS = 6 };

typedef double Lanes __attribute__((vector_size(8 * WIDTH)));
typedef int64_t Whole __attribute__((vector_size(8 * WIDTH)));

typedef struct Group {
  Lanes through, in1, still1, still_sum, keep, back; /* as in LacSvfSection */
  Lanes z1, sum;
  Lanes y, older, oldest; /* of the three steps before */
  Whole lag;
} Group;

/* A section that hands its input on, bit for bit. */
static const LacSvfSection hand_on = {.through = {1.0, 1.0}, .still1 = {-0.0, -0.0}, .still_sum = {-0.0, -0.0}};

static inline void fill(Group *group, const LacSvfSection *const *sections, LacSvfState *const *states, unsigned n,
                        unsigned first_lag, unsigned lag_of_next) {
  double rows[N_ROWS][WIDTH], z1[WIDTH] = {0}, sum[WIDTH] = {0};
  int64_t lag[WIDTH];
  for (unsigned j = 0; j < DEPTH; j++) {
    const LacSvfSection *section = j < n ? sections[j] : &hand_on;
    const double *const row[N_ROWS] = {section->through,   section->in1,  section->still1,
                                       section->still_sum, section->keep, section->back};
    for (unsigned r = 0; r < N_ROWS; r++) {
      memcpy(&rows[r][LAC_SVF_LANES * j], row[r], LAC_SVF_LANES * sizeof(double));
    }
    if (j < n) {
      lac_svf_turn_state(section, states[j], true);
      memcpy(&z1[LAC_SVF_LANES * j], states[j]->z1, sizeof states[j]->z1);
      memcpy(&sum[LAC_SVF_LANES * j], states[j]->z2, sizeof states[j]->z2);
    }
    for (unsigned l = 0; l < LAC_SVF_LANES; l++) {
      lag[LAC_SVF_LANES * j + l] = (int64_t)(first_lag + j * lag_of_next);
    }
  }
  memcpy(&group->through, rows, sizeof rows);
  memcpy(&group->z1, z1, sizeof z1);
  memcpy(&group->sum, sum, sizeof sum);
  memcpy(&group->lag, lag, sizeof lag);
  group->y = group->older = group->oldest = (Lanes){0};
}

static inline void keep(const Group *group, LacSvfState *const *states, unsigned n) {
  double z1[WIDTH], sum[WIDTH];
  memcpy(z1, &group->z1, sizeof z1);
  memcpy(sum, &group->sum, sizeof sum);
  for (unsigned j = 0; j < n; j++) {
    memcpy(states[j]->z1, &z1[LAC_SVF_LANES * j], sizeof states[j]->z1);
    memcpy(states[j]->z2, &sum[LAC_SVF_LANES * j], sizeof states[j]->z2);
  }
}

/* The input of a step: into section 0 what the last section of the group before made a step ago, or a frame; into the
 * others what the section before them made `lag` steps ago. */
static inline __attribute__((always_inline)) Lanes follow_group(Lanes before, Lanes y) {
#if LAC_LANES == 16
  return __builtin_shufflevector(before, y, 6, 7, 8, 9, 10, 11, 12, 13);
#elif LAC_LANES == 8
  return __builtin_shufflevector(before, y, 2, 3, 4, 5);
#else
  (void)y;
  return before;
#endif
}

static inline __attribute__((always_inline)) Lanes follow_frame(Lanes frame, Lanes y) {
#if LAC_LANES == 16
  return __builtin_shufflevector(frame, y, 0, 1, 8, 9, 10, 11, 12, 13);
#elif LAC_LANES == 8
  return __builtin_shufflevector(frame, y, 0, 1, 4, 5);
#else
  (void)y;
  return frame;
#endif
}

static inline __attribute__((always_inline)) Lanes load_frame(const double *frame) {
  Lanes x = {0};
  x[0] = frame[0];
  x[1] = frame[1];
  return x;
}

static inline __attribute__((always_inline)) Lanes select_lanes(Whole mask, Lanes yes, Lanes no) {
  return (Lanes)(((Whole)yes & mask) | ((Whole)no & ~mask));
}

static inline __attribute__((always_inline)) void step(Group *g, Lanes x, unsigned lag, int64_t t, int64_t n_frames,
                                                       bool at_edge) {
  Lanes z1 = g->z1, sum = g->sum;
  g->oldest = lag == 3 ? g->older : g->oldest;
  g->older = g->y;
  g->y = g->through * x + (g->still_sum * sum + g->still1 * z1);
  Lanes next = (g->in1 * x - g->back * sum) + g->keep * z1, next_sum = sum + z1;
  if (at_edge) {
    Whole frame = t - g->lag;
    Whole works = (Whole)(frame >= 0) & (Whole)(frame < n_frames);
    next = select_lanes(works, next, z1);
    next_sum = select_lanes(works, next_sum, sum);
  }
  g->z1 = next;
  g->sum = next_sum;
}

static inline __attribute__((always_inline)) Lanes made_before(const Group *g, unsigned lag) {
  return lag == 3 ? g->oldest : lag == 2 ? g->older : g->y;
}

/* Of a group's first section. */
static inline __attribute__((always_inline)) unsigned first_lag(unsigned group, unsigned lag) {
  return group * ((DEPTH - 1) * lag + 1);
}

/* Of the last group's last section. */
static inline __attribute__((always_inline)) int64_t skew_of(unsigned n_groups, unsigned lag) {
  return (int64_t)first_lag(n_groups, lag) - 1;
}

static inline __attribute__((always_inline)) void steps(Group *groups, unsigned n_groups, unsigned lag, double *frames,
                                                        int64_t from, int64_t to, int64_t n_frames, bool at_edge) {
  const int64_t skew = skew_of(n_groups, lag);
  for (int64_t t = from; t < to; t++) {
    for (unsigned g = n_groups - 1; g > 0; g--) {
      step(&groups[g], follow_group(groups[g - 1].y, made_before(&groups[g], lag)), lag, t, n_frames, at_edge);
    }
    Lanes x = !at_edge || t < n_frames ? load_frame(frames + 2 * t) : (Lanes){0};
    step(&groups[0], follow_frame(x, made_before(&groups[0], lag)), lag, t, n_frames, at_edge);
    if (!at_edge || t >= skew) {
      frames[2 * (t - skew)] = groups[n_groups - 1].y[WIDTH - 2];
      frames[2 * (t - skew) + 1] = groups[n_groups - 1].y[WIDTH - 1];
    }
  }
}

/* n_groups and lag are constants at every call, so that groups live in registers. */
static inline __attribute__((always_inline)) void run_groups(const LacSvfSection *const *sections,
                                                             LacSvfState *const *states, unsigned n_sections,
                                                             unsigned n_groups, unsigned lag, double *frames,
                                                             uint32_t n_frames) {
  Group groups[MAX_GROUPS];
  for (unsigned g = 0; g < n_groups; g++) {
    unsigned first = g * DEPTH;
    fill(&groups[g], sections + first, states + first, n_sections - first, first_lag(g, lag), lag);
  }
  const int64_t n = n_frames, skew = skew_of(n_groups, lag), head = skew < n ? skew : n + skew;
  if (skew > 0) {
    steps(groups, n_groups, lag, frames, 0, head, n, true);
  }
  if (skew < n) {
    steps(groups, n_groups, lag, frames, skew, n, n, false);
  }
  if (skew > 0 && skew < n) {
    steps(groups, n_groups, lag, frames, n, n + skew, n, true);
  }
  for (unsigned g = 0; g < n_groups; g++) {
    unsigned first = g * DEPTH, left = n_sections - first;
    keep(&groups[g], states + first, left < DEPTH ? left : DEPTH);
  }
}

static void run(const LacSvfSection *const *sections, LacSvfState *const *states, unsigned n_sections, double *frames,
                uint32_t n_frames) {
  unsigned done = 0;
  while (done < n_sections) {
    unsigned left = n_sections - done, n_groups = (left + DEPTH - 1) / DEPTH;
    const LacSvfSection *const *row = sections + done;
    LacSvfState *const *state = states + done;
    if (n_groups >= 4) {
      left = left < 4 * DEPTH ? left : 4 * DEPTH;
      run_groups(row, state, left, 4, 1, frames, n_frames);
    } else if (n_groups == 3) {
      run_groups(row, state, left, 3, 2, frames, n_frames);
    } else if (n_groups == 2) {
      run_groups(row, state, left, 2, 2, frames, n_frames);
    } else {
      run_groups(row, state, left, 1, 3, frames, n_frames);
    }
    done += left;
  }
}

static void interleave(const float *left, const float *right, double *frames, uint32_t n_frames) {
  if (right) {
    lac_frames_from(left, right, frames, n_frames);
  } else {
    lac_frames_from(left, NULL, frames, n_frames);
  }
}

static void separate(const double *frames, float *left, float *right, uint32_t n_frames) {
  if (right) {
    lac_frames_to(frames, left, right, n_frames);
  } else {
    lac_frames_to(frames, left, NULL, n_frames);
  }
}

const LacSvfKernels LAC_KERNEL(lac_svf_kernels) = {run, interleave, separate};
