/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Songs of known level distributions are given each other's levels: as numbers, and as noise played through the
 * compressor that the recipe asks for. */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lacquer/assistant.h>

#include "assistant/level_map.h"
#include "assistant/recipe_edit.h"
#include "core/faults.h"
#include "core/random.h"

enum { RATE = 16000, BLOCK = 1600, SECONDS = 120, BLOCKS = 10 * SECONDS / 4 };

static void assert_near(double value, double expected, double tolerance) {
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%g is not within %g of %g", value, tolerance, expected);
}

/* ---- as numbers ---- */

typedef double (*Quantile)(double fraction);

/* Blocks whose levels fill a distribution evenly and rise slowly, so that times play no part; the detector hears them
 * 4 dB higher. */
static LacBandLevels levels_of(Quantile quantile, size_t n_blocks) {
  const size_t n = n_blocks * LAC_WINDOWS_PER_BLOCK;
  LacBandLevels levels = {.power = calloc(n + 1, sizeof(double)),
                          .heard_db = calloc(n + 1, sizeof(double)),
                          .n_windows = n,
                          .offset_db = 4.0};
  assert_true(levels.power && levels.heard_db);
  for (size_t i = 0; i < n; i++) {
    const double db = quantile(((double)(i / LAC_WINDOWS_PER_BLOCK) + 0.5) / (double)n_blocks);
    levels.power[i] = pow(10.0, (db + 0.691) / 10.0);
    levels.heard_db[i] = db + 4.0;
  }
  return levels;
}

static void levels_free(LacBandLevels *levels) {
  free(levels->power);
  free(levels->heard_db);
}

static LacLevelMap map_of(Quantile source, size_t n_source, Quantile target, size_t n_target, bool may_lift) {
  LacBandLevels from = levels_of(source, n_source), to = levels_of(target, n_target);
  const LacLevelGoal goal = {.amount = 1.0, .may_lift = may_lift};
  LacLevelMap map;
  assert_int_equal(lac_level_map_fit(&from, &to, &goal, &map), LAC_OK);
  levels_free(&from);
  levels_free(&to);
  return map;
}

/* Levels from -29 to -21 LUFS; the same at 2:1 over -26, 3 dB louder; from -36 to -21, and the same turned
 * down over -26 and lifted under -31. */
static double even(double fraction) {
  return -29.0 + 8.0 * fraction;
}
static double halved_over_26(double fraction) {
  const double x = even(fraction);
  return (x > -26.0 ? -26.0 + 0.5 * (x + 26.0) : x) + 3.0;
}
static double broad(double fraction) {
  return -36.0 + 15.0 * fraction;
}
static double bent_twice(double fraction) {
  const double x = broad(fraction);
  return x > -26.0 ? -26.0 + 0.4 * (x + 26.0) : x < -31.0 ? -31.0 + 0.4 * (x + 31.0) : x;
}
static double wide(double fraction) {
  return -31.0 + 12.0 * fraction;
}
static double narrow(double fraction) {
  return -20.0 + 2.0 * fraction;
}
static double silent(double fraction) {
  (void)fraction;
  return -INFINITY;
}

/* A target that is the source behind a compressor: that compressor is found, on the detector's scale. */
static void test_finds_the_compressor(void **state) {
  (void)state;
  const LacLevelMap map = map_of(even, BLOCKS, halved_over_26, BLOCKS / 2, false);
  print_message("%.2f dB, %.2f:1, knee %.2f, makeup %.2f: %.3f -> %.3f dB\n", map.threshold_db, map.ratio, map.knee_db,
                map.makeup_db, map.before_db, map.after_db);
  assert_true(map.is_needed && map.up_ratio == 1.0);
  assert_near(map.threshold_db, -26.0 + 4.0, 0.7);
  assert_near(map.ratio, 2.0, 0.25);
  assert_true(map.after_db < 0.12 * map.before_db);
  /* As loud as before: what 2:1 takes of the loudest is given back on the mean. */
  assert_true(map.makeup_db > 0.5 && map.makeup_db < 2.0);
}

