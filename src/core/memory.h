/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Heap memory with checked products. Test builds (-Dfaults=true) can make the k-th allocation fail
 * (core/faults.h). All of Lacquer allocates through here; in those builds jansson too. */

#ifndef LAC_CORE_MEMORY_H
#define LAC_CORE_MEMORY_H

#include <lacquer/core.h>

/* Uninitialised, zeroed, resized; NULL when out of memory or when count * size overflows. */
void *lac_alloc(size_t count, size_t size);
void *lac_calloc(size_t count, size_t size);
void *lac_realloc(void *memory, size_t count, size_t size);
void lac_free(void *memory);
char *lac_strdup(const char *text);
char *lac_strndup(const char *text, size_t n_bytes);
/* A new formatted string, or NULL when out of memory. */
char *lac_format(const char *format, ...) LAC_PRINTF(1, 2);
char *lac_vformat(const char *format, va_list args);

/* False on overflow; *result is then untouched. */
bool lac_mul_size(size_t a, size_t b, size_t *result);
bool lac_add_size(size_t a, size_t b, size_t *result);

#endif
