/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of dsp/crossover.h, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_CROSSOVER_KERNELS_H
#define LAC_DSP_CROSSOVER_KERNELS_H

#include "dsp/crossover.h"
#include "dsp/kernels.h"

/* Damping of a Butterworth section: 1 / Q = sqrt 2. */
#define LAC_BUTTERWORTH_K 1.4142135623730951

/* Listening, while a split stands still: each section by its shortest recursion (as in dsp/dynamic_filter.h, with
 * N = 1 + g (g + k)), without the factors that both low-passes have in common:
 *   w = (x - a2 w'') - a1 w',  l = (w + w'') + 2 w',  v = (l - a2 v'') - a1 v',
 *   low = scale ((v + v'') + 2 v'),  high = (x - back (w - w'')) - low */
typedef struct LacListenForm {
  double a1, a2, back, scale; /* 2 (g^2 - 1) / N, (1 - k g + g^2) / N, 2 k g / N, (g^2 / N)^2 */
} LacListenForm;

LacListenForm lac_crossover_listen_form(const LacCrossoverPlace *place);
/* As lac_crossover_listen, while frequencies move: the states become integrators and states again in every frame. The
 * same code on every level. */
void lac_crossover_listen_moving(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                                 uint32_t first, uint32_t period);

typedef struct LacCrossoverKernels {
  /* As lac_crossover_run and lac_crossover_listen, with at least one split. */
  void (*run)(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames, uint32_t first,
              uint32_t period);
  void (*listen)(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames, uint32_t first,
                 uint32_t period);
} LacCrossoverKernels;

LAC_KERNEL_TABLES(LacCrossoverKernels, lac_crossover_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacCrossoverKernels lac_crossover_kernels_scalar;

#endif
