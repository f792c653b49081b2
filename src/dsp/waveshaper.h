/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bending curve without memory, applied so that it hardly aliases: second-order antiderivative antialiasing (Parker,
 * Zavalishin & Le Bivic, "Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", DAFx-16).
 * The samples are joined by straight lines, the curve is applied to these, and the result is averaged under a triangle
 * two samples wide: exactly, because the curve is a piecewise polynomial.
 *
 * The curve is kept as what it adds, r(u) = f(u) - u, so that where nothing bends the result is exactly zero. For each
 * sign of u it is zero up to a knee t, a polynomial of fourth degree of s = (u - t) / (T - t) up to T, a straight line
 * beyond:
 *
 *   odd    f = t + (T - t) (s - s^3 + s^4 / 2), then flat: f' goes from 1 to 0 as a cubic without a corner in f''
 *   even   (T - t) (6 s^2 - 8 s^3 + 3 s^4), then flat
 *
 * The usual form divides differences of antiderivatives, F(a) - F(b), by a - b, which fails where a is near b; it needs
 * a threshold there and double precision. Here the average over a line is written out: the share of the line within
 * the knee, times the mean of the polynomial over that share, whose Taylor form at the middle has only positive powers
 * of the length. Nothing cancels, float does, and a slow ramp is as exact as a fast one. */

#ifndef LAC_DSP_WAVESHAPER_H
#define LAC_DSP_WAVESHAPER_H

#include "dsp/kernels.h"

enum {
  LAC_WAVESHAPER_DELAY = 1,   /* samples */
  LAC_WAVESHAPER_MOST = 1024, /* samples per call */
  LAC_WAVESHAPER_SLACK = 17   /* samples behind u that may be read, behind y that may be written */
};

/* One sign of u: r = s^2 (c2 + s (c3 + s c4)), then end + slope (u - T). */
typedef struct LacWaveshaperSide {
  float c2, c3, c4;
  float end, slope;
} LacWaveshaperSide;

typedef struct LacWaveshaper {
  float knee, top;           /* t >= 0, T > t */
  LacWaveshaperSide side[2]; /* for u >= 0, and for u < 0 as a function of -u */
} LacWaveshaper;

/* What the last samples leave for the next; all zero in silence. */
typedef struct LacWaveshaperState {
  float u, late;
} LacWaveshaperState;

typedef struct LacWaveshaperKernels {
  /* y[i] = what the curve adds to u[i - 1]; n <= LAC_WAVESHAPER_MOST. u[-1] is written. |u| below 1e7. */
  void (*run)(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *y, uint32_t n);
} LacWaveshaperKernels;

LAC_KERNEL_TABLES(LacWaveshaperKernels, lac_waveshaper_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacWaveshaperKernels lac_waveshaper_kernels_scalar;

/* odd: 0..1, where 1 is the full curve, flat beyond T. even: any; keep it small against T or f falls. */
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
