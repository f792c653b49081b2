/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/decoder.h"

#include "core/memory.h"

#include <vorbis/codec.h>

#include <stdio.h>
#include <string.h>

/* libvorbis itself: libsndfile and libvorbisfile leak when a header is damaged, and the length they tell, from the
 * positions in the pages, is in one song of sixteen not what they then decode. So no length is told here, and the
 * source counts. Chained streams of one layout are one song; anything else behind the first stream ends it. */

enum { READ_BYTES = 65536 };

typedef struct VorbisDecoder {
  LacDecoder base;
  LacInput *input;
  uint64_t cursor; /* byte position in the input */
  ogg_sync_state sync;
  ogg_stream_state stream;
  vorbis_info info;
  vorbis_comment comment;
  vorbis_dsp_state dsp;
  vorbis_block block;
  bool has_stream, has_dsp; /* which of the above are initialised, sync apart */
  bool has_audio;           /* a packet of this stream was decoded: from now on a gap is damage */
  bool is_ended;
  bool is_skipping;   /* bytes that are no sound page were met in this stream */
  uint64_t n_given;   /* frames since the rewind, silence included */
  uint64_t n_silence; /* frames of silence to give before what is decoded next */
  unsigned n_channels;
  uint32_t rate_hz;
  LacStatus failure; /* READ or MEMORY */
} VorbisDecoder;

static bool next_page(VorbisDecoder *decoder, ogg_page *page) {
  int result;
  while ((result = ogg_sync_pageout(&decoder->sync, page)) != 1) {
    if (result < 0) {
      decoder->is_skipping = true;
      continue;
    }
    char *buffer = ogg_sync_buffer(&decoder->sync, READ_BYTES);
    size_t n_read = 0;
    if (!buffer)
      decoder->failure = LAC_ERR_MEMORY;
    else if (lac_input_read_at(decoder->input, decoder->cursor, buffer, READ_BYTES, &n_read))
      decoder->failure = LAC_ERR_READ;
    if (decoder->failure || n_read == 0)
      return false;
    decoder->cursor += n_read;
    ogg_sync_wrote(&decoder->sync, (long)n_read);
  }
  return true;
}

static bool begins_vorbis(const ogg_page *page) {
  return ogg_page_bos(page) && page->body_len >= 7 && memcmp(page->body, "\001vorbis", 7) == 0;
}

static void end_stream(VorbisDecoder *decoder) {
  if (decoder->has_dsp) {
    vorbis_block_clear(&decoder->block);
    vorbis_dsp_clear(&decoder->dsp);
  }
  if (decoder->has_stream) {
    ogg_stream_clear(&decoder->stream);
    vorbis_comment_clear(&decoder->comment);
    vorbis_info_clear(&decoder->info);
  }
  decoder->has_dsp = decoder->has_stream = decoder->has_audio = false;
}

/* The three header packets, the first of them in `page`. */
static bool take_headers(VorbisDecoder *decoder, ogg_page *page) {
  ogg_packet packet;
  ogg_stream_pagein(&decoder->stream, page);
  for (int n_headers = 0; n_headers < 3;) {
    const int result = ogg_stream_packetout(&decoder->stream, &packet);
    if (result < 0 || (result > 0 && vorbis_synthesis_headerin(&decoder->info, &decoder->comment, &packet) != 0))
      return false;
    if (result > 0)
      ++n_headers;
    else if (!next_page(decoder, page))
      return false;
    else if (ogg_page_serialno(page) == decoder->stream.serialno)
      ogg_stream_pagein(&decoder->stream, page);
  }
  return true;
}

static bool begin_stream(VorbisDecoder *decoder, ogg_page *page) {
  end_stream(decoder);
  if (ogg_stream_init(&decoder->stream, ogg_page_serialno(page)) != 0) {
    decoder->failure = LAC_ERR_MEMORY;
    return false;
  }
  vorbis_info_init(&decoder->info);
  vorbis_comment_init(&decoder->comment);
  decoder->has_stream = true;
  if (!take_headers(decoder, page) || vorbis_synthesis_init(&decoder->dsp, &decoder->info) != 0)
    return false;
  vorbis_block_init(&decoder->dsp, &decoder->block);
  decoder->has_dsp = true;
  decoder->is_skipping = false;
  return true;
}

/* A page for the running stream, or the start of the next stream of a chain (files put together may have equal serial
 * numbers). False at the end. */
static bool take_page(VorbisDecoder *decoder) {
  ogg_page page;
  if (!next_page(decoder, &page))
    return false;
  if (begins_vorbis(&page)) {
    if (!begin_stream(decoder, &page) || decoder->info.channels != (int)decoder->n_channels ||
        decoder->info.rate != (long)decoder->rate_hz) {
      decoder->base.is_damaged = true;
      return false;
    }
  } else if (ogg_page_serialno(&page) == decoder->stream.serialno) {
    ogg_stream_pagein(&decoder->stream, &page);
  }
  return true;
}

/* The frames lost between `position` and the packets that are waiting; 0 when their page does not tell. A decoder that
 * starts anew gives nothing for its first packet (Vorbis I, 4.3.8). The stream is looked at through a copy of its
 * state: taking packets moves only the indices in it. */
static uint64_t lost_frames(VorbisDecoder *decoder, int64_t position) {
  ogg_stream_state peek = decoder->stream;
  ogg_packet packet;
  int64_t n_here = 0;
  for (long before = 0; ogg_stream_packetout(&peek, &packet) > 0;) {
    const long size = vorbis_packet_blocksize(&decoder->info, &packet);
    if (size > 0) {
      n_here += before > 0 ? before / 4 + size / 4 : 0;
      before = size;
    }
    if (packet.granulepos >= 0) {
      int64_t lost;
      return !__builtin_sub_overflow(packet.granulepos, position + n_here, &lost) && lost > 0 ? (uint64_t)lost : 0;
    }
  }
  return 0;
}

