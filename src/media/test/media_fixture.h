/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the media tests share: a scratch folder, byte strings of files, signals that are easy to check. */

#ifndef LAC_MEDIA_FIXTURE_H
#define LAC_MEDIA_FIXTURE_H

#include "core/text_buffer.h"
#include "media/media_source.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

enum { FIXTURE_FRAMES = 10007, FIXTURE_RATE_HZ = 44100 };

/* A path in the scratch folder; valid until the next call but three. */
const char *fixture_path(const char *name);
/* The scratch folder goes, with what is in it. */
int fixture_remove(void **state);

/* Deterministic noise of `bits` bits that visits both extremes. */
int32_t fixture_integer(unsigned channel, uint64_t frame, unsigned bits);
/* Any float: negative zero, subnormals, beyond full scale. */
float fixture_float(unsigned channel, uint64_t frame);

/* Chunks and whole files. Sizes are as given, even when they lie. */
void fixture_u16(LacText *text, uint32_t value, bool is_big);
void fixture_u32(LacText *text, uint32_t value, bool is_big);
void fixture_chunk(LacText *text, const char *id, uint32_t size, const void *body, size_t n_bytes, bool is_big);
/* RIFF (or the given id) + WAVE + fmt of plain PCM or float. */
void fixture_wave_head(LacText *text, const char *id, unsigned format, unsigned n_channels, uint32_t rate_hz,
                       unsigned bits);

typedef struct Decoded {
  LacStatus status;
  LacError error;
  LacMediaInfo info;
  LacNotes notes;
  LacTags tags;
  LacNotes extras;
  uint64_t n_frames;
  float *samples[2];
} Decoded;

/* Opens, reads everything in odd block sizes, rewinds, reads again and checks that both are the same. */
Decoded fixture_decode_bytes(const LacText *file);
Decoded fixture_decode_path(const char *path);
void fixture_free(Decoded *decoded);
/* The value of the first tag of that name, or "" */
const char *fixture_tag(const LacTags *tags, const char *key);
bool fixture_says(const LacNotes *notes, const char *code, const char *piece);

/* A whole file's bytes. */
LacText fixture_load(const char *path);

#endif
