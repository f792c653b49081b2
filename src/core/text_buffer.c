/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/text_buffer.h"

#include "core/c_locale.h"
#include "core/memory.h"

#include <stdio.h>
#include <string.h>

/* Room for n_bytes more and the NUL. */
static bool reserve(LacText *text, size_t n_bytes) {
  size_t needed;
  if (text->failed)
    return false;
  if (!lac_add_size(text->length, n_bytes, &needed) || !lac_add_size(needed, 1, &needed))
    return !(text->failed = true);
  if (needed <= text->capacity)
    return true;
  size_t capacity = text->capacity < 128 ? 128 : text->capacity;
  while (capacity < needed)
    if (!lac_mul_size(capacity, 2, &capacity))
      capacity = needed;
  char *bytes = lac_realloc(text->bytes, capacity, 1);
  if (!bytes)
    return !(text->failed = true);
  text->bytes = bytes;
  text->capacity = capacity;
  return true;
}

void lac_text_append_bytes(LacText *text, const char *bytes, size_t n_bytes) {
  if (!reserve(text, n_bytes))
    return;
  if (n_bytes > 0)
    memcpy(text->bytes + text->length, bytes, n_bytes);
  text->length += n_bytes;
  text->bytes[text->length] = '\0';
}

void lac_text_append(LacText *text, const char *piece) {
  lac_text_append_bytes(text, piece, strlen(piece));
}

void lac_text_appendf(LacText *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  locale_t before = lac_c_locale_enter();
  int length = vsnprintf(NULL, 0, format, args);
  if (length < 0) {
    text->failed = true;
  } else if (reserve(text, (size_t)length)) {
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  lac_c_locale_leave(before);
  va_end(again);
  va_end(args);
}

char *lac_text_take(LacText *text) {
  /* An empty string is text too; make it exist. */
  if (!text->bytes)
    lac_text_append_bytes(text, "", 0);
  char *bytes = text->failed ? NULL : text->bytes;
  if (!bytes)
    lac_free(text->bytes);
  *text = (LacText){0};
  return bytes;
}

void lac_text_clear(LacText *text) {
  lac_free(text->bytes);
  *text = (LacText){0};
}
