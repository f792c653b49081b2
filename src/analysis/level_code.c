/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/level_code.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

static const double LOWEST_OCTAVE = -53.0;

void lac_level_table_init(LacLevelTable *table) {
  for (int i = 0; i < 64; i++)
    table->octave[i] = lac_exp2(i + LOWEST_OCTAVE);
  for (int i = 0; i < LAC_LEVEL_STEPS; i++)
    table->fraction[i] = lac_exp2((double)i / LAC_LEVEL_STEPS);
}

uint16_t lac_level_code(double power) {
  if (!(power > 0))
    return 0;
  const double code = rint((lac_log2(power) - LOWEST_OCTAVE) * LAC_LEVEL_STEPS);
  return code <= 0 ? 0 : code >= 65535 ? 65535 : (uint16_t)code;
}

double lac_level_db(uint16_t code) {
  const double db_per_octave = 3.010299956639812; /* 10 log10(2) */
  return ((double)code / LAC_LEVEL_STEPS + LOWEST_OCTAVE) * db_per_octave;
}

void lac_level_histogram_reset(LacLevelHistogram *histogram) {
  memset(histogram, 0, sizeof(*histogram));
}

void lac_level_histogram_quantiles(const LacLevelHistogram *histogram, const double *fractions, double *db,
                                   unsigned count) {
  uint32_t code = 0;
  size_t seen = histogram->counts[0]; /* values with a code up to `code` */
  for (unsigned q = 0; q < count; q++) {
    if (!histogram->n) {
      db[q] = NAN;
      continue;
    }
    const size_t rank = (size_t)((double)(histogram->n - 1) * fractions[q] + 0.5);
    while (seen <= rank)
      seen += histogram->counts[++code];
    db[q] = lac_level_db((uint16_t)code);
  }
}
