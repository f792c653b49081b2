/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loudness has one owner: this file. It predicts what a gain will give, renders, and corrects by the slope.
 *
 * All level goes through two values: `gain.db` of the entry "level" while no limiting is wanted (also to turn a
 * louder input down), `limiter.drive_db` when the limiter has to work for the loudness. */

#include <lacquer/assistant.h>

#include <math.h>
#include <string.h>

#include "assistant/limiter_choice.h"
#include "assistant/limiter_model.h"
#include "assistant/loudness_plan.h"
#include "assistant/recipe_edit.h"
#include "core/number.h"

/* Renders in all: one, a correction, and one more for material on which the slope misleads. */
enum { MAX_RENDERS = 3 };
/* Written samples may stand this far over the ceiling by the judge; the meter's own error is within it. */
static const double peak_tolerance_db = 0.03;
static const double loudness_tolerance_lu = 0.05;
/* The rendered percentile may lie this far over, and this far under, the allowance before the level is moved for it. */
static const double limiting_over_db = 0.25;
static const double limiting_under_db = 0.5;

typedef struct Job {
  LacSource *source;
  LacRecipe *recipe;
  const LacAssistantOptions *options;
  const char *path;
  bool may_replace;
  LacContainer container;
  unsigned measure;
  const LacJobControl *control;
  LacNotes *notes;
  LacError *error;
  LacSink *sink;
  LacRenderResult *render;
  LacSolveResult *solved;
  LacKeptSignal *kept; /* owned: what reaches the limiter, for the next render */
} Job;

/* --- One render ------------------------------------------------------------------------------------------- */

static void drop_render(Job *job) {
  lac_sink_abort(job->sink);
  job->sink = NULL;
  lac_render_result_free(job->render);
  memset(job->render, 0, sizeof *job->render);
}

static const LacReadoutResult *reduction_track(const LacRenderResult *render) {
  for (size_t i = 0; i < render->n_readouts; i++)
    if (strcmp(render->readouts[i].processor, "limiter") == 0 &&
        strcmp(render->readouts[i].readout, "gain_reduction_db") == 0)
      return &render->readouts[i];
  return NULL;
}

static LacStatus render_once(Job *job) {
  LacSinkFormat format;
  drop_render(job);
  LacStatus status = lac_render_format(lac_source_info(job->source), job->recipe, job->container, &format, job->error);
  if (status)
    return status;
  format.tags = lac_source_tags(job->source);
  status = lac_sink_open(job->path, job->may_replace, &format, &job->sink, job->notes, job->error);
  if (!status)
    status = lac_render(job->source, job->recipe, job->sink, job->measure | LAC_MEASURE_LOUDNESS, job->control,
                        &job->kept, job->render, job->notes, job->error);
  if (!status)
    status = lac_sink_finish(job->sink, job->error);
  if (status)
    return status;
  const LacReadoutResult *reduction = reduction_track(job->render);
  job->solved->n_renders++;
  job->solved->integrated_lufs = job->render->analysis.loudness.integrated_lufs;
  if (job->solved->n_renders == 1)
    job->solved->first_lufs = job->solved->integrated_lufs;
  job->solved->true_peak_dbtp = job->render->analysis.loudness.true_peak_dbtp;
  job->solved->limiting_p95_db = reduction ? lac_limiting_p95_db(reduction->mean, reduction->count) : 0.0;
  return LAC_OK;
}

/* --- Judging ---------------------------------------------------------------------------------------------- */

/* How far the written peak stands over the allowed one; 0 when it was not measured. */
static double peak_excess_db(const Job *job) {
  double target = lac_recipe_target(job->recipe).true_peak_dbtp;
  double excess = job->solved->true_peak_dbtp - target;
  return isfinite(excess) && excess > 0.0 ? excess : 0.0;
}

static double loudness_error_lu(const Job *job) {
  return job->solved->integrated_lufs - lac_recipe_target(job->recipe).integrated_lufs;
}

static void judge(Job *job) {
  double target = lac_recipe_target(job->recipe).integrated_lufs;
  bool is_loud = isnan(target) || fabs(loudness_error_lu(job)) <= loudness_tolerance_lu;
  job->solved->is_met = is_loud && peak_excess_db(job) <= peak_tolerance_db;
}

static LacStatus say_limited(Job *job, const LacLoudnessPlan *plan) {
  char asked[LAC_NUMBER_SIZE];
  char reached[LAC_NUMBER_SIZE];
  char allowed[LAC_NUMBER_SIZE];
  lac_fixed_text(lac_recipe_target(job->recipe).integrated_lufs, 1, asked);
  lac_fixed_text(job->solved->integrated_lufs, 1, reached);
  lac_fixed_text(job->options->max_limiting_db, 1, allowed);
  if (plan->bound == LAC_BOUND_LIMITING)
    return lac_notes_add(job->notes, "TARGET_LIMITED",
                         "Asked for %s LUFS, reached %s. Going further needs more than the allowed %s dB of limiting. "
                         "Raise the allowance or lower the target.",
                         asked, reached, allowed);
  if (plan->bound == LAC_BOUND_NO_LIMITER)
    return lac_notes_add(job->notes, "TARGET_LIMITED",
                         "Asked for %s LUFS, reached %s. Going further needs the limiter, which the recipe switches "
                         "off. Switch it on or lower the target.",
                         asked, reached);
  return lac_notes_add(job->notes, "TARGET_LIMITED",
                       "Asked for %s LUFS, reached %s. More level no longer makes this music louder. Lower the target.",
                       asked, reached);
}

