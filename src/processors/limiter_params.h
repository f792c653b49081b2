/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Places in the limiter's tables (limiter.c), which its two forms share. */

#ifndef LAC_PROCESSORS_LIMITER_PARAMS_H
#define LAC_PROCESSORS_LIMITER_PARAMS_H

enum {
  LIMITER_DRIVE_DB,
  LIMITER_CEILING_DBTP,
  LIMITER_LINK_PERCENT,
  LIMITER_LOOKAHEAD_MS,
  LIMITER_RELEASE_MS,
  LIMITER_STEADY_RELEASE_MS,
  LIMITER_SOLVER,
  LIMITER_QUALITY,
  LIMITER_CHARACTER
};
enum { LIMITER_GAIN_REDUCTION_DB };
enum { LIMITER_SOLVER_REALTIME, LIMITER_SOLVER_OFFLINE };
enum { LIMITER_QUALITY_FAST, LIMITER_QUALITY_STANDARD, LIMITER_QUALITY_BEST };
enum { LIMITER_CHARACTER_TRANSPARENT, LIMITER_CHARACTER_PUNCHY, LIMITER_CHARACTER_DENSE };

/* What the table says unless told otherwise; the clipper foresees a limiter of these times. */
#define LIMITER_NEUTRAL_LOOKAHEAD_MS 2.0
#define LIMITER_NEUTRAL_RELEASE_MS 1.0
#define LIMITER_NEUTRAL_STEADY_RELEASE_MS 100.0

/* Ranges of the values that the clipper is told as well. */
#define LIMITER_MOST_DRIVE_DB 40
#define LIMITER_LEAST_CEILING_DBTP (-20)

/* Louder than any signal that means something; keeps the sums of the detector finite. */
#define LIMITER_LOUDEST 1e15f

#endif
