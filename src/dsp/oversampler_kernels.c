/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. Outputs are independent of each other, so that every width gives the same bits. */

#include "dsp/oversampler_kernels.h"

#include <stddef.h>

#include "dsp/vector_shuffles.h"

/* Taps that share a vector are LAC_TAPS_STEP apart: 16 lanes would have to share halves. */
enum { LANES = LAC_LANES < LAC_TAPS_STEP ? LAC_LANES : LAC_TAPS_STEP };

typedef float V __attribute__((vector_size(4 * LANES)));
typedef float VU __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* Vectors of outputs, and every eighth taps, at a time: 8 sums, 4 taps and what they share, a vector of x, fit into
 * sixteen registers, and 15 loads do for 32 products. Loads that straddle two cache lines would be the bottleneck. */
enum { WIDE = 8, NARROW = 4, MOST_ROWS = LAC_TAPS_ROWS, STEP = LAC_TAPS_STEP };

static inline __attribute__((always_inline)) V load(const float *p) {
  return *(const VU *)p;
}

#if LAC_LANES >= 8
#define LOW_HALVES 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_HALVES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOW_HALVES 0, 4, 1, 5
#define HIGH_HALVES 2, 6, 3, 7
#endif

#define ALWAYS static inline __attribute__((always_inline))

/* Adds `rows` taps, STEP apart, to `width` vectors; both are constants at every call. */
ALWAYS void add_rows(const float *h, const float *x, int rows, int width, V *s) {
  V taps[MOST_ROWS];
#pragma GCC unroll 4
  for (int q = 0; q < rows; q++)
    taps[q] = h[q * STEP] - (V){0};
  enum { PER_STEP = STEP / LANES }; /* vectors */
#pragma GCC unroll 16
  for (int at = 0; at < width + (rows - 1) * PER_STEP; at++) {
    const V shared = load(x + at * LANES);
#pragma GCC unroll 4
    for (int q = rows; q-- > 0;)
      if (at >= q * PER_STEP && at < q * PER_STEP + width)
        s[at - q * PER_STEP] += taps[q] * shared;
  }
}

ALWAYS void add_band(const float *h, const float *x, int rows, int width, V *s) {
#pragma GCC unroll 1
  for (int r = 0; r < STEP; r++)
    add_rows(h + r, x + r, rows, width, s);
}

ALWAYS void add_taps(const LacTaps *taps, uint32_t i, int width, V *s) {
  const float *h = taps->h, *x = taps->x + i;
  uint32_t left = taps->n_rows;
#pragma GCC unroll 1
  for (; left >= MOST_ROWS; left -= MOST_ROWS, h += MOST_ROWS * STEP, x += MOST_ROWS * STEP)
    add_band(h, x, MOST_ROWS, width, s);
  if (left == 3)
    add_band(h, x, 3, width, s);
  else if (left == 2)
    add_band(h, x, 2, width, s);
  else if (left == 1)
    add_band(h, x, 1, width, s);
}

ALWAYS float add_taps_once(const LacTaps *taps, uint32_t i, float sum) {
  for (uint32_t band = 0; band < taps->n_rows; band += MOST_ROWS) {
    const uint32_t end = taps->n_rows - band < MOST_ROWS ? taps->n_rows : band + MOST_ROWS;
    for (uint32_t r = 0; r < STEP; r++)
      for (uint32_t q = band; q < end; q++)
        sum += taps->h[STEP * q + r] * taps->x[i + STEP * q + r];
  }
  return sum;
}

/* block(i, width) for all of n outputs: what is left of a vector is done with outputs before it once more, which gives
 * them the same bits, or where there are none by once(i). */
#define IN_BLOCKS(n, block, once)                                                                                      \
  do {                                                                                                                 \
    uint32_t i_ = 0;                                                                                                   \
    for (; i_ + WIDE * LANES <= (n); i_ += WIDE * LANES)                                                               \
      block(i_, WIDE);                                                                                                 \
    for (; i_ + NARROW * LANES <= (n); i_ += NARROW * LANES)                                                           \
      block(i_, NARROW);                                                                                               \
    for (; i_ + LANES <= (n); i_ += LANES)                                                                             \
      block(i_, 1);                                                                                                    \
    if (i_ < (n) && (n) > LANES)                                                                                       \
      block((n)-LANES, 1);                                                                                             \
    else                                                                                                               \
      for (; i_ < (n); i_++)                                                                                           \
        once(i_);                                                                                                      \
  } while (0)

ALWAYS void up_block(const LacTaps *taps, const float *odd, float *out, uint32_t i, int width) {
  V s[WIDE] = {0};
  add_taps(taps, i, width, s);
#pragma GCC unroll 8
  for (int v = 0; v < width; v++) {
    const V b = load(odd + i + v * LANES);
    *(VU *)(out + 2 * (i + v * LANES)) = __builtin_shufflevector(s[v], b, LOW_HALVES);
    *(VU *)(out + 2 * (i + v * LANES) + LANES) = __builtin_shufflevector(s[v], b, HIGH_HALVES);
  }
}

