/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the offline limiter's gain leaves of the sound, from the 1-ms control track: the hull of gain_hull.h over the
 * linked peaks and over each channel's own, mixed as far as the channels are linked, and linked closer where the image
 * would move, as the limiter does. Where it recovers slower for bass or even crests (dsp/limit_times.h) is known from
 * the track; where it will find a calmer gain heard less is not, and costs the prediction up to 0.26 LU. */

#ifndef LAC_ASSISTANT_OFFLINE_GAIN_H
#define LAC_ASSISTANT_OFFLINE_GAIN_H

#include <lacquer/analysis.h>

#include "dsp/limit_times.h"

typedef struct LacOfflineGain LacOfflineGain;

/* `control` is borrowed. link: 0..1; max_hops: the longest span. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_offline_gain_new(const LacControlTrack *control, const LacLimitWeights *weights,
                                             double link, size_t max_hops, LacOfflineGain **out);
void lac_offline_gain_free(LacOfflineGain *gain);
/* Hops begin .. end - 1 held under limit_db (dBFS of true peak). power[k - begin]: the share of the energy of hop k
 * that is left; reduction_db[k - begin] >= 0: the reduction of the channel that is reduced more. False, with neither
 * touched, when nothing is limited. */
bool lac_offline_gain_run(LacOfflineGain *gain, double limit_db, size_t begin, size_t end, float *power,
                          float *reduction_db);

#endif
