/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiter_choice.h"

#include <math.h>
#include <string.h>

#include "assistant/clipper_told.h"
#include "assistant/recipe_edit.h"

/* Half: the mean of what the channels need together and each alone. */
static const double half_link_percent = 50.0;
/* More is a little cleaner yet and moves the image more (docs/processors/clipper.md). */
static const double clip_db = 1.0;
static const char *const chosen[] = {"solver", "quality", "link_percent", NULL}; /* of the limiter */

static bool is_chosen(const LacRecipe *recipe, size_t entry, const char *param, const char *choice) {
  const LacParam *row = lac_edit_param(recipe, entry, param);
  double value = row ? lac_edit_value(recipe, entry, param) : NAN;
  for (int i = 0; row && row->choices && row->choices[i]; i++)
    if (strcmp(row->choices[i], choice) == 0)
      return fabs(value - i) < 0.5;
  return false;
}

static bool is_offline(const LacRecipe *recipe, size_t limiter) {
  return is_chosen(recipe, limiter, "solver", "offline") && !is_chosen(recipe, limiter, "quality", "fast");
}

/* Decided by the assistant, now or in the recipe that was read: what it may decide again, and explains. */
static bool is_own(const LacRecipe *recipe, size_t entry, const char *param) {
  const size_t index = lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), param);
  return index != SIZE_MAX && lac_recipe_is_set(recipe, entry, index) &&
         lac_recipe_set_by(recipe, entry, index) == LAC_SET_BY_ASSISTANT;
}

/* --- Choosing --------------------------------------------------------------------------------------------- */

/* Nothing asked, and decided already: the recipe's choice stands, whoever made it. */
static bool is_left(const LacRecipe *recipe, size_t limiter, const char *param, LacQuality quality) {
  return quality == LAC_QUALITY_DEFAULT && (is_own(recipe, limiter, param) || lac_edit_is_kept(recipe, limiter, param));
}

static LacStatus choose_solver(LacRecipe *recipe, size_t limiter, LacQuality quality) {
  const bool is_set_fast =
      lac_edit_is_kept(recipe, limiter, "quality") && is_chosen(recipe, limiter, "quality", "fast");
  if (is_left(recipe, limiter, "solver", quality) && !is_set_fast)
    return LAC_OK;
  const bool is_realtime = quality == LAC_QUALITY_FAST || is_set_fast;
  return lac_edit_choose(recipe, limiter, "solver", is_realtime ? "realtime" : "offline", NULL, NULL);
}

/* Written where the offline solver reads it, and where an earlier choice stands. */
static LacStatus choose_refinement(LacRecipe *recipe, size_t limiter, LacQuality quality) {
  const bool is_read = quality != LAC_QUALITY_FAST && is_chosen(recipe, limiter, "solver", "offline");
  if (is_left(recipe, limiter, "quality", quality) || (!is_read && !is_own(recipe, limiter, "quality")))
    return LAC_OK;
  return lac_edit_choose(recipe, limiter, "quality", quality == LAC_QUALITY_BEST ? "best" : "standard", NULL, NULL);
}

/* The real-time form takes full link: it has nothing that holds the image still. */
static LacStatus choose_link(LacRecipe *recipe, size_t limiter, unsigned n_channels) {
  if (is_offline(recipe, limiter) && n_channels < 2)
    return LAC_OK;
  return lac_edit_set(recipe, limiter, "link_percent", is_offline(recipe, limiter) ? half_link_percent : 100.0, NULL,
                      NULL);
}

/* What the assistant added for another quality goes; with a value of somebody else in it, it stays and rests. */
static LacStatus drop_clipper(LacRecipe *recipe) {
  const size_t clipper = lac_edit_find(recipe, "clipper", NULL);
  if (clipper == SIZE_MAX || !is_own(recipe, clipper, "amount_db"))
    return LAC_OK;
  const LacProcessorInfo *info = lac_processor_class_info(lac_recipe_entry(recipe, clipper).cls);
  for (size_t p = 0; p < info->n_params; p++)
    if (lac_edit_is_kept(recipe, clipper, info->params[p].id))
      return lac_edit_set(recipe, clipper, "amount_db", 0.0, NULL, NULL);
  return lac_recipe_remove(recipe, clipper);
}

