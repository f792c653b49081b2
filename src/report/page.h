/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The frame of a self-contained page: no request leaves it, light and dark follow the reader, it prints and fits a
 * phone. */

#ifndef LAC_REPORT_PAGE_H
#define LAC_REPORT_PAGE_H

#include <lacquer/core.h>

#include "core/text_buffer.h"

enum { LAC_VALUE_TEXT_SIZE = 64 };

/* `title` is plain text. */
void lac_page_begin(LacText *out, const char *title);
void lac_page_end(LacText *out);
/* Text with < > & " made harmless; control characters become spaces. */
void lac_page_escape(LacText *out, const char *text);
/* "<h2 id=...>text</h2>" opening a section; close with lac_page_section_end. */
void lac_page_section(LacText *out, const char *id, const char *heading);
void lac_page_section_end(LacText *out);
/* A value with its unit, "-14.0 LUFS"; an en dash when it does not exist. */
const char *lac_page_value_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]);
/* 1:05.2 */
const char *lac_page_time_text(double seconds, char buffer[LAC_VALUE_TEXT_SIZE]);

#endif
