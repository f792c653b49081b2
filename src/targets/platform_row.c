/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "targets/platform_row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "targets/user_data.h"

enum { MAX_TITLE_BYTES = 63, MAX_TEXT_BYTES = 300 };

typedef enum FieldType {
  FIELD_ID,
  FIELD_TITLE,
  FIELD_TEXT,
  FIELD_DATE,
  FIELD_CONFIDENCE,
  FIELD_BOOL,
  FIELD_NUMBER,
  FIELD_NULLABLE,
  FIELD_OTHER
} FieldType;

/* One key of an object: what it may hold, and whether a complete object must have it. */
typedef struct Field {
  const char *key;
  FieldType type;
  bool is_optional;
  double minimum;
  double maximum;
} Field;

static const Field row_fields[] = {{"id", FIELD_ID, false, 0, 0},
                                   {"aliases", FIELD_OTHER, true, 0, 0},
                                   {"title", FIELD_TITLE, false, 0, 0},
                                   {"purpose", FIELD_TEXT, false, 0, 0},
                                   {"check_only", FIELD_BOOL, true, 0, 0},
                                   {"target", FIELD_OTHER, false, 0, 0},
                                   {"output", FIELD_OTHER, false, 0, 0},
                                   {"playback", FIELD_OTHER, false, 0, 0},
                                   {"source", FIELD_TEXT, false, 0, 0},
                                   {"date", FIELD_DATE, false, 0, 0},
                                   {"confidence", FIELD_CONFIDENCE, false, 0, 0},
                                   {"rules", FIELD_OTHER, false, 0, 0},
                                   {NULL, FIELD_OTHER, true, 0, 0}};
static const Field target_fields[] = {{"integrated_lufs", FIELD_NULLABLE, false, -60, 0},
                                      {"true_peak_dbtp", FIELD_NULLABLE, false, -30, 0},
                                      {NULL, FIELD_OTHER, true, 0, 0}};
static const Field output_fields[] = {{"rate_hz", FIELD_NUMBER, false, 0, 384000},
                                      {"bits", FIELD_NUMBER, false, 0, 32},
                                      {"dither", FIELD_OTHER, true, 0, 0},
                                      {NULL, FIELD_OTHER, true, 0, 0}};
static const Field playback_fields[] = {{"reference_lufs", FIELD_NULLABLE, false, -60, 0},
                                        {"turns_up", FIELD_BOOL, false, 0, 0},
                                        {"up_limit_dbtp", FIELD_NULLABLE, false, -30, 0},
                                        {NULL, FIELD_OTHER, true, 0, 0}};
static const Field rule_fields[] = {{"rule", FIELD_OTHER, false, 0, 0},
                                    {"value", FIELD_OTHER, true, 0, 0},
                                    {"values", FIELD_OTHER, true, 0, 0},
                                    {"text", FIELD_TEXT, false, 0, 0},
                                    {"source", FIELD_TEXT, false, 0, 0},
                                    {"date", FIELD_DATE, false, 0, 0},
                                    {"confidence", FIELD_CONFIDENCE, false, 0, 0},
                                    {NULL, FIELD_OTHER, true, 0, 0}};

/* Rule kinds by LacRuleKind: their ids, how many values they take, and the range of each. */
typedef struct RuleShape {
  const char *id;
  unsigned min_values;
  unsigned max_values;
  double minimum;
  double maximum;
} RuleShape;

static const RuleShape rule_shapes[LAC_RULE_KINDS] = {
    [LAC_RULE_INTEGRATED_MAX] = {"integrated_max", 1, 1, -70, 0},
    [LAC_RULE_INTEGRATED_MIN] = {"integrated_min", 1, 1, -70, 0},
    [LAC_RULE_TRUE_PEAK_MAX] = {"true_peak_max", 1, 1, -30, 6},
    [LAC_RULE_SHORT_TERM_MAX] = {"short_term_max", 1, 1, -70, 0},
    [LAC_RULE_MOMENTARY_MAX] = {"momentary_max", 1, 1, -70, 0},
    [LAC_RULE_RATE_ONE_OF] = {"rate_one_of", 1, 8, 8000, 384000},
    [LAC_RULE_RATE_MIN] = {"rate_min", 1, 1, 8000, 384000},
    [LAC_RULE_BITS_MIN] = {"bits_min", 1, 1, 8, 64},
    [LAC_RULE_BITS_ONE_OF] = {"bits_one_of", 1, 8, 8, 64},
    [LAC_RULE_CHANNELS] = {"channels", 1, 2, 1, 2},
    [LAC_RULE_SECONDS_MIN] = {"seconds_min", 1, 1, 0, 36000},
    [LAC_RULE_SILENCE_EDGE_MAX_S] = {"silence_edge_max_s", 1, 1, 0, 3600},
    [LAC_RULE_NO_CLIPPING] = {"no_clipping", 0, 0, 0, 0},
    [LAC_RULE_NO_OVERS] = {"no_overs", 0, 0, 0, 0},
    [LAC_RULE_NO_DC] = {"no_dc", 0, 0, 0, 0},
    [LAC_RULE_POLARITY] = {"polarity", 0, 0, 0, 0},
    [LAC_RULE_NOT_LOSSY] = {"not_lossy", 0, 0, 0, 0},
    [LAC_RULE_HEADROOM] = {"headroom", 0, 0, 0, 0},
    [LAC_RULE_PLR_MIN] = {"plr_min", 1, 1, 0, 30},
};

