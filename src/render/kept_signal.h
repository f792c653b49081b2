/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signal in front of the first limiter or clipper, kept from one run over a song for the next: when only what
 * follows was changed, the next run starts there. The samples are the same as without. */

#ifndef LAC_RENDER_KEPT_SIGNAL_H
#define LAC_RENDER_KEPT_SIGNAL_H

#include <lacquer/render.h>

#include "render/render_plan.h"
#include "render/spool.h"

struct LacKeptSignal {
  const LacSource *source; /* to compare with; not used */
  LacRecipe *recipe;       /* as it was */
  size_t n_entries;        /* of it, that are in the signal; the others before the limiter did nothing */
  uint32_t in_rate_hz;
  uint32_t out_rate_hz;
  uint64_t in_frames;
  LacSpool *spool;
  uint64_t n_nonfinite;
  uint64_t n_input_nonfinite;
  LacReadoutResult *readouts; /* of those entries, when any run recorded them */
  size_t n_readouts;
  bool has_readouts;
};

/* True when a run by this plan comes to rest in front of a limiter or clipper that wants to see the whole song. */
bool lac_kept_signal_is_wanted(const LacRenderPlan *plan);
/* True when a run by this plan may start from `kept` (NULL: false). */
bool lac_kept_signal_fits(const LacKeptSignal *kept, const LacSource *source, const LacRecipe *recipe,
                          const LacRenderPlan *plan, bool with_readouts);
/* An empty one for what a run by this plan will bring in front of the limiter. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_kept_signal_new(const LacSource *source, const LacRecipe *recipe, const LacRenderPlan *plan,
                                            LacKeptSignal **out);

/* *out: copies of n readouts. On LAC_ERR_MEMORY *out is NULL. */
LAC_NODISCARD LacStatus lac_readout_results_copy(const LacReadoutResult *readouts, size_t n_readouts,
                                                 LacReadoutResult **out);
void lac_readout_results_free(LacReadoutResult *readouts, size_t n_readouts);

#endif
