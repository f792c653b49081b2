/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All filters have 2 m + 1 taps, m odd, so that the m + 1 taps at even places are pairs and so are those at odd places
 * around the centre h[m]. Of a half-band filter the latter are zero:
 *
 *   up    y[2n] = sum_j 2 h[2j] x[n-j],   y[2n+1] = x[n-(m-1)/2]
 *   down  z[n] = sum_j h[2j] y[2n-2j] + sum_j h[2j+1] y[2n-2j-1]
 *
 * Each way delays by m samples at its own higher rate. All are half-band filters but the last one on the way down: a
 * half-band filter is down by no more than 6 dB at half the lower rate, and what lies above would fold to just below.
 */

#include "dsp/oversampler.h"

#include <math.h>
#include <string.h>

#include "dsp/oversampler_kernels.h"
#include "dsp/oversampler_taps.h"

enum { MAX_STAGES = 3, MAX_PAIRS = 48 };

typedef struct Stage {
  const LacOversamplerTaps *up, *down;
  float doubled[MAX_PAIRS];    /* the taps of the way up, which fills in what is not there */
  float *up_past;              /* up.m samples before the newest, then room for a run */
  float *even_past, *odd_past; /* on the way down: down.m and down.m + 1 before the newest, then room */
} Stage;

struct LacOversampler {
  unsigned n_stages, factor;
  uint32_t pad, latency_frames;
  Stage stages[MAX_STAGES];
  float *between[2]; /* samples on their way from stage to stage */
  float *late;       /* pad samples held back, then room for a run at the high rate */
  const LacOversamplerKernels *kernels;
};

/* Passes to 20 kHz, or to what 44.1 kHz has of it; above 50 kHz more passes than is heard. */
static const LacOversamplerDesign *design_for(double rate_hz) {
  enum { N = sizeof lac_oversampler_designs / sizeof lac_oversampler_designs[0] };
  unsigned k = N - 1;
  while (k > 0 && lac_oversampler_designs[k].pass * rate_hz < 20000)
    k--;
  return &lac_oversampler_designs[k];
}

