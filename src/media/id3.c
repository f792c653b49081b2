/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/id3.h"

#include "core/memory.h"
#include "core/text_buffer.h"
#include "media/byte_order.h"

#include <string.h>
#include <strings.h>

enum { HEADER = 10, MAX_TAG = 4 << 20, MAX_FRAMES = 4096 };
enum { TEXT_LATIN1, TEXT_UTF16_BOM, TEXT_UTF16_BE, TEXT_UTF8 };

/* 28 bits in four bytes whose top bit is zero (id3v2.4.0-structure, 6.2). */
static uint32_t syncsafe(const uint8_t *p) {
  return (uint32_t)(p[0] & 0x7f) << 21 | (uint32_t)(p[1] & 0x7f) << 14 | (uint32_t)(p[2] & 0x7f) << 7 | (p[3] & 0x7f);
}

static bool is_header(const uint8_t *p) {
  return memcmp(p, "ID3", 3) == 0 && p[3] >= 2 && p[3] <= 4 && p[4] != 0xff && !((p[6] | p[7] | p[8] | p[9]) & 0x80);
}

uint64_t lac_id3_size(LacInput *input, uint64_t offset) {
  uint8_t head[HEADER];
  size_t n_read = 0;
  if (lac_input_read_at(input, offset, head, HEADER, &n_read) || n_read < HEADER || !is_header(head))
    return 0;
  return HEADER + (uint64_t)syncsafe(head + 6) + (head[3] == 4 && head[5] & 0x10 ? HEADER : 0);
}

/* Every FF 00 was FF before unsynchronisation (id3v2.4.0-structure, 6.1). In place; the new length. */
static size_t resynchronise(uint8_t *bytes, size_t n_bytes) {
  size_t n = 0;
  for (size_t i = 0; i < n_bytes; ++i) {
    bytes[n++] = bytes[i];
    if (bytes[i] == 0xff && i + 1 < n_bytes && bytes[i + 1] == 0)
      ++i;
  }
  return n;
}

static void append_code_point(LacText *text, uint32_t c) {
  static const uint8_t lead[4] = {0, 0xc0, 0xe0, 0xf0};
  const unsigned n_more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  char out[4] = {(char)(lead[n_more] | c >> 6 * n_more)};
  for (unsigned i = 1; i <= n_more; ++i)
    out[i] = (char)(0x80 | (c >> 6 * (n_more - i) & 0x3f));
  lac_text_append_bytes(text, out, n_more + 1);
}

