/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/master.h>

#include <string.h>

#include "core/memory.h"
#include "master/job_steps.h"
#include "render/job_progress.h"

LacStatus lac_analyze(const char *path, const LacJobControl *control, LacAnalyzeResult *result, LacError *error) {
  LacSource *source = NULL;
  double begin = lac_step_clock();
  memset(result, 0, sizeof *result);
  result->path = lac_strdup(path);
  const LacCancel *cancel = lac_job_cancel(control);
  LacStatus status =
      result->path ? lac_source_open(path, cancel, &source, &result->notes, error) : lac_step_no_memory(error);
  if (!status)
    status = lac_measure_source(source, LAC_MEASURE_ALL, "analyse", control, &result->analysis, &result->notes, error);
  if (!status) {
    result->info = *lac_source_info(source);
    result->info.n_frames = result->analysis.n_frames; /* what was really there */
    if (lac_tags_copy(&result->tags, lac_source_tags(source)))
      status = lac_step_no_memory(error);
  }
  lac_source_close(source);
  result->seconds = lac_step_clock() - begin;
  if (status)
    lac_analyze_result_free(result);
  return status;
}

void lac_analyze_result_free(LacAnalyzeResult *result) {
  lac_free(result->path);
  lac_tags_free(&result->tags);
  lac_analysis_free(&result->analysis);
  lac_notes_free(&result->notes);
  memset(result, 0, sizeof *result);
}
