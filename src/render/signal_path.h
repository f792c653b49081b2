/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One pass through chains and resampler: frames pushed in at the front come out at the back, delays removed at the
 * head and flushed at the tail, in blocks of 4096 frames. */

#ifndef LAC_RENDER_SIGNAL_PATH_H
#define LAC_RENDER_SIGNAL_PATH_H

#include <lacquer/chain.h>

#include "dsp/dither.h"
#include "dsp/resampler.h"
#include "render/pipeline.h"

typedef struct LacSignalPath LacSignalPath;

LAC_NODISCARD LacStatus lac_signal_path_new(unsigned n_channels, size_t max_stages, LacSignalPath **out);
/* In order of the signal; at most max_stages. The path borrows a chain (prepared for LAC_BLOCK_FRAMES) and a
 * quantizer, and owns the resampler. */
void lac_signal_path_add_chain(LacSignalPath *path, LacChain *chain);
LacStatus lac_signal_path_add_resampler(LacSignalPath *path, LacResampler *resampler);
/* Divides the work for two threads, when the path is complete: half of a first chain of several processors does its
 * work in lac_signal_path_ahead. False when there is nothing to divide. */
bool lac_signal_path_split(LacSignalPath *path);
/* Once for each block before it is pushed; another thread may be pushing an earlier one. */
void lac_signal_path_ahead(LacSignalPath *path, LacBlock *block);
/* Integers are made of every finished block; `is_exact` as in dither.h. */
void lac_signal_path_set_quantizer(LacSignalPath *path, LacQuantizer *quantizer, bool is_exact);
/* `block` is changed; finished blocks go to `emitter`. */
LacStatus lac_signal_path_push(LacSignalPath *path, LacBlock *block, LacEmitter *emitter);
/* After the last push: what is still inside. */
LacStatus lac_signal_path_flush(LacSignalPath *path, LacEmitter *emitter);
void lac_signal_path_free(LacSignalPath *path);

#endif
