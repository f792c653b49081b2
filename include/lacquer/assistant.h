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
