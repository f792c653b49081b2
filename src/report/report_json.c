/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results as JSON documents. Names and keys are published (docs/json.md): added to, never renamed. What does not exist
 * is null. */

#include <lacquer/report.h>

#include "text/json.h"

#include <string.h>

typedef struct Builder {
  bool failed;
} Builder;

static json_t *object(Builder *b) {
  json_t *value = json_object();
  b->failed |= !value;
  return value;
}

static json_t *array(Builder *b) {
  json_t *value = json_array();
  b->failed |= !value;
  return value;
}

static void number(Builder *b, json_t *into, const char *key, double value) {
  lac_json_set_number(into, key, value, &b->failed);
}

static void integer(Builder *b, json_t *into, const char *key, uint64_t value) {
  lac_json_set_integer(into, key, (int64_t)value, &b->failed);
}

static void text(Builder *b, json_t *into, const char *key, const char *value) {
  lac_json_set_text(into, key, value, &b->failed);
}

static LacStatus finish(Builder *b, json_t *document, char **out) {
  *out = b->failed ? NULL : lac_json_write(document);
  json_decref(document);
  return *out ? LAC_OK : LAC_ERR_MEMORY;
}

static json_t *format_json(Builder *b, const LacMediaInfo *info, uint64_t n_frames) {
  json_t *format = object(b);
  text(b, format, "container", info->container);
  text(b, format, "codec", info->codec);
  integer(b, format, "rate_hz", info->rate_hz);
  integer(b, format, "channels", info->n_channels);
  if (info->bits)
    integer(b, format, "bits", info->bits);
  else
    lac_json_set(format, "bits", json_null(), &b->failed);
  lac_json_set_bool(format, "float", info->is_float, &b->failed);
  lac_json_set_bool(format, "lossy", info->is_lossy, &b->failed);
  integer(b, format, "frames", n_frames);
  number(b, format, "seconds", info->rate_hz ? (double)n_frames / info->rate_hz : 0);
  return format;
}

static json_t *loudness_json(Builder *b, const LacLoudness *loudness) {
  json_t *into = object(b);
  number(b, into, "integrated_lufs", loudness->integrated_lufs);
  number(b, into, "momentary_max_lufs", loudness->momentary_max_lufs);
  number(b, into, "short_term_max_lufs", loudness->short_term_max_lufs);
  number(b, into, "range_lu", loudness->range_lu);
  number(b, into, "true_peak_dbtp", loudness->true_peak_dbtp);
  number(b, into, "true_peak_itu_dbtp", loudness->true_peak_itu_dbtp);
  number(b, into, "true_peak_time_s", loudness->true_peak_time_s);
  number(b, into, "sample_peak_dbfs", loudness->sample_peak_dbfs);
  number(b, into, "plr_lu", loudness->plr_lu);
  number(b, into, "psr_min_lu", loudness->psr_min_lu);
  return into;
}

static json_t *spectrum_json(Builder *b, const LacSpectrum *spectrum) {
  json_t *into = object(b);
  lac_json_set_numbers(into, "bands_hz", spectrum->bands_hz, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "mid_db", spectrum->mid_db, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "side_db", spectrum->side_db, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "mid_db_10", spectrum->mid_db_10, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "mid_db_50", spectrum->mid_db_50, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "mid_db_90", spectrum->mid_db_90, LAC_BANDS, &b->failed);
  number(b, into, "tilt_db_per_octave", spectrum->tilt_db_per_octave);
  number(b, into, "cutoff_hz", spectrum->cutoff_hz);
  return into;
}

static json_t *stereo_json(Builder *b, const LacStereo *stereo) {
  json_t *into = object(b);
  lac_json_set_numbers(into, "bands_hz", stereo->bands_hz, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "width_db", stereo->width_db, LAC_BANDS, &b->failed);
  lac_json_set_numbers(into, "correlation", stereo->correlation, LAC_BANDS, &b->failed);
  number(b, into, "correlation_overall", stereo->correlation_overall);
  number(b, into, "balance_db", stereo->balance_db);
  number(b, into, "mono_loss_lu", stereo->mono_loss_lu);
  return into;
}

