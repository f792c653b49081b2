/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Result structs as report.h shows them. */

#include <lacquer/master.h>

#include <math.h>

#include "core/memory.h"

struct LacReportView {
  LacReportFile file;
  LacReportCompare comparison;
  LacPlatforms *table;
  LacReportPlatform *platforms; /* 2 x table: of file, or of a and b */
  LacReportReadout *readouts;
  const char *stage_names[LAC_MAX_STAGES];
  double stage_seconds[LAC_MAX_STAGES];
  double band_low_db[2][LAC_BANDS];
  double band_high_db[2][LAC_BANDS];
};

/* Each service that normalises, and what it will do to this song. */
static size_t fill_platforms(const LacReportView *view, const LacLoudness *loudness, LacReportPlatform *out) {
  size_t count = 0;
  for (size_t i = 0; i < lac_platforms_count(view->table); i++) {
    const LacPlatform *platform = lac_platforms_at(view->table, i);
    if (isnan(platform->reference_lufs))
      continue;
    double gain_db = lac_platform_playback_gain_db(platform, loudness->integrated_lufs, loudness->true_peak_dbtp);
    out[count++] = (LacReportPlatform){.id = platform->id,
                                       .title = platform->title,
                                       .reference_lufs = platform->reference_lufs,
                                       .playback_gain_db = gain_db,
                                       .heard_lufs = loudness->integrated_lufs + gain_db,
                                       .source = platform->source,
                                       .date = platform->date};
  }
  return count;
}

/* Platforms, tone band: what follows from the measurement of the final audio. `slot` 0 or 1. */
static void fill_measured(LacReportView *view, const LacAnalysis *analysis, unsigned slot, LacReportFile *file) {
  LacReportPlatform *platforms = view->platforms + slot * lac_platforms_count(view->table);
  file->n_platforms = fill_platforms(view, &analysis->loudness, platforms);
  file->platforms = platforms;
  if (lac_assistant_tone_band(analysis, view->band_low_db[slot], view->band_high_db[slot])) {
    file->target_band_low_db = view->band_low_db[slot];
    file->target_band_high_db = view->band_high_db[slot];
  }
}

static LacStatus view_new(LacReportView **out) {
  LacReportView *view = lac_calloc(1, sizeof *view);
  *out = NULL;
  LacStatus status = view ? lac_platforms_load(&view->table, NULL) : LAC_ERR_MEMORY;
  if (!status) {
    view->platforms = lac_calloc(2 * lac_platforms_count(view->table) + 1, sizeof *view->platforms);
    status = view->platforms ? LAC_OK : LAC_ERR_MEMORY;
  }
  if (status) {
    lac_report_view_free(view);
    return status;
  }
  *out = view;
  return LAC_OK;
}

static LacStatus fill_readouts(LacReportView *view, const LacMasterResult *result) {
  view->readouts = lac_calloc(result->n_readouts + 1, sizeof *view->readouts);
  if (!view->readouts)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; i < result->n_readouts; i++) {
    const LacReadoutResult *from = &result->readouts[i];
    view->readouts[i] = (LacReportReadout){.entry = from->entry,
                                           .processor = from->processor,
                                           .readout = from->readout,
                                           .unit = from->unit,
                                           .hop_s = from->hop_s,
                                           .minimum = from->minimum,
                                           .mean = from->mean,
                                           .count = from->count};
  }
  view->file.readouts = view->readouts;
  view->file.n_readouts = result->n_readouts;
  return LAC_OK;
}

LacStatus lac_report_view_master(const LacMasterResult *result, LacReportView **out) {
  LacStatus status = view_new(out);
  if (status)
    return status;
  LacReportView *view = *out;
  LacReportFile *file = &view->file;
  file->input = (LacReportSide){result->input_path, &result->input_info, &result->tags, &result->input, NULL};
  file->output =
      (LacReportSide){result->output_path, &result->output_info, &result->tags,
                      result->has_output ? &result->output : NULL, result->has_output ? result->sha256 : NULL};
  file->recipe = result->recipe;
  file->platform_id = result->platform_id;
  file->platform_title = result->platform_title;
  file->target = result->target;
  file->targets_met = result->targets_met;
  file->n_renders = result->solved.n_renders;
  file->warnings = &result->warnings;
  for (size_t i = 0; i < result->n_stages; i++) {
    view->stage_names[i] = result->stages[i].stage;
    view->stage_seconds[i] = result->stages[i].seconds;
  }
  file->stage_names = view->stage_names;
  file->stage_seconds = view->stage_seconds;
  file->n_stages = result->n_stages;
  fill_measured(view, result->has_output ? &result->output : &result->input, 0, file);
  status = fill_readouts(view, result);
  if (status) {
    lac_report_view_free(view);
    *out = NULL;
  }
  return status;
}

static void fill_analyzed(LacReportView *view, const LacAnalyzeResult *result, unsigned slot, LacReportFile *file) {
  file->input = (LacReportSide){result->path, &result->info, &result->tags, &result->analysis, NULL};
  file->target = (LacRecipeTarget){NAN, NAN};
  file->warnings = &result->notes;
  fill_measured(view, &result->analysis, slot, file);
}

LacStatus lac_report_view_analyze(const LacAnalyzeResult *result, LacReportView **out) {
  LacStatus status = view_new(out);
  if (!status)
    fill_analyzed(*out, result, 0, &(*out)->file);
  return status;
}

LacStatus lac_report_view_compare(const LacCompareResult *result, LacReportView **out) {
  LacStatus status = view_new(out);
  if (status)
    return status;
  LacReportCompare *comparison = &(*out)->comparison;
  fill_analyzed(*out, &result->a, 0, &comparison->a);
  fill_analyzed(*out, &result->b, 1, &comparison->b);
  comparison->offset_db = result->offset_db;
  comparison->louder_is_b = result->louder_is_b;
  comparison->tone_difference_db = result->tone_difference_db;
  comparison->exported_a = result->exported_a;
  comparison->exported_b = result->exported_b;
  return LAC_OK;
}

const LacReportFile *lac_report_view_file(const LacReportView *view) {
  return &view->file;
}
const LacReportCompare *lac_report_view_comparison(const LacReportView *view) {
  return &view->comparison;
}

void lac_report_view_free(LacReportView *view) {
  if (!view)
    return;
  lac_platforms_free(view->table);
  lac_free(view->platforms);
  lac_free(view->readouts);
  lac_free(view);
}
