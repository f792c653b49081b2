/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/band_middles.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

static const double LOWEST_HZ = 20, HIGHEST_HZ = 20000; /* where the outer bands end */
static const double NO_MIDDLE_OCTAVES = 0.75, MIDDLE_OCTAVES = 1.25;
static const float MOST = 1.2589254f; /* 2 dB, as a gain */

enum { ROUNDS = 2, POINTS = 64 };

/* Part of a tone at `hz` that a split sends down, as the digital filters have it. */
static double part_below(double hz, double split_hz, double rate_hz) {
  const double x = lac_tan(LAC_PI * hz / rate_hz) / lac_tan(LAC_PI * split_hz / rate_hz);
  return 1 / (1 + x * x * x * x);
}

static void aim_band(LacBandMiddles *m, unsigned band, double rate_hz, const double *edges) {
  const double low = edges[band], high = edges[band + 1], middle = sqrt(low * high);
  const double octaves = high > low ? lac_log2(high / low) : 0;
  const double strength = (octaves - NO_MIDDLE_OCTAVES) / (MIDDLE_OCTAVES - NO_MIDDLE_OCTAVES);
  const unsigned n_splits = m->n_bands - 1;
  double below[LAC_CROSSOVER_MAX_SPLITS] = {0}, up = 1; /* what no split so far has sent down */
  for (unsigned k = 0; k < n_splits; k++) {
    below[k] = part_below(middle, edges[k + 1], rate_hz);
    m->share[band][k] = (float)(m->is_sum ? up * below[k] : below[k]);
    up *= 1 - below[k];
  }
  /* Of the band's own two edges alone: others are far, or on their way past each other. */
  const double own = (band > 0 ? 1 - below[band - 1] : 1) * (band < n_splits ? below[band] : 1);
  m->strength[band] = (float)(strength < 0 ? 0 : strength > 1 ? 1 : strength);
  m->heard_db[band] = (double)m->strength[band] * -lac_db_from_gain(own);
  m->step[band] = (float)(1 / own);
}

void lac_band_middles_aim(LacBandMiddles *m, unsigned n_bands, bool is_sum, double rate_hz, const double *hz) {
  double edges[LAC_CROSSOVER_MAX_BANDS + 1];
  const double end = 0.46 * rate_hz < HIGHEST_HZ ? 0.46 * rate_hz : HIGHEST_HZ;
  if (m->n_bands == n_bands && m->is_sum == is_sum && memcmp(m->hz, hz, (n_bands - 1) * sizeof *hz) == 0)
    return;
  *m = (LacBandMiddles){.n_bands = n_bands, .is_sum = is_sum};
  memcpy(m->hz, hz, (n_bands - 1) * sizeof *hz);
  edges[0] = LOWEST_HZ;
  memcpy(edges + 1, hz, (n_bands - 1) * sizeof *hz);
  edges[n_bands] = end;
  for (unsigned b = 0; b < n_bands; b++)
    aim_band(m, b, rate_hz, edges);
}

/* By how much a split changes things at most: what is below it over what is above, less one. */
static void contrast(const LacBandMiddles *m, float size[][POINTS], unsigned split, float *out, size_t n) {
  const float *above = m->is_sum ? size[m->n_bands - 1] : size[split + 1];
  for (size_t i = 0; i < n; i++)
    out[i] = m->is_sum ? size[split][i] - above[i] : size[split][i] / above[i] - 1.0f;
}

/* What reaches the middle of `band`, for n points; sizes are powers for shelves, gains for a sum. */
static void reach(const LacBandMiddles *m, unsigned band, const float *top, float contrasts[][POINTS], float *out,
                  size_t n) {
  memcpy(out, top, n * sizeof *out);
  for (unsigned k = m->n_bands - 1; k-- > 0;) {
    const float w = m->share[band][k];
    for (size_t i = 0; i < n; i++)
      out[i] = m->is_sum ? out[i] + w * contrasts[k][i] : out[i] * (1.0f + w * contrasts[k][i]);
  }
}

static float held(float value, float most) {
  const float below = value < most ? value : most;
  return below > 1.0f / most ? below : 1.0f / most;
}

/* One band is given more where less than `wanted` came out. */
static void correct(const LacBandMiddles *m, unsigned band, const float *wanted, const float *out, float *given,
                    size_t n) {
  const float most = m->is_sum ? MOST : MOST * MOST, strength = m->strength[band], step = m->step[band];
  for (size_t i = 0; i < n; i++) {
    const float factor = held(given[i] / wanted[i] * (1.0f + step * (wanted[i] / out[i] - 1.0f)), most);
    given[i] = wanted[i] * (1.0f + strength * (factor - 1.0f));
  }
}

/* size: what the bands shall have; becomes what they must be given. */
static void solve(const LacBandMiddles *m, float size[][POINTS], size_t n) {
  float given[LAC_CROSSOVER_MAX_BANDS][POINTS], contrasts[LAC_CROSSOVER_MAX_SPLITS][POINTS];
  float out[LAC_CROSSOVER_MAX_BANDS][POINTS];
  memcpy(given, size, sizeof given);
  for (int round = 0; round < ROUNDS; round++) {
    for (unsigned k = 0; k + 1 < m->n_bands; k++)
      contrast(m, given, k, contrasts[k], n);
    for (unsigned b = 0; b < m->n_bands; b++)
      reach(m, b, given[m->n_bands - 1], contrasts, out[b], n);
    for (unsigned b = 0; b < m->n_bands; b++)
      correct(m, b, size[b], out[b], given[b], n);
  }
  memcpy(size, given, sizeof given);
}

void lac_band_middles_run(const LacBandMiddles *m, float *const *gains, uint32_t n) {
  float size[LAC_CROSSOVER_MAX_BANDS][POINTS];
  for (uint32_t done = 0, run; done < n; done += run) {
    run = n - done < POINTS ? n - done : POINTS;
    for (unsigned b = 0; b < m->n_bands; b++)
      for (size_t i = 0; i < run; i++)
        size[b][i] = m->is_sum ? gains[b][done + i] : gains[b][done + i] * gains[b][done + i];
    solve(m, size, run);
    for (unsigned b = 0; b < m->n_bands; b++)
      for (size_t i = 0; i < run; i++)
        gains[b][done + i] = m->is_sum ? size[b][i] : sqrtf(size[b][i]);
  }
}
