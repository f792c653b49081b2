/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The loops of dsp/dynamic_filter.h, per CPU level with the same bits (dsp/kernels.h). */

#ifndef LAC_DSP_DYNAMIC_FILTER_KERNELS_H
#define LAC_DSP_DYNAMIC_FILTER_KERNELS_H

#include "dsp/dynamic_filter.h"
#include "dsp/kernels.h"

/* A filter whose poles stand still, with N = 1 + g (g + k):
 *   w = (x - a2 w2) - a1 w1,   y = x + (a - 1) over + (a^2 - 1) square
 * where over and square are mixtures of x, w1 and w2: of band (g k / N) (1 - z^-2) w (square of a bell, over of a
 * shelf), low (g^2 / N) (1 + z^-1)^2 w and high (1 / N) (1 - z^-1)^2 w (square of a shelf).
 * A bell, whose over is nothing, takes w itself for x: y = x + (a^2 - 1) square[0] (w - w2). */
typedef struct LacDynamicForm {
  double a1, a2; /* 2 (g^2 - 1) / N, (1 - g k + g^2) / N */
  double over[3], square[3];
} LacDynamicForm;

LacDynamicForm lac_dynamic_form_of(LacDynamicShape shape, LacDynamicPoles poles);

/* Poles after `frames` of the quantum. */
static inline LacDynamicPoles lac_dynamic_poles_at(const LacDynamicFilter *filter, uint32_t frames, uint32_t period) {
  const double place = (double)frames / (double)period;
  return (LacDynamicPoles){filter->from.g + (filter->to.g - filter->from.g) * place,
                           filter->from.k + (filter->to.k - filter->from.k) * place};
}

static inline bool lac_dynamic_filter_is_moving(const LacDynamicFilter *filter) {
  return filter->from.g != filter->to.g || filter->from.k != filter->to.k;
}

/* One frame of one lane while poles move, as trapezoidal integrators z1 = (2 g / N) (w1 - w2) and
 * z2 = (2 g^2 / N) (w1 + w2). The same code on every level. */
double lac_dynamic_filter_step_moving(LacDynamicFilter *filter, unsigned lane, double a, uint32_t frame,
                                      uint32_t period, double x);

/* As the function of dsp/dynamic_filter.h. */
typedef struct LacDynamicFilterKernels {
  void (*run)(LacDynamicFilter *const *filters, unsigned n_filters, double *frames, const float *const (*roots)[2],
              LacSteps steps, uint32_t first, uint32_t period);
} LacDynamicFilterKernels;

LAC_KERNEL_TABLES(LacDynamicFilterKernels, lac_dynamic_filter_kernels)

/* The readable truth that all levels must equal bit for bit. */
extern const LacDynamicFilterKernels lac_dynamic_filter_kernels_scalar;

#endif
