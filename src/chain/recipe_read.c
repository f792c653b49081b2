/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_reader.h"

#include "chain/spelling.h"
#include "core/memory.h"

#include <stdio.h>
#include <string.h>

/* What each object of the document may hold; anything else is kept and written back. */
static const char *const document_fields[] = {"schema", "engine", "input",     "target",
                                              "output", "chain",  "decisions", NULL};
static const char *const input_fields[] = {"pcm_sha256", "frames", "rate_hz", NULL};
static const char *const target_fields[] = {"integrated_lufs", "true_peak_dbtp", NULL};
static const char *const output_fields[] = {"rate_hz", "bits", "dither", "seed", "keep_tail_s", NULL};
static const char *const entry_fields[] = {"processor", "id", "revision", "enabled", "parameters", NULL};

/* --- Sections ----------------------------------------------------------------------------------------------- */

static LacStatus read_input(const LacRecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "input"};
  const LacJsonPath hash_path = {.parent = &path, .key = "pcm_sha256"};
  LacRecipeInput *input = &r->recipe->input;
  const char *hash = "";
  uint64_t rate_hz = 0;
  json_t *object = NULL;
  LacStatus status = lac_recipe_read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  status = lac_recipe_read_text(r, object, &path, "pcm_sha256", &hash);
  if (status == LAC_OK && hash[0] && (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64)) {
    status = lac_recipe_refuse(r, &hash_path, "must be 64 lower-case hexadecimal digits");
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_integer(r, object, &path, "frames", 0, 9007199254740991.0, &input->n_frames);
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_integer(r, object, &path, "rate_hz", 0, LAC_MAX_RATE_HZ, &rate_hz);
  }
  if (status == LAC_OK) {
    snprintf(input->pcm_sha256, sizeof input->pcm_sha256, "%s", hash);
    input->rate_hz = (uint32_t)rate_hz;
    r->recipe->keeps_input = true;
    status = lac_recipe_keep_unknown(r, object, input_fields, &r->recipe->input_extra);
  }
  return status;
}

static LacStatus read_target(const LacRecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "target"};
  LacRecipeTarget *target = &r->recipe->target;
  json_t *object = NULL;
  LacStatus status = lac_recipe_read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  /* null says what absence says: no such target. */
  if (!json_is_null(json_object_get(object, "integrated_lufs"))) {
    status = lac_recipe_read_number(r, object, &path, "integrated_lufs", -70, 0, &target->integrated_lufs);
  }
  if (status == LAC_OK && !json_is_null(json_object_get(object, "true_peak_dbtp"))) {
    status = lac_recipe_read_number(r, object, &path, "true_peak_dbtp", -60, 20, &target->true_peak_dbtp);
  }
  return status == LAC_OK ? lac_recipe_keep_unknown(r, object, target_fields, &r->recipe->target_extra) : status;
}

static LacStatus read_output_rate_and_bits(const LacRecipeReader *r, const json_t *object, const LacJsonPath *path) {
  const LacJsonPath rate_path = {.parent = path, .key = "rate_hz"};
  const LacJsonPath bits_path = {.parent = path, .key = "bits"};
  uint64_t rate_hz = 0;
  uint64_t bits = 0;
  LacStatus status = lac_recipe_read_integer(r, object, path, "rate_hz", 0, LAC_MAX_RATE_HZ, &rate_hz);
  if (status == LAC_OK && rate_hz != 0 && rate_hz < LAC_MIN_RATE_HZ) {
    status = lac_recipe_refuse(r, &rate_path, "must be from %u to %u Hz", LAC_MIN_RATE_HZ, LAC_MAX_RATE_HZ);
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_integer(r, object, path, "bits", 0, 32, &bits);
  }
  if (status == LAC_OK && bits != 0 && bits != 16 && bits != 24 && bits != 32) {
    status = lac_recipe_refuse(r, &bits_path, "must be 16, 24 or 32 (float)");
  }
  r->recipe->output.rate_hz = (uint32_t)rate_hz;
  r->recipe->output.bits = (unsigned)bits;
  return status;
}

