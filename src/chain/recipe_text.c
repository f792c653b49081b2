/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What people type: "[ENTRY.]PROC.PARAM=VALUE". */

#include "chain/assistant_entries.h"
#include "chain/recipe_model.h"
#include "chain/spelling.h"

#include "core/memory.h"
#include "core/number.h"
#include "core/text_buffer.h"
#include "processors/processor_class.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 64, MAX_PARTS = 3 };

/* --- Names -------------------------------------------------------------------------------------------------- */

typedef struct Assignment {
  char names[MAX_PARTS][MAX_NAME];
  size_t n_names;
  const char *value;
  const char *whole; /* as typed, for messages */
} Assignment;

static LacStatus split(const char *assignment, Assignment *out, LacError *error) {
  const char *equals = strchr(assignment, '=');
  out->whole = assignment;
  out->n_names = 0;
  const char *from = assignment;
  while (equals && out->n_names < MAX_PARTS) {
    const size_t length = strcspn(from, ".=");
    if (length == 0 || length >= MAX_NAME) {
      break;
    }
    memcpy(out->names[out->n_names], from, length);
    out->names[out->n_names++][length] = '\0';
    from += length;
    if (from == equals) {
      break;
    }
    ++from;
  }
  if (!equals || out->n_names < 2 || from != equals || from[-1] == '.') {
    return lac_error_set(error, LAC_ERR_USAGE, "SETTING_SYNTAX",
                         "\"%.200s\" is not a setting. Write PROCESSOR.PARAMETER=VALUE, for example "
                         "limiter.drive_db=3, with the entry's name and a dot in front if the chain has several.",
                         assignment);
  }
  out->value = equals + 1;
  return LAC_OK;
}

static LacStatus unknown_processor(const LacRecipe *recipe, const char *typed, LacError *error) {
  LacSpelling spelling = {.typed = typed};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < lac_processor_class_count(); ++i) {
    lac_spelling_offer(&spelling, lac_processor_class_info(lac_processor_class_at(i))->id);
  }
  for (size_t i = 0; i < recipe->n_items; ++i) {
    lac_spelling_offer(&spelling, recipe->items[i].id);
  }
  return lac_error_set(error, LAC_ERR_USAGE, "SETTING_UNKNOWN",
                       "There is no processor \"%s\".%s See: lacquer list processors.", typed,
                       lac_spelling_hint(&spelling, hint));
}

static LacStatus unknown_parameter(const LacProcessorInfo *info, const char *typed, LacError *error) {
  LacSpelling spelling = {.typed = typed};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < info->n_params; ++i) {
    lac_spelling_offer(&spelling, info->params[i].id);
  }
  return lac_error_set(error, LAC_ERR_USAGE, "SETTING_UNKNOWN", "%s has no parameter \"%s\".%s See: lacquer help %s.",
                       info->id, typed, lac_spelling_hint(&spelling, hint), info->id);
}

/* The class of a processor id, in the registry or (a test's own) in the chain. */
static const LacProcessorClass *find_class(const LacRecipe *recipe, const char *id) {
  const LacProcessorClass *cls = lac_processor_class_find(id);
  for (size_t i = 0; !cls && i < recipe->n_items; ++i) {
    if (strcmp(recipe->items[i].info->id, id) == 0) {
      cls = recipe->items[i].cls;
    }
  }
  return cls;
}

/* "a and b", "a, b and c": what to put before the processor. */
static LacStatus ambiguous(const LacRecipe *recipe, const Assignment *a, const LacProcessorClass *cls,
                           LacError *error) {
  LacText names = {0};
  const char *one = "";
  size_t left = 0;
  for (size_t i = 0; i < recipe->n_items; ++i) {
    left += recipe->items[i].cls == cls;
  }
  for (size_t i = 0; i < recipe->n_items; ++i) {
    if (recipe->items[i].cls == cls) {
      one = recipe->items[i].id;
      --left;
      lac_text_appendf(&names, "%s%s", one, left > 1 ? ", " : left == 1 ? " and " : "");
    }
  }
  char *list = lac_text_take(&names);
  const LacStatus status =
      list ? lac_error_set(error, LAC_ERR_USAGE, "SETTING_AMBIGUOUS",
                           "The chain has several entries of %s: %.200s. Put the entry's name and a dot before it, as "
                           "in %s.%s.%s=%.100s.",
                           a->names[0], list, one, a->names[0], a->names[1], a->value)
           : lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to set %.200s.", a->whole);
  lac_text_free(list);
  return status;
}

