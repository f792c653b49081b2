/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/loudness_plan.h"

#include <math.h>
#include <string.h>

#include "assistant/clipper_told.h"
#include "assistant/limiter_choice.h"
#include "assistant/loudness_words.h"
#include "assistant/recipe_edit.h"
#include "chain/assistant_entries.h"
#include "core/memory.h"
#include "core/number.h"
#include "dsp/elementary.h"
#include "render/job_progress.h"

static const char level_id[] = LAC_ENTRY_LEVEL;

/* The limiter obeys its detector, the judge looks wider: the ceiling is lowered by what lies between them. */
static const double detector_guard_db = 0.02;
/* Predictions closer than this need no further search. */
static const double search_tolerance_lu = 0.004;
/* Beyond this much over the level that would do without limiting, nothing is gained. */
static const double widest_search_db = 36.0;
/* Less than this per dB and more drive only distorts: a tenth of what plain gain gives. */
static const double least_slope = 0.1;
/* Louder by this than the gain alone would make it: then something behind the limiter raises the level. */
static const double raised_lu = 0.05;
/* Material that cannot be measured is raised by no more than this. */
static const double most_level_only_db = 24.0;

static LacLimiterPrediction predict(const LacLoudnessPlan *plan, double gain_db);

/* --- Where in the recipe ---------------------------------------------------------------------------------- */

static size_t limiter_entry(const LacRecipe *recipe) {
  return lac_edit_find(recipe, "limiter", NULL);
}

/* The level stands before whatever first answers to peaks. */
static size_t level_position(const LacRecipe *recipe) {
  size_t clipper = lac_edit_find(recipe, "clipper", NULL);
  size_t limiter = limiter_entry(recipe);
  return clipper < limiter ? clipper : limiter;
}

static LacStatus clear_own_level(LacRecipe *recipe) {
  size_t level = lac_edit_find(recipe, "gain", level_id);
  LacStatus status = lac_edit_set(recipe, limiter_entry(recipe), "drive_db", 0.0, NULL, NULL);
  if (!status && level != SIZE_MAX)
    status = lac_edit_set(recipe, level, "db", 0.0, NULL, NULL);
  return status;
}

/* --- Level and drive ---------------------------------------------------------------------------------------- */

/* The drive, and behind it what the limiter and its clipper are: one thought with it while nothing reaches them. */
static LacStatus write_limiting(LacLoudnessPlan *plan, double drive_db, const char *reason, const char *evidence) {
  const bool is_idle = drive_db == 0.0 && !lac_loudness_stands_over(plan);
  const size_t limiter = limiter_entry(plan->recipe);
  LacStatus status = lac_edit_set(plan->recipe, limiter, "drive_db", drive_db, NULL, NULL); /* anew, and last */
  if (!status)
    status = lac_edit_set(plan->recipe, limiter, "drive_db", drive_db, reason, evidence);
  if (!status)
    status = lac_limiter_explain(plan->recipe, is_idle ? reason : NULL, evidence);
  return status ? status : lac_clipper_tell(plan->recipe, is_idle ? reason : NULL, evidence);
}

static LacStatus write_drive(LacLoudnessPlan *plan, double drive_db, const char *evidence) {
  char *reason = lac_loudness_drive_reason(plan, drive_db);
  char *idle = drive_db == 0.0 ? lac_loudness_idle_evidence(plan) : NULL;
  LacStatus status = LAC_ERR_MEMORY;
  if (reason && (idle || drive_db != 0.0))
    status = write_limiting(plan, drive_db, reason, idle ? idle : evidence);
  lac_free(idle);
  lac_free(reason);
  return status;
}

static LacStatus write_level(LacLoudnessPlan *plan, double level_db, const char *evidence) {
  size_t entry = lac_edit_find(plan->recipe, "gain", level_id);
  char amount[LAC_NUMBER_SIZE];
  if (entry == SIZE_MAX && level_db == 0.0)
    return LAC_OK;
  LacStatus status = lac_edit_entry(plan->recipe, "gain", level_id, level_position(plan->recipe), &entry);
  char *reason = status ? NULL
                 : level_db == 0.0
                     ? lac_strdup("Left at 0 dB: the limiter's drive sets the level.")
                     : lac_format(level_db < 0.0 ? "Turned down by %s dB: the mix is louder than the target."
                                                 : "Raised by %s dB; this needs no limiting.",
                                  lac_fixed_text(fabs(level_db), 2, amount));
  if (!status && !reason)
    status = LAC_ERR_MEMORY;
  if (!status)
    status = lac_edit_set(plan->recipe, entry, "db", level_db, reason, evidence);
  lac_free(reason);
  return status;
}

