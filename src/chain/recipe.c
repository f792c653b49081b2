/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_model.h"

#include "core/memory.h"
#include "processors/processor_class.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A JSON number holds an integer exactly up to here (RFC 8259, 6). */
static const uint64_t max_seed = (UINT64_C(1) << 53) - 1;

const char *lac_set_by_name(LacSetBy set_by) {
  static const char *const names[] = {"default", "preset", "assistant", "reference", "person"};
  return (unsigned)set_by < sizeof names / sizeof names[0] ? names[set_by] : "default";
}

LacStatus lac_recipe_new(LacRecipe **out) {
  *out = NULL;
  LacRecipe *recipe = lac_calloc(1, sizeof *recipe);
  if (!recipe) {
    return LAC_ERR_MEMORY;
  }
  recipe->target = (LacRecipeTarget){.integrated_lufs = NAN, .true_peak_dbtp = NAN};
  recipe->output = (LacRecipeOutput){.dither = LAC_DITHER_TPDF, .seed = 1};
  *out = recipe;
  return LAC_OK;
}

static void clear_item(LacRecipeItem *item) {
  if (item->cells) {
    for (size_t i = 0; i < item->info->n_params; ++i) {
      lac_free(item->cells[i].points);
    }
  }
  lac_free(item->cells);
  lac_free(item->id);
  json_decref(item->extra);
  memset(item, 0, sizeof *item);
}

void lac_recipe_reason_clear(LacRecipeReason *reason) {
  lac_free(reason->entry);
  lac_free(reason->processor);
  lac_free(reason->parameter);
  json_decref(reason->value);
  lac_free(reason->value_text);
  lac_free(reason->reason);
  lac_free(reason->evidence);
  json_decref(reason->extra);
  memset(reason, 0, sizeof *reason);
}

void lac_recipe_free(LacRecipe *recipe) {
  if (!recipe) {
    return;
  }
  for (size_t i = 0; i < recipe->n_items; ++i) {
    clear_item(&recipe->items[i]);
  }
  for (size_t i = 0; i < recipe->n_reasons; ++i) {
    lac_recipe_reason_clear(&recipe->reasons[i]);
  }
  lac_free(recipe->items);
  lac_free(recipe->reasons);
  json_decref(recipe->target_extra);
  json_decref(recipe->output_extra);
  json_decref(recipe->input_extra);
  json_decref(recipe->extra);
  lac_free(recipe);
}

/* --- Copy --------------------------------------------------------------------------------------------------- */

static bool copy_json(const json_t *from, json_t **to) {
  *to = from ? json_deep_copy(from) : NULL;
  return !from || *to;
}

static bool copy_item(const LacRecipeItem *from, LacRecipeItem *to) {
  const size_t n_params = from->info->n_params;
  *to = (LacRecipeItem){.cls = from->cls, .info = from->info, .revision = from->revision, .enabled = from->enabled};
  to->id = lac_strdup(from->id);
  to->cells = lac_calloc(n_params ? n_params : 1, sizeof *to->cells);
  bool ok = to->id && to->cells && copy_json(from->extra, &to->extra);
  for (size_t i = 0; ok && i < n_params; ++i) {
    to->cells[i] = from->cells[i];
    to->cells[i].points = NULL;
    if (from->cells[i].points) {
      to->cells[i].points = lac_alloc(from->cells[i].n_points, sizeof(LacCurvePoint));
      ok = to->cells[i].points != NULL;
      if (ok) {
        memcpy(to->cells[i].points, from->cells[i].points, from->cells[i].n_points * sizeof(LacCurvePoint));
      }
    }
  }
  return ok;
}

static bool copy_reason(const LacRecipeReason *from, LacRecipeReason *to) {
  *to = (LacRecipeReason){.set_by = from->set_by};
  to->entry = lac_strdup(from->entry);
  to->processor = lac_strdup(from->processor);
  to->parameter = lac_strdup(from->parameter);
  to->value_text = lac_strdup(from->value_text);
  to->reason = lac_strdup(from->reason);
  to->evidence = lac_strdup(from->evidence);
  return to->entry && to->processor && to->parameter && to->value_text && to->reason && to->evidence &&
         copy_json(from->value, &to->value) && copy_json(from->extra, &to->extra);
}

