/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/mask.h"

#include <math.h>

#include "dsp/elementary.h"
#include "dsp/hearing_threshold.h"
#include "dsp/window.h"

static const double edges_hz[LAC_MASK_BANDS + 1] = {0,    100,  200,  300,  400,  510,   630,   770,  920,
                                                    1080, 1270, 1480, 1720, 2000, 2320,  2700,  3150, 3700,
                                                    4400, 5300, 6400, 7700, 9500, 12000, 15500, 22050};
static const double FULL_SCALE_SPL_DB = 92.0;

double lac_mask_edge_hz(unsigned band) {
  return edges_hz[band];
}

double lac_mask_centre_hz(unsigned band) {
  return (edges_hz[band] + edges_hz[band + 1]) * 0.5;
}

/* Schroeder's function of the distance in Bark: at most 0 dB, -25 dB per Bark below the masker, -10 above. */
static double spread_of(int distance) {
  const double d = distance + 0.474;
  return lac_power_from_db(15.81 + 7.5 * d - 17.5 * sqrt(1.0 + d * d));
}

static double offset_db(int band) {
  return band < 12 ? 6.0 : 6.0 + 0.25 * (band - 12);
}

static void design(LacMask *mask, double rate_hz) {
  for (int to = 0; to < LAC_MASK_BANDS; to++) {
    double sum = 0;
    for (int from = 0; from < LAC_MASK_BANDS; from++)
      sum += spread_of(to - from);
    for (int from = 0; from < LAC_MASK_BANDS; from++)
      mask->spread[to][from] = spread_of(to - from) / sum * lac_power_from_db(-offset_db(to));
    /* Nobody hears more at 19 than at 14 kHz, but the formula's fourth power would let anything pass there. */
    const unsigned audible = to < LAC_MASK_BANDS - 1 ? (unsigned)to : LAC_MASK_BANDS - 2;
    mask->quiet[to] = lac_power_from_db(lac_hearing_threshold_db(lac_mask_centre_hz(audible)) - FULL_SCALE_SPL_DB);
  }
  double sum = 0;
  lac_hann(mask->window, mask->size);
  for (uint32_t i = 0; i < mask->size; i++)
    sum += (double)mask->window[i];
  mask->per_power = 4.0 / (sum * sum);
  for (int b = 0; b <= LAC_MASK_BANDS; b++) {
    const double bin = ceil(edges_hz[b] * mask->size / rate_hz);
    mask->first_bin[b] = bin < mask->size / 2 + 1 ? (uint32_t)bin : mask->size / 2 + 1;
  }
}

LacStatus lac_mask_init(LacMask *mask, LacArena *arena, double rate_hz, uint32_t size) {
  *mask = (LacMask){.size = size};
  const LacStatus status = lac_fft_new(size, &mask->fft);
  if (status != LAC_OK)
    return status;
  mask->window = lac_arena_alloc(arena, size, sizeof(float));
  mask->windowed = lac_arena_alloc(arena, size, sizeof(float));
  mask->re = lac_arena_alloc(arena, size / 2 + 1, sizeof(float));
  mask->im = lac_arena_alloc(arena, size / 2 + 1, sizeof(float));
  mask->scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(mask->fft), sizeof(float));
  if (!mask->window || !mask->windowed || !mask->re || !mask->im || !mask->scratch)
    return LAC_ERR_MEMORY;
  design(mask, rate_hz);
  return LAC_OK;
}

void lac_mask_release(LacMask *mask) {
  lac_fft_free(mask->fft);
  mask->fft = NULL;
}

void lac_mask_powers(LacMask *mask, const float *samples, double gain, double power[LAC_MASK_BANDS]) {
  const float scale = (float)gain;
  for (uint32_t i = 0; i < mask->size; i++)
    mask->windowed[i] = samples[i] * scale * mask->window[i];
  lac_fft_forward(mask->fft, mask->windowed, mask->re, mask->im, mask->scratch);
  for (int b = 0; b < LAC_MASK_BANDS; b++) {
    double sum = 0;
    for (uint32_t k = mask->first_bin[b]; k < mask->first_bin[b + 1]; k++)
      sum += (double)(mask->re[k] * mask->re[k] + mask->im[k] * mask->im[k]);
    power[b] = sum * mask->per_power;
  }
}

void lac_mask_thresholds(const LacMask *mask, const double power[LAC_MASK_BANDS], double threshold[LAC_MASK_BANDS]) {
  for (int to = 0; to < LAC_MASK_BANDS; to++) {
    double sum = 0;
    for (int from = 0; from < LAC_MASK_BANDS; from++)
      sum += mask->spread[to][from] * power[from];
    threshold[to] = sum > mask->quiet[to] ? sum : mask->quiet[to];
  }
}

double lac_mask_noise_ratio(const LacMask *mask, const double noise[LAC_MASK_BANDS],
                            const double threshold[LAC_MASK_BANDS]) {
  double sum = 0;
  int n_bands = 0;
  for (int b = 0; b < LAC_MASK_BANDS - 1 && mask->first_bin[b + 1] > mask->first_bin[b]; b++, n_bands++)
    sum += noise[b] / threshold[b];
  return n_bands > 0 ? sum / n_bands : 0.0;
}
