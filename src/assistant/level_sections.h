/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a song goes over from one section to the next, by its loudness alone: the cuts of the best piecewise constant
 * fit, each of which must pay a penalty (penalised least squares, solved exactly by optimal partitioning: B. Jackson et
 * al., "An algorithm for optimal partitioning of data on an interval", IEEE Signal Processing Letters 12, 2005). The
 * penalty follows from how much the loudness moves by itself within three seconds. */

#ifndef LAC_ASSISTANT_LEVEL_SECTIONS_H
#define LAC_ASSISTANT_LEVEL_SECTIONS_H

#include <lacquer/core.h>

/* level[n]: short-term loudness at 10 Hz, finite where weight > 0; what has no weight counts for nothing. moment[n]:
 * the level of each 100 ms, finite, by which a cut is placed. Fills is_border[n]: true at the first hop of every
 * section but the first. Sections last about 6 s or longer. Programmes beyond half an hour are looked at more coarsely.
 * LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_level_sections(const double *level, const double *moment, const double *weight, size_t n,
                                           bool *is_border);

#endif
