/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer compare: two files at equal loudness. */

#include "cli.h"

#include <lacquer/master.h>

#include <math.h>
#include <string.h>

static void row(const char *label, double a, double b, int n_decimals, const char *unit, const char *change_unit) {
  if (!isfinite(a) && !isfinite(b))
    return;
  const char *change = cli_unit(b - a, n_decimals, change_unit);
  char text[64];
  bool is_up = *change != '-' && strpbrk(change, "123456789");
  snprintf(text, sizeof text, "%s%s", is_up ? "+" : "", change);
  printf("  %-20s %13s %13s %13s\n", label, cli_unit(a, n_decimals, unit), cli_unit(b, n_decimals, unit), text);
}

/* Two digits, as one speaks of frequencies: 530 Hz, 3.7 kHz. */
static const char *hz_text(double hz, char buffer[32]) {
  if (hz < 995)
    snprintf(buffer, 32, "%.0f Hz", hz < 99.5 ? hz : 10 * rint(hz / 10));
  else
    snprintf(buffer, 32, "%.*f kHz", hz < 9950 ? 1 : 0, hz / 1000);
  return buffer;
}

/* The widest stretches where the tone differs by more than 1 dB at equal loudness. */
static void print_tone(const LacCompareResult *result) {
  const double *hz = result->a.analysis.spectrum.bands_hz;
  const double *difference = result->tone_difference_db;
  bool any = false, is_measured = false;
  for (int i = 0; i < LAC_BANDS;) {
    int end = i;
    double sum = 0;
    is_measured |= isfinite(difference[i]);
    while (end < LAC_BANDS && isfinite(difference[end]) && fabs(difference[end]) > 1 &&
           (difference[end] > 0) == (difference[i] > 0))
      sum += difference[end++];
    if (end - i >= 2) {
      char from[32], to[32];
      printf("%s  B has %s %s from %s to %s\n", any ? "" : "Tone at equal loudness\n",
             cli_unit(fabs(sum / (end - i)), 1, "dB"), sum > 0 ? "more" : "less", hz_text(hz[i], from),
             hz_text(hz[end - 1], to));
      any = true;
    }
    i = end > i ? end : i + 1;
  }
  if (!any && is_measured)
    printf("Tone at equal loudness\n  within 1 dB of each other nearly everywhere\n");
}

static void print_compare(const LacCompareResult *result) {
  const LacAnalysis *a = &result->a.analysis, *b = &result->b.analysis;
  printf("%sA%s %s\n%sB%s %s\n", cli_bold(stdout), cli_plain(stdout), cli_shown(result->a.path), cli_bold(stdout),
         cli_plain(stdout), cli_shown(result->b.path));
  printf("  %s%-20s %13s %13s %13s%s\n", cli_dim(stdout), "", "A", "B", "B - A", cli_plain(stdout));
  row("Integrated loudness", a->loudness.integrated_lufs, b->loudness.integrated_lufs, 1, "LUFS", "LU");
  row("Loudness range", a->loudness.range_lu, b->loudness.range_lu, 1, "LU", "LU");
  row("True peak", a->loudness.true_peak_dbtp, b->loudness.true_peak_dbtp, 2, "dBTP", "dB");
  row("Peak to loudness", a->loudness.plr_lu, b->loudness.plr_lu, 1, "LU", "LU");
  row("Tilt", a->spectrum.tilt_db_per_octave, b->spectrum.tilt_db_per_octave, 1, "dB/oct", "dB/oct");
  row("Lost in mono", a->stereo.mono_loss_lu, b->stereo.mono_loss_lu, 1, "LU", "LU");
  print_tone(result);
  if (!isfinite(b->loudness.integrated_lufs - a->loudness.integrated_lufs))
    printf("At least one has no loudness that can be measured.\n");
  else if (result->offset_db > -0.05)
    printf("Both are equally loud.\n");
  else
    printf("To hear them fairly, turn %s down by %s.\n", result->louder_is_b ? "B" : "A",
           cli_unit(-result->offset_db, 1, "dB"));
  if (result->exported_a)
    printf("Level-matched pair: %s and %s\n", result->exported_a, result->exported_b);
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
      if (values->text[OPT_REPORT])
        printf("Report: %s\n", values->text[OPT_REPORT]);
    }
  }
  lac_compare_result_free(&result);
  return code;
}