static LacStatus read_output(const LacRecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "output"};
  const LacJsonPath dither_path = {.parent = &path, .key = "dither"};
  LacRecipeOutput *output = &r->recipe->output;
  const char *dither = "tpdf";
  json_t *object = NULL;
  LacStatus status = lac_recipe_read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  status = read_output_rate_and_bits(r, object, &path);
  if (status == LAC_OK) {
    status = lac_recipe_read_text(r, object, &path, "dither", &dither);
  }
  if (status == LAC_OK && !lac_dither_find(dither, &output->dither)) {
    status = lac_recipe_refuse(r, &dither_path, "must be \"tpdf\", \"shaped\" or \"none\"");
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_integer(r, object, &path, "seed", 0, 9007199254740991.0, &output->seed);
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_number(r, object, &path, "keep_tail_s", 0, 600, &output->keep_tail_s);
  }
  return status == LAC_OK ? lac_recipe_keep_unknown(r, object, output_fields, &r->recipe->output_extra) : status;
}

/* --- Chain -------------------------------------------------------------------------------------------------- */

static LacStatus refuse_parameter(const LacRecipeReader *r, const LacProcessorInfo *info, const char *key,
                                  const LacJsonPath *path) {
  LacSpelling spelling = {.typed = key};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < info->n_params; ++i) {
    lac_spelling_offer(&spelling, info->params[i].id);
  }
  return lac_recipe_refuse(r, path, "is not a parameter of %s.%s", info->id, lac_spelling_hint(&spelling, hint));
}

static LacStatus refuse_value(const LacRecipeReader *r, const LacParam *param, const json_t *value,
                              const LacJsonPath *path) {
  char range[400];
  char *text = lac_recipe_value_text(value);
  lac_recipe_describe_range(param, false, range, sizeof range);
  const LacStatus status =
      text ? lac_recipe_refuse(r, path, "cannot be %.80s: it %s", text, range) : lac_recipe_no_memory(r);
  lac_free(text);
  return status;
}

static LacStatus read_parameter(const LacRecipeReader *r, size_t entry, const char *key, const json_t *value,
                                const LacJsonPath *path) {
  const LacProcessorInfo *info = r->recipe->items[entry].info;
  const size_t param = lac_param_find(info, key);
  if (param == SIZE_MAX) {
    return refuse_parameter(r, info, key, path);
  }
  /* A value without a decision was typed by someone. */
  LacRecipeCell cell = {.is_set = true, .set_by = LAC_SET_BY_PERSON};
  const LacStatus status = lac_recipe_cell_from_json(&info->params[param], value, &cell);
  if (status == LAC_ERR_MEMORY) {
    return lac_recipe_no_memory(r);
  }
  if (status != LAC_OK) {
    return refuse_value(r, &info->params[param], value, path);
  }
  lac_recipe_put_cell(r->recipe, entry, param, cell);
  return LAC_OK;
}

static LacStatus read_parameters(const LacRecipeReader *r, const json_t *object, size_t entry,
                                 const LacJsonPath *parent) {
  const LacJsonPath path = {.parent = parent, .key = "parameters"};
  json_t *parameters = NULL;
  LacStatus status = lac_recipe_read_object(r, object, &path, &parameters);
  const char *key = NULL;
  json_t *value = NULL;
  if (status != LAC_OK || !parameters) {
    return status;
  }
  json_object_foreach(parameters, key, value) {
    const LacJsonPath value_path = {.parent = &path, .key = key};
    status = read_parameter(r, entry, key, value, &value_path);
    if (status != LAC_OK) {
      return status;
    }
  }
  return LAC_OK;
}

