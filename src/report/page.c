/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/page.h"

#include "core/number.h"
#include "core/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *entity(unsigned char byte) {
  switch (byte) {
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '&':
    return "&amp;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return (byte < 32 && byte != '\n') || byte == 127 ? " " : NULL;
  }
}

void lac_page_escape(LacText *out, const char *text) {
  size_t left = strlen(text);
  while (left) {
    size_t length = lac_utf8_length(text, left);
    const char *replacement = length ? entity((unsigned char)*text) : "\xEF\xBF\xBD";
    length += !length;
    bool is_c1_control = length == 2 && (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0;
    if (replacement || is_c1_control)
      lac_text_append(out, replacement ? replacement : " ");
    else
      lac_text_append_bytes(out, text, length);
    text += length;
    left -= length;
  }
}

void lac_page_name(LacText *out, const char *text) {
  lac_text_append(out, "<bdi>");
  lac_page_escape(out, text);
  lac_text_append(out, "</bdi>");
}

void lac_page_begin(LacText *out, const char *title) {
  lac_text_append(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
  lac_page_escape(out, title);
  lac_text_append(out, "</title><style>");
  lac_text_append(out, lac_page_style);
  lac_text_append(out, "</style></head>\n<body>\n");
}

void lac_page_end(LacText *out) {
  lac_text_appendf(out,
                   "<footer class=\"quiet\"><p>Made by Lacquer %s on your own machine. Every number was measured; "
                   "nothing was sent anywhere.</p></footer>\n</body></html>\n",
                   lac_version());
}

void lac_page_section(LacText *out, const char *id, const char *heading) {
  lac_text_appendf(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id, id, heading);
}

void lac_page_section_end(LacText *out) {
  lac_text_append(out, "</section>\n");
}

void lac_page_table_begin(LacText *out, const char *summary, const char *const *columns) {
  lac_text_appendf(out, "<details><summary>%s</summary><div class=\"scroll\" tabindex=\"0\"><table><thead><tr>",
                   summary);
  for (; *columns; columns++)
    lac_text_appendf(out, "<th scope=\"col\">%s</th>", *columns);
  lac_text_append(out, "</tr></thead><tbody>\n");
}

void lac_page_table_end(LacText *out) {
  lac_text_append(out, "</tbody></table></div></details>\n");
}

static const char *signed_text(const char *plus, double value, int n_decimals, const char *unit, char *buffer) {
  char number[LAC_NUMBER_SIZE];
  if (!isfinite(value))
    return "\xE2\x80\x93";
  const char *text = lac_fixed_text(value, n_decimals, number);
  bool is_negative = *text == '-', is_zero = !text[strspn(text, "0.")];
  snprintf(buffer, LAC_VALUE_TEXT_SIZE, "%s%s%s%s",
           is_negative ? "\xE2\x88\x92"
           : is_zero   ? ""
                       : plus,
           text + is_negative, *unit ? "\xC2\xA0" : "", unit);
  return buffer;
}

const char *lac_page_value_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]) {
  return signed_text("", value, n_decimals, unit, buffer);
}

const char *lac_page_change_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]) {
  return signed_text("+", value, n_decimals, unit, buffer);
}

const char *lac_page_time_text(double seconds, char buffer[LAC_VALUE_TEXT_SIZE]) {
  if (!isfinite(seconds) || seconds < 0 || seconds > 1e9)
    return "\xE2\x80\x93";
  unsigned long tenths = (unsigned long)(seconds * 10 + 0.5);
  if (tenths >= 36000)
    snprintf(buffer, LAC_VALUE_TEXT_SIZE, "%lu:%02lu:%02lu.%lu", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60,
             tenths % 10);
  else
    snprintf(buffer, LAC_VALUE_TEXT_SIZE, "%lu:%02lu.%lu", tenths / 600, tenths / 10 % 60, tenths % 10);
  return buffer;
}

const char *lac_page_hz_text(double hz, char buffer[LAC_VALUE_TEXT_SIZE]) {
  if (hz < 99.5)
    return lac_page_value_text(hz, 0, "Hz", buffer);
  if (hz < 995)
    return lac_page_value_text(10 * rint(hz / 10), 0, "Hz", buffer);
  return lac_page_value_text(hz / 1000, hz < 9950 ? 1 : 0, "kHz", buffer);
}
