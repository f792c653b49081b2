/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grammar of RFC 8259 by recursive descent, building jansson values. Not jansson's own reader, because that loses a
 * character without a word when memory runs out inside a long string (2.14, lex_save), and because it does not know
 * our depth limit. */

#include "text/json.h"

#include "core/memory.h"
#include "core/number.h"
#include "core/text_buffer.h"
#include "core/utf8.h"

#include <stdio.h>
#include <string.h>

#ifdef LAC_FAULTS

static void *allocate(size_t size) {
  return lac_alloc(size, 1);
}

/* Before main, so that no test program can forget it. A released library leaves jansson's global alone. */
__attribute__((constructor)) static void route_allocations(void) {
  json_set_alloc_funcs(allocate, lac_free);
}

#endif

typedef struct Reader {
  const char *name;
  const char *bytes;
  size_t n_bytes;
  size_t at;
  size_t depth;
  LacText token; /* the string or number being read */
  LacError *error;
} Reader;

/* Says what is wrong at `offset`: "NAME:LINE:COLUMN: WHAT". False, for the caller to return, like the next two. */
static bool fail_at(Reader *reader, size_t offset, const char *what) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i < offset; i++) {
    column++;
    if (reader->bytes[i] == '\n') {
      line++;
      column = 1;
    }
  }
  lac_error_set(reader->error, LAC_ERR_SYNTAX, "JSON_SYNTAX", "%s:%zu:%zu: %s. Correct the text there and try again.",
                reader->name, line, column, what);
  return false;
}

static bool no_memory(Reader *reader) {
  lac_error_set(reader->error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to read %s.", reader->name);
  return false;
}

/* The next byte, or -1 at the end. */
static int peek(const Reader *reader) {
  return reader->at < reader->n_bytes ? (unsigned char)reader->bytes[reader->at] : -1;
}

static int skip_blanks(Reader *reader) {
  int c = peek(reader);
  while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
    reader->at++;
    c = peek(reader);
  }
  return c;
}

static bool fail_expected(Reader *reader, const char *expected) {
  char what[120];
  const char *here = reader->bytes + reader->at;
  size_t left = reader->n_bytes - reader->at, length = lac_utf8_length(here, left);
  if (left == 0)
    snprintf(what, sizeof what, "%s expected, but the text ends", expected);
  else if (length == 0)
    snprintf(what, sizeof what, "%s expected, found a byte that is not UTF-8 text", expected);
  else
    snprintf(what, sizeof what, "%s expected, found '%.*s'", expected, (int)length, here);
  return fail_at(reader, reader->at, what);
}

static bool is_digit(int c) {
  return c >= '0' && c <= '9';
}

static bool skip_digits(Reader *reader) {
  if (!is_digit(peek(reader)))
    return false;
  while (is_digit(peek(reader)))
    reader->at++;
  return true;
}

static json_t *read_number(Reader *reader) {
  size_t start = reader->at;
  bool is_integer = true;
  if (peek(reader) == '-')
    reader->at++;
  if (peek(reader) == '0')
    reader->at++;
  else if (!skip_digits(reader)) {
    fail_expected(reader, "a digit");
    return NULL;
  }
  if (is_digit(peek(reader))) {
    fail_at(reader, start, "a number does not begin with 0 and another digit");
    return NULL;
  }
  if (peek(reader) == '.') {
    is_integer = false;
    reader->at++;
    if (!skip_digits(reader)) {
      fail_expected(reader, "a digit");
      return NULL;
    }
  }
  if (peek(reader) == 'e' || peek(reader) == 'E') {
    is_integer = false;
    reader->at++;
    if (peek(reader) == '+' || peek(reader) == '-')
      reader->at++;
    if (!skip_digits(reader)) {
      fail_expected(reader, "a digit");
      return NULL;
    }
  }
  reader->token.length = 0;
  lac_text_append_bytes(&reader->token, reader->bytes + start, reader->at - start);
  if (reader->token.failed) {
    no_memory(reader);
    return NULL;
  }
  int64_t integer;
  double real;
  LacStatus status =
      is_integer ? lac_parse_int64(reader->token.bytes, &integer) : lac_parse_double(reader->token.bytes, &real);
  if (status != LAC_OK) {
    fail_at(reader, start, "this number is too large");
    return NULL;
  }
  json_t *value = is_integer ? json_integer(integer) : json_real(real);
  if (!value)
    no_memory(reader);
  return value;
}

/* Four hexadecimal digits, or -1. */
static long read_hex(Reader *reader) {
  long code = 0;
  for (int i = 0; i < 4; i++, reader->at++) {
    static const char digits[] = "0123456789abcdef";
    int c = peek(reader);
    if (c >= 'A' && c <= 'F')
      c += 'a' - 'A';
    const char *digit = c > 0 ? strchr(digits, c) : NULL;
    if (!digit)
      return -1;
    code = code * 16 + (digit - digits);
  }
  return code;
}

static void append_code_point(LacText *text, unsigned long code) {
  char bytes[4];
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = length - 1; i > 0; i--, code >>= 6)
    bytes[i] = (char)(0x80 | (code & 0x3F));
  bytes[0] = (char)(first[length] | code);
  lac_text_append_bytes(text, bytes, length);
}

/* Behind "\u". Two halves of a surrogate pair make one character; one alone, and NUL, are refused. */
static bool read_unicode_escape(Reader *reader, size_t start) {
  long code = read_hex(reader);
  if (code >= 0xD800 && code < 0xDC00 && reader->n_bytes - reader->at >= 6 &&
      !memcmp(reader->bytes + reader->at, "\\u", 2)) {
    reader->at += 2;
    long low = read_hex(reader);
    code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
  }
  if (code <= 0 || (code >= 0xD800 && code < 0xE000))
    return fail_at(reader, start, "this \\u escape is no character");
  append_code_point(&reader->token, (unsigned long)code);
  return true;
}

