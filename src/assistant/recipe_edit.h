/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The assistant's hand in a recipe: entries and values by name, always rounded to the parameter's step, never over a
 * value that somebody else decided. */

#ifndef LAC_ASSISTANT_RECIPE_EDIT_H
#define LAC_ASSISTANT_RECIPE_EDIT_H

#include <lacquer/chain.h>

/* Index of the entry with this id, or of the first entry of this processor when `id` is NULL; SIZE_MAX when absent. */
size_t lac_edit_find(const LacRecipe *recipe, const char *processor, const char *id);
/* The same, added where the registry's order puts it (or before `position`) when absent. */
LacStatus lac_edit_entry(LacRecipe *recipe, const char *processor, const char *id, size_t position, size_t *entry);

/* True when a person, preset or reference decided this value: the assistant may not move it. */
bool lac_edit_is_kept(const LacRecipe *recipe, size_t entry, const char *param);
double lac_edit_value(const LacRecipe *recipe, size_t entry, const char *param);
/* Table row of a parameter. NULL when the processor has none of that id. */
const LacParam *lac_edit_param(const LacRecipe *recipe, size_t entry, const char *param);
/* Rounded to the step and brought into the range. Does nothing when the value is kept. */
LacStatus lac_edit_set(LacRecipe *recipe, size_t entry, const char *param, double value, const char *reason,
                       const char *evidence);
/* A choice by its name. LAC_ERR_INTERNAL when there is none of that name. */
LacStatus lac_edit_choose(LacRecipe *recipe, size_t entry, const char *param, const char *choice, const char *reason,
                          const char *evidence);

#endif
