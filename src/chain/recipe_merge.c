/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One recipe takes over what another one sets. */

#include <string.h>

#include "chain/recipe_model.h"
#include "core/memory.h"

/* The entry that `item` becomes, or SIZE_MAX. */
static size_t find_same(const LacRecipe *recipe, const LacRecipeItem *item) {
  const size_t named = lac_recipe_find_id(recipe, item->id);
  return named != SIZE_MAX && recipe->items[named].cls == item->cls ? named : SIZE_MAX;
}

/* Behind `after` entries and before the next one of `from` that is there already; between these the default order. */
static size_t place_for(const LacRecipe *recipe, const LacRecipe *from, size_t index, size_t after) {
  size_t place = lac_recipe_default_position(recipe, from->items[index].cls);
  place = place > after ? place : after;
  for (size_t i = index + 1; i < from->n_items; ++i) {
    const size_t next = find_same(recipe, &from->items[i]);
    if (next != SIZE_MAX && next >= after) {
      return place < next ? place : next;
    }
  }
  /* What `from` puts elsewhere than the default order would, stays ahead of what it brings next. */
  for (size_t i = index + 1; i < from->n_items; ++i) {
    const size_t next = lac_recipe_default_position(recipe, from->items[i].cls);
    place = next >= after && next < place ? next : place;
  }
  return place;
}

/* The entry of this id and class, made when there is none; an id that names something else gives way to a free one. */
static LacStatus entry_for(LacRecipe *recipe, const LacRecipe *from, size_t index, size_t after, size_t *entry) {
  const LacRecipeItem *item = &from->items[index];
  *entry = find_same(recipe, item);
  if (*entry != SIZE_MAX) {
    return LAC_OK;
  }
  const bool is_free = lac_recipe_find_id(recipe, item->id) == SIZE_MAX;
  const LacStatus status =
      lac_recipe_add(recipe, item->cls, is_free ? item->id : NULL, place_for(recipe, from, index, after), entry);
  if (status == LAC_OK) {
    lac_recipe_enable(recipe, *entry, item->enabled);
  }
  return status;
}

LacStatus lac_recipe_merge(LacRecipe *recipe, const LacRecipe *from, LacSetBy set_by, const char *reason,
                           const char *evidence) {
  LacStatus status = LAC_OK;
  size_t after = 0; /* entries that the next one stands behind */
  for (size_t i = 0; i < from->n_items && status == LAC_OK; ++i) {
    const LacRecipeItem *item = &from->items[i];
    size_t entry = 0;
    status = entry_for(recipe, from, i, after, &entry);
    after = status == LAC_OK && entry >= after ? entry + 1 : after;
    for (size_t k = 0; k < item->info->n_params && status == LAC_OK; ++k) {
      const LacRecipeCell *cell = &item->cells[k];
      if (!cell->is_set || lac_recipe_is_set(recipe, entry, k)) {
        continue;
      }
      const LacParamType type = item->info->params[k].type; /* a curve may have no points */
      status = type == LAC_PARAM_CURVE || type == LAC_PARAM_LIST
                   ? lac_recipe_set_points(recipe, entry, k, cell->points, cell->n_points, set_by, reason, evidence)
                   : lac_recipe_set(recipe, entry, k, cell->value, set_by, reason, evidence);
    }
  }
  return status;
}
