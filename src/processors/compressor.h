/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of the compressor: compressor.c keeps values and life, compressor_frames.c does the sound. */

#ifndef LAC_PROCESSORS_COMPRESSOR_H
#define LAC_PROCESSORS_COMPRESSOR_H

#include "dsp/band_middles.h"
#include "dsp/crossover.h"
#include "dsp/dynamic_filter_kernels.h"
#include "dsp/gain_computer_kernels.h"
#include "dsp/svf_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { COMPRESSOR_BANDS = LAC_CROSSOVER_MAX_BANDS, COMPRESSOR_LANES = 2 * COMPRESSOR_BANDS };

/* Values of a band; that of band b is parameter b * COMPRESSOR_PER_BAND + value. */
enum {
  COMPRESSOR_THRESHOLD_DB,
  COMPRESSOR_RATIO,
  COMPRESSOR_KNEE_DB,
  COMPRESSOR_ATTACK_MS,
  COMPRESSOR_RELEASE_MS,
  COMPRESSOR_MAKEUP_DB,
  COMPRESSOR_UP_THRESHOLD_DB,
  COMPRESSOR_UP_RATIO,
  COMPRESSOR_UP_RANGE_DB,
  COMPRESSOR_PER_BAND
};

/* Values of the whole, as indices of parameters. */
enum {
  COMPRESSOR_N_BANDS = COMPRESSOR_BANDS * COMPRESSOR_PER_BAND,
  COMPRESSOR_STRUCTURE,
  COMPRESSOR_CROSSOVER_HZ, /* and the next three */
  COMPRESSOR_DETECTOR = COMPRESSOR_CROSSOVER_HZ + LAC_CROSSOVER_MAX_SPLITS,
  COMPRESSOR_DETECTOR_MS,
  COMPRESSOR_AUTO_TIMES,
  COMPRESSOR_STEADY_RELEASE_MS,
  COMPRESSOR_SIDECHAIN_HZ,
  COMPRESSOR_LINK_PERCENT,
  COMPRESSOR_COUPLING_DB,
  COMPRESSOR_LOOKAHEAD_MS,
  COMPRESSOR_MIX_PERCENT,
  COMPRESSOR_NOISE_FLOOR_DB,
  COMPRESSOR_PARAMS
};

/* Largest upward_range_db. Upward gain u runs through the ballistics as this minus u, which rises with the level, so
 * that attack and release mean the same as for reduction. */
#define COMPRESSOR_UP_MOST_DB 24.0
/* The side-chain high-pass is off at the lowest frequency that can be set. */
#define COMPRESSOR_SIDECHAIN_OFF_HZ 20.0

/* At most so many frames at once; of the absolute frame index, at whose multiples states are tidied up. */
enum { COMPRESSOR_STRETCH = 32 * LAC_QUANTUM_FRAMES };

/* All that glides, at a quantum border. */
typedef struct LacCompressorSettings {
  LacGainCurve down[COMPRESSOR_BANDS], up[COMPRESSOR_BANDS];
  double makeup_db[COMPRESSOR_BANDS];
  double coupling_db, mix;
  LacBandMiddles middles;
  LacSvfSection high_pass; /* of the side chain */
} LacCompressorSettings;

/* Signals of a stretch: frames, and from `powers` on values at control points (LacSteps), at most one for every frame.
 * Lane of band b: b for the path of the left channel or of both, n_bands + b for the right. Gains and roots begin with
 * those of the last two points before. */
enum { COMPRESSOR_PAST = 2, COMPRESSOR_POINTS = COMPRESSOR_PAST + COMPRESSOR_STRETCH };