/* Pages are missing: silence for them, and start anew behind. A recording of a broadcast begins in the middle, with
 * nothing lost. */
static void take_gap(VorbisDecoder *decoder) {
  if (!decoder->has_audio && !decoder->is_skipping)
    return;
  const int64_t position = decoder->dsp.granulepos > 0 ? decoder->dsp.granulepos : 0;
  const uint64_t n_lost = lost_frames(decoder, position);
  decoder->n_silence = lac_loss_add(&decoder->base.loss, decoder->n_given, n_lost, decoder->rate_hz);
  vorbis_synthesis_restart(&decoder->dsp);
  decoder->has_audio = true;
}

/* Decode until frames are there: their number and places; 0 at the end and before silence. */
static uint32_t fill(VorbisDecoder *decoder, float ***pcm) {
  while (!decoder->is_ended && decoder->n_silence == 0) {
    const int n = vorbis_synthesis_pcmout(&decoder->dsp, pcm);
    if (n > 0)
      return (uint32_t)n;
    ogg_packet packet;
    const int result = ogg_stream_packetout(&decoder->stream, &packet);
    if (result > 0) {
      decoder->has_audio = true;
      if (vorbis_synthesis(&decoder->block, &packet) == 0)
        vorbis_synthesis_blockin(&decoder->dsp, &decoder->block);
    } else if (result < 0) {
      take_gap(decoder);
    } else {
      decoder->is_ended = !take_page(decoder);
    }
  }
  return 0;
}

static LacStatus vorbis_read(LacDecoder *base, float *const *channels, uint32_t max_frames, uint32_t *n_frames) {
  VorbisDecoder *decoder = (VorbisDecoder *)base;
  *n_frames = 0;
  while (*n_frames < max_frames) {
    float **pcm = NULL;
    const uint32_t n_left = max_frames - *n_frames;
    const uint64_t n_decoded = fill(decoder, &pcm), n_here = n_decoded ? n_decoded : decoder->n_silence;
    const uint32_t n = n_here < n_left ? (uint32_t)n_here : n_left;
    if (n == 0)
      break;
    for (unsigned c = 0; c < decoder->n_channels; ++c) {
      if (n_decoded)
        memcpy(channels[c] + *n_frames, pcm[c], n * sizeof(float));
      else
        memset(channels[c] + *n_frames, 0, n * sizeof(float));
    }
    if (n_decoded)
      vorbis_synthesis_read(&decoder->dsp, (int)n);
    else
      decoder->n_silence -= n;
    decoder->n_given += n;
    *n_frames += n;
  }
  return decoder->failure;
}

static LacStatus open_stream(VorbisDecoder *decoder) {
  ogg_page page;
  end_stream(decoder);
  ogg_sync_reset(&decoder->sync);
  decoder->cursor = 0;
  decoder->failure = LAC_OK;
  decoder->base.is_damaged = decoder->is_ended = decoder->is_skipping = false;
  decoder->base.loss = (LacLoss){0};
  decoder->n_given = decoder->n_silence = 0;
  do { /* other streams may begin before */
    if (!next_page(decoder, &page) || !ogg_page_bos(&page))
      return decoder->failure ? decoder->failure : LAC_ERR_UNSUPPORTED;
  } while (!begins_vorbis(&page));
  if (begin_stream(decoder, &page))
    return LAC_OK;
  return decoder->failure ? decoder->failure : LAC_ERR_DAMAGED;
}

static LacStatus vorbis_rewind(LacDecoder *base) {
  const LacStatus status = open_stream((VorbisDecoder *)base);
  return status == LAC_ERR_UNSUPPORTED || status == LAC_ERR_DAMAGED ? LAC_ERR_READ : status;
}

static void vorbis_free(LacDecoder *base) {
  VorbisDecoder *decoder = (VorbisDecoder *)base;
  end_stream(decoder);
  ogg_sync_clear(&decoder->sync);
  lac_free(decoder);
}

static LacStatus describe(VorbisDecoder *decoder, LacMediaInfo *info) {
  if (decoder->info.channels < 1 || decoder->info.rate < 1 || decoder->info.rate > INT32_MAX)
    return LAC_ERR_DAMAGED;
  decoder->n_channels = (unsigned)decoder->info.channels;
  decoder->rate_hz = (uint32_t)decoder->info.rate;
  *info = (LacMediaInfo){.rate_hz = decoder->rate_hz, .n_channels = decoder->n_channels, .is_lossy = true};
  snprintf(info->container, sizeof info->container, "ogg");
  snprintf(info->codec, sizeof info->codec, "vorbis");
  return LAC_OK;
}

LacStatus lac_vorbis_decoder_new(LacInput *input, LacDecoder **out, LacMediaInfo *info) {
  static const LacDecoderClass kind = {vorbis_read, vorbis_rewind, vorbis_free};
  VorbisDecoder *decoder = lac_calloc(1, sizeof *decoder);
  if (!decoder)
    return LAC_ERR_MEMORY;
  decoder->base.kind = &kind;
  decoder->input = input;
  ogg_sync_init(&decoder->sync);
  LacStatus status = open_stream(decoder);
  if (!status)
    status = describe(decoder, info);
  if (status)
    vorbis_free(&decoder->base);
  else
    *out = &decoder->base;
  return status;
}
