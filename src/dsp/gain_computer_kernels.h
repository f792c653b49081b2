/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of dynamics, per CPU level with the same bits (dsp/kernels.h); those over elements are plain C, so that
 * baseline is the truth of the others. No array may overlap another unless it is the same one. */

#ifndef LAC_DSP_GAIN_COMPUTER_KERNELS_H
#define LAC_DSP_GAIN_COMPUTER_KERNELS_H

#include "dsp/gain_computer.h"
#include "dsp/kernels.h"

typedef struct LacGainComputerKernels {
  /* Squares of interleaved pairs, apart. */
  void (*squares)(const double *frames, double *left, double *right, uint32_t n_frames);
  /* Mean squares of n_bands signals, each of interleaved pairs, at the control points: powers[b] of the first of each
   * pair, and powers[b + n_bands] of the second. The lowest n_steady bands have a quadrature each. */
  void (*mean_squares)(LacMeanSquare *bands, unsigned n_bands, LacQuadrature *quadratures, unsigned n_steady,
                       const double *const *frames, double *const *powers, LacSteps steps);
  /* The same for the largest squares since the control point before; peaks[b] is kept from run to run. */
  void (*peak_squares)(double (*peaks)[2], unsigned n_bands, const double *const *frames, double *const *powers,
                       LacSteps steps);
  /* The sum of 1 to 5 signals of interleaved pairs, each times its gain: gains[b][lane] at the control points, [0]
   * where the first ramp begins. out may be frames[0]. */
  void (*mix)(const double *const *frames, unsigned n_bands, const float *const (*gains)[2], double *out,
              LacSteps steps);
  /* out[i] = the larger of a[i] and b[i]; out may be a or b. */
  void (*larger)(const double *a, const double *b, double *out, uint32_t n_frames);
  /* 10 log10(scale power), held within +-300 dB. */
  void (*levels)(const double *powers, double scale, float *level_db, uint32_t n_frames);
  /* lac_gain_curve_db of every level, within 1e-4 dB. */
  void (*amounts)(const LacGainCurve *curve, const float *level_db, float *amount_db, uint32_t n_frames);
  /* 10^(gain_db / 20), gain_db held within +-200 dB; exactly 1 for 0. */
  void (*gains)(const float *gain_db, float *gain, uint32_t n_frames);
  /* Gains in dB of n_bands bands, in place, no further from each other than twice half_db: what is beyond is shared by
   * the highest and the lowest. */
  void (*couple)(float *const *gain_db, unsigned n_bands, const float *half_db, uint32_t n_points);
  /* sqrt(below[i] / above[i]) */
  void (*roots)(const float *below, const float *above, float *roots, uint32_t n_points);
  /* lac_mean_power_run and lac_ballistics_run, several lanes at once. */
  void (*mean_powers)(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_points);
  void (*ballistics)(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_points);
} LacGainComputerKernels;

LAC_KERNEL_TABLES(LacGainComputerKernels, lac_gain_computer_kernels)

#endif
