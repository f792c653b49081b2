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
/* From here on neighbours share the surroundings of their middle: within less than a hundredth of an octave. */
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

/* Which surroundings a bin has. */
static uint32_t group_of(uint32_t k) {
  return k < FIRST_SHARED ? k : FIRST_SHARED + (k - FIRST_SHARED) / SHARED_BY;
}

static double middle_of(uint32_t group) {
  return group < FIRST_SHARED ? group : FIRST_SHARED + SHARED_BY * (group - FIRST_SHARED) + 0.5 * (SHARED_BY - 1);
}

static double sum_over(const double *sum, LacBinRange range) {
  return sum[range.to] - sum[range.from];
}

static double sum_around(const double *sum, const LacSurroundings *around) {
  return sum_over(sum, around->ring) - sum_over(sum, around->near);
}

static LacSurroundings surroundings_of(uint32_t group, uint32_t n_bins) {
  const Reach self = reach_of(SELF, 1), near = reach_of(NEAR, 4), ring = reach_of(RING, 6);
  const double k = middle_of(group);
  LacSurroundings around = {.near = range_around(k, near, n_bins), .ring = range_around(k, ring, n_bins)};
  around.ring.from = around.ring.from > 0 ? around.ring.from : 1;
  around.near.from = around.near.from > around.ring.from ? around.near.from : around.ring.from;
  const double last = fmin(rint(k + 0.5 * (SHARED_BY - 1)), n_bins - 1), room = n_bins - last;
  around.down = (uint16_t)rint(fmax(k - k * self.down, self.least));
  around.up = (uint16_t)fmin(rint(fmax(k * self.up - k, self.least)) + 1, room);
  return around;
}

static void fill_ranges(LacProminence *p) {
  for (uint32_t g = 0; g <= group_of(p->n_bins - 1); g++)
    p->around[g] = surroundings_of(g, p->n_bins);
  for (uint32_t k = 1; k < p->n_bins; k++) /* p->sum holds the running sums of 1 / k */
    p->sum[k + 1] = p->sum[k] + 1.0 / k;
  for (uint32_t k = LOWEST_PEAK; k < p->n_bins; k++) { /* below there is no ring */
    const LacSurroundings *around = &p->around[group_of(k)];
    p->weight[k] = k * sum_around(p->sum, around) / (around->down + around->up);
  }
}

LacStatus lac_prominence_init(LacProminence *p, LacArena *arena, uint32_t size, uint32_t hop, double rate_hz) {
  const uint32_t n = size / 2 + 1, room = n + SHARED_BY; /* the last four may be fewer */
  *p = (LacProminence){.kernels = lac_spectral_kernels_at(lac_cpu_level()), .n_bins = n};
  p->floor = 1e-14 * size * size; /* some -140 dBFS per bin */
  p->forget = (float)(1.0 - lac_exp(-(double)hop / (rate_hz * AVERAGE_S)));
  p->forget_usual = 1.0 - lac_exp(-(double)hop / (rate_hz * USUAL_S));
  p->around = lac_arena_alloc(arena, n, sizeof *p->around);
  p->peaks = lac_arena_alloc(arena, n, sizeof *p->peaks);
  p->weight = lac_arena_alloc(arena, room, sizeof *p->weight);
  p->sum = lac_arena_alloc(arena, room, sizeof *p->sum);
  p->average = lac_arena_alloc(arena, n, sizeof *p->average);
  p->self = lac_arena_alloc(arena, room, sizeof *p->self);
  p->ring = lac_arena_alloc(arena, room, sizeof *p->ring);
  p->places = lac_arena_alloc(arena, n, sizeof *p->places);
  p->is_peak = lac_arena_alloc(arena, n, sizeof *p->is_peak);
  if (!p->around || !p->peaks || !p->weight || !p->sum || !p->average || !p->self || !p->ring || !p->places ||
      !p->is_peak)
    return LAC_ERR_MEMORY;
  fill_ranges(p);
  return LAC_OK;
}

void lac_prominence_reset(LacProminence *p) {
  p->usual_power = 0;
  memset(p->average, 0, p->n_bins * sizeof *p->average);
}

typedef double Pair __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(8), aligned(4), may_alias));

static Pair pair_of(const float *x) {
  return __builtin_convertvector(*(const Floats *)x, Pair);
}

/* Four sums side by side: one alone would wait for itself at every step. */
static double sum_of(const float *x, uint32_t n) {
  Pair first = {0}, second = {0};
  uint32_t k = 0;
  for (; k + 4 <= n; k += 4) {
    first += pair_of(x + k);
    second += pair_of(x + k + 2);
  }
  for (; k < n; k++)
    first[0] += (double)x[k];
  return (first[0] + first[1]) + (second[0] + second[1]);
}

static double not_below(double x, double least) {
  return x > least ? x : least;
}

/* sum[k] = sum of the powers before bin k, none below `least`. By fours, so that only one addition in four waits for
 * the one before. */
static void sum_up(double *sum, const float *power, double least, uint32_t n) {
  double so_far = 0;
  uint32_t k = 0;
  for (; k + 4 <= n; k += 4) {
    const Pair first = pair_of(power + k), second = pair_of(power + k + 2);
    const double a = not_below(first[0], least), b = a + not_below(first[1], least);
    const double c = b + not_below(second[0], least), d = c + not_below(second[1], least);
    sum[k] = so_far;
    sum[k + 1] = so_far + a;
    sum[k + 2] = so_far + b;
    sum[k + 3] = so_far + c;
    so_far += d;
  }
  for (; k < n; k++) {
    sum[k] = so_far;
    so_far += not_below((double)power[k], least);
  }
  sum[n] = so_far;
}

/* `count` bins from k on, which share their surroundings; a constant. */
static inline __attribute__((always_inline)) void compare(LacProminence *p, uint32_t k, uint32_t count) {
  const LacSurroundings *around = &p->around[group_of(k)];
  const double *to = p->sum + k + around->up, *from = p->sum + k - around->down, *weight = p->weight + k;
  const float ring = (float)sum_around(p->sum, around);
  float *restrict self_to = p->self + k, *restrict ring_to = p->ring + k;
  for (uint32_t j = 0; j < count; j++) {
    self_to[j] = (float)((to[j] - from[j]) * weight[j]);
    ring_to[j] = ring;
  }
}

void lac_prominence_update(LacProminence *p, const float *power) {
  const uint32_t n = p->n_bins;
  const double total = sum_of(power, n);
  /* 90 dB under the whole nothing is worth a look. */
  const double least = 1e-9 * total > p->floor ? 1e-9 * total : p->floor;
  const bool is_hit = total > HIT * p->usual_power;
  p->usual_power += p->forget_usual * (total - p->usual_power);
  if (is_hit)
    return;
  sum_up(p->sum, power, least, n);
  for (uint32_t k = LOWEST_PEAK; k < FIRST_SHARED && k < n; k++)
    compare(p, k, 1);
  for (uint32_t k = FIRST_SHARED; k < n; k += SHARED_BY)
    compare(p, k, SHARED_BY);
  p->kernels->average_ratio_db(p->self + LOWEST_PEAK, p->ring + LOWEST_PEAK, p->forget, p->average + LOWEST_PEAK,
                               n - LOWEST_PEAK);
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
