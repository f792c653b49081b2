/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/pipeline.h"

#include "core/arena.h"
#include "core/threads.h"

/* Blocks change hands in batches, so that a thread is not woken for each: waking costs about as much as a block of
 * light work. Either side of a link may hold back one block less than a batch; the rest keeps both going. */
enum { BATCH_BLOCKS = 8, LINK_BLOCKS = 3 * BATCH_BLOCKS };

typedef enum Stage { STAGE_READ, STAGE_WORK, STAGE_DRAIN, STAGES } Stage;

/* Blocks between two threads: filled ones one way, empty ones back. Each queue can hold all of them, so a push never
 * waits and a pop is the only place where a thread sleeps. */
typedef struct BlockLink {
  LacBlock blocks[LINK_BLOCKS];
  LacQueue *full;
  LacQueue *empty;
} BlockLink;

/* Blocks on their way into a queue, held by one thread. */
typedef struct BlockBatch {
  LacBlock *blocks[BATCH_BLOCKS];
  size_t count;
} BlockBatch;

typedef struct Pipeline Pipeline;

struct LacEmitter {
  Pipeline *pipeline;
  LacBlock *own; /* inline: the one block, drained at once */
  BlockBatch filled;
};

struct Pipeline {
  const LacPipelineJob *job;
  LacArena *arena;
  LacBlock inline_in;
  LacBlock inline_out;
  BlockLink in;
  BlockLink out;
  bool is_split; /* read and work on two threads */
  LacEmitter emitter;
  atomic_int failed; /* 0, or 1 + the stage that failed first */
  LacStatus statuses[STAGES];
  LacError errors[STAGES];
};

/* --- Stopping ----------------------------------------------------------------------------------------------- */

static void close_link(BlockLink *link) {
  if (link->full) {
    lac_queue_close(link->full);
  }
  if (link->empty) {
    lac_queue_close(link->empty);
  }
}

static bool has_failed(Pipeline *p) {
  return atomic_load(&p->failed) != 0;
}

/* Remembers the first failure; statuses and errors of a stage are written by its own thread only. */
static LacStatus note_status(Pipeline *p, Stage stage, LacStatus status) {
  int nothing = 0;
  if (status == LAC_OK || has_failed(p)) {
    return status;
  }
  p->statuses[stage] = status;
  if (p->errors[stage].status == LAC_OK) {
    lac_error_set(&p->errors[stage], status, status == LAC_ERR_CANCELLED ? "CANCELLED" : "RENDER_FAILED", "%s.",
                  lac_strerror(status));
  }
  atomic_compare_exchange_strong(&p->failed, &nothing, 1 + (int)stage);
  close_link(&p->in);
  close_link(&p->out);
  return status;
}

/* --- Handing on --------------------------------------------------------------------------------------------- */

static bool batch_flush(BlockBatch *batch, LacQueue *queue) {
  bool is_open = true;
  for (size_t i = 0; i < batch->count; ++i) {
    is_open = lac_queue_push(queue, batch->blocks[i]) && is_open;
  }
  batch->count = 0;
  return is_open;
}

/* False when the queue was closed. */
static bool batch_add(BlockBatch *batch, LacBlock *block, LacQueue *queue) {
  batch->blocks[batch->count++] = block;
  return batch->count < BATCH_BLOCKS || batch_flush(batch, queue);
}

/* --- One step of each stage --------------------------------------------------------------------------------- */

static LacStatus run_read(Pipeline *p, LacBlock *block) {
  block->n_frames = 0;
  const LacStatus status =
      lac_cancelled(p->job->cancel) ? LAC_ERR_CANCELLED : p->job->read(p->job->context, block, &p->errors[STAGE_READ]);
  return note_status(p, STAGE_READ, status);
}

static LacStatus run_work(Pipeline *p, LacBlock *block) {
  const LacStatus status = lac_cancelled(p->job->cancel)
                               ? LAC_ERR_CANCELLED
                               : p->job->work(p->job->context, block, &p->emitter, &p->errors[STAGE_WORK]);
  return note_status(p, STAGE_WORK, status);
}

static LacStatus run_drain(Pipeline *p, const LacBlock *block) {
  const LacStatus status = lac_cancelled(p->job->cancel)
                               ? LAC_ERR_CANCELLED
                               : p->job->drain(p->job->context, block, &p->errors[STAGE_DRAIN]);
  return note_status(p, STAGE_DRAIN, status);
}

LacBlock *lac_emitter_take(LacEmitter *emitter) {
  Pipeline *p = emitter->pipeline;
  LacBlock *block = emitter->own;
  if (has_failed(p) || lac_cancelled(p->job->cancel)) {
    return NULL;
  }
  if (!block) {
    block = lac_queue_pop(p->out.empty);
  }
  if (block) {
    block->n_frames = 0;
  }
  return block;
}

LacStatus lac_emitter_send(LacEmitter *emitter, LacBlock *block) {
  if (emitter->own) {
    return run_drain(emitter->pipeline, block);
  }
  return batch_add(&emitter->filled, block, emitter->pipeline->out.full) ? LAC_OK : LAC_ERR_CANCELLED;
}

/* --- Threads ------------------------------------------------------------------------------------------------ */