/* --- Writing ---------------------------------------------------------------------------------------------- */

/* Plain gain as long as no limiting is wanted; the limiter's drive when it is. */
static void split_gain(const LacLoudnessPlan *plan, double gain_db, double *level_db, double *drive_db) {
  size_t limiter = limiter_entry(plan->recipe);
  const LacParam *drive = lac_edit_param(plan->recipe, limiter, "drive_db");
  size_t level = lac_edit_find(plan->recipe, "gain", level_id);
  bool is_limiting = plan->source_peak_db + gain_db > plan->ceiling_db;
  *drive_db = 0.0;
  if (gain_db > 0.0 && is_limiting && lac_recipe_entry(plan->recipe, limiter).enabled)
    *drive_db = gain_db < drive->maximum ? lac_round_to_step(gain_db, drive->step) : drive->maximum;
  *level_db = lac_round_to_step(gain_db - *drive_db, 0.01);
  if (level != SIZE_MAX && lac_edit_is_kept(plan->recipe, level, "db")) { /* a person's: all is the drive's */
    *level_db = 0.0;
    *drive_db = lac_round_to_step(gain_db, drive->step);
  }
}

LacStatus lac_loudness_plan_write(LacLoudnessPlan *plan, double gain_db) {
  double level_db;
  double drive_db;
  split_gain(plan, gain_db, &level_db, &drive_db);
  plan->gain_db = level_db + drive_db;
  if (plan->model)
    plan->predicted = predict(plan, plan->gain_db);
  char *evidence = lac_loudness_evidence(plan);
  LacStatus status = evidence ? write_level(plan, level_db, evidence) : LAC_ERR_MEMORY;
  if (!status)
    status = write_drive(plan, drive_db, evidence);
  lac_free(evidence);
  return status;
}

/* The largest multiple of the step at or below the value. */
static double step_down(double value, double step) {
  return step > 0.0 ? lac_round_to_step(step * floor(value / step + 1e-9), step) : value;
}

