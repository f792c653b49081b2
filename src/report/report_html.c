/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The page that explains a job: what happened in plain words first, then numbers, pictures, decisions, and everything
 * needed to repeat it. */

#include <lacquer/report.h>

#include "report/figures.h"
#include "report/page.h"
#include "report/summary_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

static const char *file_name(const char *path) {
  const char *slash = path ? strrchr(path, '/') : NULL;
  return slash && slash[1] ? slash + 1 : path ? path : "";
}

/* --- Tables --- */

static void cell(LacText *out, const char *number, const char *unit) {
  lac_text_appendf(out, "<td>%s<span class=\"u\">\xC2\xA0%s</span></td>", number, unit);
}

static void row(LacText *out, const char *label, const char *help, double before, double after, bool has_after,
                int n_decimals, const char *unit) {
  Value v;
  const char *change_unit = !strcmp(unit, "LUFS") ? "LU" : !strcmp(unit, "dBTP") ? "dB" : unit;
  lac_text_appendf(out, "<tr><th scope=\"row\">%s<small>%s</small></th>", label, help);
  cell(out, lac_page_value_text(before, n_decimals, "", v), unit);
  if (has_after) {
    cell(out, lac_page_value_text(after, n_decimals, "", v), unit);
    cell(out, lac_page_change_text(after - before, n_decimals, "", v), change_unit);
  }
  lac_text_append(out, "</tr>\n");
}

static void numbers(LacText *out, const LacFigureView *view) {
  const LacAnalysis *a = view->before, *b = view->after ? view->after : view->before;
  bool has = view->after != NULL;
  lac_page_section(out, "numbers", "Numbers");
  lac_text_appendf(out, "<div class=\"scroll\"><table class=\"numbers\"><thead><tr><td></td><th scope=\"col\">%s</th>",
                   view->before_name);
  if (has)
    lac_text_appendf(out, "<th scope=\"col\">%s</th><th scope=\"col\">change</th>", view->after_name);
  lac_text_append(out, "</tr></thead><tbody>\n");
  row(out, "Integrated loudness", "the whole song", a->loudness.integrated_lufs, b->loudness.integrated_lufs, has, 2,
      "LUFS");
  row(out, "Loudest 3 s", "short-term", a->loudness.short_term_max_lufs, b->loudness.short_term_max_lufs, has, 1,
      "LUFS");
  row(out, "True peak", "also between the samples", a->loudness.true_peak_dbtp, b->loudness.true_peak_dbtp, has, 2,
      "dBTP");
  row(out, "Peak to loudness", "PLR; small is dense, large is open", a->loudness.plr_lu, b->loudness.plr_lu, has, 1,
      "LU");
  row(out, "Least peak to loudness", "PSR, over 3 s: the densest place", a->loudness.psr_min_lu, b->loudness.psr_min_lu,
      has, 1, "LU");
  row(out, "Loudness range", "quiet to loud parts", a->loudness.range_lu, b->loudness.range_lu, has, 1, "LU");
  row(out, "Spectral tilt", "100 Hz to 10 kHz", a->spectrum.tilt_db_per_octave, b->spectrum.tilt_db_per_octave, has, 2,
      "dB/oct");
  if (a->n_channels > 1 || b->n_channels > 1) {
    row(out, "Lost in mono", "on one speaker", a->stereo.mono_loss_lu, b->stereo.mono_loss_lu, has, 1, "LU");
    row(out, "Left over right", "balance", a->stereo.balance_db, b->stereo.balance_db, has, 1, "dB");
  }
  lac_text_append(out, "</tbody></table></div>\n");
  lac_page_section_end(out);
}

