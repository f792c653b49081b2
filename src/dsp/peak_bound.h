/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How far an interpolated signal can rise above its samples, known without interpolating: a proof that lets peak
 * meters skip what cannot matter.
 *
 * An interpolator's weights minus those of the straight line between two samples have neither a mean nor a first
 * moment, so they are the second difference of a shorter kernel g. Hence
 *   |y| <= max of the two samples + sum |g_k| * largest |x[n-1] - 2 x[n] + x[n+1]|,
 * and music bends little where it is loud (at 1 kHz 2 % of its level; 48 taps' plain L1 norm allows +8.3 dB anywhere).
 */

#ifndef LAC_DSP_PEAK_BOUND_H
#define LAC_DSP_PEAK_BOUND_H

enum {
  LAC_PEAK_BOUND_REACH = 136, /* weights cover samples -REACH .. REACH - 1 */
  LAC_PEAK_BOUND_NEAR = 24    /* g within this many samples is paid with the bend found there */
};

typedef struct LacPeakBound {
  double slack;     /* what rounding left of mean and first moment, per unit of level */
  double near_gain; /* largest sum |g_k| of any phase, near */
  double far_gain;  /* and beyond */
} LacPeakBound;

void lac_peak_bound_init(LacPeakBound *bound);
/* One phase: weights[REACH + k] belongs to x[n + k], the value lies at n + position, 0..1. */
void lac_peak_bound_add(LacPeakBound *bound, const double *weights, double position);
/* Nothing between the samples exceeds this. level: largest |sample| of the frames and the next one; near_bend,
 * far_bend: largest second difference within NEAR and REACH samples of them. Includes 0.05 % for rounding of the
 * reader. */
double lac_peak_bound(const LacPeakBound *bound, double level, double near_bend, double far_bend);

#endif
