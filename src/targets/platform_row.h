/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One row of a platforms document (schema lacquer.platforms/1): strict checks and the way into a LacPlatform.
 *
 * A row is an object: id, aliases, title, purpose, check_only, target {integrated_lufs, true_peak_dbtp}, output
 * {rate_hz, bits}, playback {reference_lufs, turns_up, up_limit_dbtp}, source, date, confidence, rules. A rule is an
 * object: rule, value or values, text, source, date, confidence. Unknown keys are errors: in a table of rules a
 * misspelt key is a rule that silently does not hold. null means "none" where a number may be absent. */

#ifndef LAC_TARGETS_PLATFORM_ROW_H
#define LAC_TARGETS_PLATFORM_ROW_H

#include <jansson.h>

#include <lacquer/targets.h>

#include "text/json.h"

enum { LAC_PLATFORM_MAX_RULES = 64, LAC_PLATFORM_MAX_ALIASES = 16 };

/* Where messages come from: the document's name and its errors. */
typedef struct LacRowReader {
  const char *name;
  LacError *error;
} LacRowReader;

/* Checks every field that is there: types, ranges, known keys. A complete row also needs every field but aliases and
 * check_only; an override (`is_partial`) needs only its id. Errors: SCHEMA with "NAME: POINTER: ...". */
LacStatus lac_platform_row_check(const LacRowReader *reader, const json_t *row, const LacJsonPath *path,
                                 bool is_partial);

/* A complete, checked row. Strings are borrowed from `row`; `rules` has room for json_array_size of its rules. */
void lac_platform_row_fill(const json_t *row, LacPlatform *platform, LacRule *rules);

#endif
