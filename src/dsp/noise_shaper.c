/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/noise_shaper.h"

#include <math.h>

#include "dsp/elementary.h"
#include "dsp/hearing_threshold.h"
#include "dsp/linear_prediction.h"

enum { ORDER = LAC_NOISE_SHAPER_ORDER, GRID = 4096, BISECTIONS = 40 };

/* Noise 40 dB above that at 3.3 kHz is not heard above 16 kHz, and does not yet strain converters or codecs. */
static const double LEAST_LAMBDA = 1e-4;
/* 13.5 dB over the white noise of plain dither. */
static const double MOST_TOTAL = 22.387211385683397;

/* Autocorrelation of the weight 1 / threshold, its highest value 1: lags 0..ORDER by the midpoint rule. */
static void weight_lags(double rate_hz, double lags[ORDER + 1]) {
  double highest = 0.0;
  for (unsigned k = 0; k <= ORDER; k++)
    lags[k] = 0.0;
  for (unsigned i = 0; i < GRID; i++) {
    const double position = (i + 0.5) / GRID; /* of half the rate */
    const double weight = lac_power_from_db(-lac_hearing_threshold_db(0.5 * rate_hz * position));
    const double step = lac_cos(LAC_PI * position);
    double before = step, here = 1.0; /* cos of -1 and 0 times the angle */
    highest = weight > highest ? weight : highest;
    for (unsigned k = 0; k <= ORDER; k++) {
      const double next = 2.0 * step * here - before;
      lags[k] += weight * here;
      before = here;
      here = next;
    }
  }
  for (unsigned k = 0; k <= ORDER; k++)
    lags[k] /= highest * GRID;
}

static void predict(LacNoiseShaper *shaper, const double lags[ORDER + 1], double lambda) {
  double r[ORDER + 1];
  for (unsigned k = 0; k <= ORDER; k++)
    r[k] = lags[k];
  r[0] += lambda; /* white noise under the weight */
  lac_levinson(r, ORDER, shaper->coefficients);
}

void lac_noise_shaper_design(LacNoiseShaper *shaper, double rate_hz) {
  double lags[ORDER + 1], low = lac_log(LEAST_LAMBDA), high = 0.0;
  weight_lags(rate_hz, lags);
  predict(shaper, lags, LEAST_LAMBDA);
  if (lac_noise_shaper_total(shaper) <= MOST_TOTAL)
    return;
  for (unsigned i = 0; i < BISECTIONS; i++) {
    const double middle = 0.5 * (low + high);
    predict(shaper, lags, lac_exp(middle));
    *(lac_noise_shaper_total(shaper) > MOST_TOTAL ? &low : &high) = middle;
  }
  predict(shaper, lags, lac_exp(high));
}

double lac_noise_shaper_power(const LacNoiseShaper *shaper, double hz, double rate_hz) {
  double re = 1.0, im = 0.0;
  for (unsigned k = 0; k < ORDER; k++) {
    const double angle = 2.0 * LAC_PI * hz / rate_hz * (k + 1);
    re += shaper->coefficients[k] * lac_cos(angle);
    im -= shaper->coefficients[k] * lac_sin(angle);
  }
  return re * re + im * im;
}

double lac_noise_shaper_total(const LacNoiseShaper *shaper) {
  double total = 1.0;
  for (unsigned k = 0; k < ORDER; k++)
    total += shaper->coefficients[k] * shaper->coefficients[k];
  return total;
}

double lac_noise_shaper_peak_gain(const LacNoiseShaper *shaper) {
  double gain = 1.0;
  for (unsigned k = 0; k < ORDER; k++)
    gain += fabs(shaper->coefficients[k]);
  return gain;
}
