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

/* From a share of low tone: how far the slow path takes part, and holds between crests. */
typedef struct Steadiness {
  float part, held;
} Steadiness;

/* What the slow path may reach: no deeper than a reduction that has come before, one to two holds ago, so that a single
 * peak never pulls it down; between two crests it stays there for pure tones and else begins to return. `earlier` is
 * changed for what is recent; target brings that. */
static void steady_run(Steadiness steadiness, float *restrict earlier, const float *restrict allowed,
                       float *restrict target, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const float recent = target[i], before = earlier[i];
    earlier[i] = recent;
    const float returning = before > allowed[i] ? before : allowed[i], held = before > recent ? before : recent;
    const float level = returning + steadiness.held * (held - returning);
    target[i] = 1.0f - steadiness.part * (1.0f - level);
  }
}

/* The share of low tone stands still for a hop at a time. */
static void steady_targets(LacGainPath *path, const float *allowed, const float *share, float *target, uint32_t n) {
  lac_sliding_minimum_run(&path->recent, allowed, target, n);
  for (uint32_t done = 0, run; done < n; done += run) {
    const uint32_t room = path->hold - path->earlier_at, most = n - done < room ? n - done : room;
    const float now = share[done];
    for (run = 1; run < most && share[done + run] == now;)
      run++;
    steady_run((Steadiness){.part = rise(now, STEADY_FROM, STEADY_FULL), .held = rise(now, HOLD_FROM, HOLD_FULL)},
               path->earlier + path->earlier_at, allowed + done, target + done, run);
    path->earlier_at = run < room ? path->earlier_at + run : 0;
  }
}

/* One step of a release to what is allowed: the lower of that and a step towards 1, which is never the lower one where
 * no more is allowed than before. With branches, which are foreseen well, nothing waits for a comparison, and where the
 * gain is held nothing waits for the step. */
static inline double release(double value, double allowed, double factor) {
  if (allowed <= value)
    return allowed;
  value += (1.0 - value) * factor;
  if (value > 1.0 - ARRIVED)
    return allowed;
  return value < allowed ? value : allowed;
}

/* Frames since the last that is reduced, of n after `resting`. */
static uint32_t rest(uint32_t resting, const double *gain, uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    if (gain[n - 1 - k] < 1.0)
      return k;
  return resting < UINT32_MAX - n ? resting + n : UINT32_MAX;
}

static bool is_any_reduced(const float *allowed, uint32_t n) {
  float lowest = 1.0f;
  for (uint32_t i = 0; i < n; i++)
    lowest = allowed[i] < lowest ? allowed[i] : lowest;
  return lowest < 1.0f;
}

bool lac_gain_path_is_resting(const LacGainPath *path, bool has_tone_share) {
  return path->resting >= path->lookahead + (has_tone_share ? 2 * path->hold : 0);
}

bool lac_gain_path_run(LacGainPath *path, float *allowed, const float *tone_share, double fast_factor,
                       double slow_factor, double *gain, uint32_t n) {
  float target[LAC_GAIN_PATH_RUN];
  /* By then everything the path remembers is 1: leaving early changes no bit. */
  if (lac_gain_path_is_resting(path, tone_share) && !is_any_reduced(allowed, n))
    return false;
  lac_sliding_minimum_run(&path->ahead, allowed, allowed, n);
  if (tone_share)
    steady_targets(path, allowed, tone_share, target, n);
  double fast = path->fast, slow = path->slow;
  for (uint32_t i = 0; i < n; i++) {
    fast = release(fast, (double)allowed[i], fast_factor);
    if (tone_share)
      slow = release(slow, (double)target[i], slow_factor);
    gain[i] = fast < slow ? fast : slow;
  }
  path->fast = fast;
  path->slow = slow;
  path->resting = rest(path->resting, gain, n);
  lac_box_smoother_run(&path->smoother, gain, gain, n);
  return true;
}
