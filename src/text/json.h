/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON, strict in, repeatable out, in the values of jansson. Reading and writing are ours.
 *
 * Reading refuses duplicate keys, trailing text, invalid UTF-8, nesting beyond 64 and numbers that do not fit.
 * Writing is ours: keys in insertion order, numbers by lac_double_text, no locale, two-space indent, arrays of
 * plain values on one line, a newline at the end. A whole number reads back as an integer: readers ask
 * json_number_value. In test builds with faults jansson allocates through core/memory.h. */

#ifndef LAC_TEXT_JSON_H
#define LAC_TEXT_JSON_H

#include <jansson.h>

#include <lacquer/core.h>

enum { LAC_JSON_DEPTH = 64 };

/* Any JSON value (RFC 8259), a leading byte order mark is skipped. NULL on failure, with LAC_ERR_SYNTAX and
 * "NAME:LINE:COLUMN: ..." in `error` (lines and columns from 1, columns in bytes), or LAC_ERR_MEMORY. Caller:
 * json_decref. */
json_t *lac_json_parse(const char *name, const char *bytes, size_t n_bytes, LacError *error);
/* NULL when out of memory, or when nested deeper than can be read back. Caller: lac_text_free. */
char *lac_json_write(const json_t *value);

/* Where in a document a reader stands, for messages like "/chain/2/parameters/band1_hz" (RFC 6901). One step each;
 * the first step has no parent, and NULL is the whole document, "". */
typedef struct LacJsonPath {
  const struct LacJsonPath *parent;
  const char *key; /* NULL: array element */
  size_t index;
} LacJsonPath;
/* Cut at a UTF-8 border when it does not fit; size is at least 1. */
void lac_json_pointer(const LacJsonPath *path, char *buffer, size_t size);

/* Builders that never fail half-way: they set *failed and go on. A non-finite number becomes null. In a text every
 * byte that is not UTF-8 (file names may hold some) becomes U+FFFD. */
void lac_json_set_number(json_t *object, const char *key, double value, bool *failed);
void lac_json_set_integer(json_t *object, const char *key, int64_t value, bool *failed);
void lac_json_set_text(json_t *object, const char *key, const char *value_or_null, bool *failed);
void lac_json_set_bool(json_t *object, const char *key, bool value, bool *failed);
/* Takes `value` (may be NULL = failed). */
void lac_json_set(json_t *object, const char *key, json_t *value, bool *failed);
void lac_json_push(json_t *array, json_t *value, bool *failed);
/* Every element by value; non-finite becomes null. */
void lac_json_set_numbers(json_t *object, const char *key, const double *values, size_t count, bool *failed);

#endif
