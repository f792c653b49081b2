/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/render_passes.h"

#include "chain/chain_build.h"
#include "core/memory.h"
#include "render/spool.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One pass. `read` runs on one thread, `path` on another, the rest on the caller's. */
typedef struct Pass {
  LacRenderJob *job;
  unsigned n_channels;
  LacSpool *from; /* NULL: the source */
  LacSpool *to;   /* NULL: the signal is not needed again, or is what `from` holds */
  uint64_t read_frames;
  uint64_t tail_left; /* silence to add after the source's end */
  bool is_source_at_end;
  LacNotes read_notes; /* of the reading thread */
  LacSignalPath *path;
  bool is_split;          /* half of the first chain works in the reading thread */
  LacProcessor *observer; /* the whole processor that ends this pass; NULL: the last pass */
  uint64_t drained_frames;
  uint64_t expected_frames;
} Pass;

/* What goes on from pass to pass. */
typedef struct Run {
  LacRenderJob *job;
  LacChain **chains; /* per step; NULL for the resampler and for what is done */
  LacSpool *spool;   /* between the last pass and the next */
  size_t next_step;
  bool is_resumed;       /* from what was kept */
  size_t n_idle;         /* whole processors that found nothing to do */
  uint32_t rate_hz;      /* at next_step */
  uint64_t total_frames; /* at next_step */
} Run;

/* The spool that belongs to what was kept, or NULL. */
static LacSpool *kept_spool(const LacRenderJob *job) {
  return job->kept && *job->kept ? (*job->kept)->spool : NULL;
}

static void drop_spool(Run *run) {
  if (run->spool != kept_spool(run->job)) {
    lac_spool_free(run->spool);
  }
  run->spool = NULL;
}

/* True when the plan goes no further than the limiter, and what comes there is wanted again. */
static bool ends_before_limiter(const Run *run) {
  const LacRenderPlan *plan = &run->job->plan;
  return run->job->kept && !*run->job->kept && plan->n_entries == plan->peak_end && lac_kept_signal_is_wanted(plan);
}

/* --- The three stages --------------------------------------------------------------------------------------- */

static LacStatus read_spool(Pass *pass, LacBlock *block, LacError *error) {
  const uint64_t left = lac_spool_frames(pass->from) - pass->read_frames;
  block->n_frames = left < LAC_BLOCK_FRAMES ? (uint32_t)left : LAC_BLOCK_FRAMES;
  const LacStatus status = lac_spool_read(pass->from, pass->read_frames, block->channels, block->n_frames, error);
  pass->read_frames += block->n_frames;
  return status;
}

static void add_silence(Pass *pass, LacBlock *block) {
  const uint32_t room = LAC_BLOCK_FRAMES - block->n_frames;
  const uint32_t n = pass->tail_left < room ? (uint32_t)pass->tail_left : room;
  for (unsigned c = 0; c < pass->n_channels; ++c) {
    memset(block->channels[c] + block->n_frames, 0, n * sizeof(float));
  }
  block->n_frames += n;
  pass->tail_left -= n;
}

/* Decoders give what they have; blocks are always full, but for the last. */
static LacStatus fill_block(Pass *pass, LacBlock *block, LacError *error) {
  block->n_frames = 0;
  if (pass->from) {
    return read_spool(pass, block, error);
  }
  while (block->n_frames < LAC_BLOCK_FRAMES && !pass->is_source_at_end) {
    float *const rest[2] = {block->channels[0] + block->n_frames,
                            pass->n_channels > 1 ? block->channels[1] + block->n_frames : NULL};
    uint32_t n = 0;
    const LacStatus status =
        lac_source_read(pass->job->source, rest, LAC_BLOCK_FRAMES - block->n_frames, &n, &pass->read_notes, error);
    if (status != LAC_OK) {
      return status;
    }
    pass->is_source_at_end = n == 0;
    block->n_frames += n;
  }
  if (pass->is_source_at_end) {
    add_silence(pass, block);
  }
  return LAC_OK;
}