static void append_utf16(LacText *text, const uint8_t *p, size_t n_bytes, bool is_big) {
  for (size_t i = 0; i + 1 < n_bytes; i += 2) {
    uint32_t c = lac_get_u16(p + i, is_big);
    if (c == 0xfeff)
      continue;
    if (c >= 0xd800 && c < 0xdc00 && i + 3 < n_bytes) {
      const uint32_t low = lac_get_u16(p + i + 2, is_big);
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    append_code_point(text, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
  }
}

/* The text of one string in `encoding` as UTF-8; NULL when memory ended. */
static char *decode_text(int encoding, const uint8_t *p, size_t n_bytes) {
  LacText text = {0};
  lac_text_append(&text, "");
  if (encoding == TEXT_UTF16_BOM || encoding == TEXT_UTF16_BE) {
    const bool is_big = encoding == TEXT_UTF16_BE || (n_bytes >= 2 && p[0] == 0xfe && p[1] == 0xff);
    append_utf16(&text, p, n_bytes, is_big);
  } else if (encoding == TEXT_UTF8 || lac_is_utf8((const char *)p, n_bytes)) {
    lac_text_append_bytes(&text, (const char *)p, n_bytes);
  } else {
    for (size_t i = 0; i < n_bytes; ++i)
      append_code_point(&text, p[i]);
  }
  return lac_text_take(&text);
}

/* Length of the string at p without its terminator; *n_used with it. */
static size_t string_length(int encoding, const uint8_t *p, size_t n_bytes, size_t *n_used) {
  const size_t step = encoding == TEXT_UTF16_BOM || encoding == TEXT_UTF16_BE ? 2 : 1;
  for (size_t i = 0; i + step <= n_bytes; i += step) {
    if (p[i] == 0 && (step == 1 || p[i + 1] == 0)) {
      *n_used = i + step;
      return i;
    }
  }
  *n_used = n_bytes;
  return n_bytes;
}

/* v2.3 genres such as "(17)" or "17" are numbers of a list nobody reads; only a name is worth keeping. */
static bool is_bare_number(const char *text) {
  return text[strspn(text, "0123456789()")] == '\0';
}

/* One or more (v2.4) strings, each a value of `key`. */
static LacStatus take_strings(LacTagReader *reader, const char *key, int encoding, const uint8_t *p, size_t n_bytes) {
  LacStatus status = LAC_OK;
  while (n_bytes > 0 && !status) {
    size_t n_used = 0;
    const size_t length = string_length(encoding, p, n_bytes, &n_used);
    char *text = decode_text(encoding, p, length);
    if (!text)
      return LAC_ERR_MEMORY;
    if (strcmp(key, "GENRE") != 0 || !is_bare_number(text))
      status = lac_tag_take(reader, key, text, strlen(text));
    lac_free(text);
    p += n_used;
    n_bytes -= n_used;
  }
  return status;
}

/* TXXX: a description that names the tag, then the value. */
static LacStatus take_user_text(LacTagReader *reader, int encoding, const uint8_t *p, size_t n_bytes) {
  size_t n_used = 0;
  const size_t length = string_length(encoding, p, n_bytes, &n_used);
  char *key = decode_text(encoding, p, length);
  if (!key)
    return LAC_ERR_MEMORY;
  const LacStatus status = *key ? take_strings(reader, key, encoding, p + n_used, n_bytes - n_used) : LAC_OK;
  lac_free(key);
  return status;
}

/* COMM, USLT: language, description, text. Comments with a description belong to programs (iTunNORM, ...). */
static LacStatus take_comment(LacTagReader *reader, const char *key, int encoding, const uint8_t *p, size_t n_bytes) {
  if (n_bytes < 3)
    return LAC_OK;
  size_t n_used = 0;
  const size_t length = string_length(encoding, p + 3, n_bytes - 3, &n_used);
  char *description = decode_text(encoding, p + 3, length);
  if (!description)
    return LAC_ERR_MEMORY;
  const bool is_program = strncasecmp(description, "iTun", 4) == 0;
  lac_free(description);
  return is_program ? LAC_OK : take_strings(reader, key, encoding, p + 3 + n_used, n_bytes - 3 - n_used);
}

static LacStatus take_frame(LacTagReader *reader, const char *id, bool is_short, const uint8_t *p, size_t n_bytes) {
  if (strcmp(id, "APIC") == 0 || strcmp(id, "PIC") == 0)
    return lac_tag_extra(reader, "cover picture");
  if (strcmp(id, "CHAP") == 0)
    return lac_tag_extra(reader, "chapters");
  if (n_bytes < 1 || p[0] > TEXT_UTF8)
    return LAC_OK;
  if (strcmp(id, "TXXX") == 0 || strcmp(id, "TXX") == 0)
    return take_user_text(reader, p[0], p + 1, n_bytes - 1);
  const char *key = lac_tag_key(is_short ? LAC_TAG_ID3_SHORT : LAC_TAG_ID3, id);
  if (!key)
    return LAC_OK;
  if (*id != 'T')
    return take_comment(reader, key, p[0], p + 1, n_bytes - 1);
  return take_strings(reader, key, p[0], p + 1, n_bytes - 1);
}

/* v2.4 says syncsafe, but early iTunes wrote plain sizes: the one whose end meets a frame or padding is right. */
static uint32_t frame_size_v24(const uint8_t *p, size_t n_bytes) {
  const uint32_t safe = syncsafe(p + 4), plain = lac_get_u32(p + 4, true);
  if (safe == plain || (uint64_t)safe + HEADER == n_bytes)
    return safe;
  if ((uint64_t)safe + HEADER < n_bytes &&
      (p[HEADER + safe] == 0 || (p[HEADER + safe] >= 'A' && p[HEADER + safe] <= 'Z')))
    return safe;
  return plain;
}

/* The frames of a tag whose header was `version`, until padding or nonsense. */
static LacStatus take_frames(LacTagReader *reader, unsigned version, uint8_t *p, size_t n_bytes) {
  const size_t head = version == 2 ? 6 : HEADER;
  LacStatus status = LAC_OK;
  for (int n = 0; n < MAX_FRAMES && n_bytes > head && p[0] != 0 && !status; ++n) {
    char id[5] = {0};
    memcpy(id, p, version == 2 ? 3 : 4);
    const uint32_t size = version == 2   ? lac_get_u32(p + 2, true) & 0xffffff
                          : version == 3 ? lac_get_u32(p + 4, true)
                                         : frame_size_v24(p, n_bytes);
    if (size > n_bytes - head)
      break;
    uint8_t *body = p + head;
    size_t n_body = size;
    const unsigned flags = version == 2 ? 0 : p[9];
    const bool is_packed = version == 3 ? flags & 0xc0 : version == 4 && flags & 0x0c; /* compressed, encrypted */
    if (version == 4 && flags & 0x01 && n_body >= 4)                                   /* data length indicator */
      body += 4, n_body -= 4;
    if (version == 4 && flags & 0x02)
      n_body = resynchronise(body, n_body);
    if (!is_packed)
      status = take_frame(reader, id, version == 2, body, n_body);
    p += head + size;
    n_bytes -= head + size;
  }
  return status;
}

LacStatus lac_id3_read(LacInput *input, uint64_t offset, uint64_t n_max, LacTagReader *reader) {
  uint64_t size = lac_id3_size(input, offset);
  if (size > n_max)
    size = n_max;
  if (size <= HEADER)
    return LAC_OK;
  if (size > MAX_TAG) { /* big pictures come last as a rule: the front holds the text */
    const LacStatus status = lac_tag_extra(reader, "cover picture");
    if (status)
      return status;
    size = MAX_TAG;
  }
  uint8_t *tag = lac_alloc((size_t)size, 1);
  if (!tag)
    return LAC_ERR_MEMORY;
  size_t n_read = 0;
  LacStatus status = lac_input_read_at(input, offset, tag, (size_t)size, &n_read);
  if (!status && n_read > HEADER) {
    const unsigned version = tag[3], flags = tag[5];
    uint8_t *p = tag + HEADER;
    size_t n = n_read - HEADER;
    if (version < 4 && flags & 0x80)
      n = resynchronise(p, n);
    if (version > 2 && flags & 0x40 && n >= 4) { /* extended header: v2.4 counts itself, v2.3 does not */
      const size_t skip = version == 4 ? syncsafe(p) : (size_t)lac_get_u32(p, true) + 4;
      const size_t n_skip = skip < n ? skip : n;
      p += n_skip;
      n -= n_skip;
    }
    status = take_frames(reader, version, p, n);
  }
  lac_free(tag);
  return status;
}

LacStatus lac_id3v1_read(LacInput *input, LacTagReader *reader) {
  static const struct {
    const char *key;
    size_t offset, length;
  } fields[] = {{"TITLE", 3, 30}, {"ARTIST", 33, 30}, {"ALBUM", 63, 30}, {"DATE", 93, 4}, {"COMMENT", 97, 28}};
  uint8_t tag[128];
  size_t n_read = 0;
  const uint64_t size = lac_input_size(input);
  LacStatus status = size < 128 ? LAC_OK : lac_input_read_at(input, size - 128, tag, 128, &n_read);
  if (status || n_read < 128 || memcmp(tag, "TAG", 3) != 0)
    return status;
  for (size_t i = 0; i < sizeof fields / sizeof *fields && !status; ++i) {
    bool is_known = false;
    for (size_t k = 0; k < reader->tags->count; ++k)
      is_known = is_known || strcmp(reader->tags->items[k].key, fields[i].key) == 0;
    const char *text = (const char *)tag + fields[i].offset;
    if (!is_known)
      status = lac_tag_take(reader, fields[i].key, text, strnlen(text, fields[i].length));
  }
  return status;
}
