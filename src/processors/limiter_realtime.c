/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/limiter_realtime.h"

/* True-peak limiter, real-time form (docs/processors/limiter.md). Two stages of the same make: read the true peak,
 * allow ceiling / peak, turn that into a smooth gain that is reached in time (gain_path.h), multiply the delayed
 * frames. limit  does the work, with the lookahead and releases of the parameters trim   reads the result. Where a
 * moving gain meets sound near half the sample rate, the product bends between the samples in a way no reading of the
 * input foretells (alternating samples: +0.4 dB); it takes off just that. Both leave every frame untouched for which
 * the true peak does not exceed the ceiling. */

#include "dsp/elementary.h"
#include "processors/limiter_params.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 247 }; /* what the detector reads at once */

/* Keeps what is allowed a hair under ceiling / peak, so that no rounding on the way out can cross the ceiling. */
static const float JUST_UNDER = 1.0f - 0x1p-22f;
/* The trim leaves alone what is less than 0.005 dB over: the ordinary error of the limiting stage, 0.001 dB on music.
 */
static const float TRIM_FROM = 1.000576f;
static const double TRIM_LOOKAHEAD_S = 0.001;
/* And takes off more than it finds, because its own gain moves too (alternating samples: 0.05 dB would be left). */
static const float TRIM_ZEAL = 1.4f;

static void take_times(LacProcessor *p) {
  LacLimiterRealtime *self = p->state;
  self->fast_factor = lac_gain_path_factor(p->values[LIMITER_RELEASE_MS], p->setup.rate_hz);
  self->slow_factor = lac_gain_path_factor(p->values[LIMITER_STEADY_RELEASE_MS], p->setup.rate_hz);
}

static void reset_stage(LacLimiterStage *stage, unsigned n_channels) {
  for (unsigned c = 0; c < n_channels; c++) {
    lac_true_peak_reset(stage->detector[c]);
    lac_gain_path_reset(&stage->path[c]);
    memset(stage->delay[c], 0, stage->delay_frames * sizeof *stage->delay[c]);
  }
  stage->delay_at = 0;
}

void lac_limiter_realtime_reset(LacProcessor *p) {
  LacLimiterRealtime *self = p->state;
  take_times(p);
  lac_gain_glide_jump(&self->drive, lac_gain_from_db(p->values[LIMITER_DRIVE_DB]));
  lac_gain_glide_jump(&self->ceiling, lac_gain_from_db(p->values[LIMITER_CEILING_DBTP]));
  lac_tone_share_reset(&self->tone);
  reset_stage(&self->limit, p->setup.n_channels);
  reset_stage(&self->trim, p->setup.n_channels);
  for (uint32_t i = 0; i < self->trim.delay_frames; i++)
    self->reduction[i] = 1.0f;
  self->reduction_at = 0;
  self->untouched = UINT32_MAX;
  lac_readout_begin(&self->readout, p, LIMITER_GAIN_REDUCTION_DB);
}

static LacStatus prepare_stage(LacProcessor *p, LacLimiterStage *stage, double lookahead_s, float slack, float zeal) {
  const uint32_t lookahead = (uint32_t)rint(lookahead_s * p->setup.rate_hz);
  stage->slack = slack;
  stage->zeal = zeal;
  stage->delay_frames = lac_true_peak_delay_frames() + lookahead - 1;
  p->latency_frames += stage->delay_frames;
  for (unsigned c = 0; c < p->setup.n_channels; c++) {
    LacStatus status = lac_true_peak_new(p->arena, &stage->detector[c]);
    if (status == LAC_OK)
      status = lac_gain_path_init(&stage->path[c], p->arena, p->setup.rate_hz, lookahead);
    if (status != LAC_OK)
      return status;
    stage->delay[c] = lac_arena_alloc(p->arena, stage->delay_frames, sizeof *stage->delay[c]);
    if (!stage->delay[c])
      return LAC_ERR_MEMORY;
  }
  return LAC_OK;
}

LacStatus lac_limiter_realtime_prepare(LacProcessor *p) {
  LacLimiterRealtime *self = p->state;
  const double rate_hz = p->setup.rate_hz;
  self->link = (float)(p->values[LIMITER_LINK_PERCENT] * 0.01);
  self->n_paths = self->link < 1.0f ? p->setup.n_channels : 1;
  self->glide_factor = lac_gain_glide_factor(rate_hz);
  self->kernels = lac_limiter_kernels_at(lac_cpu_level());
  lac_tone_share_init(&self->tone, rate_hz);
  LacStatus status = prepare_stage(p, &self->limit, p->values[LIMITER_LOOKAHEAD_MS] * 1e-3, 1.0f, 1.0f);
  if (status == LAC_OK)
    status = prepare_stage(p, &self->trim, TRIM_LOOKAHEAD_S, TRIM_FROM, TRIM_ZEAL);
  if (status != LAC_OK)
    return status;
  self->reduction = lac_arena_alloc(p->arena, self->trim.delay_frames, sizeof *self->reduction);
  if (!self->reduction)
    return LAC_ERR_MEMORY;
  lac_limiter_realtime_reset(p);
  return LAC_OK;
}

