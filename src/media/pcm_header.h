/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The headers of WAV (RIFF, RIFX, RF64, BW64) and AIFF/AIFC: where the samples stand, how many the header promises
 * and how many there are, text tags, and what else the file holds.
 *
 * Read by ourselves because libsndfile shortens truncated files silently, knows no BW64, no 64-bit integers, and
 * only some text. Sources: Microsoft RIFF MCI 1991 and "Multiple channel audio data and WAVE files"; EBU Tech 3306;
 * ITU-R BS.2088; Apple AIFF 1.3 and AIFF-C draft 1991. */

#ifndef LAC_MEDIA_PCM_HEADER_H
#define LAC_MEDIA_PCM_HEADER_H

#include "core/file.h"
#include "media/tag_text.h"

typedef enum LacPcmKind { LAC_PCM_SIGNED, LAC_PCM_UNSIGNED, LAC_PCM_FLOAT } LacPcmKind;

typedef struct LacPcmHeader {
  bool is_pcm;    /* false: a codec for libsndfile; then the sample fields below mean nothing */
  char codec[16]; /* of LacMediaInfo */
  uint32_t rate_hz;
  unsigned n_channels;
  LacPcmKind kind;
  bool is_big_endian;
  unsigned sample_bytes; /* 1..8; integers fill them from the top */
  unsigned valid_bits;   /* 1..64 */
  uint64_t frame_bytes;
  uint64_t data_offset;
  uint64_t n_frames;   /* in the file */
  uint64_t n_promised; /* by the header; n_frames when it promises nothing */
  bool is_unfinished;  /* the header was never completed: it says 0 where there is audio */
} LacPcmHeader;

/* `offset` is that of the RIFF or FORM id, checked by the caller. Failures: DAMAGED (code INPUT_DAMAGED),
 * UNSUPPORTED, EMPTY, READ, MEMORY; `name` stands in the message. Channels and rate are as found, unchecked. */
LAC_NODISCARD LacStatus lac_wave_header_read(LacInput *input, const char *name, LacPcmHeader *header,
                                             LacTagReader *reader, LacError *error);
LAC_NODISCARD LacStatus lac_aiff_header_read(LacInput *input, const char *name, LacPcmHeader *header,
                                             LacTagReader *reader, LacError *error);

/* Shared by both: up to `max` bytes of a chunk body, caller frees; fewer at the end of the file. */
LAC_NODISCARD LacStatus lac_chunk_load(LacInput *input, uint64_t offset, uint64_t n_bytes, size_t max, uint8_t **bytes,
                                       size_t *n_read);
/* A chunk nobody names: padding and private data of programs are passed over, others become an extra. */
LacStatus lac_chunk_extra(LacTagReader *reader, const uint8_t id[4]);

#endif
