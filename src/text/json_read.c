/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "text/json.h"

#include "core/c_locale.h"
#include "core/utf8.h"

#include <stdio.h>
#include <string.h>

#ifdef LAC_FAULTS

#include "core/memory.h"

static void *allocate(size_t size) { return lac_alloc(size, 1); }

/* Before main, so that no test program can forget it. A released library leaves jansson's global alone. */
__attribute__((constructor)) static void route_allocations(void) { json_set_alloc_funcs(allocate, lac_free); }

#endif

typedef struct Place {
  size_t line, column; /* from 1; columns in bytes */
} Place;

static Place place_of(const char *bytes, size_t offset) {
  Place place = {.line = 1, .column = 1};
  for (size_t i = 0; i < offset; i++) {
    place.column++;
    if (bytes[i] == '\n') {
      place.line++;
      place.column = 1;
    }
  }
  return place;
}

static void fail_at(const char *name, const char *bytes, size_t offset, const char *what, LacError *error) {
  Place place = place_of(bytes, offset);
  lac_error_set(error, LAC_ERR_SYNTAX, "JSON_SYNTAX", "%s:%zu:%zu: %s. Correct the text there and try again.", name,
                place.line, place.column, what);
}

/* True when the text is UTF-8 and nowhere nested too deep; else *offset is where. Jansson allows 2048 levels, too
 * many for readers that recurse, and says no place for bytes that are not UTF-8. */
static bool is_readable(const char *bytes, size_t n_bytes, size_t *offset, const char **what) {
  size_t depth = 0;
  bool is_in_string = false;
  for (size_t i = 0, length; i < n_bytes; i += length) {
    *offset = i;
    length = lac_utf8_length(bytes + i, n_bytes - i);
    *what = "this byte is not UTF-8 text";
    if (length == 0)
      return false;
    *what = "a NUL byte stands in the text";
    if (bytes[i] == '\0')
      return false;
    if (bytes[i] == '"')
      is_in_string = !is_in_string;
    else if (is_in_string && bytes[i] == '\\' && i + 1 < n_bytes && (bytes[i + 1] == '"' || bytes[i + 1] == '\\'))
      length = 2;
    else if (!is_in_string && (bytes[i] == '[' || bytes[i] == '{'))
      depth++;
    else if (!is_in_string && (bytes[i] == ']' || bytes[i] == '}') && depth > 0)
      depth--;
    *what = "nested deeper than 64 levels";
    if (depth > LAC_JSON_DEPTH)
      return false;
  }
  return true;
}

json_t *lac_json_parse(const char *name, const char *bytes, size_t n_bytes, LacError *error) {
  static const char byte_order_mark[] = "\xEF\xBB\xBF";
  if (n_bytes >= 3 && !memcmp(bytes, byte_order_mark, 3)) {
    bytes += 3;
    n_bytes -= 3;
  }
  size_t offset;
  const char *what;
  if (!is_readable(bytes, n_bytes, &offset, &what)) {
    fail_at(name, bytes, offset, what, error);
    return NULL;
  }
  json_error_t found;
  /* jansson reads numbers with strtod, which follows the locale; it corrects only one-byte decimal points. */
  locale_t before = lac_c_locale_enter();
  json_t *value = json_loadb(n_bytes ? bytes : "", n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &found);
  lac_c_locale_leave(before);
  if (value)
    return value;
  if (json_error_code(&found) == json_error_out_of_memory) {
    lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to read %s.", name);
    return NULL;
  }
  /* jansson stands behind what it could not use. */
  offset = found.position > 0 ? (size_t)found.position - 1 : 0;
  fail_at(name, bytes, offset < n_bytes ? offset : n_bytes, found.text, error);
  return NULL;
}
