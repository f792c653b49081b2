/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which compressor gives one song the levels of another, found without rendering.
 *
 * Levels of 400 ms have a distribution F. The map t(x) = Ft^-1(Fs(x)) takes the levels of the source to those of the
 * target and is the ideal static curve: of all that do, it moves them least (one-dimensional optimal transport). A
 * compressor comes as near as its own curve can, and is found by least squares over quantiles, which weighs every level
 * by how often it is there:
 *
 *   minimise  mean over q of (Fy^-1(q) - t_q)^2  +  prior (s_down^2 + s_up^2 + (makeup / 6 dB)^2),   s = 1 - 1 / ratio,
 *
 * where Fy is the distribution behind the compressor. Were its gain a function of the block's level alone, this would
 * be the distance of its static curve from t. It is not: within a block the detector reads windows of 50 ms, and it
 * hears the bass otherwise than ears do; what the static curve does to blocks is 0.6 to 1.0 of what it says (measured
 * on 15 songs). So the windows are run through the curve and its times (dsp/gain_computer.h), and blocks are made of
 * them.
 *
 * Both distributions are gated as loudness is (-70 LUFS, and 10 LU under the mean), y behind the curve: quiet blocks
 * that are lifted over the gate count from then on. The target's levels are raised to the loudness of the source.
 * Generalises Hilsamer & Herzog, "A Statistical Approach to Automated Offline Dynamic Processing in the Audio Mastering
 * Process" (DAFx-14), who match moments.
 *
 * Ratios are at most 3, makeup at most 6 dB and lift at most 12; where both stages are at work at once they are 6:1
 * together at most. A compressor cannot expand: where the target has wider levels than the source nothing is done. */

#ifndef LAC_ASSISTANT_LEVEL_MAP_H
#define LAC_ASSISTANT_LEVEL_MAP_H

#include "assistant/band_levels.h"

/* Fewer gated blocks than this (6.4 s) say nothing about a song's levels. */
enum { LAC_LEVEL_LEAST_BLOCKS = 16 };

/* Nothing is lifted below the absolute gate; fully from 12 dB above it. */
#define LAC_LEVEL_SILENCE_LUFS (-70.0)

/* The times that the fit reckons with. */
#define LAC_LEVEL_ATTACK_MS 5.0
#define LAC_LEVEL_RELEASE_MS 60.0

typedef struct LacLevelGoal {
  double amount; /* 0..1 of the way to the target */
  bool may_lift; /* with the upward stage */
} LacLevelGoal;

typedef struct LacLevelMap {
  double threshold_db; /* on the scale of the detector */
  double ratio, knee_db, makeup_db;
  double up_threshold_db, up_ratio, up_range_db; /* ratio 1: no upward stage */
  double before_db;                      /* mean distance of the quantiles at equal loudness; NAN: too few blocks */
  double after_db;                       /* predicted */
  double source_span_db, target_span_db; /* between the 10th and 90th percentile */
  bool is_needed;                        /* false: neutral, nothing is gained */
} LacLevelMap;

/* LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_level_map_fit(const LacBandLevels *source, const LacBandLevels *target,
                                          const LacLevelGoal *goal, LacLevelMap *map);

#endif
