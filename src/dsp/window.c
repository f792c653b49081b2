/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/window.h"

#include <math.h>

#include "dsp/elementary.h"

double lac_kaiser(double u, double beta) {
  double inside = (1.0 - u) * (1.0 + u);
  if (!(inside >= 0.0))
    return 0.0;
  return lac_bessel_i0(beta * sqrt(inside)) / lac_bessel_i0(beta);
}

double lac_kaiser_beta(double attenuation_db) {
  return 0.1102 * (attenuation_db - 8.7);
}

double lac_kaiser_taps(double attenuation_db, double transition) {
  return (attenuation_db - 8.0) / (2.285 * 2.0 * LAC_PI * transition);
}

void lac_hann(float *window, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    window[i] = (float)(0.5 - 0.5 * lac_cos(2.0 * LAC_PI * i / n));
}

/* Abramowitz & Stegun 9.6.12: I0(x) = sum of (x^2 / 4)^k / (k!)^2. At beta 20 the last term is below 1e-29 of the
 * sum. */
void lac_kaiser_init(LacKaiser *kaiser, double beta) {
  double term = 1.0 / lac_bessel_i0(beta);
  for (int k = 0; k < LAC_KAISER_TERMS; k++) {
    kaiser->coefficients[k] = term;
    term *= beta * beta / (4.0 * (k + 1.0) * (k + 1.0));
  }
}

double lac_kaiser_at(const LacKaiser *kaiser, double u) {
  double inside = (1.0 - u) * (1.0 + u);
  if (!(inside >= 0.0))
    return 0.0;
  double sum = 0.0;
  for (int k = LAC_KAISER_TERMS - 1; k >= 0; k--)
    sum = sum * inside + kaiser->coefficients[k];
  return sum;
}
