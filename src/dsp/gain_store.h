/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The curves of limited segments, and how neighbours fade into each other. Segments that were never put have 0 dB and
 * take no memory but a pointer. */

#ifndef LAC_DSP_GAIN_STORE_H
#define LAC_DSP_GAIN_STORE_H

#include "dsp/limit_layout.h"

typedef struct LacGainStore LacGainStore;

LAC_NODISCARD LacStatus lac_gain_store_new(const LacLimitLayout *layout, unsigned n_paths, LacGainStore **out);
void lac_gain_store_free(LacGainStore *store);
unsigned lac_gain_store_paths(const LacGainStore *store);
/* Keeps room for the segments [0, n_segments): call before they are put, from one thread, while none reads. Others may
 * put segments that were reserved before: new room is not theirs, and nothing they use moves. What hands a segment to
 * the thread that puts it (a queue) makes its room known there too. */
LAC_NODISCARD LacStatus lac_gain_store_reserve(LacGainStore *store, uint64_t n_segments);
/* layout.n_knots coefficients per path. Each segment once; different segments from different threads. MEMORY. */
LacStatus lac_gain_store_put(LacGainStore *store, uint64_t segment, const float *const *curves);
/* Coefficients of the knots cell - 1 .. cell + n_cells + 1 (n_cells + 3 values) of the absolute cell index. False,
 * without touching `out`, when all are 0. Allocates nothing. */
bool lac_gain_store_read(const LacGainStore *store, unsigned path, uint64_t cell, uint32_t n_cells, float *out);
/* Bytes held. */
uint64_t lac_gain_store_bytes(const LacGainStore *store);

#endif
