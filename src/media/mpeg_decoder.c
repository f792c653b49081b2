/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/decoder.h"

#include "core/memory.h"

#include <mpg123.h>
#include <stdio.h>

/* mpg123 itself rather than through libsndfile, which cannot keep it from printing and takes a guess for the
 * length of files without a Xing header. */

enum { BLOCK_FRAMES = 4096, RESYNC_BYTES = 65536 };

typedef struct MpegDecoder {
  LacDecoder base;
  LacInput *input;
  mpg123_handle *mpeg;
  int64_t cursor; /* byte position of mpg123 in the input */
  unsigned n_channels;
  uint32_t rate_hz;
  float block[BLOCK_FRAMES * 2]; /* interleaved */
  bool is_read_failed, is_ended;
} MpegDecoder;

static ssize_t on_read(void *user, void *bytes, size_t n_bytes) {
  MpegDecoder *decoder = user;
  size_t n_read = 0;
  if (lac_input_read_at(decoder->input, (uint64_t)decoder->cursor, bytes, n_bytes, &n_read)) {
    decoder->is_read_failed = true;
    return -1;
  }
  decoder->cursor += (int64_t)n_read;
  return (ssize_t)n_read;
}

static off_t on_seek(void *user, off_t offset, int whence) {
  MpegDecoder *decoder = user;
  const int64_t from = whence == SEEK_CUR   ? decoder->cursor
                       : whence == SEEK_END ? (int64_t)lac_input_size(decoder->input)
                                            : 0;
  int64_t to;
  if (__builtin_add_overflow(from, offset, &to) || to < 0)
    return -1;
  return decoder->cursor = to;
}

static LacStatus failure(const MpegDecoder *decoder) {
  return decoder->is_read_failed                              ? LAC_ERR_READ
         : mpg123_errcode(decoder->mpeg) == MPG123_OUT_OF_MEM ? LAC_ERR_MEMORY
                                                              : LAC_ERR_DAMAGED;
}

static bool is_same_format(MpegDecoder *decoder) {
  long rate = 0;
  int n_channels = 0, encoding = 0;
  return mpg123_getformat(decoder->mpeg, &rate, &n_channels, &encoding) == MPG123_OK &&
         encoding == MPG123_ENC_FLOAT_32 && rate == (long)decoder->rate_hz && n_channels == (int)decoder->n_channels;
}

static LacStatus mpeg_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  MpegDecoder *decoder = (MpegDecoder *)base;
  const unsigned n_channels = decoder->n_channels;
  *n_frames = 0;
  while (*n_frames < max_frames && !decoder->is_ended) {
    const uint32_t n_left = max_frames - *n_frames, n_wanted = n_left < BLOCK_FRAMES ? n_left : BLOCK_FRAMES;
    size_t n_bytes = 0;
    const int result = mpg123_read(decoder->mpeg, decoder->block, n_wanted * n_channels * sizeof(float), &n_bytes);
    const uint32_t n = (uint32_t)(n_bytes / (n_channels * sizeof(float)));
    for (unsigned c = 0; c < n_channels; ++c)
      for (uint32_t i = 0; i < n; ++i)
        channels[c][*n_frames + i] = decoder->block[(size_t)i * n_channels + c];
    *n_frames += n;
    if (decoder->is_read_failed)
      return LAC_ERR_READ;
    if (result == MPG123_OK || (result == MPG123_NEW_FORMAT && is_same_format(decoder)))
      continue;
    decoder->is_ended = true; /* nonsense behind the last frame is normal, so only a new format is damage */
    decoder->base.is_damaged = result == MPG123_NEW_FORMAT;
  }
  return LAC_OK;
}

static LacStatus open_stream(MpegDecoder *decoder) {
  decoder->cursor = 0;
  decoder->base.is_damaged = decoder->is_ended = decoder->is_read_failed = false;
  return mpg123_open_handle(decoder->mpeg, decoder) == MPG123_OK ? LAC_OK : failure(decoder);
}

/* Opened anew: what a decoder carries from frame to frame must be what it was at the start. */
static LacStatus mpeg_rewind(LacDecoder *base) {
  MpegDecoder *decoder = (MpegDecoder *)base;
  mpg123_close(decoder->mpeg);
  LacStatus status = open_stream(decoder);
  if (!status && !is_same_format(decoder))
    status = failure(decoder);
  return status == LAC_ERR_DAMAGED ? LAC_ERR_READ : status;
}

static void mpeg_free(LacDecoder *base) {
  MpegDecoder *decoder = (MpegDecoder *)base;
  if (decoder->mpeg)
    mpg123_delete(decoder->mpeg);
  lac_free(decoder);
}

static LacStatus describe(MpegDecoder *decoder, LacMediaInfo *info) {
  long rate = 0;
  int n_channels = 0, encoding = 0;
  struct mpg123_frameinfo frame;
  if (mpg123_getformat(decoder->mpeg, &rate, &n_channels, &encoding) != MPG123_OK || encoding != MPG123_ENC_FLOAT_32 ||
      n_channels < 1 || n_channels > 2 || mpg123_info(decoder->mpeg, &frame) != MPG123_OK)
    return failure(decoder);
  decoder->rate_hz = (uint32_t)rate;
  decoder->n_channels = (unsigned)n_channels;
  *info = (LacMediaInfo){.rate_hz = (uint32_t)rate, .n_channels = (unsigned)n_channels, .is_lossy = true};
  snprintf(info->container, sizeof info->container, "mp3");
  snprintf(info->codec, sizeof info->codec, "mp%d", frame.layer >= 1 && frame.layer <= 3 ? frame.layer : 3);
  /* Every frame header is looked at: without it the length is an estimate. */
  const off_t length = mpg123_scan(decoder->mpeg) == MPG123_OK ? mpg123_length(decoder->mpeg) : 0;
  info->n_frames = length > 0 ? (uint64_t)length : 0;
  return decoder->is_read_failed ? LAC_ERR_READ : LAC_OK;
}

static LacStatus start(MpegDecoder *decoder, LacMediaInfo *info) {
  int result = MPG123_OK;
  decoder->mpeg = mpg123_new(NULL, &result);
  if (!decoder->mpeg)
    return result == MPG123_OUT_OF_MEM ? LAC_ERR_MEMORY : LAC_ERR_UNSUPPORTED;
  if (mpg123_param(decoder->mpeg, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_GAPLESS | MPG123_FORCE_FLOAT, 0.) !=
          MPG123_OK ||
      mpg123_param(decoder->mpeg, MPG123_RESYNC_LIMIT, RESYNC_BYTES, 0.) != MPG123_OK ||
      mpg123_replace_reader_handle(decoder->mpeg, on_read, on_seek, NULL) != MPG123_OK)
    return LAC_ERR_UNSUPPORTED;
  LacStatus status = open_stream(decoder);
  if (!status)
    status = describe(decoder, info);
  return status ? status : mpeg_rewind(&decoder->base);
}

LacStatus lac_mpeg_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info) {
  static const LacDecoderClass kind = {mpeg_read, mpeg_rewind, mpeg_free};
  MpegDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  const LacStatus status = start(decoder, info);
  if (status)
    mpeg_free(&decoder->base);
  else
    *out = &decoder->base;
  return status;
}