LacStatus lac_recipe_copy(const LacRecipe *recipe, LacRecipe **out) {
  LacRecipe *copy = NULL;
  LacStatus status = lac_recipe_new(&copy);
  *out = NULL;
  if (status != LAC_OK) {
    return status;
  }
  copy->target = recipe->target;
  copy->output = recipe->output;
  copy->input = recipe->input;
  copy->keeps_input = recipe->keeps_input;
  copy->items = lac_calloc(recipe->n_items ? recipe->n_items : 1, sizeof *copy->items);
  copy->reasons = lac_calloc(recipe->n_reasons ? recipe->n_reasons : 1, sizeof *copy->reasons);
  bool ok = copy->items && copy->reasons && copy_json(recipe->target_extra, &copy->target_extra) &&
            copy_json(recipe->output_extra, &copy->output_extra) &&
            copy_json(recipe->input_extra, &copy->input_extra) && copy_json(recipe->extra, &copy->extra);
  copy->items_capacity = recipe->n_items;
  copy->reasons_capacity = recipe->n_reasons;
  for (size_t i = 0; ok && i < recipe->n_items; ++i) {
    copy->n_items = i + 1;
    ok = copy_item(&recipe->items[i], &copy->items[i]);
  }
  for (size_t i = 0; ok && i < recipe->n_reasons; ++i) {
    copy->n_reasons = i + 1;
    ok = copy_reason(&recipe->reasons[i], &copy->reasons[i]);
  }
  if (!ok) {
    lac_recipe_free(copy);
    return LAC_ERR_MEMORY;
  }
  *out = copy;
  return LAC_OK;
}

/* --- Entries ------------------------------------------------------------------------------------------------ */

bool lac_recipe_id_is_valid(const char *id) {
  const size_t length = strlen(id);
  if (length == 0 || length >= LAC_RECIPE_ID_SIZE) {
    return false;
  }
  for (size_t i = 0; i < length; ++i) {
    const char c = id[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) {
      return false;
    }
  }
  return true;
}

size_t lac_recipe_entry_count(const LacRecipe *recipe) {
  return recipe->n_items;
}

LacRecipeEntry lac_recipe_entry(const LacRecipe *recipe, size_t entry) {
  if (entry >= recipe->n_items) {
    return (LacRecipeEntry){.id = ""};
  }
  const LacRecipeItem *item = &recipe->items[entry];
  return (LacRecipeEntry){.cls = item->cls, .id = item->id, .revision = item->revision, .enabled = item->enabled};
}

size_t lac_recipe_find_id(const LacRecipe *recipe, const char *id) {
  for (size_t i = 0; i < recipe->n_items; ++i) {
    if (strcmp(recipe->items[i].id, id) == 0) {
      return i;
    }
  }
  return SIZE_MAX;
}

size_t lac_recipe_find(const LacRecipe *recipe, const char *id) {
  size_t found = lac_recipe_find_id(recipe, id);
  if (found != SIZE_MAX) {
    return found;
  }
  for (size_t i = 0; i < recipe->n_items; ++i) {
    if (strcmp(recipe->items[i].info->id, id) == 0) {
      if (found != SIZE_MAX) {
        return SIZE_MAX - 1;
      }
      found = i;
    }
  }
  return found;
}

static size_t registry_rank(const LacProcessorClass *cls) {
  for (size_t i = 0; i < lac_processor_class_count(); ++i) {
    if (lac_processor_class_at(i) == cls) {
      return i;
    }
  }
  return SIZE_MAX;
}

size_t lac_recipe_default_position(const LacRecipe *recipe, const LacProcessorClass *cls) {
  const size_t rank = registry_rank(cls);
  for (size_t i = 0; i < recipe->n_items; ++i) {
    const size_t other = registry_rank(recipe->items[i].cls);
    if (other > rank && other != SIZE_MAX) {
      return i;
    }
  }
  return recipe->n_items;
}

char *lac_recipe_free_id(const LacRecipe *recipe, const char *processor) {
  char id[LAC_RECIPE_ID_SIZE];
  snprintf(id, sizeof id, "%.50s", processor);
  for (unsigned i = 2; lac_recipe_find_id(recipe, id) != SIZE_MAX; ++i) {
    snprintf(id, sizeof id, "%.50s%u", processor, i);
  }
  return lac_strdup(id);
}

static bool reserve_item(LacRecipe *recipe) {
  if (recipe->n_items < recipe->items_capacity) {
    return true;
  }
  const size_t capacity = recipe->items_capacity ? 2 * recipe->items_capacity : 8;
  LacRecipeItem *items = lac_realloc(recipe->items, capacity, sizeof *items);
  if (!items) {
    return false;
  }
  recipe->items = items;
  recipe->items_capacity = capacity;
  return true;
}

