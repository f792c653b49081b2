/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/true_peak_kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "dsp/peak_bound.h"

#if LAC_LANES >= 8
#include <immintrin.h> /* gcc 12 makes four instructions of a choice */
#endif

typedef LacFloat8 Lanes;
typedef LacInt8 Mask;

enum { LANES = 8 };

static inline Lanes load(const float *p) {
  return *(const LacFloat8U *)p;
}

static inline void store(float *p, Lanes v) {
  *(LacFloat8U *)p = v;
}

static inline Lanes spread(float v) {
  return (Lanes){v, v, v, v, v, v, v, v};
}

/* yes where the mask is -1, no where it is 0. */
static inline Lanes choose(Mask mask, Lanes yes, Lanes no) {
#if LAC_LANES >= 8
  return (Lanes)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)mask);
#else
  return (Lanes)((mask & (Mask)yes) | (~mask & (Mask)no));
#endif
}

static inline Lanes magnitude(Lanes v) {
  return (Lanes)((Mask)v & 0x7fffffff);
}

/* a > b ? a : b; and a < b ? a : b. */
static inline Lanes larger(Lanes a, Lanes b) {
#if LAC_LANES >= 8
  return (Lanes)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return choose(a > b, a, b);
#endif
}

static inline Lanes smaller(Lanes a, Lanes b) {
#if LAC_LANES >= 8
  return (Lanes)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return choose(a < b, a, b);
#endif
}

/* A vector that straddles two cache lines is two loads, and loads are what half-way values wait for. So the samples are
 * copied twice: what begins at the beginning of a line in one copy begins at the half of one in the other, and one or
 * the other has any vector in one line. */
enum { AHEAD = LAC_TP_HALF_PAIRS, COPIED = LAC_TP_CHUNK + LANES + 2 * AHEAD, APART = COPIED + LANES };

/* What the blocks from..to of half_way[] are made of: copies[AHEAD + j] begins block j, and so does the other one. */
static void copy(const float *x, uint32_t from, uint32_t to, float *copies) {
  for (uint32_t i = from; i < to + 2 * AHEAD + LANES; i += LANES) {
    const Lanes v = load(x + (ptrdiff_t)i - AHEAD - 4);
    store(copies + i, v);
    store(copies + APART + i, v);
  }
}

/* Four times eight values half way between neighbours at 2x: h[b][i] = the value after x[b][i]; all x at beginnings of
 * lines, `other` from there is the other copy. Each tap's load and the wait for its sum are shared by four
 * accumulators. `other` is a constant at every call. */
static inline __attribute__((always_inline)) void half_way(const float *taps, const float *const x[4], ptrdiff_t other,
                                                           float *const h[4]) {
  const float *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  Lanes a0 = spread(0.0f), a1 = a0, a2 = a0, a3 = a0;
  for (ptrdiff_t row = AHEAD - 2 * LANES; row >= 0; row -= 2 * LANES) { /* small terms first */
#pragma GCC unroll 16
    for (ptrdiff_t k = 2 * LANES - 1; k >= 0; k--) {
      const ptrdiff_t left = (k < LANES ? other : 0) - k, right = (k < LANES ? 0 : other) + 1 + k;
      const Lanes t = spread(taps[row + k]);
      a0 += t * (load(x0 - row + left) + load(x0 + row + right));
      a1 += t * (load(x1 - row + left) + load(x1 + row + right));
      a2 += t * (load(x2 - row + left) + load(x2 + row + right));
      a3 += t * (load(x3 - row + left) + load(x3 + row + right));
    }
  }
  store(h[0], a0);
  store(h[1], a1);
  store(h[2], a2);
  store(h[3], a3);
}

/* Blocks of eight that begin lines alike, four by four. */
static inline __attribute__((always_inline)) void half_ways_of(const float *taps, const float *x, ptrdiff_t other,
                                                               uint32_t blocks, float *h) {
  const float *from[4];
  float *to[4];
  uint32_t n = 0;
  while (blocks) {
    const uint32_t at = LANES * (uint32_t)__builtin_ctz(blocks);
    from[n] = x + at;
    to[n++] = h + at;
    blocks &= blocks - 1;
    for (; n < 4 && !blocks; n++) { /* the same once more */
      from[n] = from[0];
      to[n] = to[0];
    }
    if (n == 4) {
      half_way(taps, from, other, to);
      n = 0;
    }
  }
}

/* Half-way values, eight by eight, that the groups need and that are not there yet. A group of eight frames reads
 * half_way[0 .. 14] from its own place on. */
