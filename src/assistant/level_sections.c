/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/level_sections.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "dsp/elementary.h"

enum { HOPS_PER_S = 10, MOST_PLACES = 2000, SHORTEST_S = 6, WINDOW_S = 3 };

/* Sums up to a place, so that the cost of any section takes one subtraction. */
typedef struct Sums {
  double weight, level, square;
} Sums;

typedef struct Partition {
  size_t n;      /* places */
  size_t stride; /* hops from place to place */
  double *level, *weight;
  Sums *sums;    /* n + 1 */
  double *best;  /* cost of the first j places, cut in the best way */
  size_t *cut;   /* where the last section of it begins */
  double *moves; /* scratch for the median */
} Partition;

static void partition_free(Partition *part) {
  void *all[] = {part->level, part->weight, part->sums, part->best, part->cut, part->moves};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    lac_free(all[i]);
}

static LacStatus partition_new(Partition *part, const double *level, const double *weight, size_t n) {
  size_t seconds = n / HOPS_PER_S;
  part->stride = HOPS_PER_S * (1 + seconds / MOST_PLACES);
  part->n = n / part->stride;
  part->level = lac_alloc(part->n + 1, sizeof(double));
  part->weight = lac_alloc(part->n + 1, sizeof(double));
  part->sums = lac_calloc(part->n + 1, sizeof(Sums));
  part->best = lac_alloc(part->n + 1, sizeof(double));
  part->cut = lac_alloc(part->n + 1, sizeof(size_t));
  part->moves = lac_alloc(part->n + 1, sizeof(double));
  if (!part->level || !part->weight || !part->sums || !part->best || !part->cut || !part->moves)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; i < part->n; i++) {
    size_t hop = i * part->stride + part->stride / 2;
    part->weight[i] = weight[hop];
    part->level[i] = weight[hop] > 0 ? level[hop] : 0;
    double w = part->weight[i], x = part->level[i];
    part->sums[i + 1] = (Sums){part->sums[i].weight + w, part->sums[i].level + w * x, part->sums[i].square + w * x * x};
  }
  return LAC_OK;
}

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* What a cut must take off the squared error: three times (three seconds of window make neighbours alike) what white
 * noise of the same spread asks for by the criterion of Schwarz (1978). The spread comes from the median move over one
 * window; at least half a dB. */
static double penalty_of(Partition *part) {
  size_t lag = WINDOW_S * HOPS_PER_S / part->stride, n = 0;
  lag = lag ? lag : 1;
  for (size_t i = 0; i + lag < part->n; i++)
    if (part->weight[i] > 0 && part->weight[i + lag] > 0)
      part->moves[n++] = fabs(part->level[i + lag] - part->level[i]);
  double spread = 0.5;
  if (n) {
    qsort(part->moves, n, sizeof(double), compare_double);
    double median = part->moves[n / 2] / (0.6745 * sqrt(2.0)); /* of the difference of two normal values */
    spread = median > spread ? median : spread;
  }
  return 3.0 * 2.0 * spread * spread * lac_log((double)part->n + 1.0);
}

/* Squared error of the places [from, to) around their mean. */
static double cost_of(const Partition *part, size_t from, size_t to) {
  const Sums *a = &part->sums[from], *b = &part->sums[to];
  double weight = b->weight - a->weight, level = b->level - a->level;
  double cost = weight > 0 ? b->square - a->square - level * level / weight : 0;
  return cost > 0 ? cost : 0;
}

static void find_cuts(Partition *part, double penalty) {
  size_t shortest = (SHORTEST_S * HOPS_PER_S + part->stride - 1) / part->stride;
  part->best[0] = -penalty;
  for (size_t to = 1; to <= part->n; to++) {
    part->best[to] = cost_of(part, 0, to);
    part->cut[to] = 0;
    for (size_t from = shortest; from + shortest <= to; from++) {
      double cost = part->best[from] + penalty + cost_of(part, from, to);
      if (cost < part->best[to]) {
        part->best[to] = cost;
        part->cut[to] = from;
      }
    }
  }
}

/* The hop near `hop` that parts what lies before and behind it best, each side half a section. */
static size_t refine(const double *moment, const double *weight, size_t n, size_t hop, size_t reach) {
  const size_t side = SHORTEST_S * HOPS_PER_S / 2;
  size_t best = hop;
  double most = -1;
  for (size_t at = hop > reach + side ? hop - reach : side; at <= hop + reach && at + side <= n; at++) {
    double sum[2] = {0}, count[2] = {0};
    for (size_t k = at - side; k < at + side; k++) {
      sum[k >= at] += weight[k] > 0 ? moment[k] : 0;
      count[k >= at] += weight[k] > 0;
    }
    double step = count[0] > 0 && count[1] > 0 ? fabs(sum[1] / count[1] - sum[0] / count[0]) : 0;
    if (step > most) {
      most = step;
      best = at;
    }
  }
  return best;
}

LacStatus lac_level_sections(const double *level, const double *moment, const double *weight, size_t n,
                             bool *is_border) {
  Partition part = {0};
  memset(is_border, 0, n * sizeof *is_border);
  LacStatus status = partition_new(&part, level, weight, n);
  if (!status) {
    find_cuts(&part, penalty_of(&part));
    for (size_t to = part.n; to > 0 && part.cut[to] > 0; to = part.cut[to])
      is_border[refine(moment, weight, n, part.cut[to] * part.stride, part.stride + HOPS_PER_S / 2)] = true;
  }
  partition_free(&part);
  return status;
}
