/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vorbis comments where they live: the metadata blocks of FLAC (RFC 9639, 8) and the second packet of Ogg Vorbis,
 * Opus and Ogg FLAC (RFC 3533, RFC 7845 5.2). All comments are read, not only the few libsndfile knows. */

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
} LacFlacHeader;

/* One comment block: vendor, then KEY=value pairs. What is cut off is ignored. LAC_ERR_MEMORY only. */
LacStatus lac_vorbis_comment_read(const uint8_t *block, size_t n_bytes, LacTagReader *reader);

/* The metadata blocks of the FLAC stream whose "fLaC" stands at `offset`. LAC_ERR_DAMAGED without a usable
 * STREAMINFO in front, LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_flac_header_read(LacInput *input, uint64_t offset, LacFlacHeader *header, LacTagReader *reader);

/* The comments of the first stream of an Ogg file; none is no error. LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_ogg_comment_read(LacInput *input, LacTagReader *reader);
/* False when the last page is cut off or does not end the stream: the file was truncated. */
bool lac_ogg_is_whole(LacInput *input);

#endif
