/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/recipe_edit.h"

#include <math.h>
#include <string.h>

#include "core/number.h"

size_t lac_edit_find(const LacRecipe *recipe, const char *processor, const char *id) {
  for (size_t i = 0; i < lac_recipe_entry_count(recipe); i++) {
    LacRecipeEntry entry = lac_recipe_entry(recipe, i);
    bool is_class = strcmp(lac_processor_class_info(entry.cls)->id, processor) == 0;
    if (is_class && (!id || strcmp(entry.id, id) == 0))
      return i;
  }
  return SIZE_MAX;
}

LacStatus lac_edit_entry(LacRecipe *recipe, const char *processor, const char *id, size_t position, size_t *entry) {
  const LacProcessorClass *cls = lac_processor_class_find(processor);
  *entry = lac_edit_find(recipe, processor, id);
  if (*entry != SIZE_MAX)
    return LAC_OK;
  return cls ? lac_recipe_add(recipe, cls, id, position, entry) : LAC_ERR_INTERNAL;
}

static size_t param_index(const LacRecipe *recipe, size_t entry, const char *param) {
  return lac_param_find(lac_processor_class_info(lac_recipe_entry(recipe, entry).cls), param);
}

const LacParam *lac_edit_param(const LacRecipe *recipe, size_t entry, const char *param) {
  const LacProcessorInfo *info = lac_processor_class_info(lac_recipe_entry(recipe, entry).cls);
  size_t index = lac_param_find(info, param);
  return index == SIZE_MAX ? NULL : &info->params[index];
}

bool lac_edit_is_kept(const LacRecipe *recipe, size_t entry, const char *param) {
  size_t index = param_index(recipe, entry, param);
  if (index == SIZE_MAX || !lac_recipe_is_set(recipe, entry, index))
    return false;
  LacSetBy set_by = lac_recipe_set_by(recipe, entry, index);
  return set_by != LAC_SET_BY_ASSISTANT && set_by != LAC_SET_BY_DEFAULT;
}

double lac_edit_value(const LacRecipe *recipe, size_t entry, const char *param) {
  size_t index = param_index(recipe, entry, param);
  return index == SIZE_MAX ? NAN : lac_recipe_value(recipe, entry, index);
}

LacStatus lac_edit_set(LacRecipe *recipe, size_t entry, const char *param, double value, const char *reason,
                       const char *evidence) {
  const LacParam *row = lac_edit_param(recipe, entry, param);
  if (!row)
    return LAC_ERR_INTERNAL;
  if (lac_edit_is_kept(recipe, entry, param))
    return LAC_OK;
  value = lac_round_to_step(value, row->step);
  value = value < row->minimum ? row->minimum : value > row->maximum ? row->maximum : value;
  return lac_recipe_set(recipe, entry, param_index(recipe, entry, param), value, LAC_SET_BY_ASSISTANT, reason,
                        evidence);
}

LacStatus lac_edit_choose(LacRecipe *recipe, size_t entry, const char *param, const char *choice, const char *reason,
                          const char *evidence) {
  const LacParam *row = lac_edit_param(recipe, entry, param);
  for (int i = 0; row && row->choices && row->choices[i]; i++)
    if (strcmp(row->choices[i], choice) == 0)
      return lac_edit_set(recipe, entry, param, i, reason, evidence);
  return LAC_ERR_INTERNAL;
}
