/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/chain.h>

#include "chain/chain_build.h"
#include "chain/test/song_class.h"
#include "core/random.h"
#include "core/test/check.h"

#include <math.h>
#include <string.h>

enum { N = 4096 };

static void noise(float *out, uint64_t stream) {
  for (uint32_t i = 0; i < N; ++i) {
    out[i] = (float)(lac_random_double(5, stream, i) - 0.5);
  }
}

static LacChain *make(const LacRecipe *recipe, unsigned n_channels, bool with_readouts, LacNotes *notes) {
  const LacChainSetup setup = {.rate_hz = 48000,
                               .n_channels = n_channels,
                               .max_block_frames = N,
                               .total_frames = N,
                               .with_readouts = with_readouts};
  LacChain *chain = NULL;
  LacError error = {0};
  if (lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, notes, &error) != LAC_OK) {
    fail_msg("%s", error.text);
  }
  return chain;
}

/* Every processor at its defaults, one after the other: 24-bit sound comes out bit for bit, as late as the chain says.
 */
static void test_all_neutral(void **state) {
  (void)state;
  static float in[2][N], out[2][N];
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (size_t i = 0; i < lac_processor_class_count(); i++)
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_at(i), NULL, SIZE_MAX, NULL), LAC_OK);
  for (unsigned c = 0; c < 2; c++) {
    noise(in[c], c);
    for (size_t i = 0; i < N; i++)
      in[c][i] = rintf(in[c][i] * 0x1p23f) * 0x1p-23f;
    memcpy(out[c], in[c], sizeof in[c]);
  }
  LacChain *chain = make(recipe, 2, false, NULL);
  const uint32_t latency = lac_chain_latency_frames(chain);
  assert_true(latency < N / 2);
  lac_chain_process(chain, (float *const[]){out[0], out[1]}, N);
  for (unsigned c = 0; c < 2; c++)
    assert_memory_equal(out[c] + latency, in[c], (N - latency) * sizeof(float));
  lac_chain_free(chain);
  lac_recipe_free(recipe);
}

/* Neutral and disabled entries are not even there. */
static void test_neutral(void **state) {
  (void)state;
  static float left[N], right[N], left_before[N], right_before[N];
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  static const char *const ids[] = {"equalizer", "fade", "gain"};
  for (size_t i = 0; i < 3; ++i) {
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find(ids[i]), NULL, SIZE_MAX, NULL), LAC_OK);
  }
  size_t off = 0;
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), "off", SIZE_MAX, &off), LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, off, 0, -20, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  lac_recipe_enable(recipe, off, false);
  LacChain *chain = make(recipe, 2, false, NULL);
  assert_int_equal(lac_chain_length(chain), 0);
  assert_int_equal(lac_chain_latency_frames(chain), 0);
  noise(left, 0);
  noise(right, 1);
  left[7] = -0.0f;
  left[8] = 1e-42f; /* denormal: passes too */
  memcpy(left_before, left, sizeof left);
  memcpy(right_before, right, sizeof right);
  float *const channels[] = {left, right};
  lac_chain_process(chain, channels, N);
  assert_memory_equal(left, left_before, sizeof left);
  assert_memory_equal(right, right_before, sizeof right);
  lac_chain_free(chain);
  lac_recipe_free(recipe);
}

static void test_nonfinite(void **state) {
  (void)state;
  static float left[N], before[N];
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  LacChain *chain = make(recipe, 1, false, NULL);
  noise(left, 0);
  memcpy(before, left, sizeof left);
  static const uint32_t places[] = {0, 1, 63, 64, 1000, N - 1};
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 6; ++i) {
    left[places[i]] = bad[i % 3];
    before[places[i]] = 0;
  }
  left[500] = before[500] = 3.4e38f; /* large is not infinite */
  for (uint32_t from = 0; from < N; from += 100) {
    float *const channels[] = {left + from, NULL};
    lac_chain_process(chain, channels, N - from < 100 ? N - from : 100);
  }
  assert_memory_equal(left, before, sizeof left);
  assert_int_equal(lac_chain_nonfinite_count(chain), 6);
  lac_chain_reset(chain);
  assert_int_equal(lac_chain_nonfinite_count(chain), 0);
  lac_chain_free(chain);
  lac_recipe_free(recipe);
}

