/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is said of level and drive. The texts are the caller's: lac_free; NULL when out of memory. */

#ifndef LAC_ASSISTANT_LOUDNESS_WORDS_H
#define LAC_ASSISTANT_LOUDNESS_WORDS_H

#include "assistant/loudness_plan.h"

/* True when peaks stand over the ceiling by level alone, by more than the level's own rounding. */
bool lac_loudness_stands_over(const LacLoudnessPlan *plan);
/* What was measured before, what is asked, and what limiting is predicted. */
char *lac_loudness_evidence(const LacLoudnessPlan *plan);
/* Why the limiter is not driven: how high the peaks come by level alone. */
char *lac_loudness_idle_evidence(const LacLoudnessPlan *plan);
char *lac_loudness_drive_reason(const LacLoudnessPlan *plan, double drive_db);

#endif
