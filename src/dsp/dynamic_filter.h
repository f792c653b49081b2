/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bells and shelves whose gain may be another in every frame. The poles stand still; only the mixture of input and the
 * filter's outputs follows the gain G = a^2, so that no gain, however fast, stirs up the filter's memory, and G = 1
 * returns the input bit for bit (but for the sign of a zero). With p = s / w0:
 *
 *   bell        H = (p^2 + k G p + 1)       / (p^2 + k p + 1)      y = x + (G - 1) band            peak G at w0
 *   low shelf   H = (p^2 + k a p + G)       / (p^2 + k p + 1)      y = x + (a - 1) band + (G - 1) low
 *   high shelf  H = (G p^2 + k a p + 1)     / (p^2 + k p + 1)      y = x + (a - 1) band + (G - 1) high
 *
 * band = k p / (...) has unity peak. Shelves have numerators of the poles' own damping, k = sqrt 2 without a bump.
 * Trapezoidal (dsp/svf.h), two lanes (left and right, or mid and side). With poles that stand still the recursion is
 * the shortest there is, w = x - a1 w1 - a2 w2, and all that is heard is a mixture of x, w1 and w2; while poles move,
 * the integrators of the state-variable form are taken from it and given back in every frame, for they keep their
 * meaning. Embedded by value, owns nothing; one thread. */

#ifndef LAC_DSP_DYNAMIC_FILTER_H
#define LAC_DSP_DYNAMIC_FILTER_H

#include <lacquer/core.h>

#include "dsp/gain_computer.h"

/* LAC_DYNAMIC_GAIN: no filter but a gain for everything, a itself, in a row with filters. */
typedef enum LacDynamicShape {
  LAC_DYNAMIC_BELL,
  LAC_DYNAMIC_LOW_SHELF,
  LAC_DYNAMIC_HIGH_SHELF,
  LAC_DYNAMIC_GAIN
} LacDynamicShape;

/* Where poles stand: g = tan(pi f / rate), k = 1 / Q. */
typedef struct LacDynamicPoles {
  double g;
  double k;
} LacDynamicPoles;

typedef struct LacDynamicFilter {
  LacDynamicShape shape;
  LacDynamicPoles from, to; /* at the last quantum border, and at the next */
  double w1[2], w2[2];      /* of every lane: the last w and the one before */
} LacDynamicFilter;

struct LacDynamicFilterKernels;

/* |H|^2 at w radians per sample, for the gain a^2, of a bell or shelf. */
double lac_dynamic_filter_power(LacDynamicShape shape, LacDynamicPoles poles, double a, double w);
/* n_filters in series over interleaved pairs, in place. roots[f][lane]: a of filter f at the control
 * points, [0] where the first ramp begins; in between the mixture (while poles move: a) runs in a
 * straight line. Poles go from `from` to `to`; `first` frames of the quantum of `period` frames are already done (any
 * number of frames when nothing moves). */
void lac_dynamic_filter_run(const struct LacDynamicFilterKernels *kernels, LacDynamicFilter *const *filters,
                            unsigned n_filters, double *frames, const float *const (*roots)[2], LacSteps steps,
                            uint32_t first, uint32_t period);
/* Sets states below 1e-30 to zero. */
void lac_dynamic_filter_flush(LacDynamicFilter *filter);

#endif