/* What one curve cannot reach the second stage can; and never makes it worse. */
static void test_lifts_where_that_helps(void **state) {
  (void)state;
  const LacLevelMap one = map_of(broad, BLOCKS, bent_twice, BLOCKS, false);
  const LacLevelMap two = map_of(broad, BLOCKS, bent_twice, BLOCKS, true);
  print_message("one %.3f -> %.3f, with lift %.3f\n", one.before_db, one.after_db, two.after_db);
  assert_true(two.is_needed && two.up_ratio > 1.2);
  assert_true(two.after_db < 0.6 * one.after_db);
  assert_true(map_of(even, BLOCKS, halved_over_26, BLOCKS, true).after_db < 0.12 * one.before_db + 0.1);
}

/* Bounds hold where the target asks for more. */
static void test_stays_within_bounds(void **state) {
  (void)state;
  for (int may_lift = 0; may_lift < 2; may_lift++) {
    const LacLevelMap map = map_of(wide, BLOCKS, narrow, BLOCKS, may_lift);
    assert_true(map.is_needed && map.ratio <= 3.0 + 1e-9 && map.up_ratio <= 3.0 + 1e-9);
    assert_true(fabs(map.makeup_db) <= 6.0 && map.up_range_db <= 12.0);
    assert_true(map.after_db < 0.55 * map.before_db);
    assert_near(map.source_span_db, 9.6, 0.1);
    assert_near(map.target_span_db, 1.6, 0.1);
  }
}

