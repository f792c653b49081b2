/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/job_progress.h"

#include "core/threads.h"

#include <time.h>

static const double interval_s = 0.1;

double lac_job_seconds(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void lac_job_progress_begin(LacJobProgress *progress, const LacJobControl *control, const char *stage) {
  *progress = (LacJobProgress){.stage = stage, .share = 1};
  if (control && control->progress) {
    progress->report = control->progress;
    progress->user = control->progress_user;
    progress->last_s = lac_job_seconds();
    progress->report(progress->user, stage, 0);
  }
}

void lac_job_progress_pass(LacJobProgress *progress, size_t index, size_t count) {
  progress->begin = (double)index / (double)count;
  progress->share = 1 / (double)count;
}

void lac_job_progress_frames(LacJobProgress *progress, uint64_t done, uint64_t total) {
  if (!progress->report || total == 0) {
    return;
  }
  const double now = lac_job_seconds();
  if (now - progress->last_s < interval_s) {
    return;
  }
  const double part = done < total ? (double)done / (double)total : 1;
  progress->last_s = now;
  progress->last_fraction = progress->begin + progress->share * part;
  progress->report(progress->user, progress->stage, progress->last_fraction);
}

void lac_job_progress_end(LacJobProgress *progress) {
  if (progress->report && progress->last_fraction < 1) {
    progress->last_fraction = 1;
    progress->report(progress->user, progress->stage, 1);
  }
}

unsigned lac_job_threads(const LacJobControl *control) {
  return control && control->n_threads ? control->n_threads : lac_cpu_count();
}

const LacCancel *lac_job_cancel(const LacJobControl *control) {
  return control ? control->cancel : NULL;
}
