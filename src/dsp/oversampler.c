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

#include <stddef.h>
#include <string.h>

#include "dsp/oversampler_kernels.h"
#include "dsp/oversampler_taps.h"
#include "dsp/pair_filter.h"

enum { MAX_STAGES = 3, STEP = LAC_TAPS_STEP };

/* A filter's taps at even places, zeros ahead of them so that they are whole rows, over what it needs of the
 * past and a run: they walk through a memory of several runs, and begin anew where it ends. */
typedef struct Half {
  uint32_t n_rows, n_past; /* samples before the newest */
  uint32_t n_ahead;        /* samples that have been put behind a run: of what is late */
  uint32_t most;           /* of a run */
  float *h, *past, *memory;
} Half;

typedef struct Stage {
  const LacOversamplerTaps *up, *down;
  Half up_half;   /* twice the taps: it fills in what is not there */
  Half even, odd; /* on the way down; of the latter there is the centre alone, no rows; of the last no rows at all */
  LacPairFilter last; /* where it comes down last */
} Stage;

struct LacOversampler {
  unsigned n_stages, factor;
  uint32_t pad, latency_frames;
  Stage stages[MAX_STAGES];
  const LacOversamplerKernels *kernels;
};

/* Passes to where the kind shall, or to what 44.1 kHz has of it; above 50 kHz more passes than is heard. */
static const LacOversamplerDesign *design_for(LacOversamplerKind kind, double rate_hz) {
  const bool is_full = kind == LAC_OVERSAMPLER_FULL;
  const LacOversamplerDesign *designs = is_full ? lac_oversampler_full : lac_oversampler_lean;
  const size_t size = is_full ? sizeof lac_oversampler_full : sizeof lac_oversampler_lean;
  size_t k = size / sizeof *designs - 1;
  while (k > 0 && designs[k].pass * rate_hz < (is_full ? 20000 : 19200))
    k--;
  return &designs[k];
}

static LacStatus make_past(Half *half, LacArena *arena, uint32_t n_past, uint32_t most) {
  half->n_past = n_past;
  half->most = most;
  const size_t room = (size_t)n_past + LAC_OVERSAMPLER_MOST + LAC_TAPS_RUNS * (size_t)most; /* late by less than that */
  half->past = half->memory = lac_arena_alloc(arena, room, sizeof(float));
  return half->memory ? LAC_OK : LAC_ERR_MEMORY;
}

/* Of a filter's m + 1 taps at even places, symmetrical, of which n_half are given. */
static LacStatus prepare_half(Half *half, LacArena *arena, const float *taps, uint32_t n_half, float gain,
                              uint32_t most) {
  const uint32_t n = 2 * n_half;
  half->n_rows = (n + STEP - 1) / STEP;
  const uint32_t room = half->n_rows * STEP, zeros = room - n;
  half->h = lac_arena_alloc(arena, room, sizeof(float));
  if (!half->h)
    return LAC_ERR_MEMORY;
  for (uint32_t k = 0; k < n_half; k++)
    half->h[zeros + k] = half->h[room - 1 - k] = gain * taps[k];
  return make_past(half, arena, room - 1, most);
}

static LacStatus prepare_stage(Stage *stage, LacArena *arena, uint32_t most) {
  const LacOversamplerTaps *up = stage->up, *down = stage->down;
  LacStatus status = prepare_half(&stage->up_half, arena, up->even, up->n_even, 2.0f, most);
  const bool is_last = down->n_odd > 0; /* and has a past of its own, but for one sample */
  if (status == LAC_OK && is_last)
    status = lac_pair_filter_init(&stage->last, arena, down, most);
  if (status == LAC_OK)
    status = is_last ? make_past(&stage->even, arena, 1, most)
                     : prepare_half(&stage->even, arena, down->even, down->n_even, 1.0f, most);
  return status == LAC_OK ? make_past(&stage->odd, arena, is_last ? 1 : (down->m + 1) / 2, most) : status;
}

/* What is late by an odd number comes to even places from odd ones. */
static void be_late(LacOversampler *self) {
  Stage *top = &self->stages[self->n_stages - 1];
  top->even.n_ahead = (self->pad + 1) / 2;
  top->odd.n_ahead = self->pad / 2;
}

LacStatus lac_oversampler_new(LacArena *arena, LacOversamplerKind kind, double rate_hz, unsigned factor,
                              unsigned inner_samples, LacOversampler **out) {
  LacOversampler *self = lac_arena_alloc(arena, 1, sizeof *self);
  *out = self;
  if (!self)
    return LAC_ERR_MEMORY;
  self->factor = factor;
  self->kernels = lac_oversampler_kernels_at(lac_cpu_level());
  const LacOversamplerDesign *design = design_for(kind, rate_hz);
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
  be_late(self);
  return status;
}

