/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The spectrum that the noise of word-length reduction is given: less where the ear is keen, more where it is not.
 *
 * Error feedback through a filter leaves the white error of a dithered quantiser with the spectrum |H|^2, H = 1 +
 * c1 z^-1 + ... (S. P. Lipshitz, J. Vanderkooy, R. A. Wannamaker, "Minimally audible noise shaping", JAES 39(11),
 * 1991). The mean of log|H| cannot be less than 0 (M. A. Gerzon, P. G. Craven, "Optimal noise shaping and dither of
 * digital signals", AES preprint 2822, 1989): noise is moved, not removed, and its total grows.
 *
 * Our filter makes W-weighted noise + lambda * total noise least, which linear prediction solves exactly for a given
 * order: A of the spectrum W + lambda. W is one over the threshold of hearing (hearing_threshold.h) relative to its
 * greatest value; lambda says how much louder inaudible noise may be than noise at 3.3 kHz. At 44.1 kHz: 15.8 dB less
 * weighted noise than plain dither for 13.1 dB more in all. */

#ifndef LAC_DSP_NOISE_SHAPER_H
#define LAC_DSP_NOISE_SHAPER_H

#include <lacquer/core.h>

enum { LAC_NOISE_SHAPER_ORDER = 9 };

typedef struct LacNoiseShaper {
  double coefficients[LAC_NOISE_SHAPER_ORDER]; /* c1..c9 */
} LacNoiseShaper;

/* The filter for a rate of 8..384 kHz; takes some 0.3 ms. lambda is -40 dB, or as much more as keeps total noise
 * within 13.5 dB over white (needed near 32 kHz, where little room lies above the ear's range). */
void lac_noise_shaper_design(LacNoiseShaper *shaper, double rate_hz);
/* |H|^2 at a frequency, linear. */
double lac_noise_shaper_power(const LacNoiseShaper *shaper, double hz, double rate_hz);
/* Total noise over white, linear power: the sum of the squares of H's taps. */
double lac_noise_shaper_total(const LacNoiseShaper *shaper);
/* The most by which H can raise a bounded error, linear: the sum of the magnitudes of its taps. */
double lac_noise_shaper_peak_gain(const LacNoiseShaper *shaper);

#endif
