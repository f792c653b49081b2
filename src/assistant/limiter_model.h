/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the limiter will do to loudness, without rendering: its gain, found at control rate over the 1-ms peaks of the
 * analysis, applied to the 1-ms K-weighted energies. For the offline limiter that is offline_gain.h; for the real-time
 * one the gain computer of processors/limiter.c (minimum over the lookahead, exponential release, averaging over the
 * lookahead). The model's loudness at no limiting is shifted to what the meter measured, so that only what limiting
 * takes away is predicted. */

#ifndef LAC_ASSISTANT_LIMITER_MODEL_H
#define LAC_ASSISTANT_LIMITER_MODEL_H

#include <lacquer/analysis.h>

#include "dsp/limit_times.h"

typedef struct LacLimiterModel LacLimiterModel;

typedef struct LacLimiterPrediction {
  double lufs;             /* NAN when nothing passes the gate */
  double p95_db;           /* 95th percentile of gain reduction over limited time; 0 when nothing is limited */
  double maximum_db;       /* deepest gain reduction */
  double limited_fraction; /* share of time with gain reduction */
} LacLimiterPrediction;

/* Which limiter, and its times, as in its parameters. */
typedef struct LacLimiterForm {
  bool is_offline;
  LacLimitWeights weights;         /* offline: of its character */
  double link;                     /* offline: 0..1 */
  double lookahead_ms, release_ms; /* real-time */
} LacLimiterForm;

/* `control` is borrowed. measured_lufs: integrated loudness of the same signal. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiter_model_new(const LacControlTrack *control, double measured_lufs,
                                              const LacLimiterForm *form, LacLimiterModel **out);
void lac_limiter_model_free(LacLimiterModel *model);
/* The song raised by gain_db in all and limited to ceiling_db (dBFS of true peak). */
LacLimiterPrediction lac_limiter_model_predict(LacLimiterModel *model, double gain_db, double ceiling_db);
/* Largest peak of the track in dBFS, -INFINITY for silence. */
double lac_limiter_model_peak_db(const LacLimiterModel *model);

/* Less than this over 10 ms is not limiting but the end of a release. */
#define LAC_LIMITED_FROM_DB 0.01

/* 95th percentile of a gain readout (10-ms means in dB, 0 or below), as positive dB of reduction, over the entries that
 * reach LAC_LIMITED_FROM_DB; 0 when none does. Resolution 0.05 dB. */
double lac_limiting_p95_db(const float *gain_db, size_t count);

#endif
