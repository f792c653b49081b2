/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Turns what a spectral tool would like to do per bin into a gain that a frame can bear: wide enough in frequency, and
 * short enough in time that its filter does not wrap around the frame. */

#ifndef LAC_DSP_SPECTRAL_GAIN_H
#define LAC_DSP_SPECTRAL_GAIN_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/fft.h"

typedef struct LacSpectralGain {
  uint32_t size;
  uint32_t n_bins;
  double octaves; /* the half width that the ranges are for */
  uint32_t *hold_from, *hold_to;
  uint32_t *mean_from, *mean_to;
  double *per_bin; /* 1 / width of the mean */
  uint32_t *queue;
  double *sum;
  float *held;
  const LacFft *fft;
  float *response; /* size samples */
  float *odd;      /* n_bins, the imaginary part of nothing */
  float *taper;    /* of its first eighth */
  float *scratch;
} LacSpectralGain;

/* fft: of `size` points, outlives this. */
LAC_NODISCARD LacStatus lac_spectral_gain_init(LacSpectralGain *g, LacArena *arena, uint32_t size, const LacFft *fft);
/* Half width of lac_spectral_spread in octaves; cheap when it is what it was. */
void lac_spectral_gain_set_width(LacSpectralGain *g, double octaves);
/* Reductions, 0 or more, in place: the largest within the width (at least 5 bins to either side), then the mean within
 * the width (at least 2), so that a narrow one keeps its depth through lac_spectral_truncate. */
void lac_spectral_spread(LacSpectralGain *g, float *reduction);
/* A zero-phase cut in place, 1 less a gain: its impulse response under a Hann window from -size / 8 to size / 8. The
 * result is the same cut smoothed over some 8 bins; without this what a frame's filter turns around its ends is heard
 * at -35 dB beside a tone in a notch of 12 dB, with it at -70. */
void lac_spectral_truncate(LacSpectralGain *g, float *cut);

#endif
