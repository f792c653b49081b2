/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/dynamic_filter.h"

#include <math.h>

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

void lac_dynamic_filter_run(const LacDynamicFilterKernels *kernels, LacDynamicFilter *filter, double *frames,
                            const float *const roots[2], uint32_t n_frames, uint32_t first, uint32_t period) {
  kernels->run(filter, frames, roots, n_frames, first, period);
}

void lac_dynamic_filter_detect(const LacDynamicFilterKernels *kernels, LacDynamicFilter *const *ears, unsigned n_ears,
                               const double *frames, double *const *powers, uint32_t n_frames, uint32_t first,
                               uint32_t period) {
  kernels->detect(ears, n_ears, frames, powers, n_frames, first, period);
}

void lac_dynamic_filter_flush(LacDynamicFilter *filter) {
  for (int lane = 0; lane < 2; lane++) {
    filter->z1[lane] = fabs(filter->z1[lane]) < 1e-30 ? 0 : filter->z1[lane];
    filter->z2[lane] = fabs(filter->z2[lane]) < 1e-30 ? 0 : filter->z2[lane];
  }
}

/* ---- the scalar truth of dsp/dynamic_filter_kernels.h ---- */

/* One frame of one lane: band (unity peak) and low; high is x - band - low. See svf.c for c1, c2, c3. */
static void step(LacDynamicFilter *filter, unsigned lane, double x, uint32_t frame, uint32_t period, double *band,
                 double *low) {
  double place = (double)(frame + 1) / (double)period;
  double g = filter->from.g + (filter->to.g - filter->from.g) * place;
  double k = filter->from.k + (filter->to.k - filter->from.k) * place;
  double c1 = 1.0 / (1.0 + g * (g + k)), c2 = g * c1, c3 = g * c2;
  double z1 = filter->z1[lane], z2 = filter->z2[lane];
  double next1 = (2.0 * c2 * (x - z2)) + (2.0 * c1 - 1.0) * z1;
  double next2 = (2.0 * c3 * x + (1.0 - 2.0 * c3) * z2) + 2.0 * c2 * z1;
  filter->z1[lane] = next1;
  filter->z2[lane] = next2;
  *band = 0.5 * k * (z1 + next1);
  *low = 0.5 * (z2 + next2);
}

static void run_scalar(LacDynamicFilter *filter, double *frames, const float *const roots[2], uint32_t n_frames,
                       uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < 2 * n_frames; i++) {
    double band, low, x = frames[i], a = (double)roots[i % 2][i / 2];
    step(filter, i % 2, x, first + i / 2, period, &band, &low);
    double rest = filter->shape == LAC_DYNAMIC_LOW_SHELF ? low : (x - band) - low;
    double push = filter->shape == LAC_DYNAMIC_BELL ? (a + 1.0) * band : band + (a + 1.0) * rest;
    frames[i] = x + (a - 1.0) * push;
  }
}

static void detect_one(LacDynamicFilter *stages, const double *frames, double *const *powers, uint32_t n_frames,
                       uint32_t first, uint32_t period) {
  LacDynamicShape shape = stages[0].shape;
  for (uint32_t i = 0; i < 2 * n_frames; i++) {
    double band, low, x = frames[i];
    for (int s = 0; s < 2; s++) {
      step(&stages[s], i % 2, x, first + i / 2, period, &band, &low);
      if (s == 0) {
        x = shape == LAC_DYNAMIC_BELL ? band : shape == LAC_DYNAMIC_LOW_SHELF ? low : (x - band) - low;
      }
    }
    double place = (double)(first + i / 2 + 1) / (double)period;
    double k = stages[0].from.k + (stages[0].to.k - stages[0].from.k) * place;
    double high = (x - band) - low;
    double heard = shape == LAC_DYNAMIC_BELL ? band : shape == LAC_DYNAMIC_LOW_SHELF ? low : high;
    double turned = shape == LAC_DYNAMIC_BELL ? 0.5 * k * (low - high) : 0.0;
    powers[i % 2][i / 2] = heard * heard + turned * turned;
  }
}

static void detect_scalar(LacDynamicFilter *const *ears, unsigned n_ears, const double *frames, double *const *powers,
                          uint32_t n_frames, uint32_t first, uint32_t period) {
  for (unsigned e = 0; e < n_ears; e++) {
    detect_one(ears[e], frames, powers + 2 * e, n_frames, first, period);
  }
}

const LacDynamicFilterKernels lac_dynamic_filter_kernels_scalar = {run_scalar, detect_scalar};
