/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* dynamics_match SOURCE TARGET [BANDS [lift]]: the recipe that gives SOURCE the levels of TARGET, on standard output,
 * and the distances before and predicted of each band on standard error; for bench/dynamics_trials.py. */

#include <lacquer/assistant.h>
#include <lacquer/media.h>
#include <lacquer/render.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static LacStatus analyse(const char *path, LacAnalysis *analysis) {
  LacSource *source = NULL;
  LacNotes notes = {0};
  LacStatus status = lac_source_open(path, NULL, &source, &notes, NULL);
  if (!status)
    status = lac_measure_source(source, LAC_MEASURE_SPECTRUM, "analyse", NULL, analysis, &notes, NULL);
  lac_source_close(source);
  lac_notes_free(&notes);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return fprintf(stderr, "usage: dynamics_match SOURCE TARGET [BANDS [lift]]\n"), 2;
  const LacDynamicsMatchOptions options = {.n_bands = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1,
                                           .may_lift = argc > 4 && strcmp(argv[4], "lift") == 0,
                                           .amount_percent = 100};
  LacAnalysis source, target;
  LacDynamicsMatchResult result;
  LacRecipe *recipe = NULL;
  char *text = NULL;
  LacStatus status = analyse(argv[1], &source);
  if (!status)
    status = analyse(argv[2], &target);
  if (!status)
    status = lac_recipe_new(&recipe);
  if (!status)
    status = lac_assistant_match_dynamics(&source, &target, &options, recipe, &result);
  if (!status)
    status = lac_recipe_write(recipe, &text);
  if (status)
    return fprintf(stderr, "dynamics_match: %s\n", lac_strerror(status)), 1;
  fputs(text, stdout);
  for (unsigned b = 0; b < result.n_bands; b++)
    fprintf(stderr, "%.3f\t%.3f\n", result.bands[b].before_db, result.bands[b].after_db);
  lac_text_free(text);
  lac_recipe_free(recipe);
  lac_analysis_free(&source);
  lac_analysis_free(&target);
  return 0;
}
