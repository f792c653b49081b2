/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/spectral_gain.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { HOLD_BINS = 5, MEAN_BINS = 2 };

LacStatus lac_spectral_gain_init(LacSpectralGain *g, LacArena *arena, uint32_t size, const LacFft *fft) {
  const uint32_t n = size / 2 + 1;
  *g = (LacSpectralGain){.size = size, .n_bins = n, .octaves = -1, .fft = fft};
  uint32_t **tables[] = {&g->hold_from, &g->hold_to, &g->mean_from, &g->mean_to, &g->queue};
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    *tables[i] = lac_arena_alloc(arena, n, sizeof(uint32_t));
    if (!*tables[i])
      return LAC_ERR_MEMORY;
  }
  g->sum = lac_arena_alloc(arena, (size_t)n + 1, sizeof *g->sum);
  g->per_bin = lac_arena_alloc(arena, n, sizeof *g->per_bin);
  g->held = lac_arena_alloc(arena, n, sizeof *g->held);
  g->response = lac_arena_alloc(arena, size, sizeof *g->response);
  g->odd = lac_arena_alloc(arena, n, sizeof *g->odd);
  g->scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(fft), sizeof *g->scratch);
  g->taper = lac_arena_alloc(arena, size / 8, sizeof *g->taper);
  if (!g->sum || !g->per_bin || !g->held || !g->response || !g->odd || !g->scratch || !g->taper)
    return LAC_ERR_MEMORY;
  for (uint32_t i = 0; i < size / 8; i++)
    g->taper[i] = (float)(0.5 + 0.5 * lac_cos(LAC_PI * i / (size / 8)));
  return LAC_OK;
}

/* Both ends never fall from one bin to the next. */
static void fill_range(uint32_t *from, uint32_t *to, uint32_t n_bins, double share, uint32_t least) {
  for (uint32_t k = 0; k < n_bins; k++) {
    const uint32_t wide = (uint32_t)rint(k * share), reach = wide > least ? wide : least;
    from[k] = k > reach ? k - reach : 0;
    to[k] = k + reach < n_bins ? k + reach + 1 : n_bins;
  }
}

void lac_spectral_gain_set_width(LacSpectralGain *g, double octaves) {
  if (octaves == g->octaves)
    return;
  g->octaves = octaves;
  const double share = lac_exp2(octaves) - 1.0;
  fill_range(g->hold_from, g->hold_to, g->n_bins, share, HOLD_BINS);
  fill_range(g->mean_from, g->mean_to, g->n_bins, share, MEAN_BINS);
  for (uint32_t k = 0; k < g->n_bins; k++)
    g->per_bin[k] = 1.0 / (g->mean_to[k] - g->mean_from[k]);
}

/* held[k] = the largest of x[from[k] .. to[k] - 1]. The queue holds places whose values fall, the largest first; what
 * is 0 need not stand in it. */
static void hold_largest(LacSpectralGain *g, const float *x) {
  uint32_t head = 0, tail = 0, next = 0;
  for (uint32_t k = 0; k < g->n_bins; k++) {
    for (; next < g->hold_to[k]; next++) {
      if (x[next] <= 0.0f)
        continue;
      while (tail > head && x[g->queue[tail - 1]] <= x[next])
        tail--;
      g->queue[tail++] = next;
    }
    while (head < tail && g->queue[head] < g->hold_from[k])
      head++;
    g->held[k] = head < tail ? x[g->queue[head]] : 0.0f;
  }
}

void lac_spectral_spread(LacSpectralGain *g, float *reduction) {
  hold_largest(g, reduction);
  g->sum[0] = 0;
  for (uint32_t k = 0; k < g->n_bins; k++)
    g->sum[k + 1] = g->sum[k] + (double)g->held[k];
  for (uint32_t k = 0; k < g->n_bins; k++) {
    const uint32_t from = g->mean_from[k], to = g->mean_to[k];
    const double mean = (g->sum[to] - g->sum[from]) * g->per_bin[k];
    /* Differences of running sums leave 1e-13 where there is nothing. */
    reduction[k] = mean < 1e-6 ? 0.0f : (float)mean;
  }
}

void lac_spectral_truncate(LacSpectralGain *g, float *cut) {
  const uint32_t reach = g->size / 8;
  memset(g->odd, 0, g->n_bins * sizeof *g->odd);
  lac_fft_inverse(g->fft, cut, g->odd, g->response, g->scratch);
  memset(g->response + reach, 0, (g->size - 2 * reach + 1) * sizeof *g->response);
  for (uint32_t i = 1; i < reach; i++) {
    g->response[i] *= g->taper[i];
    g->response[g->size - i] *= g->taper[i];
  }
  lac_fft_forward(g->fft, g->response, cut, g->odd, g->scratch);
}
