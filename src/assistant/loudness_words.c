/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/loudness_words.h"

#include <math.h>

#include "core/memory.h"
#include "core/number.h"

/* The level is rounded to 0.01 dB. */
static const double rounding_db = 0.006;

char *lac_loudness_evidence(const LacLoudnessPlan *plan) {
  char lufs[LAC_NUMBER_SIZE];
  char peak[LAC_NUMBER_SIZE];
  char target[LAC_NUMBER_SIZE];
  char p95[LAC_NUMBER_SIZE];
  char share[LAC_NUMBER_SIZE];
  lac_fixed_text(plan->observed_lufs, 1, lufs);
  lac_fixed_text(plan->source_peak_db, 1, peak);
  lac_fixed_text(plan->target_lufs, 1, target);
  if (!isfinite(plan->observed_lufs))
    return isfinite(plan->source_peak_db) ? lac_format("No loudness to measure; highest peak %s dBTP, ceiling %s dBTP.",
                                                       peak, lac_fixed_text(plan->ceiling_db, 2, lufs))
                                          : lac_strdup("Nothing but silence.");
  if (!(plan->predicted.limited_fraction > 0.0))
    return lac_format("%s LUFS and %s dBTP before this step, %s LUFS asked.", lufs, peak, target);
  return lac_format("%s LUFS and %s dBTP before this step, %s LUFS asked; predicted limiting: %s %% of the time, 95 %% "
                    "of it under %s dB.",
                    lufs, peak, target, lac_fixed_text(100.0 * plan->predicted.limited_fraction, 1, share),
                    lac_fixed_text(plan->predicted.p95_db, 1, p95));
}

bool lac_loudness_stands_over(const LacLoudnessPlan *plan) {
  return plan->source_peak_db + plan->gain_db > plan->ceiling_db + rounding_db;
}

char *lac_loudness_idle_evidence(const LacLoudnessPlan *plan) {
  char peak[LAC_NUMBER_SIZE];
  char ceiling[LAC_NUMBER_SIZE];
  char share[LAC_NUMBER_SIZE];
  if (!isfinite(plan->source_peak_db))
    return lac_strdup("Nothing but silence.");
  lac_fixed_text(plan->source_peak_db + plan->gain_db, 1, peak);
  lac_fixed_text(plan->ceiling_db, 2, ceiling);
  if (!lac_loudness_stands_over(plan))
    return lac_format("The highest peak comes to %s dBTP; the ceiling is %s dBTP.", peak, ceiling);
  return lac_format("The highest peak would come to %s dBTP; the ceiling is %s dBTP. Predicted limiting: %s %% of the "
                    "time.",
                    peak, ceiling, lac_fixed_text(100.0 * plan->predicted.limited_fraction, 1, share));
}

char *lac_loudness_drive_reason(const LacLoudnessPlan *plan, double drive_db) {
  char amount[LAC_NUMBER_SIZE];
  if (drive_db == 0.0 && !lac_loudness_stands_over(plan))
    return lac_strdup("Not driven: the level needs no limiting.");
  if (drive_db == 0.0)
    return lac_strdup("Not driven: it only holds down the peaks that stand over the ceiling.");
  return lac_format("Raised by %s dB into the limiter%s", lac_fixed_text(drive_db, 2, amount),
                    plan->bound == LAC_BOUND_LIMITING ? ": as far as the allowed limiting goes."
                    : plan->bound != LAC_BOUND_NONE   ? ": more would not make it louder."
                                                      : " to reach the loudness target.");
}
