/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "master/master_presets.h"

#include <lacquer/targets.h>

#include <string.h>

#include "chain/spelling.h"
#include "core/text_buffer.h"
#include "master/job_steps.h"

static LacStatus preset_unknown(const LacPresets *presets, const char *id, LacError *error) {
  LacText names = {0};
  LacSpelling spelling = {.typed = id};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < lac_presets_count(presets); i++) {
    lac_text_appendf(&names, "%s%s", i ? ", " : "", lac_presets_at(presets, i)->id);
    lac_spelling_offer(&spelling, lac_presets_at(presets, i)->id);
  }
  char *list = lac_text_take(&names);
  LacStatus status =
      list ? lac_error_set(error, LAC_ERR_USAGE, "PRESET_UNKNOWN", "There is no preset \"%.60s\".%s Choose one of: %s.",
                           id, lac_spelling_hint(&spelling, hint), list)
           : lac_step_no_memory(error);
  lac_text_free(list);
  return status;
}

static bool is_file(const char *name) {
  const size_t length = strlen(name);
  return strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".json") == 0);
}

static LacStatus note_revisions(const LacPreset *preset, LacNotes *notes) {
  LacStatus status = LAC_OK;
  for (size_t i = 0; i < lac_recipe_entry_count(preset->recipe) && !status; i++) {
    const LacRecipeEntry entry = lac_recipe_entry(preset->recipe, i);
    const LacProcessorInfo *info = lac_processor_class_info(entry.cls);
    if (entry.revision != info->revision)
      status = lac_notes_add(notes, "RECIPE_REVISION",
                             "The preset \"%s\" was made with revision %u of %s; this version has revision %u. It may "
                             "sound slightly different: listen before you release it.",
                             preset->id, entry.revision, info->id, info->revision);
  }
  return status;
}

static LacStatus apply(const LacPreset *preset, LacRecipe *recipe, LacNotes *notes, LacError *error) {
  LacStatus status = lac_preset_apply(preset, recipe);
  if (!status)
    status = note_revisions(preset, notes);
  if (status == LAC_ERR_LIMIT)
    return lac_error_set(error, status, "RECIPE_LIMIT",
                         "With the preset \"%s\" the chain would have too many processors. Leave one out.", preset->id);
  return status ? lac_step_no_memory(error) : LAC_OK;
}

static LacStatus apply_file(const char *path, LacRecipe *recipe, LacNotes *notes, LacError *error) {
  LacPresets *file = NULL;
  LacStatus status = lac_presets_read_file(path, &file, error);
  if (!status)
    status = apply(lac_presets_at(file, 0), recipe, notes, error);
  lac_presets_free(file);
  return status;
}

static LacStatus apply_known(const LacPresets *presets, const char *id, LacRecipe *recipe, LacNotes *notes,
                             LacError *error) {
  const LacPreset *preset = lac_presets_find(presets, id);
  const LacStatus status = lac_presets_left_out(presets, id, error);
  if (status)
    return status;
  return preset ? apply(preset, recipe, notes, error) : preset_unknown(presets, id, error);
}

LacStatus lac_master_apply_presets(const char *const *names, size_t n_names, LacRecipe *recipe, LacNotes *notes,
                                   LacError *error) {
  LacPresets *presets = NULL;
  LacStatus status = n_names > 0 ? lac_presets_load(&presets, notes, error) : LAC_OK;
  for (size_t i = n_names; i-- > 0 && !status;) /* the last one first: it counts */
    status = is_file(names[i]) ? apply_file(names[i], recipe, notes, error)
                               : apply_known(presets, names[i], recipe, notes, error);
  lac_presets_free(presets);
  return status;
}
