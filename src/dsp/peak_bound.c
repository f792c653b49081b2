/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/peak_bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lac_peak_bound_init(LacPeakBound *bound) {
  *bound = (LacPeakBound){0};
}

static void raise(double *largest, double value) {
  if (value > *largest)
    *largest = value;
}

enum { REACH = LAC_PEAK_BOUND_REACH, N = 2 * REACH };

/* Weights without mean and first moment, but for what is returned, are the second difference of g. */
static double integrate_twice(const double *weights, double *g) {
  double rest[N], mean = 0, moment = 0;
  memcpy(rest, weights, sizeof rest);
  for (int k = 0; k < N; k++)
    mean += rest[k];
  rest[REACH] -= mean;
  for (int k = 0; k < N; k++)
    moment += rest[k] * (k - REACH);
  rest[REACH] += moment;
  rest[REACH + 1] -= moment;
  double value = 0, step = 0;
  for (int k = 0; k < N; k++) {
    g[k] = value;
    step += rest[k]; /* rest[k] = g[k-1] - 2 g[k] + g[k+1], so its running sum is g[k+1] - g[k] */
    value += step;
  }
  return fabs(mean) + 2 * fabs(moment);
}

static void add_magnitudes(const double *g, int most_near, double *near_gain, double *far_gain) {
  *near_gain = *far_gain = 0;
  for (int k = 0; k < N; k++)
    *(abs(k - REACH) <= most_near ? near_gain : far_gain) += fabs(g[k]);
}

static void add_rest(LacPeakBound *bound, const double *rest) {
  double g[N], near_gain, far_gain;
  raise(&bound->slack, integrate_twice(rest, g));
  add_magnitudes(g, LAC_PEAK_BOUND_NEAR, &near_gain, &far_gain);
  raise(&bound->near_gain, near_gain);
  raise(&bound->far_gain, far_gain);
}

/* w -= factor * (1 - z)^2 / 4 (mirrored: no shift) w, or plus. */
static void spread_out(double *w, double factor) {
  double out[N] = {0};
  for (int k = 1; k < N - 1; k++)
    out[k] = 0.5 * w[k] + factor * 0.25 * (w[k - 1] + w[k + 1]);
  memcpy(w, out, sizeof out);
}

/* With s = -(1 - z)^2 / 4z, 1 at half the rate, and c = 1 - s: the weights b of the second differences (-4 s) become
 * s^3 g + r, where 1 / s^3 = 1 + 3 c + 6 c^2 + 10 c^3 + ..., of which four terms leave the smallest sum. */
void lac_peak_miss_init(LacPeakMiss *miss, const double *weights) {
  enum { NEAR = LAC_PEAK_BOUND_NEAR - 8 };
  static const double terms[4] = {1, 3, 6, 10};
  double b[N], power[N], g[N] = {0}, r[N];
  miss->bound = (LacPeakBound){.slack = integrate_twice(weights, b)};
  memcpy(power, b, sizeof power);
  for (int t = 0; t < 4; t++) {
    for (int k = 0; k < N; k++)
      g[k] += terms[t] * power[k];
    spread_out(power, 1);
  }
  memcpy(r, g, sizeof r);
  for (int t = 0; t < 3; t++)
    spread_out(r, -1);
  for (int k = 0; k < N; k++) {
    r[k] = b[k] - r[k];
    g[k] *= 4;
  }
  add_magnitudes(r, NEAR, &miss->bound.near_gain, &miss->bound.far_gain);
  add_magnitudes(g, NEAR, &miss->near_gain, &miss->far_gain);
}

void lac_peak_bound_add(LacPeakBound *bound, const double *weights, double position) {
  double rest[N];
  memcpy(rest, weights, sizeof rest);
  rest[REACH] -= 1.0 - position;
  rest[REACH + 1] -= position;
  add_rest(bound, rest);
}

void lac_peak_bound_add_bend(LacPeakBound *bound, const double *weights) {
  add_rest(bound, weights);
}
