/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/control_track.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { RUN_FRAMES = 64 };

static const double PI = 3.14159265358979323846;
/* Of the meter's second stage (ITU-R BS.1770-5 Annex 1): two equal poles, no others. */
static const double HIGH_PASS_HZ = 38.13547087602444;

uint32_t lac_control_hop_frames(double rate_hz) {
  return (uint32_t)floor(rate_hz / 1000.0 + 0.5);
}

LacStatus lac_control_meter_init(LacControlMeter *meter, LacArena *arena, double rate_hz, unsigned n_channels,
                                 uint32_t peak_delay) {
  memset(meter, 0, sizeof(*meter));
  meter->vectors = lac_vector_kernels_at(lac_cpu_level());
  meter->hop_frames = lac_control_hop_frames(rate_hz);
  meter->n_channels = n_channels;
  meter->energy_left = meter->hop_frames;
  meter->peak_left = meter->hop_frames;
  meter->skip = peak_delay;
  const double k = lac_tan(PI * HIGH_PASS_HZ * meter->hop_frames / rate_hz);
  meter->pole = (1.0 - k) / (1.0 + k);
  meter->pass = 1.0 / (1.0 + k);
  lac_series_init(&meter->energies, sizeof(float));
  lac_series_init(&meter->peaks, sizeof(float));
  lac_series_init(&meter->leads, sizeof(int8_t));
  return lac_openness_meter_init(&meter->openness, arena, rate_hz, n_channels);
}

void lac_control_meter_free(LacControlMeter *meter) {
  lac_series_free(&meter->energies);
  lac_series_free(&meter->peaks);
  lac_series_free(&meter->leads);
  lac_openness_meter_free(&meter->openness);
}

static LacStatus keep(LacSeries *series, float value) {
  float *item = lac_series_push(series);
  if (!item)
    return LAC_ERR_MEMORY;
  *item = value;
  return LAC_OK;
}

/* --- Energies ---------------------------------------------------------------------------------------------- */

/* The backward pole over all that waits; the oldest n_done hops receive the energy that it leaves them. */
static void settle(LacControlMeter *meter, uint32_t n_done) {
  if (meter->n_pending == 0)
    return;
  float *energies = (float *)meter->energies.items + (meter->energies.count - meter->n_pending);
  for (unsigned c = 0; c < meter->n_channels; c++) {
    float *once = meter->low[c].pending;
    double later = 0.0, both = 0.0;
    for (uint32_t k = meter->n_pending; k-- > 0;) {
      both = meter->pole * both + meter->pass * ((double)once[k] - later);
      later = (double)once[k];
      if (k < n_done)
        energies[k] += (float)((double)meter->hop_frames * both * both);
    }
    memmove(once, once + n_done, (meter->n_pending - n_done) * sizeof *once);
  }
  for (uint32_t k = 0; k < n_done; k++)
    energies[k] = energies[k] > 0.0F ? energies[k] : 0.0F;
  meter->n_pending -= n_done;
}

/* Runs the high-pass over the hop's mean; returns the power of what went through it twice. */
static double end_low(LacControlMeter *meter, LacControlLow *low, uint32_t n_frames) {
  const double mean = lac_lane_sum_total(&low->sum) / (n_frames ? n_frames : 1);
  const double once = meter->pole * low->once + meter->pass * (mean - low->mean);
  low->twice = meter->pole * low->twice + meter->pass * (once - low->once);
  low->mean = mean;
  low->once = once;
  low->pending[meter->n_pending] = (float)once;
  lac_lane_sum_reset(&low->sum);
  return low->twice * low->twice;
}

/* Quarters of a decibel by which the first channel's samples stand over the second's. */
static LacStatus keep_lead(LacControlMeter *meter) {
  const float a = meter->low[0].sample_peak, b = meter->low[1].sample_peak;
  const float largest = 127.0F;
  float lead = a > b ? largest : a < b ? -largest : 0.0F;
  if (a > 0.0F && b > 0.0F)
    lead = 4.0F * (lac_fast_db_from_gainf(a) - lac_fast_db_from_gainf(b));
  lead = lead > largest ? largest : lead < -largest ? -largest : lead;
  int8_t *item = lac_series_push(&meter->leads);
  if (!item)
    return LAC_ERR_MEMORY;
  *item = (int8_t)floor((double)lead + 0.5);
  meter->low[0].sample_peak = meter->low[1].sample_peak = 0.0F;
  return LAC_OK;
}

