/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/tag_text.h"

#include "core/memory.h"
#include "core/text_buffer.h"
#include "core/utf8.h"

#include <string.h>
#include <strings.h>

enum { MAX_TAGS = 512, MAX_TAG_BYTES = 1 << 20, MAX_KEY = 64 };

const LacTagName lac_tag_names[] = {
    {"TITLE", "INAM", "NAME", "TIT2", "TT2"},
    {"ARTIST", "IART", "AUTH", "TPE1", "TP1"},
    {"ALBUM", "IPRD", NULL, "TALB", "TAL"},
    {"ALBUMARTIST", NULL, NULL, "TPE2", "TP2"},
    {"TRACKNUMBER", "ITRK", NULL, "TRCK", "TRK"},
    {"DISCNUMBER", NULL, NULL, "TPOS", "TPA"},
    {"DATE", "ICRD", NULL, "TDRC", "TYE"},
    {"GENRE", "IGNR", NULL, "TCON", "TCO"},
    {"COMPOSER", NULL, NULL, "TCOM", "TCM"},
    {"ISRC", NULL, NULL, "TSRC", "TRC"},
    {"LABEL", NULL, NULL, "TPUB", "TPB"},
    {"COPYRIGHT", "ICOP", "(c) ", "TCOP", "TCR"},
    {"COMMENT", "ICMT", "ANNO", "COMM", "COM"},
    {"LYRICS", NULL, NULL, "USLT", "ULT"},
    {NULL, NULL, NULL, NULL, NULL},
};

/* Names that other programs write for the same thing. */
static const char *const aliases[][2] = {
    {"TOTALTRACKS", "TRACKTOTAL"},
    {"TOTALDISCS", "DISCTOTAL"},
    {"ALBUM ARTIST", "ALBUMARTIST"},
    {"UPC", "BARCODE"},
    {"YEAR", "DATE"},
};

/* Facts about the old file, not about the music. */
static const char *const not_music[] = {"ENCODER",
                                        "ENCODER_OPTIONS",
                                        "ENCODERSETTINGS",
                                        "ITUNNORM",
                                        "ITUNSMPB",
                                        "LENGTH",
                                        "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"};

