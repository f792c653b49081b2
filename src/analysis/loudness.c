/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/loudness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "dsp/elementary.h"

enum { SCRATCH_FRAMES = 512, RANGE_STRIDE_HOPS = 10 };

static const double ABSOLUTE_GATE_LUFS = -70.0;

double lac_lufs_from_mean_square(double mean_square) {
  return mean_square > 0 ? -0.691 + 10.0 * lac_log10(mean_square) : -INFINITY;
}

static double mean_square_from_lufs(double lufs) {
  return lac_power_from_db(lufs + 0.691);
}

uint32_t lac_loudness_hop_frames(double rate_hz) {
  return (uint32_t)floor(rate_hz / 10.0 + 0.5);
}

/* A hop whose frames do not divide by ten has steps that differ by one frame. */
static uint32_t step_frames(uint32_t hop_frames, uint32_t step) {
  return (step + 1) * hop_frames / LAC_LOUDNESS_STEPS - step * hop_frames / LAC_LOUDNESS_STEPS;
}

void lac_loudness_meter_init(LacLoudnessMeter *meter, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  lac_k_weighting_init(&meter->weighting, rate_hz);
  meter->n_channels = n_channels;
  meter->hop_frames = lac_loudness_hop_frames(rate_hz);
  meter->step_left = step_frames(meter->hop_frames, 0);
  meter->momentary_max = -1;
  meter->short_term_max = -1;
  lac_series_init(&meter->hops, sizeof(double));
}

void lac_loudness_meter_free(LacLoudnessMeter *meter) {
  lac_series_free(&meter->hops);
}

LacStatus lac_loudness_meter_add(LacLoudnessMeter *meter, const float *const *channels, uint32_t n_frames) {
  double power[SCRATCH_FRAMES];
  for (uint32_t done = 0; done < n_frames;) {
    const uint32_t n = n_frames - done < SCRATCH_FRAMES ? n_frames - done : SCRATCH_FRAMES;
    const float *at[2] = {channels[0] + done, meter->n_channels > 1 ? channels[1] + done : NULL};
    lac_k_weighting_power(&meter->weighting, at, meter->n_channels, power, n);
    const LacStatus status = lac_loudness_meter_add_power(meter, power, n);
    if (status)
      return status;
    done += n;
  }
  return LAC_OK;
}

/* Energy of the last `n_hops` * 100 ms, summed hop by hop so that nothing drifts. */
static double sliding_energy(const LacLoudnessMeter *meter, uint32_t n_hops) {
  double energy = 0;
  uint32_t at = (uint32_t)((meter->n_steps - 1) % LAC_LOUDNESS_SLIDES);
  for (uint32_t i = 0; i < n_hops; i++) {
    energy += meter->slides[at];
    at = at >= LAC_LOUDNESS_STEPS ? at - LAC_LOUDNESS_STEPS : at + LAC_LOUDNESS_SLIDES - LAC_LOUDNESS_STEPS;
  }
  return energy;
}

static void update_maxima(LacLoudnessMeter *meter) {
  if (meter->n_steps >= LAC_LOUDNESS_MOMENTARY_HOPS * LAC_LOUDNESS_STEPS) {
    const double z =
        sliding_energy(meter, LAC_LOUDNESS_MOMENTARY_HOPS) / ((double)meter->hop_frames * LAC_LOUDNESS_MOMENTARY_HOPS);
    meter->momentary_max = z > meter->momentary_max ? z : meter->momentary_max;
  }
  if (meter->n_steps >= LAC_LOUDNESS_SLIDES) {
    const double z = sliding_energy(meter, LAC_LOUDNESS_SHORT_TERM_HOPS) /
                     ((double)meter->hop_frames * LAC_LOUDNESS_SHORT_TERM_HOPS);
    meter->short_term_max = z > meter->short_term_max ? z : meter->short_term_max;
  }
}

static LacStatus end_step(LacLoudnessMeter *meter) {
  meter->steps[meter->step] = lac_lane_sum_total(&meter->sum);
  lac_lane_sum_reset(&meter->sum);
  double slide = 0;
  for (uint32_t i = 0; i < LAC_LOUDNESS_STEPS; i++)
    slide += meter->steps[i];
  meter->slides[meter->n_steps++ % LAC_LOUDNESS_SLIDES] = slide;
  update_maxima(meter);
  if (++meter->step == LAC_LOUDNESS_STEPS) {
    meter->step = 0;
    double *hop = lac_series_push(&meter->hops);
    if (!hop)
      return LAC_ERR_MEMORY;
    *hop = slide;
  }
  meter->step_left = step_frames(meter->hop_frames, meter->step);
  return LAC_OK;
}

LacStatus lac_loudness_meter_add_power(LacLoudnessMeter *meter, const double *power, uint32_t n_frames) {
  while (n_frames) {
    const uint32_t n = n_frames < meter->step_left ? n_frames : meter->step_left;
    lac_lane_sum_add(&meter->sum, power, n);
    power += n;
    n_frames -= n;
    meter->step_left -= n;
    if (!meter->step_left) {
      const LacStatus status = end_step(meter);
      if (status)
        return status;
    }
  }
  return LAC_OK;
}

