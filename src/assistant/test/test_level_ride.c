/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Songs of noise in sections of known level are ridden and played through the leveler; what comes out is measured. */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lacquer/assistant.h>

#include "assistant/level_ride.h"
#include "assistant/level_sections.h"
#include "assistant/recipe_edit.h"
#include "core/faults.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/random.h"

enum { RATE = 8000, BLOCK = 8000 };

typedef struct Song {
  const double *levels_db; /* of sections of section_s, the last one until the end */
  size_t n_sections;
  double section_s, seconds;
  double fade_s; /* at the end */
  uint64_t seed;
} Song;

static double level_db(const Song *song, double t) {
  size_t k = (size_t)(t / song->section_s);
  double db = song->levels_db[k < song->n_sections ? k : song->n_sections - 1];
  double left = song->seconds - t;
  /* Beats, and a slow swell within the sections. */
  db += 6.0 * fabs(sin(2.0 * t)) + 0.7 * sin(0.9 * t + (double)song->seed);
  return song->fade_s > left ? db + 20.0 * log10(fmax(left / song->fade_s, 1e-9)) : db;
}

static void fill(const Song *song, float *block, uint64_t first) {
  for (uint32_t i = 0; i < BLOCK; i++) {
    double t = (double)(first + i) / RATE, noise = 2.0 * lac_random_double(song->seed, 0, first + i) - 1.0;
    block[i] = (float)(noise * pow(10.0, level_db(song, t) / 20.0));
  }
}

/* The song measured, behind `leveler` when there is one. */
static LacAnalysis measure(const Song *song, LacProcessor *leveler) {
  static float block[BLOCK];
  LacAnalyzer *analyzer = NULL;
  LacAnalysis analysis;
  float *channels[2] = {block, NULL};
  const float *read[2] = {block, NULL};
  assert_int_equal(lac_analyzer_new(RATE, 1, LAC_MEASURE_LOUDNESS | LAC_MEASURE_FINDINGS, &analyzer), LAC_OK);
  for (uint64_t done = 0; done < (uint64_t)(song->seconds * RATE); done += BLOCK) {
    fill(song, block, done);
    if (leveler)
      lac_processor_process(leveler, channels, BLOCK);
    assert_int_equal(lac_analyzer_add(analyzer, read, BLOCK), LAC_OK);
  }
  assert_int_equal(lac_analyzer_finish(analyzer, &analysis), LAC_OK);
  lac_analyzer_free(analyzer);
  return analysis;
}

