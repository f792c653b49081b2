/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A densely sampled curve as few points of a curve parameter, and back. */

#ifndef LAC_ASSISTANT_CURVE_POINTS_H
#define LAC_ASSISTANT_CURVE_POINTS_H

#include <lacquer/chain.h>

/* Points whose monotone cubic (dsp/monotone_curve.h) is within 0.02 of y[i] at x = first + i spacing, more where more
 * than LAC_MAX_CURVE_POINTS would be needed; their y rounded to step, which comes on top. n >= 1. *points is the
 * caller's (lac_free). LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_curve_points_of(const double *y, size_t n, double first, double spacing, double step,
                                            LacCurvePoint **points, size_t *n_points);
/* y[i] = the curve through the points at x = first + i spacing. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_curve_points_run(const LacCurvePoint *points, size_t n_points, double first, double spacing,
                                             double *y, size_t n);

#endif
