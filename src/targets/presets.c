/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Presets. A document is an object of schema lacquer.preset/1: id, version, aliases (ids it had before), title,
 * purpose, description, and a chain as in a recipe. Unknown keys are errors: a misspelt one would silently do nothing.
 */

#include <lacquer/targets.h>

#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "targets/user_data.h"
#include "text/json.h"

/* data/presets/ as one array, joined by scripts/join_presets.py and embedded by scripts/embed.py. */
extern const unsigned char lac_presets_data[];
extern const size_t lac_presets_data_size;

enum { MAX_PRESETS = 1024, MAX_ALIASES = 16, MAX_FILE_BYTES = 1 << 20, MAX_TITLE_BYTES = 63, MAX_TEXT_BYTES = 600 };

static const char schema_id[] = "lacquer.preset/1";

typedef struct LeftOut {
  char *file; /* its name without the folder */
  LacError error;
} LeftOut;

struct LacPresets {
  json_t *documents; /* array; every string below is borrowed from it */
  LacPreset *items;
  size_t count;
  LeftOut *left_out;
  size_t n_left_out;
};

static LacStatus refuse(const char *name, const char *key, const char *problem, LacError *error) {
  return lac_error_set(error, LAC_ERR_SCHEMA, "PRESET_SCHEMA", "%s: /%.60s: %s.", name, key, problem);
}

/* --- One document --------------------------------------------------------------------------------------------- */

static LacStatus check_text(const char *name, const json_t *document, const char *key, size_t most, LacError *error) {
  const json_t *value = json_object_get(document, key);
  if (!json_is_string(value) || !lac_data_text_is_valid(json_string_value(value), json_string_length(value), most))
    return refuse(name, key,
                  most == MAX_TITLE_BYTES ? "must be 1 to 63 bytes of printable text"
                                          : "must be 1 to 600 bytes of printable text",
                  error);
  return LAC_OK;
}

static bool is_id(const json_t *value) {
  return json_is_string(value) && lac_data_id_is_valid(json_string_value(value));
}

static LacStatus check_names(const char *name, const json_t *document, LacError *error) {
  const json_t *aliases = json_object_get(document, "aliases");
  bool is_good = !aliases || (json_is_array(aliases) && json_array_size(aliases) <= MAX_ALIASES);
  for (size_t i = 0; is_good && i < json_array_size(aliases); i++)
    is_good = is_id(json_array_get(aliases, i));
  if (!is_good)
    return refuse(name, "aliases", "must be an array of at most 16 ids", error);
  return is_id(json_object_get(document, "id"))
             ? LAC_OK
             : refuse(name, "id", "must be lower-case words joined by dashes, at most 31 characters", error);
}

static LacStatus check_document(const char *name, json_t *document, LacError *error) {
  static const char *const keys[] = {"schema", "id", "version", "aliases", "title", "purpose", "description", "chain"};
  if (!json_is_object(document))
    return refuse(name, "", "must be an object", error);
  const char *schema = json_string_value(json_object_get(document, "schema"));
  if (!schema || strcmp(schema, schema_id) != 0)
    return refuse(name, "schema", "must be \"lacquer.preset/1\"", error);
  const char *key;
  json_t *value;
  json_object_foreach(document, key, value) {
    bool is_known = false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
      is_known |= strcmp(key, keys[i]) == 0;
    if (!is_known)
      return refuse(name, key, "unknown key", error);
  }
  const json_t *version = json_object_get(document, "version");
  LacStatus status = check_names(name, document, error);
  if (!status && (!json_is_integer(version) || json_integer_value(version) < 1 || json_integer_value(version) > 9999))
    status = refuse(name, "version", "must be a whole number from 1 to 9999", error);
  if (!status)
    status = check_text(name, document, "title", MAX_TITLE_BYTES, error);
  if (!status)
    status = check_text(name, document, "purpose", MAX_TEXT_BYTES, error);
  if (!status)
    status = check_text(name, document, "description", MAX_TEXT_BYTES, error);
  if (!status && json_array_size(json_object_get(document, "chain")) == 0)
    status = refuse(name, "chain", "must be an array with at least one processor", error);
  return status;
}

/* The chain, read as that of a recipe, so that pointers in messages are those of the preset. */
static LacStatus read_chain(const char *name, json_t *document, LacRecipe **recipe, LacError *error) {
  bool failed = false;
  json_t *wrapped = json_object();
  lac_json_set_text(wrapped, "schema", "lacquer.recipe/1", &failed);
  lac_json_set(wrapped, "chain", json_incref(json_object_get(document, "chain")), &failed);
  char *text = failed ? NULL : lac_json_write(wrapped);
  json_decref(wrapped);
  if (!text)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Out of memory while reading %s.", name);
  LacStatus status = lac_recipe_read(name, text, strlen(text), recipe, NULL, error);
  lac_text_free(text);
  if (!status && lac_recipe_is_song_bound(*recipe))
    status = refuse(name, "chain", "holds a value that belongs to one song; a preset is for all", error);
  return status;
}

