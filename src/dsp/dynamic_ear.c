/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/dynamic_ear.h"

#include <math.h>
#include <string.h>

void lac_dynamic_ear_init(LacDynamicEar *ear, LacDynamicShape shape, LacDynamicPoles poles) {
  *ear = (LacDynamicEar){.shape = shape, .poles = poles, .lanes = {1, 1}};
}

/* Sum and difference of a swing's last two values are 2 A cos(w / 2) and 2 A sin(w / 2) times its quadratures. */
static void rescale(double *newer, double *older, double sum_scale, double difference_scale) {
  for (int lane = 0; lane < 2; lane++) {
    const double sum = 0.5 * sum_scale * (newer[lane] + older[lane]);
    const double difference = 0.5 * difference_scale * (newer[lane] - older[lane]);
    newer[lane] = sum + difference;
    older[lane] = sum - difference;
  }
}

/* What the outputs of the filters are divided by. */
static double scale_of(LacDynamicShape shape, LacDynamicPoles poles) {
  const double n = 1.0 / (1.0 + poles.g * (poles.g + poles.k));
  return shape == LAC_DYNAMIC_BELL ? poles.g * poles.k * n : shape == LAC_DYNAMIC_LOW_SHELF ? poles.g * poles.g * n : n;
}

void lac_dynamic_ear_aim(LacDynamicEar *ear, LacDynamicPoles poles) {
  const LacDynamicEarForm last = lac_dynamic_ear_form(ear);
  /* Ratios of the cosine and the sine of half the angle w0, whose tangent is g; y is what comes out over b, while v is
   * that over 2 b^2 sin w0 (bell), 4 b^2 cos^2 (w0 / 2) (low shelf) or 4 b^2 sin^2 (w0 / 2) (high shelf). */
  const double cosine = sqrt((1.0 + ear->poles.g * ear->poles.g) / (1.0 + poles.g * poles.g));
  const double sine = cosine * (poles.g / ear->poles.g);
  const double gain = ear->shape == LAC_DYNAMIC_BELL        ? 1.0 / (sine * cosine)
                      : ear->shape == LAC_DYNAMIC_LOW_SHELF ? 1.0 / (cosine * cosine)
                                                            : 1.0 / (sine * sine);
  const double scale = scale_of(ear->shape, ear->poles) / scale_of(ear->shape, poles), square = scale * scale * gain;
  rescale(ear->y1, ear->y2, scale * cosine, scale * sine);
  rescale(ear->v1, ear->v2, square * cosine, square * sine);
  ear->poles = poles;
  const LacDynamicEarForm form = lac_dynamic_ear_form(ear);
  for (int lane = 0; lane < 2; lane++) {
    ear->direct[lane] *= form.direct > 0 ? last.direct / form.direct : 0.0;
    ear->turned[lane] *= last.turned / form.turned;
  }
}

void lac_dynamic_ear_restep(LacDynamicEar *ear, uint32_t step_frames, double power) {
  const double scale = 1.0 / lac_dynamic_ear_form(ear).turned;
  for (int lane = 0; lane < 2; lane++) {
    ear->direct[lane] = 0;
    ear->turned[lane] = (step_frames - 1) * power * scale;
  }
}

void lac_dynamic_ear_flush(LacDynamicEar *ear) {
  double *const states[] = {ear->y1, ear->y2, ear->v1, ear->v2, ear->direct, ear->turned};
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
    states[i][0] = fabs(states[i][0]) < 1e-30 ? 0 : states[i][0];
    states[i][1] = fabs(states[i][1]) < 1e-30 ? 0 : states[i][1];
  }
}

LacDynamicEarForm lac_dynamic_ear_form(const LacDynamicEar *ear) {
  const double g = ear->poles.g, k = ear->poles.k, n = 1.0 / (1.0 + g * (g + k)), b = scale_of(ear->shape, ear->poles);
  LacDynamicEarForm form = {.a1 = 2.0 * (g * g - 1.0) * n, .a2 = (1.0 - g * k + g * g) * n};
  if (ear->shape == LAC_DYNAMIC_BELL) {
    const double e = (g * g + 1.0) / g * b * b;
    form.side = -1.0;
    form.c = (g * g - 1.0) / (2.0 * (g * g + 1.0));
    form.direct = b * b * b * b;
    form.turned = e * e;
  } else {
    form.side = 1.0;
    form.middle = ear->shape == LAC_DYNAMIC_LOW_SHELF ? 2.0 : -2.0;
    form.c = ear->shape == LAC_DYNAMIC_LOW_SHELF ? 0.5 : -0.5;
    form.turned = 4.0 * (b * b * b * b);
  }
  return form;
}

/* ---- the scalar truth ---- */

static void hear_one(LacDynamicEar *ear, unsigned lane, const double *x, const LacDynamicEarForm *form) {
  const double y1 = ear->y1[lane], y2 = ear->y2[lane], v1 = ear->v1[lane], v2 = ear->v2[lane];
  const double u = (*x + form->side * *(x - 4)) + form->middle * *(x - 2);
  const double y = (u - form->a2 * y2) - form->a1 * y1;
  const double v = (y - form->a2 * v2) - form->a1 * v1;
  const double direct = v - v2, turned = form->c * (v + v2) + v1;
  ear->direct[lane] += ear->shape == LAC_DYNAMIC_BELL ? direct * direct : 0.0;
  ear->turned[lane] += turned * turned;
  ear->y1[lane] = y;
  ear->y2[lane] = y1;
  ear->v1[lane] = v;
  ear->v2[lane] = v1;
}

/* Mean power of a lane since the last control point, in steps of 1 / share frames. */
static double take_power(LacDynamicEar *ear, unsigned lane, const LacDynamicEarForm *form, double share) {
  const double power = (form->direct * ear->direct[lane] + form->turned * ear->turned[lane]) * share;
  ear->direct[lane] = ear->turned[lane] = 0;
  return power * ear->lanes[lane];
}

static void hear_scalar(LacDynamicEar *const *ears, unsigned n_ears, const double *const *frames, double *const *powers,
                        LacSteps steps) {
  const double share = 1.0 / (double)steps.frames;
  for (unsigned e = 0; e < n_ears; e++) {
    const LacDynamicEarForm form = lac_dynamic_ear_form(ears[e]);
    for (uint32_t i = 0, point = 0; i < steps.n_frames; i++) {
      hear_one(ears[e], 0, frames[e] + 2 * i, &form);
      hear_one(ears[e], 1, frames[e] + 2 * i + 1, &form);
      if ((steps.at + i) % steps.frames == 0) {
        const double first = take_power(ears[e], 0, &form, share);
        const double second = take_power(ears[e], 1, &form, share);
        powers[e][point++] = first > second ? first : second;
      }
    }
  }
}

const LacDynamicEarKernels lac_dynamic_ear_kernels_scalar = {hear_scalar};
