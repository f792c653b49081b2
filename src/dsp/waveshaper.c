/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/waveshaper.h"

#include <math.h>

#include "dsp/elementary.h"

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
  curve->side[0] = side_of(top - knee, odd, even);
  curve->side[1] = side_of(top - knee, odd, -even); /* -r(-v) = odd part minus even part; run() takes it away */
}

static LacWaveshaperSide bounded_side_of(double top, double odd, double even) {
  return (LacWaveshaperSide){.c2 = (float)(top * 6.0 * even),
                             .c3 = (float)(top * (odd - 8.0 * even)),
                             .c4 = (float)(top * (-0.75 * odd + 3.0 * even)),
                             .end = (float)(top * (0.25 * odd + even)),
                             .slope = 0.0f};
}

void lac_waveshaper_set_bounded(LacWaveshaper *curve, double top, double odd, double even) {
  curve->knee = 0;
  curve->top = (float)top;
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

/* Mean of r along the line from b to a, and its first moment about the middle. */
typedef struct Line {
  float mean, moment;
} Line;

static Line line_of(const LacWaveshaper *curve, const LacWaveshaperSide *side, float a, float b) {
  const float t = curve->knee, top = curve->top, per_width = 1.0f / (top - t), d = a - b;
  const float low_a = a < t ? t : a, low_b = b < t ? t : b;
  const float in_a = low_a > top ? top : low_a, in_b = low_b > top ? top : low_b;
  const float high_a = a < top ? top : a, high_b = b < top ? top : b; /* clamped, not subtracted: nothing is rounded */
  const bool is_point = fabsf(d) < 1e-18f;
  const float per_d = is_point ? 0.0f : 1.0f / d;
  /* Shares of the line within the knee and beyond it, and how far their middles lie from the line's. */
  const float within = is_point ? (a > t && a <= top ? 1.0f : 0.0f) : (in_a - in_b) * per_d;
  const float beyond = is_point ? (a > top ? 1.0f : 0.0f) : (high_a - high_b) * per_d;
  const float in_middle = ((in_a - a) + (in_b - b)) * (0.5f * per_d);
  const float over_middle = ((high_a - a) + (high_b - b)) * (0.5f * per_d);
  /* Taylor form at the middle of the part within: s = m + h x, x = -1..1. */
  const float m = 0.5f * ((in_a - t) + (in_b - t)) * per_width, h = 0.5f * (in_a - in_b) * per_width;
  const float q0 = m * m * (side->c2 + m * (side->c3 + m * side->c4));
  const float q1 = m * (2.0f * side->c2 + m * (3.0f * side->c3 + m * (4.0f * side->c4)));
  const float q2 = side->c2 + m * (3.0f * side->c3 + m * (6.0f * side->c4));
  const float q3 = side->c3 + m * (4.0f * side->c4);
  const float h2 = h * h;
  const float mean_in = q0 + h2 * (q2 * (1.0f / 3.0f) + h2 * (side->c4 * (1.0f / 5.0f)));
  const float moment_in = h * (q1 * (1.0f / 6.0f) + h2 * (q3 * (1.0f / 10.0f)));
  const float mean_over = side->end + side->slope * (0.5f * ((high_a - top) + (high_b - top)));
  const float moment_over = side->slope * (high_a - high_b) * (1.0f / 12.0f);
  return (Line){within * mean_in + beyond * mean_over, within * (in_middle * mean_in + within * moment_in) +
                                                           beyond * (over_middle * mean_over + beyond * moment_over)};
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const Line up = line_of(curve, &curve->side[0], u[i], state->u);
    const Line down = line_of(curve, &curve->side[1], -u[i], -state->u);
    const float half = 0.5f * (up.mean - down.mean), moment = up.moment - down.moment;
    y[i] = (half - moment) + state->late;
    state->late = half + moment;
    state->u = u[i];
  }
}

const LacWaveshaperKernels lac_waveshaper_kernels_scalar = {run};
