/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The samples of a render: null where nothing is to do, words and dither, the same bytes always, lengths and places. */

#include <lacquer/render.h>

#include "core/memory.h"
#include "dsp/resampler.h"
#include "render/spool.h"
#include "render/test/render_fixture.h"
#include "render/test/whole_class.h"

#include <math.h>
#include <string.h>

static void render_song(const TestSong *song, const LacRecipe *recipe, unsigned n_threads, LacRenderResult *result,
                        LacNotes *notes, TestSong *out) {
  char in_path[TEST_PATH_SIZE], out_path[TEST_PATH_SIZE];
  test_song_write(song, test_path(&test_folder, "in.wav", in_path));
  test_render(in_path, recipe, test_path(&test_folder, "out.wav", out_path), n_threads, LAC_SPOOL_MEMORY_BYTES, 0,
              result, notes);
  test_song_read(out_path, out);
}

/* --- Null: nothing to do returns the input ------------------------------------------------------------------ */

static void check_null(const char *name, unsigned n_channels, unsigned bits, const LacRecipe *recipe, bool is_idle) {
  TestSong song, out;
  char in_path[TEST_PATH_SIZE], out_path[TEST_PATH_SIZE], out_name[64];
  test_song_make(&song, 44100, n_channels, bits, 20001);
  song.channels[0][5] = bits == 32 ? 3.5f : -1.0f; /* full scale, and for float far beyond it */
  test_song_write(&song, test_path(&test_folder, name, in_path));
  snprintf(out_name, sizeof out_name, "out-%s", name);
  test_path(&test_folder, out_name, out_path);
  LacNotes notes = {0};
  test_render(in_path, recipe, out_path, 2, LAC_SPOOL_MEMORY_BYTES, 0, NULL, &notes);
  test_song_read(out_path, &out);
  if (!test_song_equal(&song, &out)) {
    fail_msg("%s, %u channels, %u bits: not the same samples", name, n_channels, bits);
  }
  assert_int_equal(notes.count, is_idle);
  assert_int_equal(lac_notes_has(&notes, "SETTING_IDLE"), is_idle);
  lac_notes_free(&notes);
  test_song_free(&song);
  test_song_free(&out);
}

static void test_null(void **state) {
  (void)state;
  LacRecipe *empty = test_recipe_of(NULL);
  static const char *const neutral_settings[] = {"gain.db=0", "fade.in_s=0", "equalizer.band3_hz=500",
                                                 "equalizer.band3_db=0", NULL};
  LacRecipe *neutral = test_recipe_of(neutral_settings);
  size_t entry = 0;
  assert_int_equal(lac_recipe_add(neutral, &test_normalizer_class, NULL, SIZE_MAX, &entry), LAC_OK);
  static const char *const names[] = {"a.wav", "a.aiff", "a.flac"};
  static const unsigned depths[] = {16, 24, 32};
  for (unsigned n_channels = 1; n_channels <= 2; ++n_channels) {
    for (size_t n = 0; n < 3; ++n) {
      for (size_t d = 0; d < (n == 2 ? 2 : 3); ++d) {
        check_null(names[n], n_channels, depths[d], empty, false);
        check_null(names[n], n_channels, depths[d], neutral, true); /* a band's frequency, but no type */
      }
    }
  }
  lac_recipe_free(empty);
  lac_recipe_free(neutral);
}