static LacStatus read_block(void *context, LacBlock *block, LacError *error) {
  Pass *pass = context;
  const LacStatus status = fill_block(pass, block, error);
  if (status == LAC_OK && pass->is_split) {
    lac_signal_path_ahead(pass->path, block);
  }
  return status;
}

static LacStatus work_block(void *context, LacBlock *block, LacEmitter *emitter, LacError *error) {
  Pass *pass = context;
  (void)error;
  return block ? lac_signal_path_push(pass->path, block, emitter) : lac_signal_path_flush(pass->path, emitter);
}

static LacStatus drain_block(void *context, const LacBlock *block, LacError *error) {
  Pass *pass = context;
  const float *const *channels = (const float *const *)block->channels;
  LacStatus status = LAC_OK;
  if (pass->to) {
    status = lac_spool_append(pass->to, channels, block->n_frames, error);
  }
  if (status == LAC_OK && pass->observer) {
    status = lac_processor_observe(pass->observer, channels, block->n_frames);
  } else if (status == LAC_OK) {
    status = pass->job->finish(pass->job->finish_context, block, error);
  }
  pass->drained_frames += block->n_frames;
  lac_job_progress_frames(&pass->job->progress, pass->drained_frames, pass->expected_frames);
  return status;
}

/* --- Readouts ----------------------------------------------------------------------------------------------- */

/* `lead_frames` of latency came before the programme: those rows are dropped, and what follows its end. */
static LacStatus take_readout(LacRenderJob *job, const LacReadoutTrack *track, LacReadoutResult *out, double rate_hz,
                              uint64_t lead_frames, uint64_t total_frames) {
  const double hop_frames = rint(rate_hz / 100);
  const size_t lead = (size_t)rint((double)lead_frames / hop_frames);
  const size_t most = (size_t)ceil((double)total_frames / hop_frames);
  const size_t have = track->count > lead ? track->count - lead : 0;
  out->count = have < most ? have : most;
  out->hop_s = hop_frames / rate_hz;
  out->minimum = lac_alloc(out->count ? out->count : 1, sizeof(float));
  out->mean = lac_alloc(out->count ? out->count : 1, sizeof(float));
  job->n_readouts++;
  if (!out->minimum || !out->mean) {
    return LAC_ERR_MEMORY;
  }
  memcpy(out->minimum, track->minimum + (out->count ? lead : 0), out->count * sizeof(float));
  memcpy(out->mean, track->mean + (out->count ? lead : 0), out->count * sizeof(float));
  return LAC_OK;
}

static LacStatus take_readouts(LacRenderJob *job, LacChain *chain, double rate_hz, uint64_t total_frames) {
  uint64_t lead_frames = 0;
  for (size_t k = 0; k < lac_chain_length(chain); ++k) {
    const LacRecipeEntry entry = lac_recipe_entry(job->recipe, lac_chain_recipe_entry(chain, k));
    const LacProcessorInfo *info = lac_processor_class_info(entry.cls);
    const LacReadoutTrack *tracks = lac_chain_readouts(chain, k);
    for (size_t i = 0; tracks && i < info->n_readouts; ++i) {
      LacReadoutResult *grown = lac_realloc(job->readouts, job->n_readouts + 1, sizeof *grown);
      if (!grown) {
        return LAC_ERR_MEMORY;
      }
      job->readouts = grown;
      LacReadoutResult *out = &grown[job->n_readouts];
      *out = (LacReadoutResult){0};
      snprintf(out->entry, sizeof out->entry, "%s", entry.id);
      snprintf(out->processor, sizeof out->processor, "%s", info->id);
      snprintf(out->readout, sizeof out->readout, "%s", info->readouts[i].id);
      snprintf(out->unit, sizeof out->unit, "%s", info->readouts[i].unit);
      const LacStatus status = take_readout(job, &tracks[i], out, rate_hz, lead_frames, total_frames);
      if (status != LAC_OK) {
        return status;
      }
    }
    lead_frames += lac_processor_latency_frames(lac_chain_processor(chain, k));
  }
  return LAC_OK;
}