static json_t *dynamics_json(Builder *b, const LacDynamics *dynamics) {
  json_t *into = object(b);
  lac_json_set_numbers(into, "bands_hz", dynamics->bands_hz, LAC_DYNAMICS_BANDS, &b->failed);
  lac_json_set_numbers(into, "crest_db", dynamics->crest_db, LAC_DYNAMICS_BANDS, &b->failed);
  lac_json_set_numbers(into, "level_db_10", dynamics->level_db_10, LAC_DYNAMICS_BANDS, &b->failed);
  lac_json_set_numbers(into, "level_db_50", dynamics->level_db_50, LAC_DYNAMICS_BANDS, &b->failed);
  lac_json_set_numbers(into, "level_db_90", dynamics->level_db_90, LAC_DYNAMICS_BANDS, &b->failed);
  return into;
}

static json_t *findings_json(Builder *b, const LacAnalysis *analysis) {
  static const char *const severities[] = {"info", "warning", "problem"};
  static const char *const channels[] = {"both", "left", "right"};
  json_t *list = array(b);
  for (size_t i = 0; i < analysis->n_findings; i++) {
    const LacFinding *finding = &analysis->findings[i];
    json_t *into = object(b);
    text(b, into, "kind", lac_finding_kind_id(finding->kind));
    number(b, into, "time_s", finding->time_s);
    number(b, into, "seconds", finding->seconds);
    text(b, into, "channel", channels[finding->channel + 1]);
    text(b, into, "severity", severities[finding->severity]);
    number(b, into, "confidence", finding->confidence);
    number(b, into, "value", finding->value);
    integer(b, into, "count", finding->count);
    text(b, into, "text", finding->text);
    lac_json_push(list, into, &b->failed);
  }
  return list;
}

static json_t *tags_json(Builder *b, const LacTags *tags) {
  json_t *into = object(b);
  for (size_t i = 0; tags && i < tags->count; i++)
    text(b, into, tags->items[i].key, tags->items[i].value);
  return into;
}

static json_t *notes_json(Builder *b, const LacNotes *notes) {
  json_t *list = array(b);
  for (size_t i = 0; notes && i < notes->count; i++) {
    json_t *into = object(b);
    text(b, into, "code", notes->items[i].code);
    text(b, into, "text", notes->items[i].text);
    lac_json_push(list, into, &b->failed);
  }
  return list;
}

static json_t *side_json(Builder *b, const LacReportSide *side) {
  json_t *into = object(b);
  const LacAnalysis *analysis = side->analysis;
  text(b, into, "path", side->path);
  lac_json_set(into, "format", format_json(b, side->info, analysis->n_frames), &b->failed);
  text(b, into, "pcm_sha256", analysis->pcm_sha256);
  if (side->sha256)
    text(b, into, "sha256", side->sha256);
  lac_json_set(into, "tags", tags_json(b, side->tags), &b->failed);
  lac_json_set(into, "loudness", loudness_json(b, &analysis->loudness), &b->failed);
  lac_json_set(into, "spectrum", spectrum_json(b, &analysis->spectrum), &b->failed);
  lac_json_set(into, "stereo", stereo_json(b, &analysis->stereo), &b->failed);
  lac_json_set(into, "dynamics", dynamics_json(b, &analysis->dynamics), &b->failed);
  lac_json_set(into, "findings", findings_json(b, analysis), &b->failed);
  return into;
}

static json_t *error_json(Builder *b, const char *path, const LacError *error) {
  json_t *into = object(b), *detail = object(b);
  text(b, into, "path", path);
  text(b, detail, "code", error->code[0] ? error->code : "INTERNAL");
  text(b, detail, "text", error->text[0] ? error->text : lac_strerror(error->status));
  lac_json_set(into, "error", detail, &b->failed);
  return into;
}

static json_t *document(Builder *b, const char *schema) {
  json_t *into = object(b);
  text(b, into, "schema", schema);
  text(b, into, "engine", lac_version());
  return into;
}

LacStatus lac_report_analysis_json(const LacReportFile *files, size_t n_files, char **out) {
  Builder b = {0};
  json_t *root = document(&b, "lacquer.analysis/1"), *list = array(&b);
  for (size_t i = 0; i < n_files; i++) {
    const LacReportFile *file = &files[i];
    json_t *into = file->error ? error_json(&b, file->input.path, file->error) : side_json(&b, &file->input);
    if (!file->error)
      lac_json_set(into, "warnings", notes_json(&b, file->warnings), &b.failed);
    lac_json_push(list, into, &b.failed);
  }
  lac_json_set(root, "files", list, &b.failed);
  return finish(&b, root, out);
}

