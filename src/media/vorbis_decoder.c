/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/decoder.h"

#include "core/memory.h"
#include "media/ogg_stream.h"

#define OV_EXCLUDE_STATIC_CALLBACKS
#include <vorbis/vorbisfile.h>

#include <stdio.h>
#include <string.h>

/* libvorbisfile itself rather than through libsndfile, which leaks when a header is damaged. libvorbisfile leaks too
 * when it searches chained streams for headers that are damaged, so only plain files are opened for seeking (which
 * tells their length); others are decoded from front to back. */

typedef struct VorbisDecoder {
  LacDecoder base;
  LacInput *input;
  OggVorbis_File vorbis;
  int64_t cursor; /* byte position of libvorbisfile in the input */
  unsigned n_channels;
  uint32_t rate_hz;
  bool is_plain, is_open, is_read_failed, is_ended;
  bool has_hole; /* packets are missing, or a chained stream begins: the next read tells */
  int link;
} VorbisDecoder;

static size_t on_read(void *bytes, size_t size, size_t count, void *user) {
  VorbisDecoder *decoder = user;
  size_t n_bytes, n_read = 0;
  if (!lac_mul_size(size, count, &n_bytes) || n_bytes == 0)
    return 0;
  if (lac_input_read_at(decoder->input, (uint64_t)decoder->cursor, bytes, n_bytes, &n_read)) {
    decoder->is_read_failed = true;
    return 0;
  }
  decoder->cursor += (int64_t)n_read;
  return n_read / size;
}

static int on_seek(void *user, ogg_int64_t offset, int whence) {
  VorbisDecoder *decoder = user;
  const int64_t from = whence == SEEK_CUR   ? decoder->cursor
                       : whence == SEEK_END ? (int64_t)lac_input_size(decoder->input)
                                            : 0;
  int64_t to;
  if (__builtin_add_overflow(from, (int64_t)offset, &to) || to < 0)
    return -1;
  decoder->cursor = to;
  return 0;
}

static long on_tell(void *user) {
  return (long)((VorbisDecoder *)user)->cursor;
}

static LacStatus open_stream(VorbisDecoder *decoder) {
  const ov_callbacks callbacks = {on_read, decoder->is_plain ? on_seek : NULL, NULL,
                                  decoder->is_plain ? on_tell : NULL};
  if (decoder->is_open)
    ov_clear(&decoder->vorbis);
  decoder->cursor = 0;
  decoder->base.is_damaged = decoder->is_ended = decoder->is_read_failed = decoder->has_hole = false;
  decoder->link = 0;
  const int result = ov_open_callbacks(decoder, &decoder->vorbis, NULL, 0, callbacks);
  decoder->is_open = result == 0;
  if (decoder->is_read_failed)
    return LAC_ERR_READ;
  return result == 0                                        ? LAC_OK
         : result == OV_ENOTVORBIS || result == OV_EVERSION ? LAC_ERR_UNSUPPORTED
                                                            : LAC_ERR_DAMAGED;
}

/* Streams may be chained; a link of another layout ends the audio. */
static bool is_same_layout(VorbisDecoder *decoder) {
  const vorbis_info *info = ov_info(&decoder->vorbis, -1);
  return info && info->channels == (int)decoder->n_channels && info->rate == (long)decoder->rate_hz;
}

static LacStatus vorbis_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  VorbisDecoder *decoder = (VorbisDecoder *)base;
  *n_frames = 0;
  while (*n_frames < max_frames && !decoder->is_ended) {
    float **pcm = NULL;
    int link = decoder->link;
    const uint32_t n_left = max_frames - *n_frames;
    const long n = ov_read_float(&decoder->vorbis, &pcm, n_left < 4096 ? (int)n_left : 4096, &link);
    if (decoder->is_read_failed)
      return LAC_ERR_READ;
    if (n == OV_HOLE && !decoder->has_hole) {
      decoder->has_hole = true;
      continue;
    }
    if (n <= 0 || !is_same_layout(decoder) || (decoder->has_hole && link == decoder->link)) {
      decoder->is_ended = true;
      decoder->base.is_damaged = n != 0 || decoder->has_hole;
      break;
    }
    decoder->has_hole = false;
    decoder->link = link;
    for (unsigned c = 0; c < decoder->n_channels; ++c)
      memcpy(channels[c] + *n_frames, pcm[c], (size_t)n * sizeof(float));
    *n_frames += (uint32_t)n;
  }
  return LAC_OK;
}

static LacStatus vorbis_rewind(LacDecoder *base) {
  const LacStatus status = open_stream((VorbisDecoder *)base);
  return status == LAC_ERR_UNSUPPORTED || status == LAC_ERR_DAMAGED ? LAC_ERR_READ : status;
}

static void vorbis_free(LacDecoder *base) {
  VorbisDecoder *decoder = (VorbisDecoder *)base;
  if (decoder->is_open)
    ov_clear(&decoder->vorbis);
  lac_free(decoder);
}

static LacStatus describe(VorbisDecoder *decoder, LacMediaInfo *info) {
  const vorbis_info *stream = ov_info(&decoder->vorbis, 0);
  if (!stream || stream->channels < 1 || stream->rate < 1)
    return LAC_ERR_DAMAGED;
  decoder->n_channels = (unsigned)stream->channels;
  decoder->rate_hz = stream->rate <= UINT32_MAX ? (uint32_t)stream->rate : 0;
  *info = (LacMediaInfo){.rate_hz = decoder->rate_hz, .n_channels = decoder->n_channels, .is_lossy = true};
  snprintf(info->container, sizeof info->container, "ogg");
  snprintf(info->codec, sizeof info->codec, "vorbis");
  const ogg_int64_t total = decoder->is_plain ? ov_pcm_total(&decoder->vorbis, -1) : 0;
  info->n_frames = total > 0 ? (uint64_t)total : 0;
  return LAC_OK;
}

LacStatus lac_vorbis_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info) {
  static const LacDecoderClass kind = {vorbis_read, vorbis_rewind, vorbis_free};
  VorbisDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  decoder->is_plain = lac_ogg_is_plain(input);
  LacStatus status = open_stream(decoder);
  if (!status)
    status = describe(decoder, info);
  if (status)
    vorbis_free(&decoder->base);
  else
    *out = &decoder->base;
  return status;
}
