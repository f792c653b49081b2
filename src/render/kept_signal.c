/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/kept_signal.h"

#include "chain/chain_build.h"
#include "core/memory.h"

#include <string.h>

/* Where the last entry stands that does something in front of the limiter, and one. */
static size_t n_active_entries(const LacRenderPlan *plan) {
  size_t n = plan->peak_end;
  while (n > 0 && !plan->traits[n - 1].is_active) {
    --n;
  }
  return n;
}

/* Between what is kept and the limiter only gains may work: anything else would have heard what the signal had before
 * its beginning and behind its end, and those are cut off here. */
static bool only_factors_follow(const LacRenderPlan *plan, size_t from) {
  bool is_only = true;
  for (size_t i = from; i < plan->peak_end; ++i) {
    const bool is_resampled = plan->in_rate_hz != plan->out_rate_hz;
    is_only = is_only && (!plan->traits[i].is_active || (plan->traits[i].is_factor && !is_resampled));
  }
  return is_only;
}

bool lac_kept_signal_is_wanted(const LacRenderPlan *plan) {
  return plan->traits[plan->peak_end].is_whole; /* behind the last entry: false */
}

bool lac_kept_signal_fits(const LacKeptSignal *kept, const LacSource *source, const LacRecipe *recipe,
                          const LacRenderPlan *plan, bool with_readouts) {
  return kept && lac_kept_signal_is_wanted(plan) && kept->source == source && kept->in_rate_hz == plan->in_rate_hz &&
         kept->out_rate_hz == plan->out_rate_hz && kept->in_frames == plan->in_frames &&
         (kept->has_readouts || !with_readouts) && kept->n_entries <= plan->peak_end &&
         lac_recipe_starts_alike(kept->recipe, recipe, kept->n_entries) && only_factors_follow(plan, kept->n_entries);
}

LacStatus lac_kept_signal_new(const LacSource *source, const LacRecipe *recipe, const LacRenderPlan *plan,
                              LacKeptSignal **out) {
  *out = NULL;
  LacKeptSignal *kept = lac_calloc(1, sizeof *kept);
  if (!kept) {
    return LAC_ERR_MEMORY;
  }
  kept->source = source;
  kept->n_entries = n_active_entries(plan);
  kept->in_rate_hz = plan->in_rate_hz;
  kept->out_rate_hz = plan->out_rate_hz;
  kept->in_frames = plan->in_frames;
  const LacStatus status = lac_recipe_copy(recipe, &kept->recipe);
  if (status != LAC_OK) {
    lac_kept_signal_free(kept);
    return status;
  }
  *out = kept;
  return LAC_OK;
}

void lac_kept_signal_free(LacKeptSignal *kept) {
  if (!kept) {
    return;
  }
  lac_recipe_free(kept->recipe);
  lac_spool_free(kept->spool);
  lac_readout_results_free(kept->readouts, kept->n_readouts);
  lac_free(kept);
}

/* --- Readouts ----------------------------------------------------------------------------------------------- */

static LacStatus copy_values(const float *from, size_t count, float **out) {
  *out = lac_alloc(count ? count : 1, sizeof **out);
  if (*out) {
    memcpy(*out, from, count * sizeof *from);
  }
  return *out ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_readout_results_copy(const LacReadoutResult *readouts, size_t n_readouts, LacReadoutResult **out) {
  LacReadoutResult *copies = lac_calloc(n_readouts ? n_readouts : 1, sizeof *copies);
  LacStatus status = copies ? LAC_OK : LAC_ERR_MEMORY;
  for (size_t i = 0; i < n_readouts && status == LAC_OK; ++i) {
    copies[i] = readouts[i];
    copies[i].mean = NULL;
    status = copy_values(readouts[i].minimum, readouts[i].count, &copies[i].minimum);
    if (status == LAC_OK) {
      status = copy_values(readouts[i].mean, readouts[i].count, &copies[i].mean);
    }
  }
  if (status != LAC_OK && copies) {
    lac_readout_results_free(copies, n_readouts);
    copies = NULL;
  }
  *out = copies;
  return status;
}

void lac_readout_results_free(LacReadoutResult *readouts, size_t n_readouts) {
  for (size_t i = 0; i < n_readouts; ++i) {
    lac_free(readouts[i].minimum);
    lac_free(readouts[i].mean);
  }
  lac_free(readouts);
}
