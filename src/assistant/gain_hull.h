/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The offline limiter's gain in one pass: the smallest reduction v >= c that neither falls nor rises faster than its
 * recovery allows. Without the limiter's rounding term its problem, minimise sum v^2 + tau^2 v'^2 subject to v >= c, is
 * solved by the least v whose pieces between the points it rests on are of the form A exp(-t / tau) + B exp(t / tau).
 * Seen along these curves instead of straight lines that is an upper convex hull, which one pass from left to right
 * with a stack finds exactly. Where the recovery changes along the way the two curves are others, no more. */

#ifndef LAC_ASSISTANT_GAIN_HULL_H
#define LAC_ASSISTANT_GAIN_HULL_H

#include <lacquer/core.h>

typedef struct LacGainHull LacGainHull; /* workspace; one thread at a time */

LAC_NODISCARD LacStatus lac_gain_hull_new(size_t max_hops, LacGainHull **out);
void lac_gain_hull_free(LacGainHull *hull);
/* The two curves of a recovery that may change along the way: fall[k] is what one that dies away to the right loses
 * from hop k to the next, rise[k] what one that dies away to the left loses from hop k + 1 to k. recovery[k] = exp(-hop
 * / tau) between k and the next, 0 < recovery < 1; the last is not used. */
void lac_gain_hull_curves(const float *recovery, size_t n_hops, float *fall, float *rise);
/* wanted_db[k]: the reduction that hop k needs, 0 or less where it needs none. reduction_db: >= 0 and >= wanted_db, to
 * within rounding; what is under 0.0001 dB is 0. */
void lac_gain_hull_run(LacGainHull *hull, const float *wanted_db, const float *fall, const float *rise, size_t n_hops,
                       float *reduction_db);

#endif
