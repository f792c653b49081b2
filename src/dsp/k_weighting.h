/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* K-weighting of ITU-R BS.1770-5 Annex 1, re-derived per sample rate by the bilinear transform of the analogue
 * prototype. Shared by the loudness meter and the limiter's prediction. */

#ifndef LAC_DSP_K_WEIGHTING_H
#define LAC_DSP_K_WEIGHTING_H

#include <lacquer/core.h>

typedef struct LacKWeighting {
  double shelf_b[3], shelf_a[2];         /* a0 = 1 left out */
  double high_pass_b[3], high_pass_a[2]; /* b = 1, -2, 1 */
  double state[2][4];                    /* per channel, transposed direct form II: shelf z1 z2, high-pass z1 z2 */
  uint32_t quantum_frames;               /* frames since the last border of 32 of the absolute index */
} LacKWeighting;

void lac_k_weighting_init(LacKWeighting *k, double rate_hz);
void lac_k_weighting_reset(LacKWeighting *k);
/* Filters n frames of 1 or 2 channels and writes the squared sum over channels per frame to `power` (double truth,
 * channels interleaved in vector lanes). */
void lac_k_weighting_power(LacKWeighting *k, const float *const *channels, unsigned n_channels, double *power,
                           uint32_t n_frames);

#endif
