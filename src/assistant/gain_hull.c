/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/gain_hull.h"

#include <string.h>

#include "core/memory.h"

/* A reduction that matters to nothing. */
static const float least_db = 1e-4f;

/* A point the gain rests on. */
typedef struct Rest {
  size_t hop;
  float reduction_db;
  float fall, rise; /* along the way from the rest before it, and back; 0 for the first */
} Rest;

struct LacGainHull {
  Rest *rests;
};

LacStatus lac_gain_hull_new(size_t max_hops, LacGainHull **out) {
  LacGainHull *hull = lac_calloc(1, sizeof *hull);
  *out = hull;
  if (!hull)
    return LAC_ERR_MEMORY;
  hull->rests = lac_alloc(max_hops + 1, sizeof *hull->rests);
  if (hull->rests)
    return LAC_OK;
  lac_gain_hull_free(hull);
  *out = NULL;
  return LAC_ERR_MEMORY;
}

void lac_gain_hull_free(LacGainHull *hull) {
  if (!hull)
    return;
  lac_free(hull->rests);
  lac_free(hull);
}

/* With p the stiffness between two hops, p = r / (1 - r)^2 for a recovery r, the problem's equations at rest from the
 * ceiling are (1 + p_k + p_k-1) v_k = p_k v_k+1 + p_k-1 v_k-1; the ratios of neighbours on the curve that dies away
 * follow from one another. */
void lac_gain_hull_curves(const float *recovery, size_t n_hops, float *fall, float *rise) {
  double ratio = 0.0, behind = 0.0;
  for (size_t k = n_hops - 1; k-- > 0;) {
    const double r = (double)recovery[k], p = r / ((1.0 - r) * (1.0 - r));
    ratio = p / (1.0 + p + behind * (1.0 - ratio));
    fall[k] = (float)ratio;
    behind = p;
  }
  ratio = behind = 0.0;
  for (size_t k = 0; k + 1 < n_hops; k++) {
    const double r = (double)recovery[k], p = r / ((1.0 - r) * (1.0 - r));
    ratio = p / (1.0 + p + behind * (1.0 - ratio));
    rise[k] = (float)ratio;
    behind = p;
  }
  if (n_hops > 0)
    fall[n_hops - 1] = rise[n_hops - 1] = 0.0f;
}

/* True when the curve from `a` to `c` passes over `b`. a NULL: what dies away from `c` to the left. */
static bool is_covered(const Rest *a, const Rest *b, const Rest *c) {
  if (!a)
    return b->reduction_db <= c->reduction_db * c->rise;
  const double there = (double)b->fall * (double)b->rise, back = (double)c->fall * (double)c->rise;
  const double left = (double)a->reduction_db * (double)b->fall * (1.0 - back);
  const double right = (double)c->reduction_db * (double)c->rise * (1.0 - there);
  return (double)b->reduction_db * (1.0 - there * back) <= left + right;
}

/* The points that the gain rests on; returns how many. */
static size_t find_rests(LacGainHull *hull, const float *wanted_db, const float *fall, const float *rise,
                         size_t n_hops) {
  Rest *rests = hull->rests;
  size_t count = 0;
  float fallen = 0.0f, risen = 0.0f; /* from the last rest to here */
  for (size_t k = 0; k < n_hops; k++) {
    if (wanted_db[k] > least_db) {
      Rest next = {.hop = k, .reduction_db = wanted_db[k], .fall = fallen, .rise = risen};
      while (count > 0 && is_covered(count > 1 ? &rests[count - 2] : NULL, &rests[count - 1], &next)) {
        count--;
        next.fall *= rests[count].fall;
        next.rise *= rests[count].rise;
      }
      rests[count++] = next;
      fallen = risen = 1.0f;
    }
    fallen *= fall[k];
    risen *= rise[k];
  }
  while (count > 1 && rests[count - 1].reduction_db <= rests[count - 2].reduction_db * rests[count - 1].fall)
    count--;
  return count;
}

static bool matters(float amount_db) {
  return amount_db > least_db || amount_db < -least_db;
}

/* A curve that is `amount` at hop `from` and falls until `end`, which is left out. */
static void add_falling(float *reduction_db, const float *fall, size_t from, size_t end, float amount) {
  for (size_t k = from; k < end && matters(amount); k++) {
    reduction_db[k] += amount;
    amount *= fall[k];
  }
}

/* A curve that rises from `begin` to be `amount` at hop `to`, which is left out. */
static void add_rising(float *reduction_db, const float *rise, size_t begin, size_t to, float amount) {
  for (size_t k = to; k > begin && matters(amount); k--) {
    amount *= rise[k - 1];
    reduction_db[k - 1] += amount;
  }
}

void lac_gain_hull_run(LacGainHull *hull, const float *wanted_db, const float *fall, const float *rise, size_t n_hops,
                       float *reduction_db) {
  const Rest *rests = hull->rests;
  const size_t count = find_rests(hull, wanted_db, fall, rise, n_hops);
  memset(reduction_db, 0, n_hops * sizeof *reduction_db);
  if (count == 0)
    return;
  add_rising(reduction_db, rise, 0, rests[0].hop, rests[0].reduction_db);
  for (size_t i = 0; i + 1 < count; i++) {
    const size_t here = rests[i].hop, there = rests[i + 1].hop;
    const double left = (double)rests[i].reduction_db, right = (double)rests[i + 1].reduction_db;
    const double across = (double)rests[i + 1].fall, back = (double)rests[i + 1].rise, unshared = 1.0 - across * back;
    add_falling(reduction_db, fall, here, there, (float)((left - right * back) / unshared));
    add_rising(reduction_db, rise, here, there, (float)((right - left * across) / unshared));
  }
  add_falling(reduction_db, fall, rests[count - 1].hop, n_hops, rests[count - 1].reduction_db);
}
