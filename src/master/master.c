/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The main job: a mix goes in, a verified master comes out. */

#include <lacquer/master.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "master/job_paths.h"
#include "master/job_steps.h"
#include "master/master_setup.h"
#include "render/job_progress.h"

typedef struct MasterJob {
  const LacMasterOptions *options;
  const LacJobControl *control;
  LacMasterResult *result;
  LacError *error;
  LacPlatforms *platforms;
  LacMasterSetup setup;
  LacSource *source;
  LacContainer container;
  bool is_stream; /* the output is a pipe or device: rendered elsewhere, then copied */
  LacSink *sink;
  LacRenderResult rendered;
  LacOutput *recipe_file;
  LacOutput *report_file;
  double clock;
} MasterJob;

void lac_master_options_init(LacMasterOptions *options) {
  *options = (LacMasterOptions){
      .strength_percent = NAN, .loudness_lufs = NAN, .ceiling_dbtp = NAN, .max_limiting_db = NAN, .range_lu = NAN};
}

/* --- Before any work --------------------------------------------------------------------------------------- */

static LacStatus check_paths(MasterJob *job) {
  const LacMasterOptions *options = job->options;
  LacMasterResult *result = job->result;
  if (!options->input)
    return lac_error_set(job->error, LAC_ERR_USAGE, "OPTION_MISSING", "No input was named.");
  if (options->output && !options->output[0])
    return lac_error_set(job->error, LAC_ERR_USAGE, "OPTION_MISSING", "The output's name is empty.");
  result->input_path = lac_strdup(options->input);
  result->output_path = lac_job_output_path(options->input, options->output, ".master.wav");
  if (!result->input_path || !result->output_path)
    return lac_step_no_memory(job->error);
  LacJobPaths paths = {.inputs = {options->input, options->recipe_path},
                       .outputs = {result->output_path, options->save_recipe, options->report},
                       .may_replace = options->may_replace,
                       .is_dry_run = options->is_dry_run};
  job->is_stream = lac_job_is_stream(result->output_path);
  LacStatus status = lac_job_container(result->output_path, &job->container, job->error);
  return status ? status : lac_job_paths_check(&paths, job->error);
}

static LacStatus open_all(MasterJob *job) {
  const LacMasterOptions *options = job->options;
  LacMasterResult *result = job->result;
  LacStatus status = lac_platforms_load(&job->platforms, job->error);
  if (!status)
    status = lac_master_setup(options, job->platforms, &job->setup, job->error);
  if (status)
    return status;
  snprintf(result->platform_id, sizeof result->platform_id, "%s", job->setup.platform->id);
  snprintf(result->platform_title, sizeof result->platform_title, "%s", job->setup.platform->title);
  const LacCancel *cancel = lac_job_cancel(job->control);
  /* A missing file is the more useful thing to hear; a pipe would first have to be read to its end. */
  bool is_piped = options->input && lac_job_is_stream(options->input);
  if (is_piped)
    status = check_paths(job);
  if (!status && options->input)
    status = lac_source_open(options->input, cancel, &job->source, &result->warnings, job->error);
  if (!status && !is_piped)
    status = check_paths(job);
  if (!status && options->recipe_path)
    status = lac_step_read_recipe(options->recipe_path, &result->recipe, &result->warnings, job->error);
  else if (!status && lac_recipe_new(&result->recipe))
    status = lac_step_no_memory(job->error);
  if (!status)
    status = lac_master_setup_recipe(&job->setup, lac_source_info(job->source), job->container, result->recipe,
                                     &result->warnings, job->error);
  if (status)
    return status;
  result->target = lac_recipe_target(result->recipe);
  if (lac_tags_copy(&result->tags, lac_source_tags(job->source)) ||
      lac_step_note_extras(job->source, &result->warnings))
    return lac_step_no_memory(job->error);
  return LAC_OK;
}

/* --- Analyse and decide ------------------------------------------------------------------------------------ */

static LacStatus analyse(MasterJob *job) {
  LacMasterResult *result = job->result;
  LacStatus status = lac_measure_source(job->source, LAC_MEASURE_ALL | LAC_MEASURE_LIMITING, "analyse", job->control,
                                        &result->input, &result->warnings, job->error);
  if (!status)
    status = lac_step_refuse_input(job->options->input, &result->input, job->error);
  if (!status) {
    result->input_info = *lac_source_info(job->source);
    result->input_info.n_frames = result->input.n_frames;
    status = lac_step_bind_recipe(result->recipe, &result->input_info, &result->input, job->options->redetect,
                                  job->options->recipe_path, job->error);
  }
  lac_step_time(result, "analyse", &job->clock);
  return status;
}

