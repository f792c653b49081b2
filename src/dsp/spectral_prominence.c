/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/spectral_prominence.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

/* Half widths in octaves. */
static const double RING = 1.0 / 2, NEAR = 1.0 / 8, SELF = 1.0 / 96, PEAK = 1.0 / 24;
static const double AVERAGE_S = 0.2, USUAL_S = 0.4;
/* A frame this many times above the usual power holds a hit. */
static const double HIT = 2.0;
/* A peak that counts as company. */
static const float COMPANY_DB = 3.0f;
/* A partial is where it belongs within this part of its frequency, at least a bin. */
static const double OUT_OF_TUNE = 0.006;
enum { MAX_NUMBER = 8, N_MULTIPLES = 10, N_COMPANIONS = 3, LOWEST_FUNDAMENTAL = 8, LOWEST_PEAK = 6 };
/* Bins that a line reaches to either side: the main lobe of the window, and what belongs to the same peak. */
enum { SKIRT = 6 };
/* From here on four neighbours share the surroundings of their middle, from an octave above eight, and so on: within
 * little more than a hundredth of an octave. */
enum { FIRST_SHARED = 256, SHARED_BY = 4 };

/* Bins k 2^-octaves .. k 2^octaves, at least `least` to either side, of 0 .. n_bins - 1. */
typedef struct Reach {
  double up, down, least;
} Reach;

static Reach reach_of(double octaves, double least) {
  return (Reach){lac_exp2(octaves), lac_exp2(-octaves), least};
}

static LacBinRange range_around(double k, Reach reach, uint32_t n_bins) {
  const double low = rint(fmin(k * reach.down, k - reach.least)), high = rint(fmax(k * reach.up, k + reach.least));
  return (LacBinRange){low < 0 ? 0 : (uint16_t)low, high < n_bins ? (uint16_t)((uint32_t)high + 1) : (uint16_t)n_bins};
}

/* Bins from k on, which begins an octave or follows others, that share their surroundings. */
static uint32_t n_sharing(uint32_t k, uint32_t n_bins) {
  uint32_t n = k < FIRST_SHARED ? 1 : SHARED_BY;
  while (k >= FIRST_SHARED / SHARED_BY * 2 * n && n > 1)
    n *= 2;
  return n < n_bins - k ? n : n_bins - k;
}

static double sum_over(const double *sum, LacBinRange range) {
  return sum[range.to] - sum[range.from];
}

static double sum_around(const double *sum, const LacSurroundings *around) {
  return sum_over(sum, around->ring) - sum_over(sum, around->near);
}

static LacSurroundings surroundings_of(uint32_t first, uint32_t count, uint32_t n_bins) {
  const Reach self = reach_of(SELF, 1), near = reach_of(NEAR, 4), ring = reach_of(RING, 6);
  const double k = first + 0.5 * (count - 1);
  LacSurroundings around = {.near = range_around(k, near, n_bins), .ring = range_around(k, ring, n_bins)};
  around.ring.from = around.ring.from > 0 ? around.ring.from : 1;
  around.near.from = around.near.from > around.ring.from ? around.near.from : around.ring.from;
  const double room = n_bins - (first + count - 1);
  around.down = (uint16_t)rint(fmax(k - k * self.down, self.least));
  around.up = (uint16_t)fmin(rint(fmax(k * self.up - k, self.least)) + 1, room);
  around.count = (uint16_t)count;
  return around;
}

static void fill_ranges(LacProminence *p) {
  LacSurroundings *around = p->around;
  for (uint32_t k = 1; k < p->n_bins; k++) /* p->sum holds the running sums of 1 / k */
    p->sum[k + 1] = p->sum[k] + 1.0 / k;
  for (uint32_t k = LOWEST_PEAK; k < p->n_bins; k += around->count, around++) { /* below there is no ring */
    *around = surroundings_of(k, n_sharing(k, p->n_bins), p->n_bins);
    for (uint32_t j = k; j < k + around->count; j++)
      p->weight[j] = j * sum_around(p->sum, around) / (around->down + around->up);
  }
}