/* A limiter that finds nothing to do leaves the samples as they are, without dither; one that works does not. */
static void test_idle_limiter(void **state) {
  (void)state;
  static const char *const settings[] = {"limiter.solver=offline", "limiter.ceiling_dbtp=0", NULL};
  TestSong song, out;
  LacNotes notes = {0};
  for (int is_loud = 0; is_loud <= 1; ++is_loud) {
    LacRecipe *recipe = test_recipe_of(settings);
    test_song_make(&song, 44100, 2, 16, 20001);
    for (uint64_t i = 0; i < 20001; ++i) {
      song.channels[0][i] = song.channels[1][i] = (float)(int)(i % 100 < 50 ? 8192 : -8192) / 32768.0f;
    }
    if (is_loud) {
      for (uint64_t i = 9000; i < 9040; ++i) {
        song.channels[0][i] = i % 2 ? -1.0f : 32767.0f / 32768.0f;
      }
    }
    test_set_output(recipe, 0, 16);
    render_song(&song, recipe, 2, NULL, &notes, &out);
    assert_int_equal(test_song_equal(&song, &out), !is_loud);
    test_song_free(&song);
    test_song_free(&out);
    lac_recipe_free(recipe);
  }
  lac_notes_free(&notes);
}

/* What a word of 16 bits changed in the first channel, in its steps. */
static void word_error(const TestSong *song, const TestSong *out, double *most, double *mean_square) {
  double sum = 0;
  *most = 0;
  for (uint64_t i = 0; i < song->n_frames; ++i) {
    const double error = ((double)out->channels[0][i] - song->channels[0][i]) * 32768;
    *most = fabs(error) > *most ? fabs(error) : *most;
    sum += error * error;
  }
  *mean_square = sum / (double)song->n_frames;
}

/* A wider word needs no dither; a narrower one does, and gets it. */
static void test_word_length(void **state) {
  (void)state;
  TestSong song, out;
  LacRecipe *recipe = test_recipe_of(NULL);
  test_song_make(&song, 44100, 2, 16, 30000);
  test_set_output(recipe, 0, 24);
  render_song(&song, recipe, 1, NULL, NULL, &out);
  for (uint64_t i = 0; i < song.n_frames; ++i) {
    assert_true(song.channels[1][i] == out.channels[1][i]);
  }
  test_song_free(&out);
  test_song_free(&song);
  test_song_make(&song, 44100, 2, 24, 30000);
  test_set_output(recipe, 0, 16);
  render_song(&song, recipe, 1, NULL, NULL, &out);
  double most, mean_square;
  word_error(&song, &out, &most, &mean_square);
  assert_true(most > 0.5 && most <= 1.5);       /* TPDF of 2 LSB and rounding */
  assert_true(fabs(mean_square - 0.25) < 0.01); /* its power: LSB^2 / 4 (Lipshitz et al. 1992) */
  test_song_free(&out);
  LacRecipeOutput output = lac_recipe_output(recipe);
  output.dither = LAC_DITHER_SHAPED;
  lac_recipe_set_output(recipe, output);
  render_song(&song, recipe, 1, NULL, NULL, &out);
  const LacSinkFormat format = {.rate_hz = 44100, .bits = 16};
  const double guard = lac_render_word_guard(recipe, &format) * 32768;
  word_error(&song, &out, &most, &mean_square);
  assert_true(guard < 16 && most > 1.5 && most <= guard);
  assert_true(fabs(10 * log10(mean_square / 0.25) - 13.1) < 0.3); /* docs/dither.md */
  test_song_free(&out);
  output.dither = LAC_DITHER_NONE;
  lac_recipe_set_output(recipe, output);
  render_song(&song, recipe, 1, NULL, NULL, &out);
  for (uint64_t i = 0; i < song.n_frames; ++i) {
    assert_true(fabs((double)out.channels[0][i] - song.channels[0][i]) * 32768 <= 0.5);
  }
  test_song_free(&out);
  test_song_free(&song);
  lac_recipe_free(recipe);
}

static void test_clipping_is_said(void **state) {
  (void)state;
  static const char *const settings[] = {"gain.db=12", NULL};
  TestSong song, out;
  LacNotes notes = {0};
  LacRecipe *recipe = test_recipe_of(settings);
  test_song_make(&song, 44100, 1, 24, 20000);
  render_song(&song, recipe, 2, NULL, &notes, &out);
  assert_true(lac_notes_has(&notes, "OUTPUT_CLIPPED"));
  lac_notes_free(&notes);
  test_song_free(&out);
  test_set_output(recipe, 0, 32);
  render_song(&song, recipe, 2, NULL, &notes, &out);
  assert_int_equal(notes.count, 0);
  test_song_free(&out);
  test_song_free(&song);
  lac_recipe_free(recipe);
}