static void half_ways(const float *taps, const float *x, uint32_t groups, LacTruePeakReadings *readings) {
  const uint32_t wanted = (groups << 1 | groups) & ~readings->half_ways, even = 0x55555555;
  _Alignas(64) float copies[APART + COPIED];
  if (!wanted)
    return;
  readings->half_ways |= wanted;
  copy(x, LANES * (uint32_t)__builtin_ctz(wanted), LANES * (uint32_t)(31 - __builtin_clz(wanted)), copies);
  half_ways_of(taps, copies + AHEAD, APART, wanted & even, readings->half_way);
  half_ways_of(taps, copies + APART + AHEAD, -APART, wanted & ~even, readings->half_way);
}

/* Values a quarter, a half and three quarters of the way between two neighbours at 2x: sums[] and differences[] of the
 * six values on either side, nearest first. */
static inline void between(const LacTruePeakTaps *t, const Lanes *sum, const Lanes *difference, Lanes out[3]) {
  Lanes middle = spread(0.0f), even = middle, odd = middle;
  for (int k = LAC_TP_FINE_PAIRS - 1; k >= 0; k--) {
    middle += spread(t->middle[k]) * sum[k];
    even += spread(t->even[k]) * sum[k];
    odd += spread(t->odd[k]) * difference[k];
  }
  out[0] = even + odd;
  out[1] = middle;
  out[2] = even - odd;
}

/* The seven values after x[0] at 8x; h[3] is the value half way after x[0]. */
static inline void eighths(const LacTruePeakTaps *t, const float *x, const float *h, Lanes y[8]) {
  const Lanes x_2 = load(x - 2), x_1 = load(x - 1), x0 = load(x), x1 = load(x + 1), x2 = load(x + 2), x3 = load(x + 3);
  const Lanes h_3 = load(h), h_2 = load(h + 1), h_1 = load(h + 2), h0 = load(h + 3), h1 = load(h + 4), h2 = load(h + 5);
  const Lanes h3 = load(h + 6);
  y[0] = x0;
  {
    const Lanes sum[6] = {x0 + h0, h_1 + x1, x_1 + h1, h_2 + x2, x_2 + h2, h_3 + x3};
    const Lanes difference[6] = {x0 - h0, h_1 - x1, x_1 - h1, h_2 - x2, x_2 - h2, h_3 - x3};
    between(t, sum, difference, y + 1);
  }
  y[4] = h0;
  {
    const Lanes sum[6] = {h0 + x1, x0 + h1, h_1 + x2, x_1 + h2, h_2 + x3, x_2 + h3};
    const Lanes difference[6] = {h0 - x1, x0 - h1, h_1 - x2, x_1 - h2, h_2 - x3, x_2 - h3};
    between(t, sum, difference, y + 5);
  }
}

/* Parabola through the largest of the eight magnitudes and its neighbours (`before` = the eighth before y[0], `after` =
 * the next sample). A sinusoid below half the sample rate rises by at most 1/cos(pi/16) - 1 = 1.96 % between two
 * eighths, hence the cap. Leaves at most 0.005 dB of under-reading. */
static inline Lanes refine(const Lanes y[8], Lanes before, Lanes after) {
  Lanes left = magnitude(before), best = magnitude(y[0]), right = magnitude(y[1]), previous = best;
  for (int p = 1; p < 8; p++) {
    const Lanes here = magnitude(y[p]), next = magnitude(p < 7 ? y[p + 1] : after);
    const Mask better = here > best;
    left = choose(better, previous, left);
    right = choose(better, next, right);
    best = choose(better, here, best);
    previous = here;
  }
  const Lanes curvature = (best - left) + (best - right), slope = left - right;
  const Mask is_top = (best >= left) & (best >= right) & (curvature > 0.0f);
  Lanes rise = choose(is_top, slope * slope / choose(is_top, 8.0f * curvature, spread(1.0f)), spread(0.0f));
  const Lanes cap = 0.02f * best;
  rise = choose(rise > cap, cap, rise);
  return best + rise;
}

static void wide(const LacTruePeakTaps *taps, const float *x, uint32_t groups, LacTruePeakReadings *readings) {
  const float *h = readings->half_way;
  float last[LANES + 1]; /* last[1 + i]: the eighth before x[i + 1] */
  uint32_t next = UINT32_MAX;
  Lanes y[8];
  half_ways(taps->half, x, groups, readings);
  for (uint32_t left = groups; left; left &= left - 1) {
    const uint32_t i = LANES * (uint32_t)__builtin_ctz(left);
    if (i != next) {
      eighths(taps, x + i - 1, h + i, y);
      last[0] = y[7][0];
    } else {
      last[0] = last[LANES];
    }
    eighths(taps, x + i, h + 1 + i, y);
    store(last + 1, y[7]);
    store(readings->most + i, refine(y, load(last), load(x + i + 1)));
    next = i + LANES;
  }
}

