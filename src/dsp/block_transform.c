/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/block_transform.h"

#include "dsp/elementary.h"

enum { LEAF = LAC_TRANSFORM_LEAF, ROWS = LAC_TRANSFORM_LEAF_ROWS };

/* ---- factors ---- */

/* The angle, in turns, of node `node` of 4^.. nodes: the root is a quarter, and child k of a node is a quarter (half)
 * of its angle and k quarters (halves) of a turn. */
static double child_turns(double turns, uint32_t k, bool in_two) {
  return in_two ? 0.5 * turns + 0.5 * k : 0.25 * turns + 0.25 * k;
}

static void write_root(float *re, float *im, double turns) {
  *re = (float)lac_cos(2.0 * LAC_PI * turns);
  *im = (float)lac_sin(2.0 * LAC_PI * turns);
}

static void write_node(float *factors, double turns, bool in_two) {
  const double s = child_turns(turns, 0, in_two);
  for (uint32_t power = 1; power <= (in_two ? 1U : 3U); power++) {
    write_root(&factors[2 * power - 2], &factors[2 * power - 1], s * power);
  }
}

static void write_leaf(float *rows, uint32_t lanes, uint32_t lane, double turns) {
  const double s = child_turns(turns, 0, false);
  for (uint32_t power = 1; power <= 3; power++) {
    write_root(&rows[(2 * power - 2) * lanes + lane], &rows[(2 * power - 1) * lanes + lane], s * power);
  }
  for (uint32_t k = 0; k < 4; k++) {
    const double half = child_turns(child_turns(turns, k, false), 0, true);
    write_root(&rows[(6 + 2 * k) * lanes + lane], &rows[(7 + 2 * k) * lanes + lane], half);
  }
}

/* `turns` holds the angles of the nodes of a level, and is as long as the last one. */
static LacStatus fill(LacBlockTransform *t, LacArena *arena, double *turns) {
  uint32_t n_nodes = 1;
  turns[0] = 0.25;
  for (uint32_t size = t->block; size > LEAF; t->n_passes++) {
    const bool in_two = lac_block_transform_splits_in_two(t, t->n_passes);
    const uint32_t radix = in_two ? 2 : 4;
    float *factors = lac_arena_alloc(arena, (size_t)6 * n_nodes, sizeof *factors);
    if (!factors) {
      return LAC_ERR_MEMORY;
    }
    for (uint32_t node = n_nodes; node-- > 0;) {
      const double own = turns[node];
      write_node(factors + (size_t)6 * node, own, in_two);
      for (uint32_t k = 0; k < radix; k++) {
        turns[radix * node + k] = child_turns(own, k, in_two);
      }
    }
    t->factors[t->n_passes] = factors;
    n_nodes *= radix;
    size /= radix;
  }
  const uint32_t lanes = lac_block_transform_lanes(t);
  for (uint32_t node = 0; node < n_nodes; node++) {
    write_leaf(t->leaves + (size_t)(node / lanes) * ROWS * lanes, lanes, node % lanes, turns[node]);
  }
  return LAC_OK;
}

LacStatus lac_block_transform_init(LacBlockTransform *t, LacArena *arena, uint32_t block) {
  *t = (LacBlockTransform){.block = block};
  double *turns = lac_arena_alloc(arena, block / LEAF, sizeof *turns);
  t->leaves = lac_arena_alloc(arena, (size_t)ROWS * (block / LEAF), sizeof *t->leaves);
  return turns && t->leaves ? fill(t, arena, turns) : LAC_ERR_MEMORY;
}

/* ---- the truth ---- */

typedef struct Complex {
  float re, im;
} Complex;

static Complex sum(Complex a, Complex b) {
  return (Complex){a.re + b.re, a.im + b.im};
}

static Complex difference(Complex a, Complex b) {
  return (Complex){a.re - b.re, a.im - b.im};
}