static LacStatus choose_clipper(LacRecipe *recipe, LacQuality quality) {
  size_t clipper;
  if (quality != LAC_QUALITY_BEST)
    return quality == LAC_QUALITY_DEFAULT ? LAC_OK : drop_clipper(recipe);
  LacStatus status = lac_edit_entry(recipe, "clipper", NULL, SIZE_MAX, &clipper);
  return status ? status : lac_edit_set(recipe, clipper, "amount_db", clip_db, NULL, NULL);
}

LacStatus lac_limiter_choose(LacRecipe *recipe, LacQuality quality, unsigned n_channels) {
  LacStatus status = choose_clipper(recipe, quality); /* first: it moves the limiter's place */
  const size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  if (!status)
    status = choose_solver(recipe, limiter, quality);
  if (!status)
    status = choose_refinement(recipe, limiter, quality);
  if (!status)
    status = choose_link(recipe, limiter, n_channels);
  return status ? status : lac_limiter_explain(recipe, NULL, NULL);
}

/* --- Explaining ------------------------------------------------------------------------------------------- */

/* Said anew at the end of the decisions. A value that somebody else decided keeps its place and words. */
static LacStatus say_last(LacRecipe *recipe, size_t entry, const char *param, const char *reason,
                          const char *evidence) {
  if (entry == SIZE_MAX || !is_own(recipe, entry, param))
    return LAC_OK;
  const double value = lac_edit_value(recipe, entry, param);
  LacStatus status = lac_edit_set(recipe, entry, param, value, NULL, NULL);
  return status ? status : lac_edit_set(recipe, entry, param, value, reason, evidence);
}

/* Whoever asked for it. */
static const char *quality_evidence(const LacRecipe *recipe, size_t limiter) {
  if (lac_edit_is_kept(recipe, limiter, "quality"))
    return "The limiter's quality as it was set.";
  return is_chosen(recipe, limiter, "quality", "best") ? "--quality best." : "--quality standard, the default.";
}

static LacStatus explain_solver(LacRecipe *recipe, size_t limiter) {
  const bool is_fast = is_chosen(recipe, limiter, "quality", "fast");
  if (!is_offline(recipe, limiter))
    return say_last(recipe, limiter, "solver",
                    "The gain follows the music as it comes, as in a plugin: quick, and a little less clean.",
                    is_fast ? "The limiter's quality is fast." : "--quality fast.");
  return say_last(recipe, limiter, "solver",
                  "The gain is found over the whole song at once: the calmest one that keeps the ceiling.",
                  quality_evidence(recipe, limiter));
}

static LacStatus explain_refinement(LacRecipe *recipe, size_t limiter) {
  const bool is_best = is_chosen(recipe, limiter, "quality", "best");
  if (!is_offline(recipe, limiter))
    return say_last(recipe, limiter, "quality",
                    "The limiter's quality is of no consequence here: only the offline solver reads it.",
                    "The real-time form is at work.");
  return say_last(recipe, limiter, "quality",
                  is_best ? "Where a peak still stands over the ceiling the gain is solved again, up to 12 times "
                            "instead of 6, before what is left is trimmed off."
                          : "Where a peak still stands over the ceiling the gain is solved again, up to 6 times.",
                  quality_evidence(recipe, limiter));
}

static LacStatus explain_link(LacRecipe *recipe, size_t limiter) {
  if (!is_offline(recipe, limiter) && lac_edit_value(recipe, limiter, "link_percent") < 100.0)
    return say_last(recipe, limiter, "link_percent",
                    "The channels are turned down in part by themselves, so the stereo image may move.",
                    "The real-time form does not watch the image; 100 % keeps it still.");
  if (!is_offline(recipe, limiter))
    return say_last(recipe, limiter, "link_percent",
                    "Both channels are turned down alike, so the stereo image stands still.",
                    "The real-time form does not watch the image.");
  return say_last(recipe, limiter, "link_percent",
                  "A peak in one channel turns the other down only half as far, which costs less loudness and is "
                  "cleaner; the limiter watches that the image does not move.",
                  "On six cuts of dense music at -9 LUFS half link was 1.2 dB cleaner than full (noise to mask).");
}

static LacStatus explain_clipper(LacRecipe *recipe, size_t clipper) {
  const bool is_off = clipper != SIZE_MAX && lac_edit_value(recipe, clipper, "amount_db") == 0.0;
  return say_last(recipe, clipper, "amount_db",
                  is_off ? "Nothing is clipped before the limiter."
                         : "The last decibel of the highest peaks is clipped where the music hides it, so the limiter "
                           "has less to do.",
                  is_off ? "Only --quality best clips." : "--quality best.");
}

