/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/targets.h>

#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "targets/platform_row.h"
#include "targets/user_data.h"
#include "text/json.h"

/* data/platforms.json, embedded by scripts/embed.py. */
extern const unsigned char lac_platforms_data[];
extern const size_t lac_platforms_data_size;

enum { MAX_PLATFORMS = 256, MAX_FILE_BYTES = 1 << 20 };

static const char schema_id[] = "lacquer.platforms/1";

struct LacPlatforms {
  json_t *rows; /* array of complete rows; every string below is borrowed from it */
  LacPlatform *items;
  LacRule *rules;
  size_t count;
};

/* The array of rows of a whole document, checked (borrowed from *document). */
static LacStatus document_read(const LacRowReader *reader, const char *bytes, size_t n_bytes, bool is_partial,
                               json_t **document, json_t **rows) {
  static const LacJsonPath root = {0};
  *document = lac_json_parse(reader->name, bytes, n_bytes, reader->error);
  if (!*document)
    return reader->error ? reader->error->status : LAC_ERR_SYNTAX;
  if (!json_is_object(*document))
    return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA", "%s: /: must be an object.", reader->name);
  const char *schema = json_string_value(json_object_get(*document, "schema"));
  if (!schema || strcmp(schema, schema_id) != 0)
    return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA", "%s: /schema: must be \"%s\".",
                         reader->name, schema_id);
  const char *key;
  json_t *value;
  json_object_foreach(*document, key, value) {
    if (strcmp(key, "schema") != 0 && strcmp(key, "about") != 0 && strcmp(key, "platforms") != 0)
      return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA", "%s: /%.60s: unknown key.", reader->name,
                           key);
  }
  *rows = json_object_get(*document, "platforms");
  if (!json_is_array(*rows) || json_array_size(*rows) > MAX_PLATFORMS)
    return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA",
                         "%s: /platforms: must be an array of at most %d rows.", reader->name, (int)MAX_PLATFORMS);
  LacJsonPath array = {.parent = &root, .key = "platforms"};
  for (size_t i = 0; i < json_array_size(*rows); i++) {
    LacJsonPath element = {.parent = &array, .index = i};
    LacStatus status = lac_platform_row_check(reader, json_array_get(*rows, i), &element, is_partial);
    if (status)
      return status;
  }
  return LAC_OK;
}

static json_t *row_find(const json_t *rows, const char *id) {
  for (size_t i = 0; i < json_array_size(rows); i++) {
    json_t *row = json_array_get(rows, i);
    if (strcmp(json_string_value(json_object_get(row, "id")), id) == 0)
      return row;
  }
  return NULL;
}

/* Fields that the override names replace the row's; target, output and playback field by field, rules as a whole. */
static LacStatus rows_merge(json_t *rows, const json_t *overrides) {
  for (size_t i = 0; i < json_array_size(overrides); i++) {
    json_t *override = json_array_get(overrides, i);
    json_t *known = row_find(rows, json_string_value(json_object_get(override, "id")));
    int failed = known ? json_object_update_recursive(known, override) : json_array_append(rows, override);
    if (failed)
      return LAC_ERR_MEMORY;
  }
  return LAC_OK;
}

static bool answers_to(const json_t *row, const char *id) {
  const json_t *aliases = json_object_get(row, "aliases");
  if (strcmp(json_string_value(json_object_get(row, "id")), id) == 0)
    return true;
  for (size_t i = 0; i < json_array_size(aliases); i++)
    if (strcmp(json_string_value(json_array_get(aliases, i)), id) == 0)
      return true;
  return false;
}

/* One name, one platform. */
static LacStatus names_check(const LacRowReader *reader, const json_t *rows) {
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const json_t *aliases = json_object_get(row, "aliases");
    for (size_t k = 0; k <= json_array_size(aliases); k++) {
      const char *name = json_string_value(k == 0 ? json_object_get(row, "id") : json_array_get(aliases, k - 1));
      for (size_t other = 0; other < i; other++)
        if (answers_to(json_array_get(rows, other), name))
          return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA",
                               "%s: /platforms/%zu: the name \"%s\" is taken by another platform.", reader->name, i,
                               name);
    }
  }
  return LAC_OK;
}

