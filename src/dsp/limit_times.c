/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_times.h"

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/bass_gate.h"
#include "dsp/elementary.h"
#include "dsp/mid_range.h"

#include <math.h>

enum { CREST_REACH = 2 };                  /* hops */
static const double CREST_SPREAD_DB = 0.3; /* crests that differ by less are steady */
static const double LEVEL_FROM = 0.8;      /* steadiness: crests within 0.06 dB */

/* Short times are the cleanest at any given loudness: long ones cost level, and level costs drive. */
static const LacLimitWeights characters[] = {
    {0.6, 0.3, 2.4, 0.4}, /* transparent */
    {6.0, 1.5, 6.0, 1.5}, /* punchy */
    {0.4, 0.25, 0.6, 0.3} /* dense */
};

LacLimitWeights lac_limit_weights(unsigned character) {
  const unsigned last = sizeof characters / sizeof characters[0] - 1;
  return characters[character < last ? character : last];
}

struct LacLimitTimes {
  LacLimitLayout layout;
  LacLimitWeights weights;
  LacArena *arena;
  LacBassGate *gate;
  double knots_per_ms;
  LacMidRange mid;
  uint32_t hop, n_hops, mid_hops, crest_hops;
  float *openness, *asked, *crest, *slope_octaves, *bend_octaves; /* per hop */
  double *mid_energy, *energy;                                    /* n_hops + 1, running sums */
};

static LacStatus take_memory(LacLimitTimes *t) {
  float **const series[] = {&t->openness, &t->asked, &t->crest, &t->slope_octaves, &t->bend_octaves};
  for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
    *series[i] = lac_arena_alloc(t->arena, t->n_hops, sizeof(float));
    if (!*series[i])
      return LAC_ERR_MEMORY;
  }
  t->mid_energy = lac_arena_alloc(t->arena, t->n_hops + 1, sizeof(double));
  t->energy = lac_arena_alloc(t->arena, t->n_hops + 1, sizeof(double));
  return t->mid_energy && t->energy ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_limit_times_new(const LacLimitLayout *layout, double rate_hz, const LacLimitWeights *weights,
                              LacLimitTimes **out) {
  *out = NULL;
  LacLimitTimes *t = lac_calloc(1, sizeof *t);
  if (!t)
    return LAC_ERR_MEMORY;
  t->layout = *layout;
  t->weights = *weights;
  t->knots_per_ms = rate_hz / layout->spline.step * 1e-3;
  lac_mid_range_init(&t->mid, rate_hz);
  LacStatus status = lac_arena_new(&t->arena);
  if (status == LAC_OK)
    status = lac_bass_gate_new(rate_hz, layout->length_frames, &t->gate);
  if (status == LAC_OK) {
    t->hop = lac_bass_gate_hop_frames(t->gate);
    t->n_hops = (layout->length_frames + t->hop - 1) / t->hop;
    t->mid_hops = (uint32_t)rint(LAC_MID_RANGE_S * rate_hz / t->hop);
    t->crest_hops = (uint32_t)rint(LAC_LIMIT_CREST_S * rate_hz / t->hop);
    status = take_memory(t);
  }
  if (status != LAC_OK) {
    lac_limit_times_free(t);
    return status;
  }
  *out = t;
  return LAC_OK;
}

void lac_limit_times_free(LacLimitTimes *t) {
  if (!t)
    return;
  lac_bass_gate_free(t->gate);
  lac_arena_free(t->arena);
  lac_free(t);
}

/* Running sums per hop of the energy in the mid range and of all, channels added. */
static void measure_energy(LacLimitTimes *t, const float *const *channels, unsigned n_channels) {
  const uint32_t n = t->layout.length_frames;
  lac_mid_range_reset(&t->mid);
  for (uint32_t h = 0, at = 0, run; h < t->n_hops; h++, at += run) {
    t->mid_energy[h] = t->mid.mid;
    t->energy[h] = t->mid.all;
    run = t->hop < n - at ? t->hop : n - at;
    lac_mid_range_add(&t->mid, channels[0] + at, n_channels > 1 ? channels[1] + at : NULL, run);
  }
  t->mid_energy[t->n_hops] = t->mid.mid;
  t->energy[t->n_hops] = t->mid.all;
}

/* 0..1 */
static double mid_range(const LacLimitTimes *t, uint32_t h) {
  const uint32_t from = h > t->mid_hops ? h - t->mid_hops : 0;
  const uint32_t end = h + t->mid_hops + 1 < t->n_hops ? h + t->mid_hops + 1 : t->n_hops;
  return lac_mid_range_part(t->mid_energy[end] - t->mid_energy[from], t->energy[end] - t->energy[from]);
}

