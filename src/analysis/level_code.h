/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Powers as 16-bit logarithms, so that the level of every band at every moment of hours of audio can be kept until the
 * gate is known: 1/1024 octave of power (0.003 dB) from -159.5 to +33.1 dB. Code 0 stands for everything below. */

#ifndef LAC_ANALYSIS_LEVEL_CODE_H
#define LAC_ANALYSIS_LEVEL_CODE_H

#include <stddef.h>
#include <stdint.h>

enum { LAC_LEVEL_STEPS = 1024 };

typedef struct LacLevelTable {
  double octave[64];                /* 2^(i - 53) */
  double fraction[LAC_LEVEL_STEPS]; /* 2^(i / 1024) */
} LacLevelTable;

void lac_level_table_init(LacLevelTable *table);
static inline double lac_level_power(const LacLevelTable *table, uint16_t code) {
  return table->octave[code / LAC_LEVEL_STEPS] * table->fraction[code % LAC_LEVEL_STEPS];
}
uint16_t lac_level_code(double power);
double lac_level_db(uint16_t code);

/* Picks quantiles out of codes by counting; codes may come in any order. 256 KiB: belongs on the heap. A level meets
 * few octaves: those without any are neither searched nor cleared. All zero is empty. */
typedef struct LacLevelHistogram {
  uint32_t counts[64][LAC_LEVEL_STEPS];
  size_t octaves[64]; /* their sums */
  size_t n;
} LacLevelHistogram;

/* Empty again. */
void lac_level_histogram_reset(LacLevelHistogram *histogram);
static inline void lac_level_histogram_add(LacLevelHistogram *histogram, uint16_t code) {
  histogram->counts[code / LAC_LEVEL_STEPS][code % LAC_LEVEL_STEPS]++;
  histogram->octaves[code / LAC_LEVEL_STEPS]++;
  histogram->n++;
}
/* Nearest-rank quantiles, `fractions` ascending in 0..1; NAN when nothing was added. */
void lac_level_histogram_quantiles(const LacLevelHistogram *histogram, const double *fractions, double *db,
                                   unsigned count);

#endif
