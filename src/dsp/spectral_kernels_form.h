/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of spectral_kernels.h, in a form that compilers make vectors of without harm: every element is the same
 * expression at every width. Included once per CPU level and by the truth, which then is known to be what is written
 * here. */

#include "dsp/elementary.h"
#include "dsp/spectral_kernels.h"

static void add_product(const float *restrict a, const float *restrict b, float *restrict sum, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    sum[i] += a[i] * b[i];
}

static void packed_power(const float *restrict re, const float *restrict im, uint32_t size, float share,
                         float *restrict power) {
  power[0] = share * ((re[0] * re[0] + im[0] * im[0]) + (re[0] * re[0] + im[0] * im[0]));
  for (uint32_t k = 1; k <= size / 2; k++) {
    const float *a = re + size - k, *b = im + size - k;
    power[k] = share * ((re[k] * re[k] + im[k] * im[k]) + (*a * *a + *b * *b));
  }
}

static void packed_multiply(const float *restrict gain, uint32_t size, float *restrict re, float *restrict im) {
  for (uint32_t k = 0; k <= size / 2; k++) {
    re[k] *= gain[k];
    im[k] *= gain[k];
  }
  for (uint32_t k = size / 2 + 1; k < size; k++) {
    re[k] *= gain[size - k];
    im[k] *= gain[size - k];
  }
}

static void average_ratio_db(const float *restrict a, const float *restrict b, float forget, float *restrict average,
                             uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    average[k] += forget * (3.0102999566f * lac_fast_log2f(a[k] / b[k]) - average[k]);
}

static void follow(const float *restrict wanted, float attack, float release, float least, float *restrict reduction,
                   uint32_t n) {
  for (uint32_t k = 0; k < n; k++) {
    const float way = wanted[k] - reduction[k], next = reduction[k] + (way > 0.0f ? attack : release) * way;
    reduction[k] = next < least ? 0.0f : next;
  }
}

static void cut_from_db(const float *restrict reduction, float *restrict cut, uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    cut[k] = 1.0f - lac_fast_exp2f(-0.16609640474f * reduction[k]); /* log2(10) / 20 */
}

#define LAC_SPECTRAL_KERNELS                                                                                           \
  { add_product, packed_power, packed_multiply, average_ratio_db, follow, cut_from_db }
