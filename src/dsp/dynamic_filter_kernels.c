/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: both lanes in one vector of two. The recursion is written so that from one frame to the
 * next only a product and two sums depend on each other. */

#include "dsp/dynamic_filter_kernels.h"

#include <string.h>

typedef double Pair __attribute__((vector_size(16)));

typedef struct Section {
  double k, through1, in1, in2, keep2;
  Pair z1, z2;
} Section;

static inline __attribute__((always_inline)) void set_section(Section *s, const LacDynamicFilter *filter,
                                                              uint32_t frame, uint32_t period) {
  double place = (double)(frame + 1) / (double)period;
  double g = filter->from.g + (filter->to.g - filter->from.g) * place;
  s->k = filter->from.k + (filter->to.k - filter->from.k) * place;
  double c1 = 1.0 / (1.0 + g * (g + s->k)), c2 = g * c1, c3 = g * c2;
  s->through1 = 2.0 * c1 - 1.0;
  s->in1 = 2.0 * c2;
  s->in2 = 2.0 * c3;
  s->keep2 = 1.0 - 2.0 * c3;
}

static inline __attribute__((always_inline)) void step(Section *s, Pair x, Pair *band, Pair *low) {
  Pair z1 = s->z1, z2 = s->z2;
  Pair next1 = (s->in1 * (x - z2)) + s->through1 * z1;
  Pair next2 = (s->in2 * x + s->keep2 * z2) + s->in1 * z1;
  s->z1 = next1;
  s->z2 = next2;
  *band = 0.5 * s->k * (z1 + next1);
  *low = 0.5 * (z2 + next2);
}

static inline void begin(Section *s, const LacDynamicFilter *filter, uint32_t first, uint32_t period) {
  set_section(s, filter, first, period);
  memcpy(&s->z1, filter->z1, sizeof s->z1);
  memcpy(&s->z2, filter->z2, sizeof s->z2);
}

static inline void end(const Section *s, LacDynamicFilter *filter) {
  memcpy(filter->z1, &s->z1, sizeof s->z1);
  memcpy(filter->z2, &s->z2, sizeof s->z2);
}

static bool is_moving(const LacDynamicFilter *filter) {
  return filter->from.g != filter->to.g || filter->from.k != filter->to.k;
}

static inline __attribute__((always_inline)) Pair part(LacDynamicShape shape, Pair x, Pair band, Pair low) {
  return shape == LAC_DYNAMIC_BELL ? band : shape == LAC_DYNAMIC_LOW_SHELF ? low : (x - band) - low;
}

static inline __attribute__((always_inline)) void run_shape(LacDynamicFilter *filter, double *frames,
                                                            const float *const roots[2], uint32_t n_frames,
                                                            uint32_t first, uint32_t period, LacDynamicShape shape) {
  const bool moves = is_moving(filter);
  const float *left = roots[0], *right = roots[1];
  Section s;
  begin(&s, filter, first, period);
  for (uint32_t i = 0; i < n_frames; i++) {
    if (moves) {
      set_section(&s, filter, first + i, period);
    }
    Pair x, band, low, a = {(double)left[i], (double)right[i]};
    memcpy(&x, frames + 2 * i, sizeof x);
    step(&s, x, &band, &low);
    Pair push = shape == LAC_DYNAMIC_BELL ? (a + 1.0) * band : band + (a + 1.0) * part(shape, x, band, low);
    Pair y = x + (a - 1.0) * push;
    memcpy(frames + 2 * i, &y, sizeof y);
  }
  end(&s, filter);
}

static void run(LacDynamicFilter *filter, double *frames, const float *const roots[2], uint32_t n_frames,
                uint32_t first, uint32_t period) {
  switch (filter->shape) {
  case LAC_DYNAMIC_BELL:
    run_shape(filter, frames, roots, n_frames, first, period, LAC_DYNAMIC_BELL);
    break;
  case LAC_DYNAMIC_LOW_SHELF:
    run_shape(filter, frames, roots, n_frames, first, period, LAC_DYNAMIC_LOW_SHELF);
    break;
  case LAC_DYNAMIC_HIGH_SHELF:
    run_shape(filter, frames, roots, n_frames, first, period, LAC_DYNAMIC_HIGH_SHELF);
    break;
  }
}

/* ---- ears: two filters in series, and side by side as many ears as a vector holds ---- */

enum { EARS = LAC_LANES >= 8 ? 2 : 1, WIDTH = 2 * EARS };

typedef double Wide __attribute__((vector_size(8 * WIDTH)));

/* As Section, every lane its own. */
typedef struct Ears {
  Wide k, through1, in1, in2, keep2, z1, z2;
} Ears;

static inline void set_ears(Ears *s, LacDynamicFilter *const *ears, unsigned stage, uint32_t frame, uint32_t period) {
  for (unsigned e = 0; e < EARS; e++) {
    Section one;
    set_section(&one, &ears[e][stage], frame, period);
    for (unsigned lane = 2 * e; lane < 2 * e + 2; lane++) {
      s->k[lane] = one.k;
      s->through1[lane] = one.through1;
      s->in1[lane] = one.in1;
      s->in2[lane] = one.in2;
      s->keep2[lane] = one.keep2;
    }
  }
}

