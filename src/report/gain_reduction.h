/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a gain readout amounts to, in figures a person can weigh. */

#ifndef LAC_REPORT_GAIN_REDUCTION_H
#define LAC_REPORT_GAIN_REDUCTION_H

#include <lacquer/report.h>

/* Reduction is positive here, in dB. Share and percentile are of the 10 ms means, as --max-limiting counts them: time
 * in which the mean reaches 0.01 dB. */
typedef struct LacGainReduction {
  double most_db;       /* deepest single moment */
  double most_time_s;   /* where it is */
  double p95_db;        /* 95 % of the working time stays within */
  double share_percent; /* of all time */
} LacGainReduction;

/* True when the readout is a gain in dB that ever went under 0. False, *result zero, when it never did. */
bool lac_gain_reduction(const LacReportReadout *readout, LacGainReduction *result, bool *failed);
/* The highest gain over 0 dB of the 10 ms means, and where it is; 0 when it never rose by 0.01 dB. */
double lac_gain_lift_db(const LacReportReadout *readout, double *time_s);
/* The readout that stands for the limiter, or NULL. */
const LacReportReadout *lac_gain_reduction_of_limiter(const LacReportFile *file);

#endif
