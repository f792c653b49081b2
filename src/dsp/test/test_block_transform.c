/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transform of the convolver against the sum that its products stand for, and its levels against each other. */

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/block_transform.h"

enum { LARGEST = 2048 };

static void noise(float *x, size_t n, uint64_t stream) {
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(lac_random_double(7, stream, i) * 2 - 1);
}

static LacBlockTransform transform_of(LacArena **arena, uint32_t block) {
  LacBlockTransform t;
  assert_int_equal(lac_arena_new(arena), LAC_OK);
  assert_int_equal(lac_block_transform_init(&t, *arena, block), LAC_OK);
  return t;
}

/* One group behind the other, then apart into rows. */
static void forward(const LacBlockTransformKernels *kernels, const LacBlockTransform *t, const float *x, float *re,
                    float *im) {
  enum { GROUP = LAC_TRANSFORM_GROUP };
  static _Alignas(64) float work[2 * LARGEST], values[2 * LARGEST];
  kernels->forward(t, x, work, values, 2 * GROUP);
  for (uint32_t k = 0; k < t->block; k++) {
    re[k] = values[k / GROUP * 2 * GROUP + k % GROUP];
    im[k] = values[k / GROUP * 2 * GROUP + GROUP + k % GROUP];
  }
}

/* The second of two blocks through a block of taps: 130 dB of it are right. */
static void test_products_convolve(void **state) {
  (void)state;
  static _Alignas(64) float x[2 * LARGEST], h[2 * LARGEST], y[LARGEST];
  static _Alignas(64) float re[2][LARGEST], im[2][LARGEST];
  for (uint32_t block = 16; block <= LARGEST; block *= 2) {
    LacArena *arena;
    const LacBlockTransform t = transform_of(&arena, block);
    const LacBlockTransformKernels *kernels = lac_block_transform_kernels_at(lac_cpu_level());
    noise(x, 2 * (size_t)block, 1);
    noise(h, block, 2);
    memset(h + block, 0, block * sizeof *h);
    forward(kernels, &t, x, re[0], im[0]);
    forward(kernels, &t, h, re[1], im[1]);
    for (uint32_t k = 0; k < block; k++) {
      const float a = re[0][k], b = im[0][k];
      re[0][k] = a * re[1][k] - b * im[1][k];
      im[0][k] = a * im[1][k] + b * re[1][k];
    }
    kernels->inverse(&t, re[0], im[0], y);
    double error = 0, power = 0;
    for (uint32_t i = 0; i < block; i++) {
      double wanted = 0;
      for (uint32_t k = 0; k < block; k++)
        wanted += (double)h[k] * (double)x[block + i - k];
      error += pow((double)y[i] / block - wanted, 2);
      power += wanted * wanted;
    }
    print_message("%u: %.1f dB\n", block, 10 * log10(error / power));
    assert_true(error < 1e-13 * power);
    lac_arena_free(arena);
  }
}

static void test_levels_agree(void **state) {
  (void)state;
  static _Alignas(64) float x[2 * LARGEST], y[2][LARGEST], re[2][LARGEST], im[2][LARGEST];
  for (uint32_t block = 16; block <= LARGEST; block *= 2) {
    LacArena *arena;
    const LacBlockTransform t = transform_of(&arena, block);
    const size_t size = block * sizeof(float);
    noise(x, 2 * (size_t)block, 3);
    for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
      forward(&lac_block_transform_kernels_scalar, &t, x, re[0], im[0]);
      forward(lac_block_transform_kernels_at(level), &t, x, re[1], im[1]);
      assert_memory_equal(re[0], re[1], size);
      assert_memory_equal(im[0], im[1], size);
      lac_block_transform_kernels_scalar.inverse(&t, re[0], im[0], y[0]);
      lac_block_transform_kernels_at(level)->inverse(&t, re[1], im[1], y[1]);
      assert_memory_equal(y[0], y[1], size);
    }
    lac_arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_products_convolve), cmocka_unit_test(test_levels_agree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
