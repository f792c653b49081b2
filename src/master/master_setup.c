/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "master/master_setup.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "core/text_buffer.h"
#include "master/job_steps.h"

static const double default_strength_percent = 60.0;
static const double default_max_limiting_db = 8.0;

/* NAN is "not given". */
static LacStatus range_check(const char *what, double value, double minimum, double maximum, const char *unit,
                             LacError *error) {
  char low[LAC_NUMBER_SIZE];
  char high[LAC_NUMBER_SIZE];
  if (isnan(value) || (value >= minimum && value <= maximum))
    return LAC_OK;
  return lac_error_set(error, LAC_ERR_RANGE, "OPTION_RANGE", "The %s must be a number from %s to %s%s.", what,
                       lac_double_text(minimum, low), lac_double_text(maximum, high), unit);
}

static LacStatus options_check(const LacMasterOptions *options, LacError *error) {
  LacStatus status = range_check("strength", options->strength_percent, 0, 100, " %", error);
  if (!status)
    status = range_check("loudness", options->loudness_lufs, -60, 0, " LUFS", error);
  if (!status)
    status = range_check("ceiling", options->ceiling_dbtp, -20, 0, " dBTP", error);
  if (!status)
    status = range_check("allowed limiting", options->max_limiting_db, 0, 60, " dB", error);
  if (!status && options->rate_hz)
    status = range_check("sample rate", options->rate_hz, LAC_MIN_RATE_HZ, LAC_MAX_RATE_HZ, " Hz", error);
  if (!status && options->bits != 0 && options->bits != 16 && options->bits != 24 && options->bits != 32)
    status = lac_error_set(error, LAC_ERR_RANGE, "OPTION_RANGE", "The depth must be 16, 24 or 32f bits, not %u.",
                           options->bits);
  return status;
}

static LacStatus platform_unknown(const LacPlatforms *platforms, const char *id, LacError *error) {
  LacText names = {0};
  for (size_t i = 0; i < lac_platforms_count(platforms); i++)
    if (!lac_platforms_at(platforms, i)->is_check_only)
      lac_text_appendf(&names, "%s%s", i ? ", " : "", lac_platforms_at(platforms, i)->id);
  char *list = lac_text_take(&names);
  LacStatus status = list ? lac_error_set(error, LAC_ERR_USAGE, "PLATFORM_UNKNOWN",
                                          "There is no platform \"%.60s\". Choose one of: %s.", id, list)
                          : lac_step_no_memory(error);
  lac_text_free(list);
  return status;
}

LacStatus lac_master_setup(const LacMasterOptions *options, const LacPlatforms *platforms, LacMasterSetup *setup,
                           LacError *error) {
  const char *id = options->platform ? options->platform : "streaming";
  *setup = (LacMasterSetup){.options = options};
  LacStatus status = options_check(options, error);
  if (status)
    return status;
  setup->platform = lac_platforms_find(platforms, id);
  if (!setup->platform)
    return platform_unknown(platforms, id, error);
  if (setup->platform->is_check_only)
    return lac_error_set(error, LAC_ERR_USAGE, "PLATFORM_CHECK_ONLY",
                         "\"%s\" is only for checking: nothing is mastered to it. Use it with check.", id);
  setup->assistant.strength_percent =
      isnan(options->strength_percent) ? default_strength_percent : options->strength_percent;
  setup->assistant.max_limiting_db =
      isnan(options->max_limiting_db) ? default_max_limiting_db : options->max_limiting_db;
  return LAC_OK;
}

/* --- Target ------------------------------------------------------------------------------------------------ */

/* True when a person set the limiter's drive: then loudness follows from it. */
static bool drive_is_set(const LacRecipe *recipe) {
  size_t entry = lac_recipe_find(recipe, "limiter");
  if (entry >= lac_recipe_entry_count(recipe))
    return false;
  size_t drive = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), "drive_db");
  return drive != SIZE_MAX && lac_recipe_is_set(recipe, entry, drive) &&
         lac_recipe_set_by(recipe, entry, drive) == LAC_SET_BY_PERSON;
}

