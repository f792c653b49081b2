/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/test/render_fixture.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sha256.h"
#include "render/render_passes.h"
#include "render/test/whole_class.h"

#include <math.h>
#include <string.h>

static void must(LacStatus status, const LacError *error) {
  if (status != LAC_OK) {
    fail_msg("%s: %s", lac_strerror(status), error->text);
  }
}

static void allocate(TestSong *song) {
  for (unsigned c = 0; c < song->n_channels; ++c) {
    song->channels[c] = lac_calloc((size_t)song->n_frames + 1, sizeof(float));
    assert_non_null(song->channels[c]);
  }
}

void test_song_make(TestSong *song, uint32_t rate_hz, unsigned n_channels, unsigned bits, uint64_t n_frames) {
  *song = (TestSong){.rate_hz = rate_hz, .n_channels = n_channels, .bits = bits, .n_frames = n_frames};
  allocate(song);
  const double grid = bits == 32 ? 0 : (double)(1u << (bits - 1));
  for (unsigned c = 0; c < n_channels; ++c) {
    double low = 0;
    for (uint64_t i = 0; i < n_frames; ++i) {
      const double burst = i / (rate_hz / 4) % 3 == 0 ? 0.7 : 0.2;
      low += 0.1 * (2 * lac_random_double(11, c, i) - 1 - low);
      const double x = burst * (0.6 * (2 * lac_random_double(12, c, i) - 1) + 0.4 * low);
      /* + 0: integers have no -0. */
      song->channels[c][i] = (float)(grid > 0 ? rint(x * grid) / grid + 0.0 : x);
    }
  }
}

void test_song_free(TestSong *song) {
  lac_free(song->channels[0]);
  lac_free(song->channels[1]);
  *song = (TestSong){0};
}

void test_song_write(const TestSong *song, const char *path) {
  enum { BLOCK = 1000 };
  LacError error = {0};
  LacSink *sink = NULL;
  LacSinkFormat format = {.rate_hz = song->rate_hz,
                          .n_channels = song->n_channels,
                          .bits = song->bits,
                          .is_float = song->bits == 32,
                          .n_frames = song->n_frames};
  assert_int_equal(lac_container_from_path(path, &format.container), LAC_OK);
  must(lac_sink_open(path, true, &format, &sink, NULL, &error), &error);
  for (uint64_t from = 0; from < song->n_frames; from += BLOCK) {
    const uint32_t n = song->n_frames - from < BLOCK ? (uint32_t)(song->n_frames - from) : BLOCK;
    int32_t integers[2][BLOCK];
    const int32_t *const integer_channels[2] = {integers[0], integers[1]};
    const float *const floats[2] = {song->channels[0] + from, song->n_channels > 1 ? song->channels[1] + from : NULL};
    for (unsigned c = 0; c < song->n_channels && song->bits < 32; ++c) {
      for (uint32_t i = 0; i < n; ++i) {
        integers[c][i] = (int32_t)(floats[c][i] * (float)(1u << (song->bits - 1)));
      }
    }
    must(song->bits == 32 ? lac_sink_write_floats(sink, floats, n, &error)
                          : lac_sink_write_integers(sink, integer_channels, n, &error),
         &error);
  }
  must(lac_sink_commit(sink, &error), &error);
}

void test_song_put(const char *path, unsigned bits, uint64_t n_frames) {
  TestSong song;
  test_song_make(&song, 44100, 2, bits, n_frames);
  test_song_write(&song, path);
  test_song_free(&song);
}