void lac_limiter_realtime_changed(LacProcessor *p) {
  LacLimiterRealtime *self = p->state;
  take_times(p);
  lac_gain_glide_aim(&self->drive, lac_gain_from_db(p->values[LIMITER_DRIVE_DB]));
  lac_gain_glide_aim(&self->ceiling, lac_gain_from_db(p->values[LIMITER_CEILING_DBTP]));
}

/* Held within what can still be limited. */
static void drive(LacLimiterRealtime *self, float *const *channels, unsigned n_channels, uint32_t n) {
  float gain[CHUNK];
  const bool is_moving = lac_gain_glide_is_moving(&self->drive);
  const float steady = (float)lac_gain_glide_value(&self->drive);
  for (uint32_t i = 0; i < n && is_moving; i++)
    gain[i] = (float)lac_gain_glide_step(&self->drive, self->glide_factor);
  for (unsigned c = 0; c < n_channels; c++) {
    for (uint32_t i = 0; i < n && is_moving; i++)
      channels[c][i] *= gain[i];
    self->kernels->drive(channels[c], is_moving ? 1.0f : steady, LIMITER_LOUDEST, n);
  }
}

/* The ceiling per frame, each value a float that is not above what was asked for; returns the lowest. */
static float ceilings(LacLimiterRealtime *self, float *ceiling, uint32_t n) {
  float lowest = 0.0f;
  const bool is_moving = lac_gain_glide_is_moving(&self->ceiling);
  for (uint32_t i = 0; i < (is_moving ? n : 1); i++) {
    const double wanted = lac_gain_glide_step(&self->ceiling, self->glide_factor);
    const float rounded = (float)wanted;
    ceiling[i] = (double)rounded > wanted ? rounded * JUST_UNDER : rounded;
    lowest = i == 0 || ceiling[i] < lowest ? ceiling[i] : lowest;
  }
  for (uint32_t i = 1; i < n && !is_moving; i++)
    ceiling[i] = lowest;
  return lowest;
}

static void allow(const LacLimiterStage *stage, const float *peak, const float *ceiling, float *allowed, uint32_t n) {
  const float extra = stage->zeal - 1.0f;
  for (uint32_t i = 0; i < n; i++) {
    const float fitting = ceiling[i] / (peak[i] > ceiling[i] ? peak[i] : ceiling[i]) * JUST_UNDER;
    const float reduced = fitting - extra * (1.0f - fitting), at_least_silent = reduced > 0.0f ? reduced : 0.0f;
    allowed[i] = peak[i] > ceiling[i] * stage->slack ? at_least_silent : 1.0f;
  }
}

/* What each path may pass: the louder channel decides for both, as far as they are linked. */
static void allow_paths(const LacLimiterRealtime *self, const LacLimiterStage *stage, float peak[][CHUNK],
                        const float *ceiling, float allowed[][CHUNK], unsigned n_channels, uint32_t n) {
  float together[CHUNK], linked[CHUNK];
  for (uint32_t i = 0; i < n; i++)
    together[i] = n_channels > 1 && peak[1][i] > peak[0][i] ? peak[1][i] : peak[0][i];
  if (self->n_paths == 1) {
    allow(stage, together, ceiling, allowed[0], n);
    return;
  }
  allow(stage, together, ceiling, linked, n);
  for (unsigned c = 0; c < n_channels; c++) {
    allow(stage, peak[c], ceiling, allowed[c], n);
    for (uint32_t i = 0; i < n; i++)
      allowed[c][i] += self->link * (linked[i] - allowed[c][i]);
  }
}

/* Puts n values in and takes out as many that have waited. Returns the next place in the ring. */
static uint32_t wait(const LacLimiterKernels *kernels, float *ring, uint32_t size, uint32_t at, float *values,
                     uint32_t n) {
  for (uint32_t done = 0, run; done < n; done += run) {
    run = n - done < size - at ? n - done : size - at;
    kernels->swap(ring + at, values + done, run);
    at = at + run < size ? at + run : 0;
  }
  return at;
}

static void fill(float *out, float value, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    out[i] = value;
}