/* The recipe writes itself; its text is parsed back so that the document stays one tree. */
static json_t *recipe_json(Builder *b, const LacRecipe *recipe) {
  char *bytes = NULL;
  json_t *value = NULL;
  if (lac_recipe_write(recipe, &bytes) == LAC_OK)
    value = lac_json_parse("recipe", bytes, strlen(bytes), NULL);
  lac_text_free(bytes);
  b->failed |= !value;
  return value;
}

static json_t *targets_json(Builder *b, const LacReportFile *file) {
  json_t *into = object(b);
  text(b, into, "platform", file->platform_id);
  number(b, into, "integrated_lufs", file->target.integrated_lufs);
  number(b, into, "true_peak_dbtp", file->target.true_peak_dbtp);
  return into;
}

static json_t *master_file_json(Builder *b, const LacReportFile *file) {
  json_t *into = object(b), *seconds = object(b);
  lac_json_set(into, "input", side_json(b, &file->input), &b->failed);
  lac_json_set(into, "output", file->output.analysis ? side_json(b, &file->output) : json_null(), &b->failed);
  lac_json_set(into, "targets", targets_json(b, file), &b->failed);
  lac_json_set_bool(into, "targets_met", file->targets_met, &b->failed);
  json_t *recipe = recipe_json(b, file->recipe);
  json_t *decisions = json_object_get(recipe, "decisions");
  lac_json_set(into, "decisions", decisions ? json_incref(decisions) : array(b), &b->failed);
  lac_json_set(into, "recipe", recipe, &b->failed);
  lac_json_set(into, "warnings", notes_json(b, file->warnings), &b->failed);
  text(b, into, "sha256", file->output.sha256);
  integer(b, into, "renders", file->n_renders);
  for (size_t i = 0; i < file->n_stages; i++)
    number(b, seconds, file->stage_names[i], file->stage_seconds[i]);
  lac_json_set(into, "seconds", seconds, &b->failed);
  return into;
}

LacStatus lac_report_master_json(const LacReportFile *files, size_t n_files, char **out) {
  Builder b = {0};
  json_t *root = document(&b, "lacquer.master/1"), *list = array(&b);
  for (size_t i = 0; i < n_files; i++)
    lac_json_push(
        list, files[i].error ? error_json(&b, files[i].input.path, files[i].error) : master_file_json(&b, &files[i]),
        &b.failed);
  lac_json_set(root, "files", list, &b.failed);
  return finish(&b, root, out);
}

static json_t *rule_json(Builder *b, const LacReportRule *rule) {
  json_t *into = object(b);
  text(b, into, "id", rule->id);
  lac_json_set_bool(into, "passed", rule->passed, &b->failed);
  number(b, into, "measured", rule->measured);
  number(b, into, "required", rule->required);
  text(b, into, "text", rule->text);
  text(b, into, "source", rule->source);
  return into;
}

LacStatus lac_report_check_json(const LacReportCheck *checks, size_t n_checks, char **out) {
  Builder b = {0};
  json_t *root = document(&b, "lacquer.check/1"), *list = array(&b);
  for (size_t i = 0; i < n_checks; i++) {
    const LacReportCheck *check = &checks[i];
    if (check->error) {
      lac_json_push(list, error_json(&b, check->path, check->error), &b.failed);
      continue;
    }
    json_t *into = object(&b), *rules = array(&b);
    text(&b, into, "path", check->path);
    text(&b, into, "platform", check->platform_id);
    lac_json_set_bool(into, "passed", check->passed, &b.failed);
    for (size_t k = 0; k < check->n_rules; k++)
      lac_json_push(rules, rule_json(&b, &check->rules[k]), &b.failed);
    lac_json_set(into, "rules", rules, &b.failed);
    lac_json_push(list, into, &b.failed);
  }
  lac_json_set(root, "files", list, &b.failed);
  return finish(&b, root, out);
}

