/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: vectors of neighbouring samples, every operation as in the scalar truth of waveshaper.c,
 * which says what it means. */

#include "dsp/waveshaper.h"

#include <stddef.h>
#include <string.h>

#include "dsp/vector_shuffles.h"

#if LAC_LANES >= 8
#include <immintrin.h> /* gcc 12 makes five instructions of a minimum of vectors */
#endif

#define ALWAYS static inline __attribute__((always_inline))

enum { PAST = LAC_WAVESHAPER_PAST };
_Static_assert((int)LAC_WAVESHAPER_AHEAD >= 2 * LAC_LANES, "two vectors are looked ahead");

typedef float V __attribute__((vector_size(4 * LAC_LANES)));
typedef float VU __attribute__((vector_size(4 * LAC_LANES), aligned(4), may_alias));
typedef int32_t Lanes __attribute__((vector_size(4 * LAC_LANES)));
typedef int32_t LanesU __attribute__((vector_size(4 * LAC_LANES), aligned(4), may_alias));

/* All numbers of a curve, a vector each. */
typedef struct Form {
  V knee, top, even2, even3, even4, odd3, odd4, slope;
} Form;

/* a < b ? a : b; and a > b ? a : b. */
#if LAC_LANES == 16
#define SMALLER(a, b) ((V)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define LARGER(a, b) ((V)_mm512_max_ps((__m512)(a), (__m512)(b)))
#elif LAC_LANES == 8
#define SMALLER(a, b) ((V)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define LARGER(a, b) ((V)_mm256_max_ps((__m256)(a), (__m256)(b)))
#else
ALWAYS V chosen(Lanes is_first, V a, V b) {
  return (V)(((Lanes)a & is_first) | ((Lanes)b & ~is_first));
}
#define SMALLER(a, b) chosen((a) < (b), a, b)
#define LARGER(a, b) chosen((a) > (b), a, b)
#endif

ALWAYS V clamp(V u, V most) {
  return LARGER(SMALLER(u, most), -most);
}

/* What a stretch of samples needs; constants at every call: a knee; the straight line beyond T; even terms, or in the
 * middle of a line alone; four points a line. */
typedef struct Needs {
  bool knee, beyond, even, even_middle, four;
} Needs;

ALWAYS V bent(const Form *form, Needs needs, V u) {
  const V within = needs.beyond ? clamp(u, form->top) : u;
  const V v = needs.knee ? within - clamp(u, form->knee) : within;
  const V size = (V)((Lanes)v & INT32_MAX), square = v * v;
  const V odd = v * (form->odd3 + size * form->odd4);
  const V even = (form->even2 + square * form->even4) + size * form->even3;
  const V bend = square * (needs.even ? even + odd : odd);
  return needs.beyond ? bend + form->slope * (u - within) : bend;
}

ALWAYS V even_bent(const Form *form, Needs needs, V u) {
  const V within = needs.beyond ? clamp(u, form->top) : u;
  const V v = needs.knee ? within - clamp(u, form->knee) : within;
  const V size = (V)((Lanes)v & INT32_MAX), square = v * v;
  return square * ((form->even2 + square * form->even4) + size * form->even3);
}

/* Where the curve is asked for on a line, twice u, and what it says there: two samples as far from the middle a pair,
 * the middle (of three) last. */
typedef struct Points {
  V up[2], down[2], even_middle;
} Points;

ALWAYS Points points_of(Needs needs, const float *u) {
  const V now = *(const VU *)(u - 1), before = *(const VU *)(u - 2), middle = now + before, rise = now - before;
  Points at;
  if (needs.four) {
    const V apart = (*(const VU *)u + *(const VU *)(u - 3)) - middle;
    const V near = LAC_WAVESHAPER_NEAR * rise, far = LAC_WAVESHAPER_FAR * rise;
    const V near_middle = middle - LAC_WAVESHAPER_NEAR_BOW * apart,
            far_middle = middle - LAC_WAVESHAPER_FAR_BOW * apart;
    at = (Points){.up = {near_middle + near, far_middle + far}, .down = {near_middle - near, far_middle - far}};
  } else {
    const V away = LAC_WAVESHAPER_AWAY * rise;
    at = (Points){.up = {middle + away, middle}, .down = {middle - away}};
  }
  return at;
}

