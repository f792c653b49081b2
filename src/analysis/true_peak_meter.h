/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* True peak by the wide detector and by the filter of ITU-R BS.1770-5 Annex 2: the largest value, where it is, and
 * the largest of every 100 ms. With a track it also hands out the per-frame peak that a limiter obeys, so that
 * nothing is oversampled twice. The largest value does not depend on which of the two ways was asked. */

#ifndef LAC_ANALYSIS_TRUE_PEAK_METER_H
#define LAC_ANALYSIS_TRUE_PEAK_METER_H

#include <lacquer/analysis.h>

#include "analysis/series.h"
#include "analysis/meter_kernels.h"
#include "core/arena.h"
#include "dsp/true_peak.h"
#include "dsp/vector_kernels.h"

enum { LAC_TRUE_PEAK_PIECES = 10 }; /* of 10 ms in a hop of 100 ms: the resolution of the position */

typedef struct LacTruePeakMeter {
  const LacVectorKernels *vectors;
  const LacMeterKernels *kernels;
  LacTruePeak *wide[2]; /* in the caller's arena */
  LacTruePeakItu *itu[2];
  unsigned n_channels;
  double rate_hz;
  uint32_t hop_frames;   /* 100 ms */
  uint32_t before_start; /* completed frames still to come that lie before frame 0 (the detector's delay) */
  uint32_t piece;        /* 0..9 within the hop */
  uint32_t piece_left;   /* frames that the piece still needs */
  uint64_t piece_start;  /* frame */
  float hop_peak;        /* largest of the current 100 ms so far */
  float peak;            /* largest of all */
  uint64_t peak_frame;   /* start of the piece that holds it */
  /* With a track: where its hops of 1 ms lie, and the samples the detector holds, the larger of the channels. */
  uint32_t track_hop_frames, track_hop_left;
  float *held;
  LacSeries hops; /* float: linear true peak per 100 ms, the last one may be shorter */
} LacTruePeakMeter;

/* The detectors live in `arena`, which must outlive the meter. */
LAC_NODISCARD LacStatus lac_true_peak_meter_init(LacTruePeakMeter *meter, LacArena *arena, double rate_hz,
                                                 unsigned n_channels);
void lac_true_peak_meter_free(LacTruePeakMeter *meter);
/* Planar finite samples, any n_frames. `track` may be NULL; else it receives n_frames linked peaks (the larger of the
 * channels) that belong to frames (n frames given before) - delay onwards; `scratch` then holds n_frames floats. The
 * largest of every 1 ms (control_track.h) is exact; peaks under it may read lower than they are. A meter is asked
 * always with a track or never.
 * LAC_ERR_MEMORY when a 100 ms value could not be kept. */
LacStatus lac_true_peak_meter_add(LacTruePeakMeter *meter, const float *const *channels, uint32_t n_frames,
                                  float *track, float *scratch);
/* After the last frame: completes the frames that the detector still holds. `track`, `scratch` as above with
 * lac_true_peak_delay_frames() frames. */
LacStatus lac_true_peak_meter_flush(LacTruePeakMeter *meter, float *track, float *scratch);
/* Fills true_peak_dbtp, true_peak_itu_dbtp, true_peak_time_s; NAN for silence. */
void lac_true_peak_meter_result(const LacTruePeakMeter *meter, LacLoudness *loudness);
/* dbtp[i] = true peak of hop i, -INFINITY for silence; slots without a value repeat the last one. */
void lac_true_peak_meter_history(const LacTruePeakMeter *meter, float *dbtp, size_t count);

#endif
