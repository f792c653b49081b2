/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Filters from curves, and the curves themselves. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/test/check.h"
#include "dsp/fir_design.h"

/* A first-order shelf: its minimum phase is known. H = (s + a) / (s + b) sampled by the bilinear transform. */
typedef struct Shelf {
  double zero, pole; /* of z, |zero| < 1 */
  double rate_hz;
} Shelf;

static double shelf_db(const void *context, double hz) {
  const Shelf *s = context;
  const double w = 2 * M_PI * hz / s->rate_hz;
  return 10 * log10((1 + s->zero * s->zero - 2 * s->zero * cos(w)) / (1 + s->pole * s->pole - 2 * s->pole * cos(w)));
}

static void make(LacFirDesigner *d, LacArena *arena, LacFirPhase phase, uint32_t n_taps, uint32_t center,
                 double rate_hz, LacFirCurve *curve, const void *context, double amount, float *taps) {
  LacFirShape shape;
  assert_int_equal(lac_fir_designer_init(d, arena, phase, n_taps, center, rate_hz), LAC_OK);
  assert_int_equal(lac_fir_shape_init(&shape, arena, d, curve, context), LAC_OK);
  double *work = lac_arena_alloc(arena, lac_fir_work_doubles(d), sizeof *work);
  assert_non_null(work);
  for (uint32_t k = 0; k < lac_fir_n_bins(d); k += 100) /* in pieces */
    lac_fir_bins(d, &shape, amount, k, k + 100 < lac_fir_n_bins(d) ? 100 : lac_fir_n_bins(d) - k, work);
  lac_fir_taps(d, work, taps);
  lac_fir_designer_drop(d);
}

/* The minimum-phase filter is the recursive one's impulse response, tap for tap; half of it its square root's. */
static void test_minimum_phase_is_the_recursive_one(void **state) {
  (void)state;
  enum { N = 1024 };
  static float taps[N], half[N];
  const Shelf s = {0.9, 0.97, 48000};
  LacArena *arena;
  LacFirDesigner d;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  make(&d, arena, LAC_FIR_MINIMUM, N, 0, s.rate_hz, shelf_db, &s, 1.0, taps);
  make(&d, arena, LAC_FIR_MINIMUM, N, 0, s.rate_hz, shelf_db, &s, 0.5, half);
  double y = 0, before = 0;
  for (int i = 0; i < 600; i++) {
    const double x = i == 0;
    y = s.pole * y + x - s.zero * before;
    before = x;
    assert_true(fabs((double)taps[i] - y) < 2e-7);
    double squared = 0;
    for (int k = 0; k <= i; k++)
      squared += (double)half[k] * (double)half[i - k];
    assert_true(fabs(squared - y) < 1e-6);
  }
  lac_arena_free(arena);
}

static double wavy_db(const void *context, double hz) {
  (void)context;
  return hz < 30 ? 0 : 6 * sin(2.2 * log(hz / 30));
}

static double gain_db(const float *taps, uint32_t n, double hz, double rate_hz, double *phase, uint32_t center) {
  double re = 0, im = 0;
  for (uint32_t i = 0; i < n; i++) {
    const double w = 2 * M_PI * hz / rate_hz * ((double)i - center);
    re += (double)taps[i] * cos(w);
    im -= (double)taps[i] * sin(w);
  }
  *phase = atan2(im, re);
  return 10 * log10(re * re + im * im);
}

/* All phases have the gain; linear is symmetric, mixed has its two phases, minimum nothing before its first tap. */
static void test_phases(void **state) {
  (void)state;
  enum { N = 8192, MIXED_CENTER = 768 };
  static float minimum[N], linear[N], mixed[N];
  LacArena *arena;
  LacFirDesigner d;
  const double rate_hz = 48000;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  make(&d, arena, LAC_FIR_MINIMUM, N, 0, rate_hz, wavy_db, NULL, 1, minimum);
  make(&d, arena, LAC_FIR_LINEAR, N, N / 2, rate_hz, wavy_db, NULL, 1, linear);
  make(&d, arena, LAC_FIR_MIXED, N, MIXED_CENTER, rate_hz, wavy_db, NULL, 1, mixed);
  for (uint32_t i = 1; i < N / 2; i++)
    assert_true(fabsf(linear[N / 2 - i] - linear[N / 2 + i]) < 1e-9F);
  for (double hz = 40; hz < 20000; hz *= 1.07) {
    double phase_minimum, phase_linear, phase_mixed;
    assert_true(fabs(gain_db(minimum, N, hz, rate_hz, &phase_minimum, 0) - wavy_db(NULL, hz)) < 0.1);
    assert_true(fabs(gain_db(linear, N, hz, rate_hz, &phase_linear, N / 2) - wavy_db(NULL, hz)) < 0.25);
    assert_true(fabs(gain_db(mixed, N, hz, rate_hz, &phase_mixed, MIXED_CENTER) - wavy_db(NULL, hz)) < 0.15);
    assert_true(fabs(phase_linear) < 1e-6);
    assert_true(hz > 180 || fabs(phase_mixed - phase_minimum) < 0.02);
    assert_true(hz < 900 || fabs(phase_mixed) < 0.02);
  }
  lac_arena_free(arena);
}

/* Amount 0 of anything is the main tap alone. */
static void test_nothing_is_one_tap(void **state) {
  (void)state;
  enum { N = 512 };
  static float taps[N];
  LacArena *arena;
  LacFirDesigner d;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  make(&d, arena, LAC_FIR_MIXED, N, 100, 44100, wavy_db, NULL, 0, taps);
  for (uint32_t i = 0; i < N; i++)
    assert_true(fabsf(taps[i] - (i == 100 ? 1.0F : 0.0F)) < 1e-12F);
  lac_arena_free(arena);
}

/* What the taps from some on add at any frequency, over the gain there: nothing of none, all of all. */
static void test_loss(void **state) {
  (void)state;
  enum { N = 2048 };
  static float taps[N];
  const double rate_hz = 48000;
  LacArena *arena;
  LacFirDesigner d;
  LacFirShape shape;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_fir_designer_init(&d, arena, LAC_FIR_MINIMUM, N, 0, rate_hz), LAC_OK);
  assert_int_equal(lac_fir_shape_init(&shape, arena, &d, wavy_db, NULL), LAC_OK);
  double *work = lac_arena_alloc(arena, lac_fir_work_doubles(&d), sizeof *work);
  lac_fir_bins(&d, &shape, 1.0, 0, lac_fir_n_bins(&d), work);
  lac_fir_taps(&d, work, taps);
  assert_true(lac_fir_loss(&d, &shape, taps, N, work) == 0);
  assert_true(fabs(lac_fir_loss(&d, &shape, taps, 0, work) - 1) < 0.1);
  const double loss = lac_fir_loss(&d, &shape, taps, N / 4, work);
  double largest = 0, phase;
  for (uint32_t k = 0; k < lac_fir_n_bins(&d); k++) {
    const double hz = rate_hz * k / d.n_grid;
    const double db = gain_db(taps + N / 4, N - N / 4, hz, rate_hz, &phase, 0) - wavy_db(NULL, hz);
    largest = fmax(largest, pow(10, db / 20));
  }
  assert_true(loss > 1e-4 && fabs(loss / largest - 1) < 1e-3);
  lac_fir_designer_drop(&d);
  lac_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_minimum_phase_is_the_recursive_one),
      cmocka_unit_test(test_phases),
      cmocka_unit_test(test_nothing_is_one_tap),
      cmocka_unit_test(test_loss),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
