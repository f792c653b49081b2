/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "dsp/k_weighting.h"

/* The table of BS.1770-5 Annex 1 for 48 kHz. */
static void test_table(void **state) {
  (void)state;
  LacKWeighting k;
  lac_k_weighting_init(&k, 48000);
  static const double b[3] = {1.53512485958697, -2.69169618940638, 1.19839281085285};
  static const double a[2] = {-1.69065929318241, 0.73248077421585};
  static const double c[2] = {-1.99004745483398, 0.99007225036621};
  for (int i = 0; i < 3; i++)
    assert_true(fabs(k.shelf_b[i] - b[i]) < 1e-13);
  for (int i = 0; i < 2; i++)
    assert_true(fabs(k.shelf_a[i] - a[i]) < 1e-13);
  for (int i = 0; i < 2; i++)
    assert_true(fabs(k.high_pass_a[i] - c[i]) < 1e-13);
}

/* Mean power of a sine through the filter, in dB over the sine's own. */
static double gain_db(double rate_hz, double hz) {
  const int N = 4 * (int)rate_hz; /* the last two seconds hold whole periods */
  float *x = malloc((size_t)N * sizeof *x);
  double *power = malloc((size_t)N * sizeof *power), sum = 0, own = 0;
  for (int i = 0; i < N; i++)
    x[i] = (float)sin(2 * M_PI * hz * i / rate_hz);
  LacKWeighting k;
  lac_k_weighting_init(&k, rate_hz);
  lac_k_weighting_power(&k, (const float *const[]){x}, 1, power, (uint32_t)N);
  for (int i = N / 2; i < N; i++) {
    sum += power[i];
    own += (double)x[i] * (double)x[i];
  }
  free(x);
  free(power);
  return 10 * log10(sum / own);
}

static void test_gains(void **state) {
  (void)state;
  static const struct {
    double rate_hz, hz, db;
  } cases[] = {{48000, 997, 0.6910},   {48000, 50, -3.9341}, {48000, 100, -1.1335}, {48000, 2000, 3.0713},
               {48000, 10000, 4.0419}, {96000, 997, 0.674},  {48000, 20, -13.2754}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_true(fabs(gain_db(cases[i].rate_hz, cases[i].hz) - cases[i].db) < 0.0006);
  }
}

/* The sum over channels, and the same bits however the signal is cut. */
static void test_blocks(void **state) {
  (void)state;
  enum { N = 5000 };
  static float left[N], right[N];
  static double whole[N], cut[N], one[N], other[N];
  for (int i = 0; i < N; i++) {
    left[i] = (float)(lac_random_double(3, 0, i) - 0.5);
    right[i] = (float)(lac_random_double(3, 1, i) - 0.5);
  }
  LacKWeighting k;
  lac_k_weighting_init(&k, 44100);
  lac_k_weighting_power(&k, (const float *const[]){left, right}, 2, whole, N);
  static const uint32_t sizes[] = {1, 7, 64, 4096};
  for (size_t s = 0; s < 4; s++) {
    lac_k_weighting_reset(&k);
    for (uint32_t at = 0; at < N; at += sizes[s]) {
      uint32_t n = sizes[s] < N - at ? sizes[s] : N - at;
      lac_k_weighting_power(&k, (const float *const[]){left + at, right + at}, 2, cut + at, n);
    }
    assert_memory_equal(whole, cut, sizeof whole);
  }
  lac_k_weighting_reset(&k);
  lac_k_weighting_power(&k, (const float *const[]){left}, 1, one, N);
  lac_k_weighting_reset(&k);
  lac_k_weighting_power(&k, (const float *const[]){right}, 1, other, N);
  for (int i = 0; i < N; i++)
    assert_true(one[i] + other[i] == whole[i]);
}

/* Silence ends in exact zeros, a non-finite sample is forgotten within a quantum. */
static void test_recovery(void **state) {
  (void)state;
  enum { N = 300000 };
  float *x = calloc(N, sizeof *x);
  double *power = malloc(N * sizeof *power);
  x[0] = 1;
  LacKWeighting k;
  lac_k_weighting_init(&k, 44100);
  lac_k_weighting_power(&k, (const float *const[]){x}, 1, power, N);
  assert_true(power[0] > 0 && power[N - 1] == 0.0);
  x[5] = NAN;
  lac_k_weighting_power(&k, (const float *const[]){x}, 1, power, 128);
  assert_true(isnan(power[5]) && isfinite(power[127]));
  free(x);
  free(power);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_gains),
      cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_recovery),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
