/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/gain_store.h"

#include "core/memory.h"

#include <stdatomic.h>
#include <string.h>

/* Two levels, so that nothing that workers look at ever moves. 4096 * 4096 segments are 72 days. */
enum { DRAWER = 4096, DRAWERS = 4096 };

/* Sixteen bits a knot: each block of knots has its own range, in 65535 steps, rounded down so that no cap is exceeded.
 * A curve that moves by 3 dB within the 6 ms of a block is stored to 0.00005 dB, one that stands still exactly. */
enum { BLOCK = 64, FADE_RUN = 128 };
static const float STEPS = 65535.0f;

typedef struct Block {
  float lowest_db, step_db; /* step 0: all knots are the lowest, and there are no codes */
  uint32_t first_code;
} Block;

typedef struct Curves { /* one segment: n_paths * n_blocks blocks, then the codes of those that move */
  const uint16_t *codes;
  Block blocks[];
} Curves;

struct LacGainStore {
  unsigned n_paths;
  uint32_t core_cells, fade_cells, skipped_knots, kept_knots, n_blocks;
  uint64_t n_segments;
  _Atomic uint64_t n_bytes;
  Curves **drawers[DRAWERS]; /* curves of 4096 segments each, or NULL */
};

LacStatus lac_gain_store_new(const LacLimitLayout *layout, unsigned n_paths, LacGainStore **out) {
  const uint32_t step = layout->spline.step;
  LacGainStore *store = lac_calloc(1, sizeof *store);
  *out = store;
  if (!store)
    return LAC_ERR_MEMORY;
  store->n_paths = n_paths;
  store->core_cells = layout->core_frames / step;
  store->fade_cells = layout->fade_frames / step;
  store->skipped_knots = layout->overlap_frames / step - store->fade_cells;
  store->kept_knots = store->core_cells + 2 * store->fade_cells + 3;
  store->n_blocks = (store->kept_knots + BLOCK - 1) / BLOCK;
  return LAC_OK;
}

void lac_gain_store_free(LacGainStore *store) {
  if (!store)
    return;
  for (uint32_t d = 0; d < DRAWERS && store->drawers[d]; d++) {
    for (uint32_t i = 0; i < DRAWER; i++)
      lac_free(store->drawers[d][i]);
    lac_free(store->drawers[d]);
  }
  lac_free(store);
}

unsigned lac_gain_store_paths(const LacGainStore *store) {
  return store->n_paths;
}

uint64_t lac_gain_store_bytes(const LacGainStore *store) {
  return atomic_load(&store->n_bytes);
}

LacStatus lac_gain_store_reserve(LacGainStore *store, uint64_t n_segments) {
  if (n_segments > (uint64_t)DRAWER * DRAWERS)
    return LAC_ERR_LIMIT;
  while (store->n_segments < n_segments) {
    Curves **drawer = lac_calloc(DRAWER, sizeof *drawer);
    if (!drawer)
      return LAC_ERR_MEMORY;
    store->drawers[store->n_segments / DRAWER] = drawer;
    store->n_segments += DRAWER;
  }
  return LAC_OK;
}

static uint32_t block_length(const LacGainStore *store, uint32_t block) {
  const uint32_t left = store->kept_knots - block * BLOCK;
  return left < BLOCK ? left : BLOCK;
}

/* Range of n values; returns how many codes they need. */
static uint32_t find_range(const float *u_db, uint32_t n, Block *block) {
  float lowest = u_db[0], highest = u_db[0];
  for (uint32_t i = 1; i < n; i++) {
    lowest = u_db[i] < lowest ? u_db[i] : lowest;
    highest = u_db[i] > highest ? u_db[i] : highest;
  }
  block->lowest_db = lowest;
  block->step_db = (highest - lowest) / STEPS;
  return block->step_db > 0.0f ? n : 0;
}

static void encode(const float *u_db, uint32_t n, const Block *block, uint16_t *codes) {
  for (uint32_t i = 0; i < n; i++) {
    const float steps = (u_db[i] - block->lowest_db) / block->step_db;
    codes[i] = (uint16_t)(steps < STEPS ? steps : STEPS); /* the fraction falls: rounded down */
  }
}

