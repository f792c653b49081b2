/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/spectrum_meter.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "analysis/spectrum_result.h"
#include "dsp/elementary.h"
#include "dsp/window.h"

enum { LANES = 8 };

/* -70 LUFS as the K-weighted mean square that BS.1770 would see. */
static double absolute_gate(void) {
  return lac_power_from_db(-70.0 + 0.691);
}

static uint32_t fft_size(double rate_hz) {
  uint32_t size = 1024;
  while (rate_hz / size > 8.0) /* 44.1 and 48 kHz: 8192 */
    size *= 2;
  return size;
}

/* Bin k stands for the frequencies within half a bin of it. */
static LacStatus make_band(LacSpectrumMeter *meter, unsigned band) {
  LacBandBins *bins = &meter->bands[band];
  const double low = meter->scale.edge_hz[band] / meter->rate_hz * meter->size;
  const double high = meter->scale.edge_hz[band + 1] / meter->rate_hz * meter->size;
  if (meter->scale.centre_hz[band] >= meter->rate_hz / 2)
    return LAC_OK;
  const uint32_t last_bin = meter->n_bins - 1;
  bins->first = (uint32_t)floor(low + 0.5);
  uint32_t last = (uint32_t)floor(high + 0.5);
  last = last < last_bin ? last : last_bin;
  bins->count = last - bins->first + 1;
  float *shares = lac_arena_alloc(meter->arena, bins->count, sizeof(float));
  if (!shares)
    return LAC_ERR_MEMORY;
  for (uint32_t i = 0; i < bins->count; i++) {
    const double k = bins->first + i;
    const double from = low > k - 0.5 ? low : k - 0.5, to = high < k + 0.5 ? high : k + 0.5;
    shares[i] = to > from ? (float)(to - from) : 0.0F;
  }
  bins->shares = shares;
  return LAC_OK;
}

static LacStatus allocate(LacSpectrumMeter *meter) {
  const LacStatus status = lac_arena_new(&meter->arena);
  if (status)
    return status;
  LacArena *arena = meter->arena;
  const size_t bins = meter->padded_bins;
  float **const arrays[] = {&meter->window, &meter->mid, &meter->side, &meter->windowed};
  for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
    if (!(*arrays[i] = lac_arena_alloc(arena, meter->size, sizeof(float))))
      return LAC_ERR_MEMORY;
  float **const spectra[] = {&meter->mid_re,    &meter->mid_im,     &meter->side_re, &meter->side_im,
                             &meter->mid_power, &meter->side_power, &meter->cross,   &meter->k_weights};
  for (size_t i = 0; i < sizeof(spectra) / sizeof(*spectra); i++)
    if (!(*spectra[i] = lac_arena_alloc(arena, bins, sizeof(float))))
      return LAC_ERR_MEMORY;
  meter->bin_power = lac_arena_alloc(arena, bins, sizeof(double));
  meter->scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(meter->fft) + 1, sizeof(float));
  return meter->bin_power && meter->scratch ? LAC_OK : LAC_ERR_MEMORY;
}

static void fill_tables(LacSpectrumMeter *meter) {
  lac_hann(meter->window, meter->size);
  double energy = 0;
  for (uint32_t i = 0; i < meter->size; i++)
    energy += (double)meter->window[i] * meter->window[i];
  /* One-sided: twice the power of a bin, so that the bins of white noise add up to its mean square. */
  meter->power_scale = 2.0 / ((double)meter->size * energy);
  for (uint32_t k = 1; k < meter->n_bins; k++)
    meter->k_weights[k] = (float)lac_k_weight_power((double)k * meter->rate_hz / meter->size);
}

static LacStatus prepare(LacSpectrumMeter *meter) {
  LacStatus status = lac_fft_new(meter->size, &meter->fft);
  if (!status)
    status = allocate(meter);
  if (status)
    return status;
  fill_tables(meter);
  lac_band_scale_init(&meter->scale);
  for (unsigned band = 0; band < LAC_BANDS && !status; band++)
    status = make_band(meter, band);
  return status;
}

LacStatus lac_spectrum_meter_init(LacSpectrumMeter *meter, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  meter->vectors = lac_vector_kernels_at(lac_cpu_level());
  meter->kernels = lac_meter_kernels_at(lac_cpu_level());
  meter->rate_hz = rate_hz;
  meter->n_channels = n_channels;
  meter->size = fft_size(rate_hz);
  meter->n_bins = meter->size / 2 + 1;
  meter->padded_bins = (meter->n_bins + LANES - 1) / LANES * LANES;
  lac_series_init(&meter->records, n_channels > 1 ? sizeof(LacSpectrumRecord) : offsetof(LacSpectrumRecord, side));
  const LacStatus status = prepare(meter);
  if (status)
    lac_spectrum_meter_free(meter);
  return status;
}

void lac_spectrum_meter_free(LacSpectrumMeter *meter) {
  lac_series_free(&meter->records);
  lac_fft_free(meter->fft);
  lac_arena_free(meter->arena);
  meter->fft = NULL;
  meter->arena = NULL;
}

