/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/threads.h"
#include "core/memory.h"

#include "core/test/check.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

enum { ITEMS = 20000 };

typedef struct Pipe {
  LacQueue *queue;
  size_t received;
  bool in_order;
} Pipe;

static void consume(void *context) {
  Pipe *pipe = context;
  pipe->in_order = true;
  for (uintptr_t *item; (item = lac_queue_pop(pipe->queue)); pipe->received++)
    pipe->in_order = pipe->in_order && *item == pipe->received;
}

static void check_pipe(size_t capacity) {
  uintptr_t *items = lac_alloc(ITEMS, sizeof *items);
  assert_non_null(items);
  Pipe pipe = {0};
  LacThread *thread;
  assert_int_equal(lac_queue_new(capacity, &pipe.queue), LAC_OK);
  assert_int_equal(lac_thread_start(&thread, consume, &pipe), LAC_OK);
  for (size_t i = 0; i < ITEMS; i++) {
    items[i] = i;
    assert_true(lac_queue_push(pipe.queue, &items[i]));
  }
  lac_queue_close(pipe.queue);
  assert_false(lac_queue_push(pipe.queue, &items[0]));
  lac_thread_join(thread);
  assert_int_equal(pipe.received, ITEMS);
  assert_true(pipe.in_order);
  lac_queue_free(pipe.queue);
  lac_free(items);
}

static void test_queue(void **state) {
  (void)state;
  check_pipe(1);
  check_pipe(3);
  check_pipe(64);
  LacQueue *queue;
  assert_int_equal(lac_queue_new(0, &queue), LAC_ERR_USAGE);
  assert_null(queue);
  assert_int_equal(lac_queue_new(SIZE_MAX / 2, &queue), LAC_ERR_MEMORY);
  lac_queue_free(NULL);
}

static void test_close_drains(void **state) {
  (void)state;
  LacQueue *queue;
  int a, b;
  assert_int_equal(lac_queue_new(2, &queue), LAC_OK);
  assert_true(lac_queue_push(queue, &a));
  assert_true(lac_queue_push(queue, &b));
  lac_queue_close(queue);
  assert_ptr_equal(lac_queue_pop(queue), &a);
  assert_ptr_equal(lac_queue_pop(queue), &b);
  assert_null(lac_queue_pop(queue));
  lac_queue_free(queue);
}

typedef struct Pusher {
  LacQueue *queue;
  atomic_bool started;
  bool was_open;
} Pusher;

static void push_into_full(void *context) {
  Pusher *pusher = context;
  atomic_store(&pusher->started, true);
  pusher->was_open = lac_queue_push(pusher->queue, pusher);
}

/* A producer that waits on a full queue is woken by close, and its item is not taken. */
static void test_close_wakes_producer(void **state) {
  (void)state;
  Pusher pusher = {.was_open = true};
  LacThread *thread;
  assert_int_equal(lac_queue_new(1, &pusher.queue), LAC_OK);
  assert_true(lac_queue_push(pusher.queue, &thread));
  assert_int_equal(lac_thread_start(&thread, push_into_full, &pusher), LAC_OK);
  while (!atomic_load(&pusher.started))
    sched_yield();
  lac_queue_close(pusher.queue);
  lac_thread_join(thread);
  assert_false(pusher.was_open);
  assert_ptr_equal(lac_queue_pop(pusher.queue), &thread);
  assert_null(lac_queue_pop(pusher.queue));
  lac_queue_free(pusher.queue);
}

static void look_at_mask(void *context) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  *(bool *)context = sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) && sigismember(&mask, SIGUSR1);
}

static void test_signals_are_blocked(void **state) {
  (void)state;
  bool is_blocked = false;
  LacThread *thread;
  assert_int_equal(lac_thread_start(&thread, look_at_mask, &is_blocked), LAC_OK);
  lac_thread_join(thread);
  assert_true(is_blocked);
  look_at_mask(&is_blocked);
  assert_false(is_blocked);
  lac_thread_join(NULL);
}

static void test_cpu_count(void **state) {
  (void)state;
  unsigned all = lac_cpu_count();
  assert_true(all >= 1);
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
    if (CPU_ISSET(cpu, &before))
      CPU_SET(cpu, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  assert_int_equal(lac_cpu_count(), 1);
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
  assert_int_equal(lac_cpu_count(), all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_queue),
      cmocka_unit_test(test_close_drains),
      cmocka_unit_test(test_close_wakes_producer),
      cmocka_unit_test(test_signals_are_blocked),
      cmocka_unit_test(test_cpu_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
