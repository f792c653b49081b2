/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/number.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/text_buffer.h"

#include "core/test/check.h"
#include "core/test/comma_locale.h"

#include <float.h>
#include <math.h>

static void check_parsed(const char *text, double expected) {
  double value = -77.0;
  assert_int_equal(lac_parse_double(text, &value), LAC_OK);
  assert_memory_equal(&value, &expected, sizeof value);
}

static void test_parse_double(void **state) {
  (void)state;
  check_parsed("-14", -14.0);
  check_parsed("+1.5", 1.5);
  check_parsed("2e3", 2000.0);
  check_parsed("2E-3", 0.002);
  check_parsed(".5", 0.5);
  check_parsed("5.", 5.0);
  check_parsed("-0", -0.0);
  check_parsed("1.7976931348623157e308", DBL_MAX);
  check_parsed("5e-324", 0x1p-1074);
  check_parsed("1e-400", 0.0);
  static const char *const refused[] = {"",         " ",     " 1",     "1 ",    "1,5", "nan",   "inf", "-inf",
                                        "infinity", "0x10",  "1e",     "e5",    "1e+", ".",     "-",   "--1",
                                        "1.2.3",    "1e999", "-1e999", "1_000", "1dB", "0x1p3", "\t1", "1e5.5"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    double value = 42.0;
    if (lac_parse_double(refused[i], &value) != LAC_ERR_SYNTAX)
      fail_msg("\"%s\" was read as a number", refused[i]);
    assert_true(value == 42.0);
  }
  double value;
  assert_int_equal(lac_parse_double(NULL, &value), LAC_ERR_SYNTAX);
}

static void test_parse_int64(void **state) {
  (void)state;
  int64_t value = 0;
  assert_int_equal(lac_parse_int64("-9223372036854775808", &value), LAC_OK);
  assert_true(value == INT64_MIN);
  assert_int_equal(lac_parse_int64("9223372036854775807", &value), LAC_OK);
  assert_true(value == INT64_MAX);
  assert_int_equal(lac_parse_int64("+12", &value), LAC_OK);
  assert_true(value == 12);
  static const char *const refused[] = {"",   "-",   "1.0", "9223372036854775808", "-9223372036854775809", " 1",
                                        "1 ", "0x1", "1e3"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    assert_int_equal(lac_parse_int64(refused[i], &value), LAC_ERR_SYNTAX);
  assert_int_equal(lac_parse_int64(NULL, &value), LAC_ERR_SYNTAX);
  assert_true(value == 12);
}

static void check_text(double value, const char *expected) {
  char buffer[LAC_NUMBER_SIZE];
  assert_string_equal(lac_double_text(value, buffer), expected);
}

static void test_double_text(void **state) {
  (void)state;
  check_text(0.0, "0");
  check_text(-0.0, "-0.0");
  check_text(-14.0, "-14");
  check_text(0.1, "0.1");
  check_text(0.1 + 0.2, "0.30000000000000004");
  check_text(1.0 / 3.0, "0.3333333333333333");
  check_text(100.0, "100");
  check_text(1e16, "10000000000000000");
  check_text(1e17, "1e17");
  check_text(1e23, "1e23");
  check_text(-1.5e-7, "-1.5e-7");
  check_text(0.000001, "0.000001");
  check_text(0.0000012345678901234567, "0.0000012345678901234567");
  check_text(-0.0000012345678901234567, "-0.0000012345678901234567");
  check_text(0x1p-1074, "5e-324");
  check_text(DBL_MIN, "2.2250738585072014e-308");
  check_text(DBL_MAX, "1.7976931348623157e308");
  check_text(-DBL_MAX, "-1.7976931348623157e308");
  check_text(9007199254740993.0, "9007199254740992");
  /* The nearest of 16 digits (...801e-14) does not read back, the next one does. */
  check_text(0x1p-44, "5.684341886080802e-14");
  check_text(NAN, "null");
  check_text(INFINITY, "null");
  check_text(-INFINITY, "null");
}

static int count_digits(const char *text) {
  int n_digits = 0, n_zeros = 0;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9' || (*text == '0' && n_digits == 0))
      continue;
    n_digits++;
    n_zeros = *text == '0' ? n_zeros + 1 : 0;
  }
  return n_digits - n_zeros;
}

/* The slow obvious judge: does any decimal with one digit fewer, nearest from below or above, read back? */
static void check_shortest(double value) {
  char buffer[LAC_NUMBER_SIZE], shorter[64];
  lac_double_text(value, buffer);
  double back;
  assert_int_equal(lac_parse_double(buffer, &back), LAC_OK);
  assert_memory_equal(&back, &value, sizeof value);
  int n_digits = count_digits(buffer);
  if (n_digits < 2)
    return;
  for (int up = -1; up <= 1; up++) {
    snprintf(shorter, sizeof shorter, "%.*e", n_digits - 2, value);
    char *exponent = strchr(shorter, 'e');
    double unit = pow(10.0, strtod(exponent + 1, NULL) - (n_digits - 2));
    snprintf(shorter, sizeof shorter, "%.*e", n_digits - 2, strtod(shorter, NULL) + up * unit);
    if (strtod(shorter, NULL) == value)
      fail_msg("%s is longer than %s", buffer, shorter);
  }
}

