/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/arena.h"

#include "core/memory.h"

#include <stdint.h>

/* A request that does not fit the newest chunk gets a chunk of at least this size; what was left is given up. */
enum { CHUNK_BYTES = 64 * 1024 };

typedef struct Chunk {
  struct Chunk *previous;
  unsigned char *bytes; /* aligned */
  size_t used;
  size_t capacity;
} Chunk;

struct LacArena {
  Chunk *newest;
  size_t used;
};

LacStatus lac_arena_new(LacArena **out) {
  *out = lac_calloc(1, sizeof **out);
  return *out ? LAC_OK : LAC_ERR_MEMORY;
}

static Chunk *chunk_new(Chunk *previous, size_t capacity) {
  size_t bytes;
  if (!lac_add_size(capacity, sizeof(Chunk) + LAC_ARENA_ALIGNMENT, &bytes))
    return NULL;
  Chunk *chunk = lac_calloc(1, bytes);
  if (!chunk)
    return NULL;
  uintptr_t start = (uintptr_t)(chunk + 1);
  size_t padding = (LAC_ARENA_ALIGNMENT - start % LAC_ARENA_ALIGNMENT) % LAC_ARENA_ALIGNMENT;
  *chunk = (Chunk){.previous = previous, .bytes = (unsigned char *)(chunk + 1) + padding, .capacity = capacity};
  return chunk;
}

void *lac_arena_alloc(LacArena *arena, size_t count, size_t size) {
  size_t bytes;
  if (!lac_mul_size(count, size, &bytes) || !lac_add_size(bytes, LAC_ARENA_ALIGNMENT - 1, &bytes))
    return NULL;
  bytes -= bytes % LAC_ARENA_ALIGNMENT;
  if (bytes == 0)
    bytes = LAC_ARENA_ALIGNMENT;
  Chunk *chunk = arena->newest;
  if (!chunk || chunk->capacity - chunk->used < bytes) {
    chunk = chunk_new(arena->newest, bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES);
    if (!chunk)
      return NULL;
    arena->newest = chunk;
  }
  void *memory = chunk->bytes + chunk->used;
  chunk->used += bytes;
  arena->used += bytes;
  return memory;
}

size_t lac_arena_used(const LacArena *arena) {
  return arena->used;
}

void lac_arena_free(LacArena *arena) {
  if (!arena)
    return;
  while (arena->newest) {
    Chunk *previous = arena->newest->previous;
    lac_free(arena->newest);
    arena->newest = previous;
  }
  lac_free(arena);
}
