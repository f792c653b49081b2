/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/summary_words.h"

#include "report/gain_reduction.h"
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

/* What the solver promises (assistant.h): within 0.05 LU; and what the detector may miss of a peak. */
static const double loudness_tolerance_lu = 0.05, peak_tolerance_db = 0.03;

static void verdict(LacText *out, const LacReportFile *file) {
  Value v, p;
  const LacLoudness *after = &file->output.analysis->loudness;
  bool has_target = isfinite(file->target.integrated_lufs) || isfinite(file->target.true_peak_dbtp);
  lac_text_append(out, "<p>");
  if (has_target)
    lac_text_appendf(out, "<span class=\"verdict %s\">%s</span> ", file->targets_met ? "met" : "missed",
                     file->targets_met ? "\xE2\x9C\x93 Targets met" : "\xE2\x9C\x97 Target not met");
  if (isfinite(after->integrated_lufs))
    lac_text_appendf(out, "%s, %s, measured on the written file.",
                     lac_page_value_text(after->integrated_lufs, 2, "LUFS", v),
                     lac_page_value_text(after->true_peak_dbtp, 2, "dBTP", p));
  else if (isfinite(after->true_peak_dbtp))
    lac_text_appendf(out, "Highest peak %s, measured on the written file.",
                     lac_page_value_text(after->true_peak_dbtp, 2, "dBTP", p));
  lac_text_append(out, "</p>\n");
}

static void loudness(LacText *out, const LacReportFile *file) {
  Value a, b, c;
  double before = file->input.analysis->loudness.integrated_lufs, target = file->target.integrated_lufs;
  double after = file->output.analysis->loudness.integrated_lufs, change = after - before;
  lac_text_append(out, "<li>");
  if (!isfinite(change))
    lac_text_append(out, "The music is too short or too quiet for its loudness to be measured, so only its level was "
                         "set. Check that this is the right file.");
  else if (fabs(change) < loudness_tolerance_lu)
    lac_text_appendf(out, "The loudness was left as it was, at %s.", lac_page_value_text(after, 1, "LUFS", a));
  else
    lac_text_appendf(out, "The master is %s %s than the mix: from %s to %s.%s",
                     lac_page_value_text(fabs(change), 1, "LU", a), change > 0 ? "louder" : "quieter",
                     lac_page_value_text(before, 1, "LUFS", b), lac_page_value_text(after, 1, "LUFS", c),
                     change < 0 && before > target ? " The mix was louder than the target." : "");
  if (isfinite(change) && isfinite(target) && fabs(after - target) > loudness_tolerance_lu + 1e-9)
    lac_text_appendf(out, " <strong>Asked for %s, reached %s.</strong>", lac_page_value_text(target, 1, "LUFS", a),
                     lac_page_value_text(after, 1, "LUFS", b));
  lac_text_append(out, "</li>\n");
}

/* How much that is: the larger of what the limiter takes and what peak-to-loudness lost, since short peaks cost punch
 * long before they show in an average. */
static const char *limiting_weight(const LacReportFile *file, const LacGainReduction *found) {
  double lost_lu = file->input.analysis->loudness.plr_lu - file->output.analysis->loudness.plr_lu;
  double weight = fmax(found->p95_db, lost_lu); /* fmax passes over a NAN */
  if (found->most_db < 1)
    return "That is very little; nobody should hear it.";
  if (weight < 2)
    return "That is light.";
  if (weight < 5)
    return "That is moderate: compare the loud parts with the mix at equal loudness.";
  return "That is heavy: drums may lose punch. Listen to the loudest part, or ask for less loudness.";
}

static void limiting(LacText *out, const LacReportFile *file) {
  const LacReportReadout *readout = lac_gain_reduction_of_limiter(file);
  LacGainReduction found;
  Value a, b, c;
  if (!readout || !lac_gain_reduction(readout, &found, &out->failed)) {
    lac_text_append(out, "<li>No limiting was needed: the peaks keep their shape.</li>\n");
    return;
  }
  lac_text_appendf(out,
                   "<li>The limiter works %s of the time. It nearly always takes less than %s off, at the worst "
                   "moment %s. %s</li>\n",
                   found.share_percent < 0.5 ? "less than 1\xC2\xA0%"
                                             : lac_page_value_text(found.share_percent, 0, "%", a),
                   lac_page_value_text(fmax(found.p95_db, 0.1), 1, "dB", b),
                   lac_page_value_text(found.most_db, 1, "dB", c), limiting_weight(file, &found));
}

