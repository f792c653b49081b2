/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fuzz target: the readers of text tags alone, without a decoder behind them. The first byte chooses the reader, the
 * rest is what it reads. Whatever is in there, the tags that come out can be written by every container, and come
 * back the same from those that hold all of them. */

#include "core/memory.h"
#include "core/text_buffer.h"
#include "media/byte_order.h"
#include "media/encoder.h"
#include "media/id3.h"
#include "media/ogg_stream.h"
#include "media/pcm_header.h"
#include "media/vorbis_comment.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

enum { MOST_TAGS = 512, MOST_TEXT = 1 << 20, LONGEST_KEY = 63 }; /* tag_text.h */

typedef struct Read {
  LacTags tags;
  LacNotes extras;
  LacTagReader reader;
} Read;

static void start(Read *read) {
  *read = (Read){0};
  read->reader = (LacTagReader){.tags = &read->tags, .extras = &read->extras};
}

static void end(Read *read) {
  lac_tags_free(&read->tags);
  lac_notes_free(&read->extras);
}

static void require(bool is_true) {
  if (!is_true)
    abort();
}

/* --- Reading ------------------------------------------------------------------------------------------------- */

static LacInput *open_bytes(const uint8_t *bytes, size_t n_bytes) {
  LacInput *input = NULL;
  require(lac_input_from_bytes(bytes, n_bytes, &input) == LAC_OK);
  return input;
}

static void read_vorbis(const uint8_t *bytes, size_t n_bytes, Read *read) {
  require(lac_vorbis_comment_read(bytes, n_bytes, &read->reader) == LAC_OK);
}

static void read_id3(const uint8_t *bytes, size_t n_bytes, Read *read) {
  LacInput *input = open_bytes(bytes, n_bytes);
  const uint64_t size = lac_id3_size(input, 0);
  require(size == 0 || size >= 10);
  require(lac_id3_read(input, 0, n_bytes, &read->reader) == LAC_OK);
  require(size > 0 || read->tags.count == 0);
  lac_input_close(input);
}

/* As MP3 is read: v2 in front, then v1 at the end for what v2 did not say. */
static void read_id3v1(const uint8_t *bytes, size_t n_bytes, Read *read) {
  LacInput *input = open_bytes(bytes, n_bytes);
  require(lac_id3_read(input, 0, n_bytes, &read->reader) == LAC_OK);
  require(lac_id3v1_read(input, &read->reader) == LAC_OK);
  lac_input_close(input);
}

typedef LacStatus (*HeaderFn)(LacInput *, const char *, LacPcmHeader *, LacTagReader *, LacError *);

/* The bytes are the chunks of a RIFF or FORM. A header without usable audio is refused, but its text was read. */
static void read_chunks(const char magic[13], HeaderFn header_read, const uint8_t *bytes, size_t n_bytes, Read *read) {
  uint8_t *file = malloc(12 + n_bytes);
  require(file != NULL);
  memcpy(file, magic, 12);
  memcpy(file + 12, bytes, n_bytes);
  LacInput *input = open_bytes(file, 12 + n_bytes);
  LacPcmHeader header;
  LacError error = {0};
  if (header_read(input, "fuzz", &header, &read->reader, &error) != LAC_OK)
    require(error.code[0] && error.text[0] && error.status != LAC_ERR_MEMORY && error.status != LAC_ERR_READ);
  lac_input_close(input);
  free(file);
}

static void read_riff(const uint8_t *bytes, size_t n_bytes, Read *read) {
  read_chunks("RIFF\0\0\0\0WAVE", lac_wave_header_read, bytes, n_bytes, read);
}

static void read_rifx(const uint8_t *bytes, size_t n_bytes, Read *read) {
  read_chunks("RIFX\0\0\0\0WAVE", lac_wave_header_read, bytes, n_bytes, read);
}

static void read_aiff(const uint8_t *bytes, size_t n_bytes, Read *read) {
  read_chunks("FORM\0\0\0\0AIFF", lac_aiff_header_read, bytes, n_bytes, read);
}

static void read_flac(const uint8_t *bytes, size_t n_bytes, Read *read) {
  LacInput *input = open_bytes(bytes, n_bytes);
  LacFlacHeader header;
  const LacStatus status = lac_flac_header_read(input, 0, &header, &read->reader);
  require(status == LAC_OK || status == LAC_ERR_DAMAGED);
  lac_input_close(input);
}

static void read_ogg(const uint8_t *bytes, size_t n_bytes, Read *read) {
  LacInput *input = open_bytes(bytes, n_bytes);
  require(lac_ogg_comment_read(input, &read->reader) == LAC_OK);
  lac_input_close(input);
}

/* Name, NUL, text. */
static void read_pair(const uint8_t *bytes, size_t n_bytes, Read *read) {
  const uint8_t *nul = memchr(bytes, 0, n_bytes);
  if (nul)
    require(lac_tag_take(&read->reader, (const char *)bytes, (const char *)nul + 1,
                         n_bytes - (size_t)(nul + 1 - bytes)) == LAC_OK);
}

/* --- What must hold ------------------------------------------------------------------------------------------ */

static bool is_blank(char c) {
  return (unsigned char)c <= ' ' || c == 0x7f;
}

static void check_key(const char *key) {
  require(strlen(key) >= 1 && strlen(key) <= LONGEST_KEY);
  for (const char *p = key; *p; ++p)
    require(*p >= 0x20 && *p <= 0x7d && *p != '=' && !(*p >= 'a' && *p <= 'z'));
}

