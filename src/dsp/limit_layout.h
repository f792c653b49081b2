/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a programme is cut for offline limiting: segments at fixed places of the absolute frame index.
 *
 *   |<-- margin -->|<-- overlap -->|<------ core ------>|<-- overlap -->|<-- margin -->|
 *                                  ^ segment * core_frames
 * A segment's gain is found for core and overlaps. Neighbours find nearly the same one where they overlap; around the
 * border of two cores the one fades into the other over 2 * fade_frames. Both obey every cap, so any mix does. The
 * margin is audio that only the peak detector needs. */

#ifndef LAC_DSP_LIMIT_LAYOUT_H
#define LAC_DSP_LIMIT_LAYOUT_H

#include "dsp/gain_spline.h"

typedef struct LacLimitLayout {
  LacGainSpline spline;
  uint32_t core_frames, overlap_frames, margin_frames, fade_frames; /* multiples of the spline's step */
  uint32_t length_frames;                                           /* all of it: margins, overlaps, core */
  uint32_t n_cells;                                                 /* of core and overlaps */
  uint32_t n_knots; /* n_cells + 3: the curve of cell c (0 = first of the overlap) uses the knots c .. c + 3 */
} LacLimitLayout;

/* rate 8..384 kHz */
void lac_limit_layout_init(LacLimitLayout *layout, double rate_hz);

#endif
