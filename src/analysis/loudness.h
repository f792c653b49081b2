/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loudness to ITU-R BS.1770-5 Annex 1 and EBU Tech 3341/3342: integrated with exact gating, momentary and short-term
 * with windows that slide by 10 ms, range. Keeps one energy per 100 ms, nothing else grows. Every result is the same
 * for every cutting of the input into blocks. */

#ifndef LAC_ANALYSIS_LOUDNESS_H
#define LAC_ANALYSIS_LOUDNESS_H

#include <lacquer/analysis.h>

#include "analysis/lane_sum.h"
#include "analysis/series.h"
#include "dsp/k_weighting.h"

enum {
  LAC_LOUDNESS_STEPS = 10,           /* fine steps of 10 ms in a hop of 100 ms */
  LAC_LOUDNESS_SHORT_TERM_HOPS = 30, /* 3 s */
  LAC_LOUDNESS_MOMENTARY_HOPS = 4,   /* 400 ms */
  LAC_LOUDNESS_SLIDES = LAC_LOUDNESS_STEPS * LAC_LOUDNESS_SHORT_TERM_HOPS
};

typedef struct LacLoudnessMeter {
  LacKWeighting weighting;
  unsigned n_channels;
  uint32_t hop_frames;                /* 100 ms, rounded to frames */
  uint32_t step;                      /* 0..9 within the hop */
  uint32_t step_left;                 /* frames that the current step still needs */
  LacLaneSum sum;                     /* energy of the current step */
  double steps[LAC_LOUDNESS_STEPS];   /* energies of the last ten steps */
  double slides[LAC_LOUDNESS_SLIDES]; /* energy of the 100 ms that end with each of the last 300 steps */
  uint64_t n_steps;
  double momentary_max; /* mean square; negative: none yet */
  double short_term_max;
  LacSeries hops; /* double: K-weighted sum of squares of each complete 100 ms, channels added */
} LacLoudnessMeter;

/* rate 8..384 kHz, 1..2 channels. */
void lac_loudness_meter_init(LacLoudnessMeter *meter, double rate_hz, unsigned n_channels);
void lac_loudness_meter_free(LacLoudnessMeter *meter);
/* Planar finite samples, any n_frames. LAC_ERR_MEMORY when an energy could not be kept. */
LacStatus lac_loudness_meter_add(LacLoudnessMeter *meter, const float *const *channels, uint32_t n_frames);
/* The same for frames that are K-weighted already: power[i] is the squared sum over channels of frame i. */
LacStatus lac_loudness_meter_add_power(LacLoudnessMeter *meter, const double *power, uint32_t n_frames);
/* Fills integrated, momentary, short-term and range; the peaks are not touched. */
LacStatus lac_loudness_meter_result(const LacLoudnessMeter *meter, LacLoudness *loudness);
/* momentary[i], short_term[i] of the windows that end with hop i, -INFINITY where there is none or silence. The
 * `count` slots beyond the last complete hop repeat the last value. */
void lac_loudness_meter_history(const LacLoudnessMeter *meter, float *momentary, float *short_term, size_t count);

/* -0.691 + 10 log10(mean square) LUFS; -INFINITY for 0. */
double lac_lufs_from_mean_square(double mean_square);
/* Frames in 100 ms. */
uint32_t lac_loudness_hop_frames(double rate_hz);
/* EBU Tech 3342 over energies of 100 ms hops; NAN when nothing passes the gate. LAC_ERR_MEMORY. */
LacStatus lac_loudness_range(const double *hop_energies, size_t n_hops, uint32_t hop_frames, double *range_lu);

#endif
