/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: the expressions of block_transform.c over vectors. */

#include "dsp/block_transform.h"

/* A leaf has eight lanes: as many as a vector, or two vectors. */
enum { WIDTH = LAC_LANES < 8 ? LAC_LANES : 8, LEAF = LAC_TRANSFORM_LEAF, SMALLEST = 64 };

_Static_assert(LAC_TRANSFORM_GROUP == 2 * 8, "a group is two elements of the eight lanes of a leaf");

typedef float V __attribute__((vector_size(4 * WIDTH)));
typedef float VU __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const float *p) {
  return *(const VU *)p;
}

ALWAYS void store(float *p, V v) {
  *(VU *)p = v;
}

typedef struct C {
  V re, im;
} C;

ALWAYS C load_c(const float *re, const float *im) {
  return (C){load(re), load(im)};
}

ALWAYS void store_c(float *re, float *im, C v) {
  store(re, v.re);
  store(im, v.im);
}

ALWAYS C sum(C a, C b) {
  return (C){a.re + b.re, a.im + b.im};
}

ALWAYS C difference(C a, C b) {
  return (C){a.re - b.re, a.im - b.im};
}

ALWAYS C turn(C a, C w) {
  return (C){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

ALWAYS C turn_back(C a, C w) {
  return (C){a.re * w.re + a.im * w.im, a.im * w.re - a.re * w.im};
}

ALWAYS C plus_i(C a, C b) {
  return (C){a.re - b.im, a.im + b.re};
}

ALWAYS C minus_i(C a, C b) {
  return (C){a.re + b.im, a.im - b.re};
}

ALWAYS void split_in_four(C a[4], const C w[3]) {
  const C b1 = turn(a[1], w[0]), b2 = turn(a[2], w[1]), b3 = turn(a[3], w[2]);
  const C even = sum(a[0], b2), odd = sum(b1, b3), even_d = difference(a[0], b2), odd_d = difference(b1, b3);
  a[0] = sum(even, odd);
  a[1] = plus_i(even_d, odd_d);
  a[2] = difference(even, odd);
  a[3] = minus_i(even_d, odd_d);
}

ALWAYS void join_four(C a[4], const C w[3]) {
  const C s = sum(a[0], a[2]), d = difference(a[0], a[2]), u = sum(a[1], a[3]), v = difference(a[1], a[3]);
  a[0] = sum(s, u);
  a[1] = turn_back(minus_i(d, v), w[0]);
  a[2] = turn_back(difference(s, u), w[1]);
  a[3] = turn_back(plus_i(d, v), w[2]);
}

ALWAYS void split_in_two(C a[2], C w) {
  const C b = turn(a[1], w);
  a[1] = difference(a[0], b);
  a[0] = sum(a[0], b);
}

ALWAYS void join_two(C a[2], C w) {
  const C b = difference(a[0], a[1]);
  a[0] = sum(a[0], a[1]);
  a[1] = turn_back(b, w);
}

/* ---- passes ---- */

typedef struct Pass {
  const float *factors;
  uint32_t n_nodes, size; /* of a node */
  const float *from_re, *from_im;
  float *re, *im;
} Pass;

ALWAYS C all_lanes(const float *factor) {
  return (C){(V){0} + factor[0], (V){0} + factor[1]};
}

/* One node; step and is_back are constants at every call that counts. */
ALWAYS void run_four(const float *f, const float *from_re, const float *from_im, float *re, float *im, size_t step,
                     bool is_back) {
  const C w[3] = {all_lanes(f), all_lanes(f + 2), all_lanes(f + 4)};
  for (size_t at = 0; at < step; at += WIDTH) {
    C a[4];
#pragma GCC unroll 4
    for (size_t r = 0; r < 4; r++) {
      a[r] = load_c(from_re + at + r * step, from_im + at + r * step);
    }
    if (is_back) {
      join_four(a, w);
    } else {
      split_in_four(a, w);
    }
#pragma GCC unroll 4
    for (size_t r = 0; r < 4; r++) {
      store_c(re + at + r * step, im + at + r * step, a[r]);
    }
  }
}

ALWAYS void run_nodes(const Pass *p, size_t step, bool is_back) {
  const float *f = p->factors, *from_re = p->from_re, *from_im = p->from_im;
  float *re = p->re, *im = p->im;
  for (uint32_t node = 0; node < p->n_nodes; node++) {
    run_four(f, from_re, from_im, re, im, step, is_back);
    f += 6;
    from_re += 4 * step;
    from_im += 4 * step;
    re += 4 * step;
    im += 4 * step;
  }
}

/* Small nodes are many: their step is a constant. */
ALWAYS void run_fours(const Pass *p, bool is_back) {
  if (p->size == 4 * LEAF) {
    run_nodes(p, LEAF, is_back);
  } else if (p->size == 16 * LEAF) {
    run_nodes(p, 4 * LEAF, is_back);
  } else {
    run_nodes(p, p->size / 4, is_back);
  }
}

/* The first level: one node. */
ALWAYS void run_twos(const Pass *p, bool is_back) {
  const uint32_t step = p->size / 2;
  const C w = all_lanes(p->factors);
  for (uint32_t at = 0; at < step; at += WIDTH) {
    C a[2] = {load_c(p->from_re + at, p->from_im + at), load_c(p->from_re + at + step, p->from_im + at + step)};
    if (is_back) {
      join_two(a, w);
    } else {
      split_in_two(a, w);
    }
    store_c(p->re + at, p->im + at, a[0]);
    store_c(p->re + at + step, p->im + at + step, a[1]);
  }
}

/* The last way back gives the second block alone. */
static void end_in_four(const Pass *p) {
  const uint32_t step = p->size / 4;
  const C w[3] = {all_lanes(p->factors), all_lanes(p->factors + 2), all_lanes(p->factors + 4)};
  for (uint32_t at = 0; at < step; at += WIDTH) {
    C a[4];
#pragma GCC unroll 4
    for (uint32_t r = 0; r < 4; r++) {
      a[r] = load_c(p->from_re + at + r * step, p->from_im + at + r * step);
    }
    join_four(a, w);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < 4; r++) {
      store(p->im + at + r * step, a[r].im);
    }
  }
}

static void end_in_two(const Pass *p) {
  const uint32_t step = p->size / 2;
  const C w = all_lanes(p->factors);
  for (uint32_t at = 0; at < step; at += WIDTH) {
    C a[2] = {load_c(p->from_re + at, p->from_im + at), load_c(p->from_re + at + step, p->from_im + at + step)};
    join_two(a, w);
    store(p->im + at, a[0].im);
    store(p->im + at + step, a[1].im);
  }
}

/* ---- leaves ---- */

#if LAC_LANES < 8
ALWAYS void transpose4(V x[4]) {
  const V a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5), b = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
  const V c = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5), d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
  x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  x[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  x[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/* Element e of four nodes, each eight values long, to a vector x[e]. */
ALWAYS void load_nodes(const float *p, V x[LEAF]) {
  for (uint32_t k = 0; k < 4; k++) {
    x[k] = load(p + LEAF * k);
    x[4 + k] = load(p + LEAF * k + 4);
  }
  transpose4(x);
  transpose4(x + 4);
}

ALWAYS void store_nodes(float *p, V x[LEAF]) {
  transpose4(x);
  transpose4(x + 4);
  for (uint32_t k = 0; k < 4; k++) {
    store(p + LEAF * k, x[k]);
    store(p + LEAF * k + 4, x[4 + k]);
  }
}
#else
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13) /* within each half */
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define HALVES_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HALVES_HIGH(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
ALWAYS void transpose8(V x[8]) {
  V z[8], p[8];
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 8; k += 2) {
    z[k] = ZIP_LOW(x[k], x[k + 1]);
    z[k + 1] = ZIP_HIGH(x[k], x[k + 1]);
  }
#pragma GCC unroll 2
  for (uint32_t k = 0; k < 8; k += 4) {
    p[k] = PAIRS_LOW(z[k], z[k + 2]);
    p[k + 1] = PAIRS_HIGH(z[k], z[k + 2]);
    p[k + 2] = PAIRS_LOW(z[k + 1], z[k + 3]);
    p[k + 3] = PAIRS_HIGH(z[k + 1], z[k + 3]);
  }
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 4; k++) {
    x[k] = HALVES_LOW(p[k], p[k + 4]);
    x[k + 4] = HALVES_HIGH(p[k], p[k + 4]);
  }
}

