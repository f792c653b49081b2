/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Analysis -> recipe: the tone moves as equalizer bands with their reasons, and the limiter that guards the level. */

#include <lacquer/assistant.h>

#include <math.h>
#include <stdio.h>

#include "assistant/recipe_edit.h"
#include "assistant/source_state.h"
#include "assistant/tone.h"
#include "core/memory.h"
#include "core/number.h"

/* The assistant's own equalizer; a person's stands beside it. */
static const char tone_id[] = "tone";
enum { EQUALIZER_BANDS = 12 };

static const char *hz_text(double hz, char buffer[LAC_NUMBER_SIZE]) {
  return lac_fixed_text(hz, 0, buffer);
}

/* "Around 125 Hz (the bass) the mix is 6.2 dB louder than most finished music; a gentle cut ..." */
static char *move_reason(const LacTonePlan *plan, const LacToneMove *move, const LacSourceState *state) {
  double band_hz = plan->view.bands_hz[move->band];
  double error_db = plan->view.error_db[move->band];
  char hz[LAC_NUMBER_SIZE];
  char distance[LAC_NUMBER_SIZE];
  return lac_format(
      "Around %s Hz (%s) the mix is %s dB %s than most finished music; a gentle %s brings it nearer to the "
      "normal range.%s",
      hz_text(band_hz, hz), lac_tone_region(band_hz), lac_fixed_text(fabs(error_db), 1, distance),
      error_db < 0.0 ? "louder" : "quieter", move->db < 0.0 ? "cut" : "boost",
      state->is_limited ? " Kept to half, because the mix looks finished." : "");
}

static char *move_evidence(const LacTonePlan *plan, const LacToneMove *move) {
  const LacToneView *view = &plan->view;
  char difference[LAC_NUMBER_SIZE];
  char hz[LAC_NUMBER_SIZE];
  char spread[LAC_NUMBER_SIZE];
  char share[LAC_NUMBER_SIZE];
  return lac_format("%s%s dB at %s Hz against a normal range of +-%s dB; takes %s %% off what lies outside it",
                    view->error_db[move->band] < 0.0 ? "+" : "-",
                    lac_fixed_text(fabs(view->error_db[move->band]), 1, difference),
                    hz_text(view->bands_hz[move->band], hz), lac_fixed_text(view->spread_db[move->band], 1, spread),
                    lac_fixed_text(100.0 * move->gained, 0, share));
}

static bool band_is_free(const LacRecipe *recipe, size_t entry, unsigned band) {
  static const char *const parts[] = {"type", "hz", "db", "q", "channel"};
  char name[32];
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    snprintf(name, sizeof name, "band%u_%s", band, parts[i]);
    if (lac_edit_is_kept(recipe, entry, name))
      return false;
  }
  return true;
}

static const char *type_name(LacBandType type) {
  return type == LAC_BAND_LOW_SHELF ? "low_shelf" : type == LAC_BAND_HIGH_SHELF ? "high_shelf" : "bell";
}

/* Why this shape, in the words of the type. */
static const char *type_reason(LacBandType type) {
  return type == LAC_BAND_LOW_SHELF    ? "A shelf, because everything below stands out."
         : type == LAC_BAND_HIGH_SHELF ? "A shelf, because everything above stands out."
                                       : "A bell, because one region stands out.";
}

