/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/clipper_told.h"

#include <math.h>

#include "assistant/recipe_edit.h"
#include "core/number.h"

static const char *const told[] = {"drive_db", "ceiling_dbtp", "link_percent"};
enum { N_TOLD = sizeof told / sizeof told[0] };
static const double most_difference = 0.1;

/* False when there is no limiter behind a clipper. */
static bool find_both(const LacRecipe *recipe, size_t *clipper, size_t *limiter) {
  *clipper = lac_edit_find(recipe, "clipper", NULL);
  *limiter = lac_edit_find(recipe, "limiter", NULL);
  return *limiter != SIZE_MAX && *clipper < *limiter;
}

LacStatus lac_clipper_tell(LacRecipe *recipe, const char *reason, const char *evidence) {
  size_t clipper;
  size_t limiter;
  LacStatus status = LAC_OK;
  if (!find_both(recipe, &clipper, &limiter))
    return LAC_OK;
  for (size_t i = 0; i < N_TOLD && !status; i++) {
    const double value = lac_edit_value(recipe, limiter, told[i]);
    status = lac_edit_set(recipe, clipper, told[i], value, NULL, NULL); /* its decision anew, and last */
    if (!status)
      status = lac_edit_set(recipe, clipper, told[i], value, reason ? reason : "As the limiter that follows has it.",
                            reason ? evidence : "The clipper foresees that limiter's work.");
  }
  return status;
}

static LacStatus note_value(const LacRecipe *recipe, size_t clipper, size_t limiter, const char *param,
                            LacNotes *notes) {
  const LacParam *row = lac_edit_param(recipe, limiter, param);
  const double expected = lac_edit_value(recipe, clipper, param);
  const double actual = lac_edit_value(recipe, limiter, param);
  char theirs[LAC_NUMBER_SIZE];
  char ours[LAC_NUMBER_SIZE];
  if (!(fabs(expected - actual) > most_difference + 1e-9))
    return LAC_OK;
  return lac_notes_add(notes, "CLIPPER_MISMATCH",
                       "The clipper foresees a limiter with %s %s %s, but the one that follows has %s %s, so it clips "
                       "other peaks than would help. Give clipper.%s the limiter's value.",
                       param, lac_double_text(expected, theirs), row->unit, lac_double_text(actual, ours), row->unit,
                       param);
}

LacStatus lac_clipper_note(const LacRecipe *recipe, LacNotes *notes) {
  size_t clipper;
  size_t limiter;
  LacStatus status = LAC_OK;
  if (!find_both(recipe, &clipper, &limiter) || !lac_recipe_entry(recipe, clipper).enabled ||
      !lac_recipe_entry(recipe, limiter).enabled || !(lac_edit_value(recipe, clipper, "amount_db") > 0.0))
    return LAC_OK;
  for (size_t i = 0; i < N_TOLD && !status; i++)
    status = note_value(recipe, clipper, limiter, told[i], notes);
  return status;
}
