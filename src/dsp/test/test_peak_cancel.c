/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Peak canceller with what it stands on: kernels against their scalar truth, interpolation against the sine it came
 * from, the mask against its definition, and the canceller against its promises. */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/cpu.h"
#include "core/random.h"
#include "dsp/interpolate.h"
#include "dsp/peak_cancel.h"

#define RATE_HZ 48000.0
enum { HOP = 512, FACTOR = 4, FRAMES = 12, N = HOP * FRAMES };

static float noise_at(unsigned stream, unsigned i) {
  return (float)(lac_random_double(7, stream, i) * 2 - 1);
}

/* ---- kernels ---- */

static void check_kernels(const LacPeakCancelKernels *k) {
  const LacPeakCancelKernels *truth = &lac_peak_cancel_kernels_scalar;
  static float y[2][272], h[256], level[256], lambda[256];
  for (unsigned i = 0; i < 256; i++) {
    h[i] = noise_at(1, i);
    level[i] = 0.97f;
    lambda[i] = i % 61 == 5 ? -1e-30f : 0.0f;
  }
  level[77] = INFINITY;
  for (size_t shift = 0; shift < 4; shift++) {
    for (unsigned i = 0; i < 272; i++)
      y[0][i] = y[1][i] = noise_at(2, i);
    k->subtract(y[0] + shift, h, 0.37f, 256);
    truth->subtract(y[1] + shift, h, 0.37f, 256);
    k->add(y[0] + 2 * shift, h, -1.7f, 240);
    truth->add(y[1] + 2 * shift, h, -1.7f, 240);
    assert_memory_equal(y[0], y[1], sizeof y[0]);
    y[0][77] = -5.0f; /* louder than its endless level? no */
    y[0][90] = NAN;
    for (size_t from = 0; from < 256; from++)
      assert_int_equal(k->next(y[0], level, lambda, from, 256), truth->next(y[0], level, lambda, from, 256));
    assert_int_equal(k->next(y[0], level, lambda, 256, 256), 256);
  }
}

static void test_kernels(void **state) {
  (void)state;
  for (int level = 0; level <= (int)lac_cpu_level(); level++)
    check_kernels(lac_peak_cancel_kernels_at((LacCpuLevel)level));
}

/* ---- interpolation ---- */

static void check_interpolation(LacArena *arena, uint32_t factor) {
  static float x[HOP + 2 * LAC_INTERPOLATE_REACH], points[HOP * 4];
  static const double cycles_per_frame[] = {0.01, 0.2, 0.4, 0.43};
  LacInterpolator ip;
  assert_int_equal(lac_interpolator_init(&ip, arena, factor, HOP), LAC_OK);
  for (size_t k = 0; k < sizeof cycles_per_frame / sizeof cycles_per_frame[0]; k++) {
    const double w = 2 * 3.14159265358979323846 * cycles_per_frame[k];
    for (int i = 0; i < HOP + 2 * LAC_INTERPOLATE_REACH; i++)
      x[i] = (float)sin(w * (i - LAC_INTERPOLATE_REACH));
    lac_interpolate(&ip, x + LAC_INTERPOLATE_REACH, points, HOP);
    for (uint32_t i = 0; i < HOP * factor; i++) {
      assert_true(fabs((double)points[i] - sin(w * i / factor)) < 2e-4);
      assert_true(i % factor != 0 || points[i] == x[LAC_INTERPOLATE_REACH + i / factor]);
    }
  }
}

static void test_interpolation(void **state) {
  (void)state;
  LacArena *arena;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  for (uint32_t factor = 1; factor <= 4; factor *= 2)
    check_interpolation(arena, factor);
  lac_arena_free(arena);
}

/* ---- mask ---- */

