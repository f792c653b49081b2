/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/dynamic_filter.h"

#include <math.h>
#include <string.h>

#include "dsp/dynamic_filter_kernels.h"
#include "dsp/svf.h"

double lac_dynamic_filter_power(LacDynamicShape shape, LacDynamicPoles poles, double a, double w) {
  LacSvf svf = {.g = poles.g, .k = poles.k, .low = 1.0, .band = poles.k * a, .high = 1.0};
  if (shape == LAC_DYNAMIC_BELL) {
    svf.band = poles.k * a * a;
  } else {
    *(shape == LAC_DYNAMIC_LOW_SHELF ? &svf.low : &svf.high) = a * a;
  }
  return lac_svf_power(&svf, w);
}

void lac_dynamic_filter_run(const LacDynamicFilterKernels *kernels, LacDynamicFilter *const *filters,
                            unsigned n_filters, double *frames, const float *const (*roots)[2], LacSteps steps,
                            uint32_t first, uint32_t period) {
  kernels->run(filters, n_filters, frames, roots, steps, first, period);
}

LacDynamicForm lac_dynamic_form_of(LacDynamicShape shape, LacDynamicPoles poles) {
  if (shape == LAC_DYNAMIC_GAIN) {
    return (LacDynamicForm){.over = {1.0}};
  }
  const double g = poles.g, k = poles.k, n = 1.0 / (1.0 + g * (g + k));
  const double a1 = 2.0 * (g * g - 1.0) * n, a2 = (1.0 - g * k + g * g) * n, band = g * k * n, low = g * g * n;
  const double bands[3] = {band, -band * a1, -band * (1.0 + a2)};
  LacDynamicForm form = {.a1 = a1, .a2 = a2};
  memcpy(shape == LAC_DYNAMIC_BELL ? form.square : form.over, bands, sizeof bands);
  if (shape == LAC_DYNAMIC_LOW_SHELF) {
    const double lows[3] = {low, low * (2.0 - a1), low * (1.0 - a2)};
    memcpy(form.square, lows, sizeof lows);
  } else if (shape == LAC_DYNAMIC_HIGH_SHELF) {
    const double highs[3] = {n, -n * (2.0 + a1), n * (1.0 - a2)};
    memcpy(form.square, highs, sizeof highs);
  }
  return form;
}

void lac_dynamic_filter_flush(LacDynamicFilter *filter) {
  for (int lane = 0; lane < 2; lane++) {
    filter->w1[lane] = fabs(filter->w1[lane]) < 1e-30 ? 0 : filter->w1[lane];
    filter->w2[lane] = fabs(filter->w2[lane]) < 1e-30 ? 0 : filter->w2[lane];
  }
}

/* ---- the scalar truth of dsp/dynamic_filter_kernels.h ---- */

/* y = mixture[0] x + mixture[1] w1 + mixture[2] w2; of a bell y = x + mixture[0] (w - w2). */
static void mixture_of(const LacDynamicForm *form, bool is_bell, double a, double *mixture) {
  const double over = a - 1.0, square = over * (a + 1.0);
  if (is_bell) {
    mixture[0] = square * form->square[0];
    mixture[1] = mixture[2] = 0;
    return;
  }
  for (int part = 0; part < 3; part++) {
    mixture[part] = over * form->over[part] + square * form->square[part];
  }
  mixture[0] += 1.0;
}

static double step_still(LacDynamicFilter *filter, const LacDynamicForm *form, unsigned lane, const double *mixture,
                         double x) {
  const double w1 = filter->w1[lane], w2 = filter->w2[lane];
  const double w = (x - form->a2 * w2) - form->a1 * w1;
  filter->w1[lane] = w;
  filter->w2[lane] = w1;
  if (filter->shape == LAC_DYNAMIC_BELL) {
    return x + mixture[0] * (w - w2);
  }
  return mixture[0] * x + (mixture[1] * w1 + mixture[2] * w2);
}

double lac_dynamic_filter_step_moving(LacDynamicFilter *filter, unsigned lane, double a, uint32_t frame,
                                      uint32_t period, double x) {
  const LacDynamicPoles last = lac_dynamic_poles_at(filter, frame, period);
  const LacDynamicPoles poles = lac_dynamic_poles_at(filter, frame + 1, period);
  const double last_n = 1.0 + last.g * (last.g + last.k), n = 1.0 + poles.g * (poles.g + poles.k);
  const double z1 = 2.0 * last.g / last_n * (filter->w1[lane] - filter->w2[lane]);
  const double z2 = 2.0 * last.g * last.g / last_n * (filter->w1[lane] + filter->w2[lane]);
  const double v1 = (z1 + poles.g * (x - z2)) / n, v2 = z2 + poles.g * v1; /* svf.c */
  const double next1 = 2.0 * v1 - z1, next2 = 2.0 * v2 - z2;
  const double apart = n / (2.0 * poles.g) * next1, both = n / (2.0 * poles.g * poles.g) * next2;
  filter->w1[lane] = 0.5 * (both + apart);
  filter->w2[lane] = 0.5 * (both - apart);
  const double over = a - 1.0, square = over * (a + 1.0), band = poles.k * v1;
  if (filter->shape == LAC_DYNAMIC_BELL) {
    return x + square * band;
  }
  return x + (over * band + square * (filter->shape == LAC_DYNAMIC_LOW_SHELF ? v2 : (x - band) - v2));
}

static void run_scalar(LacDynamicFilter *const *filters, unsigned n_filters, double *frames,
                       const float *const (*roots)[2], LacSteps steps, uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < 2 * steps.n_frames; i++) {
    const uint32_t ramp = (steps.at + i / 2) / steps.frames, at = (steps.at + i / 2) % steps.frames;
    const double share = (double)(at + 1) / (double)steps.frames;
    for (unsigned f = 0; f < n_filters; f++) {
      LacDynamicFilter *filter = filters[f];
      const double a0 = (double)roots[f][i % 2][ramp], a1 = (double)roots[f][i % 2][ramp + 1];
      if (lac_dynamic_filter_is_moving(filter)) {
        const double a = a0 + (a1 - a0) * share;
        frames[i] = lac_dynamic_filter_step_moving(filter, i % 2, a, first + i / 2, period, frames[i]);
        continue;
      }
      const LacDynamicForm form = lac_dynamic_form_of(filter->shape, filter->to);
      double from[3], to[3];
      mixture_of(&form, filter->shape == LAC_DYNAMIC_BELL, a0, from);
      mixture_of(&form, filter->shape == LAC_DYNAMIC_BELL, a1, to);
      for (int part = 0; part < 3; part++) {
        const double slope = (to[part] - from[part]) / (double)steps.frames;
        for (uint32_t frame = 0; frame <= at; frame++) {
          from[part] += slope;
        }
      }
      frames[i] = step_still(filter, &form, i % 2, from, frames[i]);
    }
  }
}

const LacDynamicFilterKernels lac_dynamic_filter_kernels_scalar = {run_scalar};
