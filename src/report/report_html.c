/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page that explains a job: what happened in plain words first, then numbers, pictures, decisions, and everything
 * needed to repeat it. */

#include <lacquer/report.h>

#include "report/figures.h"
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

static const char *file_name(const char *path) {
  const char *slash = path ? strrchr(path, '/') : NULL;
  return slash && slash[1] ? slash + 1 : path ? path : "";
}

static LacStatus take(LacText *out, char **html) {
  *html = lac_text_take(out);
  return *html ? LAC_OK : LAC_ERR_MEMORY;
}

/* --- In plain words --- */

static void verdict(LacText *out, const LacReportFile *file) {
  if (!file->output.analysis)
    return;
  Value v, p;
  const LacLoudness *after = &file->output.analysis->loudness;
  lac_text_appendf(out, "<p><span class=\"verdict %s\">%s</span> %s, %s, measured on the written file.</p>\n",
                   file->targets_met ? "met" : "missed", file->targets_met ? "Targets met" : "Target not met",
                   lac_page_value_text(after->integrated_lufs, 2, "LUFS", v),
                   lac_page_value_text(after->true_peak_dbtp, 2, "dBTP", p));
}

static size_t count_moves(const LacRecipe *recipe) {
  size_t n = 0;
  for (size_t e = 0; recipe && e < lac_recipe_entry_count(recipe); e++) {
    const LacProcessorInfo *info = lac_processor_class_info(lac_recipe_entry(recipe, e).cls);
    for (size_t p = 0; !strcmp(info->id, "equalizer") && p < info->n_params; p++) {
      size_t length = strlen(info->params[p].id);
      n += length > 3 && !strcmp(info->params[p].id + length - 3, "_db") && lac_recipe_value(recipe, e, p) != 0;
    }
  }
  return n;
}

static void in_words(LacText *out, const LacReportFile *file) {
  Value a, b, c;
  const LacLoudness *before = &file->input.analysis->loudness;
  if (!file->output.analysis) {
    lac_text_appendf(
        out, "<p>The file measures %s with a largest true peak of %s. Its quiet and loud parts lie %s apart.</p>\n",
        lac_page_value_text(before->integrated_lufs, 1, "LUFS", a),
        lac_page_value_text(before->true_peak_dbtp, 1, "dBTP", b), lac_page_value_text(before->range_lu, 1, "LU", c));
    return;
  }
  const LacLoudness *after = &file->output.analysis->loudness;
  double change = after->integrated_lufs - before->integrated_lufs, density = before->plr_lu - after->plr_lu;
  size_t n_moves = count_moves(file->recipe);
  lac_text_append(out, "<p>");
  if (isfinite(change) && fabs(change) >= 0.05)
    lac_text_appendf(out, "The mix was made %s %s, from %s to %s. ", lac_page_value_text(fabs(change), 1, "LU", a),
                     change > 0 ? "louder" : "quieter", lac_page_value_text(before->integrated_lufs, 1, "LUFS", b),
                     lac_page_value_text(after->integrated_lufs, 1, "LUFS", c));
  else
    lac_text_append(out, "The loudness was left as it was. ");
  if (isfinite(density) && density > 0.1)
    lac_text_appendf(out, "Its loudest peaks came %s closer to its average level. ",
                     lac_page_value_text(density, 1, "dB", a));
  else
    lac_text_append(out, "The distance from peaks to average level did not shrink. ");
  if (n_moves)
    lac_text_appendf(out, "Tone was changed by %zu equalizer move%s.", n_moves, n_moves == 1 ? "" : "s");
  else
    lac_text_append(out, "Tone was left alone.");
  lac_text_append(out, "</p>\n");
}

/* --- Tables --- */

static void row(LacText *out, const char *label, double before, double after, bool has_after, int n_decimals,
                const char *unit) {
  Value a, b, c;
  lac_text_appendf(out, "<tr><td>%s</td><td>%s</td>", label, lac_page_value_text(before, n_decimals, unit, a));
  if (has_after)
    lac_text_appendf(out, "<td>%s</td><td>%s</td>", lac_page_value_text(after, n_decimals, unit, b),
                     lac_page_value_text(after - before, n_decimals, "", c));
  lac_text_append(out, "</tr>\n");
}