static void test_mask(void **state) {
  (void)state;
  static float x[2048];
  LacArena *arena;
  LacMask mask;
  double power[LAC_MASK_BANDS], threshold[LAC_MASK_BANDS];
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_mask_init(&mask, arena, RATE_HZ, 2048), LAC_OK);
  for (int i = 0; i < 2048; i++) /* 996 Hz, in the middle of the 9th band */
    x[i] = (float)sin(2 * 3.14159265358979323846 * 42.5 * i / 2048);
  lac_mask_powers(&mask, x, 0.5, power);
  assert_true(fabs(10 * log10(power[8]) + 6.02 - 1.76) < 0.1); /* the window's bins together hold 1.76 dB more */
  lac_mask_thresholds(&mask, power, threshold);
  const double below = 10 * log10(power[8] / threshold[8]);
  assert_true(below > 6 && below < 11); /* the offset and what is spread elsewhere */
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    assert_true(b == 8 || threshold[b] < threshold[8]);
  assert_true(threshold[10] > 10 * threshold[6]); /* masking reaches further up than down */
  assert_true(fabs(lac_mask_noise_ratio(&mask, threshold, threshold) - 1) < 1e-12);
  memset(x, 0, sizeof x);
  lac_mask_powers(&mask, x, 1, power);
  lac_mask_thresholds(&mask, power, threshold);
  assert_true(fabs(10 * log10(threshold[16]) + 92 + 6.5) < 2.5); /* 3.4 kHz, where hearing is keenest */
  lac_mask_release(&mask);
  lac_arena_free(arena);
}

/* ---- the canceller ---- */

typedef struct Bench {
  LacArena *arena;
  LacPulseShape shape;
  LacMask mask;
  LacInterpolator ip;
  LacPeakCancel cancel;
  float x[N + 4 * HOP]; /* two frames of silence either side */
} Bench;

static Bench bench;

static void bench_begin(double bend_to_low) {
  assert_int_equal(lac_arena_new(&bench.arena), LAC_OK);
  assert_int_equal(lac_pulse_shape_init(&bench.shape, bench.arena, RATE_HZ, HOP, FACTOR, 0.7), LAC_OK);
  assert_int_equal(lac_mask_init(&bench.mask, bench.arena, RATE_HZ, 4 * HOP), LAC_OK);
  assert_int_equal(lac_interpolator_init(&bench.ip, bench.arena, FACTOR, HOP), LAC_OK);
  assert_int_equal(lac_peak_cancel_init(&bench.cancel, bench.arena, &bench.shape), LAC_OK);
  memset(bench.x, 0, sizeof bench.x);
  double low = 0, lower = 0; /* noise that falls by 12 dB per octave */
  for (unsigned i = 0; i < N; i++) {
    low += ((double)noise_at(3, i) - low) * bend_to_low;
    lower += (low - lower) * bend_to_low;
    bench.x[2 * HOP + i] = (float)(lower / sqrt(bend_to_low));
  }
}

static void bench_end(void) {
  lac_mask_release(&bench.mask);
  lac_arena_free(bench.arena);
}

/* Cancels down to `level` in groups of three frames, as the clipper does; out: N samples; returns the highest point. */
static float cancel_all(float level, float *out) {
  float levels[HOP + 1], highest = 0;
  double power[LAC_MASK_BANDS], threshold[LAC_MASK_BANDS];
  for (int i = 0; i <= HOP; i++)
    levels[i] = level;
  for (int f = 0; f <= FRAMES + 2; f++) {
    float *points = lac_peak_cancel_open(&bench.cancel, f);
    if (f < FRAMES)
      lac_interpolate(&bench.ip, bench.x + (size_t)(2 + f) * HOP, points, HOP);
    const int newest = f - 1;
    if (newest >= 0 && newest < FRAMES) {
      lac_mask_powers(&bench.mask, bench.x + (size_t)(2 + newest) * HOP - 3 * HOP / 2, 1, power);
      lac_mask_thresholds(&bench.mask, power, threshold);
      lac_peak_cancel_bound(&bench.cancel, newest, levels, threshold);
    }
    lac_peak_cancel_sweep(&bench.cancel, newest - 2, 3, 4);
    const float *done = f >= 3 && f - 3 < FRAMES ? lac_peak_cancel_points(&bench.cancel, f - 3) : NULL;
    for (int i = 0; done && i < HOP; i++)
      out[(f - 3) * HOP + i] = done[i * FACTOR];
    for (int i = 0; done && f > 3 && i < HOP * FACTOR; i++)
      highest = fmaxf(highest, fabsf(done[i]));
  }
  return highest;
}

static void test_nothing_above_changes_nothing(void **state) {
  (void)state;
  static float out[N];
  bench_begin(0.3);
  cancel_all(20.0f, out);
  assert_memory_equal(out, bench.x + 2 * HOP, sizeof out);
  bench_end();
}

