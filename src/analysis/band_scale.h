/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The 40 bands of all spectral results: centres equally spaced in ERB-rate (Glasberg & Moore 1990:
 * E(f) = 21.4 log10(1 + 0.00437 f)) from 25 Hz to 18 kHz, borders half-way between them on that scale, and the
 * eight groups of five that dynamics are told in. */

#ifndef LAC_ANALYSIS_BAND_SCALE_H
#define LAC_ANALYSIS_BAND_SCALE_H

#include <lacquer/analysis.h>

typedef struct LacBandScale {
  double centre_hz[LAC_BANDS];
  double edge_hz[LAC_BANDS + 1]; /* band b lies between edges b and b + 1 */
} LacBandScale;

void lac_band_scale_init(LacBandScale *scale);
/* Middle of group g on the ERB scale: the centre of its third band. */
double lac_band_group_hz(const LacBandScale *scale, unsigned group);

/* |H|^2 of the analogue K-weighting prototype at f, for weights by frequency; hz > 0. */
double lac_k_weight_power(double hz);

#endif