static bool is_the_assistants(const char *id) {
  static const char *const ids[] = {LAC_ENTRY_OFFSET, LAC_ENTRY_STAGING, LAC_ENTRY_TONE, LAC_ENTRY_DYNAMICS,
                                    LAC_ENTRY_LEVEL};
  bool is_one = false;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; ++i) {
    is_one |= strcmp(id, ids[i]) == 0;
  }
  return is_one;
}

/* The entry of a class that has its id, else the only one that the assistant does not keep for itself, SIZE_MAX when
 * none, SIZE_MAX - 1 when several. */
static size_t entry_of_class(const LacRecipe *recipe, const LacProcessorClass *cls) {
  size_t found = SIZE_MAX;
  for (size_t i = 0; i < recipe->n_items; ++i) {
    if (recipe->items[i].cls != cls || is_the_assistants(recipe->items[i].id)) {
      continue;
    }
    if (strcmp(recipe->items[i].id, recipe->items[i].info->id) == 0) {
      return i;
    }
    found = found == SIZE_MAX ? i : SIZE_MAX - 1;
  }
  return found;
}

typedef struct Place {
  size_t entry; /* SIZE_MAX: to be added */
  const LacProcessorClass *cls;
  const char *new_id; /* of an entry to be added, NULL: its processor's */
} Place;

static LacStatus find_place(const LacRecipe *recipe, const Assignment *a, Place *place, LacError *error) {
  const char *processor = a->names[a->n_names - 2];
  place->cls = find_class(recipe, processor);
  place->new_id = NULL;
  if (a->n_names == 2) {
    place->entry = place->cls ? entry_of_class(recipe, place->cls) : lac_recipe_find_id(recipe, processor);
    if (place->entry == SIZE_MAX - 1) {
      return ambiguous(recipe, a, place->cls, error);
    }
    if (!place->cls && place->entry == SIZE_MAX) {
      return unknown_processor(recipe, processor, error);
    }
  } else {
    place->entry = lac_recipe_find_id(recipe, a->names[0]);
    place->new_id = a->names[0];
    if (!place->cls) {
      return unknown_processor(recipe, processor, error);
    }
    if (place->entry != SIZE_MAX && recipe->items[place->entry].cls != place->cls) {
      return lac_error_set(error, LAC_ERR_USAGE, "SETTING_UNKNOWN", "The entry \"%s\" is a %s, not a %s.", a->names[0],
                           recipe->items[place->entry].info->id, processor);
    }
    if (place->entry == SIZE_MAX && !lac_recipe_id_is_valid(place->new_id)) {
      return lac_error_set(error, LAC_ERR_USAGE, "SETTING_SYNTAX",
                           "\"%s\" cannot name an entry: use letters, digits, \"_\" and \"-\".", a->names[0]);
    }
  }
  if (place->entry != SIZE_MAX) {
    place->cls = recipe->items[place->entry].cls;
  }
  return LAC_OK;
}

/* --- Values ------------------------------------------------------------------------------------------------- */

static LacStatus parse_choice(const LacParam *param, const char *text, double *value) {
  for (size_t i = 0; param->choices && param->choices[i]; ++i) {
    if (strcmp(param->choices[i], text) == 0) {
      *value = (double)i;
      return LAC_OK;
    }
  }
  return LAC_ERR_RANGE;
}

