/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/decoder.h"

#include "core/memory.h"

#include <FLAC/stream_decoder.h>
#include <string.h>

/* RFC 9639, 9.1.1: a frame holds at most 65536 samples per channel. */
enum { MAX_FLAC_FRAME = 65536, MAX_CHANNELS = 2 };

typedef struct FlacDecoder {
  LacDecoder base;
  LacInput *input;
  FLAC__StreamDecoder *flac;
  LacFlacHeader header;
  uint64_t cursor;              /* byte position of libFLAC in the input */
  float *pending[MAX_CHANNELS]; /* one decoded FLAC frame */
  uint32_t n_pending, at;
  uint64_t next;      /* the frame that should be decoded next, by the numbers in the stream */
  uint64_t zero_end;  /* where a frame of zeros behind damage ends */
  uint64_t n_given;   /* frames since the rewind, silence included */
  uint64_t n_silence; /* frames of silence to give before the pending ones */
  bool is_broken;     /* something could not be decoded since the last good frame */
  bool is_bad_frame;  /* the next frame given by libFLAC fails its checksum */
  bool is_read_failed;
  bool is_seeking; /* damage met while searching is not damage of the audio */
} FlacDecoder;

static FLAC__StreamDecoderReadStatus on_read(const FLAC__StreamDecoder *flac, FLAC__byte bytes[], size_t *n_bytes,
                                             void *user) {
  (void)flac;
  FlacDecoder *decoder = user;
  const size_t n_wanted = *n_bytes;
  if (lac_input_read_at(decoder->input, decoder->cursor, bytes, n_wanted, n_bytes)) {
    decoder->is_read_failed = true;
    return FLAC__STREAM_DECODER_READ_STATUS_ABORT;
  }
  decoder->cursor += *n_bytes;
  return *n_bytes == 0 ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
}

static FLAC__StreamDecoderSeekStatus on_seek(const FLAC__StreamDecoder *flac, FLAC__uint64 offset, void *user) {
  (void)flac;
  ((FlacDecoder *)user)->cursor = offset;
  return FLAC__STREAM_DECODER_SEEK_STATUS_OK;
}

static FLAC__StreamDecoderTellStatus on_tell(const FLAC__StreamDecoder *flac, FLAC__uint64 *offset, void *user) {
  (void)flac;
  *offset = ((FlacDecoder *)user)->cursor;
  return FLAC__STREAM_DECODER_TELL_STATUS_OK;
}

static FLAC__StreamDecoderLengthStatus on_length(const FLAC__StreamDecoder *flac, FLAC__uint64 *length, void *user) {
  (void)flac;
  *length = lac_input_size(((FlacDecoder *)user)->input);
  return FLAC__STREAM_DECODER_LENGTH_STATUS_OK;
}

static FLAC__bool on_eof(const FLAC__StreamDecoder *flac, void *user) {
  (void)flac;
  FlacDecoder *decoder = user;
  return decoder->cursor >= lac_input_size(decoder->input);
}

static bool is_all_zero(const FlacDecoder *decoder, const FLAC__int32 *const buffer[], uint32_t n_frames) {
  for (unsigned c = 0; c < decoder->header.n_channels; ++c)
    for (uint32_t i = 0; i < n_frames; ++i)
      if (buffer[c][i] != 0)
        return false;
  return true;
}

/* Silence for what lies between the last good frame and `number`; from there on all is well. */
static void take_gap(FlacDecoder *decoder, uint64_t number) {
  decoder->n_silence =
      lac_loss_add(&decoder->base.loss, decoder->n_given, number - decoder->next, decoder->header.rate_hz);
  decoder->next = number;
  decoder->is_broken = false;
}

/* After damage libFLAC goes on at the next thing that looks like a frame. A good one says by its number how many are
 * lost, and silence takes their place. False when it must not be heard: its checksum fails, it stands before what was
 * given already or behind the promised end, or it is of zeros, which libFLAC puts in place of lost frames (1.3 one, 1.4
 * all it counts). */
