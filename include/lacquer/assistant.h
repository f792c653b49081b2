/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The assistant: analysis + target -> recipe with reasons. It owns no signal processing and only writes recipes. */

#ifndef LACQUER_ASSISTANT_H
#define LACQUER_ASSISTANT_H

#include <lacquer/analysis.h>
#include <lacquer/chain.h>
#include <lacquer/core.h>
#include <lacquer/render.h>

/* How much time the limiter may take for how clean a result. */
typedef enum LacQuality {
  LAC_QUALITY_DEFAULT,  /* as the recipe has it, else standard */
  LAC_QUALITY_STANDARD, /* the offline limiter */
  LAC_QUALITY_FAST,     /* the real-time one */
  LAC_QUALITY_BEST      /* the offline limiter at its finest, with a clipper before it */
} LacQuality;

typedef struct LacAssistantOptions {
  double strength_percent; /* 0..100; 0: level and safety only. Default 60 */
  double max_limiting_db;  /* default 8 */
  LacQuality quality;
} LacAssistantOptions;

/* Adds the assistant's tone moves and level stage to `recipe` (values already set by a person or preset are
 * respected and never moved). `info` and `analysis` describe the source. Notes: INPUT_LIMITED, INPUT_CLIPPED,
 * INPUT_LOSSY_LOOK. Every decision has a reason and its evidence. */
LAC_NODISCARD LacStatus lac_assistant_decide(const LacMediaInfo *info, const LacAnalysis *analysis,
                                             const LacAssistantOptions *options, LacRecipe *recipe, LacNotes *notes,
                                             LacError *error);

/* The tone target's normal range per band (mid and side power together, dBFS), raised to the level of `analysis`: what
 * its spectrum is drawn against. False (arrays untouched) when it has no usable spectrum. */
bool lac_assistant_tone_band(const LacAnalysis *analysis, double low_db[LAC_BANDS], double high_db[LAC_BANDS]);

typedef struct LacRideOptions {
  double range_lu;       /* the loudness range to reach; NAN: amount_percent decides */
  double amount_percent; /* how much of the distance to the middle level is taken away: 20..50 is sensible; 0: 35 */
  double most_db;        /* the gain stays within +-this, at most 6; 0: 3 */
} LacRideOptions;

typedef struct LacRideResult {
  double before_lu; /* loudness range of the source; NAN: too short or silent, nothing was done */
  double after_lu;  /* predicted behind the leveler */
  double amount_percent;
  double most_db;               /* what the gain may be away from 0 */
  double lowest_db, highest_db; /* of the curve */
  double fastest_db_per_s;
  size_t n_points;  /* of the curve; 0: nothing to do */
  size_t n_borders; /* between sections */
  bool is_limited;  /* the range asked for cannot be reached within most_db */
  bool is_kept;     /* somebody else set the curve: nothing was done */
} LacRideResult;

/* Rides the level of the song's sections: writes the curve of the (first, or a new) leveler into `recipe`, with reason
 * and evidence, and binds the recipe to the song. Nothing in lac_assistant_decide() asks for it: a person does, or a
 * style. A curve that a person, preset or reference set is kept; one that is not needed any more is emptied. `analysis`
 * is of the source, with LAC_MEASURE_LOUDNESS and LAC_MEASURE_FINDINGS (for the binding), else LAC_ERR_USAGE. */
LAC_NODISCARD LacStatus lac_assistant_ride_levels(const LacAnalysis *analysis, const LacRideOptions *options,
                                                  LacRecipe *recipe, LacRideResult *result);

enum { LAC_DYNAMICS_MATCH_BANDS = 5 };

typedef struct LacDynamicsMatchOptions {
  unsigned n_bands;      /* of the compressor, 1..LAC_DYNAMICS_MATCH_BANDS; 0: 1 */
  bool may_lift;         /* with its upward stage: quiet levels are lifted too, by 12 dB at most */
  double amount_percent; /* of the way to the target, 0..100; NAN: 60 */
} LacDynamicsMatchOptions;

