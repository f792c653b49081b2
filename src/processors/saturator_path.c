/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/saturator_path.h"

#include <float.h>
#include <string.h>

enum { BEFORE = 8 }; /* samples ahead of a run at the high rate, of which the curve writes the last */

_Static_assert((int)SATURATOR_RUN *(int)LAC_OVERSAMPLER_MOST <= (int)LAC_WAVESHAPER_MOST, "a run fits into a curve's");
_Static_assert((int)SATURATOR_RUN <= (int)LAC_LEVEL_MATCH_RUN, "and into one of the level match");
_Static_assert((int)SATURATOR_RUN <= (int)LAC_POLE_SUM_RUN, "and of the poles");

static const float LOUDEST = 1e6f; /* into the curve; beyond it nothing needs to be right, only finite */

LacStatus lac_saturator_path_prepare(LacSaturatorPath *path, LacArena *arena, double rate_hz, unsigned n_channels,
                                     LacOversamplerKind kind, unsigned factor) {
  path->n_channels = n_channels;
  path->factor = factor;
  path->svf = lac_svf_kernels_at(lac_cpu_level());
  path->shaper = lac_waveshaper_kernels_at(lac_cpu_level());
  path->poles = lac_pole_sum_kernels_at(lac_cpu_level());
  lac_level_match_init(&path->match, rate_hz, rate_hz / LAC_QUANTUM_FRAMES);
  for (unsigned c = 0; c < n_channels; c++) {
    LacSaturatorChannel *channel = &path->channels[c];
    LacStatus status = lac_oversampler_new(arena, kind, rate_hz, factor, LAC_WAVESHAPER_DELAY, &channel->oversampler);
    if (status != LAC_OK)
      return status;
    path->delay_frames = lac_oversampler_latency_frames(channel->oversampler);
    channel->waiting = lac_arena_alloc(arena, (size_t)path->delay_frames + SATURATOR_RUN, sizeof(float));
    if (!channel->waiting)
      return LAC_ERR_MEMORY;
  }
  path->high = lac_arena_alloc(arena, BEFORE + LAC_WAVESHAPER_MOST + LAC_WAVESHAPER_AHEAD, sizeof(float));
  path->bent_before.even = lac_arena_alloc(arena, LAC_WAVESHAPER_MOST / 2, sizeof(float));
  path->bent_before.odd = lac_arena_alloc(arena, LAC_WAVESHAPER_MOST / 2, sizeof(float));
  return path->high && path->bent_before.even && path->bent_before.odd ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_saturator_path_empty_filters(LacSaturatorPath *path) {
  memset(path->filter_state, 0, sizeof path->filter_state);
  memset(path->band_sums, 0, sizeof path->band_sums);
  for (unsigned c = 0; c < path->n_channels; c++) {
    path->channels[c].leaving = (LacPoleSumLeaveState){.x = {0}};
    path->channels[c].coming_back = (LacPoleSumState){.x = {0}};
  }
}

void lac_saturator_path_wake(LacSaturatorPath *path) {
  lac_saturator_path_empty_filters(path);
  lac_level_match_reset(&path->match);
  for (unsigned c = 0; c < path->n_channels; c++) {
    lac_oversampler_reset(path->channels[c].oversampler);
    path->channels[c].shaper = (LacWaveshaperState){.late = 0};
  }
}

void lac_saturator_path_reset(LacSaturatorPath *path) {
  lac_saturator_path_wake(path);
  for (unsigned c = 0; c < path->n_channels; c++)
    memset(path->channels[c].waiting, 0, path->delay_frames * sizeof(float));
}

void lac_saturator_path_arrive_levels(LacSaturatorPath *path) {
  path->drive.now = path->drive.next;
  path->wet.now = path->wet.next;
  path->gain.now = path->gain.next;
}

void lac_saturator_path_arrive(LacSaturatorPath *path) {
  path->curve_now = path->curve_next;
  memcpy(path->filter_now, path->filter_next, sizeof path->filter_now);
  lac_saturator_path_arrive_levels(path);
}

void lac_saturator_path_flush(LacSaturatorPath *path) {
  for (unsigned f = 0; f < SATURATOR_FILTERS; f++)
    if (path->is_filter_on[f])
      lac_svf_flush(&path->filter_state[f]);
  for (unsigned c = 0; c < path->n_channels; c++) {
    lac_pole_sum_flush_leave(&path->channels[c].leaving);
    lac_pole_sum_flush(&path->channels[c].coming_back);
  }
}

static LacPoleSumGain gain_of(const LacSaturatorRamp *ramp, uint32_t place) {
  return (LacPoleSumGain){.now = ramp->now, .next = ramp->next, .per_frame = 1.0 / LAC_QUANTUM_FRAMES, .place = place};
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
    if (!path->is_settled && !path->is_following &&
        memcmp(&path->filter_now[f], &path->filter_next[f], sizeof path->filter_now[f]) != 0) {
      path->svf->run(sections, states, --n_on, frames, n); /* those ahead of it that stand still */
      lac_svf_run_moving(&path->filter_now[f], &path->filter_next[f], &path->filter_state[f], frames, n, place,
                         LAC_QUANTUM_FRAMES);
      n_on = 0;
    }
  }
  path->svf->run(sections, states, n_on, frames, n);
}

