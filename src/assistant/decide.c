/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Analysis -> recipe: the tone moves as equalizer bands with their reasons, and the limiter that guards the level. */

#include <lacquer/assistant.h>

#include <math.h>
#include <stdio.h>

#include "assistant/limiter_choice.h"
#include "assistant/limiting_outlook.h"
#include "assistant/recipe_edit.h"
#include "assistant/say.h"
#include "assistant/source_state.h"
#include "assistant/staging.h"
#include "assistant/tone.h"
#include "chain/assistant_entries.h"
#include "core/memory.h"
#include "core/number.h"
#include "dsp/elementary.h"

/* The assistant's own equalizer; a person's stands beside it. */
static const char tone_id[] = LAC_ENTRY_TONE;
static const char offset_id[] = LAC_ENTRY_OFFSET;
enum { EQUALIZER_BANDS = 12 };

/* True when no other band lies nearer to hz. */
static bool is_nearest(const LacToneView *view, int band, double hz) {
  double distance = fabs(lac_log2(view->bands_hz[band] / hz));
  return (band == 0 || distance <= fabs(lac_log2(view->bands_hz[band - 1] / hz))) &&
         (band + 1 == LAC_BANDS || distance <= fabs(lac_log2(view->bands_hz[band + 1] / hz)));
}

/* The frequency a move is named by: a bell's own where its need is measured there, else that of the need. */
static const char *place_text(const LacTonePlan *plan, const LacToneMove *move, char buffer[LAC_SAY_SIZE]) {
  bool is_own = move->type == LAC_BAND_BELL && is_nearest(&plan->view, move->band, move->hz);
  return is_own ? lac_say_hz(move->hz, buffer) : lac_say_about_hz(plan->view.bands_hz[move->band], buffer);
}

/* "Around 125 Hz (the bass) the mix is 6.2 dB louder than most finished music; a gentle cut ..." The move answers a
 * need of its band (tone.h), so louder goes with a cut and quieter with a boost. */
static char *move_reason(const LacTonePlan *plan, const LacToneMove *move, const LacSourceState *state) {
  double band_hz = plan->view.bands_hz[move->band];
  double error_db = plan->view.error_db[move->band];
  bool makes_room = state->room_short > 0.0 && -move->db > plan->bound_db + 0.05;
  char hz[LAC_SAY_SIZE];
  char distance[LAC_NUMBER_SIZE];
  return lac_format("Around %s (%s) the mix is %s dB %s than most finished music; a %s brings it nearer to the "
                    "normal range%s.%s",
                    place_text(plan, move, hz), lac_tone_region(band_hz), lac_fixed_text(fabs(error_db), 1, distance),
                    error_db < 0.0 ? "louder" : "quieter",
                    makes_room       ? "cut"
                    : move->db < 0.0 ? "gentle cut"
                                     : "gentle boost",
                    makes_room ? " and leaves the limiter less to do" : "",
                    state->is_limited ? " Kept to half, because the mix looks finished." : "");
}

static char *move_evidence(const LacTonePlan *plan, const LacToneMove *move) {
  const LacToneView *view = &plan->view;
  char difference[LAC_SAY_SIZE];
  char hz[LAC_SAY_SIZE];
  char spread[LAC_NUMBER_SIZE];
  char share[LAC_NUMBER_SIZE];
  return lac_format("%s around %s; normal is \xC2\xB1%s dB. Makes %s %% of the change that is aimed at.",
                    lac_say_signed_db(-view->error_db[move->band], difference), place_text(plan, move, hz),
                    lac_fixed_text(view->spread_db[move->band], 1, spread),
                    lac_fixed_text(100.0 * move->gained, 0, share));
}