static LacStatus end_energy(LacControlMeter *meter) {
  const uint32_t n_frames = meter->hop_frames - meter->energy_left;
  double energy = lac_lane_sum_total(&meter->sum);
  for (unsigned c = 0; c < meter->n_channels; c++)
    energy -= (double)meter->hop_frames * end_low(meter, &meter->low[c], n_frames);
  lac_lane_sum_reset(&meter->sum);
  meter->energy_left = meter->hop_frames;
  LacStatus status = keep(&meter->energies, (float)energy);
  if (!status && meter->n_channels > 1)
    status = keep_lead(meter);
  if (!status && ++meter->n_pending == LAC_CONTROL_PENDING)
    settle(meter, LAC_CONTROL_PENDING / 2);
  return status;
}

static void add_low(LacControlMeter *meter, LacControlLow *low, const float *samples, uint32_t n_frames) {
  double values[RUN_FRAMES];
  const float peak = meter->vectors->max_abs(samples, n_frames);
  low->sample_peak = peak > low->sample_peak ? peak : low->sample_peak;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < RUN_FRAMES ? n_frames - done : RUN_FRAMES;
    for (uint32_t i = 0; i < n; i++)
      values[i] = (double)samples[done + i];
    lac_lane_sum_add(&low->sum, values, n);
  }
}

LacStatus lac_control_meter_add_audio(LacControlMeter *meter, const float *const *channels, const double *power,
                                      uint32_t n_frames) {
  LacStatus status = lac_openness_meter_add(&meter->openness, channels, n_frames);
  for (uint32_t done = 0, n; done < n_frames && !status; done += n) {
    n = n_frames - done < meter->energy_left ? n_frames - done : meter->energy_left;
    lac_lane_sum_add(&meter->sum, power + done, n);
    for (unsigned c = 0; c < meter->n_channels; c++)
      add_low(meter, &meter->low[c], channels[c] + done, n);
    meter->energy_left -= n;
    if (!meter->energy_left)
      status = end_energy(meter);
  }
  return status;
}

/* --- Peaks ------------------------------------------------------------------------------------------------- */

static LacStatus end_peak(LacControlMeter *meter) {
  const float peak = meter->peak;
  meter->peak = 0;
  meter->peak_left = meter->hop_frames;
  return keep(&meter->peaks, peak);
}

LacStatus lac_control_meter_add_peaks(LacControlMeter *meter, const float *peaks, uint32_t n_frames) {
  LacStatus status = LAC_OK;
  while (n_frames && !status) {
    uint32_t n = meter->skip ? meter->skip : meter->peak_left;
    n = n_frames < n ? n_frames : n;
    const float peak = meter->vectors->max_abs(peaks, n);
    meter->peak = peak > meter->peak ? peak : meter->peak;
    peaks += n;
    n_frames -= n;
    if (meter->skip) { /* what rings before the first frame belongs to the first hop */
      meter->skip -= n;
      continue;
    }
    meter->peak_left -= n;
    if (!meter->peak_left)
      status = end_peak(meter);
  }
  return status;
}

LacStatus lac_control_meter_result(LacControlMeter *meter, double rate_hz, LacControlTrack *out) {
  LacStatus status = LAC_OK;
  if (meter->energy_left < meter->hop_frames)
    status = end_energy(meter);
  if (!status && meter->peak_left < meter->hop_frames)
    status = end_peak(meter);
  if (!status)
    status = lac_openness_meter_flush(&meter->openness);
  if (status)
    return status;
  settle(meter, meter->n_pending);
  const size_t n_energies = meter->energies.count, n_peaks = meter->peaks.count;
  out->count = n_peaks == 0 || (n_energies > 0 && n_energies < n_peaks) ? n_energies : n_peaks;
  out->hop_frames = meter->hop_frames;
  out->rate_hz = rate_hz;
  out->peak = lac_series_take(&meter->peaks);
  out->lead = lac_series_take(&meter->leads);
  out->k_energy = lac_series_take(&meter->energies);
  out->openness_count = meter->openness.codes.count;
  out->openness_hop_frames = meter->openness.hop_frames;
  out->openness = lac_series_take(&meter->openness.codes);
  return LAC_OK;
}
