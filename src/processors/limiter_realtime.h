/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limiter's real-time form: a stream (limiter_realtime.c). p->state is a LacLimiterRealtime. */

#ifndef LAC_PROCESSORS_LIMITER_REALTIME_H
#define LAC_PROCESSORS_LIMITER_REALTIME_H

#include "dsp/gain_path.h"
#include "dsp/limiter_kernels.h"
#include "dsp/tone_share.h"
#include "dsp/true_peak.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

typedef struct LacLimiterStage {
  LacTruePeak *detector[LAC_MAX_CHANNELS];
  LacGainPath path[LAC_MAX_CHANNELS]; /* the first alone when the channels are fully linked */
  float *delay[LAC_MAX_CHANNELS];     /* rings of delay_frames */
  uint32_t delay_frames, delay_at;
  float slack; /* how far over the ceiling, as a factor, is left alone */
  float zeal;  /* share of the excess that is taken off */
} LacLimiterStage;

typedef struct LacLimiterRealtime {
  LacLimiterStage limit, trim;
  LacToneShare tone;
  LacGainGlide drive, ceiling;
  double glide_factor;
  double fast_factor, slow_factor; /* of the releases */
  float link;                      /* 0..1 */
  unsigned n_paths;                /* 1 when fully linked */
  uint32_t untouched;              /* frames since the limiting stage last reduced one */
  float *reduction;                /* gain of the frames inside the trim stage, a ring as long as its delay */
  uint32_t reduction_at;
  LacReadoutWriter readout;
  const LacLimiterKernels *kernels;
} LacLimiterRealtime;

LacStatus lac_limiter_realtime_prepare(LacProcessor *p);
void lac_limiter_realtime_changed(LacProcessor *p);
void lac_limiter_realtime_process(LacProcessor *p, float *const *channels, uint32_t n_frames);
void lac_limiter_realtime_reset(LacProcessor *p);

#endif