static LacStatus write_ceiling(LacLoudnessPlan *plan, double target_dbtp, double guard_gain) {
  size_t limiter = limiter_entry(plan->recipe);
  const LacParam *row = lac_edit_param(plan->recipe, limiter, "ceiling_dbtp");
  double dithered_db = lac_db_from_gain(lac_gain_from_db(target_dbtp) - guard_gain);
  double ceiling_db = step_down(dithered_db - detector_guard_db, row ? row->step : 0.01);
  char asked[LAC_NUMBER_SIZE];
  char below[LAC_NUMBER_SIZE];
  char *reason =
      lac_format("Keeps every peak under %s dBTP, also between the samples.", lac_fixed_text(target_dbtp, 1, asked));
  char *evidence = lac_format("%s dB below the asked ceiling, for dither and for what the detector may miss.",
                              lac_fixed_text(target_dbtp - ceiling_db, 2, below));
  LacStatus status = LAC_ERR_MEMORY;
  if (reason && evidence)
    status = lac_edit_set(plan->recipe, limiter, "ceiling_dbtp", ceiling_db, reason, evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

bool lac_loudness_plan_lower_ceiling(LacLoudnessPlan *plan, double by_db) {
  size_t limiter = limiter_entry(plan->recipe);
  if (lac_edit_is_kept(plan->recipe, limiter, "ceiling_dbtp"))
    return false;
  const LacParam *row = lac_edit_param(plan->recipe, limiter, "ceiling_dbtp");
  double ceiling_db = step_down(plan->ceiling_db - by_db, row->step);
  char over[LAC_NUMBER_SIZE];
  char *evidence = lac_format("A first render stood %s dB over it.", lac_fixed_text(by_db, 2, over));
  LacStatus status =
      !evidence ? LAC_ERR_MEMORY
                : lac_edit_set(plan->recipe, limiter, "ceiling_dbtp", ceiling_db,
                               "Lowered once more, so that the written file keeps the asked ceiling.", evidence);
  lac_free(evidence);
  if (status || lac_clipper_tell(plan->recipe, NULL, NULL))
    return false;
  plan->ceiling_db = ceiling_db;
  return true;
}

/* --- Solving on the model ---------------------------------------------------------------------------------- */

/* Prediction at a gain, with what renders have taught. Near a rendered gain the model's error changes little with the
 * gain: 0.35 LU at 1 dB of loss became 0.40 at 1.9 dB, 0.36 at 3 dB became 0.33 at 3.7 dB. */
static LacLimiterPrediction predict(const LacLoudnessPlan *plan, double gain_db) {
  LacLimiterPrediction prediction = lac_limiter_model_predict(plan->model, gain_db, plan->ceiling_db);
  double unlimited = plan->source_lufs + gain_db;
  if (prediction.limited_fraction > 0.0) {
    prediction.lufs -= plan->deficit_lu + plan->deficit_per_db * (gain_db - plan->deficit_gain_db);
    prediction.lufs = fmin(prediction.lufs, unlimited);
  }
  if (prediction.p95_db > 0.0)
    prediction.p95_db = fmax(prediction.p95_db + plan->p95_bias_db, 0.0);
  return prediction;
}

static double error_at(const LacLoudnessPlan *plan, double gain_db) {
  return predict(plan, gain_db).lufs - plan->target_lufs;
}

/* Regula falsi with Illinois weighting between a gain that is too little and one that is enough. */
static double find_root(const LacLoudnessPlan *plan, double low, double error_low, double high, double error_high,
                        const LacCancel *cancel) {
  int side = 0;
  double middle = low;
  for (int round = 0; round < 40 && !lac_cancelled(cancel) && high - low > 1e-3; round++) {
    middle = (low * error_high - high * error_low) / (error_high - error_low);
    double error = error_at(plan, middle);
    if (fabs(error) <= search_tolerance_lu)
      break;
    if (error < 0.0) {
      low = middle;
      error_low = error;
      error_high *= side < 0 ? 0.5 : 1.0;
      side = -1;
    } else {
      high = middle;
      error_high = error;
      error_low *= side > 0 ? 0.5 : 1.0;
      side = 1;
    }
  }
  return middle;
}

/* More gain than `low` (which is too little) until the target is reached or nothing more comes. */
static double solve_gain(LacLoudnessPlan *plan, double low, const LacCancel *cancel) {
  double error_low = error_at(plan, low);
  if (!(error_low < -search_tolerance_lu)) /* or NAN: the model has nothing above the gate */
    return low;
  double start = low;
  for (double step = -error_low; low - start < widest_search_db && !lac_cancelled(cancel); step *= 1.5) {
    double high = low + (step < 0.25 ? 0.25 : step > 4.0 ? 4.0 : step);
    double error_high = error_at(plan, high);
    if (error_high >= 0.0)
      return find_root(plan, low, error_low, high, error_high, cancel);
    if (error_high - error_low < least_slope * (high - low))
      break;
    low = high;
    error_low = error_high;
  }
  plan->bound = LAC_BOUND_SATURATED;
  return low;
}

/* The most gain, at most `most`, whose predicted limiting stays within the allowance. The percentile is not strictly
 * monotone (more gain also adds slight limiting), so the search goes down in growing steps and then halves the last. */
static double gain_within(const LacLoudnessPlan *plan, double most, double allowance_db, const LacCancel *cancel) {
  double high = most;
  double low = most;
  double floor_db = plan->ceiling_db - plan->source_peak_db; /* nothing is limited here */
  for (double step = 0.5; low > floor_db && !lac_cancelled(cancel); step *= 2.0) {
    if (predict(plan, low).p95_db <= allowance_db)
      break;
    high = low;
    low = low - step > floor_db ? low - step : floor_db;
  }
  while (high - low > 0.02 && !lac_cancelled(cancel)) {
    double middle = 0.5 * (low + high);
    if (predict(plan, middle).p95_db > allowance_db)
      high = middle;
    else
      low = middle;
  }
  return low;
}

/* The gain for the target, or the most that is allowed; says in `bound` which. */
static double best_gain(LacLoudnessPlan *plan, const LacCancel *cancel) {
  double plain_db = plan->target_lufs - plan->source_lufs;
  double room_db = plan->ceiling_db - plan->source_peak_db;
  plan->bound = LAC_BOUND_NONE;
  if (plain_db <= room_db)
    return plain_db;
  if (!lac_recipe_entry(plan->recipe, limiter_entry(plan->recipe)).enabled) {
    plan->bound = LAC_BOUND_NO_LIMITER;
    return room_db;
  }
  double gain_db = solve_gain(plan, plain_db, cancel);
  if (predict(plan, gain_db).p95_db > plan->max_limiting_db) {
    gain_db = gain_within(plan, gain_db, plan->max_limiting_db, cancel);
    plan->bound = LAC_BOUND_LIMITING;
  }
  return gain_db;
}

void lac_loudness_plan_learn(LacLoudnessPlan *plan, double actual_lufs, double actual_p95_db, double *gain_db) {
  LacLimiterPrediction modelled = lac_limiter_model_predict(plan->model, plan->gain_db, plan->ceiling_db);
  double deficit_lu = modelled.lufs - actual_lufs;
  double step_db = plan->gain_db - plan->deficit_gain_db;
  if (modelled.limited_fraction > 0.0) {
    plan->deficit_per_db =
        plan->n_learned > 0 && fabs(step_db) > 0.02 ? (deficit_lu - plan->deficit_lu) / step_db : 0.0;
    plan->deficit_lu = deficit_lu;
    plan->deficit_gain_db = plan->gain_db;
    plan->n_learned++;
    if (actual_lufs > plan->source_lufs + plan->gain_db + raised_lu)
      plan->source_lufs = plan->observed_lufs - deficit_lu;
  } else { /* not limiting: what is left is an error of the source's own measure */
    plan->source_lufs -= deficit_lu;
  }
  plan->p95_bias_db = actual_p95_db - modelled.p95_db;
  *gain_db = best_gain(plan, NULL);
}

/* --- Observing --------------------------------------------------------------------------------------------- */

/* *is_direct: what reaches the limiter is the input itself. */
static LacStatus nothing_stands_before(const LacMediaInfo *info, const LacRecipe *recipe, uint32_t out_rate_hz,
                                       bool *is_direct, LacError *error) {
  LacChainSetup setup = {.rate_hz = info->rate_hz, .n_channels = info->n_channels, .max_block_frames = 4096};
  LacChain *chain = NULL;
  size_t end = level_position(recipe);
  *is_direct = out_rate_hz == info->rate_hz;
  if (!*is_direct || end == 0)
    return LAC_OK;
  LacStatus status = lac_chain_new(recipe, 0, end, &setup, &chain, NULL, error);
  *is_direct = !status && lac_chain_length(chain) == 0;
  lac_chain_free(chain);
  return status;
}

static LacStatus observe(LacLoudnessPlan *plan, LacSource *source, const LacAnalysis *input_analysis,
                         uint32_t out_rate_hz, const LacJobControl *control, LacNotes *notes, LacError *error) {
  const LacAnalysis *seen = &plan->observed;
  bool is_direct = false;
  LacStatus status = nothing_stands_before(lac_source_info(source), plan->recipe, out_rate_hz, &is_direct, error);
  bool is_known =
      input_analysis && (input_analysis->measured & LAC_MEASURE_LIMITING) && input_analysis->control.count > 0;
  if (!status && is_direct && is_known)
    seen = input_analysis;
  else if (!status)
    status = lac_render_observe(source, plan->recipe, LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING, control, plan->kept,
                                &plan->observed, notes, error);
  if (status)
    return status;
  plan->source_lufs = plan->observed_lufs = seen->loudness.integrated_lufs;
  size_t limiter = limiter_entry(plan->recipe);
  const LacLimiterForm form = lac_limiter_form(plan->recipe, limiter);
  return lac_limiter_model_new(&seen->control, plan->source_lufs, &form, &plan->model);
}

/* --- Making ------------------------------------------------------------------------------------------------ */

/* Nothing above the gate, or too short: the peak is brought to the ceiling, within reason. */
static LacStatus make_level_only(LacLoudnessPlan *plan, LacNotes *notes) {
  double gain_db = isfinite(plan->source_peak_db) ? plan->ceiling_db - plan->source_peak_db : 0.0;
  char amount[LAC_NUMBER_SIZE];
  plan->is_solvable = false;
  gain_db = gain_db > most_level_only_db ? most_level_only_db : gain_db;
  LacStatus status = lac_loudness_plan_write(plan, gain_db);
  return status
             ? status
             : lac_notes_add(notes, "LEVEL_ONLY",
                             "The song is shorter than 0.4 s or never louder than -70 LUFS, so its loudness cannot be "
                             "measured. Only its level was set (%s dB). Check that this is the right file.",
                             lac_fixed_text(plan->gain_db, 1, amount));
}

static LacStatus make_solved(LacLoudnessPlan *plan, const LacCancel *cancel) {
  plan->is_solvable = true;
  double gain_db = best_gain(plan, cancel);
  return lac_cancelled(cancel) ? LAC_ERR_CANCELLED : lac_loudness_plan_write(plan, gain_db);
}

static LacStatus make_ceiling(LacLoudnessPlan *plan, const LacSinkFormat *format) {
  LacRecipeTarget target = lac_recipe_target(plan->recipe);
  size_t limiter;
  LacStatus status = lac_edit_entry(plan->recipe, "limiter", NULL, SIZE_MAX, &limiter);
  double guard = lac_render_word_guard(plan->recipe, format);
  if (!status && !isnan(target.true_peak_dbtp))
    status = write_ceiling(plan, target.true_peak_dbtp, guard);
  if (!status)
    plan->ceiling_db = lac_edit_value(plan->recipe, limiter_entry(plan->recipe), "ceiling_dbtp");
  return status;
}

static LacStatus plan_make(LacLoudnessPlan *plan, LacSource *source, const LacAnalysis *input_analysis,
                           const LacJobControl *control, LacNotes *notes, LacError *error) {
  const LacCancel *cancel = lac_job_cancel(control);
  LacSinkFormat format;
  LacStatus status = lac_render_format(lac_source_info(source), plan->recipe, LAC_CONTAINER_WAV, &format, error);
  if (!status)
    status = make_ceiling(plan, &format);
  if (status)
    return status;
  if (isnan(plan->target_lufs) || lac_edit_is_kept(plan->recipe, limiter_entry(plan->recipe), "drive_db")) {
    status = lac_limiter_explain(plan->recipe, NULL, NULL);
    return status ? status : lac_clipper_tell(plan->recipe, NULL, NULL);
  }
  status = clear_own_level(plan->recipe);
  if (!status)
    status = observe(plan, source, input_analysis, format.rate_hz, control, notes, error);
  if (status)
    return status;
  plan->source_peak_db = lac_limiter_model_peak_db(plan->model);
  return isfinite(plan->source_lufs) ? make_solved(plan, cancel) : make_level_only(plan, notes);
}

LacStatus lac_loudness_plan_make(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                                 const LacAssistantOptions *options, const LacJobControl *control, LacKeptSignal **kept,
                                 LacLoudnessPlan *plan, LacNotes *notes, LacError *error) {
  LacError fallback = {0};
  LacError *said = error ? error : &fallback;
  *plan = (LacLoudnessPlan){.recipe = recipe,
                            .kept = kept,
                            .observed_lufs = NAN,
                            .source_lufs = NAN,
                            .source_peak_db = NAN,
                            .target_lufs = lac_recipe_target(recipe).integrated_lufs,
                            .max_limiting_db = options->max_limiting_db,
                            .predicted = {.lufs = NAN}};
  said->text[0] = '\0';
  LacStatus status = plan_make(plan, source, input_analysis, control, notes, said);
  if (status == LAC_ERR_CANCELLED && !said->text[0])
    return lac_error_set(said, status, "CANCELLED",
                         "Stopped while the loudness was being solved. Nothing was written.");
  if (status && !said->text[0]) /* a lower call without words of its own */
    return lac_error_set(said, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INTERNAL",
                         "The loudness could not be solved: %s.", lac_strerror(status));
  return status;
}

void lac_loudness_plan_free(LacLoudnessPlan *plan) {
  lac_limiter_model_free(plan->model);
  lac_analysis_free(&plan->observed);
  plan->model = NULL;
}