static void platforms(LacText *out, const LacReportFile *file) {
  if (!file->n_platforms || !isfinite(file->platforms[0].heard_lufs))
    return;
  lac_page_section(out, "platforms", "What each service will do to it");
  lac_text_append(out, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Service</th><th scope=\"col\">plays "
                       "music at</th><th scope=\"col\">turned</th><th scope=\"col\">heard at</th></tr></thead>"
                       "<tbody>\n");
  for (size_t i = 0; i < file->n_platforms; i++) {
    const LacReportPlatform *platform = &file->platforms[i];
    bool is_known = platform->source && *platform->source;
    Value a, b;
    lac_text_append(out, "<tr><th scope=\"row\">");
    lac_page_escape(out, platform->title);
    lac_text_append(out, "<small>");
    lac_page_escape(out, is_known ? platform->source : "");
    lac_text_append(out, is_known && platform->date && *platform->date ? ", " : "");
    lac_page_escape(out, platform->date ? platform->date : "");
    lac_text_append(out, "</small></th>");
    cell(out, lac_page_value_text(platform->reference_lufs, 1, "", a), "LUFS");
    if (fabs(platform->playback_gain_db) < 0.05)
      lac_text_append(out, "<td>not at all</td>");
    else
      lac_text_appendf(out, "<td>%s <span class=\"u\">%s</span></td>",
                       platform->playback_gain_db > 0 ? "\xE2\x96\xB2 up" : "\xE2\x96\xBC down",
                       lac_page_value_text(fabs(platform->playback_gain_db), 1, "dB", b));
    cell(out, lac_page_value_text(platform->heard_lufs, 1, "", a), "LUFS");
    lac_text_append(out, "</tr>\n");
  }
  lac_text_append(out, "</tbody></table></div>\n");
  lac_page_section_end(out);
}

/* --- Decisions, warnings, findings --- */

static bool same_text(const char *a, const char *b) {
  return !strcmp(a ? a : "", b ? b : "");
}

/* A target that no person set is its platform's: there are presets of another kind now. */
static const char *who(const LacDecision *decision) {
  const bool is_target = decision->processor && !strcmp(decision->processor, "target");
  switch (decision->set_by) {
  case LAC_SET_BY_PERSON:
    return "you";
  case LAC_SET_BY_PRESET:
    return is_target ? "the platform" : "the preset";
  case LAC_SET_BY_DEFAULT:
    return "the default";
  case LAC_SET_BY_ASSISTANT:
    return "the assistant";
  case LAC_SET_BY_REFERENCE:
    return "the reference";
  }
  return "";
}

static void decided_value(LacText *out, const LacDecision *decision) {
  char shown[LAC_SHOWN_VALUE_SIZE];
  lac_text_append(out, "<code>");
  lac_page_escape(out, *decision->entry ? decision->entry : decision->processor);
  lac_text_append(out, ".");
  lac_page_escape(out, decision->parameter);
  lac_text_append(out, " = ");
  lac_page_escape(out, lac_decision_shown(decision, shown));
  lac_text_append(out, "</code>");
}

/* Decisions [from, end) as one item: the speaker's words, then every value with what else was said. */
static void decided_together(LacText *out, const LacRecipe *recipe, size_t from, size_t end, size_t speaker) {
  const LacDecision main = lac_recipe_decision(recipe, speaker);
  lac_text_append(out, "<li>");
  lac_page_escape(out, main.reason && *main.reason ? main.reason : "Set as asked.");
  lac_text_append(out, "<br><span class=\"quiet\">");
  if (main.evidence && *main.evidence) {
    lac_page_escape(out, main.evidence);
    lac_text_append(out, "<br>");
  }
  for (size_t i = from; i < end; i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    decided_value(out, &decision);
    if (!same_text(decision.reason, main.reason) && decision.reason && *decision.reason) {
      lac_text_append(out, " ");
      lac_page_escape(out, decision.reason);
    }
    lac_text_append(out, "<br>");
  }
  lac_text_appendf(out, "Set by %s.</span></li>\n", who(&main));
}

static void decisions(LacText *out, const LacRecipe *recipe) {
  size_t count = recipe ? lac_recipe_decision_count(recipe) : 0;
  if (!count)
    return;
  lac_page_section(out, "decisions", "What was decided, and why");
  lac_text_append(out, "<ol class=\"decisions\">\n");
  for (size_t from = 0, end, speaker; from < count; from = end) {
    end = lac_recipe_decision_group(recipe, from, &speaker);
    decided_together(out, recipe, from, end, speaker);
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
    lac_text_append(out, " <code class=\"quiet\">");
    lac_page_escape(out, notes->items[i].code);
    lac_text_append(out, "</code></li>\n");
  }
  lac_text_append(out, "</ul>\n");
  lac_page_section_end(out);
}

