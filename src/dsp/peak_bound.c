/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/peak_bound.h"

#include <math.h>
#include <string.h>

void lac_peak_bound_init(LacPeakBound *bound) {
  *bound = (LacPeakBound){0};
}

static void raise(double *largest, double value) {
  if (value > *largest)
    *largest = value;
}

void lac_peak_bound_add(LacPeakBound *bound, const double *weights, double position) {
  enum { REACH = LAC_PEAK_BOUND_REACH };
  double rest[2 * REACH];
  memcpy(rest, weights, sizeof rest);
  rest[REACH] -= 1.0 - position;
  rest[REACH + 1] -= position;
  double mean = 0, moment = 0;
  for (int k = 0; k < 2 * REACH; k++)
    mean += rest[k];
  rest[REACH] -= mean;
  for (int k = 0; k < 2 * REACH; k++)
    moment += rest[k] * (k - REACH);
  rest[REACH] += moment;
  rest[REACH + 1] -= moment;
  double g = 0, step = 0, near_gain = 0, far_gain = 0;
  for (int k = 0; k < 2 * REACH; k++) {
    const int distance = k < REACH ? REACH - k : k - REACH;
    if (distance <= LAC_PEAK_BOUND_NEAR)
      near_gain += fabs(g);
    else
      far_gain += fabs(g);
    step += rest[k]; /* rest[k] = g[k-1] - 2 g[k] + g[k+1], so its running sum is g[k+1] - g[k] */
    g += step;
  }
  const double slack = fabs(mean) + 2 * fabs(moment);
  raise(&bound->slack, slack);
  raise(&bound->near_gain, near_gain);
  raise(&bound->far_gain, far_gain);
}

double lac_peak_bound(const LacPeakBound *bound, double level, double near_bend, double far_bend) {
  return 1.0005 * (level * (1.0 + bound->slack) + bound->near_gain * near_bend + bound->far_gain * far_bend);
}