bool lac_is_utf8(const char *text, size_t n_bytes) {
  for (size_t at = 0; at < n_bytes;) {
    const size_t length = lac_utf8_length(text + at, n_bytes - at);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

/* Vorbis comment names: 0x20..0x7D without '=' (Vorbis I, 5.2.2). */
static bool is_key(const char *key) {
  const size_t length = strlen(key);
  if (length == 0 || length >= MAX_KEY)
    return false;
  for (const char *p = key; *p; ++p)
    if (*p < 0x20 || *p > 0x7d || *p == '=')
      return false;
  return true;
}

LacStatus lac_tags_add(LacTags *tags, const char *key, const char *value) {
  if (!is_key(key) || !lac_is_utf8(value, strlen(value)))
    return LAC_ERR_USAGE;
  LacTag tag = {lac_strdup(key), lac_strdup(value)};
  LacTag *items = tag.key && tag.value ? lac_realloc(tags->items, tags->count + 1, sizeof *items) : NULL;
  if (!items) {
    lac_free(tag.key);
    lac_free(tag.value);
    return LAC_ERR_MEMORY;
  }
  for (char *p = tag.key; *p; ++p)
    if (*p >= 'a' && *p <= 'z')
      *p = (char)(*p - 'a' + 'A');
  tags->items = items;
  tags->items[tags->count++] = tag;
  return LAC_OK;
}

LacStatus lac_tags_copy(LacTags *to, const LacTags *from) {
  for (size_t i = 0; from && i < from->count; ++i) {
    const LacStatus status = lac_tags_add(to, from->items[i].key, from->items[i].value);
    if (status)
      return status;
  }
  return LAC_OK;
}

void lac_tags_free(LacTags *tags) {
  if (!tags)
    return;
  for (size_t i = 0; i < tags->count; ++i) {
    lac_free(tags->items[i].key);
    lac_free(tags->items[i].value);
  }
  lac_free(tags->items);
  *tags = (LacTags){0};
}

static const char *in_column(const LacTagName *row, LacTagColumn column) {
  switch (column) {
  case LAC_TAG_RIFF:
    return row->riff;
  case LAC_TAG_AIFF:
    return row->aiff;
  case LAC_TAG_ID3:
    return row->id3;
  default:
    return row->id3_short;
  }
}

const char *lac_tag_key(LacTagColumn column, const char *name) {
  for (const LacTagName *row = lac_tag_names; row->key; ++row) {
    const char *own = in_column(row, column);
    if (own && strcmp(own, name) == 0)
      return row->key;
  }
  /* Read, but never written: older names of the same things. */
  if (column == LAC_TAG_RIFF && strcmp(name, "IPRT") == 0)
    return "TRACKNUMBER";
  if (column == LAC_TAG_ID3 && strcmp(name, "TYER") == 0)
    return "DATE";
  return NULL;
}

LacStatus lac_tag_extra(LacTagReader *reader, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = lac_vformat(format, args);
  va_end(args);
  if (!text)
    return LAC_ERR_MEMORY;
  const LacStatus status = lac_notes_add(reader->extras, "META_DROPPED", "%s", text);
  lac_free(text);
  return status;
}

static bool is_blank(char c) {
  return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Text of unknown encoding as UTF-8 with only the characters that text may hold. */
static char *clean_text(const char *text, size_t n_bytes) {
  const bool is_utf8 = lac_is_utf8(text, n_bytes);
  LacText clean = {0};
  lac_text_append(&clean, "");
  for (size_t i = 0; i < n_bytes; ++i) {
    const uint8_t c = (uint8_t)text[i];
    if (c == '\r') { /* CR LF and CR are line ends */
      if (i + 1 >= n_bytes || text[i + 1] != '\n')
        lac_text_append(&clean, "\n");
    } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      lac_text_append(&clean, " ");
    } else if (c < 0x80 || is_utf8) {
      lac_text_append_bytes(&clean, &text[i], 1);
    } else {
      const char two[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
      lac_text_append_bytes(&clean, two, 2);
    }
  }
  return lac_text_take(&clean);
}

static LacStatus keep_tag(LacTagReader *reader, const char *key, const char *value) {
  if (!is_key(key))
    return LAC_OK;
  for (size_t i = 0; i < reader->tags->count; ++i)
    if (strcasecmp(reader->tags->items[i].key, key) == 0 && strcmp(reader->tags->items[i].value, value) == 0)
      return LAC_OK;
  reader->n_bytes += strlen(key) + strlen(value);
  if (reader->tags->count >= MAX_TAGS || reader->n_bytes > MAX_TAG_BYTES) {
    if (reader->is_full)
      return LAC_OK;
    reader->is_full = true;
    return lac_tag_extra(reader, "tags beyond 1 MiB");
  }
  return lac_tags_add(reader->tags, key, value);
}

/* "3/12" or " 3 / 12" into the number and, under `total_key`, the total. */
static LacStatus keep_numbered(LacTagReader *reader, const char *key, const char *total_key, char *value) {
  char *slash = strchr(value, '/');
  if (!slash || slash == value || strspn(value, "0123456789/ ") != strlen(value))
    return keep_tag(reader, key, value);
  char *end = slash; /* `value` has no blank at its own ends, but may have some around the slash */
  while (end[-1] == ' ')
    --end;
  *end = '\0';
  const char *total = slash + 1 + strspn(slash + 1, " ");
  const LacStatus status = keep_tag(reader, key, value);
  return status || !*total ? status : keep_tag(reader, total_key, total);
}

LacStatus lac_tag_take(LacTagReader *reader, const char *key, const char *text, size_t n_bytes) {
  for (size_t i = 0; i < sizeof not_music / sizeof *not_music; ++i)
    if (strcasecmp(key, not_music[i]) == 0)
      return LAC_OK;
  if (strncasecmp(key, "REPLAYGAIN_", 11) == 0 || strncasecmp(key, "R128_", 5) == 0)
    return lac_tag_extra(reader, "ReplayGain values (they describe the input, not the master)");
  /* Not text, whatever container brought them: a writer would make a broken picture or cue sheet of them. */
  if (strcasecmp(key, "METADATA_BLOCK_PICTURE") == 0 || strncasecmp(key, "COVERART", 8) == 0)
    return lac_tag_extra(reader, "cover picture");
  if (strcasecmp(key, "CUESHEET") == 0)
    return lac_tag_extra(reader, "cue sheet");
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; ++i)
    if (strcasecmp(key, aliases[i][0]) == 0)
      key = aliases[i][1];
  while (n_bytes > 0 && is_blank(text[n_bytes - 1]))
    --n_bytes;
  while (n_bytes > 0 && is_blank(*text))
    ++text, --n_bytes;
  if (n_bytes == 0)
    return LAC_OK;
  if (n_bytes > MAX_TAG_BYTES)
    return lac_tag_extra(reader, "the tag %s (over 1 MiB)", key);
  char *value = clean_text(text, n_bytes);
  if (!value)
    return LAC_ERR_MEMORY;
  LacStatus status;
  if (strcasecmp(key, "TRACKNUMBER") == 0)
    status = keep_numbered(reader, "TRACKNUMBER", "TRACKTOTAL", value);
  else if (strcasecmp(key, "DISCNUMBER") == 0)
    status = keep_numbered(reader, "DISCNUMBER", "DISCTOTAL", value);
  else
    status = keep_tag(reader, key, value);
  lac_free(value);
  return status;
}

char *lac_tags_joined(const LacTags *tags, const char *key, LacStatus *status) {
  LacText joined = {0};
  *status = LAC_OK;
  bool found = false;
  for (size_t i = 0; tags && i < tags->count; ++i) {
    if (strcasecmp(tags->items[i].key, key) != 0)
      continue;
    lac_text_append(&joined, found ? "; " : "");
    lac_text_append(&joined, tags->items[i].value);
    found = true;
  }
  if (!found)
    return NULL;
  char *text = lac_text_take(&joined);
  if (!text)
    *status = LAC_ERR_MEMORY;
  return text;
}