/* read and work in turn on one thread. */
static void read_and_work(Pipeline *p) {
  LacStatus status = LAC_OK;
  while (status == LAC_OK && !has_failed(p)) {
    status = run_read(p, &p->inline_in);
    if (status == LAC_OK) {
      const bool is_end = p->inline_in.n_frames == 0;
      status = run_work(p, is_end ? NULL : &p->inline_in);
      if (is_end) {
        break;
      }
    }
  }
}

static void read_thread(void *context) {
  Pipeline *p = context;
  LacBlock *block = NULL;
  BlockBatch filled = {.count = 0};
  while ((block = lac_queue_pop(p->in.empty)) && !has_failed(p)) {
    if (run_read(p, block) != LAC_OK || block->n_frames == 0 || !batch_add(&filled, block, p->in.full)) {
      break;
    }
  }
  batch_flush(&filled, p->in.full);
  lac_queue_close(p->in.full);
}

static void work_thread(void *context) {
  Pipeline *p = context;
  if (!p->is_split) {
    read_and_work(p);
  } else {
    LacStatus status = LAC_OK;
    LacBlock *block = NULL;
    BlockBatch used = {.count = 0};
    while (status == LAC_OK && (block = lac_queue_pop(p->in.full))) {
      status = run_work(p, block);
      batch_add(&used, block, p->in.empty);
    }
    if (status == LAC_OK && !has_failed(p)) {
      run_work(p, NULL);
    }
  }
  batch_flush(&p->emitter.filled, p->out.full);
  lac_queue_close(p->out.full);
}

static void drain_here(Pipeline *p) {
  LacBlock *block = NULL;
  BlockBatch used = {.count = 0};
  while ((block = lac_queue_pop(p->out.full)) && run_drain(p, block) == LAC_OK) {
    batch_add(&used, block, p->out.empty);
  }
}

/* --- Setting up --------------------------------------------------------------------------------------------- */

static LacStatus make_block(Pipeline *p, LacBlock *block) {
  for (unsigned c = 0; c < p->job->n_channels; ++c) {
    block->channels[c] = lac_arena_alloc(p->arena, LAC_BLOCK_FRAMES, sizeof(float));
    block->integers[c] = lac_arena_alloc(p->arena, LAC_BLOCK_FRAMES, sizeof(int32_t));
    if (!block->channels[c] || !block->integers[c]) {
      return LAC_ERR_MEMORY;
    }
  }
  return LAC_OK;
}

static LacStatus make_link(Pipeline *p, BlockLink *link) {
  LacStatus status = lac_queue_new(LINK_BLOCKS, &link->full);
  if (status == LAC_OK) {
    status = lac_queue_new(LINK_BLOCKS, &link->empty);
  }
  for (size_t i = 0; i < LINK_BLOCKS && status == LAC_OK; ++i) {
    status = make_block(p, &link->blocks[i]);
    if (status == LAC_OK) {
      lac_queue_push(link->empty, &link->blocks[i]);
    }
  }
  return status;
}

static LacStatus set_up(Pipeline *p, unsigned n_threads) {
  LacStatus status = lac_arena_new(&p->arena);
  p->is_split = n_threads >= 3;
  p->emitter.pipeline = p;
  p->emitter.own = n_threads >= 2 ? NULL : &p->inline_out;
  if (status == LAC_OK && n_threads >= 3) {
    status = make_link(p, &p->in);
  }
  if (status == LAC_OK && n_threads >= 2) {
    status = make_link(p, &p->out);
  }
  if (status == LAC_OK) {
    status = make_block(p, &p->inline_in);
  }
  return status == LAC_OK ? make_block(p, &p->inline_out) : status;
}

static void tear_down(Pipeline *p) {
  lac_queue_free(p->in.full);
  lac_queue_free(p->in.empty);
  lac_queue_free(p->out.full);
  lac_queue_free(p->out.empty);
  lac_arena_free(p->arena);
}

static LacStatus run_threads(Pipeline *p) {
  LacThread *reader = NULL;
  LacThread *worker = NULL;
  LacStatus status = p->is_split ? lac_thread_start(&reader, read_thread, p) : LAC_OK;
  if (status == LAC_OK) {
    status = lac_thread_start(&worker, work_thread, p);
  }
  if (status == LAC_OK) {
    drain_here(p);
  } else {
    close_link(&p->in);
    close_link(&p->out);
  }
  lac_thread_join(worker);
  lac_thread_join(reader);
  return status;
}

LacStatus lac_pipeline_run(const LacPipelineJob *job, unsigned n_threads, LacError *error) {
  Pipeline p = {.job = job};
  LacStatus status = set_up(&p, n_threads);
  if (status == LAC_OK && n_threads >= 2) {
    status = run_threads(&p);
  } else if (status == LAC_OK) {
    read_and_work(&p);
  }
  const int failed = atomic_load(&p.failed);
  tear_down(&p);
  if (status != LAC_OK) {
    return lac_error_set(error, status, "MEMORY", "Not enough memory or threads to start the render.");
  }
  if (failed == 0) {
    return LAC_OK;
  }
  if (error) {
    *error = p.errors[failed - 1];
  }
  return p.statuses[failed - 1];
}
