/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One recipe takes over what another one sets. */

#include <string.h>

#include "chain/recipe_model.h"
#include "core/memory.h"

/* The entry of this id and class, made when there is none; an id that names something else gives way to a free one. */
static LacStatus entry_for(LacRecipe *recipe, const LacRecipeItem *item, size_t *entry) {
  const size_t named = lac_recipe_find_id(recipe, item->id);
  if (named != SIZE_MAX && recipe->items[named].cls == item->cls) {
    *entry = named;
    return LAC_OK;
  }
  const LacStatus status = lac_recipe_add(recipe, item->cls, named == SIZE_MAX ? item->id : NULL, SIZE_MAX, entry);
  if (status == LAC_OK) {
    lac_recipe_enable(recipe, *entry, item->enabled);
  }
  return status;
}

LacStatus lac_recipe_merge(LacRecipe *recipe, const LacRecipe *from, LacSetBy set_by, const char *reason,
                           const char *evidence) {
  LacStatus status = LAC_OK;
  for (size_t i = 0; i < from->n_items && status == LAC_OK; ++i) {
    const LacRecipeItem *item = &from->items[i];
    size_t entry = 0;
    status = entry_for(recipe, item, &entry);
    for (size_t k = 0; k < item->info->n_params && status == LAC_OK; ++k) {
      const LacRecipeCell *cell = &item->cells[k];
      if (!cell->is_set || lac_recipe_is_set(recipe, entry, k)) {
        continue;
      }
      status = cell->points
                   ? lac_recipe_set_points(recipe, entry, k, cell->points, cell->n_points, set_by, reason, evidence)
                   : lac_recipe_set(recipe, entry, k, cell->value, set_by, reason, evidence);
    }
  }
  return status;
}
