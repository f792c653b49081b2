/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_layout.h"

#include "dsp/true_peak.h"

enum {
  UNIT_STEPS = 64,   /* everything is a multiple of as many steps: 256 frames (5.8 ms) at 44.1 kHz */
  CORE_UNITS = 64,   /* 372 ms: short against a song, long against the overlap */
  OVERLAP_UNITS = 8, /* 46 ms: 46 recovery times of the short kind */
  FADE_UNITS = 2     /* the last 34 ms of the overlap, where the free end is felt, are not used */
};

void lac_limit_layout_init(LacLimitLayout *layout, double rate_hz) {
  lac_gain_spline_init(&layout->spline, rate_hz);
  const uint32_t step = layout->spline.step, unit = UNIT_STEPS * step;
  layout->core_frames = CORE_UNITS * unit;
  layout->overlap_frames = OVERLAP_UNITS * unit;
  layout->fade_frames = FADE_UNITS * unit;
  layout->margin_frames = unit;
  while (layout->margin_frames < lac_true_peak_delay_frames() + 1 + 4 * step)
    layout->margin_frames += unit;
  layout->length_frames = layout->core_frames + 2 * (layout->overlap_frames + layout->margin_frames);
  layout->n_cells = (layout->core_frames + 2 * layout->overlap_frames) / step;
  layout->n_knots = layout->n_cells + 3;
}