static LacStatus explain_idle(LacRecipe *recipe, size_t limiter, size_t clipper, const char *reason,
                              const char *evidence) {
  LacStatus status = LAC_OK;
  for (const char *const *param = chosen; *param && !status; param++)
    status = say_last(recipe, limiter, *param, reason, evidence);
  return status ? status : say_last(recipe, clipper, "amount_db", reason, evidence);
}

LacStatus lac_limiter_explain(LacRecipe *recipe, const char *idle_reason, const char *idle_evidence) {
  const size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  const size_t clipper = lac_edit_find(recipe, "clipper", NULL);
  if (idle_reason)
    return explain_idle(recipe, limiter, clipper, idle_reason, idle_evidence);
  LacStatus status = explain_solver(recipe, limiter);
  if (!status)
    status = explain_refinement(recipe, limiter);
  if (!status)
    status = explain_link(recipe, limiter);
  return status ? status : explain_clipper(recipe, clipper);
}

LacStatus lac_limiter_explain_edit(LacRecipe *recipe) {
  const size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  for (const char *const *param = chosen; *param && limiter != SIZE_MAX; param++)
    if (lac_edit_is_kept(recipe, limiter, *param))
      return lac_limiter_explain(recipe, NULL, NULL);
  return LAC_OK;
}

static bool may_raise(const LacRecipe *recipe, size_t entry) {
  const LacRecipeEntry it = lac_recipe_entry(recipe, entry);
  const char *id = lac_processor_class_info(it.cls)->id;
  if (!it.enabled || !strcmp(id, "fade") || !strcmp(id, "limiter"))
    return false;
  return strcmp(id, "gain") != 0 || lac_edit_value(recipe, entry, "db") > 0.0;
}

/* Values that somebody set and that the form at work does not read. */
static LacStatus note_idle(const LacRecipe *recipe, size_t limiter, LacNotes *notes) {
  static const char *const of_realtime[] = {"lookahead_ms", "release_ms", "steady_release_ms", NULL};
  static const char *const of_offline[] = {"character", NULL};
  const bool is_whole = is_offline(recipe, limiter);
  LacStatus status = LAC_OK;
  for (const char *const *param = is_whole ? of_realtime : of_offline; *param && !status; param++)
    if (lac_edit_is_kept(recipe, limiter, *param))
      status = lac_notes_add(notes, "SETTING_IDLE",
                             is_whole ? "%s.%s has no effect: the offline solver does not read it. Take the real-time "
                                        "form (--quality fast), or leave the value out."
                                      : "%s.%s has no effect: the real-time form does not read it. Take the offline "
                                        "solver (--quality standard), or leave the value out.",
                             lac_recipe_entry(recipe, limiter).id, *param);
  return status;
}

static LacStatus note_behind(const LacRecipe *recipe, size_t limiter, LacNotes *notes) {
  for (size_t i = limiter + 1; i < lac_recipe_entry_count(recipe); i++)
    if (may_raise(recipe, i))
      return lac_notes_add(
          notes, "LIMITER_NOT_LAST",
          "\"%s\" stands behind the limiter, so peaks may rise over the ceiling again. Put it ahead of "
          "the limiter in the recipe's chain.",
          lac_recipe_entry(recipe, i).id);
  return LAC_OK;
}

LacStatus lac_limiter_note(const LacRecipe *recipe, LacNotes *notes) {
  const size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  if (limiter == SIZE_MAX || !lac_recipe_entry(recipe, limiter).enabled)
    return LAC_OK;
  LacStatus status = note_idle(recipe, limiter, notes);
  if (!status)
    status = note_behind(recipe, limiter, notes);
  return status ? status : lac_clipper_note(recipe, notes);
}

/* --- For the model ---------------------------------------------------------------------------------------- */

LacLimiterForm lac_limiter_form(const LacRecipe *recipe, size_t entry) {
  const unsigned character = (unsigned)lac_edit_value(recipe, entry, "character");
  return (LacLimiterForm){.is_offline = is_offline(recipe, entry),
                          .weights = lac_limit_weights(character, is_chosen(recipe, entry, "quality", "best")),
                          .link = 0.01 * lac_edit_value(recipe, entry, "link_percent"),
                          .lookahead_ms = lac_edit_value(recipe, entry, "lookahead_ms"),
                          .release_ms = lac_edit_value(recipe, entry, "release_ms")};
}
