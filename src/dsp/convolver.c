/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/convolver.h"

#include <string.h>

#include "dsp/block_transform.h"
#include "dsp/elementary.h"

enum { PARTS = LAC_CONVOLVER_PARTS, SMALL = 0, MIDDLE = 1, LARGE = 2, CHUNK = 256, GROUP = LAC_TRANSFORM_GROUP };

typedef struct Part {
  uint32_t block;
  uint32_t n_partitions;
  uint32_t first_tap;
  LacBlockTransform transform;
} Part;

struct LacConvolverPlan {
  uint32_t n_taps;
  uint32_t n_direct;
  uint32_t latency_frames;
  Part parts[PARTS];
  float *fade; /* of the new filter, over a large block */
  const LacConvolverKernels *kernels;
  const LacBlockTransformKernels *transforms;
  LacArena *arena;
};

/* ---- the plan ---- */

/* Taps from where the first is heard one whole block after the frame that it hears, to where the next part begins. */
static LacStatus plan_part(LacConvolverPlan *plan, int index, uint32_t block, uint32_t small, uint32_t end_tap) {
  Part *part = &plan->parts[index];
  part->block = block;
  part->first_tap = plan->n_direct + block - small;
  end_tap = end_tap < plan->n_taps ? end_tap : plan->n_taps;
  part->n_partitions = end_tap > part->first_tap ? (end_tap - part->first_tap + block - 1) / block : 0;
  return lac_block_transform_init(&part->transform, plan->arena, block);
}

/* The middle of small and large, where they are far apart; else the part has no taps. */
static uint32_t middle_of(uint32_t small, uint32_t large) {
  uint32_t middle = small;
  while (large / small >= 16 && middle * middle < small * large) {
    middle *= 2;
  }
  return middle;
}

static LacStatus fill_plan(LacConvolverPlan *plan, uint32_t small, uint32_t large, uint32_t n_taps, bool is_immediate) {
  plan->n_taps = n_taps;
  plan->n_direct = is_immediate ? small : 0;
  plan->latency_frames = is_immediate ? 0 : small;
  plan->kernels = lac_convolver_kernels_at(lac_cpu_level());
  plan->transforms = lac_block_transform_kernels_at(lac_cpu_level());
  const uint32_t middle = middle_of(small, large), large_from = plan->n_direct + large - small;
  LacStatus status =
      plan_part(plan, SMALL, small, small, middle > small ? plan->n_direct + middle - small : large_from);
  if (status == LAC_OK)
    status = plan_part(plan, MIDDLE, middle, small, middle > small ? large_from : 0);
  if (status == LAC_OK)
    status = plan_part(plan, LARGE, large, small, n_taps);
  plan->fade = lac_arena_alloc(plan->arena, large, sizeof *plan->fade);
  if (status != LAC_OK || !plan->fade)
    return LAC_ERR_MEMORY;
  for (uint32_t i = 0; i < large; i++)
    plan->fade[i] = (float)(0.5 - 0.5 * lac_cos(LAC_PI * (i + 0.5) / large));
  return LAC_OK;
}

LacStatus lac_convolver_plan_new(uint32_t small, uint32_t large, uint32_t n_taps, bool is_immediate,
                                 LacConvolverPlan **out) {
  *out = NULL;
  LacArena *arena;
  LacStatus status = lac_arena_new(&arena);
  if (status != LAC_OK)
    return status;
  LacConvolverPlan *plan = lac_arena_alloc(arena, 1, sizeof *plan);
  if (!plan) {
    lac_arena_free(arena);
    return LAC_ERR_MEMORY;
  }
  plan->arena = arena;
  status = fill_plan(plan, small, large, n_taps, is_immediate);
  if (status != LAC_OK) {
    lac_convolver_plan_free(plan);
    return status;
  }
  *out = plan;
  return LAC_OK;
}

void lac_convolver_plan_free(LacConvolverPlan *plan) {
  if (!plan)
    return;
  lac_arena_free(plan->arena);
}

uint32_t lac_convolver_latency_frames(const LacConvolverPlan *plan) {
  return plan->latency_frames;
}

/* ---- one channel ---- */

/* Where a partition's place is among the groups of the same bins; that of the next group is as far as all of them. */
static size_t slot_at(uint32_t p) {
  return (size_t)2 * GROUP * p;
}

static size_t part_floats(const Part *part) {
  return (size_t)2 * part->n_partitions * part->block;
}

