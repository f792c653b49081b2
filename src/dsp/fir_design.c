/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/fir_design.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/window.h"

static const double NEPERS_PER_DB = 0.11512925464970229; /* ln(10) / 20 */
static const double MIX_FROM_HZ = 200, MIX_TO_HZ = 800;
/* Behind the main tap the window is 1 for this part of the way and then falls as a cosine. Against half a Kaiser
 * window of the same length this leaves a third of the error at 40 Hz (docs of match_eq). */
static const double FLAT_FRACTION = 0.75;
/* Before the main tap of mixed phase, where what is cut off would be pre-echo. */
static const double KAISER_BETA = 9.0;

static uint32_t power_of_two_from(uint32_t n) {
  uint32_t power = 16;
  while (power < n)
    power *= 2;
  return power;
}

static double flat_then_cosine(double u) {
  const double down = (u - FLAT_FRACTION) / (1.0 - FLAT_FRACTION);
  return down <= 0.0 ? 1.0 : 0.5 + 0.5 * lac_cos(LAC_PI * down);
}

LacStatus lac_fir_designer_init(LacFirDesigner *d, LacArena *arena, LacFirPhase phase, uint32_t n_taps, uint32_t center,
                                double rate_hz) {
  *d = (LacFirDesigner){.phase = phase, .n_taps = n_taps, .center = center, .rate_hz = rate_hz};
  d->n_grid = power_of_two_from(2 * n_taps);
  LacStatus status = lac_fft64_new(d->n_grid, &d->fft);
  d->window = lac_arena_alloc(arena, n_taps, sizeof *d->window);
  if (status != LAC_OK || !d->window)
    return LAC_ERR_MEMORY;
  LacKaiser kaiser;
  lac_kaiser_init(&kaiser, KAISER_BETA);
  for (uint32_t i = 0; i < n_taps; i++) {
    if (i >= center) {
      d->window[i] = (float)flat_then_cosine((double)(i - center) / (n_taps - center));
    } else {
      const double u = (double)(center - i) / center;
      d->window[i] = (float)(phase == LAC_FIR_MIXED ? lac_kaiser_at(&kaiser, u) : flat_then_cosine(u));
    }
  }
  return LAC_OK;
}

void lac_fir_designer_drop(LacFirDesigner *d) {
  lac_fft64_free(d->fft);
  d->fft = NULL;
}

/* The part of the minimum phase that stays at a frequency. */
static double minimum_share(LacFirPhase phase, double hz) {
  if (phase != LAC_FIR_MIXED)
    return phase == LAC_FIR_MINIMUM ? 1.0 : 0.0;
  if (hz <= MIX_FROM_HZ)
    return 1.0;
  if (hz >= MIX_TO_HZ)
    return 0.0;
  const double m = lac_log(hz / MIX_FROM_HZ) / lac_log(MIX_TO_HZ / MIX_FROM_HZ);
  return 1.0 - m * m * (3.0 - 2.0 * m);
}

/* Minimum phase on the bins of a transform of n points out of the logarithm of the gain: re in, im out. */
static void hilbert(const LacFft64 *fft, uint32_t n, double *re, double *im, double *cepstrum, double *scratch) {
  memset(im, 0, ((size_t)n / 2 + 1) * sizeof *im);
  lac_fft64_inverse(fft, re, im, cepstrum, scratch);
  for (uint32_t i = 1; i < n / 2; i++)
    cepstrum[i] *= 2.0;
  memset(cepstrum + n / 2 + 1, 0, ((size_t)n / 2 - 1) * sizeof *cepstrum);
  lac_fft64_forward(fft, cepstrum, re, im, scratch);
}

