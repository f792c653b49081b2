/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer analyze: numbers about files. */

#include "cli.h"

#include <lacquer/master.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void row(const char *label, const char *value, const char *remark) {
  printf("  %-20s %s%13s%s%s%s%s%s\n", label, cli_bold(stdout), value, cli_plain(stdout), *remark ? "  " : "",
         cli_dim(stdout), remark, cli_plain(stdout));
}

static void print_findings(const LacAnalysis *analysis) {
  if (!analysis->n_findings)
    printf("  - Nothing wrong was found.\n");
  for (size_t i = 0; i < analysis->n_findings; i++) {
    const LacFinding *finding = &analysis->findings[i];
    bool is_bad = finding->severity != LAC_SEVERITY_INFO;
    printf("  %s%s%s ", is_bad ? cli_bad(stdout) : cli_dim(stdout), is_bad ? "!" : "-", cli_plain(stdout));
    cli_wrapped(stdout, 4, finding->text);
  }
}

static void print_analysis(const LacAnalyzeResult *result) {
  const LacMediaInfo *info = &result->info;
  const LacLoudness *loudness = &result->analysis.loudness;
  printf("%s%s%s\n", cli_bold(stdout), cli_shown(result->path), cli_plain(stdout));
  char depth[24] = "";
  if (info->bits)
    snprintf(depth, sizeof depth, ", %u bit%s", info->bits, info->is_float ? " float" : "");
  printf("  %s/%s, %g kHz%s, %s, %s\n", info->container, info->codec, info->rate_hz / 1000.0, depth,
         info->n_channels == 1 ? "mono" : "stereo", cli_duration((double)result->analysis.n_frames / info->rate_hz));
  row("Integrated loudness", cli_unit(loudness->integrated_lufs, 1, "LUFS"), "the whole song, gated");
  row("Loudest 3 seconds", cli_unit(loudness->short_term_max_lufs, 1, "LUFS"), "largest short-term loudness");
  row("Loudness range", cli_unit(loudness->range_lu, 1, "LU"), "quiet parts to loud parts");
  row("True peak", cli_unit(loudness->true_peak_dbtp, 2, "dBTP"), "between the samples too");
  row("Sample peak", cli_unit(loudness->sample_peak_dbfs, 2, "dBFS"), "");
  row("Peak to loudness", cli_unit(loudness->plr_lu, 1, "LU"), "small is dense, large is open");
  row("Tilt", cli_unit(result->analysis.spectrum.tilt_db_per_octave, 1, "dB/oct"), "100 Hz to 10 kHz");
  if (info->n_channels == 2) {
    row("Balance", cli_unit(result->analysis.stereo.balance_db, 1, "dB"), "left over right");
    row("Lost in mono", cli_unit(result->analysis.stereo.mono_loss_lu, 1, "LU"), "when folded to one speaker");
  }
  print_findings(&result->analysis);
}

static int analyze_one(const CliValues *values, const char *path, const LacJobControl *control, LacAnalyzeItem *item) {
  item->path = path;
  LacAnalyzeResult *result = calloc(1, sizeof *result);
  if (!result) {
    item->error.status = LAC_ERR_MEMORY;
    return cli_fail(&item->error);
  }
  cli_progress_setup(values, path);
  LacStatus status = lac_analyze(path, control, result, &item->error);
  cli_progress_done();
  if (status == LAC_OK && values->text[OPT_REPORT])
    status = lac_analyze_write_report(result, values->text[OPT_REPORT], values->text[OPT_FORCE] != NULL, &item->error);
  if (status != LAC_OK) {
    item->error.status = status;
    lac_analyze_result_free(result);
    free(result);
    return cli_fail(&item->error);
  }
  item->result = result;
  cli_warnings(&result->notes, path, false);
  if (!values->text[OPT_JSON])
    print_analysis(result);
  if (values->text[OPT_REPORT] && !values->text[OPT_JSON])
    printf("  Report: %s\n", values->text[OPT_REPORT]);
  return EXIT_DONE;
}

int cli_analyze(const CliCommand *command, const CliValues *values) {
  size_t n = values->n_operands;
  if (n == 0)
    return cli_usage(command, "Name at least one audio file.");
  if (n > 1 && values->text[OPT_REPORT])
    return cli_usage(command, "--report shows one file; %zu were given.", n);
  LacJobControl control;
  if (!cli_job_control(values, &control))
    return EXIT_USAGE;
  LacAnalyzeItem *items = calloc(n, sizeof *items);
  if (!items)
    return EXIT_FAILED;
  int code = EXIT_DONE;
  size_t n_failed = 0, n_done = 0;
  for (size_t i = 0; i < n && !cli_signal_exit(); i++, n_done++) {
    int one = analyze_one(values, values->operands[i], &control, &items[i]);
    n_failed += one != EXIT_DONE;
    code = one != EXIT_DONE ? one : code;
  }
  if (values->text[OPT_JSON]) {
    char *text = NULL;
    LacStatus status = lac_analyze_json(items, n_done, &text);
    int printed = cli_print_document(status, text);
    code = printed != EXIT_DONE ? printed : code;
  }
  for (size_t i = 0; i < n; i++) {
    LacAnalyzeResult *result = (LacAnalyzeResult *)items[i].result;
    if (result)
      lac_analyze_result_free(result);
    free(result);
  }
  free(items);
  if (cli_signal_exit())
    return cli_signal_exit();
  return n > 1 && n_failed ? EXIT_BATCH : code;
}
