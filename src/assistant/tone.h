/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* At most four gentle equalizer moves toward the tone target.
 *
 * What lies outside the normal range (tone_target.h), times the strength, is approached greedily: of all candidate
 * bells and shelves the one that takes most off the weighted squared need is kept, then every kept move's gain is
 * fitted again. A move that gains little, or is too small to hear, is dropped and the search ends. A move must answer
 * what is wrong where it acts: a boost amid an excess that only mends what another cut overdid is not made.
 *
 * One move takes at most 3 dB at strength 60, in proportion. When the loudness target overdraws the allowed limiting,
 * cuts of what stands out below 400 Hz may go to twice that, 6 dB: there the peaks come from, and what is taken off
 * them the limiter need not do. Measured on a mix with 17 dB more bass than normal, to -14 LUFS: the 95th percentile
 * of gain reduction falls from 9.6 dB without a cut to 8.7 with 3 dB, 8.0 with 5 and 7.6 with 6. */

#ifndef LAC_ASSISTANT_TONE_H
#define LAC_ASSISTANT_TONE_H

#include "assistant/source_state.h"
#include "assistant/tone_target.h"
#include "dsp/biquad_fit.h"

enum { LAC_TONE_MAX_MOVES = 4 };

typedef struct LacToneMove {
  LacBandType type;
  double hz;
  double db;
  double q;
  int band;      /* the band it is about: where it answers the largest need; its need has the sign of db */
  double gained; /* 0..1: share of the whole weighted need it took away when it was chosen */
} LacToneMove;

typedef struct LacTonePlan {
  LacToneView view;
  LacToneMove moves[LAC_TONE_MAX_MOVES];
  unsigned count;
  double bound_db; /* of an ordinary move */
  int worst_band;  /* farthest from the target in spreads */
} LacTonePlan;

/* strength_percent 0..100. False when there is no usable spectrum (then there are no moves). */
bool lac_tone_plan(const LacAnalysis *analysis, const LacSourceState *state, double strength_percent,
                   LacTonePlan *plan);

/* "the bass", "the presence region", ... of a frequency. */
const char *lac_tone_region(double f_hz);

#endif
