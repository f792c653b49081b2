/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a listener does not hear beside a sound: a masking threshold per critical band of one short frame.
 *
 * Power in the critical bands of E. Zwicker ("Subdivision of the audible frequency range into critical bands", JASA 33,
 * 1961; the 25th reaches to 22.05 kHz), spread over its neighbours with the function of M. R. Schroeder, B. S. Atal and
 * J. L. Hall ("Optimizing digital speech coders by exploiting masking properties of the human ear", JASA 66, 1979),
 * rows scaled to sum 1, lowered by 6 dB and above band 12 by a quarter dB more per band, and never under the threshold
 * in quiet (E. Terhardt, "Calculating virtual pitch", Hearing Research 1, 1979) when full scale is 92 dB SPL. */

#ifndef LAC_DSP_MASK_H
#define LAC_DSP_MASK_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/fft.h"

enum { LAC_MASK_BANDS = 25 };

typedef struct LacMask {
  uint32_t size; /* frames read at once, a power of two */
  LacFft *fft;
  float *window, *windowed, *re, *im, *scratch;
  double per_power; /* squared magnitude to power; a sine at full scale has 1 */
  uint32_t first_bin[LAC_MASK_BANDS + 1];
  double spread[LAC_MASK_BANDS][LAC_MASK_BANDS]; /* [masked][masker], the offset included */
  double quiet[LAC_MASK_BANDS];
} LacMask;

/* Edge `band` 0..25 of the critical bands and their centres, in Hz. */
double lac_mask_edge_hz(unsigned band);
double lac_mask_centre_hz(unsigned band);
/* size: a power of two, 256..16384. To be released, also when this fails. */
LAC_NODISCARD LacStatus lac_mask_init(LacMask *mask, LacArena *arena, double rate_hz, uint32_t size);
void lac_mask_release(LacMask *mask);
/* Power per band of `size` samples under a Hann window, the sound taken `gain` times as loud. Bands beyond half the
 * sample rate have 0. */
void lac_mask_powers(LacMask *mask, const float *samples, double gain, double power[LAC_MASK_BANDS]);
/* Highest power per band that stays inaudible beside `power`. */
void lac_mask_thresholds(const LacMask *mask, const double power[LAC_MASK_BANDS], double threshold[LAC_MASK_BANDS]);
/* Mean over the bands below 15.5 kHz of noise over threshold: 1 is as loud as the mask allows. */
double lac_mask_noise_ratio(const LacMask *mask, const double noise[LAC_MASK_BANDS],
                            const double threshold[LAC_MASK_BANDS]);

#endif