static void test_nonfinite(void **state) {
  (void)state;
  TestSong song, out;
  LacNotes notes = {0};
  LacRenderResult result;
  LacRecipe *recipe = test_recipe_of(NULL);
  test_song_make(&song, 44100, 2, 32, 10000);
  song.channels[0][0] = NAN;
  song.channels[1][9999] = INFINITY;
  song.channels[1][5000] = -INFINITY;
  render_song(&song, recipe, 3, &result, &notes, &out);
  song.channels[0][0] = song.channels[1][9999] = song.channels[1][5000] = 0;
  assert_true(test_song_equal(&song, &out));
  assert_int_equal(result.n_nonfinite, 3);
  assert_true(lac_notes_has(&notes, "INPUT_NONFINITE"));
  lac_notes_free(&notes);
  lac_render_result_free(&result);
  test_song_free(&out);
  test_song_free(&song);
  lac_recipe_free(recipe);
}

/* --- The same bytes for every thread count, spool and repetition -------------------------------------------- */

static void check_same_bytes(LacRecipe *recipe, const char *in_path, const char *out_name, unsigned measure) {
  char out_path[TEST_PATH_SIZE], first[65] = "", hash[65];
  test_path(&test_folder, out_name, out_path);
  double first_lufs = 0;
  for (unsigned n_threads = 1; n_threads <= 4; ++n_threads) {
    for (int disk = 0; disk < 2; ++disk) {
      LacRenderResult result;
      test_render(in_path, recipe, out_path, n_threads, disk ? 0 : LAC_SPOOL_MEMORY_BYTES, measure, &result, NULL);
      test_file_sha256(out_path, hash);
      if (!first[0]) {
        memcpy(first, hash, sizeof first);
        first_lufs = result.analysis.loudness.integrated_lufs;
      }
      assert_string_equal(hash, first);
      assert_true(!measure || result.analysis.loudness.integrated_lufs == first_lufs);
      lac_render_result_free(&result);
    }
  }
}

static void test_repeatable(void **state) {
  (void)state;
  static const char *const settings[] = {"gain.db=4",
                                         "equalizer.band1_type=bell",
                                         "equalizer.band1_db=3",
                                         "equalizer.band2_type=high_shelf",
                                         "equalizer.band2_channel=side",
                                         "equalizer.band2_db=-2",
                                         "fade.out_s=0.5",
                                         "limiter.drive_db=6",
                                         "limiter.ceiling_dbtp=-1",
                                         NULL};
  TestSong song;
  char path[TEST_PATH_SIZE];
  LacRecipe *recipe = test_recipe_of(settings);
  test_song_make(&song, 44100, 2, 24, 70001);
  test_song_write(&song, test_path(&test_folder, "in.wav", path));
  check_same_bytes(recipe, path, "out.wav", LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK);
  check_same_bytes(recipe, path, "out.flac", 0);
  test_set_output(recipe, 48000, 16);
  check_same_bytes(recipe, path, "out.aiff", 0);
  test_add_normalizer(recipe, 0, 0.9);
  test_add_normalizer(recipe, 3, 0.4);
  check_same_bytes(recipe, path, "out.wav", LAC_MEASURE_LOUDNESS);
  test_song_free(&song);
  lac_recipe_free(recipe);
}

/* --- Lengths and places ------------------------------------------------------------------------------------- */

