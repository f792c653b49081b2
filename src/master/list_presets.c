/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The presets as a document. */

#include <lacquer/master.h>

#include <string.h>

#include "text/json.h"

/* The preset's chain as a recipe has it, with every value. */
static json_t *chain_json(const LacRecipe *recipe, bool *failed) {
  char *text = NULL;
  json_t *written =
      lac_recipe_write(recipe, &text) == LAC_OK ? lac_json_parse("preset", text, strlen(text), NULL) : NULL;
  json_t *chain = json_incref(json_object_get(written, "chain"));
  *failed |= !chain;
  json_decref(written);
  lac_text_free(text);
  return chain;
}

static json_t *preset_json(const LacPreset *preset, bool *failed) {
  json_t *into = json_object();
  *failed |= !into;
  lac_json_set_text(into, "id", preset->id, failed);
  lac_json_set_integer(into, "version", preset->version, failed);
  lac_json_set_text(into, "title", preset->title, failed);
  lac_json_set_text(into, "purpose", preset->purpose, failed);
  lac_json_set_text(into, "description", preset->description, failed);
  lac_json_set(into, "chain", chain_json(preset->recipe, failed), failed);
  return into;
}

LacStatus lac_list_presets_json(const LacPresets *presets, char **text) {
  bool failed = false;
  json_t *root = json_object(), *list = json_array();
  failed |= !root || !list;
  lac_json_set_text(root, "schema", "lacquer.list/1", &failed);
  lac_json_set_text(root, "engine", lac_version(), &failed);
  for (size_t i = 0; i < lac_presets_count(presets); i++)
    lac_json_push(list, preset_json(lac_presets_at(presets, i), &failed), &failed);
  lac_json_set(root, "presets", list, &failed);
  *text = failed ? NULL : lac_json_write(root);
  json_decref(root);
  return *text ? LAC_OK : LAC_ERR_MEMORY;
}
