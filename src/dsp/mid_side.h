/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Interleaved pairs of left and right into mid and side, and back: there and back again gives the same sound, to the
 * rounding of double. */

#ifndef LAC_DSP_MID_SIDE_H
#define LAC_DSP_MID_SIDE_H

#include <stdint.h>

/* `to` may be `from`. */
static inline void lac_to_mid_side(const double *from, double *to, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double left = from[2 * i], right = from[2 * i + 1];
    to[2 * i] = 0.5 * (left + right);
    to[2 * i + 1] = 0.5 * (left - right);
  }
}

static inline void lac_to_left_right(double *frames, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double mid = frames[2 * i], side = frames[2 * i + 1];
    frames[2 * i] = mid + side;
    frames[2 * i + 1] = mid - side;
  }
}

#endif
