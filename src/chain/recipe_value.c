/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_model.h"

#include "core/memory.h"
#include "core/number.h"
#include "processors/processor_class.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void lac_recipe_describe_range(const LacParam *param, bool is_typed, char *buffer, size_t size) {
  char low[LAC_NUMBER_SIZE];
  char high[LAC_NUMBER_SIZE];
  lac_double_text(param->minimum, low);
  lac_double_text(param->maximum, high);
  const char *space = param->unit[0] ? " " : "";
  int used = 0;
  switch (param->type) {
  case LAC_PARAM_NUMBER:
    snprintf(buffer, size, "takes %s%s to %s%s%s", param->flags & LAC_PARAM_COUNTS ? "whole numbers from " : "", low,
             high, space, param->unit);
    return;
  case LAC_PARAM_SWITCH:
    snprintf(buffer, size, "is true or false");
    return;
  case LAC_PARAM_CURVE:
    snprintf(buffer, size, "takes up to %d points %s with x rising%s, up to %.0f %s, and y from %s to %s%s%s",
             LAC_MAX_CURVE_POINTS, is_typed ? "x:y,x:y,..." : "[x, y]",
             lac_param_has_log_x(param) ? " from above 0" : "", LAC_MAX_CURVE_X, param->x_unit ? param->x_unit : "",
             low, high, space, param->unit);
    return;
  case LAC_PARAM_LIST:
    snprintf(buffer, size, "takes up to %d rising values from %s to %s%s%s", LAC_MAX_CURVE_POINTS, low, high, space,
             param->unit);
    return;
  case LAC_PARAM_CHOICE:
    break;
  }
  used = snprintf(buffer, size, "is one of:");
  for (size_t i = 0; param->choices[i] && used > 0 && (size_t)used < size; ++i) {
    used += snprintf(buffer + used, size - (size_t)used, "%s %s", i ? "," : "", param->choices[i]);
  }
}

/* --- To and from JSON --------------------------------------------------------------------------------------- */

static json_t *points_json(const LacParam *param, const LacRecipeCell *cell) {
  json_t *array = json_array();
  bool failed = array == NULL;
  for (size_t i = 0; !failed && i < cell->n_points; ++i) {
    if (param->type == LAC_PARAM_LIST) {
      lac_json_push(array, json_real(cell->points[i].x), &failed);
      continue;
    }
    json_t *pair = json_array();
    failed = pair == NULL;
    if (!failed) {
      lac_json_push(pair, json_real(cell->points[i].x), &failed);
      lac_json_push(pair, json_real(cell->points[i].y), &failed);
      lac_json_push(array, pair, &failed);
    }
  }
  if (failed) {
    json_decref(array);
    return NULL;
  }
  return array;
}

json_t *lac_recipe_cell_json(const LacParam *param, const LacRecipeCell *cell) {
  switch (param->type) {
  case LAC_PARAM_NUMBER:
    return json_real(cell->value);
  case LAC_PARAM_CHOICE:
    return json_string(param->choices[(size_t)cell->value]);
  case LAC_PARAM_SWITCH:
    return json_boolean(cell->value != 0);
  case LAC_PARAM_CURVE:
  case LAC_PARAM_LIST:
    break;
  }
  return points_json(param, cell);
}

static LacStatus points_from_json(const LacParam *param, const json_t *value, LacRecipeCell *cell) {
  const size_t n = json_array_size(value);
  if (!json_is_array(value)) {
    return LAC_ERR_SCHEMA;
  }
  if (n > LAC_MAX_CURVE_POINTS) {
    return LAC_ERR_RANGE;
  }
  LacCurvePoint *points = n ? lac_calloc(n, sizeof *points) : NULL;
  if (n && !points) {
    return LAC_ERR_MEMORY;
  }
  LacStatus status = LAC_OK;
  for (size_t i = 0; i < n && status == LAC_OK; ++i) {
    const json_t *item = json_array_get(value, i);
    if (param->type == LAC_PARAM_LIST) {
      status = json_is_number(item) ? LAC_OK : LAC_ERR_SCHEMA;
      points[i].x = json_number_value(item);
    } else {
      const json_t *x = json_array_get(item, 0);
      const json_t *y = json_array_get(item, 1);
      status = json_array_size(item) == 2 && json_is_number(x) && json_is_number(y) ? LAC_OK : LAC_ERR_SCHEMA;
      points[i] = (LacCurvePoint){.x = json_number_value(x), .y = json_number_value(y)};
    }
  }
  if (status == LAC_OK) {
    status = lac_param_check_points(param, points, n);
  }
  if (status != LAC_OK) {
    lac_free(points);
    return status;
  }
  cell->value = param->neutral;
  cell->points = points;
  cell->n_points = n;
  return LAC_OK;
}

