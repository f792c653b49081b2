/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_model.h"

#include <math.h>
#include <string.h>

/* Unknown fields come last, in the order they were read. */
static void append_extra(json_t *object, const json_t *extra, bool *failed) {
  const char *key = NULL;
  json_t *value = NULL;
  json_object_foreach((json_t *)extra, key, value) {
    lac_json_set(object, key, json_deep_copy(value), failed);
  }
}

static json_t *input_json(const LacRecipe *recipe, bool *failed) {
  json_t *object = json_object();
  lac_json_set_text(object, "pcm_sha256", recipe->input.pcm_sha256, failed);
  lac_json_set_integer(object, "frames", (int64_t)recipe->input.n_frames, failed);
  lac_json_set_integer(object, "rate_hz", recipe->input.rate_hz, failed);
  append_extra(object, recipe->input_extra, failed);
  return object;
}

static json_t *target_json(const LacRecipe *recipe, bool *failed) {
  json_t *object = json_object();
  if (!isnan(recipe->target.integrated_lufs)) {
    lac_json_set_number(object, "integrated_lufs", recipe->target.integrated_lufs, failed);
  }
  if (!isnan(recipe->target.true_peak_dbtp)) {
    lac_json_set_number(object, "true_peak_dbtp", recipe->target.true_peak_dbtp, failed);
  }
  append_extra(object, recipe->target_extra, failed);
  return object;
}

static json_t *output_json(const LacRecipe *recipe, bool *failed) {
  const LacRecipeOutput *output = &recipe->output;
  json_t *object = json_object();
  if (output->rate_hz) {
    lac_json_set_integer(object, "rate_hz", output->rate_hz, failed);
  }
  if (output->bits) {
    lac_json_set_integer(object, "bits", output->bits, failed);
  }
  lac_json_set_text(object, "dither", lac_dither_name(output->dither), failed);
  lac_json_set_integer(object, "seed", (int64_t)output->seed, failed);
  if (output->keep_tail_s > 0) {
    lac_json_set_number(object, "keep_tail_s", output->keep_tail_s, failed);
  }
  append_extra(object, recipe->output_extra, failed);
  return object;
}

static json_t *entry_json(const LacRecipeItem *item, bool *failed) {
  json_t *object = json_object();
  json_t *parameters = json_object();
  lac_json_set_text(object, "processor", item->info->id, failed);
  lac_json_set_text(object, "id", item->id, failed);
  lac_json_set_integer(object, "revision", item->revision, failed);
  lac_json_set_bool(object, "enabled", item->enabled, failed);
  for (size_t i = 0; i < item->info->n_params; ++i) {
    if (item->cells[i].is_set) {
      lac_json_set(parameters, item->info->params[i].id, lac_recipe_cell_json(&item->info->params[i], &item->cells[i]),
                   failed);
    }
  }
  lac_json_set(object, "parameters", parameters, failed);
  append_extra(object, item->extra, failed);
  return object;
}

static json_t *decision_json(const LacRecipeReason *reason, bool *failed) {
  json_t *object = json_object();
  lac_json_set_text(object, "entry", reason->entry, failed);
  lac_json_set_text(object, "processor", reason->processor, failed);
  lac_json_set_text(object, "parameter", reason->parameter, failed);
  lac_json_set(object, "value", json_deep_copy(reason->value), failed);
  lac_json_set_text(object, "set_by", lac_set_by_name(reason->set_by), failed);
  lac_json_set_text(object, "reason", reason->reason, failed);
  lac_json_set_text(object, "evidence", reason->evidence, failed);
  append_extra(object, reason->extra, failed);
  return object;
}

/* A value that someone other than a person set without giving a reason: only who is written. */
static void push_bare_decisions(json_t *array, const LacRecipe *recipe, const LacRecipeItem *item, bool *failed) {
  for (size_t i = 0; i < item->info->n_params; ++i) {
    const LacRecipeCell *cell = &item->cells[i];
    const char *parameter = item->info->params[i].id;
    if (!cell->is_set || cell->set_by == LAC_SET_BY_PERSON ||
        lac_recipe_find_reason(recipe, item->id, item->info->id, parameter) != SIZE_MAX) {
      continue;
    }
    json_t *object = json_object();
    lac_json_set_text(object, "entry", item->id, failed);
    lac_json_set_text(object, "processor", item->info->id, failed);
    lac_json_set_text(object, "parameter", parameter, failed);
    lac_json_set(object, "value", lac_recipe_cell_json(&item->info->params[i], cell), failed);
    lac_json_set_text(object, "set_by", lac_set_by_name(cell->set_by), failed);
    lac_json_push(array, object, failed);
  }
}

static json_t *decisions_json(const LacRecipe *recipe, bool *failed) {
  json_t *array = json_array();
  for (size_t i = 0; i < recipe->n_reasons; ++i) {
    lac_json_push(array, decision_json(&recipe->reasons[i], failed), failed);
  }
  for (size_t i = 0; i < recipe->n_items; ++i) {
    push_bare_decisions(array, recipe, &recipe->items[i], failed);
  }
  return array;
}

LacStatus lac_recipe_write(const LacRecipe *recipe, char **text) {
  bool failed = false;
  json_t *document = json_object();
  json_t *chain = json_array();
  *text = NULL;
  lac_json_set_text(document, "schema", "lacquer.recipe/1", &failed);
  lac_json_set_text(document, "engine", lac_version(), &failed);
  if (recipe->input.pcm_sha256[0] && (recipe->keeps_input || lac_recipe_is_song_bound(recipe))) {
    lac_json_set(document, "input", input_json(recipe, &failed), &failed);
  }
  json_t *target = target_json(recipe, &failed);
  if (json_object_size(target) > 0) {
    lac_json_set(document, "target", target, &failed);
  } else {
    json_decref(target);
  }
  lac_json_set(document, "output", output_json(recipe, &failed), &failed);
  for (size_t i = 0; i < recipe->n_items; ++i) {
    lac_json_push(chain, entry_json(&recipe->items[i], &failed), &failed);
  }
  lac_json_set(document, "chain", chain, &failed);
  json_t *decisions = decisions_json(recipe, &failed);
  if (json_array_size(decisions) > 0) {
    lac_json_set(document, "decisions", decisions, &failed);
  } else {
    failed = failed || !decisions;
    json_decref(decisions);
  }
  append_extra(document, recipe->extra, &failed);
  if (!failed && document) {
    *text = lac_json_write(document);
  }
  json_decref(document);
  return *text ? LAC_OK : LAC_ERR_MEMORY;
}