void lac_limit_crests(const float *asked_db, size_t n_hops, float *crest_db) {
  for (size_t h = 0; h < n_hops; h++) {
    crest_db[h] = 0.0f;
    for (size_t k = h > CREST_REACH ? h - CREST_REACH : 0; k < n_hops && k <= h + CREST_REACH; k++)
      crest_db[h] = asked_db[k] > crest_db[h] ? asked_db[k] : crest_db[h];
  }
}

double lac_limit_steadiness(const float *crest_db, size_t n_hops, size_t h, size_t reach, float *height) {
  const size_t from = h > reach ? h - reach : 0, end = h + reach + 1 < n_hops ? h + reach + 1 : n_hops;
  float least = INFINITY, most = 0.0f;
  for (size_t i = from; i < end; i++) {
    least = crest_db[i] < least ? crest_db[i] : least;
    most = crest_db[i] > most ? crest_db[i] : most;
  }
  const double steady = 1.0 - (double)(most - least) / CREST_SPREAD_DB;
  *height = most;
  return least > 0.0f && steady > 0.0 ? steady : 0.0;
}

static void measure_crests(LacLimitTimes *t, const float *allowed_db) {
  const uint32_t step = t->layout.spline.step, n_cells = t->layout.length_frames / step, cells = t->hop / step;
  for (uint32_t h = 0; h < t->n_hops; h++) {
    const uint32_t end = (h + 1) * cells < n_cells ? (h + 1) * cells : n_cells;
    float deepest = 0.0f;
    for (uint32_t c = h * cells; c < end; c++)
      deepest = allowed_db[c] < deepest ? allowed_db[c] : deepest;
    t->asked[h] = -deepest;
  }
  lac_limit_crests(t->asked, t->n_hops, t->crest);
}

void lac_limit_times_level(LacLimitTimes *t, float *allowed_db) {
  const uint32_t step = t->layout.spline.step, n_cells = t->layout.length_frames / step, cells = t->hop / step;
  measure_crests(t, allowed_db);
  for (uint32_t h = 0; h < t->n_hops; h++) {
    float height;
    if (lac_limit_steadiness(t->crest, t->n_hops, h, t->crest_hops, &height) < LEVEL_FROM)
      continue;
    const uint32_t end = (h + 1) * cells < n_cells ? (h + 1) * cells : n_cells;
    for (uint32_t c = h * cells; c < end; c++)
      allowed_db[c] = -height < allowed_db[c] ? -height : allowed_db[c];
  }
}

static double between(double from, double to, double part) {
  return part <= 0.0 ? from : from * lac_exp2(part * lac_log2(to / from));
}

void lac_limit_times_run(LacLimitTimes *t, const float *const *channels, unsigned n_channels, const float *allowed_db,
                         float *slope, float *bend) {
  const LacLimitWeights *weights = &t->weights;
  const uint32_t step = t->layout.spline.step;
  lac_bass_gate_run(t->gate, channels, n_channels, t->layout.length_frames, t->openness);
  measure_energy(t, channels, n_channels);
  measure_crests(t, allowed_db);
  for (uint32_t h = 0; h < t->n_hops; h++) {
    float height;
    const double mid = mid_range(t, h);
    const double steady = lac_limit_steadiness(t->crest, t->n_hops, h, t->crest_hops, &height);
    const double open = steady > (double)t->openness[h] ? steady : (double)t->openness[h];
    const double recovery_ms = between(weights->recovery_ms, weights->mid_recovery_ms, mid);
    const double rounding_ms = between(weights->rounding_ms, weights->mid_rounding_ms, mid);
    t->slope_octaves[h] = (float)(2 * lac_log2(lac_bass_gate_recovery_ms(open, recovery_ms) * t->knots_per_ms));
    t->bend_octaves[h] = (float)(4 * lac_log2(lac_bass_gate_rounding_ms(open, rounding_ms) * t->knots_per_ms));
  }
  for (uint32_t k = 0; k < t->layout.n_knots; k++) {
    const float at = (float)(t->layout.margin_frames + k * step) / (float)t->hop - 0.5f;
    const uint32_t h = at > 0.0f ? (uint32_t)at : 0, next = h + 1 < t->n_hops ? h + 1 : h;
    const float part = at > (float)h ? at - (float)h : 0.0f;
    slope[k] = lac_fast_exp2f(t->slope_octaves[h] + part * (t->slope_octaves[next] - t->slope_octaves[h]));
    bend[k] = lac_fast_exp2f(t->bend_octaves[h] + part * (t->bend_octaves[next] - t->bend_octaves[h]));
  }
}
