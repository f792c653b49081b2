/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/number.h"

#include "core/c_locale.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *text) {
  while (is_digit(*text))
    text++;
  return text;
}

/* [+-] digits [. digits] [e [+-] digits], at least one digit before the exponent. */
static bool is_decimal(const char *text) {
  if (*text == '+' || *text == '-')
    text++;
  const char *end = skip_digits(text);
  size_t n_digits = (size_t)(end - text);
  if (*end == '.') {
    text = end + 1;
    end = skip_digits(text);
    n_digits += (size_t)(end - text);
  }
  if (n_digits == 0)
    return false;
  if (*end == 'e' || *end == 'E') {
    text = end + 1;
    if (*text == '+' || *text == '-')
      text++;
    end = skip_digits(text);
    if (end == text)
      return false;
  }
  return *end == '\0';
}

static double read_decimal(const char *text) {
  locale_t before = lac_c_locale_enter();
  double value = strtod(text, NULL);
  lac_c_locale_leave(before);
  return value;
}

LacStatus lac_parse_double(const char *text, double *value) {
  if (!text || !is_decimal(text))
    return LAC_ERR_SYNTAX;
  double parsed = read_decimal(text);
  if (!isfinite(parsed))
    return LAC_ERR_SYNTAX;
  *value = parsed;
  return LAC_OK;
}

LacStatus lac_parse_int64(const char *text, int64_t *value) {
  if (!text)
    return LAC_ERR_SYNTAX;
  const char *digits = text + (*text == '+' || *text == '-');
  const char *end = skip_digits(digits);
  if (end == digits || *end != '\0')
    return LAC_ERR_SYNTAX;
  errno = 0;
  long long parsed = strtoll(text, NULL, 10);
  if (errno == ERANGE)
    return LAC_ERR_SYNTAX;
  *value = parsed;
  return LAC_OK;
}

/* A positive finite number as 0.DDDD x 10^point: digits without trailing zeros. */
typedef struct Decimal {
  char digits[18];
  int n_digits;
  int point;
} Decimal;

static Decimal to_decimal(double value, int n_digits) {
  char text[40];
  Decimal decimal = {.n_digits = n_digits};
  snprintf(text, sizeof text, "%.*e", n_digits - 1, value);
  decimal.digits[0] = text[0];
  const char *exponent = text + 1;
  if (n_digits > 1) {
    memcpy(decimal.digits + 1, text + 2, (size_t)n_digits - 1);
    exponent = text + 1 + n_digits;
  }
  decimal.point = (int)strtol(exponent + 1, NULL, 10) + 1;
  while (decimal.n_digits > 1 && decimal.digits[decimal.n_digits - 1] == '0')
    decimal.n_digits--;
  return decimal;
}

static double from_decimal(const Decimal *decimal) {
  char text[40];
  snprintf(text, sizeof text, "0.%.*se%d", decimal->n_digits, decimal->digits, decimal->point);
  return strtod(text, NULL);
}

/* One more in the last place: above a power of two the doubles lie twice as far apart as below, so that the
 * shortest decimal may be the second nearest of its length. False when the carry would run out of the digits. */
static bool step_up(Decimal *decimal) {
  for (int i = decimal->n_digits - 1; i >= 0; i--) {
    if (decimal->digits[i] != '9') {
      decimal->digits[i]++;
      decimal->n_digits = i + 1;
      return true;
    }
  }
  return false;
}

static Decimal shortest_decimal(double value) {
  /* Every decimal of up to 15 digits survives a normal double, so that 15 digits without their trailing zeros
   * are the shortest form if they read back at all. Subnormals have fewer digits to begin with. */
  for (int n_digits = value < 0x1p-1022 ? 1 : 15; n_digits < 17; n_digits++) {
    Decimal decimal = to_decimal(value, n_digits);
    if (from_decimal(&decimal) == value || (step_up(&decimal) && from_decimal(&decimal) == value))
      return decimal;
  }
  return to_decimal(value, 17);
}

static void lay_out(const Decimal *decimal, char *text, size_t size) {
  int n_digits = decimal->n_digits, point = decimal->point;
  /* Up to 10^17 in full: still a 64-bit integer to JSON readers that tell integers apart. */
  if (point > 17 || point < -5)
    snprintf(text, size, "%c%s%.*se%d", decimal->digits[0], n_digits > 1 ? "." : "", n_digits - 1, decimal->digits + 1,
             point - 1);
  else if (point <= 0)
    snprintf(text, size, "0.%.*s%.*s", -point, "00000", n_digits, decimal->digits);
  else if (point < n_digits)
    snprintf(text, size, "%.*s.%.*s", point, decimal->digits, n_digits - point, decimal->digits + point);
  else
    snprintf(text, size, "%.*s%.*s", n_digits, decimal->digits, point - n_digits, "0000000000000000");
}

const char *lac_double_text(double value, char buffer[LAC_NUMBER_SIZE]) {
  if (!isfinite(value))
    return strcpy(buffer, "null");
  if (value == 0.0)
    return strcpy(buffer, signbit(value) ? "-0.0" : "0");
  char *text = buffer;
  if (value < 0.0)
    *text++ = '-';
  locale_t before = lac_c_locale_enter();
  Decimal decimal = shortest_decimal(fabs(value));
  lay_out(&decimal, text, LAC_NUMBER_SIZE - 1);
  lac_c_locale_leave(before);
  return buffer;
}

const char *lac_fixed_text(double value, int n_decimals, char buffer[LAC_NUMBER_SIZE]) {
  if (!isfinite(value))
    return strcpy(buffer, "-");
  n_decimals = n_decimals < 0 ? 0 : n_decimals > 17 ? 17 : n_decimals;
  locale_t before = lac_c_locale_enter();
  int length = snprintf(buffer, LAC_NUMBER_SIZE, "%.*f", n_decimals, value);
  lac_c_locale_leave(before);
  if (length < 0 || length >= LAC_NUMBER_SIZE)
    return lac_double_text(value, buffer);
  if (buffer[0] == '-' && strspn(buffer + 1, "0.") == strlen(buffer + 1))
    memmove(buffer, buffer + 1, strlen(buffer));
  return buffer;
}

double lac_round_to_step(double value, double step) {
  static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  step = fabs(step);
  if (!isfinite(value) || !isfinite(step) || step == 0.0)
    return value;
  double n_steps = rint(value / step);
  if (n_steps == 0.0)
    return 0.0;
  /* step = units / 10^k with whole units: then n * units is exact and one correctly rounded division gives the
   * double that the decimal would be read as. */
  for (size_t k = 0; k < sizeof powers / sizeof *powers; k++) {
    double units = rint(step * powers[k]);
    if (fabs(n_steps * units) > 0x1p53)
      break;
    if (units > 0.0 && units / powers[k] == step)
      return n_steps * units / powers[k];
  }
  double rounded = n_steps * step;
  return isfinite(rounded) ? rounded : value;
}
