/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/window.h"

#include <math.h>

#include "dsp/elementary.h"

double lac_kaiser(double u, double beta) {
  double inside = (1.0 - u) * (1.0 + u);
  if (!(inside >= 0.0)) return 0.0;
  return lac_bessel_i0(beta * sqrt(inside)) / lac_bessel_i0(beta);
}

double lac_kaiser_beta(double attenuation_db) { return 0.1102 * (attenuation_db - 8.7); }

void lac_hann(float *window, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) window[i] = (float)(0.5 - 0.5 * lac_cos(2.0 * LAC_PI * i / n));
}
