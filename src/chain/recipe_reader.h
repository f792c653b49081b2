/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading a recipe document: recipe_fields.c reads plain fields, recipe_read_decisions.c the decisions, recipe_read.c
 * the rest. Every refusal names the place as a JSON pointer. */

#ifndef LAC_CHAIN_RECIPE_READER_H
#define LAC_CHAIN_RECIPE_READER_H

#include "chain/recipe_model.h"

typedef struct LacRecipeReader {
  const char *name; /* of the document, for messages */
  LacRecipe *recipe;
  LacNotes *notes; /* may be NULL */
  LacError *error;
} LacRecipeReader;

/* LAC_ERR_SCHEMA with "NAME: POINTER message."; path NULL is the document itself. The message begins with a verb. */
LacStatus lac_recipe_refuse(const LacRecipeReader *r, const LacJsonPath *path, const char *format, ...)
    LAC_PRINTF(3, 4);
/* LAC_ERR_MEMORY with its message. */
LacStatus lac_recipe_no_memory(const LacRecipeReader *r);
/* Adds copies of the fields of `object` that `fields` (NULL-terminated) does not list to *extra, which is made when
 * there are any. */
LacStatus lac_recipe_keep_unknown(const LacRecipeReader *r, json_t *object, const char *const *fields, json_t **extra);

/* One field of `object`, which stands at `parent` (NULL: the document). Absent leaves *value as it is. */
LacStatus lac_recipe_read_text(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                               const char *key, const char **value);
LacStatus lac_recipe_read_number(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                                 const char *key, double minimum, double maximum, double *value);
LacStatus lac_recipe_read_integer(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                                  const char *key, double minimum, double maximum, uint64_t *value);
/* The field path->key of `parent`; *object NULL when absent. */
LacStatus lac_recipe_read_object(const LacRecipeReader *r, const json_t *parent, const LacJsonPath *path,
                                 json_t **object);

/* The `decisions` of a document whose chain, target and output have been read. */
LacStatus lac_recipe_read_decisions(const LacRecipeReader *r, const json_t *document);

#endif
