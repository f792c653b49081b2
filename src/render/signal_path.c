/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/signal_path.h"

#include "chain/chain_build.h"
#include "core/memory.h"

#include <string.h>

/* A chain or a resampler. */
typedef struct PathStage {
  LacChain *chain;
  size_t n_ahead;       /* of its processors, at work in another thread before the block comes here */
  uint64_t skip_frames; /* of the chain's latency, still to be dropped */
  LacResampler *resampler;
  float *given[2]; /* the resampler's output: LAC_BLOCK_FRAMES per channel */
} PathStage;

struct LacSignalPath {
  unsigned n_channels;
  PathStage *stages;
  size_t n_stages;
  LacQuantizer *quantizer;
  bool is_exact;
  LacBlock *filling; /* taken from the emitter, not yet full */
};

LacStatus lac_signal_path_new(unsigned n_channels, size_t max_stages, LacSignalPath **out) {
  *out = NULL;
  LacSignalPath *path = lac_calloc(1, sizeof *path);
  if (!path) {
    return LAC_ERR_MEMORY;
  }
  path->n_channels = n_channels;
  path->stages = lac_calloc(max_stages ? max_stages : 1, sizeof *path->stages);
  if (!path->stages) {
    lac_free(path);
    return LAC_ERR_MEMORY;
  }
  *out = path;
  return LAC_OK;
}

void lac_signal_path_add_chain(LacSignalPath *path, LacChain *chain) {
  path->stages[path->n_stages++] = (PathStage){.chain = chain, .skip_frames = lac_chain_latency_frames(chain)};
}

LacStatus lac_signal_path_add_resampler(LacSignalPath *path, LacResampler *resampler) {
  PathStage *stage = &path->stages[path->n_stages++];
  *stage = (PathStage){.resampler = resampler};
  for (unsigned c = 0; c < path->n_channels; ++c) {
    stage->given[c] = lac_alloc(LAC_BLOCK_FRAMES, sizeof(float));
    if (!stage->given[c]) {
      return LAC_ERR_MEMORY;
    }
  }
  return LAC_OK;
}

bool lac_signal_path_split(LacSignalPath *path) {
  PathStage *first = &path->stages[0];
  first->n_ahead = path->n_stages > 0 && first->chain ? lac_chain_length(first->chain) / 2 : 0;
  return first->n_ahead > 0;
}

void lac_signal_path_ahead(LacSignalPath *path, LacBlock *block) {
  const PathStage *first = &path->stages[0];
  if (first->n_ahead > 0) {
    lac_chain_process_part(first->chain, block->channels, block->n_frames, 0, first->n_ahead);
  }
}

void lac_signal_path_set_quantizer(LacSignalPath *path, LacQuantizer *quantizer, bool is_exact) {
  path->quantizer = quantizer;
  path->is_exact = is_exact;
}

void lac_signal_path_free(LacSignalPath *path) {
  if (!path) {
    return;
  }
  for (size_t i = 0; i < path->n_stages; ++i) {
    lac_resampler_free(path->stages[i].resampler);
    lac_free(path->stages[i].given[0]);
    lac_free(path->stages[i].given[1]);
  }
  lac_free(path->stages);
  lac_free(path);
}

/* --- The end: blocks of one size ---------------------------------------------------------------------------- */

static LacStatus send_filled(LacSignalPath *path, LacEmitter *emitter) {
  LacBlock *block = path->filling;
  path->filling = NULL;
  if (path->quantizer) {
    lac_quantizer_run(path->quantizer, (const float *const *)block->channels, path->n_channels, block->integers,
                      block->n_frames, path->is_exact);
  }
  return lac_emitter_send(emitter, block);
}

static LacStatus fill(LacSignalPath *path, float *const *channels, uint32_t n_frames, LacEmitter *emitter) {
  for (uint32_t done = 0; done < n_frames;) {
    if (!path->filling) {
      path->filling = lac_emitter_take(emitter);
      if (!path->filling) {
        return LAC_ERR_CANCELLED;
      }
    }
    LacBlock *block = path->filling;
    const uint32_t room = LAC_BLOCK_FRAMES - block->n_frames;
    const uint32_t n = n_frames - done < room ? n_frames - done : room;
    for (unsigned c = 0; c < path->n_channels; ++c) {
      memcpy(block->channels[c] + block->n_frames, channels[c] + done, n * sizeof(float));
    }
    block->n_frames += n;
    done += n;
    if (block->n_frames == LAC_BLOCK_FRAMES) {
      const LacStatus status = send_filled(path, emitter);
      if (status != LAC_OK) {
        return status;
      }
    }
  }
  return LAC_OK;
}

