/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool value_of(const LacParam *param, const char *text, double *value) {
  for (size_t i = 0; param->type == LAC_PARAM_CHOICE && param->choices[i]; i++)
    if (!strcmp(param->choices[i], text)) {
      *value = (double)i;
      return true;
    }
  char *end;
  *value = strtod(text, &end);
  return end != text && !*end;
}

/* "x:y,x:y,..." */
static bool assign_points(LacProcessor *processor, size_t param, const char *text) {
  static LacCurvePoint points[LAC_MAX_CURVE_POINTS];
  size_t n = 0;
  for (char *end; n < LAC_MAX_CURVE_POINTS; n++, text = end + 1) {
    points[n].x = strtod(text, &end);
    if (end == text || *end != ':')
      return false;
    text = end + 1;
    points[n].y = strtod(text, &end);
    if (end == text || (*end && *end != ','))
      return false;
    if (!*end)
      return lac_processor_set_points(processor, param, points, n + 1) == LAC_OK;
  }
  return false;
}

static bool assign(LacProcessor *processor, const LacProcessorInfo *info, const char *assignment) {
  char id[64];
  const char *equals = strchr(assignment, '=');
  if (!equals || (size_t)(equals - assignment) >= sizeof id)
    return false;
  memcpy(id, assignment, (size_t)(equals - assignment));
  id[equals - assignment] = 0;
  const size_t param = lac_param_find(info, id);
  double value;
  if (param != SIZE_MAX && info->params[param].type == LAC_PARAM_CURVE)
    return assign_points(processor, param, equals + 1);
  return param != SIZE_MAX && value_of(&info->params[param], equals + 1, &value) &&
         lac_processor_set(processor, param, value, 0) == LAC_OK;
}

static LacProcessor *refuse(LacProcessor *processor, const char *what, const char *word) {
  fprintf(stderr, "%s%s\n", what, word);
  lac_processor_free(processor);
  return NULL;
}

LacProcessor *chain_settings_next(char ***words, const LacProcessorInfo **info) {
  const LacProcessorClass *class = lac_processor_class_find(**words);
  LacProcessor *processor = NULL;
  if (!class || lac_processor_new(class, &processor) != LAC_OK)
    return refuse(NULL, "no such processor: ", **words);
  *info = lac_processor_class_info(class);
  for ((*words)++; **words && strcmp(**words, "+") != 0; (*words)++)
    if (!assign(processor, *info, **words))
      return refuse(processor, "no such parameter or value: ", **words);
  *words += **words != NULL;
  return processor;
}
