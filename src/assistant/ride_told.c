/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ride of a song's levels as a leveler in the recipe, with the words for it. */

#include <lacquer/assistant.h>

#include <math.h>
#include <string.h>

#include "assistant/level_ride.h"
#include "assistant/recipe_edit.h"
#include "assistant/say.h"
#include "core/memory.h"

static const char nothing_to_ride[] = "The sections of the song are level enough as they are.";

static char *reason_of(const LacRideResult *result) {
  char before[LAC_NUMBER_SIZE], after[LAC_NUMBER_SIZE], bound[LAC_NUMBER_SIZE];
  return lac_format(
      "Quiet sections are brought up and loud ones down, slowly and where one goes over into the other, so "
      "that the loudness range comes from %s to about %s LU%s%s%s.",
      lac_fixed_text(result->before_lu, 1, before), lac_fixed_text(result->after_lu, 1, after),
      result->is_limited ? "; that is as near to what was asked as " : "",
      result->is_limited ? lac_double_text(result->most_db, bound) : "", result->is_limited ? " dB of gain allow" : "");
}

static char *evidence_of(const LacRideResult *result) {
  char before[LAC_NUMBER_SIZE], speed[LAC_NUMBER_SIZE], low[LAC_SAY_SIZE], high[LAC_SAY_SIZE];
  return lac_format("Loudness range %s LU, %u section border%s; the gain goes from %s to %s, at most %s dB a second.",
                    lac_fixed_text(result->before_lu, 1, before), (unsigned)result->n_borders,
                    result->n_borders == 1 ? "" : "s", lac_say_signed_db(result->lowest_db, low),
                    lac_say_signed_db(result->highest_db, high), lac_fixed_text(result->fastest_db_per_s, 1, speed));
}

static LacStatus write_curve(LacRecipe *recipe, size_t entry, const LacLevelRide *ride) {
  size_t curve = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), "curve");
  if (!ride->n_points)
    return lac_recipe_set_points(recipe, entry, curve, NULL, 0, LAC_SET_BY_ASSISTANT, nothing_to_ride, NULL);
  char *reason = reason_of(&ride->result), *evidence = evidence_of(&ride->result);
  LacStatus status = LAC_ERR_MEMORY;
  if (reason && evidence)
    status = lac_recipe_set_points(recipe, entry, curve, ride->points, ride->n_points, LAC_SET_BY_ASSISTANT, reason,
                                   evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

/* Into the leveler `entry`, or a new one, which goes again when that fails. */
static LacStatus write_ride(LacRecipe *recipe, size_t entry, const LacLevelRide *ride) {
  const bool is_new = entry == SIZE_MAX;
  LacStatus status = is_new ? lac_edit_entry(recipe, "leveler", NULL, SIZE_MAX, &entry) : LAC_OK;
  if (status)
    return status;
  status = write_curve(recipe, entry, ride);
  if (status && is_new)
    (void)lac_recipe_remove(recipe, entry);
  return status;
}

static void bind_to_song(LacRecipe *recipe, const LacAnalysis *analysis) {
  LacRecipeInput input = {.n_frames = analysis->n_frames, .rate_hz = (uint32_t)analysis->rate_hz};
  memcpy(input.pcm_sha256, analysis->pcm_sha256, sizeof input.pcm_sha256);
  lac_recipe_set_input(recipe, &input);
}

LacStatus lac_assistant_ride_levels(const LacAnalysis *analysis, const LacRideOptions *options, LacRecipe *recipe,
                                    LacRideResult *result) {
  const unsigned needed = LAC_MEASURE_LOUDNESS | LAC_MEASURE_FINDINGS;
  const LacProcessorClass *leveler = lac_processor_class_find("leveler");
  size_t entry = lac_edit_find(recipe, "leveler", NULL);
  *result = (LacRideResult){.before_lu = NAN, .after_lu = NAN};
  if ((analysis->measured & needed) != needed)
    return LAC_ERR_USAGE;
  if (!leveler)
    return LAC_ERR_INTERNAL;
  if (entry != SIZE_MAX && lac_edit_is_kept(recipe, entry, "curve")) {
    result->is_kept = true;
    return LAC_OK;
  }
  const LacProcessorInfo *info = lac_processor_class_info(leveler);
  const size_t curve = lac_param_find(info, "curve");
  const bool has_curve = entry != SIZE_MAX && lac_recipe_is_set(recipe, entry, curve);
  LacLevelRide ride;
  LacStatus status = lac_level_ride_find(analysis, options, info->params[curve].step, &ride);
  if (!status && (ride.n_points || has_curve)) {
    status = write_ride(recipe, entry, &ride);
    if (!status)
      bind_to_song(recipe, analysis);
  }
  if (!status)
    *result = ride.result;
  lac_level_ride_free(&ride);
  return status;
}
