/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which limiter masters the song, written into the recipe with reasons, and what a recipe's limiter means to the model
 * that predicts its work. */

#ifndef LAC_ASSISTANT_LIMITER_CHOICE_H
#define LAC_ASSISTANT_LIMITER_CHOICE_H

#include <lacquer/assistant.h>

#include "assistant/limiter_model.h"

/* Solver, quality and channel link of the first limiter, and for LAC_QUALITY_BEST a clipper before it, which the other
 * qualities take out again if it is the assistant's own. LAC_QUALITY_DEFAULT leaves a recipe that has a solver as it
 * is. What somebody else decided is kept, and what follows from it follows. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiter_choose(LacRecipe *recipe, LacQuality quality, unsigned n_channels);
/* The reasons of these values as they are in force, moved to the end of the decisions: what was done to this song comes
 * before them. With `idle_reason` (then with evidence) all carry it, so that they are told as one. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiter_explain(LacRecipe *recipe, const char *idle_reason, const char *idle_evidence);
/* The same where solver, quality or link were edited by hand since: then the reasons of the others no longer hold. */
LAC_NODISCARD LacStatus lac_limiter_explain_edit(LacRecipe *recipe);
/* Note LIMITER_NOT_LAST when something that may raise peaks stands behind the limiter, SETTING_IDLE for each value that
 * somebody set and that the form at work does not read, and those of clipper_told.h. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_limiter_note(const LacRecipe *recipe, LacNotes *notes);
/* `entry`: index of a limiter. */
LacLimiterForm lac_limiter_form(const LacRecipe *recipe, size_t entry);

#endif
