/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/limit_plan.h"

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/limit_jobs.h"
#include "dsp/true_peak.h"
#include "dsp/vector_kernels.h"

#include <string.h>

enum { RUN = 1024, GAIN_CELLS = 256 };

struct LacLimitPlan {
  LacLimitLayout layout;
  LacLimitRules rules;
  float ceiling; /* not above rules.ceiling_gain */
  LacArena *arena;
  const LacVectorKernels *vectors;
  LacTruePeak *detectors[2];
  LacGainStore *store;
  LacLimitJobs *jobs;
  LacStop stop;
  uint64_t n_frames; /* added */
  /* The segment that is coming in. Frame 0 of its audio is `margin + overlap` before its core. */
  uint64_t segment;
  float *channels[2], *cell_peaks[2];
  uint32_t filled;      /* frames of audio */
  uint32_t read_frames; /* frames whose peak is known */
  uint32_t unread;      /* frames until the detector's first value belongs to this audio */
};

static LacStatus take_memory(LacLimitPlan *plan) {
  const size_t length = plan->layout.length_frames;
  for (unsigned c = 0; c < plan->rules.n_channels; c++) {
    const LacStatus status = lac_true_peak_new(plan->arena, &plan->detectors[c]);
    if (status != LAC_OK)
      return status;
    plan->channels[c] = lac_arena_alloc(plan->arena, length, sizeof(float));
    plan->cell_peaks[c] = lac_arena_alloc(plan->arena, length / plan->layout.spline.step, sizeof(float));
    if (!plan->channels[c] || !plan->cell_peaks[c])
      return LAC_ERR_MEMORY;
  }
  return LAC_OK;
}

LacStatus lac_limit_plan_new(const LacLimitRules *rules, unsigned n_threads, const LacCancel *cancel,
                             LacLimitPlan **out) {
  *out = NULL;
  LacLimitPlan *plan = lac_calloc(1, sizeof *plan);
  if (!plan)
    return LAC_ERR_MEMORY;
  plan->rules = *rules;
  atomic_store(&plan->stop.asked[0], cancel);
  plan->ceiling = (float)rules->ceiling_gain;
  if ((double)plan->ceiling > rules->ceiling_gain)
    plan->ceiling *= 1.0f - 0x1p-23f;
  plan->vectors = lac_vector_kernels_at(lac_cpu_level());
  lac_limit_layout_init(&plan->layout, rules->rate_hz);
  /* Before the programme there is silence: the first segment's margin and overlap are there already. */
  plan->filled = plan->read_frames = plan->layout.margin_frames + plan->layout.overlap_frames;
  plan->unread = lac_true_peak_delay_frames();
  LacStatus status = lac_arena_new(&plan->arena);
  if (status == LAC_OK)
    status = take_memory(plan);
  if (status == LAC_OK)
    status = lac_gain_store_new(&plan->layout, lac_limit_paths(rules), &plan->store);
  if (status == LAC_OK)
    status = lac_limit_jobs_new(&plan->layout, rules, n_threads, plan->store, &plan->stop, &plan->jobs);
  if (status != LAC_OK) {
    lac_limit_plan_free(plan);
    return status;
  }
  *out = plan;
  return LAC_OK;
}

void lac_limit_plan_free(LacLimitPlan *plan) {
  if (!plan)
    return;
  lac_limit_jobs_free(plan->jobs);
  lac_gain_store_free(plan->store);
  lac_arena_free(plan->arena);
  lac_free(plan);
}

static bool exceeds(const LacLimitPlan *plan) {
  const uint32_t step = plan->layout.spline.step, margin = plan->layout.margin_frames / step;
  for (unsigned c = 0; c < plan->rules.n_channels; c++)
    for (uint32_t k = margin - 2; k < margin + plan->layout.n_cells + 3; k++)
      if (plan->cell_peaks[c][k] > plan->ceiling)
        return true;
  return false;
}

/* The segment is complete: off with it if it needs limiting; its end is the beginning of the next one. */
static LacStatus end_segment(LacLimitPlan *plan) {
  const LacLimitLayout *layout = &plan->layout;
  const size_t length = layout->length_frames, step = layout->spline.step, n_cells = length / step;
  const size_t shared = length - layout->core_frames, shared_cells = shared / step;
  LacStatus status = lac_gain_store_reserve(plan->store, plan->segment + 1);
  if (status == LAC_OK && exceeds(plan)) {
    LacLimitSegment *place = lac_limit_jobs_place(plan->jobs);
    place->index = plan->segment;
    for (unsigned c = 0; c < plan->rules.n_channels; c++) {
      memcpy(place->channels[c], plan->channels[c], length * sizeof(float));
      memcpy(place->cell_peaks[c], plan->cell_peaks[c], n_cells * sizeof(float));
    }
    status = lac_limit_jobs_add(plan->jobs);
  }
  for (unsigned c = 0; c < plan->rules.n_channels; c++) {
    memmove(plan->channels[c], plan->channels[c] + layout->core_frames, shared * sizeof(float));
    memmove(plan->cell_peaks[c], plan->cell_peaks[c] + (n_cells - shared_cells), shared_cells * sizeof(float));
    memset(plan->cell_peaks[c] + shared_cells, 0, (n_cells - shared_cells) * sizeof(float));
  }
  plan->segment++;
  plan->filled -= layout->core_frames;
  plan->read_frames -= layout->core_frames;
  return status;
}