ALWAYS void load_nodes(const float *p, V x[LEAF]) {
#pragma GCC unroll 8
  for (uint32_t k = 0; k < 8; k++) {
    x[k] = load(p + LEAF * k);
  }
  transpose8(x);
}

ALWAYS void store_nodes(float *p, V x[LEAF]) {
  transpose8(x);
#pragma GCC unroll 8
  for (uint32_t k = 0; k < 8; k++) {
    store(p + LEAF * k, x[k]);
  }
}
#endif

ALWAYS C leaf_factor(const float *rows, uint32_t which) {
  return load_c(rows + 2 * which * 8, rows + (2 * which + 1) * 8);
}

ALWAYS void run_fours_of_leaf(const float *rows, C a[LEAF], bool is_back) {
  const C w[3] = {leaf_factor(rows, 0), leaf_factor(rows, 1), leaf_factor(rows, 2)};
#pragma GCC unroll 2
  for (uint32_t j = 0; j < 2; j++) {
    C four[4] = {a[j], a[2 + j], a[4 + j], a[6 + j]};
    if (is_back) {
      join_four(four, w);
    } else {
      split_in_four(four, w);
    }
#pragma GCC unroll 4
    for (uint32_t k = 0; k < 4; k++) {
      a[2 * k + j] = four[k];
    }
  }
}

