/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The FFT against FFTW in double, all CPU levels against the scalar truth bit for bit. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/faults.h"
#include "core/random.h"
#include "dsp/elementary.h"
#include "dsp/fft.h"
#include "dsp/fft_plan.h"

enum { LARGEST = 1048576, PAD = 64 };

typedef struct Arrays {
  float *in, *re, *im, *back, *scratch, *re2, *im2, *back2;
  double *in64, *re64, *im64, *back64, *scratch64;
  fftw_complex *wanted;
} Arrays;

static Arrays arrays;

static void *get(size_t n, size_t size) {
  return aligned_alloc(64, (n * size + 63) / 64 * 64);
}

static int make_arrays(void **state) {
  (void)state;
  const size_t n = LARGEST + PAD;
  float **floats[] = {&arrays.in,      &arrays.re,  &arrays.im,  &arrays.back,
                      &arrays.scratch, &arrays.re2, &arrays.im2, &arrays.back2};
  double **doubles[] = {&arrays.in64, &arrays.re64, &arrays.im64, &arrays.back64, &arrays.scratch64};
  for (size_t i = 0; i < 8; i++)
    *floats[i] = get(n, sizeof(float));
  for (size_t i = 0; i < 5; i++)
    *doubles[i] = get(n, sizeof(double));
  arrays.wanted = get(n, sizeof(fftw_complex));
  for (size_t i = 0; i < n; i++) {
    arrays.in[i] = (float)(lac_random_double(5, 0, i) * 2 - 1);
    arrays.in64[i] = (double)arrays.in[i];
  }
  return 0;
}

static int free_arrays(void **state) {
  (void)state;
  free(arrays.in), free(arrays.re), free(arrays.im), free(arrays.back), free(arrays.scratch);
  free(arrays.re2), free(arrays.im2), free(arrays.back2), free(arrays.wanted);
  free(arrays.in64), free(arrays.re64), free(arrays.im64), free(arrays.back64), free(arrays.scratch64);
  return 0;
}

/* Root of error power over signal power. */
static double forward_error(uint32_t n, const float *re, const float *im, const double *re64, const double *im64) {
  double error = 0, power = 0;
  for (uint32_t k = 0; k <= n / 2; k++) {
    double r = re ? (double)re[k] : re64[k], i = im ? (double)im[k] : im64[k];
    error +=
        (r - arrays.wanted[k][0]) * (r - arrays.wanted[k][0]) + (i - arrays.wanted[k][1]) * (i - arrays.wanted[k][1]);
    power += arrays.wanted[k][0] * arrays.wanted[k][0] + arrays.wanted[k][1] * arrays.wanted[k][1];
  }
  return sqrt(error / power);
}

static void test_accuracy(void **state) {
  (void)state;
  for (uint32_t n = 16; n <= LARGEST; n *= 2) {
    fftw_plan plan = fftw_plan_dft_r2c_1d((int)n, arrays.in64, arrays.wanted, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    fftw_execute(plan);
    fftw_destroy_plan(plan);
    LacFft *fft;
    LacFft64 *fft64;
    assert_int_equal(lac_fft_new(n, &fft), LAC_OK);
    assert_int_equal(lac_fft64_new(n, &fft64), LAC_OK);
    assert_int_equal(lac_fft_size(fft), n);
    assert_true(lac_fft_scratch_floats(fft) <= LARGEST + PAD);
    lac_fft_forward(fft, arrays.in, arrays.re, arrays.im, arrays.scratch);
    lac_fft64_forward(fft64, arrays.in64, arrays.re64, arrays.im64, arrays.scratch64);
    double e = forward_error(n, arrays.re, arrays.im, NULL, NULL);
    double e64 = forward_error(n, NULL, NULL, arrays.re64, arrays.im64);
    lac_fft_inverse(fft, arrays.re, arrays.im, arrays.back, arrays.scratch);
    lac_fft64_inverse(fft64, arrays.re64, arrays.im64, arrays.back64, arrays.scratch64);
    double back = 0, back64 = 0;
    for (uint32_t i = 0; i < n; i++) {
      back = fmax(back, fabs((double)arrays.back[i] - arrays.in64[i]));
      back64 = fmax(back64, fabs(arrays.back64[i] - arrays.in64[i]));
    }
    print_message("%7u: float %.2g, double %.2g; there and back %.2g, %.2g\n", n, e, e64, back, back64);
    assert_true(e < 4e-7 && e64 < 8e-16 && back < 3e-6 && back64 < 5e-15);
    assert_true(arrays.im[0] == 0 && arrays.im[n / 2] == 0);
    lac_fft_free(fft);
    lac_fft64_free(fft64);
  }
}

static void test_levels(void **state) {
  (void)state;
  for (uint32_t n = 16; n <= 262144; n *= 2) {
    LacFft *fft;
    assert_int_equal(lac_fft_new(n, &fft), LAC_OK);
    const LacFftPlan *plan = (const LacFftPlan *)fft; /* the plan is the first member */
    const size_t bins = (n / 2 + 1) * sizeof(float);
    lac_fft_forward_scalar(plan, arrays.in, arrays.re, arrays.im, arrays.scratch);
    lac_fft_inverse_scalar(plan, arrays.re, arrays.im, arrays.back, arrays.scratch);
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      const LacFftKernels *k = lac_fft_kernels_at((LacCpuLevel)level);
      memset(arrays.re2, 0xff, bins);
      memset(arrays.im2, 0xff, bins);
      memset(arrays.back2, 0xff, n * sizeof(float));
      k->forward(plan, arrays.in, arrays.re2, arrays.im2, arrays.scratch);
      k->inverse(plan, arrays.re, arrays.im, arrays.back2, arrays.scratch);
      assert_memory_equal(arrays.re, arrays.re2, bins);
      assert_memory_equal(arrays.im, arrays.im2, bins);
      assert_memory_equal(arrays.back, arrays.back2, n * sizeof(float));
    }
    lac_fft_complex_scalar(plan, arrays.in, arrays.in + n / 2, arrays.re, arrays.im, arrays.scratch);
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      lac_fft_kernels_at((LacCpuLevel)level)
          ->complex(plan, arrays.in, arrays.in + n / 2, arrays.re2, arrays.im2, arrays.scratch);
      assert_memory_equal(arrays.re, arrays.re2, n / 2 * sizeof(float));
      assert_memory_equal(arrays.im, arrays.im2, n / 2 * sizeof(float));
    }
    lac_fft_free(fft);
  }
}

