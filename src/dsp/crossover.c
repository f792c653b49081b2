/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/crossover.h"

#include <math.h>
#include <string.h>

#include "dsp/crossover_kernels.h"
#include "dsp/elementary.h"

double lac_crossover_held_hz(double hz, double rate_hz) {
  double highest = 0.45 * rate_hz, held = hz < highest ? hz : highest;
  return held > 1.0 ? held : 1.0;
}

static double prewarped(double hz, double rate_hz) {
  return lac_tan(LAC_PI * lac_crossover_held_hz(hz, rate_hz) / rate_hz);
}

void lac_crossover_init(LacCrossover *crossover, unsigned n_bands, double rate_hz, const double *hz) {
  memset(crossover, 0, sizeof *crossover);
  crossover->n_splits = n_bands - 1;
  crossover->rate_hz = rate_hz;
  crossover->kernels = lac_crossover_kernels_at(lac_cpu_level());
  for (unsigned s = 0; s < crossover->n_splits; s++) {
    double g = prewarped(hz[s], rate_hz);
    crossover->places[s] = (LacCrossoverPlace){hz[s], g, g};
  }
}

void lac_crossover_reset(LacCrossover *crossover) {
  memset(crossover->stages, 0, sizeof crossover->stages);
  for (unsigned s = 0; s < crossover->n_splits; s++) {
    crossover->places[s].from_g = crossover->places[s].to_g;
  }
}

void lac_crossover_aim(LacCrossover *crossover, unsigned index, double hz) {
  LacCrossoverPlace *place = &crossover->places[index];
  place->from_g = place->to_g;
  if (hz != place->hz) {
    place->hz = hz;
    place->to_g = prewarped(hz, crossover->rate_hz);
  }
}

bool lac_crossover_is_still(const LacCrossover *crossover) {
  for (unsigned s = 0; s < crossover->n_splits; s++) {
    if (crossover->places[s].from_g != crossover->places[s].to_g) {
      return false;
    }
  }
  return true;
}

void lac_crossover_run(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                       uint32_t first, uint32_t period) {
  if (crossover->n_splits == 0) {
    memcpy(bands[0], frames, 2 * sizeof *frames * n_frames);
    return;
  }
  crossover->kernels->run(crossover, frames, bands, n_frames, first, period);
}

void lac_crossover_listen(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          uint32_t first, uint32_t period) {
  if (crossover->n_splits == 0) {
    memcpy(bands[0], frames, 2 * sizeof *frames * n_frames);
    return;
  }
  crossover->kernels->listen(crossover, frames, bands, n_frames, first, period);
}

static void flush(double *states, size_t n) {
  for (size_t i = 0; i < n; i++) {
    states[i] = fabs(states[i]) < 1e-30 ? 0 : states[i];
  }
}

void lac_crossover_flush(LacCrossover *crossover) {
  for (unsigned s = 0; s < crossover->n_splits; s++) {
    LacCrossoverStage *stage = &crossover->stages[s];
    flush(stage->z1, LAC_CROSSOVER_LANES);
    flush(stage->z2, LAC_CROSSOVER_LANES);
    flush(stage->low_z1, 2);
    flush(stage->low_z2, 2);
  }
}

/* ---- the scalar truth of dsp/crossover_kernels.h ---- */

typedef struct Factors {
  double c1, c2, g;
} Factors;

/* After `frame` and one more frames of the quantum; -1: where it begins. */
static Factors factors_at(const LacCrossoverPlace *place, uint32_t frame, uint32_t period) {
  double g = place->from_g + (place->to_g - place->from_g) * ((double)(frame + 1) / (double)period);
  double c1 = 1.0 / (1.0 + g * (g + LAC_BUTTERWORTH_K));
  return (Factors){c1, g * c1, g};
}

/* One Butterworth section (Simper's form, see svf.c): returns its low-pass, *band receives the band-pass. */
static double section(Factors f, double x, double *z1, double *z2, double *band) {
  double v1 = f.c1 * *z1 + f.c2 * (x - *z2);
  double v2 = *z2 + f.g * v1;
  *z1 = v1 + (v1 - *z1);
  *z2 = v2 + (v2 - *z2);
  *band = v1;
  return v2;
}

