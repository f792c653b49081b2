/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fuzz target: presets, and what applying them does. */

#include <lacquer/targets.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  LacPresets *presets = NULL;
  LacRecipe *recipe = NULL;
  LacError error = {0};
  if (lac_presets_read("fuzz", (const char *)bytes, n_bytes, &presets, &error) == LAC_OK) {
    const LacPreset *preset = lac_presets_at(presets, 0);
    if (lac_presets_count(presets) != 1 || lac_presets_find(presets, preset->id) != preset ||
        lac_recipe_entry_count(preset->recipe) == 0 || lac_recipe_new(&recipe) != LAC_OK ||
        lac_preset_apply(preset, recipe) != LAC_OK ||
        lac_recipe_entry_count(recipe) != lac_recipe_entry_count(preset->recipe))
      abort();
  } else if (!error.text[0]) {
    abort();
  }
  lac_recipe_free(recipe);
  lac_presets_free(presets);
  return 0;
}
