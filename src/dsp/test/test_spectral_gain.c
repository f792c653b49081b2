/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prominence and the shaping of gains against slow obvious forms. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/spectral_gain.h"
#include "dsp/spectral_prominence.h"

enum { SIZE = 4096, BINS = SIZE / 2 + 1 };

static LacArena *new_arena(void) {
  LacArena *arena = NULL;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  return arena;
}

/* Pink and still: nothing sticks out. One bin that does is read as what it is. */
static void test_prominence(void **state) {
  (void)state;
  static float power[BINS];
  LacArena *arena = new_arena();
  LacProminence p;
  assert_int_equal(lac_prominence_init(&p, arena, SIZE, SIZE / 4, 48000), LAC_OK);
  for (int peak = 0; peak <= 1; peak++) {
    for (uint32_t k = 0; k < BINS; k++)
      power[k] = 1e4F / (float)(k + 1);
    for (uint32_t k = 400; peak && k < 412; k++)
      power[k] *= 10.0F;
    lac_prominence_reset(&p);
    for (int i = 0; i < 400; i++)
      lac_prominence_update(&p, power);
    for (uint32_t k = 20; k < 1400; k++) {
      const bool is_inside = peak && k >= 404 && k < 408, is_far = !peak || k < 270 || k > 590;
      assert_true(!is_inside || fabsf(p.average[k] - 10) < 0.2F);
      assert_true(!is_far || fabsf(p.average[k]) < 0.3F);
    }
  }
  /* A louder frame is a hit, which does not count; one as loud as before counts by its share of the average. */
  const float share = (float)(1 - exp(-1024 / (48000 * 0.2))), before = p.average[405];
  for (int is_hit = 1; is_hit >= 0; is_hit--) {
    for (uint32_t k = 0; k < BINS; k++)
      power[k] = (is_hit ? 3e4F : 1e4F) / (float)(k + 1);
    lac_prominence_update(&p, power);
    assert_true(fabsf(p.average[405] - before * (is_hit ? 1 : 1 - share)) < 0.02F);
  }
  lac_arena_free(arena);
}

/* Silence has no prominence that could not be used: everything stays finite. */
static void test_prominence_of_nothing(void **state) {
  (void)state;
  static float power[BINS];
  LacArena *arena = new_arena();
  LacProminence p;
  assert_int_equal(lac_prominence_init(&p, arena, SIZE, SIZE / 4, 48000), LAC_OK);
  for (int round = 0; round < 2; round++) {
    power[500] = round ? 1e30F : 0;
    lac_prominence_update(&p, power);
    for (uint32_t k = 0; k < BINS; k++)
      assert_true(isfinite(p.average[k]));
  }
  lac_arena_free(arena);
}

/* Partials of one fundamental have company, wherever it lies; lonely peaks have none. */
static void test_guard(void **state) {
  (void)state;
  static float share[BINS];
  static const uint32_t lonely[] = {101, 333, 1009};
  LacArena *arena = new_arena();
  LacProminence p;
  assert_int_equal(lac_prominence_init(&p, arena, SIZE, SIZE / 4, 48000), LAC_OK);
  for (double fundamental = 9; fundamental < 200; fundamental *= 1.31) {
    memset(p.average, 0, BINS * sizeof(float));
    for (int m = 1; m <= 6; m++) {
      for (int k = (int)(m * fundamental) - 1; k <= m * fundamental + 2; k++)
        p.average[k] = (float)(9 - 2 * pow(k - m * fundamental, 2)); /* a line between two bins */
    }
    lac_prominence_guard(&p, 5, 0.5F, share);
    for (int m = 1; m <= 6; m++)
      assert_true(share[(int)rint(m * fundamental)] == 0.5F);
    assert_true(share[1900] == 1);
  }
  memset(p.average, 0, BINS * sizeof(float));
  for (int i = 0; i < 3; i++)
    p.average[lonely[i]] = 9;
  lac_prominence_guard(&p, 5, 0.5F, share);
  for (uint32_t k = 0; k < BINS; k++)
    assert_true(share[k] == 1);
  lac_arena_free(arena);
}

/* The largest around, then the mean around: the slow way. */
static void test_spread(void **state) {
  (void)state;
  static float x[BINS], spread[BINS], held[BINS];
  const double octaves = 1.0 / 24, share = exp2(octaves) - 1;
  LacArena *arena = new_arena();
  LacFft *fft = NULL;
  LacSpectralGain g;
  assert_int_equal(lac_fft_new(SIZE, &fft), LAC_OK);
  assert_int_equal(lac_spectral_gain_init(&g, arena, SIZE, fft), LAC_OK);
  lac_spectral_gain_set_width(&g, octaves);
  for (uint32_t k = 0; k < BINS; k++)
    x[k] = lac_random_double(4, 0, k) < 0.02 ? (float)(10 * lac_random_double(4, 1, k)) : 0;
  memcpy(spread, x, sizeof spread);
  lac_spectral_spread(&g, spread);
  for (int pass = 0; pass < 2; pass++) {
    for (int k = 0; k < BINS; k++) {
      const int reach = (int)fmax(rint(k * share), pass ? 2 : 5);
      const int from = k > reach ? k - reach : 0, to = k + reach < BINS ? k + reach : BINS - 1;
      double sum = 0;
      float largest = 0;
      for (int j = from; j <= to; j++) {
        largest = fmaxf(largest, x[j]);
        sum += (double)held[j];
      }
      if (pass == 0)
        held[k] = largest;
      else
        assert_true(fabs((double)spread[k] - sum / (to - from + 1)) < 2e-6);
    }
  }
  lac_fft_free(fft);
  lac_arena_free(arena);
}

/* The impulse response ends at an eighth of the frame; no cut stays none, and a cut that was spread keeps its depth. */
static void test_truncate(void **state) {
  (void)state;
  static _Alignas(64) float gain[BINS + 15], zero[BINS + 15], h[SIZE];
  LacArena *arena = new_arena();
  LacFft *fft = NULL;
  LacSpectralGain g;
  assert_int_equal(lac_fft_new(SIZE, &fft), LAC_OK);
  assert_int_equal(lac_spectral_gain_init(&g, arena, SIZE, fft), LAC_OK);
  lac_spectral_gain_set_width(&g, 1.0 / 24);
  float *scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(fft), sizeof *scratch);
  for (int cuts = 0; cuts <= 1; cuts++) {
    memset(gain, 0, sizeof gain);
    gain[90] = cuts ? 9.0F : 0;
    lac_spectral_spread(&g, gain);
    for (uint32_t k = 0; k < BINS; k++)
      gain[k] = 1.0F - (float)pow(10, -0.05 * (double)gain[k]);
    lac_spectral_truncate(&g, gain);
    for (uint32_t k = 0; k < BINS; k++)
      gain[k] = 1.0F - gain[k];
    const double db = 20 * log10((double)gain[90]);
    assert_true(cuts ? db < -7.5 && db > -9.1 : fabs(db) < 1e-5);
    assert_true(fabsf(gain[70] - 1) < 0.01F && fabsf(gain[1000] - 1) < 1e-4F);
    memset(zero, 0, sizeof zero);
    lac_fft_inverse(fft, gain, zero, h, scratch);
    for (uint32_t i = SIZE / 8; i <= SIZE - SIZE / 8; i++)
      assert_true(fabsf(h[i]) < 1e-7F);
  }
  lac_fft_free(fft);
  lac_arena_free(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_prominence), cmocka_unit_test(test_prominence_of_nothing),
      cmocka_unit_test(test_guard),      cmocka_unit_test(test_spread),
      cmocka_unit_test(test_truncate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
