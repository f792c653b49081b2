/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/page.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Blue and orange stay apart for red-green blindness; before is dashed, after is solid. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c2127;--quiet:#59636e;--paper:#fdfdfc;--card:#f3f4f2;--line:#d5d9dc;"
    "--after:#0b63b0;--before:#b35900;--fill:#0b63b030;--fill2:#b3590030;--band:#1b806a2e;--good:#136c3b;--bad:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eaec;--quiet:#a3adb6;--paper:#15181b;--card:#1f2428;--line:#"
    "39424a;"
    "--after:#6cb4f5;--before:#f0a353;--fill:#6cb4f53a;--fill2:#f0a3533a;--band:#4fc3a533;--good:#6fcf97;--bad:#ff8a80}"
    "}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:60rem;padding:1rem;font:16px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--paper)}"
    "h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .4rem;border-bottom:1px solid "
    "var(--line);padding-bottom:.2rem}"
    "h3{font-size:1rem;margin:.2rem 0}p{margin:.4rem 0}.quiet,figcaption,summary{color:var(--quiet);font-size:.92rem}"
    ".verdict{display:inline-block;padding:.15rem .7rem;border-radius:1rem;border:2px solid;font-weight:600}"
    ".met{color:var(--good)}.missed{color:var(--bad)}"
    "figure{margin:1rem 0;padding:.8rem;background:var(--card);border-radius:.5rem;break-inside:avoid}"
    "svg{width:100%;height:auto;display:block}svg text{fill:var(--quiet);font:12px system-ui,sans-serif}"
    "svg path{fill:none;stroke-width:1.6;stroke-linejoin:round}"
    ".grid{stroke:var(--line);stroke-width:1}path.after{stroke:var(--after)}path.before{stroke:var(--before);stroke-"
    "dasharray:5 3}"
    "path.wave-after{fill:var(--after)}path.wave-before{fill:var(--before)}path.band{fill:var(--band)}"
    "line.target{stroke:var(--good);stroke-dasharray:2 "
    "3;stroke-width:1.5}line.ceiling{stroke:var(--bad);stroke-width:1}"
    "rect.after{fill:var(--after)}rect.before{fill:var(--before)}path.fill{fill:var(--fill);stroke:none}"
    ".key{display:inline-block;width:1.6rem;height:0;border-top:3px solid var(--after);vertical-align:middle;margin:0 "
    ".3rem 0 .8rem}"
    ".key.before{border-top:3px dashed var(--before)}.key.band{border-top:.7rem solid "
    "var(--band)}.key.target{border-top:3px dotted var(--good)}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}"
    "th:first-child,td:first-child,td.words{text-align:left}thead "
    "th{color:var(--quiet);font-weight:600;font-size:.9rem}"
    "details{margin:.4rem 0}summary{cursor:pointer}summary:focus-visible{outline:3px solid var(--after)}"
    "ol.decisions{padding-left:1.3rem}ol.decisions li{margin:.5rem 0}code,pre{font:.85rem/1.4 "
    "ui-monospace,monospace;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;background:var(--card);padding:.6rem;border-radius:.4rem}"
    "ul.notes{list-style:none;padding:0}ul.notes li{border-left:4px solid var(--before);padding:.1rem "
    ".7rem;margin:.5rem 0}"
    "ul.notes li.info{border-color:var(--line)}ul.notes li.problem{border-color:var(--bad)}"
    "@media "
    "print{body{max-width:none;font-size:11pt}details:not([open])>*{display:none}figure{background:none;border:1px "
    "solid var(--line)}}"
    "@media(max-width:30rem){body{padding:.6rem;font-size:15px}th,td{padding:.25rem .35rem}svg text{font-size:16px}}";

void lac_page_escape(LacText *out, const char *text) {
  for (const char *c = text; *c; c++) {
    unsigned char byte = (unsigned char)*c;
    if (byte == '<')
      lac_text_append(out, "&lt;");
    else if (byte == '>')
      lac_text_append(out, "&gt;");
    else if (byte == '&')
      lac_text_append(out, "&amp;");
    else if (byte == '"')
      lac_text_append(out, "&quot;");
    else if (byte < 32 && byte != '\n')
      lac_text_append(out, " ");
    else
      lac_text_append_bytes(out, c, 1);
  }
}

void lac_page_begin(LacText *out, const char *title) {
  lac_text_append(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
  lac_page_escape(out, title);
  lac_text_append(out, "</title><style>");
  lac_text_append(out, style);
  lac_text_append(out, "</style></head>\n<body>\n");
}

void lac_page_end(LacText *out) {
  lac_text_appendf(
      out,
      "<p class=\"quiet\">Made by Lacquer %s on your own machine. Every number was measured; nothing was sent "
      "anywhere.</p>\n</body></html>\n",
      lac_version());
}

void lac_page_section(LacText *out, const char *id, const char *heading) {
  lac_text_appendf(out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n", id, id, heading);
}

void lac_page_section_end(LacText *out) {
  lac_text_append(out, "</section>\n");
}

const char *lac_page_value_text(double value, int n_decimals, const char *unit, char buffer[LAC_VALUE_TEXT_SIZE]) {
  char number[LAC_NUMBER_SIZE];
  if (!isfinite(value))
    return "\xE2\x80\x93";
  const char *text = lac_fixed_text(value, n_decimals, number);
  bool is_negative = *text == '-';
  snprintf(buffer, LAC_VALUE_TEXT_SIZE, "%s%s%s%s", is_negative ? "\xE2\x88\x92" : "", text + is_negative,
           *unit ? "\xC2\xA0" : "", unit);
  return buffer;
}

const char *lac_page_time_text(double seconds, char buffer[LAC_VALUE_TEXT_SIZE]) {
  if (!isfinite(seconds) || seconds < 0)
    return "\xE2\x80\x93";
  unsigned long tenths = (unsigned long)(seconds * 10 + 0.5);
  snprintf(buffer, LAC_VALUE_TEXT_SIZE, "%lu:%02lu.%lu", tenths / 600, tenths / 10 % 60, tenths % 10);
  return buffer;
}
