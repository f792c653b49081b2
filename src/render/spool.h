/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signal between two passes: planar float, written once from the front, then read. Up to a limit it stays in
 * memory, what comes after goes into an unlinked temporary file. One thread at a time. */

#ifndef LAC_RENDER_SPOOL_H
#define LAC_RENDER_SPOOL_H

#include <lacquer/core.h>

enum { LAC_SPOOL_MEMORY_BYTES = 96 * 1024 * 1024 };

typedef struct LacSpool LacSpool;

/* memory_limit in bytes; 0 puts everything on disk. */
LAC_NODISCARD LacStatus lac_spool_new(unsigned n_channels, size_t memory_limit, LacSpool **out);
/* Errors: MEMORY, NO_SPACE, WRITE. */
LacStatus lac_spool_append(LacSpool *spool, const float *const *channels, uint32_t n_frames, LacError *error);
/* Frames [at_frame, at_frame + n_frames), all of which were appended. */
LacStatus lac_spool_read(LacSpool *spool, uint64_t at_frame, float *const *channels, uint32_t n_frames,
                         LacError *error);
uint64_t lac_spool_frames(const LacSpool *spool);
/* Bytes held, and how many of them are in memory. */
uint64_t lac_spool_bytes(const LacSpool *spool);
size_t lac_spool_memory_bytes(const LacSpool *spool);
void lac_spool_free(LacSpool *spool);

#endif
