/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which limiter masters the song, written into the recipe with reasons, and what a recipe's limiter means to the model
 * that predicts its work. */

#ifndef LAC_ASSISTANT_LIMITER_CHOICE_H
#define LAC_ASSISTANT_LIMITER_CHOICE_H

#include <lacquer/assistant.h>

#include "assistant/limiter_model.h"

/* Solver, quality and channel link of the first limiter, and for LAC_QUALITY_BEST a clipper before it; what somebody
 * else decided is kept, and what follows from it follows. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiter_choose(LacRecipe *recipe, LacQuality quality, unsigned n_channels);
/* `entry`: index of a limiter. */
LacLimiterForm lac_limiter_form(const LacRecipe *recipe, size_t entry);

#endif