/* Nothing to do, or nothing to say: neutral. */
static void test_leaves_alone(void **state) {
  (void)state;
  const struct {
    Quantile source, target;
    size_t n_source, n_target;
    bool is_known;
  } cases[] = {{even, even, BLOCKS, BLOCKS / 3, true}, /* equal */
               {narrow, wide, BLOCKS, BLOCKS, true},   /* would be an expander */
               {wide, narrow, 15, BLOCKS, false},      /* too few */
               {wide, narrow, BLOCKS, 15, false},       {wide, narrow, 0, 0, false},
               {silent, narrow, BLOCKS, BLOCKS, false}, {wide, silent, BLOCKS, BLOCKS, false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const LacLevelMap map = map_of(cases[i].source, cases[i].n_source, cases[i].target, cases[i].n_target, true);
    assert_true(!map.is_needed && map.ratio == 1.0 && map.up_ratio == 1.0 && map.makeup_db == 0.0);
    assert_true(cases[i].is_known ? map.after_db == map.before_db : isnan(map.before_db) && isnan(map.after_db));
  }
}

/* ---- as sound ---- */

/* Noise, a new level every 1.2 s, evenly over `range_db` in a fixed disorder. */
static void fill(float *block, uint64_t first, double range_db) {
  for (uint32_t i = 0; i < BLOCK; i++) {
    const uint64_t frame = first + i, step = frame / (RATE * 12 / 10);
    const double fraction = (double)(step * 37 % 100) / 99.0;
    const double noise = 2.0 * lac_random_double(5, 0, frame) - 1.0;
    block[i] = (float)(noise * pow(10.0, (-16.0 - range_db * fraction) / 20.0));
  }
}

static LacAnalysis measure(double range_db, unsigned n_channels, LacProcessor *compressor) {
  static float block[BLOCK], other[BLOCK];
  float *channels[2] = {block, other};
  const float *read[2] = {block, other};
  LacAnalyzer *analyzer = NULL;
  LacAnalysis analysis;
  assert_int_equal(lac_analyzer_new(RATE, n_channels, LAC_MEASURE_SPECTRUM, &analyzer), LAC_OK);
  for (uint64_t done = 0; done < (uint64_t)SECONDS * RATE; done += BLOCK) {
    fill(block, done, range_db);
    memcpy(other, block, sizeof other);
    if (compressor)
      lac_processor_process(compressor, channels, BLOCK);
    assert_int_equal(lac_analyzer_add(analyzer, read, BLOCK), LAC_OK);
  }
  assert_int_equal(lac_analyzer_finish(analyzer, &analysis), LAC_OK);
  lac_analyzer_free(analyzer);
  return analysis;
}

static LacDynamicsMatchResult match(const LacAnalysis *source, const LacAnalysis *target, unsigned n_bands,
                                    bool may_lift, LacRecipe *recipe) {
  const LacDynamicsMatchOptions options = {.n_bands = n_bands, .may_lift = may_lift, .amount_percent = 100};
  LacDynamicsMatchResult result;
  assert_int_equal(lac_assistant_match_dynamics(source, target, &options, recipe, &result), LAC_OK);
  return result;
}

static LacRecipe *recipe_new(void) {
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  return recipe;
}

static LacProcessor *compressor_of(const LacRecipe *recipe, size_t entry, unsigned n_channels) {
  const LacProcessorClass *cls = lac_recipe_entry(recipe, entry).cls;
  const LacProcessorSetup setup = {.rate_hz = RATE, .n_channels = n_channels, .max_block_frames = BLOCK};
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(cls, &p), LAC_OK);
  for (size_t i = 0; i < lac_processor_class_info(cls)->n_params; i++)
    assert_int_equal(lac_processor_set(p, i, lac_recipe_value(recipe, entry, i), 0), LAC_OK);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

/* The bars, on steady noise, in mono, stereo and three bands; and what was predicted comes about. */
static void test_reaches_the_target(void **state) {
  (void)state;
  const struct {
    unsigned n_channels, n_bands;
    bool may_lift;
    double bar;
  } cases[] = {{1, 1, false, 0.45}, {2, 1, true, 0.65}, {2, 3, false, 0.45}};
  for (size_t i = test_is_short() ? 1 : 0; i < sizeof cases / sizeof cases[0]; i++) {
    LacAnalysis source = measure(9.0, cases[i].n_channels, NULL), target = measure(3.5, cases[i].n_channels, NULL);
    LacRecipe *recipe = recipe_new(), *again = recipe_new();
    const LacDynamicsMatchResult result = match(&source, &target, cases[i].n_bands, cases[i].may_lift, recipe);
    assert_true(result.is_written && result.n_bands == cases[i].n_bands);
    LacProcessor *compressor = compressor_of(recipe, 0, cases[i].n_channels);
    LacAnalysis after = measure(9.0, cases[i].n_channels, compressor);
    const LacDynamicsMatchResult left = match(&after, &target, cases[i].n_bands, false, again);
    for (unsigned b = 0; b < result.n_bands; b++) {
      print_message("%u of %u: %.2f -> %.2f dB, predicted %.2f\n", b + 1, result.n_bands, result.bands[b].before_db,
                    left.bands[b].before_db, result.bands[b].after_db);
      if (isnan(result.bands[b].before_db))
        continue; /* beyond half the rate */
      assert_true(left.bands[b].before_db < (1.0 - cases[i].bar) * result.bands[b].before_db);
      assert_near(left.bands[b].before_db, result.bands[b].after_db, 0.25);
    }
    lac_processor_free(compressor);
    lac_recipe_free(recipe);
    lac_recipe_free(again);
    lac_analysis_free(&after);
    lac_analysis_free(&source);
    lac_analysis_free(&target);
  }
}

static size_t param_of(const LacRecipe *recipe, size_t entry, const char *name) {
  return lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), name);
}

