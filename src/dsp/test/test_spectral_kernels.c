/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops over bins on every CPU level against the truth bit for bit, and the truth against what it is for. */

#include <complex.h>
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/spectral_kernels.h"

enum { SIZE = 1024, BINS = SIZE / 2 + 1, APART = 16, ROOM = SIZE + 4 * APART };

static float a[ROOM], b[ROOM], window[SIZE], gain[BINS];
static LacSpectralFactors factors[SIZE / 4 / LAC_SPECTRAL_GROUP];
static double sums[BINS], weights[BINS];

static void fill(void) {
  for (uint32_t i = 0; i < ROOM; i++) {
    a[i] = (float)(lac_random_double(6, 0, i) * 2 - 1);
    b[i] = (float)(lac_random_double(6, 1, i) * 2 - 1);
  }
  for (uint32_t i = 0; i < SIZE; i++)
    window[i] = (float)lac_random_double(6, 3, i);
  for (uint32_t k = 0; k < BINS; k++)
    gain[k] = (float)(lac_random_double(6, 2, k) * 12);
  for (uint32_t k = 0; k + 1 < BINS; k++) {
    sums[k + 1] = sums[k] + 0.1 + lac_random_double(6, 4, k);
    weights[k] = k + 1;
  }
}

static void fill_factors(uint32_t q) {
  for (uint32_t i = 0; i < 4 * q; i++) {
    const uint32_t j = i / q, p = i % q, g = p % LAC_SPECTRAL_GROUP;
    LacSpectralFactors *f = &factors[p / LAC_SPECTRAL_GROUP];
    f->window[j][g] = window[i];
    if (j > 0) {
      const double angle = 2 * M_PI * (double)(j * p) / (4 * q);
      f->turns[j - 1][0][g] = (float)cos(angle);
      f->turns[j - 1][1][g] = (float)-sin(angle);
    }
  }
}

typedef struct Results {
  float planes[2][ROOM], sum[2][SIZE], scratch[SIZE], power[BINS], re[SIZE], im[SIZE], average[BINS], reduction[BINS],
      cut[BINS], wanted[BINS], ratio[BINS];
  double total, sums[BINS + 1];
} Results;

