/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/encoder.h"

#include "core/memory.h"
#include "media/byte_order.h"
#include "media/tag_text.h"

#include <string.h>

/* IEEE 754 80-bit extended of a whole number > 0. */
static void put_extended(uint8_t p[10], uint32_t value) {
  const unsigned top = 31 - (unsigned)__builtin_clz(value);
  lac_put_u16(p, 16383 + top, true);
  lac_put_u64(p + 2, (uint64_t)value << (63 - top), true);
}

static LacStatus append_texts(const LacTags *tags, LacText *tail) {
  LacStatus status = LAC_OK;
  for (const LacTagName *row = lac_tag_names; row->key && !status; ++row) {
    char *value = row->aiff ? lac_tags_joined(tags, row->key, &status) : NULL;
    if (value)
      lac_chunk_append(tail, row->aiff, value, strlen(value), true);
    lac_free(value);
  }
  return status;
}

static void append_common(const LacSinkFormat *format, LacText *head) {
  static const uint8_t version[4] = {0xa2, 0x80, 0x51, 0x40}; /* AIFF-C version 1 */
  static const char float_type[] = "fl32\x15"
                                   "32-bit floating point"; /* type and a Pascal string of even size */
  uint8_t body[18 + sizeof float_type - 1];
  lac_put_u16(body, format->n_channels, true);
  lac_put_u32(body + 2, (uint32_t)format->n_frames, true);
  lac_put_u16(body + 6, format->bits, true);
  put_extended(body + 8, format->rate_hz);
  memcpy(body + 18, float_type, sizeof float_type - 1);
  if (format->is_float)
    lac_chunk_append(head, "FVER", version, sizeof version, true);
  lac_chunk_append(head, "COMM", body, format->is_float ? sizeof body : 18, true);
}

LacStatus lac_aiff_frame(const LacSinkFormat *format, LacText *head, LacText *tail) {
  LacText common = {0};
  uint8_t sound[16] = "SSND", size[4];
  uint64_t data_bytes;
  if (!lac_sample_bytes(format, &data_bytes) || data_bytes > UINT32_MAX || format->n_frames > UINT32_MAX)
    return LAC_ERR_UNSUPPORTED;
  lac_text_append_bytes(tail, "", data_bytes & 1);
  LacStatus status = append_texts(format->tags, tail);
  append_common(format, &common);
  const uint64_t form_bytes = 4 + (uint64_t)common.length + sizeof sound + data_bytes + tail->length;
  if (!status && form_bytes > UINT32_MAX)
    status = LAC_ERR_UNSUPPORTED;
  lac_put_u32(size, (uint32_t)form_bytes, true);
  lac_put_u32(sound + 4, (uint32_t)data_bytes + 8, true);
  lac_text_append(head, "FORM");
  lac_text_append_bytes(head, (const char *)size, 4);
  lac_text_append(head, format->is_float ? "AIFC" : "AIFF");
  if (!common.failed)
    lac_text_append_bytes(head, common.bytes, common.length);
  lac_text_append_bytes(head, (const char *)sound, sizeof sound);
  if (!status && (common.failed || head->failed || tail->failed))
    status = LAC_ERR_MEMORY;
  lac_text_clear(&common);
  return status;
}
