/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text/json.h"

#include "core/text_buffer.h"
#include "core/memory.h"
#include "core/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void lac_json_set(json_t *object, const char *key, json_t *value, bool *failed) {
  /* json_object_set_new takes the value also when it fails. */
  if (json_object_set_new(object, key, value) != 0)
    *failed = true;
}

void lac_json_push(json_t *array, json_t *value, bool *failed) {
  if (json_array_append_new(array, value) != 0)
    *failed = true;
}

static json_t *number_or_null(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

void lac_json_set_number(json_t *object, const char *key, double value, bool *failed) {
  lac_json_set(object, key, number_or_null(value), failed);
}

void lac_json_set_integer(json_t *object, const char *key, int64_t value, bool *failed) {
  lac_json_set(object, key, json_integer(value), failed);
}

void lac_json_set_bool(json_t *object, const char *key, bool value, bool *failed) {
  lac_json_set(object, key, json_boolean(value), failed);
}

static bool is_utf8(const char *bytes) {
  size_t left = strlen(bytes), length = 1;
  for (; left > 0 && length > 0; left -= length, bytes += length)
    length = lac_utf8_length(bytes, left);
  return left == 0 && length > 0;
}

/* jansson refuses what is not UTF-8: each wrong byte becomes the replacement character. */
static json_t *text_value(const char *bytes) {
  if (is_utf8(bytes))
    return json_string(bytes);
  LacText clean = {0};
  for (size_t left = strlen(bytes); left > 0;) {
    size_t length = lac_utf8_length(bytes, left);
    lac_text_append_bytes(&clean, length ? bytes : "\xEF\xBF\xBD", length ? length : 3);
    bytes += length ? length : 1;
    left -= length ? length : 1;
  }
  char *text = lac_text_take(&clean);
  json_t *value = text ? json_string(text) : NULL;
  lac_free(text);
  return value;
}

void lac_json_set_text(json_t *object, const char *key, const char *value_or_null, bool *failed) {
  lac_json_set(object, key, value_or_null ? text_value(value_or_null) : json_null(), failed);
}

void lac_json_set_numbers(json_t *object, const char *key, const double *values, size_t count, bool *failed) {
  json_t *array = json_array();
  for (size_t i = 0; i < count && array; i++)
    lac_json_push(array, number_or_null(values[i]), failed);
  lac_json_set(object, key, array, failed);
}

static void put(char *buffer, size_t size, size_t *length, const char *bytes, size_t n_bytes) {
  for (size_t i = 0; i < n_bytes && *length + 1 < size; i++)
    buffer[(*length)++] = bytes[i];
}

/* RFC 6901, section 3: "~" is written "~0" and "/" is written "~1". */
static void put_key(char *buffer, size_t size, size_t *length, const char *key) {
  for (; *key; key++) {
    if (*key == '~' || *key == '/')
      put(buffer, size, length, *key == '~' ? "~0" : "~1", 2);
    else
      put(buffer, size, length, key, 1);
  }
}

void lac_json_pointer(const LacJsonPath *path, char *buffer, size_t size) {
  size_t n_steps = 0, length = 0;
  for (const LacJsonPath *step = path; step; step = step->parent)
    n_steps++;
  for (; n_steps > 0; n_steps--) {
    const LacJsonPath *step = path;
    for (size_t i = 1; i < n_steps; i++)
      step = step->parent;
    char index[24];
    put(buffer, size, &length, "/", 1);
    if (step->key)
      put_key(buffer, size, &length, step->key);
    else
      put(buffer, size, &length, index, (size_t)snprintf(index, sizeof index, "%zu", step->index));
  }
  buffer[lac_utf8_cut(buffer, length)] = '\0';
}
