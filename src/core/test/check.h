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

#include <stdlib.h>

/* How many of `all` to try: a hundredth under LACQUER_TEST_SHORT and at least one, for sanitizers look for faults, not
 * for figures. */
static inline size_t test_at_most(size_t all) {
  return !getenv("LACQUER_TEST_SHORT") ? all : all < 200 ? 1 : all / 100;
}

#endif
