/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is heard of a gain: level is not, a flutter is, more around a chord than in noise; and the offline limiter
 * takes the calmer gain where that pays, and only there. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "dsp/limit_audibility.h"
#include "dsp/limit_plan.h"

#define PI 3.14159265358979323846

static const double RATE_HZ = 44100;

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

/* A chord of the mid range: partials close together, their crests of all heights. */
static void make_chord(float *x, size_t n) {
  static const double hz[] = {440, 554.37, 659.26, 880, 1108.7, 1318.5};
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (int k = 0; k < 6; k++)
      sum += sin(2 * PI * hz[k] * (double)i / RATE_HZ + k * k);
    x[i] = (float)(0.25 * sum);
  }
}

static void make_noise(float *x, size_t n) {
  uint64_t seed = 7;
  for (size_t i = 0; i < n; i++)
    x[i] = (float)uniform(&seed);
}

typedef struct Fixture {
  LacLimitLayout layout;
  LacLimitAudibility *audibility;
  float *x, *curve;
} Fixture;

static Fixture new_fixture(void) {
  Fixture f;
  lac_limit_layout_init(&f.layout, RATE_HZ);
  assert_int_equal(lac_limit_audibility_new(&f.layout, RATE_HZ, &f.audibility), LAC_OK);
  f.x = calloc(f.layout.length_frames, sizeof *f.x);
  f.curve = calloc(f.layout.n_knots, sizeof *f.curve);
  assert_true(f.x && f.curve);
  return f;
}

static void free_fixture(Fixture *f) {
  lac_limit_audibility_free(f->audibility);
  free(f->x);
  free(f->curve);
}

static LacAudible read(Fixture *f) {
  const float *channels[2] = {f->x, f->x}, *curves[2] = {f->curve, f->curve};
  lac_limit_audibility_forget(f->audibility, 0);
  const LacAudible mono = lac_limit_audibility_run(f->audibility, 0, channels, 1, curves, 1);
  const LacAudible linked = lac_limit_audibility_run(f->audibility, 0, channels, 2, curves, 1);
  const LacAudible both = lac_limit_audibility_run(f->audibility, 0, channels, 2, curves, 2);
  assert_true(linked.noise == both.noise && linked.power == both.power);
  assert_true(fabs(mono.noise - both.noise) <= 1e-12 * both.noise && fabs(mono.power - both.power) < 1e-12);
  return mono;
}

static void test_level_is_not_heard(void **state) {
  (void)state;
  Fixture f = new_fixture();
  make_noise(f.x, f.layout.length_frames);
  LacAudible still = read(&f);
  assert_true(still.noise == 0.0 && fabs(still.power - 1.0) < 1e-6 && !lac_limit_is_audible(&still));
  for (uint32_t k = 0; k < f.layout.n_knots; k++)
    f.curve[k] = -6.0206f;
  LacAudible lower = read(&f);
  assert_true(lower.noise < 1e-9 && fabs(lower.power - 0.25) < 1e-5 && !lac_limit_is_audible(&lower));
  free_fixture(&f);
}

static void test_silence(void **state) {
  (void)state;
  Fixture f = new_fixture();
  for (uint32_t k = 0; k < f.layout.n_knots; k += 7)
    f.curve[k] = -3.0f;
  const LacAudible silent = read(&f);
  assert_true(silent.noise == 0.0 && silent.power == 1.0);
  free_fixture(&f);
}

static void test_flutter_is_heard(void **state) {
  (void)state;
  Fixture f = new_fixture();
  uint64_t seed = 3;
  for (uint32_t k = 0; k + 40 < f.layout.n_knots; k += 40 + (uint32_t)(40 * (uniform(&seed) + 0.5)))
    f.curve[k] = -4.0f; /* dips a quarter of a ms long, some 180 a second */
  make_noise(f.x, f.layout.length_frames);
  const LacAudible noise = read(&f);
  make_chord(f.x, f.layout.length_frames);
  const LacAudible chord = read(&f);
  print_message("in noise %.1f dB, around a chord %.1f dB\n", 10 * log10(noise.noise), 10 * log10(chord.noise));
  assert_true(lac_limit_is_audible(&noise) && chord.noise > 10 * noise.noise);
  free_fixture(&f);
}

static void test_worth(void **state) {
  (void)state;
  const LacAudible fast = {.noise = 1e-2, .power = 0.9};
  const LacAudible quieter = {.noise = 1e-2 * 0.5, .power = 0.9}, hardly = {.noise = 1e-2 * 0.95, .power = 0.9};
  const LacAudible dear = {.noise = 1e-2 * 0.5, .power = 0.9 * 0.72}, silent = {.noise = 0, .power = 0.9};
  assert_true(lac_limit_is_heard_less(&quieter, &fast) && lac_limit_is_heard_less(&silent, &fast));
  assert_false(lac_limit_is_heard_less(&fast, &fast) || lac_limit_is_heard_less(&hardly, &fast));
  assert_false(lac_limit_is_heard_less(&dear, &fast)); /* 3 dB for 1.4 dB of level */
}

/* The gains of n frames under `weights`, 6 dB over; returns their largest step. */
static float largest_step(const float *x, uint32_t n, const LacLimitWeights *weights, float *gain) {
  const LacLimitRules rules = {
      .rate_hz = RATE_HZ, .n_channels = 1, .ceiling_gain = 0.45, .link = 1, .weights = *weights, .most_rounds = 6};
  LacLimitPlan *plan;
  assert_int_equal(lac_limit_plan_new(&rules, 1, NULL, &plan), LAC_OK);
  assert_int_equal(lac_limit_plan_add(plan, &x, n), LAC_OK);
  assert_int_equal(lac_limit_plan_finish(plan, NULL), LAC_OK);
  assert_true(lac_limit_plan_gains(plan, 0, 0, n, gain));
  lac_limit_plan_free(plan);
  float most = 0;
  for (uint32_t i = 1; i < n; i++)
    most = fmaxf(most, fabsf(gain[i] - gain[i - 1]));
  return most;
}

static void test_calm_where_it_pays(void **state) {
  (void)state;
  enum { N = 65536 };
  const LacLimitWeights all = lac_limit_weights(0, false);
  LacLimitWeights fast = all;
  fast.n_kinds = 1;
  float *x = calloc(N, sizeof *x), *a = calloc(N, sizeof *a), *b = calloc(N, sizeof *b);
  assert_true(x && a && b);
  make_chord(x, N);
  const float quick = largest_step(x, N, &fast, a), chosen = largest_step(x, N, &all, b);
  print_message("largest step: fast %.4f, chosen %.4f\n", (double)quick, (double)chosen);
  assert_true(chosen < 0.5f * quick);
  make_noise(x, N);
  largest_step(x, N, &fast, a);
  largest_step(x, N, &all, b);
  assert_memory_equal(a, b, N / 2 * sizeof *a); /* the last segment is mostly silence, and free to differ */
  free(x);
  free(a);
  free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_level_is_not_heard), cmocka_unit_test(test_silence),
      cmocka_unit_test(test_flutter_is_heard),   cmocka_unit_test(test_worth),
      cmocka_unit_test(test_calm_where_it_pays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
