/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/waveshaper.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "dsp/elementary.h"

enum { PAST = LAC_WAVESHAPER_PAST };

static LacWaveshaperSide side_of(double width, double odd, double even) {
  return (LacWaveshaperSide){.c2 = (float)(width * 6.0 * even),
                             .c3 = (float)(width * (-odd - 8.0 * even)),
                             .c4 = (float)(width * (0.5 * odd + 3.0 * even)),
                             .end = (float)(width * (-0.5 * odd + even)),
                             .slope = (float)-odd};
}

void lac_waveshaper_set(LacWaveshaper *curve, double knee, double top, double odd, double even) {
  curve->knee = (float)knee;
  curve->top = (float)top;
  curve->n_points = curve->n_even_points = 4;
  curve->side[0] = side_of(top - knee, odd, even);
  curve->side[1] = side_of(top - knee, odd, -even); /* -r(-v) = odd part minus even part; run() takes it away */
}

static LacWaveshaperSide bounded_side_of(double top, double odd, double even) {
  return (LacWaveshaperSide){.c2 = (float)(top * 6.0 * even),
                             .c3 = (float)(top * (odd - 8.0 * even)),
                             .c4 = (float)(top * (-0.75 * odd + 3.0 * even)),
                             .end = (float)(top * (0.25 * odd + even)),
                             .slope = -0.0f};
}

void lac_waveshaper_set_bounded(LacWaveshaper *curve, double top, double odd, double even) {
  curve->knee = 0;
  curve->top = (float)top;
  curve->n_points = curve->n_even_points = 4;
  curve->side[0] = bounded_side_of(top, odd, even);
  curve->side[1] = bounded_side_of(top, odd, -even);
}

static double side_at(const LacWaveshaper *curve, const LacWaveshaperSide *side, double u) {
  const double t = (double)curve->knee, top = (double)curve->top;
  if (u > top)
    return (double)side->end + (double)side->slope * (u - top);
  const double s = u > t ? (u - t) / (top - t) : 0.0;
  return s * s * ((double)side->c2 + s * ((double)side->c3 + s * (double)side->c4));
}

double lac_waveshaper_at(const LacWaveshaper *curve, double u) {
  return u >= 0 ? side_at(curve, &curve->side[0], u) : -side_at(curve, &curve->side[1], -u);
}

void lac_waveshaper_harmonics(const LacWaveshaper *curve, double amplitude, double harmonics[3]) {
  enum { N = 128 };
  harmonics[0] = harmonics[1] = harmonics[2] = 0;
  for (int i = 0; i < N; i++) {
    const double angle = 2.0 * LAC_PI * (i + 0.5) / N;
    const double r = lac_waveshaper_at(curve, amplitude * lac_sin(angle)) * 2.0 / N;
    harmonics[0] += r * lac_sin(angle);
    harmonics[1] -= r * lac_cos(2.0 * angle);
    harmonics[2] += r * lac_sin(3.0 * angle);
  }
}

/* ---- the scalar truth of dsp/waveshaper_kernels.c ---- */

static float clamp(float u, float most) {
  const float below = u < most ? u : most;
  return below > -most ? below : -most;
}

static float bent(const LacWaveshaperForm *form, float u) {
  const float within = clamp(u, form->top), beyond = u - within;
  const float v = within - clamp(u, form->knee), size = fabsf(v), square = v * v;
  const float odd = v * (form->odd3 + size * form->odd4);
  const float even = (form->even2 + square * form->even4) + size * form->even3;
  return square * (form->has_even ? even + odd : odd) + form->slope * beyond;
}

/* What the odd part alone does not know of. */
static float even_bent(const LacWaveshaperForm *form, float u) {
  const float within = clamp(u, form->top), v = within - clamp(u, form->knee), size = fabsf(v), square = v * v;
  return square * ((form->even2 + square * form->even4) + size * form->even3);
}

/* Mean and first moment of the curve over half a triangle on the line. */
typedef struct Line {
  float mean, moment;
} Line;

/* The line from u[1] to u[2]. */
static Line line_of_four(const LacWaveshaperForm *form, const float *u) {
  const float middle = u[2] + u[1], rise = u[2] - u[1], apart = (u[3] + u[0]) - middle; /* twice all of it */
  const float near = LAC_WAVESHAPER_NEAR * rise, far = LAC_WAVESHAPER_FAR * rise;
  const float near_middle = middle - LAC_WAVESHAPER_NEAR_BOW * apart;
  const float far_middle = middle - LAC_WAVESHAPER_FAR_BOW * apart;
  const float near_up = bent(form, near_middle + near), near_down = bent(form, near_middle - near);
  const float far_up = bent(form, far_middle + far), far_down = bent(form, far_middle - far);
  return (Line){(near_up + near_down) + (far_up + far_down),
                LAC_WAVESHAPER_NEAR * (near_up - near_down) + LAC_WAVESHAPER_FAR * (far_up - far_down)};
}

static Line line_of_three(const LacWaveshaperForm *form, const float *u) {
  const float middle = u[2] + u[1], away = LAC_WAVESHAPER_AWAY * (u[2] - u[1]);
  const float up = bent(form, middle + away), down = bent(form, middle - away);
  const float mean = (up + down) + bent(form, middle);
  return (Line){form->has_even_middle ? mean + even_bent(form, middle) : mean, LAC_WAVESHAPER_AWAY * (up - down)};
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *even, float *odd, uint32_t n) {
  const LacWaveshaperForm form = lac_waveshaper_form(curve);
  memcpy(u - PAST, state->u, sizeof state->u);
  for (uint32_t i = 0; i < n; i++) {
    const float *at = u + (ptrdiff_t)i - PAST;
    const Line line = form.has_four_points ? line_of_four(&form, at) : line_of_three(&form, at);
    *(i % 2 ? &odd[i / 2] : &even[i / 2]) = (line.mean - line.moment) + state->late;
    state->late = line.mean + line.moment;
  }
  memcpy(state->u, u + (ptrdiff_t)n - PAST, sizeof state->u);
}

const LacWaveshaperKernels lac_waveshaper_kernels_scalar = {run};
