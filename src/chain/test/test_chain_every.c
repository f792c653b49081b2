/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A chain of every processor at once: at their defaults it returns 24-bit samples bit for bit, and at work it heals
 * samples that are no numbers, forgets absurd ones, and keeps its delay. */

#include <lacquer/chain.h>

#include "core/random.h"
#include "core/test/check.h"

#include <math.h>
#include <string.h>

enum { N = 24000 };
static const double rates[] = {44100, 48000, 96000};
enum { N_RATES = sizeof rates / sizeof rates[0] };

/* Something for everybody to do, with values that leave the level about where it is. */
static const char *const work[] = {
    "dc_filter.hz=10",
    "equalizer.band1_type=bell",
    "equalizer.band1_db=3",
    "resonance.depth_db=6",
    "resonance.threshold_db=3",
    "dynamic_eq.band1_type=bell",
    "dynamic_eq.band1_hz=3000",
    "dynamic_eq.band1_range_db=-6",
    "dynamic_eq.band1_threshold_db=-40",
    "leveler.curve=0:-1,1:2",
    "compressor.bands=3",
    "compressor.band2_ratio=3",
    "match_eq.mid_curve=100:2,1000:-2,9000:1",
    "saturator.drive_db=6",
    "imager.band3_width_percent=130",
    "reverb.return_db=-20",
    "fade.in_s=0.05",
    "gain.db=-1",
    "clipper.amount_db=1",
    "clipper.drive_db=6",
    "limiter.drive_db=6",
};
enum { N_WORK = sizeof work / sizeof work[0] };

static LacRecipe *every_processor(bool at_work) {
  LacRecipe *recipe = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (size_t i = 0; i < lac_processor_class_count(); i++) {
    assert_int_equal(lac_recipe_add(recipe, lac_processor_class_at(i), NULL, SIZE_MAX, NULL), LAC_OK);
  }
  for (size_t i = 0; at_work && i < N_WORK; i++) {
    if (lac_recipe_set_text(recipe, work[i], LAC_SET_BY_PERSON, &error) != LAC_OK) {
      fail_msg("%s: %s", work[i], error.text);
    }
  }
  return recipe;
}

static LacChain *make(const LacRecipe *recipe, double rate_hz, unsigned n_channels) {
  const LacChainSetup setup = {.rate_hz = rate_hz, .n_channels = n_channels, .max_block_frames = 1024};
  LacChain *chain = NULL;
  LacError error = {0};
  if (lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, NULL, &error) != LAC_OK) {
    fail_msg("%s", error.text);
  }
  return chain;
}

static void run(LacChain *chain, float *left, float *right) {
  for (uint32_t done = 0, n; done < N; done += n) {
    n = N - done < 1000 ? N - done : 1000;
    float *const channels[] = {left + done, right ? right + done : NULL};
    lac_chain_process(chain, channels, n);
  }
}

/* White noise of 24-bit samples. */
static void words(float *out, double peak, uint64_t stream) {
  for (uint32_t i = 0; i < N; i++) {
    out[i] = rintf((float)(peak * (2 * lac_random_double(5, stream, i) - 1)) * 0x1p23F) * 0x1p-23F;
  }
}

/* Under the ceiling every bit comes through, as late as the one says that is never neutral, the limiter; without it
 * full scale as well, and nothing is left in the chain. */
static void test_defaults_return_every_bit(void **state) {
  (void)state;
  static float samples[2][N], before[2][N];
  for (size_t k = 0; k < 4 * N_RATES; k++) {
    const unsigned n_channels = 1 + k % 2;
    const bool with_limiter = k / 2 % 2;
    LacRecipe *recipe = every_processor(false);
    lac_recipe_enable(recipe, lac_recipe_find(recipe, "limiter"), with_limiter);
    LacChain *chain = make(recipe, rates[k / 4], n_channels);
    const uint32_t late = lac_chain_latency_frames(chain);
    assert_int_equal(lac_chain_length(chain), with_limiter);
    assert_int_equal(late > 0, with_limiter);
    for (unsigned c = 0; c < n_channels; c++) {
      words(samples[c], with_limiter ? 0.25 : 1.0, c + k);
      memcpy(before[c], samples[c], sizeof before[c]);
    }
    run(chain, samples[0], n_channels > 1 ? samples[1] : NULL);
    for (unsigned c = 0; c < n_channels; c++) {
      assert_memory_equal(samples[c] + late, before[c], (N - late) * sizeof(float));
    }
    lac_chain_free(chain);
    lac_recipe_free(recipe);
  }
}

/* NaN and infinity anywhere are as if they had been silence, and all processors go on. */
static void test_work_heals(void **state) {
  (void)state;
  static float sick[2][N], healthy[2][N];
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  LacRecipe *recipe = every_processor(true);
  for (size_t r = 0; r < N_RATES; r++) {
    LacChain *chain = make(recipe, rates[r], 2), *twin = make(recipe, rates[r], 2);
    assert_int_equal(lac_chain_length(chain), lac_processor_class_count());
    uint64_t n_bad = 0;
    for (unsigned c = 0; c < 2; c++) {
      words(healthy[c], 0.7, 90 + c);
      memcpy(sick[c], healthy[c], sizeof sick[c]);
      for (uint32_t i = c; i < N / 2; i += i % 5000 < 40 ? 1 : 333) {
        sick[c][i] = bad[n_bad++ % 3];
        healthy[c][i] = 0;
      }
    }
    run(chain, sick[0], sick[1]);
    run(twin, healthy[0], healthy[1]);
    assert_memory_equal(sick, healthy, sizeof sick);
    assert_true(lac_chain_nonfinite_count(chain) == n_bad && lac_chain_nonfinite_count(twin) == 0);
    float loudest = 0;
    for (uint32_t i = N / 2; i < N; i++) {
      loudest = fmaxf(loudest, fabsf(sick[0][i]));
      assert_true(isfinite(sick[0][i]) && isfinite(sick[1][i]));
    }
    assert_true(loudest > 0.3F && loudest <= 1.0F);
    lac_chain_free(chain);
    lac_chain_free(twin);
  }
  lac_recipe_free(recipe);
}

/* The loudest numbers there are, then silence: all finite, and after a new start nothing is left of them. */
static void test_absurd_is_forgotten(void **state) {
  (void)state;
  static float first[2][N], again[2][N], absurd[2][N];
  LacRecipe *recipe = every_processor(true);
  for (size_t r = 0; r < N_RATES; r++) {
    LacChain *chain = make(recipe, rates[r], 2);
    for (unsigned c = 0; c < 2; c++) {
      words(first[c], 0.7, 50 + c);
      memcpy(again[c], first[c], sizeof again[c]);
      for (uint32_t i = 0; i < N; i++) {
        absurd[c][i] = i > N / 2 ? 0 : i / 100 % 2 ? -3.4e38F : 3.4e38F;
      }
    }
    run(chain, first[0], first[1]);
    lac_chain_reset(chain);
    run(chain, absurd[0], absurd[1]);
    for (uint32_t i = 0; i < N; i++) {
      assert_true(isfinite(absurd[0][i]) && isfinite(absurd[1][i]));
    }
    lac_chain_reset(chain);
    run(chain, again[0], again[1]);
    assert_memory_equal(first, again, sizeof first);
    lac_chain_free(chain);
  }
  lac_recipe_free(recipe);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults_return_every_bit),
                                     cmocka_unit_test(test_work_heals), cmocka_unit_test(test_absurd_is_forgotten)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
