/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/decoder.h"

#include "core/memory.h"
#include "media/pcm_samples.h"

enum { BLOCK_FRAMES = 8192 };

typedef struct PcmDecoder {
  LacDecoder base;
  LacInput *input;
  LacPcmHeader header;
  uint64_t position;    /* next frame of the file to load */
  uint8_t *block;       /* BLOCK_FRAMES frames */
  uint32_t n_block, at; /* frames loaded, frames of them handed out */
} PcmDecoder;

static LacStatus load(PcmDecoder *decoder) {
  const uint64_t left = decoder->header.n_frames - decoder->position;
  const uint32_t n = left < BLOCK_FRAMES ? (uint32_t)left : BLOCK_FRAMES;
  const uint64_t frame_bytes = decoder->header.frame_bytes;
  size_t n_read = 0;
  decoder->at = decoder->n_block = 0;
  const LacStatus status =
      lac_input_read_at(decoder->input, decoder->header.data_offset + decoder->position * frame_bytes, decoder->block,
                        (size_t)(n * frame_bytes), &n_read);
  if (status)
    return status;
  decoder->n_block = (uint32_t)(n_read / frame_bytes); /* fewer when the file shrinks under us */
  decoder->position += decoder->n_block;
  decoder->base.is_damaged = decoder->n_block < n;
  return LAC_OK;
}

static LacStatus pcm_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  PcmDecoder *decoder = (PcmDecoder *)base;
  *n_frames = 0;
  while (*n_frames < max_frames) {
    if (decoder->at == decoder->n_block) {
      const LacStatus status = load(decoder);
      if (status)
        return status;
      if (decoder->n_block == 0)
        break;
    }
    const uint32_t n_here = decoder->n_block - decoder->at, n_wanted = max_frames - *n_frames;
    const uint32_t n = n_here < n_wanted ? n_here : n_wanted;
    lac_pcm_unpack(&decoder->header, decoder->block + decoder->at * decoder->header.frame_bytes, n, channels,
                   *n_frames);
    decoder->at += n;
    *n_frames += n;
  }
  return LAC_OK;
}

static LacStatus pcm_rewind(LacDecoder *base) {
  PcmDecoder *decoder = (PcmDecoder *)base;
  decoder->position = 0;
  decoder->at = decoder->n_block = 0;
  decoder->base.is_damaged = false;
  return LAC_OK;
}

static void pcm_free(LacDecoder *base) {
  PcmDecoder *decoder = (PcmDecoder *)base;
  lac_free(decoder->block);
  lac_free(decoder);
}

LacStatus lac_pcm_decoder_new(LacInput *input, const LacPcmHeader *header, LacDecoder **out) {
  static const LacDecoderClass kind = {pcm_read, pcm_rewind, pcm_free};
  PcmDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  decoder->header = *header;
  decoder->block = lac_alloc(BLOCK_FRAMES, (size_t)header->frame_bytes);
  if (!decoder->block) {
    pcm_free(&decoder->base);
    return LAC_ERR_MEMORY;
  }
  *out = &decoder->base;
  return LAC_OK;
}
