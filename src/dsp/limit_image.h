/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels that are not fully linked are turned down differently, and the stereo image moves with the difference. This
 * finds where it would, and links the channels closer there. */

#ifndef LAC_DSP_LIMIT_IMAGE_H
#define LAC_DSP_LIMIT_IMAGE_H

#include "dsp/limit_layout.h"

/* The gains may come apart by so much, on average and weighted with the sound that both channels share, over this time;
 * where they do, the link is chosen so that DRIFT_AIM of it would be left. */
#define LAC_LIMIT_DRIFT_S 0.05
#define LAC_LIMIT_DRIFT_AIM 0.9

typedef struct LacLimitImage LacLimitImage;

/* most_db: how far they may come apart. One thread at a time. Errors: MEMORY. */
LAC_NODISCARD LacStatus lac_limit_image_new(const LacLimitLayout *layout, double rate_hz, double most_db,
                                            LacLimitImage **out);
void lac_limit_image_free(LacLimitImage *image);
/* channels: both of a segment, layout.length_frames each; curves: layout.n_knots coefficients each. Raises link (0..1,
 * per knot) where they drift apart; false, with nothing changed, when they do not. Allocates nothing. */
bool lac_limit_image_tie(LacLimitImage *image, const float *const *channels, const float *const curves[2], float *link);

/* Wants `window` places from `at` on tied by `tie`, fading out over half as many to either side; of all that is wanted
 * the tightest counts. ties: n places. */
void lac_limit_tie_window(float *ties, size_t n, size_t at, size_t window, float tie);

#endif
