/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/media.h>

#include "core/memory.h"
#include "core/posix_file.h"
#include "media/encoder.h"
#include "media/pcm_samples.h"
#include "media/tag_text.h"

#include <string.h>
#include <strings.h>

enum { BLOCK_FRAMES = 4096, MAX_FRAME_BYTES = 8, MIN_RATE_HZ = 8000, MAX_RATE_HZ = 384000 };

struct LacSink {
  LacOutput *output;
  LacSinkFormat format; /* without the tags */
  LacFlacWriter *flac;
  LacText tail; /* what follows the samples in WAV and AIFF */
  uint64_t n_written, n_total_bytes;
  bool is_finished;
  char name[LAC_SHOWN_PATH_SIZE];
  uint8_t block[BLOCK_FRAMES * MAX_FRAME_BYTES];
};

static const char *container_title(LacContainer container) {
  static const char *const titles[] = {"WAV", "AIFF", "FLAC"};
  return titles[container];
}

LacStatus lac_container_from_path(const char *path, LacContainer *container) {
  static const struct {
    const char *ending;
    LacContainer container;
  } endings[] = {{".wav", LAC_CONTAINER_WAV},   {".wave", LAC_CONTAINER_WAV},  {".aif", LAC_CONTAINER_AIFF},
                 {".aiff", LAC_CONTAINER_AIFF}, {".aifc", LAC_CONTAINER_AIFF}, {".flac", LAC_CONTAINER_FLAC}};
  const char *dot = strrchr(path, '.');
  if (strcmp(path, "-") == 0) {
    *container = LAC_CONTAINER_WAV;
    return LAC_OK;
  }
  for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; ++i) {
    if (strcasecmp(dot, endings[i].ending) == 0) {
      *container = endings[i].container;
      return LAC_OK;
    }
  }
  return LAC_ERR_USAGE;
}

static LacStatus refuse_format(const char *name, const LacSinkFormat *format, LacError *error) {
  if (format->n_channels < 1 || format->n_channels > 2 || format->rate_hz < MIN_RATE_HZ ||
      format->rate_hz > MAX_RATE_HZ)
    return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_FORMAT",
                         "%s cannot have %u channels at %u Hz. Lacquer writes mono and stereo from 8000 to 384000 Hz.",
                         name, format->n_channels, (unsigned)format->rate_hz);
  if (format->is_float && format->container == LAC_CONTAINER_FLAC)
    return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_FORMAT",
                         "%s: FLAC cannot hold float samples. Choose 24 bits, or a WAV or AIFF file.", name);
  if (format->is_float ? format->bits != 32 : format->bits != 16 && format->bits != 24)
    return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_FORMAT",
                         "%s cannot have %u-bit %s samples. Choose 16, 24 or 32f.", name, format->bits,
                         format->is_float ? "float" : "integer");
  return LAC_OK;
}

static LacStatus refuse_size(const char *name, const LacSinkFormat *format, LacError *error) {
  return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_TOO_LARGE",
                       "%s: %s cannot hold %llu samples per channel at this depth. Write %s instead.", name,
                       container_title(format->container), (unsigned long long)format->n_frames,
                       format->container == LAC_CONTAINER_WAV ? "shorter parts" : "a WAV file");
}

/* A write failed, or we did: one message for both. */
static LacStatus fail(const LacSink *sink, LacStatus status, LacError *error) {
  const uint64_t size = lac_output_size(sink->output);
  const uint64_t missing = sink->n_total_bytes > size ? sink->n_total_bytes - size : 0;
  switch (status) {
  case LAC_OK:
    return LAC_OK;
  case LAC_ERR_NO_SPACE:
    if (missing > 0)
      return lac_error_set(
          error, status, "DISK_FULL",
          "No space left on the disk of %s (%llu MB more needed). Nothing was changed; free space and run "
          "again.",
          sink->name, (unsigned long long)((missing + 999999) / 1000000));
    return lac_error_set(error, status, "DISK_FULL",
                         "No space left on the disk of %s. Nothing was changed; free space and run again.", sink->name);
  case LAC_ERR_MEMORY:
    return lac_error_set(error, status, "MEMORY", "Not enough memory to write %s. Nothing was changed.", sink->name);
  case LAC_ERR_WRITE:
    return lac_error_set(
        error, status, "OUTPUT_UNWRITABLE",
        "%s cannot be written to its end. Nothing was changed; check the disk or choose another place.", sink->name);
  default:
    return lac_error_set(
        error, status, "INTERNAL",
        "Lacquer made a mistake while writing %s (wrong samples or length, version %s). Your files are "
        "unchanged.",
        sink->name, lac_version());
  }
}

