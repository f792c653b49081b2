/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The clock, the memory and the printed line of a stage: for stages.c. */

#ifndef LAC_BENCH_STAGE_CLOCK_H
#define LAC_BENCH_STAGE_CLOCK_H

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct Song {
  float *channels[2];
  uint64_t n_frames;
  double rate_hz;
} Song;

/* One stage's best of several runs. */
typedef struct Stage {
  const char *name;
  double bar_x;
  double start_s, best_s;
  size_t start_bytes, most_bytes;
} Stage;

static unsigned n_bars, n_passed;

static void die(const char *what) {
  fprintf(stderr, "bench: %s failed\n", what);
  exit(1);
}

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); /* all threads, should a stage have several */
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static size_t heap_bytes(void) {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

static Stage stage_new(const char *name, double bar_x) {
  return (Stage){.name = name, .bar_x = bar_x, .best_s = 1e9};
}

static void stage_start(Stage *stage) {
  stage->start_bytes = heap_bytes();
  stage->start_s = cpu_seconds();
}

/* Call while the stage's objects still live. */
static void stage_stop(Stage *stage) {
  const double took_s = cpu_seconds() - stage->start_s;
  const size_t bytes = heap_bytes() - stage->start_bytes;
  stage->best_s = took_s < stage->best_s ? took_s : stage->best_s;
  stage->most_bytes = bytes > stage->most_bytes ? bytes : stage->most_bytes;
}

static double report(const Stage *stage, const Song *song) {
  const double x = (double)song->n_frames / song->rate_hz / stage->best_s;
  printf("%-36s %8.0fx %9.3f s %12zu bytes", stage->name, x, stage->best_s, stage->most_bytes);
  if (stage->bar_x > 0) {
    printf("   bar %6.0fx  %s", stage->bar_x, x >= stage->bar_x ? "ok" : "MISSED");
    n_bars++;
    n_passed += x >= stage->bar_x;
  }
  printf("\n");
  fflush(stdout);
  return stage->best_s;
}

/* A line for stages that share a budget. */
static void report_sum(const char *name, const Song *song, double seconds, double bar_x) {
  const Stage sum = {.name = name, .bar_x = bar_x, .best_s = seconds};
  report(&sum, song);
}

#endif
