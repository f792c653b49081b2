/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/vorbis_comment.h"

#include "core/memory.h"
#include "media/byte_order.h"

#include <string.h>

enum { MAX_BLOCK = 4 << 20, MAX_METADATA_BLOCKS = 1024 };

static LacStatus take_comment(LacTagReader *reader, const char *text, size_t n_bytes) {
  const char *equals = memchr(text, '=', n_bytes);
  char key[64];
  if (!equals || equals == text || (size_t)(equals - text) >= sizeof key)
    return LAC_OK;
  memcpy(key, text, (size_t)(equals - text));
  key[equals - text] = '\0';
  return lac_tag_take(reader, key, equals + 1, n_bytes - (size_t)(equals + 1 - text));
}

LacStatus lac_vorbis_comment_read(const uint8_t *block, size_t n_bytes, LacTagReader *reader) {
  size_t at = 4;
  if (n_bytes < 8 || lac_get_u32(block, false) > n_bytes - 8)
    return LAC_OK;
  at += lac_get_u32(block, false);
  uint32_t n_comments = lac_get_u32(block + at, false);
  at += 4;
  for (; n_comments > 0 && n_bytes - at >= 4; --n_comments) {
    const uint32_t length = lac_get_u32(block + at, false);
    at += 4;
    if (length > n_bytes - at)
      break;
    const LacStatus status = take_comment(reader, (const char *)block + at, length);
    if (status)
      return status;
    at += length;
  }
  return LAC_OK;
}

static LacStatus take_comment_block(LacInput *input, uint64_t offset, size_t n_bytes, LacTagReader *reader) {
  if (n_bytes > MAX_BLOCK)
    return lac_tag_extra(reader, "a comment block of %zu bytes", n_bytes);
  uint8_t *block = lac_alloc(n_bytes ? n_bytes : 1, 1);
  if (!block)
    return LAC_ERR_MEMORY;
  size_t n_read = 0;
  LacStatus status = lac_input_read_at(input, offset, block, n_bytes, &n_read);
  if (!status)
    status = lac_vorbis_comment_read(block, n_read, reader);
  lac_free(block);
  return status;
}

void lac_flac_stream_info(const uint8_t info[18], LacFlacHeader *header) {
  const uint64_t packed = lac_get_u64(info + 10, true); /* rate 20, channels - 1 3, bits - 1 5, frames 36 */
  header->rate_hz = (uint32_t)(packed >> 44);
  header->n_channels = (unsigned)(packed >> 41 & 7) + 1;
  header->bits = (unsigned)(packed >> 36 & 31) + 1;
  header->n_frames = packed & ((UINT64_C(1) << 36) - 1);
}

LacStatus lac_flac_header_read(LacInput *input, uint64_t offset, LacFlacHeader *header, LacTagReader *reader) {
  uint8_t bytes[4 + 18];
  size_t n_read = 0;
  LacStatus status = LAC_OK;
  offset += 4;
  for (int i = 0; i < MAX_METADATA_BLOCKS && !status; ++i) {
    status = lac_input_read_at(input, offset, bytes, sizeof bytes, &n_read);
    if (status)
      return status;
    if (n_read < 4 || (i == 0 && (n_read < sizeof bytes || (bytes[0] & 0x7f) != 0)))
      return i == 0 ? LAC_ERR_DAMAGED : LAC_OK;
    const uint32_t length = lac_get_u32(bytes, true) & 0xffffff;
    switch (bytes[0] & 0x7f) { /* RFC 9639, 8.1 */
    case 0:
      if (i == 0)
        lac_flac_stream_info(bytes + 4, header);
      break;
    case 4:
      status = take_comment_block(input, offset + 4, length, reader);
      break;
    case 5:
      status = lac_tag_extra(reader, "cue sheet");
      break;
    case 6:
      status = lac_tag_extra(reader, "cover picture");
      break;
    default: /* padding, seek table, application data: about the file */
      break;
    }
    if (bytes[0] & 0x80)
      break;
    offset += 4 + (uint64_t)length;
  }
  return status;
}