static inline float largest_lane(Lanes v) {
  v = larger(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3));
  v = larger(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5));
  v = larger(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
  return v[0];
}

static inline float smallest_lane(Lanes v) {
  v = smaller(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3));
  v = smaller(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5));
  v = smaller(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
  return v[0];
}

/* Reading i belongs to the frames i - 1 and i, so a group has the limits of nine frames. */
static void group_limits(const float *limits, uint32_t n_frames, float *lowest) {
  float padded[LANES + LAC_TP_CHUNK + LANES];
  memcpy(padded + 1, limits, n_frames * sizeof *limits);
  padded[0] = limits[0];
  for (uint32_t i = n_frames; i <= n_frames + LANES; i++)
    padded[1 + i] = limits[n_frames - 1];
  for (uint32_t g = 0; g * LANES <= n_frames; g++)
    lowest[g] = smallest_lane(smaller(load(padded + LANES * g), load(padded + LANES * g + 1)));
}

static void bends(const float *x, float *bend, uint32_t n) {
  for (uint32_t i = 0; i < n; i += LANES) {
    const Lanes here = load(x + i);
    store(bend + i, magnitude((load(x + i - 1) - here) + (load(x + i + 1) - here)));
  }
}

/* The larger of two neighbouring halves of a's and b's quarters, of a and b by turns. */
static inline Lanes larger_of_fours(Lanes a, Lanes b) {
  return larger(__builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13),
                __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15));
}

static inline Lanes larger_of_pairs(Lanes a, Lanes b) {
  return larger(__builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13),
                __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15));
}

/* The largest lanes of eight vectors, a lane each: halves of each are folded onto each other while they are put side by
 * side. */
static inline Lanes largest_lanes(const Lanes v[8]) {
  const Lanes a = larger_of_pairs(larger_of_fours(v[0], v[1]), larger_of_fours(v[2], v[3]));
  const Lanes b = larger_of_pairs(larger_of_fours(v[4], v[5]), larger_of_fours(v[6], v[7]));
  return larger(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11),
                __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15));
}

static float far_bend(const float *bend, uint32_t n) {
  Lanes even = spread(0.0f), odd = even;
  uint32_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    even = larger(load(bend + i), even);
    odd = larger(load(bend + i + LANES), odd);
  }
  for (; i < n; i += LANES)
    even = larger(load(bend + i), even);
  return largest_lane(larger(even, odd));
}

static void survey(const float *x, const float *bend, uint32_t n, LacTruePeakSurvey *result) {
  enum { NEAR = LAC_PEAK_BOUND_NEAR / LANES, REACH = LAC_PEAK_BOUND_REACH };
  float sharpest[LAC_TP_SURVEYED + LANES]; /* of eight samples from x - NEAR on */
  const uint32_t n_groups = (n + LANES - 1) / LANES;
  Lanes v[LANES];
  result->far_bend = far_bend(bend - REACH, n_groups * LANES + 2 * REACH);
  for (uint32_t k = 0; k < n_groups + 2 * NEAR; k += LANES) {
    for (uint32_t i = 0; i < LANES; i++)
      v[i] = load(bend + (ptrdiff_t)LANES * ((ptrdiff_t)(k + i) - NEAR));
    store(sharpest + k, largest_lanes(v));
  }
  for (uint32_t g = 0; g < n_groups; g += LANES) {
    Lanes near = load(sharpest + g);
    for (uint32_t k = 1; k <= 2 * NEAR; k++)
      near = larger(load(sharpest + g + k), near);
    store(result->near_bend + g, near);
    for (uint32_t i = 0; i < LANES; i++) {
      const float *at = x + LANES * (g + i);
      v[i] = larger(magnitude(load(at)), magnitude(load(at + 1)));
    }
    store(result->level + g, largest_lanes(v));
  }
}

/* The half-way values by the brief taps. */
static inline Lanes brief(const LacTruePeakTaps *taps, const float *x) {
  Lanes sum = spread(0.0f);
  for (ptrdiff_t k = LAC_TP_BRIEF_PAIRS - 1; k >= 0; k--)
    sum += spread(taps->brief[k]) * (load(x - k) + load(x + 1 + k));
  return sum;
}