static void test_latency_and_readouts(void **state) {
  (void)state;
  static float left[N], right[N];
  LacRecipe *recipe = NULL;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(lac_recipe_add(recipe, &test_rider_class, NULL, SIZE_MAX, NULL), LAC_OK);
  }
  assert_int_equal(lac_recipe_set(recipe, 0, RIDER_DELAY, 480, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, 1, RIDER_DELAY, 33, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  LacChain *chain = make(recipe, 2, true, NULL);
  assert_int_equal(lac_chain_length(chain), 2);
  assert_int_equal(lac_chain_latency_frames(chain), 513);
  assert_int_equal(lac_chain_recipe_entry(chain, 1), 1);
  left[10] = 1;
  float *const channels[] = {left, right};
  lac_chain_process(chain, channels, N);
  for (uint32_t i = 0; i < N; ++i) {
    assert_true(left[i] == (i == 523 ? 1.0f : 0.0f));
    assert_true(right[i] == 0.0f);
  }
  /* 10 ms = 480 frames: the first rider saw the impulse in its row 0, the second 480 frames later in row 1. */
  const LacReadoutTrack *first = lac_chain_readouts(chain, 0);
  const LacReadoutTrack *second = lac_chain_readouts(chain, 1);
  assert_non_null(first);
  assert_true(first->mean[0] > 0 && first->mean[1] == 0);
  assert_true(second->mean[0] == 0 && second->mean[1] > 0);
  lac_chain_reset(chain);
  assert_int_equal(lac_chain_readouts(chain, 0)->count, 0);
  lac_chain_free(chain);
  lac_recipe_free(recipe);
}

/* The programme comes late out of a limiter; a fade behind it still begins with the programme's first frame and ends
 * with its last. */
static void test_fade_after_limiter(void **state) {
  (void)state;
  enum { FADE = 480, SONG = 3 * N / 4 };
  static float left[N], right[N];
  LacRecipe *recipe = NULL;
  LacChain *chain = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("limiter"), NULL, 0, NULL), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("fade"), NULL, 1, NULL), LAC_OK);
  static const char *const settings[] = {"limiter.drive_db=0.1", "fade.in_s=0.01", "fade.in_shape=linear",
                                         "fade.out_s=0.01", "fade.out_shape=linear"};
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; ++i) {
    assert_int_equal(lac_recipe_set_text(recipe, settings[i], LAC_SET_BY_PERSON, NULL), LAC_OK);
  }
  const LacChainSetup setup = {.rate_hz = 48000, .n_channels = 2, .max_block_frames = N, .total_frames = SONG};
  assert_int_equal(lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, NULL, &error), LAC_OK);
  assert_int_equal(lac_chain_length(chain), 2);
  const uint32_t late = lac_chain_latency_frames(chain);
  assert_true(late > 0 && late + SONG <= N);
  const float level = 0.25f;
  for (uint32_t i = 0; i < SONG; ++i) {
    left[i] = right[i] = level;
  }
  float *const channels[] = {left, right};
  lac_chain_process(chain, channels, N);
  /* Far below the ceiling the limiter only drives; the level is taken from the untouched middle. */
  const double driven = left[late + SONG / 2];
  assert_true(fabs(driven - level * 1.01158) < 1e-5); /* 10^(0.1 / 20) */
  for (uint32_t k = 0; k < FADE; ++k) {
    assert_true(fabs(left[late + k] - driven * k / FADE) < 1e-6);
    assert_true(fabs(right[late + SONG - 1 - k] - driven * k / FADE) < 1e-6);
  }
  assert_true((double)left[late + FADE] == driven && (double)left[late + SONG - 1 - FADE] == driven);
  lac_chain_free(chain);
  lac_recipe_free(recipe);
}