/* --- Building a pass ---------------------------------------------------------------------------------------- */

static LacStatus make_chain(Run *run, size_t step, LacError *error) {
  const LacStep *s = &run->job->plan.steps[step];
  const LacChainSetup setup = {.rate_hz = run->rate_hz,
                               .n_channels = lac_source_info(run->job->source)->n_channels,
                               .max_block_frames = LAC_BLOCK_FRAMES,
                               .total_frames = run->total_frames,
                               .with_readouts = run->job->with_readouts,
                               .n_threads = run->job->n_threads,
                               .cancel = run->job->cancel};
  return lac_chain_new(run->job->recipe, s->first, s->end, &setup, &run->chains[step], run->job->notes, error);
}

static LacStatus add_resampler(Run *run, LacSignalPath *path, LacError *error) {
  const LacRenderPlan *plan = &run->job->plan;
  LacResampler *resampler = NULL;
  LacStatus status =
      lac_resampler_new(plan->in_rate_hz, plan->out_rate_hz, lac_source_info(run->job->source)->n_channels, &resampler);
  if (status == LAC_OK) {
    status = lac_signal_path_add_resampler(path, resampler);
  }
  run->rate_hz = plan->out_rate_hz;
  run->total_frames = lac_resampled_frames(run->total_frames, plan->in_rate_hz, plan->out_rate_hz);
  return status == LAC_OK ? LAC_OK
                          : lac_error_set(error, status, "RESAMPLER", "%u Hz cannot be converted to %u Hz: %s.",
                                          plan->in_rate_hz, plan->out_rate_hz, lac_strerror(status));
}

/* The signal in front of the limiter is spooled for it, or only to be kept. */
static LacStatus make_spool(const Run *run, Pass *pass, LacError *error) {
  const LacSpool *kept = kept_spool(run->job);
  size_t in_use = pass->from ? lac_spool_memory_bytes(pass->from) : 0;
  in_use += kept && kept != pass->from ? lac_spool_memory_bytes(kept) : 0;
  const size_t limit = run->job->spool_memory_bytes;
  const LacStatus status = lac_spool_new(pass->n_channels, limit > in_use ? limit - in_use : 0, &pass->to);
  return status == LAC_OK ? LAC_OK : lac_error_set(error, status, "MEMORY", "Not enough memory to render.");
}

/* Steps from run->next_step to the whole processor that ends the pass (left in run->next_step) or to the last. */
static LacStatus build_pass(Run *run, Pass *pass, LacError *error) {
  const LacRenderPlan *plan = &run->job->plan;
  const size_t begin = run->next_step;
  LacStatus status = lac_signal_path_new(pass->n_channels, plan->n_steps, &pass->path);
  if (status != LAC_OK) {
    return lac_error_set(error, status, "MEMORY", "Not enough memory to render.");
  }
  size_t step = begin;
  for (; step < plan->n_steps && status == LAC_OK; ++step) {
    if (plan->steps[step].kind == LAC_STEP_RESAMPLE) {
      status = add_resampler(run, pass->path, error);
      continue;
    }
    /* One that has a chain is at the head, and has observed and planned already. */
    const bool is_new = !run->chains[step];
    if (is_new) {
      status = make_chain(run, step, error);
    }
    if (status == LAC_OK && plan->steps[step].kind == LAC_STEP_WHOLE && is_new) {
      pass->observer = lac_chain_processor(run->chains[step], 0);
      break;
    }
    if (status == LAC_OK) {
      lac_signal_path_add_chain(pass->path, run->chains[step]);
    }
  }
  pass->is_split = status == LAC_OK && run->job->n_threads > 1 && lac_signal_path_split(pass->path);
  run->next_step = step;
  pass->expected_frames = run->total_frames;
  const bool is_as_read = pass->from && step == begin; /* nothing stands between the spool and the observer */
  if (status == LAC_OK && (pass->observer ? !is_as_read : ends_before_limiter(run))) {
    status = make_spool(run, pass, error);
  }
  if (status == LAC_OK && !pass->observer && run->job->quantizer) {
    const bool is_untouched = plan->n_active == run->n_idle;
    lac_signal_path_set_quantizer(pass->path, run->job->quantizer, run->job->is_exact && is_untouched);
  }
  return status;
}