/* Peaks of frames from read_frames on, into their cells. */
static void note_peaks(LacLimitPlan *plan, unsigned c, const float *peak, uint32_t n) {
  const uint32_t step = plan->layout.spline.step;
  if (plan->vectors->max_abs(peak, n) <= 0.0f)
    return; /* what cannot exceed the ceiling was passed over */
  float *cell = plan->cell_peaks[c] + plan->read_frames / step;
  for (uint32_t left = step - plan->read_frames % step, run; n > 0; n -= run, peak += run, left = step, cell++) {
    run = n < left ? n : left;
    for (uint32_t i = 0; i < run; i++)
      *cell = peak[i] > *cell ? peak[i] : *cell;
  }
}

/* n <= RUN, and no further than the segment's end. channels NULL: silence. */
static void take_in(LacLimitPlan *plan, const float *const *channels, uint32_t at, uint32_t n) {
  float peak[RUN];
  const uint32_t skipped = plan->unread < n ? plan->unread : n;
  for (unsigned c = 0; c < plan->rules.n_channels; c++) {
    float *to = plan->channels[c] + plan->filled;
    if (channels)
      memcpy(to, channels[c] + at, n * sizeof *to);
    else
      memset(to, 0, n * sizeof *to);
    lac_true_peak_track(plan->detectors[c], to, peak, n, plan->ceiling);
    note_peaks(plan, c, peak + skipped, n - skipped);
  }
  plan->filled += n;
  plan->unread -= skipped;
  plan->read_frames += n - skipped;
}

static LacStatus add(LacLimitPlan *plan, const float *const *channels, uint64_t n_frames) {
  LacStatus status = LAC_OK;
  for (uint64_t done = 0, n; done < n_frames && status == LAC_OK; done += n) {
    const uint32_t room = plan->layout.length_frames - plan->filled;
    n = n_frames - done < RUN ? n_frames - done : RUN;
    n = n < room ? n : room;
    if (lac_stopped(&plan->stop))
      return LAC_ERR_CANCELLED;
    take_in(plan, channels, (uint32_t)done, (uint32_t)n);
    if (plan->filled == plan->layout.length_frames)
      status = end_segment(plan);
  }
  return status;
}

LacStatus lac_limit_plan_add(LacLimitPlan *plan, const float *const *channels, uint32_t n_frames) {
  plan->n_frames += n_frames;
  return add(plan, channels, n_frames);
}

LacStatus lac_limit_plan_finish(LacLimitPlan *plan, const LacCancel *cancel) {
  atomic_store(&plan->stop.asked[1], cancel);
  LacStatus status = lac_stopped(&plan->stop) ? LAC_ERR_CANCELLED : LAC_OK;
  /* The last frames may fade into a segment whose core begins after the end. */
  const uint64_t end = plan->n_frames > 0 ? plan->n_frames + plan->layout.fade_frames : 0;
  while (plan->segment * plan->layout.core_frames < end && status == LAC_OK)
    status = add(plan, NULL, plan->layout.length_frames - plan->filled);
  if (status == LAC_OK)
    status = lac_limit_jobs_finish(plan->jobs);
  /* The workers and their memory have done what they can. */
  lac_limit_jobs_free(plan->jobs);
  plan->jobs = NULL;
  return status;
}

bool lac_limit_plan_gains(const LacLimitPlan *plan, unsigned path, uint64_t first, uint32_t n, float *gain) {
  const uint32_t step = plan->layout.spline.step;
  float u_db[GAIN_CELLS + 3], run_gain[GAIN_CELLS * LAC_GAIN_SPLINE_MOST_STEP];
  bool is_any = false;
  for (uint32_t done = 0, run; done < n; done += run) {
    const uint64_t at = first + done, cell = at / step;
    const uint32_t inside = (uint32_t)(at - cell * step);
    const uint32_t cells = (n - done + inside + step - 1) / step, n_cells = cells < GAIN_CELLS ? cells : GAIN_CELLS;
    run = n_cells * step - inside;
    run = run < n - done ? run : n - done;
    if (lac_gain_store_read(plan->store, path, cell, n_cells, u_db)) {
      for (uint32_t i = 0; i < done && !is_any; i++)
        gain[i] = 1.0f;
      is_any = true;
      lac_gain_spline_gains(&plan->layout.spline, u_db, run_gain, n_cells);
      memcpy(gain + done, run_gain + inside, run * sizeof *gain);
    } else if (is_any) {
      for (uint32_t i = 0; i < run; i++)
        gain[done + i] = 1.0f;
    }
  }
  return is_any;
}

bool lac_limit_plan_is_idle(const LacLimitPlan *plan) {
  return lac_gain_store_bytes(plan->store) == 0;
}