static void test_lengths(void **state) {
  (void)state;
  static const uint32_t rates[] = {8000, 44100, 48000, 96000, 192000};
  static const uint64_t lengths[] = {1, 2, 31, 4095, 4096, 4097, 12345};
  for (size_t i = 0; i < 5; ++i) {
    for (size_t k = 0; k < 5; ++k) {
      for (size_t n = 0; n < 7; ++n) {
        TestSong song, out;
        LacRecipe *recipe = test_recipe_of(NULL);
        test_song_make(&song, rates[i], 1, 24, lengths[n]);
        test_set_output(recipe, rates[k], 24);
        render_song(&song, recipe, 1 + (unsigned)(n % 3), NULL, NULL, &out);
        const uint64_t expected = (lengths[n] * rates[k] + rates[i] - 1) / rates[i];
        if (out.n_frames != expected) {
          fail_msg("%u -> %u Hz, %llu frames: %llu", rates[i], rates[k], (unsigned long long)lengths[n],
                   (unsigned long long)out.n_frames);
        }
        test_song_free(&song);
        test_song_free(&out);
        lac_recipe_free(recipe);
      }
    }
  }
}

/* Songs shorter than everything that delays. */
static void test_tiny(void **state) {
  (void)state;
  static const char *const settings[] = {"equalizer.band1_type=bell", "equalizer.band1_db=3", "fade.out_s=1",
                                         "limiter.drive_db=6", NULL};
  static const uint64_t lengths[] = {1, 2, 31, 33};
  for (size_t n = 0; n < 4; ++n) {
    for (unsigned n_threads = 1; n_threads <= 3; ++n_threads) {
      TestSong song, out;
      LacRecipe *recipe = test_recipe_of(settings);
      test_add_normalizer(recipe, 1, 0.5);
      test_set_output(recipe, 48000, 24);
      test_song_make(&song, 44100, 1 + (unsigned)(n % 2), 16, lengths[n]);
      render_song(&song, recipe, n_threads, NULL, NULL, &out);
      assert_int_equal(out.n_frames, (lengths[n] * 480 + 440) / 441);
      test_song_free(&song);
      test_song_free(&out);
      lac_recipe_free(recipe);
    }
  }
}

/* The render's resampling is the resampler's, wherever blocks fall. */
static void test_resampled_samples(void **state) {
  (void)state;
  TestSong song, out;
  LacRecipe *recipe = test_recipe_of(NULL);
  LacResampler *resampler = NULL;
  test_song_make(&song, 44100, 2, 32, 30000);
  test_set_output(recipe, 96000, 32);
  render_song(&song, recipe, 2, NULL, NULL, &out);
  assert_int_equal(lac_resampler_new(44100, 96000, 2, &resampler), LAC_OK);
  float *expected[2] = {lac_calloc(70000, sizeof(float)), lac_calloc(70000, sizeof(float))};
  uint32_t taken = 0, given = 0;
  lac_resampler_process(resampler, (const float *const *)song.channels, 30000, &taken, expected, 70000, &given);
  assert_int_equal(taken, 30000);
  float *const rest[2] = {expected[0] + given, expected[1] + given};
  given += lac_resampler_flush(resampler, rest, 70000 - given);
  assert_int_equal(given, out.n_frames);
  assert_memory_equal(expected[1], out.channels[1], given * sizeof(float));
  lac_free(expected[0]);
  lac_free(expected[1]);
  lac_resampler_free(resampler);
  test_song_free(&song);
  test_song_free(&out);
  lac_recipe_free(recipe);
}

static uint64_t place_of_peak(const TestSong *song) {
  uint64_t place = 0;
  for (uint64_t i = 0; i < song->n_frames; ++i) {
    place = fabsf(song->channels[0][i]) > fabsf(song->channels[0][place]) ? i : place;
  }
  return place;
}

