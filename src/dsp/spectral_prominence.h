/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which frequencies stick out of a running spectrum, and by how much.
 *
 * The prominence of a bin is its power against the mean power of the ring around it: half an octave to either side
 * without the eighth of an octave nearest to it, tilted by 3 dB per octave so that pink noise is flat,
 *
 *   P(k) = 10 log10( power(k) k / mean over the ring of power(j) j, weighted by 1 / j ),
 *
 * with one ring for four and more neighbours toward high frequencies. A mean of powers, not of decibels: where a
 * spectrum is full of partials they are each other's surroundings, and only what rises above the others is prominent. P
 * is averaged in dB over 0.2 s, so that every frame counts the same whatever its level: noise averages out (standard
 * deviation below 1 dB) and one drum hit does not make a resonance. Frames that rise 3 dB over the power of the last
 * 0.4 s hold a hit and do not count.
 *
 * Partials of one note are told from a lonely resonance by their company: a prominent peak belongs to a harmonic series
 * when it is the n-th multiple, n = 1 .. 8, of a fundamental that has at least three other peaks among its first ten.
 */

#ifndef LAC_DSP_SPECTRAL_PROMINENCE_H
#define LAC_DSP_SPECTRAL_PROMINENCE_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/spectral_kernels.h"

/* Bins from .. to - 1. */
typedef struct LacBinRange {
  uint16_t from, to;
} LacBinRange;

/* What `count` bins are compared by: each bin's own power, k - down .. k + up - 1, and the ring and what that leaves
 * out. */
typedef struct LacSurroundings {
  uint16_t count;
  uint16_t down, up;
  LacBinRange near, ring;
} LacSurroundings;

typedef struct LacProminence {
  const LacSpectralKernels *kernels;
  uint32_t n_bins;
  double floor; /* power per bin that counts as nothing */
  float forget; /* of the average, per frame */
  double forget_usual;
  double usual_power;      /* of a frame, averaged over the last while */
  LacSurroundings *around; /* of a bin, toward high frequencies of several in a row */
  double *weight;          /* what turns the quotient of sums into a quotient of means */
  double *sum;             /* n_bins + 1 running sums */
  float *ratio;            /* this frame's power of a bin over that of its surroundings */
  float *average;          /* dB, the result */
  uint16_t *is_peak;       /* 1 where a peak is or a neighbour close enough to count */
  uint32_t *peaks;         /* their bins, and where between bins they are */
  float *places;
} LacProminence;

/* Frames of `size` samples, at most 65536, every `hop`. */
LAC_NODISCARD LacStatus lac_prominence_init(LacProminence *p, LacArena *arena, uint32_t size, uint32_t hop,
                                            double rate_hz);
void lac_prominence_reset(LacProminence *p);
/* The powers of one more frame, n_bins of them; `average` follows. */
void lac_prominence_update(LacProminence *p, const float *power);
/* share[k] = `part` at the peaks above threshold_db that belong to a harmonic series and around them, else 1. */
void lac_prominence_guard(LacProminence *p, float threshold_db, float part, float *share);

#endif
