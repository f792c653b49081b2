/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/recipe_model.h"
#include "chain/spelling.h"

#include "core/memory.h"
#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct RecipeReader {
  const char *name;
  LacRecipe *recipe;
  LacNotes *notes;
  LacError *error;
} RecipeReader;

/* What each object of the document may hold; anything else is kept and written back. */
static const char *const document_fields[] = {"schema", "engine", "input",     "target",
                                              "output", "chain",  "decisions", NULL};
static const char *const input_fields[] = {"pcm_sha256", "frames", "rate_hz", NULL};
static const char *const target_fields[] = {"integrated_lufs", "true_peak_dbtp", NULL};
static const char *const output_fields[] = {"rate_hz", "bits", "dither", "seed", "keep_tail_s", NULL};
static const char *const entry_fields[] = {"processor", "id", "revision", "enabled", "parameters", NULL};
static const char *const decision_fields[] = {"entry",  "processor", "parameter", "value",
                                              "set_by", "reason",    "evidence",  NULL};

static LacStatus refuse(const RecipeReader *r, const LacJsonPath *path, const char *format, ...) LAC_PRINTF(3, 4);

static LacStatus refuse(const RecipeReader *r, const LacJsonPath *path, const char *format, ...) {
  char pointer[256] = "";
  char text[640];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (path) {
    lac_json_pointer(path, pointer, sizeof pointer);
  }
  return lac_error_set(r->error, LAC_ERR_SCHEMA, "RECIPE_INVALID", "%.200s: %s %s%s", r->name,
                       pointer[0] ? pointer : "the document", text, strchr(".?", text[strlen(text) - 1]) ? "" : ".");
}

static LacStatus out_of_memory(const RecipeReader *r) {
  return lac_error_set(r->error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to read %.200s.", r->name);
}

static bool is_listed(const char *const *fields, const char *key) {
  for (size_t i = 0; fields[i]; ++i) {
    if (strcmp(fields[i], key) == 0) {
      return true;
    }
  }
  return false;
}

/* Copies of the fields that are not ours, or NULL when there are none. */
static LacStatus keep_unknown(const RecipeReader *r, json_t *object, const char *const *fields, json_t **extra) {
  const char *key = NULL;
  json_t *value = NULL;
  json_object_foreach(object, key, value) {
    if (is_listed(fields, key)) {
      continue;
    }
    if (!*extra) {
      *extra = json_object();
    }
    if (!*extra || json_object_set_new(*extra, key, json_deep_copy(value)) != 0) {
      return out_of_memory(r);
    }
  }
  return LAC_OK;
}

/* --- Plain fields: absent leaves *value as it is ------------------------------------------------------------ */

static LacStatus read_text(const RecipeReader *r, const json_t *object, const LacJsonPath *parent, const char *key,
                           const char **value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  const json_t *field = json_object_get(object, key);
  if (!field) {
    return LAC_OK;
  }
  if (!json_is_string(field)) {
    return refuse(r, &path, "must be a text");
  }
  *value = json_string_value(field);
  return LAC_OK;
}

static LacStatus read_number(const RecipeReader *r, const json_t *object, const LacJsonPath *parent, const char *key,
                             double minimum, double maximum, double *value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  const json_t *field = json_object_get(object, key);
  if (!field) {
    return LAC_OK;
  }
  const double number = json_number_value(field);
  if (!json_is_number(field)) {
    return refuse(r, &path, "must be a number");
  }
  if (!(number >= minimum && number <= maximum)) {
    char low[LAC_NUMBER_SIZE];
    char high[LAC_NUMBER_SIZE];
    return refuse(r, &path, "must be from %s to %s", lac_double_text(minimum, low), lac_double_text(maximum, high));
  }
  *value = number;
  return LAC_OK;
}

static LacStatus read_integer(const RecipeReader *r, const json_t *object, const LacJsonPath *parent, const char *key,
                              double minimum, double maximum, uint64_t *value) {
  const LacJsonPath path = {.parent = parent, .key = key};
  double number = (double)*value;
  const LacStatus status = read_number(r, object, parent, key, minimum, maximum, &number);
  if (status != LAC_OK) {
    return status;
  }
  if (number != floor(number)) {
    return refuse(r, &path, "must be a whole number");
  }
  *value = (uint64_t)number;
  return LAC_OK;
}

static LacStatus read_object(const RecipeReader *r, const json_t *parent, const LacJsonPath *path, json_t **object) {
  *object = json_object_get(parent, path->key);
  return !*object || json_is_object(*object) ? LAC_OK : refuse(r, path, "must be an object");
}

/* --- Sections ----------------------------------------------------------------------------------------------- */

static LacStatus read_input(const RecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "input"};
  const LacJsonPath hash_path = {.parent = &path, .key = "pcm_sha256"};
  LacRecipeInput *input = &r->recipe->input;
  const char *hash = "";
  uint64_t rate_hz = 0;
  json_t *object = NULL;
  LacStatus status = read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  status = read_text(r, object, &path, "pcm_sha256", &hash);
  if (status == LAC_OK && hash[0] && (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64)) {
    status = refuse(r, &hash_path, "must be 64 lower-case hexadecimal digits");
  }
  if (status == LAC_OK) {
    status = read_integer(r, object, &path, "frames", 0, 9007199254740991.0, &input->n_frames);
  }
  if (status == LAC_OK) {
    status = read_integer(r, object, &path, "rate_hz", 0, LAC_MAX_RATE_HZ, &rate_hz);
  }
  if (status == LAC_OK) {
    snprintf(input->pcm_sha256, sizeof input->pcm_sha256, "%s", hash);
    input->rate_hz = (uint32_t)rate_hz;
    r->recipe->keeps_input = true;
    status = keep_unknown(r, object, input_fields, &r->recipe->input_extra);
  }
  return status;
}

