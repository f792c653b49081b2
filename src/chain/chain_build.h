/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What render must know of a recipe's entries before it cuts the chain into passes. */

#ifndef LAC_CHAIN_CHAIN_BUILD_H
#define LAC_CHAIN_CHAIN_BUILD_H

#include <lacquer/chain.h>

typedef struct LacEntryTraits {
  bool is_active;   /* enabled and not neutral: the chain runs it */
  bool is_whole;    /* with its present values it needs its whole input first */
  bool is_peak_end; /* an enabled limiter or clipper, neutral or not: the resampler stands before the first one */
  bool is_factor;   /* a gain: every frame for itself, so that it may run in any stretch of the chain */
} LacEntryTraits;

/* LAC_ERR_USAGE for an entry that does not exist, LAC_ERR_MEMORY. */
LacStatus lac_chain_entry_traits(const LacRecipe *recipe, size_t entry, LacEntryTraits *traits);

/* True when the first n_entries of both recipes are the same processors with the same ids and values. */
bool lac_recipe_starts_alike(const LacRecipe *a, const LacRecipe *b, size_t n_entries);

/* lac_chain_process() for the processors [from, to) of the running chain alone; from 0 also replaces non-finite
 * samples. Two threads may run two parts of one chain, each block going through the parts in order. */
void lac_chain_process_part(LacChain *chain, float *const *channels, uint32_t n_frames, size_t from, size_t to);

#endif
