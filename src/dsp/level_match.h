/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gain that makes what comes out of a process as loud as what went in: the ratio of both K-weighted powers
 * (BS.1770), averaged over all that has been heard until that is a second, then over as long. Such a gain lags
 * behind the music, and where loud parts follow quiet ones it gives them too little; what has been missed over the last
 * minute is therefore paid back slowly. Passages without sound do not count. Embedded by value. */

#ifndef LAC_DSP_LEVEL_MATCH_H
#define LAC_DSP_LEVEL_MATCH_H

#include "dsp/k_weighting.h"

enum { LAC_LEVEL_MATCH_RUN = 128 }; /* most frames per call */

typedef struct LacLevelMatch {
  LacKWeighting before, after;
  double sum_before, sum_after; /* since the last step */
  double mean_before, mean_after;
  double long_before, long_matched; /* over longer: what went in, and what came out with the gain */
  double n_steps, short_steps, long_steps;
} LacLevelMatch;

void lac_level_match_init(LacLevelMatch *match, double rate_hz, double steps_per_s);
void lac_level_match_reset(LacLevelMatch *match);
/* The same frames ahead of the process and behind it, the gain of the match left out. */
void lac_level_match_add(LacLevelMatch *match, const float *const *before, const float *const *after,
                         unsigned n_channels, uint32_t n_frames);
/* At fixed places of the absolute frame index: takes what has been added, which went out with about `applied_gain`, and
 * returns the gain to glide to until the next step, 0.25..4. */
double lac_level_match_step(LacLevelMatch *match, double applied_gain);

#endif