/* --- Running ------------------------------------------------------------------------------------------------ */

/* Chains of steps [begin, end) have done their work: keep what they saw. */
static LacStatus close_chains(Run *run, size_t begin, size_t end, uint32_t rate_hz, uint64_t total_frames) {
  const LacRenderPlan *plan = &run->job->plan;
  LacStatus status = LAC_OK;
  for (size_t step = begin; step < end; ++step) {
    if (plan->steps[step].kind == LAC_STEP_RESAMPLE) {
      rate_hz = plan->out_rate_hz;
      total_frames = lac_resampled_frames(total_frames, plan->in_rate_hz, plan->out_rate_hz);
      continue;
    }
    run->job->n_nonfinite += lac_chain_nonfinite_count(run->chains[step]);
    run->job->n_input_nonfinite += step == 0 && !run->is_resumed ? lac_chain_nonfinite_count(run->chains[step]) : 0;
    if (status == LAC_OK && run->job->with_readouts) {
      status = take_readouts(run->job, run->chains[step], rate_hz, total_frames);
    }
    lac_chain_free(run->chains[step]);
    run->chains[step] = NULL;
  }
  return status;
}

static LacStatus run_pass(Run *run, Pass *pass, LacError *error) {
  LacRenderJob *job = run->job;
  const size_t begin = run->next_step;
  const uint32_t rate_hz = run->rate_hz;
  const uint64_t total_frames = run->total_frames;
  LacStatus status = build_pass(run, pass, error);
  if (status == LAC_OK) {
    const LacPipelineJob pipeline = {.n_channels = pass->n_channels,
                                     .cancel = job->cancel,
                                     .context = pass,
                                     .read = read_block,
                                     .work = work_block,
                                     .drain = drain_block};
    status = lac_pipeline_run(&pipeline, pass->is_split ? 3 : job->n_threads, error);
  }
  if (status == LAC_OK) {
    status = close_chains(run, begin, run->next_step, rate_hz, total_frames);
    if (status != LAC_OK) {
      lac_error_set(error, status, "MEMORY", "Not enough memory to keep what the processors reported.");
    }
  }
  if (status == LAC_OK && pass->observer) {
    status = lac_processor_plan(pass->observer, job->cancel);
    if (status != LAC_OK) {
      lac_error_set(error, status, status == LAC_ERR_CANCELLED ? "CANCELLED" : "PLAN_FAILED", "%s could not plan: %s.",
                    lac_recipe_entry(job->recipe, job->plan.steps[run->next_step].first).id, lac_strerror(status));
    }
    run->n_idle += status == LAC_OK && lac_processor_is_neutral(pass->observer);
  }
  return status;
}

/* --- What stands before the limiter ------------------------------------------------------------------------- */