static LacStatus write_move(LacRecipe *recipe, size_t entry, unsigned band, const LacTonePlan *plan,
                            const LacToneMove *move, const LacSourceState *state) {
  char name[32];
  char *reason = move_reason(plan, move, state);
  char *evidence = move_evidence(plan, move);
  LacStatus status = reason && evidence ? LAC_OK : LAC_ERR_MEMORY;
  snprintf(name, sizeof name, "band%u_type", band);
  if (!status)
    status = lac_edit_choose(recipe, entry, name, type_name(move->type), type_reason(move->type), NULL);
  snprintf(name, sizeof name, "band%u_hz", band);
  if (!status)
    status = lac_edit_set(recipe, entry, name, move->hz, "Where it takes most off the distance.", NULL);
  snprintf(name, sizeof name, "band%u_q", band);
  if (!status)
    status = lac_edit_set(recipe, entry, name, move->q, "As broad as the distance is.", NULL);
  snprintf(name, sizeof name, "band%u_db", band);
  if (!status)
    status = lac_edit_set(recipe, entry, name, move->db, reason, evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

/* Doing little is a valid answer, and it is said: a decision that leaves the first free band off. */
static LacStatus write_no_move(LacRecipe *recipe, size_t entry, const LacTonePlan *plan) {
  const LacToneView *view = &plan->view;
  int worst = plan->worst_band;
  char distance[LAC_NUMBER_SIZE];
  char hz[LAC_NUMBER_SIZE];
  char spread[LAC_NUMBER_SIZE];
  bool is_inside = fabs(view->error_db[worst]) <= view->spread_db[worst];
  if (!band_is_free(recipe, entry, 1))
    return LAC_OK;
  char *evidence =
      lac_format("The farthest is %s Hz: %s%s dB, normal is +-%s dB", hz_text(view->bands_hz[worst], hz),
                 view->error_db[worst] < 0.0 ? "+" : "-", lac_fixed_text(fabs(view->error_db[worst]), 1, distance),
                 lac_fixed_text(view->spread_db[worst], 1, spread));
  if (!evidence)
    return LAC_ERR_MEMORY;
  LacStatus status =
      lac_edit_choose(recipe, entry, "band1_type", "off",
                      is_inside ? "The tone is within the range of finished music, so it was left alone."
                                : "No gentle tone change would bring the mix nearer, so it was left alone.",
                      evidence);
  lac_free(evidence);
  return status;
}

static LacStatus write_tone(LacRecipe *recipe, const LacTonePlan *plan, const LacSourceState *state) {
  size_t entry;
  unsigned band = 1;
  LacStatus status = lac_edit_entry(recipe, "equalizer", tone_id, SIZE_MAX, &entry);
  if (!status && plan->count == 0)
    return write_no_move(recipe, entry, plan);
  for (unsigned m = 0; !status && m < plan->count; m++) {
    while (band <= EQUALIZER_BANDS && !band_is_free(recipe, entry, band))
      band++;
    if (band > EQUALIZER_BANDS)
      break;
    status = write_move(recipe, entry, band++, plan, &plan->moves[m], state);
  }
  return status;
}

/* A recipe that already carries the assistant's tone is replayed, not decided again. */
static bool has_tone(const LacRecipe *recipe) {
  size_t entry = lac_edit_find(recipe, "equalizer", tone_id);
  if (entry == SIZE_MAX)
    return false;
  size_t n_params = lac_processor_class_info(lac_recipe_entry(recipe, entry).cls)->n_params;
  for (size_t p = 0; p < n_params; p++)
    if (lac_recipe_is_set(recipe, entry, p) && lac_recipe_set_by(recipe, entry, p) == LAC_SET_BY_ASSISTANT)
      return true;
  return false;
}

static LacStatus options_check(const LacAssistantOptions *options, LacError *error) {
  if (!(options->strength_percent >= 0.0 && options->strength_percent <= 100.0))
    return lac_error_set(error, LAC_ERR_RANGE, "OPTION_RANGE", "The strength must be a number from 0 to 100 percent.");
  if (!(options->max_limiting_db >= 0.0 && options->max_limiting_db <= 60.0))
    return lac_error_set(error, LAC_ERR_RANGE, "OPTION_RANGE",
                         "The allowed limiting must be a number from 0 to 60 dB.");
  return LAC_OK;
}

LacStatus lac_assistant_decide(const LacMediaInfo *info, const LacAnalysis *analysis,
                               const LacAssistantOptions *options, LacRecipe *recipe, LacNotes *notes,
                               LacError *error) {
  LacSourceState state;
  LacTonePlan plan;
  size_t entry;
  LacStatus status = options_check(options, error);
  if (status)
    return status;
  status = lac_source_state(info, analysis, &state, notes);
  bool wants_tone = options->strength_percent > 0.0 && !has_tone(recipe);
  if (!status && wants_tone && lac_tone_plan(analysis, &state, options->strength_percent, &plan))
    status = write_tone(recipe, &plan, &state);
  /* Safety, whatever the strength: the limiter stands at the end, and does nothing while nothing is too high. */
  if (!status)
    status = lac_edit_entry(recipe, "limiter", NULL, SIZE_MAX, &entry);
  if (status)
    return lac_error_set(error, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INTERNAL",
                         "The recipe could not be written: %s.", lac_strerror(status));
  return LAC_OK;
}
