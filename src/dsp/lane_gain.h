/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Planar samples and frames of two lanes of doubles with a gain between them, per CPU level with the same bits
 * (dsp/kernels.h): how a part of the sound leaves for a way of its own and comes back to the rest. */

#ifndef LAC_DSP_LANE_GAIN_H
#define LAC_DSP_LANE_GAIN_H

#include "dsp/kernels.h"

enum { LAC_LANE_GAIN_RUN = 128 }; /* most frames per call */

/* Frame i has now + (next - now) (place + i + 1) per_frame. */
typedef struct LacLaneGain {
  double now, next, per_frame;
  uint32_t place;
} LacLaneGain;

/* Both lanes always: for mono give the second something of the same length. */
typedef struct LacLaneGainKernels {
  /* left[i] = frames[2 i] gain, right[i] = frames[2 i + 1] gain, held within +-most; below 1e-30: 0. */
  void (*part)(const double *frames, const LacLaneGain *gain, double most, float *left, float *right, uint32_t n);
  /* frames[2 i] = left[i] gain, frames[2 i + 1] = right[i] gain. */
  void (*join)(const float *left, const float *right, const LacLaneGain *gain, double *frames, uint32_t n);
  /* out = (dry + frames) gain, held within +-most, rounded to float; the outputs may be the inputs. */
  void (*add)(const float *const dry[2], const double *frames, const LacLaneGain *gain, double most,
              float *const out[2], uint32_t n);
} LacLaneGainKernels;

LAC_KERNEL_TABLES(LacLaneGainKernels, lac_lane_gain_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacLaneGainKernels lac_lane_gain_kernels_scalar;

static inline double lac_lane_gain_at(const LacLaneGain *gain, uint32_t i) {
  return gain->now + (gain->next - gain->now) * ((double)(gain->place + i + 1) * gain->per_frame);
}

#endif