static bool read_escape(Reader *reader) {
  static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
  size_t start = reader->at++;
  int c = peek(reader);
  const char *letter = c > 0 ? strchr(letters, c) : NULL;
  if (!letter && c != 'u')
    return fail_at(reader, start, "no such escape; a backslash itself is written \\\\");
  reader->at++;
  if (!letter)
    return read_unicode_escape(reader, start);
  lac_text_append_bytes(&reader->token, bytes + (letter - letters), 1);
  return true;
}

/* From the opening quote into reader->token. */
static bool read_string(Reader *reader) {
  size_t start = reader->at++;
  reader->token.length = 0;
  lac_text_append(&reader->token, "");
  for (int c; (c = peek(reader)) != '"';) {
    if (c == '\\') {
      if (!read_escape(reader))
        return false;
      continue;
    }
    size_t length = lac_utf8_length(reader->bytes + reader->at, reader->n_bytes - reader->at);
    if (c < 0)
      return fail_at(reader, start, "this text has no closing quote");
    if (c < 0x20)
      return fail_at(reader, reader->at, "line breaks and control characters are written \\n, \\t or \\u00XX");
    if (length == 0)
      return fail_at(reader, reader->at, "this byte is not UTF-8 text");
    lac_text_append_bytes(&reader->token, reader->bytes + reader->at, length);
    reader->at += length;
  }
  reader->at++;
  return reader->token.failed ? no_memory(reader) : true;
}

static json_t *read_value(Reader *reader);

static json_t *read_array(Reader *reader) {
  json_t *array = json_array();
  if (!array) {
    no_memory(reader);
    return NULL;
  }
  reader->at++;
  bool is_first = true;
  while (skip_blanks(reader) != ']' || !is_first) {
    json_t *element = read_value(reader);
    if (!element || json_array_append_new(array, element) != 0) {
      json_decref(array);
      if (element)
        no_memory(reader);
      return NULL;
    }
    is_first = false;
    if (skip_blanks(reader) == ']')
      break;
    if (peek(reader) != ',') {
      json_decref(array);
      fail_expected(reader, "',' or ']'");
      return NULL;
    }
    reader->at++;
  }
  reader->at++;
  return array;
}

/* One "key": value into `object`. */
static bool read_member(Reader *reader, json_t *object) {
  size_t start = reader->at;
  if (peek(reader) != '"')
    return fail_expected(reader, json_object_size(object) ? "a key in quotes" : "a key in quotes or '}'");
  if (!read_string(reader))
    return false;
  if (json_object_get(object, reader->token.bytes))
    return fail_at(reader, start, "this key stands twice in its object");
  char *key = lac_strdup(reader->token.bytes);
  if (!key)
    return no_memory(reader);
  json_t *value = NULL;
  if (skip_blanks(reader) == ':') {
    reader->at++;
    value = read_value(reader);
  } else {
    fail_expected(reader, "':'");
  }
  bool is_set = value && json_object_set_new(object, key, value) == 0;
  lac_free(key);
  return is_set || (value && no_memory(reader));
}

static json_t *read_object(Reader *reader) {
  json_t *object = json_object();
  if (!object) {
    no_memory(reader);
    return NULL;
  }
  reader->at++;
  bool is_good = true;
  if (skip_blanks(reader) == '}') {
    reader->at++;
    return object;
  }
  while (is_good) {
    skip_blanks(reader);
    is_good = read_member(reader, object);
    if (!is_good)
      break;
    int c = skip_blanks(reader);
    if (c == ',' || c == '}')
      reader->at++;
    if (c == '}')
      return object;
    is_good = c == ',' || fail_expected(reader, "',' or '}'");
  }
  json_decref(object);
  return NULL;
}

static json_t *read_word(Reader *reader) {
  static const char *const words[] = {"true", "false", "null"};
  json_t *const values[] = {json_true(), json_false(), json_null()};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(words[i]);
    if (reader->n_bytes - reader->at >= length && !memcmp(reader->bytes + reader->at, words[i], length)) {
      reader->at += length;
      return values[i];
    }
  }
  fail_expected(reader, "a value");
  return NULL;
}

static json_t *read_nested(Reader *reader, bool is_object) {
  if (reader->depth == LAC_JSON_DEPTH) {
    fail_at(reader, reader->at, "nested deeper than 64 levels");
    return NULL;
  }
  reader->depth++;
  json_t *value = is_object ? read_object(reader) : read_array(reader);
  reader->depth--;
  return value;
}

static json_t *read_value(Reader *reader) {
  int c = skip_blanks(reader);
  if (c == '{' || c == '[')
    return read_nested(reader, c == '{');
  if (c == '-' || is_digit(c))
    return read_number(reader);
  if (c != '"')
    return read_word(reader);
  if (!read_string(reader))
    return NULL;
  json_t *value = json_stringn_nocheck(reader->token.bytes, reader->token.length);
  if (!value)
    no_memory(reader);
  return value;
}

json_t *lac_json_parse(const char *name, const char *bytes, size_t n_bytes, LacError *error) {
  static const char byte_order_mark[] = "\xEF\xBB\xBF";
  size_t skipped = n_bytes >= 3 && !memcmp(bytes, byte_order_mark, 3) ? 3 : 0;
  Reader reader = {.name = name, .bytes = bytes + skipped, .n_bytes = n_bytes - skipped, .error = error};
  json_t *value = read_value(&reader);
  if (value && skip_blanks(&reader) >= 0) {
    fail_expected(&reader, "the end of the text");
    json_decref(value);
    value = NULL;
  }
  lac_text_clear(&reader.token);
  return value;
}
