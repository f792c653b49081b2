/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The levels of another song as a compressor in the recipe, with the words for it. */

#include <lacquer/assistant.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assistant/band_levels.h"
#include "assistant/level_map.h"
#include "assistant/recipe_edit.h"
#include "assistant/say.h"
#include "chain/assistant_entries.h"
#include "core/memory.h"

enum { NAME_SIZE = 40 };

/* Fast enough that blocks of 400 ms get what the curve says, slow enough for bass (docs/dynamics_match.md). */
static const double detector_ms = 20.0;
/* One band hears less of the bass, as ears do: the nearest that it has to the K-weighting of the levels. */
static const double sidechain_hz = 90.0;

/* Free: coupled, a band drags those along that were to be left alone. */
static const double coupling_db = 60.0;

/* Where bands end, as groups of the analysis: about 190, 490, 1000, 1900, 3500, 6200 and 10900 Hz. */
static const unsigned borders[LAC_DYNAMICS_MATCH_BANDS][LAC_DYNAMICS_MATCH_BANDS] = {
    {8}, {1, 8}, {1, 5, 8}, {1, 3, 6, 8}, {1, 2, 4, 6, 8}};

/* ---- the fit ---- */

typedef struct Fit {
  LacLevelMap maps[LAC_DYNAMICS_MATCH_BANDS];
  double offset_db[LAC_DYNAMICS_MATCH_BANDS]; /* what the detector reads over the loudness */
} Fit;

static LacGroupRange range_of(unsigned band, unsigned n_bands) {
  return (LacGroupRange){band ? borders[n_bands - 1][band - 1] : 0, borders[n_bands - 1][band]};
}

static double sidechain_of(unsigned n_bands) {
  return n_bands == 1 ? sidechain_hz : 0.0;
}

static LacStatus fit_band(const LacAnalysis *source, const LacAnalysis *target, LacGroupRange range, double highpass_hz,
                          const LacLevelGoal *goal, LacLevelMap *map, double *offset_db) {
  LacBandLevels from = {0}, to = {0};
  LacStatus status = lac_band_levels(source, range, highpass_hz, &from);
  if (!status)
    status = lac_band_levels(target, range, 0.0, &to);
  if (!status)
    status = lac_level_map_fit(&from, &to, goal, map);
  *offset_db = from.offset_db;
  lac_band_levels_free(&from);
  lac_band_levels_free(&to);
  return status;
}

static void tell_band(const LacLevelMap *map, LacGroupRange range, LacDynamicsMatchBand *band) {
  *band = (LacDynamicsMatchBand){.low_hz = lac_group_border_hz(range.first),
                                 .high_hz = lac_group_border_hz(range.end),
                                 .before_db = map->before_db,
                                 .after_db = map->after_db,
                                 .source_span_db = map->source_span_db,
                                 .target_span_db = map->target_span_db,
                                 .ratio = map->ratio,
                                 .up_ratio = map->up_ratio};
}

/* ---- the words ---- */

/* "the levels", "the levels from 190 Hz to 490 Hz". */
static char *place_of(const LacDynamicsMatchResult *result, unsigned band) {
  char low[LAC_SAY_SIZE], high[LAC_SAY_SIZE];
  if (result->n_bands == 1)
    return lac_strdup("the levels");
  return lac_format("the levels from %s to %s", lac_say_about_hz(result->bands[band].low_hz, low),
                    lac_say_about_hz(result->bands[band].high_hz, high));
}

static char *reason_of(const LacDynamicsMatchResult *result, unsigned band) {
  char before[LAC_NUMBER_SIZE], after[LAC_NUMBER_SIZE];
  char *place = place_of(result, band);
  char *reason = place ? lac_format("Brings %s nearer to those of the target: %s dB apart on the mean, at equal "
                                    "loudness, about %s dB behind the compressor.",
                                    place, lac_fixed_text(result->bands[band].before_db, 1, before),
                                    lac_fixed_text(result->bands[band].after_db, 1, after))
                       : NULL;
  lac_free(place);
  return reason;
}

