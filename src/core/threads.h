/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A small thread pool and a bounded queue between two threads. */

#ifndef LAC_CORE_THREADS_H
#define LAC_CORE_THREADS_H

#include <lacquer/core.h>

/* Cores this process may run on (affinity respected), at least 1. */
unsigned lac_cpu_count(void);

/* A worker thread that runs one function; joined exactly once. Signals are blocked in it. */
typedef struct LacThread LacThread;
LAC_NODISCARD LacStatus lac_thread_start(LacThread **out, void (*run)(void *context), void *context);
void lac_thread_join(LacThread *thread);

/* A bounded FIFO of pointers for one producer and one consumer; push waits while full, pop while empty. */
typedef struct LacQueue LacQueue;
LAC_NODISCARD LacStatus lac_queue_new(size_t capacity, LacQueue **out);
/* False when the queue was closed. */
bool lac_queue_push(LacQueue *queue, void *item);
/* NULL when the queue is closed and empty. */
void *lac_queue_pop(LacQueue *queue);
/* Wakes everyone; pushes fail from now on, pops drain what is left. */
void lac_queue_close(LacQueue *queue);
void lac_queue_free(LacQueue *queue);

#endif