static LacStatus row_error(const LacRowReader *reader, const LacJsonPath *path, const char *problem) {
  char pointer[256];
  lac_json_pointer(path, pointer, sizeof pointer);
  return lac_error_set(reader->error, LAC_ERR_SCHEMA, "PLATFORMS_SCHEMA", "%s: %s: %s.", reader->name, pointer,
                       problem);
}

static LacStatus child_error(const LacRowReader *reader, const LacJsonPath *path, const char *key,
                             const char *problem) {
  LacJsonPath child = {.parent = path, .key = key};
  return row_error(reader, &child, problem);
}

/* YYYY, YYYY-MM or YYYY-MM-DD. */
static bool is_date(const char *text) {
  static const char shape[] = "dddd-dd-dd";
  size_t length = strlen(text);
  if (length != 4 && length != 7 && length != 10)
    return false;
  for (size_t i = 0; i < length; i++) {
    bool fits = shape[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == shape[i];
    if (!fits)
      return false;
  }
  return true;
}

static const char *text_problem(const Field *field, const json_t *value) {
  if (!json_is_string(value))
    return "must be text";
  const char *text = json_string_value(value);
  size_t n_bytes = json_string_length(value);
  switch (field->type) {
  case FIELD_ID:
    return lac_data_id_is_valid(text) ? NULL : "must be lower-case words joined by dashes, at most 31 characters";
  case FIELD_DATE:
    return is_date(text) ? NULL : "must be a date: YYYY, YYYY-MM or YYYY-MM-DD";
  case FIELD_CONFIDENCE:
    return n_bytes == 1 && strchr("ABC", text[0]) ? NULL : "must be \"A\", \"B\" or \"C\"";
  case FIELD_TITLE:
    return lac_data_text_is_valid(text, n_bytes, MAX_TITLE_BYTES) ? NULL : "must be 1 to 63 bytes of printable text";
  default:
    return lac_data_text_is_valid(text, n_bytes, MAX_TEXT_BYTES) ? NULL : "must be 1 to 300 bytes of printable text";
  }
}

static LacStatus field_check(const LacRowReader *reader, const Field *field, const json_t *value,
                             const LacJsonPath *path) {
  char problem[96];
  char low[LAC_NUMBER_SIZE];
  char high[LAC_NUMBER_SIZE];
  double number;
  switch (field->type) {
  case FIELD_OTHER:
    return LAC_OK;
  case FIELD_BOOL:
    return json_is_boolean(value) ? LAC_OK : row_error(reader, path, "must be true or false");
  case FIELD_NULLABLE:
  case FIELD_NUMBER:
    if (field->type == FIELD_NULLABLE && json_is_null(value))
      return LAC_OK;
    number = json_number_value(value);
    if (json_is_number(value) && number >= field->minimum && number <= field->maximum)
      return LAC_OK;
    snprintf(problem, sizeof problem, "must be a number from %s to %s%s", lac_double_text(field->minimum, low),
             lac_double_text(field->maximum, high), field->type == FIELD_NULLABLE ? ", or null" : "");
    return row_error(reader, path, problem);
  default: {
    const char *wrong = text_problem(field, value);
    return wrong ? row_error(reader, path, wrong) : LAC_OK;
  }
  }
}

static const Field *field_find(const Field *fields, const char *key) {
  for (; fields->key; fields++)
    if (strcmp(fields->key, key) == 0)
      return fields;
  return NULL;
}

/* Every key known and right, and (unless partial) every needed key there. */
static LacStatus object_check(const LacRowReader *reader, const json_t *object, const Field *fields,
                              const LacJsonPath *path, bool is_partial) {
  if (!json_is_object(object))
    return row_error(reader, path, "must be an object");
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    const Field *field = field_find(fields, key);
    LacJsonPath child = {.parent = path, .key = key};
    if (!field)
      return row_error(reader, &child, "unknown key");
    LacStatus status = field_check(reader, field, value, &child);
    if (status)
      return status;
  }
  for (; !is_partial && fields->key; fields++)
    if (!fields->is_optional && !json_object_get(object, fields->key))
      return child_error(reader, path, fields->key, "is missing");
  return LAC_OK;
}

