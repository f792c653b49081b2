/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two files side by side at equal loudness; the louder one is turned down, nothing is raised. */

#include <lacquer/master.h>

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "dsp/elementary.h"
#include "master/job_paths.h"
#include "master/job_steps.h"
#include "render/job_progress.h"

typedef struct CompareJob {
  const char *paths[2];
  const char *folder;
  bool may_replace;
  const LacJobControl *control;
  LacCompareResult *result;
  LacError *error;
  LacSink *sinks[2];
  bool made_folder; /* removed again on failure */
} CompareJob;

static char *export_path(const char *folder, char letter, const char *path) {
  char *stem = lac_job_stem(path);
  char *made =
      stem ? lac_format("%s%s%c - %s.wav", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", letter, stem) : NULL;
  lac_free(stem);
  return made;
}

/* The folder is made when it is missing (its parent must exist). */
static LacStatus make_folder(CompareJob *job) {
  if (lac_path_exists(job->folder) || mkdir(job->folder, 0777) == 0) {
    return LAC_OK;
  }
  return lac_error_set(job->error, LAC_ERR_WRITE, "OUTPUT_UNWRITABLE",
                       "The folder %s cannot be made (%s). Make it first, or choose another.", job->folder,
                       strerror(errno));
}

static LacStatus check_export(CompareJob *job) {
  LacCompareResult *result = job->result;
  if (!job->folder)
    return LAC_OK;
  if (!job->folder[0])
    return lac_error_set(job->error, LAC_ERR_USAGE, "OPTION_MISSING", "The folder's name is empty.");
  result->exported_a = export_path(job->folder, 'A', job->paths[0]);
  result->exported_b = export_path(job->folder, 'B', job->paths[1]);
  if (!result->exported_a || !result->exported_b)
    return lac_step_no_memory(job->error);
  job->made_folder = !lac_path_exists(job->folder);
  LacStatus status = make_folder(job);
  if (status)
    return status;
  LacJobPaths paths = {.inputs = {job->paths[0], job->paths[1]},
                       .outputs = {result->exported_a, result->exported_b},
                       .may_replace = job->may_replace};
  return lac_job_paths_check(&paths, job->error);
}

/* What the channels hold together in a band, in dB. M = (L + R) / 2 and S = (L - R) / 2, so that L^2 + R^2 is twice
 * M^2 + S^2 in stereo and M^2 in mono: as loudness counts them. */
static double channel_power_db(const LacAnalysis *analysis, int band) {
  const LacSpectrum *spectrum = &analysis->spectrum;
  if (analysis->n_channels < 2)
    return spectrum->mid_db[band];
  double mid = isfinite(spectrum->mid_db[band]) ? lac_power_from_db(spectrum->mid_db[band]) : 0.0;
  double side = isfinite(spectrum->side_db[band]) ? lac_power_from_db(spectrum->side_db[band]) : 0.0;
  return mid + side > 0.0 ? lac_db_from_power(2.0 * (mid + side)) : spectrum->mid_db[band];
}

static void measure_difference(LacCompareResult *result) {
  const LacAnalysis *a = &result->a.analysis;
  const LacAnalysis *b = &result->b.analysis;
  double difference = b->loudness.integrated_lufs - a->loudness.integrated_lufs;
  bool has_loudness = isfinite(difference); /* else nothing matches them, and they are left as they are */
  result->louder_is_b = difference > 0.0;
  result->offset_db = has_loudness ? -fabs(difference) : NAN;
  for (int i = 0; i < LAC_BANDS; i++)
    result->tone_difference_db[i] = channel_power_db(b, i) - channel_power_db(a, i) - (has_loudness ? difference : 0.0);
}

/* A recipe of one gain, 24 bits, dithered. */
static LacStatus make_recipe(double gain_db, LacRecipe **out) {
  const LacProcessorClass *cls = lac_processor_class_find("gain");
  LacStatus status = lac_recipe_new(out);
  if (status)
    return status;
  LacRecipeOutput output = lac_recipe_output(*out);
  size_t entry = 0;
  output.bits = 24;
  lac_recipe_set_output(*out, output);
  size_t param = cls ? lac_param_find(lac_processor_class_info(cls), "db") : SIZE_MAX;
  status = param == SIZE_MAX ? LAC_ERR_INTERNAL : lac_recipe_add(*out, cls, NULL, SIZE_MAX, &entry);
  if (!status) {
    double rounded = lac_round_to_step(gain_db, 0.01);
    status = lac_recipe_set(*out, entry, param, rounded < -60.0 ? -60.0 : rounded, LAC_SET_BY_ASSISTANT, NULL, NULL);
  }
  return status;
}

static LacStatus export_one(CompareJob *job, unsigned index, double gain_db) {
  LacAnalyzeResult *file = index ? &job->result->b : &job->result->a;
  const char *path = index ? job->result->exported_b : job->result->exported_a;
  LacRecipe *recipe = NULL;
  LacSource *source = NULL;
  LacSinkFormat format;
  LacRenderResult rendered = {0};
  LacStatus status = make_recipe(gain_db, &recipe);
  if (status)
    lac_error_set(job->error, status, "INTERNAL", "The pair could not be made: %s.", lac_strerror(status));
  if (!status)
    status = lac_source_open(job->paths[index], lac_job_cancel(job->control), &source, &file->notes, job->error);
  if (!status)
    status = lac_render_format(lac_source_info(source), recipe, LAC_CONTAINER_WAV, &format, job->error);
  if (!status) {
    format.tags = lac_source_tags(source);
    status = lac_sink_open(path, job->may_replace, &format, &job->sinks[index], &file->notes, job->error);
  }
  if (!status)
    status = lac_render(source, recipe, job->sinks[index], 0, job->control, NULL, &rendered, &file->notes, job->error);
  if (!status)
    status = lac_sink_finish(job->sinks[index], job->error);
  lac_render_result_free(&rendered);
  lac_source_close(source);
  lac_recipe_free(recipe);
  return status;
}

/* The gain that matches the louder one; 0 when nothing can. */
static double match_db(const LacCompareResult *result) {
  return isnan(result->offset_db) ? 0.0 : result->offset_db;
}

/* What both must be turned down by in addition, so that neither clips: peaks beyond full scale have no place in 24
 * bits. */
static double shared_trim_db(const LacCompareResult *result) {
  double over_a = result->a.analysis.loudness.sample_peak_dbfs + (result->louder_is_b ? 0.0 : match_db(result));
  double over_b = result->b.analysis.loudness.sample_peak_dbfs + (result->louder_is_b ? match_db(result) : 0.0);
  double over = over_a > over_b ? over_a : over_b;
  return over > -0.01 ? -(over + 0.01) : 0.0;
}

static LacStatus export_pair(CompareJob *job) {
  LacCompareResult *result = job->result;
  double trim_db = shared_trim_db(result);
  char amount[LAC_NUMBER_SIZE];
  LacStatus status = LAC_OK;
  if (trim_db < -0.011 &&
      lac_notes_add(&result->a.notes, "EXPORT_TRIMMED", "Both exported files are %s dB quieter, so that neither clips.",
                    lac_fixed_text(-trim_db, 1, amount)))
    return lac_step_no_memory(job->error);
  for (unsigned i = 0; !status && i < 2; i++)
    status = export_one(job, i, trim_db + (result->louder_is_b == (i == 1) ? match_db(result) : 0.0));
  for (unsigned i = 0; !status && i < 2; i++) {
    LacSink *sink = job->sinks[i];
    job->sinks[i] = NULL;
    status = lac_sink_commit(sink, job->error);
  }
  return status;
}

LacStatus lac_compare(const char *path_a, const char *path_b, const char *export_dir, bool may_replace,
                      const LacJobControl *control, LacCompareResult *result, LacError *error) {
  CompareJob job = {.paths = {path_a, path_b},
                    .folder = export_dir,
                    .may_replace = may_replace,
                    .control = control,
                    .result = result,
                    .error = error};
  memset(result, 0, sizeof *result);
  LacStatus status = check_export(&job);
  if (!status && export_dir && (strcmp(path_a, "-") == 0 || strcmp(path_b, "-") == 0))
    status =
        lac_error_set(error, LAC_ERR_USAGE, "OPTION_CONFLICT",
                      "A level-matched pair needs two files: what comes through a pipe is gone after one reading.");
  if (!status)
    status = lac_analyze(path_a, control, &result->a, error);
  if (!status)
    status = lac_analyze(path_b, control, &result->b, error);
  if (!status) {
    measure_difference(result);
    status = export_dir ? export_pair(&job) : LAC_OK;
  }
  lac_sink_abort(job.sinks[0]);
  lac_sink_abort(job.sinks[1]);
  if (status && job.made_folder)
    rmdir(export_dir);
  if (status)
    lac_compare_result_free(result);
  return status;
}

void lac_compare_result_free(LacCompareResult *result) {
  lac_analyze_result_free(&result->a);
  lac_analyze_result_free(&result->b);
  lac_free(result->exported_a);
  lac_free(result->exported_b);
  memset(result, 0, sizeof *result);
}
