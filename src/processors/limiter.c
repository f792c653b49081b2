/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* True-peak limiter, real-time form (docs/limiter.md). Per frame:
 *   r  what the reconstructed signal around the frame allows, 1 when it stays under the ceiling
 *   e  r, reached early (minimum over the lookahead) and left slowly: at once after treble, late after bass
 *   g  e, averaged over the lookahead: weights >= 0, so every average of values <= r is <= r
 * and the frame, delayed by as much, is multiplied by g. */

#include <math.h>
#include <string.h>

#include "dsp/bass_share.h"
#include "dsp/box_smoother.h"
#include "dsp/elementary.h"
#include "dsp/sliding_minimum.h"
#include "dsp/true_peak.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { DRIVE_DB, CEILING_DBTP, LINK_PERCENT, LOOKAHEAD_MS, RELEASE_MS, BASS_RELEASE_MS };
enum { GAIN_REDUCTION_DB };
enum { CHUNK = 120 }; /* what the detector reads at once */

static const LacParam params[] = {
    {.id = "drive_db",
     .title = "Drive",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 40,
     .neutral = 0,
     .step = 0.01,
     .help = "Raises the level into the limiter: the more, the louder and denser the master."},
    {.id = "ceiling_dbtp",
     .title = "Ceiling",
     .unit = "dBTP",
     .type = LAC_PARAM_NUMBER,
     .minimum = -20,
     .maximum = 0,
     .neutral = 0,
     .step = 0.01,
     .help = "The true peak that nothing exceeds, also between the samples."},
    {.id = "link_percent",
     .title = "Channel link",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "At 100 both channels move together and the stereo image stands still; at 0 each is limited alone."},
    {.id = "lookahead_ms",
     .title = "Lookahead",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 1.5,
     .maximum = 10,
     .neutral = 2.5,
     .step = 0.1,
     .scale = LAC_SCALE_LOG,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How long before a peak the gain begins to fall: short keeps punch, long is smoother."},
    {.id = "release_ms",
     .title = "Release",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0.5,
     .maximum = 500,
     .neutral = 2,
     .step = 0.1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast the gain returns after a peak: short is louder and cleaner on dense music, long is calmer."},
    {.id = "bass_release_ms",
     .title = "Bass release",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 20,
     .maximum = 2000,
     .neutral = 200,
     .step = 1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast the gain returns while bass dominates, where a short release would bend every cycle."},
};

static const LacReadout readouts[] = {
    {.id = "gain_reduction_db",
     .title = "Gain reduction",
     .unit = "dB",
     .help = "The gain the limiter applies, drive left out: 0 or below."},
};

/* Keeps r a hair under ceiling / peak, so that no rounding on the way to the output can cross the ceiling. */
static const float JUST_UNDER = 1.0f - 0x1p-22f;
/* Louder than any signal that means something; keeps the sums of the detector finite. */
static const float LOUDEST = 1e15f;
/* Share of bass energy where holding begins and where it is complete. A lone bass note has 1, a bass note with a
 * quarter of its amplitude in the treble (SMPTE) 0.94; full mixes rarely pass 0.7. */
static const float BASS_FROM = 0.75f, BASS_FULL = 0.90f;
/* Bass holds its gain for half a cycle of 20 Hz, so that between two crests nothing moves. */
static const double BASS_HOLD_S = 0.025;
/* A gain this near to 1 (-140 dB) is 1. */
static const double ARRIVED = 1e-7;

/* The gain of both channels together, or of one alone. */
typedef struct GainPath {
  LacSlidingMinimum ahead; /* over the lookahead */
  LacSlidingMinimum held;  /* over lookahead and hold, fed with the bass' share of the reduction */
  LacBoxSmoother smoother;
  double release;        /* the fast path's last value */
  double bass_release;   /* the slow path's */
  uint32_t resting;      /* frames for which everything has been at 1 */
  uint32_t bass_resting; /* and the slow path alone */
} GainPath;

typedef struct Limiter {
  LacTruePeak *detector[LAC_MAX_CHANNELS];
  LacBassShare bass;
  GainPath path[LAC_MAX_CHANNELS];
  LacGlide drive, ceiling;
  double glide_factor;
  double release_factor, bass_release_factor; /* share of the way back to 1 per frame */
  uint32_t lookahead, hold;                   /* frames */
  float link;                                 /* 0..1 */
  unsigned n_paths;                           /* 1 when fully linked */
  float *delay[LAC_MAX_CHANNELS];             /* latency_frames samples each, a ring */
  uint32_t delay_at;
  LacReadoutWriter reduction;
} Limiter;

static double release_factor(const LacProcessor *p, double release_ms) {
  return 1.0 - lac_exp(-1000.0 / (release_ms * p->setup.rate_hz));
}

static void take_times(LacProcessor *p) {
  Limiter *self = p->state;
  self->release_factor = release_factor(p, p->values[RELEASE_MS]);
  self->bass_release_factor = release_factor(p, p->values[BASS_RELEASE_MS]);
}

static void reset(LacProcessor *p) {
  Limiter *self = p->state;
  take_times(p);
  lac_glide_jump(&self->drive, lac_gain_from_db(p->values[DRIVE_DB]));
  lac_glide_jump(&self->ceiling, lac_gain_from_db(p->values[CEILING_DBTP]));
  lac_bass_share_reset(&self->bass);
  for (unsigned c = 0; c < p->setup.n_channels; c++) {
    GainPath *path = &self->path[c];
    lac_true_peak_reset(self->detector[c]);
    lac_sliding_minimum_reset(&path->ahead);
    lac_sliding_minimum_reset(&path->held);
    lac_box_smoother_reset(&path->smoother);
    path->release = path->bass_release = 1.0;
    path->resting = path->bass_resting = UINT32_MAX;
    memset(self->delay[c], 0, p->latency_frames * sizeof *self->delay[c]);
  }
  self->delay_at = 0;
  lac_readout_begin(&self->reduction, p, GAIN_REDUCTION_DB);
}

static LacStatus prepare_channel(LacProcessor *p, unsigned c) {
  Limiter *self = p->state;
  GainPath *path = &self->path[c];
  LacStatus status = lac_true_peak_new(p->arena, &self->detector[c]);
  if (status == LAC_OK) status = lac_sliding_minimum_init(&path->ahead, p->arena, self->lookahead, 1.0f);
  if (status == LAC_OK) status = lac_sliding_minimum_init(&path->held, p->arena, self->lookahead + self->hold, 1.0f);
  if (status == LAC_OK) status = lac_box_smoother_init(&path->smoother, p->arena, self->lookahead);
  if (status != LAC_OK) return status;
  self->delay[c] = lac_arena_alloc(p->arena, p->latency_frames, sizeof *self->delay[c]);
  return self->delay[c] ? LAC_OK : LAC_ERR_MEMORY;
}

static LacStatus prepare(LacProcessor *p) {
  Limiter *self = p->state;
  const double rate_hz = p->setup.rate_hz;
  self->lookahead = (uint32_t)rint(p->values[LOOKAHEAD_MS] * 1e-3 * rate_hz);
  self->link = (float)(p->values[LINK_PERCENT] * 0.01);
  self->n_paths = self->link < 1.0f ? p->setup.n_channels : 1;
  self->hold = (uint32_t)rint(BASS_HOLD_S * rate_hz);
  self->glide_factor = lac_glide_factor(rate_hz);
  p->latency_frames = lac_true_peak_delay_frames() + self->lookahead - 1;
  lac_bass_share_init(&self->bass, rate_hz);
  for (unsigned c = 0; c < p->setup.n_channels; c++) {
    LacStatus status = prepare_channel(p, c);
    if (status != LAC_OK) return status;
  }
  reset(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  Limiter *self = p->state;
  (void)param;
  take_times(p);
  lac_glide_aim(&self->drive, lac_gain_from_db(p->values[DRIVE_DB]));
  lac_glide_aim(&self->ceiling, lac_gain_from_db(p->values[CEILING_DBTP]));
}

static void drive(Limiter *self, float *const *channels, unsigned n_channels, uint32_t n) {
  float gain[CHUNK];
  for (uint32_t i = 0; i < n; i++)
    gain[i] = (float)(self->drive.is_moving ? lac_glide_step(&self->drive, self->glide_factor)
                                            : lac_glide_value(&self->drive));
  for (unsigned c = 0; c < n_channels; c++) {
    float *x = channels[c];
    for (uint32_t i = 0; i < n; i++) {
      const float v = x[i] * gain[i];
      const float below = v < LOUDEST ? v : LOUDEST;
      x[i] = below > -LOUDEST ? below : -LOUDEST;
    }
  }
}

/* The ceiling per frame, each value a float that is not above what was asked for; returns the lowest. */
static float ceilings(Limiter *self, float *ceiling, uint32_t n) {
  float lowest = 0.0f;
  for (uint32_t i = 0; i < n; i++) {
    const double wanted = self->ceiling.is_moving ? lac_glide_step(&self->ceiling, self->glide_factor)
                                                  : lac_glide_value(&self->ceiling);
    const float rounded = (float)wanted;
    ceiling[i] = (double)rounded > wanted ? rounded * JUST_UNDER : rounded;
    lowest = i == 0 || ceiling[i] < lowest ? ceiling[i] : lowest;
  }
  return lowest;
}

static bool allow(const float *peak, const float *ceiling, float *allowed, uint32_t n) {
  float lowest = 1.0f;
  for (uint32_t i = 0; i < n; i++) {
    const float reduced = ceiling[i] / (peak[i] > ceiling[i] ? peak[i] : ceiling[i]) * JUST_UNDER;
    allowed[i] = peak[i] > ceiling[i] ? reduced : 1.0f;
    lowest = allowed[i] < lowest ? allowed[i] : lowest;
  }
  return lowest < 1.0f;
}

static uint32_t count_on(uint32_t count, uint32_t n) { return count > UINT32_MAX - n ? UINT32_MAX : count + n; }

/* The slow path: the part of the reduction that belongs to bass, held and released slowly. False while at rest. */
static bool hold_bass(const Limiter *self, GainPath *path, const float *allowed, const float *share, float *held,
                      uint32_t n) {
  bool is_working = false;
  for (uint32_t i = 0; i < n; i++) {
    const float part = (share[i] - BASS_FROM) / (BASS_FULL - BASS_FROM);
    const float amount = part < 0.0f ? 0.0f : part > 1.0f ? 1.0f : part;
    held[i] = 1.0f - amount * (1.0f - allowed[i]);
    is_working |= held[i] < 1.0f;
  }
  const uint32_t span = self->lookahead + self->hold;
  if (!is_working && path->bass_resting >= span && path->bass_release == 1.0) return false;
  path->bass_resting = is_working ? 0 : count_on(path->bass_resting, n);
  lac_sliding_minimum_run(&path->held, held, held, n);
  return true;
}

static double go_back(double value, double factor) {
  value += (1.0 - value) * factor;
  return value > 1.0 - ARRIVED ? 1.0 : value;
}

/* Turns what is allowed into the gain of the frames that leave. False: 1 for all of them. */
static bool gains(const Limiter *self, GainPath *path, float *allowed, bool is_limited, const float *share, double *gain,
                  uint32_t n) {
  float held[CHUNK];
  if (!is_limited && path->resting >= self->lookahead) return false;
  const bool has_bass = hold_bass(self, path, allowed, share, held, n);
  lac_sliding_minimum_run(&path->ahead, allowed, allowed, n);
  double fast = path->release, slow = path->bass_release;
  uint32_t resting = path->resting;
  for (uint32_t i = 0; i < n; i++) {
    fast = fmin((double)allowed[i], go_back(fast, self->release_factor));
    if (has_bass) slow = fmin((double)held[i], go_back(slow, self->bass_release_factor));
    gain[i] = fmin(fast, slow);
    resting = gain[i] < 1.0 ? 0 : count_on(resting, 1);
  }
  path->release = fast;
  path->bass_release = slow;
  path->resting = resting;
  lac_box_smoother_run(&path->smoother, gain, gain, n);
  return true;
}

/* Puts n frames in and takes as many out that have waited latency_frames. */
static void wait(Limiter *self, float *const *channels, unsigned n_channels, uint32_t latency, uint32_t n) {
  for (unsigned c = 0; c < n_channels; c++) {
    uint32_t at = self->delay_at;
    for (uint32_t i = 0; i < n; i++) {
      const float newest = channels[c][i];
      channels[c][i] = self->delay[c][at];
      self->delay[c][at] = newest;
      at = at + 1 < latency ? at + 1 : 0;
    }
    if (c + 1 == n_channels) self->delay_at = at;
  }
}

static void apply(float *x, const double *gain, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) x[i] = (float)((double)x[i] * gain[i]);
}

/* One value a frame: the gain of the path that is reduced more. NULL: that path rests. */
static void report(Limiter *self, const double *gain, const double *other, uint32_t n) {
  float values[CHUNK];
  if (!self->reduction.track) return;
  if (!gain && !other) {
    lac_readout_push_constant(&self->reduction, 0.0f, n);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    const double lower = fmin(gain ? gain[i] : 1.0, other ? other[i] : 1.0);
    values[i] = lower < 1.0 ? 6.0205999f * lac_fast_log2f((float)lower) : 0.0f;
  }
  lac_readout_push(&self->reduction, values, n);
}

/* What each path may pass: the louder channel decides for both, as far as they are linked. Returns, as a bit per path,
 * which of them is limited anywhere. */
static unsigned allow_paths(const Limiter *self, float peak[][CHUNK], const float *ceiling, float allowed[][CHUNK],
                            unsigned n_channels, uint32_t n) {
  float together[CHUNK];
  for (uint32_t i = 0; i < n; i++)
    together[i] = n_channels > 1 && peak[1][i] > peak[0][i] ? peak[1][i] : peak[0][i];
  if (self->n_paths == 1) return allow(together, ceiling, allowed[0], n);
  float linked[CHUNK];
  allow(together, ceiling, linked, n);
  unsigned limited = 0;
  for (unsigned c = 0; c < n_channels; c++) {
    allow(peak[c], ceiling, allowed[c], n);
    bool is_limited = false;
    for (uint32_t i = 0; i < n; i++) {
      allowed[c][i] += self->link * (linked[i] - allowed[c][i]);
      is_limited |= allowed[c][i] < 1.0f;
    }
    limited |= (unsigned)is_limited << c;
  }
  return limited;
}

static void process_chunk(LacProcessor *p, float *const *channels, uint32_t n) {
  Limiter *self = p->state;
  const unsigned n_channels = p->setup.n_channels;
  float peak[LAC_MAX_CHANNELS][CHUNK], allowed[LAC_MAX_CHANNELS][CHUNK], ceiling[CHUNK], share[CHUNK];
  double gain[LAC_MAX_CHANNELS][CHUNK];
  drive(self, channels, n_channels, n);
  const float lowest = ceilings(self, ceiling, n);
  for (unsigned c = 0; c < n_channels; c++) lac_true_peak_track(self->detector[c], channels[c], peak[c], n, lowest);
  lac_bass_share_run(&self->bass, (const float *const *)channels, n_channels, share, n);
  wait(self, channels, n_channels, p->latency_frames, n);
  const unsigned limited = allow_paths(self, peak, ceiling, allowed, n_channels, n);
  unsigned working = 0;
  for (unsigned k = 0; k < self->n_paths; k++) {
    if (gains(self, &self->path[k], allowed[k], limited >> k & 1, share, gain[k], n)) working |= 1u << k;
  }
  for (unsigned c = 0; c < n_channels; c++) {
    const unsigned k = self->n_paths > 1 ? c : 0;
    if (working >> k & 1) apply(channels[c], gain[k], n);
  }
  report(self, working & 1 ? gain[0] : NULL, working & 2 ? gain[1] : NULL, n);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < CHUNK ? n_frames - done : CHUNK;
    float *run[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    process_chunk(p, run, n);
  }
}

extern const LacProcessorClass lac_limiter_class;
const LacProcessorClass lac_limiter_class = {
    .info = {.id = "limiter",
             .title = "Limiter",
             .purpose = "Makes the master loud and keeps its true peak under the ceiling.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(Limiter),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = reset,
};
