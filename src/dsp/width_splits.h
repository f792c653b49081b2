/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Width per band on a pair of mid and side: the side is taken apart by Linkwitz-Riley splits of fourth order, each band
 * times its gain, and put together again; the mid passes the all-pass that the bands of the side would add up to (S. H.
 * Linkwitz, "Active crossover networks for noncoincident drivers", JAES 24, 1976). Both keep their phase to each other
 * at every frequency, so a panned sound is turned up or down at the sides but never bent.
 *
 * With the Butterworth section B of second order, LP4 = B_low^2, HP4 = B_high^2 and LP4 + HP4 = AP, which is B without
 * twice its band-pass. Bands that are finished need the all-pass of every later split; they are added up with their
 * gains first, and pass it together:
 *
 *   side -> B -> AP -> (-) -------------> next split        held' = AP(held) + gain LP4
 *           |-> low -> B -> LP4 -^
 *   held -> B -> AP -> (+ gain LP4) ----> held of the next split;  behind the last: side = held + gain side
 *   mid  -> B -> AP --------------------> mid of the next split
 *
 * Four sections a split, however many bands there are. Embedded by value, owns nothing; one thread. */

#ifndef LAC_DSP_WIDTH_SPLITS_H
#define LAC_DSP_WIDTH_SPLITS_H

#include <lacquer/core.h>

enum { LAC_WIDTH_MAX_SPLITS = 4, LAC_WIDTH_MAX_BANDS = LAC_WIDTH_MAX_SPLITS + 1, LAC_WIDTH_MOST_FRAMES = 256 };

/* The sections of a split: of mid and side, of what is held, and the second low-pass. */
enum { LAC_WIDTH_MID, LAC_WIDTH_SIDE, LAC_WIDTH_HELD, LAC_WIDTH_LOW, LAC_WIDTH_SECTIONS };

/* Everything that there is once per split stands in a row, a vector for the kernels; n splits have its last n places,
 * and the factors and states of the places before them are 0. */
typedef double LacWidthRow[LAC_WIDTH_MAX_SPLITS];

/* Integrators of the sections (dsp/svf.h, trapezoidal form), the first one times g. */
typedef struct LacWidthState {
  LacWidthRow z1[LAC_WIDTH_SECTIONS], z2[LAC_WIDTH_SECTIONS];
} LacWidthState;

/* A section, with x what goes in and g = tan(pi f / rate):
 *   w = a z1 + b (x - z2); twice the low-pass is 2 z2 + w, the all-pass x - round w; then z1' = w - z1, z2' = z2 + w.
 */
typedef struct LacWidthFactors {
  LacWidthRow a, b, round;
  LacWidthRow gain; /* of the band below */
  double last_gain; /* of what is left above the last split */
} LacWidthFactors;

typedef struct LacWidthSplits {
  const struct LacWidthSplitsKernels *kernels;
  unsigned n_splits;
  double rate_hz;
  LacWidthRow from_g, to_g; /* at the last quantum border and at the next one */
  double from_gain[LAC_WIDTH_MAX_BANDS], to_gain[LAC_WIDTH_MAX_BANDS]; /* of the side, low band first */
  bool is_moving;
  LacWidthFactors factors; /* while nothing moves */
  LacWidthState state;
} LacWidthSplits;

/* Silent, standing still; n_splits 0 .. LAC_WIDTH_MAX_SPLITS, with n_splits + 1 gains. Frequencies are held within 1 Hz
 * and 0.45 of the rate; they should rise (any order is flat where gains are equal). */
void lac_width_splits_init(LacWidthSplits *self, unsigned n_splits, double rate_hz, const double *hz,
                           const double *gains);
/* At a quantum border: where everything shall stand at the next one. Also when nothing moves any more, once. */
void lac_width_splits_aim(LacWidthSplits *self, const double *hz, const double *gains);
/* n_frames (up to LAC_WIDTH_MOST_FRAMES) interleaved pairs of mid and side, in place; while anything moves, within one
 * quantum of `period` frames of which `first` are already done. */
void lac_width_splits_run(LacWidthSplits *self, double *frames, uint32_t n_frames, uint32_t first, uint32_t period);
/* Sets states below 1e-30 to zero; call at fixed places. */
void lac_width_splits_flush(LacWidthSplits *self);

#endif