static double window_energy(const double *hops, size_t end, size_t n_hops) {
  double energy = 0;
  for (size_t i = end - n_hops; i < end; i++)
    energy += hops[i];
  return energy;
}

/* Mean over the 400 ms blocks above `gate` (mean square); negative when there is none. */
static double gated_mean(const double *hops, size_t n_hops, double scale, double gate) {
  double sum = 0;
  size_t n = 0;
  for (size_t end = LAC_LOUDNESS_MOMENTARY_HOPS; end <= n_hops; end++) {
    const double z = window_energy(hops, end, LAC_LOUDNESS_MOMENTARY_HOPS) * scale;
    if (z > gate) {
      sum += z;
      n++;
    }
  }
  return n ? sum / (double)n : -1;
}

double lac_integrated_loudness(const double *hop_energies, size_t n_hops, uint32_t hop_frames) {
  if (!hop_frames)
    return NAN;
  const double scale = 1.0 / ((double)hop_frames * LAC_LOUDNESS_MOMENTARY_HOPS);
  const double absolute = mean_square_from_lufs(ABSOLUTE_GATE_LUFS);
  const double ungated = gated_mean(hop_energies, n_hops, scale, absolute);
  if (ungated < 0)
    return NAN;
  const double relative = ungated * 0.1; /* 10 LU below */
  const double gated = gated_mean(hop_energies, n_hops, scale, relative > absolute ? relative : absolute);
  return gated > 0 ? lac_lufs_from_mean_square(gated) : NAN;
}

static int compare_double(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Tech 3342 leaves the hop open up to 1 s (two thirds of overlap); its percentile is the nearest rank. Every second
 * is what the reference library uses, and what makes short pieces comparable between meters. */
LacStatus lac_loudness_range(const double *hop_energies, size_t n_hops, uint32_t hop_frames, double *range_lu) {
  *range_lu = NAN;
  if (n_hops < LAC_LOUDNESS_SHORT_TERM_HOPS)
    return LAC_OK;
  const size_t n_windows = (n_hops - LAC_LOUDNESS_SHORT_TERM_HOPS) / RANGE_STRIDE_HOPS + 1;
  double *sorted = lac_alloc(n_windows, sizeof(double));
  if (!sorted)
    return LAC_ERR_MEMORY;
  const double absolute = mean_square_from_lufs(ABSOLUTE_GATE_LUFS);
  size_t n = 0;
  double sum = 0;
  for (size_t end = LAC_LOUDNESS_SHORT_TERM_HOPS; end <= n_hops; end += RANGE_STRIDE_HOPS) {
    const double z = window_energy(hop_energies, end, LAC_LOUDNESS_SHORT_TERM_HOPS) /
                     ((double)hop_frames * LAC_LOUDNESS_SHORT_TERM_HOPS);
    if (z >= absolute) {
      sorted[n++] = z;
      sum += z;
    }
  }
  if (n) {
    const double relative = sum / (double)n * 0.01; /* 20 LU below the mean energy */
    qsort(sorted, n, sizeof(double), compare_double);
    size_t first = 0;
    while (sorted[first] < relative)
      first++;
    const double last = (double)(n - first - 1);
    const double low = sorted[first + (size_t)(last * 0.10 + 0.5)];
    const double high = sorted[first + (size_t)(last * 0.95 + 0.5)];
    *range_lu = lac_lufs_from_mean_square(high) - lac_lufs_from_mean_square(low);
  }
  lac_free(sorted);
  return LAC_OK;
}

static double lufs_or_none(double mean_square) {
  return mean_square > 0 ? lac_lufs_from_mean_square(mean_square) : NAN;
}

LacStatus lac_loudness_meter_result(const LacLoudnessMeter *meter, LacLoudness *loudness) {
  loudness->integrated_lufs = lac_integrated_loudness(meter->hops.items, meter->hops.count, meter->hop_frames);
  loudness->momentary_max_lufs = lufs_or_none(meter->momentary_max);
  loudness->short_term_max_lufs = lufs_or_none(meter->short_term_max);
  return lac_loudness_range(meter->hops.items, meter->hops.count, meter->hop_frames, &loudness->range_lu);
}

static float window_lufs(const LacLoudnessMeter *meter, size_t end, size_t n_hops) {
  if (end < n_hops)
    return -INFINITY;
  const double z = window_energy(meter->hops.items, end, n_hops) / ((double)meter->hop_frames * (double)n_hops);
  return (float)lac_lufs_from_mean_square(z);
}

void lac_loudness_meter_history(const LacLoudnessMeter *meter, float *momentary, float *short_term, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const size_t end = i < meter->hops.count ? i + 1 : meter->hops.count;
    momentary[i] = window_lufs(meter, end, LAC_LOUDNESS_MOMENTARY_HOPS);
    short_term[i] = window_lufs(meter, end, LAC_LOUDNESS_SHORT_TERM_HOPS);
  }
}
