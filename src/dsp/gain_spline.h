/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A gain in dB as a cubic B-spline over evenly spaced knots: what an offline limiter solves for and applies.
 *
 * Knots stand every `step` frames, at frames 0, step, 2 step, ... of the absolute frame index. Cell c is the frames
 * [c step, (c + 1) step); its curve is made of the coefficients of the knots c - 1 .. c + 2. The basis is positive
 * and sums to 1, so a coefficient that is at most what every frame of the cells k - 2 .. k + 1 allows keeps the whole
 * curve allowed. */

#ifndef LAC_DSP_GAIN_SPLINE_H
#define LAC_DSP_GAIN_SPLINE_H

#include <lacquer/core.h>

enum { LAC_GAIN_SPLINE_MOST_STEP = 32 };

typedef struct LacGainSpline {
  uint32_t step; /* frames between knots: a power of two; knots come at 8 to 12.5 kHz */
  float weights[4][LAC_GAIN_SPLINE_MOST_STEP];
} LacGainSpline;

/* rate 8..384 kHz */
void lac_gain_spline_init(LacGainSpline *spline, double rate_hz);
/* peaks[c] = largest |peak| of cell c. n_cells whole cells. */
void lac_gain_spline_peaks(const LacGainSpline *spline, const float *peak, float *cell_peaks, size_t n_cells);
/* How far below 0 dB each cell must be brought: allowed_db[c] = min(0, ceiling - cell peak), exactly 0 where the peak
 * is at most the ceiling. ceiling_gain > 0, linear. */
void lac_gain_spline_allow(const float *cell_peaks, double ceiling_gain, float *allowed_db, size_t n_cells);
/* Linear gains of n_cells cells from n_cells + 3 coefficients: cell c uses u_db[c] .. u_db[c + 3]. 0 dB gives exactly
 * 1. */
void lac_gain_spline_gains(const LacGainSpline *spline, const float *u_db, float *gain, size_t n_cells);

#endif
