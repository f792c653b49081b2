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

void lac_dynamic_filter_run(const LacDynamicFilterKernels *kernels, LacDynamicFilter *const *filters,
                            unsigned n_filters, double *frames, const float *const (*roots)[2],
                            const float *const *gains, LacSteps steps, uint32_t first, uint32_t period) {
  kernels->run(filters, n_filters, frames, roots, gains, steps, first, period);
}

void lac_dynamic_filter_detect(const LacDynamicFilterKernels *kernels, LacDynamicFilter *const *ears, unsigned n_ears,
                               const double *frames, double *const *sums, double *const *powers, LacSteps steps,
                               uint32_t first, uint32_t period) {
  kernels->detect(ears, n_ears, frames, sums, powers, steps, first, period);
}

void lac_dynamic_filter_flush(LacDynamicFilter *filter) {
  for (int lane = 0; lane < 2; lane++) {
    filter->z1[lane] = fabs(filter->z1[lane]) < 1e-30 ? 0 : filter->z1[lane];
    filter->z2[lane] = fabs(filter->z2[lane]) < 1e-30 ? 0 : filter->z2[lane];
  }
}

/* ---- the scalar truth of dsp/dynamic_filter_kernels.h ---- */

/* One frame of one lane (svf.c has c1, c2, c3): twice its two integrators' means, of which band is 0.5 k sums[0] and
 * low 0.5 sums[1]. */
static void sums_of(LacDynamicFilter *filter, unsigned lane, double x, uint32_t frame, uint32_t period, double *sums) {
  double place = (double)(frame + 1) / (double)period;
  double g = filter->from.g + (filter->to.g - filter->from.g) * place;
  double k = filter->from.k + (filter->to.k - filter->from.k) * place;
  double c1 = 1.0 / (1.0 + g * (g + k)), c2 = g * c1, c3 = g * c2;
  double z1 = filter->z1[lane], z2 = filter->z2[lane], beyond = x - z2;
  filter->z1[lane] = 2.0 * c2 * beyond + (2.0 * c1 - 1.0) * z1;
  filter->z2[lane] = (z2 + 2.0 * c3 * beyond) + 2.0 * c2 * z1;
  sums[0] = z1 + filter->z1[lane];
  sums[1] = z2 + filter->z2[lane];
}

/* What is added to x: of x itself and of both sums. */
static void mixture(LacDynamicShape shape, double k, double a, double *parts) {
  double over = a - 1.0, square = over * (a + 1.0);
  parts[0] = shape == LAC_DYNAMIC_HIGH_SHELF ? square : 0.0;
  parts[1] = 0.5 * k * (shape == LAC_DYNAMIC_BELL ? square : shape == LAC_DYNAMIC_LOW_SHELF ? over : over - square);
  parts[2] = shape == LAC_DYNAMIC_BELL ? 0.0 : shape == LAC_DYNAMIC_LOW_SHELF ? 0.5 * square : -0.5 * square;
}

static void run_scalar(LacDynamicFilter *const *filters, unsigned n_filters, double *frames,
                       const float *const (*roots)[2], const float *const *gains, LacSteps steps, uint32_t first,
                       uint32_t period) {
  for (uint32_t i = 0; i < 2 * steps.n_frames; i++) {
    const uint32_t ramp = (steps.at + i / 2) / steps.frames, at = (steps.at + i / 2) % steps.frames;
    const double share = (double)(at + 1) / (double)steps.frames, place = (double)(first + i / 2 + 1) / (double)period;
    for (unsigned f = 0; f < n_filters; f++) {
      LacDynamicFilter *filter = filters[f];
      const bool moves = filter->from.g != filter->to.g || filter->from.k != filter->to.k;
      double a0 = (double)roots[f][i % 2][ramp], a1 = (double)roots[f][i % 2][ramp + 1], sums[2], from[3], to[3];
      double k = filter->from.k + (filter->to.k - filter->from.k) * place;
      mixture(filter->shape, k, moves ? a0 + (a1 - a0) * share : a0, from);
      mixture(filter->shape, k, a1, to);
      for (int part = 0; !moves && part < 3; part++) {
        from[part] += (to[part] - from[part]) * share;
      }
      sums_of(filter, i % 2, frames[i], first + i / 2, period, sums);
      frames[i] += from[0] * frames[i] + (from[1] * sums[0] + from[2] * sums[1]);
    }
    if (gains) {
      double g0 = (double)gains[i % 2][ramp], g1 = (double)gains[i % 2][ramp + 1];
      frames[i] *= g0 + (g1 - g0) * share;
    }
  }
}

/* One frame of one lane: band (unity peak) and low; high is x - band - low. */
static void step(LacDynamicFilter *filter, unsigned lane, double x, uint32_t frame, uint32_t period, double *band,
                 double *low) {
  double k = filter->from.k + (filter->to.k - filter->from.k) * ((double)(frame + 1) / (double)period), sums[2];
  sums_of(filter, lane, x, frame, period, sums);
  *band = 0.5 * k * sums[0];
  *low = 0.5 * sums[1];
}

static void detect_one(LacDynamicFilter *stages, const double *frames, double *sums, double *const *powers,
                       LacSteps steps, uint32_t first, uint32_t period) {
  LacDynamicShape shape = stages[0].shape;
  for (uint32_t i = 0, point = 0; i < 2 * steps.n_frames; i++) {
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
    sums[i % 2] += heard * heard + turned * turned;
    if ((steps.at + i / 2) % steps.frames == 0) {
      powers[i % 2][point] = sums[i % 2] * (1.0 / (double)steps.frames);
      sums[i % 2] = 0;
      point += i % 2;
    }
  }
}

static void detect_scalar(LacDynamicFilter *const *ears, unsigned n_ears, const double *frames, double *const *sums,
                          double *const *powers, LacSteps steps, uint32_t first, uint32_t period) {
  for (unsigned e = 0; e < n_ears; e++) {
    detect_one(ears[e], frames, sums[e], powers + 2 * e, steps, first, period);
  }
}

const LacDynamicFilterKernels lac_dynamic_filter_kernels_scalar = {run_scalar, detect_scalar};