static void test_double_text_is_shortest(void **state) {
  (void)state;
  for (uint64_t i = 0; i < test_at_most(100000); i++) {
    uint64_t bits = lac_random_u64(1, 0, i);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value))
      check_shortest(value);
  }
  for (int exponent = -1074; exponent < 1024; exponent++)
    check_shortest(ldexp(1.0, exponent));
  for (uint64_t i = 0; i < test_at_most(100000); i++)
    check_shortest((double)(lac_random_u64(2, 0, i) % 2000000) / 1000.0);
}

static void check_fixed(double value, int n_decimals, const char *expected) {
  char buffer[LAC_NUMBER_SIZE];
  assert_string_equal(lac_fixed_text(value, n_decimals, buffer), expected);
}

static void test_fixed_text(void **state) {
  (void)state;
  check_fixed(-14.04, 1, "-14.0");
  check_fixed(-0.04, 1, "0.0");
  check_fixed(-0.0, 0, "0");
  check_fixed(0.05, 2, "0.05");
  check_fixed(1234.5678, 3, "1234.568");
  check_fixed(2.0, -3, "2");
  check_fixed(NAN, 1, "-");
  check_fixed(-INFINITY, 1, "-");
  check_fixed(DBL_MAX, 3, "1.7976931348623157e308");
  check_fixed(-1.0, 400, "-1.00000000000000000");
}

static void check_step(double value, double step, double expected) {
  double rounded = lac_round_to_step(value, step);
  if (rounded != expected)
    fail_msg("%.17g to step %.17g is %.17g, not %.17g", value, step, rounded, expected);
}

static void test_round_to_step(void **state) {
  (void)state;
  check_step(0.1 * 3.0, 0.1, 0.3);
  check_step(0.1 + 0.2, 0.1, 0.3);
  check_step(-14.026, 0.01, -14.03);
  check_step(291.3, 1.0, 291.0);
  check_step(291.3, 10.0, 290.0);
  check_step(0.74, 0.5, 0.5);
  check_step(0.76, 0.5, 1.0);
  check_step(12345.678, 100.0, 12300.0);
  check_step(0.123456, 0.0, 0.123456);
  check_step(5.0, -0.1, 5.0);
  check_step(1e300, 0.1, 1e300);
  check_step(1.0, 1e300, 0.0);
  check_step(0.7, 0.25, 0.75);
  check_step(1.0, 1.0 / 3.0, 1.0);
  assert_false(signbit(lac_round_to_step(-0.001, 0.1)));
  assert_true(isnan(lac_round_to_step(NAN, 0.1)));
  assert_true(isinf(lac_round_to_step(INFINITY, 0.1)));
}

/* Every multiple of a decimal step is the double that its decimal text reads as. */
static void test_round_to_step_is_decimal(void **state) {
  (void)state;
  static const struct {
    double step;
    int n_decimals;
  } rows[] = {{0.1, 1},  {0.01, 2}, {0.001, 3}, {0.5, 1},  {0.05, 2},
              {0.25, 2}, {1.0, 0},  {10.0, 0},  {1e-6, 6}, {2.5, 1}};
  for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
    for (int n = -30000; n <= 30000; n += test_is_short() ? 97 : 1) {
      char buffer[64];
      snprintf(buffer, sizeof buffer, "%.*f", rows[r].n_decimals, n * rows[r].step);
      check_step(n * rows[r].step + 0.3 * rows[r].step, rows[r].step, strtod(buffer, NULL) + 0.0);
    }
  }
}

static void test_comma_locale(void **state) {
  (void)state;
  if (!comma_locale_enter())
    fail_msg("no locale with a decimal comma: install one (Debian: locales-all) or C.UTF-8 (libc-bin)");
  char libc[16];
  snprintf(libc, sizeof libc, "%.1f", 1.5);
  assert_string_equal(libc, "1,5");
  check_parsed("1.5", 1.5);
  double value;
  assert_int_equal(lac_parse_double("1,5", &value), LAC_ERR_SYNTAX);
  check_text(-1.25e-9, "-1.25e-9");
  check_text(0.1, "0.1");
  check_text(0x1p-44, "5.684341886080802e-14");
  check_fixed(-14.04, 1, "-14.0");
  check_step(0.1 * 3.0, 0.1, 0.3);
  char *text = lac_format("%.1f dB", 2.5);
  assert_string_equal(text, "2.5 dB");
  lac_free(text);
  LacText buffer = {0};
  lac_text_appendf(&buffer, "%.2f", 0.25);
  assert_string_equal(buffer.bytes, "0.25");
  lac_text_clear(&buffer);
  LacError error;
  lac_error_set(&error, LAC_ERR_RANGE, "RANGE", "%.1f", 0.5);
  assert_string_equal(error.text, "0.5");
  /* The program's own locale is as it was. */
  snprintf(libc, sizeof libc, "%.1f", 1.5);
  assert_string_equal(libc, "1,5");
  setlocale(LC_ALL, "C");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse_double),
      cmocka_unit_test(test_parse_int64),
      cmocka_unit_test(test_double_text),
      cmocka_unit_test(test_double_text_is_shortest),
      cmocka_unit_test(test_fixed_text),
      cmocka_unit_test(test_round_to_step),
      cmocka_unit_test(test_round_to_step_is_decimal),
      cmocka_unit_test(test_comma_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
