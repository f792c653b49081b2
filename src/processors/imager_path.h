/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The filters of the imager (imager.c) in one arrangement: phase rotations on both channels, then splits that give each
 * band of the side its width. Another arrangement is another path. */

#ifndef LAC_PROCESSORS_IMAGER_PATH_H
#define LAC_PROCESSORS_IMAGER_PATH_H

#include "dsp/svf_kernels.h"
#include "dsp/width_splits.h"

enum {
  LAC_IMAGER_BANDS = 4,
  LAC_IMAGER_SPLITS = LAC_IMAGER_BANDS, /* mono bass, then the three crossovers */
  LAC_IMAGER_ROTATIONS = 4
};

/* Which splits and rotations there are: bit s for split s, bit LAC_IMAGER_SPLITS + r for rotation r. */
typedef unsigned LacImagerArrangement;

/* What a path follows, as it stands at the border of a quantum. */
typedef struct LacImagerPlace {
  double width[LAC_IMAGER_BANDS]; /* gain of the side; bands without a split between them have the lower one's */
  double split_hz[LAC_IMAGER_SPLITS];
  double rotate_hz[LAC_IMAGER_ROTATIONS];
  double rotate_q;
} LacImagerPlace;

typedef struct LacImagerPath {
  LacImagerArrangement arrangement;
  double rate_hz;
  unsigned n_splits;
  unsigned splits[LAC_IMAGER_SPLITS]; /* those there are, rising */
  LacWidthSplits width;
  unsigned n_rotations;
  unsigned rotations[LAC_IMAGER_ROTATIONS];
  LacSvfSection rotate_now[LAC_IMAGER_ROTATIONS], rotate_next[LAC_IMAGER_ROTATIONS]; /* at both borders of a quantum */
  LacSvfState rotate_state[LAC_IMAGER_ROTATIONS];
} LacImagerPath;

/* Silent, standing still. */
void lac_imager_path_init(LacImagerPath *path, LacImagerArrangement arrangement, double rate_hz,
                          const LacImagerPlace *place);
/* At the border of a quantum: where it shall stand at the next one. Also when nothing moves any more, once. */
void lac_imager_path_aim(LacImagerPath *path, const LacImagerPlace *place);
/* Interleaved mid and side, in place, within one quantum of which `first` frames are done. */
void lac_imager_path_run(LacImagerPath *path, const LacSvfKernels *kernels, double *frames, uint32_t n_frames,
                         uint32_t first, bool is_moving);
/* Sets states below 1e-30 to zero. */
void lac_imager_path_flush(LacImagerPath *path);

#endif
