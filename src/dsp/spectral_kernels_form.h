/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Those loops of spectral_kernels.h that compilers make vectors of by themselves, without harm as every element is the
 * same expression at every width. Included once per CPU level and by the truth. */

#include <string.h>

#include "dsp/elementary.h"
#include "dsp/spectral_kernels.h"

/* With those from k on. */
static double total_of(double lanes[8], uint32_t k, const float *power, uint32_t n) {
  for (; k < n; k++)
    lanes[k % 8] += (double)power[k];
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

static double not_below(double x, double least) {
  return x > least ? x : least;
}

/* Those from k on, of which fewer than four may be left. */
static void sum_up_from(uint32_t k, const float *power, double least, double *sums, uint32_t n) {
  for (; k + 4 <= n; k += 4) {
    const double so_far = sums[k], a = not_below((double)power[k], least), b = not_below((double)power[k + 1], least);
    const double c = not_below((double)power[k + 2], least), d = not_below((double)power[k + 3], least);
    sums[k + 1] = so_far + a;
    sums[k + 2] = so_far + (b + a);
    sums[k + 3] = so_far + ((c + b) + a);
    sums[k + 4] = so_far + ((d + c) + (b + a));
  }
  for (; k < n; k++)
    sums[k + 1] = sums[k] + not_below((double)power[k], least);
}

static void ratios(const double *restrict to, const double *restrict from, const double *restrict weight, double scale,
                   float *restrict ratio, uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    ratio[k] = (float)((to[k] - from[k]) * weight[k] * scale);
}

static void average_db(const float *restrict ratio, float forget, float *restrict average, uint32_t n) {
  for (uint32_t k = 0; k < n; k++)
    average[k] += forget * (3.0102999566f * lac_fast_log2f(ratio[k]) - average[k]);
}

static void want(const float *restrict prominence, const float *restrict factor, const float *restrict range,
                 const LacSpectralKnee *knee, float *restrict wanted, uint32_t n) {
  const float threshold = knee->threshold_db, per_knee = 1.0f / knee->width_db, most = knee->most_db;
  for (uint32_t k = 0; k < n; k++) {
    const float place = (prominence[k] - threshold) * per_knee + 0.5f;
    const float positive = place > 0.0f ? place : 0.0f, u = positive < 1.0f ? positive : 1.0f;
    const float all = prominence[k] * factor[k] * u * u * (3.0f - 2.0f * u);
    wanted[k] = (all < most ? all : most) * range[k];
  }
}

static void follow(const float *restrict wanted, float attack, float release, float least, float *restrict reduction,
                   uint32_t n) {
  for (uint32_t k = 0; k < n; k++) {
    const float way = wanted[k] - reduction[k], next = reduction[k] + (way > 0.0f ? attack : release) * way;
    reduction[k] = next < least ? 0.0f : next;
  }
}

/* All +0. */
static bool are_zeros(const float *x, uint32_t n) {
  uint32_t all = 0;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t bits;
    memcpy(&bits, x + k, sizeof bits);
    all |= bits;
  }
  return all == 0;
}

/* Most bins rest: by stretches, of which many are all zeros. */
static void cut_from_db(const float *restrict reduction, float *restrict cut, uint32_t n) {
  enum { STRETCH = 64 };
  for (uint32_t k = 0, end; k < n; k = end) {
    end = n - k < STRETCH ? n : k + STRETCH;
    if (are_zeros(reduction + k, end - k)) {
      memset(cut + k, 0, (end - k) * sizeof *cut);
      continue;
    }
    for (uint32_t j = k; j < end; j++)
      cut[j] = 1.0f - lac_fast_exp2f(-0.16609640474f * reduction[j]); /* log2(10) / 20 */
  }
}