static void run_scalar(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                       uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < n_frames; i++) {
    double lanes[2 * LAC_CROSSOVER_MAX_BANDS] = {frames[2 * i], frames[2 * i + 1]};
    for (unsigned s = 0; s < crossover->n_splits; s++) {
      Factors f = factors_at(&crossover->places[s], first + i, period);
      LacCrossoverStage *stage = &crossover->stages[s];
      for (unsigned lane = 0; lane < 2 * s + 2; lane++) {
        double band, low = section(f, lanes[lane], &stage->z1[lane], &stage->z2[lane], &band);
        lanes[lane] = lanes[lane] - 2.0 * LAC_BUTTERWORTH_K * band;
        if (lane >= 2 * s) {
          low = section(f, low, &stage->low_z1[lane - 2 * s], &stage->low_z2[lane - 2 * s], &band);
          lanes[lane + 2] = lanes[lane] - low;
          lanes[lane] = low;
        }
      }
    }
    for (unsigned b = 0; b <= crossover->n_splits; b++) {
      bands[b][2 * i] = lanes[2 * b];
      bands[b][2 * i + 1] = lanes[2 * b + 1];
    }
  }
}

LacListenForm lac_crossover_listen_form(const LacCrossoverPlace *place) {
  const double g = place->to_g, n = 1.0 / (1.0 + g * (g + LAC_BUTTERWORTH_K)), low = g * g * n;
  return (LacListenForm){.a1 = 2.0 * (g * g - 1.0) * n,
                         .a2 = (1.0 - LAC_BUTTERWORTH_K * g + g * g) * n,
                         .back = 2.0 * LAC_BUTTERWORTH_K * g * n,
                         .scale = low * low};
}

/* Integrators z1 = (2 g / N) (w' - w''), z2 = (2 g^2 / N) (w' + w'') at the last frame's factors, one frame, and back;
 * `size`: of what they hold, in that of the recursion. */
static double moving_section(Factors last, Factors now, double last_size, double size, double x, double *w1, double *w2,
                             double *band) {
  double z1 = 2.0 * last.c2 * (*w1 - *w2) * last_size, z2 = 2.0 * last.g * last.c2 * (*w1 + *w2) * last_size;
  const double low = section(now, x, &z1, &z2, band);
  const double apart = z1 / (2.0 * now.c2 * size), both = z2 / (2.0 * now.g * now.c2 * size);
  *w1 = 0.5 * (both + apart);
  *w2 = 0.5 * (both - apart);
  return low;
}

void lac_crossover_listen_moving(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                                 uint32_t first, uint32_t period) {
  for (uint32_t i = 0; i < 2 * n_frames; i++) {
    double x = frames[i];
    for (unsigned s = 0; s < crossover->n_splits; s++) {
      const Factors last = factors_at(&crossover->places[s], first + i / 2 - 1, period);
      const Factors now = factors_at(&crossover->places[s], first + i / 2, period);
      LacCrossoverStage *stage = &crossover->stages[s];
      double band, unused;
      double low = moving_section(last, now, 1.0, 1.0, x, &stage->z1[2 * s + i % 2], &stage->z2[2 * s + i % 2], &band);
      low = moving_section(last, now, last.g * last.c2, now.g * now.c2, low, &stage->low_z1[i % 2],
                           &stage->low_z2[i % 2], &unused);
      bands[s][i] = low;
      x = (x - 2.0 * LAC_BUTTERWORTH_K * band) - low;
    }
    bands[crossover->n_splits][i] = x;
  }
}

static void listen_scalar(LacCrossover *crossover, const double *frames, double *const *bands, uint32_t n_frames,
                          uint32_t first, uint32_t period) {
  if (!lac_crossover_is_still(crossover)) {
    lac_crossover_listen_moving(crossover, frames, bands, n_frames, first, period);
    return;
  }
  for (uint32_t i = 0; i < 2 * n_frames; i++) {
    double x = frames[i];
    for (unsigned s = 0; s < crossover->n_splits; s++) {
      const LacListenForm form = lac_crossover_listen_form(&crossover->places[s]);
      LacCrossoverStage *stage = &crossover->stages[s];
      double *const w1 = &stage->z1[2 * s + i % 2], *const w2 = &stage->z2[2 * s + i % 2];
      double *const v1 = &stage->low_z1[i % 2], *const v2 = &stage->low_z2[i % 2];
      const double w = (x - form.a2 * *w2) - form.a1 * *w1, l = (w + *w1) + (*w1 + *w2);
      const double v = (l - form.a2 * *v2) - form.a1 * *v1, low = form.scale * ((v + *v1) + (*v1 + *v2));
      x = (x - form.back * (w - *w2)) - low;
      *w2 = *w1;
      *w1 = w;
      *v2 = *v1;
      *v1 = v;
      bands[s][i] = low;
    }
    bands[crossover->n_splits][i] = x;
  }
}

const LacCrossoverKernels lac_crossover_kernels_scalar = {run_scalar, listen_scalar};
