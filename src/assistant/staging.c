/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/staging.h"

#include <math.h>

#include "assistant/recipe_edit.h"
#include "chain/assistant_entries.h"
#include "core/memory.h"
#include "core/number.h"

static const char staging_id[] = LAC_ENTRY_STAGING;
static const double MOST_DB = 30.0;

LacStatus lac_assistant_stage(LacRecipe *recipe, const LacAnalysis *analysis) {
  const size_t entry = lac_edit_find(recipe, "gain", staging_id);
  const double lufs = analysis->loudness.integrated_lufs;
  if (entry == SIZE_MAX)
    return LAC_OK;
  const double wanted_db = isfinite(lufs) ? LAC_STAGING_LUFS - lufs : 0.0;
  const double db = wanted_db > MOST_DB ? MOST_DB : wanted_db < -MOST_DB ? -MOST_DB : wanted_db;
  char measured[LAC_NUMBER_SIZE];
  char *evidence = isfinite(lufs)
                       ? lac_format("The mix has %s LUFS.", lac_double_text(round(10.0 * lufs) / 10.0, measured))
                       : lac_strdup("The mix has no loudness that could be measured.");
  const LacStatus status =
      evidence ? lac_edit_set(recipe, entry, "db", db,
                              "Brings the song to -18 LUFS, the level that the preset's thresholds and drives are made "
                              "for; the loudness of the master is decided at the end.",
                              evidence)
               : LAC_ERR_MEMORY;
  lac_free(evidence);
  return status;
}
