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
enum { PHASES = 32, TAPS = 256, BEFORE = TAPS / 2 - 1, CHUNK = 64, GROUP = 8, MARGIN = LAC_PEAK_BOUND_REACH };

typedef struct Judge {
  double taps[PHASES][TAPS]; /* taps[p][k] weighs x[n - BEFORE + k] for the value at n + p / 32; none at p = 0 */
  LacPeakBound bound, bounds[PHASES / 2]; /* of all phases, and of p and p + 1 */
} Judge;

static void design(Judge *judge) {
  *judge = (Judge){0};
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
    lac_peak_bound_add(&judge->bounds[p / 2], weights, (double)p / PHASES);
  }
}

static double largest_sample(const double *x, int from, int to) {
  double largest = 0;
  for (int i = from; i < to; i++)
    largest = larger(largest, fabs(x[i]));
  return largest;
}

static double largest_bend(const double *x, int from, int to) {
  double largest = 0;
  for (int i = from; i < to; i++)
    largest = larger(largest, fabs(x[i - 1] - 2 * x[i] + x[i + 1]));
  return largest;
}

/* Much of many a test's time goes by here, and far more under a sanitizer: these few lines are without its checks. */
__attribute__((no_sanitize("address", "undefined"))) static double phases_peak(const double taps[2][TAPS],
                                                                               const double *x, double largest) {
  typedef double Pair __attribute__((vector_size(16), aligned(8), may_alias)); /* eight stay in registers */
  Pair one[GROUP / 2] = {{0}}, other[GROUP / 2] = {{0}};
  for (int k = 0; k < TAPS; k++)
    for (int i = 0; i < GROUP / 2; i++) {
      const Pair here = *(const Pair *)(x + k - BEFORE + 2 * i);
      one[i] += taps[0][k] * here;
      other[i] += taps[1][k] * here;
    }
  for (int i = 0; i < GROUP; i++)
    largest = larger(largest, larger(fabs(one[i / 2][i % 2]), fabs(other[i / 2][i % 2])));
  return largest;
}

/* Largest |value| at and after x[0 .. CHUNK-1], or `largest` when none exceeds it. */
static double chunk_peak(const Judge *judge, const double *x, double largest) {
  const double far_bend = largest_bend(x, -BEFORE - 2, CHUNK + BEFORE + 2);
  for (const double *group = x; group < x + CHUNK; group += GROUP) {
    const double level = largest_sample(group, 0, GROUP + 1);
    const double near_bend = largest_bend(group, -LAC_PEAK_BOUND_NEAR, GROUP + LAC_PEAK_BOUND_NEAR);
    if (lac_peak_bound(&judge->bound, level, near_bend, far_bend) <= largest)
      continue;
    for (int p = 0; p < PHASES; p += 2)
      if (lac_peak_bound(&judge->bounds[p / 2], level, near_bend, far_bend) > largest)
        largest = phases_peak(judge->taps + p, group, largest);
  }
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