static void run(const LacSpectralKernels *kernels, uint32_t size, Results *r) {
  const uint32_t n = size / 2 + 1, q = size / 4;
  memset(r, 0, sizeof *r);
  fill_factors(q);
  memcpy(r->re, a, sizeof r->re);
  memcpy(r->im, b, sizeof r->im);
  kernels->split(a, b, factors, q, q + APART, r->planes[0], r->planes[1]);
  kernels->join(a, b, factors, q, q + APART, r->sum[0], r->sum[1]);
  kernels->packed_power(a, b, q, 0.5F, r->power);
  kernels->packed_multiply(gain, -0.5F, q, r->scratch, r->re, r->im);
  r->total = kernels->total(gain, n);
  kernels->sum_up(gain, 1.0, r->sums, n);
  kernels->ratios(sums + 1, sums, weights, 0.3, r->ratio, n - 1);
  for (int k = 0; k < 3; k++) {
    kernels->average_db(r->ratio, 0.3F, r->average, n - 1);
    kernels->follow(k == 1 ? r->cut : gain, 0.5F, 0.25F, 3.0F, r->reduction, n);
  }
  kernels->cut_from_db(r->reduction, r->cut, n);
  const LacSpectralKnee knee = {6.0F, 3.0F, 8.0F};
  kernels->want(gain, window, b, &knee, r->wanted, n);
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

static uint32_t place_of(uint32_t bin) {
  return bin % 4 * (SIZE / 4) + bin / 4;
}

/* The planes' own transforms, in double and the slow way, are the bins of the whole; and back. */
static void test_planes(void **state) {
  (void)state;
  enum { WHOLE = 64, Q = WHOLE / 4, PITCH = Q + APART };
  static Results r;
  fill();
  run(&lac_spectral_kernels_scalar, WHOLE, &r);
  double complex bins[WHOLE];
  for (uint32_t k = 0; k < WHOLE; k++) {
    double complex plane = 0;
    bins[k] = 0;
    for (uint32_t i = 0; i < WHOLE; i++)
      bins[k] += (double)window[i] * ((double)a[i] + I * (double)b[i]) * cexp(-2 * M_PI * I * (double)(k * i) / WHOLE);
    for (uint32_t p = 0; p < Q; p++)
      plane += ((double)r.planes[0][k % 4 * PITCH + p] + I * (double)r.planes[1][k % 4 * PITCH + p]) *
               cexp(-2 * M_PI * I * (double)(k / 4 * p) / Q);
    assert_true(cabs(plane - bins[k]) < 1e-5);
  }
  for (uint32_t i = 0; i < WHOLE; i++) {
    double complex sample = 0; /* of bins whose planes have the sequences a + i b */
    for (uint32_t j = 0; j < 4; j++)
      sample += ((double)a[j * PITCH + i % Q] + I * (double)b[j * PITCH + i % Q]) *
                cexp(2 * M_PI * I * (double)(j * i) / WHOLE);
    sample *= (double)window[i];
    assert_true(fabs(creal(sample) - (double)r.sum[0][i]) < 1e-5 && fabs(cimag(sample) - (double)r.sum[1][i]) < 1e-5);
  }
}

static void test_truth(void **state) {
  (void)state;
  static Results r;
  fill();
  run(&lac_spectral_kernels_scalar, SIZE, &r);
  for (uint32_t k = 0; k < BINS; k++) {
    const uint32_t here = place_of(k), there = place_of((SIZE - k) % SIZE);
    const double re = (double)a[here], im = (double)b[here], re2 = (double)a[there], im2 = (double)b[there];
    assert_true(fabs((double)r.power[k] - 0.5 * (re * re + im * im + re2 * re2 + im2 * im2)) < 1e-6);
    const float scaled = -0.5F * gain[k];
    assert_true(r.re[there] == a[there] * scaled && r.im[there] == b[there] * scaled);
    assert_true(r.re[here] == a[here] * scaled && r.im[here] == b[here] * scaled);
    /* up by halves, a quarter down toward 0, up again; what ends a step below 3 is gone */
    double wanted = 0.5 * (double)gain[k];
    wanted = wanted < 3 ? 0 : wanted;
    wanted = wanted * 0.75 < 3 ? 0 : wanted * 0.75;
    wanted += (wanted < (double)gain[k] ? 0.5 : 0.25) * ((double)gain[k] - wanted);
    wanted = wanted < 3 ? 0 : wanted;
    assert_true(fabs((double)r.reduction[k] - wanted) < 1e-5);
    assert_true(fabs((double)r.cut[k] - (1 - pow(10, -0.05 * (double)r.reduction[k]))) < 1e-6);
    assert_true(r.reduction[k] > 0 || r.cut[k] == 0);
    const double u = fmin(1, fmax(0, ((double)gain[k] - 4.5) / 3)), smooth = u * u * (3 - 2 * u);
    const double under = fmin(8, (double)gain[k] * (double)window[k] * smooth) * (double)b[k];
    assert_true(fabs((double)r.wanted[k] - under) < 1e-5);
  }
  double total = 0, sum = 0;
  for (uint32_t k = 0; k < BINS; k++) {
    assert_true(fabs(r.sums[k] - sum) < 1e-9);
    total += (double)gain[k];
    sum += fmax(1, (double)gain[k]);
  }
  assert_true(fabs(r.total - total) < 1e-9 && fabs(r.sums[BINS] - sum) < 1e-9);
  for (uint32_t k = 0; k + 1 < BINS; k++) {
    const double ratio = (sums[k + 1] - sums[k]) * weights[k] * 0.3, db = 10 * log10(ratio);
    assert_true(fabs((double)r.ratio[k] / ratio - 1) < 1e-6);
    assert_true(fabs((double)r.average[k] - db * (1 - 0.7 * 0.7 * 0.7)) < 1e-4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels), cmocka_unit_test(test_planes),
                                     cmocka_unit_test(test_truth)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