LacStatus lac_convolver_init(LacConvolver *c, LacArena *arena, const LacConvolverPlan *plan) {
  *c = (LacConvolver){.plan = plan};
  const Part *large = &plan->parts[LARGE];
  c->history = lac_arena_alloc(arena, (size_t)2 * large->block, sizeof(float));
  c->work = lac_arena_alloc(arena, (size_t)4 * large->block, sizeof(float));
  bool is_complete = c->history && c->work;
  for (int i = 0; i < PARTS; i++) {
    const Part *part = &plan->parts[i];
    c->past[i] = lac_arena_alloc(arena, part_floats(part), sizeof(float));
    is_complete = is_complete && c->past[i];
    for (int f = 0; f < 2; f++) {
      c->filters[f].spectra[i] = lac_arena_alloc(arena, part_floats(part), sizeof(float));
      c->ready[f][i] = lac_arena_alloc(arena, part->block, sizeof(float));
      is_complete = is_complete && c->filters[f].spectra[i] && c->ready[f][i];
    }
  }
  for (int f = 0; f < 2 && plan->n_direct > 0; f++) {
    c->filters[f].direct = lac_arena_alloc(arena, plan->n_direct, sizeof(float));
    is_complete = is_complete && c->filters[f].direct;
  }
  c->fill = large->block;
  return is_complete ? LAC_OK : LAC_ERR_MEMORY;
}

/* Partition p of a part: `block` taps, then as many zeros; divided by the block, which is what a transform there and
 * back multiplies by. */
static void load_partition(LacConvolver *c, int index, uint32_t p, const float *taps, float *spectra) {
  const Part *part = &c->plan->parts[index];
  const uint32_t from = part->first_tap + p * part->block, left = c->plan->n_taps - from;
  const float share = 1.0f / (float)part->block;
  float *padded = c->work + (size_t)2 * part->block;
  memset(padded, 0, (size_t)2 * part->block * sizeof(float));
  for (uint32_t k = 0; k < part->block && k < left; k++)
    padded[k] = taps[from + k] * share;
  c->plan->transforms->forward(&part->transform, padded, c->work, spectra + slot_at(p), slot_at(part->n_partitions));
}

void lac_convolver_load(LacConvolver *c, const float *taps) {
  const LacConvolverPlan *plan = c->plan;
  LacConvolverFilter *filter = &c->filters[1 - c->current];
  for (uint32_t k = 0; k < plan->n_direct; k++)
    filter->direct[plan->n_direct - 1 - k] = k < plan->n_taps ? taps[k] : 0.0f;
  for (int i = 0; i < PARTS; i++)
    for (uint32_t p = 0; p < plan->parts[i].n_partitions; p++)
      load_partition(c, i, p, taps, filter->spectra[i]);
}

void lac_convolver_restart(LacConvolver *c) {
  const LacConvolverPlan *plan = c->plan;
  c->current = 1 - c->current;
  c->change = LAC_CONVOLVER_STEADY;
  c->fill = plan->parts[LARGE].block;
  memset(c->history, 0, (size_t)2 * plan->parts[LARGE].block * sizeof(float));
  for (int i = 0; i < PARTS; i++) {
    c->newest[i] = 0;
    memset(c->past[i], 0, part_floats(&plan->parts[i]) * sizeof(float));
  }
}

void lac_convolver_fade(LacConvolver *c) {
  c->change = LAC_CONVOLVER_WAITING;
}

/* ---- running ---- */

/* A block has ended: its spectrum joins the others, and what they give under the filter is ready for the next block. */
static void run_part(LacConvolver *c, int index) {
  const LacConvolverPlan *plan = c->plan;
  const Part *part = &plan->parts[index];
  if (part->n_partitions == 0)
    return;
  const float *last_two = c->history + plan->parts[LARGE].block + c->fill - 2 * part->block;
  float *re = c->work, *im = re + part->block;
  c->newest[index] = (c->newest[index] > 0 ? c->newest[index] : part->n_partitions) - 1;
  plan->transforms->forward(&part->transform, last_two, c->work, c->past[index] + slot_at(c->newest[index]),
                            slot_at(part->n_partitions));
  const unsigned n_filters = c->change == LAC_CONVOLVER_FADING ? 2 : 1;
  for (unsigned k = 0; k < n_filters; k++) {
    const unsigned f = k == 0 ? c->current : 1 - c->current;
    plan->kernels->accumulate(c->past[index], c->newest[index], c->filters[f].spectra[index], part->n_partitions,
                              part->block, re, im);
    plan->transforms->inverse(&part->transform, re, im, c->ready[f][index]);
  }
}

