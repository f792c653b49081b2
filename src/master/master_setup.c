/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "master/master_setup.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "core/text_buffer.h"
#include "master/job_steps.h"
#include "master/master_presets.h"

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
    status = range_check("allowed limiting", options->max_limiting_db, 0, 40, " dB", error);
  if (!status)
    status = range_check("loudness range", options->range_lu, 1, 30, " LU", error);
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
  setup->assistant.quality = options->quality;
  setup->assistant.strength_percent =
      isnan(options->strength_percent) ? default_strength_percent : options->strength_percent;
  setup->assistant.max_limiting_db =
      isnan(options->max_limiting_db) ? default_max_limiting_db : options->max_limiting_db;
  return LAC_OK;
}

/* --- Target ------------------------------------------------------------------------------------------------ */

/* True when a person set the limiter's drive: then loudness follows from it, whatever the platform plays at. */
static bool drive_is_set(const LacRecipe *recipe) {
  size_t entry = lac_recipe_find(recipe, "limiter");
  if (entry >= lac_recipe_entry_count(recipe))
    return false;
  size_t drive = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), "drive_db");
  return drive != SIZE_MAX && lac_recipe_is_set(recipe, entry, drive) &&
         lac_recipe_set_by(recipe, entry, drive) == LAC_SET_BY_PERSON;
}

static bool has_decision(const LacRecipe *recipe, const char *part, const char *parameter) {
  for (size_t i = 0; i < lac_recipe_decision_count(recipe); i++) {
    LacDecision decision = lac_recipe_decision(recipe, i);
    if (strcmp(decision.processor, part) == 0 && strcmp(decision.parameter, parameter) == 0)
      return true;
  }
  return false;
}

static const LacRule *rule_of(const LacPlatform *platform, LacRuleKind kind) {
  for (size_t i = 0; i < platform->n_rules; i++)
    if (platform->rules[i].kind == kind)
      return &platform->rules[i];
  return NULL;
}

/* What the platform does with loudness, as a sentence. */
static char *loudness_reason(const LacPlatform *platform) {
  char level[LAC_NUMBER_SIZE];
  char own[LAC_NUMBER_SIZE];
  lac_double_text(platform->reference_lufs, level);
  if (!isfinite(platform->reference_lufs))
    return lac_strdup(platform->purpose);
  if (platform->turns_up)
    return lac_format("%s: music plays at %s LUFS there; quieter masters are raised, louder ones turned down.",
                      platform->title, level);
  if (platform->reference_lufs != platform->integrated_lufs)
    return lac_format("%s: music plays at %s LUFS there and louder masters are only turned down; masters are made to "
                      "%s LUFS.",
                      platform->title, level, lac_double_text(platform->integrated_lufs, own));
  return lac_format("%s: music plays at %s LUFS there; louder masters are only turned down.", platform->title, level);
}

static char *source_text(const char *source, const char *date) {
  return strstr(source, date) ? lac_format("Source: %s.", source) : lac_format("Source: %s (%s).", source, date);
}

/* A platform that names its depth: what is used when the person asked for another; "" otherwise. */
static char *depth_remark(const LacMasterSetup *setup, const LacRecipe *recipe) {
  const unsigned bits = setup->options->bits;
  const unsigned usual = setup->platform->bits;
  const LacDither dither = lac_recipe_output(recipe).dither;
  if (!bits || !usual || bits == usual)
    return lac_strdup("");
  if (bits == 32)
    return lac_format(" You asked for 32f bits instead of %u; they need no dither.", usual);
  return lac_format(" You asked for %u bits instead of %u; they get %s dither.", bits, usual,
                    dither == LAC_DITHER_NONE   ? "no"
                    : dither == LAC_DITHER_TPDF ? "plain"
                                                : lac_dither_name(dither));
}

