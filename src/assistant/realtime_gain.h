/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The real-time limiter's gain at control rate: what each 1-ms peak allows, held, released and averaged. */

#ifndef LAC_ASSISTANT_REALTIME_GAIN_H
#define LAC_ASSISTANT_REALTIME_GAIN_H

#include <lacquer/analysis.h>

typedef struct LacRealtimeGain LacRealtimeGain;

/* `control` is borrowed. Times as in the limiter's parameters. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_realtime_gain_new(const LacControlTrack *control, double lookahead_ms, double release_ms,
                                              LacRealtimeGain **out);
void lac_realtime_gain_free(LacRealtimeGain *gain);
/* Linear gains of all hops, held under `limit` (linear true peak). Owned by `gain`, good until the next call. */
const float *lac_realtime_gain_run(LacRealtimeGain *gain, float limit);

#endif
