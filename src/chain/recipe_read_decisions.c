/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_reader.h"

#include "core/memory.h"

#include <string.h>

static const char *const decision_fields[] = {"entry",  "processor", "parameter", "value",
                                              "set_by", "reason",    "evidence",  NULL};

static LacStatus read_set_by(const LacRecipeReader *r, const json_t *object, const LacJsonPath *parent,
                             LacSetBy *set_by) {
  const LacJsonPath path = {.parent = parent, .key = "set_by"};
  const char *name = NULL;
  const LacStatus status = lac_recipe_read_text(r, object, parent, "set_by", &name);
  for (int i = LAC_SET_BY_DEFAULT; name && i <= LAC_SET_BY_PERSON; ++i) {
    if (strcmp(name, lac_set_by_name((LacSetBy)i)) == 0) {
      *set_by = (LacSetBy)i;
      return LAC_OK;
    }
  }
  return status != LAC_OK ? status
                          : lac_recipe_refuse(r, &path, "must be default, preset, assistant, reference or person");
}

/* Where the chain's value and the decision differ, a person edited the value: the decision becomes theirs, and what it
 * was stays as evidence. A decision whose value was taken out of the chain goes. */
static LacStatus settle_decision(const LacRecipeReader *r, LacRecipeReason *made, json_t *current, bool *keep) {
  const size_t item = lac_recipe_find_id(r->recipe, made->entry);
  const LacProcessorInfo *info = item == SIZE_MAX ? NULL : r->recipe->items[item].info;
  const size_t param = info ? lac_param_find(info, made->parameter) : SIZE_MAX;
  LacRecipeCell *cell = param == SIZE_MAX ? NULL : &r->recipe->items[item].cells[param];
  const bool is_same = lac_recipe_same_value(made->value, current);
  *keep = true;
  if (is_same) {
    if (cell) {
      cell->is_set = true;
      cell->set_by = made->set_by;
    }
    return LAC_OK;
  }
  if ((cell && !cell->is_set) || json_is_null(current)) {
    *keep = false;
    return LAC_OK;
  }
  char *evidence = lac_format("%s (%s) before.", made->value_text, lac_set_by_name(made->set_by));
  char *text = lac_recipe_value_text(current);
  char *reason = lac_format("%s.%s was changed to %s in the recipe.", made->entry, made->parameter, text ? text : "");
  if (!evidence || !reason || !text) {
    lac_free(evidence);
    lac_free(reason);
    lac_free(text);
    return lac_recipe_no_memory(r);
  }
  lac_free(made->evidence);
  lac_free(made->reason);
  lac_free(made->value_text);
  made->evidence = evidence;
  made->reason = reason;
  made->value_text = text;
  made->set_by = LAC_SET_BY_PERSON;
  json_decref(made->value);
  made->value = json_incref(current);
  return LAC_OK;
}

static LacStatus read_decision(const LacRecipeReader *r, json_t *object, const LacJsonPath *path) {
  const LacJsonPath parameter_path = {.parent = path, .key = "parameter"};
  const LacJsonPath value_path = {.parent = path, .key = "value"};
  const char *entry = "";
  const char *processor = "";
  const char *parameter = NULL;
  const char *reason = NULL;
  const char *evidence = NULL;
  const json_t *value = json_object_get(object, "value");
  LacSetBy set_by = LAC_SET_BY_DEFAULT;
  LacStatus status = LAC_OK;
  const struct {
    const char *key;
    const char **text;
  } texts[] = {{"entry", &entry},
               {"processor", &processor},
               {"parameter", &parameter},
               {"reason", &reason},
               {"evidence", &evidence}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == LAC_OK; ++i) {
    status = lac_recipe_read_text(r, object, path, texts[i].key, texts[i].text);
  }
  status = status == LAC_OK ? read_set_by(r, object, path, &set_by) : status;
  if (status != LAC_OK) {
    return status;
  }
  if (!parameter || !value) {
    return lac_recipe_refuse(r, parameter ? &value_path : &parameter_path, "is missing");
  }
  LacRecipeReason made;
  if (lac_recipe_reason_make(entry, processor, parameter, json_deep_copy(value), set_by, reason, evidence, &made) !=
      LAC_OK) {
    return lac_recipe_no_memory(r);
  }
  bool failed = false;
  bool keep = true;
  json_t *current = lac_recipe_current_value(r->recipe, entry, processor, parameter, &failed);
  status = failed ? lac_recipe_no_memory(r) : LAC_OK;
  if (current) {
    status = settle_decision(r, &made, current, &keep);
    /* Without a reason it only says who set the value, which the cell now knows. */
    keep = keep && (reason || evidence || made.set_by != set_by);
    json_decref(current);
  }
  if (status == LAC_OK && keep) {
    status = lac_recipe_keep_unknown(r, object, decision_fields, &made.extra);
  }
  if (status != LAC_OK || !keep) {
    lac_recipe_reason_clear(&made);
    return status;
  }
  return lac_recipe_put_reason(r->recipe, &made) == LAC_OK ? LAC_OK : lac_recipe_no_memory(r);
}

LacStatus lac_recipe_read_decisions(const LacRecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "decisions"};
  const json_t *decisions = json_object_get(document, "decisions");
  LacStatus status = LAC_OK;
  if (!decisions) {
    return LAC_OK;
  }
  if (!json_is_array(decisions)) {
    return lac_recipe_refuse(r, &path, "must be a list");
  }
  if (json_array_size(decisions) > LAC_RECIPE_MAX_DECISIONS) {
    return lac_recipe_refuse(r, &path, "has more than %d entries", LAC_RECIPE_MAX_DECISIONS);
  }
  for (size_t i = 0; i < json_array_size(decisions) && status == LAC_OK; ++i) {
    const LacJsonPath decision_path = {.parent = &path, .index = i};
    json_t *object = json_array_get(decisions, i);
    status = json_is_object(object) ? read_decision(r, object, &decision_path)
                                    : lac_recipe_refuse(r, &decision_path, "must be an object");
  }
  return status;
}