static void peaks(LacText *out, const LacReportFile *file) {
  double peak = file->output.analysis->loudness.true_peak_dbtp, ceiling = file->target.true_peak_dbtp;
  Value a, b;
  if (!isfinite(peak) || !isfinite(ceiling))
    return;
  if (peak > ceiling + peak_tolerance_db)
    lac_text_appendf(out, "<li><strong>The highest peak, %s, is above the ceiling of %s.</strong></li>\n",
                     lac_page_value_text(peak, 2, "dBTP", a), lac_page_value_text(ceiling, 1, "dBTP", b));
  else
    lac_text_appendf(out,
                     "<li>No peak goes above the ceiling of %s, not even between the samples: players and codecs "
                     "have that much room.</li>\n",
                     lac_page_value_text(ceiling, 1, "dBTP", b));
}

/* --- Tone --- */

static double band_value(const LacRecipe *recipe, size_t entry, const LacProcessorInfo *info, const char *prefix,
                         const char *suffix) {
  char id[64];
  snprintf(id, sizeof id, "%s%s", prefix, suffix);
  size_t param = lac_param_find(info, id);
  return param == SIZE_MAX ? NAN : lac_recipe_value(recipe, entry, param);
}

/* "-1.2 dB around 3.7 kHz, ..." of every band that does something. */
static size_t equalizer_moves(LacText *out, const LacRecipe *recipe, size_t entry) {
  const LacProcessorInfo *info = lac_processor_class_info(lac_recipe_entry(recipe, entry).cls);
  size_t n = 0;
  for (unsigned band = 1; band <= 12; band++) {
    char prefix[16];
    Value v, f;
    snprintf(prefix, sizeof prefix, "band%u", band);
    double type = band_value(recipe, entry, info, prefix, "_type"), hz = band_value(recipe, entry, info, prefix, "_hz");
    double db = band_value(recipe, entry, info, prefix, "_db");
    if (!isfinite(type) || type <= 0 || !isfinite(hz))
      continue;
    const LacParam *param = &info->params[lac_param_find(info, strcat(prefix, "_type"))];
    const char *name = param->choices[(size_t)type];
    bool is_shelf = strstr(name, "shelf") != NULL, uses_db = is_shelf || !strcmp(name, "bell") || !strcmp(name, "tilt");
    if (uses_db && db == 0)
      continue;
    lac_text_append(out, n++ ? ", " : "");
    if (!uses_db)
      lac_text_appendf(out, "a %s at %s",
                       strstr(name, "high_pass")  ? "high-pass"
                       : strstr(name, "low_pass") ? "low-pass"
                                                  : "notch",
                       lac_page_hz_text(hz, f));
    else
      lac_text_appendf(out, "%s %s %s", lac_page_change_text(db, 1, "dB", v),
                       !strcmp(name, "low_shelf")    ? "below"
                       : !strcmp(name, "high_shelf") ? "above"
                                                     : "around",
                       lac_page_hz_text(hz, f));
  }
  return n;
}

static void tone(LacText *out, const LacRecipe *recipe) {
  LacText moves = {0};
  size_t n = 0;
  for (size_t e = 0; recipe && e < lac_recipe_entry_count(recipe); e++) {
    LacRecipeEntry entry = lac_recipe_entry(recipe, e);
    if (!entry.enabled || strcmp(lac_processor_class_info(entry.cls)->id, "equalizer"))
      continue;
    LacText here = {0};
    size_t n_here = equalizer_moves(&here, recipe, e);
    if (n_here)
      lac_text_appendf(&moves, "%s%s", n ? ", " : "", here.bytes ? here.bytes : "");
    n += n_here;
    moves.failed |= here.failed;
    lac_text_clear(&here);
  }
  out->failed |= moves.failed;
  if (n && moves.bytes)
    lac_text_appendf(out, "<li>Tone was changed by %zu equalizer move%s: %s.</li>\n", n, n == 1 ? "" : "s",
                     moves.bytes);
  else
    lac_text_append(out, "<li>The tone was left alone.</li>\n");
  lac_text_clear(&moves);
}

/* --- Around it --- */