static bool is_in_place(FlacDecoder *decoder, const FLAC__FrameHeader *header, const FLAC__int32 *const buffer[]) {
  const bool is_bad = decoder->is_bad_frame;
  decoder->is_bad_frame = false;
  if (is_bad)
    return false;
  const uint64_t promised = decoder->header.n_frames;
  const uint64_t number =
      header->number_type == FLAC__FRAME_NUMBER_TYPE_SAMPLE_NUMBER ? header->number.sample_number : decoder->next;
  if (decoder->is_broken) {
    if (number < decoder->next || (promised > 0 && (number > promised || header->blocksize > promised - number)))
      return false;
    if (is_all_zero(decoder, buffer, header->blocksize)) {
      decoder->zero_end = number + header->blocksize;
      return false;
    }
    take_gap(decoder, number);
  }
  decoder->next = number + header->blocksize;
  return true;
}

/* Each FLAC frame says its own depth; STREAMINFO may lie (and streams may change it). Channels and rate may not. */
static FLAC__StreamDecoderWriteStatus on_frame(const FLAC__StreamDecoder *flac, const FLAC__Frame *frame,
                                               const FLAC__int32 *const buffer[], void *user) {
  (void)flac;
  FlacDecoder *decoder = user;
  const FLAC__FrameHeader *header = &frame->header;
  if (header->channels != decoder->header.n_channels || header->sample_rate != decoder->header.rate_hz ||
      header->blocksize > MAX_FLAC_FRAME || header->bits_per_sample < 4 || header->bits_per_sample > 32) {
    decoder->base.is_damaged = true;
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  if (!decoder->is_seeking && !is_in_place(decoder, header, buffer))
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
  const float scale = 1.0f / (float)(UINT32_C(1) << (header->bits_per_sample - 1));
  for (unsigned c = 0; c < decoder->header.n_channels; ++c)
    for (uint32_t i = 0; i < header->blocksize; ++i)
      decoder->pending[c][i] = (float)buffer[c][i] * scale;
  decoder->n_pending = header->blocksize;
  decoder->at = 0;
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void on_error(const FLAC__StreamDecoder *flac, FLAC__StreamDecoderErrorStatus status, void *user) {
  (void)flac;
  FlacDecoder *decoder = user;
  if (decoder->is_seeking)
    return;
  decoder->is_broken = true;
  decoder->is_bad_frame = status == FLAC__STREAM_DECODER_ERROR_STATUS_FRAME_CRC_MISMATCH;
}

/* Decode until a frame is pending or the end. */
static LacStatus fill(FlacDecoder *decoder) {
  decoder->n_pending = decoder->at = 0;
  while (decoder->n_pending == 0 && !decoder->base.is_damaged) {
    const FLAC__StreamDecoderState state = FLAC__stream_decoder_get_state(decoder->flac);
    if (state == FLAC__STREAM_DECODER_END_OF_STREAM) {
      if (decoder->is_broken && decoder->zero_end > decoder->next)
        take_gap(decoder, decoder->zero_end);
      decoder->base.is_damaged = decoder->base.is_damaged || decoder->is_broken;
      break;
    }
    if (!FLAC__stream_decoder_process_single(decoder->flac)) {
      if (decoder->is_read_failed)
        return LAC_ERR_READ;
      if (FLAC__stream_decoder_get_state(decoder->flac) == FLAC__STREAM_DECODER_MEMORY_ALLOCATION_ERROR)
        return LAC_ERR_MEMORY;
      decoder->base.is_damaged = true;
    }
  }
  return LAC_OK;
}

static LacStatus flac_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  FlacDecoder *decoder = (FlacDecoder *)base;
  *n_frames = 0;
  while (*n_frames < max_frames) {
    if (decoder->at == decoder->n_pending && decoder->n_silence == 0) {
      const LacStatus status = fill(decoder);
      if (status)
        return status;
      if (decoder->n_pending == 0 && decoder->n_silence == 0)
        break;
    }
    const uint32_t n_wanted = max_frames - *n_frames;
    const bool is_silent = decoder->n_silence > 0;
    const uint64_t n_here = is_silent ? decoder->n_silence : decoder->n_pending - decoder->at;
    const uint32_t n = n_here < n_wanted ? (uint32_t)n_here : n_wanted;
    for (unsigned c = 0; c < decoder->header.n_channels; ++c) {
      if (is_silent)
        memset(channels[c] + *n_frames, 0, n * sizeof(float));
      else
        memcpy(channels[c] + *n_frames, decoder->pending[c] + decoder->at, n * sizeof(float));
    }
    if (is_silent)
      decoder->n_silence -= n;
    else
      decoder->at += n;
    decoder->n_given += n;
    *n_frames += n;
  }
  return LAC_OK;
}

static LacStatus flac_rewind(LacDecoder *base) {
  FlacDecoder *decoder = (FlacDecoder *)base;
  decoder->n_pending = decoder->at = 0;
  decoder->base.is_damaged = decoder->is_read_failed = decoder->is_broken = decoder->is_bad_frame = false;
  decoder->base.loss = (LacLoss){0};
  decoder->next = decoder->zero_end = decoder->n_given = decoder->n_silence = decoder->cursor = 0;
  if (!FLAC__stream_decoder_reset(decoder->flac))
    return decoder->is_read_failed ? LAC_ERR_READ : LAC_ERR_MEMORY;
  return LAC_OK;
}

static void flac_free(LacDecoder *base) {
  FlacDecoder *decoder = (FlacDecoder *)base;
  if (decoder->flac)
    FLAC__stream_decoder_delete(decoder->flac);
  for (unsigned c = 0; c < MAX_CHANNELS; ++c)
    lac_free(decoder->pending[c]);
  lac_free(decoder);
}

/* True when the last promised sample can be reached and nothing follows it: a cheap look for files that were cut
 * off and for headers that say too little. */
static bool has_promised_length(FlacDecoder *decoder) {
  decoder->is_seeking = true;
  decoder->n_pending = 0;
  bool is_right =
      FLAC__stream_decoder_seek_absolute(decoder->flac, decoder->header.n_frames - 1) && decoder->n_pending > 0;
  if (is_right) {
    is_right = decoder->n_pending == 1;
    decoder->n_pending = 0;
    if (is_right && FLAC__stream_decoder_get_state(decoder->flac) != FLAC__STREAM_DECODER_END_OF_STREAM)
      is_right = !FLAC__stream_decoder_process_single(decoder->flac) || decoder->n_pending == 0;
  }
  decoder->is_seeking = false;
  return is_right && !decoder->is_read_failed;
}

static LacStatus start(FlacDecoder *decoder) {
  decoder->flac = FLAC__stream_decoder_new();
  for (unsigned c = 0; c < decoder->header.n_channels; ++c)
    decoder->pending[c] = lac_alloc(MAX_FLAC_FRAME, sizeof(float));
  if (!decoder->flac || !decoder->pending[0] || (decoder->header.n_channels > 1 && !decoder->pending[1]))
    return LAC_ERR_MEMORY;
  const FLAC__StreamDecoderInitStatus init =
      (decoder->header.is_ogg ? FLAC__stream_decoder_init_ogg_stream : FLAC__stream_decoder_init_stream)(
          decoder->flac, on_read, on_seek, on_tell, on_length, on_eof, on_frame, NULL, on_error, decoder);
  if (init == FLAC__STREAM_DECODER_INIT_STATUS_UNSUPPORTED_CONTAINER)
    return LAC_ERR_UNSUPPORTED;
  if (init != FLAC__STREAM_DECODER_INIT_STATUS_OK)
    return LAC_ERR_MEMORY;
  const LacStatus status = fill(decoder);
  return status ? status : decoder->n_pending == 0 ? LAC_ERR_DAMAGED : LAC_OK;
}

LacStatus lac_flac_decoder_new(LacInput *input, const LacFlacHeader *header, LacDecoder **out, uint64_t *n_frames) {
  static const LacDecoderClass kind = {flac_read, flac_rewind, flac_free};
  FlacDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  decoder->header = *header;
  LacStatus status = start(decoder);
  if (!status) {
    *n_frames = header->n_frames > 0 && has_promised_length(decoder) ? header->n_frames : 0;
    status = decoder->is_read_failed ? LAC_ERR_READ : flac_rewind(&decoder->base);
  }
  if (status)
    flac_free(&decoder->base);
  else
    *out = &decoder->base;
  return status;
}