static void transform(LacSpectrumMeter *meter, const float *signal, float *re, float *im) {
  meter->vectors->multiply(signal, meter->window, meter->windowed, meter->size);
  lac_fft_forward(meter->fft, meter->windowed, re, im, meter->scratch);
}

/* Bins beyond the last are zero: the arrays are padded and never written there. */
static void powers_of_bins(LacSpectrumMeter *meter) {
  const LacMeterKernels *kernels = meter->kernels;
  const size_t n = meter->padded_bins;
  kernels->powers(meter->mid_re, meter->mid_im, meter->mid_power, n);
  if (meter->n_channels < 2)
    return;
  kernels->powers(meter->side_re, meter->side_im, meter->side_power, n);
  kernels->cross(meter->mid_re, meter->mid_im, meter->side_re, meter->side_im, meter->cross, n);
}

static double band_sum(const LacSpectrumMeter *meter, unsigned band, const float *powers) {
  const LacBandBins *bins = &meter->bands[band];
  return bins->count ? (double)meter->vectors->dot(powers + bins->first, bins->shares, bins->count) : 0;
}

static void fill_bands(const LacSpectrumMeter *meter, double gain, LacSpectrumRecord *record) {
  double left = 0, right = 0;
  for (unsigned b = 0; b < LAC_BANDS; b++) {
    const double mid = band_sum(meter, b, meter->mid_power) * gain;
    record->mid[b] = lac_level_code(mid);
    if (meter->n_channels < 2)
      continue;
    const double side = band_sum(meter, b, meter->side_power) * gain;
    const double cross = band_sum(meter, b, meter->cross) * gain;
    const double norm = sqrt(mid * side);
    record->side[b] = lac_level_code(side);
    record->lean[b] = norm > 0 ? (int8_t)rint(127.0 * (cross / norm > 1    ? 1
                                                       : cross / norm < -1 ? -1
                                                                           : cross / norm))
                               : 0;
    left += mid + side + 2 * cross;
    right += mid + side - 2 * cross;
  }
  record->left = lac_level_code(left);
  record->right = lac_level_code(right);
}

/* `filled` of `size` frames hold signal; the rest is zero. */
static LacStatus measure_frame(LacSpectrumMeter *meter, uint32_t filled) {
  transform(meter, meter->mid, meter->mid_re, meter->mid_im);
  if (meter->n_channels > 1)
    transform(meter, meter->side, meter->side_re, meter->side_im);
  powers_of_bins(meter);
  const double mid =
      (double)meter->vectors->dot(meter->mid_power, meter->k_weights, meter->padded_bins) * meter->power_scale;
  const double side =
      (double)meter->vectors->dot(meter->side_power, meter->k_weights, meter->padded_bins) * meter->power_scale;
  const double padding = (double)meter->size / filled;
  const double channels = meter->n_channels;
  const double loudness = channels * (mid + side) * padding;
  if (loudness > absolute_gate()) {
    LacSpectrumRecord record = {.loudness = (float)loudness,
                                .stereo = lac_level_code(loudness),
                                .mono = lac_level_code(channels * mid * padding)};
    fill_bands(meter, meter->power_scale * padding, &record);
    meter->kernels->accumulate(meter->mid_power, meter->side_power, meter->bin_power, meter->padded_bins);
    meter->n_bin_frames++;
    void *item = lac_series_push(&meter->records);
    if (!item)
      return LAC_ERR_MEMORY;
    memcpy(item, &record, meter->records.item_size);
  }
  meter->any_frame = true;
  return LAC_OK;
}

static void take_in(LacSpectrumMeter *meter, const float *const *channels, uint32_t offset, uint32_t n) {
  float *mid = meter->mid + meter->filled, *side = meter->side + meter->filled;
  const float *left = channels[0] + offset;
  if (meter->n_channels < 2) {
    memcpy(mid, left, n * sizeof(float));
    return;
  }
  const float *right = channels[1] + offset;
  meter->kernels->mid_side(left, right, mid, side, n);
}

LacStatus lac_spectrum_meter_add(LacSpectrumMeter *meter, const float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0; done < n_frames;) {
    const uint32_t space = meter->size - meter->filled;
    const uint32_t n = n_frames - done < space ? n_frames - done : space;
    take_in(meter, channels, done, n);
    done += n;
    meter->filled += n;
    if (meter->filled < meter->size)
      break;
    const LacStatus status = measure_frame(meter, meter->size);
    if (status)
      return status;
    const uint32_t hop = meter->size / 2;
    memcpy(meter->mid, meter->mid + hop, hop * sizeof(float));
    memcpy(meter->side, meter->side + hop, hop * sizeof(float));
    meter->filled = meter->size - hop;
  }
  return LAC_OK;
}

LacStatus lac_spectrum_meter_result(LacSpectrumMeter *meter, LacSpectrum *spectrum, LacStereo *stereo) {
  if (!meter->any_frame && meter->filled) {
    const size_t rest = meter->size - meter->filled;
    memset(meter->mid + meter->filled, 0, rest * sizeof(float));
    memset(meter->side + meter->filled, 0, rest * sizeof(float));
    const LacStatus status = measure_frame(meter, meter->filled);
    if (status)
      return status;
  }
  return lac_spectrum_result(meter, spectrum, stereo);
}