static const RuleShape *rule_shape_find(const char *id) {
  for (size_t kind = 0; id && kind < LAC_RULE_KINDS; kind++)
    if (strcmp(rule_shapes[kind].id, id) == 0)
      return &rule_shapes[kind];
  return NULL;
}

static bool value_fits(const RuleShape *shape, const json_t *value) {
  return json_is_number(value) && json_number_value(value) >= shape->minimum &&
         json_number_value(value) <= shape->maximum;
}

static LacStatus rule_values_check(const LacRowReader *reader, const RuleShape *shape, const json_t *rule,
                                   const LacJsonPath *path) {
  const json_t *value = json_object_get(rule, "value");
  const json_t *values = json_object_get(rule, "values");
  if (value && values)
    return child_error(reader, path, "values", "give \"value\" or \"values\", not both");
  if (value)
    return shape->min_values >= 1 && value_fits(shape, value)
               ? LAC_OK
               : child_error(reader, path, "value", "does not fit this rule (a number in its range, or none at all)");
  if (values && !json_is_array(values))
    return child_error(reader, path, "values", "must be an array of numbers");
  size_t count = json_array_size(values);
  if (count < shape->min_values || count > shape->max_values)
    return child_error(reader, path, values ? "values" : "value", "this rule needs another number of values");
  for (size_t i = 0; i < count; i++) {
    if (!value_fits(shape, json_array_get(values, i))) {
      LacJsonPath array = {.parent = path, .key = "values"};
      LacJsonPath element = {.parent = &array, .index = i};
      return row_error(reader, &element, "does not fit this rule (a number in its range)");
    }
  }
  return LAC_OK;
}

static LacStatus rules_check(const LacRowReader *reader, const json_t *rules, const LacJsonPath *path) {
  LacJsonPath array = {.parent = path, .key = "rules"};
  if (!json_is_array(rules) || json_array_size(rules) > LAC_PLATFORM_MAX_RULES)
    return row_error(reader, &array, "must be an array of at most 64 rules");
  for (size_t i = 0; i < json_array_size(rules); i++) {
    LacJsonPath element = {.parent = &array, .index = i};
    const json_t *rule = json_array_get(rules, i);
    LacStatus status = object_check(reader, rule, rule_fields, &element, false);
    if (status)
      return status;
    const RuleShape *shape = rule_shape_find(json_string_value(json_object_get(rule, "rule")));
    if (!shape)
      return child_error(reader, &element, "rule", "is not a rule that Lacquer knows (docs/platforms.md lists them)");
    status = rule_values_check(reader, shape, rule, &element);
    if (status)
      return status;
  }
  return LAC_OK;
}

static LacStatus aliases_check(const LacRowReader *reader, const json_t *aliases, const LacJsonPath *path) {
  static const Field alias_field = {"", FIELD_ID, false, 0, 0};
  LacJsonPath array = {.parent = path, .key = "aliases"};
  if (!json_is_array(aliases) || json_array_size(aliases) > LAC_PLATFORM_MAX_ALIASES)
    return row_error(reader, &array, "must be an array of at most 16 ids");
  for (size_t i = 0; i < json_array_size(aliases); i++) {
    LacJsonPath element = {.parent = &array, .index = i};
    LacStatus status = field_check(reader, &alias_field, json_array_get(aliases, i), &element);
    if (status)
      return status;
  }
  return LAC_OK;
}

/* A platform may ask for shaped noise in its words, not for words without dither. */
static bool dither_is_allowed(const json_t *value) {
  LacDither dither = LAC_DITHER_NONE;
  return json_is_string(value) && lac_dither_find(json_string_value(value), &dither) && dither != LAC_DITHER_NONE;
}

