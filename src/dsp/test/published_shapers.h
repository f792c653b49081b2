/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Noise shapers that were published with their values, all for 44.1 kHz: what ours is compared with. H = 1 - sum of
 * c z^-k as printed; here with the sign of LacNoiseShaper, and zeros after the last. */

#ifndef LAC_DSP_TEST_PUBLISHED_SHAPERS_H
#define LAC_DSP_TEST_PUBLISHED_SHAPERS_H

#include "dsp/noise_shaper.h"

typedef struct PublishedShaper {
  const char *name;
  const char *source;
  double total_db; /* over white */
  LacNoiseShaper shaper;
} PublishedShaper;

#define LIPSHITZ_1991 "Lipshitz, Vanderkooy, Wannamaker, JAES 39(11), 1991"
#define WANNAMAKER_1992 "Wannamaker, JAES 40(7/8), 1992"

static const PublishedShaper published_shapers[] = {
    {"improved-E 5", LIPSHITZ_1991, 12.2, {{-2.033, 2.165, -1.959, 1.590, -0.6149}}},
    {"modified-E 9",
     LIPSHITZ_1991,
     7.6,
     {{-1.662, 1.263, -0.4827, 0.2913, -0.1268, 0.1124, -0.03252, 0.01265, 0.03524}}},
    {"improved-E 9", LIPSHITZ_1991, 23.1, {{-2.847, 4.685, -6.214, 7.184, -6.639, 5.032, -3.263, 1.632, -0.4191}}},
    {"F-weighted 3", WANNAMAKER_1992, 6.6, {{-1.623, 0.982, -0.109}}},
    {"F-weighted 9", WANNAMAKER_1992, 18.4, {{-2.412, 3.370, -3.937, 4.174, -3.353, 2.205, -1.281, 0.569, -0.0847}}},
};
enum { N_PUBLISHED_SHAPERS = sizeof published_shapers / sizeof published_shapers[0] };

#endif