static void numbers(LacText *out, const LacAnalysis *before, const LacAnalysis *after, const char *name_a,
                    const char *name_b) {
  const LacAnalysis *b = after ? after : before;
  bool has = after != NULL;
  lac_page_section(out, "numbers", "Numbers");
  lac_text_appendf(out, "<div class=\"scroll\"><table><thead><tr><th></th><th>%s</th>", name_a);
  if (has)
    lac_text_appendf(out, "<th>%s</th><th>change</th>", name_b);
  lac_text_append(out, "</tr></thead>\n");
  row(out, "Integrated loudness", before->loudness.integrated_lufs, b->loudness.integrated_lufs, has, 2, "LUFS");
  row(out, "True peak", before->loudness.true_peak_dbtp, b->loudness.true_peak_dbtp, has, 2, "dBTP");
  row(out, "True peak, filter of BS.1770", before->loudness.true_peak_itu_dbtp, b->loudness.true_peak_itu_dbtp, has, 2,
      "dBTP");
  row(out, "Sample peak", before->loudness.sample_peak_dbfs, b->loudness.sample_peak_dbfs, has, 2, "dBFS");
  row(out, "Peak to loudness (PLR)", before->loudness.plr_lu, b->loudness.plr_lu, has, 1, "LU");
  row(out, "Loudness range", before->loudness.range_lu, b->loudness.range_lu, has, 1, "LU");
  row(out, "Spectral tilt", before->spectrum.tilt_db_per_octave, b->spectrum.tilt_db_per_octave, has, 2, "dB/oct");
  row(out, "Loss in mono", before->stereo.mono_loss_lu, b->stereo.mono_loss_lu, has, 1, "LU");
  row(out, "Left over right", before->stereo.balance_db, b->stereo.balance_db, has, 1, "dB");
  lac_text_append(out, "</table></div>\n");
  lac_page_section_end(out);
}

static void platforms(LacText *out, const LacReportFile *file) {
  if (!file->n_platforms)
    return;
  lac_page_section(out, "platforms", "What each service will do to it");
  lac_text_append(
      out, "<div class=\"scroll\"><table><thead><tr><th>Service</th><th>plays at</th><th>gain</th><th>heard at</th>"
           "<th>source of the rule</th></tr></thead>\n");
  for (size_t i = 0; i < file->n_platforms; i++) {
    const LacReportPlatform *platform = &file->platforms[i];
    Value a, b;
    lac_text_append(out, "<tr><td>");
    lac_page_escape(out, platform->title);
    if (!isfinite(platform->reference_lufs))
      lac_text_append(out, "</td><td>as delivered</td><td>left alone</td>");
    else if (fabs(platform->playback_gain_db) < 0.05)
      lac_text_appendf(out, "</td><td>%s</td><td>left alone</td>",
                       lac_page_value_text(platform->reference_lufs, 1, "LUFS", a));
    else
      lac_text_appendf(out, "</td><td>%s</td><td>turned %s %s</td>",
                       lac_page_value_text(platform->reference_lufs, 1, "LUFS", a),
                       platform->playback_gain_db > 0 ? "up" : "down",
                       lac_page_value_text(fabs(platform->playback_gain_db), 1, "dB", b));
    lac_text_appendf(out, "<td>%s</td><td class=\"words\">", lac_page_value_text(platform->heard_lufs, 1, "LUFS", a));
    lac_page_escape(out, platform->source ? platform->source : "");
    lac_text_append(out, platform->date && *platform->date ? ", " : "");
    lac_page_escape(out, platform->date ? platform->date : "");
    lac_text_append(out, "</td></tr>\n");
  }
  lac_text_append(out, "</table></div>\n");
  lac_page_section_end(out);
}