/* --- Solving ---------------------------------------------------------------------------------------------- */

/* Whether another render would come nearer, and with which gain. */
static bool next_gain(const Job *job, LacLoudnessPlan *plan, double *gain_db) {
  double over_db = job->solved->limiting_p95_db - job->options->max_limiting_db;
  bool was_bound = plan->bound == LAC_BOUND_LIMITING;
  bool is_right = fabs(loudness_error_lu(job)) <= loudness_tolerance_lu;
  if (plan->bound == LAC_BOUND_SATURATED || plan->bound == LAC_BOUND_NO_LIMITER)
    return false;
  bool is_within = over_db <= limiting_over_db;
  if (was_bound ? is_within && over_db >= -limiting_under_db : is_within && is_right)
    return false;
  lac_loudness_plan_learn(plan, job->solved->integrated_lufs, job->solved->limiting_p95_db, gain_db);
  return fabs(*gain_db - plan->gain_db) >= 0.01;
}

static LacStatus solve_loudness(Job *job, LacLoudnessPlan *plan) {
  for (;;) {
    LacStatus status = render_once(job);
    if (status)
      return status;
    double gain_db = plan->gain_db;
    double excess_db = peak_excess_db(job);
    if (job->solved->n_renders >= MAX_RENDERS)
      break;
    bool again = next_gain(job, plan, &gain_db);
    if (excess_db > peak_tolerance_db && lac_loudness_plan_lower_ceiling(plan, excess_db))
      again = true;
    if (!again)
      break;
    status = lac_loudness_plan_write(plan, gain_db);
    if (status)
      return lac_error_set(job->error, status, "INTERNAL", "The level could not be written into the recipe: %s.",
                           lac_strerror(status));
  }
  if (fabs(loudness_error_lu(job)) <= loudness_tolerance_lu) /* reached after all */
    plan->bound = LAC_BOUND_NONE;
  job->solved->is_limited = plan->bound != LAC_BOUND_NONE;
  return job->solved->is_limited ? say_limited(job, plan) : LAC_OK;
}

LacStatus lac_assistant_solve(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                              const LacAssistantOptions *options, const char *path, bool may_replace,
                              LacContainer container, unsigned measure, const LacJobControl *control, LacSink **sink,
                              LacRenderResult *render, LacSolveResult *solved, LacNotes *notes, LacError *error) {
  LacLoudnessPlan plan;
  Job job = {.source = source,
             .recipe = recipe,
             .options = options,
             .path = path,
             .may_replace = may_replace,
             .container = container,
             .measure = measure,
             .control = control,
             .notes = notes,
             .error = error,
             .render = render,
             .solved = solved};
  *sink = NULL;
  memset(render, 0, sizeof *render);
  memset(solved, 0, sizeof *solved);
  LacStatus status =
      lac_loudness_plan_make(source, input_analysis, recipe, options, control, &job.kept, &plan, notes, error);
  if (!status) {
    solved->predicted_lufs = plan.predicted.lufs;
    status = plan.is_solvable ? solve_loudness(&job, &plan) : render_once(&job);
  }
  if (!status)
    judge(&job);
  if (!status)
    status = lac_limiter_note(recipe, notes);
  lac_loudness_plan_free(&plan);
  lac_kept_signal_free(job.kept);
  if (status) {
    drop_render(&job);
    return status;
  }
  *sink = job.sink;
  return LAC_OK;
}

LacStatus lac_assistant_predict(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                                const LacAssistantOptions *options, const LacJobControl *control,
                                LacSolveResult *solved, LacNotes *notes, LacError *error) {
  LacLoudnessPlan plan;
  memset(solved, 0, sizeof *solved);
  LacStatus status =
      lac_loudness_plan_make(source, input_analysis, recipe, options, control, NULL, &plan, notes, error);
  if (!status) {
    double target = lac_recipe_target(recipe).integrated_lufs;
    solved->predicted_lufs = plan.predicted.lufs;
    solved->first_lufs = solved->integrated_lufs = solved->true_peak_dbtp = NAN;
    solved->limiting_p95_db = plan.predicted.p95_db;
    solved->is_limited = plan.bound != LAC_BOUND_NONE;
    solved->is_met = isnan(target) || (plan.is_solvable && !solved->is_limited);
    status = lac_limiter_note(recipe, notes);
  }
  lac_loudness_plan_free(&plan);
  return status;
}
