/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How stiff the gain of an offline limiter may be at each place of a segment: short recovery is loudest and, on dense
 * music, cleanest, but three kinds of sound want more.
 *   bass      a short recovery follows the cycles of a note: bass_gate.h
 *   crests    that are all of one height, a tone: then a long recovery costs no level at all
 *   mid range music whose energy lies between some 400 and 2000 Hz, chords and voices: what a fast gain adds around
 * them is heard, while around bass and treble it is masked. Measured on six cuts of dense music, dB of noise-to-mask:
 * recovery 0.5 ms -17 and 3 ms -21 on the one with 60 % mid range, -19.5 and -17.6 where there is 28 %. */

#ifndef LAC_DSP_LIMIT_TIMES_H
#define LAC_DSP_LIMIT_TIMES_H

#include "dsp/limit_layout.h"

typedef struct LacLimitWeights {
  double recovery_ms, rounding_ms;         /* where nothing wants more */
  double mid_recovery_ms, mid_rounding_ms; /* in the mid range */
} LacLimitWeights;

/* Of the limiter's characters in the order of its parameter: transparent, punchy, dense. */
LacLimitWeights lac_limit_weights(unsigned character);

/* Crests over so many seconds to either side are compared. */
#define LAC_LIMIT_CREST_S 0.06
/* crest_db[h]: the most that hop h of the bass gate and two hops to either side ask for, dB >= 0; 29 ms hold one crest
 * of a tone of 35 Hz. */
void lac_limit_crests(const float *asked_db, size_t n_hops, float *crest_db);
/* How even the crests are from `reach` hops before h to as many after: 0..1, 0 when any asks for nothing. *height is
 * the highest. */
double lac_limit_steadiness(const float *crest_db, size_t n_hops, size_t h, size_t reach, float *height);

typedef struct LacLimitTimes LacLimitTimes;

LAC_NODISCARD LacStatus lac_limit_times_new(const LacLimitLayout *layout, double rate_hz,
                                            const LacLimitWeights *weights, LacLimitTimes **out);
void lac_limit_times_free(LacLimitTimes *times);
/* Where crests are all of one height, brings every cell of them down to that height: what one crest allows and the next
 * one allows differ by the error of the detector, and a gain that follows it is noise. In place, one channel. */
void lac_limit_times_level(LacLimitTimes *times, float *allowed_db);
/* channels: layout.length_frames of a segment; allowed_db: per cell of the same, the lower one of the channels.
 * slope, bend: layout.n_knots weights for gain_solver.h. Depends on the segment alone; allocates nothing. */
void lac_limit_times_run(LacLimitTimes *times, const float *const *channels, unsigned n_channels,
                         const float *allowed_db, float *slope, float *bend);

#endif