LacStatus lac_gain_store_put(LacGainStore *store, uint64_t segment, const float *const *curves) {
  const size_t head = sizeof(Curves) + store->n_paths * store->n_blocks * sizeof(Block);
  Curves *kept = lac_alloc(1, head + store->n_paths * store->kept_knots * sizeof(uint16_t));
  if (!kept)
    return LAC_ERR_MEMORY;
  uint16_t *codes = (uint16_t *)(void *)((char *)kept + head);
  uint32_t n_codes = 0;
  for (uint32_t b = 0; b < store->n_paths * store->n_blocks; b++) {
    const uint32_t within = b % store->n_blocks, n = block_length(store, within);
    const float *u_db = curves[b / store->n_blocks] + store->skipped_knots + within * BLOCK;
    kept->blocks[b].first_code = n_codes;
    if (find_range(u_db, n, &kept->blocks[b]) > 0) {
      encode(u_db, n, &kept->blocks[b], codes + n_codes);
      n_codes += n;
    }
  }
  const size_t bytes = head + n_codes * sizeof *codes;
  Curves *fitted = lac_realloc(kept, 1, bytes);
  kept = fitted ? fitted : kept; /* a smaller block that cannot be had is no loss */
  kept->codes = (const uint16_t *)(const void *)((const char *)kept + head);
  store->drawers[segment / DRAWER][segment % DRAWER] = kept;
  atomic_fetch_add(&store->n_bytes, bytes);
  return LAC_OK;
}

/* NULL: all 0. */
static const Curves *curves_of(const LacGainStore *store, uint64_t segment) {
  return segment < store->n_segments ? store->drawers[segment / DRAWER][segment % DRAWER] : NULL;
}

/* Values number first .. first + n - 1 of what is kept of a segment, counted from fade_cells before its core. */
static void decode(const LacGainStore *store, const Curves *curves, unsigned path, uint64_t first, uint32_t n,
                   float *out) {
  if (!curves) {
    memset(out, 0, n * sizeof *out);
    return;
  }
  for (uint32_t done = 0, run; done < n; done += run) {
    const uint32_t at = (uint32_t)first + done, inside = at % BLOCK;
    const Block *block = &curves->blocks[path * store->n_blocks + at / BLOCK];
    const uint16_t *codes = curves->codes + block->first_code + inside;
    run = BLOCK - inside < n - done ? BLOCK - inside : n - done;
    for (uint32_t i = 0; i < run; i++)
      out[done + i] = block->step_db > 0.0f ? block->lowest_db + block->step_db * (float)codes[i] : block->lowest_db;
  }
}

/* The value of cell c's first knot, called value c, comes from the segment c lies in, except near the border b of two
 * cores: from b - fade to b + fade + 2 the earlier segment fades into the later one. */
bool lac_gain_store_read(const LacGainStore *store, unsigned path, uint64_t cell, uint32_t n_cells, float *out) {
  const uint32_t core = store->core_cells, fade = store->fade_cells, width = 2 * fade + 2;
  const uint64_t end = cell + n_cells + 3;
  bool is_any = false;
  for (uint64_t at = cell; at < end + 1; at += core) /* the segments that take part, and the one before */
    is_any |= curves_of(store, at / core) || (at >= core && curves_of(store, at / core - 1));
  is_any |= curves_of(store, end / core) != NULL;
  if (!is_any)
    return false;
  for (uint64_t at = cell, run; at < end; at += run) {
    const uint64_t segment = (at + fade) / core, border = segment * core;
    const Curves *now = curves_of(store, segment);
    float *to = out + (at - cell);
    const uint64_t begin = border - (segment > 0 ? fade : 0);
    if (segment == 0 || at >= begin + width) {
      run = border + core - fade - at;
      run = run < end - at ? run : end - at;
      decode(store, now, path, at + fade - border, (uint32_t)run, to);
      continue;
    }
    run = begin + width - at;
    run = run < end - at ? run : end - at;
    run = run < FADE_RUN ? run : FADE_RUN;
    float earlier[FADE_RUN];
    decode(store, now, path, at + fade - border, (uint32_t)run, to);
    decode(store, curves_of(store, segment - 1), path, at + fade - (border - core), (uint32_t)run, earlier);
    for (uint64_t i = 0; i < run; i++)
      to[i] = earlier[i] + (float)(at + i - begin) / (float)width * (to[i] - earlier[i]);
  }
  return true;
}
