/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/c_locale.h"

/* glibc and musl return their built-in constant object for "C": nothing is allocated, so nothing is freed. Were
 * the call to fail, it would return 0 and uselocale(0) would change nothing. */
locale_t lac_c_locale_enter(void) {
  return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

void lac_c_locale_leave(locale_t before) {
  uselocale(before);
}
