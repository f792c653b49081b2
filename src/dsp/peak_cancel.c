/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/peak_cancel.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { KEPT = 8, CAPACITY = 24 }; /* frames: moving 8 of 24 down costs each frame half a copy */

static const double REACH_S = 0.004;
/* Excess or change that is not worth a pulse, relative to the signal: 0.002 dB. */
static const float NEGLIGIBLE = 2e-4f;
/* The mask's range: what lies further down is no softer (ill-conditioned pulses ring). */
static const double MASK_RANGE = 1e-5;
/* Pulses end below the edge of hearing or of the sample rate, falling from here on, as a share of it. */
static const double FALL_FROM = 0.93, HIGHEST_HZ = 22050.0;

/* The weight of `band` at a frequency: straight lines between the centres of the bands. */
static double band_weight(int band, double hz) {
  const double centre = lac_mask_centre_hz((unsigned)band);
  const int other = hz < centre ? band - 1 : band + 1;
  if (other < 0 || other >= LAC_MASK_BANDS)
    return 1.0;
  const double reach = lac_mask_centre_hz((unsigned)other) - centre, part = (hz - centre) / reach;
  return part < 1.0 ? 1.0 - part : 0.0;
}

static double fall(double hz, double rate_hz) {
  const double end = rate_hz * 0.5 < HIGHEST_HZ ? rate_hz * 0.5 : HIGHEST_HZ, from = FALL_FROM * end;
  if (hz <= from)
    return 1.0;
  const double c = hz < end ? lac_cos(LAC_PI * 0.5 * (hz - from) / (end - from)) : 0.0;
  return c * c;
}

/* Cosine series of each band's weights, windowed. cosine: one period of 2 hop factor points; weight: hop + 1 values. */
static void design_band(LacPulseShape *shape, double rate_hz, int band, const double *cosine, double *weight) {
  const uint32_t period = 2 * shape->hop * shape->factor;
  float *row = shape->basis + (size_t)band * shape->half_taps;
  uint32_t first = shape->hop + 1, end = 0;
  for (uint32_t k = 0; k <= shape->hop; k++) {
    const double hz = k * rate_hz / (2.0 * shape->hop);
    weight[k] = band_weight(band, hz) * fall(hz, rate_hz) * (k == 0 ? 0.5 : 1.0) / shape->hop;
    if (weight[k] > 0.0) {
      first = k < first ? k : first;
      end = k + 1;
    }
  }
  for (uint32_t j = 0; j <= shape->reach; j++) {
    double sum = 0;
    for (uint32_t k = first; k < end; k++)
      sum += weight[k] * cosine[(uint64_t)k * j % period];
    const double window = lac_cos(LAC_PI * 0.5 * j / (shape->reach + 1));
    row[j] = (float)(sum * window * window);
  }
}

static uint32_t whole_blocks(uint32_t n) {
  return (n + 15) / 16 * 16;
}

LacStatus lac_pulse_shape_init(LacPulseShape *shape, LacArena *arena, double rate_hz, uint32_t hop, uint32_t factor,
                               double gamma) {
  const uint32_t reach = (uint32_t)(REACH_S * rate_hz) * factor, period = 2 * hop * factor;
  *shape = (LacPulseShape){.hop = hop, .factor = factor, .n_points = hop * factor, .reach = reach, .gamma = gamma};
  shape->n_taps = whole_blocks(2 * reach + 1);
  shape->half_taps = whole_blocks(reach + 1);
  shape->basis = lac_arena_alloc(arena, (size_t)LAC_MASK_BANDS * shape->half_taps, sizeof(float));
  double *cosine = lac_arena_alloc(arena, period, sizeof *cosine);
  double *weight = lac_arena_alloc(arena, hop + 1, sizeof *weight);
  if (!shape->basis || !cosine || !weight)
    return LAC_ERR_MEMORY;
  for (uint32_t i = 0; i < period; i++)
    cosine[i] = lac_cos(2.0 * LAC_PI * i / period);
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    design_band(shape, rate_hz, b, cosine, weight);
  return LAC_OK;
}