typedef struct LacCompressorWork {
  _Alignas(64) double frames[2 * COMPRESSOR_STRETCH];
  _Alignas(64) double bands[COMPRESSOR_BANDS][2 * COMPRESSOR_STRETCH];
  _Alignas(64) double filtered[COMPRESSOR_BANDS][2 * COMPRESSOR_STRETCH];
  _Alignas(64) double powers[COMPRESSOR_LANES][COMPRESSOR_STRETCH];
  _Alignas(64) double linked[COMPRESSOR_BANDS][COMPRESSOR_STRETCH];
  _Alignas(64) float level_db[COMPRESSOR_STRETCH], other[COMPRESSOR_STRETCH], shares[COMPRESSOR_STRETCH];
  _Alignas(64) float amounts[COMPRESSOR_LANES][COMPRESSOR_STRETCH];
  _Alignas(64) float lifts[COMPRESSOR_BANDS][COMPRESSOR_STRETCH];
  _Alignas(64) float gains[COMPRESSOR_LANES][COMPRESSOR_POINTS];
  _Alignas(64) float roots[COMPRESSOR_BANDS - 1][2][COMPRESSOR_POINTS];
} LacCompressorWork;

typedef struct LacCompressor {
  unsigned n_bands, n_paths;
  bool is_split; /* the bands themselves are summed, not shelves */
  bool is_rms;
  float link;
  LacGlide glides[COMPRESSOR_PARAMS];
  double glide_factor, coupling_factor, crossover_most;
  LacCompressorSettings now, next; /* at the last border and at the next one */
  bool is_settled;                 /* nothing moves */
  bool is_idle;                    /* nothing is done: the input goes out as it is */
  bool is_lifting;                 /* the upward part runs */
  bool is_filtering;               /* the side-chain high-pass runs */

  LacCrossover crossover;       /* of what is detected, and of the sound where that is not delayed */
  LacCrossover sound_crossover; /* of the delayed sound */
  LacDynamicFilter shelves[COMPRESSOR_BANDS - 1], overall; /* and the gain of the highest band */
  LacSvfState high_pass[COMPRESSOR_BANDS];
  LacMeanSquare means[COMPRESSOR_BANDS];
  LacQuadrature quadratures[COMPRESSOR_BANDS];
  unsigned n_steady;                 /* so many of the lowest bands have one */
  double peaks[COMPRESSOR_BANDS][2]; /* largest squares since the last control point */
  LacCrest crests[COMPRESSOR_BANDS];
  LacBallistics down[COMPRESSOR_LANES], up[COMPRESSOR_BANDS];
  uint32_t step_frames;                          /* from control point to control point */
  float past[COMPRESSOR_LANES][COMPRESSOR_PAST]; /* gains at the last two */
  float shown_db[COMPRESSOR_BANDS];              /* of the readouts, at the last one */

  float *delay[LAC_MAX_CHANNELS];
  uint32_t delay_frames, delay_at;
  LacReadoutWriter readouts[COMPRESSOR_BANDS];
  LacCompressorWork *work;
  const LacSvfKernels *svf;
  const LacGainComputerKernels *dynamics;
  const LacDynamicFilterKernels *filters;
  const LacBandMiddlesKernels *middles;
} LacCompressor;

double lac_compressor_band_value(const LacProcessor *p, unsigned band, unsigned value);
unsigned lac_compressor_count_bands(const LacProcessor *p);
/* Attack or release of a band: they glide, so that a gain that a long attack holds back is not let go at once. */
bool lac_compressor_is_band_time(size_t param);
/* The value that glides in place of a parameter's: ratios as slopes, frequencies and times of bands as logarithms. */
double lac_compressor_glide_target(const LacProcessor *p, size_t param);
/* All that glides as it stands now. */
void lac_compressor_read_glides(const LacProcessor *p, LacCompressorSettings *settings);
/* Attack, release and detector times as they stand now, and, at a quantum border, as the crest makes them. */
void lac_compressor_set_times(LacProcessor *p);
void lac_compressor_set_automatic_times(LacProcessor *p);
/* Of the peak detector: half a period of the lowest tone in a band. */
void lac_compressor_set_windows(const LacProcessor *p);
/* n frames of one stretch, or of one quantum unless settled; the stretch or quantum began `place` frames before. */
void lac_compressor_run(LacProcessor *p, float *const *channels, uint32_t n_frames, uint32_t place);
/* Gains as they are while nothing is reduced or lifted. */
void lac_compressor_rest_gains(LacCompressor *self);
/* Only the delay. */
void lac_compressor_delay(LacCompressor *self, float *const *channels, unsigned n_channels, uint32_t n_frames);

#endif
