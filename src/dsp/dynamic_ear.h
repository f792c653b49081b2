/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a dynamic band hears: the input through the band's own filter twice (dsp/dynamic_filter.h: band, low or high),
 * and of that the power at control points.
 *
 *   bell        band^2 + turned^2, turned = (k / 2) (low - high) of the second filter: the envelope, free of ripple at
 * w0 low shelf   low^2 high shelf  high^2
 *
 * As trapezoidal filters the three share their denominator and differ in a numerator of two zeros, so that one
 * recursion serves them all (', '': one and two frames before); what scales the outputs is put into the power:
 *
 *   u = x - x''            x + 2 x' + x''           x - 2 x' + x''
 *   y = u - a1 y' - a2 y''     the first filter's output over b = g k / N, g^2 / N or 1 / N; N = 1 + g (g + k)
 *   v = y - a1 v' - a2 v''
 *   direct = v - v''           (bells only) times b^2 is the second filter's output
 *   turned = c (v + v'') + v'  c = (g^2 - 1) / (2 g^2 + 2), times (g^2 + 1) / g b^2, for bells; 1/2 or -1/2, times 2
 * b^2 or -2 b^2, for shelves: what is heard
 *
 * Two lanes (left and right, or mid and side). Embedded by value, owns nothing; one thread. */

#ifndef LAC_DSP_DYNAMIC_EAR_H
#define LAC_DSP_DYNAMIC_EAR_H

#include "dsp/dynamic_filter.h"
#include "dsp/kernels.h"

typedef struct LacDynamicEar {
  LacDynamicShape shape;
  LacDynamicPoles poles;
  double lanes[2];                   /* 1 for what counts, else 0: the louder one of those is heard */
  double y1[2], y2[2], v1[2], v2[2]; /* of every lane: one and two frames ago */
  double direct[2], turned[2];       /* sums of squares since the last control point */
} LacDynamicEar;

/* Silent, at poles; both lanes count. */
void lac_dynamic_ear_init(LacDynamicEar *ear, LacDynamicShape shape, LacDynamicPoles poles);
/* Where poles go to, at a quantum border: what swings in the filters goes on with the amplitude and the phase it has.
 */
void lac_dynamic_ear_aim(LacDynamicEar *ear, LacDynamicPoles poles);
/* When the step becomes another one: the sums of step_frames - 1 frames whose mean power is `power`. */
void lac_dynamic_ear_restep(LacDynamicEar *ear, uint32_t step_frames, double power);
/* Sets states below 1e-30 to zero. */
void lac_dynamic_ear_flush(LacDynamicEar *ear);

/* The factors of the recursion, and of both sums in the power. */
typedef struct LacDynamicEarForm {
  double side, middle; /* of x'' and x' */
  double a1, a2, c;
  double direct, turned;
} LacDynamicEarForm;

LacDynamicEarForm lac_dynamic_ear_form(const LacDynamicEar *ear);

/* Loops over frames of interleaved pairs, per CPU level with the same bits (dsp/kernels.h). */
typedef struct LacDynamicEarKernels {
  /* frames[e]: what ear e hears; [-4 .. -1] are the two frames before. powers[e] receives at every control point the
   * mean power since the one before, of the louder lane. */
  void (*hear)(LacDynamicEar *const *ears, unsigned n_ears, const double *const *frames, double *const *powers,
               LacSteps steps);
} LacDynamicEarKernels;

LAC_KERNEL_TABLES(LacDynamicEarKernels, lac_dynamic_ear_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacDynamicEarKernels lac_dynamic_ear_kernels_scalar;

#endif