static void test_traits(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  LacEntryTraits traits;
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("gain"), NULL, SIZE_MAX, NULL), LAC_OK);
  assert_int_equal(lac_recipe_add(recipe, lac_processor_class_find("limiter"), NULL, SIZE_MAX, NULL), LAC_OK);
  assert_int_equal(lac_chain_entry_traits(recipe, 0, &traits), LAC_OK);
  assert_false(traits.is_active);
  assert_int_equal(lac_recipe_set(recipe, 0, 0, 1, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
  assert_int_equal(lac_chain_entry_traits(recipe, 0, &traits), LAC_OK);
  assert_true(traits.is_active && !traits.is_whole && !traits.is_peak_end);
  assert_int_equal(lac_chain_entry_traits(recipe, 1, &traits), LAC_OK);
  assert_true(traits.is_peak_end);
  lac_recipe_enable(recipe, 1, false);
  assert_int_equal(lac_chain_entry_traits(recipe, 1, &traits), LAC_OK);
  assert_false(traits.is_peak_end || traits.is_active);
  assert_int_equal(lac_chain_entry_traits(recipe, 2, &traits), LAC_ERR_USAGE);
  lac_recipe_free(recipe);
}

static void test_mono_note(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  LacNotes notes = {0};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  static const char *const settings[] = {"equalizer.band1_type=bell", "equalizer.band1_db=3",
                                         "equalizer.band2_type=bell", "equalizer.band2_db=3",
                                         "equalizer.band2_channel=side"};
  for (size_t i = 0; i < 5; ++i) {
    assert_int_equal(lac_recipe_set_text(recipe, settings[i], LAC_SET_BY_PERSON, NULL), LAC_OK);
  }
  LacChain *chain = make(recipe, 2, false, &notes);
  assert_int_equal(notes.count, 0);
  lac_chain_free(chain);
  chain = make(recipe, 1, false, &notes);
  assert_int_equal(notes.count, 1);
  assert_true(lac_notes_has(&notes, "MONO_STEPS_ASIDE"));
  lac_chain_free(chain);
  lac_notes_free(&notes);
  lac_recipe_free(recipe);
}

/* A processor of width on a mono song, and values that a person set to no effect, are said. */
static void test_idle_notes(void **state) {
  (void)state;
  static const struct {
    const char *setting, *code;
    unsigned n_channels;
  } rows[] = {
      {"imager.widen_percent=30", NULL, 2},
      {"imager.widen_percent=30", "MONO_STEPS_ASIDE", 1},
      {"equalizer.band1_db=3", "SETTING_IDLE", 2},
      {"equalizer.band1_db=0", NULL, 2},
      {"compressor.band2_ratio=4", "SETTING_IDLE", 2},
      {"compressor.band1_ratio=4", NULL, 2},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    LacRecipe *recipe = NULL;
    LacNotes notes = {0};
    assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
    assert_int_equal(lac_recipe_set_text(recipe, rows[i].setting, LAC_SET_BY_PERSON, NULL), LAC_OK);
    lac_chain_free(make(recipe, rows[i].n_channels, false, &notes));
    assert_int_equal(notes.count, rows[i].code ? 1 : 0);
    assert_true(!rows[i].code || lac_notes_has(&notes, rows[i].code));
    lac_notes_free(&notes);
    lac_recipe_free(recipe);
  }
}

static void test_bad_setup(void **state) {
  (void)state;
  LacRecipe *recipe = NULL;
  LacChain *chain = NULL;
  LacError error = {0};
  const LacChainSetup setup = {.rate_hz = 10, .n_channels = 2, .max_block_frames = N};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  assert_int_equal(lac_recipe_set_text(recipe, "gain.db=1", LAC_SET_BY_PERSON, NULL), LAC_OK);
  assert_int_equal(lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, NULL, &error), LAC_ERR_RANGE);
  assert_null(chain);
  assert_non_null(strstr(error.text, "gain"));
  lac_recipe_free(recipe);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_neutral),        cmocka_unit_test(test_neutral),
      cmocka_unit_test(test_nonfinite),          cmocka_unit_test(test_latency_and_readouts),
      cmocka_unit_test(test_fade_after_limiter), cmocka_unit_test(test_traits),
      cmocka_unit_test(test_mono_note),          cmocka_unit_test(test_idle_notes),
      cmocka_unit_test(test_bad_setup)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
