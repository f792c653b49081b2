/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/opus_gaps.h"

#include <ogg/ogg.h>
#include <string.h>

enum { READ_BYTES = 65536, N_HEADERS = 2 };

typedef struct Scan {
  LacInput *input;
  uint64_t cursor; /* byte position */
  ogg_sync_state sync;
  ogg_stream_state stream;
  bool has_stream, has_start;
  bool is_skipping; /* bytes that are no sound page were met */
  unsigned n_headers;
  int64_t pre_skip, start; /* granule position of the first packet */
  int64_t position;        /* frames since `start`, those lost included */
} Scan;

static LacStatus next_page(Scan *scan, ogg_page *page, bool *is_there) {
  int result;
  *is_there = false;
  while ((result = ogg_sync_pageout(&scan->sync, page)) != 1) {
    scan->is_skipping = scan->is_skipping || result < 0;
    if (result < 0)
      continue;
    char *buffer = ogg_sync_buffer(&scan->sync, READ_BYTES);
    size_t n_read = 0;
    if (!buffer)
      return LAC_ERR_MEMORY;
    const LacStatus status = lac_input_read_at(scan->input, scan->cursor, buffer, READ_BYTES, &n_read);
    if (status || n_read == 0)
      return status;
    scan->cursor += n_read;
    ogg_sync_wrote(&scan->sync, (long)n_read);
  }
  *is_there = true;
  return LAC_OK;
}

/* Frames of a packet at 48 kHz by its first two bytes (RFC 6716, 3.1); 0 when it is none. */
static int64_t packet_frames(const ogg_packet *packet) {
  static const int64_t silk[] = {480, 960, 1920, 2880};
  if (packet->bytes < 1)
    return 0;
  const unsigned config = packet->packet[0] >> 3, code = packet->packet[0] & 3;
  const int64_t frames = config < 12   ? silk[config & 3]
                         : config < 16 ? INT64_C(480) << (config & 1)
                                       : INT64_C(120) << (config & 3);
  if (code < 3)
    return code == 0 ? frames : 2 * frames;
  return packet->bytes < 2 ? 0 : (packet->packet[1] & 63) * frames;
}

/* The frames lost before the packets that are waiting; 0 when their page does not tell. The stream is looked at
 * through a copy of its state: taking packets moves only the indices in it. */
static int64_t lost_frames(const Scan *scan) {
  ogg_stream_state peek = scan->stream;
  ogg_packet packet;
  int64_t n_here = 0;
  while (ogg_stream_packetout(&peek, &packet) > 0) {
    n_here += packet_frames(&packet);
    if (packet.granulepos >= 0) {
      const int64_t lost = packet.granulepos - scan->start - scan->position - n_here;
      return lost > 0 ? lost : 0;
    }
  }
  return 0;
}

static void take_gap(Scan *scan, LacOpusGaps *gaps) {
  if (scan->n_headers < N_HEADERS || (scan->position == 0 && !scan->is_skipping))
    return; /* a recording of a broadcast begins in the middle: nothing of it is lost */
  scan->has_start = true;
  const int64_t lost = lost_frames(scan), at = scan->position - scan->pre_skip;
  /* The pre-skip is gone with the first page; libsndfile then skips nothing. */
  const int64_t heard = scan->position > 0 ? lost : lost > scan->pre_skip ? lost - scan->pre_skip : 0;
  if (gaps->n_gaps < LAC_MAX_OPUS_GAPS)
    gaps->gaps[gaps->n_gaps++] = (LacOpusGap){at > 0 ? (uint64_t)at : 0, (uint64_t)heard};
  scan->position += lost;
}

static void take_packet(Scan *scan, const ogg_packet *packet) {
  if (scan->n_headers < N_HEADERS) {
    if (scan->n_headers++ == 0 && packet->bytes >= 12)
      scan->pre_skip = packet->packet[10] | packet->packet[11] << 8;
    scan->is_skipping = false;
    return;
  }
  scan->position += packet_frames(packet);
  if (!scan->has_start && packet->granulepos >= 0) {
    scan->start = packet->granulepos > scan->position ? packet->granulepos - scan->position : 0;
    scan->has_start = true;
  }
}

static LacStatus scan_pages(Scan *scan, LacOpusGaps *gaps) {
  for (;;) {
    ogg_page page;
    ogg_packet packet;
    bool is_there;
    const LacStatus status = next_page(scan, &page, &is_there);
    if (status || !is_there)
      return status;
    if (scan->has_stream && ogg_page_bos(&page) && page.body_len >= 8 && memcmp(page.body, "OpusHead", 8) == 0 &&
        scan->n_headers == N_HEADERS) {
      gaps->has_more = true;
      return LAC_OK;
    }
    if (!scan->has_stream && ogg_stream_init(&scan->stream, ogg_page_serialno(&page)) != 0)
      return LAC_ERR_MEMORY;
    scan->has_stream = true;
    if (ogg_stream_pagein(&scan->stream, &page) != 0)
      continue; /* of another stream */
    for (int result; (result = ogg_stream_packetout(&scan->stream, &packet)) != 0;) {
      if (result < 0)
        take_gap(scan, gaps);
      else
        take_packet(scan, &packet);
    }
  }
}

LacStatus lac_opus_gaps_read(LacInput *input, LacOpusGaps *gaps) {
  Scan scan = {.input = input};
  gaps->n_gaps = 0;
  gaps->has_more = false;
  ogg_sync_init(&scan.sync);
  const LacStatus status = scan_pages(&scan, gaps);
  if (scan.has_stream)
    ogg_stream_clear(&scan.stream);
  ogg_sync_clear(&scan.sync);
  return status;
}
