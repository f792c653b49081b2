/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiting_outlook.h"

#include <math.h>

#include "assistant/limiter_choice.h"
#include "assistant/recipe_edit.h"

/* Less loudness than this per dB and more drive only distorts (loudness_plan.c). */
static const double least_slope = 0.1;

/* Raised by the slope between the last two gains until the model is near the target, or gains nothing more. */
static double solve(LacLimiterModel *model, double gain_db, double ceiling_db, double target_lufs) {
  LacLimiterPrediction there = {0};
  double slope = 1.0;
  double last_db = gain_db;
  double last_lufs = NAN;
  for (int round = 0; round < 10; round++) {
    there = lac_limiter_model_predict(model, gain_db, ceiling_db);
    double missing = target_lufs - there.lufs;
    if (isfinite(last_lufs) && fabs(gain_db - last_db) > 1e-6)
      slope = (there.lufs - last_lufs) / (gain_db - last_db);
    if (!(fabs(missing) > 0.05) || !(slope > least_slope))
      break;
    last_db = gain_db;
    last_lufs = there.lufs;
    gain_db += missing / (slope < 1.0 ? slope : 1.0);
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
  const LacLimiterForm form = lac_limiter_form(recipe, limiter);
  LacLimiterModel *model = NULL;
  LacStatus status = lac_limiter_model_new(&analysis->control, lufs, &form, &model);
  if (!status)
    *p95_db = solve(model, target.integrated_lufs - lufs, ceiling_db, target.integrated_lufs);
  lac_limiter_model_free(model);
  return status;
}