LacStatus lac_peak_cancel_init(LacPeakCancel *cancel, LacArena *arena, const LacPulseShape *shape) {
  const size_t n = (size_t)CAPACITY * shape->n_points;
  *cancel = (LacPeakCancel){.shape = shape, .kernels = lac_peak_cancel_kernels_at(lac_cpu_level())};
  cancel->residual = lac_arena_alloc(arena, n, sizeof(float));
  cancel->level = lac_arena_alloc(arena, n, sizeof(float));
  cancel->lambda = lac_arena_alloc(arena, n, sizeof(float));
  cancel->half = lac_arena_alloc(arena, shape->half_taps, sizeof(float));
  const size_t n_kept = (size_t)LAC_PEAK_CANCEL_TOUCHED * shape->n_points;
  cancel->kept_residual = lac_arena_alloc(arena, n_kept, sizeof(float));
  cancel->kept_lambda = lac_arena_alloc(arena, n_kept, sizeof(float));
  if (!cancel->residual || !cancel->level || !cancel->lambda || !cancel->half || !cancel->kept_residual ||
      !cancel->kept_lambda)
    return LAC_ERR_MEMORY;
  for (int k = 0; k < LAC_PEAK_CANCEL_PULSES; k++) {
    cancel->pulse[k] = lac_arena_alloc(arena, shape->n_taps, sizeof(float));
    if (!cancel->pulse[k])
      return LAC_ERR_MEMORY;
  }
  lac_peak_cancel_reset(cancel);
  return LAC_OK;
}

static void clear(LacPeakCancel *cancel, size_t from_point, size_t n) {
  memset(cancel->residual + from_point, 0, n * sizeof(float));
  memset(cancel->lambda + from_point, 0, n * sizeof(float));
  for (size_t i = 0; i < n; i++)
    cancel->level[from_point + i] = INFINITY;
}

void lac_peak_cancel_reset(LacPeakCancel *cancel) {
  cancel->first = -KEPT;
  clear(cancel, 0, (size_t)KEPT * cancel->shape->n_points);
}

float *lac_peak_cancel_points(LacPeakCancel *cancel, int64_t frame) {
  return cancel->residual + (size_t)(frame - cancel->first) * cancel->shape->n_points;
}

float *lac_peak_cancel_open(LacPeakCancel *cancel, int64_t frame) {
  const size_t n = cancel->shape->n_points, place = (size_t)(frame - cancel->first);
  if (place == CAPACITY) {
    float *const arrays[] = {cancel->residual, cancel->level, cancel->lambda};
    for (int a = 0; a < 3; a++)
      memcpy(arrays[a], arrays[a] + (CAPACITY - KEPT) * n, KEPT * n * sizeof(float));
    cancel->first = frame - KEPT;
  }
  float *points = lac_peak_cancel_points(cancel, frame);
  clear(cancel, (size_t)(points - cancel->residual), n);
  return points;
}

static void make_pulse(LacPeakCancel *cancel, float *pulse, const double *threshold, double *weight) {
  const LacPulseShape *shape = cancel->shape;
  double largest = 0, height = 0;
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    largest = threshold[b] > largest ? threshold[b] : largest;
  for (int b = 0; b < LAC_MASK_BANDS; b++) {
    const double share = threshold[b] / largest;
    weight[b] = lac_pow(share > MASK_RANGE ? share : MASK_RANGE, shape->gamma);
    height += weight[b] * (double)shape->basis[(size_t)b * shape->half_taps];
  }
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    weight[b] /= height;
  memset(cancel->half, 0, shape->half_taps * sizeof(float));
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    cancel->kernels->add(cancel->half, shape->basis + (size_t)b * shape->half_taps, (float)weight[b], shape->half_taps);
  for (uint32_t j = 0; j <= shape->reach; j++)
    pulse[shape->reach + j] = pulse[shape->reach - j] = cancel->half[j];
  pulse[shape->reach] = 1.0f;
}

void lac_peak_cancel_bound(LacPeakCancel *cancel, int64_t frame, const float *sample_level,
                           const double threshold[LAC_MASK_BANDS]) {
  const LacPulseShape *shape = cancel->shape;
  float *level = cancel->level + (size_t)(frame - cancel->first) * shape->n_points;
  const float step = 1.0f / (float)shape->factor;
  for (uint32_t i = 0; i < shape->hop; i++)
    for (uint32_t p = 0; p < shape->factor; p++)
      level[i * shape->factor + p] = sample_level[i] + (float)p * step * (sample_level[i + 1] - sample_level[i]);
  const int64_t slot = frame & (LAC_PEAK_CANCEL_PULSES - 1);
  make_pulse(cancel, cancel->pulse[slot], threshold, cancel->weight[slot]);
}