static LacStatus prepare_stage(Stage *stage, LacArena *arena, uint32_t most) {
  stage->up_past = lac_arena_alloc(arena, (size_t)stage->up->m + most, sizeof(float));
  stage->even_past = lac_arena_alloc(arena, (size_t)stage->down->m + most, sizeof(float));
  stage->odd_past = lac_arena_alloc(arena, (size_t)stage->down->m + 1 + most, sizeof(float));
  for (uint32_t k = 0; k < stage->up->n_even; k++)
    stage->doubled[k] = 2.0f * stage->up->even[k];
  return stage->up_past && stage->even_past && stage->odd_past ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_oversampler_new(LacArena *arena, double rate_hz, unsigned factor, unsigned inner_samples,
                              LacOversampler **out) {
  LacOversampler *self = lac_arena_alloc(arena, 1, sizeof *self);
  *out = self;
  if (!self)
    return LAC_ERR_MEMORY;
  self->factor = factor;
  self->kernels = lac_oversampler_kernels_at(lac_cpu_level());
  const LacOversamplerDesign *design = design_for(rate_hz);
  uint32_t delay = inner_samples; /* at the high rate */
  LacStatus status = LAC_OK;
  for (unsigned f = 1; f < factor && status == LAC_OK; f *= 2) {
    Stage *stage = &self->stages[self->n_stages++];
    stage->up = &design->half_band[self->n_stages - 1];
    stage->down = f > 1 ? stage->up : &design->last;
    status = prepare_stage(stage, arena, LAC_OVERSAMPLER_RUN * f);
    delay += (stage->up->m + stage->down->m) * (factor / (2 * f));
  }
  self->pad = (factor - delay % factor) % factor;
  self->latency_frames = (delay + self->pad) / factor;
  const size_t room = (size_t)LAC_OVERSAMPLER_RUN * factor;
  for (int i = 0; i < 2; i++)
    self->between[i] = lac_arena_alloc(arena, room, sizeof(float));
  self->late = lac_arena_alloc(arena, room + self->pad, sizeof(float));
  return status == LAC_OK && self->between[0] && self->between[1] && self->late ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_oversampler_reset(LacOversampler *self) {
  for (unsigned s = 0; s < self->n_stages; s++) {
    Stage *stage = &self->stages[s];
    memset(stage->up_past, 0, stage->up->m * sizeof(float));
    memset(stage->even_past, 0, stage->down->m * sizeof(float));
    memset(stage->odd_past, 0, ((size_t)stage->down->m + 1) * sizeof(float));
  }
  memset(self->late, 0, self->pad * sizeof(float));
}

uint32_t lac_oversampler_latency_frames(const LacOversampler *self) {
  return self->latency_frames;
}

static void stage_up(Stage *stage, const LacOversamplerKernels *kernels, const float *in, float *out, uint32_t n) {
  const LacOversamplerTaps *taps = stage->up;
  memcpy(stage->up_past + taps->m, in, n * sizeof(float));
  const LacTapPairs pairs = {stage->doubled, stage->up_past, taps->n_even, taps->m};
  kernels->up(&pairs, stage->up_past + (taps->m + 1) / 2, out, n);
  memmove(stage->up_past, stage->up_past + n, taps->m * sizeof(float));
}

/* 2 n samples in. */
static void stage_down(Stage *stage, const LacOversamplerKernels *kernels, const float *in, float *out, uint32_t n) {
  const LacOversamplerTaps *taps = stage->down;
  const uint32_t m = taps->m;
  kernels->unzip(in, stage->even_past + m, stage->odd_past + m + 1, n);
  const LacTapPairs even = {taps->even, stage->even_past, taps->n_even, m};
  /* A half-band stage has no odd pairs; its pointer is never read. */
  const LacTapPairs odd = {taps->odd ? taps->odd : taps->even, stage->odd_past + 1, taps->n_odd, m - 1};
  kernels->down(&even, &odd, taps->centre, stage->odd_past + 1 + (m - 1) / 2, out, n);
  memmove(stage->even_past, stage->even_past + n, m * sizeof(float));
  memmove(stage->odd_past, stage->odd_past + n, ((size_t)m + 1) * sizeof(float));
}

void lac_oversampler_up(LacOversampler *self, const float *in, float *out, uint32_t n) {
  const float *from = in;
  for (unsigned s = 0; s < self->n_stages; s++) {
    float *to = s + 1 == self->n_stages ? out : self->between[s % 2];
    stage_up(&self->stages[s], self->kernels, from, to, n << s);
    from = to;
  }
}

void lac_oversampler_down(LacOversampler *self, const float *in, float *out, uint32_t n) {
  const size_t n_high = (size_t)n * self->factor;
  memcpy(self->late + self->pad, in, n_high * sizeof(float));
  const float *from = self->late;
  for (unsigned s = self->n_stages; s-- > 0;) {
    float *to = s == 0 ? out : self->between[s % 2];
    stage_down(&self->stages[s], self->kernels, from, to, n << s);
    from = to;
  }
  memmove(self->late, self->late + n_high, self->pad * sizeof(float));
}

/* ---- the scalar truth of dsp/oversampler_kernels.h ---- */

static float add_pairs(const LacTapPairs *pairs, uint32_t i, float sum) {
  for (uint32_t k = 0; k < pairs->n_pairs; k++)
    sum += pairs->h[k] * (pairs->x[i + k] + pairs->x[i + pairs->last - k]);
  return sum;
}

static void up_scalar(const LacTapPairs *pairs, const float *odd, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    out[2 * i] = add_pairs(pairs, i, 0.0f);
    out[2 * i + 1] = odd[i];
  }
}

static void down_scalar(const LacTapPairs *a, const LacTapPairs *b, float centre, const float *x, float *y,
                        uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = add_pairs(b, i, add_pairs(a, i, centre * x[i]));
}

static void unzip_scalar(const float *in, float *even, float *odd, uint32_t n) {
  for (uint32_t i = 0; i < 2 * n; i++)
    *(i % 2 ? &odd[i / 2] : &even[i / 2]) = in[i];
}

const LacOversamplerKernels lac_oversampler_kernels_scalar = {up_scalar, down_scalar, unzip_scalar};
