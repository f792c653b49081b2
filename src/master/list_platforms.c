/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The platform table as a document. */

#include <lacquer/master.h>

#include "text/json.h"

static json_t *rule_json(const LacRule *rule, bool *failed) {
  json_t *into = json_object();
  *failed |= !into;
  lac_json_set_text(into, "id", rule->id, failed);
  lac_json_set_numbers(into, "values", rule->values, rule->n_values, failed);
  lac_json_set_text(into, "text", rule->text, failed);
  lac_json_set_text(into, "source", rule->source, failed);
  lac_json_set_text(into, "date", rule->date, failed);
  lac_json_set_text(into, "confidence", rule->confidence, failed);
  return into;
}

static json_t *platform_json(const LacPlatform *platform, bool *failed) {
  json_t *into = json_object(), *rules = json_array();
  *failed |= !into || !rules;
  lac_json_set_text(into, "id", platform->id, failed);
  lac_json_set_text(into, "title", platform->title, failed);
  lac_json_set_text(into, "purpose", platform->purpose, failed);
  lac_json_set_number(into, "integrated_lufs", platform->integrated_lufs, failed);
  lac_json_set_number(into, "true_peak_dbtp", platform->true_peak_dbtp, failed);
  lac_json_set(into, "rate_hz", platform->rate_hz ? json_integer(platform->rate_hz) : json_null(), failed);
  lac_json_set(into, "bits", platform->bits ? json_integer(platform->bits) : json_null(), failed);
  lac_json_set_text(into, "dither", lac_dither_name(platform->dither), failed);
  lac_json_set_bool(into, "check_only", platform->is_check_only, failed);
  lac_json_set_number(into, "reference_lufs", platform->reference_lufs, failed);
  lac_json_set_bool(into, "turns_up", platform->turns_up, failed);
  lac_json_set_number(into, "up_limit_dbtp", platform->up_limit_dbtp, failed);
  lac_json_set_text(into, "source", platform->source, failed);
  lac_json_set_text(into, "date", platform->date, failed);
  lac_json_set_text(into, "confidence", platform->confidence, failed);
  for (size_t i = 0; i < platform->n_rules; i++)
    lac_json_push(rules, rule_json(&platform->rules[i], failed), failed);
  lac_json_set(into, "rules", rules, failed);
  return into;
}

LacStatus lac_list_platforms_json(const LacPlatforms *platforms, char **text) {
  bool failed = false;
  json_t *root = json_object(), *list = json_array();
  failed |= !root || !list;
  lac_json_set_text(root, "schema", "lacquer.list/1", &failed);
  lac_json_set_text(root, "engine", lac_version(), &failed);
  for (size_t i = 0; i < lac_platforms_count(platforms); i++)
    lac_json_push(list, platform_json(lac_platforms_at(platforms, i), &failed), &failed);
  lac_json_set(root, "platforms", list, &failed);
  *text = failed ? NULL : lac_json_write(root);
  json_decref(root);
  return *text ? LAC_OK : LAC_ERR_MEMORY;
}
