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
  fprintf(stream, "%s%s%s %s\n  %s%s/%s, %g kHz%s, %s, %s%s\n", cli_bold(stream), label, cli_plain(stream), path,
          cli_dim(stream), info->container, info->codec, info->rate_hz / 1000.0, depth,
          info->n_channels == 1 ? "mono" : "stereo", cli_duration(seconds), cli_plain(stream));
}

static void print_decisions(FILE *stream, const LacRecipe *recipe) {
  size_t count = recipe ? lac_recipe_decision_count(recipe) : 0;
  if (count)
    fprintf(stream, "Decisions\n");
  for (size_t i = 0; i < count; i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    if (!decision.reason || !*decision.reason)
      continue;
    fprintf(stream, "  - ");
    cli_wrapped(stream, 4, decision.reason);
    if (decision.evidence && *decision.evidence) {
      fprintf(stream, "    %s", cli_dim(stream));
      cli_wrapped(stream, 4, decision.evidence);
      fprintf(stream, "%s", cli_plain(stream));
    }
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
  print_decisions(stream, result->recipe);
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
