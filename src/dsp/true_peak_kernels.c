/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/true_peak_kernels.h"

#include <math.h>
#include <string.h>

typedef LacFloat8 Lanes;
typedef LacInt8 Mask;

enum { LANES = 8, BLOCK = 32, ROOM = 144 };

static inline Lanes load(const float *p) {
  Lanes v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline void store(float *p, Lanes v) {
  memcpy(p, &v, sizeof v);
}

static inline Lanes spread(float v) {
  return (Lanes){v, v, v, v, v, v, v, v};
}

static inline Lanes choose(Mask mask, Lanes yes, Lanes no) {
  return (Lanes)((mask & (Mask)yes) | (~mask & (Mask)no));
}

static inline Lanes magnitude(Lanes v) {
  return (Lanes)((Mask)v & 0x7fffffff);
}

static inline Lanes larger(Lanes a, Lanes b) {
  return choose(a > b, a, b);
}

/* h[i] = the 2x value half way between x[i] and x[i + 1], for 32 frames. Four accumulators share each tap's load. */
static void half_way(const float *taps, const float *x, float *h) {
  Lanes a0 = spread(0.0f), a1 = a0, a2 = a0, a3 = a0;
  for (int k = LAC_TP_HALF_PAIRS - 1; k >= 0; k--) { /* small terms first */
    const Lanes t = spread(taps[k]);
    const float *before = x - k, *after = x + 1 + k;
    a0 += t * (load(before) + load(after));
    a1 += t * (load(before + 8) + load(after + 8));
    a2 += t * (load(before + 16) + load(after + 16));
    a3 += t * (load(before + 24) + load(after + 24));
  }
  store(h, a0);
  store(h + 8, a1);
  store(h + 16, a2);
  store(h + 24, a3);
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

static void wide(const LacTruePeakTaps *taps, const float *x, float *m, uint32_t n) {
  float h[ROOM] = {0}; /* h[j]: half way after x[j - 4] */
  float last[ROOM];    /* last[1 + i]: the eighth before x[i + 1] */
  float out[ROOM];
  const uint32_t n_half = n + 8;
  for (uint32_t j = 0; j < n_half; j += BLOCK)
    half_way(taps->half, x - 4 + j, h + j);
  Lanes y[8];
  eighths(taps, x - 1, h, y);
  last[0] = y[7][0];
  for (uint32_t i = 0; i < n; i += LANES) {
    eighths(taps, x + i, h + 1 + i, y);
    store(last + 1 + i, y[7]);
    store(out + i, refine(y, load(last + i), load(x + i + 1)));
  }
  memcpy(m, out, n * sizeof *m);
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

const LacTruePeakKernels LAC_KERNEL(lac_true_peak_kernels) = {wide, extent, itu};
