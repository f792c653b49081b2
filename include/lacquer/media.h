/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Audio files in and out, streaming both ways.
 *
 * Reads WAV (8 to 64-bit integer, float, double, extensible, RF64, BW64), AIFF/AIFC, FLAC, Ogg Vorbis, Opus,
 * MP3 (and what else libsndfile reads); writes WAV (RF64 beyond 4 GiB), AIFF, FLAC. Audio is planar float;
 * 24-bit integers pass unchanged, 32-bit integer and double sources are rounded to float and that is noted. */

#ifndef LACQUER_MEDIA_H
#define LACQUER_MEDIA_H

#include <lacquer/core.h>

/* The library that reads files, with its version, e.g. "libsndfile-1.2.0". */
const char *lac_media_version(void);

typedef struct LacMediaInfo {
  char container[16]; /* "wav", "aiff", "flac", "ogg", "mp3", ... */
  char codec[16];     /* "pcm", "float", "flac", "vorbis", "opus", "mp3", "ulaw", ... */
  uint32_t rate_hz;
  unsigned n_channels;
  unsigned bits; /* 8, 16, 24, 32, 64; 0 for lossy codecs */
  bool is_float;
  bool is_lossy;
  uint64_t n_frames; /* what the file was found to hold when it was opened, not what its header promises; less after
                        reading only if there is damage in the middle (then it is what was read) */
} LacMediaInfo;

/* Text that travels with music. Keys are Vorbis comment names (Vorbis I, 5.2.3) in upper case
 * (TITLE, ARTIST, ALBUM, TRACKNUMBER, DATE, GENRE, ISRC, COPYRIGHT, COMMENT, ...); values are UTF-8. */
typedef struct LacTag {
  char *key;
  char *value;
} LacTag;

typedef struct LacTags {
  LacTag *items;
  size_t count;
} LacTags;

LacStatus lac_tags_add(LacTags *tags, const char *key, const char *value);
LacStatus lac_tags_copy(LacTags *to, const LacTags *from);
void lac_tags_free(LacTags *tags);

typedef struct LacSource LacSource;

/* `path` may be "-"; `cancel`, `notes` and `error` may be NULL. Formats that do not tell their length are decoded once
 * to find it, which `cancel` ends (CANCELLED). The format is known by the first bytes, never by the name.
 * Refuses more than two channels (CHANNELS, code INPUT_CHANNELS), rates outside 8..384 kHz (UNSUPPORTED, INPUT_RATE),
 * no audio (EMPTY, INPUT_EMPTY), unknown formats (UNSUPPORTED, INPUT_UNSUPPORTED), damage (DAMAGED, INPUT_DAMAGED).
 * A header that promises more than the file holds opens, with the note INPUT_TRUNCATED in `notes`; integers of more
 * than 24 bits and doubles are rounded to float, with the note INPUT_ROUNDED. */
LAC_NODISCARD LacStatus lac_source_open(const char *path, const LacCancel *cancel, LacSource **out, LacNotes *notes,
                                        LacError *error);
const LacMediaInfo *lac_source_info(const LacSource *source);
const LacTags *lac_source_tags(const LacSource *source);
/* What this source holds beside audio and text tags ("cover picture", "iXML", "2 cue markers"), for META_DROPPED. */
const LacNotes *lac_source_extras(const LacSource *source);
/* Up to max_frames planar frames; *n_frames 0 means the end. Damage in the middle ends the audio there with the
 * note INPUT_TRUNCATED, or stands as silence in its place with the note INPUT_GAP; LAC_ERR_READ only for a failing
 * disk. Values are as stored: may be beyond +-1, NaN, Inf. */
LacStatus lac_source_read(LacSource *source, float *const *channels, uint32_t max_frames, uint32_t *n_frames,
                          LacNotes *notes, LacError *error);
/* Back to frame 0 (every source can). */
LacStatus lac_source_rewind(LacSource *source, LacError *error);
void lac_source_close(LacSource *source);

typedef enum LacContainer { LAC_CONTAINER_WAV, LAC_CONTAINER_AIFF, LAC_CONTAINER_FLAC } LacContainer;

/* By file name ending (.wav .aif .aiff .flac, any case); LAC_ERR_USAGE for another. "-" is WAV. */
LacStatus lac_container_from_path(const char *path, LacContainer *container);

typedef struct LacSinkFormat {
  LacContainer container;
  uint32_t rate_hz;
  unsigned n_channels;
  unsigned bits;       /* 16 or 24; 32 with is_float */
  bool is_float;       /* not for FLAC */
  uint64_t n_frames;   /* exact: decides RF64 and the header */
  const LacTags *tags; /* may be NULL */
} LacSinkFormat;

typedef struct LacSink LacSink;

/* Nothing appears at `path` until commit. What the container cannot hold of `tags` is noted as META_DROPPED.
 * The bytes depend on the format, tags and samples alone. Errors as in core/file.h, plus UNSUPPORTED. */
LAC_NODISCARD LacStatus lac_sink_open(const char *path, bool may_replace, const LacSinkFormat *format, LacSink **out,
                                      LacNotes *notes, LacError *error);
/* What it was opened with (tags excepted: NULL). */
const LacSinkFormat *lac_sink_format(const LacSink *sink);
/* Planar. Integers are values of `bits` bits (-8388608..8388607 for 24); out of range is our own mistake. */
LacStatus lac_sink_write_integers(LacSink *sink, const int32_t *const *channels, uint32_t n_frames, LacError *error);
LacStatus lac_sink_write_floats(LacSink *sink, const float *const *channels, uint32_t n_frames, LacError *error);
/* Complete the headers. After this the temporary file is a whole audio file: it can be opened and measured. */
LacStatus lac_sink_finish(LacSink *sink, LacError *error);
/* Where the finished bytes are before commit; NULL for pipes and devices. */
const char *lac_sink_temporary_path(const LacSink *sink);
/* finish if needed, then make the file appear. Frees the sink in every case. */
LacStatus lac_sink_commit(LacSink *sink, LacError *error);
/* Throws away what was written. NULL is allowed. */
void lac_sink_abort(LacSink *sink);

#endif
