/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A growing string. After an allocation failed, appends do nothing and `failed` stays true: check once at the end. */

#ifndef LAC_CORE_TEXT_BUFFER_H
#define LAC_CORE_TEXT_BUFFER_H

#include <lacquer/core.h>

typedef struct LacText {
  char *bytes; /* NUL-terminated once anything was appended; NULL before */
  size_t length;
  size_t capacity;
  bool failed;
} LacText;

void lac_text_append(LacText *text, const char *piece);
void lac_text_append_bytes(LacText *text, const char *bytes, size_t n_bytes);
void lac_text_appendf(LacText *text, const char *format, ...) LAC_PRINTF(2, 3);
/* Hand the string over (caller: lac_text_free); NULL if an append failed. Leaves `text` empty. */
char *lac_text_take(LacText *text);
void lac_text_clear(LacText *text);

#endif
