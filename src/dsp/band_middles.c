/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/band_middles.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

static const double LOWEST_HZ = 20, HIGHEST_HZ = 20000; /* where the outer bands end */
static const double NO_MIDDLE_OCTAVES = 0.75, MIDDLE_OCTAVES = 1.25;
static const double CROSSED_OCTAVES = 0.5;

/* Part of a tone at `hz` that a split sends down, as the digital filters have it. */
static double part_below(double hz, double split_hz, double rate_hz) {
  const double x = lac_tan(LAC_PI * hz / rate_hz) / lac_tan(LAC_PI * split_hz / rate_hz);
  return 1 / (1 + x * x * x * x);
}

static double held_share(double share) {
  return share < 0 ? 0 : share > 1 ? 1 : share;
}

static void aim_band(LacBandMiddles *m, unsigned band, double rate_hz, const double *edges, double order) {
  const double middle = sqrt(edges[band] * edges[band + 1]), octaves = lac_log2(edges[band + 1] / edges[band]);
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
  m->strength[band] = (float)(order * held_share(strength));
  m->heard_db[band] = (double)m->strength[band] * -lac_db_from_gain(own);
  m->step[band] = (float)(1 / own);
}

void lac_band_middles_aim(LacBandMiddles *m, unsigned n_bands, bool is_sum, double rate_hz, const double *hz) {
  double edges[LAC_CROSSOVER_MAX_BANDS + 1];
  const double end = 0.46 * rate_hz < HIGHEST_HZ ? 0.46 * rate_hz : HIGHEST_HZ;
  double order = 1; /* of the splits: 0 where two have passed each other */
  if (m->n_bands == n_bands && m->is_sum == is_sum && memcmp(m->hz, hz, (n_bands - 1) * sizeof *hz) == 0)
    return;
  *m = (LacBandMiddles){.n_bands = n_bands, .is_sum = is_sum};
  memcpy(m->hz, hz, (n_bands - 1) * sizeof *hz);
  edges[0] = LOWEST_HZ;
  for (unsigned k = 0; k + 1 < n_bands; k++)
    edges[k + 1] = lac_crossover_held_hz(hz[k], rate_hz);
  edges[n_bands] = end;
  for (unsigned b = 0; b < n_bands; b++)
    order = fmin(order, held_share(1 + lac_log2(edges[b + 1] / edges[b]) / CROSSED_OCTAVES));
  for (unsigned b = 0; b < n_bands; b++)
    aim_band(m, b, rate_hz, edges, order);
}
