/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/control_track.h"

#include <math.h>
#include <string.h>

void lac_control_meter_init(LacControlMeter *meter, double rate_hz, uint32_t peak_delay) {
  memset(meter, 0, sizeof(*meter));
  meter->vectors = lac_vector_kernels_at(lac_cpu_level());
  meter->hop_frames = (uint32_t)floor(rate_hz / 1000.0 + 0.5);
  meter->energy_left = meter->hop_frames;
  meter->peak_left = meter->hop_frames;
  meter->skip = peak_delay;
  lac_series_init(&meter->energies, sizeof(float));
  lac_series_init(&meter->peaks, sizeof(float));
}

void lac_control_meter_free(LacControlMeter *meter) {
  lac_series_free(&meter->energies);
  lac_series_free(&meter->peaks);
}

static LacStatus keep(LacSeries *series, float value) {
  float *item = lac_series_push(series);
  if (!item)
    return LAC_ERR_MEMORY;
  *item = value;
  return LAC_OK;
}

static LacStatus end_energy(LacControlMeter *meter) {
  const float energy = (float)lac_lane_sum_total(&meter->sum);
  lac_lane_sum_reset(&meter->sum);
  meter->energy_left = meter->hop_frames;
  return keep(&meter->energies, energy);
}

static LacStatus end_peak(LacControlMeter *meter) {
  const float peak = meter->peak;
  meter->peak = 0;
  meter->peak_left = meter->hop_frames;
  return keep(&meter->peaks, peak);
}

LacStatus lac_control_meter_add_power(LacControlMeter *meter, const double *power, uint32_t n_frames) {
  LacStatus status = LAC_OK;
  while (n_frames && !status) {
    const uint32_t n = n_frames < meter->energy_left ? n_frames : meter->energy_left;
    lac_lane_sum_add(&meter->sum, power, n);
    power += n;
    n_frames -= n;
    meter->energy_left -= n;
    if (!meter->energy_left)
      status = end_energy(meter);
  }
  return status;
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
  if (status)
    return status;
  out->count = meter->energies.count < meter->peaks.count ? meter->energies.count : meter->peaks.count;
  out->hop_frames = meter->hop_frames;
  out->rate_hz = rate_hz;
  out->peak = lac_series_take(&meter->peaks);
  out->k_energy = lac_series_take(&meter->energies);
  return LAC_OK;
}
