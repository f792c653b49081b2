/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of a recipe, for the files of this folder: recipe.c keeps it, recipe_value.c knows one value,
 * recipe_read.c and recipe_write.c turn it from and to JSON, recipe_text.c reads what people type. */

#ifndef LAC_CHAIN_RECIPE_MODEL_H
#define LAC_CHAIN_RECIPE_MODEL_H

#include <lacquer/chain.h>

#include "text/json.h"

enum {
  LAC_RECIPE_MAX_ENTRIES = 256,    /* far beyond a sane chain; bounds a hostile document */
  LAC_RECIPE_MAX_DECISIONS = 8192, /* looked through one by one */
  LAC_RECIPE_ID_SIZE = 64          /* with its NUL: what LacReadoutResult.entry holds */
};

/* One parameter of one entry. */
typedef struct LacRecipeCell {
  bool is_set;
  LacSetBy set_by;
  double value;          /* NUMBER, CHOICE (index), SWITCH (0 or 1) */
  LacCurvePoint *points; /* CURVE, LIST (x); owned */
  size_t n_points;
} LacRecipeCell;

typedef struct LacRecipeItem {
  const LacProcessorClass *cls;
  const LacProcessorInfo *info;
  char *id;
  unsigned revision;
  bool enabled;
  LacRecipeCell *cells; /* info->n_params */
  json_t *extra;        /* unknown fields, or NULL */
} LacRecipeItem;

/* A decision with its strings owned. */
typedef struct LacRecipeReason {
  char *entry;
  char *processor;
  char *parameter;
  json_t *value;
  char *value_text; /* `value` as JSON on one line */
  LacSetBy set_by;
  char *reason;
  char *evidence;
  json_t *extra;
} LacRecipeReason;

struct LacRecipe {
  LacRecipeItem *items;
  size_t n_items;
  size_t items_capacity;
  LacRecipeReason *reasons;
  size_t n_reasons;
  size_t reasons_capacity;
  LacRecipeTarget target;
  LacRecipeOutput output;
  LacRecipeInput input;
  bool keeps_input; /* `input` was in the document that was read: write it again */
  json_t *target_extra;
  json_t *output_extra;
  json_t *input_extra;
  json_t *extra;
};

/* --- recipe.c ----------------------------------------------------------------------------------------------- */

/* 1..63 letters, digits, '_' or '-': what can stand before the dot of --set. */
bool lac_recipe_id_is_valid(const char *id);
/* Index of the entry with exactly this id, or SIZE_MAX. */
size_t lac_recipe_find_id(const LacRecipe *recipe, const char *id);
/* The processor's id, or "gain2", "gain3", ... when it is taken; NULL when out of memory. Caller: lac_free. */
char *lac_recipe_free_id(const LacRecipe *recipe, const char *processor);
/* Before the first entry that the default order puts later: never behind a limiter, however the rest was shuffled. */
size_t lac_recipe_default_position(const LacRecipe *recipe, const LacProcessorClass *cls);
/* Stores a checked value; takes `points` (may be NULL). */
void lac_recipe_put_cell(LacRecipe *recipe, size_t entry, size_t param, LacRecipeCell cell);
/* Records a decision, replacing the one for the same value. Takes what `reason` owns, also on failure. */
LacStatus lac_recipe_put_reason(LacRecipe *recipe, LacRecipeReason *reason);
void lac_recipe_reason_clear(LacRecipeReason *reason);
/* Fills `out` with copies; takes `value` (NULL means out of memory). LAC_ERR_MEMORY leaves `out` cleared. */
LacStatus lac_recipe_reason_make(const char *entry, const char *processor, const char *parameter, json_t *value,
                                 LacSetBy set_by, const char *reason, const char *evidence, LacRecipeReason *out);
/* Index of the decision for one value, or SIZE_MAX. */
size_t lac_recipe_find_reason(const LacRecipe *recipe, const char *entry, const char *processor, const char *parameter);
void lac_recipe_drop_reason(LacRecipe *recipe, size_t index);

/* --- recipe_output.c ---------------------------------------------------------------------------------------- */

/* "output.PARAMETER=VALUE" (`typed`, for the reason) of --set. */
LacStatus lac_recipe_set_output_text(LacRecipe *recipe, const char *parameter, const char *value, const char *typed,
                                     LacSetBy set_by, LacError *error);

/* --- recipe_value.c ----------------------------------------------------------------------------------------- */

/* "takes 20 to 20000 Hz" / "is one of: bell, notch" / "is true or false": ends a message about a refused value. */
void lac_recipe_describe_range(const LacParam *param, bool is_typed, char *buffer, size_t size);
/* The value as in the document; NULL when out of memory. */
json_t *lac_recipe_cell_json(const LacParam *param, const LacRecipeCell *cell);
/* From a document: LAC_OK and an owned cell (is_set, set_by untouched), LAC_ERR_SCHEMA for a wrong type,
 * LAC_ERR_RANGE for a wrong value, LAC_ERR_MEMORY. */
LacStatus lac_recipe_cell_from_json(const LacParam *param, const json_t *value, LacRecipeCell *cell);
/* JSON on one line; NULL when out of memory. Caller: lac_free. */
char *lac_recipe_value_text(const json_t *value);
/* Equal as values: 1 and 1.0 are the same number. */
bool lac_recipe_same_value(const json_t *a, const json_t *b);
/* The present value that a decision speaks of, NULL when it speaks of nothing that exists. *failed when out of
 * memory. For a parameter that nobody set: its default. */
json_t *lac_recipe_current_value(const LacRecipe *recipe, const char *entry, const char *processor,
                                 const char *parameter, bool *failed);

#endif
