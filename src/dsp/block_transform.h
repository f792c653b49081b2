/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transform of a partitioned convolver: two blocks of B real samples, of which the second is new, to B complex
 * values and back, such that products of values are convolutions.
 *
 * The samples are taken as z[n] = x[n] + i x[n + B], coefficients of a polynomial modulo t^B - i (the right-angle
 * convolution of H. J. Nussbaumer, "Fast Fourier Transform and Convolution Algorithms", 1982; R. E. Crandall, "Topics
 * in Advanced Scientific Computation", 1996). As t^2B = -1, a product is the convolution modulo 2 B with its wrapped
 * part negated: with a filter of B taps the second block, the imaginary part, is exact, as in overlap-save. Against a
 * real transform of 2 B points nothing is packed or unpacked, there is no odd bin, and the filter's and the sound's
 * values may stand in any order, so that nothing is sorted either.
 *
 * The transform is the remainder tree of t^B - i: t^m - r into four t^(m/4) - s, s^4 = r (or two), down to t - s. Every
 * level of stride 8 and more shares its factors over whole vectors; eight nodes of the last three levels are turned, so
 * that a vector holds one element of eight nodes. */

#ifndef LAC_DSP_BLOCK_TRANSFORM_H
#define LAC_DSP_BLOCK_TRANSFORM_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/kernels.h"

/* Values stand in groups of so many: their real parts, then their imaginary parts. */
enum { LAC_TRANSFORM_GROUP = 16 };

enum { LAC_TRANSFORM_LEAF = 8, LAC_TRANSFORM_LEAF_ROWS = 14, LAC_TRANSFORM_MAX_PASSES = 7 };

/* Read-only after it is filled. */
typedef struct LacBlockTransform {
  uint32_t block;                           /* B, a power of two, 16 .. 65536 */
  uint32_t n_passes;                        /* before the leaves */
  float *factors[LAC_TRANSFORM_MAX_PASSES]; /* per node: s, s^2, s^3 (or s where a node splits in two), re and im */
  float *leaves; /* per eight nodes, 14 rows of 8: s, s^2, s^3 of the split in four, then of each split in two */
} LacBlockTransform;

LAC_NODISCARD LacStatus lac_block_transform_init(LacBlockTransform *t, LacArena *arena, uint32_t block);

typedef struct LacBlockTransformKernels {
  /* 2 B samples to B values, in groups `step` floats apart. work: 2 B floats. */
  void (*forward)(const LacBlockTransform *t, const float *samples, float *work, float *values, size_t step);
  /* The second block of B times what the values, in two rows and destroyed, stand for. */
  void (*inverse)(const LacBlockTransform *t, float *re, float *im, float *second);
} LacBlockTransformKernels;

LAC_KERNEL_TABLES(LacBlockTransformKernels, lac_block_transform_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacBlockTransformKernels lac_block_transform_kernels_scalar;

/* The first level splits in two where the levels above the leaves are odd. */
static inline bool lac_block_transform_splits_in_two(const LacBlockTransform *t, uint32_t pass) {
  return pass == 0 && (uint32_t)__builtin_ctz(t->block) % 2 == 0;
}

/* Nodes that stand beside each other in the rows of a leaf. */
static inline uint32_t lac_block_transform_lanes(const LacBlockTransform *t) {
  return t->block / LAC_TRANSFORM_LEAF < 8 ? t->block / LAC_TRANSFORM_LEAF : 8;
}

#endif
