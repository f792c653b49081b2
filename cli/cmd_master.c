/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer master: one mix or many. */

#include "cli.h"
#include "summary.h"

#include <lacquer/master.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool read_options(const CliValues *values, LacMasterOptions *options) {
  bool failed = false;
  lac_master_options_init(options);
  options->output = values->text[OPT_OUTPUT];
  options->platform = values->text[OPT_FOR];
  options->recipe_path = values->text[OPT_RECIPE];
  options->settings = values->settings;
  options->n_settings = values->n_settings;
  options->may_replace = values->text[OPT_FORCE] != NULL;
  options->is_dry_run = values->text[OPT_DRY_RUN] != NULL;
  options->redetect = values->text[OPT_REDETECT] != NULL;
  options->save_recipe = values->text[OPT_SAVE_RECIPE];
  options->report = values->text[OPT_REPORT];
  cli_number(values, OPT_STRENGTH, 0, 100, &options->strength_percent, &failed);
  cli_number(values, OPT_LOUDNESS, -70, 0, &options->loudness_lufs, &failed);
  cli_number(values, OPT_CEILING, -20, 0, &options->ceiling_dbtp, &failed);
  cli_number(values, OPT_MAX_LIMITING, 0, 40, &options->max_limiting_db, &failed);
  return !failed && cli_format_options(values, &options->bits, &options->rate_hz);
}

static int check_batch(const CliCommand *command, const CliValues *values) {
  if (values->n_operands == 0)
    return cli_usage(command, "Name at least one mix.");
  if (values->n_operands == 1)
    return EXIT_DONE;
  const CliOptionId single[] = {OPT_REPORT, OPT_SAVE_RECIPE};
  for (size_t i = 0; i < 2; i++)
    if (values->text[single[i]])
      return cli_usage(command, "--%s names one file, but %zu mixes were given.", cli_option(single[i])->name,
                       values->n_operands);
  if (values->text[OPT_OUTPUT] && !strcmp(values->text[OPT_OUTPUT], "-"))
    return cli_usage(command, "Standard output holds one master, but %zu mixes were given.", values->n_operands);
  return EXIT_DONE;
}

/* Returns the exit code; *item owns the result. */
static int master_one(const CliValues *values, LacMasterOptions *options, const LacJobControl *control,
                      LacMasterItem *item) {
  LacMasterResult *result = calloc(1, sizeof *result);
  item->path = options->input;
  if (!result) {
    item->error.status = LAC_ERR_MEMORY;
    return cli_fail(&item->error);
  }
  cli_progress_setup(values, options->input);
  LacStatus status = lac_master(options, control, result, &item->error);
  cli_progress_done();
  if (status != LAC_OK && status != LAC_ERR_TARGET) {
    item->error.status = status;
    lac_master_result_free(result);
    free(result);
    return cli_fail(&item->error);
  }
  item->result = result;
  bool to_stdout = options->output && !strcmp(options->output, "-");
  cli_warnings(&result->warnings, options->input, false);
  if (!values->text[OPT_QUIET] && !values->text[OPT_JSON])
    cli_print_summary(to_stdout ? stderr : stdout, result, options->report, values->text[OPT_VERBOSE] != NULL);
  if (status == LAC_ERR_TARGET) {
    item->error.status = status;
    return cli_fail(&item->error);
  }
  return EXIT_DONE;
}

static void print_batch(size_t n, size_t n_failed, size_t n_missed, const LacMasterItem *items) {
  fprintf(stderr, "%zu of %zu mastered", n - n_failed, n);
  if (n_missed)
    fprintf(stderr, ", %zu of them missed a target", n_missed);
  fprintf(stderr, "%s\n", n_failed ? "; failed:" : "");
  for (size_t i = 0; i < n; i++)
    if (!items[i].result && items[i].path)
      fprintf(stderr, "  %s [%s]\n", items[i].path, items[i].error.code);
}

int cli_master(const CliCommand *command, const CliValues *values) {
  LacMasterOptions options;
  LacJobControl control;
  int code = check_batch(command, values);
  if (code != EXIT_DONE)
    return code;
  if (!read_options(values, &options) || !cli_job_control(values, &control))
    return EXIT_USAGE;
  if (values->text[OPT_JSON] && options.output && !strcmp(options.output, "-"))
    return cli_usage(command, "Standard output cannot hold both the master (-o -) and --json.");
  size_t n = values->n_operands, n_failed = 0, n_missed = 0, n_done = 0;
  char folder[4096];
  if (n > 1 && options.output) { /* several inputs: -o is a folder even when nothing is there yet */
    size_t length = strlen(options.output);
    snprintf(folder, sizeof folder, "%s%s", options.output, length && options.output[length - 1] == '/' ? "" : "/");
    options.output = folder;
  }
  LacMasterItem *items = calloc(n, sizeof *items);
  if (!items)
    return EXIT_FAILED;
  for (size_t i = 0; i < n && !cli_signal_exit(); i++, n_done++) {
    options.input = values->operands[i];
    code = master_one(values, &options, &control, &items[i]);
    n_failed += items[i].result == NULL;
    n_missed += code == EXIT_TARGET;
  }
  if (n > 1)
    code = n_failed ? EXIT_BATCH : n_missed ? EXIT_TARGET : EXIT_DONE;
  if (values->text[OPT_JSON]) {
    char *text = NULL;
    LacStatus status = lac_master_json(items, n_done, &text);
    int printed = cli_print_document(status, text);
    code = printed != EXIT_DONE ? printed : code;
  }
  if (n > 1)
    print_batch(n, n_failed, n_missed, items);
  for (size_t i = 0; i < n; i++) {
    LacMasterResult *result = (LacMasterResult *)items[i].result;
    if (result)
      lac_master_result_free(result);
    free(result);
  }
  free(items);
  return cli_signal_exit() ? cli_signal_exit() : code;
}