/* --- Decisions, warnings, findings --- */

static void decisions(LacText *out, const LacRecipe *recipe) {
  size_t count = recipe ? lac_recipe_decision_count(recipe) : 0;
  if (!count)
    return;
  lac_page_section(out, "decisions", "What was decided, and why");
  lac_text_append(out, "<ol class=\"decisions\">\n");
  for (size_t i = 0; i < count; i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    lac_text_append(out, "<li>");
    lac_page_escape(out, decision.reason && *decision.reason ? decision.reason : "Set as asked.");
    lac_text_append(out, "<br><span class=\"quiet\">");
    if (decision.evidence && *decision.evidence) {
      lac_page_escape(out, decision.evidence);
      lac_text_append(out, " ");
    }
    lac_text_append(out, "(<code>");
    lac_page_escape(out, *decision.entry ? decision.entry : decision.processor);
    lac_text_append(out, ".");
    lac_page_escape(out, decision.parameter);
    lac_text_append(out, " = ");
    lac_page_escape(out, decision.value);
    lac_text_appendf(out, "</code>, set by the %s)</span></li>\n", lac_set_by_name(decision.set_by));
  }
  lac_text_append(out, "</ol>\n");
  lac_page_section_end(out);
}

static void warnings(LacText *out, const LacNotes *notes) {
  if (!notes || !notes->count)
    return;
  lac_page_section(out, "warnings", "Warnings");
  lac_text_append(out, "<ul class=\"notes\">\n");
  for (size_t i = 0; i < notes->count; i++) {
    lac_text_append(out, "<li>");
    lac_page_escape(out, notes->items[i].text);
    lac_text_appendf(out, " <span class=\"quiet\">%s</span></li>\n", notes->items[i].code);
  }
  lac_text_append(out, "</ul>\n");
  lac_page_section_end(out);
}

static void findings(LacText *out, const LacAnalysis *analysis) {
  static const char *const classes[] = {"info", "warning", "problem"};
  lac_page_section(out, "findings", "What was found in the file that came in");
  if (!analysis->n_findings)
    lac_text_append(out, "<p>Nothing wrong was found.</p>\n");
  else
    lac_text_append(out, "<ul class=\"notes\">\n");
  for (size_t i = 0; i < analysis->n_findings; i++) {
    const LacFinding *finding = &analysis->findings[i];
    Value v;
    lac_text_appendf(out, "<li class=\"%s\">", classes[finding->severity]);
    lac_page_escape(out, finding->text);
    if (isfinite(finding->time_s))
      lac_text_appendf(out, " <span class=\"quiet\">at %s</span>", lac_page_time_text(finding->time_s, v));
    lac_text_append(out, "</li>\n");
  }
  lac_text_append(out, analysis->n_findings ? "</ul>\n" : "");
  lac_page_section_end(out);
}

/* --- Files --- */

static void fact(LacText *out, const char *label, const char *value) {
  if (!value || !*value)
    return;
  lac_text_appendf(out, "<tr><td>%s</td><td class=\"words\">", label);
  lac_page_escape(out, value);
  lac_text_append(out, "</td></tr>\n");
}

static void side(LacText *out, const char *heading, const LacReportSide *file) {
  if (!file->analysis)
    return;
  char format[160];
  Value length;
  const LacMediaInfo *info = file->info;
  char depth[32] = "";
  if (info->bits)
    snprintf(depth, sizeof depth, ", %u bit%s", info->bits, info->is_float ? " float" : "");
  snprintf(format, sizeof format, "%s/%s, %u Hz%s, %s, %s, %llu frames", info->container, info->codec, info->rate_hz,
           depth, info->n_channels == 1 ? "mono" : "stereo",
           lac_page_time_text((double)file->analysis->n_frames / info->rate_hz, length),
           (unsigned long long)file->analysis->n_frames);
  lac_text_appendf(out, "<h3>%s</h3><div class=\"scroll\"><table>\n", heading);
  fact(out, "File", file->path);
  fact(out, "Format", format);
  fact(out, "SHA-256 of the file", file->sha256);
  fact(out, "SHA-256 of the samples", file->analysis->pcm_sha256);
  for (size_t i = 0; file->tags && i < file->tags->count; i++)
    fact(out, file->tags->items[i].key, file->tags->items[i].value);
  lac_text_append(out, "</table></div>\n");
}

