/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gain of a whole programme, worked out while it goes by.
 *
 *   lac_limit_plan_new -> lac_limit_plan_add ... -> lac_limit_plan_finish -> lac_limit_plan_gains ... -> free
 *
 * Segments (limit_layout.h) in which nothing exceeds the ceiling have a gain of exactly 1 and cost nothing more. The
 * others are worked on eight at a time, in the order of the programme, by the caller or by worker threads: the result
 * is the same. Memory: some megabytes per thread, and the curves of limited segments. */

#ifndef LAC_DSP_LIMIT_PLAN_H
#define LAC_DSP_LIMIT_PLAN_H

#include "dsp/limit_batch.h"

typedef struct LacLimitPlan LacLimitPlan;

/* n_threads: workers; 0 or 1 has the caller do the work. cancel: ends add and finish within milliseconds; outlives the
 * plan; may be NULL. Errors: MEMORY. */
LAC_NODISCARD LacStatus lac_limit_plan_new(const LacLimitRules *rules, unsigned n_threads, const LacCancel *cancel,
                                           LacLimitPlan **out);
/* Planar, finite, any n_frames. Errors: MEMORY, CANCELLED (no more use then than to be freed); also those of earlier
 * work. */
LacStatus lac_limit_plan_add(LacLimitPlan *plan, const float *const *channels, uint32_t n_frames);
/* Works on what is left; `cancel`, which may be NULL, ends it as well. Errors: MEMORY, CANCELLED as above. */
LacStatus lac_limit_plan_finish(LacLimitPlan *plan, const LacCancel *cancel);
/* After finish: the linear gains of the frames [first, first + n) of one path (lac_limit_paths). False, without
 * touching `gain`, when all are 1. Frames that were never added have 1. Allocates nothing. */
bool lac_limit_plan_gains(const LacLimitPlan *plan, unsigned path, uint64_t first, uint32_t n, float *gain);
/* After finish: all gains are 1. */
bool lac_limit_plan_is_idle(const LacLimitPlan *plan);
/* Comes back within milliseconds also while workers are busy. */
void lac_limit_plan_free(LacLimitPlan *plan);

#endif
