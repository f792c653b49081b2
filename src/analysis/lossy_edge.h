/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the content of a long-term spectrum ends. Lossy encoders cut everything above a frequency of their own
 * (15.5..20 kHz) within a few hundred hertz, far steeper than any instrument, microphone or equalizer. */

#ifndef LAC_ANALYSIS_LOSSY_EDGE_H
#define LAC_ANALYSIS_LOSSY_EDGE_H

#include <lacquer/core.h>

/* bin_power[k] * scale = mean square of bin k, which lies at k * bin_hz. *cutoff_hz: the edge; half the sample rate
 * when the content reaches it; NAN when it fades away without an edge. *edge_db: how far the level falls there, NAN
 * without an edge. */
void lac_lossy_edge_find(const double *bin_power, uint32_t n_bins, double bin_hz, double scale, double *cutoff_hz,
                         double *edge_db);

#endif
