/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers as text, the same in every locale. */

#ifndef LAC_CORE_NUMBER_H
#define LAC_CORE_NUMBER_H

#include <lacquer/core.h>

enum { LAC_NUMBER_SIZE = 32 };

/* The whole of `text` as a finite decimal number ("-14", "1.5", "2e3"). LAC_ERR_SYNTAX for anything else,
 * also for "nan", "inf", hexadecimal, blanks, a comma. */
LacStatus lac_parse_double(const char *text, double *value);
LacStatus lac_parse_int64(const char *text, int64_t *value);
/* The shortest decimal that reads back as the same double, with a point; "null" when not finite. */
const char *lac_double_text(double value, char buffer[LAC_NUMBER_SIZE]);
/* Fixed decimals with a point, never "-0.0"; "-" (a dash) when not finite. */
const char *lac_fixed_text(double value, int n_decimals, char buffer[LAC_NUMBER_SIZE]);
/* Nearest multiple of step, free of binary dust: 0.1 * 3 gives 0.3. step 0 returns value. */
double lac_round_to_step(double value, double step);

#endif
