/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels that are not fully linked are turned down differently, and the stereo image moves with the difference. This
 * finds where it would over LAC_LIMIT_DRIFT_S (limit_times.h), and links the channels closer there. */

#ifndef LAC_DSP_LIMIT_IMAGE_H
#define LAC_DSP_LIMIT_IMAGE_H

#include "dsp/limit_layout.h"

typedef struct LacLimitImage LacLimitImage;

/* most_db: by how much the gains may differ. One thread at a time. Errors: MEMORY. */
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
