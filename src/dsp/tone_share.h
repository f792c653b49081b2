/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much of the present energy is a low tone: 0..1. Tells a gain control that it would follow the cycles of a note.
 *
 * Sums over about 0.54 ms leave what lies below some 600 Hz (-3 dB at 800 Hz, a null at 1837 Hz); its largest
 * normalised autocorrelation at any lag of 1.4 to 13.5 ms says how well it repeats (whole periods, or half ones with
 * the sign turned). The share is the low energy over all energy times that, over the last 60 ms. A bass note has 1, a
 * bass note with a quarter of its amplitude in the treble (SMPTE) 0.94, full mixes 0.2 to 0.7. */

#ifndef LAC_DSP_TONE_SHARE_H
#define LAC_DSP_TONE_SHARE_H

#include <lacquer/core.h>

enum { LAC_TONE_LAGS = 32 };

typedef struct LacToneShare {
  uint32_t hop_frames;
  uint32_t filled;    /* frames of this hop so far */
  uint32_t first_lag; /* hops */
  uint32_t last_lag;
  uint32_t newest;                  /* index into low: `lag` hops ago stands `lag` places behind it, for every lag */
  double forget;                    /* one-pole factor of all averages, per hop */
  double sum[2];                    /* of this hop, per channel */
  double square[2];                 /* and of the squares */
  double low[2][2 * LAC_TONE_LAGS]; /* written twice, so that nothing wraps round */
  double low_square[2 * LAC_TONE_LAGS]; /* of all channels */
  double energy;                        /* of everything */
  double low_energy;
  double product[LAC_TONE_LAGS + 1];     /* averages of low now times low `lag` hops ago */
  double past_energy[LAC_TONE_LAGS + 1]; /* averages of the square of low `lag` hops ago */
  float share;
} LacToneShare;

void lac_tone_share_init(LacToneShare *s, double rate_hz);
void lac_tone_share_reset(LacToneShare *s);
/* out[i] = the share as known at frame i; 1 or 2 channels. Results do not depend on how a stretch is cut. */
void lac_tone_share_run(LacToneShare *s, const float *const *channels, unsigned n_channels, float *out, uint32_t n);

#endif
