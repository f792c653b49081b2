/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: loops over neighbouring samples that the compiler turns into vectors, every operation as
 * in the scalar truth of waveshaper.c, which says what it means. */

#include "dsp/waveshaper.h"

#include <math.h>
#include <stddef.h>

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS float clamp(float u, float most) {
  const float below = u < most ? u : most;
  return below > -most ? below : -most;
}

ALWAYS float bent(const LacWaveshaperForm *form, bool has_knee, float u) {
  const float within = clamp(u, form->top), beyond = u - within;
  const float s = (has_knee ? within - clamp(u, form->knee) : within) * form->per_width, size = fabsf(s);
  const float odd = form->odd3 + size * form->odd4, even = form->even2 + size * (form->even3 + size * form->even4);
  return (s * s) * (even + s * odd) + form->slope * beyond;
}

/* y and late: what a line leaves to the sample before its end, and to its end. has_knee is a constant at every call. */
ALWAYS void run_lines(LacWaveshaperForm form, bool has_knee, const float *restrict u, float *restrict y,
                      float *restrict late, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float before = u[(ptrdiff_t)i - 1], middle = 0.5f * (u[i] + before), half = 0.5f * (u[i] - before);
    const float near = LAC_WAVESHAPER_NEAR * half, far = LAC_WAVESHAPER_FAR * half;
    const float near_up = bent(&form, has_knee, middle + near);
    const float near_down = bent(&form, has_knee, middle - near);
    const float far_up = bent(&form, has_knee, middle + far);
    const float far_down = bent(&form, has_knee, middle - far);
    const float mean =
        LAC_WAVESHAPER_NEAR_WEIGHT * (near_up + near_down) + LAC_WAVESHAPER_FAR_WEIGHT * (far_up + far_down);
    const float moment =
        LAC_WAVESHAPER_NEAR_MOMENT * (near_up - near_down) + LAC_WAVESHAPER_FAR_MOMENT * (far_up - far_down);
    y[i] = mean - moment;
    late[i] = mean + moment;
  }
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *y, uint32_t n) {
  float late[LAC_WAVESHAPER_MOST + LAC_WAVESHAPER_SLACK];
  late[0] = state->late;
  u[-1] = state->u;
  if (curve->knee > 0)
    run_lines(lac_waveshaper_form(curve), true, u, y, late + 1, n);
  else
    run_lines(lac_waveshaper_form(curve), false, u, y, late + 1, n);
  for (uint32_t i = 0; i < n; i++)
    y[i] += late[i];
  state->late = late[n];
  state->u = u[(ptrdiff_t)n - 1];
}

const LacWaveshaperKernels LAC_KERNEL(lac_waveshaper_kernels) = {run};
