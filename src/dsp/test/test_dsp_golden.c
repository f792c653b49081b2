/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* "The same bits everywhere" (docs/architecture.md) for this floor of the house: the outputs of the shared kernels over
 * fixed inputs have these checksums on every compiler, optimisation level and CPU level. A change of sound here is a
 * change of every processor's revision: renew the sums only then. To renew: run the program, it prints what it found.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/sha256.h"
#include "dsp/dither.h"
#include "dsp/elementary.h"
#include "dsp/fft.h"
#include "dsp/k_weighting.h"
#include "dsp/resampler.h"

enum { N = 16384 };

static float left[N], right[N];
static const float *const stereo[2] = {left, right};

static int make_input(void **state) {
  (void)state;
  for (unsigned i = 0; i < N; i++) {
    left[i] = (float)(lac_random_double(11, 0, i) - 0.5);
    right[i] = (float)(lac_random_double(11, 1, i) - 0.5);
  }
  return 0;
}

static void check_sum(const char *name, const void *bytes, size_t n_bytes, const char *wanted) {
  LacSha256 sha;
  char text[LAC_SHA256_TEXT_SIZE];
  lac_sha256_init(&sha);
  lac_sha256_add(&sha, bytes, n_bytes);
  lac_sha256_text(&sha, text);
  text[16] = 0;
  print_message("%s %s\n", name, text);
  assert_string_equal(text, wanted);
}

static void test_elementary(void **state) {
  (void)state;
  static double (*const functions[])(double) = {lac_exp,  lac_log,       lac_exp2,         lac_log2,        lac_log10,
                                                lac_sin,  lac_cos,       lac_tan,          lac_sinh,        lac_cosh,
                                                lac_tanh, lac_bessel_i0, lac_db_from_gain, lac_gain_from_db};
  enum { COUNT = sizeof functions / sizeof functions[0], POINTS = 2000 };
  static double values[COUNT + 2][POINTS];
  static float fast[2][POINTS];
  for (int i = 0; i < POINTS; i++) {
    double x = 0.001 + 40 * lac_random_double(12, 0, (uint64_t)i);
    for (int f = 0; f < COUNT; f++)
      values[f][i] = functions[f](x);
    values[COUNT][i] = lac_pow(x, x / 30 - 0.5);
    values[COUNT + 1][i] = lac_atan2(x - 20, 1 / x);
    fast[0][i] = lac_fast_log2f((float)x);
    fast[1][i] = lac_fast_exp2f((float)(x - 20));
  }
  check_sum("elementary", values, sizeof values, "bdc9f00952a449a1");
  check_sum("fast", fast, sizeof fast, "cd6190e808ed9492");
}

static void test_fft(void **state) {
  (void)state;
  static float re[N / 2 + 1], im[N / 2 + 1], scratch[N];
  LacFft *fft;
  assert_int_equal(lac_fft_new(N, &fft), LAC_OK);
  lac_fft_forward(fft, left, re, im, scratch);
  check_sum("fft", re, sizeof re, "72cb68defca7f308");
  lac_fft_free(fft);
}

static void test_k_weighting(void **state) {
  (void)state;
  static double power[N];
  LacKWeighting k;
  lac_k_weighting_init(&k, 44100);
  lac_k_weighting_power(&k, stereo, 2, power, N);
  check_sum("k_weighting", power, sizeof power, "954debc01fbe22d1");
}

static void test_resampler(void **state) {
  (void)state;
  static float a[2 * N], b[2 * N];
  LacResampler *r;
  uint32_t taken, given;
  assert_int_equal(lac_resampler_new(44100, 48000, 2, &r), LAC_OK);
  lac_resampler_process(r, stereo, N, &taken, (float *const[]){a, b}, 2 * N, &given);
  assert_int_equal(taken, N);
  check_sum("resampler", b, given * sizeof *b, "d248e7a4c7fdc568");
  lac_resampler_free(r);
}

static void test_dither(void **state) {
  (void)state;
  static int32_t words[2][N];
  LacQuantizer q;
  lac_quantizer_init(&q, 16, true, 1, 44100);
  lac_quantizer_run(&q, stereo, 2, (int32_t *const[]){words[0], words[1]}, N, false);
  check_sum("dither", words, sizeof words, "2c29cf633511ad39");
  LacNoiseShaper shaper;
  lac_noise_shaper_design(&shaper, 32000); /* the bisection too */
  lac_quantizer_init(&q, 16, true, 1, 32000);
  lac_quantizer_shape(&q, &shaper);
  lac_quantizer_run(&q, stereo, 2, (int32_t *const[]){words[0], words[1]}, N, false);
  check_sum("shaper", &shaper, sizeof shaper, "13915bd241d3631d");
  check_sum("shaped dither", words, sizeof words, "02348fde5f9b5d92");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_elementary), cmocka_unit_test(test_fft),    cmocka_unit_test(test_k_weighting),
      cmocka_unit_test(test_resampler),  cmocka_unit_test(test_dither),
  };
  return cmocka_run_group_tests(tests, make_input, NULL);
}
