/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Per 1 ms the largest linked true peak and the K-weighted energy: what the loudness solver predicts a limiter's work
 * from (docs/algorithms.md, "Loudness"). Two floats a millisecond: 0.18 byte per frame at 44.1 kHz. */

#ifndef LAC_ANALYSIS_CONTROL_TRACK_H
#define LAC_ANALYSIS_CONTROL_TRACK_H

#include <lacquer/analysis.h>

#include "analysis/lane_sum.h"
#include "analysis/series.h"
#include "dsp/vector_kernels.h"

typedef struct LacControlMeter {
  const LacVectorKernels *vectors;
  uint32_t hop_frames;
  uint32_t energy_left; /* frames that the current energy hop still needs */
  uint32_t peak_left;
  uint32_t skip; /* peaks still to come that belong to frames before the first */
  LacLaneSum sum;
  float peak;
  LacSeries energies; /* float */
  LacSeries peaks;    /* float */
} LacControlMeter;

/* `peak_delay`: frames by which the peaks lag the energies. */
void lac_control_meter_init(LacControlMeter *meter, double rate_hz, uint32_t peak_delay);
void lac_control_meter_free(LacControlMeter *meter);
LacStatus lac_control_meter_add_power(LacControlMeter *meter, const double *power, uint32_t n_frames);
LacStatus lac_control_meter_add_peaks(LacControlMeter *meter, const float *peaks, uint32_t n_frames);
/* Moves the track into `out`; a last incomplete hop is kept. */
LacStatus lac_control_meter_result(LacControlMeter *meter, double rate_hz, LacControlTrack *out);

#endif
