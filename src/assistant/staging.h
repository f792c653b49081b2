/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gain staging: what works by a threshold or by drive wants to know how loud a song is. A recipe that has such
 * processors from a preset begins them with a gain of the id "staging", and the song is brought to one loudness there;
 * the level of the master is solved behind it as always. */

#ifndef LAC_ASSISTANT_STAGING_H
#define LAC_ASSISTANT_STAGING_H

#include <lacquer/analysis.h>
#include <lacquer/chain.h>

/* Loudness that thresholds and drives of presets are made for. */
#define LAC_STAGING_LUFS (-18.0)

/* Decides the gain of the entry "staging", where there is one and nobody else has: within 30 dB, 0 for a song without
 * loudness. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_assistant_stage(LacRecipe *recipe, const LacAnalysis *analysis);

#endif
