/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The frame of a self-contained page: no request leaves it, light and dark follow the reader, it prints and fits a
 * phone. */

#ifndef LAC_REPORT_PAGE_H
#define LAC_REPORT_PAGE_H

#include <lacquer/core.h>

#include "core/text_buffer.h"

enum { LAC_VALUE_TEXT_SIZE = 64 };

/* The style sheet; no < and no & in it. */
extern const char lac_page_style[];

/* `title` is plain text. */
void lac_page_begin(LacText *out, const char *title);
void lac_page_end(LacText *out);
/* Any bytes as harmless text: < > & " ' become entities, control characters spaces, bytes that are not UTF-8 U+FFFD. */
void lac_page_escape(LacText *out, const char *text);
/* The same inside <bdi>, so that right-to-left names do not turn the sentence around them. */
void lac_page_name(LacText *out, const char *text);
/* "<h2 id=...>text</h2>" opening a section; close with lac_page_section_end. */
void lac_page_section(LacText *out, const char *id, const char *heading);
void lac_page_section_end(LacText *out);
/* A folded table of numbers: "<details>..<table><thead>.."; `columns` ends with NULL. */
void lac_page_table_begin(LacText *out, const char *summary, const char *const *columns);
void lac_page_table_end(LacText *out);
/* A value with its unit, "-14.0 LUFS", with a real minus; an en dash when it does not exist. */
const char *lac_page_value_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]);
/* The same with + for what rises. */
const char *lac_page_change_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]);
/* 1:05.2, 1:02:03.4 */
const char *lac_page_time_text(double seconds, char buffer[LAC_VALUE_TEXT_SIZE]);
/* For sentences, two digits: 530 Hz, 3.7 kHz. */
const char *lac_page_hz_text(double hz, char buffer[LAC_VALUE_TEXT_SIZE]);

#endif
