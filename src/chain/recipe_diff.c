/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What differs between two recipes, for people: "tone.band1_db: 0 -> 1.5 dB". Entries are matched by id. */

#include "chain/recipe_model.h"

#include "core/memory.h"
#include "core/number.h"
#include "core/text_buffer.h"

#include <math.h>
#include <string.h>

static void diff_line(LacText *out, const char *scope, const char *name, const char *a, const char *b,
                      const char *unit) {
  lac_text_appendf(out, "%s.%s: %s -> %s%s%s\n", scope, name, a, b, unit[0] ? " " : "", unit);
}

static void diff_number(LacText *out, const char *scope, const char *name, double a, double b, const char *unit) {
  char a_text[LAC_NUMBER_SIZE];
  char b_text[LAC_NUMBER_SIZE];
  if (a != b && !(isnan(a) && isnan(b))) {
    diff_line(out, scope, name, isnan(a) ? "none" : lac_double_text(a, a_text),
              isnan(b) ? "none" : lac_double_text(b, b_text), unit);
  }
}

static void diff_cell(LacText *out, const char *entry, const LacParam *param, const LacRecipeCell *a,
                      const LacRecipeCell *b) {
  json_t *a_json = lac_recipe_cell_json(param, a);
  json_t *b_json = lac_recipe_cell_json(param, b);
  if (!a_json || !b_json) {
    out->failed = true;
  } else if (!lac_recipe_same_value(a_json, b_json)) {
    char *a_text = json_is_string(a_json) ? lac_strdup(json_string_value(a_json)) : lac_recipe_value_text(a_json);
    char *b_text = json_is_string(b_json) ? lac_strdup(json_string_value(b_json)) : lac_recipe_value_text(b_json);
    if (a_text && b_text) {
      diff_line(out, entry, param->id, a_text, b_text, param->unit);
    }
    out->failed = out->failed || !a_text || !b_text;
    lac_free(a_text);
    lac_free(b_text);
  }
  json_decref(a_json);
  json_decref(b_json);
}

static void diff_item(LacText *out, const LacRecipeItem *a, const LacRecipeItem *b) {
  if (a->cls != b->cls) {
    diff_line(out, b->id, "processor", a->info->id, b->info->id, "");
    return;
  }
  if (a->enabled != b->enabled) {
    diff_line(out, b->id, "enabled", a->enabled ? "true" : "false", b->enabled ? "true" : "false", "");
  }
  diff_number(out, b->id, "revision", a->revision, b->revision, "");
  for (size_t i = 0; i < a->info->n_params; ++i) {
    diff_cell(out, b->id, &a->info->params[i], &a->cells[i], &b->cells[i]);
  }
}

static void append_shared_order(LacText *out, const LacRecipe *recipe, const LacRecipe *other) {
  bool is_first = true;
  for (size_t i = 0; i < recipe->n_items; ++i) {
    if (lac_recipe_find_id(other, recipe->items[i].id) != SIZE_MAX) {
      lac_text_appendf(out, "%s%s", is_first ? "" : ", ", recipe->items[i].id);
      is_first = false;
    }
  }
}

static void diff_order(LacText *out, const LacRecipe *a, const LacRecipe *b) {
  LacText a_order = {0};
  LacText b_order = {0};
  append_shared_order(&a_order, a, b);
  append_shared_order(&b_order, b, a);
  if (a_order.bytes && b_order.bytes && strcmp(a_order.bytes, b_order.bytes) != 0) {
    lac_text_appendf(out, "order: %s -> %s\n", a_order.bytes, b_order.bytes);
  }
  out->failed = out->failed || a_order.failed || b_order.failed;
  lac_text_clear(&a_order);
  lac_text_clear(&b_order);
}

/* 0 means "the input's": none. */
static double some(uint32_t value) {
  return value ? (double)value : (double)NAN;
}

static void diff_output(LacText *out, const LacRecipeOutput *a, const LacRecipeOutput *b) {
  diff_number(out, "output", "rate_hz", some(a->rate_hz), some(b->rate_hz), "Hz");
  diff_number(out, "output", "bits", some(a->bits), some(b->bits), "");
  if (a->dither != b->dither) {
    diff_line(out, "output", "dither", lac_dither_name(a->dither), lac_dither_name(b->dither), "");
  }
  diff_number(out, "output", "seed", (double)a->seed, (double)b->seed, "");
  diff_number(out, "output", "keep_tail_s", a->keep_tail_s, b->keep_tail_s, "s");
}

LacStatus lac_recipe_diff(const LacRecipe *a, const LacRecipe *b, char **text) {
  LacText out = {0};
  lac_text_append(&out, "");
  diff_number(&out, "target", "integrated_lufs", a->target.integrated_lufs, b->target.integrated_lufs, "LUFS");
  diff_number(&out, "target", "true_peak_dbtp", a->target.true_peak_dbtp, b->target.true_peak_dbtp, "dBTP");
  diff_output(&out, &a->output, &b->output);
  for (size_t i = 0; i < a->n_items; ++i) {
    if (lac_recipe_find_id(b, a->items[i].id) == SIZE_MAX) {
      lac_text_appendf(&out, "%s: removed (%s)\n", a->items[i].id, a->items[i].info->id);
    }
  }
  for (size_t i = 0; i < b->n_items; ++i) {
    const size_t other = lac_recipe_find_id(a, b->items[i].id);
    if (other != SIZE_MAX) {
      diff_item(&out, &a->items[other], &b->items[i]);
      continue;
    }
    lac_text_appendf(&out, "%s: added (%s)\n", b->items[i].id, b->items[i].info->id);
    for (size_t k = 0; k < b->items[i].info->n_params; ++k) {
      const LacParam *param = &b->items[i].info->params[k];
      const LacRecipeCell neutral = {.value = param->neutral};
      diff_cell(&out, b->items[i].id, param, &neutral, &b->items[i].cells[k]);
    }
  }
  diff_order(&out, a, b);
  *text = lac_text_take(&out);
  if (!*text) {
    *text = lac_strdup("");
  }
  return *text && !out.failed ? LAC_OK : LAC_ERR_MEMORY;
}
