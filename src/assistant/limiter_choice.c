/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiter_choice.h"

#include <math.h>
#include <string.h>

#include "assistant/recipe_edit.h"

/* Half: the mean of what the channels need together and each alone. */
static const double half_link_percent = 50.0;
/* More costs clarity, less saves no drive (docs/clipper.md). */
static const double clip_db = 1.0;

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

static LacStatus choose_solver(LacRecipe *recipe, size_t limiter, LacQuality quality) {
  if (quality == LAC_QUALITY_FAST)
    return lac_edit_choose(recipe, limiter, "solver", "realtime",
                           "The gain follows the music as it comes, as in a plugin: quick, and a little less clean.",
                           "--quality fast.");
  return lac_edit_choose(recipe, limiter, "solver", "offline",
                         "The gain is found over the whole song at once: the calmest one that keeps the ceiling.",
                         quality == LAC_QUALITY_BEST ? "--quality best." : "--quality standard, the default.");
}

/* The real-time form takes full link: it has nothing that holds the image still. */
static LacStatus choose_link(LacRecipe *recipe, size_t limiter, unsigned n_channels) {
  if (!is_offline(recipe, limiter))
    return lac_edit_set(recipe, limiter, "link_percent", 100.0,
                        "Both channels are turned down alike, so the stereo image stands still.",
                        "The real-time form does not watch the image.");
  if (n_channels < 2)
    return LAC_OK;
  return lac_edit_set(recipe, limiter, "link_percent", half_link_percent,
                      "A peak in one channel turns the other down only half as far, which costs less loudness and is "
                      "cleaner; the limiter watches that the image does not move.",
                      "On six cuts of dense music at -9 LUFS half link was 1.0 dB cleaner than full: noise to mask "
                      "-27.0 and -26.0 dB.");
}

static LacStatus choose_clipper(LacRecipe *recipe) {
  size_t clipper;
  LacStatus status = lac_edit_entry(recipe, "clipper", NULL, SIZE_MAX, &clipper);
  return status ? status
                : lac_edit_set(recipe, clipper, "amount_db", clip_db,
                               "The last decibel of the highest peaks is clipped where the music hides it, so the "
                               "limiter has less to do.",
                               "--quality best.");
}

static LacStatus choose_quality(LacRecipe *recipe, size_t limiter, LacQuality quality) {
  const bool is_best = quality == LAC_QUALITY_BEST;
  return lac_edit_choose(recipe, limiter, "quality", is_best ? "best" : "standard",
                         is_best ? "The gain is refined until nothing more comes of it, whatever the time it takes."
                                 : "The gain is refined as far as can be heard.",
                         is_best ? "--quality best." : "--quality standard, the default.");
}

LacStatus lac_limiter_choose(LacRecipe *recipe, LacQuality quality, unsigned n_channels) {
  const size_t limiter = lac_edit_find(recipe, "limiter", NULL);
  LacStatus status = choose_solver(recipe, limiter, quality);
  if (!status && quality != LAC_QUALITY_FAST && is_chosen(recipe, limiter, "solver", "offline"))
    status = choose_quality(recipe, limiter, quality);
  if (!status)
    status = choose_link(recipe, limiter, n_channels);
  if (!status && quality == LAC_QUALITY_BEST)
    status = choose_clipper(recipe);
  return status;
}

LacLimiterForm lac_limiter_form(const LacRecipe *recipe, size_t entry) {
  return (LacLimiterForm){.is_offline = is_offline(recipe, entry),
                          .weights = lac_limit_weights((unsigned)lac_edit_value(recipe, entry, "character")),
                          .link = 0.01 * lac_edit_value(recipe, entry, "link_percent"),
                          .lookahead_ms = lac_edit_value(recipe, entry, "lookahead_ms"),
                          .release_ms = lac_edit_value(recipe, entry, "release_ms")};
}
