/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "dsp/fft_plan.h"

#define REAL float
#define PLAN LacFftPlan
#define NAME(x) lac_fft_##x
#include "dsp/fft_scalar_form.h"
#undef REAL
#undef PLAN
#undef NAME

void lac_fft_complex_scalar(const LacFftPlan *plan, const float *from_re, const float *from_im, float *re, float *im,
                            float *scratch) {
  const uint32_t n = plan->n_complex;
  const bool ends_here = plan->n_passes % 2 == 0;
  float *xr = ends_here ? re : scratch, *xi = ends_here ? im : scratch + n;
  memcpy(xr, from_re, n * sizeof *xr);
  memcpy(xi, from_im, n * sizeof *xi);
  lac_fft_passes(plan, xr, xi, ends_here ? scratch : re, ends_here ? scratch + n : im);
}

#define REAL double
#define PLAN LacFft64Plan
#define NAME(x) lac_fft64_##x
#include "dsp/fft_scalar_form.h"
