/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/interpolate.h"

#include "dsp/elementary.h"
#include "dsp/window.h"

enum { REACH = LAC_INTERPOLATE_REACH, TAPS = 2 * REACH };
static const double BETA = 8.0;

static double sinc(double x) {
  return x == 0.0 ? 1.0 : lac_sin(LAC_PI * x) / (LAC_PI * x);
}

static void design(float *taps, double position) {
  double h[TAPS], sum = 0;
  for (int k = 0; k < TAPS; k++) {
    const double away = k - (REACH - 1) - position;
    h[k] = sinc(away) * lac_kaiser(away / REACH, BETA);
    sum += h[k];
  }
  for (int k = 0; k < TAPS; k++)
    taps[k] = (float)(h[k] / sum);
}

LacStatus lac_interpolator_init(LacInterpolator *ip, LacArena *arena, uint32_t factor, uint32_t max_frames) {
  *ip = (LacInterpolator){.kernels = lac_vector_kernels_at(lac_cpu_level()), .factor = factor};
  ip->taps = lac_arena_alloc(arena, (size_t)(factor - 1) * TAPS, sizeof(float));
  ip->phase = lac_arena_alloc(arena, max_frames, sizeof(float));
  if (!ip->taps || !ip->phase)
    return LAC_ERR_MEMORY;
  for (uint32_t p = 1; p < factor; p++)
    design(ip->taps + (size_t)(p - 1) * TAPS, (double)p / factor);
  return LAC_OK;
}

void lac_interpolate(LacInterpolator *ip, const float *x, float *points, uint32_t n_frames) {
  const uint32_t factor = ip->factor;
  for (uint32_t i = 0; i < n_frames; i++)
    points[(size_t)factor * i] = x[i];
  for (uint32_t p = 1; p < factor; p++) {
    ip->kernels->fir(ip->taps + (size_t)(p - 1) * TAPS, TAPS, x - (REACH - 1), ip->phase, n_frames);
    for (uint32_t i = 0; i < n_frames; i++)
      points[(size_t)factor * i + p] = ip->phase[i];
  }
}