/* The bands that lie outside the normal range on the move's side, about its band: "outside from 88 to 160 Hz". */
static char *stretch_evidence(const LacTonePlan *plan, const LacToneMove *move) {
  const LacToneView *view = &plan->view;
  int first = move->band;
  int last = move->band;
  char low[LAC_SAY_SIZE];
  char high[LAC_SAY_SIZE];
  while (first > 0 && view->need_db[first - 1] * move->db > 0.0)
    first--;
  while (last + 1 < LAC_BANDS && view->need_db[last + 1] * move->db > 0.0)
    last++;
  if (first == last)
    return lac_format("Outside the normal range at %s alone.", lac_say_about_hz(view->bands_hz[first], low));
  return lac_format("Outside the normal range from %s to %s.", lac_say_about_hz(view->bands_hz[first], low),
                    lac_say_about_hz(view->bands_hz[last], high));
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
static char *type_reason(const LacToneMove *move, const char *place) {
  if (move->type == LAC_BAND_BELL)
    return lac_format("A bell for the move around %s: one region stands out.", place);
  return lac_format("A shelf for the move around %s: everything %s stands out.", place,
                    move->type == LAC_BAND_LOW_SHELF ? "below" : "above");
}

/* One parameter of a move; takes `reason` (NULL: no memory). value NAN: `choice` by its name. */
static LacStatus write_part(LacRecipe *recipe, size_t entry, unsigned band, const char *part, double value,
                            const char *choice, char *reason, const char *evidence) {
  char name[32];
  LacStatus status = LAC_ERR_MEMORY;
  snprintf(name, sizeof name, "band%u_%s", band, part);
  if (reason && evidence)
    status = isnan(value) ? lac_edit_choose(recipe, entry, name, choice, reason, evidence)
                          : lac_edit_set(recipe, entry, name, value, reason, evidence);
  lac_free(reason);
  return status;
}

/* The gain comes first: it carries what the move is for, and the others its shape. */
static LacStatus write_move(LacRecipe *recipe, size_t entry, unsigned band, const LacTonePlan *plan,
                            const LacToneMove *move, const LacSourceState *state) {
  char place[LAC_SAY_SIZE];
  char *evidence = move_evidence(plan, move);
  char *stretch = stretch_evidence(plan, move);
  place_text(plan, move, place);
  LacStatus status = write_part(recipe, entry, band, "db", move->db, NULL, move_reason(plan, move, state), evidence);
  if (!status)
    status = write_part(recipe, entry, band, "type", NAN, type_name(move->type), type_reason(move, place), stretch);
  if (!status)
    status = write_part(recipe, entry, band, "hz", move->hz, NULL,
                        lac_format("Where the move around %s takes most off the distance.", place), stretch);
  if (!status)
    status = write_part(recipe, entry, band, "q", move->q, NULL,
                        lac_format("The width of the move around %s: as broad as what stands out.", place), stretch);
  lac_free(evidence);
  lac_free(stretch);
  return status;
}

/* Doing little is a valid answer, and it is said: a decision that leaves the first free band off. */
static LacStatus write_no_move(LacRecipe *recipe, size_t entry, const LacTonePlan *plan) {
  const LacToneView *view = &plan->view;
  int worst = plan->worst_band;
  char distance[LAC_SAY_SIZE];
  char hz[LAC_SAY_SIZE];
  char spread[LAC_NUMBER_SIZE];
  bool is_inside = fabs(view->error_db[worst]) <= view->spread_db[worst];
  if (!band_is_free(recipe, entry, 1))
    return LAC_OK;
  char *evidence =
      lac_format("Farthest from the middle: %s around %s; normal is \xC2\xB1%s dB.",
                 lac_say_signed_db(-view->error_db[worst], distance), lac_say_about_hz(view->bands_hz[worst], hz),
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

/* A constant offset is no sound, yet it stands in every peak: 10 % of full scale held one quiet song at -21.7 LUFS that
 * reaches -14 without it. A pass of 6 dB per octave at 10 Hz takes it out whole and turns the phase least (0.3 dB at 40
 * Hz). */
static LacStatus write_offset(LacRecipe *recipe, const LacSourceState *state) {
  static const double pass_hz = 10.0, slope = 6.0;
  char percent[LAC_NUMBER_SIZE];
  size_t entry = lac_edit_find(recipe, "dc_filter", NULL);
  if (entry != SIZE_MAX && lac_edit_is_kept(recipe, entry, "hz"))
    return LAC_OK;
  LacStatus status = lac_edit_entry(recipe, "dc_filter", offset_id, SIZE_MAX, &entry);
  char *evidence = lac_format("The offset is %s %% of full scale.", lac_fixed_text(100.0 * state->offset, 1, percent));
  if (!status && !evidence)
    status = LAC_ERR_MEMORY;
  if (!status)
    status = lac_edit_set(recipe, entry, "hz", pass_hz,
                          "Takes out the constant offset, which is no sound but takes headroom from the limiter; "
                          "begins below everything that can be heard.",
                          evidence);
  if (!status)
    status = lac_edit_set(recipe, entry, "slope_db_per_octave", slope,
                          "The slope that turns the phase of the bass least.", evidence);
  lac_free(evidence);
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

/* Nothing below this share of the allowance makes room worth a deeper cut; from the allowance on all of it does. The
 * model is 0.7 to 1.2 dB short on bass-heavy music, whose slow releases it does not follow. */
static const double room_from = 0.75;

static LacStatus see_room(const LacAnalysis *analysis, const LacAssistantOptions *options, const LacRecipe *recipe,
                          LacSourceState *state) {
  double p95_db;
  double allowed_db = options->max_limiting_db;
  LacStatus status = lac_limiting_outlook(analysis, recipe, &p95_db);
  double over = allowed_db > 0.0 ? (p95_db / allowed_db - room_from) / (1.0 - room_from) : p95_db > 0.0 ? 1.0 : 0.0;
  state->room_short = over < 0.0 ? 0.0 : over > 1.0 ? 1.0 : over;
  return status;
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
  /* Safety, whatever the strength: the limiter stands at the end, and does nothing while nothing is too high. */
  if (!status)
    status = lac_edit_entry(recipe, "limiter", NULL, SIZE_MAX, &entry);
  if (!status)
    status = lac_limiter_choose(recipe, options->quality, info->n_channels);
  if (!status && state.offset != 0.0)
    status = write_offset(recipe, &state);
  if (!status)
    status = lac_assistant_stage(recipe, analysis);
  /* With an offset the peaks are not yet those that the limiter will see. */
  if (!status && wants_tone && state.offset == 0.0)
    status = see_room(analysis, options, recipe, &state);
  if (!status && wants_tone && lac_tone_plan(analysis, &state, options->strength_percent, &plan))
    status = write_tone(recipe, &plan, &state);
  if (!status) /* what every song gets comes last */
    status = lac_limiter_explain(recipe, NULL, NULL);
  if (status)
    return lac_error_set(error, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INTERNAL",
                         "The recipe could not be written: %s.", lac_strerror(status));
  return LAC_OK;
}
