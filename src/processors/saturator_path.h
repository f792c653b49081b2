/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The saturator's way of the sound (saturator.c draws it): what stands between two quantum borders, and how frames run
 * through it. Who owns the values, and how they get here, is the business of saturator.c. */

#ifndef LAC_PROCESSORS_SATURATOR_PATH_H
#define LAC_PROCESSORS_SATURATOR_PATH_H

#include <lacquer/processor.h>

#include "core/arena.h"
#include "dsp/level_match.h"
#include "dsp/oversampler.h"
#include "dsp/pole_sum.h"
#include "dsp/svf_kernels.h"
#include "dsp/waveshaper.h"

/* Filters of the driven way that may move, in order; DRIVEN of them ahead of the curve. */
typedef enum LacSaturatorFilter {
  SATURATOR_BAND_FROM,
  SATURATOR_BAND_TO,
  SATURATOR_DRIVEN,
  SATURATOR_TONE = SATURATOR_DRIVEN,
  SATURATOR_EXCITE_PASS,
  SATURATOR_FILTERS
} LacSaturatorFilter;

enum { SATURATOR_RUN = LAC_OVERSAMPLER_RUN }; /* most frames per call */

/* Linear from quantum border to quantum border. */
typedef struct LacSaturatorRamp {
  double now, next;
} LacSaturatorRamp;

typedef struct LacSaturatorChannel {
  LacOversampler *oversampler;
  LacWaveshaperState shaper, shaper_before; /* the latter of the curve that is left in this quantum */
  LacPoleSumLeaveState leaving;
  LacPoleSumState coming_back;
  float *waiting; /* the song itself: delay_frames, then room for a run */
} LacSaturatorChannel;

typedef struct LacSaturatorPath {
  unsigned n_channels, factor;
  uint32_t delay_frames;
  /* Set at quantum borders. Settled: everything stands at `next`. Following: all but the levels does. */
  bool is_settled, is_following, is_curve_moving, measures_band, matches_level;
  LacSaturatorRamp drive, wet, gain;
  LacWaveshaper curve_now, curve_next;
  LacSvfSection filter_now[SATURATOR_FILTERS], filter_next[SATURATOR_FILTERS];
  LacSvfState filter_state[SATURATOR_FILTERS];
  bool is_filter_on[SATURATOR_FILTERS];
  LacPoleSum leaves, comes_back; /* the emphasis; what undoes it, and the block of direct current */
  /* Read there. */
  double band_sums[LAC_SVF_LANES]; /* of each channel: squares of the driven band since they were last set to 0 */
  LacLevelMatch match;
  /* Its own. */
  LacSaturatorChannel channels[LAC_MAX_CHANNELS];
  float *high;
  LacOversamplerHigh bent_before;
  const LacSvfKernels *svf;
  const LacWaveshaperKernels *shaper;
  const LacPoleSumKernels *poles;
} LacSaturatorPath;

/* Frames of a run that share their levels. */
typedef struct LacSaturatorPiece {
  uint32_t n;
  LacPoleSumGain wet, gain;
} LacSaturatorPiece;

/* A run on its way. */
typedef struct LacSaturatorRun {
  uint32_t n, n_driven;
  unsigned n_pieces;
  LacSaturatorPiece pieces[SATURATOR_RUN / LAC_QUANTUM_FRAMES + 1];
  float *channels[LAC_MAX_CHANNELS];
  const float *way[LAC_MAX_CHANNELS]; /* what is to be driven */
  float driven[LAC_MAX_CHANNELS][SATURATOR_RUN];
  _Alignas(64) double frames[LAC_SVF_LANES * SATURATOR_RUN];
} LacSaturatorRun;

/* factor: 2, 4 or 8 times the rate. Sets delay_frames. */
LAC_NODISCARD LacStatus lac_saturator_path_prepare(LacSaturatorPath *path, LacArena *arena, double rate_hz,
                                                   unsigned n_channels, LacOversamplerKind kind, unsigned factor);
/* Nothing is left in the filters. */
void lac_saturator_path_empty_filters(LacSaturatorPath *path);
/* Silence everywhere; what is set at quantum borders stays. */
void lac_saturator_path_reset(LacSaturatorPath *path);
/* A quantum is over: what was next is now. */
void lac_saturator_path_arrive(LacSaturatorPath *path);
void lac_saturator_path_arrive_levels(LacSaturatorPath *path);
bool lac_saturator_path_has_arrived(const LacSaturatorPath *path);
/* A run of n <= SATURATOR_RUN frames, in place: begin, drive for every piece of it within a quantum, end. One piece
 * alone, unless settled or following. place: frames since the beginning of the quantum. */
void lac_saturator_path_begin(LacSaturatorPath *path, LacSaturatorRun *run, float *const *channels, uint32_t n,
                              uint32_t place);
/* The next n frames, with the levels as they stand now; only they may change between two pieces. */
void lac_saturator_path_drive(LacSaturatorPath *path, LacSaturatorRun *run, uint32_t n, uint32_t place);
void lac_saturator_path_end(LacSaturatorPath *path, LacSaturatorRun *run, uint32_t place);
/* The song alone, as late as a run makes it. */
void lac_saturator_path_delay(LacSaturatorPath *path, float *const *channels, uint32_t n);
/* Everything but the waiting song begins anew: after a rest. */
void lac_saturator_path_wake(LacSaturatorPath *path);
/* States below 1e-30 become 0. */
void lac_saturator_path_flush(LacSaturatorPath *path);

#endif
