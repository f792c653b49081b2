/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vorbis comments (Vorbis I, 5) and the metadata blocks of FLAC (RFC 9639, 8). All comments are read, not only the
 * few libsndfile knows. */

#ifndef LAC_MEDIA_VORBIS_COMMENT_H
#define LAC_MEDIA_VORBIS_COMMENT_H

#include "core/file.h"
#include "media/tag_text.h"

/* STREAMINFO of a FLAC stream. */
typedef struct LacFlacHeader {
  uint32_t rate_hz;
  unsigned n_channels;
  unsigned bits;
  uint64_t n_frames; /* 0: the encoder did not know */
  bool is_ogg;       /* the stream is wrapped in Ogg pages */
} LacFlacHeader;

/* One comment block: vendor, then KEY=value pairs. What is cut off is ignored. LAC_ERR_MEMORY only. */
LacStatus lac_vorbis_comment_read(const uint8_t *block, size_t n_bytes, LacTagReader *reader);

/* The metadata blocks of the FLAC stream whose "fLaC" stands at `offset`. LAC_ERR_DAMAGED without a usable
 * STREAMINFO in front, LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_flac_header_read(LacInput *input, uint64_t offset, LacFlacHeader *header, LacTagReader *reader);

/* The 18 bytes of STREAMINFO that matter here. */
void lac_flac_stream_info(const uint8_t info[18], LacFlacHeader *header);

#endif
