/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/band_scale.h"

#include "dsp/elementary.h"

static const double LOWEST_HZ = 25.0, HIGHEST_HZ = 18000.0;

static double erb_rate(double hz) {
  return 21.4 * lac_log10(1.0 + 0.00437 * hz);
}
static double erb_rate_to_hz(double e) {
  return (lac_pow(10.0, e / 21.4) - 1.0) / 0.00437;
}

void lac_band_scale_init(LacBandScale *scale) {
  const double first = erb_rate(LOWEST_HZ);
  const double step = (erb_rate(HIGHEST_HZ) - first) / (LAC_BANDS - 1);
  for (int b = 0; b < LAC_BANDS; b++)
    scale->centre_hz[b] = erb_rate_to_hz(first + step * b);
  for (int b = 0; b <= LAC_BANDS; b++)
    scale->edge_hz[b] = erb_rate_to_hz(first + step * (b - 0.5));
}

double lac_band_group_hz(const LacBandScale *scale, unsigned group) {
  const unsigned bands = LAC_BANDS / LAC_DYNAMICS_BANDS;
  return scale->centre_hz[group * bands + bands / 2];
}

/* BS.1770-5 Annex 1, analogue form: the shelf (Vh s^2 + Vb s/Q + 1) / (s^2 + s/Q + 1) and the second-order high-pass,
 * s in units of each corner; constants as in dsp/k_weighting. */
double lac_k_weight_power(double hz) {
  const double vh = lac_gain_from_db(3.999843853973347), vb = lac_pow(vh, 0.4996667741545416);
  const double w = hz / 1681.974450955533, q = 0.7071752369554196;
  const double wh = hz / 38.13547087602444, qh = 0.5003270373238773;
  const double shelf_top = (1 - vh * w * w) * (1 - vh * w * w) + (vb * w / q) * (vb * w / q);
  const double shelf_bottom = (1 - w * w) * (1 - w * w) + (w / q) * (w / q);
  const double high_pass_bottom = (1 - wh * wh) * (1 - wh * wh) + (wh / qh) * (wh / qh);
  return shelf_top / shelf_bottom * (wh * wh * wh * wh) / high_pass_bottom;
}
