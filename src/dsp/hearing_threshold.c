/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/hearing_threshold.h"

#include "dsp/elementary.h"

double lac_hearing_threshold_db(double hz) {
  const double khz = (hz > 20.0 ? hz : 20.0) / 1000.0, square = khz * khz, from_peak = khz - 3.3;
  return 3.64 * lac_pow(khz, -0.8) - 6.5 * lac_exp(-0.6 * from_peak * from_peak) + 1e-3 * square * square;
}
