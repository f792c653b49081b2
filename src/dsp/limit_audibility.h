/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much of what a gain does to a segment can be heard: what it adds to the sound beside a change of level, over what
 * the sound hides (mask.h). A fast gain costs less level, but what it adds around a chord or a voice is heard where the
 * same around drums or distortion is not. Nothing measured of the sound alone told the two apart well (the share of the
 * mid range, the spread of a model gain's sidebands: docs/processors/limiter.md), so a limiter tries them. */

#ifndef LAC_DSP_LIMIT_AUDIBILITY_H
#define LAC_DSP_LIMIT_AUDIBILITY_H

#include "dsp/gain_solver.h"
#include "dsp/limit_layout.h"

enum { LAC_LIMIT_AUDIBILITY_SLOTS = LAC_GAIN_LANES }; /* segments whose sound is kept between two gains */

typedef struct LacLimitAudibility LacLimitAudibility;

typedef struct LacAudible {
  double noise; /* mean noise-to-mask power ratio over frames of 46 ms, critical bands and channels; the level of the
                   whole segment is not counted. 0 when nothing moves */
  double power; /* what the gain leaves of the sound's power */
} LacAudible;

/* One thread at a time. Errors: MEMORY. */
LAC_NODISCARD LacStatus lac_limit_audibility_new(const LacLimitLayout *layout, double rate_hz,
                                                 LacLimitAudibility **out);
void lac_limit_audibility_free(LacLimitAudibility *audibility);
/* Before another segment takes the slot. */
void lac_limit_audibility_forget(LacLimitAudibility *audibility, unsigned slot);
/* channels: layout.length_frames, the same for a slot until it is forgotten; curves[path]: layout.n_knots coefficients,
 * one path for all channels or one each. Allocates nothing. */
LacAudible lac_limit_audibility_run(LacLimitAudibility *audibility, unsigned slot, const float *const *channels,
                                    unsigned n_channels, const float *const *curves, unsigned n_paths);
/* False where the gain adds 60 dB less than the sound hides, or nothing. */
bool lac_limit_is_audible(const LacAudible *audible);
/* Whether the calmer of two gains is worth it at equal loudness: the level it costs is driven up again, which adds
 * noise, the more the deeper the limiting is already. */
bool lac_limit_is_heard_less(const LacAudible *calm, const LacAudible *fast);

#endif