static void split_leaves(const LacBlockTransform *t, const float *re, const float *im, float *values, size_t step) {
  const float *rows = t->leaves;
  for (uint32_t at = 0; at < t->block; at += LEAF * 8, rows += LAC_TRANSFORM_LEAF_ROWS * 8, values += 4 * step) {
    C a[8 / WIDTH][LEAF];
    for (uint32_t half = 0; half < 8 / WIDTH; half++) {
      V x[LEAF], y[LEAF];
      load_nodes(re + at + half * LEAF * WIDTH, x);
      load_nodes(im + at + half * LEAF * WIDTH, y);
#pragma GCC unroll 8
      for (uint32_t e = 0; e < LEAF; e++) {
        a[half][e] = (C){x[e], y[e]};
      }
      run_fours_of_leaf(rows + half * WIDTH, a[half], false);
    }
    for (uint32_t half = 0; half < 8 / WIDTH; half++) {
#pragma GCC unroll 4
      for (uint32_t k = 0; k < 4; k++) {
        split_in_two(a[half] + 2 * k, leaf_factor(rows + half * WIDTH, 3 + k));
      }
#pragma GCC unroll 8
      for (uint32_t e = 0; e < LEAF; e++) {
        float *group = values + e / 2 * step + e % 2 * 8 + half * WIDTH;
        store_c(group, group + LAC_TRANSFORM_GROUP, a[half][e]);
      }
    }
  }
}

static void join_leaves(const LacBlockTransform *t, float *re, float *im) {
  const float *rows = t->leaves;
  for (uint32_t at = 0; at < t->block; at += LEAF * 8, rows += LAC_TRANSFORM_LEAF_ROWS * 8) {
    C a[8 / WIDTH][LEAF];
    for (uint32_t half = 0; half < 8 / WIDTH; half++) {
#pragma GCC unroll 8
      for (uint32_t e = 0; e < LEAF; e++) {
        a[half][e] = load_c(re + at + 8 * e + half * WIDTH, im + at + 8 * e + half * WIDTH);
      }
#pragma GCC unroll 4
      for (uint32_t k = 0; k < 4; k++) {
        join_two(a[half] + 2 * k, leaf_factor(rows + half * WIDTH, 3 + k));
      }
    }
    for (uint32_t half = 0; half < 8 / WIDTH; half++) {
      V x[LEAF], y[LEAF];
      run_fours_of_leaf(rows + half * WIDTH, a[half], true);
#pragma GCC unroll 8
      for (uint32_t e = 0; e < LEAF; e++) {
        x[e] = a[half][e].re;
        y[e] = a[half][e].im;
      }
      store_nodes(re + at + half * LEAF * WIDTH, x);
      store_nodes(im + at + half * LEAF * WIDTH, y);
    }
  }
}

/* ---- the smallest block ---- */

#if LAC_LANES >= 8
/* A block that is one leaf, eight vectors, needs no passes through memory: its rows are the nodes of the leaf. Longer
 * ones, whose last pass could join the leaves in the same way, lose by it: there are too few registers for both. */
enum { IN_REGISTERS = 8 * LEAF };

ALWAYS void turn_nodes(C a[LEAF]) {
  V re[LEAF], im[LEAF];
#pragma GCC unroll 8
  for (uint32_t k = 0; k < LEAF; k++) {
    re[k] = a[k].re;
    im[k] = a[k].im;
  }
  transpose8(re);
  transpose8(im);
#pragma GCC unroll 8
  for (uint32_t k = 0; k < LEAF; k++) {
    a[k] = (C){re[k], im[k]};
  }
}

