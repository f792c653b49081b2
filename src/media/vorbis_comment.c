/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/vorbis_comment.h"

#include "core/memory.h"
#include "media/byte_order.h"

#include <string.h>
#include <strings.h>

enum { MAX_BLOCK = 4 << 20, MAX_PAGE = 27 + 255 + 255 * 255, MAX_METADATA_BLOCKS = 1024 };

static bool starts_with(const char *text, size_t n_bytes, const char *start) {
  const size_t n = strlen(start);
  return n_bytes >= n && strncasecmp(text, start, n) == 0;
}

static LacStatus take_comment(LacTagReader *reader, const char *text, size_t n_bytes) {
  const char *equals = memchr(text, '=', n_bytes);
  char key[64];
  if (!equals || equals == text || (size_t)(equals - text) >= sizeof key)
    return LAC_OK;
  if (starts_with(text, n_bytes, "METADATA_BLOCK_PICTURE=") || starts_with(text, n_bytes, "COVERART"))
    return lac_tag_extra(reader, "cover picture");
  if (starts_with(text, n_bytes, "CUESHEET="))
    return lac_tag_extra(reader, "cue sheet");
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

static void read_stream_info(const uint8_t info[18], LacFlacHeader *header) {
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
        read_stream_info(bytes + 4, header);
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

/* The Ogg reader below gathers the second packet of the first logical stream. */
typedef struct OggPacket {
  uint8_t *bytes;
  size_t n_bytes;
  unsigned index; /* packets finished so far */
} OggPacket;

/* Adds the segments of one page; true when packet 1 is complete or too long to care. */
static LacStatus add_page(OggPacket *packet, const uint8_t *page, size_t n_page, bool *is_done) {
  const unsigned n_segments = page[26];
  size_t at = 27 + n_segments;
  for (unsigned i = 0; i < n_segments && at + page[27 + i] <= n_page; at += page[27 + i], ++i) {
    if (packet->index == 1) {
      if (packet->n_bytes + page[27 + i] > MAX_BLOCK) {
        *is_done = true;
        return LAC_OK;
      }
      memcpy(packet->bytes + packet->n_bytes, page + at, page[27 + i]);
      packet->n_bytes += page[27 + i];
    }
    if (page[27 + i] < 255 && ++packet->index == 2) {
      *is_done = true;
      return LAC_OK;
    }
  }
  return LAC_OK;
}

static size_t page_size(const uint8_t *page, size_t n_bytes) {
  if (n_bytes < 27 || !lac_is_fourcc(page, "OggS") || n_bytes < 27u + page[26])
    return 0;
  size_t size = 27u + page[26];
  for (unsigned i = 0; i < page[26]; ++i)
    size += page[27 + i];
  return size;
}

static LacStatus take_packet(const OggPacket *packet, LacTagReader *reader) {
  const uint8_t *bytes = packet->bytes;
  const size_t n = packet->n_bytes;
  if (n > 7 && memcmp(bytes, "\003vorbis", 7) == 0)
    return lac_vorbis_comment_read(bytes + 7, n - 7, reader);
  if (n > 8 && memcmp(bytes, "OpusTags", 8) == 0)
    return lac_vorbis_comment_read(bytes + 8, n - 8, reader);
  if (n > 4 && (bytes[0] & 0x7f) == 4) /* Ogg FLAC: a native metadata block */
    return lac_vorbis_comment_read(bytes + 4, n - 4, reader);
  return LAC_OK;
}

LacStatus lac_ogg_comment_read(LacInput *input, LacTagReader *reader) {
  uint8_t *page = lac_alloc(MAX_PAGE, 1);
  OggPacket packet = {.bytes = lac_alloc(MAX_BLOCK, 1)};
  LacStatus status = page && packet.bytes ? LAC_OK : LAC_ERR_MEMORY;
  uint64_t offset = 0;
  uint32_t serial = 0;
  bool is_done = false;
  while (!status && !is_done) {
    size_t n_read = 0;
    status = lac_input_read_at(input, offset, page, MAX_PAGE, &n_read);
    const size_t size = status ? 0 : page_size(page, n_read);
    if (size == 0 || size > n_read)
      break;
    if (offset == 0)
      serial = lac_get_u32(page + 14, false);
    if (lac_get_u32(page + 14, false) == serial)
      status = add_page(&packet, page, size, &is_done);
    offset += size;
    is_done = is_done || offset > 4 * (uint64_t)MAX_BLOCK; /* other streams' pages between: enough is enough */
  }
  if (!status)
    status = take_packet(&packet, reader);
  lac_free(page);
  lac_free(packet.bytes);
  return status;
}

bool lac_ogg_is_whole(LacInput *input) {
  const uint64_t size = lac_input_size(input);
  const size_t n_tail = size < 2 * MAX_PAGE ? (size_t)size : 2 * MAX_PAGE;
  uint8_t *tail = lac_alloc(n_tail + 1, 1);
  size_t n_read = 0;
  bool is_whole = true; /* when it cannot be looked at, nothing is claimed */
  if (tail && lac_input_read_at(input, size - n_tail, tail, n_tail, &n_read) == LAC_OK) {
    for (size_t at = n_read; at-- > 0;) {
      if (n_read - at < 4 || !lac_is_fourcc(tail + at, "OggS"))
        continue;
      const size_t page = page_size(tail + at, n_read - at);
      is_whole = page > 0 && page <= n_read - at && (tail[at + 5] & 4);
      break;
    }
  }
  lac_free(tail);
  return is_whole;
}
