/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/clipper_frames.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/limiter_params.h"

typedef LacClipperChannel Channel;
typedef LacClipperFrames Frames;

enum {
  BEHIND = LAC_CLIPPER_BEHIND,
  HELD = LAC_CLIPPER_HELD,
  GAINS = LAC_CLIPPER_GAINS,
  SOLVED = 2,       /* the newest frame with a level lies so far behind */
  SWEPT = 3,        /* frames swept together */
  SWEEPS = 4,       /* at a time: every frame sees SWEPT times as many */
  IMAGE_TRIALS = 7, /* the last takes the depth to 0 */
  LEAST_HOP = 64    /* at 8 kHz */
};

/* How closely pulses follow the mask: chosen, like WORTH, on six excerpts of dense music (docs/processors/clipper.md).
 */
static const double GAMMA = 0.7;
/* Pulses may be so much louder over the mask than the limiter alone (which is foreseen on the low side, and steady
 * tones have none of it). */
static const double WORTH = 2.0;
/* What is left of the depth at each trial to hold the image. */
static const float LESS = 0.7f;
/* Frames whose highest sample stays this far (-4 dB) under the ceiling are not looked at between the samples. */
static const float QUIET = 0.63f;
/* Frames this near to their level (-1 dB) take part, because pulses of others may lift them. */
static const float NEAR = 0.89f;
/* Louder than any signal that means something: left to the limiter. */
static const float LOUDEST = 1e12f;

/* Frames of 8 to 16 ms, a power of two. */
static uint32_t hop_of(double rate_hz) {
  uint32_t hop = LEAST_HOP;
  while (rate_hz > hop * 125.0)
    hop *= 2;
  return hop;
}

/* 176 to 192 thousand points per second at 44.1 to 192 kHz. */
static uint32_t factor_of(double rate_hz) {
  return rate_hz < 64000.0 ? 4 : rate_hz < 128000.0 ? 2 : 1;
}

static void fill(float *values, uint32_t n, float value) {
  for (uint32_t i = 0; i < n; i++)
    values[i] = value;
}

static void reset_channel(Frames *self, Channel *channel) {
  const uint32_t hop = self->hop;
  memset(channel->held, 0, HELD * hop * sizeof(float));
  memset(channel->leaving, 0, hop * sizeof(float));
  fill(channel->gain, GAINS * hop, 1.0f);
  fill(channel->highest, HELD, 0.0f);
  channel->last_peak = 0.0f;
  lac_gain_path_reset(&channel->path);
  lac_peak_cancel_reset(&channel->cancel);
}

void lac_clipper_frames_reset(Frames *self, float limit) {
  for (unsigned c = 0; c < self->n_channels; c++)
    reset_channel(self, &self->channel[c]);
  fill(self->limit, 3 * self->hop, limit);
  lac_clipper_image_reset(&self->image);
  self->frame = 0;
}

static LacStatus init_channel(Frames *self, LacArena *arena, double rate_hz, Channel *channel) {
  const uint32_t hop = self->hop;
  channel->held = lac_arena_alloc(arena, (size_t)HELD * hop, sizeof(float));
  channel->gain = lac_arena_alloc(arena, (size_t)GAINS * hop, sizeof(float));
  channel->leaving = lac_arena_alloc(arena, hop, sizeof(float));
  channel->allowed = lac_arena_alloc(arena, hop, sizeof(float));
  if (!channel->held || !channel->gain || !channel->leaving || !channel->allowed)
    return LAC_ERR_MEMORY;
  const LacStatus status = lac_gain_path_init(&channel->path, arena, rate_hz, self->lookahead);
  return status == LAC_OK ? lac_peak_cancel_init(&channel->cancel, arena, &self->shape) : status;
}