/* The end of a large block, where filters change. */
static void pass_border(LacConvolver *c) {
  const uint32_t large = c->plan->parts[LARGE].block;
  if (c->change == LAC_CONVOLVER_FADING) {
    c->current = 1 - c->current;
    c->change = LAC_CONVOLVER_STEADY;
  } else if (c->change == LAC_CONVOLVER_WAITING) {
    c->change = LAC_CONVOLVER_FADING;
  }
  for (int i = 0; i < PARTS; i++)
    run_part(c, i);
  memcpy(c->history, c->history + large, large * sizeof(float));
  c->fill = 0;
}

/* y = the frames from `fill` on under one filter; they are in the history already. */
static void filter_run(const LacConvolver *c, unsigned f, float *y, uint32_t n) {
  const LacConvolverPlan *plan = c->plan;
  const uint32_t large = plan->parts[LARGE].block;
  const float *const parts[PARTS] = {c->ready[f][SMALL] + c->fill % plan->parts[SMALL].block,
                                     c->ready[f][MIDDLE] + c->fill % plan->parts[MIDDLE].block,
                                     c->ready[f][LARGE] + c->fill};
  const float *x = c->history + large + c->fill - (plan->n_direct > 0 ? plan->n_direct - 1 : 0);
  const float *taps = plan->n_direct > 0 ? c->filters[f].direct : x; /* somewhere, if there are none to read */
  plan->kernels->sum_up(taps, plan->n_direct, x, parts, y, n);
}

/* Parts whose block ends here. */
static void pass_block(LacConvolver *c) {
  if (c->fill == c->plan->parts[LARGE].block) {
    pass_border(c);
    return;
  }
  for (int i = SMALL; i < LARGE && c->fill > 0; i++)
    if (c->fill % c->plan->parts[i].block == 0)
      run_part(c, i);
}

void lac_convolver_process(LacConvolver *c, float *x, uint32_t n_frames) {
  const uint32_t small = c->plan->parts[SMALL].block, large = c->plan->parts[LARGE].block;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    if (c->fill % small == 0)
      pass_block(c);
    n = small - c->fill % small;
    n = n < n_frames - done ? n : n_frames - done;
    n = n < CHUNK ? n : CHUNK;
    c->plan->kernels->take(x + done, c->history + large + c->fill, n);
    filter_run(c, c->current, x + done, n);
    if (c->change == LAC_CONVOLVER_FADING) {
      float coming[CHUNK];
      filter_run(c, 1 - c->current, coming, n);
      for (uint32_t i = 0; i < n; i++)
        x[done + i] += c->plan->fade[c->fill + i] * (coming[i] - x[done + i]);
    }
    c->fill += n;
  }
}

/* ---- the truth of the kernels ---- */

static void accumulate(const float *spectra, uint32_t newest, const float *filter, uint32_t n_partitions,
                       uint32_t n_bins, float *re, float *im) {
  for (uint32_t j = 0; j < n_bins; j++) {
    const size_t groups = (size_t)2 * GROUP * n_partitions * (j / GROUP) + j % GROUP;
    float sum_re = 0, sum_im = 0;
    for (uint32_t p = 0; p < n_partitions; p++) {
      const float *x = spectra + groups + (size_t)2 * GROUP * ((newest + p) % n_partitions);
      const float *h = filter + groups + (size_t)2 * GROUP * p;
      sum_re += x[0] * h[0] - x[GROUP] * h[GROUP];
      sum_im += x[0] * h[GROUP] + x[GROUP] * h[0];
    }
    re[j] = sum_re;
    im[j] = sum_im;
  }
}

static void sum_up(const float *taps, uint32_t n_taps, const float *x, const float *const parts[3], float *y,
                   uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    float sum = 0;
    for (uint32_t round = 0; round < n_taps; round += LAC_CONVOLVER_ROUND_TAPS)
      for (uint32_t first = 0; first < LAC_CONVOLVER_TAPS_APART; first++)
        for (uint32_t k = first; k < LAC_CONVOLVER_ROUND_TAPS && round + k < n_taps; k += LAC_CONVOLVER_TAPS_APART)
          sum += taps[round + k] * x[i + round + k];
    y[i] = sum + ((parts[2][i] + parts[1][i]) + parts[0][i]);
  }
}

static void take(const float *from, float *to, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const float below = from[i] < 1e30f ? from[i] : 1e30f, v = below > -1e30f ? below : -1e30f;
    to[i] = v >= 1e-30f || v <= -1e-30f ? v : 0.0f;
  }
}

const LacConvolverKernels lac_convolver_kernels_scalar = {accumulate, sum_up, take};
