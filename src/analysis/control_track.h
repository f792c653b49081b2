/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Per 1 ms the largest linked true peak, by how much one channel leads, and the K-weighted energy: what the loudness
 * solver predicts a limiter's work from (docs/algorithms.md, "Loudness"). Nine bytes a millisecond: 0.2 byte per frame
 * at 44.1 kHz.
 *
 * The energy is that of the K-weighted signal in phase with the signal itself. The meter's high-pass turns a 60 Hz tone
 * by 65 degrees, so its power stands beside the crests that a limiter turns down, and what limiting takes would be read
 * 0.5 LU too small at 12 dB over. Its two poles are equal: one of them run backward in time leaves the magnitude and
 * takes the phase away. That is done on the means of the hops, where all low sound is. */

#ifndef LAC_ANALYSIS_CONTROL_TRACK_H
#define LAC_ANALYSIS_CONTROL_TRACK_H

#include <lacquer/analysis.h>

#include "analysis/lane_sum.h"
#include "analysis/openness_meter.h"
#include "analysis/series.h"
#include "dsp/vector_kernels.h"

enum { LAC_CONTROL_PENDING = 512 }; /* hops; half of them stand between a hop and the start of the backward pole */

/* The low band of one channel at hop rate: the high-pass once and twice forward, and once each way. */
typedef struct LacControlLow {
  LacLaneSum sum;    /* of the hop's samples */
  float sample_peak; /* of the hop */
  double mean, once, twice;
  float pending[LAC_CONTROL_PENDING]; /* once, of the hops that still wait for the backward pole */
} LacControlLow;

typedef struct LacControlMeter {
  const LacVectorKernels *vectors;
  uint32_t hop_frames;
  uint32_t energy_left; /* frames that the current energy hop still needs */
  uint32_t peak_left;
  uint32_t skip; /* peaks still to come that belong to frames before the first */
  unsigned n_channels;
  LacLaneSum sum;
  float peak;
  double pole, pass; /* of the high-pass at hop rate */
  LacControlLow low[2];
  uint32_t n_pending;
  LacOpennessMeter openness;
  LacSeries energies; /* float */
  LacSeries peaks;    /* float */
  LacSeries leads;    /* int8_t; two channels only */
} LacControlMeter;

/* Frames of 1 ms. */
uint32_t lac_control_hop_frames(double rate_hz);
/* Arrays live in `arena`. `peak_delay`: frames by which the peaks lag the energies. LAC_ERR_MEMORY leaves the meter so
 * that it may be freed. */
LacStatus lac_control_meter_init(LacControlMeter *meter, LacArena *arena, double rate_hz, unsigned n_channels,
                                 uint32_t peak_delay);
void lac_control_meter_free(LacControlMeter *meter);
/* Planar samples and their K-weighted power, channels added. */
LacStatus lac_control_meter_add_audio(LacControlMeter *meter, const float *const *channels, const double *power,
                                      uint32_t n_frames);
LacStatus lac_control_meter_add_peaks(LacControlMeter *meter, const float *peaks, uint32_t n_frames);
/* Moves the track into `out`; a last incomplete hop is kept. What was never added (audio or peaks) stays NULL. */
LacStatus lac_control_meter_result(LacControlMeter *meter, double rate_hz, LacControlTrack *out);

#endif
