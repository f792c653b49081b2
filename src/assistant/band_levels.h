/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A song as a compressor's band sees it: how loud it is, and what the detector makes of it, every 50 ms, from the
 * groups of bands that the analysis keeps.
 *
 * Loudness is K-weighted, in LUFS of the band's share, so that one band is the momentary loudness and the gates mean
 * what they mean there. The detector hears something else: no weighting, perhaps a high-pass, a sine as its peak, the
 * louder channel alone. Within a group the mean spectrum says how much of it either sees. */

#ifndef LAC_ASSISTANT_BAND_LEVELS_H
#define LAC_ASSISTANT_BAND_LEVELS_H

#include <lacquer/analysis.h>

/* Groups first..end-1 of LAC_DYNAMICS_BANDS. */
typedef struct LacGroupRange {
  unsigned first, end;
} LacGroupRange;

typedef struct LacBandLevels {
  double *power;    /* K-weighted, channels added: 10 log10 of its mean is the loudness + 0.691. Owned */
  double *heard_db; /* what the compressor's detector reads; -INFINITY for nothing. Owned */
  size_t n_windows; /* of 50 ms, a multiple of LAC_WINDOWS_PER_BLOCK; of long songs every n-th block */
  double offset_db; /* what the detector reads over the loudness, on the mean; 0 in silence */
} LacBandLevels;

/* Border of the groups in Hz, 0..LAC_DYNAMICS_BANDS. */
double lac_group_border_hz(unsigned group);
/* `analysis` with LAC_MEASURE_SPECTRUM; sidechain_hz: of the detector's high-pass of second order, 0: none.
 * LAC_ERR_MEMORY. Free also then. */
LAC_NODISCARD LacStatus lac_band_levels(const LacAnalysis *analysis, LacGroupRange range, double sidechain_hz,
                                        LacBandLevels *levels);
void lac_band_levels_free(LacBandLevels *levels);

#endif