static LacStatus set_target(const LacMasterSetup *setup, LacRecipe *recipe) {
  const LacMasterOptions *options = setup->options;
  LacRecipeTarget target = lac_recipe_target(recipe);
  bool is_persons = !isnan(options->loudness_lufs) || !isnan(options->ceiling_dbtp);
  bool is_recipes = !isnan(target.integrated_lufs) || !isnan(target.true_peak_dbtp);
  bool has_drive = drive_is_set(recipe);
  if (isnan(target.integrated_lufs) && !has_drive)
    target.integrated_lufs = setup->platform->integrated_lufs;
  if (isnan(target.true_peak_dbtp))
    target.true_peak_dbtp = setup->platform->true_peak_dbtp;
  if (!isnan(options->loudness_lufs))
    target.integrated_lufs = options->loudness_lufs;
  if (!isnan(options->ceiling_dbtp))
    target.true_peak_dbtp = options->ceiling_dbtp;
  if (is_recipes && !is_persons)
    return lac_recipe_set_target(recipe, target, LAC_SET_BY_PERSON, "As the recipe asks.");
  char *reason = is_persons  ? lac_strdup("As you asked.")
                 : has_drive ? lac_strdup("The limiter's drive was set by you, so the loudness follows from it.")
                             : lac_format("For %s (%s, %s).", setup->platform->title, setup->platform->source,
                                          setup->platform->date);
  if (!reason)
    return LAC_ERR_MEMORY;
  LacStatus status = lac_recipe_set_target(recipe, target, is_persons ? LAC_SET_BY_PERSON : LAC_SET_BY_PRESET, reason);
  lac_free(reason);
  return status;
}

/* --- Output format ----------------------------------------------------------------------------------------- */

/* 24 bits, or the input's depth if it is higher and the container can hold it. */
static unsigned default_bits(const LacMediaInfo *info, LacContainer container) {
  return info->bits > 24 && container != LAC_CONTAINER_FLAC ? 32 : 24;
}

static const char *khz_text(uint32_t rate_hz, char buffer[LAC_NUMBER_SIZE]) {
  return lac_double_text(rate_hz / 1000.0, buffer);
}

static LacStatus set_output(const LacMasterSetup *setup, const LacMediaInfo *info, LacContainer container,
                            LacRecipe *recipe, LacNotes *notes) {
  const LacMasterOptions *options = setup->options;
  LacRecipeOutput output = lac_recipe_output(recipe);
  const char *because = "the recipe asks for it";
  if (!output.rate_hz && setup->platform->rate_hz)
    because = setup->platform->title;
  output.rate_hz = output.rate_hz ? output.rate_hz : setup->platform->rate_hz;
  if (options->rate_hz) {
    output.rate_hz = options->rate_hz;
    because = "you asked for it";
  }
  output.bits = options->bits ? options->bits : output.bits ? output.bits : setup->platform->bits;
  output.bits = output.bits ? output.bits : default_bits(info, container);
  lac_recipe_set_output(recipe, output);
  if (!output.rate_hz || output.rate_hz == info->rate_hz)
    return LAC_OK;
  char out[LAC_NUMBER_SIZE];
  char in[LAC_NUMBER_SIZE];
  bool is_platforms = because == setup->platform->title;
  return lac_notes_add(notes, "RATE_CHANGED", "Output is %s kHz because %s%s; the input was %s kHz.",
                       khz_text(output.rate_hz, out), because, is_platforms ? " was chosen" : "",
                       khz_text(info->rate_hz, in));
}

LacStatus lac_master_setup_recipe(const LacMasterSetup *setup, const LacMediaInfo *info, LacContainer container,
                                  LacRecipe *recipe, LacNotes *notes, LacError *error) {
  const LacMasterOptions *options = setup->options;
  for (size_t i = 0; i < options->n_settings; i++) {
    LacStatus status = lac_recipe_set_text(recipe, options->settings[i], LAC_SET_BY_PERSON, error);
    if (status)
      return status;
  }
  LacStatus status = set_target(setup, recipe);
  if (!status)
    status = set_output(setup, info, container, recipe, notes);
  if (status == LAC_ERR_MEMORY)
    return lac_step_no_memory(error);
  return status ? lac_error_set(error, status, "TARGET_RANGE", "The target cannot be used: %s.", lac_strerror(status))
                : LAC_OK;
}