/* The loudness range that a person asked for; what the song does not need, or allow, is said. */
static LacStatus ride(MasterJob *job) {
  LacMasterResult *result = job->result;
  const double wanted_lu = job->options->range_lu;
  char has[LAC_NUMBER_SIZE], wanted[LAC_NUMBER_SIZE], most[LAC_NUMBER_SIZE];
  LacRideResult ridden;
  LacStatus status =
      lac_assistant_ride_levels(&result->input, &(LacRideOptions){.range_lu = wanted_lu}, result->recipe, &ridden);
  if (status == LAC_ERR_MEMORY)
    return lac_step_no_memory(job->error);
  if (status)
    return status;
  lac_fixed_text(wanted_lu, 1, wanted);
  if (ridden.is_kept)
    return lac_notes_add(&result->warnings, "RANGE_KEPT",
                         "The sections were not ridden: the leveler's curve was set already, and stays.");
  if (isnan(ridden.before_lu))
    return lac_notes_add(&result->warnings, "RANGE_KEPT",
                         "The sections were not ridden: the song is too short or too quiet for a loudness range.");
  if (!ridden.n_points)
    return lac_notes_add(&result->warnings, "RANGE_KEPT",
                         "The sections were not ridden: the loudness range is %s LU, %s were allowed.",
                         lac_fixed_text(ridden.before_lu, 1, has), wanted);
  if (ridden.is_limited)
    return lac_notes_add(
        &result->warnings, "RANGE_LIMITED",
        "The loudness range comes down to about %s LU, not %s: the sections are ridden by %s dB at most. "
        "A compressor brings it further.",
        lac_fixed_text(ridden.after_lu, 1, has), wanted, lac_double_text(ridden.most_db, most));
  return LAC_OK;
}

static LacStatus decide(MasterJob *job) {
  LacMasterResult *result = job->result;
  LacStatus status = lac_assistant_decide(&result->input_info, &result->input, &job->setup.assistant, result->recipe,
                                          &result->warnings, job->error);
  if (!status && !isnan(job->options->range_lu))
    status = ride(job);
  lac_step_time(result, "decide", &job->clock);
  return status;
}

/* Nothing is written: what the first render would be. */
static LacStatus predict(MasterJob *job) {
  LacMasterResult *result = job->result;
  LacSinkFormat format;
  LacStatus status = lac_assistant_predict(job->source, &result->input, result->recipe, &job->setup.assistant,
                                           job->control, &result->solved, &result->warnings, job->error);
  if (!status)
    status = lac_render_format(lac_source_info(job->source), result->recipe, job->container, &format, job->error);
  if (!status) {
    result->targets_met = result->solved.is_met;
    result->output_info = (LacMediaInfo){.rate_hz = format.rate_hz,
                                         .n_channels = format.n_channels,
                                         .bits = format.bits,
                                         .is_float = format.is_float,
                                         .n_frames = format.n_frames};
  }
  lac_step_time(result, "decide", &job->clock);
  return status;
}

/* --- Render and verify ------------------------------------------------------------------------------------- */

static LacStatus render(MasterJob *job) {
  LacMasterResult *result = job->result;
  char *scratch = job->is_stream ? lac_job_scratch_path() : NULL;
  if (job->is_stream && !scratch)
    return lac_step_no_memory(job->error);
  LacStatus status = lac_assistant_solve(
      job->source, &result->input, result->recipe, &job->setup.assistant, scratch ? scratch : result->output_path,
      job->is_stream || job->options->may_replace, job->container, LAC_MEASURE_LOUDNESS, job->control, &job->sink,
      &job->rendered, &result->solved, &result->warnings, job->error);
  lac_free(scratch);
  lac_step_time(result, "render", &job->clock);
  return status;
}

static LacStatus verify(MasterJob *job) {
  LacMasterResult *result = job->result;
  LacStatus status = lac_step_verify(job->sink, &job->rendered, job->control, result, job->error);
  if (!status) {
    result->solved.integrated_lufs = result->output.loudness.integrated_lufs;
    result->solved.true_peak_dbtp = result->output.loudness.true_peak_dbtp;
    result->solved.is_met = result->targets_met;
  }
  lac_step_time(result, "verify", &job->clock);
  return status;
}

/* The platform's other rules, held against what was written: what `check` would say, as warnings. Loudness and true
 * peak are judged as targets; those that a person asked for differently are the person's wish. */
static LacStatus note_rules(MasterJob *job) {
  LacMasterResult *result = job->result;
  LacCheckResult checked = {0};
  const LacAnalyzeResult written = {
      .path = result->output_path, .info = result->output_info, .analysis = result->output};
  LacStatus status = lac_check(&written, job->setup.platform, &checked);
  for (size_t i = 0; i < checked.n_rules && !status; i++) {
    const LacRuleResult *rule = &checked.rules[i];
    bool is_target = !strncmp(rule->id, "integrated", 10) || !strncmp(rule->id, "true_peak", 9);
    bool is_left_alone = isnan(result->target.integrated_lufs) && !strncmp(rule->id, "integrated", 10);
    if (!rule->passed && (!is_target || is_left_alone))
      status = lac_notes_add(&result->warnings, "PLATFORM_RULE", "%s: %s", result->platform_title, rule->text);
  }
  lac_check_result_free(&checked);
  return status ? lac_step_no_memory(job->error) : LAC_OK;
}

