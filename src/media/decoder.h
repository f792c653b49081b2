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

/* Parts in the middle that could not be decoded, since the last rewind. */
typedef struct LacLoss {
  uint64_t n_gaps;
  uint64_t at;       /* the frame where the first begins */
  uint64_t n_silent; /* frames of silence put in their places */
  bool is_cut;       /* a gap too long for silence was left out */
} LacLoss;

/* The head of every decoder. */
struct LacDecoder {
  const LacDecoderClass *kind;
  bool is_damaged; /* the audio ended because what follows cannot be decoded */
  LacLoss loss;
};

/* Silence for lost frames keeps what follows in its place; a longer loss, in all, is left out (5 minutes: a header that
 * lies must not become hours). */
enum { LAC_MAX_SILENCE_S = 300 };
/* Counts a gap of n_lost frames at frame `at` and returns how many of them shall be silence: all or none. */
static inline uint64_t lac_loss_add(LacLoss *loss, uint64_t at, uint64_t n_lost, uint32_t rate_hz) {
  if (loss->n_gaps++ == 0)
    loss->at = at;
  if (n_lost > (uint64_t)LAC_MAX_SILENCE_S * rate_hz - loss->n_silent) {
    loss->is_cut = true;
    return 0;
  }
  loss->n_silent += n_lost;
  return n_lost;
}

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
