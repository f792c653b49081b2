/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The waveform picture of a signal whose length is unknown until it ends: columns of equal stretches, whose length
 * doubles whenever they run out. Also knows the sample peak. */

#ifndef LAC_ANALYSIS_OVERVIEW_H
#define LAC_ANALYSIS_OVERVIEW_H

#include <lacquer/analysis.h>

#include "analysis/meter_kernels.h"

/* Eight times finer than the result, so that its columns are equal within an eighth. */
enum { LAC_OVERVIEW_FINE = 8 * LAC_OVERVIEW_COLUMNS };

typedef struct LacOverviewMeter {
  const LacMeterKernels *kernels;
  float minimum[LAC_OVERVIEW_FINE];
  float maximum[LAC_OVERVIEW_FINE];
  uint32_t count;         /* complete columns */
  uint64_t column_frames; /* frames in each, a power of two */
  uint64_t column_done;   /* frames in the one that is being filled */
  float low, high;        /* of that one */
} LacOverviewMeter;

void lac_overview_meter_init(LacOverviewMeter *meter);
/* Planar finite samples, any n_frames. */
void lac_overview_meter_add(LacOverviewMeter *meter, const float *const *channels, unsigned n_channels,
                            uint32_t n_frames);
/* Fills the overview; returns the largest |sample| in dBFS, NAN for silence. */
double lac_overview_meter_result_db(LacOverviewMeter *meter, LacOverview *overview);

#endif