static LacProcessor *leveler_of(const LacCurvePoint *points, size_t n_points) {
  LacProcessor *p = NULL;
  LacProcessorSetup setup = {.rate_hz = RATE, .n_channels = 1, .max_block_frames = BLOCK};
  assert_int_equal(lac_processor_new(lac_processor_class_find("leveler"), &p), LAC_OK);
  assert_int_equal(lac_processor_set_points(p, 0, points, n_points), LAC_OK);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

static LacLevelRide ride_of(const LacAnalysis *analysis, double range_lu, double most_db) {
  LacLevelRide ride;
  LacRideOptions options = {.range_lu = range_lu, .most_db = most_db};
  assert_int_equal(lac_level_ride_find(analysis, &options, 0.01, &ride), LAC_OK);
  return ride;
}

static const double verses[] = {-30, -22, -30, -21, -26, -20};
static const double plain[] = {-22, -26, -22, -20, -27, -21};
static const double ballad[] = {-34, -28, -24, -33, -23, -25};
static const Song songs[] = {{verses, 6, 15, 90, 0, 1},
                             {plain, 6, 20, 120, 0, 2},
                             {ballad, 6, 12, 72, 0, 3},
                             {verses, 6, 11, 100, 12, 4},
                             {ballad, 6, 25, 150, 20, 5}};
enum { N_SONGS = sizeof songs / sizeof songs[0] };

/* The bar: within 0.5 LU of the range that was asked for, in points of a hundredth of a dB, at a musical pace. */
static void test_reaches_the_range(void **state) {
  (void)state;
  for (size_t k = 0; k < N_SONGS; k++) {
    LacAnalysis before = measure(&songs[k], NULL);
    for (double less = 1.5; less < 4; less += 1.5) {
      LacLevelRide ride = ride_of(&before, before.loudness.range_lu - less, 0);
      const LacRideResult *result = &ride.result;
      assert_true(ride.n_points > 2 && ride.n_points <= 400 && !result->is_limited);
      LacProcessor *leveler = leveler_of(ride.points, ride.n_points);
      LacAnalysis after = measure(&songs[k], leveler);
      print_message("%zu: %.2f LU, asked %.2f, predicted %.2f, measured %.2f; %.0f %%, %.2f .. %.2f dB, %.2f dB/s, %zu "
                    "points\n",
                    k, before.loudness.range_lu, before.loudness.range_lu - less, result->after_lu,
                    after.loudness.range_lu, result->amount_percent, result->lowest_db, result->highest_db,
                    result->fastest_db_per_s, ride.n_points);
      assert_true(fabs(after.loudness.range_lu - (before.loudness.range_lu - less)) < 0.5);
      assert_true(fabs(after.loudness.range_lu - result->after_lu) < 0.3);
      assert_true(result->fastest_db_per_s < 3.0);
      for (size_t i = 0; i < ride.n_points; i++) {
        assert_true(fabs(ride.points[i].y) <= 3.0);
        assert_true(ride.points[i].y == lac_round_to_step(ride.points[i].y, 0.01));
      }
      lac_processor_free(leveler);
      lac_analysis_free(&after);
      lac_level_ride_free(&ride);
    }
    lac_analysis_free(&before);
  }
}

static double curve_at(const LacLevelRide *ride, double seconds) {
  size_t i = 1;
  while (i + 1 < ride->n_points && ride->points[i].x < seconds)
    i++;
  const LacCurvePoint *a = &ride->points[i - 1], *b = &ride->points[i];
  return a->y + (b->y - a->y) * fmin(1, fmax(0, (seconds - a->x) / (b->x - a->x)));
}

/* What the gain moves, it moves where one section goes over into the next; the borders are found to half a second. */
static void test_moves_at_borders(void **state) {
  (void)state;
  LacAnalysis analysis = measure(&songs[0], NULL);
  LacLevelRide ride = ride_of(&analysis, NAN, 0);
  assert_true(fabs(ride.result.amount_percent - 35) < 1e-9);
  assert_int_equal(ride.result.n_borders, 5);
  for (int border = 15; border < 90; border += 15) {
    double step = curve_at(&ride, border + 2.5) - curve_at(&ride, border - 2.5);
    double before = curve_at(&ride, border - 2.5) - curve_at(&ride, fmax(border - 12.5, 0));
    double left = verses[border / 15] - verses[border / 15 - 1];
    assert_true(step * left < 0);                  /* the other way than the music */
    assert_true(fabs(step + 0.35 * left) < 0.6);   /* by the amount, whole */
    assert_true(fabs(before) < 0.25 * fabs(step)); /* and still in between */
    assert_true(fabs(curve_at(&ride, border) - 0.5 * (curve_at(&ride, border - 2.5) + curve_at(&ride, border + 2.5))) <
                0.25 * fabs(step)); /* the middle of the move is the border */
  }
  lac_level_ride_free(&ride);
  lac_analysis_free(&analysis);
}

/* Three-second means of noise, a dB up and down: no sections. */
static void test_finds_no_sections_in_noise(void **state) {
  (void)state;
  enum { N = 1800, WINDOW = 30 };
  static double level[N], weight[N];
  static bool is_border[N];
  for (int round = 0; round < 10; round++) {
    for (size_t j = 0; j < N; j++) {
      double sum = 0;
      for (size_t k = 0; k < WINDOW; k++)
        sum += lac_random_double(3, (uint64_t)round, j + k) - 0.5;
      level[j] = -20 + sum / sqrt(WINDOW / 12.0);
      weight[j] = 1;
    }
    assert_int_equal(lac_level_sections(level, level, weight, N, is_border), LAC_OK);
    size_t n = 0;
    for (size_t j = 0; j < N; j++)
      n += is_border[j];
    assert_true(n <= 1);
  }
}

/* A fade is the song's own: nothing holds against it. */
static void test_leaves_a_fade_alone(void **state) {
  (void)state;
  const double level[] = {-22, -27, -22};
  const Song song = {level, 3, 20, 80, 15, 6};
  LacAnalysis analysis = measure(&song, NULL);
  LacLevelRide ride = ride_of(&analysis, NAN, 0);
  assert_true(ride.n_points > 2);
  assert_true(fabs(curve_at(&ride, 79) - curve_at(&ride, 66)) < 0.3);
  lac_level_ride_free(&ride);
  lac_analysis_free(&analysis);
}

static void test_says_what_it_cannot(void **state) {
  (void)state;
  LacAnalysis analysis = measure(&songs[0], NULL);
  LacLevelRide ride = ride_of(&analysis, 1.0, 1.0);
  assert_true(ride.result.is_limited && ride.result.most_db == 1.0 && ride.n_points > 2);
  assert_true(ride.result.after_lu > 1.5 && ride.result.after_lu < analysis.loudness.range_lu - 1.0);
  assert_true(ride.result.lowest_db >= -1.0 && ride.result.highest_db <= 1.0);
  lac_level_ride_free(&ride);
  ride = ride_of(&analysis, analysis.loudness.range_lu + 1, 0); /* it is there already */
  assert_true(ride.n_points == 0 && !ride.result.is_limited && ride.result.most_db == 3.0);
  lac_level_ride_free(&ride);
  lac_analysis_free(&analysis);
  const double nothing[] = {-300};
  const Song silent = {nothing, 1, 10, 10, 0, 1}, brief = {plain, 1, 2, 2, 0, 1};
  const Song *odd[] = {&silent, &brief};
  for (size_t k = 0; k < 2; k++) {
    analysis = measure(odd[k], NULL);
    ride = ride_of(&analysis, 3, 0);
    assert_int_equal(ride.n_points, 0);
    lac_level_ride_free(&ride);
    lac_analysis_free(&analysis);
  }
}

static void test_is_written_with_reasons(void **state) {
  (void)state;
  LacAnalysis analysis = measure(&songs[0], NULL);
  LacRecipe *recipe = NULL, *again = NULL;
  LacRideOptions options = {.range_lu = analysis.loudness.range_lu - 2};
  LacRideResult result;
  LacNotes notes = {0};
  LacError error = {0};
  char *text = NULL;
  size_t entry, n = 0, n_again = 0;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_edit_entry(recipe, "equalizer", NULL, SIZE_MAX, &entry), LAC_OK);
  assert_int_equal(lac_edit_entry(recipe, "limiter", NULL, SIZE_MAX, &entry), LAC_OK);
  assert_int_equal(lac_assistant_ride_levels(&analysis, &options, recipe, &result), LAC_OK);
  assert_int_equal(lac_edit_find(recipe, "leveler", NULL), 1); /* behind the equalizer */
  assert_true(lac_recipe_is_song_bound(recipe));
  assert_string_equal(lac_recipe_input(recipe).pcm_sha256, analysis.pcm_sha256);
  assert_int_equal(lac_recipe_decision_count(recipe), 1);
  LacDecision decision = lac_recipe_decision(recipe, 0);
  assert_string_equal(decision.parameter, "curve");
  assert_int_equal(decision.set_by, LAC_SET_BY_ASSISTANT);
  assert_non_null(strstr(decision.reason, "loudness range comes from"));
  assert_non_null(strstr(decision.evidence, "5 section borders"));
  assert_string_equal(decision.evidence + strlen(decision.evidence) - 10, " a second.");
  /* The document holds every point. */
  assert_int_equal(lac_recipe_write(recipe, &text), LAC_OK);
  assert_int_equal(lac_recipe_read("r.json", text, strlen(text), &again, &notes, &error), LAC_OK);
  const LacCurvePoint *points = lac_recipe_points(recipe, 1, 0, &n), *read = lac_recipe_points(again, 1, 0, &n_again);
  assert_int_equal(n, result.n_points);
  assert_int_equal(n_again, n);
  assert_memory_equal(points, read, n * sizeof *points);
  assert_string_equal(lac_recipe_input(again).pcm_sha256, analysis.pcm_sha256);
  /* Not needed any more: emptied. Set by a person: kept. */
  options.range_lu = 40;
  assert_int_equal(lac_assistant_ride_levels(&analysis, &options, again, &result), LAC_OK);
  (void)lac_recipe_points(again, 1, 0, &n_again);
  assert_int_equal(n_again, 0);
  const LacCurvePoint mine = {1, -2};
  assert_int_equal(lac_recipe_set_points(recipe, 1, 0, &mine, 1, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  assert_int_equal(lac_assistant_ride_levels(&analysis, &options, recipe, &result), LAC_OK);
  points = lac_recipe_points(recipe, 1, 0, &n);
  assert_true(n == 1 && points[0].y == -2);
  analysis.measured &= ~(unsigned)LAC_MEASURE_FINDINGS;
  assert_int_equal(lac_assistant_ride_levels(&analysis, &options, recipe, &result), LAC_ERR_USAGE);
  lac_text_free(text);
  lac_notes_free(&notes);
  lac_recipe_free(recipe);
  lac_recipe_free(again);
  lac_analysis_free(&analysis);
}

#ifdef LAC_FAULTS
/* Every allocation fails once: an error, no leak, and the recipe as it was. */
static void test_every_allocation_may_fail(void **state) {
  (void)state;
  LacAnalysis analysis = measure(&songs[1], NULL);
  LacRideOptions options = {.range_lu = analysis.loudness.range_lu - 1};
  bool was_hit = true;
  for (long k = 1; was_hit; k += k < 40 ? 1 : 7) {
    LacRecipe *recipe = NULL;
    LacRideResult result;
    assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
    lac_faults_fail_allocation(k);
    LacStatus status = lac_assistant_ride_levels(&analysis, &options, recipe, &result);
    was_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    assert_int_equal(status, was_hit ? LAC_ERR_MEMORY : LAC_OK);
    assert_int_equal(lac_recipe_entry_count(recipe), was_hit ? 0 : 1);
    lac_recipe_free(recipe);
  }
  lac_analysis_free(&analysis);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reaches_the_range),          cmocka_unit_test(test_moves_at_borders),
      cmocka_unit_test(test_finds_no_sections_in_noise), cmocka_unit_test(test_leaves_a_fade_alone),
      cmocka_unit_test(test_says_what_it_cannot),        cmocka_unit_test(test_is_written_with_reasons),
#ifdef LAC_FAULTS
      cmocka_unit_test(test_every_allocation_may_fail),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
