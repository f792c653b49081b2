/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/render.h>

#include "render/job_progress.h"
#include "render/pipeline.h"
#include "render/render_passes.h"

#include <string.h>

/* What the second analyzer takes over: about half of the work. The peaks of the control track are much of it, and what
 * needs K-weighting stays together. */
static unsigned second_measures(unsigned measure) {
  const unsigned plain = LAC_MEASURE_SPECTRUM | LAC_MEASURE_FLAWS;
  const unsigned tracked = LAC_MEASURE_SPECTRUM | LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING_LEVELS;
  return measure & (measure & LAC_MEASURE_LIMITING ? tracked : plain);
}

/* Decode | one analyzer | the other, over the pipeline of a render. */
typedef struct MeasureJob {
  LacSource *source;
  unsigned n_channels;
  LacNotes read_notes; /* of the reading thread */
  LacAnalyzer *first;  /* on the work thread; NULL: only one is used */
  LacAnalyzer *second;
  LacJobProgress progress;
  uint64_t n_frames;
  uint64_t expected_frames;
} MeasureJob;

static LacStatus read_block(void *context, LacBlock *block, LacError *error) {
  MeasureJob *job = context;
  uint32_t n = 1;
  block->n_frames = 0;
  while (block->n_frames < LAC_BLOCK_FRAMES && n > 0) {
    float *const rest[2] = {block->channels[0] + block->n_frames,
                            job->n_channels > 1 ? block->channels[1] + block->n_frames : NULL};
    const LacStatus status =
        lac_source_read(job->source, rest, LAC_BLOCK_FRAMES - block->n_frames, &n, &job->read_notes, error);
    if (status != LAC_OK) {
      return status;
    }
    block->n_frames += n;
  }
  return LAC_OK;
}

static LacStatus add(LacAnalyzer *analyzer, const LacBlock *block, LacError *error) {
  const LacStatus status = lac_analyzer_add(analyzer, (const float *const *)block->channels, block->n_frames);
  return status == LAC_OK ? LAC_OK
                          : lac_error_set(error, status, "ANALYSIS_FAILED", "The audio cannot be measured: %s.",
                                          lac_strerror(status));
}

static LacStatus work_block(void *context, LacBlock *block, LacEmitter *emitter, LacError *error) {
  MeasureJob *job = context;
  if (!block) {
    return LAC_OK;
  }
  if (job->first) {
    const LacStatus status = add(job->first, block, error);
    if (status != LAC_OK) {
      return status;
    }
  }
  LacBlock *out = lac_emitter_take(emitter);
  if (!out) {
    return LAC_ERR_CANCELLED;
  }
  for (unsigned c = 0; c < job->n_channels; ++c) {
    memcpy(out->channels[c], block->channels[c], block->n_frames * sizeof(float));
  }
  out->n_frames = block->n_frames;
  return lac_emitter_send(emitter, out);
}

static LacStatus drain_block(void *context, const LacBlock *block, LacError *error) {
  MeasureJob *job = context;
  const LacStatus status = add(job->second, block, error);
  job->n_frames += block->n_frames;
  lac_job_progress_frames(&job->progress, job->n_frames, job->expected_frames);
  return status;
}

/* Two analyzers when both halves are asked for and threads are there; the numbers are the same. */
static LacStatus start_analyzers(MeasureJob *job, const LacMediaInfo *info, unsigned measure, unsigned n_threads) {
  const unsigned second = second_measures(measure);
  const unsigned first = measure & ~second;
  if (n_threads < 2 || !first || !second) {
    return lac_analyzer_new(info->rate_hz, info->n_channels, measure, &job->second);
  }
  const LacStatus status = lac_analyzer_new(info->rate_hz, info->n_channels, first, &job->first);
  return status == LAC_OK ? lac_analyzer_new(info->rate_hz, info->n_channels, second, &job->second) : status;
}

static LacStatus collect(MeasureJob *job, LacAnalysis *analysis) {
  if (!job->first) {
    return lac_analyzer_finish(job->second, analysis);
  }
  LacAnalysis second = {0};
  LacStatus status = lac_analyzer_finish(job->first, analysis);
  if (status == LAC_OK) {
    status = lac_analyzer_finish(job->second, &second);
  }
  if (status == LAC_OK) {
    status = lac_analysis_join(analysis, &second);
  }
  lac_analysis_free(&second);
  return status;
}

static LacStatus run(MeasureJob *job, unsigned measure, const char *stage, const LacJobControl *control,
                     LacAnalysis *analysis, LacError *error) {
  const LacMediaInfo *info = lac_source_info(job->source);
  const unsigned n_threads = lac_job_threads(control);
  const LacPipelineJob pipeline = {.n_channels = job->n_channels,
                                   .cancel = lac_job_cancel(control),
                                   .context = job,
                                   .read = read_block,
                                   .work = work_block,
                                   .drain = drain_block};
  LacStatus status = start_analyzers(job, info, measure, n_threads);
  if (status != LAC_OK) {
    return lac_error_set(error, status, "ANALYSIS_FAILED", "The meters cannot start: %s.", lac_strerror(status));
  }
  lac_job_progress_begin(&job->progress, control, stage);
  status = lac_pipeline_run(&pipeline, n_threads, error);
  if (status != LAC_OK) {
    return status;
  }
  status = collect(job, analysis);
  if (status != LAC_OK) {
    return lac_error_set(error, status, "ANALYSIS_FAILED", "The audio cannot be measured: %s.", lac_strerror(status));
  }
  lac_job_progress_end(&job->progress);
  return LAC_OK;
}

LacStatus lac_measure_source(LacSource *source, unsigned measure, const char *stage, const LacJobControl *control,
                             LacAnalysis *analysis, LacNotes *notes, LacError *error) {
  const LacMediaInfo *info = lac_source_info(source);
  MeasureJob job = {.source = source, .n_channels = info->n_channels, .expected_frames = info->n_frames};
  memset(analysis, 0, sizeof *analysis);
  LacStatus status = lac_source_rewind(source, error);
  if (status == LAC_OK) {
    status = run(&job, measure, stage, control, analysis, error);
  }
  if (notes && status == LAC_OK &&
      (lac_notes_append(notes, &job.read_notes) != LAC_OK ||
       lac_note_nonfinite(notes, analysis->n_nonfinite) != LAC_OK)) {
    status = lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to keep the warnings.");
  }
  lac_notes_free(&job.read_notes);
  lac_analyzer_free(job.first);
  lac_analyzer_free(job.second);
  if (status != LAC_OK) {
    lac_analysis_free(analysis);
  }
  return status;
}