/* Rates and depths are sets with holes, not ranges. */
static LacStatus output_check(const LacRowReader *reader, const json_t *output, const LacJsonPath *path) {
  const json_t *rate = json_object_get(output, "rate_hz");
  const json_t *bits = json_object_get(output, "bits");
  const json_t *dither = json_object_get(output, "dither");
  double hz = json_number_value(rate);
  double depth = json_number_value(bits);
  if (rate && !(hz == 0 || (hz >= 8000 && hz == floor(hz))))
    return child_error(reader, path, "rate_hz", "must be 0 (the input's) or a whole number from 8000 to 384000");
  if (bits && !(depth == 0 || depth == 16 || depth == 24 || depth == 32))
    return child_error(reader, path, "bits", "must be 0 (the input's), 16, 24 or 32");
  if (dither && !dither_is_allowed(dither))
    return child_error(reader, path, "dither", "must be \"tpdf\" or \"shaped\"");
  return LAC_OK;
}

LacStatus lac_platform_row_check(const LacRowReader *reader, const json_t *row, const LacJsonPath *path,
                                 bool is_partial) {
  static const struct {
    const char *key;
    const Field *fields;
  } parts[] = {{"target", target_fields}, {"output", output_fields}, {"playback", playback_fields}};
  LacStatus status = object_check(reader, row, row_fields, path, is_partial);
  if (!status && !json_object_get(row, "id"))
    status = child_error(reader, path, "id", "is missing");
  for (size_t i = 0; !status && i < sizeof parts / sizeof parts[0]; i++) {
    const json_t *part = json_object_get(row, parts[i].key);
    LacJsonPath child = {.parent = path, .key = parts[i].key};
    if (part)
      status = object_check(reader, part, parts[i].fields, &child, is_partial);
    if (!status && part && parts[i].fields == output_fields)
      status = output_check(reader, part, &child);
  }
  const json_t *aliases = json_object_get(row, "aliases");
  const json_t *rules = json_object_get(row, "rules");
  if (!status && aliases)
    status = aliases_check(reader, aliases, path);
  if (!status && rules)
    status = rules_check(reader, rules, path);
  return status;
}

static const char *text_of(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

static double number_of(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static void rule_fill(const json_t *source, LacRule *rule) {
  const RuleShape *shape = rule_shape_find(text_of(source, "rule"));
  const json_t *values = json_object_get(source, "values");
  *rule = (LacRule){.id = shape->id, .kind = (LacRuleKind)(shape - rule_shapes)};
  rule->n_values = json_object_get(source, "value") ? 1 : json_array_size(values);
  rule->values[0] = number_of(source, "value");
  for (size_t i = 0; i < json_array_size(values); i++)
    rule->values[i] = json_number_value(json_array_get(values, i));
  rule->text = text_of(source, "text");
  rule->source = text_of(source, "source");
  rule->date = text_of(source, "date");
  rule->confidence = text_of(source, "confidence");
}

void lac_platform_row_fill(const json_t *row, LacPlatform *platform, LacRule *rules) {
  const json_t *target = json_object_get(row, "target");
  const json_t *output = json_object_get(row, "output");
  const json_t *playback = json_object_get(row, "playback");
  const json_t *listed = json_object_get(row, "rules");
  const char *dither = text_of(output, "dither");
  *platform = (LacPlatform){
      .id = text_of(row, "id"),
      .title = text_of(row, "title"),
      .purpose = text_of(row, "purpose"),
      .integrated_lufs = number_of(target, "integrated_lufs"),
      .true_peak_dbtp = number_of(target, "true_peak_dbtp"),
      .rate_hz = (uint32_t)number_of(output, "rate_hz"),
      .bits = (unsigned)number_of(output, "bits"),
      .is_check_only = json_is_true(json_object_get(row, "check_only")),
      .reference_lufs = number_of(playback, "reference_lufs"),
      .turns_up = json_is_true(json_object_get(playback, "turns_up")),
      .up_limit_dbtp = number_of(playback, "up_limit_dbtp"),
      .source = text_of(row, "source"),
      .date = text_of(row, "date"),
      .confidence = text_of(row, "confidence"),
      .rules = rules,
      .n_rules = json_array_size(listed),
  };
  for (size_t i = 0; i < platform->n_rules; i++)
    rule_fill(json_array_get(listed, i), &rules[i]);
  if (dither)
    (void)lac_dither_find(dither, &platform->dither); /* checked */
}
