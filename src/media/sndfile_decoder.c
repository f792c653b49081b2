/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/media.h>
#include "media/decoder.h"

#include "core/memory.h"
#include "media/opus_gaps.h"

#include <sndfile.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_FRAMES = 4096 };

typedef struct SndfileDecoder {
  LacDecoder base;
  LacInput *input;
  SNDFILE *file;
  SF_INFO info;
  int64_t cursor; /* byte position of libsndfile in the input */
  float *block;   /* BLOCK_FRAMES interleaved frames */
  bool is_read_failed;
  LacOpusGaps *gaps;           /* of Opus; NULL for others and when there are none */
  uint32_t gap;                /* the next */
  uint64_t n_given, n_silence; /* frames since the rewind, silence included; silence to give next */
} SndfileDecoder;

static sf_count_t on_length(void *user) {
  return (sf_count_t)lac_input_size(((SndfileDecoder *)user)->input);
}

static sf_count_t on_seek(sf_count_t offset, int whence, void *user) {
  SndfileDecoder *decoder = user;
  const int64_t from = whence == SEEK_CUR ? decoder->cursor : whence == SEEK_END ? on_length(user) : 0;
  int64_t to;
  if (__builtin_add_overflow(from, offset, &to) || to < 0)
    return -1;
  return decoder->cursor = to;
}

static sf_count_t on_read(void *bytes, sf_count_t n_bytes, void *user) {
  SndfileDecoder *decoder = user;
  size_t n_read = 0;
  if (n_bytes <= 0)
    return 0;
  if (lac_input_read_at(decoder->input, (uint64_t)decoder->cursor, bytes, (size_t)n_bytes, &n_read)) {
    decoder->is_read_failed = true;
    return 0;
  }
  decoder->cursor += (int64_t)n_read;
  return (sf_count_t)n_read;
}

static sf_count_t on_write(const void *bytes, sf_count_t n_bytes, void *user) {
  (void)bytes;
  (void)n_bytes;
  (void)user;
  return 0;
}

static sf_count_t on_tell(void *user) {
  return ((SndfileDecoder *)user)->cursor;
}

static LacStatus open_file(SndfileDecoder *decoder) {
  SF_VIRTUAL_IO callbacks = {on_length, on_seek, on_read, on_write, on_tell};
  if (decoder->file)
    sf_close(decoder->file);
  decoder->info = (SF_INFO){0};
  decoder->cursor = 0;
  decoder->base.is_damaged = decoder->is_read_failed = false;
  decoder->base.loss = (LacLoss){0};
  decoder->n_given = decoder->n_silence = decoder->gap = 0;
  decoder->file = sf_open_virtual(&callbacks, SFM_READ, &decoder->info, decoder);
  if (decoder->file)
    return LAC_OK;
  if (decoder->is_read_failed)
    return LAC_ERR_READ;
  const int why = sf_error(NULL);
  return why == SF_ERR_UNSUPPORTED_ENCODING || why == SF_ERR_UNRECOGNISED_FORMAT ? LAC_ERR_UNSUPPORTED
                                                                                 : LAC_ERR_DAMAGED;
}

static uint64_t to_rate(const SndfileDecoder *decoder, uint64_t n_frames) {
  return n_frames / 48000 * (uint64_t)decoder->info.samplerate +
         n_frames % 48000 * (uint64_t)decoder->info.samplerate / 48000;
}

/* How many frames may be decoded before the next gap; takes the gaps that are reached. */
static uint32_t until_gap(SndfileDecoder *decoder, uint32_t n_wanted) {
  while (decoder->gaps && decoder->gap < decoder->gaps->n_gaps) {
    const LacOpusGap *gap = &decoder->gaps->gaps[decoder->gap];
    const uint64_t at = to_rate(decoder, gap->at);
    if (decoder->n_given < at)
      return at - decoder->n_given < n_wanted ? (uint32_t)(at - decoder->n_given) : n_wanted;
    decoder->n_silence += lac_loss_add(&decoder->base.loss, decoder->n_given, to_rate(decoder, gap->n_frames),
                                       (uint32_t)decoder->info.samplerate);
    ++decoder->gap;
    if (decoder->n_silence > 0)
      return 0;
  }
  return n_wanted;
}

static uint32_t give_silence(SndfileDecoder *decoder, float *const *channels, uint32_t at, uint32_t n_wanted) {
  const uint32_t n = decoder->n_silence < n_wanted ? (uint32_t)decoder->n_silence : n_wanted;
  for (int c = 0; c < decoder->info.channels && n > 0; ++c)
    memset(channels[c] + at, 0, n * sizeof(float));
  decoder->n_silence -= n;
  decoder->n_given += n;
  return n;
}

static LacStatus sndfile_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  SndfileDecoder *decoder = (SndfileDecoder *)base;
  const unsigned n_channels = (unsigned)decoder->info.channels;
  *n_frames = 0;
  while (*n_frames < max_frames) {
    *n_frames += give_silence(decoder, channels, *n_frames, max_frames - *n_frames);
    const uint32_t n_wanted = until_gap(decoder, max_frames - *n_frames);
    if (n_wanted == 0)
      continue;
    const sf_count_t n =
        sf_readf_float(decoder->file, decoder->block, n_wanted < BLOCK_FRAMES ? n_wanted : BLOCK_FRAMES);
    if (decoder->is_read_failed)
      return LAC_ERR_READ;
    if (n <= 0) {
      decoder->base.is_damaged =
          sf_error(decoder->file) != SF_ERR_NO_ERROR || (decoder->gaps && decoder->gaps->has_more);
      break;
    }
    for (unsigned c = 0; c < n_channels; ++c)
      for (uint32_t i = 0; i < (uint32_t)n; ++i)
        channels[c][*n_frames + i] = decoder->block[(size_t)i * n_channels + c];
    *n_frames += (uint32_t)n;
    decoder->n_given += (uint64_t)n;
  }
  return LAC_OK;
}