static LacStatus refuse_processor(const LacRecipeReader *r, const char *processor, const LacJsonPath *path) {
  LacSpelling spelling = {.typed = processor};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < lac_processor_class_count(); ++i) {
    lac_spelling_offer(&spelling, lac_processor_class_info(lac_processor_class_at(i))->id);
  }
  return lac_recipe_refuse(r, path, "names no processor of this version (\"%.60s\").%s", processor,
                           lac_spelling_hint(&spelling, hint));
}

/* The entry's processor, made with its id (or, for now, a numbered one: see read_chain). */
static LacStatus add_entry(const LacRecipeReader *r, const json_t *object, const LacJsonPath *path, const char *id) {
  const LacJsonPath id_path = {.parent = path, .key = "id"};
  const LacJsonPath processor_path = {.parent = path, .key = "processor"};
  const char *processor = NULL;
  LacStatus status = lac_recipe_read_text(r, object, path, "processor", &processor);
  if (status != LAC_OK) {
    return status;
  }
  if (!processor) {
    return lac_recipe_refuse(r, &processor_path, "is missing: it names the processor");
  }
  const LacProcessorClass *cls = lac_processor_class_find(processor);
  if (!cls) {
    return refuse_processor(r, processor, &processor_path);
  }
  if (id && !lac_recipe_id_is_valid(id)) {
    return lac_recipe_refuse(r, &id_path, "must be 1 to %d letters, digits, \"_\" or \"-\"", LAC_RECIPE_ID_SIZE - 1);
  }
  if (id && lac_recipe_find_id(r->recipe, id) != SIZE_MAX) {
    return lac_recipe_refuse(r, &id_path, "\"%s\" stands twice in the chain", id);
  }
  status = lac_recipe_add(r->recipe, cls, id, r->recipe->n_items, NULL);
  return status == LAC_OK ? LAC_OK : lac_recipe_no_memory(r);
}

static LacStatus read_revision(const LacRecipeReader *r, const json_t *object, LacRecipeItem *item,
                               const LacJsonPath *path) {
  uint64_t revision = item->revision;
  const LacStatus status = lac_recipe_read_integer(r, object, path, "revision", 0, 1e9, &revision);
  item->revision = (unsigned)revision;
  if (status != LAC_OK || item->revision == item->info->revision || !r->notes) {
    return status;
  }
  return lac_notes_add(r->notes, "RECIPE_REVISION",
                       "%.200s was made with revision %u of %s; this version has revision %u. It may sound slightly "
                       "different: listen before you release it.",
                       r->name, item->revision, item->info->id, item->info->revision) == LAC_OK
             ? LAC_OK
             : lac_recipe_no_memory(r);
}

static LacStatus read_entry(const LacRecipeReader *r, json_t *object, size_t index, const LacJsonPath *path) {
  LacRecipeItem *item = &r->recipe->items[index];
  const LacJsonPath enabled_path = {.parent = path, .key = "enabled"};
  const json_t *enabled = json_object_get(object, "enabled");
  if (enabled && !json_is_boolean(enabled)) {
    return lac_recipe_refuse(r, &enabled_path, "must be true or false");
  }
  item->enabled = !enabled || json_is_true(enabled);
  LacStatus status = read_revision(r, object, item, path);
  if (status == LAC_OK) {
    status = read_parameters(r, object, index, path);
  }
  return status == LAC_OK ? lac_recipe_keep_unknown(r, object, entry_fields, &item->extra) : status;
}

/* Gives entries without an id the numbered name that no written id has. */
static LacStatus name_entries(const LacRecipeReader *r, const bool *has_id) {
  for (size_t i = 0; i < r->recipe->n_items; ++i) {
    if (has_id[i]) {
      continue;
    }
    LacRecipeItem *item = &r->recipe->items[i];
    char *copy = lac_recipe_free_id(r->recipe, item->info->id);
    if (!copy) {
      return lac_recipe_no_memory(r);
    }
    lac_free(item->id);
    item->id = copy;
  }
  return LAC_OK;
}

