/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/gated_loudness.h"

#include <math.h>

#include "dsp/elementary.h"

/* BS.1770: L = -0.691 + 10 log10(mean square). */
static const double offset_db = -0.691;

static double block_power(const double *energies, double frames) {
  return (energies[0] + energies[1] + energies[2] + energies[3]) / (4.0 * frames);
}

/* Mean power of the blocks above `gate`; 0 when there is none. */
static double mean_above(const double *energies, size_t n_blocks, double frames, double gate) {
  double sum = 0.0;
  size_t passed = 0;
  for (size_t i = 0; i < n_blocks; i++) {
    double power = block_power(energies + i, frames);
    if (power > gate) {
      sum += power;
      passed++;
    }
  }
  return passed ? sum / (double)passed : 0.0;
}

double lac_gated_lufs(const double *energies, size_t count, double frames) {
  if (count < 4)
    return NAN;
  double absolute = lac_power_from_db(-70.0 - offset_db);
  double mean = mean_above(energies, count - 3, frames, absolute);
  if (mean <= 0.0)
    return NAN;
  double relative = 0.1 * mean;
  mean = mean_above(energies, count - 3, frames, relative > absolute ? relative : absolute);
  return offset_db + lac_db_from_power(mean);
}
