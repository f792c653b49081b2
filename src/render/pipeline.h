/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* read | work | drain over blocks of 4096 frames, on one, two or three threads with the same result.
 *
 * With three threads each stage has its own (drain runs on the caller's), with two read and work share one, with one
 * everything runs inline. Blocks travel through bounded queues. The first stage that fails stops the others; its status
 * and message are what the caller gets. The cancel flag is looked at once per block in every stage. */

#ifndef LAC_RENDER_PIPELINE_H
#define LAC_RENDER_PIPELINE_H

#include <lacquer/core.h>

enum { LAC_BLOCK_FRAMES = 4096 };

typedef struct LacBlock {
  float *channels[2];
  int32_t *integers[2]; /* quantised form, where a job has one */
  uint32_t n_frames;    /* 0..LAC_BLOCK_FRAMES */
} LacBlock;

/* Where work puts its output. */
typedef struct LacEmitter LacEmitter;

/* An empty block to fill, or NULL when another stage has stopped (return LAC_ERR_CANCELLED then). */
LacBlock *lac_emitter_take(LacEmitter *emitter);
/* Hands a filled block on. A failure is passed up by returning it. */
LacStatus lac_emitter_send(LacEmitter *emitter, LacBlock *block);

typedef struct LacPipelineJob {
  unsigned n_channels;
  const LacCancel *cancel; /* may be NULL */
  void *context;
  /* Fills `block` with the next frames; n_frames 0 is the end. */
  LacStatus (*read)(void *context, LacBlock *block, LacError *error);
  /* Takes a block (may change it in place), emits any number; `block` NULL comes once, after the last: flush. */
  LacStatus (*work)(void *context, LacBlock *block, LacEmitter *emitter, LacError *error);
  LacStatus (*drain)(void *context, const LacBlock *block, LacError *error);
} LacPipelineJob;

/* n_threads >= 1; more than 3 are not used. */
LAC_NODISCARD LacStatus lac_pipeline_run(const LacPipelineJob *job, unsigned n_threads, LacError *error);

#endif