/* With reasons, again the same, out again when it is not needed, and never over what a person set. */
static void test_is_written_with_reasons(void **state) {
  (void)state;
  LacAnalysis source = measure(9.0, 1, NULL), target = measure(3.5, 1, NULL);
  LacRecipe *recipe = recipe_new(), *louder = recipe_new();
  char *first = NULL, *second = NULL;
  size_t gain;
  assert_true(match(&source, &target, 1, true, recipe).is_written);
  assert_int_equal(lac_recipe_write(recipe, &first), LAC_OK);
  assert_true(strstr(first, "Brings the levels nearer to those of the target: ") != NULL);
  assert_true(strstr(first, "From the 10th to the 90th percentile levels of 400 ms span ") != NULL);
  assert_true(match(&source, &target, 1, true, recipe).is_written);
  assert_int_equal(lac_recipe_write(recipe, &second), LAC_OK);
  assert_string_equal(first, second);
  /* A gain in front takes the thresholds along. */
  assert_int_equal(lac_recipe_add(louder, lac_processor_class_find("gain"), "staging", 0, &gain), LAC_OK);
  assert_int_equal(lac_recipe_set(louder, gain, param_of(louder, gain, "db"), 5.0, LAC_SET_BY_PERSON, NULL, NULL),
                   LAC_OK);
  assert_int_equal(lac_recipe_add(louder, lac_processor_class_find("compressor"), "dynamics", 1, &gain), LAC_OK);
  assert_true(match(&source, &target, 1, false, louder).is_written);
  assert_true(match(&source, &target, 1, false, recipe).is_written);
  assert_near(lac_edit_value(louder, 1, "band1_threshold_db"), lac_edit_value(recipe, 0, "band1_threshold_db") + 5.0,
              0.051);
  /* The same levels: nothing is left of it. */
  assert_false(match(&source, &source, 1, true, recipe).is_written);
  assert_int_equal(lac_recipe_entry_count(recipe), 0);
  const size_t ratio = param_of(louder, 1, "band1_ratio");
  assert_int_equal(lac_recipe_set(louder, 1, ratio, 1.5, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  const LacDynamicsMatchResult kept = match(&source, &source, 1, true, louder);
  assert_true(kept.is_kept && !kept.is_written && lac_recipe_value(louder, 1, ratio) == 1.5);
  lac_text_free(first);
  lac_text_free(second);
  lac_recipe_free(recipe);
  lac_recipe_free(louder);
  lac_analysis_free(&source);
  lac_analysis_free(&target);
}

static void test_refuses_what_it_cannot_use(void **state) {
  (void)state;
  LacAnalysis source = measure(9.0, 1, NULL), target = measure(3.5, 1, NULL);
  LacRecipe *recipe = recipe_new();
  LacDynamicsMatchResult result;
  const LacDynamicsMatchOptions wrong[] = {
      {.n_bands = 6, .amount_percent = 50}, {.amount_percent = -1}, {.amount_percent = 101}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_int_equal(lac_assistant_match_dynamics(&source, &target, &wrong[i], recipe, &result), LAC_ERR_USAGE);
  /* None of the way is no compressor; the default is most of it. */
  LacDynamicsMatchOptions options = {.amount_percent = 0};
  assert_int_equal(lac_assistant_match_dynamics(&source, &target, &options, recipe, &result), LAC_OK);
  assert_false(result.is_written);
  options.amount_percent = NAN;
  assert_int_equal(lac_assistant_match_dynamics(&source, &target, &options, recipe, &result), LAC_OK);
  assert_true(result.is_written && result.bands[0].after_db > 0.3 * result.bands[0].before_db);
  target.measured &= ~(unsigned)LAC_MEASURE_SPECTRUM;
  assert_int_equal(lac_assistant_match_dynamics(&source, &target, &options, recipe, &result), LAC_ERR_USAGE);
  lac_recipe_free(recipe);
  lac_analysis_free(&source);
  lac_analysis_free(&target);
}

#ifdef LAC_FAULTS
/* Every allocation fails once: an error, no leak, and no half compressor. */
static void test_every_allocation_may_fail(void **state) {
  (void)state;
  LacAnalysis source = measure(9.0, 1, NULL), target = measure(3.5, 1, NULL);
  const LacDynamicsMatchOptions options = {.may_lift = true, .amount_percent = 100};
  bool was_hit = true;
  for (long k = 1; was_hit; k += test_is_short() ? 5 : 1) {
    LacRecipe *recipe = recipe_new();
    LacDynamicsMatchResult result;
    lac_faults_fail_allocation(k);
    const LacStatus status = lac_assistant_match_dynamics(&source, &target, &options, recipe, &result);
    was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(status, was_hit ? LAC_ERR_MEMORY : LAC_OK);
    assert_int_equal(lac_recipe_entry_count(recipe), was_hit ? 0 : 1);
    lac_recipe_free(recipe);
  }
  lac_analysis_free(&source);
  lac_analysis_free(&target);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finds_the_compressor),       cmocka_unit_test(test_lifts_where_that_helps),
      cmocka_unit_test(test_stays_within_bounds),        cmocka_unit_test(test_leaves_alone),
      cmocka_unit_test(test_reaches_the_target),         cmocka_unit_test(test_is_written_with_reasons),
      cmocka_unit_test(test_refuses_what_it_cannot_use),
#ifdef LAC_FAULTS
      cmocka_unit_test(test_every_allocation_may_fail),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