static LacStatus fill(const char *name, json_t *document, LacPreset *preset, LacError *error) {
  LacRecipe *recipe = NULL;
  const LacStatus status = read_chain(name, document, &recipe, error);
  *preset = (LacPreset){.id = json_string_value(json_object_get(document, "id")),
                        .title = json_string_value(json_object_get(document, "title")),
                        .purpose = json_string_value(json_object_get(document, "purpose")),
                        .description = json_string_value(json_object_get(document, "description")),
                        .version = (unsigned)json_integer_value(json_object_get(document, "version")),
                        .recipe = recipe};
  return status;
}

/* --- All of them ---------------------------------------------------------------------------------------------- */

static bool answers_to(const json_t *document, const char *id) {
  const json_t *aliases = json_object_get(document, "aliases");
  if (strcmp(json_string_value(json_object_get(document, "id")), id) == 0)
    return true;
  for (size_t i = 0; i < json_array_size(aliases); i++)
    if (strcmp(json_string_value(json_array_get(aliases, i)), id) == 0)
      return true;
  return false;
}

/* Puts a checked document where one of its id stands, else at the end. */
static LacStatus put(LacPresets *presets, const char *name, json_t *document, LacError *error) {
  const char *id = json_string_value(json_object_get(document, "id"));
  size_t at = 0;
  while (at < presets->count && strcmp(presets->items[at].id, id) != 0)
    at++;
  const json_t *aliases = json_object_get(document, "aliases");
  for (size_t i = 0; i < presets->count; i++)
    for (size_t k = 0; i != at && k <= json_array_size(aliases); k++)
      if (answers_to(json_array_get(presets->documents, i),
                     k == 0 ? id : json_string_value(json_array_get(aliases, k - 1))))
        return refuse(name, k == 0 ? "id" : "aliases", "the name is taken by another preset", error);
  if (at >= MAX_PRESETS)
    return refuse(name, "id", "there are too many presets", error);
  LacPreset *items = lac_realloc(presets->items, at < presets->count ? presets->count : at + 1, sizeof *items);
  if (!items)
    return LAC_ERR_MEMORY;
  presets->items = items;
  LacPreset made;
  LacStatus status = fill(name, document, &made, error);
  int failed = status != LAC_OK || (at < presets->count ? json_array_set(presets->documents, at, document)
                                                        : json_array_append(presets->documents, document));
  if (failed) {
    lac_recipe_free((LacRecipe *)made.recipe);
    return status ? status : LAC_ERR_MEMORY;
  }
  if (at < presets->count)
    lac_recipe_free((LacRecipe *)items[at].recipe);
  else
    presets->count++;
  items[at] = made;
  return LAC_OK;
}

static LacStatus add_bytes(LacPresets *presets, const char *name, const char *bytes, size_t n_bytes, LacError *error) {
  json_t *document = lac_json_parse(name, bytes, n_bytes, error);
  if (!document)
    return error ? error->status : LAC_ERR_SYNTAX;
  LacStatus status = check_document(name, document, error);
  if (!status)
    status = put(presets, name, document, error);
  json_decref(document);
  return status;
}

static LacStatus add_file(LacPresets *presets, const char *path, LacError *error) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  LacStatus status = lac_file_read_all(path, MAX_FILE_BYTES, &bytes, &n_bytes, error);
  if (!status)
    status = add_bytes(presets, path, bytes, n_bytes, error);
  lac_free(bytes);
  return status;
}

static LacStatus add_built_in(LacPresets *presets, LacError *error) {
  json_t *documents = lac_json_parse("built-in presets", (const char *)lac_presets_data, lac_presets_data_size, error);
  LacStatus status = documents ? LAC_OK : error ? error->status : LAC_ERR_SYNTAX;
  for (size_t i = 0; !status && i < json_array_size(documents); i++) {
    status = check_document("built-in presets", json_array_get(documents, i), error);
    if (!status)
      status = put(presets, "built-in presets", json_array_get(documents, i), error);
  }
  json_decref(documents);
  return status;
}

typedef struct Adding {
  LacPresets *presets;
  LacNotes *notes;
} Adding;