/* From `before` to y, n neighbours but one, the first of which is at `first`. */
static void cross(float first, float step, const float *before, float *y, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    y[i] = before[i] + (y[i] - before[i]) * ((first + (float)(2 * i)) * step);
}

/* While the curve changes, it is crossed over from the old one to the new. */
static void bend(LacSaturatorPath *path, LacSaturatorChannel *channel, float *u, LacOversamplerHigh y, uint32_t n,
                 uint32_t place) {
  const uint32_t n_high = n * path->factor;
  if (place == 0)
    channel->shaper_before = channel->shaper;
  path->shaper->run(&path->curve_next, &channel->shaper, u, y.even, y.odd, n_high);
  if (!path->is_curve_moving)
    return;
  const LacOversamplerHigh before = path->bent_before;
  path->shaper->run(&path->curve_now, &channel->shaper_before, u, before.even, before.odd, n_high);
  const float step = 1.0f / (float)(LAC_QUANTUM_FRAMES * path->factor), first = (float)(place * path->factor + 1);
  cross(first, step, before.even, y.even, n_high / 2);
  cross(first + 1, step, before.odd, y.odd, n_high / 2);
}

static bool is_any_on(const LacSaturatorPath *path, unsigned first, unsigned end) {
  bool is_on = false;
  for (unsigned f = first; f < end; f++)
    is_on = is_on || path->is_filter_on[f];
  return is_on;
}

/* The filters from first to end over planar samples, through `frames`. */
static void filter(LacSaturatorPath *path, unsigned first, unsigned end, const float *const *in, double *frames,
                   float out[LAC_MAX_CHANNELS][SATURATOR_RUN], uint32_t n, uint32_t place) {
  const bool is_stereo = path->n_channels > 1;
  path->svf->interleave(in[0], is_stereo ? in[1] : NULL, frames, n);
  run_filters(path, first, end, frames, n, place);
  path->svf->separate(frames, out[0], is_stereo ? out[1] : NULL, n);
}

static void add_squares(double *sums, const double *frames, uint32_t n) {
  double left = sums[0], right = sums[1];
  for (uint32_t i = 0; i < n; i++) {
    left += frames[LAC_SVF_LANES * i] * frames[LAC_SVF_LANES * i];
    right += frames[LAC_SVF_LANES * i + 1] * frames[LAC_SVF_LANES * i + 1];
  }
  sums[0] = left;
  sums[1] = right;
}

/* `waiting` holds delay_frames samples and has room for a run behind them: the song begins to wait at its end, and goes
 * from its beginning. */
static void begin_to_wait(const LacSaturatorPath *path, unsigned c, const float *in, uint32_t n) {
  memcpy(path->channels[c].waiting + path->delay_frames, in, n * sizeof(float));
}

static void stop_waiting(const LacSaturatorPath *path, unsigned c, uint32_t n) {
  float *waiting = path->channels[c].waiting;
  memmove(waiting, waiting + n, path->delay_frames * sizeof(float));
}

void lac_saturator_path_delay(LacSaturatorPath *path, float *const *channels, uint32_t n) {
  for (unsigned c = 0; c < path->n_channels; c++) {
    begin_to_wait(path, c, channels[c], n);
    memcpy(channels[c], path->channels[c].waiting, n * sizeof(float));
    stop_waiting(path, c, n);
  }
}

