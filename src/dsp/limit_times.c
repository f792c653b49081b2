/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_times.h"

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/bass_gate.h"
#include "dsp/elementary.h"

#include <math.h>

enum { CREST_REACH = 2 };                  /* hops */
static const double CREST_SPREAD_DB = 0.3; /* crests that differ by less are steady */
static const double LEVEL_FROM = 0.8;      /* steadiness: crests within 0.06 dB */

/* Short times are the cleanest at any given loudness: long ones cost level, and level costs drive. */
static const LacLimitWeights characters[] = {
    {.kinds = {{0.6, 0.3}, {3.0, 0.4}, {8.0, 0.8}}, .n_kinds = 3}, /* transparent */
    {.kinds = {{6.0, 1.5}}, .n_kinds = 1},                         /* punchy */
    {.kinds = {{0.4, 0.25}}, .n_kinds = 1},                        /* dense */
};

/* Where one segment fades into the next meters find up to 0.05 dB more. */
static const double MOST_DRIFT_DB = 0.45, MOST_DRIFT_BEST_DB = 0.25;

LacLimitWeights lac_limit_weights(unsigned character, bool is_best) {
  const unsigned last = sizeof characters / sizeof characters[0] - 1;
  LacLimitWeights weights = characters[character < last ? character : last];
  weights.most_drift_db = is_best ? MOST_DRIFT_BEST_DB : MOST_DRIFT_DB;
  return weights;
}

struct LacLimitTimes {
  LacLimitLayout layout;
  LacArena *arena;
  LacBassGate *gate;
  double knots_per_ms;
  uint32_t hop, n_hops, crest_hops;
  float *asked, *crest, *slope_octaves, *bend_octaves; /* per hop */
};

static LacStatus take_memory(LacLimitTimes *t) {
  float **const series[] = {&t->asked, &t->crest, &t->slope_octaves, &t->bend_octaves};
  for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
    *series[i] = lac_arena_alloc(t->arena, t->n_hops, sizeof(float));
    if (!*series[i])
      return LAC_ERR_MEMORY;
  }
  return LAC_OK;
}

LacStatus lac_limit_times_new(const LacLimitLayout *layout, double rate_hz, LacLimitTimes **out) {
  *out = NULL;
  LacLimitTimes *t = lac_calloc(1, sizeof *t);
  if (!t)
    return LAC_ERR_MEMORY;
  t->layout = *layout;
  t->knots_per_ms = rate_hz / layout->spline.step * 1e-3;
  LacStatus status = lac_arena_new(&t->arena);
  if (status == LAC_OK)
    status = lac_bass_gate_new(rate_hz, layout->length_frames, &t->gate);
  if (status == LAC_OK) {
    t->hop = lac_bass_gate_hop_frames(t->gate);
    t->n_hops = (layout->length_frames + t->hop - 1) / t->hop;
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

uint32_t lac_limit_times_count(const LacLimitTimes *t) {
  return t->n_hops;
}

void lac_limit_times_measure(LacLimitTimes *t, const float *const *channels, unsigned n_channels,
                             const float *allowed_db, float *openness) {
  lac_bass_gate_run(t->gate, channels, n_channels, t->layout.length_frames, openness);
  measure_crests(t, allowed_db);
  for (uint32_t h = 0; h < t->n_hops; h++) {
    float height;
    const float steady = (float)lac_limit_steadiness(t->crest, t->n_hops, h, t->crest_hops, &height);
    openness[h] = fmaxf(steady, openness[h]);
  }
}

void lac_limit_times_weigh(LacLimitTimes *t, const float *openness, const LacLimitKind *kind, float *slope,
                           float *bend) {
  const uint32_t step = t->layout.spline.step;
  for (uint32_t h = 0; h < t->n_hops; h++) {
    const double open = (double)openness[h];
    t->slope_octaves[h] = (float)(2 * lac_log2(lac_bass_gate_recovery_ms(open, kind->recovery_ms) * t->knots_per_ms));
    t->bend_octaves[h] = (float)(4 * lac_log2(lac_bass_gate_rounding_ms(open, kind->rounding_ms) * t->knots_per_ms));
  }
  for (uint32_t k = 0; k < t->layout.n_knots; k++) {
    const float at = (float)(t->layout.margin_frames + k * step) / (float)t->hop - 0.5f;
    const uint32_t h = at > 0.0f ? (uint32_t)at : 0, next = h + 1 < t->n_hops ? h + 1 : h;
    const float part = at > (float)h ? at - (float)h : 0.0f;
    slope[k] = lac_fast_exp2f(t->slope_octaves[h] + part * (t->slope_octaves[next] - t->slope_octaves[h]));
    bend[k] = lac_fast_exp2f(t->bend_octaves[h] + part * (t->bend_octaves[next] - t->bend_octaves[h]));
  }
}
