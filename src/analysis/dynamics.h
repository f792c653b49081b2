/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Crest and level by band group. Both come from one bank of eight band-passes in the time domain (a crest needs the
 * waveform; 12 dB per octave on either side of the group's ERB borders is steep enough for it, since music falls only
 * about 5 dB per octave), so that they speak of the same signal: peak and mean square in windows of 50 ms, levels of
 * 400 ms from eight of them. The crest of a window is that of its louder channel; the level is the mean over channels.
 * Gated like loudness: blocks of 400 ms whose K-weighted sum of bands exceeds -70 LUFS and the mean - 10 LU.
 * 212 bytes per 400 ms. */

#ifndef LAC_ANALYSIS_DYNAMICS_H
#define LAC_ANALYSIS_DYNAMICS_H

#include <lacquer/analysis.h>

#include "analysis/band_scale.h"
#include "analysis/meter_kernels.h"
#include "analysis/series.h"

enum { LAC_DYNAMICS_WINDOWS = LAC_WINDOWS_PER_BLOCK, LAC_DYNAMICS_QUANTUM = 64 };

typedef struct LacDynamicsRecord {
  float loudness; /* weighted sum of the levels */
  uint16_t level[LAC_DYNAMICS_BANDS];
  uint16_t window_level[LAC_DYNAMICS_WINDOWS][LAC_DYNAMICS_BANDS];
  uint8_t crest[LAC_DYNAMICS_WINDOWS][LAC_DYNAMICS_BANDS]; /* 0.1 dB; 255: no signal */
} LacDynamicsRecord;

typedef struct LacDynamicsMeter {
  const LacMeterKernels *kernels;
  LacBandBank bank;
  unsigned n_channels;
  LacBandScale scale;
  bool exists[LAC_DYNAMICS_BANDS];
  double weight[LAC_DYNAMICS_BANDS]; /* K-weighting at the middle of the group */
  uint32_t window_frames;            /* 50 ms */
  uint32_t window_left;
  uint32_t quantum_left;                /* float sums run over at most 64 frames */
  uint32_t window;                      /* 0..7 of the block */
  double energy[2][LAC_DYNAMICS_BANDS]; /* of the window */
  double level[LAC_DYNAMICS_BANDS];     /* of the block: sum of mean squares */
  LacDynamicsRecord record;             /* being filled */
  LacSeries records;
} LacDynamicsMeter;

void lac_dynamics_meter_init(LacDynamicsMeter *meter, double rate_hz, unsigned n_channels);
void lac_dynamics_meter_free(LacDynamicsMeter *meter);
/* Planar finite samples, any n_frames. */
LacStatus lac_dynamics_meter_add(LacDynamicsMeter *meter, const float *const *channels, uint32_t n_frames);
/* A last incomplete block counts only when it is the only one. NAN for groups beyond half the rate and for silence. */
LacStatus lac_dynamics_meter_result(LacDynamicsMeter *meter, LacDynamics *dynamics);
/* The levels of the windows of all blocks; `track` owns them (lac_free). */
LacStatus lac_dynamics_meter_levels(const LacDynamicsMeter *meter, LacLevelTrack *track);

#endif