LacStatus lac_recipe_add(LacRecipe *recipe, const LacProcessorClass *cls, const char *id, size_t position,
                         size_t *entry) {
  if (!cls || (id && (!lac_recipe_id_is_valid(id) || lac_recipe_find_id(recipe, id) != SIZE_MAX))) {
    return LAC_ERR_USAGE;
  }
  if (recipe->n_items >= LAC_RECIPE_MAX_ENTRIES) {
    return LAC_ERR_LIMIT;
  }
  const LacProcessorInfo *info = lac_processor_class_info(cls);
  LacRecipeItem item = {.cls = cls, .info = info, .revision = info->revision, .enabled = true};
  item.id = id ? lac_strdup(id) : lac_recipe_free_id(recipe, info->id);
  item.cells = lac_calloc(info->n_params ? info->n_params : 1, sizeof *item.cells);
  if (!item.id || !item.cells || !reserve_item(recipe)) {
    clear_item(&item);
    return LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < info->n_params; ++i) {
    item.cells[i].value = info->params[i].neutral;
  }
  size_t at = position == SIZE_MAX ? lac_recipe_default_position(recipe, cls) : position;
  at = at < recipe->n_items ? at : recipe->n_items;
  memmove(&recipe->items[at + 1], &recipe->items[at], (recipe->n_items - at) * sizeof item);
  recipe->items[at] = item;
  recipe->n_items++;
  if (entry) {
    *entry = at;
  }
  return LAC_OK;
}

LacStatus lac_recipe_remove(LacRecipe *recipe, size_t entry) {
  if (entry >= recipe->n_items) {
    return LAC_ERR_USAGE;
  }
  for (size_t i = recipe->n_reasons; i-- > 0;) {
    if (strcmp(recipe->reasons[i].entry, recipe->items[entry].id) == 0) {
      lac_recipe_drop_reason(recipe, i);
    }
  }
  clear_item(&recipe->items[entry]);
  recipe->n_items--;
  memmove(&recipe->items[entry], &recipe->items[entry + 1], (recipe->n_items - entry) * sizeof *recipe->items);
  return LAC_OK;
}

void lac_recipe_enable(LacRecipe *recipe, size_t entry, bool enabled) {
  if (entry < recipe->n_items) {
    recipe->items[entry].enabled = enabled;
  }
}

/* --- Decisions ---------------------------------------------------------------------------------------------- */

size_t lac_recipe_find_reason(const LacRecipe *recipe, const char *entry, const char *processor,
                              const char *parameter) {
  for (size_t i = 0; i < recipe->n_reasons; ++i) {
    const LacRecipeReason *reason = &recipe->reasons[i];
    if (strcmp(reason->entry, entry) == 0 && strcmp(reason->parameter, parameter) == 0 &&
        strcmp(reason->processor, processor) == 0) {
      return i;
    }
  }
  return SIZE_MAX;
}

void lac_recipe_drop_reason(LacRecipe *recipe, size_t index) {
  lac_recipe_reason_clear(&recipe->reasons[index]);
  recipe->n_reasons--;
  memmove(&recipe->reasons[index], &recipe->reasons[index + 1], (recipe->n_reasons - index) * sizeof *recipe->reasons);
}

LacStatus lac_recipe_reason_make(const char *entry, const char *processor, const char *parameter, json_t *value,
                                 LacSetBy set_by, const char *reason, const char *evidence, LacRecipeReason *out) {
  *out = (LacRecipeReason){.value = value, .set_by = set_by};
  out->entry = lac_strdup(entry);
  out->processor = lac_strdup(processor);
  out->parameter = lac_strdup(parameter);
  out->value_text = value ? lac_recipe_value_text(value) : NULL;
  out->reason = lac_strdup(reason ? reason : "");
  out->evidence = lac_strdup(evidence ? evidence : "");
  if (!out->entry || !out->processor || !out->parameter || !out->value_text || !out->reason || !out->evidence) {
    lac_recipe_reason_clear(out);
    return LAC_ERR_MEMORY;
  }
  return LAC_OK;
}

