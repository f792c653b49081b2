/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What text tags are called in each container, and how text found in files becomes a LacTags entry.
 *
 * One table of names: Vorbis comment (Vorbis I, 5.2.3, and what is in common use), ID3v2.2-2.4 (id3.org), RIFF INFO
 * (Microsoft RIFF MCI 1991), AIFF text chunk (Apple AIFF 1.3). Tags that
 * describe the file they stand in rather than the music (encoder, ReplayGain, R128 gain) do not travel: they would
 * be wrong for the master. ReplayGain is listed as an extra, encoder names are dropped without a word. */

#ifndef LAC_MEDIA_TAG_TEXT_H
#define LAC_MEDIA_TAG_TEXT_H

#include <lacquer/media.h>

typedef struct LacTagName {
  const char *key;       /* Vorbis comment */
  const char *riff;      /* INFO chunk, or NULL */
  const char *aiff;      /* text chunk, or NULL */
  const char *id3;       /* v2.3/v2.4 frame, or NULL */
  const char *id3_short; /* v2.2 frame, or NULL */
} LacTagName;

/* The table, ended by a row whose key is NULL. */
extern const LacTagName lac_tag_names[];

/* Where one source's text goes. Limits keep a hostile file small: at most 512 tags and 1 MiB of text. */
typedef struct LacTagReader {
  LacTags *tags;
  LacNotes *extras; /* human words for what is not a text tag */
  size_t n_bytes;
  bool is_full;
} LacTagReader;

/* A text of a file under a Vorbis comment name (any case; not NUL-terminated). Text that is not UTF-8 is taken as
 * Latin-1; NULs and blanks at the end are cut; empty text is ignored. An equal pair is kept once. "3/12" in
 * TRACKNUMBER and DISCNUMBER is split. LAC_ERR_MEMORY only. */
LacStatus lac_tag_take(LacTagReader *reader, const char *key, const char *text, size_t n_bytes);
/* The same by the container's own name: a row of the table whose column holds `name`; else nothing happens. */
typedef enum LacTagColumn { LAC_TAG_RIFF, LAC_TAG_AIFF, LAC_TAG_ID3, LAC_TAG_ID3_SHORT } LacTagColumn;
const char *lac_tag_key(LacTagColumn column, const char *name);
/* Say once that the source holds something beside audio and text. LAC_ERR_MEMORY only. */
LacStatus lac_tag_extra(LacTagReader *reader, const char *format, ...) LAC_PRINTF(2, 3);

/* All values of `key` joined by "; ", or NULL when there is none (then *status is LAC_OK) or memory ended.
 * Caller: lac_free. */
char *lac_tags_joined(const LacTags *tags, const char *key, LacStatus *status);

/* True when all of `text` is well-formed UTF-8. */
bool lac_is_utf8(const char *text, size_t n_bytes);

#endif
