/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* At most four gentle equalizer moves toward the tone target.
 *
 * What lies outside the normal range (tone_target.h), times the strength, is approached greedily: of all candidate
 * bells and shelves the one that takes most off the weighted squared need is kept, then every kept move's gain is
 * fitted again. A move that gains little, or is too small to hear, is dropped and the search ends. */

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
  int band;      /* the band it is about: the largest need it answers */
  double gained; /* 0..1: share of the whole weighted need it took away when it was chosen */
} LacToneMove;

typedef struct LacTonePlan {
  LacToneView view;
  LacToneMove moves[LAC_TONE_MAX_MOVES];
  unsigned count;
  int worst_band; /* farthest from the target in spreads */
} LacTonePlan;

/* strength_percent 0..100. False when there is no usable spectrum (then there are no moves). */
bool lac_tone_plan(const LacAnalysis *analysis, const LacSourceState *state, double strength_percent,
                   LacTonePlan *plan);

/* "the bass", "the presence region", ... of a frequency. */
const char *lac_tone_region(double f_hz);

#endif
