/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* cmocka with the headers it wants before it, for every test program. */

#ifndef LAC_CORE_TEST_CHECK_H
#define LAC_CORE_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

/* Under LACQUER_TEST_SHORT, for sanitizers look for faults, not for figures. */
static inline bool test_is_short(void) {
  return getenv("LACQUER_TEST_SHORT") != NULL;
}

/* How many of `all` to try: when short a hundredth, and at least one. */
static inline size_t test_at_most(size_t all) {
  return !test_is_short() ? all : all < 200 ? 1 : all / 100;
}

#endif