void test_song_read(const char *path, TestSong *song) {
  LacError error = {0};
  LacSource *source = NULL;
  must(lac_source_open(path, NULL, &source, NULL, &error), &error);
  const LacMediaInfo *info = lac_source_info(source);
  *song = (TestSong){
      .rate_hz = info->rate_hz, .n_channels = info->n_channels, .bits = info->bits, .n_frames = info->n_frames};
  allocate(song);
  uint64_t at = 0;
  uint32_t n = 1;
  while (n > 0 && at < song->n_frames) {
    float *const rest[2] = {song->channels[0] + at, song->n_channels > 1 ? song->channels[1] + at : NULL};
    must(lac_source_read(source, rest, (uint32_t)(song->n_frames - at), &n, NULL, &error), &error);
    at += n;
  }
  assert_int_equal(at, song->n_frames);
  lac_source_close(source);
}

bool test_song_equal(const TestSong *a, const TestSong *b) {
  bool same = a->n_frames == b->n_frames && a->n_channels == b->n_channels && a->bits == b->bits;
  for (unsigned c = 0; same && c < a->n_channels; ++c) {
    for (uint64_t i = 0; same && i < a->n_frames; ++i) {
      same = memcmp(&a->channels[c][i], &b->channels[c][i], sizeof(float)) == 0;
      if (!same) {
        print_error("channel %u, frame %llu: %.9g and %.9g\n", c, (unsigned long long)i, (double)a->channels[c][i],
                    (double)b->channels[c][i]);
      }
    }
  }
  return same;
}

void test_file_sha256(const char *path, char text[65]) {
  LacSha256 sha;
  char *bytes = NULL;
  size_t n_bytes = 0;
  assert_int_equal(lac_file_read_all(path, 1u << 30, &bytes, &n_bytes, NULL), LAC_OK);
  lac_sha256_init(&sha);
  lac_sha256_add(&sha, bytes, n_bytes);
  lac_sha256_text(&sha, text);
  lac_free(bytes);
}

LacRecipe *test_recipe_of(const char *const *settings) {
  LacRecipe *recipe = NULL;
  LacError error = {0};
  assert_int_equal(lac_recipe_new(&recipe), LAC_OK);
  for (size_t i = 0; settings && settings[i]; ++i) {
    if (lac_recipe_set_text(recipe, settings[i], LAC_SET_BY_PERSON, &error) != LAC_OK) {
      fail_msg("%s", error.text);
    }
  }
  return recipe;
}

void test_set_output(LacRecipe *recipe, uint32_t rate_hz, unsigned bits) {
  LacRecipeOutput output = lac_recipe_output(recipe);
  output.rate_hz = rate_hz;
  output.bits = bits;
  lac_recipe_set_output(recipe, output);
}

void test_add_normalizer(LacRecipe *recipe, size_t position, double peak) {
  size_t entry = 0;
  assert_int_equal(lac_recipe_add(recipe, &test_normalizer_class, NULL, position, &entry), LAC_OK);
  assert_int_equal(lac_recipe_set(recipe, entry, NORMALIZER_PEAK, peak, LAC_SET_BY_PERSON, NULL, NULL), LAC_OK);
}

void test_render(const char *in, const LacRecipe *recipe, const char *out, unsigned n_threads,
                 size_t spool_memory_bytes, unsigned measure, LacRenderResult *result, LacNotes *notes) {
  LacError error = {0};
  LacSource *source = NULL;
  LacSink *sink = NULL;
  LacSinkFormat format;
  LacContainer container;
  LacRenderResult own;
  const LacJobControl control = {.n_threads = n_threads};
  LacRenderResult *used = result ? result : &own;
  assert_int_equal(lac_container_from_path(out, &container), LAC_OK);
  must(lac_source_open(in, NULL, &source, NULL, &error), &error);
  must(lac_render_format(lac_source_info(source), recipe, container, &format, &error), &error);
  must(lac_sink_open(out, true, &format, &sink, NULL, &error), &error);
  must(lac_render_spooled(source, recipe, sink, measure, &control, spool_memory_bytes, NULL, used, notes, &error),
       &error);
  assert_int_equal(used->n_frames, format.n_frames);
  must(lac_sink_commit(sink, &error), &error);
  lac_source_close(source);
  if (!result) {
    lac_render_result_free(&own);
  }
}
