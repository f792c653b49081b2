/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/memory.h"

#include "core/c_locale.h"
#include "core/fault_points.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lac_mul_size(size_t a, size_t b, size_t *result) {
  size_t product;
  if (__builtin_mul_overflow(a, b, &product))
    return false;
  *result = product;
  return true;
}

bool lac_add_size(size_t a, size_t b, size_t *result) {
  size_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return false;
  *result = sum;
  return true;
}

/* At least one byte, so that NULL always means failure; at most PTRDIFF_MAX, so that pointer differences hold. */
static bool bytes_of(size_t count, size_t size, size_t *bytes) {
  if (!lac_mul_size(count, size, bytes) || *bytes > PTRDIFF_MAX)
    return false;
  if (*bytes == 0)
    *bytes = 1;
  return true;
}

void *lac_alloc(size_t count, size_t size) {
  size_t bytes;
  if (!bytes_of(count, size, &bytes) || lac_fault_allocation())
    return NULL;
  return malloc(bytes);
}

void *lac_calloc(size_t count, size_t size) {
  size_t bytes;
  if (!bytes_of(count, size, &bytes) || lac_fault_allocation())
    return NULL;
  return calloc(1, bytes);
}

void *lac_realloc(void *memory, size_t count, size_t size) {
  size_t bytes;
  if (!bytes_of(count, size, &bytes) || lac_fault_allocation())
    return NULL;
  return realloc(memory, bytes);
}

void lac_free(void *memory) {
  free(memory);
}

void lac_text_free(char *text) {
  lac_free(text);
}

char *lac_strndup(const char *text, size_t n_bytes) {
  size_t length = strnlen(text, n_bytes);
  char *copy = lac_alloc(length + 1, 1);
  if (!copy)
    return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

char *lac_strdup(const char *text) {
  return lac_strndup(text, strlen(text));
}

char *lac_vformat(const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  locale_t before = lac_c_locale_enter();
  int length = vsnprintf(NULL, 0, format, args);
  char *text = length < 0 ? NULL : lac_alloc((size_t)length + 1, 1);
  if (text)
    vsnprintf(text, (size_t)length + 1, format, again);
  lac_c_locale_leave(before);
  va_end(again);
  return text;
}

char *lac_format(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = lac_vformat(format, args);
  va_end(args);
  return text;
}
