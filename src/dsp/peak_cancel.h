/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes peaks off a signal with pulses that hide under it.
 *
 * Of all corrections c that bring |x - c| under a level at every point, the least audible one minimises
 * sum |C(f)|^2 / mask(f)^gamma (B. Defraene et al., "Real-time perception-based clipping of audio signals using convex
 * optimization", IEEE TASLP 20, 2012). It is a sum of pulses lambda_i h(t - t_i), one for each point that touches the
 * level, where h has the spectrum mask^gamma; the heights follow from coordinate ascent on the dual problem (C.
 * Hildreth, "A quadratic programming procedure", 1957): set each height in turn so that its own point just touches,
 * never letting it change sign. We window h to 4 ms either side, so that nothing can be heard ahead of an onset, and
 * let it follow the mask frame by frame; then no objective stands behind it in the strict sense, but it converges as
 * well.
 *
 * The signal is given and taken in frames of `hop` samples, each as `factor` points per sample: the pulse has the same
 * resolution, so peaks between the samples are found and cancelled too. One object per channel. */

#ifndef LAC_DSP_PEAK_CANCEL_H
#define LAC_DSP_PEAK_CANCEL_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/mask.h"
#include "dsp/peak_cancel_kernels.h"

enum {
  LAC_PEAK_CANCEL_PULSES = 4,                          /* frames whose pulses are kept: a sweep may cover this many */
  LAC_PEAK_CANCEL_TOUCHED = LAC_PEAK_CANCEL_PULSES + 2 /* frames that such a sweep may change */
};

/* What every channel shares, read-only. */
typedef struct LacPulseShape {
  uint32_t hop, factor;
  uint32_t n_points; /* hop * factor */
  uint32_t reach;    /* points on either side of the peak */
  uint32_t n_taps;   /* of a whole pulse, rounded up to 16 with zeros */
  float *basis;      /* [LAC_MASK_BANDS][half_taps]: the right half of what each band contributes */
  uint32_t half_taps;
  double gamma;
} LacPulseShape;

/* hop * factor a multiple of 16 of which a pulse reaches at most one frame far. gamma 0..1: how closely the pulse
 * follows the mask. */
LAC_NODISCARD LacStatus lac_pulse_shape_init(LacPulseShape *shape, LacArena *arena, double rate_hz, uint32_t hop,
                                             uint32_t factor, double gamma);

typedef struct LacPeakCancel {
  const LacPulseShape *shape;
  const LacPeakCancelKernels *kernels;
  float *residual, *level, *lambda;   /* of frames `first`, first + 1, ... */
  float *kept_residual, *kept_lambda; /* of the frames that a sweep may change */
  int64_t first;
  float *pulse[LAC_PEAK_CANCEL_PULSES];                  /* of frame f at f modulo the number */
  double weight[LAC_PEAK_CANCEL_PULSES][LAC_MASK_BANDS]; /* the pulse's spectrum at the centre of each band */
  float *half;                                           /* scratch */
} LacPeakCancel;

LAC_NODISCARD LacStatus lac_peak_cancel_init(LacPeakCancel *cancel, LacArena *arena, const LacPulseShape *shape);
/* The next frame to come is 0; those before it are silent. */
void lac_peak_cancel_reset(LacPeakCancel *cancel);
/* Frames come in order; the last 8 are kept. Returns the n_points values of `frame`, to be filled by the caller when
 * it is new; without a level nothing in it is cancelled. */
float *lac_peak_cancel_open(LacPeakCancel *cancel, int64_t frame);
float *lac_peak_cancel_points(LacPeakCancel *cancel, int64_t frame);
/* Bounds the frame: sample_level holds hop + 1 levels > 0, straight lines between; threshold is the mask around it. */
void lac_peak_cancel_bound(LacPeakCancel *cancel, int64_t frame, const float *sample_level,
                           const double threshold[LAC_MASK_BANDS]);
/* Before `frame` is bounded: remembers everything that sweeps over frames up to it may change. */
void lac_peak_cancel_keep(LacPeakCancel *cancel, int64_t frame);
/* Back to what was kept, bit for bit, and nothing in the frame is bounded. */
void lac_peak_cancel_restore(LacPeakCancel *cancel, int64_t frame);
/* Power per critical band of the pulses of a bounded frame, as the mask would read it around the frame. Peaks are taken
 * as independent. */
void lac_peak_cancel_powers(const LacPeakCancel *cancel, int64_t frame, const LacMask *mask,
                            double power[LAC_MASK_BANDS]);
/* Up to n_sweeps times, while anything moves, over n_frames frames from `from`. They and the next one must be filled.
 */
void lac_peak_cancel_sweep(LacPeakCancel *cancel, int64_t from, int n_frames, int n_sweeps);

#endif
