/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What dsp/delay_network.c does to all its lines at once, per CPU level with the same bits (dsp/kernels.h).
 *
 * Kernels read lines where they lie and write them where they go: frames pass the network without being copied.
 * They work on whole groups of LAC_LANES frames: what lies behind the last frame is any finite number, and so much is
 * overwritten there. */

#ifndef LAC_DSP_DELAY_NETWORK_KERNELS_H
#define LAC_DSP_DELAY_NETWORK_KERNELS_H

#include <lacquer/core.h>

#include "dsp/delay_network.h"
#include "dsp/kernels.h"

enum { LAC_NETWORK_LINES = 16, LAC_NETWORK_FRAMES = 32, LAC_NETWORK_RUN = LAC_DELAY_NETWORK_RUN };

/* Up to LAC_NETWORK_RUN frames of every line. */
typedef struct LacNetworkBlock {
  _Alignas(64) float line[LAC_NETWORK_LINES][LAC_NETWORK_RUN];
} LacNetworkBlock;

/* The same, wherever it lies: frame i of line j is memory[at[j] + i]. */
typedef struct LacNetworkPlaces {
  float *memory;
  int32_t at[LAC_NETWORK_LINES];
} LacNetworkPlaces;

/* The losses of all lines, two first-order sections in series, that of the bass (LOW) before that of the treble:
 *   y = through x + z;  z' = feed x + pole z. */
enum { LAC_NETWORK_LOW, LAC_NETWORK_HIGH, LAC_NETWORK_SECTIONS };
typedef struct LacAbsorption {
  _Alignas(64) float through[LAC_NETWORK_SECTIONS][LAC_NETWORK_LINES];
  float feed[LAC_NETWORK_SECTIONS][LAC_NETWORK_LINES], pole[LAC_NETWORK_SECTIONS][LAC_NETWORK_LINES];
  float exit_gain; /* of what leaves the network behind them */
} LacAbsorption;

typedef struct LacAbsorptionState {
  _Alignas(64) float z[LAC_NETWORK_SECTIONS][LAC_NETWORK_LINES];
} LacAbsorptionState;

/* Signs with which left and right enter, and mid and side leave: left and right are orthogonal, mid and side too. All
 * are bent (in the bits q0..q3 of the line: q0 q1 + q2 q3, the same + q0, q0 q3 + q1 q2 + q1, that + q2), so that no
 * mix can gather what enters, or what is to leave, in a few lines. */
static inline bool lac_network_enters_negative(unsigned line) {
  return ((line & line >> 1) ^ (line >> 2 & line >> 3)) & 1;
}

/* Once around the network: what is lost, what leaves and what enters. */
typedef struct LacNetworkRound {
  const LacAbsorption *from, *to; /* at the borders of the quantum; the same pointer twice: `to` throughout */
  bool without_low;               /* the section LOW rests: it is through 1, feed 0 and state 0 */
  bool without_veil;
  float *mid, *side;
  const float *sum, *difference; /* of left and right */
} LacNetworkRound;

/* Below this, 220 dB under full scale and more, sound fades into exact zeros: what is added and taken away again. It
 * leaves multiples of 2^-83: whatever gains and mixes until the next pass make of them is no denormal. */
#define LAC_NETWORK_VEIL 0x1p-60f
/* While the lines hold more than this nothing fades away, and the veil is left out. */
#define LAC_NETWORK_LOUD 0x1p-40f

typedef struct LacNetworkKernels {
  /* From all lines at `in` to those at `out`: the losses, and behind them the veil; half of the Hadamard matrix (the
   * butterflies of lines 8 and 4 apart, not normalised: power grows 4-fold), within which mid and side leave, times the
   * exit gain; then the sum of left and right, or for odd lines their difference, is added with its sign. Frame i uses
   * from + (to - from) (first + i + 1) / LAC_NETWORK_FRAMES. */
  void (*feed_back)(const LacNetworkRound *round, LacAbsorptionState *state, const LacNetworkPlaces *in,
                    const LacNetworkPlaces *out, uint32_t n_frames, uint32_t first);
  /* Sum and difference of left and right, of both what is held within +-1e30. */
  void (*enter)(const float *left, const float *right, float *sum, float *difference, uint32_t n_frames);
  /* left and right, of which right may be NULL, plus mid + side and mid - side, held within +-FLT_MAX. Mid times
   * mid[0] + (mid[1] - mid[0]) (first + i + 1) / LAC_NETWORK_FRAMES, side likewise. Not a frame behind n_frames. */
  void (*add)(float *left, float *right, const float *const room[2], const float mid[2], const float side[2],
              uint32_t n_frames, uint32_t first);
  /* Line j times from[j] + (to[j] - from[j]) (first + i + 1) / LAC_NETWORK_FRAMES (the same pointer twice: to[j]), then
   * the 16 x 16 Hadamard matrix of Sylvester's order (not normalised: power grows 16-fold). */
  void (*mix)(const float *from, const float *to, const LacNetworkPlaces *in, const LacNetworkPlaces *out,
              uint32_t n_frames, uint32_t first);
} LacNetworkKernels;

LAC_KERNEL_TABLES(LacNetworkKernels, lac_network_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacNetworkKernels lac_network_kernels_scalar;

#endif
