/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the clipper does to a frame (docs/processors/clipper.md). It foresees the gain of the limiter that follows
 * (gain_path.h), raises it by up to amount_db, and takes what would then stand over the ceiling off the peaks, with
 * pulses that hide under the sound (peak_cancel.h). The limiter has that much less to do.
 *
 * Work is done in frames of `hop` samples of the absolute frame index. When frame t is complete:
 *   t - 1  is interpolated and its peaks are turned into the foreseen gain, which is then known for t - 2
 *   t - 2  gets its mask (from half of t - 4 to half of t) and its level
 *   t - 4 to t - 2  are swept; this was the last time for t - 4
 *   t - 5  has seen all pulses that reach it, and leaves during t + 1 */

#ifndef LAC_PROCESSORS_CLIPPER_FRAMES_H
#define LAC_PROCESSORS_CLIPPER_FRAMES_H

#include <lacquer/processor.h>

#include "dsp/gain_path.h"
#include "dsp/interpolate.h"
#include "dsp/mask.h"
#include "dsp/peak_cancel.h"
#include "processors/clipper_image.h"

enum {
  LAC_CLIPPER_BEHIND = 5,                    /* frames between the one that completes and the one that is finished */
  LAC_CLIPPER_HELD = LAC_CLIPPER_BEHIND + 1, /* frames of input kept */
  LAC_CLIPPER_GAINS = 4,                     /* frames of foreseen gain kept: t - 4 .. t - 1 */
};

typedef struct LacClipperChannel {
  float *held;                      /* input frames t - 5 .. t */
  float *gain;                      /* foreseen for t - 4 .. t - 1; the end is a guess until it is known */
  float *leaving;                   /* the finished frame */
  float last_peak;                  /* of the last sample of the frame interpolated before */
  float *allowed;                   /* scratch: one frame */
  double threshold[LAC_MASK_BANDS]; /* of frame t - 2 */
  LacGainPath path;
  LacPeakCancel cancel;
  float highest[LAC_CLIPPER_HELD]; /* sample or point of frame t - 1 - k */
  float depth_db;                  /* of frame t - 2 */
} LacClipperChannel;

/* Of all channels. */
typedef struct LacClipperFrames {
  LacClipperChannel channel[LAC_MAX_CHANNELS];
  LacPulseShape shape;
  LacMask mask;
  LacInterpolator interpolator;
  LacClipperImage image;
  double fast_factor, slow_factor; /* of the foreseen limiter's releases */
  float link;                      /* 0..1 */
  unsigned n_channels;
  unsigned n_paths; /* 1 when fully linked */
  uint32_t hop, lookahead;
  int64_t frame;     /* t, the one that fills */
  float *limit;      /* ceiling / drive per sample of t - 2 .. t */
  float *share;      /* of low tone (tone_share.h), frame t */
  float *level;      /* scratch: hop + 1 */
  float *noise;      /* scratch: four frames */
  double *path_gain; /* scratch: one frame */
} LacClipperFrames;

/* n_channels, link: as the limiter has them. To be released, also when this fails. */
LAC_NODISCARD LacStatus lac_clipper_frames_init(LacClipperFrames *frames, LacArena *arena, double rate_hz,
                                                unsigned n_channels, float link);
void lac_clipper_frames_reset(LacClipperFrames *frames, float limit);
void lac_clipper_frames_release(LacClipperFrames *frames);
/* Frame t is complete: held, limit and share are filled. Clips t - 2 by up to depth_db >= 0, finishes t - 5 into
 * `leaving` and moves on. Returns by how much the highest sample of t - 2 goes down, in dB, 0 or below. */
float lac_clipper_frames_work(LacClipperFrames *frames, float depth_db);

/* The most recent value first; the oldest of n goes. */
static inline void lac_clipper_remember(float *values, int n, float newest) {
  for (int k = n - 1; k > 0; k--)
    values[k] = values[k - 1];
  values[0] = newest;
}

/* Of values >= 0; 0 when there are none. */
static inline float lac_clipper_highest(const float *values, uint32_t n) {
  float highest = 0.0f;
  for (uint32_t i = 0; i < n; i++)
    highest = values[i] > highest ? values[i] : highest;
  return highest;
}

#endif
