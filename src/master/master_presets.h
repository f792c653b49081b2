/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Presets that a person named, brought into the recipe. */

#ifndef LAC_MASTER_MASTER_PRESETS_H
#define LAC_MASTER_MASTER_PRESETS_H

#include <lacquer/chain.h>

/* Ids, or files when they hold a slash or end in .json. Values that the recipe has stay; of two presets the later one
 * counts. Errors: USAGE (PRESET_UNKNOWN), those of lac_presets_load and of a file that was asked for. Notes:
 * PRESET_SKIPPED, RECIPE_REVISION. */
LacStatus lac_master_apply_presets(const char *const *presets, size_t n_presets, LacRecipe *recipe, LacNotes *notes,
                                   LacError *error);

#endif