static bool can_hold(LacContainer container, const char *key) {
  if (container == LAC_CONTAINER_FLAC)
    return true;
  if (container == LAC_CONTAINER_WAV && strcasecmp(key, "TRACKTOTAL") == 0)
    return true; /* with the track number, as "3/12" */
  for (const LacTagName *row = lac_tag_names; row->key; ++row)
    if (strcasecmp(row->key, key) == 0)
      return (container == LAC_CONTAINER_WAV ? row->riff : row->aiff) != NULL;
  return false;
}

static LacStatus note_dropped(const LacSink *sink, const LacTags *tags, LacNotes *notes) {
  LacText names = {0};
  for (size_t i = 0; tags && i < tags->count; ++i) {
    const char *key = tags->items[i].key;
    bool is_said = can_hold(sink->format.container, key);
    for (size_t k = 0; k < i && !is_said; ++k)
      is_said = strcasecmp(tags->items[k].key, key) == 0;
    if (is_said)
      continue;
    lac_text_append(&names, names.length > 0 ? ", " : "");
    lac_text_append(&names, key);
  }
  LacStatus status = names.failed ? LAC_ERR_MEMORY : LAC_OK;
  if (!status && names.length > 0)
    status =
        lac_notes_add(notes, "META_DROPPED", "%s cannot hold: %s. They are not in %s; a FLAC file would keep them.",
                      container_title(sink->format.container), names.bytes, sink->name);
  lac_text_clear(&names);
  return status;
}

static LacStatus begin(LacSink *sink, const LacSinkFormat *format) {
  LacText head = {0};
  if (format->container == LAC_CONTAINER_FLAC)
    return lac_flac_writer_new(sink->output, format, &sink->flac);
  LacStatus status = format->container == LAC_CONTAINER_WAV ? lac_wave_frame(format, &head, &sink->tail)
                                                            : lac_aiff_frame(format, &head, &sink->tail);
  uint64_t n_samples = 0;
  if (!status && lac_sample_bytes(format, &n_samples))
    sink->n_total_bytes = head.length + n_samples + sink->tail.length;
  if (!status)
    status = lac_output_write(sink->output, head.bytes, head.length);
  lac_text_clear(&head);
  return status;
}

LacStatus lac_sink_open(const char *path, bool may_replace, const LacSinkFormat *format, LacSink **out, LacNotes *notes,
                        LacError *error) {
  LacSink *sink = lac_calloc(1, sizeof *sink);
  *out = NULL;
  if (!sink)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the output. Nothing was changed.");
  lac_shown_path(path, true, sink->name);
  sink->format = *format;
  sink->format.tags = NULL;
  LacStatus status = refuse_format(sink->name, format, error);
  if (!status)
    status = lac_output_open(path, may_replace, &sink->output, error);
  if (status) {
    lac_sink_abort(sink);
    return status;
  }
  status = begin(sink, format);
  if (!status && notes)
    status = note_dropped(sink, format->tags, notes);
  if (status) {
    status = status == LAC_ERR_UNSUPPORTED ? refuse_size(sink->name, format, error) : fail(sink, status, error);
    lac_sink_abort(sink);
    return status;
  }
  *out = sink;
  return LAC_OK;
}

/* Both kinds of write share the checks: in time, of the right kind, not more than was announced. */
static bool may_write(const LacSink *sink, bool is_float, uint32_t n_frames) {
  return !sink->is_finished && sink->format.is_float == is_float && n_frames <= sink->format.n_frames - sink->n_written;
}