static LacStatus read_chain(const LacRecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "chain"};
  const json_t *chain = json_object_get(document, "chain");
  bool has_id[LAC_RECIPE_MAX_ENTRIES] = {false};
  LacStatus status = LAC_OK;
  if (!json_is_array(chain)) {
    return lac_recipe_refuse(r, &path, chain ? "must be a list" : "is missing: it lists the processors in order");
  }
  if (json_array_size(chain) > LAC_RECIPE_MAX_ENTRIES) {
    return lac_recipe_refuse(r, &path, "has more than %d entries", LAC_RECIPE_MAX_ENTRIES);
  }
  for (size_t i = 0; i < json_array_size(chain) && status == LAC_OK; ++i) {
    const LacJsonPath entry_path = {.parent = &path, .index = i};
    json_t *object = json_array_get(chain, i);
    const char *id = NULL;
    if (!json_is_object(object)) {
      return lac_recipe_refuse(r, &entry_path, "must be an object");
    }
    status = lac_recipe_read_text(r, object, &entry_path, "id", &id);
    has_id[i] = id != NULL;
    char placeholder[LAC_RECIPE_ID_SIZE];
    if (status == LAC_OK) {
      status = add_entry(r, object, &entry_path, id);
    }
    if (status == LAC_OK && !id) {
      /* A name no document can hold, so that a later entry may claim the plain one. */
      snprintf(placeholder, sizeof placeholder, ".%zu", i);
      char *copy = lac_strdup(placeholder);
      if (!copy) {
        return lac_recipe_no_memory(r);
      }
      lac_free(r->recipe->items[i].id);
      r->recipe->items[i].id = copy;
    }
    if (status == LAC_OK) {
      status = read_entry(r, object, i, &entry_path);
    }
  }
  return status == LAC_OK ? name_entries(r, has_id) : status;
}

/* --- Document ----------------------------------------------------------------------------------------------- */

static LacStatus read_document(const LacRecipeReader *r, json_t *document) {
  const LacJsonPath schema_path = {.key = "schema"};
  const char *schema = NULL;
  const char *engine = NULL;
  if (!json_is_object(document)) {
    return lac_recipe_refuse(r, NULL, "must be an object");
  }
  LacStatus status = lac_recipe_read_text(r, document, NULL, "schema", &schema);
  if (status == LAC_OK && (!schema || strcmp(schema, "lacquer.recipe/1") != 0)) {
    status = lac_recipe_refuse(r, &schema_path,
                               schema ? "must be \"lacquer.recipe/1\"" : "is missing: \"lacquer.recipe/1\"");
  }
  if (status == LAC_OK) {
    status = lac_recipe_read_text(r, document, NULL, "engine", &engine);
  }
  static LacStatus (*const sections[])(const LacRecipeReader *, const json_t *) = {
      read_input, read_target, read_output, read_chain, lac_recipe_read_decisions};
  for (size_t i = 0; i < sizeof sections / sizeof sections[0] && status == LAC_OK; ++i) {
    status = sections[i](r, document);
  }
  return status == LAC_OK ? lac_recipe_keep_unknown(r, document, document_fields, &r->recipe->extra) : status;
}

LacStatus lac_recipe_read(const char *name, const char *bytes, size_t n_bytes, LacRecipe **out, LacNotes *notes,
                          LacError *error) {
  LacError local = {0};
  LacRecipeReader reader = {.name = name, .notes = notes, .error = error ? error : &local};
  *out = NULL;
  reader.error->status = LAC_OK;
  json_t *document = lac_json_parse(name, bytes, n_bytes, reader.error);
  if (!document) {
    return reader.error->status != LAC_OK ? reader.error->status : LAC_ERR_SYNTAX;
  }
  LacStatus status = lac_recipe_new(&reader.recipe);
  status = status == LAC_OK ? read_document(&reader, document) : lac_recipe_no_memory(&reader);
  json_decref(document);
  if (status != LAC_OK) {
    lac_recipe_free(reader.recipe);
    return status;
  }
  *out = reader.recipe;
  return LAC_OK;
}