static void up(const LacTaps *taps, const float *odd, float *out, uint32_t n) {
#define BLOCK(i, width) up_block(taps, odd, out, i, width)
#define ONCE(i) (out[2 * (i)] = add_taps_once(taps, i, 0.0f), out[2 * (i) + 1] = odd[i])
  IN_BLOCKS(n, BLOCK, ONCE);
#undef BLOCK
#undef ONCE
}

/* The even and the odd samples of two vectors. */
typedef struct Apart {
  V even, odd;
} Apart;

ALWAYS Apart apart(V first, V second) {
#if LAC_LANES >= 8
  return (Apart){EIGHT_EVEN(first, second), EIGHT_ODD(first, second)};
#else
  return (Apart){EVEN(first, second), ODD(first, second)};
#endif
}

ALWAYS void store_one_apart(V only, float *even, float *odd) {
  for (int lane = 0; lane < LANES; lane += 2) {
    even[lane / 2] = only[lane];
    odd[lane / 2] = only[lane + 1];
  }
}

ALWAYS void store_block_apart(const V *s, float *even, float *odd, int width) {
  if (width == 1)
    store_one_apart(s[0], even, odd);
#pragma GCC unroll 8
  for (int v = 0; v + 1 < width; v += 2) {
    const Apart two = apart(s[v], s[v + 1]);
    *(VU *)(even + v / 2 * LANES) = two.even;
    *(VU *)(odd + v / 2 * LANES) = two.odd;
  }
}

ALWAYS void down_half_block(const LacTaps *a, float centre, const float *x, float *even, float *odd, uint32_t i,
                            int width) {
  V s[WIDE];
#pragma GCC unroll 8
  for (int v = 0; v < width; v++)
    s[v] = centre * load(x + i + v * LANES);
  add_taps(a, i, width, s);
  store_block_apart(s, even + i / 2, odd + i / 2, width);
}

static void down_half(const LacTaps *a, float centre, const float *x, float *even, float *odd, uint32_t n) {
#define BLOCK(i, width) down_half_block(a, centre, x, even, odd, i, width)
#define ONCE(i) (*((i) % 2 ? &odd[(i) / 2] : &even[(i) / 2]) = add_taps_once(a, i, centre * x[i]))
  IN_BLOCKS(n, BLOCK, ONCE);
#undef BLOCK
#undef ONCE
}

ALWAYS void store_block(const V *s, float *y, int width) {
#pragma GCC unroll 8
  for (int v = 0; v < width; v++)
    *(VU *)(y + v * LANES) = s[v];
}

ALWAYS void down_block(const LacTaps *a, const LacTaps *b, float *y, uint32_t i, int width) {
  V s[WIDE] = {0};
  add_taps(a, i, width, s);
  add_taps(b, i, width, s);
  store_block(s, y + i, width);
}

static void down(const LacTaps *a, const LacTaps *b, float *y, uint32_t n) {
#define BLOCK(i, width) down_block(a, b, y, i, width)
#define ONCE(i) (y[i] = add_taps_once(b, i, add_taps_once(a, i, 0.0f)))
  IN_BLOCKS(n, BLOCK, ONCE);
#undef BLOCK
#undef ONCE
}

static void deal(const float *in, float *a, float *b, float *c, uint32_t n) {
  size_t k = 0;
  for (; 2 * (k + LANES) <= n; k += LANES) {
    const Apart two = apart(load(in + 2 * k), load(in + 2 * k + LANES));
    *(VU *)(a + k) = two.even;
    *(VU *)(b + k) = two.odd;
    *(VU *)(c + k) = two.even + two.odd;
  }
  for (; 2 * k < n; k++) {
    a[k] = in[2 * k];
    if (2 * k + 1 < n) {
      b[k] = in[2 * k + 1];
      c[k] = a[k] + b[k];
    }
  }
}

static void join(const float *a, const float *b, const float *c, float *out, uint32_t n) {
  uint32_t k = 0;
  for (; 2 * (k + LANES) <= n; k += LANES) {
    const V of_a = load(a + k), even = of_a + load(b + (ptrdiff_t)k - 1), odd = load(c + k) - (of_a + load(b + k));
    *(VU *)(out + 2 * k) = __builtin_shufflevector(even, odd, LOW_HALVES);
    *(VU *)(out + 2 * k + LANES) = __builtin_shufflevector(even, odd, HIGH_HALVES);
  }
  for (uint32_t i = 2 * k; i < n; i++) {
    const ptrdiff_t at = i / 2;
    out[i] = i % 2 ? c[at] - (a[at] + b[at]) : a[at] + b[at - 1];
  }
}

const LacOversamplerKernels LAC_KERNEL(lac_oversampler_kernels) = {up, down_half, down, deal, join};
