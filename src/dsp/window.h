/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Windows and Kaiser design (J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function",
 * 1974). */

#ifndef LAC_DSP_WINDOW_H
#define LAC_DSP_WINDOW_H

#include <lacquer/core.h>

/* Kaiser window at position u in -1..1 (0 outside). */
double lac_kaiser(double u, double beta);
/* Kaiser's beta for a stop band of `attenuation_db` (>= 50): 0.1102 (A - 8.7). */
double lac_kaiser_beta(double attenuation_db);
/* Taps that a transition of `transition` (cycles per sample) needs: (A - 8) / (2.285 * 2 pi transition). */
double lac_kaiser_taps(double attenuation_db, double transition);
/* Periodic Hann of n points. */
void lac_hann(float *window, uint32_t n);

/* The same window for long filters, several times faster: I0(beta sqrt(v)) / I0(beta) as its power series in
 * v = 1 - u^2. beta 0..20. */
enum { LAC_KAISER_TERMS = 56 };
typedef struct LacKaiser {
  double coefficients[LAC_KAISER_TERMS];
} LacKaiser;
void lac_kaiser_init(LacKaiser *kaiser, double beta);
double lac_kaiser_at(const LacKaiser *kaiser, double u);

#endif