LacStatus lac_recipe_put_reason(LacRecipe *recipe, LacRecipeReason *reason) {
  const size_t old = lac_recipe_find_reason(recipe, reason->entry, reason->processor, reason->parameter);
  if (old != SIZE_MAX) {
    lac_recipe_reason_clear(&recipe->reasons[old]);
    recipe->reasons[old] = *reason;
    return LAC_OK;
  }
  if (recipe->n_reasons >= LAC_RECIPE_MAX_DECISIONS) {
    lac_recipe_reason_clear(reason);
    return LAC_ERR_LIMIT;
  }
  if (recipe->n_reasons == recipe->reasons_capacity) {
    const size_t capacity = recipe->reasons_capacity ? 2 * recipe->reasons_capacity : 16;
    LacRecipeReason *reasons = lac_realloc(recipe->reasons, capacity, sizeof *reasons);
    if (!reasons) {
      lac_recipe_reason_clear(reason);
      return LAC_ERR_MEMORY;
    }
    recipe->reasons = reasons;
    recipe->reasons_capacity = capacity;
  }
  recipe->reasons[recipe->n_reasons++] = *reason;
  return LAC_OK;
}

size_t lac_recipe_decision_count(const LacRecipe *recipe) {
  return recipe->n_reasons;
}

LacDecision lac_recipe_decision(const LacRecipe *recipe, size_t index) {
  if (index >= recipe->n_reasons) {
    return (LacDecision){"", "", "", "null", LAC_SET_BY_DEFAULT, "", ""};
  }
  const LacRecipeReason *r = &recipe->reasons[index];
  return (LacDecision){r->entry, r->processor, r->parameter, r->value_text, r->set_by, r->reason, r->evidence};
}

/* --- Values ------------------------------------------------------------------------------------------------- */

static const LacRecipeCell *cell_at(const LacRecipe *recipe, size_t entry, size_t param) {
  if (entry >= recipe->n_items || param >= recipe->items[entry].info->n_params) {
    return NULL;
  }
  return &recipe->items[entry].cells[param];
}

double lac_recipe_value(const LacRecipe *recipe, size_t entry, size_t param) {
  const LacRecipeCell *cell = cell_at(recipe, entry, param);
  return cell ? cell->value : NAN;
}

const LacCurvePoint *lac_recipe_points(const LacRecipe *recipe, size_t entry, size_t param, size_t *n_points) {
  const LacRecipeCell *cell = cell_at(recipe, entry, param);
  *n_points = cell ? cell->n_points : 0;
  return cell ? cell->points : NULL;
}

bool lac_recipe_is_set(const LacRecipe *recipe, size_t entry, size_t param) {
  const LacRecipeCell *cell = cell_at(recipe, entry, param);
  return cell && cell->is_set;
}

LacSetBy lac_recipe_set_by(const LacRecipe *recipe, size_t entry, size_t param) {
  const LacRecipeCell *cell = cell_at(recipe, entry, param);
  return cell && cell->is_set ? cell->set_by : LAC_SET_BY_DEFAULT;
}

void lac_recipe_put_cell(LacRecipe *recipe, size_t entry, size_t param, LacRecipeCell cell) {
  LacRecipeCell *place = &recipe->items[entry].cells[param];
  lac_free(place->points);
  *place = cell;
}

/* Store the cell and its decision together, or neither. Takes cell.points. */
static LacStatus set_cell(LacRecipe *recipe, size_t entry, size_t param, LacRecipeCell cell, const char *reason,
                          const char *evidence) {
  const LacRecipeItem *item = &recipe->items[entry];
  const LacParam *p = &item->info->params[param];
  LacStatus status = LAC_OK;
  if (reason || evidence) {
    LacRecipeReason made;
    status = lac_recipe_reason_make(item->id, item->info->id, p->id, lac_recipe_cell_json(p, &cell), cell.set_by,
                                    reason, evidence, &made);
    if (status == LAC_OK) {
      status = lac_recipe_put_reason(recipe, &made);
    }
  } else {
    const size_t old = lac_recipe_find_reason(recipe, item->id, item->info->id, p->id);
    if (old != SIZE_MAX) {
      lac_recipe_drop_reason(recipe, old);
    }
  }
  if (status != LAC_OK) {
    lac_free(cell.points);
    return status;
  }
  lac_recipe_put_cell(recipe, entry, param, cell);
  return LAC_OK;
}

LacStatus lac_recipe_set(LacRecipe *recipe, size_t entry, size_t param, double value, LacSetBy set_by,
                         const char *reason, const char *evidence) {
  if (!cell_at(recipe, entry, param)) {
    return LAC_ERR_USAGE;
  }
  const LacStatus status = lac_param_check_value(&recipe->items[entry].info->params[param], value);
  if (status != LAC_OK) {
    return status;
  }
  const LacRecipeCell cell = {.is_set = true, .set_by = set_by, .value = value};
  return set_cell(recipe, entry, param, cell, reason, evidence);
}

