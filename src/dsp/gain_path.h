/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From "how much may pass" to a gain one can multiply with: reached in time, left by two releases, smooth.
 *
 * Per frame, with L the lookahead:
 *   a  = smallest allowed value of the last L frames
 *   e  = the lower of two paths that never exceed a: the fast one returns with the short release; the slow one follows
 *        what recurs, with the long release, and takes part as far as the sound is a low tone (tone_share.h)
 *   g  = e under a bell of L frames
 * The weights of the bell are >= 0 and sum to 1, and every e it covers is at most what was allowed L - 1 frames ago:
 * so g never exceeds the allowed value of that frame. */

#ifndef LAC_DSP_GAIN_PATH_H
#define LAC_DSP_GAIN_PATH_H

#include "dsp/box_smoother.h"
#include "dsp/sliding_minimum.h"

enum { LAC_GAIN_PATH_RUN = 256 }; /* most frames per call */

typedef struct LacGainPath {
  uint32_t lookahead, hold; /* frames */
  LacSlidingMinimum ahead;  /* over the lookahead */
  LacSlidingMinimum recent; /* of that, over the hold */
  float *earlier;           /* the last `hold` values of recent, a ring */
  uint32_t earlier_at;
  LacBoxSmoother smoother;
  double fast, slow; /* last values of the two paths */
  uint32_t resting;  /* frames for which nothing has been reduced */
} LacGainPath;

/* Share of the way back to 1 that a release takes per frame. */
double lac_gain_path_factor(double release_ms, double rate_hz);
/* lookahead_frames >= 1: gains belong to the frame lookahead_frames - 1 before the newest. */
LAC_NODISCARD LacStatus lac_gain_path_init(LacGainPath *path, LacArena *arena, double rate_hz,
                                           uint32_t lookahead_frames);
void lac_gain_path_reset(LacGainPath *path);
/* Whether all is forgotten: the gains are 1 for as long as nothing less is allowed, and need no run. */
bool lac_gain_path_is_resting(const LacGainPath *path, bool has_tone_share);
/* allowed: 0..1 per frame, overwritten. tone_share: per frame, or NULL for the fast path alone. Returns false, without
 * touching `gain`, when all gains are 1. n <= LAC_GAIN_PATH_RUN; results do not depend on how a stretch is cut. */
bool lac_gain_path_run(LacGainPath *path, float *allowed, const float *tone_share, double fast_factor,
                       double slow_factor, double *gain, uint32_t n);

#endif
