/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Word-length reduction, the last stage of a render: planar float to integers of 16 or 24 bits.
 *
 * TPDF dither of 2 LSB peak to peak (S. P. Lipshitz, R. A. Wannamaker, J. Vanderkooy, "Quantization and dither", JAES
 * 40(5), 1992), independent per channel, from a counter-based generator: value = f(seed, channel, absolute frame), so
 * block size never matters. After 50 ms of exact zeros on a channel its dither fades out over 10 ms; it is back, in
 * full, with the first sample that is not zero. Samples that already lie on the grid (`is_exact`) pass bit for bit.
 *
 * lac_quantizer_shape gives the noise the spectrum of dsp/noise_shaper.h by error feedback around quantiser and
 * dither, each channel by itself. The dither stands inside the loop, so the error that is fed back is white and
 * independent of the signal, and never more than 1.5 LSB: clipping is kept out of it. The feedback fades out with the
 * dither, so silence stays silent, and begins anew after it. */

#ifndef LAC_DSP_DITHER_H
#define LAC_DSP_DITHER_H

#include <lacquer/core.h>

#include "dsp/noise_shaper.h"

typedef struct LacQuantizer {
  unsigned bits; /* 2..24 */
  bool has_dither;
  uint64_t seed;
  uint64_t frame;            /* absolute index of the next frame */
  uint32_t blank_frames;     /* 50 ms */
  uint32_t fade_frames;      /* 10 ms */
  uint32_t silent_frames[2]; /* exact zeros so far, per channel, saturating at blank + fade */
  uint64_t n_clamped;        /* samples beyond full scale, both channels */
  bool is_shaped;
  LacNoiseShaper shaper;
  double errors[2][LAC_NOISE_SHAPER_ORDER]; /* of the last frames in LSB, oldest first */
} LacQuantizer;

void lac_quantizer_init(LacQuantizer *q, unsigned bits, bool has_dither, uint64_t seed, double rate_hz);
/* Noise shaping from here on, for a quantizer with dither: call it after init. */
void lac_quantizer_shape(LacQuantizer *q, const LacNoiseShaper *shaper);
/* n frames of 1 or 2 channels to integers -2^(bits-1)..2^(bits-1)-1. Without dither: round to nearest, ties to even.
 * `is_exact`: the caller knows that every sample is a multiple of 2^-(bits-1) and unchanged since decoding; then no
 * dither is added and the integers are the input's. NaN gives 0. Real-time safe. */
void lac_quantizer_run(LacQuantizer *q, const float *const *in, unsigned n_channels, int32_t *const *out,
                       uint32_t n_frames, bool is_exact);
/* The most that rounding (and dither) can add to a sample's magnitude, linear: 1.5 LSB with dither, 0.5 without; what
 * a limiter's ceiling is lowered by. bits 0 or >= 32 (float): 0. Shaped dither: times lac_noise_shaper_peak_gain. */
double lac_quantizer_guard(unsigned bits, bool has_dither);
/* True when every sample is a multiple of 2^-(bits-1) within full scale. */
bool lac_samples_are_exact(const float *x, size_t n, unsigned bits);

#endif
