/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/gain_spline.h"

#include "dsp/elementary.h"
#include "dsp/gain_spline_kernels.h"

static const double DENSEST_KNOTS_HZ = 12500;
/* Caps are lowered by this much, so that the rounding of logarithm, curve and product cannot cross the ceiling. */
static const double ROUNDING_DB = 1e-5;

static const LacGainSplineKernels *kernels(void) {
  return lac_gain_spline_kernels_at(lac_cpu_level());
}

void lac_gain_spline_init(LacGainSpline *spline, double rate_hz) {
  spline->step = 1;
  while (rate_hz / spline->step > DENSEST_KNOTS_HZ && spline->step < LAC_GAIN_SPLINE_MOST_STEP)
    spline->step *= 2;
  for (uint32_t j = 0; j < spline->step; j++) {
    const double t = (double)j / spline->step, r = 1.0 - t;
    spline->weights[0][j] = (float)(r * r * r / 6);
    spline->weights[1][j] = (float)((3 * t * t * t - 6 * t * t + 4) / 6);
    spline->weights[2][j] = (float)((3 * r * r * r - 6 * r * r + 4) / 6);
    spline->weights[3][j] = (float)(t * t * t / 6);
  }
}

void lac_gain_spline_peaks(const LacGainSpline *spline, const float *peak, float *cell_peaks, size_t n_cells) {
  for (size_t c = 0; c < n_cells; c++) {
    float largest = 0.0f; /* cell by cell: few frames each */
    for (uint32_t j = 0; j < spline->step; j++)
      largest = peak[c * spline->step + j] > largest ? peak[c * spline->step + j] : largest;
    cell_peaks[c] = largest;
  }
}

void lac_gain_spline_allow(const float *cell_peaks, double ceiling_gain, float *allowed_db, size_t n_cells) {
  float ceiling = (float)ceiling_gain;
  if ((double)ceiling > ceiling_gain)
    ceiling *= 1.0f - 0x1p-23f;
  kernels()->caps(cell_peaks, ceiling, (float)(lac_db_from_gain(ceiling_gain) - ROUNDING_DB), allowed_db, n_cells);
}

void lac_gain_spline_gains(const LacGainSpline *spline, const float *u_db, float *gain, size_t n_cells) {
  const float *const weights[4] = {spline->weights[0], spline->weights[1], spline->weights[2], spline->weights[3]};
  kernels()->gains(u_db, weights, spline->step, gain, n_cells);
}
