/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A smooth curve through given points that never swings beyond them: a piecewise cubic whose slopes are the weighted
 * harmonic means of their neighbours' (F. N. Fritsch and J. Butland, "A method for constructing local monotone
 * piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5, 1984). Between two equal points it is flat, to the bit.
 * Outside the points it holds the value of the nearest one, so the slope at both ends is 0. Whatever finite points
 * there are, values and slopes are finite: a piece wider than a double can say holds its first value, a slope steeper
 * than that is 0. */

#ifndef LAC_DSP_MONOTONE_CURVE_H
#define LAC_DSP_MONOTONE_CURVE_H

#include <stddef.h>

typedef struct LacCurveKnot {
  double x; /* strictly rising */
  double y;
  double slope; /* dy/dx, filled by lac_monotone_curve_fit */
} LacCurveKnot;

/* Fills the slopes of n knots. Time and memory: O(n), none. */
void lac_monotone_curve_fit(LacCurveKnot *knots, size_t n);
/* The value at x, and dy/dx there into *slope unless that is NULL. n 0: both are 0. *piece is where the search begins
 * and where it ended; any value will do, the result never depends on it. */
double lac_monotone_curve_at(const LacCurveKnot *knots, size_t n, double x, size_t *piece, double *slope);

#endif
