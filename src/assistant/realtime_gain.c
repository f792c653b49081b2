/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/realtime_gain.h"

#include <math.h>

#include "core/memory.h"
#include "dsp/elementary.h"

/* How much longer than the fast release the gain takes on average: what the slow path for low tones adds. */
static const double release_share = 2.0;

struct LacRealtimeGain {
  const LacControlTrack *control;
  size_t window_hops;  /* how many hops a peak holds the gain down */
  float release;       /* share of the way back to 1 per hop */
  size_t average_hops; /* the average over the lookahead looks this far ahead, */
  float average_part;  /* and this part of a hop farther */
  float *allowed;      /* count + window_hops + 2 */
  float *gain;         /* count + average_hops + 2 */
};

/* A peak, anywhere in its hop, holds the gain for `lookahead` and touches one hop more than fit into it; the frames
 * leave `lookahead` later through a bell-shaped average as long, whose middle lies half-way: so a frame's gain is that
 * of the holding half a lookahead ahead of it. */
static void take_times(LacRealtimeGain *gain, double lookahead_ms, double release_ms) {
  double hop_ms = 1000.0 * gain->control->hop_frames / gain->control->rate_hz;
  double lookahead = lookahead_ms / hop_ms;
  gain->window_hops = (size_t)floor(lookahead) + 2;
  gain->release = (float)(1.0 - lac_exp(-hop_ms / (release_share * release_ms)));
  gain->average_hops = (size_t)floor(0.5 * lookahead);
  gain->average_part = (float)(0.5 * lookahead - floor(0.5 * lookahead));
}

LacStatus lac_realtime_gain_new(const LacControlTrack *control, double lookahead_ms, double release_ms,
                                LacRealtimeGain **out) {
  LacRealtimeGain *gain = lac_calloc(1, sizeof *gain);
  *out = NULL;
  if (!gain)
    return LAC_ERR_MEMORY;
  gain->control = control;
  take_times(gain, lookahead_ms, release_ms);
  gain->allowed = lac_alloc(control->count + gain->window_hops + 2, sizeof *gain->allowed);
  gain->gain = lac_alloc(control->count + gain->average_hops + 2, sizeof *gain->gain);
  if (!gain->allowed || !gain->gain) {
    lac_realtime_gain_free(gain);
    return LAC_ERR_MEMORY;
  }
  *out = gain;
  return LAC_OK;
}

void lac_realtime_gain_free(LacRealtimeGain *gain) {
  if (!gain)
    return;
  lac_free(gain->allowed);
  lac_free(gain->gain);
  lac_free(gain);
}

/* What each hop's peak allows; `window_hops` ones stand before the first. */
static void find_allowed(LacRealtimeGain *gain, float limit) {
  size_t before = gain->window_hops;
  for (size_t k = 0; k < before; k++)
    gain->allowed[k] = 1.0f;
  for (size_t k = 0; k < gain->control->count; k++) {
    float peak = gain->control->peak[k];
    gain->allowed[before + k] = peak > limit ? limit / peak : 1.0f;
  }
}

const float *lac_realtime_gain_run(LacRealtimeGain *gain, float limit) {
  size_t count = gain->control->count;
  size_t window = gain->window_hops;
  size_t ahead = gain->average_hops + 1;
  float part = gain->average_part;
  float released = 1.0f;
  find_allowed(gain, limit);
  for (size_t k = 0; k < count; k++) {
    const float *newest = gain->allowed + window + k;
    float held = newest[0];
    for (size_t j = 1; j < window; j++)
      held = newest[-(ptrdiff_t)j] < held ? newest[-(ptrdiff_t)j] : held;
    released += (1.0f - released) * gain->release;
    released = held < released ? held : released;
    gain->gain[k] = released;
  }
  for (size_t k = count; k < count + ahead; k++) /* the end: nothing new comes */
    gain->gain[k] = 1.0f;
  for (size_t k = 0; k < count; k++) {
    float near = gain->gain[k + ahead - 1];
    gain->gain[k] = near + part * (gain->gain[k + ahead] - near);
  }
  return gain->gain;
}