/* Two real signals as one complex: the sum of what each would have, turned by a quarter for the second. There and back,
 * with the parts in each other's place, is the signal times the length. */
static void test_complex(void **state) {
  (void)state;
  for (uint32_t n = 16; n <= 8192; n *= 2) {
    LacFft *real, *fft;
    assert_int_equal(lac_fft_new(n, &real), LAC_OK);
    assert_int_equal(lac_fft_new(2 * n, &fft), LAC_OK);
    const float *x = arrays.in, *y = arrays.in + n;
    float *xr = arrays.re2, *xi = arrays.im2, *yr = arrays.back, *yi = arrays.back2;
    lac_fft_forward(real, x, xr, xi, arrays.scratch);
    lac_fft_forward(real, y, yr, yi, arrays.scratch);
    lac_fft_complex(fft, x, y, arrays.re, arrays.im, arrays.scratch);
    for (uint32_t k = 0; k < n; k++) {
      const uint32_t j = k <= n / 2 ? k : n - k;
      const float turned = k <= n / 2 ? 1 : -1;
      assert_true(fabsf(arrays.re[k] - (xr[j] - turned * yi[j])) < 2e-6F * (float)n);
      assert_true(fabsf(arrays.im[k] - (turned * xi[j] + yr[j])) < 2e-6F * (float)n);
    }
    lac_fft_complex(fft, arrays.im, arrays.re, yi, yr, arrays.scratch);
    for (uint32_t i = 0; i < n; i++)
      assert_true(fabsf(yr[i] / (float)n - x[i]) < 1e-6F && fabsf(yi[i] / (float)n - y[i]) < 1e-6F);
    lac_fft_free(real);
    lac_fft_free(fft);
  }
}

static void test_refused(void **state) {
  (void)state;
  LacFft *fft;
  LacFft64 *fft64;
  static const uint32_t sizes[] = {0, 8, 17, 1000, 2097152};
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(lac_fft_new(sizes[i], &fft), LAC_ERR_RANGE);
    assert_int_equal(lac_fft64_new(sizes[i], &fft64), LAC_ERR_RANGE);
    assert_null(fft);
  }
  lac_fft_free(NULL);
  lac_fft64_free(NULL);
}

/* A failed allocation gives MEMORY and leaks nothing (the sanitizer build sees leaks). */
static void test_memory(void **state) {
  (void)state;
#ifdef LAC_FAULTS
  for (long k = 1;; k++) {
    LacFft *fft = NULL;
    lac_faults_fail_allocation(k);
    LacStatus status = lac_fft_new(4096, &fft);
    bool hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(status, hit ? LAC_ERR_MEMORY : LAC_OK);
    assert_true(hit == !fft);
    lac_fft_free(fft);
    if (!hit) {
      assert_true(k > 1);
      break;
    }
  }
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_accuracy), cmocka_unit_test(test_levels),
                                     cmocka_unit_test(test_complex), cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, make_arrays, free_arrays);
}
