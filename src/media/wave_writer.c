/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/encoder.h"

#include "core/memory.h"
#include "media/byte_order.h"
#include "media/tag_text.h"

#include <string.h>
#include <strings.h>

enum { FORMAT_PCM = 1, FORMAT_FLOAT = 3, DS64_CHUNK = 8 + 28 };

bool lac_sample_bytes(const LacSinkFormat *format, uint64_t *n_bytes) {
  return !__builtin_mul_overflow(format->n_frames, (uint64_t)(format->bits / 8 * format->n_channels), n_bytes);
}

void lac_chunk_append(LacText *text, const char id[4], const void *body, size_t n_bytes, bool is_big_endian) {
  uint8_t size[4];
  lac_put_u32(size, (uint32_t)n_bytes, is_big_endian);
  lac_text_append_bytes(text, id, 4);
  lac_text_append_bytes(text, (const char *)size, 4);
  lac_text_append_bytes(text, body, n_bytes);
  lac_text_append_bytes(text, "", n_bytes & 1);
}

/* Plain PCM for 16 and 24 bits: every program reads it; extensible would add nothing for one or two channels. */
static void append_format(const LacSinkFormat *format, bool is_64, LacText *text) {
  uint8_t body[18] = {0}, count[4];
  const uint32_t frame_bytes = format->bits / 8 * format->n_channels;
  lac_put_u16(body, format->is_float ? FORMAT_FLOAT : FORMAT_PCM, false);
  lac_put_u16(body + 2, format->n_channels, false);
  lac_put_u32(body + 4, format->rate_hz, false);
  lac_put_u32(body + 8, format->rate_hz * frame_bytes, false);
  lac_put_u16(body + 12, frame_bytes, false);
  lac_put_u16(body + 14, format->bits, false);
  lac_chunk_append(text, "fmt ", body, format->is_float ? 18 : 16, false);
  if (format->is_float) { /* anything but PCM must say its length here too; in RF64 ds64 says it */
    lac_put_u32(count, is_64 ? UINT32_MAX : (uint32_t)format->n_frames, false);
    lac_chunk_append(text, "fact", count, 4, false);
  }
}

/* "3" or "3/12" for the one INFO field that holds both. */
static char *info_text(const LacTags *tags, const LacTagName *row, LacStatus *status) {
  char *value = lac_tags_joined(tags, row->key, status);
  if (!value || strcmp(row->key, "TRACKNUMBER") != 0)
    return value;
  char *total = lac_tags_joined(tags, "TRACKTOTAL", status);
  char *both = total ? lac_format("%s/%s", value, total) : NULL;
  if (total && !both)
    *status = LAC_ERR_MEMORY;
  lac_free(total);
  if (!both)
    return value;
  lac_free(value);
  return both;
}

static LacStatus append_info(const LacTags *tags, LacText *tail) {
  LacText list = {0};
  LacStatus status = LAC_OK;
  lac_text_append(&list, "INFO");
  for (const LacTagName *row = lac_tag_names; row->key && !status; ++row) {
    char *value = row->riff ? info_text(tags, row, &status) : NULL;
    if (value)
      lac_chunk_append(&list, row->riff, value, strlen(value) + 1, false);
    lac_free(value);
  }
  if (list.failed)
    status = LAC_ERR_MEMORY;
  else if (!status && list.length > 4)
    lac_chunk_append(tail, "LIST", list.bytes, list.length, false);
  lac_text_clear(&list);
  return status;
}

static void append_ds64(uint64_t riff_bytes, uint64_t data_bytes, uint64_t n_frames, LacText *head) {
  uint8_t body[28] = {0}; /* EBU Tech 3306: RIFF size, data size, frames, no table */
  lac_put_u64(body, riff_bytes, false);
  lac_put_u64(body + 8, data_bytes, false);
  lac_put_u64(body + 16, n_frames, false);
  lac_chunk_append(head, "ds64", body, sizeof body, false);
}

LacStatus lac_wave_frame(const LacSinkFormat *format, LacText *head, LacText *tail) {
  uint64_t data_bytes, riff_bytes;
  uint8_t size[4];
  if (!lac_sample_bytes(format, &data_bytes))
    return LAC_ERR_UNSUPPORTED;
  lac_text_append_bytes(tail, "", data_bytes & 1);
  const LacStatus status = append_info(format->tags, tail);
  if (status)
    return status;
  /* "WAVE", fmt, fact, data header, and what follows */
  const uint64_t around = 4 + (format->is_float ? 8 + 18 + 8 + 4 : 8 + 16) + 8 + tail->length;
  if (__builtin_add_overflow(data_bytes, around + DS64_CHUNK, &riff_bytes))
    return LAC_ERR_UNSUPPORTED;
  const bool is_64 = riff_bytes - DS64_CHUNK > UINT32_MAX;
  lac_put_u32(size, is_64 ? UINT32_MAX : (uint32_t)(riff_bytes - DS64_CHUNK), false);
  lac_text_append(head, is_64 ? "RF64" : "RIFF");
  lac_text_append_bytes(head, (const char *)size, 4);
  lac_text_append(head, "WAVE");
  if (is_64)
    append_ds64(riff_bytes, data_bytes, format->n_frames, head);
  append_format(format, is_64, head);
  lac_put_u32(size, is_64 ? UINT32_MAX : (uint32_t)data_bytes, false);
  lac_text_append(head, "data");
  lac_text_append_bytes(head, (const char *)size, 4);
  return head->failed || tail->failed ? LAC_ERR_MEMORY : LAC_OK;
}
