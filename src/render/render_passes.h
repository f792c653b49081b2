/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a plan pass by pass over the pipeline. render.c says where the result goes. */

#ifndef LAC_RENDER_RENDER_PASSES_H
#define LAC_RENDER_RENDER_PASSES_H

#include <lacquer/render.h>

#include "render/job_progress.h"
#include "render/kept_signal.h"
#include "render/render_plan.h"
#include "render/signal_path.h"

typedef struct LacRenderJob {
  LacSource *source;
  const LacRecipe *recipe;
  LacRenderPlan plan;
  unsigned n_threads;
  const LacCancel *cancel;   /* may be NULL */
  size_t spool_memory_bytes; /* most that spools keep in memory, together */
  LacJobProgress progress;
  LacQuantizer *quantizer; /* of the last pass, NULL for float */
  bool is_exact;           /* the source lies on the quantizer's grid */
  bool with_readouts;
  void *finish_context;
  /* The last pass's blocks, in order, on the caller's thread. */
  LacStatus (*finish)(void *context, const LacBlock *block, LacError *error);
  LacNotes *notes; /* may be NULL */
  /* What stood before the limiter: the run starts from it when it fits, else leaves here what it made. NULL, or *kept
   * NULL: nothing. */
  LacKeptSignal **kept;
  /* What came out of it: */
  uint64_t n_frames; /* given to finish */
  uint64_t n_nonfinite;
  uint64_t n_input_nonfinite; /* of them in the source */
  size_t spool_bytes;         /* largest spool */
  LacReadoutResult *readouts;
  size_t n_readouts;
} LacRenderJob;

/* Rewinds the source and runs every pass. The caller frees plan and readouts in either case. */
LAC_NODISCARD LacStatus lac_render_passes(LacRenderJob *job, LacError *error);

/* lac_render with another limit for spools in memory: tests force the disk with 0. */
LAC_NODISCARD LacStatus lac_render_spooled(LacSource *source, const LacRecipe *recipe, LacSink *sink, unsigned measure,
                                           const LacJobControl *control, size_t spool_memory_bytes,
                                           LacKeptSignal **kept, LacRenderResult *result, LacNotes *notes,
                                           LacError *error);
/* Says once that samples were not numbers. */
LacStatus lac_note_nonfinite(LacNotes *notes, uint64_t n_nonfinite);

#endif
