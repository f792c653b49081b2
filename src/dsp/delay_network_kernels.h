/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What dsp/delay_network.c does to all its lines at once, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_DELAY_NETWORK_KERNELS_H
#define LAC_DSP_DELAY_NETWORK_KERNELS_H

#include <lacquer/core.h>

#include "dsp/kernels.h"

enum { LAC_NETWORK_LINES = 16, LAC_NETWORK_FRAMES = 32 };

/* Up to LAC_NETWORK_FRAMES frames of every line. Kernels work on whole groups of LAC_LANES: what lies behind the last
 * frame is any finite number. */
typedef struct LacNetworkBlock {
  _Alignas(64) float line[LAC_NETWORK_LINES][LAC_NETWORK_FRAMES];
} LacNetworkBlock;

/* The losses of all lines, in double, two first-order sections in series:
 *   y = through x + z;  z' = feed x + pole z. */
typedef struct LacAbsorption {
  _Alignas(64) double through[2][LAC_NETWORK_LINES];
  double feed[2][LAC_NETWORK_LINES], pole[2][LAC_NETWORK_LINES];
} LacAbsorption;

typedef struct LacAbsorptionState {
  _Alignas(64) double z[2][LAC_NETWORK_LINES];
} LacAbsorptionState;

typedef struct LacNetworkKernels {
  /* Frame i uses from + (to - from) (first + i + 1) / LAC_NETWORK_FRAMES; the same pointer twice: `to`. Results below
   * 1e-25 are zero: whatever the gains and mixes until the next pass make of the others is no denormal. */
  void (*absorb)(const LacAbsorption *from, const LacAbsorption *to, LacAbsorptionState *state, LacNetworkBlock *block,
                 uint32_t n_frames, uint32_t first);
  /* line[j][i] *= from[j] + (to[j] - from[j]) (first + i + 1) / LAC_NETWORK_FRAMES; the same pointer twice: to[j]. */
  void (*scale)(const float *from, const float *to, LacNetworkBlock *block, uint32_t n_frames, uint32_t first);
  /* Each frame times the 16 x 16 Hadamard matrix of Sylvester's order (not normalised: power grows 16-fold). */
  void (*mix)(LacNetworkBlock *block, uint32_t n_frames);
  /* line[j][i] += from_left[j] left[i] + from_right[j] right[i] */
  void (*inject)(LacNetworkBlock *block, const float *from_left, const float *from_right, const float *left,
                 const float *right, uint32_t n_frames);
  /* mid[i] = sum over lines of to_mid[j] line[j][i], in order; side likewise. */
  void (*tap)(const LacNetworkBlock *block, const float *to_mid, const float *to_side, float *mid, float *side,
              uint32_t n_frames);
} LacNetworkKernels;

LAC_KERNEL_TABLES(LacNetworkKernels, lac_network_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacNetworkKernels lac_network_kernels_scalar;

#endif