LacStatus lac_report_compare_json(const LacReportCompare *compare, char **out) {
  Builder b = {0};
  json_t *root = document(&b, "lacquer.compare/1");
  lac_json_set(root, "a", side_json(&b, &compare->a.input), &b.failed);
  lac_json_set(root, "b", side_json(&b, &compare->b.input), &b.failed);
  number(&b, root, "offset_db", compare->offset_db);
  text(&b, root, "louder", compare->louder_is_b ? "b" : "a");
  lac_json_set_numbers(root, "bands_hz", compare->a.input.analysis->spectrum.bands_hz, LAC_BANDS, &b.failed);
  lac_json_set_numbers(root, "tone_difference_db", compare->tone_difference_db, LAC_BANDS, &b.failed);
  text(&b, root, "exported_a", compare->exported_a);
  text(&b, root, "exported_b", compare->exported_b);
  return finish(&b, root, out);
}

static json_t *param_json(Builder *b, const LacParam *param) {
  static const char *const types[] = {"number", "choice", "switch", "curve", "list"};
  json_t *into = object(b);
  text(b, into, "id", param->id);
  text(b, into, "title", param->title);
  text(b, into, "type", types[param->type]);
  text(b, into, "unit", param->unit);
  if (param->type == LAC_PARAM_CHOICE) {
    json_t *choices = array(b);
    for (size_t i = 0; param->choices[i]; i++)
      lac_json_push(choices, json_string(param->choices[i]), &b->failed);
    lac_json_set(into, "choices", choices, &b->failed);
    text(b, into, "default", param->choices[(size_t)param->neutral]);
  } else if (param->type == LAC_PARAM_SWITCH) {
    lac_json_set_bool(into, "default", param->neutral != 0, &b->failed);
  } else {
    number(b, into, "minimum", param->minimum);
    number(b, into, "maximum", param->maximum);
    number(b, into, "step", param->step);
    text(b, into, "scale", param->scale == LAC_SCALE_LOG ? "log" : "linear");
    if (param->type == LAC_PARAM_NUMBER)
      number(b, into, "default", param->neutral);
    else if (param->x_unit)
      text(b, into, "x_unit", param->x_unit);
  }
  lac_json_set_bool(into, "restarts", (param->flags & LAC_PARAM_RESTARTS) != 0, &b->failed);
  lac_json_set_bool(into, "song_bound", (param->flags & LAC_PARAM_SONG_BOUND) != 0, &b->failed);
  text(b, into, "help", param->help);
  return into;
}

static json_t *processor_json(Builder *b, const LacProcessorInfo *info) {
  json_t *into = object(b), *kinds = array(b), *params = array(b), *readouts = array(b);
  text(b, into, "id", info->id);
  text(b, into, "title", info->title);
  text(b, into, "purpose", info->purpose);
  if (info->kinds & LAC_KIND_STREAM)
    lac_json_push(kinds, json_string("stream"), &b->failed);
  if (info->kinds & LAC_KIND_WHOLE)
    lac_json_push(kinds, json_string("whole"), &b->failed);
  lac_json_set(into, "kind", kinds, &b->failed);
  integer(b, into, "revision", info->revision);
  for (size_t i = 0; i < info->n_params; i++)
    lac_json_push(params, param_json(b, &info->params[i]), &b->failed);
  lac_json_set(into, "parameters", params, &b->failed);
  for (size_t i = 0; i < info->n_readouts; i++) {
    json_t *readout = object(b);
    text(b, readout, "id", info->readouts[i].id);
    text(b, readout, "title", info->readouts[i].title);
    text(b, readout, "unit", info->readouts[i].unit);
    text(b, readout, "help", info->readouts[i].help);
    lac_json_push(readouts, readout, &b->failed);
  }
  lac_json_set(into, "readouts", readouts, &b->failed);
  return into;
}

LacStatus lac_report_processors_json(char **out) {
  Builder b = {0};
  json_t *root = document(&b, "lacquer.list/1"), *list = array(&b);
  for (size_t i = 0; i < lac_processor_class_count(); i++)
    lac_json_push(list, processor_json(&b, lac_processor_class_info(lac_processor_class_at(i))), &b.failed);
  lac_json_set(root, "processors", list, &b.failed);
  return finish(&b, root, out);
}
