/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first frame of an MPEG audio stream (ISO/IEC 11172-3, 2.4.1.3) and the Xing/Info header that encoders put
 * into it: enough to know the format by its bytes and to see that a file was cut off. */

#ifndef LAC_MEDIA_MPEG_HEADER_H
#define LAC_MEDIA_MPEG_HEADER_H

#include "core/file.h"

typedef struct LacMpegHeader {
  uint32_t rate_hz;
  unsigned n_channels;
  bool has_length;          /* the next two are known */
  uint64_t n_frames;        /* samples per channel, encoder delay and padding included */
  uint64_t n_bytes_missing; /* promised bytes beyond the end of the file */
} LacMpegHeader;

/* False when no valid frame header stands at `offset`. */
bool lac_mpeg_header_read(LacInput *input, uint64_t offset, LacMpegHeader *header);

#endif
