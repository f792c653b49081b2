/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops over bins on every CPU level against the truth bit for bit, and the truth against what it is for. */

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/spectral_kernels.h"

enum { SIZE = 1024, BINS = SIZE / 2 + 1 };

static float a[SIZE], b[SIZE], gain[BINS];

static void fill(void) {
  for (uint32_t i = 0; i < SIZE; i++) {
    a[i] = (float)(lac_random_double(6, 0, i) * 2 - 1);
    b[i] = (float)(lac_random_double(6, 1, i) * 2 - 1);
  }
  for (uint32_t k = 0; k < BINS; k++)
    gain[k] = (float)(lac_random_double(6, 2, k) * 12);
}

typedef struct Results {
  float sum[SIZE], power[BINS], re[SIZE], im[SIZE], average[BINS], reduction[BINS], cut[BINS];
} Results;

static void run(const LacSpectralKernels *kernels, uint32_t size, Results *r) {
  const uint32_t n = size / 2 + 1;
  memset(r, 0, sizeof *r);
  memcpy(r->re, a, sizeof r->re);
  memcpy(r->im, b, sizeof r->im);
  kernels->add_product(a, b, r->sum, size);
  kernels->packed_power(a, b, size, 0.5F, r->power);
  kernels->packed_multiply(gain, size, r->re, r->im);
  for (int k = 0; k < 3; k++) {
    kernels->average_ratio_db(gain + 1, r->power, 0.3F, r->average, n - 1);
    kernels->follow(k == 1 ? r->cut : gain, 0.5F, 0.25F, 3.0F, r->reduction, n);
  }
  kernels->cut_from_db(r->reduction, r->cut, n);
}

static void test_levels(void **state) {
  (void)state;
  static Results wanted, got;
  fill();
  for (uint32_t size = 64; size <= SIZE; size *= 2) {
    run(&lac_spectral_kernels_scalar, size, &wanted);
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      run(lac_spectral_kernels_at((LacCpuLevel)level), size, &got);
      assert_memory_equal(&got, &wanted, sizeof got);
    }
  }
}

static void test_truth(void **state) {
  (void)state;
  static Results r;
  fill();
  run(&lac_spectral_kernels_scalar, SIZE, &r);
  for (uint32_t k = 0; k < BINS; k++) {
    const uint32_t mirror = (SIZE - k) % SIZE;
    const double re = (double)a[k], im = (double)b[k], re2 = (double)a[mirror], im2 = (double)b[mirror];
    assert_true(fabs((double)r.power[k] - 0.5 * (re * re + im * im + re2 * re2 + im2 * im2)) < 1e-6);
    assert_true(r.re[mirror] == a[mirror] * gain[k] && r.im[mirror] == b[mirror] * gain[k]);
    assert_true(r.re[k] == a[k] * gain[k] && r.im[k] == b[k] * gain[k]);
    /* up by halves, a quarter down toward 0, up again; what ends a step below 3 is gone */
    double wanted = 0.5 * (double)gain[k];
    wanted = wanted < 3 ? 0 : wanted;
    wanted = wanted * 0.75 < 3 ? 0 : wanted * 0.75;
    wanted += (wanted < (double)gain[k] ? 0.5 : 0.25) * ((double)gain[k] - wanted);
    wanted = wanted < 3 ? 0 : wanted;
    assert_true(fabs((double)r.reduction[k] - wanted) < 1e-5);
    assert_true(fabs((double)r.cut[k] - (1 - pow(10, -0.05 * (double)r.reduction[k]))) < 1e-6);
    assert_true(r.reduction[k] > 0 || r.cut[k] == 0);
  }
  for (uint32_t k = 0; k + 1 < BINS; k++) {
    const double db = 10 * log10((double)gain[k + 1] / (double)r.power[k]);
    assert_true(fabs((double)r.average[k] - db * (1 - 0.7 * 0.7 * 0.7)) < 1e-4);
    assert_true(fabsf(r.sum[k] - a[k] * b[k]) < 1e-7F);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels), cmocka_unit_test(test_truth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
