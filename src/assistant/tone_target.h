/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the long-term spectrum of finished popular music looks like, and how far songs normally stand from it.
 *
 * Mean: Elowsson and Friberg 2017, "Long-term average spectrum in popular music and its relation to the level of the
 * percussion" (AES 142, paper 9762; 12 345 tracks): a quadratic in log frequency for the power density. That corpus is
 * old-leaning; a small measurement of current masters stands above it in the bass and the top, and half of that
 * difference is added here. Spread: the same source's figures and the standard deviations of its slope (about
 * 1 dB/octave from 89 Hz to 4.5 kHz) and top (3.7 dB from 2.5 to 12.5 kHz), widest in the bass, least from 200 Hz to
 * 1 kHz. Songs differ that much on purpose: within the spread nothing is wrong. */

#ifndef LAC_ASSISTANT_TONE_TARGET_H
#define LAC_ASSISTANT_TONE_TARGET_H

#include <lacquer/analysis.h>

/* Power density of the mean spectrum at f_hz in dB re its value at 1 kHz. f_hz > 0. */
double lac_tone_target_density_db(double f_hz);
/* Half width of the normal range at f_hz, in dB. */
double lac_tone_target_spread_db(double f_hz);
/* Band powers of the mean spectrum in the analysis's bands (analysis/band_scale.h), in dB with an arbitrary common
 * level, and the spread of each. */
void lac_tone_target_bands(double bands_hz[LAC_BANDS], double level_db[LAC_BANDS], double spread_db[LAC_BANDS]);

/* How one spectrum stands to the target. */
typedef struct LacToneView {
  double bands_hz[LAC_BANDS];
  double source_db[LAC_BANDS]; /* mid and side power together */
  double target_db[LAC_BANDS]; /* raised to the source's level */
  double spread_db[LAC_BANDS];
  double weight[LAC_BANDS];   /* 0: not there, or not to be touched; else 1 / spread^2, less at the edges */
  double error_db[LAC_BANDS]; /* target - source, smoothed over neighbouring bands */
  double need_db[LAC_BANDS];  /* what of it lies outside the normal range */
} LacToneView;

/* False when there is no usable spectrum. */
bool lac_tone_view(const LacAnalysis *analysis, LacToneView *view);

#endif
