/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The places where pages of an Ogg Opus stream are lost: a page whose checksum fails is dropped by every decoder, and
 * what follows would move forward in time without a word. */

#ifndef LAC_MEDIA_OPUS_GAPS_H
#define LAC_MEDIA_OPUS_GAPS_H

#include "core/file.h"

enum { LAC_MAX_OPUS_GAPS = 256 };

typedef struct LacOpusGap {
  uint64_t at;       /* frames at 48 kHz since the first frame heard (behind the pre-skip) */
  uint64_t n_frames; /* lost there, at 48 kHz; 0 when the pages do not tell */
} LacOpusGap;

typedef struct LacOpusGaps {
  LacOpusGap gaps[LAC_MAX_OPUS_GAPS]; /* by time; those behind the last place are not told */
  uint32_t n_gaps;
  bool has_more; /* another Opus stream follows; libsndfile reads only the first */
} LacOpusGaps;

/* Reads every page of the first stream. A gap's length is the granule position of the first page behind it, less that
 * of the audio before and the packets in between (RFC 7845, 4). LAC_ERR_READ, LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_opus_gaps_read(LacInput *input, LacOpusGaps *gaps);

#endif