static inline void begin_ears(Ears *s, LacDynamicFilter *const *ears, unsigned stage, uint32_t first, uint32_t period) {
  set_ears(s, ears, stage, first, period);
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    s->z1[lane] = ears[lane / 2][stage].z1[lane % 2];
    s->z2[lane] = ears[lane / 2][stage].z2[lane % 2];
  }
}

static inline void end_ears(const Ears *s, LacDynamicFilter *const *ears, unsigned stage) {
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    ears[lane / 2][stage].z1[lane % 2] = s->z1[lane];
    ears[lane / 2][stage].z2[lane % 2] = s->z2[lane];
  }
}

static inline __attribute__((always_inline)) void step_ears(Ears *s, Wide x, Wide *band, Wide *low) {
  Wide z1 = s->z1, z2 = s->z2;
  Wide next1 = (s->in1 * (x - z2)) + s->through1 * z1;
  Wide next2 = (s->in2 * x + s->keep2 * z2) + s->in1 * z1;
  s->z1 = next1;
  s->z2 = next2;
  *band = 0.5 * s->k * (z1 + next1);
  *low = 0.5 * (z2 + next2);
}

static inline __attribute__((always_inline)) Wide load_wide(const double *frame) {
#if LAC_LANES >= 8
  return (Wide){frame[0], frame[1], frame[0], frame[1]};
#else
  return (Wide){frame[0], frame[1]};
#endif
}

static inline __attribute__((always_inline)) Wide wide_part(LacDynamicShape shape, Wide x, Wide band, Wide low) {
  return shape == LAC_DYNAMIC_BELL ? band : shape == LAC_DYNAMIC_LOW_SHELF ? low : (x - band) - low;
}

static inline __attribute__((always_inline)) void detect_shape(LacDynamicFilter *const *ears, const double *frames,
                                                               double *const *powers, uint32_t n_frames, uint32_t first,
                                                               uint32_t period, LacDynamicShape shape) {
  const bool moves = is_moving(&ears[0][0]) || is_moving(&ears[EARS - 1][0]);
  double *out[WIDTH];
  Ears s[2];
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    out[lane] = powers[lane];
  }
  begin_ears(&s[0], ears, 0, first, period);
  begin_ears(&s[1], ears, 1, first, period);
  for (uint32_t i = 0; i < n_frames; i++) {
    if (moves) {
      set_ears(&s[0], ears, 0, first + i, period);
      set_ears(&s[1], ears, 1, first + i, period);
    }
    Wide band, low, x = load_wide(frames + 2 * i);
    step_ears(&s[0], x, &band, &low);
    x = wide_part(shape, x, band, low);
    step_ears(&s[1], x, &band, &low);
    Wide heard = wide_part(shape, x, band, low), power = heard * heard;
    if (shape == LAC_DYNAMIC_BELL) {
      Wide turned = (0.5 * s[0].k) * (low - ((x - band) - low));
      power += turned * turned;
    }
    for (unsigned lane = 0; lane < WIDTH; lane++) {
      out[lane][i] = power[lane];
    }
  }
  end_ears(&s[0], ears, 0);
  end_ears(&s[1], ears, 1);
}

static void detect_group(LacDynamicFilter *const *ears, const double *frames, double *const *powers, uint32_t n_frames,
                         uint32_t first, uint32_t period) {
  switch (ears[0][0].shape) {
  case LAC_DYNAMIC_BELL:
    detect_shape(ears, frames, powers, n_frames, first, period, LAC_DYNAMIC_BELL);
    break;
  case LAC_DYNAMIC_LOW_SHELF:
    detect_shape(ears, frames, powers, n_frames, first, period, LAC_DYNAMIC_LOW_SHELF);
    break;
  case LAC_DYNAMIC_HIGH_SHELF:
    detect_shape(ears, frames, powers, n_frames, first, period, LAC_DYNAMIC_HIGH_SHELF);
    break;
  }
}

/* A lone ear fills a vector of two twice over: the same numbers in both halves, written to the same places. */
static void detect(LacDynamicFilter *const *ears, unsigned n_ears, const double *frames, double *const *powers,
                   uint32_t n_frames, uint32_t first, uint32_t period) {
  for (unsigned e = 0; e < n_ears; e += EARS) {
    const unsigned last = e + EARS <= n_ears ? e + EARS - 1 : e;
    LacDynamicFilter *const group[2] = {ears[e], ears[last]};
    double *const out[4] = {powers[2 * e], powers[2 * e + 1], powers[2 * last], powers[2 * last + 1]};
    detect_group(group, frames, out, n_frames, first, period);
  }
}

const LacDynamicFilterKernels LAC_KERNEL(lac_dynamic_filter_kernels) = {run, detect};
