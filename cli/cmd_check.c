/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer check: files against the rules of platforms. */

#include "cli.h"

#include <lacquer/master.h>
#include <lacquer/targets.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLATFORMS = 32 };

typedef struct Checks {
  LacCheckItem *items;
  size_t count;
} Checks;

static void print_check(const char *path, const LacCheckResult *result) {
  printf("%s%s%s for %s: %s%s%s\n", cli_bold(stdout), cli_shown(path), cli_plain(stdout), result->platform_title,
         result->passed ? cli_good(stdout) : cli_bad(stdout), result->passed ? "passed" : "not passed",
         cli_plain(stdout));
  for (size_t i = 0; i < result->n_rules; i++) {
    const LacRuleResult *rule = &result->rules[i];
    printf("  %s%s%s ", rule->passed ? cli_good(stdout) : cli_bad(stdout), rule->passed ? "ok " : "NO ",
           cli_plain(stdout));
    cli_wrapped(stdout, 6, rule->text);
  }
}

static int choose_platforms(const CliCommand *command, const LacPlatforms *all, const char *list,
                            const LacPlatform *chosen[MOST_PLATFORMS], size_t *n_chosen) {
  for (const char *word = list; *word;) {
    char id[64];
    size_t length = strcspn(word, ",");
    snprintf(id, sizeof id, "%.*s", (int)length, word);
    word += length + (word[length] == ',');
    const LacPlatform *platform = lac_platforms_find(all, id);
    if (!platform) {
      const char *names[128];
      size_t n = 0;
      for (size_t i = 0; i < lac_platforms_count(all) && n < 128; i++)
        names[n++] = lac_platforms_at(all, i)->id;
      const char *near = cli_nearest(id, names, n);
      if (near)
        return cli_usage(command, "There is no platform \"%s\". Did you mean \"%s\"?", id, near);
      return cli_usage(command, "There is no platform \"%s\". See: lacquer list platforms.", id);
    }
    if (*n_chosen == MOST_PLATFORMS)
      return cli_usage(command, "At most %d platforms in one call.", MOST_PLATFORMS);
    chosen[(*n_chosen)++] = platform;
  }
  return *n_chosen ? EXIT_DONE : cli_usage(command, "--for names no platform.");
}

static int check_file(const char *path, const LacPlatform *const *platforms, size_t n_platforms,
                      const LacJobControl *control, bool is_json, Checks *checks) {
  LacAnalyzeResult file = {0};
  LacError error = {0};
  LacStatus status = lac_analyze(path, control, &file, &error);
  cli_progress_done();
  if (status != LAC_OK) {
    error.status = status;
    checks->items[checks->count].path = path;
    checks->items[checks->count++].error = error;
    return cli_fail(&error);
  }
  cli_warnings(&file.notes, path, false);
  int code = EXIT_DONE;
  for (size_t i = 0; i < n_platforms && status == LAC_OK; i++) {
    LacCheckResult *result = calloc(1, sizeof *result);
    status = result ? lac_check(&file, platforms[i], result) : LAC_ERR_MEMORY;
    if (status != LAC_OK) {
      free(result);
      error.status = status;
      code = cli_fail(&error);
      break;
    }
    checks->items[checks->count].path = path;
    checks->items[checks->count++].result = result;
    if (!is_json)
      print_check(path, result);
    if (!result->passed)
      code = EXIT_TARGET;
  }
  lac_analyze_result_free(&file);
  return code;
}

int cli_check(const CliCommand *command, const CliValues *values) {
  if (values->n_operands == 0)
    return cli_usage(command, "Name at least one audio file.");
  if (!values->text[OPT_FOR])
    return cli_usage(command, "Say what to check for: --for mix, or --for PLATFORM (lacquer list platforms).");
  LacJobControl control;
  LacPlatforms *all = NULL;
  LacError error = {0};
  if (!cli_job_control(values, &control))
    return EXIT_USAGE;
  if (lac_platforms_load(&all, &error) != LAC_OK)
    return cli_fail(&error);
  const LacPlatform *platforms[MOST_PLATFORMS];
  size_t n_platforms = 0, n_failed = 0;
  int code = choose_platforms(command, all, values->text[OPT_FOR], platforms, &n_platforms);
  Checks checks = {.items = calloc(values->n_operands * MOST_PLATFORMS, sizeof *checks.items)};
  bool is_json = values->text[OPT_JSON] != NULL;
  if (code == EXIT_DONE && checks.items) {
    for (size_t i = 0; i < values->n_operands && !cli_signal_exit(); i++) {
      cli_progress_setup(values, values->operands[i]);
      int one = check_file(values->operands[i], platforms, n_platforms, &control, is_json, &checks);
      n_failed += one != EXIT_DONE && one != EXIT_TARGET;
      code = one != EXIT_DONE && code <= EXIT_TARGET ? one : code;
    }
    if (is_json) {
      char *text = NULL;
      LacStatus status = lac_check_json(checks.items, checks.count, &text);
      int printed = cli_print_document(status, text);
      code = printed != EXIT_DONE ? printed : code;
    }
    if (values->n_operands > 1 && n_failed)
      code = EXIT_BATCH;
  }
  for (size_t i = 0; i < checks.count; i++) {
    LacCheckResult *result = (LacCheckResult *)checks.items[i].result;
    if (result)
      lac_check_result_free(result);
    free(result);
  }
  free(checks.items);
  lac_platforms_free(all);
  return cli_signal_exit() ? cli_signal_exit() : code;
}