/* What is wrong with one file of the user's is not the end of all presets. */
static LacStatus leave_out(const Adding *adding, const char *file, const LacError *why) {
  LacPresets *presets = adding->presets;
  LeftOut *grown = lac_realloc(presets->left_out, presets->n_left_out + 1, sizeof *grown);
  if (!grown)
    return LAC_ERR_MEMORY;
  presets->left_out = grown;
  grown[presets->n_left_out] = (LeftOut){.file = lac_strdup(file), .error = *why};
  if (!grown[presets->n_left_out].file)
    return LAC_ERR_MEMORY;
  presets->n_left_out++;
  return adding->notes ? lac_notes_add(adding->notes, "PRESET_SKIPPED", "%s It is left out.", why->text) : LAC_OK;
}

static LacStatus add_folder(const char *path, void *user) {
  const Adding *adding = user;
  char **names = NULL;
  size_t count = 0;
  LacError why = {0};
  LacStatus status = lac_folder_list(path, ".json", MAX_PRESETS, &names, &count, &why);
  if (status && status != LAC_ERR_MEMORY)
    status = leave_out(adding, "", &why);
  for (size_t i = 0; i < count && !status; i++) {
    char *file = lac_format("%s/%s", path, names[i]);
    status = file ? add_file(adding->presets, file, &why) : LAC_ERR_MEMORY;
    if (status && status != LAC_ERR_MEMORY)
      status = leave_out(adding, names[i], &why);
    lac_free(file);
  }
  lac_folder_list_free(names, count);
  return status;
}

static LacStatus begin(LacPresets **out) {
  *out = lac_calloc(1, sizeof **out);
  if (*out)
    (*out)->documents = json_array();
  if (*out && (*out)->documents)
    return LAC_OK;
  lac_presets_free(*out);
  *out = NULL;
  return LAC_ERR_MEMORY;
}

static LacStatus finish(LacStatus status, LacPresets **out, LacError *error) {
  if (!status)
    return LAC_OK;
  lac_presets_free(*out);
  *out = NULL;
  return status == LAC_ERR_MEMORY ? lac_error_set(error, status, "MEMORY", "Out of memory while reading the presets.")
                                  : status;
}

LacStatus lac_presets_load(LacPresets **out, LacNotes *notes, LacError *error) {
  LacStatus status = begin(out);
  if (!status)
    status = add_built_in(*out, error);
  if (!status)
    status = lac_user_data_visit("presets", add_folder, &(Adding){*out, notes});
  return finish(status, out, error);
}

LacStatus lac_presets_read(const char *name, const char *bytes, size_t n_bytes, LacPresets **out, LacError *error) {
  LacStatus status = begin(out);
  if (!status)
    status = add_bytes(*out, name, bytes, n_bytes, error);
  return finish(status, out, error);
}

LacStatus lac_presets_read_file(const char *path, LacPresets **out, LacError *error) {
  LacStatus status = begin(out);
  if (!status)
    status = add_file(*out, path, error);
  return finish(status, out, error);
}

size_t lac_presets_count(const LacPresets *presets) {
  return presets->count;
}

const LacPreset *lac_presets_at(const LacPresets *presets, size_t index) {
  return index < presets->count ? &presets->items[index] : NULL;
}

const LacPreset *lac_presets_find(const LacPresets *presets, const char *id) {
  for (size_t i = 0; i < presets->count; i++)
    if (answers_to(json_array_get(presets->documents, i), id))
      return &presets->items[i];
  return NULL;
}

LacStatus lac_presets_left_out(const LacPresets *presets, const char *id, LacError *error) {
  const size_t length = strlen(id);
  for (size_t i = presets->n_left_out; i-- > 0;) { /* the folder that counts more first */
    const LeftOut *file = &presets->left_out[i];
    if (strncmp(file->file, id, length) == 0 && strcmp(file->file + length, ".json") == 0) {
      if (error)
        *error = file->error;
      return file->error.status;
    }
  }
  return LAC_OK;
}

void lac_presets_free(LacPresets *presets) {
  if (!presets)
    return;
  for (size_t i = 0; i < presets->n_left_out; i++)
    lac_free(presets->left_out[i].file);
  lac_free(presets->left_out);
  for (size_t i = 0; i < presets->count; i++)
    lac_recipe_free((LacRecipe *)presets->items[i].recipe);
  json_decref(presets->documents);
  lac_free(presets->items);
  lac_free(presets);
}

LacStatus lac_preset_apply(const LacPreset *preset, LacRecipe *recipe) {
  char *evidence = lac_format("Preset %s, version %u.", preset->id, preset->version);
  const LacStatus status = evidence
                               ? lac_recipe_merge(recipe, preset->recipe, LAC_SET_BY_PRESET, preset->purpose, evidence)
                               : LAC_ERR_MEMORY;
  lac_free(evidence);
  return status;
}
