/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a hand on the fader would ride a song: the gain curve of the leveler, found from the loudness that the analysis
 * keeps at 10 Hz.
 *
 *   minimise  sum w (u - k (M - S))^2  +  sum p (u_{j+1} - u_j)^2  +  sum q (u_{j+1} - 2 u_j + u_{j-1})^2,  |u| <=
 * bound
 *
 * S is the short-term loudness around each 100 ms, M the middle of its range (between the quantiles that the loudness
 * range is made of, so that the bound is used on both sides alike). w is 1, and 0 where the range's own gates, or a
 * fade of the song, leave nothing to ride: there p holds the gain still. q is (5 s)^4 within a section and (1 s)^4
 * around the border of two (level_sections.h): the gain turns where the music does. k is how much of the distance to
 * the middle is taken away, or what reaches a wanted loudness range. */

#ifndef LAC_ASSISTANT_LEVEL_RIDE_H
#define LAC_ASSISTANT_LEVEL_RIDE_H

#include <lacquer/assistant.h>

typedef struct LacLevelRide {
  LacCurvePoint *points; /* seconds, dB rounded to the leveler's step; none when there is nothing to do. Owned */
  size_t n_points;
  LacRideResult result;
} LacLevelRide;

/* `analysis` with LAC_MEASURE_LOUDNESS. `step_db`: what the dB are rounded to. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_level_ride_find(const LacAnalysis *analysis, const LacRideOptions *options, double step_db,
                                            LacLevelRide *ride);
void lac_level_ride_free(LacLevelRide *ride);

#endif
