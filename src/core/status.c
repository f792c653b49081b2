/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/core.h>

#include "core/c_locale.h"
#include "core/memory.h"
#include "core/utf8.h"

#include <stdio.h>
#include <string.h>

static const char *const sentences[] = {
    [LAC_OK] = "Done",
    [LAC_ERR_MEMORY] = "Not enough memory",
    [LAC_ERR_USAGE] = "The call or option cannot be right",
    [LAC_ERR_RANGE] = "A value is outside its range or not a number",
    [LAC_ERR_NOT_FOUND] = "An input does not exist or may not be read",
    [LAC_ERR_READ] = "Reading failed in the middle",
    [LAC_ERR_DAMAGED] = "The input is damaged beyond use",
    [LAC_ERR_UNSUPPORTED] = "The format, layout or feature is not one that Lacquer handles",
    [LAC_ERR_CHANNELS] = "The input has more than two channels",
    [LAC_ERR_EMPTY] = "The input contains no audio",
    [LAC_ERR_SILENT] = "The input contains only silence",
    [LAC_ERR_NONFINITE] = "The input contains only samples that are not numbers",
    [LAC_ERR_EXISTS] = "The output exists and may not be replaced",
    [LAC_ERR_IS_INPUT] = "The output is the input",
    [LAC_ERR_WRITE] = "The output cannot be written",
    [LAC_ERR_NO_SPACE] = "The target disk is full",
    [LAC_ERR_SYNTAX] = "The text cannot be parsed",
    [LAC_ERR_SCHEMA] = "The text does not fit its schema",
    [LAC_ERR_TARGET] = "Written, but a target was not met",
    [LAC_ERR_LIMIT] = "A resource limit stopped the work",
    [LAC_ERR_CANCELLED] = "Stopped on request",
    [LAC_ERR_INTERNAL] = "Lacquer made a mistake",
};

const char *lac_strerror(LacStatus status) {
  return (unsigned)status < sizeof sentences / sizeof *sentences ? sentences[status] : "Unknown status";
}

const char *lac_version(void) {
  return LAC_VERSION;
}

static void copy_code(char code[LAC_CODE_SIZE], const char *from) {
  size_t length = strnlen(from, LAC_CODE_SIZE - 1);
  memcpy(code, from, length);
  code[length] = '\0';
}

LacStatus lac_error_set(LacError *error, LacStatus status, const char *code, const char *format, ...) {
  if (!error)
    return status;
  error->status = status;
  copy_code(error->code, code);
  va_list args;
  va_start(args, format);
  locale_t before = lac_c_locale_enter();
  int length = vsnprintf(error->text, sizeof error->text, format, args);
  lac_c_locale_leave(before);
  va_end(args);
  if (length < 0)
    error->text[0] = '\0';
  else if ((size_t)length >= sizeof error->text)
    error->text[lac_utf8_cut(error->text, sizeof error->text - 1)] = '\0';
  lac_utf8_clean(error->text);
  return status;
}

/* Takes `text`, also on failure. */
static LacStatus add_owned(LacNotes *notes, const char *code, char *text) {
  if (!text)
    return LAC_ERR_MEMORY;
  lac_utf8_clean(text);
  LacNote note = {.text = text};
  copy_code(note.code, code);
  for (size_t i = 0; i < notes->count; i++) {
    if (!strcmp(notes->items[i].code, note.code) && !strcmp(notes->items[i].text, text)) {
      lac_free(text);
      return LAC_OK;
    }
  }
  if (notes->count == notes->capacity) {
    size_t capacity = notes->capacity ? notes->capacity * 2 : 8;
    LacNote *items = lac_realloc(notes->items, capacity, sizeof *items);
    if (!items) {
      lac_free(text);
      return LAC_ERR_MEMORY;
    }
    notes->items = items;
    notes->capacity = capacity;
  }
  notes->items[notes->count++] = note;
  return LAC_OK;
}

LacStatus lac_notes_add(LacNotes *notes, const char *code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = lac_vformat(format, args);
  va_end(args);
  return add_owned(notes, code, text);
}

LacStatus lac_notes_append(LacNotes *notes, const LacNotes *from) {
  if (notes == from)
    return LAC_OK;
  for (size_t i = 0; i < from->count; i++) {
    LacStatus status = add_owned(notes, from->items[i].code, lac_strdup(from->items[i].text));
    if (status != LAC_OK)
      return status;
  }
  return LAC_OK;
}

bool lac_notes_has(const LacNotes *notes, const char *code) {
  for (size_t i = 0; i < notes->count; i++)
    if (!strncmp(notes->items[i].code, code, LAC_CODE_SIZE - 1))
      return true;
  return false;
}

void lac_notes_free(LacNotes *notes) {
  if (!notes)
    return;
  for (size_t i = 0; i < notes->count; i++)
    lac_free(notes->items[i].text);
  lac_free(notes->items);
  *notes = (LacNotes){0};
}