static char *evidence_of(const LacDynamicsMatchBand *band) {
  char source[LAC_NUMBER_SIZE], target[LAC_NUMBER_SIZE];
  return lac_format("From the 10th to the 90th percentile levels of 400 ms span %s dB here and %s dB in the target.",
                    lac_fixed_text(band->source_span_db, 1, source), lac_fixed_text(band->target_span_db, 1, target));
}

/* ---- the recipe ---- */

typedef struct Setting {
  const char *name;
  double value;
  const char *reason; /* NULL: the measurement of the band */
} Setting;

static LacStatus write_settings(LacRecipe *recipe, size_t entry, const char *prefix, const Setting *settings, size_t n,
                                const char *measured, const char *evidence) {
  LacStatus status = LAC_OK;
  for (size_t i = 0; i < n && !status; i++) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s%s", prefix, settings[i].name);
    status = lac_edit_set(recipe, entry, name, settings[i].value, settings[i].reason ? settings[i].reason : measured,
                          evidence);
  }
  return status;
}

/* `gain_db`: of what stands before the compressor; thresholds go with it. */
static LacStatus write_band(LacRecipe *recipe, size_t entry, const LacDynamicsMatchResult *result, unsigned band,
                            const LacLevelMap *map, double gain_db) {
  static const char bend[] = "How gradually it sets in: as the target's levels bend away from the song's.";
  static const char quick[] = "Fast enough that levels of 400 ms follow the curve, slow enough for bass.";
  const Setting settings[] = {
      {"threshold_db", map->threshold_db + gain_db, NULL},
      {"ratio", map->ratio, NULL},
      {"knee_db", map->knee_db, bend},
      {"attack_ms", LAC_LEVEL_ATTACK_MS, quick},
      {"release_ms", LAC_LEVEL_RELEASE_MS, quick},
      {"makeup_db", map->makeup_db, "Gives back the loudness that the compressor takes."},
      {"upward_threshold_db", map->up_threshold_db + gain_db, NULL},
      {"upward_ratio", map->up_ratio, NULL},
      {"upward_range_db", map->up_range_db, "No more lift than the target's quiet levels ask for."},
  };
  const size_t n = sizeof settings / sizeof settings[0] - (map->up_ratio > 1.0 ? 0 : 3);
  char prefix[NAME_SIZE / 2];
  char *reason = reason_of(result, band), *evidence = evidence_of(&result->bands[band]);
  snprintf(prefix, sizeof prefix, "band%u_", band + 1);
  LacStatus status = reason && evidence ? LAC_OK : LAC_ERR_MEMORY;
  if (!status)
    status = write_settings(recipe, entry, prefix, settings, n, reason, evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

static LacStatus write_whole(LacRecipe *recipe, size_t entry, unsigned n_bands, bool lifts, double floor_db) {
  const Setting settings[] = {
      {"bands", n_bands, "As many bands as levels were compared in."},
      {"detector_ms", detector_ms, "Short beside the 400 ms that levels are compared over."},
      {"sidechain_highpass_hz", sidechain_hz, "Bass counts less, as it does for loudness."},
      {"band_coupling_db", coupling_db, "Every band goes its own way to the target."},
      {"noise_floor_db", floor_db, "What the loudness gate takes for silence is not lifted."},
  };
  LacStatus status = write_settings(recipe, entry, "", settings, 2, NULL, NULL);
  if (!status)
    status = write_settings(recipe, entry, "", settings + (n_bands == 1 ? 2 : 3), 1, NULL, NULL);
  if (!status && lifts)
    status = write_settings(recipe, entry, "", settings + 4, 1, NULL, NULL);
  for (unsigned b = 0; b + 1 < n_bands && !status; b++) {
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "crossover%u_hz", b + 1);
    status = lac_edit_set(recipe, entry, name, lac_group_border_hz(borders[n_bands - 1][b]),
                          "A border of the bands that levels were compared in.", NULL);
  }
  return status;
}

static double gain_before_db(const LacRecipe *recipe, size_t entry) {
  double sum_db = 0;
  for (size_t i = 0; i < entry; i++) {
    const LacRecipeEntry before = lac_recipe_entry(recipe, i);
    if (before.enabled && strcmp(lac_processor_class_info(before.cls)->id, "gain") == 0)
      sum_db += lac_edit_value(recipe, i, "db");
  }
  return sum_db;
}

static LacStatus write_all(const Fit *fit, LacRecipe *recipe, size_t entry, const LacDynamicsMatchResult *result) {
  const double gain_db = gain_before_db(recipe, entry);
  double floor_db = INFINITY;
  bool lifts = false;
  LacStatus status = LAC_OK;
  for (unsigned b = 0; b < result->n_bands && !status; b++) {
    if (fit->maps[b].is_needed)
      status = write_band(recipe, entry, result, b, &fit->maps[b], gain_db);
    lifts = lifts || fit->maps[b].up_ratio > 1.0;
    /* The lift begins to fade in 6 dB over the noise floor. */
    floor_db = fmin(floor_db, LAC_LEVEL_SILENCE_LUFS + fit->offset_db[b] + gain_db - 6.0);
  }
  return status ? status : write_whole(recipe, entry, result->n_bands, lifts, floor_db);
}

/* Anything that somebody else decided, as that it is off: half a compressor fits nothing. */
static bool is_kept(const LacRecipe *recipe, size_t entry) {
  const LacProcessorInfo *info = lac_processor_class_info(lac_recipe_entry(recipe, entry).cls);
  for (size_t p = 0; p < info->n_params; p++)
    if (lac_edit_is_kept(recipe, entry, info->params[p].id))
      return true;
  return !lac_recipe_entry(recipe, entry).enabled;
}

/* A new compressor in place of an earlier one; it goes again when that fails. */
static LacStatus replace(const Fit *fit, LacRecipe *recipe, LacDynamicsMatchResult *result) {
  size_t entry = lac_edit_find(recipe, "compressor", LAC_ENTRY_DYNAMICS);
  const size_t position = entry;
  bool is_needed = false;
  for (unsigned b = 0; b < result->n_bands; b++)
    is_needed = is_needed || fit->maps[b].is_needed;
  LacStatus status = entry != SIZE_MAX ? lac_recipe_remove(recipe, entry) : LAC_OK;
  if (status || !is_needed)
    return status;
  status = lac_edit_entry(recipe, "compressor", LAC_ENTRY_DYNAMICS, position, &entry);
  if (status)
    return status;
  status = write_all(fit, recipe, entry, result);
  if (status)
    (void)lac_recipe_remove(recipe, entry);
  result->is_written = !status;
  return status;
}

LacStatus lac_assistant_match_dynamics(const LacAnalysis *source, const LacAnalysis *target,
                                       const LacDynamicsMatchOptions *options, LacRecipe *recipe,
                                       LacDynamicsMatchResult *result) {
  const double percent = isnan(options->amount_percent) ? 60.0 : options->amount_percent;
  const LacLevelGoal goal = {.amount = 0.01 * percent, .may_lift = options->may_lift};
  const size_t entry = lac_edit_find(recipe, "compressor", LAC_ENTRY_DYNAMICS);
  Fit fit;
  *result = (LacDynamicsMatchResult){0};
  if (!(source->measured & target->measured & LAC_MEASURE_SPECTRUM) || options->n_bands > LAC_DYNAMICS_MATCH_BANDS ||
      !(percent >= 0 && percent <= 100))
    return LAC_ERR_USAGE;
  result->n_bands = options->n_bands ? options->n_bands : 1;
  LacStatus status = LAC_OK;
  for (unsigned b = 0; b < result->n_bands && !status; b++) {
    const LacGroupRange range = range_of(b, result->n_bands);
    status = fit_band(source, target, range, sidechain_of(result->n_bands), &goal, &fit.maps[b], &fit.offset_db[b]);
    if (!status)
      tell_band(&fit.maps[b], range, &result->bands[b]);
  }
  result->is_kept = entry != SIZE_MAX && is_kept(recipe, entry);
  return status || result->is_kept ? status : replace(&fit, recipe, result);
}