/* Latency is gone: an impulse comes out where it went in, and the last frame is the last frame. */
static void test_alignment(void **state) {
  (void)state;
  static const char *const settings[] = {"limiter.drive_db=6", "limiter.ceiling_dbtp=-1", NULL};
  static const uint64_t places[] = {0, 100, 4095, 4096, 9999};
  LacRecipe *recipe = test_recipe_of(settings);
  test_set_output(recipe, 0, 32);
  for (size_t i = 0; i < 5; ++i) {
    TestSong song, out;
    test_song_make(&song, 48000, 2, 32, 10000);
    memset(song.channels[0], 0, 10000 * sizeof(float));
    memset(song.channels[1], 0, 10000 * sizeof(float));
    song.channels[0][places[i]] = 0.9f;
    render_song(&song, recipe, 2, NULL, NULL, &out);
    assert_int_equal(out.n_frames, 10000);
    assert_int_equal(place_of_peak(&out), places[i]);
    assert_true(fabsf(out.channels[0][places[i]]) > 0.5f);
    test_song_free(&song);
    test_song_free(&out);
  }
  lac_recipe_free(recipe);
}

static void test_kept_tail(void **state) {
  (void)state;
  TestSong song, out;
  LacRecipe *recipe = test_recipe_of(NULL);
  LacRecipeOutput output = lac_recipe_output(recipe);
  output.keep_tail_s = 0.25;
  lac_recipe_set_output(recipe, output);
  test_song_make(&song, 44100, 2, 24, 5000);
  render_song(&song, recipe, 2, NULL, NULL, &out);
  assert_int_equal(out.n_frames, 5000 + 11025);
  assert_memory_equal(song.channels[0], out.channels[0], 5000 * sizeof(float));
  for (uint64_t i = 5000; i < out.n_frames; ++i) {
    assert_true(out.channels[0][i] == 0);
  }
  test_song_free(&song);
  test_song_free(&out);
  lac_recipe_free(recipe);
}

static void test_format(void **state) {
  (void)state;
  LacRecipe *recipe = test_recipe_of(NULL);
  LacError error = {0};
  LacSinkFormat format;
  LacMediaInfo info = {.rate_hz = 44100, .n_channels = 2, .bits = 8, .n_frames = 1000};
  static const struct {
    unsigned bits;
    bool is_float, is_lossy;
    unsigned wav, flac;
  } cases[] = {{8, false, false, 16, 16},  {16, false, false, 16, 16}, {24, false, false, 24, 24},
               {32, false, false, 32, 24}, {32, true, false, 32, 24},  {64, true, false, 32, 24},
               {0, false, true, 24, 24}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    info.bits = cases[i].bits;
    info.is_float = cases[i].is_float;
    info.is_lossy = cases[i].is_lossy;
    assert_int_equal(lac_render_format(&info, recipe, LAC_CONTAINER_WAV, &format, &error), LAC_OK);
    assert_int_equal(format.bits, cases[i].wav);
    assert_int_equal(format.is_float, cases[i].wav == 32);
    assert_int_equal(lac_render_format(&info, recipe, LAC_CONTAINER_FLAC, &format, &error), LAC_OK);
    assert_int_equal(format.bits, cases[i].flac);
  }
  test_set_output(recipe, 44101, 24);
  assert_int_equal(lac_render_format(&info, recipe, LAC_CONTAINER_WAV, &format, &error), LAC_ERR_USAGE);
  assert_string_equal(error.code, "RATE_UNSUPPORTED");
  test_set_output(recipe, 0, 32);
  assert_int_equal(lac_render_format(&info, recipe, LAC_CONTAINER_FLAC, &format, &error), LAC_ERR_USAGE);
  lac_recipe_free(recipe);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_null),
                                     cmocka_unit_test(test_idle_limiter),
                                     cmocka_unit_test(test_word_length),
                                     cmocka_unit_test(test_clipping_is_said),
                                     cmocka_unit_test(test_nonfinite),
                                     cmocka_unit_test(test_repeatable),
                                     cmocka_unit_test(test_lengths),
                                     cmocka_unit_test(test_tiny),
                                     cmocka_unit_test(test_resampled_samples),
                                     cmocka_unit_test(test_alignment),
                                     cmocka_unit_test(test_kept_tail),
                                     cmocka_unit_test(test_format)};
  return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
