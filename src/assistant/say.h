/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers as people say them, for the assistant's reasons. */

#ifndef LAC_ASSISTANT_SAY_H
#define LAC_ASSISTANT_SAY_H

#include "core/number.h"

enum { LAC_SAY_SIZE = LAC_NUMBER_SIZE + 8 };

/* "125 Hz", "3.15 kHz": three significant digits. Valid in `buffer`, which is returned. */
const char *lac_say_hz(double hz, char buffer[LAC_SAY_SIZE]);
/* "210 Hz", "3.7 kHz": two, for a measured band. */
const char *lac_say_about_hz(double hz, char buffer[LAC_SAY_SIZE]);
/* "+3.2 dB", "-0.4 dB", one decimal; "unknown" when it does not exist. */
const char *lac_say_signed_db(double db, char buffer[LAC_SAY_SIZE]);

#endif
