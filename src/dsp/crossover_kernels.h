/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of dsp/crossover.h, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_CROSSOVER_KERNELS_H
#define LAC_DSP_CROSSOVER_KERNELS_H

#include "dsp/crossover.h"
#include "dsp/kernels.h"

/* Damping of a Butterworth section: 1 / Q = sqrt 2. */
#define LAC_BUTTERWORTH_K 1.4142135623730951

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
