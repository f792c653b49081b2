/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The spline keeps under its caps and equals the formula; the store gives back what it was given, and fades. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "dsp/gain_spline_kernels.h"
#include "dsp/gain_store.h"

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0;
}

static void test_steps(void **state) {
  (void)state;
  static const double rates_hz[] = {8000, 11025, 16000, 44100, 48000, 88200, 96000, 192000, 384000};
  static const uint32_t steps[] = {1, 1, 2, 4, 4, 8, 8, 16, 32};
  for (size_t i = 0; i < 9; i++) {
    LacGainSpline spline;
    lac_gain_spline_init(&spline, rates_hz[i]);
    assert_int_equal(spline.step, steps[i]);
    for (uint32_t j = 0; j < spline.step; j++) {
      float sum = 0;
      for (int k = 0; k < 4; k++) {
        assert_true(spline.weights[k][j] >= 0);
        sum += spline.weights[k][j];
      }
      assert_true(fabsf(sum - 1) < 1e-6f);
    }
  }
}

/* Cox and de Boor's basis in double. */
static double basis(double t) {
  t = fabs(t);
  return t >= 2 ? 0 : t >= 1 ? (2 - t) * (2 - t) * (2 - t) / 6 : 2.0 / 3 - t * t + t * t * t / 2;
}

static void test_gains(void **state) {
  (void)state;
  static const double rates_hz[] = {8000, 44100, 96000, 384000};
  enum { CELLS = 500 };
  for (size_t r = 0; r < 4; r++) {
    LacGainSpline spline;
    lac_gain_spline_init(&spline, rates_hz[r]);
    float u_db[CELLS + 3], *gain = calloc((size_t)CELLS * spline.step, sizeof *gain);
    float *again = calloc((size_t)CELLS * spline.step, sizeof *again);
    assert_true(gain && again);
    uint64_t seed = r;
    for (int k = 0; k < CELLS + 3; k++)
      u_db[k] = k < 100 ? 0.0f : (float)(-20 * uniform(&seed));
    const float *const weights[4] = {spline.weights[0], spline.weights[1], spline.weights[2], spline.weights[3]};
    lac_gain_spline_gains(&spline, u_db, gain, CELLS);
    for (size_t f = 0; f < (size_t)CELLS * spline.step; f++) {
      double db = 0;
      for (int k = 0; k < CELLS + 3; k++)
        db += (double)u_db[k] * basis((double)f / spline.step - (k - 1));
      assert_true(fabs(20 * log10((double)gain[f]) - db) < 1e-5);
      assert_true(f >= 97 * spline.step || gain[f] == 1.0f);
    }
    for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
      lac_gain_spline_kernels_at(level)->gains(u_db, weights, spline.step, again, CELLS);
      assert_memory_equal(gain, again, (size_t)CELLS * spline.step * sizeof *gain);
    }
    free(gain);
    free(again);
  }
}

static void test_allowed(void **state) {
  (void)state;
  const float peaks[] = {0, 0.5f, 0.8f, 0.80001f, 1.6f, 1e15f};
  float allowed_db[6];
  lac_gain_spline_allow(peaks, 0.8, allowed_db, 6);
  for (int i = 0; i < 6; i++) {
    const double wanted = fmin(0, 20 * log10(0.8 / (double)peaks[i]));
    assert_true(i < 2 ? allowed_db[i] == 0.0f
                      : (double)allowed_db[i] <= wanted && (double)allowed_db[i] > wanted - 2e-4);
  }
}

/* Segment 0 and 2 limited, 1 idle. */
static void test_store(void **state) {
  (void)state;
  LacLimitLayout layout;
  LacGainStore *store = NULL;
  lac_limit_layout_init(&layout, 44100);
  assert_int_equal(lac_gain_store_new(&layout, 2, &store), LAC_OK);
  const uint32_t core = layout.core_frames / layout.spline.step, fade = layout.fade_frames / layout.spline.step;
  const uint32_t overlap = layout.overlap_frames / layout.spline.step;
  float *curves[2] = {calloc(layout.n_knots, sizeof(float)), calloc(layout.n_knots, sizeof(float))};
  float *out = calloc(4u * core, sizeof *out);
  assert_true(curves[0] && curves[1] && out);
  for (uint32_t k = 0; k < layout.n_knots; k++) {
    curves[0][k] = (float)(-6 + 3 * sin(k * 0.01));
    curves[1][k] = -2.0f;
  }
  assert_int_equal(lac_gain_store_reserve(store, 3), LAC_OK);
  assert_int_equal(lac_gain_store_put(store, 0, (const float *const *)curves), LAC_OK);
  assert_int_equal(lac_gain_store_put(store, 2, (const float *const *)curves), LAC_OK);
  assert_true(lac_gain_store_bytes(store) < 2 * 2 * 3 * (uint64_t)layout.n_knots);
  assert_false(lac_gain_store_read(store, 0, 10 * core, 50, out));
  assert_true(lac_gain_store_read(store, 0, 0, 4 * core - 3, out));
  for (uint32_t a = 0; a < core - fade; a++)
    assert_true(out[a] <= curves[0][overlap + a] + 1e-6f && out[a] > curves[0][overlap + a] - 2e-4f);
  for (uint32_t a = core - fade; a < core + fade + 2; a++) { /* into nothing */
    const double share = (double)(a - (core - fade)) / (2 * fade + 2);
    assert_true(fabs((double)out[a] - (1 - share) * (double)curves[0][overlap + a]) < 1e-3);
  }
  for (uint32_t a = core + fade + 2; a < 2 * core - fade; a++)
    assert_true(out[a] == 0.0f);
  for (uint32_t a = 2 * core + fade + 2; a < 3 * core - fade; a++)
    assert_true(fabsf(out[a] - curves[0][overlap + a - 2 * core]) < 2e-4f);
  float pieces[64 + 3]; /* however it is read */
  for (uint32_t a = 0; a + 64 < 3 * core; a += 61) {
    const bool is_any = lac_gain_store_read(store, 0, a, 61, pieces);
    for (uint32_t i = 0; i < 64; i++)
      assert_true(is_any ? pieces[i] == out[a + i] : out[a + i] == 0.0f);
  }
  assert_true(lac_gain_store_read(store, 1, 0, 2 * core, out));
  assert_true(out[0] == -2.0f && out[core / 2] == -2.0f); /* what stands still is exact */
  free(curves[0]);
  free(curves[1]);
  free(out);
  lac_gain_store_free(store);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_gains),
                                     cmocka_unit_test(test_allowed), cmocka_unit_test(test_store)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
