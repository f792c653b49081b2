/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Songs in a folder of their own, written and read by the media module; recipes and renders of them. */

#ifndef LAC_RENDER_TEST_RENDER_FIXTURE_H
#define LAC_RENDER_TEST_RENDER_FIXTURE_H

#include <lacquer/media.h>
#include <lacquer/render.h>

#include "core/test/check.h"
#include "core/test/folder.h"

typedef struct TestSong {
  uint32_t rate_hz;
  unsigned n_channels;
  unsigned bits; /* 16, 24, 32 (float) */
  uint64_t n_frames;
  float *channels[2];
} TestSong;

/* Music-like noise with bursts, on the grid of `bits`; peak about 0.7. */
void test_song_make(TestSong *song, uint32_t rate_hz, unsigned n_channels, unsigned bits, uint64_t n_frames);
void test_song_free(TestSong *song);
/* Written exactly: integers as they are. */
void test_song_write(const TestSong *song, const char *path);
/* Only the file of such a song, in stereo at 44.1 kHz. */
void test_song_put(const char *path, unsigned bits, uint64_t n_frames);
/* Any file. */
void test_song_read(const char *path, TestSong *song);
bool test_song_equal(const TestSong *a, const TestSong *b);
void test_file_sha256(const char *path, char text[65]);

/* A recipe with these settings (NULL at the end, or NULL for none), as a person types them. */
LacRecipe *test_recipe_of(const char *const *settings);
void test_set_output(LacRecipe *recipe, uint32_t rate_hz, unsigned bits);
/* The test-only whole processor of whole_class.h, which brings the song's peak to `peak`. */
void test_add_normalizer(LacRecipe *recipe, size_t position, double peak);

/* Opens, renders with n_threads and commits; fails the test on any error. `result` may be NULL. */
void test_render(const char *in, const LacRecipe *recipe, const char *out, unsigned n_threads,
                 size_t spool_memory_bytes, unsigned measure, LacRenderResult *result, LacNotes *notes);

#endif
