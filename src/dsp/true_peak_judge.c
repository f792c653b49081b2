/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/elementary.h"
#include "dsp/peak_bound.h"
#include "dsp/true_peak.h"
#include "dsp/window.h"

#include <math.h>

static inline double larger(double a, double b) {
  return a > b ? a : b;
}

/* The judge shares no code with the detector it judges, apart from the proof of what may be skipped. */
enum { PHASES = 32, TAPS = 256, BEFORE = TAPS / 2 - 1, CHUNK = 64, MARGIN = LAC_PEAK_BOUND_REACH };

typedef struct Judge {
  double taps[PHASES][TAPS]; /* taps[p][k] weighs x[n - BEFORE + k] for the value at n + p / 32 */
  LacPeakBound bound;
} Judge;

static void design(Judge *judge) {
  lac_peak_bound_init(&judge->bound);
  for (int p = 1; p < PHASES; p++) {
    double sum = 0, weights[2 * LAC_PEAK_BOUND_REACH] = {0};
    for (int k = 0; k < TAPS; k++) {
      const double d = k - BEFORE - (double)p / PHASES;
      sum += judge->taps[p][k] = lac_sin(LAC_PI * d) / (LAC_PI * d) * lac_kaiser(d / (TAPS / 2), 12.0);
    }
    for (int k = 0; k < TAPS; k++) {
      judge->taps[p][k] /= sum;
      weights[LAC_PEAK_BOUND_REACH - BEFORE + k] = judge->taps[p][k];
    }
    lac_peak_bound_add(&judge->bound, weights, (double)p / PHASES);
  }
}

static void extent(const double *x, int from, int to, double *level, double *bend) {
  *level = *bend = 0;
  for (int i = from; i < to; i++) {
    *level = larger(*level, fabs(x[i]));
    *bend = larger(*bend, fabs(x[i - 1] - 2 * x[i] + x[i + 1]));
  }
}

/* Half of many a test's time goes by here, and far more under a sanitizer: these few lines are without its checks. */
__attribute__((no_sanitize("address", "undefined"))) static double phase_peak(const double taps[TAPS], const double *x,
                                                                              double largest) {
  double sums[CHUNK] = {0};
  for (int k = 0; k < TAPS; k++)
    for (int i = 0; i < CHUNK; i++)
      sums[i] += taps[k] * x[i + k - BEFORE];
  for (int i = 0; i < CHUNK; i++)
    largest = larger(largest, fabs(sums[i]));
  return largest;
}

/* Largest |value| at and after x[0 .. CHUNK-1], or `largest` when none exceeds it. */
static double chunk_peak(const Judge *judge, const double *x, double largest) {
  double level, near_bend, far_bend, unused;
  extent(x, 0, CHUNK + 1, &level, &unused);
  extent(x, -LAC_PEAK_BOUND_NEAR, CHUNK + LAC_PEAK_BOUND_NEAR, &unused, &near_bend);
  extent(x, -BEFORE - 2, CHUNK + BEFORE + 2, &unused, &far_bend);
  if (lac_peak_bound(&judge->bound, level, near_bend, far_bend) <= largest)
    return largest;
  for (int p = 1; p < PHASES; p++)
    largest = phase_peak(judge->taps[p], x, largest);
  return largest;
}

double lac_true_peak_judge(const float *in, size_t n_frames) {
  Judge judge;
  design(&judge);
  double largest = 0;
  for (size_t i = 0; i < n_frames; i++)
    largest = larger(largest, fabs((double)in[i]));
  for (size_t at = 0; at < n_frames + TAPS; at += CHUNK) { /* from TAPS / 2 before the first frame to as far behind */
    double x[MARGIN + CHUNK + MARGIN];
    for (size_t i = 0; i < MARGIN + CHUNK + MARGIN; i++) {
      const size_t frame = at + i;
      const size_t shift = MARGIN + TAPS / 2;
      x[i] = frame >= shift && frame - shift < n_frames ? (double)in[frame - shift] : 0.0;
    }
    largest = chunk_peak(&judge, x + MARGIN, largest);
  }
  return largest;
}