/* --- Deliver ----------------------------------------------------------------------------------------------- */

/* Opens and fills a small text file that appears on commit. Takes `text`. What cannot be written fails here, before the
 * master appears. */
static LacStatus stage_text(const MasterJob *job, const char *path, char *text, LacOutput **output) {
  if (!text)
    return lac_step_no_memory(job->error);
  LacStatus status = lac_output_open(path, job->options->may_replace, output, job->error);
  if (!status)
    lac_output_write(*output, text, strlen(text));
  lac_text_free(text);
  if (!status)
    (void)lac_output_temporary_path(*output); /* out of the buffer */
  if (!status && lac_output_status(*output)) {
    LacOutput *failed = *output;
    *output = NULL;
    status = lac_output_commit(failed, job->error); /* says what was remembered */
  }
  return status;
}

static LacStatus stage_recipe(MasterJob *job) {
  char *text = NULL;
  if (!job->options->save_recipe)
    return LAC_OK;
  LacStatus status = lac_recipe_write(job->result->recipe, &text);
  return status ? lac_step_no_memory(job->error) : stage_text(job, job->options->save_recipe, text, &job->recipe_file);
}

static LacStatus stage_report(MasterJob *job) {
  char *html = NULL;
  if (!job->options->report)
    return LAC_OK;
  LacReportView *view = NULL;
  LacStatus status = lac_report_view_master(job->result, &view);
  if (!status)
    status = lac_report_html(lac_report_view_file(view), &html);
  lac_report_view_free(view);
  return status ? lac_error_set(job->error, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INTERNAL",
                                "The report could not be made: %s.", lac_strerror(status))
                : stage_text(job, job->options->report, html, &job->report_file);
}

static LacStatus commit_text(LacOutput **output, LacError *error) {
  LacOutput *taken = *output;
  *output = NULL;
  return taken ? lac_output_commit(taken, error) : LAC_OK;
}

/* Everything is prepared before anything appears; the master appears first. */
static LacStatus deliver(MasterJob *job) {
  lac_master_take_readouts(job->result, &job->rendered);
  LacStatus status = stage_recipe(job);
  if (!status)
    status = stage_report(job);
  if (!status) {
    LacSink *sink = job->sink;
    job->sink = NULL;
    status = lac_step_deliver(sink, job->result->output_path, job->is_stream, job->error);
  }
  if (!status)
    status = commit_text(&job->recipe_file, job->error);
  if (!status)
    status = commit_text(&job->report_file, job->error);
  lac_step_time(job->result, "deliver", &job->clock);
  return status;
}

static LacStatus run(MasterJob *job) {
  LacStatus status = open_all(job);
  if (!status)
    status = analyse(job);
  if (!status)
    status = decide(job);
  if (!status && job->options->is_dry_run)
    return predict(job);
  if (!status)
    status = render(job);
  if (!status)
    status = verify(job);
  if (!status)
    status = note_rules(job);
  if (!status)
    status = deliver(job);
  return status ? status : lac_step_judge(job->result, job->error);
}

LacStatus lac_master(const LacMasterOptions *options, const LacJobControl *control, LacMasterResult *result,
                     LacError *error) {
  MasterJob job = {.options = options, .control = control, .result = result, .error = error};
  double begin = lac_step_clock();
  job.clock = begin;
  memset(result, 0, sizeof *result);
  result->target = (LacRecipeTarget){NAN, NAN};
  LacStatus status = run(&job);
  lac_output_abort(job.recipe_file);
  lac_output_abort(job.report_file);
  lac_sink_abort(job.sink);
  lac_source_close(job.source);
  lac_platforms_free(job.platforms);
  lac_render_result_free(&job.rendered);
  result->seconds = lac_step_clock() - begin;
  if (status && status != LAC_ERR_TARGET)
    lac_master_result_free(result);
  return status;
}

/* --- Results ----------------------------------------------------------------------------------------------- */

void lac_master_take_readouts(LacMasterResult *result, LacRenderResult *rendered) {
  result->readouts = rendered->readouts;
  result->n_readouts = rendered->n_readouts;
  rendered->readouts = NULL;
  rendered->n_readouts = 0;
}

void lac_master_result_free(LacMasterResult *result) {
  LacRenderResult readouts = {.readouts = result->readouts, .n_readouts = result->n_readouts};
  lac_render_result_free(&readouts);
  lac_free(result->input_path);
  lac_free(result->output_path);
  lac_tags_free(&result->tags);
  lac_analysis_free(&result->input);
  lac_analysis_free(&result->output);
  lac_recipe_free(result->recipe);
  lac_notes_free(&result->warnings);
  memset(result, 0, sizeof *result);
}