/* --- Stage after stage -------------------------------------------------------------------------------------- */

static LacStatus push(LacSignalPath *path, size_t k, float *const *channels, uint32_t n_frames, LacEmitter *emitter);

static LacStatus push_chain(LacSignalPath *path, size_t k, float *const *channels, uint32_t n_frames,
                            LacEmitter *emitter) {
  PathStage *stage = &path->stages[k];
  lac_chain_process_part(stage->chain, channels, n_frames, stage->n_ahead, lac_chain_length(stage->chain));
  const uint32_t n_skipped = stage->skip_frames < n_frames ? (uint32_t)stage->skip_frames : n_frames;
  stage->skip_frames -= n_skipped;
  float *const rest[2] = {channels[0] + n_skipped, path->n_channels > 1 ? channels[1] + n_skipped : NULL};
  return push(path, k + 1, rest, n_frames - n_skipped, emitter);
}

static LacStatus push_resampler(LacSignalPath *path, size_t k, float *const *channels, uint32_t n_frames,
                                LacEmitter *emitter) {
  PathStage *stage = &path->stages[k];
  LacStatus status = LAC_OK;
  uint32_t n_given = LAC_BLOCK_FRAMES;
  /* When all is taken there may be more to give: go on until it gives less than there was room for. */
  for (uint32_t done = 0; status == LAC_OK && (done < n_frames || n_given == LAC_BLOCK_FRAMES);) {
    const float *const in[2] = {channels[0] + done, path->n_channels > 1 ? channels[1] + done : NULL};
    uint32_t n_taken = 0;
    lac_resampler_process(stage->resampler, in, n_frames - done, &n_taken, stage->given, LAC_BLOCK_FRAMES, &n_given);
    done += n_taken;
    status = push(path, k + 1, stage->given, n_given, emitter);
  }
  return status;
}

static LacStatus push(LacSignalPath *path, size_t k, float *const *channels, uint32_t n_frames, LacEmitter *emitter) {
  if (n_frames == 0) {
    return LAC_OK;
  }
  if (k == path->n_stages) {
    return fill(path, channels, n_frames, emitter);
  }
  return path->stages[k].chain ? push_chain(path, k, channels, n_frames, emitter)
                               : push_resampler(path, k, channels, n_frames, emitter);
}

LacStatus lac_signal_path_push(LacSignalPath *path, LacBlock *block, LacEmitter *emitter) {
  return push(path, 0, block->channels, block->n_frames, emitter);
}

/* As many zeros as the chain delays bring out its last frames. Nothing is ahead any more. */
static LacStatus flush_chain(LacSignalPath *path, size_t k, LacEmitter *emitter) {
  enum { ZERO_FRAMES = 512 };
  float zeros[2][ZERO_FRAMES];
  LacStatus status = LAC_OK;
  uint32_t left = lac_chain_latency_frames(path->stages[k].chain);
  path->stages[k].n_ahead = 0;
  while (left > 0 && status == LAC_OK) {
    float *const channels[2] = {zeros[0], path->n_channels > 1 ? zeros[1] : NULL};
    const uint32_t n = left < ZERO_FRAMES ? left : ZERO_FRAMES;
    memset(zeros, 0, sizeof zeros);
    status = push_chain(path, k, channels, n, emitter);
    left -= n;
  }
  return status;
}

static LacStatus flush_resampler(LacSignalPath *path, size_t k, LacEmitter *emitter) {
  PathStage *stage = &path->stages[k];
  LacStatus status = LAC_OK;
  uint32_t n_given = 0;
  while (status == LAC_OK && (n_given = lac_resampler_flush(stage->resampler, stage->given, LAC_BLOCK_FRAMES)) > 0) {
    status = push(path, k + 1, stage->given, n_given, emitter);
  }
  return status;
}

LacStatus lac_signal_path_flush(LacSignalPath *path, LacEmitter *emitter) {
  LacStatus status = LAC_OK;
  for (size_t k = 0; k < path->n_stages && status == LAC_OK; ++k) {
    status = path->stages[k].chain ? flush_chain(path, k, emitter) : flush_resampler(path, k, emitter);
  }
  if (status == LAC_OK && path->filling) {
    status = send_filled(path, emitter);
  }
  return status;
}
