/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/clip_detector.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { LEAST_RUN = 3 };

static const float TOLERANCE = 1.5F / 32768.0F; /* one 16-bit step and its dither */
static const float LEAST_PEAK = 0.02F;          /* below, 16-bit steps look like flats */
/* A parabola whose steps stay within one tolerance for three samples takes at most three for the step before; rounding
 * and dither add one and a half. Steeper entries, or slopes that lead as far beyond the level, are cuts. */
static const float LEAST_ENTRY = 6.0F;
static const double LEVEL_DB = 0.05, TOP_DB = 12.0, EXTREME_DB = 0.1;
static const double LEAST_SHARE = 0.25; /* of all flats must lie at the extremes */
static const double MOST_DUTY = 0.15;   /* more of the time at the extremes: a square wave */

void lac_clip_detector_init(LacClipDetector *detector) {
  memset(detector, 0, sizeof(*detector));
  detector->vectors = lac_vector_kernels_at(lac_cpu_level());
  detector->kernels = lac_meter_kernels_at(lac_cpu_level());
}

static void end_run(LacClipDetector *detector) {
  const float size = fabsf(detector->run_level);
  if (detector->run >= LEAST_RUN && detector->run_is_steep && size > 0) {
    const double slot = floor((TOP_DB - lac_db_from_gain((double)size)) / LEVEL_DB);
    if (slot >= 0 && slot < LAC_CLIP_LEVELS) {
      LacClipLevel *level = &detector->levels[detector->run_level < 0][(int)slot];
      level->runs++;
      level->frames += detector->run;
      if (detector->run > level->longest) {
        level->longest = detector->run;
        level->longest_start = detector->run_start;
      }
    }
  }
  detector->run = 0;
}

/* The first two samples of a flat are x[at - 1] and x[at]. */
static void begin_run(LacClipDetector *detector, const float *x, uint32_t at) {
  const float before = fabsf(x[at - 2]), earlier = fabsf(x[at - 3]), level = fabsf(x[at - 1]);
  const bool same_side = (x[at - 2] < 0) == (x[at - 1] < 0) && (x[at - 3] < 0) == (x[at - 1] < 0);
  const float step = same_side ? level - before : level;
  const float leads_beyond = same_side && step > TOLERANCE ? 2 * before - earlier - level : 0.0F;
  detector->run_is_steep = step > LEAST_ENTRY * TOLERANCE || leads_beyond > LEAST_ENTRY * TOLERANCE;
  detector->run_start = detector->frame + at - 1 - LAC_CLIP_CONTEXT;
  detector->run_level = fabsf(x[at]) > level ? x[at] : x[at - 1];
  detector->run = 2;
}

static void scan(LacClipDetector *detector, const float *x, uint32_t n, float least) {
  /* A flat that began with the last samples of the group before has not been seen when that one was passed over. */
  const uint32_t first = detector->run ? LAC_CLIP_CONTEXT : LAC_CLIP_CONTEXT - 1;
  for (uint32_t i = first; i < LAC_CLIP_CONTEXT + n; i++) {
    const bool is_flat = fabsf(x[i] - x[i - 1]) <= TOLERANCE && fabsf(x[i]) >= least;
    if (!is_flat) {
      end_run(detector);
    } else if (detector->run) {
      detector->run++;
      detector->run_level = fabsf(x[i]) > fabsf(detector->run_level) ? x[i] : detector->run_level;
    } else {
      begin_run(detector, x, i);
    }
  }
}

void lac_clip_detector_group(LacClipDetector *detector, const float *x, uint32_t n) {
  const float *group = x + LAC_CLIP_CONTEXT;
  float low = 0, high = 0;
  detector->kernels->range(group, n, &low, &high);
  const float size = high > -low ? high : -low;
  detector->extreme[0] = high > detector->extreme[0] ? high : detector->extreme[0];
  detector->extreme[1] = -low > detector->extreme[1] ? -low : detector->extreme[1];
  const float peak = size > detector->peak ? size : detector->peak;
  const float least = 0.5F * peak; /* flats far below the peak say nothing about clipping */
  if (peak >= LEAST_PEAK && size >= least && detector->kernels->has_flat(group, n, least, TOLERANCE))
    scan(detector, x, n, least);
  else if (detector->run)
    end_run(detector);
  detector->peak = peak;
  detector->frame += n;
}

static void add_levels(const LacClipDetector *detector, int polarity, LacClipResult *result, uint64_t *all_runs) {
  const float extreme = detector->extreme[polarity];
  if (!(extreme > 0))
    return;
  const double lowest_db = lac_db_from_gain((double)extreme) - EXTREME_DB;
  for (int slot = 0; slot < LAC_CLIP_LEVELS; slot++) {
    const LacClipLevel *level = &detector->levels[polarity][slot];
    *all_runs += level->runs;
    if (!level->runs || TOP_DB - LEVEL_DB * slot < lowest_db)
      continue;
    result->runs += level->runs;
    result->frames += level->frames;
    if (level->longest > result->longest) {
      result->longest = level->longest;
      result->longest_start = level->longest_start;
    }
  }
}

LacClipResult lac_clip_detector_result(LacClipDetector *detector) {
  end_run(detector);
  LacClipResult result = {0};
  uint64_t all_runs = 0;
  add_levels(detector, 0, &result, &all_runs);
  add_levels(detector, 1, &result, &all_runs);
  const double share = all_runs ? (double)result.runs / (double)all_runs : 0;
  const double duty = detector->frame ? (double)result.frames / (double)detector->frame : 0;
  const bool is_evidence = result.runs >= 3 || result.longest >= 8;
  if (!is_evidence || share < LEAST_SHARE || duty > MOST_DUTY)
    return (LacClipResult){0};
  const double sureness = (double)result.runs / ((double)result.runs + 4.0);
  result.confidence = share * sureness;
  return result;
}