ALWAYS Points bent_points(const Form *form, Needs needs, Points at) {
  Points r;
  r.up[0] = bent(form, needs, at.up[0]);
  r.down[0] = bent(form, needs, at.down[0]);
  r.up[1] = bent(form, needs, at.up[1]);
  if (needs.four)
    r.down[1] = bent(form, needs, at.down[1]);
  if (needs.even_middle)
    r.even_middle = even_bent(form, needs, at.up[1]);
  return r;
}

/* Mean and first moment of the curve over half a triangle on the line. */
typedef struct Line {
  V mean, moment;
} Line;

ALWAYS Line line_of(Needs needs, Points r) {
  if (needs.four)
    return (Line){(r.up[0] + r.down[0]) + (r.up[1] + r.down[1]),
                  LAC_WAVESHAPER_NEAR * (r.up[0] - r.down[0]) + LAC_WAVESHAPER_FAR * (r.up[1] - r.down[1])};
  const V mean = (r.up[0] + r.down[0]) + r.up[1];
  return (Line){needs.even_middle ? mean + r.even_middle : mean, LAC_WAVESHAPER_AWAY * (r.up[0] - r.down[0])};
}

/* The last lane of the vector before, then all but the last. */
ALWAYS V a_lane_later(V before, V now) {
#if LAC_LANES == 16
  return __builtin_shufflevector(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
#elif LAC_LANES == 8
  return __builtin_shufflevector(before, now, 7, 8, 9, 10, 11, 12, 13, 14);
#else
  return __builtin_shufflevector(before, now, 3, 4, 5, 6);
#endif
}

/* Two vectors of neighbouring samples. */
ALWAYS void store_apart(V first, V second, float *even, float *odd) {
#if LAC_LANES == 8
  *(VU *)even = EIGHT_EVEN(first, second);
  *(VU *)odd = EIGHT_ODD(first, second);
#else
  *(VU *)even = EVEN(first, second);
  *(VU *)odd = ODD(first, second);
#endif
}

/* Where samples go by turns. */
typedef struct Halves {
  float *even, *odd;
} Halves;

ALWAYS Halves halves_at(Halves y, uint32_t i) {
  return (Halves){y.even + i / 2, y.odd + i / 2};
}

/* A line leaves something to the sample at its beginning, y, and to its end: `late`, which the next vector takes. The
 * way through a vector is some sixty cycles long, more than processors look ahead: so one is finished while the next is
 * bent and the points of the one after that are found, also beyond the end. */
ALWAYS V run_lines(const Form *form, Needs needs, const float *u, Halves y, V late, uint32_t n) {
  Points r = bent_points(form, needs, points_of(needs, u));
  Points at = points_of(needs, u + LAC_LANES);
  for (size_t i = 0; i < n; i += 2 * LAC_LANES) {
    V pair[2];
#pragma GCC unroll 2
    for (size_t v = 0; v < 2; v++) {
      const Line line = line_of(needs, r);
      r = bent_points(form, needs, at);
      at = points_of(needs, u + i + (v + 2) * LAC_LANES);
      const V later = line.mean + line.moment;
      pair[v] = (line.mean - line.moment) + a_lane_later(late, later);
      late = later;
    }
    store_apart(pair[0], pair[1], y.even + i / 2, y.odd + i / 2);
  }
  return late;
}

/* Samples of a stretch that is looked over for how loud it is: a multiple of two vectors. */
enum { STRETCH = 128 };

/* How loud: nothing reaches the knee, or T, with room for rounding. */
typedef enum Reach { BELOW_KNEE, WITHIN_TOP, BEYOND_TOP } Reach;

/* Of whole vectors of lines from u[0] on, and their past. `four` is a constant at every call. */
ALWAYS Reach reach_of(const LacWaveshaperForm *form, bool four, const float *u, uint32_t n) {
  const Lanes no_sign = (Lanes){0} + INT32_MAX;
  V most = (V)(*(const LanesU *)(u + n - LAC_LANES) & no_sign);
#pragma GCC unroll 4
  for (uint32_t i = 0; i < n; i += LAC_LANES) {
    const V size = (V)(*(const LanesU *)(u + (ptrdiff_t)i - PAST) & no_sign);
    most = LARGER(size, most);
  }
  float loudest = 0;
#pragma GCC unroll 16
  for (int lane = 0; lane < LAC_LANES; lane++)
    loudest = most[lane] > loudest ? most[lane] : loudest;
  loudest *= four ? 2.0f * LAC_WAVESHAPER_OVERSHOOT : 2.0f;
  return loudest < 0.999f * form->knee ? BELOW_KNEE : loudest > 0.999f * form->top ? BEYOND_TOP : WITHIN_TOP;
}

/* All that is left out would be exactly nothing: v = u within T, and where there is nothing beyond. `four` is a
 * constant at every call. */
ALWAYS V run_stretch(const LacWaveshaperForm *form, const Form *all, bool four, Reach reach, const float *u, Halves y,
                     V late, uint32_t n) {
  const bool beyond = reach == BEYOND_TOP;
  if (reach == BELOW_KNEE) {
    memset(y.even, 0, n / 2 * sizeof *y.even);
    memset(y.odd, 0, n / 2 * sizeof *y.odd);
    y.even[0] += late[LAC_LANES - 1];
    return (V){0};
  }
  if (!four && form->has_even_middle && form->knee == 0)
    return beyond ? run_lines(all, (Needs){.beyond = true, .even_middle = true}, u, y, late, n)
                  : run_lines(all, (Needs){.even_middle = true}, u, y, late, n);
  if (!four && form->has_even_middle)
    return run_lines(all, (Needs){.knee = true, .beyond = true, .even_middle = true}, u, y, late, n);
  if (form->knee > 0 && form->has_even)
    return run_lines(all, (Needs){.knee = true, .beyond = true, .even = true, .four = four}, u, y, late, n);
  if (form->knee > 0)
    return beyond ? run_lines(all, (Needs){.knee = true, .beyond = true, .four = four}, u, y, late, n)
                  : run_lines(all, (Needs){.knee = true, .four = four}, u, y, late, n);
  if (!form->has_even)
    return run_lines(all, (Needs){.beyond = true, .four = four}, u, y, late, n);
  return beyond ? run_lines(all, (Needs){.beyond = true, .even = true, .four = four}, u, y, late, n)
                : run_lines(all, (Needs){.even = true, .four = four}, u, y, late, n);
}

/* Stretches of the same reach are run together. */
ALWAYS V run_whole(const LacWaveshaperForm *form, bool four, const float *u, Halves y, V late, uint32_t n) {
  const V none = {0};
  const Form all = {form->knee - none,  form->top - none,  form->even2 - none, form->even3 - none,
                    form->even4 - none, form->odd3 - none, form->odd4 - none,  form->slope - none};
  Reach reach = BELOW_KNEE;
  uint32_t from = 0;
  for (uint32_t done = 0; done < n; done += STRETCH) {
    const Reach next = reach_of(form, four, u + done, n - done < STRETCH ? n - done : STRETCH);
    if (done > from && next != reach) {
      late = run_stretch(form, &all, four, reach, u + from, halves_at(y, from), late, done - from);
      from = done;
    }
    reach = next;
  }
  return run_stretch(form, &all, four, reach, u + from, halves_at(y, from), late, n - from);
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *even, float *odd, uint32_t n) {
  const LacWaveshaperForm form = lac_waveshaper_form(curve);
  const uint32_t whole = n / (2 * LAC_LANES) * (2 * LAC_LANES);
  const Halves y = {even, odd}, rest = halves_at(y, whole);
  if (whole > 0) {
    V late = {0};
    late[LAC_LANES - 1] = state->late;
    memcpy(u - PAST, state->u, sizeof state->u);
    late =
        form.has_four_points ? run_whole(&form, true, u, y, late, whole) : run_whole(&form, false, u, y, late, whole);
    state->late = late[LAC_LANES - 1];
    memcpy(state->u, u + (ptrdiff_t)whole - PAST, sizeof state->u);
  }
  if (whole < n)
    lac_waveshaper_kernels_scalar.run(curve, state, u + whole, rest.even, rest.odd, n - whole);
}

const LacWaveshaperKernels LAC_KERNEL(lac_waveshaper_kernels) = {run};
