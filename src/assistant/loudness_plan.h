/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much a song is raised or turned down to meet the recipe's target, by prediction, and where in the recipe that
 * is written. loudness_solve.c renders and corrects. */

#ifndef LAC_ASSISTANT_LOUDNESS_PLAN_H
#define LAC_ASSISTANT_LOUDNESS_PLAN_H

#include <lacquer/assistant.h>

#include "assistant/limiter_model.h"

typedef enum LacBound {
  LAC_BOUND_NONE,
  LAC_BOUND_LIMITING,  /* more would need more limiting than allowed */
  LAC_BOUND_SATURATED, /* more drive gives no more loudness */
  LAC_BOUND_NO_LIMITER /* the recipe's limiter is switched off and the peaks are at the ceiling */
} LacBound;

typedef struct LacLoudnessPlan {
  LacRecipe *recipe;
  LacLimiterModel *model; /* of what reaches the limiter; NULL when loudness is not solved */
  LacAnalysis observed;   /* owned, when the song was observed for this */
  LacKeptSignal **kept;   /* where what reaches the limiter is left for renders; NULL: nowhere */
  double observed_lufs;   /* of what reaches the limiter */
  double source_lufs;     /* the same, and what renders showed that is added behind it */
  double source_peak_db;
  double target_lufs;
  double ceiling_db; /* as written into the limiter */
  double max_limiting_db;
  double gain_db;        /* total, as written */
  double deficit_lu;     /* what limiting takes over what the model says, learned from renders: at deficit_gain_db */
  double deficit_per_db; /* and how it changes with the gain */
  double deficit_gain_db;
  unsigned n_learned;
  double p95_bias_db; /* the rendered 95th percentile over the modelled one; 0 before */
  LacLimiterPrediction predicted;
  LacBound bound;
  bool is_solvable; /* false: there is nothing to solve, one render is right */
} LacLoudnessPlan;

/* Observes the song up to the limiter (or takes input_analysis's control track when nothing stands before it), solves
 * by prediction and writes level, drive and ceiling with their reasons into the recipe. Always leaves *plan so that
 * lac_loudness_plan_free may be called. `kept` as in lac_render. Notes: LEVEL_ONLY when nothing can be measured. */
LAC_NODISCARD LacStatus lac_loudness_plan_make(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                                               const LacAssistantOptions *options, const LacJobControl *control,
                                               LacKeptSignal **kept, LacLoudnessPlan *plan, LacNotes *notes,
                                               LacError *error);
void lac_loudness_plan_free(LacLoudnessPlan *plan);

/* Writes a total gain as level and drive; gain_db becomes what the parameters' steps allow. */
LacStatus lac_loudness_plan_write(LacLoudnessPlan *plan, double gain_db);
/* What a render at plan->gain_db really gave corrects the model, and the corrected model is solved again: *gain_db is
 * what to render next, `bound` why it is not more. */
void lac_loudness_plan_learn(LacLoudnessPlan *plan, double actual_lufs, double actual_p95_db, double *gain_db);
/* False when the ceiling is somebody else's. */
bool lac_loudness_plan_lower_ceiling(LacLoudnessPlan *plan, double by_db);

#endif
