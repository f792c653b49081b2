/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Integrated loudness (ITU-R BS.1770-5) from energies of 100 ms: what a prediction is turned into LUFS by. */

#ifndef LAC_ASSISTANT_GATED_LOUDNESS_H
#define LAC_ASSISTANT_GATED_LOUDNESS_H

#include <lacquer/core.h>

/* energies[i]: K-weighted sum of squares, channels added, over stretch i; frames: length of a stretch. Blocks of four
 * stretches, hop one; gates -70 LUFS and -10 LU relative. NAN when no block passes (or there are fewer than four). */
double lac_gated_lufs(const double *energies, size_t count, double frames);

#endif
