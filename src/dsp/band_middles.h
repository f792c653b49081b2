/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bands whose slopes reach into each other, made to mean what they say in their middles.
 *
 * A tone in the middle of a Linkwitz-Riley band of fourth order is heard a little too quiet by the band's detector, and
 * gets a little less than the band's gain, because the neighbours have their share of it: with bands of three octaves
 * 0.27 dB and 1.5 % of what they differ by. Both are known, so both can be made up for. With w = 1 / (1 + (c/f)^4), the
 * part of a tone at c that a split at f sends down (the two branches are in phase, so shares are real and add up),
 *
 *   shelves  |H(c)|^2 = G_top^2 product over splits k of (1 + w_k (G_k^2 / G_k+1^2 - 1))
 *   bands    H(c)     = sum over bands b of G_b product of w or 1 - w
 *
 * and the gains are solved so that H in the middle of every band is what was asked of it, by repeated correction. Equal
 * gains stay what they are, to the bit. Bands of less than an octave have no middle of their own: what is made up for
 * is taken back between one and a quarter octaves and three quarters, and for all bands where two splits have passed
 * each other by up to half an octave. No band's gain changes by more than 2 dB, no threshold by more than 2.9. */

#ifndef LAC_DSP_BAND_MIDDLES_H
#define LAC_DSP_BAND_MIDDLES_H

#include <lacquer/core.h>

#include "dsp/crossover.h"
#include "dsp/kernels.h"

typedef struct LacBandMiddles {
  unsigned n_bands; /* 0: not aimed yet */
  double hz[LAC_CROSSOVER_MAX_SPLITS];
  bool is_sum; /* of bands; else a cascade of shelves */
  /* In the middle of a band: w of each split (shelves), or the share of each band but the highest (sum). */
  float share[LAC_CROSSOVER_MAX_BANDS][LAC_CROSSOVER_MAX_SPLITS];
  double heard_db[LAC_CROSSOVER_MAX_BANDS]; /* what the detector's slopes take in the middle, >= 0 */
  float step[LAC_CROSSOVER_MAX_BANDS];      /* of a correction: 1 over the band's own share there */
  float strength[LAC_CROSSOVER_MAX_BANDS];  /* 0..1 */
} LacBandMiddles;

/* Splits at hz[0 .. n_bands - 2], held where crossover.h holds them. Some microseconds; nothing when they are those of
 * before. */
void lac_band_middles_aim(LacBandMiddles *middles, unsigned n_bands, bool is_sum, double rate_hz, const double *hz);

/* Per CPU level with the same bits (dsp/kernels.h); plain C, so that baseline is the truth of the others. */
typedef struct LacBandMiddlesKernels {
  /* gains[b]: n linear gains > 0 of each of two bands or more, in place. */
  void (*run)(const LacBandMiddles *middles, float *const *gains, uint32_t n);
} LacBandMiddlesKernels;

LAC_KERNEL_TABLES(LacBandMiddlesKernels, lac_band_middles_kernels)

#endif