/* Both nodes of the second pass. */
ALWAYS void run_second(const float *factors, C a[LEAF], bool is_back) {
#pragma GCC unroll 2
  for (uint32_t node = 0; node < 2; node++) {
    const float *f = factors + 6 * node;
    const C w[3] = {all_lanes(f), all_lanes(f + 2), all_lanes(f + 4)};
    if (is_back) {
      join_four(a + 4 * node, w);
    } else {
      split_in_four(a + 4 * node, w);
    }
  }
}

static void split_smallest(const LacBlockTransform *t, const float *samples, float *values, size_t step) {
  const C half = all_lanes(t->factors[0]);
  C a[LEAF];
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 4; k++) {
    const float *x = samples + 8 * k, *y = x + 4 * 8;
    C two[2] = {load_c(x, x + IN_REGISTERS), load_c(y, y + IN_REGISTERS)};
    split_in_two(two, half);
    a[k] = two[0];
    a[4 + k] = two[1];
  }
  run_second(t->factors[1], a, false);
  turn_nodes(a);
  run_fours_of_leaf(t->leaves, a, false);
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 4; k++) {
    float *group = values + k * step;
    split_in_two(a + 2 * k, leaf_factor(t->leaves, 3 + k));
    store_c(group, group + LAC_TRANSFORM_GROUP, a[2 * k]);
    store_c(group + 8, group + LAC_TRANSFORM_GROUP + 8, a[2 * k + 1]);
  }
}

static void join_smallest(const LacBlockTransform *t, const float *re, const float *im, float *second) {
  const C half = all_lanes(t->factors[0]);
  C a[LEAF];
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 4; k++) {
    a[2 * k] = load_c(re + 16 * k, im + 16 * k);
    a[2 * k + 1] = load_c(re + 16 * k + 8, im + 16 * k + 8);
    join_two(a + 2 * k, leaf_factor(t->leaves, 3 + k));
  }
  run_fours_of_leaf(t->leaves, a, true);
  turn_nodes(a);
  run_second(t->factors[1], a, true);
#pragma GCC unroll 4
  for (uint32_t k = 0; k < 4; k++) {
    C two[2] = {a[k], a[4 + k]};
    join_two(two, half);
    store(second + 8 * k, two[0].im);
    store(second + 8 * (4 + k), two[1].im);
  }
}
#endif

/* ---- all of it ---- */

static void forward(const LacBlockTransform *t, const float *samples, float *work, float *values, size_t step) {
  if (t->block < SMALLEST) {
    lac_block_transform_kernels_scalar.forward(t, samples, work, values, step);
    return;
  }
#if LAC_LANES >= 8
  if (t->block == IN_REGISTERS) {
    split_smallest(t, samples, values, step);
    return;
  }
#endif
  float *re = work, *im = work + t->block;
  Pass p = {t->factors[0], 1, t->block, samples, samples + t->block, re, im};
  for (uint32_t pass = 0; pass < t->n_passes; pass++) {
    const bool in_two = lac_block_transform_splits_in_two(t, pass);
    p.factors = t->factors[pass];
    if (in_two) {
      run_twos(&p, false);
    } else {
      run_fours(&p, false);
    }
    p.n_nodes *= in_two ? 2 : 4;
    p.size /= in_two ? 2 : 4;
    p.from_re = re;
    p.from_im = im;
  }
  split_leaves(t, re, im, values, step);
}

static void inverse(const LacBlockTransform *t, float *re, float *im, float *second) {
  if (t->block < SMALLEST) {
    lac_block_transform_kernels_scalar.inverse(t, re, im, second);
    return;
  }
#if LAC_LANES >= 8
  if (t->block == IN_REGISTERS) {
    join_smallest(t, re, im, second);
    return;
  }
#endif
  join_leaves(t, re, im);
  Pass p = {NULL, t->block / LEAF, LEAF, re, im, re, im};
  for (uint32_t pass = t->n_passes - 1; pass > 0; pass--) {
    p.n_nodes /= 4;
    p.size *= 4;
    p.factors = t->factors[pass];
    run_fours(&p, true);
  }
  p = (Pass){t->factors[0], 1, t->block, re, im, NULL, second};
  if (lac_block_transform_splits_in_two(t, 0)) {
    end_in_two(&p);
  } else {
    end_in_four(&p);
  }
}

const LacBlockTransformKernels LAC_KERNEL(lac_block_transform_kernels) = {forward, inverse};
