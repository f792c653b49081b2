/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The output's dither: its names, and setting it with a decision. */

#include "chain/recipe_model.h"
#include "chain/spelling.h"

#include "core/memory.h"
#include "core/text_buffer.h"

#include <string.h>

static const char *const dither_names[] = {
    [LAC_DITHER_TPDF] = "tpdf", [LAC_DITHER_NONE] = "none", [LAC_DITHER_SHAPED] = "shaped"};
enum { N_DITHERS = sizeof dither_names / sizeof dither_names[0] };

const char *lac_dither_name(LacDither dither) {
  return dither_names[dither];
}

bool lac_dither_find(const char *name, LacDither *dither) {
  for (size_t i = 0; i < N_DITHERS; ++i) {
    if (strcmp(dither_names[i], name) == 0) {
      *dither = (LacDither)i;
      return true;
    }
  }
  return false;
}

LacStatus lac_recipe_set_dither(LacRecipe *recipe, LacDither dither, LacSetBy set_by, const char *reason,
                                const char *evidence) {
  LacRecipeReason made;
  LacStatus status = lac_recipe_reason_make("", "output", "dither", json_string(lac_dither_name(dither)), set_by,
                                            reason, evidence, &made);
  if (status == LAC_OK) {
    status = lac_recipe_put_reason(recipe, &made);
  }
  if (status == LAC_OK) {
    recipe->output.dither = dither;
  }
  return status;
}

LacStatus lac_recipe_set_output_text(LacRecipe *recipe, const char *parameter, const char *value, const char *typed,
                                     LacSetBy set_by, LacError *error) {
  LacDither dither = LAC_DITHER_TPDF;
  LacSpelling spelling = {.typed = value};
  char hint[LAC_HINT_SIZE];
  if (strcmp(parameter, "dither") != 0) {
    return lac_error_set(error, LAC_ERR_USAGE, "SETTING_UNKNOWN",
                         "The output's \"%s\" cannot be set here, only its dither (output.dither=shaped). Rate and "
                         "bits have options of their own.",
                         parameter);
  }
  if (!lac_dither_find(value, &dither)) {
    for (size_t i = 0; i < N_DITHERS; ++i) {
      lac_spelling_offer(&spelling, dither_names[i]);
    }
    return lac_error_set(error, LAC_ERR_RANGE, "SETTING_RANGE",
                         "output.dither cannot be \"%.100s\": it must be tpdf, shaped or none.%s", value,
                         lac_spelling_hint(&spelling, hint));
  }
  char *reason = lac_format("Set by you: %.300s", typed);
  const LacStatus status =
      reason ? lac_recipe_set_dither(recipe, dither, set_by, reason, "The default is tpdf.") : LAC_ERR_MEMORY;
  lac_free(reason);
  return status == LAC_OK ? LAC_OK : lac_error_set(error, status, "MEMORY", "Not enough memory to set %.200s.", typed);
}