static LacStatus read_target(const RecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "target"};
  LacRecipeTarget *target = &r->recipe->target;
  json_t *object = NULL;
  LacStatus status = read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  /* null says what absence says: no such target. */
  if (!json_is_null(json_object_get(object, "integrated_lufs"))) {
    status = read_number(r, object, &path, "integrated_lufs", -70, 0, &target->integrated_lufs);
  }
  if (status == LAC_OK && !json_is_null(json_object_get(object, "true_peak_dbtp"))) {
    status = read_number(r, object, &path, "true_peak_dbtp", -60, 20, &target->true_peak_dbtp);
  }
  return status == LAC_OK ? keep_unknown(r, object, target_fields, &r->recipe->target_extra) : status;
}

static LacStatus read_output_rate_and_bits(const RecipeReader *r, const json_t *object, const LacJsonPath *path) {
  const LacJsonPath rate_path = {.parent = path, .key = "rate_hz"};
  const LacJsonPath bits_path = {.parent = path, .key = "bits"};
  uint64_t rate_hz = 0;
  uint64_t bits = 0;
  LacStatus status = read_integer(r, object, path, "rate_hz", 0, LAC_MAX_RATE_HZ, &rate_hz);
  if (status == LAC_OK && rate_hz != 0 && rate_hz < LAC_MIN_RATE_HZ) {
    status = refuse(r, &rate_path, "must be from %u to %u Hz", LAC_MIN_RATE_HZ, LAC_MAX_RATE_HZ);
  }
  if (status == LAC_OK) {
    status = read_integer(r, object, path, "bits", 0, 32, &bits);
  }
  if (status == LAC_OK && bits != 0 && bits != 16 && bits != 24 && bits != 32) {
    status = refuse(r, &bits_path, "must be 16, 24 or 32 (float)");
  }
  r->recipe->output.rate_hz = (uint32_t)rate_hz;
  r->recipe->output.bits = (unsigned)bits;
  return status;
}

static LacStatus read_output(const RecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "output"};
  const LacJsonPath dither_path = {.parent = &path, .key = "dither"};
  LacRecipeOutput *output = &r->recipe->output;
  const char *dither = "tpdf";
  json_t *object = NULL;
  LacStatus status = read_object(r, document, &path, &object);
  if (status != LAC_OK || !object) {
    return status;
  }
  status = read_output_rate_and_bits(r, object, &path);
  if (status == LAC_OK) {
    status = read_text(r, object, &path, "dither", &dither);
  }
  if (status == LAC_OK && strcmp(dither, "tpdf") != 0 && strcmp(dither, "none") != 0) {
    status = refuse(r, &dither_path, "must be \"tpdf\" or \"none\"");
  }
  if (status == LAC_OK) {
    output->dither = strcmp(dither, "none") == 0 ? LAC_DITHER_NONE : LAC_DITHER_TPDF;
    status = read_integer(r, object, &path, "seed", 0, 9007199254740991.0, &output->seed);
  }
  if (status == LAC_OK) {
    status = read_number(r, object, &path, "keep_tail_s", 0, 600, &output->keep_tail_s);
  }
  return status == LAC_OK ? keep_unknown(r, object, output_fields, &r->recipe->output_extra) : status;
}

