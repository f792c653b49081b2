/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: side by side as many ears as a vector holds; two of a kind take the least work. */

#include "dsp/dynamic_ear.h"

#include <string.h>

#include "dsp/frame_pairs.h"

#define ALWAYS static inline __attribute__((always_inline))

enum { EARS = LAC_PAIRS, WIDTH = LAC_PAIRS_WIDTH };

typedef LacPairs Wide;

/* Of a frame: what goes in and what comes out of both filters. */
typedef struct Frame {
  Wide x, y, v;
} Frame;

/* As LacDynamicEar, every lane its own. */
typedef struct Group {
  Frame newer, older;
  Wide direct, turned;
} Group;

/* As its form; both factors of the power with the lanes and the share of a frame in a step. */
typedef struct Form {
  Wide side, middle, a1, a2, c;
  Wide direct, turned, lanes;
} Form;

ALWAYS Wide both(double first, double second) {
  return lac_pairs_of((LacPair){first, first}, (LacPair){second, second});
}

/* A lone ear fills a vector of two twice over: the same numbers in both halves. */
ALWAYS Form form_of(const LacDynamicEar *first, const LacDynamicEar *second) {
  const LacDynamicEarForm f = lac_dynamic_ear_form(first), s = lac_dynamic_ear_form(second);
  return (Form){.side = both(f.side, s.side),
                .middle = both(f.middle, s.middle),
                .a1 = both(f.a1, s.a1),
                .a2 = both(f.a2, s.a2),
                .c = both(f.c, s.c),
                .direct = both(f.direct, s.direct),
                .turned = both(f.turned, s.turned),
                .lanes = lac_pairs_load(first->lanes, second->lanes)};
}

ALWAYS Group begin(const LacDynamicEar *f, const LacDynamicEar *s, const double *first, const double *second) {
  return (Group){{lac_pairs_load(first - 2, second - 2), lac_pairs_load(f->y1, s->y1), lac_pairs_load(f->v1, s->v1)},
                 {lac_pairs_load(first - 4, second - 4), lac_pairs_load(f->y2, s->y2), lac_pairs_load(f->v2, s->v2)},
                 lac_pairs_load(f->direct, s->direct),
                 lac_pairs_load(f->turned, s->turned)};
}

ALWAYS void end(const Group *g, LacDynamicEar *f, LacDynamicEar *s) {
  lac_pairs_store(g->newer.y, f->y1, s->y1);
  lac_pairs_store(g->older.y, f->y2, s->y2);
  lac_pairs_store(g->newer.v, f->v1, s->v1);
  lac_pairs_store(g->older.v, f->v2, s->v2);
  lac_pairs_store(g->direct, f->direct, s->direct);
  lac_pairs_store(g->turned, f->turned, s->turned);
  memset(f->direct, 0, f->shape == LAC_DYNAMIC_BELL ? 0 : sizeof f->direct); /* a shelf's, heard beside a bell's */
  memset(s->direct, 0, s->shape == LAC_DYNAMIC_BELL ? 0 : sizeof s->direct);
}

ALWAYS double larger_of(double a, double b) {
  return a > b ? a : b;
}

/* Shelves have no direct part, and bells a shorter numerator; those who are alike hear the same. Constants at every
 * call. */
typedef struct Kinds {
  bool has_bells, has_shelves, are_alike;
} Kinds;

ALWAYS Wide load(const double *first, const double *second, Kinds kinds) {
  return kinds.are_alike ? lac_pairs_twice(first) : lac_pairs_load(first, second);
}

