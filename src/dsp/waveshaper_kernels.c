/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: loops over neighbouring samples that the compiler turns into vectors, every operation as
 * in the scalar truth of waveshaper.c, which says what it means. */

#include "dsp/waveshaper.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS float clamp(float u, float most) {
  const float below = u < most ? u : most;
  return below > -most ? below : -most;
}

/* What a stretch of samples needs; constants at every call. */
typedef struct Needs {
  bool knee, beyond, even, four; /* a knee; the straight line beyond T; even terms; four points a line */
} Needs;

ALWAYS float bent(const LacWaveshaperForm *form, Needs needs, float u) {
  const float within = needs.beyond ? clamp(u, form->top) : u;
  const float v = needs.knee ? within - clamp(u, form->knee) : within, size = fabsf(v), square = v * v;
  const float odd = v * (form->odd3 + size * form->odd4);
  const float even = (form->even2 + square * form->even4) + size * form->even3;
  const float bend = square * (needs.even ? even + odd : odd);
  return needs.beyond ? bend + form->slope * (u - within) : bend;
}

/* Mean and first moment of the curve over half a triangle on the line. */
typedef struct Line {
  float mean, moment;
} Line;

ALWAYS Line line_of_four(const LacWaveshaperForm *form, Needs needs, float middle, float rise) {
  const float near = LAC_WAVESHAPER_HALF_NEAR * rise, far = LAC_WAVESHAPER_HALF_FAR * rise;
  const float near_up = bent(form, needs, middle + near), near_down = bent(form, needs, middle - near);
  const float far_up = bent(form, needs, middle + far), far_down = bent(form, needs, middle - far);
  return (Line){LAC_WAVESHAPER_NEAR_WEIGHT * (near_up + near_down) + LAC_WAVESHAPER_FAR_WEIGHT * (far_up + far_down),
                LAC_WAVESHAPER_NEAR_MOMENT * (near_up - near_down) + LAC_WAVESHAPER_FAR_MOMENT * (far_up - far_down)};
}

ALWAYS Line line_of_three(const LacWaveshaperForm *form, Needs needs, float middle, float rise) {
  const float away = LAC_WAVESHAPER_HALF_AWAY * rise;
  const float up = bent(form, needs, middle + away), down = bent(form, needs, middle - away);
  return (Line){LAC_WAVESHAPER_MIDDLE_WEIGHT * bent(form, needs, middle) + LAC_WAVESHAPER_AWAY_WEIGHT * (up + down),
                LAC_WAVESHAPER_AWAY_MOMENT * (up - down)};
}

/* y and late: what a line leaves to the sample before its end, and to its end. */
ALWAYS void run_lines(LacWaveshaperForm form, Needs needs, const float *restrict u, float *restrict y,
                      float *restrict late, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float before = u[(ptrdiff_t)i - 1], middle = 0.5f * (u[i] + before), rise = u[i] - before;
    const Line line = needs.four ? line_of_four(&form, needs, middle, rise) : line_of_three(&form, needs, middle, rise);
    y[i] = line.mean - line.moment;
    late[i] = line.mean + line.moment;
  }
}

/* Samples of a stretch that is looked over for how loud it is. */
enum { STRETCH = 64 };

typedef int32_t Bits __attribute__((may_alias));

/* The largest size of u[-1] to u[n - 1]: sizes of floats are ordered like their bits, whose maximum the compiler finds
 * in vectors. */
ALWAYS float loudest(const float *u, uint32_t n) {
  const Bits *bits = (const Bits *)(u - 1);
  int32_t most = 0;
  for (uint32_t i = 0; i <= n; i++) {
    const int32_t size = bits[i] & INT32_MAX;
    most = size > most ? size : most;
  }
  float loudest;
  memcpy(&loudest, &most, sizeof loudest);
  return loudest;
}

/* All that is left out would be exactly nothing: v = u within T, and where there is nothing beyond. `four` is a
 * constant at every call. */
ALWAYS void run_stretch(const LacWaveshaperForm *form, bool four, const float *u, float *y, float *late, uint32_t n) {
  const float most = loudest(u, n);
  const bool beyond = most > 0.999f * form->top;
  if (most < 0.999f * form->knee) {
    memset(y, 0, n * sizeof *y);
    memset(late, 0, n * sizeof *late);
  } else if (form->knee > 0 && form->has_even)
    run_lines(*form, (Needs){.knee = true, .beyond = true, .even = true, .four = four}, u, y, late, n);
  else if (form->knee > 0 && beyond)
    run_lines(*form, (Needs){.knee = true, .beyond = true, .even = false, .four = four}, u, y, late, n);
  else if (form->knee > 0)
    run_lines(*form, (Needs){.knee = true, .beyond = false, .even = false, .four = four}, u, y, late, n);
  else if (!form->has_even)
    run_lines(*form, (Needs){.knee = false, .beyond = true, .even = false, .four = four}, u, y, late, n);
  else if (beyond)
    run_lines(*form, (Needs){.knee = false, .beyond = true, .even = true, .four = four}, u, y, late, n);
  else
    run_lines(*form, (Needs){.knee = false, .beyond = false, .even = true, .four = four}, u, y, late, n);
}

static void run(const LacWaveshaper *curve, LacWaveshaperState *state, float *u, float *y, uint32_t n) {
  float late[LAC_WAVESHAPER_MOST + 1];
  const LacWaveshaperForm form = lac_waveshaper_form(curve);
  late[0] = state->late;
  u[-1] = state->u;
  for (uint32_t done = 0, part; done < n; done += part) {
    part = n - done < STRETCH ? n - done : STRETCH;
    if (form.has_four_points)
      run_stretch(&form, true, u + done, y + done, late + 1 + done, part);
    else
      run_stretch(&form, false, u + done, y + done, late + 1 + done, part);
  }
  for (uint32_t i = 0; i < n; i++)
    y[i] += late[i];
  state->late = late[n];
  state->u = u[(ptrdiff_t)n - 1];
}

const LacWaveshaperKernels LAC_KERNEL(lac_waveshaper_kernels) = {run};
