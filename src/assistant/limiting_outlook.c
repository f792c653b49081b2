/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiting_outlook.h"

#include <math.h>

#include "assistant/limiter_model.h"
#include "assistant/recipe_edit.h"

/* Raised from below until the model reaches the target or gains nothing more. The model's loudness grows by at most
 * what is added, so no step goes past the target. */
static double solve(LacLimiterModel *model, double gain_db, double ceiling_db, double target_lufs) {
  LacLimiterPrediction there = {0};
  for (int round = 0; round < 16; round++) {
    there = lac_limiter_model_predict(model, gain_db, ceiling_db);
    double missing = target_lufs - there.lufs;
    if (!(missing > 0.02))
      break;
    gain_db += missing;
  }
  return there.p95_db;
}

LacStatus lac_limiting_outlook(const LacAnalysis *analysis, const LacRecipe *recipe, double *p95_db) {
  LacRecipeTarget target = lac_recipe_target(recipe);
  double lufs = analysis->loudness.integrated_lufs;
  double ceiling_db = isnan(target.true_peak_dbtp) ? 0.0 : target.true_peak_dbtp;
  size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  *p95_db = 0.0;
  if (limiter == SIZE_MAX || !lac_recipe_entry(recipe, limiter).enabled ||
      lac_edit_is_kept(recipe, limiter, "drive_db") || !isfinite(target.integrated_lufs) || !isfinite(lufs) ||
      !(analysis->measured & LAC_MEASURE_LIMITING) || analysis->control.count == 0)
    return LAC_OK;
  LacLimiterTimes times = {.lookahead_ms = lac_edit_value(recipe, limiter, "lookahead_ms"),
                           .release_ms = lac_edit_value(recipe, limiter, "release_ms")};
  LacLimiterModel *model = NULL;
  LacStatus status = lac_limiter_model_new(&analysis->control, lufs, times, &model);
  if (!status)
    *p95_db = solve(model, target.integrated_lufs - lufs, ceiling_db, target.integrated_lufs);
  lac_limiter_model_free(model);
  return status;
}
