/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Linear prediction: the monic filter A(z) = 1 + a1 z^-1 + ... + ap z^-p with the least output power on a signal of
 * given autocorrelation. A is minimum phase, so the mean of log|A| over frequency is 0. */

#ifndef LAC_DSP_LINEAR_PREDICTION_H
#define LAC_DSP_LINEAR_PREDICTION_H

#include <lacquer/core.h>

enum { LAC_PREDICTION_MAX_ORDER = 64 };

/* Levinson's recursion (N. Levinson 1946, J. Durbin 1960; J. Makhoul, "Linear prediction: a tutorial review", Proc.
 * IEEE 63(4), 1975, equations 38). r: order + 1 lags of an autocorrelation, r[0] > 0; a: receives a1..ap; order at
 * most LAC_PREDICTION_MAX_ORDER. Returns the power of what is left, 0 <= value <= r[0]. Where nothing is left (or r is
 * no autocorrelation) the recursion ends there and the further coefficients are 0. Real-time safe. */
double lac_levinson(const double *r, unsigned order, double *a);

#endif
