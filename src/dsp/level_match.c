/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/level_match.h"

#include <math.h>

static const double SHORT_S = 1.0;      /* longer lags more: at 3 s twice the error over a song */
static const double LONG_S = 60.0;      /* of the account that is balanced */
static const double PAY_BACK = 4.0;     /* times what is missed: leaves a fifth of it */
static const double QUIET_POWER = 1e-7; /* of a frame, K-weighted, -70 dB: the absolute gate of BS.1770 */

void lac_level_match_init(LacLevelMatch *match, double rate_hz, double steps_per_s) {
  *match = (LacLevelMatch){.short_steps = SHORT_S * steps_per_s, .long_steps = LONG_S * steps_per_s};
  lac_k_weighting_init(&match->before, rate_hz);
  lac_k_weighting_init(&match->after, rate_hz);
}

void lac_level_match_reset(LacLevelMatch *match) {
  lac_k_weighting_reset(&match->before);
  lac_k_weighting_reset(&match->after);
  match->sum_before = match->sum_after = match->mean_before = match->mean_after = match->n_steps = 0;
  match->long_before = match->long_matched = 0;
}

static double add(LacKWeighting *weighting, const float *const *channels, unsigned n_channels, uint32_t n, double sum) {
  double power[LAC_LEVEL_MATCH_RUN];
  lac_k_weighting_power(weighting, channels, n_channels, power, n);
  for (uint32_t i = 0; i < n; i++)
    sum += power[i];
  return sum;
}

void lac_level_match_add(LacLevelMatch *match, const float *const *before, const float *const *after,
                         unsigned n_channels, uint32_t n_frames) {
  match->sum_before = add(&match->before, before, n_channels, n_frames, match->sum_before);
  match->sum_after = add(&match->after, after, n_channels, n_frames, match->sum_after);
}

double lac_level_match_step(LacLevelMatch *match, double applied_gain) {
  const double before = match->sum_before, after = match->sum_after;
  match->sum_before = match->sum_after = 0;
  if (before > QUIET_POWER) {
    match->n_steps += match->n_steps < match->long_steps ? 1.0 : 0.0;
    const double part = 1.0 / fmin(match->n_steps, match->short_steps), long_part = 1.0 / match->n_steps;
    match->mean_before += (before - match->mean_before) * part;
    match->mean_after += (after - match->mean_after) * part;
    match->long_before += (before - match->long_before) * long_part;
    match->long_matched += (after * applied_gain * applied_gain - match->long_matched) * long_part;
  }
  if (match->n_steps == 0 || !(match->mean_after > 0) || !(match->long_matched > 0))
    return 1.0;
  /* The account says little in the first seconds. */
  const double trust = fmin(1.0, match->n_steps / match->short_steps);
  const double missed = PAY_BACK * trust * (match->long_before / match->long_matched - 1.0);
  const double paid = 1.0 + (missed < -0.4 ? -0.4 : missed > 0.6 ? 0.6 : missed); /* within 2 dB */
  const double gain = sqrt(match->mean_before / match->mean_after * paid);
  return gain < 0.25 ? 0.25 : gain > 4.0 ? 4.0 : gain;
}
