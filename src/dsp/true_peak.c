/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/true_peak.h"

#include "dsp/elementary.h"
#include "dsp/peak_bound.h"
#include "dsp/true_peak_kernels.h"
#include "dsp/window.h"

#include <math.h>
#include <string.h>

/* The 8x signal is made in two steps. First 2x: 256 taps, Kaiser 12, cut-off at half the rate: exactly the judge's
 * half-way phase, flat to 0.97 of it, so the detector sees everything the judge sees. Then, as that signal fills only
 * half of its band, 12 taps (Kaiser 7) are enough for the other six phases: one third of the work of 256 taps each. */
static const double MOST_REFINED = 1.02; /* how far the parabola may lift a value (true_peak_kernels.c) */
static const double HALF_BETA = 12.0, FINE_BETA = 7.0;

enum {
  DELAY = 132,  /* the value behind frame n needs 131 later frames, one more for the frame border */
  HISTORY = 272 /* samples kept before the newest: DELAY + what the oldest frame reaches back, in full cache lines */
};

struct LacTruePeak {
  const LacTruePeakKernels *kernels;
  LacTruePeakTaps taps;
  LacPeakBound bound;
  float buffer[HISTORY + LAC_TP_CHUNK + LAC_TP_SLACK];
};

/* Weight of a sample `distance` away, the window ending at `reach`. */
static double weight(double distance, double reach, double beta) {
  return (distance == 0.0 ? 1.0 : lac_sin(LAC_PI * distance) / (LAC_PI * distance)) *
         lac_kaiser(distance / reach, beta);
}

static void design(LacTruePeakTaps *taps) {
  double half[LAC_TP_HALF_PAIRS], middle[LAC_TP_FINE_PAIRS], left[LAC_TP_FINE_PAIRS], right[LAC_TP_FINE_PAIRS];
  double half_sum = 0, middle_sum = 0, quarter_sum = 0;
  for (int k = 0; k < LAC_TP_HALF_PAIRS; k++)
    half_sum += 2 * (half[k] = weight(k + 0.5, LAC_TP_HALF_PAIRS, HALF_BETA));
  for (int k = 0; k < LAC_TP_FINE_PAIRS; k++) {
    middle_sum += 2 * (middle[k] = weight(k + 0.5, LAC_TP_FINE_PAIRS, FINE_BETA));
    left[k] = weight(k + 0.25, LAC_TP_FINE_PAIRS, FINE_BETA);
    right[k] = weight(k + 0.75, LAC_TP_FINE_PAIRS, FINE_BETA);
    quarter_sum += left[k] + right[k];
  }
  for (int k = 0; k < LAC_TP_HALF_PAIRS; k++)
    taps->half[k] = (float)(half[k] / half_sum);
  for (int k = 0; k < LAC_TP_FINE_PAIRS; k++) {
    taps->middle[k] = (float)(middle[k] / middle_sum);
    taps->even[k] = (float)(0.5 * (left[k] + right[k]) / quarter_sum);
    taps->odd[k] = (float)(0.5 * (left[k] - right[k]) / quarter_sum);
  }
}

/* Adds `gain` times the 2x value z[at] (z[0] = x[0], z[1] half way to x[1]) to the weights of x. */
static void add_value(const LacTruePeakTaps *taps, double *weights, int at, double gain) {
  const int n = at >= 0 ? at / 2 : -((1 - at) / 2);
  if (at == 2 * n) {
    weights[n] += gain;
  } else {
    for (int k = 0; k < LAC_TP_HALF_PAIRS; k++) {
      weights[n - k] += gain * (double)taps->half[k];
      weights[n + 1 + k] += gain * (double)taps->half[k];
    }
  }
}

/* How all eight phases together weigh the samples: what bounds a reading without making it. */
static void bound_readings(LacPeakBound *bound, const LacTruePeakTaps *taps) {
  lac_peak_bound_init(bound);
  for (int phase = 1; phase < 8; phase++) {
    double weights[2 * LAC_PEAK_BOUND_REACH] = {0}, *middle = weights + LAC_PEAK_BOUND_REACH;
    const int from = phase / 4, quarter = phase % 4;
    if (quarter == 0)
      add_value(taps, middle, 1, 1.0);
    for (int k = 0; k < LAC_TP_FINE_PAIRS && quarter; k++) {
      const double even = (double)(quarter == 2 ? taps->middle[k] : taps->even[k]);
      const double odd = quarter == 2 ? 0.0 : (double)taps->odd[k] * (quarter == 1 ? 1.0 : -1.0);
      add_value(taps, middle, from - k, even + odd);
      add_value(taps, middle, from + 1 + k, even - odd);
    }
    lac_peak_bound_add(bound, weights, phase / 8.0);
  }
}

