/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text/json.h"

#include "core/number.h"
#include "core/text_buffer.h"

#include <stdio.h>
#include <string.h>

static void write_string(LacText *text, const char *bytes, size_t n_bytes) {
  lac_text_append(text, "\"");
  for (size_t start = 0, i = 0; i <= n_bytes; i++) {
    unsigned char c = i < n_bytes ? (unsigned char)bytes[i] : '"';
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    lac_text_append_bytes(text, bytes + start, i - start);
    start = i + 1;
    static const char names[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
    const char *found = c ? strchr(names, c) : NULL;
    if (i == n_bytes)
      break;
    if (found)
      lac_text_append_bytes(text, (const char[]){'\\', letters[found - names]}, 2);
    else
      lac_text_appendf(text, "\\u%04x", (unsigned)c);
  }
  lac_text_append(text, "\"");
}

static void write_scalar(LacText *text, const json_t *value) {
  char number[LAC_NUMBER_SIZE];
  switch (json_typeof(value)) {
  case JSON_STRING:
    write_string(text, json_string_value(value), json_string_length(value));
    break;
  case JSON_INTEGER:
    lac_text_appendf(text, "%lld", (long long)json_integer_value(value));
    break;
  case JSON_REAL:
    lac_text_append(text, lac_double_text(json_real_value(value), number));
    break;
  case JSON_TRUE:
    lac_text_append(text, "true");
    break;
  case JSON_FALSE:
    lac_text_append(text, "false");
    break;
  default:
    lac_text_append(text, "null");
    break;
  }
}

static bool is_plain(const json_t *value) {
  return !json_is_object(value) && !json_is_array(value);
}

static void start_line(LacText *text, int depth) {
  lac_text_appendf(text, "\n%*s", 2 * depth, "");
}

static void write_value(LacText *text, const json_t *value, int depth);

static void write_array(LacText *text, const json_t *array, int depth) {
  bool is_one_line = true;
  size_t index;
  json_t *element;
  json_array_foreach((json_t *)(uintptr_t)array, index, element) {
    is_one_line = is_one_line && is_plain(element);
  }
  lac_text_append(text, "[");
  json_array_foreach((json_t *)(uintptr_t)array, index, element) {
    lac_text_append(text, index == 0 ? "" : is_one_line ? ", " : ",");
    if (!is_one_line)
      start_line(text, depth + 1);
    write_value(text, element, depth + 1);
  }
  if (!is_one_line)
    start_line(text, depth);
  lac_text_append(text, "]");
}

static void write_object(LacText *text, json_t *object, int depth) {
  bool is_first = true;
  lac_text_append(text, "{");
  /* jansson keeps the order of insertion (since 2.8). */
  for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
    lac_text_append(text, is_first ? "" : ",");
    start_line(text, depth + 1);
    write_string(text, json_object_iter_key(at), strlen(json_object_iter_key(at)));
    lac_text_append(text, ": ");
    write_value(text, json_object_iter_value(at), depth + 1);
    is_first = false;
  }
  if (!is_first)
    start_line(text, depth);
  lac_text_append(text, "}");
}

static void write_value(LacText *text, const json_t *value, int depth) {
  if (is_plain(value))
    write_scalar(text, value);
  else if (depth >= LAC_JSON_DEPTH)
    text->failed = true;
  else if (json_is_array(value))
    write_array(text, value, depth);
  else
    write_object(text, (json_t *)(uintptr_t)value, depth);
}

char *lac_json_write(const json_t *value) {
  LacText text = {0};
  if (!value)
    return NULL;
  write_value(&text, value, 0);
  lac_text_append(&text, "\n");
  return lac_text_take(&text);
}
