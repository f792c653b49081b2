/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Linkwitz-Riley crossover of fourth order: one pair of signals (left and right, or mid and side; mono: the second is
 * zero) into 2 to 5 bands whose sum has a flat magnitude (Linkwitz 1976, "Active Crossover Networks for Noncoincident
 * Drivers"; D'Appolito 1984 for the phase of the branches).
 *
 * One split at f. With the Butterworth section B of second order, LP4 = B_low^2, HP4 = B_high^2, and
 * LP4 + HP4 = (s^2 - sqrt2 s + 1) / (s^2 + sqrt2 s + 1) = AP, an all-pass of second order. The state-variable form of B
 * gives B_low and AP at once, a second one makes LP4 of B_low, and HP4 = AP - LP4: two sections for both branches, and
 * what the branches add up to is the all-pass itself, to rounding. Bands below the split pass through the same AP, so
 * that all bands stay in phase:
 *
 *   x -> split f1 -> HP -> split f2 -> HP -> split f3 -> HP -> band 3
 *            |-LP -> AP f2 -> AP f3 -> band 0    |-LP -> band 2
 *                        |-LP -> AP f3 -> band 1
 *
 * The sum of all bands is x through the all-pass of every split. Where a side shall be split and the mid stay in phase
 * with it: width_splits.h.
 *
 * Use: init, then once per quantum of `period` frames lac_crossover_aim for every split (cheap when the frequency is
 * that of before), then run for its frames, in any cuts. Frequencies move frame by frame in between: the integrators of
 * the trapezoidal form stay stable and click-free under any movement. Embedded by value, owns nothing; one thread. */

#ifndef LAC_DSP_CROSSOVER_H
#define LAC_DSP_CROSSOVER_H

#include <lacquer/core.h>

enum { LAC_CROSSOVER_MAX_BANDS = 5, LAC_CROSSOVER_MAX_SPLITS = LAC_CROSSOVER_MAX_BANDS - 1 };

/* Where a split stands at the last quantum border and at the next one: g = tan(pi f / rate). */
typedef struct LacCrossoverPlace {
  double hz;
  double from_g;
  double to_g;
} LacCrossoverPlace;

enum { LAC_CROSSOVER_LANES = 2 * LAC_CROSSOVER_MAX_SPLITS };

/* Integrators of one split: of the first sections, two lanes for every band below (as an all-pass) and then the two of
 * the signal that is split; and of the second, low-pass section. Of a crossover that only listens: the last two values
 * of each section's recursion. */
typedef struct LacCrossoverStage {
  double z1[LAC_CROSSOVER_LANES], z2[LAC_CROSSOVER_LANES];
  double low_z1[2], low_z2[2];
} LacCrossoverStage;

struct LacCrossoverKernels;

typedef struct LacCrossover {
  unsigned n_splits;
  double rate_hz;
  LacCrossoverPlace places[LAC_CROSSOVER_MAX_SPLITS];
  LacCrossoverStage stages[LAC_CROSSOVER_MAX_SPLITS];
  const struct LacCrossoverKernels *kernels;
} LacCrossover;

/* Silent, for n_bands (1..5; 1: run copies) at rate_hz, standing at hz[0 .. n_bands - 2], which rise. */
void lac_crossover_init(LacCrossover *crossover, unsigned n_bands, double rate_hz, const double *hz);
/* Where a split that is asked for at hz really stands: within 1 Hz and 0.45 of the rate. */
double lac_crossover_held_hz(double hz, double rate_hz);
/* Silences the state; the frequencies jump to where they were going. */
void lac_crossover_reset(LacCrossover *crossover);
/* At a quantum border: split `index` moves, from where it stands, to hz at the next border. Frequencies are held within
 * 1 Hz and 0.45 of the rate; order is the caller's affair (the sum stays flat in any order). */
void lac_crossover_aim(LacCrossover *crossover, unsigned index, double hz);
/* frames: n_frames interleaved pairs (not changed); bands[b]: n_frames pairs for each of n_bands, low to high; none may
 * overlap frames. `first` frames of the quantum of `period` frames are already done: first + n_frames <= period, unless
 * nothing moves, when n_frames may be anything. */
void lac_crossover_run(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                       uint32_t first, uint32_t period);
/* The same for detectors: bands without the all-passes that keep them in phase, less than half the work. One crossover
 * either runs or listens; reset it in between. */
void lac_crossover_listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          uint32_t first, uint32_t period);
/* True when no split moves in this quantum. */
bool lac_crossover_is_still(const LacCrossover *crossover);
/* Sets states below 1e-30 to zero; call at fixed places, at least every 1024 frames or so. */
void lac_crossover_flush(LacCrossover *crossover);

#endif
