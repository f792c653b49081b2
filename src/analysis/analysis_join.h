/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results as a whole: emptied, completed, joined. */

#ifndef LAC_ANALYSIS_ANALYSIS_JOIN_H
#define LAC_ANALYSIS_ANALYSIS_JOIN_H

#include <lacquer/analysis.h>

/* Owns nothing, every figure NAN. What `analysis` held is not freed. */
void lac_analysis_clear(LacAnalysis *analysis);
/* Figures and findings that need the results of several meters: PLR, PSR, derived findings. */
LacStatus lac_analysis_combine(LacAnalysis *analysis);

#endif
