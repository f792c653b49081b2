/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/encoder.h"

#include "core/memory.h"

#include <FLAC/metadata.h>
#include <FLAC/stream_encoder.h>
#include <string.h>

#ifdef LAC_HAVE_FLAC_INSTRUCTION_SETS
/* Exported by libFLAC >= 1.4 for its own tests, in no public header; each bit turns one instruction set off. */
FLAC_API FLAC__bool FLAC__stream_encoder_disable_instruction_set(FLAC__StreamEncoder *encoder, int value);
#endif

enum { COMPRESSION_LEVEL = 5, ALL_INSTRUCTION_SETS = -1 };

struct LacFlacWriter {
  LacOutput *output;
  FLAC__StreamEncoder *flac;
  FLAC__StreamMetadata *comments;
  bool is_started;
};

static FLAC__StreamEncoderWriteStatus on_write(const FLAC__StreamEncoder *flac, const FLAC__byte bytes[],
                                               size_t n_bytes, uint32_t n_samples, uint32_t frame, void *user) {
  (void)flac;
  (void)n_samples;
  (void)frame;
  return lac_output_write(((LacFlacWriter *)user)->output, bytes, n_bytes)
             ? FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
             : FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

static FLAC__StreamEncoderSeekStatus on_seek(const FLAC__StreamEncoder *flac, FLAC__uint64 offset, void *user) {
  (void)flac;
  return lac_output_seek(((LacFlacWriter *)user)->output, offset) ? FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR
                                                                  : FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
}

static FLAC__StreamEncoderTellStatus on_tell(const FLAC__StreamEncoder *flac, FLAC__uint64 *offset, void *user) {
  (void)flac;
  *offset = lac_output_tell(((LacFlacWriter *)user)->output);
  return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

static LacStatus add_comments(LacFlacWriter *writer, const LacTags *tags) {
  writer->comments = FLAC__metadata_object_new(FLAC__METADATA_TYPE_VORBIS_COMMENT);
  if (!writer->comments)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; tags && i < tags->count; ++i) {
    FLAC__StreamMetadata_VorbisComment_Entry entry;
    char *text = lac_format("%s=%s", tags->items[i].key, tags->items[i].value);
    if (!text)
      return LAC_ERR_MEMORY;
    entry.entry = (FLAC__byte *)text;
    entry.length = (FLAC__uint32)strlen(text);
    const bool is_added = FLAC__metadata_object_vorbiscomment_append_comment(writer->comments, entry, /*copy=*/true);
    lac_free(text);
    if (!is_added)
      return LAC_ERR_MEMORY;
  }
  return FLAC__stream_encoder_set_metadata(writer->flac, &writer->comments, 1) ? LAC_OK : LAC_ERR_MEMORY;
}

/* The same bytes on every machine: libFLAC's vector variants sum in other orders, and its Tukey window calls cosf,
 * whose last bit differs by CPU. The Welch window is plain arithmetic; files grow by 0.1 %. */
static bool configure(FLAC__StreamEncoder *flac, const LacSinkFormat *format) {
  bool is_set = FLAC__stream_encoder_set_channels(flac, format->n_channels) &&
                FLAC__stream_encoder_set_bits_per_sample(flac, format->bits) &&
                FLAC__stream_encoder_set_sample_rate(flac, format->rate_hz) &&
                FLAC__stream_encoder_set_compression_level(flac, COMPRESSION_LEVEL) &&
                FLAC__stream_encoder_set_apodization(flac, "welch") &&
                FLAC__stream_encoder_set_streamable_subset(flac, false) && /* rates such as 88201 Hz */
                FLAC__stream_encoder_set_total_samples_estimate(flac, format->n_frames);
#ifdef LAC_HAVE_FLAC_INSTRUCTION_SETS
  is_set = is_set && FLAC__stream_encoder_disable_instruction_set(flac, ALL_INSTRUCTION_SETS);
#else
  is_set = is_set && FLAC__stream_encoder_set_max_lpc_order(flac, 0); /* fixed predictors: integers only */
#endif
  return is_set;
}

static LacStatus output_status(const LacFlacWriter *writer) {
  const LacStatus status = lac_output_status(writer->output);
  if (status)
    return status;
  return FLAC__stream_encoder_get_state(writer->flac) == FLAC__STREAM_ENCODER_MEMORY_ALLOCATION_ERROR
             ? LAC_ERR_MEMORY
             : LAC_ERR_INTERNAL;
}

static LacStatus start(LacFlacWriter *writer, const LacSinkFormat *format) {
  writer->flac = FLAC__stream_encoder_new();
  if (!writer->flac)
    return LAC_ERR_MEMORY;
  if (format->n_frames >= UINT64_C(1) << 36 || !configure(writer->flac, format))
    return LAC_ERR_UNSUPPORTED;
  const LacStatus status = add_comments(writer, format->tags);
  if (status)
    return status;
  const bool can_seek = lac_output_is_seekable(writer->output);
  const FLAC__StreamEncoderInitStatus init = FLAC__stream_encoder_init_stream(
      writer->flac, on_write, can_seek ? on_seek : NULL, can_seek ? on_tell : NULL, NULL, writer);
  writer->is_started = init == FLAC__STREAM_ENCODER_INIT_STATUS_OK;
  if (writer->is_started)
    return LAC_OK;
  return init == FLAC__STREAM_ENCODER_INIT_STATUS_ENCODER_ERROR ? output_status(writer) : LAC_ERR_UNSUPPORTED;
}

LacStatus lac_flac_writer_new(LacOutput *output, const LacSinkFormat *format, LacFlacWriter **out) {
  LacFlacWriter *writer = lac_calloc(1, sizeof *writer);
  if (!writer)
    return LAC_ERR_MEMORY;
  writer->output = output;
  const LacStatus status = start(writer, format);
  if (status)
    lac_flac_writer_free(writer);
  else
    *out = writer;
  return status;
}

LacStatus lac_flac_writer_write(LacFlacWriter *writer, const int32_t *const *channels, uint32_t n_frames) {
  return FLAC__stream_encoder_process(writer->flac, channels, n_frames) ? LAC_OK : output_status(writer);
}

LacStatus lac_flac_writer_finish(LacFlacWriter *writer) {
  writer->is_started = false;
  if (!FLAC__stream_encoder_finish(writer->flac))
    return output_status(writer);
  /* libFLAC does not report a failure to rewrite STREAMINFO; the output remembers it. */
  const LacStatus status = lac_output_status(writer->output);
  return status || !lac_output_is_seekable(writer->output)
             ? status
             : lac_output_seek(writer->output, lac_output_size(writer->output));
}

void lac_flac_writer_free(LacFlacWriter *writer) {
  if (!writer)
    return;
  if (writer->flac)
    FLAC__stream_encoder_delete(writer->flac); /* finishes first: writes that fail or go nowhere are ignored */
  if (writer->comments)
    FLAC__metadata_object_delete(writer->comments);
  lac_free(writer);
}