static LacStatus parse_switch(const char *text, double *value) {
  static const char *const words[] = {"false", "true", "off", "on", "no", "yes", "0", "1"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i) {
    if (strcmp(words[i], text) == 0) {
      *value = (double)(i % 2);
      return LAC_OK;
    }
  }
  return LAC_ERR_RANGE;
}

/* "100:0,1000:2.5" for a curve, "1.5,2,7" for a list, "" for none. */
static LacStatus parse_points(const LacParam *param, const char *text, LacRecipeCell *cell) {
  LacCurvePoint *points = lac_calloc(LAC_MAX_CURVE_POINTS, sizeof *points);
  size_t n = 0;
  LacStatus status = points ? LAC_OK : LAC_ERR_MEMORY;
  const char *from = text;
  while (status == LAC_OK && *from) {
    char x[LAC_NUMBER_SIZE] = "";
    char y[LAC_NUMBER_SIZE] = "";
    const size_t x_length = strcspn(from, ":,");
    const bool has_y = from[x_length] == ':';
    const size_t y_length = has_y ? strcspn(from + x_length + 1, ",") : 0;
    if (n == LAC_MAX_CURVE_POINTS || x_length >= sizeof x || y_length >= sizeof y ||
        has_y != (param->type == LAC_PARAM_CURVE)) {
      status = LAC_ERR_RANGE;
      break;
    }
    memcpy(x, from, x_length);
    memcpy(y, from + x_length + 1, y_length);
    const bool fits =
        lac_parse_double(x, &points[n].x) == LAC_OK && (!has_y || lac_parse_double(y, &points[n].y) == LAC_OK);
    status = fits ? LAC_OK : LAC_ERR_RANGE;
    ++n;
    from += x_length + (has_y ? y_length + 1 : 0);
    from += *from == ',';
  }
  status = status == LAC_OK ? lac_param_check_points(param, points, n) : status;
  if (status != LAC_OK || n == 0) {
    lac_free(points);
    points = NULL;
  }
  cell->points = points;
  cell->n_points = n;
  return status;
}

static LacStatus parse_value(const LacParam *param, const char *text, LacRecipeCell *cell) {
  switch (param->type) {
  case LAC_PARAM_NUMBER:
    if (lac_parse_double(text, &cell->value) != LAC_OK) {
      return LAC_ERR_RANGE;
    }
    return lac_param_check_value(param, cell->value);
  case LAC_PARAM_CHOICE:
    return parse_choice(param, text, &cell->value);
  case LAC_PARAM_SWITCH:
    return parse_switch(text, &cell->value);
  case LAC_PARAM_CURVE:
  case LAC_PARAM_LIST:
    break;
  }
  return parse_points(param, text, cell);
}

static LacStatus refuse_value(const LacProcessorInfo *info, const LacParam *param, const char *text, LacError *error) {
  char range[400];
  char hint[LAC_HINT_SIZE];
  LacSpelling spelling = {.typed = text};
  lac_recipe_describe_range(param, true, range, sizeof range);
  double number;
  if (param->type == LAC_PARAM_NUMBER && lac_parse_double(text, &number) != LAC_OK) {
    return lac_error_set(
        error, LAC_ERR_RANGE, "SETTING_RANGE",
        "%s.%s cannot be \"%.100s\": that is not a number. Write it with a point and without its unit, "
        "such as 1.5; it %s.",
        info->id, param->id, text, range);
  }
  for (size_t i = 0; param->type == LAC_PARAM_CHOICE && param->choices && param->choices[i]; ++i) {
    lac_spelling_offer(&spelling, param->choices[i]);
  }
  return lac_error_set(error, LAC_ERR_RANGE, "SETTING_RANGE", "%s.%s cannot be \"%.100s\": it %s.%s", info->id,
                       param->id, text, range, lac_spelling_hint(&spelling, hint));
}

/* --- The assignment ----------------------------------------------------------------------------------------- */

