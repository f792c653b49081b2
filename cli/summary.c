/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The summary of a job: before and after, what was decided and why, where the files are. */

#include "summary.h"

#include <math.h>
#include <string.h>

static void row(FILE *stream, const char *label, double before, double after, bool has_after, int n_decimals,
                const char *unit, const char *remark) {
  fprintf(stream, "  %-20s %12s", label, cli_unit(before, n_decimals, unit));
  if (has_after)
    fprintf(stream, "  ->  %s%12s%s", cli_bold(stream), cli_unit(after, n_decimals, unit), cli_plain(stream));
  fprintf(stream, "%s%s%s%s\n", *remark ? "  " : "", cli_dim(stream), remark, cli_plain(stream));
}

static void print_format(FILE *stream, const char *label, const char *path, const LacMediaInfo *info, double seconds) {
  char depth[32] = "";
  if (info->bits)
    snprintf(depth, sizeof depth, ", %u bit%s", info->bits, info->is_float ? " float" : "");
  fprintf(stream, "%s%s%s %s\n  %s%s/%s, %g kHz%s, %s, %s%s\n", cli_bold(stream), label, cli_plain(stream),
          cli_shown(path), cli_dim(stream), info->container, info->codec, info->rate_hz / 1000.0, depth,
          info->n_channels == 1 ? "mono" : "stereo", cli_duration(seconds), cli_plain(stream));
}

static void print_values(FILE *stream, const LacRecipe *recipe, size_t from, size_t end) {
  char line[512] = "";
  size_t length = 0;
  for (size_t i = from; i < end && length < sizeof line; i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    char shown[LAC_SHOWN_VALUE_SIZE];
    int n = snprintf(line + length, sizeof line - length, "%s%s.%s=%s", i > from ? " " : "",
                     *decision.entry ? decision.entry : decision.processor, decision.parameter,
                     lac_decision_shown(&decision, shown));
    length += n > 0 ? (size_t)n : 0;
  }
  cli_wrapped(stream, 4, line);
}

/* Decisions [from, end) as one item. */
static void print_together(FILE *stream, const LacRecipe *recipe, size_t from, size_t end, size_t speaker,
                           bool is_verbose) {
  const LacDecision main = lac_recipe_decision(recipe, speaker);
  fprintf(stream, "  - ");
  cli_wrapped(stream, 4, main.reason && *main.reason ? main.reason : "Set as asked.");
  fprintf(stream, "%s", cli_dim(stream));
  if (main.evidence && *main.evidence) {
    fprintf(stream, "    ");
    cli_wrapped(stream, 4, main.evidence);
  }
  if (is_verbose || (main.set_by == LAC_SET_BY_PERSON && end - from > 1) || !main.reason || !*main.reason) {
    fprintf(stream, "    ");
    print_values(stream, recipe, from, end);
  }
  fprintf(stream, "%s", cli_plain(stream));
}

static void print_decisions(FILE *stream, const LacRecipe *recipe, bool is_verbose) {
  size_t count = recipe ? lac_recipe_decision_count(recipe) : 0;
  if (count)
    fprintf(stream, "Decisions\n");
  for (size_t from = 0, end, speaker; from < count; from = end) {
    end = lac_recipe_decision_group(recipe, from, &speaker);
    print_together(stream, recipe, from, end, speaker, is_verbose);
  }
}

void cli_print_summary(FILE *stream, const LacMasterResult *result, const char *report_path, bool is_verbose) {
  const LacLoudness *before = &result->input.loudness, *after = &result->output.loudness;
  bool has = result->has_output;
  char target[64] = "", ceiling[64] = "";
  if (isfinite(result->target.integrated_lufs))
    snprintf(target, sizeof target, "target %s", cli_unit(result->target.integrated_lufs, 1, "LUFS"));
  if (isfinite(result->target.true_peak_dbtp))
    snprintf(ceiling, sizeof ceiling, "at most %s", cli_unit(result->target.true_peak_dbtp, 1, "dBTP"));
  print_format(stream, "Mix   ", result->input_path, &result->input_info,
               (double)result->input.n_frames / result->input.rate_hz);
  if (has)
    print_format(stream, "Master", result->output_path, &result->output_info,
                 (double)result->output.n_frames / result->output.rate_hz);
  row(stream, "Integrated loudness", before->integrated_lufs, after->integrated_lufs, has, 2, "LUFS", target);
  row(stream, "True peak", before->true_peak_dbtp, after->true_peak_dbtp, has, 2, "dBTP", ceiling);
  row(stream, "Peak to loudness", before->plr_lu, after->plr_lu, has, 1, "LU", "");
  row(stream, "Loudness range", before->range_lu, after->range_lu, has, 1, "LU", "");
  if (has && result->solved.limiting_p95_db >= 0.05)
    fprintf(stream, "  %-20s %12s      %s%12s%s  %sat the 95th percentile%s\n", "Limiting", "", cli_bold(stream),
            cli_unit(result->solved.limiting_p95_db, 1, "dB"), cli_plain(stream), cli_dim(stream), cli_plain(stream));
  print_decisions(stream, result->recipe, is_verbose);
  if (!has && isfinite(result->solved.predicted_lufs))
    fprintf(stream, "Plan only: nothing was written. Predicted: %s.\n",
            cli_unit(result->solved.predicted_lufs, 1, "LUFS"));
  else if (!has)
    fprintf(stream, "Plan only: nothing was written.\n");
  if (has && (*target || *ceiling))
    fprintf(stream, "%s%s%s (measured on the written file; %u render%s, %s)\n",
            result->targets_met ? cli_good(stream) : cli_bad(stream),
            result->targets_met ? "Targets met" : "Target not met", cli_plain(stream), result->solved.n_renders,
            result->solved.n_renders == 1 ? "" : "s", cli_duration(result->seconds));
  if (report_path)
    fprintf(stream, "Report: %s\n", report_path);
  if (!is_verbose)
    return;
  for (size_t i = 0; i < result->n_stages; i++)
    fprintf(stream, "  %-10s %.2f s\n", result->stages[i].stage, result->stages[i].seconds);
  if (has)
    fprintf(stream, "  SHA-256    %s\n", result->sha256);
}