static Complex turn(Complex a, Complex w) {
  return (Complex){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

static Complex turn_back(Complex a, Complex w) {
  return (Complex){a.re * w.re + a.im * w.im, a.im * w.re - a.re * w.im};
}

static Complex plus_i(Complex a, Complex b) {
  return (Complex){a.re - b.im, a.im + b.re};
}

static Complex minus_i(Complex a, Complex b) {
  return (Complex){a.re + b.im, a.im - b.re};
}

static void split_in_four(Complex a[4], const Complex w[3]) {
  const Complex b1 = turn(a[1], w[0]), b2 = turn(a[2], w[1]), b3 = turn(a[3], w[2]);
  const Complex even = sum(a[0], b2), odd = sum(b1, b3), even_d = difference(a[0], b2), odd_d = difference(b1, b3);
  a[0] = sum(even, odd);
  a[1] = plus_i(even_d, odd_d);
  a[2] = difference(even, odd);
  a[3] = minus_i(even_d, odd_d);
}

/* Four times the way back. */
static void join_four(Complex a[4], const Complex w[3]) {
  const Complex s = sum(a[0], a[2]), d = difference(a[0], a[2]), u = sum(a[1], a[3]), v = difference(a[1], a[3]);
  a[0] = sum(s, u);
  a[1] = turn_back(minus_i(d, v), w[0]);
  a[2] = turn_back(difference(s, u), w[1]);
  a[3] = turn_back(plus_i(d, v), w[2]);
}

static void split_in_two(Complex a[2], Complex w) {
  const Complex b = turn(a[1], w);
  a[1] = difference(a[0], b);
  a[0] = sum(a[0], b);
}

static void join_two(Complex a[2], Complex w) {
  const Complex b = difference(a[0], a[1]);
  a[0] = sum(a[0], a[1]);
  a[1] = turn_back(b, w);
}

static void run_pass(const LacBlockTransform *t, uint32_t pass, uint32_t n_nodes, float *re, float *im, bool is_back) {
  const bool in_two = lac_block_transform_splits_in_two(t, pass);
  const uint32_t radix = in_two ? 2 : 4, size = t->block / n_nodes, step = size / radix;
  for (uint32_t k = 0; k < t->block / radix; k++) {
    const uint32_t node = k / step, at = node * size + k % step;
    const float *f = t->factors[pass] + (size_t)6 * node;
    const Complex w[3] = {{f[0], f[1]}, {f[2], f[3]}, {f[4], f[5]}};
    Complex a[4] = {{0}};
    for (uint32_t r = 0; r < radix; r++) {
      a[r] = (Complex){re[at + r * step], im[at + r * step]};
    }
    if (in_two) {
      (is_back ? join_two : split_in_two)(a, w[0]);
    } else {
      (is_back ? join_four : split_in_four)(a, w);
    }
    for (uint32_t r = 0; r < radix; r++) {
      re[at + r * step] = a[r].re;
      im[at + r * step] = a[r].im;
    }
  }
}

static Complex leaf_factor(const float *rows, uint32_t lanes, uint32_t lane, uint32_t which) {
  return (Complex){rows[2 * which * lanes + lane], rows[(2 * which + 1) * lanes + lane]};
}

static void split_leaf(const float *rows, uint32_t lanes, uint32_t lane, Complex a[LEAF]) {
  const Complex w[3] = {leaf_factor(rows, lanes, lane, 0), leaf_factor(rows, lanes, lane, 1),
                        leaf_factor(rows, lanes, lane, 2)};
  for (uint32_t j = 0; j < 2; j++) {
    Complex four[4] = {a[j], a[2 + j], a[4 + j], a[6 + j]};
    split_in_four(four, w);
    for (uint32_t k = 0; k < 4; k++) {
      a[2 * k + j] = four[k];
    }
  }
  for (uint32_t k = 0; k < 4; k++) {
    split_in_two(a + 2 * k, leaf_factor(rows, lanes, lane, 3 + k));
  }
}

static void join_leaf(const float *rows, uint32_t lanes, uint32_t lane, Complex a[LEAF]) {
  const Complex w[3] = {leaf_factor(rows, lanes, lane, 0), leaf_factor(rows, lanes, lane, 1),
                        leaf_factor(rows, lanes, lane, 2)};
  for (uint32_t k = 0; k < 4; k++) {
    join_two(a + 2 * k, leaf_factor(rows, lanes, lane, 3 + k));
  }
  for (uint32_t j = 0; j < 2; j++) {
    Complex four[4] = {a[j], a[2 + j], a[4 + j], a[6 + j]};
    join_four(four, w);
    for (uint32_t k = 0; k < 4; k++) {
      a[2 * k + j] = four[k];
    }
  }
}

/* Nodes are turned into lanes on the way in, lanes into nodes on the way back. */
static void run_leaves(const LacBlockTransform *t, float *re, float *im, bool is_back) {
  const uint32_t lanes = lac_block_transform_lanes(t), n = LEAF * lanes;
  for (uint32_t at = 0; at < t->block; at += n) {
    const float *rows = t->leaves + (size_t)(at / n) * LAC_TRANSFORM_LEAF_ROWS * lanes;
    Complex a[8][LEAF];
    for (uint32_t lane = 0; lane < lanes; lane++) {
      for (uint32_t e = 0; e < LEAF; e++) {
        const uint32_t from = at + (is_back ? e * lanes + lane : lane * LEAF + e);
        a[lane][e] = (Complex){re[from], im[from]};
      }
      (is_back ? join_leaf : split_leaf)(rows, lanes, lane, a[lane]);
    }
    for (uint32_t lane = 0; lane < lanes; lane++) {
      for (uint32_t e = 0; e < LEAF; e++) {
        const uint32_t to = at + (is_back ? lane * LEAF + e : e * lanes + lane);
        re[to] = a[lane][e].re;
        im[to] = a[lane][e].im;
      }
    }
  }
}

static void forward(const LacBlockTransform *t, const float *samples, float *work, float *values, size_t step) {
  float *re = work, *im = work + t->block;
  for (uint32_t i = 0; i < t->block; i++) {
    re[i] = samples[i];
    im[i] = samples[t->block + i];
  }
  for (uint32_t pass = 0, n_nodes = 1; pass < t->n_passes; pass++) {
    run_pass(t, pass, n_nodes, re, im, false);
    n_nodes *= lac_block_transform_splits_in_two(t, pass) ? 2 : 4;
  }
  run_leaves(t, re, im, false);
  for (uint32_t i = 0; i < t->block; i++) {
    float *group = values + i / LAC_TRANSFORM_GROUP * step;
    group[i % LAC_TRANSFORM_GROUP] = re[i];
    group[LAC_TRANSFORM_GROUP + i % LAC_TRANSFORM_GROUP] = im[i];
  }
}

static void inverse(const LacBlockTransform *t, float *re, float *im, float *second) {
  run_leaves(t, re, im, true);
  for (uint32_t pass = t->n_passes, n_nodes = t->block / LEAF; pass-- > 0;) {
    n_nodes /= lac_block_transform_splits_in_two(t, pass) ? 2 : 4;
    run_pass(t, pass, n_nodes, re, im, true);
  }
  for (uint32_t i = 0; i < t->block; i++) {
    second[i] = im[i];
  }
}

const LacBlockTransformKernels lac_block_transform_kernels_scalar = {forward, inverse};
