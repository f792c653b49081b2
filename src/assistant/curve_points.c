/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/curve_points.h"

#include <math.h>

#include "core/memory.h"
#include "core/number.h"
#include "dsp/monotone_curve.h"

/* 0.02 dB of a gain is nothing anybody hears. */
static const double first_tolerance = 0.02;

typedef struct Thinning {
  const double *y;
  size_t n;
  bool *is_kept;
  LacCurveKnot *knots; /* by index of y */
  size_t n_knots;
} Thinning;

static void fit_knots(Thinning *thin) {
  thin->n_knots = 0;
  for (size_t i = 0; i < thin->n; i++)
    if (thin->is_kept[i])
      thin->knots[thin->n_knots++] = (LacCurveKnot){.x = (double)i, .y = thin->y[i]};
  lac_monotone_curve_fit(thin->knots, thin->n_knots);
}

/* Keeps the worst place of every piece that misses by more than the tolerance; false when there was none. */
static bool keep_more(Thinning *thin, double tolerance) {
  bool has_more = false;
  fit_knots(thin);
  for (size_t piece = 0; piece + 1 < thin->n_knots; piece++) {
    size_t worst = 0, at = piece;
    double most = tolerance;
    for (size_t i = (size_t)thin->knots[piece].x + 1; i < (size_t)thin->knots[piece + 1].x; i++) {
      double error = fabs(lac_monotone_curve_at(thin->knots, thin->n_knots, (double)i, &at, NULL) - thin->y[i]);
      if (error > most) {
        most = error;
        worst = i;
      }
    }
    if (worst > 0)
      thin->is_kept[worst] = has_more = true;
  }
  return has_more;
}

/* Down to as many points as a parameter takes. */
static void thin_out(Thinning *thin) {
  for (double tolerance = first_tolerance;; tolerance *= 2.0) {
    for (size_t i = 0; i < thin->n; i++)
      thin->is_kept[i] = i == 0 || i + 1 == thin->n;
    while (keep_more(thin, tolerance) && thin->n_knots <= LAC_MAX_CURVE_POINTS) {
    }
    fit_knots(thin);
    if (thin->n_knots <= LAC_MAX_CURVE_POINTS)
      return;
  }
}

LacStatus lac_curve_points_of(const double *y, size_t n, double first, double spacing, double step,
                              LacCurvePoint **points, size_t *n_points) {
  Thinning thin = {.y = y, .n = n, .is_kept = lac_alloc(n, sizeof(bool)), .knots = lac_alloc(n, sizeof(LacCurveKnot))};
  *points = NULL;
  *n_points = 0;
  if (thin.is_kept && thin.knots) {
    thin_out(&thin);
    *points = lac_alloc(thin.n_knots, sizeof **points);
  }
  for (size_t i = 0; *points && i < thin.n_knots; i++)
    (*points)[i] = (LacCurvePoint){lac_round_to_step(first + spacing * thin.knots[i].x, 0.001),
                                   lac_round_to_step(thin.knots[i].y, step)};
  *n_points = *points ? thin.n_knots : 0;
  lac_free(thin.is_kept);
  lac_free(thin.knots);
  return *points ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_curve_points_run(const LacCurvePoint *points, size_t n_points, double first, double spacing, double *y,
                               size_t n) {
  LacCurveKnot *knots = lac_alloc(n_points + 1, sizeof *knots);
  size_t piece = 0;
  if (!knots)
    return LAC_ERR_MEMORY;
  for (size_t i = 0; i < n_points; i++)
    knots[i] = (LacCurveKnot){.x = points[i].x, .y = points[i].y};
  lac_monotone_curve_fit(knots, n_points);
  for (size_t i = 0; i < n; i++)
    y[i] = lac_monotone_curve_at(knots, n_points, first + spacing * (double)i, &piece, NULL);
  lac_free(knots);
  return LAC_OK;
}
