/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Offline limiting of up to eight segments (limit_layout.h): from audio and its peaks to a gain that keeps the ceiling.
 *
 *   peaks -> caps per knot -> the calmest gain under them (gain_solver.h) -> multiply, read the true peak of the result
 *         -> where it is over, lower the caps and solve again -> what still is over at the end is trimmed
 *
 * A worker belongs to one thread at a time. What comes out for a segment depends on that segment alone. */

#ifndef LAC_DSP_LIMIT_BATCH_H
#define LAC_DSP_LIMIT_BATCH_H

#include "dsp/gain_solver.h"
#include "dsp/limit_times.h"

typedef struct LacLimitRules {
  double rate_hz;
  unsigned n_channels;
  double ceiling_gain; /* linear true peak */
  double link;         /* 0..1: how far the louder channel decides for both */
  LacLimitWeights weights;
  unsigned most_rounds; /* of lowering caps and solving again */
} LacLimitRules;

typedef struct LacLimitSegment {
  uint64_t index;
  float *channels[2];   /* layout.length_frames each */
  float *cell_peaks[2]; /* length_frames / step: the true peak of each cell; may be anything up to the ceiling where it
                           does not exceed it */
} LacLimitSegment;

typedef struct LacLimitBatch {
  LacLimitSegment segments[LAC_GAIN_LANES];
  unsigned n_segments;
} LacLimitBatch;

/* One when the channels share their gain. */
unsigned lac_limit_paths(const LacLimitRules *rules);

typedef struct LacLimitWorker LacLimitWorker;
LAC_NODISCARD LacStatus lac_limit_worker_new(const LacLimitLayout *layout, const LacLimitRules *rules,
                                             LacLimitWorker **out);
void lac_limit_worker_free(LacLimitWorker *worker);
/* Allocates nothing. Errors: CANCELLED, within an iteration of the solver or a look at one segment: milliseconds. */
LacStatus lac_limit_worker_run(LacLimitWorker *worker, const LacLimitBatch *batch, const LacStop *stop);
/* After run: layout.n_knots coefficients in dB, <= 0, of the batch's k-th segment. Valid until the next run. */
const float *lac_limit_worker_curve(const LacLimitWorker *worker, unsigned segment, unsigned path);

#endif
