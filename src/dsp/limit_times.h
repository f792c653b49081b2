/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How stiff the gain of an offline limiter may be at each place of a segment: short recovery is loudest and, on dense
 * music, cleanest, but two kinds of sound want more.
 *   bass      a short recovery follows the cycles of a note: bass_gate.h
 *   crests    that are all of one height, a tone: then a long recovery costs no level at all
 * And where a calmer gain is heard less, which only trying shows: limit_audibility.h. */

#ifndef LAC_DSP_LIMIT_TIMES_H
#define LAC_DSP_LIMIT_TIMES_H

#include "dsp/limit_layout.h"

enum { LAC_LIMIT_KINDS = 3 };

typedef struct LacLimitKind {
  double recovery_ms, rounding_ms;
} LacLimitKind;

/* From fast to calm; the calmer ones are for where they are heard less (limit_audibility.h). */
typedef struct LacLimitWeights {
  LacLimitKind kinds[LAC_LIMIT_KINDS];
  unsigned n_kinds;
  double most_drift_db; /* how far the image may move (limit_image.h) */
} LacLimitWeights;

/* Of the limiter's characters in the order of its parameter: transparent, punchy, dense. The image may move by half a
 * decibel; with the clipper of quality best ahead, which moves it as well, by half of that. */
LacLimitWeights lac_limit_weights(unsigned character, bool is_best);

/* Crests over so many seconds to either side are compared. */
#define LAC_LIMIT_CREST_S 0.06
/* crest_db[h]: the most that hop h of the bass gate and two hops to either side ask for, dB >= 0; 29 ms hold one crest
 * of a tone of 35 Hz. */
void lac_limit_crests(const float *asked_db, size_t n_hops, float *crest_db);
/* How even the crests are from `reach` hops before h to as many after: 0..1, 0 when any asks for nothing. *height is
 * the highest. */
double lac_limit_steadiness(const float *crest_db, size_t n_hops, size_t h, size_t reach, float *height);

typedef struct LacLimitTimes LacLimitTimes;

LAC_NODISCARD LacStatus lac_limit_times_new(const LacLimitLayout *layout, double rate_hz, LacLimitTimes **out);
void lac_limit_times_free(LacLimitTimes *times);
/* Where crests are all of one height, brings every cell of them down to that height: what one crest allows and the next
 * one allows differ by the error of the detector, and a gain that follows it is noise. In place, one channel. */
void lac_limit_times_level(LacLimitTimes *times, float *allowed_db);
/* How many values of openness a segment has. */
uint32_t lac_limit_times_count(const LacLimitTimes *times);
/* openness: how far each place wants the long recovery, 0..1. channels: layout.length_frames of a segment; allowed_db:
 * per cell of the same, the lower one of the channels. Depends on the segment alone; allocates nothing. */
void lac_limit_times_measure(LacLimitTimes *times, const float *const *channels, unsigned n_channels,
                             const float *allowed_db, float *openness);
/* slope, bend: layout.n_knots weights for gain_solver.h, of a gain of this kind. Allocates nothing. */
void lac_limit_times_weigh(LacLimitTimes *times, const float *openness, const LacLimitKind *kind, float *slope,
                           float *bend);

#endif
