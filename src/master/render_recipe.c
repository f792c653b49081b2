/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/master.h>

#include <math.h>
#include <string.h>

#include "assistant/limiter_choice.h"
#include "core/memory.h"
#include "master/job_paths.h"
#include "master/job_steps.h"
#include "render/job_progress.h"

typedef struct RenderJob {
  const LacRenderOptions *options;
  const LacJobControl *control;
  LacMasterResult *result;
  LacError *error;
  LacSource *source;
  LacSink *sink;
  LacRenderResult rendered;
  double clock;
} RenderJob;

static LacStatus prepare(RenderJob *job) {
  const LacRenderOptions *options = job->options;
  LacMasterResult *result = job->result;
  result->input_path = lac_strdup(options->input);
  result->output_path = lac_job_output_path(options->input, options->output, ".render.wav");
  if (!result->input_path || !result->output_path)
    return lac_step_no_memory(job->error);
  LacJobPaths paths = {.inputs = {options->input, options->recipe_path},
                       .outputs = {result->output_path},
                       .may_replace = options->may_replace};
  LacStatus status = lac_job_paths_check(&paths, job->error);
  if (!status)
    status = lac_step_read_recipe(options->recipe_path, &result->recipe, &result->warnings, job->error);
  if (!status)
    status = lac_source_open(options->input, lac_job_cancel(job->control), &job->source, &result->warnings, job->error);
  if (status)
    return status;
  LacRecipeOutput output = lac_recipe_output(result->recipe);
  output.bits = options->bits ? options->bits : output.bits;
  output.rate_hz = options->rate_hz ? options->rate_hz : output.rate_hz;
  lac_recipe_set_output(result->recipe, output);
  result->target = lac_recipe_target(result->recipe);
  if (lac_tags_copy(&result->tags, lac_source_tags(job->source)) || lac_limiter_explain_edit(result->recipe) ||
      lac_limiter_note(result->recipe, &result->warnings) || lac_step_note_extras(job->source, &result->warnings))
    return lac_step_no_memory(job->error);
  return LAC_OK;
}

/* A recipe that is bound to a song must know which one this is; others are not read twice for it. */
static LacStatus know_input(RenderJob *job) {
  LacMasterResult *result = job->result;
  LacStatus status = lac_measure_source(job->source, LAC_MEASURE_ALL, "analyse", job->control, &result->input,
                                        &result->warnings, job->error);
  if (status)
    return status;
  result->input_info = *lac_source_info(job->source);
  if (result->input.n_frames == 0)
    return lac_step_refuse_input(job->options->input, &result->input, job->error);
  status = lac_step_bind_recipe(result->recipe, &result->input_info, &result->input, job->options->redetect,
                                job->options->recipe_path, job->error);
  lac_step_time(result, "analyse", &job->clock);
  return status;
}

static LacStatus render(RenderJob *job, const char *path, LacContainer container) {
  LacMasterResult *result = job->result;
  LacSinkFormat format;
  LacStatus status = lac_render_format(lac_source_info(job->source), result->recipe, container, &format, job->error);
  if (status)
    return status;
  format.tags = lac_source_tags(job->source);
  status = lac_sink_open(path, true, &format, &job->sink, &result->warnings, job->error);
  if (!status)
    status = lac_render(job->source, result->recipe, job->sink, 0, job->control, NULL, &job->rendered,
                        &result->warnings, job->error);
  if (!status)
    status = lac_sink_finish(job->sink, job->error);
  result->solved.n_renders = 1;
  lac_step_time(result, "render", &job->clock);
  return status;
}

static LacStatus run(RenderJob *job) {
  LacMasterResult *result = job->result;
  LacContainer container = LAC_CONTAINER_WAV;
  LacStatus status = prepare(job);
  if (!status)
    status = lac_job_container(result->output_path, &container, job->error);
  if (!status)
    status = know_input(job);
  if (status)
    return status;
  bool is_stream = lac_job_is_stream(result->output_path);
  char *scratch = is_stream ? lac_job_scratch_path() : NULL;
  if (is_stream && !scratch)
    return lac_step_no_memory(job->error);
  status = render(job, is_stream ? scratch : result->output_path, container);
  lac_free(scratch);
  if (!status)
    status = lac_step_verify(job->sink, &job->rendered, job->control, result, job->error);
  lac_step_time(result, "verify", &job->clock);
  if (status)
    return status;
  status = lac_step_deliver(job->sink, result->output_path, is_stream, job->error);
  job->sink = NULL;
  return status ? status : lac_step_judge(result, job->error);
}

LacStatus lac_render_recipe(const LacRenderOptions *options, const LacJobControl *control, LacMasterResult *result,
                            LacError *error) {
  RenderJob job = {.options = options, .control = control, .result = result, .error = error};
  double begin = lac_step_clock();
  job.clock = begin;
  memset(result, 0, sizeof *result);
  result->target = (LacRecipeTarget){NAN, NAN};
  if (!options->recipe_path || !options->input)
    return lac_error_set(error, LAC_ERR_USAGE, "OPTION_MISSING", "A render needs a recipe and an input.");
  LacStatus status = run(&job);
  lac_sink_abort(job.sink);
  lac_source_close(job.source);
  lac_master_take_readouts(result, &job.rendered);
  lac_render_result_free(&job.rendered);
  result->seconds = lac_step_clock() - begin;
  result->solved.integrated_lufs = result->output.loudness.integrated_lufs;
  result->solved.true_peak_dbtp = result->output.loudness.true_peak_dbtp;
  result->solved.is_met = result->targets_met;
  if (status && status != LAC_ERR_TARGET)
    lac_master_result_free(result);
  return status;
}
