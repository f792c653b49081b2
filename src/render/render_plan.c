/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/render_plan.h"

#include <lacquer/render.h>

#include "core/memory.h"
#include "dsp/resampler.h"

#include <math.h>
#include <string.h>

/* --- What the output is ------------------------------------------------------------------------------------- */

static uint32_t greatest_divisor(uint32_t a, uint32_t b) {
  while (b) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* The resampler's table would not fit: dsp/resampler.h. */
static LacStatus check_rates(uint32_t in_hz, uint32_t out_hz, LacError *error) {
  const uint32_t divisor = in_hz && out_hz ? greatest_divisor(in_hz, out_hz) : 1;
  const bool is_in_range = out_hz >= LAC_MIN_RATE_HZ && out_hz <= LAC_MAX_RATE_HZ && in_hz > 0;
  if (is_in_range && in_hz / divisor <= 8192 && out_hz / divisor <= 8192) {
    return LAC_OK;
  }
  return lac_error_set(error, LAC_ERR_USAGE, "RATE_UNSUPPORTED",
                       "%u Hz cannot be converted to %u Hz: the ratio has no small whole numbers. Choose one of 44100, "
                       "48000, 88200, 96000, 176400 or 192000 Hz.",
                       in_hz, out_hz);
}

static uint64_t kept_tail_frames(const LacMediaInfo *info, const LacRecipe *recipe) {
  return (uint64_t)ceil(lac_recipe_output(recipe).keep_tail_s * info->rate_hz);
}

/* 8-bit files have no 8-bit masters, a lossy or wider source keeps what float can hold. */
static unsigned natural_bits(const LacMediaInfo *info, LacContainer container) {
  if (info->is_lossy || info->bits == 0) {
    return 24;
  }
  if (!info->is_float && info->bits <= 24) {
    return info->bits <= 16 ? 16 : 24;
  }
  return container == LAC_CONTAINER_FLAC ? 24 : 32;
}

LacStatus lac_render_format(const LacMediaInfo *info, const LacRecipe *recipe, LacContainer container,
                            LacSinkFormat *format, LacError *error) {
  const LacRecipeOutput output = lac_recipe_output(recipe);
  *format = (LacSinkFormat){.container = container, .n_channels = info->n_channels};
  format->rate_hz = output.rate_hz ? output.rate_hz : info->rate_hz;
  format->bits = output.bits ? output.bits : natural_bits(info, container);
  format->is_float = format->bits == 32;
  if (format->is_float && container == LAC_CONTAINER_FLAC) {
    return lac_error_set(error, LAC_ERR_USAGE, "FLAC_FLOAT",
                         "FLAC cannot hold 32-bit float. Choose 24 bits, or a name that ends in .wav.");
  }
  const LacStatus status = check_rates(info->rate_hz, format->rate_hz, error);
  if (status == LAC_OK) {
    format->n_frames =
        lac_resampled_frames(info->n_frames + kept_tail_frames(info, recipe), info->rate_hz, format->rate_hz);
  }
  return status;
}

/* --- Steps -------------------------------------------------------------------------------------------------- */

typedef struct Cutter {
  LacRenderPlan *plan;
  size_t first;    /* of the stretch being collected */
  bool has_active; /* something in it runs */
  bool is_start;   /* of the source: its samples pass through a chain in any case */
} Cutter;

static void end_stretch(Cutter *cutter, size_t end) {
  LacRenderPlan *plan = cutter->plan;
  if (cutter->has_active || (plan->n_steps == 0 && cutter->is_start)) {
    plan->steps[plan->n_steps++] = (LacStep){LAC_STEP_STREAM, cutter->first, end};
  }
  cutter->first = end;
  cutter->has_active = false;
}

static void cut(LacRenderPlan *plan, size_t from, bool is_resampled) {
  const LacEntryTraits *traits = plan->traits;
  const size_t end = plan->n_entries;
  Cutter cutter = {.plan = plan, .first = from, .is_start = !is_resampled};
  plan->n_steps = 0;
  plan->n_passes = 1;
  for (size_t i = from; i <= end; ++i) {
    if (i == plan->peak_end && plan->in_rate_hz != plan->out_rate_hz && !is_resampled) {
      end_stretch(&cutter, i);
      plan->steps[plan->n_steps++] = (LacStep){LAC_STEP_RESAMPLE, i, i};
    }
    if (i < end && traits[i].is_whole) {
      end_stretch(&cutter, i);
      plan->steps[plan->n_steps++] = (LacStep){LAC_STEP_WHOLE, i, i + 1};
      plan->n_passes++;
      cutter.first = i + 1;
    } else if (i < end && traits[i].is_active) {
      cutter.has_active = true;
    }
  }
  end_stretch(&cutter, end);
}

static LacStatus find_traits(LacRenderPlan *plan, const LacRecipe *recipe, bool until_peak_end) {
  const size_t n = lac_recipe_entry_count(recipe);
  LacStatus status = LAC_OK;
  plan->peak_end = n;
  for (size_t i = 0; i < n && status == LAC_OK; ++i) {
    status = lac_chain_entry_traits(recipe, i, &plan->traits[i]);
    plan->peak_end = plan->traits[i].is_peak_end && plan->peak_end == n ? i : plan->peak_end;
  }
  plan->n_entries = until_peak_end ? plan->peak_end : n;
  for (size_t i = 0; i < plan->n_entries; ++i) {
    plan->n_active += plan->traits[i].is_active;
  }
  return status;
}

LacStatus lac_render_plan_make(const LacMediaInfo *info, const LacRecipe *recipe, bool until_peak_end,
                               LacRenderPlan *plan, LacError *error) {
  const size_t n = lac_recipe_entry_count(recipe);
  const LacRecipeOutput output = lac_recipe_output(recipe);
  *plan = (LacRenderPlan){.in_rate_hz = info->rate_hz};
  plan->out_rate_hz = output.rate_hz ? output.rate_hz : info->rate_hz;
  plan->tail_frames = kept_tail_frames(info, recipe);
  plan->in_frames = info->n_frames + plan->tail_frames;
  LacStatus status = check_rates(plan->in_rate_hz, plan->out_rate_hz, error);
  if (status != LAC_OK) {
    return status;
  }
  plan->traits = lac_calloc(n + 1, sizeof *plan->traits);
  plan->steps = lac_calloc(2 * n + 3, sizeof *plan->steps);
  status = plan->traits && plan->steps ? find_traits(plan, recipe, until_peak_end) : LAC_ERR_MEMORY;
  if (status == LAC_OK) {
    cut(plan, 0, false);
  }
  if (status != LAC_OK) {
    lac_render_plan_free(plan);
    return lac_error_set(error, status, "RENDER_PLAN", "The recipe cannot be prepared: %s.", lac_strerror(status));
  }
  return LAC_OK;
}

void lac_render_plan_resume(LacRenderPlan *plan, size_t from) {
  cut(plan, from, true);
}

void lac_render_plan_free(LacRenderPlan *plan) {
  lac_free(plan->traits);
  lac_free(plan->steps);
  memset(plan, 0, sizeof *plan);
}
