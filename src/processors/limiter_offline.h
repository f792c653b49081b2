/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The limiter's offline form: whole, without latency (limiter_offline.c). p->state is a LacLimiterOffline. */

#ifndef LAC_PROCESSORS_LIMITER_OFFLINE_H
#define LAC_PROCESSORS_LIMITER_OFFLINE_H

#include "dsp/limit_plan.h"
#include "processors/processor_class.h"

typedef struct LacLimiterOffline {
  LacLimitPlan *plan;
  float drive_gain;
  unsigned n_paths;
  uint64_t at_frame; /* of process */
  LacReadoutWriter readout;
} LacLimiterOffline;

LacStatus lac_limiter_offline_prepare(LacProcessor *p);
LacStatus lac_limiter_offline_observe(LacProcessor *p, const float *const *channels, uint32_t n_frames);
/* After plan: nothing is driven and nothing exceeds the ceiling, so that every sample comes out as it went in. */
bool lac_limiter_offline_is_neutral(const LacProcessor *p);
LacStatus lac_limiter_offline_plan(LacProcessor *p, const LacCancel *cancel);
void lac_limiter_offline_process(LacProcessor *p, float *const *channels, uint32_t n_frames);
void lac_limiter_offline_reset(LacProcessor *p);
void lac_limiter_offline_release(LacProcessor *p);

#endif