/* What has been put into the oversampler, through the curve. */
static void bend_channel(LacSaturatorPath *path, LacSaturatorChannel *channel, float *out, uint32_t n, uint32_t place) {
  float *high = path->high + BEFORE;
  lac_oversampler_up(channel->oversampler, lac_oversampler_low(channel->oversampler), high, n);
  bend(path, channel, high, lac_oversampler_high(channel->oversampler), n, place);
  lac_oversampler_down(channel->oversampler, out, n);
}

/* `out` with the level as it comes has been measured: now it is set. */
static void set_level(const LacPoleSumGain *gain, float *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const double y = (double)out[i] * lac_pole_sum_gain_at(gain, i), below = y < (double)FLT_MAX ? y : (double)FLT_MAX;
    out[i] = (float)(below > -(double)FLT_MAX ? below : -(double)FLT_MAX);
  }
}

/* What has come back joins the song, piece by piece. */
static void put_together(LacSaturatorPath *path, const LacSaturatorRun *run, const float *const *bent) {
  const LacPoleSumGain none = {.now = 1.0, .next = 1.0};
  const float *song[LAC_MAX_CHANNELS] = {NULL};
  for (unsigned c = 0; c < path->n_channels; c++) {
    LacSaturatorChannel *channel = &path->channels[c];
    song[c] = channel->waiting;
    for (uint32_t k = 0, at = 0; k < run->n_pieces; at += run->pieces[k++].n) {
      const LacSaturatorPiece *piece = &run->pieces[k];
      path->poles->come_back(&path->comes_back, &channel->coming_back, bent[c] + at, &piece->wet, song[c] + at,
                             path->matches_level ? &none : &piece->gain, (double)FLT_MAX, run->channels[c] + at,
                             piece->n);
    }
  }
  if (path->matches_level) { /* one piece, then */
    lac_level_match_add(&path->match, song, (const float *const *)run->channels, path->n_channels, run->n);
    for (unsigned c = 0; c < path->n_channels; c++)
      set_level(&run->pieces[0].gain, run->channels[c], run->n);
  }
  for (unsigned c = 0; c < path->n_channels; c++)
    stop_waiting(path, c, run->n);
}

void lac_saturator_path_begin(LacSaturatorPath *path, LacSaturatorRun *run, float *const *channels, uint32_t n,
                              uint32_t place) {
  run->n = n;
  run->n_driven = 0;
  run->n_pieces = 0;
  for (unsigned c = 0; c < LAC_MAX_CHANNELS; c++)
    run->way[c] = run->channels[c] = channels[c];
  for (unsigned c = 0; c < path->n_channels; c++) /* not just before it is read: what is being written cannot be */
    begin_to_wait(path, c, channels[c], n);
  if (!path->measures_band && !is_any_on(path, 0, SATURATOR_DRIVEN))
    return;
  filter(path, 0, SATURATOR_DRIVEN, run->way, run->frames, run->driven, n, place);
  for (unsigned c = 0; c < path->n_channels; c++)
    run->way[c] = run->driven[c];
}

void lac_saturator_path_drive(LacSaturatorPath *path, LacSaturatorRun *run, uint32_t n, uint32_t place) {
  const uint32_t at = run->n_driven;
  const LacPoleSumGain drive = gain_of(&path->drive, place);
  if (path->measures_band)
    add_squares(path->band_sums, run->frames + LAC_SVF_LANES * at, n);
  for (unsigned c = 0; c < path->n_channels; c++)
    path->poles->leave(&path->leaves, &path->channels[c].leaving, run->way[c] + at, &drive, LOUDEST,
                       lac_oversampler_low(path->channels[c].oversampler) + at, n);
  run->pieces[run->n_pieces++] = (LacSaturatorPiece){n, gain_of(&path->wet, place), gain_of(&path->gain, place)};
  run->n_driven += n;
}

void lac_saturator_path_end(LacSaturatorPath *path, LacSaturatorRun *run, uint32_t place) {
  float bent[LAC_MAX_CHANNELS][SATURATOR_RUN];
  for (unsigned c = 0; c < path->n_channels; c++)
    bend_channel(path, &path->channels[c], bent[c], run->n, place);
  const float *const way[LAC_MAX_CHANNELS] = {bent[0], bent[1]};
  if (is_any_on(path, SATURATOR_DRIVEN, SATURATOR_FILTERS))
    filter(path, SATURATOR_DRIVEN, SATURATOR_FILTERS, way, run->frames, bent, run->n, place);
  put_together(path, run, way);
}
