/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/saturator_path.h"

#include <float.h>
#include <string.h>

enum { HIGH_ROOM = LAC_WAVESHAPER_MOST + 2 * LAC_WAVESHAPER_SLACK };

_Static_assert((int)SATURATOR_RUN *(int)LAC_OVERSAMPLER_MOST <= (int)LAC_WAVESHAPER_MOST, "a run fits into a curve's");
_Static_assert((int)SATURATOR_RUN <= (int)LAC_LEVEL_MATCH_RUN, "and into one of the level match");
_Static_assert((int)SATURATOR_RUN <= (int)LAC_LANE_GAIN_RUN, "and of the lanes");

static const double LOUDEST = 1e6; /* into the curve; beyond it nothing needs to be right, only finite */

LacStatus lac_saturator_path_prepare(LacSaturatorPath *path, LacArena *arena, double rate_hz, unsigned n_channels,
                                     unsigned factor) {
  path->n_channels = n_channels;
  path->factor = factor;
  path->svf = lac_svf_kernels_at(lac_cpu_level());
  path->shaper = lac_waveshaper_kernels_at(lac_cpu_level());
  path->lanes = lac_lane_gain_kernels_at(lac_cpu_level());
  lac_level_match_init(&path->match, rate_hz, rate_hz / LAC_QUANTUM_FRAMES);
  for (unsigned c = 0; c < n_channels; c++) {
    LacSaturatorChannel *channel = &path->channels[c];
    LacStatus status = lac_oversampler_new(arena, rate_hz, factor, LAC_WAVESHAPER_DELAY, &channel->oversampler);
    if (status != LAC_OK)
      return status;
    path->delay_frames = lac_oversampler_latency_frames(channel->oversampler);
    channel->waiting = lac_arena_alloc(arena, (size_t)path->delay_frames + SATURATOR_RUN, sizeof(float));
    if (!channel->waiting)
      return LAC_ERR_MEMORY;
  }
  path->high = lac_arena_alloc(arena, HIGH_ROOM, sizeof(float));
  path->bent = lac_arena_alloc(arena, HIGH_ROOM, sizeof(float));
  path->bent_before = lac_arena_alloc(arena, HIGH_ROOM, sizeof(float));
  return path->high && path->bent && path->bent_before ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_saturator_path_wake(LacSaturatorPath *path) {
  memset(path->filter_state, 0, sizeof path->filter_state);
  path->band_sum = 0;
  lac_level_match_reset(&path->match);
  for (unsigned c = 0; c < path->n_channels; c++) {
    lac_oversampler_reset(path->channels[c].oversampler);
    path->channels[c].shaper = (LacWaveshaperState){0, 0};
  }
}

void lac_saturator_path_reset(LacSaturatorPath *path) {
  lac_saturator_path_wake(path);
  for (unsigned c = 0; c < path->n_channels; c++)
    memset(path->channels[c].waiting, 0, path->delay_frames * sizeof(float));
}

void lac_saturator_path_arrive(LacSaturatorPath *path) {
  path->curve_now = path->curve_next;
  memcpy(path->filter_now, path->filter_next, sizeof path->filter_now);
  path->drive.now = path->drive.next;
  path->wet.now = path->wet.next;
  path->gain.now = path->gain.next;
}

void lac_saturator_path_flush(LacSaturatorPath *path) {
  for (unsigned f = 0; f < SATURATOR_FILTERS; f++)
    lac_svf_flush(&path->filter_state[f]);
}

static LacLaneGain gain_of(const LacSaturatorRamp *ramp, uint32_t place) {
  return (LacLaneGain){.now = ramp->now, .next = ramp->next, .per_frame = 1.0 / LAC_QUANTUM_FRAMES, .place = place};
}

static bool is_flat(const LacSaturatorRamp *ramp) {
  return ramp->now == ramp->next;
}

bool lac_saturator_path_has_arrived(const LacSaturatorPath *path) {
  return is_flat(&path->drive) && is_flat(&path->wet) && is_flat(&path->gain);
}

static void run_filters(LacSaturatorPath *path, unsigned first, unsigned end, double *frames, uint32_t n,
                        uint32_t place) {
  const LacSvfSection *sections[SATURATOR_FILTERS];
  LacSvfState *states[SATURATOR_FILTERS];
  unsigned n_on = 0;
  for (unsigned f = first; f < end; f++) {
    if (!path->is_filter_on[f])
      continue;
    sections[n_on] = &path->filter_next[f];
    states[n_on++] = &path->filter_state[f];
    if (!path->is_settled && memcmp(&path->filter_now[f], &path->filter_next[f], sizeof path->filter_now[f]) != 0) {
      path->svf->run(sections, states, --n_on, frames, n); /* those ahead of it that stand still */
      lac_svf_run_moving(&path->filter_now[f], &path->filter_next[f], &path->filter_state[f], frames, n, place,
                         LAC_QUANTUM_FRAMES);
      n_on = 0;
    }
  }
  path->svf->run(sections, states, n_on, frames, n);
}

/* While the curve changes, it is crossed over from the old one to the new. */
static void bend(LacSaturatorPath *path, LacSaturatorChannel *channel, float *u, float *y, uint32_t n, uint32_t place) {
  const uint32_t n_high = n * path->factor;
  if (place == 0)
    channel->shaper_before = channel->shaper;
  path->shaper->run(&path->curve_next, &channel->shaper, u, y, n_high);
  if (!path->is_curve_moving)
    return;
  path->shaper->run(&path->curve_now, &channel->shaper_before, u, path->bent_before, n_high);
  const float step = 1.0f / (float)(LAC_QUANTUM_FRAMES * path->factor);
  for (uint32_t i = 0; i < n_high; i++)
    y[i] = path->bent_before[i] + (y[i] - path->bent_before[i]) * ((float)(place * path->factor + i + 1) * step);
}

static void bend_all(LacSaturatorPath *path, double *frames, uint32_t n, uint32_t place) {
  float u[LAC_MAX_CHANNELS][SATURATOR_RUN];
  const LacLaneGain drive = gain_of(&path->drive, place), wet = gain_of(&path->wet, place);
  float *high = path->high + LAC_WAVESHAPER_SLACK;
  path->lanes->part(frames, &drive, LOUDEST, u[0], u[1], n);
  for (unsigned c = 0; c < path->n_channels; c++) {
    LacSaturatorChannel *channel = &path->channels[c];
    lac_oversampler_up(channel->oversampler, u[c], high, n);
    bend(path, channel, high, path->bent, n, place);
    lac_oversampler_down(channel->oversampler, path->bent, u[c], n);
  }
  path->lanes->join(u[0], u[1], &wet, frames, n);
}

/* `waiting` holds delay_frames samples and has room for a run behind them. */
static void wait(const LacSaturatorPath *path, float *waiting, const float *in, float *out, uint32_t n) {
  memcpy(waiting + path->delay_frames, in, n * sizeof(float));
  memcpy(out, waiting, n * sizeof(float));
  memmove(waiting, waiting + n, path->delay_frames * sizeof(float));
}

void lac_saturator_path_delay(LacSaturatorPath *path, float *const *channels, uint32_t n) {
  float late[SATURATOR_RUN];
  for (unsigned c = 0; c < path->n_channels; c++) {
    wait(path, path->channels[c].waiting, channels[c], late, n);
    memcpy(channels[c], late, n * sizeof(float));
  }
}

static void put_together(LacSaturatorPath *path, float *const *channels, double *frames, uint32_t n, uint32_t place) {
  const unsigned n_channels = path->n_channels;
  float dry[LAC_MAX_CHANNELS][SATURATOR_RUN] = {{0}}, no_channel[SATURATOR_RUN];
  for (unsigned c = 0; c < n_channels; c++)
    wait(path, path->channels[c].waiting, channels[c], dry[c], n);
  const float *const song[] = {dry[0], dry[1]};
  float *const out[] = {channels[0], n_channels > 1 ? channels[1] : no_channel};
  const LacLaneGain gain = gain_of(&path->gain, place), none = {.now = 1.0, .next = 1.0};
  if (path->matches_level) {
    path->lanes->add(song, frames, &none, (double)FLT_MAX, out, n);
    lac_level_match_add(&path->match, song, (const float *const *)channels, n_channels, n);
  }
  path->lanes->add(song, frames, &gain, (double)FLT_MAX, out, n);
}

void lac_saturator_path_run(LacSaturatorPath *path, float *const *channels, uint32_t n, uint32_t place) {
  const unsigned n_channels = path->n_channels;
  _Alignas(64) double frames[LAC_SVF_LANES * SATURATOR_RUN];
  path->svf->interleave(channels[0], n_channels > 1 ? channels[1] : NULL, frames, n);
  run_filters(path, 0, SATURATOR_DRIVEN, frames, n, place);
  if (path->measures_band)
    for (uint32_t i = 0; i < LAC_SVF_LANES * n; i++)
      path->band_sum += frames[i] * frames[i] * (n_channels > 1 ? 0.5 : 1.0);
  bend_all(path, frames, n, place);
  run_filters(path, SATURATOR_DRIVEN, SATURATOR_FILTERS, frames, n, place);
  put_together(path, channels, frames, n, place);
}
