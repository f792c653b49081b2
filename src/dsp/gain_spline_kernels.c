/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: plain elementwise loops, so the bits do not depend on the vector width. */

#include "dsp/gain_spline_kernels.h"

#include "dsp/elementary.h"

enum { RUN = 256 }; /* frames turned from dB into gains at once */

static inline float larger(float a, float b) {
  return a > b ? a : b;
}

static inline void curve(const float *u, const float *const weights[4], uint32_t step, float *db, size_t n_cells) {
  for (size_t c = 0; c < n_cells; c++)
    for (uint32_t j = 0; j < step; j++)
      db[c * step + j] =
          (weights[0][j] * u[c] + weights[3][j] * u[c + 3]) + (weights[1][j] * u[c + 1] + weights[2][j] * u[c + 2]);
}

static void gains(const float *u, const float *const weights[4], uint32_t step, float *gain, size_t n_cells) {
  float db[RUN];
  for (size_t done = 0, n; done < n_cells; done += n) {
    const size_t most = RUN / step;
    n = n_cells - done < most ? n_cells - done : most;
    /* Spelled out for the common steps so that the inner loop has a fixed length. */
    if (step == 4)
      curve(u + done, weights, 4, db, n);
    else if (step == 8)
      curve(u + done, weights, 8, db, n);
    else
      curve(u + done, weights, step, db, n);
    float *to = gain + done * step;
    for (size_t i = 0; i < n * step; i++) {
      const float octaves = db[i] * 0.16609640474f; /* log2(10) / 20 */
      to[i] = lac_fast_exp2f(octaves > -126.0f ? octaves : -126.0f);
    }
  }
}

static void caps(const float *peak, float ceiling, float ceiling_db, float *cap_db, size_t n) {
  for (size_t k = 0; k < n; k++) {
    const float over = larger(peak[k], ceiling);
    const float cap = ceiling_db - lac_fast_db_from_gainf(over);
    cap_db[k] = over > ceiling && cap < 0.0f ? cap : 0.0f;
  }
}

extern const LacGainSplineKernels LAC_KERNEL(lac_gain_spline_kernels);
const LacGainSplineKernels LAC_KERNEL(lac_gain_spline_kernels) = {gains, caps};
