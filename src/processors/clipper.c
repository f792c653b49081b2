/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Perception-weighted clipping ahead of the limiter (docs/processors/clipper.md). It foresees the gain of the limiter
 * that follows (gain_path.h, the limiter's own), raises it by up to amount_db, and takes what would then stand over the
 * ceiling off the peaks, with pulses that hide under the sound (peak_cancel.h). The limiter has that much less to do.
 * This file is the class; what happens to a frame is in clipper_frames. */

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/tone_share.h"
#include "processors/clipper_frames.h"
#include "processors/glide.h"
#include "processors/limiter_params.h"
#include "processors/processor_class.h"

enum { AMOUNT_DB, DRIVE_DB, CEILING_DBTP, LINK_PERCENT };
enum { CLIPPED_DB };

static const LacParam params[] = {
    {.id = "amount_db",
     .title = "Amount",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 3,
     .neutral = 0,
     .step = 0.1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How much of the limiter's work on peaks is done by hidden clipping instead, where that sounds cleaner."},
    {.id = "drive_db",
     .title = "Limiter drive",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = LIMITER_MOST_DRIVE_DB,
     .neutral = 0,
     .step = 0.01,
     .help = "The drive of the limiter that follows; the level itself is not changed here."},
    {.id = "ceiling_dbtp",
     .title = "Limiter ceiling",
     .unit = "dBTP",
     .type = LAC_PARAM_NUMBER,
     .minimum = LIMITER_LEAST_CEILING_DBTP,
     .maximum = 0,
     .neutral = 0,
     .step = 0.01,
     .help = "The ceiling of the limiter that follows."},
    {.id = "link_percent",
     .title = "Limiter link",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "The channel link of the limiter that follows."},
};

static const LacReadout readouts[] = {
    {.id = "clipped_db",
     .title = "Clipped",
     .unit = "dB",
     .help = "How far the highest sample is lowered: 0 or below."},
};

enum {
  KEPT_SHARES = 3,                 /* frames whose share of low tone counts for the oldest of them */
  WAITING = LAC_CLIPPER_BEHIND - 1 /* frames from the clipping of one to its leaving, both counted */
};

/* Low tones are left to the limiter, which holds its gain still for them: shares of tone_share.h. */
static const float TONE_FROM = 0.7f, TONE_FULL = 0.9f;
/* A limit that moves by more than this from one end of a frame to the other (0.01 dB) is on its way. */
static const float CALM = 1.001f;

typedef struct Clipper {
  LacClipperFrames frames;
  LacToneShare tone;
  LacGainGlide drive, ceiling;
  double glide_factor;
  uint32_t moved;                /* frames since the limit last moved */
  uint32_t filled;               /* of the frame that fills */
  float tone_share[KEPT_SHARES]; /* the highest of frames t, t - 1, t - 2 */
  float clipped_db[WAITING];     /* of frames t - 2, t - 3, ... when t is complete */
  LacReadoutWriter readout;
} Clipper;

static bool is_neutral(const LacProcessor *p) {
  return !(p->values[AMOUNT_DB] > 0.0);
}

static double limit_now(Clipper *self) {
  return lac_gain_glide_value(&self->ceiling) / lac_gain_glide_value(&self->drive);
}

static void reset(LacProcessor *p) {
  Clipper *self = p->state;
  lac_readout_begin(&self->readout, p, CLIPPED_DB);
  if (is_neutral(p))
    return;
  lac_gain_glide_jump(&self->drive, lac_gain_from_db(p->values[DRIVE_DB]));
  lac_gain_glide_jump(&self->ceiling, lac_gain_from_db(p->values[CEILING_DBTP]));
  lac_tone_share_reset(&self->tone);
  lac_clipper_frames_reset(&self->frames, (float)limit_now(self));
  memset(self->tone_share, 0, sizeof self->tone_share);
  memset(self->clipped_db, 0, sizeof self->clipped_db);
  self->moved = LAC_CLIPPER_HELD;
  self->filled = 0;
}

static LacStatus prepare(LacProcessor *p) {
  Clipper *self = p->state;
  lac_readout_begin(&self->readout, p, CLIPPED_DB);
  if (is_neutral(p))
    return LAC_OK; /* nothing to do, hence no delay */
  const LacStatus status = lac_clipper_frames_init(&self->frames, p->arena, p->setup.rate_hz, p->setup.n_channels,
                                                   (float)(p->values[LINK_PERCENT] * 0.01));
  if (status != LAC_OK)
    return status;
  self->glide_factor = lac_gain_glide_factor(p->setup.rate_hz);
  lac_tone_share_init(&self->tone, p->setup.rate_hz);
  p->latency_frames = LAC_CLIPPER_HELD * self->frames.hop;
  p->tail_frames = self->frames.hop; /* a pulse may reach beyond the last frame */
  reset(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  Clipper *self = p->state;
  (void)param; /* amount_db restarts */
  lac_gain_glide_aim(&self->drive, lac_gain_from_db(p->values[DRIVE_DB]));
  lac_gain_glide_aim(&self->ceiling, lac_gain_from_db(p->values[CEILING_DBTP]));
}

/* What the limiter's gain would move for: all of it on noise and chords, nothing on a low tone. */
static float depth_db(const Clipper *self, double amount_db) {
  float share = 0.0f;
  for (int k = 0; k < KEPT_SHARES; k++)
    share = self->tone_share[k] > share ? self->tone_share[k] : share;
  const float part = (share - TONE_FROM) / (TONE_FULL - TONE_FROM);
  return (float)amount_db * (part < 0.0f ? 1.0f : part > 1.0f ? 0.0f : 1.0f - part);
}

/* A limit on its way makes the foreseen gain move, which hides pulses that a steady tone would not: they wait until no
 * frame that is looked at has any of it. */
static bool is_limit_calm(Clipper *self) {
  const float *limit = self->frames.limit + 2 * (size_t)self->frames.hop, last = limit[self->frames.hop - 1];
  const bool moves = last > limit[0] * CALM || limit[0] > last * CALM;
  self->moved = moves ? 0 : self->moved < LAC_CLIPPER_HELD ? self->moved + 1 : LAC_CLIPPER_HELD;
  return self->moved == LAC_CLIPPER_HELD;
}

static void finish_frame(LacProcessor *p) {
  Clipper *self = p->state;
  LacClipperFrames *frames = &self->frames;
  const float *newest[LAC_MAX_CHANNELS] = {NULL};
  for (unsigned c = 0; c < p->setup.n_channels; c++)
    newest[c] = frames->channel[c].held + (size_t)LAC_CLIPPER_BEHIND * frames->hop;
  lac_tone_share_run(&self->tone, newest, p->setup.n_channels, frames->share, frames->hop);
  const bool is_calm = is_limit_calm(self);
  lac_clipper_remember(self->tone_share, KEPT_SHARES, lac_clipper_highest(frames->share, frames->hop));
  lac_clipper_remember(self->clipped_db, WAITING,
                       lac_clipper_frames_work(frames, is_calm ? depth_db(self, p->values[AMOUNT_DB]) : 0.0f));
  self->filled = 0;
}

static void take_limits(Clipper *self, uint32_t n) {
  float *limit = self->frames.limit + 2 * self->frames.hop + self->filled;
  uint32_t i = 0;
  for (; i < n && (lac_gain_glide_is_moving(&self->drive) || lac_gain_glide_is_moving(&self->ceiling)); i++) {
    const double ceiling = lac_gain_glide_step(&self->ceiling, self->glide_factor);
    limit[i] = (float)(ceiling / lac_gain_glide_step(&self->drive, self->glide_factor));
  }
  const float settled = (float)limit_now(self);
  for (; i < n; i++)
    limit[i] = settled;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Clipper *self = p->state;
  if (is_neutral(p)) {
    lac_readout_push_constant(&self->readout, 0.0f, n_frames);
    return;
  }
  const uint32_t hop = self->frames.hop;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < hop - self->filled ? n_frames - done : hop - self->filled;
    take_limits(self, n);
    for (unsigned c = 0; c < p->setup.n_channels; c++) {
      LacClipperChannel *channel = &self->frames.channel[c];
      memcpy(channel->held + (size_t)LAC_CLIPPER_BEHIND * hop + self->filled, channels[c] + done, n * sizeof(float));
      memcpy(channels[c] + done, channel->leaving + self->filled, n * sizeof(float));
    }
    /* Frame t - 6 leaves while t fills; its value was found when t - 4 was complete. */
    lac_readout_push_constant(&self->readout, self->clipped_db[WAITING - 1], n);
    self->filled += n;
    if (self->filled == hop)
      finish_frame(p);
  }
}

static void release(LacProcessor *p) {
  Clipper *self = p->state;
  lac_clipper_frames_release(&self->frames);
}

extern const LacProcessorClass lac_clipper_class;
const LacProcessorClass lac_clipper_class = {
    .info = {.id = "clipper",
             .title = "Clipper",
             .purpose =
                 "Takes the last decibels off the peaks under cover of the sound, so that the limiter works less.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(Clipper),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = reset,
    .is_neutral = is_neutral,
    .release = release,
};
