/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Windows and Kaiser design. */

#ifndef LAC_DSP_WINDOW_H
#define LAC_DSP_WINDOW_H

#include <lacquer/core.h>

/* Kaiser window at position u in -1..1 (0 outside). */
double lac_kaiser(double u, double beta);
/* Kaiser's beta for a stop band of `attenuation_db` (>= 50): 0.1102 (A - 8.7). */
double lac_kaiser_beta(double attenuation_db);
/* Periodic Hann of n points. */
void lac_hann(float *window, uint32_t n);

#endif
