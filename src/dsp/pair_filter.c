/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/pair_filter.h"

#include <string.h>

enum { A = LAC_PAIR_A, B = LAC_PAIR_B, C = LAC_PAIR_C, PRODUCTS = LAC_PAIR_PRODUCTS, STEP = LAC_TAPS_STEP };

static uint32_t pairs_of(uint32_t frames) {
  return (frames + 1) / 2;
}

/* The tap of the even (0) or odd (1) samples that lie `lag` frames back. Those at odd places come a sample later. */
static float tap_at(const LacOversamplerTaps *taps, unsigned part, uint32_t lag) {
  const uint32_t n_half = part == 0 ? taps->n_even : taps->n_odd, n = part == 0 ? 2 * n_half : 2 * n_half + 1;
  const float *half = part == 0 ? taps->even : taps->odd;
  if (lag < part || lag - part >= n)
    return 0;
  const uint32_t k = lag - part;
  return k < n_half ? half[k] : n - 1 - k < n_half ? half[n - 1 - k] : taps->centre;
}

static void set_taps(LacPairFilter *self, const LacOversamplerTaps *taps, unsigned part) {
  const uint32_t room = STEP * self->n_rows;
  for (uint32_t k = 0; k < room; k++) {
    const float even = tap_at(taps, part, 2 * k), odd = tap_at(taps, part, 2 * k + 1);
    const uint32_t at = room - 1 - k;
    self->h[A][part][at] = even;
    self->h[B][part][at] = odd;
    self->h[C][part][at] = even + odd;
  }
}

LacStatus lac_pair_filter_init(LacPairFilter *self, LacArena *arena, const LacOversamplerTaps *taps, uint32_t most) {
  const uint32_t run = pairs_of(most + 1);
  self->n_rows = (taps->n_even + STEP - 1) / STEP;
  self->n_past = STEP * self->n_rows - 1;
  for (unsigned p = 0; p < PRODUCTS; p++) {
    for (unsigned part = 0; part < 2; part++) {
      self->h[p][part] = lac_arena_alloc(arena, (size_t)STEP * self->n_rows, sizeof(float));
      self->memory[p][part] = lac_arena_alloc(arena, (size_t)self->n_past + LAC_TAPS_RUNS * (size_t)run, sizeof(float));
      if (!self->h[p][part] || !self->memory[p][part])
        return LAC_ERR_MEMORY;
    }
    self->y[p] = lac_arena_alloc(arena, 1 + (size_t)run, sizeof(float));
    if (!self->y[p])
      return LAC_ERR_MEMORY;
  }
  self->run = run;
  self->out = lac_arena_alloc(arena, 2 * (size_t)run, sizeof(float));
  set_taps(self, taps, 0);
  set_taps(self, taps, 1);
  return self->out ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_pair_filter_reset(LacPairFilter *self) {
  for (unsigned p = 0; p < PRODUCTS; p++)
    for (unsigned part = 0; part < 2; part++)
      memset(self->memory[p][part], 0, self->n_past * sizeof(float));
  self->at = 0;
  self->is_odd = false;
  self->b_before = 0;
}

static void pass(LacPairFilter *self, uint32_t n) {
  self->at += n;
  if (self->at <= (LAC_TAPS_RUNS - 1) * self->run)
    return;
  for (unsigned p = 0; p < PRODUCTS; p++)
    for (unsigned part = 0; part < 2; part++)
      memmove(self->memory[p][part], self->memory[p][part] + self->at, self->n_past * sizeof(float));
  self->at = 0;
}

/* n frames from an even one on. Of a last one alone the pair is begun, and comes again. */
static void run_from_even(LacPairFilter *self, const LacOversamplerKernels *kernels, const float *const *in, float *out,
                          uint32_t n) {
  const uint32_t n_pairs = pairs_of(n), now = self->at + self->n_past;
  for (unsigned part = 0; part < 2; part++)
    kernels->deal(in[part], self->memory[A][part] + now, self->memory[B][part] + now, self->memory[C][part] + now, n);
  for (unsigned p = 0; p < PRODUCTS; p++) {
    const LacTaps even = {self->h[p][0], self->memory[p][0] + self->at, self->n_rows};
    const LacTaps odd = {self->h[p][1], self->memory[p][1] + self->at, self->n_rows};
    kernels->down(&even, &odd, self->y[p] + 1, n_pairs);
  }
  self->y[B][0] = self->b_before;
  kernels->join(self->y[A] + 1, self->y[B] + 1, self->y[C] + 1, out, n);
  self->b_before = self->y[B][n / 2];
  pass(self, n / 2);
}

void lac_pair_filter_run(LacPairFilter *self, const LacOversamplerKernels *kernels, const float *even, const float *odd,
                         float *out, uint32_t n) {
  if (n == 0)
    return;
  const uint32_t before = self->is_odd ? 1 : 0, n_all = before + n;
  const float *const in[2] = {even - before, odd - before};
  run_from_even(self, kernels, in, self->is_odd ? self->out : out, n_all);
  if (self->is_odd)
    memcpy(out, self->out + 1, n * sizeof *out);
  self->is_odd = n_all % 2 != 0;
}