static LacStatus init_shared(Frames *self, LacArena *arena, double rate_hz) {
  const uint32_t hop = self->hop, factor = factor_of(rate_hz);
  LacStatus status = lac_pulse_shape_init(&self->shape, arena, rate_hz, hop, factor, GAMMA);
  if (status == LAC_OK)
    status = lac_mask_init(&self->mask, arena, rate_hz, 4 * hop);
  if (status == LAC_OK)
    status = lac_interpolator_init(&self->interpolator, arena, factor, hop);
  if (status != LAC_OK)
    return status;
  self->limit = lac_arena_alloc(arena, (size_t)3 * hop, sizeof(float));
  self->share = lac_arena_alloc(arena, hop, sizeof(float));
  self->level = lac_arena_alloc(arena, hop + 1, sizeof(float));
  self->noise = lac_arena_alloc(arena, (size_t)GAINS * hop, sizeof(float));
  self->path_gain = lac_arena_alloc(arena, hop, sizeof(double));
  return self->limit && self->share && self->level && self->noise && self->path_gain ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_clipper_frames_init(Frames *self, LacArena *arena, double rate_hz, unsigned n_channels, float link) {
  *self = (Frames){.hop = hop_of(rate_hz), .link = link, .n_channels = n_channels};
  self->lookahead = (uint32_t)rint(LIMITER_NEUTRAL_LOOKAHEAD_MS * 1e-3 * rate_hz);
  lac_clipper_image_init(&self->image, rate_hz, self->hop);
  self->n_paths = link < 1.0f ? n_channels : 1;
  self->fast_factor = lac_gain_path_factor(LIMITER_NEUTRAL_RELEASE_MS, rate_hz);
  self->slow_factor = lac_gain_path_factor(LIMITER_NEUTRAL_STEADY_RELEASE_MS, rate_hz);
  LacStatus status = init_shared(self, arena, rate_hz);
  for (unsigned c = 0; c < n_channels && status == LAC_OK; c++)
    status = init_channel(self, arena, rate_hz, &self->channel[c]);
  return status;
}

void lac_clipper_frames_release(Frames *self) {
  lac_mask_release(&self->mask);
}

static float lowest_of(const float *values, uint32_t n) {
  float lowest = values[0];
  for (uint32_t i = 1; i < n; i++)
    lowest = values[i] < lowest ? values[i] : lowest;
  return lowest;
}

/* Largest magnitude from one sample to the next, per sample. */
static void magnitudes(const float *points, uint32_t factor, float *peak, uint32_t n) {
  if (factor == 4) { /* a form that compilers turn into vectors */
    for (uint32_t i = 0; i < n; i++) {
      const float *x = points + (size_t)4 * i;
      const float a = fabsf(x[0]), b = fabsf(x[1]), c = fabsf(x[2]), d = fabsf(x[3]);
      const float ab = a > b ? a : b, cd = c > d ? c : d;
      peak[i] = ab > cd ? ab : cd;
    }
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    float highest = 0.0f;
    for (uint32_t p = 0; p < factor; p++) {
      const float a = fabsf(points[(size_t)factor * i + p]);
      highest = a > highest ? a : highest;
    }
    peak[i] = highest;
  }
}

/* Frame t - 1 becomes points; peak[i] = the highest within a sample of i. */
static void read_peaks(Frames *self, Channel *channel, float lowest_limit, float *peak) {
  const uint32_t hop = self->hop, factor = self->shape.factor;
  const float *x = channel->held + (size_t)(HELD - 2) * hop;
  float *points = lac_peak_cancel_open(&channel->cancel, self->frame - 1);
  if (self->interpolator.kernels->max_abs(x - LAC_INTERPOLATE_REACH, hop + 2 * LAC_INTERPOLATE_REACH) >
      QUIET * lowest_limit)
    lac_interpolate(&self->interpolator, x, points, hop);
  else
    for (uint32_t i = 0; i < hop; i++)
      points[(size_t)factor * i] = x[i];
  magnitudes(points, factor, peak, hop);
  lac_clipper_remember(channel->highest, HELD, lac_clipper_highest(peak, hop));
  float before = channel->last_peak;
  for (uint32_t i = 0; i < hop; i++) {
    const float own = peak[i], next = fabsf(x[i + 1]), ends = before > next ? before : next;
    peak[i] = own > ends ? own : ends;
    before = own;
  }
  channel->last_peak = before;
}

static void allow(const float *peak, const float *limit, float *allowed, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    allowed[i] = peak[i] > limit[i] ? limit[i] / peak[i] : 1.0f;
}

/* The limiter's gain from what its channels allow; the first path serves both when they are fully linked. */
static void run_path(Frames *self, Channel *channel) {
  const uint32_t hop = self->hop, known = hop - (self->lookahead - 1);
  memmove(channel->gain, channel->gain + hop, (GAINS - 1) * hop * sizeof(float));
  float *to = channel->gain + (size_t)(GAINS - 2) * hop + known;
  for (uint32_t done = 0, n; done < hop; done += n) {
    n = hop - done < LAC_GAIN_PATH_RUN ? hop - done : LAC_GAIN_PATH_RUN;
    const bool is_working = lac_gain_path_run(&channel->path, channel->allowed + done, self->share + done,
                                              self->fast_factor, self->slow_factor, self->path_gain, n);
    for (uint32_t i = 0; i < n; i++)
      to[done + i] = is_working ? (float)self->path_gain[i] : 1.0f;
  }
  fill(to + hop, self->lookahead - 1, to[hop - 1]); /* until it is known */
}

static void foresee(Frames *self) {
  const uint32_t hop = self->hop;
  const unsigned n_channels = self->n_channels;
  const float *limit = self->limit + hop, lowest_limit = lowest_of(limit, hop);
  Channel *first = &self->channel[0], *second = &self->channel[1];
  for (unsigned c = 0; c < n_channels; c++) {
    read_peaks(self, &self->channel[c], lowest_limit, self->level);
    allow(self->level, limit, self->channel[c].allowed, hop);
  }
  for (uint32_t i = 0; n_channels > 1 && i < hop; i++) {
    const float a = first->allowed[i], b = second->allowed[i], both = a < b ? a : b;
    first->allowed[i] = a + self->link * (both - a);
    second->allowed[i] = b + self->link * (both - b);
  }
  for (unsigned c = 0; c < self->n_paths; c++)
    run_path(self, &self->channel[c]);
}

/* The levels of frame t - 2 when the foreseen gain is raised by depth_db: where it would have been g, the sound may
 * stand at limit / g, which nothing exceeds, lowered by that much but not below the limit. */
static void lower_level(const Frames *self, const float *gain, float depth_db, float *level) {
  const float *own = gain + (size_t)(GAINS - SOLVED) * self->hop;
  const float boost = lac_fast_exp2f(depth_db * 0.16609640f); /* log2(10) / 20 */
  for (uint32_t i = 0; i <= self->hop; i++) {
    const float raised = own[i] * boost;
    level[i] = self->limit[i] / (raised < 1.0f ? raised : 1.0f);
  }
}

/* Largest magnitude over level among `per_sample` points for each sample of a frame. */
static float largest_ratio(const Frames *self, const float *points, uint32_t per_sample) {
  float ratio[LAC_GAIN_PATH_RUN], largest = 0.0f;
  for (uint32_t done = 0, n; done < self->hop; done += n) {
    n = self->hop - done < LAC_GAIN_PATH_RUN ? self->hop - done : LAC_GAIN_PATH_RUN;
    magnitudes(points + (size_t)per_sample * done, per_sample, ratio, n);
    for (uint32_t i = 0; i < n; i++)
      ratio[i] /= self->level[done + i];
    const float highest = lac_clipper_highest(ratio, n);
    largest = highest > largest ? highest : largest;
  }
  return largest;
}

/* The mask around frame t - 2. */
static void take_mask(Frames *self, Channel *channel) {
  const float *around = channel->held + (size_t)(BEHIND - SOLVED) * self->hop - 3 * self->hop / 2;
  double power[LAC_MASK_BANDS];
  lac_mask_powers(&self->mask, around, 1.0 / (double)self->limit[0], power);
  lac_mask_thresholds(&self->mask, power, channel->threshold);
}

/* What the limiter would add to the sound around frame t - 2, over what the mask allows: the part of the sound times
 * gain that is not the sound at its mean gain. */
static double limiter_noise(Frames *self, Channel *channel, const float *gain) {
  const uint32_t n = GAINS * self->hop;
  const float *x = channel->held + self->hop;
  double weighted = 1e-30, energy = 1e-30, power[LAC_MASK_BANDS];
  for (uint32_t i = 0; i < n; i++) {
    const double square = (double)x[i] * (double)x[i];
    energy += square;
    weighted += square * (double)gain[i];
  }
  const float per_mean = (float)(energy / weighted);
  for (uint32_t i = 0; i < n; i++)
    self->noise[i] = x[i] * (gain[i] * per_mean - 1.0f);
  lac_mask_powers(&self->mask, self->noise, 1.0 / (double)self->limit[0], power);
  return lac_mask_noise_ratio(&self->mask, power, channel->threshold);
}

/* The same of the pulses of frame t - 2. */
static double pulse_noise(const Frames *self, const Channel *channel) {
  const double limit = (double)self->limit[0];
  double power[LAC_MASK_BANDS];
  lac_peak_cancel_powers(&channel->cancel, self->frame - SOLVED, &self->mask, power);
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    power[b] /= limit * limit;
  return lac_mask_noise_ratio(&self->mask, power, channel->threshold);
}

static void sweep(Frames *self, Channel *channel) {
  lac_peak_cancel_sweep(&channel->cancel, self->frame - SOLVED - (SWEPT - 1), SWEPT, SWEEPS);
}

/* Whether anything comes near the level: then pulses of others may lift it over. */
static bool is_near(const Frames *self, Channel *channel) {
  const float *points = lac_peak_cancel_points(&channel->cancel, self->frame - SOLVED);
  return largest_ratio(self, points, self->shape.factor) > NEAR &&
         lac_clipper_highest(channel->highest, HELD) < LOUDEST;
}

/* Gives frame t - 2 of a channel its level and sweeps; a depth of 0 brings back what was kept. */
static void clip(Frames *self, Channel *channel, const float *gain, float depth_db) {
  channel->depth_db = depth_db;
  if (depth_db > 0.0f) {
    lower_level(self, gain, depth_db, self->level);
    lac_peak_cancel_bound(&channel->cancel, self->frame - SOLVED, self->level, channel->threshold);
  } else {
    lac_peak_cancel_restore(&channel->cancel, self->frame - SOLVED);
  }
  sweep(self, channel);
}

/* Clips frame t - 2 of a channel by the deepest of depth_db, half of it and none at which the pulses are not much more
 * audible than the limiter alone. */
static void clip_channel(Frames *self, Channel *channel, const float *gain, float depth_db) {
  channel->depth_db = 0.0f;
  if (depth_db > 0.0f)
    lower_level(self, gain, depth_db, self->level);
  if (!(depth_db > 0.0f && is_near(self, channel))) {
    sweep(self, channel);
    return;
  }
  take_mask(self, channel);
  const double allowed = WORTH * limiter_noise(self, channel, gain);
  lac_peak_cancel_keep(&channel->cancel, self->frame - SOLVED);
  for (int trial = 0; trial < 2; trial++, depth_db *= 0.5f) {
    clip(self, channel, gain, depth_db);
    if (pulse_noise(self, channel) <= allowed)
      return;
  }
  clip(self, channel, gain, 0.0f);
}

static const float *gain_of(const Frames *self, unsigned c) {
  return self->channel[self->n_paths > 1 ? c : 0].gain;
}

static void read_image(Frames *self, unsigned c) {
  Channel *channel = &self->channel[c];
  lac_clipper_image_read(&self->image, c, channel->held, lac_peak_cancel_points(&channel->cancel, self->frame - BEHIND),
                         self->shape.factor);
}

/* The limiter's deepest reduction in the frames around t - 2. */
static double reduction_db(const Frames *self) {
  float lowest = 1.0f;
  for (unsigned c = 0; c < self->n_paths; c++) {
    const float own = lowest_of(self->channel[c].gain, GAINS * self->hop);
    lowest = own < lowest ? own : lowest;
  }
  return -lac_db_from_gain((double)lowest);
}

/* Where one channel has lost more than the other, frame t - 2 of it is clipped less. */
static void hold_image(Frames *self) {
  if (self->n_channels < 2 || !(self->channel[0].depth_db > 0.0f || self->channel[1].depth_db > 0.0f))
    return;
  const double most_db = lac_clipper_image_allowed_db(reduction_db(self));
  read_image(self, 0);
  read_image(self, 1);
  for (int trial = 1; trial <= IMAGE_TRIALS; trial++) {
    double lost_db[2];
    lac_clipper_image_lost_db(&self->image, lost_db);
    for (unsigned c = 0; c < 2; c++)
      if (!(self->channel[c].depth_db > 0.0f))
        lost_db[c] = 0.0;
    const unsigned worse = lost_db[0] > lost_db[1] ? 0 : 1;
    Channel *channel = &self->channel[worse];
    if (lost_db[worse] <= most_db)
      return;
    clip(self, channel, gain_of(self, worse), trial < IMAGE_TRIALS ? LESS * channel->depth_db : 0.0f);
    read_image(self, worse);
  }
}

/* By how much the highest sample of frame t - 2 goes down: as far as it stands over its level. */
static float lowered_db(Frames *self, const Channel *channel, const float *gain) {
  if (!(channel->depth_db > 0.0f))
    return 0.0f;
  lower_level(self, gain, channel->depth_db, self->level);
  const float ratio = largest_ratio(self, channel->held + (size_t)(BEHIND - SOLVED) * self->hop, 1);
  return ratio > 1.0f ? -lac_fast_db_from_gainf(ratio) : 0.0f;
}

static void move_on(Frames *self, unsigned c) {
  Channel *channel = &self->channel[c];
  const uint32_t hop = self->hop;
  const float *points = lac_peak_cancel_points(&channel->cancel, self->frame - BEHIND);
  if (self->n_channels > 1)
    lac_clipper_image_leave(&self->image, c, channel->held, points, self->shape.factor);
  for (uint32_t i = 0; i < hop; i++)
    channel->leaving[i] = points[(size_t)self->shape.factor * i];
  memmove(channel->held, channel->held + hop, BEHIND * hop * sizeof(float));
}

float lac_clipper_frames_work(Frames *self, float depth_db) {
  float clipped_db = 0.0f;
  foresee(self);
  for (unsigned c = 0; c < self->n_channels; c++)
    clip_channel(self, &self->channel[c], gain_of(self, c), depth_db);
  hold_image(self);
  for (unsigned c = 0; c < self->n_channels; c++) {
    const float lowered = lowered_db(self, &self->channel[c], gain_of(self, c));
    clipped_db = lowered < clipped_db ? lowered : clipped_db;
  }
  for (unsigned c = 0; c < self->n_channels; c++)
    move_on(self, c);
  memmove(self->limit, self->limit + self->hop, 2 * self->hop * sizeof(float));
  self->frame++;
  return clipped_db;
}