static void services(LacText *out, const LacReportFile *file) {
  size_t n_down = 0, n_up = 0;
  double most_db = 0, least_db = INFINITY;
  Value v, w;
  for (size_t i = 0; i < file->n_platforms; i++) {
    double gain_db = file->platforms[i].playback_gain_db;
    n_up += gain_db >= 0.05;
    if (gain_db > -0.05 || !isfinite(gain_db))
      continue;
    n_down++;
    most_db = fmax(most_db, -gain_db);
    least_db = fmin(least_db, -gain_db);
  }
  if (!file->n_platforms || !isfinite(file->platforms[0].heard_lufs))
    return;
  if (!n_down) {
    lac_text_appendf(out, "<li>None of the services below turns it down%s.</li>\n", n_up ? "; some turn it up" : "");
    return;
  }
  if (n_down == file->n_platforms)
    lac_text_appendf(out, "<li>All %zu services and settings below turn it down, by ", n_down);
  else
    lac_text_appendf(out, "<li>%zu of %zu services and settings below turn%s it down, by ", n_down, file->n_platforms,
                     n_down == 1 ? "s" : "");
  if (most_db - least_db >= 0.05)
    lac_text_appendf(out, "%s to ", lac_page_value_text(least_db, 1, "", v));
  lac_text_appendf(out, "%s.</li>\n", lac_page_value_text(most_db, 1, "dB", w));
}

static void attention(LacText *out, const LacReportFile *file) {
  size_t n_warnings = file->warnings ? file->warnings->count : 0, n_findings = 0;
  for (size_t i = 0; i < file->input.analysis->n_findings; i++)
    n_findings += file->input.analysis->findings[i].severity != LAC_SEVERITY_INFO;
  bool is_missed = file->output.analysis && !file->targets_met;
  if (!n_warnings && !n_findings)
    lac_text_append(out, is_missed ? "" : "<li>Nothing needs your attention.</li>\n");
  else
    lac_text_append(out, "<li>Please look at");
  if (n_warnings)
    lac_text_appendf(out, " the <a href=\"#warnings\">%s</a>", n_warnings == 1 ? "warning" : "warnings");
  if (n_findings)
    lac_text_appendf(out, "%s <a href=\"#findings\">what was found in the %s</a>", n_warnings ? " and" : "",
                     file->output.analysis ? "mix" : "file");
  if (n_warnings || n_findings)
    lac_text_append(out, ".</li>\n");
}

static void measured(LacText *out, const LacReportFile *file) {
  const LacLoudness *found = &file->input.analysis->loudness;
  Value a, b, c;
  if (file->input.analysis->is_silent || !isfinite(found->sample_peak_dbfs)) {
    lac_text_append(out, "<li>The file contains only silence.</li>\n");
    return;
  }
  if (!isfinite(found->integrated_lufs)) {
    lac_text_appendf(out,
                     "<li>The music is too short or too quiet for its loudness to be measured. Its highest peak "
                     "is %s.</li>\n",
                     lac_page_value_text(found->true_peak_dbtp, 1, "dBTP", a));
    return;
  }
  lac_text_appendf(out, "<li>The song measures %s; its highest peak is %s, %s above that.%s</li>\n",
                   lac_page_value_text(found->integrated_lufs, 1, "LUFS", a),
                   lac_page_value_text(found->true_peak_dbtp, 1, "dBTP", b),
                   lac_page_value_text(found->plr_lu, 1, "LU", c),
                   found->plr_lu < 8    ? " That is dense: it has been limited."
                   : found->plr_lu > 14 ? " That is open and dynamic."
                                        : "");
  if (isfinite(found->range_lu) && found->range_lu > 0)
    lac_text_appendf(out, "<li>Its quiet and loud parts lie %s apart (loudness range).</li>\n",
                     lac_page_value_text(found->range_lu, 1, "LU", a));
}

void lac_summary_words(LacText *out, const LacReportFile *file) {
  bool is_master = file->output.analysis != NULL;
  if (is_master)
    verdict(out, file);
  else if (file->recipe)
    lac_text_append(out, "<p>This is a plan: nothing was written. The decisions are below.</p>\n");
  lac_text_append(out, "<ul class=\"words\">\n");
  if (is_master) {
    loudness(out, file);
    limiting(out, file);
    peaks(out, file);
    tone(out, file->recipe);
  } else {
    measured(out, file);
  }
  if (file->input.analysis->n_channels == 1)
    lac_text_append(out, is_master ? "<li>The mix is mono and stays mono.</li>\n" : "<li>The file is mono.</li>\n");
  services(out, file);
  attention(out, file);
  lac_text_append(out, "</ul>\n");
}
