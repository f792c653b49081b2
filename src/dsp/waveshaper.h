/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bending curve without memory, applied so that it hardly aliases: second-order antiderivative antialiasing (Parker,
 * Zavalishin & Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", DAFx-16).
 * The samples are joined by lines, the curve is applied to these, and the result is averaged under a triangle two
 * samples wide.
 *
 * The curve is kept as what it adds, r(u) = f(u) - u, so that where nothing bends the result is exactly zero. For each
 * sign of u it is zero up to a knee t, a polynomial of fourth degree of s = (u - t) / (T - t) up to T, a straight line
 * beyond:
 *
 *   odd    f = t + (T - t) (s - s^3 + s^4 / 2), then flat: f' goes from 1 to 0 as a cubic without a corner in f''
 *   even   (T - t) (6 s^2 - 8 s^3 + 3 s^4), then flat
 *
 * The usual form divides differences of antiderivatives, F(a) - F(b), by a - b, which fails where a is near b; it needs
 * a threshold there and double precision. Here the average over a line is the mean of three or four points evenly
 * spaced (the midpoint rule): with the next lines' they are a grid of three or four times as many samples, and of what
 * the curve makes there only what lies around multiples of that rate stays where it falls. Gauss's points are exact
 * where a line stays within a piece of the curve, but are no such grid: wherever lines cross a knee, T or zero they
 * alias more. Nothing cancels, float does, and a slow ramp is as exact as a fast one.
 *
 * With four points lines are not straight but bowed towards the cubic through four samples: the images of straight ones
 * would meet harmonics of the curve and become the loudest aliases. */

#ifndef LAC_DSP_WAVESHAPER_H
#define LAC_DSP_WAVESHAPER_H

#include "dsp/kernels.h"

enum {
  LAC_WAVESHAPER_DELAY = 2,  /* samples */
  LAC_WAVESHAPER_PAST = 3,   /* samples before a run that are needed */
  LAC_WAVESHAPER_AHEAD = 32, /* samples behind it that are read, whatever they are */
  LAC_WAVESHAPER_MOST = 1024 /* samples per call */
};

/* Points over a line from -1 to 1: the midpoints of its quarters; of its thirds, of which one is the middle. */
#define LAC_WAVESHAPER_NEAR 0.25f
#define LAC_WAVESHAPER_FAR 0.75f
#define LAC_WAVESHAPER_AWAY (2.0f / 3.0f)

/* (1 - x^2) / 8 at the four points, of twice u: a line is bowed by as much of what the samples around it lie apart from
 * it, so that its middle is that of the cubic through all four. */
#define LAC_WAVESHAPER_NEAR_BOW ((1.0f - LAC_WAVESHAPER_NEAR * LAC_WAVESHAPER_NEAR) / 8.0f)
#define LAC_WAVESHAPER_FAR_BOW ((1.0f - LAC_WAVESHAPER_FAR * LAC_WAVESHAPER_FAR) / 8.0f)
#define LAC_WAVESHAPER_OVERSHOOT (1.0f + 2.0f * LAC_WAVESHAPER_NEAR_BOW) /* of a point beyond the loudest sample */

/* One sign of u: r = s^2 (c2 + s (c3 + s c4)), then end + slope (u - T). */
typedef struct LacWaveshaperSide {
  float c2, c3, c4;
  float end, slope;
} LacWaveshaperSide;

typedef struct LacWaveshaper {
  float knee, top;           /* t >= 0, T > t */
  LacWaveshaperSide side[2]; /* for u >= 0, and for u < 0 as a function of -u */
  uint32_t n_points;         /* of a line: 3, or 4, bowed */
  uint32_t n_even_points;    /* as many, or of 3 the middle alone: does for an even part far below the odd one */
} LacWaveshaper;

/* The same as an odd and an even part for kernels, in twice u, which saves halving sums: with v = 2 u held within 2 T
 * less 2 u held within 2 t, r = v^2 (even2 + even3 |v| + even4 v^2 + v (odd3 + odd4 |v|)) + slope (2 u - 2 u held
 * within 2 T), times the weight of a point: half a triangle over their number. */
typedef struct LacWaveshaperForm {
  float knee, top;
  float even2, even3, even4, odd3, odd4;
  float slope; /* never +0, so that nothing times it, -0, may be added or left out */
  bool has_even, has_even_middle, has_four_points; /* even_middle: of the middle alone, and weighs as much as all */
} LacWaveshaperForm;

static inline LacWaveshaperForm lac_waveshaper_form(const LacWaveshaper *curve) {
  const LacWaveshaperSide *up = &curve->side[0], *down = &curve->side[1];
  const double weight = 0.5 / (double)curve->n_points;
  const double per = 0.5 / ((double)curve->top - (double)curve->knee), odd = weight * 0.5 * per * per;
  const bool is_middle = curve->n_points == 3 && curve->n_even_points == 1;
  const double even = is_middle ? 3.0 * odd : odd;
  LacWaveshaperForm form = {.knee = 2.0f * curve->knee,
                            .top = 2.0f * curve->top,
                            .even2 = (float)(even * ((double)up->c2 - (double)down->c2)),
                            .even3 = (float)(even * per * ((double)up->c3 - (double)down->c3)),
                            .even4 = (float)(even * per * per * ((double)up->c4 - (double)down->c4)),
                            .odd3 = (float)(odd * per * ((double)up->c3 + (double)down->c3)),
                            .odd4 = (float)(odd * per * per * ((double)up->c4 + (double)down->c4)),
                            .slope = (float)(0.5 * weight * (double)up->slope),
                            .has_four_points = curve->n_points == 4};
  const bool has_even = form.even2 != 0 || form.even3 != 0 || form.even4 != 0;
  form.has_even = has_even && !is_middle;
  form.has_even_middle = has_even && is_middle;
  return form;
}

/* What the last samples leave for the next, the latest last; all zero in silence. */
typedef struct LacWaveshaperState {
  float u[LAC_WAVESHAPER_PAST], late;
} LacWaveshaperState;

typedef struct LacWaveshaperKernels {
  /* y[i] = what the curve adds to u[i - LAC_WAVESHAPER_DELAY], to even[i / 2] and odd[i / 2] by turns; n, an even
   * number, <= LAC_WAVESHAPER_MOST. LAC_WAVESHAPER_PAST samples ahead of u are written, LAC_WAVESHAPER_AHEAD behind its
   * n may be read. |u| below 1e7. */
  void (*run)(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *even, float *odd, uint32_t n);
} LacWaveshaperKernels;

LAC_KERNEL_TABLES(LacWaveshaperKernels, lac_waveshaper_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacWaveshaperKernels lac_waveshaper_kernels_scalar;

/* Curves of four points a line. odd: 0..1, where 1 is the full curve, flat beyond T. even: any; keep it small against T
 * or f falls. */
void lac_waveshaper_set(LacWaveshaper *curve, double knee, double top, double odd, double even);
/* For what shall be added to a sound and not bend it: no knee, odd part T (s^3 - 3/4 s^4), which lifts where the other
 * presses down, and both parts flat beyond T, so that what is far too loud adds hardly anything. f'' has a corner at T.
 */
void lac_waveshaper_set_bounded(LacWaveshaper *curve, double top, double odd, double even);
/* r(u) itself. */
double lac_waveshaper_at(const LacWaveshaper *curve, double u);
/* Amplitudes of the harmonics 1..3 that the curve adds to `amplitude` sin(wt): of sin wt, of -cos 2wt, of sin 3wt. */
void lac_waveshaper_harmonics(const LacWaveshaper *curve, double amplitude, double harmonics[3]);

#endif