/* A frame takes the place of the older of the two before it. */
ALWAYS void hear_frame(Group *g, const Form *form, Wide x, const Frame *newer, Frame *older, Kinds kinds) {
  const Wide u = kinds.has_bells && kinds.has_shelves ? (x + form->side * older->x) + form->middle * newer->x
                 : kinds.has_shelves                  ? (x + older->x) + form->middle * newer->x
                                                      : x - older->x;
  const Wide y = (u - form->a2 * older->y) - form->a1 * newer->y;
  const Wide v = (y - form->a2 * older->v) - form->a1 * newer->v;
  const Wide direct = v - older->v, turned = form->c * (v + older->v) + newer->v;
  if (kinds.has_bells) {
    g->direct += direct * direct;
  }
  g->turned += turned * turned;
  *older = (Frame){x, y, v};
}

ALWAYS void gather(Group *group, const Form *form, const double *first, const double *second, uint32_t n, Kinds kinds) {
  Group g = *group;
#pragma GCC unroll 2
  for (; n >= 2; n -= 2, first += 4, second += 4) {
    hear_frame(&g, form, load(first, second, kinds), &g.newer, &g.older, kinds);
    hear_frame(&g, form, load(first + 2, second + 2, kinds), &g.older, &g.newer, kinds);
  }
  if (n > 0) {
    const Frame last = g.newer;
    hear_frame(&g, form, load(first, second, kinds), &g.newer, &g.older, kinds);
    g.newer = g.older;
    g.older = last;
  }
  *group = g;
}

ALWAYS void hear_group(LacDynamicEar *const *ears, unsigned n, const double *const *frames, double *const *powers,
                       LacSteps steps, Kinds kinds) {
  const double share = 1.0 / (double)steps.frames; /* exact: a power of two */
  const uint32_t n_points = lac_steps_points(steps);
  const double *const first = frames[0], *const second = frames[n - 1];
  LacDynamicEar unused = *ears[n - 1], *const other = n > 1 ? ears[1] : &unused;
  const Form form = form_of(ears[0], other);
  Group g = begin(ears[0], other, first, second);
  uint32_t i = 0;
  for (uint32_t point = 0, at = lac_steps_before(steps); point < n_points; point++, at += steps.frames) {
    gather(&g, &form, first + 2 * i, second + 2 * i, at + 1 - i, kinds);
    const Wide power = (form.direct * g.direct + form.turned * g.turned) * share * form.lanes;
    powers[0][point] = larger_of(power[0], power[1]);
    if (n > 1) {
      powers[1][point] = larger_of(power[WIDTH - 2], power[WIDTH - 1]);
    }
    g.direct = g.turned = (Wide){0};
    i = at + 1;
  }
  gather(&g, &form, first + 2 * i, second + 2 * i, steps.n_frames - i, kinds);
  end(&g, ears[0], other);
}

#define HEAR(name, ...)                                                                                                \
  static void name(LacDynamicEar *const *ears, unsigned n, const double *const *frames, double *const *powers,         \
                   LacSteps steps) {                                                                                   \
    hear_group(ears, n, frames, powers, steps, (Kinds){__VA_ARGS__});                                                  \
  }

HEAR(hear_bells, true, false, false)
HEAR(hear_shelves, false, true, false)
HEAR(hear_both, true, true, false)
HEAR(hear_bells_alike, true, false, true)
HEAR(hear_shelves_alike, false, true, true)

static void hear(LacDynamicEar *const *ears, unsigned n_ears, const double *const *frames, double *const *powers,
                 LacSteps steps) {
  for (unsigned e = 0, n; e < n_ears; e += n) {
    n = n_ears - e < EARS ? 1 : EARS;
    const bool is_bell = ears[e]->shape == LAC_DYNAMIC_BELL, ends_in_bell = ears[e + n - 1]->shape == LAC_DYNAMIC_BELL;
    const bool are_alike = frames[e] == frames[e + n - 1];
    (is_bell != ends_in_bell ? hear_both
     : is_bell               ? (are_alike ? hear_bells_alike : hear_bells)
     : are_alike             ? hear_shelves_alike
                             : hear_shelves)(ears + e, n, frames + e, powers + e, steps);
  }
}

const LacDynamicEarKernels LAC_KERNEL(lac_dynamic_ear_kernels) = {hear};