static void findings(LacText *out, const LacAnalysis *analysis) {
  static const char *const classes[] = {"info", "warning", "problem"};
  static const char *const words[] = {"", "<b>Warning:</b> ", "<b>Problem:</b> "};
  lac_page_section(out, "findings", "What was found in the file that came in");
  if (!analysis->n_findings)
    lac_text_append(out, "<p>Nothing wrong was found.</p>\n");
  else
    lac_text_append(out, "<ul class=\"notes\">\n");
  for (size_t i = 0; i < analysis->n_findings; i++) {
    const LacFinding *finding = &analysis->findings[i];
    Value v;
    lac_text_appendf(out, "<li class=\"%s\">%s", classes[finding->severity], words[finding->severity]);
    lac_page_escape(out, finding->text);
    if (isfinite(finding->time_s))
      lac_text_appendf(out, " <span class=\"quiet\">at %s</span>", lac_page_time_text(finding->time_s, v));
    lac_text_append(out, "</li>\n");
  }
  lac_text_append(out, analysis->n_findings ? "</ul>\n" : "");
  lac_page_section_end(out);
}

/* --- Files --- */

/* Names of tags come from outside too. */
static void fact(LacText *out, const char *label, const char *value) {
  if (!value || !*value)
    return;
  lac_text_append(out, "<tr><th scope=\"row\">");
  lac_page_name(out, label);
  lac_text_append(out, "</th><td class=\"words\">");
  lac_page_name(out, value);
  lac_text_append(out, "</td></tr>\n");
}

static void side(LacText *out, const char *heading, const LacReportSide *file) {
  if (!file->analysis)
    return;
  char format[192], depth[32] = "";
  Value length;
  const LacMediaInfo *info = file->info;
  if (info->bits)
    snprintf(depth, sizeof depth, ", %u bit%s", info->bits, info->is_float ? " float" : "");
  snprintf(format, sizeof format, "%s/%s, %u Hz%s, %s, %s, %llu frames", info->container, info->codec, info->rate_hz,
           depth, info->n_channels == 1 ? "mono" : "stereo",
           lac_page_time_text(info->rate_hz ? (double)file->analysis->n_frames / info->rate_hz : NAN, length),
           (unsigned long long)file->analysis->n_frames);
  lac_text_appendf(out, "<h3>%s</h3><table class=\"facts\"><tbody>\n", heading);
  fact(out, "File", file->path);
  fact(out, "Format", format);
  fact(out, "SHA-256 of the file", file->sha256);
  fact(out, "SHA-256 of the samples", file->analysis->pcm_sha256);
  for (size_t i = 0; file->tags && i < file->tags->count; i++)
    fact(out, file->tags->items[i].key, file->tags->items[i].value);
  lac_text_append(out, "</tbody></table>\n");
}

static void files(LacText *out, const LacReportFile *file) {
  lac_page_section(out, "files", "Files and checksums");
  side(out, file->output.analysis ? "Mix" : "File", &file->input);
  side(out, "Master", &file->output);
  char *recipe = NULL;
  if (file->recipe && lac_recipe_write(file->recipe, &recipe) != LAC_OK)
    out->failed = true;
  if (recipe) {
    lac_text_append(out, "<details><summary>Recipe: rendering the mix with it gives the same master</summary><pre>");
    lac_page_escape(out, recipe);
    lac_text_append(out, "</pre></details>\n");
  }
  lac_text_free(recipe);
  lac_page_section_end(out);
}

static void pictures(LacText *out, const LacReportFile *file, const LacFigureView *view) {
  lac_page_section(out, "pictures", file->output.analysis ? "Before and after" : "Pictures");
  lac_figure_waveform(out, view);
  lac_figure_loudness(out, view);
  lac_figure_spectrum(out, view);
  lac_figure_stereo(out, view);
  for (size_t i = 0, n; i < file->n_readouts; i += n) {
    for (n = 1; i + n < file->n_readouts && !strcmp(file->readouts[i + n].entry, file->readouts[i].entry);)
      n++;
    lac_figure_gains(out, &file->readouts[i], n, lac_figure_seconds(view));
  }
  lac_page_section_end(out);
}

/* Closed by close_page. */
static void open_page(LacText *out, const char *name, const char *subtitle) {
  lac_page_begin(out, name);
  lac_text_append(out, "<header><h1>");
  lac_page_name(out, name);
  lac_text_append(out, "</h1><p class=\"quiet\">");
  lac_page_escape(out, subtitle);
  lac_text_append(out, "</p></header>\n<main>\n");
}

