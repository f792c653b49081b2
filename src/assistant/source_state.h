/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What kind of mix this is, as far as it decides how gently it is treated. */

#ifndef LAC_ASSISTANT_SOURCE_STATE_H
#define LAC_ASSISTANT_SOURCE_STATE_H

#include <lacquer/analysis.h>
#include <lacquer/render.h>

typedef struct LacSourceState {
  bool is_limited; /* finished or limited already: PLR below 9 dB, or no headroom was found */
  bool is_clipped;
  bool is_lossy;      /* a lossy file, or the edge of one */
  double offset;      /* constant offset (share of full scale) that is worth removing; 0: none */
  double plr_lu;      /* NAN: unknown */
  double edge_hz;     /* of a lossy edge; NAN */
  double amount;      /* 0..1: what tone moves are scaled by */
  unsigned max_moves; /* 0..4 */
  double room_short;  /* 0..1: how much of the allowed limiting the loudness target would overdraw; at 1 low excess may
                         be cut twice as far (tone.h) */
} LacSourceState;

/* Judges, and says what a person can act on: INPUT_LIMITED, INPUT_CLIPPED, INPUT_LOSSY_LOOK. */
LacStatus lac_source_state(const LacMediaInfo *info, const LacAnalysis *analysis, LacSourceState *state,
                           LacNotes *notes);

#endif