LacStatus lac_recipe_set_points(LacRecipe *recipe, size_t entry, size_t param, const LacCurvePoint *points,
                                size_t n_points, LacSetBy set_by, const char *reason, const char *evidence) {
  if (!cell_at(recipe, entry, param)) {
    return LAC_ERR_USAGE;
  }
  const LacParam *p = &recipe->items[entry].info->params[param];
  const LacStatus status = lac_param_check_points(p, points, n_points);
  if (status != LAC_OK) {
    return status;
  }
  LacRecipeCell cell = {.is_set = true, .set_by = set_by, .value = p->neutral, .n_points = n_points};
  if (n_points > 0) {
    cell.points = lac_alloc(n_points, sizeof *points);
    if (!cell.points) {
      return LAC_ERR_MEMORY;
    }
    memcpy(cell.points, points, n_points * sizeof *points);
  }
  return set_cell(recipe, entry, param, cell, reason, evidence);
}

/* --- Target, output, input ---------------------------------------------------------------------------------- */

LacRecipeTarget lac_recipe_target(const LacRecipe *recipe) {
  return recipe->target;
}

/* The decision of one target value; none when the value is absent or has no reason. */
static LacStatus decide_target(LacRecipe *recipe, const char *parameter, double value, LacSetBy set_by,
                               const char *reason, const char *evidence) {
  if (!isfinite(value) || (!reason && !evidence)) {
    const size_t old = lac_recipe_find_reason(recipe, "", "target", parameter);
    if (old != SIZE_MAX) {
      lac_recipe_drop_reason(recipe, old);
    }
    return LAC_OK;
  }
  LacRecipeReason made;
  const LacStatus status =
      lac_recipe_reason_make("", "target", parameter, json_real(value), set_by, reason, evidence, &made);
  return status == LAC_OK ? lac_recipe_put_reason(recipe, &made) : status;
}

LacStatus lac_recipe_set_target(LacRecipe *recipe, LacRecipeTarget target, LacSetBy set_by, const char *reason) {
  if (isinf(target.integrated_lufs) || isinf(target.true_peak_dbtp)) {
    return LAC_ERR_RANGE;
  }
  LacStatus status = decide_target(recipe, "integrated_lufs", target.integrated_lufs, set_by, reason, NULL);
  if (status == LAC_OK) {
    status = decide_target(recipe, "true_peak_dbtp", target.true_peak_dbtp, set_by, reason, NULL);
  }
  if (status == LAC_OK) {
    recipe->target = target;
  }
  return status;
}

LacStatus lac_recipe_set_target_value(LacRecipe *recipe, const char *parameter, double value, LacSetBy set_by,
                                      const char *reason, const char *evidence) {
  const bool is_loudness = strcmp(parameter, "integrated_lufs") == 0;
  if (!is_loudness && strcmp(parameter, "true_peak_dbtp") != 0) {
    return LAC_ERR_USAGE;
  }
  if (isinf(value)) {
    return LAC_ERR_RANGE;
  }
  const LacStatus status = decide_target(recipe, parameter, value, set_by, reason, evidence);
  if (status == LAC_OK) {
    *(is_loudness ? &recipe->target.integrated_lufs : &recipe->target.true_peak_dbtp) = value;
  }
  return status;
}

LacRecipeOutput lac_recipe_output(const LacRecipe *recipe) {
  return recipe->output;
}

void lac_recipe_set_output(LacRecipe *recipe, LacRecipeOutput output) {
  output.seed &= max_seed;
  recipe->output = output;
}

LacRecipeInput lac_recipe_input(const LacRecipe *recipe) {
  return recipe->input;
}

void lac_recipe_set_input(LacRecipe *recipe, const LacRecipeInput *input) {
  recipe->input = *input;
}

bool lac_recipe_is_song_bound(const LacRecipe *recipe) {
  for (size_t i = 0; i < recipe->n_items; ++i) {
    const LacRecipeItem *item = &recipe->items[i];
    for (size_t k = 0; k < item->info->n_params; ++k) {
      if (item->cells[k].is_set && (item->info->params[k].flags & LAC_PARAM_SONG_BOUND)) {
        return true;
      }
    }
  }
  return false;
}
