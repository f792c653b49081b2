/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The convolver against the sum that it stands for. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/convolver.h"

typedef struct Case {
  uint32_t small, large, n_taps;
  bool is_immediate;
} Case;

static const Case cases[] = {{16, 32, 1, true},     {16, 32, 17, false},    {16, 64, 200, true},
                             {32, 256, 1000, true}, {32, 256, 1000, false}, {64, 256, 300, false},
                             {64, 512, 97, true},   {256, 2048, 4500, true}};
enum { N_CASES = sizeof cases / sizeof cases[0] };

typedef struct Setup {
  LacArena *arena;
  LacConvolverPlan *plan;
  LacConvolver convolver;
} Setup;

static Setup set_up(const Case *of, const float *taps) {
  Setup s = {0};
  assert_int_equal(lac_arena_new(&s.arena), LAC_OK);
  assert_int_equal(lac_convolver_plan_new(of->small, of->large, of->n_taps, of->is_immediate, &s.plan), LAC_OK);
  assert_int_equal(lac_convolver_init(&s.convolver, s.arena, s.plan), LAC_OK);
  lac_convolver_load(&s.convolver, taps);
  lac_convolver_restart(&s.convolver);
  return s;
}

static void tear_down(Setup *s) {
  lac_convolver_plan_free(s->plan);
  lac_arena_free(s->arena);
}

static void noise(float *x, size_t n, uint64_t stream) {
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(lac_random_double(7, stream, i) * 2 - 1);
}

static double true_output(const float *h, uint32_t n_taps, const float *x, size_t at) {
  double sum = 0;
  for (size_t k = 0; k < n_taps && k <= at; k++)
    sum += (double)h[k] * (double)x[at - k];
  return sum;
}

/* Noise through noise: the error stays 120 dB under the output, and the latency is exact. */
static void test_is_the_sum(void **state) {
  (void)state;
  enum { N = 9000 };
  static float h[5000], x[N], y[N];
  for (int k = 0; k < N_CASES; k++) {
    noise(h, cases[k].n_taps, 1);
    noise(x, N, 2);
    Setup s = set_up(&cases[k], h);
    memcpy(y, x, sizeof y);
    lac_convolver_process(&s.convolver, y, N);
    const uint32_t late = lac_convolver_latency_frames(s.plan);
    assert_int_equal(late, cases[k].is_immediate ? 0 : cases[k].small);
    double error = 0, power = 0;
    for (size_t i = 0; i < N; i += 7) {
      const double wanted = i >= late ? true_output(h, cases[k].n_taps, x, i - late) : 0;
      error += ((double)y[i] - wanted) * ((double)y[i] - wanted);
      power += wanted * wanted;
    }
    print_message("%u/%u, %u taps: %.1f dB\n", cases[k].small, cases[k].large, cases[k].n_taps,
                  10 * log10(error / power));
    assert_true(error < 1e-12 * power);
    tear_down(&s);
  }
}

/* However a stretch is cut, with a change of filter underway. */
static void test_cuts(void **state) {
  (void)state;
  enum { N = 3000 };
  static const uint32_t blocks[] = {1, 5, 32, 33, 300, 3000};
  static float h[1000], g[1000], x[N], y[N], first[N];
  noise(h, 1000, 3);
  noise(g, 1000, 4);
  noise(x, N, 5);
  for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
    Setup s = set_up(&cases[3], h);
    lac_convolver_load(&s.convolver, g);
    memcpy(y, x, sizeof y);
    for (uint32_t at = 0, n; at < N; at += n) {
      const uint32_t end = at < 1000 ? 1000 : N;
      n = blocks[b] < end - at ? blocks[b] : end - at;
      if (at == 1000)
        lac_convolver_fade(&s.convolver);
      lac_convolver_process(&s.convolver, y + at, n);
    }
    assert_int_equal(s.convolver.change, LAC_CONVOLVER_STEADY);
    if (b == 0)
      memcpy(first, y, sizeof y);
    assert_memory_equal(first, y, sizeof y);
    tear_down(&s);
  }
}

