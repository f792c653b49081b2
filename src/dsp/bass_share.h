/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much of the present energy lies below 150 Hz: 0..1, over the last tenth of a second. Tells a gain control that
 * it would follow single cycles of a bass note. Sums of about 0.7 ms, then a fourth-order Butterworth low-pass, so it
 * costs little. Results do not depend on how a stretch is cut. */

#ifndef LAC_DSP_BASS_SHARE_H
#define LAC_DSP_BASS_SHARE_H

#include <lacquer/core.h>

typedef struct LacBassShare {
  uint32_t hop_frames;
  uint32_t filled;
  double b[2][3], a[2][2]; /* two sections, a0 = 1 left out */
  double keep;             /* one-pole factor of both energies, per hop */
  double sum[2];           /* of this hop, per channel */
  double square[2];        /* and of the squares */
  double state[2][2][2];   /* channel, section, transposed direct form II */
  double bass_energy;
  double energy;
  float share;
} LacBassShare;

void lac_bass_share_init(LacBassShare *s, double rate_hz);
void lac_bass_share_reset(LacBassShare *s);
/* out[i] = the share as known at frame i of n; 1 or 2 channels. */
void lac_bass_share_run(LacBassShare *s, const float *const *channels, unsigned n_channels, float *out, uint32_t n);

#endif