/* Reads the peaks and delays the frames; returns whether any peak may be over. */
static bool read_and_wait(const LacProcessor *p, LacLimiterStage *stage, float *const *channels, float peak[][CHUNK],
                          float ignore_below, uint32_t n) {
  const LacLimiterRealtime *self = p->state;
  bool may_be_over = false;
  uint32_t at = 0;
  for (unsigned c = 0; c < p->setup.n_channels; c++) {
    may_be_over |= lac_true_peak_track(stage->detector[c], channels[c], peak[c], n, ignore_below);
    at = wait(self->kernels, stage->delay[c], stage->delay_frames, stage->delay_at, channels[c], n);
  }
  stage->delay_at = at;
  return may_be_over;
}

static bool is_resting(const LacLimiterStage *stage, unsigned n_paths, bool has_tone_share) {
  bool is_resting = true;
  for (unsigned k = 0; k < n_paths; k++)
    is_resting = is_resting && lac_gain_path_is_resting(&stage->path[k], has_tone_share);
  return is_resting;
}

/* Runs one stage over n <= CHUNK frames in place. `applied` receives the lower of the gains; returns whether any may be
 * below 1. ignore_below: peaks that need no reading. */
static bool run_stage(LacProcessor *p, LacLimiterStage *stage, float *const *channels, const float *ceiling,
                      float ignore_below, const float *tone_share, float *applied, uint32_t n) {
  const LacLimiterRealtime *self = p->state;
  const unsigned n_channels = p->setup.n_channels;
  float peak[LAC_MAX_CHANNELS][CHUNK], allowed[LAC_MAX_CHANNELS][CHUNK];
  double gain[CHUNK];
  bool is_working = false;
  const bool may_be_over = read_and_wait(p, stage, channels, peak, ignore_below * stage->slack, n);
  fill(applied, 1.0f, n);
  if (!may_be_over && is_resting(stage, self->n_paths, tone_share))
    return false;
  allow_paths(self, stage, peak, ceiling, allowed, n_channels, n);
  for (unsigned k = 0; k < self->n_paths; k++) {
    const double fast_factor = tone_share ? self->fast_factor : 1.0;
    if (!lac_gain_path_run(&stage->path[k], allowed[k], tone_share, fast_factor, self->slow_factor, gain, n))
      continue;
    is_working = true;
    for (unsigned c = self->n_paths > 1 ? k : 0; c < (self->n_paths > 1 ? k + 1 : n_channels); c++)
      self->kernels->reduce(channels[c], gain, n);
    for (uint32_t i = 0; i < n; i++)
      applied[i] = (float)gain[i] < applied[i] ? (float)gain[i] : applied[i];
  }
  return is_working;
}

/* The gain of both stages for the frames that leave now. `values` brings that of the limiting stage. */
static void report(LacLimiterRealtime *self, float *values, const float *trimmed, bool is_idle, uint32_t n) {
  self->reduction_at = wait(self->kernels, self->reduction, self->trim.delay_frames, self->reduction_at, values, n);
  if (!self->readout.track)
    return;
  if (is_idle) {
    lac_readout_push_constant(&self->readout, 0.0f, n);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    const float gain = values[i] * trimmed[i];
    values[i] = gain < 1.0f ? lac_fast_db_from_gainf(gain) : 0.0f;
  }
  lac_readout_push(&self->readout, values, n);
}

static void process_chunk(LacProcessor *p, float *const *channels, uint32_t n) {
  LacLimiterRealtime *self = p->state;
  float ceiling[CHUNK], share[CHUNK], limited[CHUNK], trimmed[CHUNK];
  drive(self, channels, p->setup.n_channels, n);
  bool is_touched = lac_gain_glide_is_moving(&self->ceiling);
  const float lowest = ceilings(self, ceiling, n);
  lac_tone_share_run(&self->tone, (const float *const *)channels, p->setup.n_channels, share, n);
  is_touched |= run_stage(p, &self->limit, channels, ceiling, lowest, share, limited, n);
  /* Where nothing has been touched for as far as the trim's detector sees, it would read again what the limiting stage
   * has found under the ceiling: it need not look. */
  self->untouched = is_touched ? 0 : self->untouched < UINT32_MAX - n ? self->untouched + n : UINT32_MAX;
  const bool is_clean = self->untouched >= 2 * lac_true_peak_delay_frames() + n;
  const bool is_trimmed = run_stage(p, &self->trim, channels, ceiling, is_clean ? INFINITY : lowest, NULL, trimmed, n);
  report(self, limited, trimmed, is_clean && !is_trimmed, n);
}

void lac_limiter_realtime_process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < CHUNK ? n_frames - done : CHUNK;
    float *run[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    process_chunk(p, run, n);
  }
}