static void check_value(const char *value) {
  const size_t length = strlen(value);
  require(length > 0 && lac_is_utf8(value, length));
  require(!is_blank(value[0]) && !is_blank(value[length - 1]));
  for (const char *p = value; *p; ++p)
    require((unsigned char)*p >= 0x20 ? *p != 0x7f : *p == '\n' || *p == '\t');
}

static void check_tags(const Read *read) {
  size_t n_bytes = 0;
  require(read->tags.count <= MOST_TAGS);
  for (size_t i = 0; i < read->tags.count; ++i) {
    const LacTag *tag = &read->tags.items[i];
    check_key(tag->key);
    check_value(tag->value);
    n_bytes += strlen(tag->key) + strlen(tag->value);
    for (size_t k = 0; k < i; ++k)
      require(strcmp(tag->key, read->tags.items[k].key) != 0 || strcmp(tag->value, read->tags.items[k].value) != 0);
  }
  require(n_bytes <= MOST_TEXT);
  for (size_t i = 0; i < read->extras.count; ++i) {
    const char *text = read->extras.items[i].text;
    require(*text && lac_is_utf8(text, strlen(text)) && strcmp(read->extras.items[i].code, "META_DROPPED") == 0);
  }
}

/* Vorbis comments hold every tag: written as one block and read again they are the same, in the same order. */
static void check_vorbis_again(const LacTags *tags) {
  LacText block = {0};
  uint8_t number[4];
  lac_text_append_bytes(&block, "\0\0\0", 4); /* no vendor */
  lac_put_u32(number, (uint32_t)tags->count, false);
  lac_text_append_bytes(&block, (const char *)number, 4);
  for (size_t i = 0; i < tags->count; ++i) {
    lac_put_u32(number, (uint32_t)(strlen(tags->items[i].key) + 1 + strlen(tags->items[i].value)), false);
    lac_text_append_bytes(&block, (const char *)number, 4);
    lac_text_append(&block, tags->items[i].key);
    lac_text_append(&block, "=");
    lac_text_append(&block, tags->items[i].value);
  }
  require(!block.failed);
  Read again;
  start(&again);
  read_vorbis((const uint8_t *)block.bytes, block.length, &again);
  require(again.tags.count == tags->count && again.extras.count == 0);
  for (size_t i = 0; i < tags->count; ++i)
    require(strcmp(again.tags.items[i].key, tags->items[i].key) == 0 &&
            strcmp(again.tags.items[i].value, tags->items[i].value) == 0);
  end(&again);
  lac_text_clear(&block);
}

static char *joined(const LacTags *tags, const char *key) {
  LacStatus status;
  char *text = lac_tags_joined(tags, key, &status);
  require(status == LAC_OK);
  return text;
}

static bool is_number(const char *text) {
  return text && text[strspn(text, "0123456789")] == '\0';
}

/* "a" and "/12" share a field of INFO, where only numbers can be told apart again. */
static bool comes_back(const LacTags *tags, const char *key) {
  char *number = joined(tags, "TRACKNUMBER"), *total = joined(tags, "TRACKTOTAL");
  const bool is_clear = is_number(number) && (!total || is_number(total));
  lac_free(number);
  lac_free(total);
  return strcmp(key, "TRACKNUMBER") != 0 || is_clear;
}

/* WAV and AIFF hold the tags they have names for, several values as one text. */
static void check_container_again(const LacTags *tags, LacContainer container) {
  const bool is_wave = container == LAC_CONTAINER_WAV;
  const LacSinkFormat format = {
      .container = container, .rate_hz = 44100, .n_channels = 1, .bits = 24, .n_frames = 1, .tags = tags};
  LacText head = {0}, tail = {0};
  require((is_wave ? lac_wave_frame : lac_aiff_frame)(&format, &head, &tail) == LAC_OK);
  lac_text_append_bytes(&head, "\0\0", 3); /* the one sample; its padding begins the tail */
  if (tail.length > 0)
    lac_text_append_bytes(&head, tail.bytes, tail.length);
  require(!head.failed);
  Read again;
  start(&again);
  LacInput *input = open_bytes((const uint8_t *)head.bytes, head.length);
  LacPcmHeader header;
  require((is_wave ? lac_wave_header_read : lac_aiff_header_read)(input, "again", &header, &again.reader, NULL) ==
          LAC_OK);
  require(header.n_frames == 1 && header.n_promised == 1 && again.extras.count == 0);
  for (const LacTagName *row = lac_tag_names; row->key; ++row) {
    char *before = joined(tags, row->key), *after = joined(&again.tags, row->key);
    if ((is_wave ? row->riff : row->aiff) && comes_back(tags, row->key))
      require(before && after ? strcmp(before, after) == 0 : !before && !after);
    lac_free(before);
    lac_free(after);
  }
  lac_input_close(input);
  end(&again);
  lac_text_clear(&head);
  lac_text_clear(&tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  static void (*const readers[])(const uint8_t *, size_t, Read *) = {
      read_vorbis, read_id3, read_id3v1, read_riff, read_rifx, read_aiff, read_flac, read_ogg, read_pair};
  if (n_bytes < 1)
    return 0;
  Read read;
  start(&read);
  readers[(uint8_t)(bytes[0] - '0') % (sizeof readers / sizeof *readers)](bytes + 1, n_bytes - 1, &read);
  check_tags(&read);
  check_vorbis_again(&read.tags);
  check_container_again(&read.tags, LAC_CONTAINER_WAV);
  check_container_again(&read.tags, LAC_CONTAINER_AIFF);
  end(&read);
  return 0;
}