static void files(LacText *out, const LacReportFile *file) {
  lac_page_section(out, "files", "Files");
  side(out, file->output.analysis ? "Mix" : "File", &file->input);
  side(out, "Master", &file->output);
  char *recipe = NULL;
  if (file->recipe && lac_recipe_write(file->recipe, &recipe) != LAC_OK)
    out->failed = true;
  if (recipe) {
    lac_text_append(out, "<details><summary>Recipe: rendering it again gives the same file</summary><pre>");
    lac_page_escape(out, recipe);
    lac_text_append(out, "</pre></details>\n");
  }
  lac_text_free(recipe);
  lac_page_section_end(out);
}

static void pictures(LacText *out, const LacReportFile *file) {
  lac_page_section(out, "pictures", "Pictures");
  lac_figure_waveform(out, file);
  lac_figure_loudness(out, file);
  lac_figure_spectrum(out, file);
  lac_figure_stereo(out, file);
  lac_figure_reduction(out, file);
  lac_page_section_end(out);
}

static void open_page(LacText *out, const char *name, const char *subtitle) {
  lac_page_begin(out, name);
  lac_text_append(out, "<header><h1>");
  lac_page_escape(out, name);
  lac_text_append(out, "</h1><p class=\"quiet\">");
  lac_page_escape(out, subtitle);
  lac_text_append(out, "</p></header>\n<main>\n");
}

LacStatus lac_report_html(const LacReportFile *file, char **html) {
  LacText out = {0};
  char subtitle[160] = "Measured by Lacquer";
  if (file->output.analysis && file->platform_title)
    snprintf(subtitle, sizeof subtitle, "Mastered by Lacquer for %s", file->platform_title);
  open_page(&out, file_name(file->output.analysis ? file->output.path : file->input.path), subtitle);
  verdict(&out, file);
  in_words(&out, file);
  warnings(&out, file->warnings);
  numbers(&out, file->input.analysis, file->output.analysis, file->output.analysis ? "mix" : "file", "master");
  decisions(&out, file->recipe);
  pictures(&out, file);
  platforms(&out, file);
  findings(&out, file->input.analysis);
  files(&out, file);
  lac_text_append(&out, "</main>\n");
  lac_page_end(&out);
  return take(&out, html);
}

LacStatus lac_report_compare_html(const LacReportCompare *compare, char **html) {
  LacText out = {0};
  Value v;
  open_page(&out, "Comparison at equal loudness", "Measured by Lacquer");
  lac_text_append(&out, "<p>A is <b>");
  lac_page_escape(&out, file_name(compare->a.input.path));
  lac_text_append(&out, "</b>, B is <b>");
  lac_page_escape(&out, file_name(compare->b.input.path));
  lac_text_append(&out, "</b>. ");
  if (isfinite(compare->offset_db))
    lac_text_appendf(&out, "To hear them fairly, %s is turned down by %s.</p>\n", compare->louder_is_b ? "B" : "A",
                     lac_page_value_text(-compare->offset_db, 1, "dB", v));
  else
    lac_text_append(&out, "At least one has no loudness to compare.</p>\n");
  numbers(&out, compare->a.input.analysis, compare->b.input.analysis, "A", "B");
  lac_page_section(&out, "pictures", "Pictures");
  lac_figure_tone_difference(&out, compare);
  lac_page_section_end(&out);
  lac_page_section(&out, "files", "Files");
  side(&out, "A", &compare->a.input);
  side(&out, "B", &compare->b.input);
  lac_page_section_end(&out);
  lac_text_append(&out, "</main>\n");
  lac_page_end(&out);
  return take(&out, html);
}
