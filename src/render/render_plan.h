/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A recipe cut into steps: stretches of stream processors, the resampler, whole processors. Each whole processor
 * begins a new pass. */

#ifndef LAC_RENDER_RENDER_PLAN_H
#define LAC_RENDER_RENDER_PLAN_H

#include <lacquer/chain.h>
#include <lacquer/media.h>

#include "chain/chain_build.h"

typedef enum LacStepKind { LAC_STEP_STREAM, LAC_STEP_RESAMPLE, LAC_STEP_WHOLE } LacStepKind;

typedef struct LacStep {
  LacStepKind kind;
  size_t first; /* recipe entries [first, end); a whole step has one */
  size_t end;
} LacStep;

typedef struct LacRenderPlan {
  LacEntryTraits *traits; /* of all entries of the recipe, and one that does nothing */
  size_t n_entries;       /* of them, that the plan runs */
  size_t peak_end;        /* the first enabled limiter or clipper; past the last entry when there is none */
  LacStep *steps;         /* the first is a stream step, where non-finite samples are replaced */
  size_t n_steps;
  size_t n_passes;
  size_t n_active; /* entries that change anything */
  uint32_t in_rate_hz;
  uint32_t out_rate_hz;
  uint64_t in_frames;   /* with the kept tail; as the source promises */
  uint64_t tail_frames; /* of silence after the input */
} LacRenderPlan;

/* until_peak_end: only the entries before the first enabled limiter or clipper. The resampler stands before that one in
 * either case. Errors: MEMORY, UNSUPPORTED (the rates). */
LacStatus lac_render_plan_make(const LacMediaInfo *info, const LacRecipe *recipe, bool until_peak_end,
                               LacRenderPlan *plan, LacError *error);
/* Cuts once more: entries before `from` and the resampler have done their work already. */
void lac_render_plan_resume(LacRenderPlan *plan, size_t from);
void lac_render_plan_free(LacRenderPlan *plan);

#endif
