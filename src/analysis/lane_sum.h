/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sums in eight fixed lanes: value number i of a sum goes to lane i mod 8, and the lanes are added in a fixed tree.
 * The order of additions, and so every bit of the result, depends neither on how the values were cut into blocks nor
 * on the width of the machine's vectors. */

#ifndef LAC_ANALYSIS_LANE_SUM_H
#define LAC_ANALYSIS_LANE_SUM_H

#include <stdint.h>
#include <string.h>

enum { LAC_SUM_LANES = 8 };

typedef struct LacLaneSum {
  double lane[LAC_SUM_LANES];
  uint32_t position; /* values added so far, modulo 8 */
} LacLaneSum;

static inline void lac_lane_sum_reset(LacLaneSum *sum) {
  memset(sum, 0, sizeof(*sum));
}

static inline void lac_lane_sum_add(LacLaneSum *sum, const double *values, uint32_t n) {
  typedef double Pair __attribute__((vector_size(16), aligned(8), may_alias)); /* four stay in registers */
  uint32_t i = 0;
  for (; i < n && sum->position % LAC_SUM_LANES; i++)
    sum->lane[sum->position++ % LAC_SUM_LANES] += values[i];
  Pair *lanes = (Pair *)sum->lane, a = lanes[0], b = lanes[1], c = lanes[2], d = lanes[3];
  for (; i + LAC_SUM_LANES <= n; i += LAC_SUM_LANES) {
    const Pair *from = (const Pair *)(values + i);
    a += from[0];
    b += from[1];
    c += from[2];
    d += from[3];
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
  for (; i < n; i++)
    sum->lane[sum->position++ % LAC_SUM_LANES] += values[i];
  sum->position %= LAC_SUM_LANES;
}

static inline double lac_lane_sum_total(const LacLaneSum *sum) {
  const double *l = sum->lane;
  return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

#endif