/* Where the frames begin that sweeps up to `frame` may change: the pulses reach one frame to either side. */
static size_t first_touched(const LacPeakCancel *cancel, int64_t frame) {
  return (size_t)(frame - LAC_PEAK_CANCEL_PULSES - cancel->first) * cancel->shape->n_points;
}

void lac_peak_cancel_keep(LacPeakCancel *cancel, int64_t frame) {
  const size_t from = first_touched(cancel, frame);
  const size_t size = (size_t)LAC_PEAK_CANCEL_TOUCHED * cancel->shape->n_points * sizeof(float);
  memcpy(cancel->kept_residual, cancel->residual + from, size);
  memcpy(cancel->kept_lambda, cancel->lambda + from, size);
}

void lac_peak_cancel_restore(LacPeakCancel *cancel, int64_t frame) {
  const size_t from = first_touched(cancel, frame);
  const size_t size = (size_t)LAC_PEAK_CANCEL_TOUCHED * cancel->shape->n_points * sizeof(float);
  memcpy(cancel->residual + from, cancel->kept_residual, size);
  memcpy(cancel->lambda + from, cancel->kept_lambda, size);
  float *level = cancel->level + (size_t)(frame - cancel->first) * cancel->shape->n_points;
  for (uint32_t i = 0; i < cancel->shape->n_points; i++)
    level[i] = INFINITY;
}

void lac_peak_cancel_powers(const LacPeakCancel *cancel, int64_t frame, const LacMask *mask,
                            double power[LAC_MASK_BANDS]) {
  const uint32_t n = cancel->shape->n_points;
  const float *lambda = cancel->lambda + (size_t)(frame - cancel->first) * n;
  double squares = 0, height = 0;
  for (uint32_t i = 0; i < n; i++) { /* neighbouring points belong to one peak */
    height += (double)lambda[i];
    if (lambda[i] == 0.0f) {
      squares += height * height;
      height = 0;
    }
  }
  squares += height * height;
  const double *weight = cancel->weight[frame & (LAC_PEAK_CANCEL_PULSES - 1)];
  for (int b = 0; b < LAC_MASK_BANDS; b++)
    power[b] = squares * weight[b] * weight[b] * (mask->first_bin[b + 1] - mask->first_bin[b]) * mask->per_power;
}

/* By how much the height at a point changes so that it just touches its level, or goes back to nothing. */
static float change_of(float y, float level, float height) {
  const float side = height > 0.0f || (height == 0.0f && y > 0.0f) ? 1.0f : -1.0f;
  const float wanted = y - side * level;
  return side * (height + wanted) > 0.0f ? wanted : -height;
}

/* Returns whether anything moved. */
static bool sweep_frame(LacPeakCancel *cancel, int64_t frame) {
  const LacPulseShape *shape = cancel->shape;
  const size_t n = shape->n_points, at = (size_t)(frame - cancel->first) * n;
  float *y = cancel->residual + at, *lambda = cancel->lambda + at;
  const float *level = cancel->level + at, *pulse = cancel->pulse[frame & (LAC_PEAK_CANCEL_PULSES - 1)];
  bool has_moved = false;
  for (size_t i = cancel->kernels->next(y, level, lambda, 0, n); i < n;
       i = cancel->kernels->next(y, level, lambda, i + 1, n)) {
    const float change = change_of(y[i], level[i], lambda[i]);
    if (fabsf(change) < NEGLIGIBLE * fabsf(y[i]) && lambda[i] + change != 0.0f)
      continue;
    lambda[i] += change;
    cancel->kernels->subtract(y + i - shape->reach, pulse, change, shape->n_taps);
    has_moved = true;
  }
  return has_moved;
}

void lac_peak_cancel_sweep(LacPeakCancel *cancel, int64_t from, int n_frames, int n_sweeps) {
  bool has_moved = true;
  for (int s = 0; s < n_sweeps && has_moved; s++) {
    has_moved = false;
    for (int f = 0; f < n_frames; f++)
      has_moved |= sweep_frame(cancel, from + f);
  }
}