uint32_t lac_true_peak_delay_frames(void) {
  return DELAY;
}

LacStatus lac_true_peak_new(LacArena *arena, LacTruePeak **out) {
  LacTruePeak *detector = lac_arena_alloc(arena, 1, sizeof *detector);
  if (!detector)
    return LAC_ERR_MEMORY;
  detector->kernels = lac_true_peak_kernels_at(lac_cpu_level());
  design(&detector->taps);
  bound_readings(&detector->bound, &detector->taps);
  *out = detector;
  return LAC_OK;
}

void lac_true_peak_reset(LacTruePeak *detector) {
  memset(detector->buffer, 0, sizeof detector->buffer);
}

/* The groups of the n readings from x on that may exceed their limit: bit g for readings 8 g .. 8 g + 7. Reading i
 * belongs to the frames i - 1 and i; limits[i] is for frame i, or `limit` for all when `limits` is NULL. */
static uint32_t groups_needed(const LacTruePeak *d, const float *x, uint32_t n, const float *limits, float limit) {
  float lowest[LAC_TP_GROUPS];
  uint32_t groups = 0;
  LacTruePeakSurvey survey;
  if (!limits && limit <= 0.0f)
    return UINT32_MAX;
  d->kernels->survey(x, n, &survey);
  if (limits)
    d->kernels->group_limits(limits, n - 1, lowest);
  for (uint32_t g = 0; g * LAC_TP_GROUP < n; g++) {
    const double most = MOST_REFINED * lac_peak_bound(&d->bound, (double)survey.level[g], (double)survey.near_bend[g],
                                                      (double)survey.far_bend);
    groups |= most <= (double)(limits ? lowest[g] : limit) ? 0 : 1u << g;
  }
  return groups;
}

/* Takes in n samples and reads the n frames they complete and the one before those; false when all of them provably
 * do not exceed the limit and were not read. Single readings that do not are 0. n < LAC_TP_CHUNK. */
static bool advance(LacTruePeak *d, const float *in, uint32_t n, const float *limits, float limit, float *readings) {
  memcpy(d->buffer + HISTORY, in, n * sizeof *in);
  const float *x = d->buffer + HISTORY - DELAY - 1;
  const uint32_t groups = groups_needed(d, x, n + 1, limits, limit);
  if (groups)
    d->kernels->wide(&d->taps, x, readings, n + 1, groups);
  memmove(d->buffer, d->buffer + n, HISTORY * sizeof *d->buffer);
  return groups != 0;
}

static uint32_t next_run(uint32_t left) {
  return left < LAC_TP_CHUNK - 1 ? left : LAC_TP_CHUNK - 1;
}

static void track(LacTruePeak *detector, const float *in, float *peak, uint32_t n_frames, const float *limits,
                  float limit) {
  float readings[LAC_TP_CHUNK];
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = next_run(n_frames - done);
    float *to = peak + done;
    if (!advance(detector, in + done, n, limits ? limits + done : NULL, limit, readings)) {
      memset(to, 0, n * sizeof *to);
      continue;
    }
    for (uint32_t i = 0; i < n; i++)
      to[i] = readings[i] > readings[i + 1] ? readings[i] : readings[i + 1];
  }
}

void lac_true_peak_track(LacTruePeak *detector, const float *in, float *peak, uint32_t n_frames, float ignore_below) {
  track(detector, in, peak, n_frames, NULL, ignore_below);
}

void lac_true_peak_track_over(LacTruePeak *detector, const float *in, const float *limits, float *peak,
                              uint32_t n_frames) {
  track(detector, in, peak, n_frames, limits, 0.0f);
}

float lac_true_peak_block(LacTruePeak *detector, const float *in, uint32_t n_frames, float ignore_below) {
  float readings[LAC_TP_CHUNK], largest = 0.0f;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = next_run(n_frames - done);
    const float limit = largest > ignore_below ? largest : ignore_below;
    if (!advance(detector, in + done, n, NULL, limit, readings))
      continue;
    for (uint32_t i = 1; i <= n; i++)
      largest = readings[i] > largest ? readings[i] : largest;
  }
  return largest;
}
