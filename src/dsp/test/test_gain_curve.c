/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the limiter's gain is made with: sliding minimum, box smoother, tone share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/box_smoother.h"
#include "dsp/sliding_minimum.h"
#include "dsp/tone_share.h"

enum { N = 3000 };

static void test_sliding_minimum(void **state) {
  (void)state;
  static const uint32_t lengths[] = {1, 2, 3, 64, 89, 2999, 4000};
  float x[N], y[N];
  for (int i = 0; i < N; i++)
    x[i] = (float)lac_random_double(1, 0, (uint64_t)i);
  for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
    LacArena *arena;
    LacSlidingMinimum m;
    assert_int_equal(lac_arena_new(&arena), LAC_OK);
    assert_int_equal(lac_sliding_minimum_init(&m, arena, lengths[k], 1.0f), LAC_OK);
    for (int pass = 0; pass < 2; pass++) {
      lac_sliding_minimum_reset(&m);
      for (uint32_t at = 0, run; at < N; at += run) {
        run = pass ? 1 + at % 97 : N;
        run = N - at < run ? N - at : run;
        lac_sliding_minimum_run(&m, x + at, y + at, run);
      }
      for (int i = 0; i < N; i++) {
        float expected = 1.0f;
        for (int j = i; j >= 0 && j > i - (int)lengths[k]; j--)
          expected = fminf(expected, x[j]);
        assert_true(y[i] == expected);
      }
    }
    lac_arena_free(arena);
  }
}

static void test_box_smoother(void **state) {
  (void)state;
  static const uint32_t supports[] = {1, 2, 3, 4, 12, 88, 3840};
  double *x = calloc(2 * N + 8000, sizeof *x), *y = calloc(2 * N + 8000, sizeof *y);
  for (size_t k = 0; k < sizeof supports / sizeof supports[0]; k++) {
    const uint32_t support = supports[k], total = 2 * N + 2 * support;
    LacArena *arena;
    LacBoxSmoother s;
    assert_int_equal(lac_arena_new(&arena), LAC_OK);
    assert_int_equal(lac_box_smoother_init(&s, arena, support), LAC_OK);
    assert_true(s.length[0] + s.length[1] + s.length[2] - 2 == support);
    /* Ones stay ones exactly; one notch of depth 1 comes out as the weights: none negative, their sum 1. */
    for (uint32_t i = 0; i < total; i++)
      x[i] = i == 100 ? 0.0 : 1.0;
    lac_box_smoother_run(&s, x, y, total);
    double sum = 0;
    for (uint32_t i = 0; i < total; i++) {
      assert_true(i >= 100 && i < 100 + support ? y[i] <= 1.0 : y[i] == 1.0);
      sum += 1.0 - y[i];
    }
    assert_true(fabs(sum - 1.0) < 1e-9 * support);
    /* Never outside what the support holds, whatever came before; exact after any history; any cut the same. */
    for (uint32_t i = 0; i < total; i++)
      x[i] = i < N ? lac_random_double(2, k, i) : 0.25;
    lac_box_smoother_reset(&s);
    for (uint32_t at = 0, run; at < total; at += run) {
      run = 1 + (at * 5) % 333;
      run = total - at < run ? total - at : run;
      lac_box_smoother_run(&s, x + at, y + at, run);
    }
    for (uint32_t i = support; i < N && support < 100; i++) {
      double least = 1, most = 0;
      for (uint32_t j = 0; j < support; j++) {
        least = fmin(least, x[i - j]);
        most = fmax(most, x[i - j]);
      }
      assert_true(y[i] >= least - 1.0 / s.one && y[i] <= most + 1e-15);
    }
    assert_true(y[total - 1] == 0.25);
    double *whole = calloc(total, sizeof *whole);
    lac_box_smoother_reset(&s);
    lac_box_smoother_run(&s, x, whole, total);
    assert_memory_equal(whole, y, total * sizeof *y);
    free(whole);
    lac_arena_free(arena);
  }
  free(x);
  free(y);
}

static float share_of(double rate_hz, double hz, double treble_hz, double treble, double noise) {
  LacToneShare s;
  lac_tone_share_init(&s, rate_hz);
  float x[2][240], share[240];
  const float *channels[2] = {x[0], x[1]};
  for (uint32_t at = 0; at < rate_hz / 2; at += 240) {
    for (uint32_t i = 0; i < 240; i++) {
      const double t = (at + i) / rate_hz, two_pi = 6.283185307179586;
      const double v = (1 - treble) * sin(two_pi * hz * t) + treble * sin(two_pi * treble_hz * t);
      for (unsigned c = 0; c < 2; c++)
        x[c][i] = (float)(v + noise * (2 * lac_random_double(3, c, at + i) - 1));
    }
    lac_tone_share_run(&s, channels, 2, share, 240);
  }
  return share[239];
}

static void test_tone_share(void **state) {
  (void)state;
  static const double rates_hz[] = {8000, 44100, 48000, 96000, 192000, 384000};
  for (size_t k = 0; k < test_at_most(sizeof rates_hz / sizeof rates_hz[0]); k++) {
    for (double hz = 25; hz <= 200; hz *= 1.3)
      assert_true(share_of(rates_hz[k], hz, 3000, 0, 0) > 0.92f);
    const float smpte = share_of(rates_hz[k], 60, 3000, 0.2, 0); /* 16/17 of the energy */
    assert_true(smpte > 0.915f && smpte < 0.95f);
    assert_true(share_of(rates_hz[k], 3000, 3000, 0, 0) < 0.1f);
    assert_true(share_of(rates_hz[k], 60, 3000, 0, 10) < 0.4f);
  }
}

/* Silence after sound forgets everything; the cut does not matter. */
static void test_tone_share_cuts(void **state) {
  (void)state;
  enum { LONG = 200000 };
  float *x = calloc(LONG, sizeof *x), *a = calloc(LONG, sizeof *a), *b = calloc(LONG, sizeof *b);
  for (int i = 0; i < 20000; i++)
    x[i] = (float)sin(i * 0.01) + 0.3f * (float)lac_random_double(4, 0, (uint64_t)i);
  LacToneShare s;
  lac_tone_share_init(&s, 44100);
  const float *whole = x;
  lac_tone_share_run(&s, &whole, 1, a, LONG);
  lac_tone_share_init(&s, 44100);
  for (uint32_t at = 0, run; at < LONG; at += run) {
    run = 1 + at % 53;
    run = LONG - at < run ? LONG - at : run;
    const float *part = x + at;
    lac_tone_share_run(&s, &part, 1, b + at, run);
  }
  assert_memory_equal(a, b, LONG * sizeof *a);
  assert_true(a[19999] > 0.5f && a[LONG - 1] == 0.0f && s.energy == 0.0);
  free(x);
  free(a);
  free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sliding_minimum),
      cmocka_unit_test(test_box_smoother),
      cmocka_unit_test(test_tone_share),
      cmocka_unit_test(test_tone_share_cuts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
