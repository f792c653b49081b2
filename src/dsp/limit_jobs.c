/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_jobs.h"

#include "core/memory.h"
#include "core/threads.h"

enum { MOST_THREADS = 64 };

typedef struct Hand { /* a worker and its thread */
  LacLimitJobs *jobs;
  LacLimitWorker *worker;
  LacThread *thread;
} Hand;

struct LacLimitJobs {
  LacGainStore *store;
  Hand hands[MOST_THREADS];
  unsigned n_hands;
  LacLimitBatch batches[MOST_THREADS + 1];
  unsigned n_batches;
  float *memory;
  LacLimitBatch *filling;
  LacQueue *waiting; /* batches for the workers */
  LacQueue *empty;   /* batches that came back */
  LacStop *stop;
  _Atomic int failure; /* the first LacStatus of a batch that was not LAC_OK */
};

static void work_on(LacLimitJobs *jobs, LacLimitWorker *worker, LacLimitBatch *batch) {
  LacStatus status = atomic_load(&jobs->failure);
  if (status == LAC_OK)
    status = lac_limit_worker_run(worker, batch, jobs->stop);
  for (unsigned s = 0; s < batch->n_segments && status == LAC_OK; s++) {
    const float *curves[2] = {lac_limit_worker_curve(worker, s, 0), NULL};
    if (lac_gain_store_paths(jobs->store) > 1)
      curves[1] = lac_limit_worker_curve(worker, s, 1);
    status = lac_gain_store_put(jobs->store, batch->segments[s].index, curves);
  }
  int none = LAC_OK;
  if (status != LAC_OK)
    atomic_compare_exchange_strong(&jobs->failure, &none, (int)status);
  batch->n_segments = 0;
}

static void thread_main(void *context) {
  Hand *hand = context;
  LacLimitBatch *batch;
  while ((batch = lac_queue_pop(hand->jobs->waiting)) != NULL) {
    work_on(hand->jobs, hand->worker, batch);
    lac_queue_push(hand->jobs->empty, batch);
  }
}

static LacStatus take_memory(LacLimitJobs *jobs, const LacLimitLayout *layout, unsigned n_channels) {
  const size_t length = layout->length_frames, cells = length / layout->spline.step;
  const size_t segment = n_channels * (length + cells), places = (size_t)jobs->n_batches * LAC_GAIN_LANES;
  size_t total;
  if (!lac_mul_size(segment, places, &total))
    return LAC_ERR_MEMORY;
  jobs->memory = lac_calloc(total, sizeof *jobs->memory);
  if (!jobs->memory)
    return LAC_ERR_MEMORY;
  float *next = jobs->memory;
  for (size_t k = 0; k < places; k++) {
    LacLimitSegment *place = &jobs->batches[k / LAC_GAIN_LANES].segments[k % LAC_GAIN_LANES];
    for (unsigned c = 0; c < n_channels; c++) {
      place->channels[c] = next;
      place->cell_peaks[c] = next + length;
      next += length + cells;
    }
  }
  return LAC_OK;
}

static LacStatus start_threads(LacLimitJobs *jobs) {
  LacStatus status = lac_queue_new(jobs->n_batches, &jobs->waiting);
  if (status == LAC_OK)
    status = lac_queue_new(jobs->n_batches, &jobs->empty);
  for (unsigned i = 1; i < jobs->n_batches && status == LAC_OK; i++)
    lac_queue_push(jobs->empty, &jobs->batches[i]);
  for (unsigned i = 0; i < jobs->n_hands && status == LAC_OK; i++)
    status = lac_thread_start(&jobs->hands[i].thread, thread_main, &jobs->hands[i]);
  return status;
}

LacStatus lac_limit_jobs_new(const LacLimitLayout *layout, const LacLimitRules *rules, unsigned n_threads,
                             LacGainStore *store, LacStop *stop, LacLimitJobs **out) {
  *out = NULL;
  LacLimitJobs *jobs = lac_calloc(1, sizeof *jobs);
  if (!jobs)
    return LAC_ERR_MEMORY;
  jobs->store = store;
  jobs->stop = stop;
  jobs->n_hands = n_threads < 1 ? 1 : n_threads < MOST_THREADS ? n_threads : MOST_THREADS;
  jobs->n_batches = jobs->n_hands > 1 ? jobs->n_hands + 1 : 1;
  jobs->filling = &jobs->batches[0];
  LacStatus status = take_memory(jobs, layout, rules->n_channels);
  for (unsigned i = 0; i < jobs->n_hands && status == LAC_OK; i++) {
    jobs->hands[i].jobs = jobs;
    status = lac_limit_worker_new(layout, rules, &jobs->hands[i].worker);
  }
  if (status == LAC_OK && jobs->n_hands > 1)
    status = start_threads(jobs);
  if (status != LAC_OK) {
    lac_limit_jobs_free(jobs);
    return status;
  }
  *out = jobs;
  return LAC_OK;
}

void lac_limit_jobs_free(LacLimitJobs *jobs) {
  if (!jobs)
    return;
  atomic_store(&jobs->stop->own.requested, true);
  if (jobs->waiting)
    lac_queue_close(jobs->waiting);
  for (unsigned i = 0; i < jobs->n_hands; i++)
    lac_thread_join(jobs->hands[i].thread);
  for (unsigned i = 0; i < jobs->n_hands; i++)
    lac_limit_worker_free(jobs->hands[i].worker);
  lac_queue_free(jobs->waiting);
  lac_queue_free(jobs->empty);
  lac_free(jobs->memory);
  lac_free(jobs);
}

LacLimitSegment *lac_limit_jobs_place(LacLimitJobs *jobs) {
  return &jobs->filling->segments[jobs->filling->n_segments];
}

static void send(LacLimitJobs *jobs) {
  if (jobs->n_hands == 1) {
    work_on(jobs, jobs->hands[0].worker, jobs->filling);
    return;
  }
  lac_queue_push(jobs->waiting, jobs->filling);
  jobs->filling = lac_queue_pop(jobs->empty);
}

LacStatus lac_limit_jobs_add(LacLimitJobs *jobs) {
  if (++jobs->filling->n_segments == LAC_GAIN_LANES)
    send(jobs);
  return atomic_load(&jobs->failure);
}

LacStatus lac_limit_jobs_finish(LacLimitJobs *jobs) {
  if (jobs->filling->n_segments > 0)
    send(jobs);
  /* One batch is in hand, the others come back one by one: then nothing runs. */
  for (unsigned i = 1; i < jobs->n_batches; i++)
    jobs->filling = lac_queue_pop(jobs->empty);
  return lac_stopped(jobs->stop) ? LAC_ERR_CANCELLED : (LacStatus)atomic_load(&jobs->failure);
}