/* Of one band. Distances: mean difference of the quantiles of 400 ms levels at equal loudness, in dB. */
typedef struct LacDynamicsMatchBand {
  double low_hz, high_hz; /* of the levels that were compared */
  double before_db;       /* NAN, as the spans: too short or too quiet to say */
  double after_db;        /* predicted; before_db where nothing is done */
  double source_span_db;  /* from the 10th to the 90th percentile */
  double target_span_db;
  double ratio, up_ratio; /* 1: not used */
} LacDynamicsMatchBand;

typedef struct LacDynamicsMatchResult {
  LacDynamicsMatchBand bands[LAC_DYNAMICS_MATCH_BANDS];
  unsigned n_bands;
  bool is_written; /* false: as it was; no band comes nearer by a compressor, or is_kept */
  bool is_kept;    /* somebody else set the compressor of that name: nothing was done */
} LacDynamicsMatchResult;

/* Gives the source the levels of the target: writes the settings of a compressor "dynamics" into `recipe`, each with
 * reason and evidence. What levels a song has is told by the distribution of its 400 ms blocks; the static curve that
 * brings that of the source nearest to that of the target is fitted, band by band, without rendering
 * (docs/dynamics_match.md). Levels of the two are compared at equal loudness, so nothing here makes a song louder.
 * A compressor only makes levels narrower: toward a target of wider ones, as toward one that is near already (0.3 dB),
 * nothing is done, and what an earlier call wrote is taken out (so it is when LAC_ERR_MEMORY comes while writing).
 * Nothing in lac_assistant_decide() asks for it: a person does, or, one day, a reference. Both analyses with
 * LAC_MEASURE_SPECTRUM, else LAC_ERR_USAGE, as for options out of range; `source` as it comes into the chain. */
LAC_NODISCARD LacStatus lac_assistant_match_dynamics(const LacAnalysis *source, const LacAnalysis *target,
                                                     const LacDynamicsMatchOptions *options, LacRecipe *recipe,
                                                     LacDynamicsMatchResult *result);

typedef struct LacSolveResult {
  unsigned n_renders;
  bool is_limited;        /* max_limiting bound, or loudness saturated: TARGET_LIMITED was noted */
  bool is_met;            /* within 0.05 LU and under the ceiling */
  double predicted_lufs;  /* before the first render */
  double first_lufs;      /* what the first render measured: how good the prediction was; NAN without a render */
  double integrated_lufs; /* of the written samples */
  double true_peak_dbtp;
  double limiting_p95_db; /* 95th percentile of limited time: 10-ms means with any gain reduction (0.01 dB) */
} LacSolveResult;

/* Owns loudness (docs/architecture.md), alone: observes what reaches the limiter, predicts, writes limiter.drive_db (or
 * gain.db) and limiter.ceiling_dbtp with the dither guard into `recipe`, renders into a sink at `path`, corrects and
 * renders again while the error is above 0.05 LU. On success *sink holds the last render, finished, uncommitted.
 * A recipe without loudness target is rendered once. A drive set by a person is kept.
 * `input_analysis` is of the source, with LAC_MEASURE_LIMITING where possible (saves the observing pass when the
 * chain before the limiter is empty). */
LAC_NODISCARD LacStatus lac_assistant_solve(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                                            const LacAssistantOptions *options, const char *path, bool may_replace,
                                            LacContainer container, unsigned measure, const LacJobControl *control,
                                            LacSink **sink, LacRenderResult *render, LacSolveResult *solved,
                                            LacNotes *notes, LacError *error);

/* The solver without its renders: writes what it would try first into `recipe` and fills predicted_lufs,
 * limiting_p95_db, is_limited and is_met as predicted (n_renders 0, the written figures NAN). For dry runs. */
LAC_NODISCARD LacStatus lac_assistant_predict(LacSource *source, const LacAnalysis *input_analysis, LacRecipe *recipe,
                                              const LacAssistantOptions *options, const LacJobControl *control,
                                              LacSolveResult *solved, LacNotes *notes, LacError *error);

#endif
