/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer master: one mix or many. */

#include "cli.h"
#include "summary.h"

#include <lacquer/master.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_quality(const CliValues *values, LacQuality *quality) {
  static const char *const names[] = {
      [LAC_QUALITY_STANDARD] = "standard", [LAC_QUALITY_FAST] = "fast", [LAC_QUALITY_BEST] = "best"};
  const char *text = values->text[OPT_QUALITY];
  for (int i = LAC_QUALITY_STANDARD; text && i <= LAC_QUALITY_BEST; i++)
    if (!strcmp(text, names[i])) {
      *quality = (LacQuality)i;
      return true;
    }
  if (text)
    cli_message("--quality %s is not one of fast, standard and best.", cli_shown(text));
  return !text;
}

static bool read_options(const CliValues *values, LacMasterOptions *options) {
  bool failed = false;
  lac_master_options_init(options);
  options->output = values->text[OPT_OUTPUT];
  options->platform = values->text[OPT_FOR];
  options->recipe_path = values->text[OPT_RECIPE];
  options->presets = values->presets;
  options->n_presets = values->n_presets;
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
  cli_number(values, OPT_RANGE, 1, 30, &options->range_lu, &failed);
  return !failed && read_quality(values, &options->quality) &&
         cli_format_options(values, &options->bits, &options->rate_hz);
}

/* Length of a path without its ending, and where its last part starts: what the master's name is made from. */
static size_t stem_length(const char *path, size_t *name_start) {
  const char *slash = strrchr(path, '/');
  *name_start = slash ? (size_t)(slash - path) + 1 : 0;
  const char *dot = strrchr(path + *name_start, '.');
  return dot && dot != path + *name_start ? (size_t)(dot - path) : strlen(path);
}

/* Two mixes of one batch that would get the same master: refused before anything is done. */
static int check_names(const CliCommand *command, const CliValues *values) {
  for (size_t i = 0; i < values->n_operands; i++)
    for (size_t k = i + 1; k < values->n_operands; k++) {
      const char *a = values->operands[i], *b = values->operands[k];
      size_t start_a, start_b, end_a = stem_length(a, &start_a), end_b = stem_length(b, &start_b);
      if (!values->text[OPT_OUTPUT])
        start_a = start_b = 0; /* beside the mixes: the folders count */
      if (end_a - start_a == end_b - start_b && !memcmp(a + start_a, b + start_b, end_a - start_a))
        return cli_usage(command,
                         "%s and %s would both become %.*s.master. Master them in two calls, into two folders.",
                         cli_shown(a), cli_shown(b), (int)(end_a - start_a), cli_shown(a + start_a));
    }
  return EXIT_DONE;
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
  return check_names(command, values);
}

/* Several mixes, or an -o that ends in a slash, go into a folder, which is made when it is not there. False with the
 * exit code in *code when that fails. */
static bool make_folder(const CliCommand *command, const CliValues *values, char *folder, size_t size, int *code) {
  const char *output = values->text[OPT_OUTPUT];
  size_t length = output ? strlen(output) : 0;
  bool has_slash = length > 0 && output[length - 1] == '/';
  if (length == 0 || (values->n_operands == 1 && !has_slash))
    return true;
  if (length + 2 > size) {
    *code = cli_usage(command, "The name after -o is too long.");
    return false;
  }
  snprintf(folder, size, "%s%s", output, has_slash ? "" : "/");
  if (!values->text[OPT_DRY_RUN] && mkdir(folder, 0777) != 0 && errno != EEXIST) {
    cli_message("The folder %s cannot be made: %s. Make it first, or choose another. [OUTPUT_UNWRITABLE]",
                cli_shown(folder), strerror(errno));
    *code = EXIT_OUTPUT;
    return false;
  }
  return true;
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
      fprintf(stderr, "  %s [%s]\n", cli_shown(items[i].path), items[i].error.code);
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
  char folder[4096] = "";
  if (!make_folder(command, values, folder, sizeof folder, &code))
    return code;
  if (*folder)
    options.output = folder;
  if (!options.output && isatty(STDOUT_FILENO) && n == 1 && !strcmp(values->operands[0], "-"))
    return cli_usage(command,
                     "The master of standard input would go to this terminal. Say where to write: -o OUT.wav.");
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
