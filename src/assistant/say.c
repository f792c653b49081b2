/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/say.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* hz > 0 rounded to so many significant digits. */
static double significant(double hz, int digits) {
  double unit = 1.0;
  double most = digits == 2 ? 100.0 : 1000.0;
  while (hz / unit >= most)
    unit *= 10.0;
  return rint(hz / unit) * unit;
}

static const char *say_hz(double hz, int digits, char buffer[LAC_SAY_SIZE]) {
  char number[LAC_NUMBER_SIZE];
  double rounded = significant(hz, digits);
  bool is_khz = rounded >= 1000.0;
  lac_fixed_text(is_khz ? rounded / 1000.0 : rounded, is_khz ? 2 : 0, number);
  if (is_khz) { /* 3.70 -> 3.7, 10.00 -> 10 */
    size_t length = strlen(number);
    while (number[length - 1] == '0')
      number[--length] = '\0';
    if (number[length - 1] == '.')
      number[length - 1] = '\0';
  }
  snprintf(buffer, LAC_SAY_SIZE, "%s %s", number, is_khz ? "kHz" : "Hz");
  return buffer;
}

const char *lac_say_hz(double hz, char buffer[LAC_SAY_SIZE]) {
  return say_hz(hz, 3, buffer);
}

const char *lac_say_about_hz(double hz, char buffer[LAC_SAY_SIZE]) {
  return say_hz(hz, 2, buffer);
}

const char *lac_say_signed_db(double db, char buffer[LAC_SAY_SIZE]) {
  char number[LAC_NUMBER_SIZE];
  if (!isfinite(db))
    return strcpy(buffer, "unknown");
  lac_fixed_text(db, 1, number);
  bool is_plain = number[0] == '-' || strcmp(number, "0.0") == 0;
  snprintf(buffer, LAC_SAY_SIZE, "%s%s dB", is_plain ? "" : "+", number);
  return buffer;
}