static bool are_in_range(const LacSink *sink, const int32_t *const *channels, uint32_t n_frames) {
  const int32_t limit = (int32_t)1 << (sink->format.bits - 1);
  int32_t low = 0, high = 0;
  for (unsigned c = 0; c < sink->format.n_channels; ++c) {
    for (uint32_t i = 0; i < n_frames; ++i) {
      const int32_t value = channels[c][i];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
  }
  return low >= -limit && high < limit;
}

static LacStatus write_block(LacSink *sink, uint32_t n_frames) {
  return lac_output_write(sink->output, sink->block,
                          (size_t)n_frames * (sink->format.bits / 8 * sink->format.n_channels));
}

LacStatus lac_sink_write_integers(LacSink *sink, const int32_t *const *channels, uint32_t n_frames, LacError *error) {
  if (!may_write(sink, false, n_frames) || !are_in_range(sink, channels, n_frames))
    return fail(sink, LAC_ERR_INTERNAL, error);
  const bool is_big = sink->format.container == LAC_CONTAINER_AIFF;
  LacStatus status = sink->flac && n_frames > 0 ? lac_flac_writer_write(sink->flac, channels, n_frames) : LAC_OK;
  for (uint32_t at = 0; !sink->flac && at < n_frames && !status; at += BLOCK_FRAMES) {
    const uint32_t n = n_frames - at < BLOCK_FRAMES ? n_frames - at : BLOCK_FRAMES;
    lac_pcm_pack_integers(channels, at, n, sink->format.n_channels, sink->format.bits, is_big, sink->block);
    status = write_block(sink, n);
  }
  sink->n_written += n_frames;
  return fail(sink, status, error);
}

LacStatus lac_sink_write_floats(LacSink *sink, const float *const *channels, uint32_t n_frames, LacError *error) {
  if (!may_write(sink, true, n_frames))
    return fail(sink, LAC_ERR_INTERNAL, error);
  LacStatus status = LAC_OK;
  for (uint32_t at = 0; at < n_frames && !status; at += BLOCK_FRAMES) {
    const uint32_t n = n_frames - at < BLOCK_FRAMES ? n_frames - at : BLOCK_FRAMES;
    lac_pcm_pack_floats(channels, at, n, sink->format.n_channels, sink->format.container == LAC_CONTAINER_AIFF,
                        sink->block);
    status = write_block(sink, n);
  }
  sink->n_written += n_frames;
  return fail(sink, status, error);
}

LacStatus lac_sink_finish(LacSink *sink, LacError *error) {
  LacStatus status = lac_output_status(sink->output);
  if (sink->is_finished || status)
    return fail(sink, status, error);
  if (sink->n_written != sink->format.n_frames)
    return fail(sink, LAC_ERR_INTERNAL, error);
  if (sink->flac)
    status = lac_flac_writer_finish(sink->flac);
  else if (sink->tail.length > 0)
    status = lac_output_write(sink->output, sink->tail.bytes, sink->tail.length);
  sink->is_finished = !status;
  return fail(sink, status, error);
}

const LacSinkFormat *lac_sink_format(const LacSink *sink) {
  return &sink->format;
}

const char *lac_sink_temporary_path(const LacSink *sink) {
  return lac_output_temporary_path(sink->output);
}

static void free_sink(LacSink *sink) {
  lac_flac_writer_free(sink->flac);
  lac_text_clear(&sink->tail);
  lac_free(sink);
}

LacStatus lac_sink_commit(LacSink *sink, LacError *error) {
  const LacStatus status = lac_sink_finish(sink, error);
  if (status) {
    lac_sink_abort(sink);
    return status;
  }
  LacOutput *output = sink->output;
  lac_flac_writer_free(sink->flac); /* before its output goes */
  sink->flac = NULL;
  free_sink(sink);
  return lac_output_commit(output, error);
}

void lac_sink_abort(LacSink *sink) {
  if (!sink)
    return;
  LacOutput *output = sink->output;
  free_sink(sink);
  lac_output_abort(output);
}
