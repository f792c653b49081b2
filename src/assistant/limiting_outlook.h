/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How hard the limiter would have to work for the loudness target if nothing else were done: known before tone is
 * decided, because tone can make room. */

#ifndef LAC_ASSISTANT_LIMITING_OUTLOOK_H
#define LAC_ASSISTANT_LIMITING_OUTLOOK_H

#include <lacquer/analysis.h>
#include <lacquer/chain.h>

/* *p95_db: 95th percentile of gain reduction over limited time (limiter_model.h) at which `analysis` reaches the
 * target; 0 when no limiting is needed, or nothing is known (no target, no LAC_MEASURE_LIMITING). Times as the first
 * limiter of the recipe has them. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiting_outlook(const LacAnalysis *analysis, const LacRecipe *recipe, double *p95_db);

#endif
