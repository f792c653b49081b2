/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/gain_path.h"

#include <math.h>

#include "dsp/elementary.h"

/* Shares of low tone at which the slow path begins and completely takes part: chosen on six excerpts of dense music at
 * -9 and -7 LUFS (docs/processors/limiter.md). */
static const float STEADY_FROM = 0.30f, STEADY_FULL = 0.85f;
/* And at which it also holds its gain between crests, which costs level and only pure tones deserve. */
static const float HOLD_FROM = 0.80f, HOLD_FULL = 0.92f;
/* Hold: half a cycle of 20 Hz. */
static const double HOLD_S = 0.025;
/* A gain this near to 1 (-140 dB) is 1. */
static const double ARRIVED = 1e-7;

double lac_gain_path_factor(double release_ms, double rate_hz) {
  return 1.0 - lac_exp(-1000.0 / (release_ms * rate_hz));
}

LacStatus lac_gain_path_init(LacGainPath *path, LacArena *arena, double rate_hz, uint32_t lookahead_frames) {
  *path = (LacGainPath){.lookahead = lookahead_frames, .hold = (uint32_t)rint(HOLD_S * rate_hz)};
  LacStatus status = lac_sliding_minimum_init(&path->ahead, arena, path->lookahead, 1.0f);
  if (status == LAC_OK)
    status = lac_sliding_minimum_init(&path->recent, arena, path->hold, 1.0f);
  if (status == LAC_OK)
    status = lac_box_smoother_init(&path->smoother, arena, path->lookahead);
  if (status != LAC_OK)
    return status;
  path->earlier = lac_arena_alloc(arena, path->hold, sizeof *path->earlier);
  if (!path->earlier)
    return LAC_ERR_MEMORY;
  lac_gain_path_reset(path);
  return LAC_OK;
}

void lac_gain_path_reset(LacGainPath *path) {
  lac_sliding_minimum_reset(&path->ahead);
  lac_sliding_minimum_reset(&path->recent);
  lac_box_smoother_reset(&path->smoother);
  for (uint32_t i = 0; i < path->hold; i++)
    path->earlier[i] = 1.0f;
  path->earlier_at = 0;
  path->fast = path->slow = 1.0;
  path->resting = UINT32_MAX;
}

static float rise(float value, float from, float full) {
  const float part = (value - from) / (full - from);
  return part < 0.0f ? 0.0f : part > 1.0f ? 1.0f : part;
}

/* What the slow path may reach: no deeper than a reduction that has come before, one to two holds ago, so that a single
 * peak never pulls it down; between two crests it stays there for pure tones and else begins to return. */
static void steady_targets(LacGainPath *path, const float *allowed, const float *share, float *target, uint32_t n) {
  lac_sliding_minimum_run(&path->recent, allowed, target, n);
  for (uint32_t i = 0; i < n; i++) {
    const float recent = target[i], earlier = path->earlier[path->earlier_at];
    path->earlier[path->earlier_at] = recent;
    path->earlier_at = path->earlier_at + 1 < path->hold ? path->earlier_at + 1 : 0;
    const float returning = earlier > allowed[i] ? earlier : allowed[i], held = earlier > recent ? earlier : recent;
    const float level = returning + rise(share[i], HOLD_FROM, HOLD_FULL) * (held - returning);
    target[i] = 1.0f - rise(share[i], STEADY_FROM, STEADY_FULL) * (1.0f - level);
  }
}

/* Compiled in place, unlike the C library's. */
static inline double lower(double a, double b) {
  return a < b ? a : b;
}

static inline double go_back(double value, double factor) {
  value += (1.0 - value) * factor;
  return value > 1.0 - ARRIVED ? 1.0 : value;
}

static bool is_any_reduced(const float *allowed, uint32_t n) {
  float lowest = 1.0f;
  for (uint32_t i = 0; i < n; i++)
    lowest = allowed[i] < lowest ? allowed[i] : lowest;
  return lowest < 1.0f;
}

bool lac_gain_path_run(LacGainPath *path, float *allowed, const float *tone_share, double fast_factor,
                       double slow_factor, double *gain, uint32_t n) {
  float target[LAC_GAIN_PATH_RUN];
  /* By then everything the path remembers is 1: leaving early changes no bit. */
  if (path->resting >= path->lookahead + 2 * path->hold && !is_any_reduced(allowed, n))
    return false;
  lac_sliding_minimum_run(&path->ahead, allowed, allowed, n);
  if (tone_share)
    steady_targets(path, allowed, tone_share, target, n);
  double fast = path->fast, slow = path->slow;
  uint32_t resting = path->resting;
  for (uint32_t i = 0; i < n; i++) {
    fast = lower((double)allowed[i], go_back(fast, fast_factor));
    if (tone_share)
      slow = lower((double)target[i], go_back(slow, slow_factor));
    gain[i] = lower(fast, slow);
    resting = gain[i] < 1.0 ? 0 : resting < UINT32_MAX ? resting + 1 : resting;
  }
  path->fast = fast;
  path->slow = slow;
  path->resting = resting;
  lac_box_smoother_run(&path->smoother, gain, gain, n);
  return true;
}