void lac_oversampler_reset(LacOversampler *self) {
  for (unsigned s = 0; s < self->n_stages; s++) {
    Half *halves[] = {&self->stages[s].up_half, &self->stages[s].even, &self->stages[s].odd};
    for (unsigned k = 0; k < 3; k++) {
      halves[k]->past = halves[k]->memory;
      memset(halves[k]->past, 0, (halves[k]->n_past + halves[k]->n_ahead) * sizeof(float));
    }
  }
  lac_pair_filter_reset(&self->stages[0].last);
}

uint32_t lac_oversampler_latency_frames(const LacOversampler *self) {
  return self->latency_frames;
}

static void pass(Half *half, uint32_t n) {
  half->past += n;
  if (half->past - half->memory > (LAC_TAPS_RUNS - 1) * (ptrdiff_t)half->most) { /* no room for a run */
    memmove(half->memory, half->past, (half->n_past + half->n_ahead) * sizeof(float));
    half->past = half->memory;
  }
}

static LacTaps taps_of(const Half *half) {
  return (LacTaps){half->h, half->past, half->n_rows};
}

static float *newest(const Half *half) {
  return half->past + half->n_past;
}

/* What comes in has been put behind the past. */
static void stage_up(Stage *stage, const LacOversamplerKernels *kernels, float *out, uint32_t n) {
  Half *half = &stage->up_half;
  const LacTaps taps = taps_of(half);
  kernels->up(&taps, half->past + half->n_past - (stage->up->m - 1) / 2, out, n);
  pass(half, n);
}

/* 2 n samples have been put behind the past, and come down as n to that of the next stage. */
static void stage_down(Stage *stage, const LacOversamplerKernels *kernels, const Stage *next, uint32_t n) {
  const LacTaps taps = taps_of(&stage->even);
  kernels->down_half(&taps, stage->down->centre, stage->odd.past, newest(&next->even), newest(&next->odd), n);
  pass(&stage->even, n);
  pass(&stage->odd, n);
}

float *lac_oversampler_low(LacOversampler *self) {
  return newest(&self->stages[0].up_half);
}

void lac_oversampler_up(LacOversampler *self, const float *in, float *out, uint32_t n) {
  if (in != lac_oversampler_low(self))
    memcpy(lac_oversampler_low(self), in, n * sizeof(float));
  for (unsigned s = 0; s < self->n_stages; s++) {
    const Half *next = s + 1 < self->n_stages ? &self->stages[s + 1].up_half : NULL;
    stage_up(&self->stages[s], self->kernels, next ? newest(next) : out, n << s);
  }
}

LacOversamplerHigh lac_oversampler_high(LacOversampler *self) {
  const Stage *top = &self->stages[self->n_stages - 1];
  float *even = newest(&top->even) + top->even.n_ahead, *odd = newest(&top->odd) + top->odd.n_ahead;
  const bool is_late_by_odd = self->pad % 2 != 0;
  return (LacOversamplerHigh){.even = is_late_by_odd ? odd : even, .odd = is_late_by_odd ? even : odd};
}

void lac_oversampler_down(LacOversampler *self, float *out, uint32_t n) {
  for (unsigned s = self->n_stages - 1; s > 0; s--)
    stage_down(&self->stages[s], self->kernels, &self->stages[s - 1], n << s);
  Stage *last = &self->stages[0];
  lac_pair_filter_run(&last->last, self->kernels, newest(&last->even), newest(&last->odd), out, n);
  pass(&last->even, n);
  pass(&last->odd, n);
}

/* ---- the scalar truth of dsp/oversampler_kernels.h ---- */

static float add_taps(const LacTaps *taps, uint32_t i, float sum) {
  for (uint32_t k = 0; k < STEP * taps->n_rows; k++) {
    const uint32_t at = lac_taps_order(taps, k);
    sum += taps->h[at] * taps->x[i + at];
  }
  return sum;
}

static void up_scalar(const LacTaps *taps, const float *odd, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    out[2 * i] = add_taps(taps, i, 0.0f);
    out[2 * i + 1] = odd[i];
  }
}

static void down_half_scalar(const LacTaps *a, float centre, const float *x, float *even, float *odd, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    *(i % 2 ? &odd[i / 2] : &even[i / 2]) = add_taps(a, i, centre * x[i]);
}

static void down_scalar(const LacTaps *a, const LacTaps *b, float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = add_taps(b, i, add_taps(a, i, 0.0f));
}

static void deal_scalar(const float *in, float *a, float *b, float *c, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    *(i % 2 ? &b[i / 2] : &a[i / 2]) = in[i];
    if (i % 2)
      c[i / 2] = in[i - 1] + in[i];
  }
}

static void join_scalar(const float *a, const float *b, const float *c, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const ptrdiff_t k = i / 2;
    out[i] = i % 2 ? c[k] - (a[k] + b[k]) : a[k] + b[k - 1];
  }
}

const LacOversamplerKernels lac_oversampler_kernels_scalar = {up_scalar, down_half_scalar, down_scalar, deal_scalar,
                                                              join_scalar};
