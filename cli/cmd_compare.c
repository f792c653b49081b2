/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer compare: two files at equal loudness. */

#include "cli.h"

#include <lacquer/master.h>

#include <math.h>

static void row(const char *label, double a, double b, int n_decimals, const char *unit) {
  printf("  %-22s %12s %12s %12s\n", label, cli_unit(a, n_decimals, unit), cli_unit(b, n_decimals, unit),
         cli_unit(b - a, n_decimals, unit));
}

/* The widest stretches where the tone differs by more than 1 dB at equal loudness. */
static void print_tone(const LacCompareResult *result) {
  const double *hz = result->a.analysis.spectrum.bands_hz;
  const double *difference = result->tone_difference_db;
  bool any = false;
  for (int i = 0; i < LAC_BANDS;) {
    int end = i;
    double sum = 0;
    while (end < LAC_BANDS && isfinite(difference[end]) && fabs(difference[end]) > 1 &&
           (difference[end] > 0) == (difference[i] > 0))
      sum += difference[end++];
    if (end - i >= 2) {
      printf("  B has %.1f dB %s from %.0f to %.0f Hz\n", fabs(sum / (end - i)), sum > 0 ? "more" : "less", hz[i],
             hz[end - 1]);
      any = true;
    }
    i = end > i ? end : i + 1;
  }
  if (!any)
    printf("  Tone: within 1 dB of each other in every band\n");
}

static void print_compare(const LacCompareResult *result) {
  const LacAnalysis *a = &result->a.analysis, *b = &result->b.analysis;
  printf("%sA%s %s\n%sB%s %s\n", cli_bold(stdout), cli_plain(stdout), result->a.path, cli_bold(stdout),
         cli_plain(stdout), result->b.path);
  printf("  %-22s %12s %12s %12s\n", "", "A", "B", "B - A");
  row("Integrated loudness", a->loudness.integrated_lufs, b->loudness.integrated_lufs, 1, "LUFS");
  row("Loudness range", a->loudness.range_lu, b->loudness.range_lu, 1, "LU");
  row("True peak", a->loudness.true_peak_dbtp, b->loudness.true_peak_dbtp, 2, "dBTP");
  row("Peak to loudness", a->loudness.plr_lu, b->loudness.plr_lu, 1, "LU");
  row("Tilt", a->spectrum.tilt_db_per_octave, b->spectrum.tilt_db_per_octave, 1, "dB/oct");
  row("Lost in mono", a->stereo.mono_loss_lu, b->stereo.mono_loss_lu, 1, "LU");
  print_tone(result);
  if (isfinite(result->offset_db))
    printf("  To hear them fairly, turn %s down by %.1f dB\n", result->louder_is_b ? "B" : "A", -result->offset_db);
  if (result->exported_a)
    printf("  Level-matched pair: %s and %s\n", result->exported_a, result->exported_b);
}

int cli_compare(const CliCommand *command, const CliValues *values) {
  if (values->n_operands != 2)
    return cli_usage(command, "Name two audio files.");
  LacJobControl control;
  if (!cli_job_control(values, &control))
    return EXIT_USAGE;
  LacCompareResult result = {0};
  LacError error = {0};
  bool may_replace = values->text[OPT_FORCE] != NULL;
  cli_progress_setup(values, values->operands[0]);
  LacStatus status = lac_compare(values->operands[0], values->operands[1], values->text[OPT_EXPORT], may_replace,
                                 &control, &result, &error);
  cli_progress_done();
  if (status == LAC_OK && values->text[OPT_REPORT])
    status = lac_compare_write_report(&result, values->text[OPT_REPORT], may_replace, &error);
  int code = EXIT_DONE;
  if (status != LAC_OK) {
    error.status = status;
    code = cli_fail(&error);
  } else {
    cli_warnings(&result.a.notes, values->operands[0], false);
    cli_warnings(&result.b.notes, values->operands[1], false);
    if (values->text[OPT_JSON]) {
      char *text = NULL;
      status = lac_compare_json(&result, &text);
      code = cli_print_document(status, text);
    } else {
      print_compare(&result);
    }
  }
  lac_compare_result_free(&result);
  return code;
}
