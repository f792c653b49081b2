/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of dsp/dynamic_filter.h, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_DYNAMIC_FILTER_KERNELS_H
#define LAC_DSP_DYNAMIC_FILTER_KERNELS_H

#include "dsp/dynamic_filter.h"
#include "dsp/kernels.h"

/* As the functions of dsp/dynamic_filter.h. */
typedef struct LacDynamicFilterKernels {
  void (*run)(LacDynamicFilter *const *filters, unsigned n_filters, double *frames, const float *const (*roots)[2],
              const float *const *gains, LacSteps steps, uint32_t first, uint32_t period);
  void (*detect)(LacDynamicFilter *const *ears, unsigned n_ears, const double *frames, double *const *sums,
                 double *const *powers, LacSteps steps, uint32_t first, uint32_t period);
} LacDynamicFilterKernels;

LAC_KERNEL_TABLES(LacDynamicFilterKernels, lac_dynamic_filter_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacDynamicFilterKernels lac_dynamic_filter_kernels_scalar;

#endif