/* --- Chain -------------------------------------------------------------------------------------------------- */

static LacStatus refuse_parameter(const RecipeReader *r, const LacProcessorInfo *info, const char *key,
                                  const LacJsonPath *path) {
  LacSpelling spelling = {.typed = key};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < info->n_params; ++i) {
    lac_spelling_offer(&spelling, info->params[i].id);
  }
  return refuse(r, path, "is not a parameter of %s.%s", info->id, lac_spelling_hint(&spelling, hint));
}

static LacStatus refuse_value(const RecipeReader *r, const LacParam *param, const json_t *value,
                              const LacJsonPath *path) {
  char range[400];
  char *text = lac_recipe_value_text(value);
  lac_recipe_describe_range(param, range, sizeof range);
  const LacStatus status = text ? refuse(r, path, "cannot be %.80s: it %s", text, range) : out_of_memory(r);
  lac_free(text);
  return status;
}

static LacStatus read_parameter(const RecipeReader *r, size_t entry, const char *key, const json_t *value,
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
    return out_of_memory(r);
  }
  if (status != LAC_OK) {
    return refuse_value(r, &info->params[param], value, path);
  }
  lac_recipe_put_cell(r->recipe, entry, param, cell);
  return LAC_OK;
}

static LacStatus read_parameters(const RecipeReader *r, const json_t *object, size_t entry, const LacJsonPath *parent) {
  const LacJsonPath path = {.parent = parent, .key = "parameters"};
  json_t *parameters = NULL;
  LacStatus status = read_object(r, object, &path, &parameters);
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

static LacStatus refuse_processor(const RecipeReader *r, const char *processor, const LacJsonPath *path) {
  LacSpelling spelling = {.typed = processor};
  char hint[LAC_HINT_SIZE];
  for (size_t i = 0; i < lac_processor_class_count(); ++i) {
    lac_spelling_offer(&spelling, lac_processor_class_info(lac_processor_class_at(i))->id);
  }
  return refuse(r, path, "names no processor of this version (\"%.60s\").%s", processor,
                lac_spelling_hint(&spelling, hint));
}

/* The entry's processor, made with its id (or, for now, a numbered one: see read_chain). */
static LacStatus add_entry(const RecipeReader *r, const json_t *object, const LacJsonPath *path, const char *id) {
  const LacJsonPath id_path = {.parent = path, .key = "id"};
  const LacJsonPath processor_path = {.parent = path, .key = "processor"};
  const char *processor = NULL;
  LacStatus status = read_text(r, object, path, "processor", &processor);
  if (status != LAC_OK) {
    return status;
  }
  if (!processor) {
    return refuse(r, &processor_path, "is missing: it names the processor");
  }
  const LacProcessorClass *cls = lac_processor_class_find(processor);
  if (!cls) {
    return refuse_processor(r, processor, &processor_path);
  }
  if (id && !lac_recipe_id_is_valid(id)) {
    return refuse(r, &id_path, "must be 1 to %d letters, digits, \"_\" or \"-\"", LAC_RECIPE_ID_SIZE - 1);
  }
  if (id && lac_recipe_find_id(r->recipe, id) != SIZE_MAX) {
    return refuse(r, &id_path, "\"%s\" stands twice in the chain", id);
  }
  status = lac_recipe_add(r->recipe, cls, id, r->recipe->n_items, NULL);
  return status == LAC_OK ? LAC_OK : out_of_memory(r);
}

static LacStatus read_revision(const RecipeReader *r, const json_t *object, LacRecipeItem *item,
                               const LacJsonPath *path) {
  uint64_t revision = item->revision;
  const LacStatus status = read_integer(r, object, path, "revision", 0, 1e9, &revision);
  item->revision = (unsigned)revision;
  if (status != LAC_OK || item->revision == item->info->revision || !r->notes) {
    return status;
  }
  return lac_notes_add(r->notes, "RECIPE_REVISION",
                       "%.200s was made with revision %u of %s; this version has revision %u. It may sound slightly "
                       "different: listen before you release it.",
                       r->name, item->revision, item->info->id, item->info->revision) == LAC_OK
             ? LAC_OK
             : out_of_memory(r);
}

static LacStatus read_entry(const RecipeReader *r, json_t *object, size_t index, const LacJsonPath *path) {
  LacRecipeItem *item = &r->recipe->items[index];
  const LacJsonPath enabled_path = {.parent = path, .key = "enabled"};
  const json_t *enabled = json_object_get(object, "enabled");
  if (enabled && !json_is_boolean(enabled)) {
    return refuse(r, &enabled_path, "must be true or false");
  }
  item->enabled = !enabled || json_is_true(enabled);
  LacStatus status = read_revision(r, object, item, path);
  if (status == LAC_OK) {
    status = read_parameters(r, object, index, path);
  }
  return status == LAC_OK ? keep_unknown(r, object, entry_fields, &item->extra) : status;
}

/* Gives entries without an id the numbered name that no written id has. */
static LacStatus name_entries(const RecipeReader *r, const bool *has_id) {
  for (size_t i = 0; i < r->recipe->n_items; ++i) {
    if (has_id[i]) {
      continue;
    }
    LacRecipeItem *item = &r->recipe->items[i];
    char id[LAC_RECIPE_ID_SIZE];
    snprintf(id, sizeof id, "%.50s", item->info->id);
    for (unsigned k = 2; lac_recipe_find_id(r->recipe, id) != SIZE_MAX; ++k) {
      snprintf(id, sizeof id, "%.50s%u", item->info->id, k);
    }
    char *copy = lac_strdup(id);
    if (!copy) {
      return out_of_memory(r);
    }
    lac_free(item->id);
    item->id = copy;
  }
  return LAC_OK;
}

static LacStatus read_chain(const RecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "chain"};
  const json_t *chain = json_object_get(document, "chain");
  bool has_id[LAC_RECIPE_MAX_ENTRIES] = {false};
  LacStatus status = LAC_OK;
  if (!json_is_array(chain)) {
    return refuse(r, &path, chain ? "must be a list" : "is missing: it lists the processors in order");
  }
  if (json_array_size(chain) > LAC_RECIPE_MAX_ENTRIES) {
    return refuse(r, &path, "has more than %d entries", LAC_RECIPE_MAX_ENTRIES);
  }
  for (size_t i = 0; i < json_array_size(chain) && status == LAC_OK; ++i) {
    const LacJsonPath entry_path = {.parent = &path, .index = i};
    json_t *object = json_array_get(chain, i);
    const char *id = NULL;
    if (!json_is_object(object)) {
      return refuse(r, &entry_path, "must be an object");
    }
    status = read_text(r, object, &entry_path, "id", &id);
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
        return out_of_memory(r);
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

/* --- Decisions ---------------------------------------------------------------------------------------------- */

static LacStatus read_set_by(const RecipeReader *r, const json_t *object, const LacJsonPath *parent, LacSetBy *set_by) {
  const LacJsonPath path = {.parent = parent, .key = "set_by"};
  const char *name = NULL;
  const LacStatus status = read_text(r, object, parent, "set_by", &name);
  for (int i = LAC_SET_BY_DEFAULT; name && i <= LAC_SET_BY_PERSON; ++i) {
    if (strcmp(name, lac_set_by_name((LacSetBy)i)) == 0) {
      *set_by = (LacSetBy)i;
      return LAC_OK;
    }
  }
  return status != LAC_OK ? status : refuse(r, &path, "must be default, preset, assistant, reference or person");
}

/* Where the chain's value and the decision differ, a person edited the value: the decision becomes theirs, and what it
 * was stays as evidence. A decision whose value was taken out of the chain goes. */
static LacStatus settle_decision(const RecipeReader *r, LacRecipeReason *made, json_t *current, bool *keep) {
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
  char *evidence = lac_format("%s (%s) before", made->value_text, lac_set_by_name(made->set_by));
  char *reason = lac_strdup("Changed in the recipe");
  char *text = lac_recipe_value_text(current);
  if (!evidence || !reason || !text) {
    lac_free(evidence);
    lac_free(reason);
    lac_free(text);
    return out_of_memory(r);
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

static LacStatus read_decision(const RecipeReader *r, json_t *object, const LacJsonPath *path) {
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
    status = read_text(r, object, path, texts[i].key, texts[i].text);
  }
  status = status == LAC_OK ? read_set_by(r, object, path, &set_by) : status;
  if (status != LAC_OK) {
    return status;
  }
  if (!parameter || !value) {
    return refuse(r, parameter ? &value_path : &parameter_path, "is missing");
  }
  LacRecipeReason made;
  if (lac_recipe_reason_make(entry, processor, parameter, json_deep_copy(value), set_by, reason, evidence, &made) !=
      LAC_OK) {
    return out_of_memory(r);
  }
  bool failed = false;
  bool keep = true;
  json_t *current = lac_recipe_current_value(r->recipe, entry, processor, parameter, &failed);
  status = failed ? out_of_memory(r) : LAC_OK;
  if (current) {
    status = settle_decision(r, &made, current, &keep);
    /* Without a reason it only says who set the value, which the cell now knows. */
    keep = keep && (reason || evidence || made.set_by != set_by);
    json_decref(current);
  }
  if (status == LAC_OK && keep) {
    status = keep_unknown(r, object, decision_fields, &made.extra);
  }
  if (status != LAC_OK || !keep) {
    lac_recipe_reason_clear(&made);
    return status;
  }
  return lac_recipe_put_reason(r->recipe, &made) == LAC_OK ? LAC_OK : out_of_memory(r);
}

static LacStatus read_decisions(const RecipeReader *r, const json_t *document) {
  const LacJsonPath path = {.key = "decisions"};
  const json_t *decisions = json_object_get(document, "decisions");
  LacStatus status = LAC_OK;
  if (!decisions) {
    return LAC_OK;
  }
  if (!json_is_array(decisions)) {
    return refuse(r, &path, "must be a list");
  }
  if (json_array_size(decisions) > LAC_RECIPE_MAX_DECISIONS) {
    return refuse(r, &path, "has more than %d entries", LAC_RECIPE_MAX_DECISIONS);
  }
  for (size_t i = 0; i < json_array_size(decisions) && status == LAC_OK; ++i) {
    const LacJsonPath decision_path = {.parent = &path, .index = i};
    json_t *object = json_array_get(decisions, i);
    status = json_is_object(object) ? read_decision(r, object, &decision_path)
                                    : refuse(r, &decision_path, "must be an object");
  }
  return status;
}

/* --- Document ----------------------------------------------------------------------------------------------- */

static LacStatus read_document(const RecipeReader *r, json_t *document) {
  const LacJsonPath schema_path = {.key = "schema"};
  const char *schema = NULL;
  const char *engine = NULL;
  if (!json_is_object(document)) {
    return refuse(r, NULL, "must be an object");
  }
  LacStatus status = read_text(r, document, NULL, "schema", &schema);
  if (status == LAC_OK && (!schema || strcmp(schema, "lacquer.recipe/1") != 0)) {
    status = refuse(r, &schema_path, schema ? "must be \"lacquer.recipe/1\"" : "is missing: \"lacquer.recipe/1\"");
  }
  if (status == LAC_OK) {
    status = read_text(r, document, NULL, "engine", &engine);
  }
  static LacStatus (*const sections[])(const RecipeReader *, const json_t *) = {read_input, read_target, read_output,
                                                                                read_chain, read_decisions};
  for (size_t i = 0; i < sizeof sections / sizeof sections[0] && status == LAC_OK; ++i) {
    status = sections[i](r, document);
  }
  return status == LAC_OK ? keep_unknown(r, document, document_fields, &r->recipe->extra) : status;
}

LacStatus lac_recipe_read(const char *name, const char *bytes, size_t n_bytes, LacRecipe **out, LacNotes *notes,
                          LacError *error) {
  LacError local = {0};
  RecipeReader reader = {.name = name, .notes = notes, .error = error ? error : &local};
  *out = NULL;
  reader.error->status = LAC_OK;
  json_t *document = lac_json_parse(name, bytes, n_bytes, reader.error);
  if (!document) {
    return reader.error->status != LAC_OK ? reader.error->status : LAC_ERR_SYNTAX;
  }
  LacStatus status = lac_recipe_new(&reader.recipe);
  status = status == LAC_OK ? read_document(&reader, document) : out_of_memory(&reader);
  json_decref(document);
  if (status != LAC_OK) {
    lac_recipe_free(reader.recipe);
    return status;
  }
  *out = reader.recipe;
  return LAC_OK;
}
