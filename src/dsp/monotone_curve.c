/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/monotone_curve.h"

#include <math.h>

void lac_monotone_curve_fit(LacCurveKnot *knots, size_t n) {
  for (size_t i = 0; i < n; i++) {
    knots[i].slope = 0;
    if (i == 0 || i + 1 == n)
      continue;
    double before = knots[i].x - knots[i - 1].x, after = knots[i + 1].x - knots[i].x;
    double rise_before = (knots[i].y - knots[i - 1].y) / before, rise_after = (knots[i + 1].y - knots[i].y) / after;
    /* At a turning point, and beside a flat piece, the curve is level. */
    if ((rise_before > 0 && rise_after > 0) || (rise_before < 0 && rise_after < 0)) {
      double weight_before = 2.0 * after + before, weight_after = after + 2.0 * before;
      knots[i].slope = (weight_before + weight_after) / (weight_before / rise_before + weight_after / rise_after);
      if (!isfinite(knots[i].slope)) /* pieces wider or narrower than a double can tell */
        knots[i].slope = 0;
    }
  }
}

/* The piece [knots[i], knots[i + 1]) around x, which lies between the outer knots. */
static size_t find_piece(const LacCurveKnot *knots, size_t n, double x, size_t from) {
  size_t low = 0, high = n - 1;
  if (from < high && knots[from].x <= x) {
    low = from;
    if (x < knots[from + 1].x)
      return from;
    if (from + 2 < n && x < knots[from + 2].x)
      return from + 1;
  }
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (knots[middle].x <= x)
      low = middle;
    else
      high = middle;
  }
  return low;
}

double lac_monotone_curve_at(const LacCurveKnot *knots, size_t n, double x, size_t *piece, double *slope) {
  if (slope)
    *slope = 0;
  if (n == 0)
    return 0;
  /* Written so that NaN holds the first value. */
  if (!(x > knots[0].x))
    return knots[0].y;
  if (x >= knots[n - 1].x)
    return knots[n - 1].y;
  *piece = find_piece(knots, n, x, *piece);
  const LacCurveKnot *a = &knots[*piece], *b = a + 1;
  /* Hermite's cubic as a + u (m_a + u (c + u d)): where everything is equal or 0, exactly a. */
  double width = b->x - a->x;
  if (!isfinite(width))
    return a->y;
  double u = (x - a->x) / width;
  double start = a->slope * width, end = b->slope * width, rise = b->y - a->y;
  double square = 3.0 * rise - 2.0 * start - end, cube = start + end - 2.0 * rise;
  if (slope) {
    *slope = (start + u * (2.0 * square + u * 3.0 * cube)) / width;
    *slope = isfinite(*slope) ? *slope : 0;
  }
  return a->y + u * (start + u * (square + u * cube));
}