/* What the last pass brought in front of the limiter is kept, when that is wanted. */
static LacStatus keep(Run *run, LacError *error) {
  LacRenderJob *job = run->job;
  const bool is_there = run->next_step < job->plan.n_steps ? job->plan.steps[run->next_step].first == job->plan.peak_end
                                                           : ends_before_limiter(run);
  if (!job->kept || *job->kept || !is_there) {
    return LAC_OK;
  }
  LacKeptSignal *kept = NULL;
  LacStatus status = lac_kept_signal_new(job->source, job->recipe, &job->plan, &kept);
  if (status == LAC_OK) {
    status = lac_readout_results_copy(job->readouts, job->n_readouts, &kept->readouts);
  }
  if (status != LAC_OK) {
    lac_kept_signal_free(kept);
    return lac_error_set(error, status, "MEMORY", "Not enough memory to render.");
  }
  kept->n_readouts = job->n_readouts;
  kept->has_readouts = job->with_readouts;
  kept->n_nonfinite = job->n_nonfinite;
  kept->n_input_nonfinite = job->n_input_nonfinite;
  kept->spool = run->spool;
  *job->kept = kept;
  return LAC_OK;
}

/* Goes on from what was kept, or throws it away. */
static LacStatus resume(Run *run, LacError *error) {
  LacRenderJob *job = run->job;
  LacKeptSignal *kept = job->kept ? *job->kept : NULL;
  if (!lac_kept_signal_fits(kept, job->source, job->recipe, &job->plan, job->with_readouts)) {
    lac_kept_signal_free(kept);
    if (job->kept) {
      *job->kept = NULL;
    }
    return LAC_OK;
  }
  const LacStatus status = lac_readout_results_copy(kept->readouts, kept->n_readouts, &job->readouts);
  if (status != LAC_OK) {
    return lac_error_set(error, status, "MEMORY", "Not enough memory to render.");
  }
  job->n_readouts = kept->n_readouts;
  job->n_nonfinite = kept->n_nonfinite;
  job->n_input_nonfinite = kept->n_input_nonfinite;
  run->is_resumed = true;
  run->spool = kept->spool;
  run->rate_hz = kept->out_rate_hz;
  run->total_frames = lac_spool_frames(kept->spool);
  lac_render_plan_resume(&job->plan, kept->n_entries);
  return LAC_OK;
}

/* --- Pass after pass ---------------------------------------------------------------------------------------- */

static LacStatus next_pass(Run *run, size_t index, LacError *error) {
  LacRenderJob *job = run->job;
  Pass pass = {.job = job, .n_channels = lac_source_info(job->source)->n_channels, .from = run->spool};
  pass.tail_left = run->spool ? 0 : job->plan.tail_frames;
  lac_job_progress_pass(&job->progress, index, job->plan.n_passes);
  LacStatus status = run_pass(run, &pass, error);
  if (job->notes && lac_notes_append(job->notes, &pass.read_notes) != LAC_OK && status == LAC_OK) {
    status = lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to keep the warnings.");
  }
  lac_notes_free(&pass.read_notes);
  lac_signal_path_free(pass.path);
  if (pass.to || !pass.observer) {
    drop_spool(run);
    run->spool = pass.to;
  }
  if (pass.to) {
    const uint64_t bytes = lac_spool_bytes(pass.to);
    job->spool_bytes = bytes > job->spool_bytes ? (size_t)bytes : job->spool_bytes;
  }
  if (status == LAC_OK && pass.observer) {
    run->total_frames = lac_spool_frames(run->spool);
  } else {
    job->n_frames = pass.drained_frames;
  }
  return status == LAC_OK && pass.to ? keep(run, error) : status;
}

LacStatus lac_render_passes(LacRenderJob *job, LacError *error) {
  Run run = {.job = job, .rate_hz = job->plan.in_rate_hz, .total_frames = job->plan.in_frames};
  run.chains = lac_calloc(job->plan.n_steps, sizeof *run.chains);
  if (!run.chains) {
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to render.");
  }
  LacStatus status = lac_source_rewind(job->source, error);
  if (status == LAC_OK) {
    status = resume(&run, error);
  }
  for (size_t i = 0; i < job->plan.n_passes && status == LAC_OK; ++i) {
    status = next_pass(&run, i, error);
  }
  for (size_t i = 0; i < job->plan.n_steps; ++i) {
    lac_chain_free(run.chains[i]);
  }
  lac_free(run.chains);
  drop_spool(&run);
  return status;
}
