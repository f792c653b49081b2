/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the person asked for, brought together: options are checked, and target, output format and settings enter the
 * recipe by precedence (--set > named option > recipe > preset > platform > default). */

#ifndef LAC_MASTER_MASTER_SETUP_H
#define LAC_MASTER_MASTER_SETUP_H

#include <lacquer/master.h>

typedef struct LacMasterSetup {
  const LacMasterOptions *options;
  const LacPlatform *platform;
  LacAssistantOptions assistant;
} LacMasterSetup;

/* Ranges of the named options, the platform by its id. Errors: RANGE, USAGE. */
LacStatus lac_master_setup(const LacMasterOptions *options, const LacPlatforms *platforms, LacMasterSetup *setup,
                           LacError *error);

/* Into `recipe` (new, or as read): presets, settings, target, output. `info` describes the input, `container` the
 * output. Notes: RATE_CHANGED. */
LacStatus lac_master_setup_recipe(const LacMasterSetup *setup, const LacMediaInfo *info, LacContainer container,
                                  LacRecipe *recipe, LacNotes *notes, LacError *error);

#endif
