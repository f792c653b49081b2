/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/ogg_stream.h"

#include "core/memory.h"
#include "media/byte_order.h"

#include <ogg/ogg.h>
#include <string.h>

enum { MAX_PACKET = 4 << 20, MAX_PAGE = 27 + 255 + 255 * 255 };

bool lac_ogg_flac_header_read(LacInput *input, LacFlacHeader *header) {
  enum { PACKET = 28, INFO = PACKET + 9 + 4 + 4 }; /* page head with one segment; 7F FLAC 1 0 n n fLaC; block head */
  uint8_t page[INFO + 18];
  size_t n_read = 0;
  if (lac_input_read_at(input, 0, page, sizeof page, &n_read) || n_read < sizeof page || page[26] != 1 ||
      memcmp(page + PACKET,
             "\x7f"
             "FLAC",
             5) != 0 ||
      !lac_is_fourcc(page + PACKET + 9, "fLaC"))
    return false;
  *header = (LacFlacHeader){.is_ogg = true};
  lac_flac_stream_info(page + INFO, header);
  return true;
}

bool lac_ogg_is_opus(LacInput *input) {
  ogg_sync_state sync;
  ogg_page page;
  size_t n_read = 0;
  ogg_sync_init(&sync);
  char *buffer = ogg_sync_buffer(&sync, MAX_PAGE);
  bool is_opus = buffer && lac_input_read_at(input, 0, buffer, MAX_PAGE, &n_read) == LAC_OK;
  if (is_opus) {
    ogg_sync_wrote(&sync, (long)n_read);
    is_opus = ogg_sync_pageout(&sync, &page) == 1 && page.body_len >= 8 && memcmp(page.body, "OpusHead", 8) == 0;
  }
  ogg_sync_clear(&sync);
  return is_opus;
}

/* The second packet of the first logical stream, gathered page by page. */
typedef struct OggPacket {
  uint8_t *bytes;
  size_t n_bytes;
  unsigned index; /* packets finished so far */
} OggPacket;

/* Adds the segments of one page; done when packet 1 is complete or too long to care. */
static void add_page(OggPacket *packet, const uint8_t *page, size_t n_page, bool *is_done) {
  const unsigned n_segments = page[26];
  size_t at = 27 + n_segments;
  for (unsigned i = 0; i < n_segments && at + page[27 + i] <= n_page; at += page[27 + i], ++i) {
    if (packet->index == 1) {
      if (packet->n_bytes + page[27 + i] > MAX_PACKET) {
        *is_done = true;
        return;
      }
      memcpy(packet->bytes + packet->n_bytes, page + at, page[27 + i]);
      packet->n_bytes += page[27 + i];
    }
    if (page[27 + i] < 255 && ++packet->index == 2) {
      *is_done = true;
      return;
    }
  }
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
  OggPacket packet = {.bytes = lac_alloc(MAX_PACKET, 1)};
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
      add_page(&packet, page, size, &is_done);
    offset += size;
    is_done = is_done || offset > 4 * (uint64_t)MAX_PACKET; /* other streams' pages between: enough is enough */
  }
  if (!status)
    status = take_packet(&packet, reader);
  lac_free(page);
  lac_free(packet.bytes);
  return status;
}

/* The checksum of a whole page in `page`; the bytes are as before afterwards. */
static bool is_sound(uint8_t *page, size_t n_page) {
  uint8_t told[4], found[4];
  const size_t n_head = 27u + page[26];
  ogg_page view = {page, (long)n_head, page + n_head, (long)(n_page - n_head)};
  memcpy(told, page + 22, sizeof told);
  ogg_page_checksum_set(&view);
  memcpy(found, page + 22, sizeof found);
  memcpy(page + 22, told, sizeof told);
  return memcmp(told, found, sizeof told) == 0;
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
      is_whole = page > 0 && page <= n_read - at && (tail[at + 5] & 4) && is_sound(tail + at, page);
      break;
    }
  }
  lac_free(tail);
  return is_whole;
}
