/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One aligned, zeroed memory pool that grows by chunks and is freed at once: the memory of everything that
 * is prepared once and then only runs. Not thread-safe. */

#ifndef LAC_CORE_ARENA_H
#define LAC_CORE_ARENA_H

#include <lacquer/core.h>

enum { LAC_ARENA_ALIGNMENT = 64 };

typedef struct LacArena LacArena;

LAC_NODISCARD LacStatus lac_arena_new(LacArena **out);
/* count * size bytes, zeroed, aligned to 64; NULL when out of memory or when the product overflows. A zero
 * product returns a valid pointer that may not be read. */
void *lac_arena_alloc(LacArena *arena, size_t count, size_t size);
/* Bytes handed out so far, padding included. */
size_t lac_arena_used(const LacArena *arena);
void lac_arena_free(LacArena *arena);

#endif
