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

#include "dsp/elementary.h"
#include "dsp/oversampler_kernels.h"
#include "dsp/window.h"

enum { MAX_STAGES = 3, MAX_PAIRS = 96 };

static const double STOP_DB = 120;        /* the images; the ripple of the passed band is as small */
static const double WIDEST_PASS = 0.4535; /* of the rate: 20 kHz of 44.1 */
static const double LEAST_PASS = 0.40;    /* above 50 kHz more passes than is heard */

/* Taps at even places, the outermost first, and those at odd places up to the centre, which is apart. */
typedef struct Taps {
  uint32_t m, n_even, n_odd;
  float even[MAX_PAIRS], odd[MAX_PAIRS], centre;
} Taps;

typedef struct Stage {
  Taps up, down;
  float *up_past;              /* up.m samples before the newest, then room for a run */
  float *even_past, *odd_past; /* on the way down: down.m and down.m + 1 before the newest, then room */
  float *sums[2];
} Stage;

struct LacOversampler {
  unsigned n_stages, factor;
  uint32_t pad, latency_frames;
  Stage stages[MAX_STAGES];
  float *between[2]; /* samples on their way from stage to stage */
  float *late;       /* pad samples held back, then room for a run at the high rate */
  const LacOversamplerKernels *kernels;
};

/* Of a lower rate 1 and a higher rate 2: passes to `pass`; a half-band filter stops from the mirrored edge, another
 * from half the lower rate. */
static void design(Taps *taps, double pass, bool is_half_band, double gain) {
  const double stop = is_half_band ? 1.0 - pass : 0.5;
  const double n = lac_kaiser_taps(STOP_DB, 0.5 * (stop - pass)), beta = lac_kaiser_beta(STOP_DB);
  const double cutoff = 0.5 * (pass + stop);
  uint32_t m = (uint32_t)ceil(0.5 * (n - 1.0)) | 1u;
  m = m < 2 * MAX_PAIRS - 1 ? m : 2 * MAX_PAIRS - 1;
  *taps = (Taps){.m = m, .n_even = (m + 1) / 2, .n_odd = is_half_band ? 0 : (m - 1) / 2};
  double sum = cutoff, h[2 * MAX_PAIRS];
  for (uint32_t k = 0; k < m; k++) {
    const double t = (double)k - (double)m;
    h[k] = lac_sin(LAC_PI * cutoff * t) / (LAC_PI * t) * lac_kaiser(t / ((double)m + 1.0), beta);
    h[k] = is_half_band && k % 2 == 1 ? 0.0 : h[k];
    sum += 2.0 * h[k];
  }
  for (uint32_t k = 0; k < m; k++) /* passes direct current with exactly `gain` */
    *(k % 2 ? &taps->odd[k / 2] : &taps->even[k / 2]) = (float)(gain * h[k] / sum);
  taps->centre = (float)(gain * cutoff / sum);
}

static LacStatus prepare_stage(Stage *stage, LacArena *arena, uint32_t most) {
  stage->up_past = lac_arena_alloc(arena, (size_t)stage->up.m + most, sizeof(float));
  stage->even_past = lac_arena_alloc(arena, (size_t)stage->down.m + most, sizeof(float));
  stage->odd_past = lac_arena_alloc(arena, (size_t)stage->down.m + 1 + most, sizeof(float));
  stage->sums[0] = lac_arena_alloc(arena, most, sizeof(float));
  stage->sums[1] = lac_arena_alloc(arena, most, sizeof(float));
  return stage->up_past && stage->even_past && stage->odd_past && stage->sums[0] && stage->sums[1] ? LAC_OK
                                                                                                   : LAC_ERR_MEMORY;
}

LacStatus lac_oversampler_new(LacArena *arena, double rate_hz, unsigned factor, unsigned inner_samples,
                              LacOversampler **out) {
  LacOversampler *self = lac_arena_alloc(arena, 1, sizeof *self);
  *out = self;
  if (!self)
    return LAC_ERR_MEMORY;
  self->factor = factor;
  self->kernels = lac_oversampler_kernels_at(lac_cpu_level());
  double pass = fmin(WIDEST_PASS, fmax(LEAST_PASS, 20000.0 / rate_hz));
  uint32_t delay = inner_samples; /* at the high rate */
  LacStatus status = LAC_OK;
  for (unsigned f = 1; f < factor && status == LAC_OK; f *= 2) {
    Stage *stage = &self->stages[self->n_stages++];
    design(&stage->up, pass, true, 2.0);
    design(&stage->down, pass, f > 1, 1.0);
    status = prepare_stage(stage, arena, LAC_OVERSAMPLER_RUN * f);
    delay += (stage->up.m + stage->down.m) * (factor / (2 * f));
    /* What the next stage must not mix up with its image: all that this one lets through. */
    pass = 0.5 * (f == 1 ? 1.0 - pass : pass);
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
    memset(stage->up_past, 0, stage->up.m * sizeof(float));
    memset(stage->even_past, 0, stage->down.m * sizeof(float));
    memset(stage->odd_past, 0, ((size_t)stage->down.m + 1) * sizeof(float));
  }
  memset(self->late, 0, self->pad * sizeof(float));
}

uint32_t lac_oversampler_latency_frames(const LacOversampler *self) {
  return self->latency_frames;
}

static void stage_up(Stage *stage, const LacOversamplerKernels *kernels, const float *in, float *out, uint32_t n) {
  const Taps *taps = &stage->up;
  memcpy(stage->up_past + taps->m, in, n * sizeof(float));
  kernels->symmetric(taps->even, taps->n_even, taps->m, stage->up_past, stage->sums[0], n);
  kernels->zip(stage->sums[0], stage->up_past + (taps->m + 1) / 2, out, n);
  memmove(stage->up_past, stage->up_past + n, taps->m * sizeof(float));
}

/* 2 n samples in. */
static void stage_down(Stage *stage, const LacOversamplerKernels *kernels, const float *in, float *out, uint32_t n) {
  const Taps *taps = &stage->down;
  const uint32_t m = taps->m;
  kernels->unzip(in, stage->even_past + m, stage->odd_past + m + 1, n);
  kernels->symmetric(taps->even, taps->n_even, m, stage->even_past, stage->sums[0], n);
  kernels->symmetric(taps->odd, taps->n_odd, m - 1, stage->odd_past + 1, stage->sums[1], n);
  kernels->add_up(stage->sums[0], stage->sums[1], taps->centre, stage->odd_past + 1 + (m - 1) / 2, out, n);
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

static void zip_scalar(const float *even, const float *odd, float *out, uint32_t n) {
  for (uint32_t i = 0; i < 2 * n; i++)
    out[i] = i % 2 ? odd[i / 2] : even[i / 2];
}

static void unzip_scalar(const float *in, float *even, float *odd, uint32_t n) {
  for (uint32_t i = 0; i < 2 * n; i++)
    *(i % 2 ? &odd[i / 2] : &even[i / 2]) = in[i];
}

static void symmetric_scalar(const float *h, uint32_t n_pairs, uint32_t last, const float *x, float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    float sum = 0;
    for (uint32_t k = 0; k < n_pairs; k++)
      sum += h[k] * (x[i + k] + x[i + last - k]);
    y[i] = sum;
  }
}

static void add_up_scalar(const float *a, const float *b, float gain, const float *x, float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = (a[i] + b[i]) + gain * x[i];
}

const LacOversamplerKernels lac_oversampler_kernels_scalar = {zip_scalar, unzip_scalar, symmetric_scalar,
                                                              add_up_scalar};