static LacStatus fill_phase(LacFirShape *shape, const LacFirDesigner *d, LacFirCurve *curve, const void *context) {
  const uint32_t n = 4 * d->n_grid, step = n / d->n_grid, n_bins = n / 2 + 1;
  LacFft64 *fft = NULL;
  LacArena *temporary = NULL;
  LacStatus status = lac_arena_new(&temporary);
  if (status == LAC_OK)
    status = lac_fft64_new(n, &fft);
  if (status == LAC_OK) {
    double *re = lac_arena_alloc(temporary, n_bins, sizeof *re), *im = lac_arena_alloc(temporary, n_bins, sizeof *im);
    double *cepstrum = lac_arena_alloc(temporary, n, sizeof *cepstrum);
    double *scratch = lac_arena_alloc(temporary, lac_fft64_scratch_doubles(fft), sizeof *scratch);
    status = re && im && cepstrum && scratch ? LAC_OK : LAC_ERR_MEMORY;
    for (uint32_t k = 0; status == LAC_OK && k < n_bins; k++)
      re[k] = NEPERS_PER_DB * curve(context, d->rate_hz * k / n);
    if (status == LAC_OK)
      hilbert(fft, n, re, im, cepstrum, scratch);
    for (uint32_t k = 0; status == LAC_OK && k <= d->n_grid / 2; k++)
      shape->phase[k] = im[(size_t)step * k] * minimum_share(d->phase, d->rate_hz * k / d->n_grid);
  }
  lac_fft64_free(fft);
  lac_arena_free(temporary);
  return status;
}

LacStatus lac_fir_shape_init(LacFirShape *shape, LacArena *arena, const LacFirDesigner *d, LacFirCurve *curve,
                             const void *context) {
  const uint32_t n_bins = lac_fir_n_bins(d);
  shape->log_gain = lac_arena_alloc(arena, n_bins, sizeof *shape->log_gain);
  shape->phase = lac_arena_alloc(arena, n_bins, sizeof *shape->phase);
  if (!shape->log_gain || !shape->phase)
    return LAC_ERR_MEMORY;
  for (uint32_t k = 0; k < n_bins; k++)
    shape->log_gain[k] = NEPERS_PER_DB * curve(context, d->rate_hz * k / d->n_grid);
  return d->phase == LAC_FIR_LINEAR ? LAC_OK : fill_phase(shape, d, curve, context);
}

uint32_t lac_fir_n_bins(const LacFirDesigner *d) {
  return d->n_grid / 2 + 1;
}

/* Rows of whole cache lines, so that every one is aligned. */
static size_t row_doubles(const LacFirDesigner *d) {
  return (size_t)d->n_grid / 2 + 8;
}

size_t lac_fir_work_doubles(const LacFirDesigner *d) {
  return 2 * row_doubles(d) + d->n_grid + lac_fft64_scratch_doubles(d->fft);
}

void lac_fir_bins(const LacFirDesigner *d, const LacFirShape *shape, double amount, uint32_t first, uint32_t n,
                  double *work) {
  double *re = work, *im = work + row_doubles(d);
  for (uint32_t k = first; k < first + n; k++) {
    const double gain = lac_exp(amount * shape->log_gain[k]), phase = amount * shape->phase[k];
    re[k] = phase == 0.0 ? gain : gain * lac_cos(phase);
    im[k] = phase == 0.0 ? 0.0 : gain * lac_sin(phase);
  }
  /* A real filter has real ends of its spectrum; the phase there is 0 but for rounding. */
  im[0] = im[d->n_grid / 2] = 0.0;
}

void lac_fir_taps(const LacFirDesigner *d, double *work, float *taps) {
  double *re = work, *im = work + row_doubles(d), *h = im + row_doubles(d), *scratch = h + d->n_grid;
  lac_fft64_inverse(d->fft, re, im, h, scratch);
  for (uint32_t i = 0; i < d->n_taps; i++) {
    const uint32_t at = i >= d->center ? i - d->center : d->n_grid - (d->center - i);
    taps[i] = (float)((double)d->window[i] * h[at]);
  }
}

double lac_fir_loss(const LacFirDesigner *d, const LacFirShape *shape, const float *taps, uint32_t first,
                    double *work) {
  double *re = work, *im = work + row_doubles(d), *tail = im + row_doubles(d), *scratch = tail + d->n_grid;
  memset(tail, 0, d->n_grid * sizeof *tail);
  for (uint32_t i = first; i < d->n_taps; i++)
    tail[i] = (double)taps[i];
  lac_fft64_forward(d->fft, tail, re, im, scratch);
  double largest = 0;
  for (uint32_t k = 0; k < lac_fir_n_bins(d); k++) {
    const double share = (re[k] * re[k] + im[k] * im[k]) * lac_exp(-2.0 * shape->log_gain[k]);
    largest = share > largest ? share : largest;
  }
  return sqrt(largest);
}
