/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A decoder turns one open input into planar float. Our own for plain samples (WAV, AIFF), libFLAC for FLAC (every
 * bit depth, damage seen), mpg123 for MP3, libvorbis for Vorbis, libsndfile for the rest. The input is borrowed. */

#ifndef LAC_MEDIA_DECODER_H
#define LAC_MEDIA_DECODER_H

#include "core/file.h"
#include "media/pcm_header.h"
#include "media/vorbis_comment.h"

#include <lacquer/media.h>

typedef struct LacDecoder LacDecoder;

typedef struct LacDecoderClass {
  /* Up to max_frames; *n_frames 0 is the end, or damage (then decoder->is_damaged). LAC_ERR_READ, LAC_ERR_MEMORY. */
  LacStatus (*read)(LacDecoder *decoder, float *const *channels, uint32_t max_frames, uint32_t *n_frames);
  /* To frame 0; the same samples follow again, also for lossy codecs. */
  LacStatus (*rewind)(LacDecoder *decoder);
  void (*free)(LacDecoder *decoder);
} LacDecoderClass;

/* The head of every decoder. */
struct LacDecoder {
  const LacDecoderClass *kind;
  bool is_damaged; /* the audio ended because what follows cannot be decoded */
};

LAC_NODISCARD LacStatus lac_pcm_decoder_new(LacInput *input, const LacPcmHeader *header, LacDecoder **out);

/* *n_frames: what is really there when that can be told without decoding everything, else 0. DAMAGED when not one
 * frame can be decoded. */
LAC_NODISCARD LacStatus lac_flac_decoder_new(LacInput *input, const LacFlacHeader *header, LacDecoder **out,
                                             uint64_t *n_frames);

/* Fills all of `info`; n_frames by looking at every frame header, 0 when that fails. DAMAGED without a frame. */
LAC_NODISCARD LacStatus lac_mpeg_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info);

/* Fills all of `info` but n_frames. UNSUPPORTED when Ogg holds no Vorbis, DAMAGED. */
LAC_NODISCARD LacStatus lac_vorbis_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info);

/* Fills all of `info`; n_frames 0 when libsndfile cannot tell. DAMAGED when libsndfile refuses the bytes,
 * UNSUPPORTED when it knows the container but not the codec. */
LAC_NODISCARD LacStatus lac_sndfile_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info);

#endif
