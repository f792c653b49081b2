/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer render: a recipe over a file. */

#include "cli.h"
#include "summary.h"

#include <lacquer/master.h>

#include <string.h>

int cli_render(const CliCommand *command, const CliValues *values) {
  if (values->n_operands != 2)
    return cli_usage(command, "Name a recipe and an audio file.");
  if (!values->text[OPT_OUTPUT])
    return cli_usage(command, "Say where to write: -o OUT.");
  LacRenderOptions options = {.recipe_path = values->operands[0],
                              .input = values->operands[1],
                              .output = values->text[OPT_OUTPUT],
                              .may_replace = values->text[OPT_FORCE] != NULL,
                              .redetect = values->text[OPT_REDETECT] != NULL};
  bool to_stdout = !strcmp(options.output, "-");
  if (to_stdout && values->text[OPT_JSON])
    return cli_usage(command, "Standard output cannot hold both the audio (-o -) and --json.");
  LacJobControl control;
  if (!cli_format_options(values, &options.bits, &options.rate_hz) || !cli_job_control(values, &control))
    return EXIT_USAGE;
  LacMasterResult result = {0};
  LacMasterItem item = {.path = options.input};
  cli_progress_setup(values, options.input);
  LacStatus status = lac_render_recipe(&options, &control, &result, &item.error);
  cli_progress_done();
  item.error.status = status;
  int code = EXIT_DONE;
  if (status == LAC_OK || status == LAC_ERR_TARGET) {
    item.result = &result;
    cli_warnings(&result.warnings, options.input, false);
    if (!values->text[OPT_QUIET] && !values->text[OPT_JSON])
      cli_print_summary(to_stdout ? stderr : stdout, &result, NULL, false);
  }
  if (status != LAC_OK)
    code = cli_fail(&item.error);
  if (values->text[OPT_JSON]) {
    char *text = NULL;
    LacStatus made = lac_master_json(&item, 1, &text);
    int printed = cli_print_document(made, text);
    code = printed != EXIT_DONE ? printed : code;
  }
  lac_master_result_free(&result);
  return code;
}