LacStatus lac_prominence_init(LacProminence *p, LacArena *arena, uint32_t size, uint32_t hop, double rate_hz) {
  const uint32_t n = size / 2 + 1;
  *p = (LacProminence){.kernels = lac_spectral_kernels_at(lac_cpu_level()), .n_bins = n};
  p->floor = 1e-14 * size * size; /* some -140 dBFS per bin */
  p->forget = (float)(1.0 - lac_exp(-(double)hop / (rate_hz * AVERAGE_S)));
  p->forget_usual = 1.0 - lac_exp(-(double)hop / (rate_hz * USUAL_S));
  p->around = lac_arena_alloc(arena, n, sizeof *p->around);
  p->peaks = lac_arena_alloc(arena, n, sizeof *p->peaks);
  p->weight = lac_arena_alloc(arena, n, sizeof *p->weight);
  p->sum = lac_arena_alloc(arena, n + 1, sizeof *p->sum);
  p->average = lac_arena_alloc(arena, n, sizeof *p->average);
  p->ratio = lac_arena_alloc(arena, n, sizeof *p->ratio);
  p->places = lac_arena_alloc(arena, n, sizeof *p->places);
  p->is_peak = lac_arena_alloc(arena, n, sizeof *p->is_peak);
  if (!p->around || !p->peaks || !p->weight || !p->sum || !p->average || !p->ratio || !p->places || !p->is_peak)
    return LAC_ERR_MEMORY;
  fill_ranges(p);
  return LAC_OK;
}

void lac_prominence_reset(LacProminence *p) {
  p->usual_power = 0;
  memset(p->average, 0, p->n_bins * sizeof *p->average);
}

/* What the bins from k on that share their surroundings have over these. */
static inline void compare(LacProminence *p, uint32_t k, const LacSurroundings *around) {
  const double *to = p->sum + k + around->up, *from = p->sum + k - around->down;
  const double per_ring = 1.0 / sum_around(p->sum, around);
  if (around->count == 1) {
    p->ratio[k] = (float)((*to - *from) * p->weight[k] * per_ring);
  } else {
    p->kernels->ratios(to, from, p->weight + k, per_ring, p->ratio + k, around->count);
  }
}

void lac_prominence_update(LacProminence *p, const float *power) {
  const uint32_t n = p->n_bins;
  const double total = p->kernels->total(power, n);
  /* 90 dB under the whole nothing is worth a look. */
  const double least = 1e-9 * total > p->floor ? 1e-9 * total : p->floor;
  const bool is_hit = total > HIT * p->usual_power;
  p->usual_power += p->forget_usual * (total - p->usual_power);
  if (is_hit)
    return;
  p->kernels->sum_up(power, least, p->sum, n);
  const LacSurroundings *around = p->around;
  for (uint32_t k = LOWEST_PEAK; k < n; k += around->count, around++)
    compare(p, k, around);
  p->kernels->average_db(p->ratio + LOWEST_PEAK, p->forget, p->average + LOWEST_PEAK, n - LOWEST_PEAK);
}

/* Peaks in rising order, and a map of where a partial would meet one. */
static uint32_t find_peaks(LacProminence *p) {
  const float *a = p->average;
  uint32_t n_peaks = 0;
  memset(p->is_peak, 0, p->n_bins * sizeof *p->is_peak);
  for (uint32_t k = LOWEST_PEAK; k + 1 < p->n_bins; k++) {
    if (a[k] <= COMPANY_DB || a[k] < a[k - 1] || a[k] <= a[k + 1])
      continue;
    /* the vertex of the parabola through the three */
    p->places[n_peaks] = (float)k + 0.5f * (a[k - 1] - a[k + 1]) / (a[k - 1] - 2.0f * a[k] + a[k + 1]);
    p->peaks[n_peaks++] = k;
    const uint32_t reach = 1 + (uint32_t)fmax(0, OUT_OF_TUNE * k - 0.5);
    const uint32_t end = k + reach < p->n_bins ? k + reach + 1 : p->n_bins;
    for (uint32_t j = k - reach; j < end; j++)
      p->is_peak[j] = 1;
  }
  return n_peaks;
}

static bool has_company(const LacProminence *p, float place) {
  for (uint32_t number = 1; number <= MAX_NUMBER && place >= (float)(LOWEST_FUNDAMENTAL * number); number++) {
    uint32_t n_met = 0;
    for (uint32_t m = 1; m <= N_MULTIPLES; m++) {
      const uint32_t at = (uint32_t)((float)m * place / (float)number + 0.5f);
      n_met += at < p->n_bins && m != number ? p->is_peak[at] : 0;
    }
    if (n_met >= N_COMPANIONS)
      return true;
  }
  return false;
}

void lac_prominence_guard(LacProminence *p, float threshold_db, float part, float *share) {
  const uint32_t n_peaks = find_peaks(p);
  for (uint32_t k = 0; k < p->n_bins; k++)
    share[k] = 1.0f;
  for (uint32_t i = 0; i < n_peaks; i++) {
    const uint32_t k = p->peaks[i];
    if (p->average[k] < threshold_db || !has_company(p, p->places[i]))
      continue;
    const uint32_t reach = (uint32_t)fmax(SKIRT, k * PEAK * 0.69); /* ln 2 */
    const uint32_t end = k + reach < p->n_bins ? k + reach + 1 : p->n_bins;
    for (uint32_t j = k > reach ? k - reach : 0; j < end; j++)
      share[j] = part;
  }
}