/* What the value would be otherwise. */
static char *default_text(const LacParam *row) {
  char number[LAC_NUMBER_SIZE];
  switch (row->type) {
  case LAC_PARAM_CHOICE:
    return lac_format("The default is %s.", row->choices[(size_t)row->neutral]);
  case LAC_PARAM_SWITCH:
    return lac_format("The default is %s.", row->neutral != 0.0 ? "on" : "off");
  case LAC_PARAM_CURVE:
  case LAC_PARAM_LIST:
    return lac_strdup("The default is no points.");
  case LAC_PARAM_NUMBER:
    break;
  }
  return lac_format("The default is %s%s%s.", lac_double_text(row->neutral, number), row->unit && *row->unit ? " " : "",
                    row->unit ? row->unit : "");
}

static LacStatus store_value(LacRecipe *recipe, size_t entry, size_t param, const LacRecipeCell *cell, LacSetBy set_by,
                             const char *typed) {
  const LacParam *row = &recipe->items[entry].info->params[param];
  const LacParamType type = row->type;
  char *reason = lac_format("Set by you: %.300s", typed);
  char *evidence = default_text(row);
  if (!reason || !evidence) {
    lac_free(reason);
    lac_free(evidence);
    return LAC_ERR_MEMORY;
  }
  const LacStatus status =
      type == LAC_PARAM_CURVE || type == LAC_PARAM_LIST
          ? lac_recipe_set_points(recipe, entry, param, cell->points, cell->n_points, set_by, reason, evidence)
          : lac_recipe_set(recipe, entry, param, cell->value, set_by, reason, evidence);
  lac_free(reason);
  lac_free(evidence);
  return status;
}

/* The value, in a new entry if need be; a failure leaves no entry behind. */
static LacStatus store(LacRecipe *recipe, const Place *place, size_t param, const LacRecipeCell *cell, LacSetBy set_by,
                       const char *typed) {
  size_t entry = place->entry;
  if (entry != SIZE_MAX) {
    return store_value(recipe, entry, param, cell, set_by, typed);
  }
  LacStatus status = lac_recipe_add(recipe, place->cls, place->new_id, SIZE_MAX, &entry);
  if (status == LAC_OK) {
    status = store_value(recipe, entry, param, cell, set_by, typed);
    if (status != LAC_OK) {
      (void)lac_recipe_remove(recipe, entry);
    }
  }
  return status;
}

LacStatus lac_recipe_set_text(LacRecipe *recipe, const char *assignment, LacSetBy set_by, LacError *error) {
  Assignment a;
  Place place;
  LacStatus status = split(assignment, &a, error);
  if (status == LAC_OK && a.n_names == 2 && strcmp(a.names[0], "output") == 0) {
    return lac_recipe_set_output_text(recipe, a.names[1], a.value, assignment, set_by, error);
  }
  if (status == LAC_OK) {
    status = find_place(recipe, &a, &place, error);
  }
  if (status != LAC_OK) {
    return status;
  }
  const LacProcessorInfo *info = lac_processor_class_info(place.cls);
  const size_t param = lac_param_find(info, a.names[a.n_names - 1]);
  if (param == SIZE_MAX) {
    return unknown_parameter(info, a.names[a.n_names - 1], error);
  }
  LacRecipeCell cell = {0};
  status = parse_value(&info->params[param], a.value, &cell);
  if (status == LAC_ERR_RANGE) {
    return refuse_value(info, &info->params[param], a.value, error);
  }
  if (status == LAC_OK) {
    status = store(recipe, &place, param, &cell, set_by, assignment);
  }
  lac_free(cell.points);
  if (status == LAC_ERR_LIMIT) {
    return lac_error_set(error, status, "RECIPE_LIMIT", "The chain has %d entries already; it takes no more.",
                         LAC_RECIPE_MAX_ENTRIES);
  }
  return status == LAC_OK ? LAC_OK
                          : lac_error_set(error, status, "MEMORY", "Not enough memory to set %.200s.", assignment);
}