/* Before the fade it is the one filter, after it the other, in between the blend of both. */
static void test_fade(void **state) {
  (void)state;
  enum { N = 2048, AT = 700, LARGE = 256, FROM = 768 };
  static float h[1000], g[1000], x[N], y[N];
  noise(h, 1000, 6);
  noise(g, 1000, 7);
  noise(x, N, 8);
  Setup s = set_up(&cases[3], h);
  lac_convolver_load(&s.convolver, g);
  memcpy(y, x, sizeof y);
  lac_convolver_process(&s.convolver, y, AT);
  lac_convolver_fade(&s.convolver);
  lac_convolver_process(&s.convolver, y + AT, N - AT);
  for (size_t i = 0; i < N; i++) {
    const double u = i < FROM ? 0 : i >= FROM + LARGE ? 1 : 0.5 - 0.5 * cos(M_PI * ((double)(i - FROM) + 0.5) / LARGE);
    const double wanted = (1 - u) * true_output(h, 1000, x, i) + u * true_output(g, 1000, x, i);
    assert_true(fabs((double)y[i] - wanted) < 2e-5);
  }
  tear_down(&s);
}

/* Absurd input stays finite and is forgotten; after silence comes exact silence. */
static void test_heals(void **state) {
  (void)state;
  enum { N = 4096 };
  static float h[1000], x[N];
  noise(h, 1000, 9);
  Setup s = set_up(&cases[4], h);
  for (size_t i = 0; i < N; i++)
    x[i] = i % 3 ? 3.4e38f : -3.4e38f;
  lac_convolver_process(&s.convolver, x, N);
  for (size_t i = 0; i < N; i++)
    assert_true(isfinite(x[i]));
  for (int round = 0; round < 2; round++) {
    memset(x, 0, sizeof x);
    lac_convolver_process(&s.convolver, x, N);
  }
  for (size_t i = 0; i < N; i++)
    assert_true(x[i] == 0);
  tear_down(&s);
}

static void test_levels_agree(void **state) {
  (void)state;
  enum { STRIDE = 5 * LAC_TRANSFORM_GROUP, PARTITIONS = 5 };
  static _Alignas(64) float x[2 * STRIDE * PARTITIONS], h[2 * STRIDE * PARTITIONS];
  static _Alignas(64) float re[STRIDE], im[STRIDE], true_re[STRIDE], true_im[STRIDE];
  noise(x, 2 * STRIDE * PARTITIONS, 10);
  noise(h, 2 * STRIDE * PARTITIONS, 11);
  for (uint32_t newest = 0; newest < PARTITIONS; newest++) {
    lac_convolver_kernels_scalar.accumulate(x, newest, h, PARTITIONS, STRIDE, true_re, true_im);
    for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
      lac_convolver_kernels_at(level)->accumulate(x, newest, h, PARTITIONS, STRIDE, re, im);
      assert_memory_equal(re, true_re, sizeof re);
      assert_memory_equal(im, true_im, sizeof im);
    }
  }
  static const float odd[] = {3e38f, -3e38f, 1e30f, -1e-30f, 9e-31f, -9e-31f, 1e-42f, 0.0f, INFINITY, -INFINITY};
  for (size_t i = 0; i < STRIDE; i++)
    x[i] = i % 3 ? x[i] : odd[i / 3 % (sizeof odd / sizeof odd[0])];
  for (uint32_t n = 0; n <= STRIDE; n++) {
    for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
      lac_convolver_kernels_scalar.take(x, true_re, n);
      lac_convolver_kernels_at(level)->take(x, re, n);
      assert_memory_equal(re, true_re, n * sizeof *re);
    }
  }
}

/* Every number of outputs, with and without direct taps. */
static void test_sums_agree(void **state) {
  (void)state;
  enum { MOST = 70, MOST_TAPS = 72 };
  static float taps[MOST_TAPS], x[MOST + MOST_TAPS], far[MOST], between[MOST], near[MOST], y[MOST], wanted[MOST];
  float *const rows[] = {far, between, near};
  const float *const parts[3] = {near, between, far};
  noise(taps, MOST_TAPS, 12);
  noise(x, MOST + MOST_TAPS, 13);
  for (int k = 0; k < 3; k++)
    noise(rows[k], MOST, 14 + (uint64_t)k);
  for (uint32_t n_taps = 0; n_taps <= MOST_TAPS; n_taps += LAC_CONVOLVER_TAPS_APART) {
    for (uint32_t n = 0; n <= MOST; n++) {
      lac_convolver_kernels_scalar.sum_up(taps, n_taps, x, parts, wanted, n);
      for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
        lac_convolver_kernels_at(level)->sum_up(taps, n_taps, x, parts, y, n);
        assert_memory_equal(y, wanted, n * sizeof *y);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_the_sum), cmocka_unit_test(test_cuts),         cmocka_unit_test(test_fade),
      cmocka_unit_test(test_heals),      cmocka_unit_test(test_levels_agree), cmocka_unit_test(test_sums_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
