/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/threads.h"

#include "core/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

unsigned lac_cpu_count(void) {
  /* The kernel refuses a set smaller than its own, so try larger ones. */
  for (size_t n_cpus = 1024; n_cpus <= (1u << 18); n_cpus *= 2) {
    cpu_set_t *set = CPU_ALLOC(n_cpus);
    if (!set)
      return 1;
    size_t bytes = CPU_ALLOC_SIZE(n_cpus);
    int failed = sched_getaffinity(0, bytes, set);
    int count = failed ? 0 : CPU_COUNT_S(bytes, set);
    CPU_FREE(set);
    if (count > 0)
      return (unsigned)count;
  }
  return 1;
}

struct LacThread {
  pthread_t id;
  void (*run)(void *context);
  void *context;
};

static void *thread_main(void *argument) {
  LacThread *thread = argument;
  thread->run(thread->context);
  return NULL;
}

LacStatus lac_thread_start(LacThread **out, void (*run)(void *context), void *context) {
  *out = NULL;
  LacThread *thread = lac_calloc(1, sizeof *thread);
  if (!thread)
    return LAC_ERR_MEMORY;
  thread->run = run;
  thread->context = context;
  /* A new thread inherits the mask: signals stay with the threads of the program. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&thread->id, NULL, thread_main, thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failed) {
    lac_free(thread);
    return LAC_ERR_MEMORY;
  }
  *out = thread;
  return LAC_OK;
}

void lac_thread_join(LacThread *thread) {
  if (!thread)
    return;
  pthread_join(thread->id, NULL);
  lac_free(thread);
}

struct LacQueue {
  pthread_mutex_t lock;
  pthread_cond_t not_full, not_empty;
  size_t capacity, first, count;
  bool is_closed;
  void *items[];
};

LacStatus lac_queue_new(size_t capacity, LacQueue **out) {
  *out = NULL;
  if (capacity == 0)
    return LAC_ERR_USAGE;
  size_t bytes;
  if (!lac_mul_size(capacity, sizeof(void *), &bytes) || !lac_add_size(bytes, sizeof(LacQueue), &bytes))
    return LAC_ERR_MEMORY;
  LacQueue *queue = lac_calloc(1, bytes);
  if (!queue)
    return LAC_ERR_MEMORY;
  /* With default attributes these three allocate nothing and cannot fail on Linux. */
  pthread_mutex_init(&queue->lock, NULL);
  pthread_cond_init(&queue->not_full, NULL);
  pthread_cond_init(&queue->not_empty, NULL);
  queue->capacity = capacity;
  *out = queue;
  return LAC_OK;
}

bool lac_queue_push(LacQueue *queue, void *item) {
  pthread_mutex_lock(&queue->lock);
  while (queue->count == queue->capacity && !queue->is_closed)
    pthread_cond_wait(&queue->not_full, &queue->lock);
  bool is_open = !queue->is_closed;
  if (is_open) {
    queue->items[(queue->first + queue->count) % queue->capacity] = item;
    queue->count++;
    pthread_cond_signal(&queue->not_empty);
  }
  pthread_mutex_unlock(&queue->lock);
  return is_open;
}

void *lac_queue_pop(LacQueue *queue) {
  void *item = NULL;
  pthread_mutex_lock(&queue->lock);
  while (queue->count == 0 && !queue->is_closed)
    pthread_cond_wait(&queue->not_empty, &queue->lock);
  if (queue->count > 0) {
    item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    pthread_cond_signal(&queue->not_full);
  }
  pthread_mutex_unlock(&queue->lock);
  return item;
}

void lac_queue_close(LacQueue *queue) {
  pthread_mutex_lock(&queue->lock);
  queue->is_closed = true;
  pthread_cond_broadcast(&queue->not_full);
  pthread_cond_broadcast(&queue->not_empty);
  pthread_mutex_unlock(&queue->lock);
}

void lac_queue_free(LacQueue *queue) {
  if (!queue)
    return;
  pthread_cond_destroy(&queue->not_empty);
  pthread_cond_destroy(&queue->not_full);
  pthread_mutex_destroy(&queue->lock);
  lac_free(queue);
}