/* (1 - z)^8 / 256, centred: leaves what lies high, 1 at half the rate. */
static inline Lanes edges(const float *x) {
  const Lanes one = load(x - 4) + load(x + 4), two = load(x - 3) + load(x + 3), three = load(x - 2) + load(x + 2);
  const Lanes four = load(x - 1) + load(x + 1);
  const Lanes even = one + 28.0f * three + 70.0f * load(x), odd = 8.0f * two + 56.0f * four;
  return magnitude((even - odd) * (1.0f / 256.0f));
}

static inline float largest_of(const float *x, int n_vectors) {
  Lanes most = load(x);
  for (int k = 1; k < n_vectors; k++)
    most = larger(load(x + LANES * k), most);
  return largest_lane(most);
}

static void outline(const LacTruePeakTaps *taps, const float *x, uint32_t n_groups, LacTruePeakOutline *result) {
  enum { NEAR = LAC_PEAK_BOUND_NEAR / LANES, FAR = LAC_PEAK_BOUND_REACH / LANES };
  float edge[(FAR + LAC_TP_GROUPS + FAR) * LANES]; /* from x - REACH on */
  float half[(2 + LAC_TP_GROUPS + 1) * LANES];     /* half way after x - 16 on */
  float bend[(1 + LAC_TP_GROUPS + 1) * LANES];     /* from x - 8 on */
  Lanes farthest = spread(0.0f);
  for (uint32_t k = 0; k < FAR + n_groups + FAR; k++) {
    const Lanes here = edges(x + (ptrdiff_t)LANES * ((ptrdiff_t)k - FAR));
    store(edge + LANES * k, here);
    farthest = larger(here, farthest);
  }
  result->far_edge = largest_lane(farthest);
  for (uint32_t k = 0; k < 2 + n_groups + 1; k++)
    store(half + LANES * k, brief(taps, x + (ptrdiff_t)LANES * ((ptrdiff_t)k - 2)));
  for (uint32_t k = 0; k < 1 + n_groups + 1; k++) {
    const float *h = half + LANES * (k + 1), *at = x + (ptrdiff_t)LANES * ((ptrdiff_t)k - 1);
    const Lanes before = load(h - 1), after = load(h), here = load(at), next = load(at + 1);
    store(bend + LANES * k,
          larger(magnitude((before - here) + (after - here)), magnitude((here - after) + (next - after))));
  }
  for (uint32_t g = 0; g < n_groups; g++) {
    result->half_way[g] = largest_lane(magnitude(load(half + LANES * (g + 2))));
    result->bend[g] = largest_of(bend + LANES * g, 3);
    result->near_edge[g] = largest_of(edge + LANES * (FAR - NEAR + g), 2 * NEAR + 1);
  }
}

static void extent(const float *x, uint32_t n, float *level, float *bend) {
  Lanes most = spread(0.0f), sharpest = most;
  uint32_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    const Lanes here = load(x + i);
    most = larger(magnitude(here), most);
    sharpest = larger(magnitude((load(x + i - 1) - here) + (load(x + i + 1) - here)), sharpest);
  }
  float a = 0.0f, b = 0.0f;
  for (int k = 0; k < LANES; k++) {
    a = most[k] > a ? most[k] : a;
    b = sharpest[k] > b ? sharpest[k] : b;
  }
  for (; i < n; i++) {
    const float *here = x + i;
    const float size = fabsf(here[0]), turn = fabsf((here[-1] - here[0]) + (here[1] - here[0]));
    a = size > a ? size : a;
    b = turn > b ? turn : b;
  }
  *level = a;
  *bend = b;
}

static float itu(const float (*phases)[12], uint32_t n_phases, const float *x, uint32_t n) {
  float best = 0.0f;
  Lanes most = spread(0.0f);
  uint32_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    for (uint32_t p = 0; p < n_phases; p++) {
      Lanes sum = spread(0.0f);
      for (int k = 0; k < 12; k++)
        sum += spread(phases[p][k]) * load(x + i - k);
      most = larger(magnitude(sum), most);
    }
  }
  for (; i < n; i++) {
    for (uint32_t p = 0; p < n_phases; p++) {
      float sum = 0.0f;
      for (int k = 0; k < 12; k++)
        sum += phases[p][k] * x[(ptrdiff_t)i - k];
      sum = sum < 0 ? -sum : sum;
      best = sum > best ? sum : best;
    }
  }
  for (int k = 0; k < LANES; k++)
    best = most[k] > best ? most[k] : best;
  return best;
}

const LacTruePeakKernels LAC_KERNEL(lac_true_peak_kernels) = {wide, bends, survey, outline, group_limits, extent, itu};
