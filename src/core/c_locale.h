/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The C locale for the calling thread, for a few lines at a time: printf, strtod and jansson then use a point
 * whatever the program's locale says. The program's own locale is never touched. */

#ifndef LAC_CORE_C_LOCALE_H
#define LAC_CORE_C_LOCALE_H

#include <locale.h>

/* Always paired, in the same function: locale_t before = lac_c_locale_enter(); ... lac_c_locale_leave(before); */
locale_t lac_c_locale_enter(void);
void lac_c_locale_leave(locale_t before);

#endif
