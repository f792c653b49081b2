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
  for (int i = 0; i < 64; i++)
    if (histogram->octaves[i])
      memset(histogram->counts[i], 0, sizeof histogram->counts[i]);
  memset(histogram->octaves, 0, sizeof histogram->octaves);
  histogram->n = 0;
}

void lac_level_histogram_quantiles(const LacLevelHistogram *histogram, const double *fractions, double *db,
                                   unsigned count) {
  uint32_t octave = 0, step = 0;
  size_t before = 0, seen = 0; /* values below this octave, and below this step */
  for (unsigned q = 0; q < count; q++) {
    if (!histogram->n) {
      db[q] = NAN;
      continue;
    }
    const size_t rank = (size_t)((double)(histogram->n - 1) * fractions[q] + 0.5);
    while (before + histogram->octaves[octave] <= rank) {
      before += histogram->octaves[octave++];
      seen = before;
      step = 0;
    }
    while (seen + histogram->counts[octave][step] <= rank)
      seen += histogram->counts[octave][step++];
    db[q] = lac_level_db((uint16_t)(octave * LAC_LEVEL_STEPS + step));
  }
}