/* The platform's ceiling, and its loudness when `with_loudness`: one reason, one source. */
static LacStatus set_platform_targets(const LacMasterSetup *setup, LacRecipe *recipe, bool with_loudness,
                                      bool with_ceiling) {
  const LacPlatform *platform = setup->platform;
  const LacRule *rule = rule_of(platform, LAC_RULE_TRUE_PEAK_MAX);
  bool is_rule = with_ceiling && rule && rule->values[0] == platform->true_peak_dbtp;
  char *loudness = with_loudness ? loudness_reason(platform) : lac_format("%s:", platform->title);
  char *remark = depth_remark(setup, recipe);
  const char *ceiling = is_rule ? rule->text : with_loudness ? "" : platform->purpose;
  char *reason = loudness && remark ? lac_format("%s%s%s%s", loudness, *ceiling ? " " : "", ceiling, remark) : NULL;
  char *evidence =
      with_loudness || !is_rule ? source_text(platform->source, platform->date) : source_text(rule->source, rule->date);
  LacStatus status = reason && evidence ? LAC_OK : LAC_ERR_MEMORY;
  if (!status && with_loudness)
    status = lac_recipe_set_target_value(recipe, "integrated_lufs", platform->integrated_lufs, LAC_SET_BY_PRESET,
                                         reason, evidence);
  if (!status && with_ceiling)
    status = lac_recipe_set_target_value(recipe, "true_peak_dbtp", platform->true_peak_dbtp, LAC_SET_BY_PRESET, reason,
                                         evidence);
  lac_free(loudness);
  lac_free(remark);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

/* A value that the person gave, and what it would have been otherwise, if that differs. */
static LacStatus set_asked(LacRecipe *recipe, const char *parameter, double value, const char *option, const char *unit,
                           double otherwise, const char *whose) {
  char number[LAC_NUMBER_SIZE];
  char *reason = lac_format("Set by you: %s %s", option, lac_double_text(value, number));
  char *evidence = otherwise == value ? lac_strdup("")
                   : isfinite(otherwise)
                       ? lac_format("%s would be %s %s.", whose, lac_double_text(otherwise, number), unit)
                       : lac_format("%s has no such target.", whose);
  LacStatus status = LAC_ERR_MEMORY;
  if (reason && evidence)
    status = lac_recipe_set_target_value(recipe, parameter, value, LAC_SET_BY_PERSON, reason, evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

/* A recipe's own target keeps the decision it came with; one that was typed into the file has none yet. */
static LacStatus set_recipes(LacRecipe *recipe, const char *parameter, double value) {
  return has_decision(recipe, "target", parameter)
             ? LAC_OK
             : lac_recipe_set_target_value(recipe, parameter, value, LAC_SET_BY_PERSON, "As the recipe asks.",
                                           "Written in the recipe's target.");
}

/* Per value: the named option, else the recipe, else the platform. */
static LacStatus set_target(const LacMasterSetup *setup, LacRecipe *recipe) {
  const LacMasterOptions *options = setup->options;
  const LacPlatform *platform = setup->platform;
  LacRecipeTarget target = lac_recipe_target(recipe);
  bool asks_loudness = !isnan(options->loudness_lufs);
  bool asks_ceiling = !isnan(options->ceiling_dbtp);
  double recipes_lufs = target.integrated_lufs;
  double recipes_dbtp = target.true_peak_dbtp;
  bool is_platforms_loudness =
      !asks_loudness && isnan(recipes_lufs) && !isnan(platform->integrated_lufs) && !drive_is_set(recipe);
  bool is_platforms_ceiling = !asks_ceiling && isnan(recipes_dbtp) && !isnan(platform->true_peak_dbtp);
  LacStatus status = LAC_OK;
  if (asks_loudness)
    status = set_asked(recipe, "integrated_lufs", options->loudness_lufs, "--loudness", "LUFS",
                       isnan(recipes_lufs) ? platform->integrated_lufs : recipes_lufs,
                       isnan(recipes_lufs) ? platform->title : "The recipe");
  else if (!isnan(recipes_lufs))
    status = set_recipes(recipe, "integrated_lufs", recipes_lufs);
  if (!status && asks_ceiling)
    status = set_asked(recipe, "true_peak_dbtp", options->ceiling_dbtp, "--ceiling", "dBTP",
                       isnan(recipes_dbtp) ? platform->true_peak_dbtp : recipes_dbtp,
                       isnan(recipes_dbtp) ? platform->title : "The recipe");
  else if (!status && !isnan(recipes_dbtp))
    status = set_recipes(recipe, "true_peak_dbtp", recipes_dbtp);
  if (!status && (is_platforms_loudness || is_platforms_ceiling))
    status = set_platform_targets(setup, recipe, is_platforms_loudness, is_platforms_ceiling);
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

/* The platform's dither belongs to words of the platform's depth: 16 bits that a disc plays as they are. Other depths,
 * and 16 bits for anywhere else, keep plain dither, because they may be processed or encoded again. What a person or a
 * recipe says stands. */
static LacStatus set_dither(const LacMasterSetup *setup, LacRecipe *recipe) {
  const LacPlatform *platform = setup->platform;
  LacRecipeOutput output = lac_recipe_output(recipe);
  if (setup->options->recipe_path || output.dither == platform->dither || output.bits != platform->bits ||
      has_decision(recipe, "output", "dither"))
    return LAC_OK;
  char *reason =
      lac_format("%s: the last word length, so its noise is moved to where the ear is least keen.", platform->title);
  LacStatus status = reason
                         ? lac_recipe_set_dither(recipe, platform->dither, LAC_SET_BY_PRESET, reason,
                                                 "Plain dither stays where a file may be processed or encoded again.")
                         : LAC_ERR_MEMORY;
  lac_free(reason);
  return status;
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
  LacStatus status = set_dither(setup, recipe);
  if (status)
    return status;
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
  LacStatus status = lac_master_apply_presets(options->presets, options->n_presets, recipe, notes, error);
  for (size_t i = 0; i < options->n_settings && !status; i++)
    status = lac_recipe_set_text(recipe, options->settings[i], LAC_SET_BY_PERSON, error);
  if (status)
    return status;
  status = set_target(setup, recipe);
  if (!status)
    status = set_output(setup, info, container, recipe, notes);
  if (status == LAC_ERR_MEMORY)
    return lac_step_no_memory(error);
  return status ? lac_error_set(error, status, "TARGET_RANGE", "The target cannot be used: %s.", lac_strerror(status))
                : LAC_OK;
}
