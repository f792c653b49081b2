/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One channel at 2, 4 or 8 times its rate and back, for what must not alias: a row of half-band filters (linear phase,
 * by exchange), the first one long, those behind it short, because little is left between what passes and its images.
 *
 *   rate --[half-band 1]--> 2x --[half-band 2]--> 4x --[half-band 3]--> 8x     and the mirror image on the way down
 *
 * Two kinds. The full one passes to 0.4535 of the rate (20 kHz of 44.1) or, above 46 kHz, to 20 kHz with a shorter
 * filter, and stops by 112 dB. The lean one, at little more than half of the work, passes to 0.4354 (19.2 kHz of 44.1)
 * or, from 48 kHz on, to 0.4, and stops by 100 dB; but its half-band filters behind the first by 82 dB, and less where
 * what folds lands above its edge: hardly anything is as high as that.
 *
 * On the way up they stop from the mirrored edge. The last filter on the way down is no half-band filter: it stops from
 * half the rate, so that nothing folds. Way there and back together delay by a whole number of frames, whatever delay
 * stands between.
 */

#ifndef LAC_DSP_OVERSAMPLER_H
#define LAC_DSP_OVERSAMPLER_H

#include <lacquer/core.h>

#include "core/arena.h"

enum { LAC_OVERSAMPLER_RUN = 128, LAC_OVERSAMPLER_MOST = 8 }; /* most frames per call; most times the rate */

typedef struct LacOversampler LacOversampler;

typedef enum LacOversamplerKind { LAC_OVERSAMPLER_FULL, LAC_OVERSAMPLER_LEAN } LacOversamplerKind;

/* factor: 2, 4 or 8. inner_samples: the delay, in samples at the high rate, of what is done between up and down. */
LAC_NODISCARD LacStatus lac_oversampler_new(LacArena *arena, LacOversamplerKind kind, double rate_hz, unsigned factor,
                                            unsigned inner_samples, LacOversampler **out);
void lac_oversampler_reset(LacOversampler *self);
/* Frames from the input of up to the output of down, inner_samples included. */
uint32_t lac_oversampler_latency_frames(const LacOversampler *self);
/* Room for a run: what is written there need not be copied on its way up. */
float *lac_oversampler_low(LacOversampler *self);
/* n <= LAC_OVERSAMPLER_RUN frames, which may be in that room, become n * factor samples. in and out must not overlap.
 */
void lac_oversampler_up(LacOversampler *self, const float *in, float *out, uint32_t n);
/* Where a run at the high rate is to be put before it goes down: samples of even number, and of odd. */
typedef struct LacOversamplerHigh {
  float *even, *odd;
} LacOversamplerHigh;
LacOversamplerHigh lac_oversampler_high(LacOversampler *self);
/* n * factor samples that have been put there become n frames. As many frames down as went up before. */
void lac_oversampler_down(LacOversampler *self, float *out, uint32_t n);

#endif