/* Complete rows -> LacPlatforms. Takes `rows`. */
static LacStatus platforms_build(const LacRowReader *reader, json_t *rows, LacPlatforms **out) {
  static const LacJsonPath root = {0};
  LacJsonPath array = {.parent = &root, .key = "platforms"};
  size_t n_rules = 0;
  LacStatus status = names_check(reader, rows);
  for (size_t i = 0; !status && i < json_array_size(rows); i++) {
    LacJsonPath element = {.parent = &array, .index = i};
    status = lac_platform_row_check(reader, json_array_get(rows, i), &element, false);
    n_rules += json_array_size(json_object_get(json_array_get(rows, i), "rules"));
  }
  LacPlatforms *platforms = status ? NULL : lac_calloc(1, sizeof *platforms);
  if (!platforms) {
    json_decref(rows);
    return status ? status : LAC_ERR_MEMORY;
  }
  platforms->rows = rows;
  platforms->count = json_array_size(rows);
  platforms->items = lac_calloc(platforms->count + 1, sizeof *platforms->items);
  platforms->rules = lac_calloc(n_rules + 1, sizeof *platforms->rules);
  if (!platforms->items || !platforms->rules) {
    lac_platforms_free(platforms);
    return LAC_ERR_MEMORY;
  }
  LacRule *next = platforms->rules;
  for (size_t i = 0; i < platforms->count; i++) {
    lac_platform_row_fill(json_array_get(rows, i), &platforms->items[i], next);
    next += platforms->items[i].n_rules;
  }
  *out = platforms;
  return LAC_OK;
}

LacStatus lac_platforms_read(const char *name, const char *bytes, size_t n_bytes, LacPlatforms **out, LacError *error) {
  LacRowReader reader = {.name = name, .error = error};
  json_t *document = NULL;
  json_t *rows = NULL;
  *out = NULL;
  LacStatus status = document_read(&reader, bytes, n_bytes, false, &document, &rows);
  if (!status)
    status = platforms_build(&reader, json_incref(rows), out);
  json_decref(document);
  return status;
}

typedef struct Overrides {
  json_t *rows;
  LacError *error;
} Overrides;

/* Merge the override file at `path`, if there is one. */
static LacStatus override_apply(const char *path, void *user) {
  const Overrides *to = user;
  LacRowReader reader = {.name = path, .error = to->error};
  char *bytes = NULL;
  size_t n_bytes = 0;
  json_t *document = NULL;
  json_t *overrides = NULL;
  if (!lac_path_exists(path))
    return LAC_OK;
  LacStatus status = lac_file_read_all(path, MAX_FILE_BYTES, &bytes, &n_bytes, to->error);
  if (!status)
    status = document_read(&reader, bytes, n_bytes, true, &document, &overrides);
  if (!status)
    status = rows_merge(to->rows, overrides);
  /* Now, while the file can still be named: does what it adds or changes make complete rows? */
  static const LacJsonPath root = {0};
  LacJsonPath array = {.parent = &root, .key = "platforms"};
  for (size_t i = 0; !status && i < json_array_size(overrides); i++) {
    LacJsonPath element = {.parent = &array, .index = i};
    const char *id = json_string_value(json_object_get(json_array_get(overrides, i), "id"));
    status = lac_platform_row_check(&reader, row_find(to->rows, id), &element, false);
  }
  if (!status)
    status = names_check(&reader, to->rows);
  json_decref(document);
  lac_free(bytes);
  return status;
}

LacStatus lac_platforms_load(LacPlatforms **out, LacError *error) {
  LacRowReader reader = {.name = "built-in platforms.json", .error = error};
  json_t *document = NULL;
  json_t *rows = NULL;
  *out = NULL;
  LacStatus status =
      document_read(&reader, (const char *)lac_platforms_data, lac_platforms_data_size, false, &document, &rows);
  if (!status)
    status = lac_user_data_visit("platforms.json", override_apply, &(Overrides){rows, error});
  if (!status)
    status = platforms_build(&reader, json_incref(rows), out);
  json_decref(document);
  if (status == LAC_ERR_MEMORY)
    return lac_error_set(error, status, "MEMORY", "Out of memory while reading the platform table.");
  return status;
}

size_t lac_platforms_count(const LacPlatforms *platforms) {
  return platforms->count;
}

const LacPlatform *lac_platforms_at(const LacPlatforms *platforms, size_t index) {
  return index < platforms->count ? &platforms->items[index] : NULL;
}

const LacPlatform *lac_platforms_find(const LacPlatforms *platforms, const char *id) {
  for (size_t i = 0; i < platforms->count; i++)
    if (answers_to(json_array_get(platforms->rows, i), id))
      return &platforms->items[i];
  return NULL;
}

void lac_platforms_free(LacPlatforms *platforms) {
  if (!platforms)
    return;
  json_decref(platforms->rows);
  lac_free(platforms->items);
  lac_free(platforms->rules);
  lac_free(platforms);
}

double lac_platform_playback_gain_db(const LacPlatform *platform, double integrated_lufs, double true_peak_dbtp) {
  double gain_db = platform->reference_lufs - integrated_lufs;
  if (!isfinite(gain_db)) /* no normalisation there, or nothing to measure */
    return 0.0;
  if (gain_db <= 0.0)
    return gain_db;
  if (!platform->turns_up)
    return 0.0;
  if (isnan(platform->up_limit_dbtp)) /* a limiter takes what rises too far */
    return gain_db;
  double room_db = platform->up_limit_dbtp - true_peak_dbtp;
  if (!(room_db > 0.0)) /* already above the limit: not raised, not turned down for it */
    return 0.0;
  return gain_db < room_db ? gain_db : room_db;
}
