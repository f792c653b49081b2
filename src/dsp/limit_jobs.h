/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Batches of segments on their way through the workers: one is being filled, the others are worked on. */

#ifndef LAC_DSP_LIMIT_JOBS_H
#define LAC_DSP_LIMIT_JOBS_H

#include "dsp/gain_store.h"
#include "dsp/limit_batch.h"

typedef struct LacLimitJobs LacLimitJobs;

/* Results go to `store`, which outlives the jobs, as does `stop`, which ends everything. n_threads 0 or 1: the caller
 * works. Errors: MEMORY. */
LAC_NODISCARD LacStatus lac_limit_jobs_new(const LacLimitLayout *layout, const LacLimitRules *rules, unsigned n_threads,
                                           LacGainStore *store, LacStop *stop, LacLimitJobs **out);
/* Where the next segment's audio and peaks go. */
LacLimitSegment *lac_limit_jobs_place(LacLimitJobs *jobs);
/* The place has been filled. Errors: MEMORY, CANCELLED; those of earlier batches too. */
LacStatus lac_limit_jobs_add(LacLimitJobs *jobs);
/* Sends off what is there and waits for everything. Errors: MEMORY, CANCELLED. */
LacStatus lac_limit_jobs_finish(LacLimitJobs *jobs);
/* Sets stop->own: running work ends at once. */
void lac_limit_jobs_free(LacLimitJobs *jobs);

#endif
