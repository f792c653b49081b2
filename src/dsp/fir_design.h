/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* FIR filters from a curve of gain over frequency, in three phases:
 *   minimum  all energy as early as can be: no pre-echo, no latency
 *   linear   symmetric: no phase shift, half the filter before the main tap
 *   mixed    minimum below 200 Hz, linear above 800 Hz, between them a blend: phi = (1 - m) phi_minimum
 *
 * The minimum phase is the Hilbert transform of the logarithm of the gain, by the folded cepstrum (A. V. Oppenheim and
 * R. W. Schafer, "Discrete-Time Signal Processing", section on homomorphic systems) on a grid of at least 8 x n_taps.
 * Gain and phase are kept as a complex logarithm, so that the same shape in any amount is a multiplication before the
 * exponential: `lac_fir_bins` and `lac_fir_taps` make a filter of it without allocating, in pieces that fit between
 * two blocks of sound. Per amount: 70 ns a bin and one double transform. */

#ifndef LAC_DSP_FIR_DESIGN_H
#define LAC_DSP_FIR_DESIGN_H

#include <lacquer/core.h>

#include "core/arena.h"
#include "dsp/fft.h"

typedef enum LacFirPhase { LAC_FIR_MINIMUM, LAC_FIR_LINEAR, LAC_FIR_MIXED } LacFirPhase;

/* What the filters of a processor share. Read-only after creation. */
typedef struct LacFirDesigner {
  LacFirPhase phase;
  uint32_t n_taps;
  uint32_t center; /* the main tap; 0 for minimum phase */
  double rate_hz;
  uint32_t n_grid; /* points of the last transform, at least 2 n_taps */
  LacFft64 *fft;   /* of n_grid points */
  float *window;   /* n_taps values */
} LacFirDesigner;

/* On failure too, lac_fir_designer_drop gives back what it holds. n_taps up to 65536. */
LAC_NODISCARD LacStatus lac_fir_designer_init(LacFirDesigner *d, LacArena *arena, LacFirPhase phase, uint32_t n_taps,
                                              uint32_t center, double rate_hz);
void lac_fir_designer_drop(LacFirDesigner *d);

/* One curve. Memory is the arena's. */
typedef struct LacFirShape {
  double *log_gain; /* nepers, n_grid / 2 + 1 bins */
  double *phase;    /* radians, the main tap at 0 */
} LacFirShape;

/* Gain in dB at a frequency of 0 .. rate / 2; finite. */
typedef double LacFirCurve(const void *context, double hz);
/* Allocates for the time of the call what the large transforms need. */
LAC_NODISCARD LacStatus lac_fir_shape_init(LacFirShape *shape, LacArena *arena, const LacFirDesigner *d,
                                           LacFirCurve *curve, const void *context);

/* Doubles that the making of a filter needs, 64-byte aligned: bins and transform. */
size_t lac_fir_work_doubles(const LacFirDesigner *d);
uint32_t lac_fir_n_bins(const LacFirDesigner *d);
/* exp(amount (log gain + i phase)) for n bins from `first` on, into work. */
void lac_fir_bins(const LacFirDesigner *d, const LacFirShape *shape, double amount, uint32_t first, uint32_t n,
                  double *work);
/* All bins are there: n_taps taps. */
void lac_fir_taps(const LacFirDesigner *d, double *work, float *taps);
/* What leaving out the taps from `first` on changes at most at any frequency, as a fraction of the shape's whole gain
 * there. Uses up what is in work. */
double lac_fir_loss(const LacFirDesigner *d, const LacFirShape *shape, const float *taps, uint32_t first, double *work);

#endif