LacStatus lac_recipe_cell_from_json(const LacParam *param, const json_t *value, LacRecipeCell *cell) {
  switch (param->type) {
  case LAC_PARAM_NUMBER:
    if (!json_is_number(value)) {
      return LAC_ERR_SCHEMA;
    }
    cell->value = json_number_value(value);
    return lac_param_check_value(param, cell->value);
  case LAC_PARAM_CHOICE:
    if (!json_is_string(value)) {
      return LAC_ERR_SCHEMA;
    }
    for (size_t i = 0; param->choices && param->choices[i]; ++i) {
      if (strcmp(param->choices[i], json_string_value(value)) == 0) {
        cell->value = (double)i;
        return LAC_OK;
      }
    }
    return LAC_ERR_RANGE;
  case LAC_PARAM_SWITCH:
    cell->value = json_is_true(value) ? 1 : 0;
    return json_is_boolean(value) ? LAC_OK : LAC_ERR_SCHEMA;
  case LAC_PARAM_CURVE:
  case LAC_PARAM_LIST:
    break;
  }
  return points_from_json(param, value, cell);
}

/* The writer indents; a decision's value is one line, so blanks outside strings go. */
char *lac_recipe_value_text(const json_t *value) {
  char *text = lac_json_write(value);
  if (!text) {
    return NULL;
  }
  bool in_string = false;
  char *to = text;
  for (const char *from = text; *from; ++from) {
    if (in_string && *from == '\\') {
      *to++ = *from++;
    } else if (*from == '"') {
      in_string = !in_string;
    } else if (!in_string && (*from == ' ' || *from == '\n')) {
      continue;
    }
    *to++ = *from;
  }
  *to = '\0';
  char *copy = lac_strdup(text);
  lac_text_free(text);
  return copy;
}

bool lac_recipe_same_value(const json_t *a, const json_t *b) {
  if (json_is_number(a) && json_is_number(b)) {
    return json_number_value(a) == json_number_value(b);
  }
  if (!json_is_array(a) || !json_is_array(b)) {
    return json_equal(a, b);
  }
  if (json_array_size(a) != json_array_size(b)) {
    return false;
  }
  for (size_t i = 0; i < json_array_size(a); ++i) {
    if (!lac_recipe_same_value(json_array_get(a, i), json_array_get(b, i))) {
      return false;
    }
  }
  return true;
}

/* --- What a decision speaks of ------------------------------------------------------------------------------ */

static json_t *target_value(const LacRecipe *recipe, const char *parameter) {
  if (strcmp(parameter, "integrated_lufs") == 0 && !isnan(recipe->target.integrated_lufs)) {
    return json_real(recipe->target.integrated_lufs);
  }
  if (strcmp(parameter, "true_peak_dbtp") == 0 && !isnan(recipe->target.true_peak_dbtp)) {
    return json_real(recipe->target.true_peak_dbtp);
  }
  return json_null();
}

static json_t *output_value(const LacRecipe *recipe, const char *parameter) {
  const LacRecipeOutput *output = &recipe->output;
  if (strcmp(parameter, "rate_hz") == 0) {
    return output->rate_hz ? json_integer(output->rate_hz) : json_null();
  }
  if (strcmp(parameter, "bits") == 0) {
    return output->bits ? json_integer(output->bits) : json_null();
  }
  if (strcmp(parameter, "dither") == 0) {
    return json_string(lac_dither_name(output->dither));
  }
  if (strcmp(parameter, "seed") == 0) {
    return json_integer((json_int_t)output->seed);
  }
  return strcmp(parameter, "keep_tail_s") == 0 ? json_real(output->keep_tail_s) : json_null();
}

json_t *lac_recipe_current_value(const LacRecipe *recipe, const char *entry, const char *processor,
                                 const char *parameter, bool *failed) {
  json_t *value = NULL;
  if (entry[0] == '\0' && strcmp(processor, "target") == 0) {
    value = target_value(recipe, parameter);
  } else if (entry[0] == '\0' && strcmp(processor, "output") == 0) {
    value = output_value(recipe, parameter);
  } else {
    const size_t item = lac_recipe_find_id(recipe, entry);
    const LacProcessorInfo *info = item == SIZE_MAX ? NULL : recipe->items[item].info;
    const size_t param = info && strcmp(info->id, processor) == 0 ? lac_param_find(info, parameter) : SIZE_MAX;
    if (param == SIZE_MAX) {
      return NULL;
    }
    value = lac_recipe_cell_json(&info->params[param], &recipe->items[item].cells[param]);
  }
  *failed = *failed || value == NULL;
  return value;
}
