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
/* The same of weights whose sum is 0 anyway, such as a difference of interpolated values. */
void lac_peak_bound_add_bend(LacPeakBound *bound, const double *weights);

/* No sum with the weights given to lac_peak_bound_add_bend exceeds this, rounding left out. level: largest |sample| of
 * the frames and the next one; near_bend, far_bend: largest second difference within NEAR and REACH samples of them. */
static inline double lac_peak_bound_bend(const LacPeakBound *bound, double level, double near_bend, double far_bend) {
  return level * bound->slack + bound->near_gain * near_bend + bound->far_gain * far_bend;
}

/* Nothing between the samples exceeds this. Includes 0.05 % for rounding of the reader. */
static inline double lac_peak_bound(const LacPeakBound *bound, double level, double near_bend, double far_bend) {
  return 1.0005 * (level + lac_peak_bound_bend(bound, level, near_bend, far_bend));
}

/* How far a short interpolator may be from a long one. Where both agree on what lies low, the weights of the difference
 * are, but for little, an eighth difference of yet another kernel: what counts is how much lies near half the rate. */
typedef struct LacPeakMiss {
  LacPeakBound bound;         /* of what is left over: slack, and gains of second differences */
  double near_gain, far_gain; /* of eighth differences / 256 */
} LacPeakMiss;

/* weights: long - short. */
void lac_peak_miss_init(LacPeakMiss *miss, const double *weights);

/* As above, for frames up to 8 samples beyond those that level and near_bend are of. edges: largest |eighth difference|
 * / 256 within the same reach. */
static inline double lac_peak_miss(const LacPeakMiss *miss, double level, double near_bend, double far_bend,
                                   double near_edge, double far_edge) {
  return lac_peak_bound_bend(&miss->bound, level, near_bend, far_bend) + miss->near_gain * near_edge +
         miss->far_gain * far_edge;
}

#endif
