/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: both lanes in one vector of two. The recursion is written so that from one frame to the
 * next only a product and two sums depend on each other. */

#include "dsp/dynamic_filter_kernels.h"

#include <string.h>

typedef double Pair __attribute__((vector_size(16)));

typedef struct Section {
  double k, through1, in1, in2;
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

/* ---- rows of filters ---- */

/* What is added to x: of x itself and of both sums of the integrators (run_scalar). */
typedef struct Mixture {
  Pair parts[3];
} Mixture;

static inline __attribute__((always_inline)) Mixture mixture(LacDynamicShape shape, double k, Pair a) {
  const Pair over = a - 1.0, square = over * (a + 1.0), none = {0, 0};
  switch (shape) {
  case LAC_DYNAMIC_BELL:
    return (Mixture){{none, 0.5 * k * square, none}};
  case LAC_DYNAMIC_LOW_SHELF:
    return (Mixture){{none, 0.5 * k * over, 0.5 * square}};
  default:
    return (Mixture){{square, 0.5 * k * (over - square), -0.5 * square}};
  }
}

static inline __attribute__((always_inline)) void mix_sums(Section *s, const Pair *parts, bool has_high, Pair *x) {
  Pair z1 = s->z1, z2 = s->z2, beyond = *x - z2;
  s->z1 = s->in1 * beyond + s->through1 * z1;
  s->z2 = (z2 + s->in2 * beyond) + s->in1 * z1;
  Pair push = parts[1] * (z1 + s->z1) + parts[2] * (z2 + s->z2);
  *x += has_high ? parts[0] * *x + push : push;
}

static inline Pair root_at(const float *const roots[2], uint32_t point) {
  return (Pair){(double)roots[0][point], (double)roots[1][point]};
}

/* n_filters and has_high (a high shelf is among them) are constants at every call. */
static inline __attribute__((always_inline)) void run_still(LacDynamicFilter *const *filters, unsigned n_filters,
                                                            double *frames, const float *const (*roots)[2],
                                                            const float *const *gains, LacSteps steps, uint32_t first,
                                                            uint32_t period, bool has_high) {
  const double share = 1.0 / (double)steps.frames; /* exact: a power of two */
  Section sections[LAC_DYNAMIC_ROW];
  Mixture from[LAC_DYNAMIC_ROW], to[LAC_DYNAMIC_ROW], slope[LAC_DYNAMIC_ROW];
  for (unsigned f = 0; f < n_filters; f++) {
    begin(&sections[f], filters[f], first, period);
    to[f] = mixture(filters[f]->shape, sections[f].k, root_at(roots[f], 0));
  }
  Pair gain = {1, 1}, gain_slope = {0, 0};
  uint32_t i = 0, at = steps.at;
  for (uint32_t ramp = 0; i < steps.n_frames; ramp++, at = 0) {
    const uint32_t left = steps.n_frames - i, run = steps.frames - at < left ? steps.frames - at : left;
    if (gains) {
      gain = root_at(gains, ramp);
      gain_slope = root_at(gains, ramp + 1) - gain;
    }
    for (unsigned f = 0; f < n_filters; f++) {
      from[f] = to[f];
      to[f] = mixture(filters[f]->shape, sections[f].k, root_at(roots[f], ramp + 1));
      for (int part = has_high ? 0 : 1; part < 3; part++) {
        slope[f].parts[part] = to[f].parts[part] - from[f].parts[part];
      }
    }
    Pair now = {(double)at * share, (double)at * share};
    for (const uint32_t end = i + run; i < end; i++) {
      now += share; /* exact too */
      Pair x, parts[3] = {{0, 0}};
      memcpy(&x, frames + 2 * i, sizeof x);
      for (unsigned f = 0; f < n_filters; f++) {
        for (int part = has_high ? 0 : 1; part < 3; part++) {
          parts[part] = from[f].parts[part] + slope[f].parts[part] * now;
        }
        mix_sums(&sections[f], parts, has_high, &x);
      }
      x *= gain + gain_slope * now;
      memcpy(frames + 2 * i, &x, sizeof x);
    }
  }
  for (unsigned f = 0; f < n_filters; f++) {
    end(&sections[f], filters[f]);
  }
}

static void run_moving(LacDynamicFilter *filter, double *frames, const float *const roots[2], const float *const *gains,
                       LacSteps steps, uint32_t first, uint32_t period) {
  const bool has_high = filter->shape == LAC_DYNAMIC_HIGH_SHELF;
  Section s;
  begin(&s, filter, first, period);
  for (uint32_t i = 0; i < steps.n_frames; i++) {
    const uint32_t ramp = (steps.at + i) / steps.frames, at = (steps.at + i) % steps.frames;
    const Pair from = root_at(roots, ramp), to = root_at(roots, ramp + 1);
    const double now = (double)(at + 1) / (double)steps.frames;
    set_section(&s, filter, first + i, period);
    Mixture mixed = mixture(filter->shape, s.k, from + (to - from) * now);
    Pair x;
    memcpy(&x, frames + 2 * i, sizeof x);
    mix_sums(&s, mixed.parts, has_high, &x);
    if (gains) {
      const Pair gain = root_at(gains, ramp);
      x *= gain + (root_at(gains, ramp + 1) - gain) * now;
    }
    memcpy(frames + 2 * i, &x, sizeof x);
  }
  end(&s, filter);
}

#define RUN_STILL(n)                                                                                                   \
  case n:                                                                                                              \
    if (has_high) {                                                                                                    \
      run_still(filters, n, frames, roots, gains, steps, first, period, true);                                         \
    } else {                                                                                                           \
      run_still(filters, n, frames, roots, gains, steps, first, period, false);                                        \
    }                                                                                                                  \
    break;

static void run(LacDynamicFilter *const *filters, unsigned n_filters, double *frames, const float *const (*roots)[2],
                const float *const *gains, LacSteps steps, uint32_t first, uint32_t period) {
  bool has_high = false, moves = false;
  for (unsigned f = 0; f < n_filters; f++) {
    has_high = has_high || filters[f]->shape == LAC_DYNAMIC_HIGH_SHELF;
    moves = moves || is_moving(filters[f]);
  }
  if (moves && n_filters > 1) {
    for (unsigned f = 0; f < n_filters; f++) {
      run(filters + f, 1, frames, roots + f, f + 1 == n_filters ? gains : NULL, steps, first, period);
    }
    return;
  }
  if (moves) {
    run_moving(filters[0], frames, roots[0], gains, steps, first, period);
    return;
  }
  switch (n_filters) {
    RUN_STILL(1)
    RUN_STILL(2)
    RUN_STILL(3)
    RUN_STILL(4)
  }
}

/* ---- ears: two filters in series, and side by side as many ears as a vector holds ---- */

enum { EARS = LAC_LANES >= 8 ? 2 : 1, WIDTH = 2 * EARS };

typedef double Wide __attribute__((vector_size(8 * WIDTH)));

/* As Section, every lane its own. */
typedef struct Ears {
  Wide k, through1, in1, in2, z1, z2;
} Ears;

static inline void set_ears(Ears *s, LacDynamicFilter *const *ears, unsigned stage, uint32_t frame, uint32_t period) {
  Section first, last;
  set_section(&first, &ears[0][stage], frame, period);
  set_section(&last, &ears[EARS - 1][stage], frame, period);
#if LAC_LANES >= 8
  s->k = (Wide){first.k, first.k, last.k, last.k};
  s->through1 = (Wide){first.through1, first.through1, last.through1, last.through1};
  s->in1 = (Wide){first.in1, first.in1, last.in1, last.in1};
  s->in2 = (Wide){first.in2, first.in2, last.in2, last.in2};
#else
  s->k = (Wide){first.k, first.k};
  s->through1 = (Wide){first.through1, first.through1};
  s->in1 = (Wide){first.in1, first.in1};
  s->in2 = (Wide){first.in2, first.in2};
#endif
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
  Wide z1 = s->z1, z2 = s->z2, beyond = x - z2;
  Wide next1 = s->in1 * beyond + s->through1 * z1;
  Wide next2 = (z2 + s->in2 * beyond) + s->in1 * z1;
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

/* The power that one frame of an ear adds. */
static inline __attribute__((always_inline)) Wide hear(Ears *s, const double *frame, LacDynamicShape shape) {
  Wide band, low, x = load_wide(frame);
  step_ears(&s[0], x, &band, &low);
  x = wide_part(shape, x, band, low);
  step_ears(&s[1], x, &band, &low);
  Wide heard = wide_part(shape, x, band, low), power = heard * heard;
  if (shape == LAC_DYNAMIC_BELL) {
    Wide turned = (0.5 * s[0].k) * (low - ((x - band) - low));
    power += turned * turned;
  }
  return power;
}

static inline __attribute__((always_inline)) void detect_shape(LacDynamicFilter *const *ears, const double *frames,
                                                               double *const *sums, double *const *powers,
                                                               LacSteps steps, uint32_t first, uint32_t period,
                                                               LacDynamicShape shape) {
  const bool moves = is_moving(&ears[0][0]) || is_moving(&ears[EARS - 1][0]);
  const uint32_t n_points = lac_steps_points(steps);
  Wide sum = {0};
  Ears s[2];
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    sum[lane] = sums[lane / 2][lane % 2];
  }
  begin_ears(&s[0], ears, 0, first, period);
  begin_ears(&s[1], ears, 1, first, period);
  for (uint32_t i = 0, point = 0, at = lac_steps_before(steps); i < steps.n_frames; point++, at += steps.frames) {
    for (const uint32_t last = at < steps.n_frames ? at : steps.n_frames - 1; i <= last; i++) {
      if (moves) {
        set_ears(&s[0], ears, 0, first + i, period);
        set_ears(&s[1], ears, 1, first + i, period);
      }
      sum += hear(s, frames + 2 * i, shape);
    }
    if (point < n_points) {
      sum *= 1.0 / (double)steps.frames;
      for (unsigned lane = 0; lane < WIDTH; lane++) {
        powers[lane][point] = sum[lane];
      }
      sum = (Wide){0};
    }
  }
  for (unsigned lane = 0; lane < WIDTH; lane++) {
    sums[lane / 2][lane % 2] = sum[lane];
  }
  end_ears(&s[0], ears, 0);
  end_ears(&s[1], ears, 1);
}

static void detect_group(LacDynamicFilter *const *ears, const double *frames, double *const *sums,
                         double *const *powers, LacSteps steps, uint32_t first, uint32_t period) {
  switch (ears[0][0].shape) {
  case LAC_DYNAMIC_BELL:
    detect_shape(ears, frames, sums, powers, steps, first, period, LAC_DYNAMIC_BELL);
    break;
  case LAC_DYNAMIC_LOW_SHELF:
    detect_shape(ears, frames, sums, powers, steps, first, period, LAC_DYNAMIC_LOW_SHELF);
    break;
  case LAC_DYNAMIC_HIGH_SHELF:
    detect_shape(ears, frames, sums, powers, steps, first, period, LAC_DYNAMIC_HIGH_SHELF);
    break;
  }
}

/* A lone ear fills a vector of two twice over: the same numbers in both halves, written to the same places. */
static void detect(LacDynamicFilter *const *ears, unsigned n_ears, const double *frames, double *const *sums,
                   double *const *powers, LacSteps steps, uint32_t first, uint32_t period) {
  for (unsigned e = 0; e < n_ears; e += EARS) {
    const unsigned last = e + EARS <= n_ears ? e + EARS - 1 : e;
    LacDynamicFilter *const group[2] = {ears[e], ears[last]};
    double *const kept[2] = {sums[e], sums[last]};
    double *const out[4] = {powers[2 * e], powers[2 * e + 1], powers[2 * last], powers[2 * last + 1]};
    detect_group(group, frames, kept, out, steps, first, period);
  }
}

const LacDynamicFilterKernels LAC_KERNEL(lac_dynamic_filter_kernels) = {run, detect};