/* A lossy decoder carries state from frame to frame; a fresh one starts from nothing, as the first did. */
static LacStatus sndfile_rewind(LacDecoder *base) {
  const LacStatus status = open_file((SndfileDecoder *)base);
  return status == LAC_ERR_UNSUPPORTED || status == LAC_ERR_DAMAGED ? LAC_ERR_READ : status;
}

static void sndfile_free(LacDecoder *base) {
  SndfileDecoder *decoder = (SndfileDecoder *)base;
  if (decoder->file)
    sf_close(decoder->file);
  lac_free(decoder->block);
  lac_free(decoder->gaps);
  lac_free(decoder);
}

static const char *container_name(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
  case SF_FORMAT_WAV:
  case SF_FORMAT_WAVEX:
  case SF_FORMAT_RF64:
    return "wav";
  case SF_FORMAT_W64:
    return "w64";
  case SF_FORMAT_AIFF:
    return "aiff";
  case SF_FORMAT_AU:
    return "au";
  case SF_FORMAT_CAF:
    return "caf";
  case SF_FORMAT_OGG:
    return "ogg";
  default:
    return "other";
  }
}

typedef struct CodecRow {
  int subtype;
  char name[16];
  unsigned bits; /* 0: lossy */
  bool is_float;
} CodecRow;

static const CodecRow *codec_row(int format) {
  static const CodecRow rows[] = {
      {SF_FORMAT_PCM_S8, "pcm", 8, false},        {SF_FORMAT_PCM_U8, "pcm", 8, false},
      {SF_FORMAT_PCM_16, "pcm", 16, false},       {SF_FORMAT_PCM_24, "pcm", 24, false},
      {SF_FORMAT_PCM_32, "pcm", 32, false},       {SF_FORMAT_FLOAT, "float", 32, true},
      {SF_FORMAT_DOUBLE, "float", 64, true},      {SF_FORMAT_ALAC_16, "alac", 16, false},
      {SF_FORMAT_ALAC_20, "alac", 24, false},     {SF_FORMAT_ALAC_24, "alac", 24, false},
      {SF_FORMAT_ALAC_32, "alac", 32, false},     {SF_FORMAT_ULAW, "ulaw", 0, false},
      {SF_FORMAT_ALAW, "alaw", 0, false},         {SF_FORMAT_IMA_ADPCM, "ima-adpcm", 0, false},
      {SF_FORMAT_MS_ADPCM, "ms-adpcm", 0, false}, {SF_FORMAT_GSM610, "gsm610", 0, false},
      {SF_FORMAT_OPUS, "opus", 0, false},
  };
  static const CodecRow other = {0, "other", 0, false};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    if (rows[i].subtype == (format & SF_FORMAT_SUBMASK))
      return &rows[i];
  return &other;
}

static void describe(const SndfileDecoder *decoder, LacMediaInfo *info) {
  const CodecRow *codec = codec_row(decoder->info.format);
  *info = (LacMediaInfo){.rate_hz = (uint32_t)decoder->info.samplerate,
                         .n_channels = (unsigned)decoder->info.channels,
                         .bits = codec->bits,
                         .is_float = codec->is_float,
                         .is_lossy = codec->bits == 0};
  snprintf(info->container, sizeof info->container, "%s", container_name(decoder->info.format));
  snprintf(info->codec, sizeof info->codec, "%s", codec->name);
  /* SF_COUNT_MAX and its like stand for "unknown"; 2^48 frames are 23 years at 384 kHz. */
  if (decoder->info.frames > 0 && decoder->info.frames < INT64_C(1) << 48)
    info->n_frames = (uint64_t)decoder->info.frames;
}

/* With gaps the length is not what libsndfile tells: 0, and the source counts. */
static LacStatus find_gaps(SndfileDecoder *decoder, LacMediaInfo *info) {
  if ((decoder->info.format & SF_FORMAT_SUBMASK) != SF_FORMAT_OPUS)
    return LAC_OK;
  decoder->gaps = lac_alloc(1, sizeof *decoder->gaps);
  if (!decoder->gaps)
    return LAC_ERR_MEMORY;
  const LacStatus status = lac_opus_gaps_read(decoder->input, decoder->gaps);
  if (!status && (decoder->gaps->n_gaps > 0 || decoder->gaps->has_more)) {
    info->n_frames = 0;
  } else {
    lac_free(decoder->gaps);
    decoder->gaps = NULL;
  }
  return status;
}

LacStatus lac_sndfile_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info) {
  static const LacDecoderClass kind = {sndfile_read, sndfile_rewind, sndfile_free};
  SndfileDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  LacStatus status = open_file(decoder);
  if (!status) {
    describe(decoder, info);
    if (decoder->info.channels < 1)
      status = LAC_ERR_DAMAGED;
    else if (!(decoder->block = lac_alloc(BLOCK_FRAMES * sizeof(float), (size_t)decoder->info.channels)))
      status = LAC_ERR_MEMORY;
    else
      status = find_gaps(decoder, info);
  }
  if (status)
    sndfile_free(&decoder->base);
  else
    *out = &decoder->base;
  return status;
}

const char *lac_media_version(void) {
  return sf_version_string();
}
