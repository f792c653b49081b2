/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/chain.h>

#include <stdio.h>
#include <string.h>

static bool same_text(const char *a, const char *b) {
  return !strcmp(a ? a : "", b ? b : "");
}

/* Length of "band3_" in a parameter that belongs to a band, 0 otherwise. */
static size_t band_prefix(const char *parameter) {
  const size_t n_digits = strncmp(parameter, "band", 4) ? 0 : strspn(parameter + 4, "0123456789");
  return n_digits && parameter[4 + n_digits] == '_' ? 5 + n_digits : 0;
}

static bool belongs(const LacDecision *first, const LacDecision *next) {
  const size_t prefix = band_prefix(first->parameter);
  if (first->set_by != next->set_by)
    return false;
  if (prefix && same_text(first->entry, next->entry) && !strncmp(first->parameter, next->parameter, prefix))
    return true;
  return (!prefix || (first->reason && *first->reason)) && same_text(first->reason, next->reason) &&
         same_text(first->evidence, next->evidence);
}

size_t lac_recipe_decision_group(const LacRecipe *recipe, size_t from, size_t *speaker) {
  const size_t count = lac_recipe_decision_count(recipe);
  const LacDecision first = lac_recipe_decision(recipe, from);
  bool has_speaker = false;
  *speaker = from;
  size_t end = from;
  for (; end < count; end++) {
    const LacDecision next = lac_recipe_decision(recipe, end);
    if (end > from && !belongs(&first, &next))
      break;
    if (!has_speaker && next.evidence && *next.evidence) {
      *speaker = end;
      has_speaker = true;
    }
  }
  return end;
}

const char *lac_decision_shown(const LacDecision *decision, char buffer[LAC_SHOWN_VALUE_SIZE]) {
  const char *value = decision->value;
  if (value[0] != '[')
    return value;
  const char mark = value[1] == '[' ? '[' : ','; /* pairs, or plain numbers */
  size_t n = mark == ',' && value[1] != ']' ? 1 : 0;
  for (const char *c = value + 1; *c; c++)
    n += *c == mark;
  snprintf(buffer, LAC_SHOWN_VALUE_SIZE, n == 1 ? "%zu point" : "%zu points", n);
  return buffer;
}