static LacStatus close_page(LacText *out, char **html) {
  lac_text_append(out, "</main>\n");
  lac_page_end(out);
  *html = lac_text_take(out);
  return *html ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_report_html(const LacReportFile *file, char **html) {
  LacText out = {0};
  bool is_master = file->output.analysis != NULL;
  char subtitle[160] = "Measured by Lacquer";
  if (file->recipe && file->platform_title)
    snprintf(subtitle, sizeof subtitle, "%s by Lacquer for: %s", is_master ? "Mastered" : "Planned",
             file->platform_title);
  LacFigureView view = {.before = file->input.analysis,
                        .after = file->output.analysis,
                        .before_name = is_master ? "mix" : "file",
                        .after_name = "master",
                        .target = file->target,
                        .band_low_db = file->target_band_low_db,
                        .band_high_db = file->target_band_high_db};
  open_page(&out, file_name(is_master ? file->output.path : file->input.path), subtitle);
  lac_summary_words(&out, file);
  warnings(&out, file->warnings);
  pictures(&out, file, &view);
  numbers(&out, &view);
  platforms(&out, file);
  decisions(&out, file->recipe);
  findings(&out, file->input.analysis);
  files(&out, file);
  return close_page(&out, html);
}

/* --- Two files --- */

static void comparison_words(LacText *out, const LacReportCompare *compare) {
  Value v;
  lac_text_append(out, "<p>A is <b>");
  lac_page_name(out, file_name(compare->a.input.path));
  lac_text_append(out, "</b>, B is <b>");
  lac_page_name(out, file_name(compare->b.input.path));
  lac_text_append(out, "</b>.</p>\n<ul class=\"words\"><li>");
  const LacLoudness *a = &compare->a.input.analysis->loudness, *b = &compare->b.input.analysis->loudness;
  if (!isfinite(compare->offset_db) || !isfinite(b->integrated_lufs - a->integrated_lufs))
    lac_text_append(out, "At least one has no loudness that can be measured, so they cannot be compared fairly.");
  else if (compare->offset_db > -0.05)
    lac_text_append(out, "Both are equally loud.");
  else
    lac_text_appendf(out, "%s is louder. To hear them fairly, turn it down by %s.", compare->louder_is_b ? "B" : "A",
                     lac_page_value_text(-compare->offset_db, 1, "dB", v));
  lac_text_append(out, "</li>\n");
  double density = b->plr_lu - a->plr_lu;
  if (isfinite(density) && fabs(density) >= 0.5)
    lac_text_appendf(out, "<li>%s is denser: its highest peak lies %s closer to its loudness.</li>\n",
                     density < 0 ? "B" : "A", lac_page_value_text(fabs(density), 1, "dB", v));
  lac_text_append(out, "</ul>\n");
}

LacStatus lac_report_compare_html(const LacReportCompare *compare, char **html) {
  LacText out = {0};
  const LacReportFile *a = &compare->a, *b = &compare->b;
  LacFigureView view = {.before = a->input.analysis,
                        .after = b->input.analysis,
                        .before_name = "A",
                        .after_name = "B",
                        .target = {NAN, NAN},
                        .band_low_db = b->target_band_low_db,
                        .band_high_db = b->target_band_high_db};
  open_page(&out, "Comparison at equal loudness", "Measured by Lacquer");
  comparison_words(&out, compare);
  lac_page_section(&out, "pictures", "Pictures");
  lac_figure_tone_difference(&out, compare);
  lac_figure_spectrum(&out, &view);
  lac_figure_loudness(&out, &view);
  lac_figure_stereo(&out, &view);
  lac_figure_waveform(&out, &view);
  lac_page_section_end(&out);
  numbers(&out, &view);
  lac_page_section(&out, "files", "Files and checksums");
  side(&out, "A", &a->input);
  side(&out, "B", &b->input);
  if (compare->exported_a && compare->exported_b) {
    lac_text_append(&out, "<h3>Level-matched pair</h3><table class=\"facts\"><tbody>\n");
    fact(&out, "A", compare->exported_a);
    fact(&out, "B", compare->exported_b);
    lac_text_append(&out, "</tbody></table>\n");
  }
  lac_page_section_end(&out);
  return close_page(&out, html);
}