/* Mean noise over mask of a correction. */
static double audibility(const float *out) {
  static float correction[N + 4 * HOP];
  double power[LAC_MASK_BANDS], threshold[LAC_MASK_BANDS], sum = 0;
  for (int i = 0; i < N; i++)
    correction[2 * HOP + i] = bench.x[2 * HOP + i] - out[i];
  for (int at = 0; at <= N; at += HOP) {
    lac_mask_powers(&bench.mask, bench.x + at, 1, power);
    lac_mask_thresholds(&bench.mask, power, threshold);
    lac_mask_powers(&bench.mask, correction + at, 1, power);
    sum += lac_mask_noise_ratio(&bench.mask, power, threshold);
  }
  return sum;
}

/* Every point comes down to the level, and with far less to hear than plain clipping, whose edges reach to where the
 * sound has nothing to hide them. */
static void test_peaks_come_down(void **state) {
  (void)state;
  static float out[N], clipped[N];
  bench_begin(0.05);
  float highest = 0;
  for (int i = 0; i < N; i++)
    highest = fmaxf(highest, fabsf(bench.x[2 * HOP + i]));
  const float level = 0.8f * highest;
  const float left = cancel_all(level, out);
  assert_true(left > 0.9f * level && left < 1.005f * level);
  for (int i = 0; i < N; i++)
    clipped[i] = fmaxf(-level, fminf(level, bench.x[2 * HOP + i]));
  assert_true(audibility(out) < 0.2 * audibility(clipped));
  bench_end();
}

/* A lone peak: the correction reaches 4 ms, not further. */
static void test_reach(void **state) {
  (void)state;
  static float out[N];
  bench_begin(0.3);
  const int at = 5 * HOP + 100, reach = (int)(0.004 * RATE_HZ) + 4;
  for (int i = 0; i < N; i++)
    bench.x[2 * HOP + i] *= 0.1f;
  bench.x[2 * HOP + at] = 1.0f;
  cancel_all(0.9f, out);
  assert_true(fabsf(out[at] - 0.9f) < 1e-3f);
  for (int i = 0; i < N; i++)
    assert_true((i > at - reach && i < at + reach) || out[i] == bench.x[2 * HOP + i]);
  bench_end();
}

/* What was tried leaves no trace: neither in the frame nor in what an earlier one had taken off its neighbours. */
static void test_restore(void **state) {
  (void)state;
  static float before[3 * HOP * FACTOR];
  float levels[HOP + 1];
  double threshold[LAC_MASK_BANDS], power[LAC_MASK_BANDS], kept_power[LAC_MASK_BANDS];
  bench_begin(0.3);
  for (int i = 0; i <= HOP; i++)
    levels[i] = 0.3f;
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    threshold[b] = 1;
  for (int f = 0; f < 3; f++)
    lac_interpolate(&bench.ip, bench.x + (size_t)(2 + f) * HOP, lac_peak_cancel_open(&bench.cancel, f), HOP);
  lac_peak_cancel_bound(&bench.cancel, 0, levels, threshold);
  lac_peak_cancel_sweep(&bench.cancel, 0, 1, 4);
  lac_peak_cancel_powers(&bench.cancel, 0, &bench.mask, kept_power);
  memcpy(before, lac_peak_cancel_points(&bench.cancel, 0), sizeof before);
  lac_peak_cancel_keep(&bench.cancel, 1);
  lac_peak_cancel_bound(&bench.cancel, 1, levels, threshold);
  lac_peak_cancel_sweep(&bench.cancel, 0, 2, 4);
  lac_peak_cancel_powers(&bench.cancel, 1, &bench.mask, power);
  assert_true(power[10] > 0);
  assert_memory_not_equal(before, lac_peak_cancel_points(&bench.cancel, 0), sizeof before);
  lac_peak_cancel_restore(&bench.cancel, 1);
  assert_memory_equal(before, lac_peak_cancel_points(&bench.cancel, 0), sizeof before);
  lac_peak_cancel_powers(&bench.cancel, 0, &bench.mask, power);
  assert_memory_equal(power, kept_power, sizeof power);
  lac_peak_cancel_sweep(&bench.cancel, 1, 1, 4);
  assert_memory_equal(before, lac_peak_cancel_points(&bench.cancel, 0), sizeof before);
  bench_end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kernels),
      cmocka_unit_test(test_interpolation),
      cmocka_unit_test(test_mask),
      cmocka_unit_test(test_nothing_above_changes_nothing),
      cmocka_unit_test(test_peaks_come_down),
      cmocka_unit_test(test_reach),
      cmocka_unit_test(test_restore),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
