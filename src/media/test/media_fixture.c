/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media_fixture.h"

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "media/byte_order.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];

const char *fixture_path(const char *name) {
  static char paths[4][512];
  static unsigned next;
  if (!*folder) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/lacquer-media-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
  }
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

int fixture_remove(void **state) {
  (void)state;
  char path[1024];
  DIR *dir = *folder ? opendir(folder) : NULL;
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.' || strstr(entry->d_name, ".tmp"))
      unlink(path);
  }
  if (dir)
    closedir(dir);
  return *folder ? rmdir(folder) : 0;
}

int32_t fixture_integer(unsigned channel, uint64_t frame, unsigned bits) {
  const int32_t limit = (int32_t)((UINT32_C(1) << (bits - 1)) - 1);
  if (frame == 3)
    return limit;
  if (frame == 4)
    return -limit - 1;
  return (int32_t)(lac_random_u64(1, channel, frame) >> 32) >> (32 - bits);
}

float fixture_float(unsigned channel, uint64_t frame) {
  static const float special[] = {-0.0f, 1e-40f, 3.5f, -1e20f, 1.0f, -1.0f, 0x1p-149f};
  if (frame < sizeof special / sizeof *special)
    return special[frame];
  return (float)(2 * lac_random_double(2, channel, frame) - 1);
}

void fixture_u16(LacText *text, uint32_t value, bool is_big) {
  uint8_t bytes[2];
  lac_put_u16(bytes, value, is_big);
  lac_text_append_bytes(text, (const char *)bytes, 2);
}

void fixture_u32(LacText *text, uint32_t value, bool is_big) {
  uint8_t bytes[4];
  lac_put_u32(bytes, value, is_big);
  lac_text_append_bytes(text, (const char *)bytes, 4);
}

void fixture_chunk(LacText *text, const char *id, uint32_t size, const void *body, size_t n_bytes, bool is_big) {
  lac_text_append_bytes(text, id, 4);
  fixture_u32(text, size, is_big);
  lac_text_append_bytes(text, body, n_bytes);
}

void fixture_wave_head(LacText *text, const char *id, unsigned format, unsigned n_channels, uint32_t rate_hz,
                       unsigned bits) {
  const bool is_big = strcmp(id, "RIFX") == 0;
  const unsigned frame_bytes = n_channels * ((bits + 7) / 8);
  fixture_chunk(text, id, UINT32_MAX, "WAVE", 4, is_big);
  fixture_chunk(text, "fmt ", 16, "", 0, is_big);
  fixture_u16(text, format, is_big);
  fixture_u16(text, n_channels, is_big);
  fixture_u32(text, rate_hz, is_big);
  fixture_u32(text, rate_hz * frame_bytes, is_big);
  fixture_u16(text, frame_bytes, is_big);
  fixture_u16(text, bits, is_big);
}

/* One pass over the source; the samples appended to `decoded`, or compared with them on the second pass. */
static uint64_t read_all(LacSource *source, Decoded *decoded, bool is_second) {
  static const uint32_t blocks[] = {1, 7, 64, 4096, 65536};
  static float left[65536], right[65536];
  float *const channels[2] = {left, right};
  uint64_t total = 0;
  for (unsigned k = 0;; ++k) {
    uint32_t n = 12345;
    const uint32_t n_wanted = blocks[(k + is_second) % 5];
    assert_int_equal(lac_source_read(source, channels, n_wanted, &n, &decoded->notes, &decoded->error), LAC_OK);
    assert_true(n <= n_wanted);
    if (n == 0)
      return total;
    for (unsigned c = 0; c < decoded->info.n_channels; ++c) {
      if (is_second) {
        assert_true(total + n <= decoded->n_frames);
        assert_memory_equal(decoded->samples[c] + total, channels[c], n * sizeof(float));
      } else {
        decoded->samples[c] = lac_realloc(decoded->samples[c], total + n, sizeof(float));
        assert_non_null(decoded->samples[c]);
        memcpy(decoded->samples[c] + total, channels[c], n * sizeof(float));
      }
    }
    total += n;
  }
}

static Decoded decode(LacSource *source, Decoded decoded) {
  if (decoded.status)
    return decoded;
  decoded.info = *lac_source_info(source);
  assert_int_equal(lac_tags_copy(&decoded.tags, lac_source_tags(source)), LAC_OK);
  assert_int_equal(lac_notes_append(&decoded.extras, lac_source_extras(source)), LAC_OK);
  decoded.n_frames = read_all(source, &decoded, false);
  assert_int_equal(lac_source_info(source)->n_frames, decoded.n_frames);
  const size_t n_notes = decoded.notes.count;
  assert_int_equal(lac_source_rewind(source, &decoded.error), LAC_OK);
  assert_int_equal(read_all(source, &decoded, true), decoded.n_frames);
  assert_int_equal(decoded.notes.count, n_notes);
  lac_source_close(source);
  return decoded;
}

Decoded fixture_decode_bytes(const LacText *file) {
  Decoded decoded = {0};
  LacSource *source = NULL;
  assert_false(file->failed);
  decoded.status = lac_source_open_bytes(file->bytes, file->length, "mix", &source, &decoded.notes, &decoded.error);
  assert_int_equal(decoded.status != LAC_OK, source == NULL);
  return decode(source, decoded);
}

Decoded fixture_decode_path(const char *path) {
  Decoded decoded = {0};
  LacSource *source = NULL;
  decoded.status = lac_source_open(path, NULL, &source, &decoded.notes, &decoded.error);
  assert_int_equal(decoded.status != LAC_OK, source == NULL);
  return decode(source, decoded);
}

void fixture_free(Decoded *decoded) {
  lac_notes_free(&decoded->notes);
  lac_notes_free(&decoded->extras);
  lac_tags_free(&decoded->tags);
  lac_free(decoded->samples[0]);
  lac_free(decoded->samples[1]);
}

const char *fixture_tag(const LacTags *tags, const char *key) {
  for (size_t i = 0; i < tags->count; ++i)
    if (strcmp(tags->items[i].key, key) == 0)
      return tags->items[i].value;
  return "";
}

bool fixture_says(const LacNotes *notes, const char *code, const char *piece) {
  for (size_t i = 0; i < notes->count; ++i)
    if (strcmp(notes->items[i].code, code) == 0 && strstr(notes->items[i].text, piece))
      return true;
  return false;
}

LacText fixture_load(const char *path) {
  LacText text = {0};
  assert_int_equal(lac_file_read_all(path, 1 << 28, &text.bytes, &text.length, NULL), LAC_OK);
  return text;
}
