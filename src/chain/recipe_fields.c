/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_reader.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

LacStatus lac_recipe_refuse(const LacRecipeReader *r, const LacJsonPath *path, const char *format, ...) {
  char pointer[256] = "";
  char text[640];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (path) {
    lac_json_pointer(path, pointer, sizeof pointer);
  }
  return lac_error_set(r->error, LAC_ERR_SCHEMA, "RECIPE_INVALID", "%.200s: %s %s%s", r->name,
                       pointer[0] ? pointer : "the document", text, strchr(".?", text[strlen(text) - 1]) ? "" : ".");
}

LacStatus lac_recipe_no_memory(const LacRecipeReader *r) {
  return lac_error_set(r->error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to read %.200s.", r->name);
}

static bool is_listed(const char *const *fields, const char *key) {
  for (size_t i = 0; fields[i]; ++i) {
    if (strcmp(fields[i], key) == 0) {
      return true;
    }
  }
  return false;
}

LacStatus lac_recipe_keep_unknown(const LacRecipeReader *r, json_t *object, const char *const *fields, json_t **extra) {
  const char *key = NULL;
  json_t *value = NULL;
  json_object_foreach(object, key, value) {
    if (is_listed(fields, key)) {
      continue;
    }
    if (!*extra) {
      *extra = json_object();
    }
    if (!*extra || json_object_set_new(*extra, key, json_deep_copy(value)) != 0) {
      return lac_recipe_no_memory(r);
    }
  }
  return LAC_OK;
}

LacStatus lac_recipe_read_text(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                               const char *key, const char **value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  const json_t *field = json_object_get(object, key);
  if (!field) {
    return LAC_OK;
  }
  if (!json_is_string(field)) {
    return lac_recipe_refuse(r, &path, "must be a text");
  }
  *value = json_string_value(field);
  return LAC_OK;
}

LacStatus lac_recipe_read_number(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                                 const char *key, double minimum, double maximum, double *value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  const json_t *field = json_object_get(object, key);
  if (!field) {
    return LAC_OK;
  }
  const double number = json_number_value(field);
  if (!json_is_number(field)) {
    return lac_recipe_refuse(r, &path, "must be a number");
  }
  if (!(number >= minimum && number <= maximum)) {
    char low[LAC_NUMBER_SIZE];
    char high[LAC_NUMBER_SIZE];
    return lac_recipe_refuse(r, &path, "must be from %s to %s", lac_double_text(minimum, low),
                             lac_double_text(maximum, high));
  }
  *value = number;
  return LAC_OK;
}

LacStatus lac_recipe_read_integer(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                                  const char *key, double minimum, double maximum, uint64_t *value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  double number = (double)*value;
  const LacStatus status = lac_recipe_read_number(r, object, parent, key, minimum, maximum, &number);
  if (status != LAC_OK) {
    return status;
  }
  if (number != floor(number)) {
    return lac_recipe_refuse(r, &path, "must be a whole number");
  }
  *value = (uint64_t)number;
  return LAC_OK;
}

LacStatus lac_recipe_read_object(const LacRecipeReader *r, const json_t *parent, const LacJsonPath *path,
                                 json_t **object) {
  *object = json_object_get(parent, path->key);
  return !*object || json_is_object(*object) ? LAC_OK : lac_recipe_refuse(r, path, "must be an object");
}
