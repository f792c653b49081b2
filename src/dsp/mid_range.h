/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much of the sound lies in the mid range, some 400 to 2000 Hz, 6 dB an octave beyond: the energy in that band and
 * the energy of all. The offline limiter recovers slower there (limit_times.h); the analysis tells the assistant where.
 */

#ifndef LAC_DSP_MID_RANGE_H
#define LAC_DSP_MID_RANGE_H

#include <lacquer/core.h>

/* It is judged over so much either side. */
#define LAC_MID_RANGE_S 0.1

typedef struct LacMidRange {
  double b0, a1, a2; /* the band, constant peak gain: b1 = 0, b2 = -b0 */
  double z1[2], z2[2];
  double mid, all; /* energies since they were last set to 0, both channels added */
} LacMidRange;

void lac_mid_range_init(LacMidRange *m, double rate_hz);
/* Silences the band and sets the energies to 0. */
void lac_mid_range_reset(LacMidRange *m);
/* right NULL: mono. Results do not depend on how a stretch is cut. */
void lac_mid_range_add(LacMidRange *m, const float *left, const float *right, size_t n_frames);
/* How far a share of the energy counts as mid range: 0..1. */
double lac_mid_range_part(double mid, double all);

#endif
