/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a job tells the person who waits: at most ten times a second, from the caller's thread only. */

#ifndef LAC_RENDER_JOB_PROGRESS_H
#define LAC_RENDER_JOB_PROGRESS_H

#include <lacquer/render.h>

typedef struct LacJobProgress {
  LacProgressFn report; /* may be NULL */
  void *user;
  const char *stage;
  double begin; /* the present pass's share of 0..1 */
  double share;
  double last_s; /* when it was last told */
  double last_fraction;
} LacJobProgress;

/* Seconds of a clock that only goes forward. */
double lac_job_seconds(void);
/* control may be NULL. */
void lac_job_progress_begin(LacJobProgress *progress, const LacJobControl *control, const char *stage);
/* Pass `index` of `count`. */
void lac_job_progress_pass(LacJobProgress *progress, size_t index, size_t count);
/* done of total frames of the present pass (total 0: unknown). */
void lac_job_progress_frames(LacJobProgress *progress, uint64_t done, uint64_t total);
/* Says 1 once. */
void lac_job_progress_end(LacJobProgress *progress);
/* Threads to use: control's, or the cores. */
unsigned lac_job_threads(const LacJobControl *control);
/* NULL where nobody can cancel. */
const LacCancel *lac_job_cancel(const LacJobControl *control);

#endif
