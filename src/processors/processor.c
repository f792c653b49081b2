/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/processor.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "processors/processor_class.h"

size_t lac_param_find(const LacProcessorInfo *info, const char *param_id) {
  for (size_t i = 0; i < info->n_params; i++) {
    if (strcmp(info->params[i].id, param_id) == 0) {
      return i;
    }
  }
  return SIZE_MAX;
}

size_t lac_readout_find(const LacProcessorInfo *info, const char *readout_id) {
  for (size_t i = 0; i < info->n_readouts; i++) {
    if (strcmp(info->readouts[i].id, readout_id) == 0) {
      return i;
    }
  }
  return SIZE_MAX;
}

const LacProcessorInfo *lac_processor_class_info(const LacProcessorClass *cls) {
  return &cls->info;
}

LacStatus lac_processor_new(const LacProcessorClass *cls, LacProcessor **out) {
  *out = NULL;
  LacProcessor *p = lac_calloc(1, sizeof *p);
  if (!p) {
    return LAC_ERR_MEMORY;
  }
  p->cls = cls;
  /* One more than needed: a class without parameters must not look like a failed allocation. */
  p->values = lac_calloc(cls->info.n_params + 1, sizeof *p->values);
  p->lists = lac_calloc(cls->info.n_params + 1, sizeof *p->lists);
  if (!p->values || !p->lists) {
    lac_processor_free(p);
    return LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < cls->info.n_params; i++) {
    p->values[i] = cls->info.params[i].neutral;
  }
  *out = p;
  return LAC_OK;
}

static bool has_points(const LacParam *param) {
  return param->type == LAC_PARAM_CURVE || param->type == LAC_PARAM_LIST;
}

LacStatus lac_param_check_value(const LacParam *param, double value) {
  if (has_points(param)) {
    return LAC_ERR_USAGE;
  }
  const bool goes_by_ones = param->type != LAC_PARAM_NUMBER || (param->flags & LAC_PARAM_COUNTS);
  const bool is_inside = value >= param->minimum && value <= param->maximum; /* NAN is not */
  return is_inside && (!goes_by_ones || value == floor(value)) ? LAC_OK : LAC_ERR_RANGE;
}

bool lac_param_has_log_x(const LacParam *param) {
  return param->type == LAC_PARAM_CURVE && param->x_unit && strcmp(param->x_unit, "Hz") == 0;
}

LacStatus lac_param_check_points(const LacParam *param, const LacCurvePoint *points, size_t n_points) {
  if (!has_points(param)) {
    return LAC_ERR_USAGE;
  }
  if (n_points > LAC_MAX_CURVE_POINTS) {
    return LAC_ERR_LIMIT;
  }
  const bool is_log_x = lac_param_has_log_x(param);
  for (size_t i = 0; i < n_points; i++) {
    const double bounded = param->type == LAC_PARAM_CURVE ? points[i].y : points[i].x;
    if (!(fabs(points[i].x) <= LAC_MAX_CURVE_X) || !(bounded >= param->minimum && bounded <= param->maximum)) {
      return LAC_ERR_RANGE;
    }
    if ((i > 0 && points[i].x <= points[i - 1].x) || (is_log_x && points[i].x <= 0)) {
      return LAC_ERR_RANGE;
    }
  }
  return LAC_OK;
}

/* The first quantum border at or after `frame`. */
static uint64_t border_at_or_after(uint64_t frame) {
  const uint64_t mask = LAC_QUANTUM_FRAMES - 1;
  return frame > UINT64_MAX - mask ? UINT64_MAX & ~mask : (frame + mask) & ~mask;
}

static LacStatus enqueue(LacProcessor *p, size_t param, double value, uint64_t at_frame) {
  uint64_t border = border_at_or_after(at_frame > p->frame ? at_frame : p->frame);
  size_t place = p->n_pending;
  while (place > 0 && p->pending[place - 1].at_frame > border) {
    place--;
  }
  /* Of several values for one border only the last is ever heard, so it takes the place of the earlier one. */
  for (size_t i = place; i > 0 && p->pending[i - 1].at_frame == border; i--) {
    if (p->pending[i - 1].param == param) {
      p->pending[i - 1].value = value;
      return LAC_OK;
    }
  }
  if (p->n_pending == LAC_MAX_PENDING_CHANGES) {
    return LAC_ERR_LIMIT;
  }
  memmove(&p->pending[place + 1], &p->pending[place], (p->n_pending - place) * sizeof p->pending[0]);
  p->pending[place] = (LacPendingChange){border, param, value};
  p->n_pending++;
  return LAC_OK;
}

LacStatus lac_processor_set(LacProcessor *p, size_t param, double value, uint64_t at_frame) {
  if (param >= p->cls->info.n_params) {
    return LAC_ERR_USAGE;
  }
  const LacParam *row = &p->cls->info.params[param];
  LacStatus status = lac_param_check_value(row, value);
  if (status != LAC_OK) {
    return status;
  }
  if (!p->is_prepared) {
    p->values[param] = value;
    return LAC_OK;
  }
  if ((row->flags & LAC_PARAM_RESTARTS) || !p->cls->changed || lac_processor_is_whole(p)) {
    return LAC_ERR_USAGE;
  }
  return enqueue(p, param, value, at_frame);
}

double lac_processor_get(const LacProcessor *p, size_t param) {
  return param < p->cls->info.n_params ? p->values[param] : NAN;
}

LacStatus lac_processor_set_points(LacProcessor *p, size_t param, const LacCurvePoint *points, size_t n_points) {
  if (param >= p->cls->info.n_params || p->is_prepared) {
    return LAC_ERR_USAGE;
  }
  LacStatus status = lac_param_check_points(&p->cls->info.params[param], points, n_points);
  if (status != LAC_OK) {
    return status;
  }
  LacCurvePoint *copy = NULL;
  if (n_points > 0) {
    copy = lac_alloc(n_points, sizeof *copy);
    if (!copy) {
      return LAC_ERR_MEMORY;
    }
    memcpy(copy, points, n_points * sizeof *copy);
  }
  lac_free(p->lists[param].points);
  p->lists[param] = (LacPointList){copy, n_points};
  return LAC_OK;
}

/* What was asked for stays asked for: a new start takes every queued value at once. */
static void settle_pending(LacProcessor *p) {
  for (size_t i = 0; i < p->n_pending; i++) {
    p->values[p->pending[i].param] = p->pending[i].value;
  }
  p->n_pending = 0;
}

static void drop_prepared(LacProcessor *p) {
  if (p->state && p->cls->release) {
    p->cls->release(p);
  }
  lac_arena_free(p->arena);
  p->arena = NULL;
  p->state = NULL;
  p->tracks = NULL;
  p->frame = 0;
  p->latency_frames = 0;
  p->tail_frames = 0;
  p->is_prepared = false;
  p->is_planned = false;
}

static LacStatus check_setup(const LacProcessorSetup *setup) {
  /* Written so that NaN is refused as well. */
  if (!(setup->rate_hz >= LAC_MIN_RATE_HZ && setup->rate_hz <= LAC_MAX_RATE_HZ)) {
    return LAC_ERR_RANGE;
  }
  if (setup->n_channels < 1 || setup->n_channels > LAC_MAX_CHANNELS) {
    return LAC_ERR_CHANNELS;
  }
  return setup->max_block_frames >= 1 ? LAC_OK : LAC_ERR_RANGE;
}

LacStatus lac_processor_prepare(LacProcessor *p, const LacProcessorSetup *setup) {
  settle_pending(p);
  LacStatus status = check_setup(setup);
  if (status != LAC_OK) {
    return status;
  }
  drop_prepared(p);
  p->setup = *setup;
  p->tracks = setup->readouts;
  status = lac_arena_new(&p->arena);
  if (status == LAC_OK) {
    p->state = lac_arena_alloc(p->arena, 1, p->cls->state_size);
    status = p->state ? p->cls->prepare(p) : LAC_ERR_MEMORY;
  }
  if (status != LAC_OK) {
    drop_prepared(p);
    return status;
  }
  p->is_prepared = true;
  return LAC_OK;
}

uint32_t lac_processor_latency_frames(const LacProcessor *p) {
  return p->latency_frames;
}

uint64_t lac_processor_tail_frames(const LacProcessor *p) {
  return p->tail_frames;
}

bool lac_processor_is_whole(const LacProcessor *p) {
  if (p->cls->is_whole) {
    return p->cls->is_whole(p);
  }
  return p->cls->info.kinds == LAC_KIND_WHOLE;
}

bool lac_processor_is_neutral(const LacProcessor *p) {
  return p->n_pending == 0 && p->cls->is_neutral && p->cls->is_neutral(p);
}

LacStatus lac_processor_observe(LacProcessor *p, const float *const *channels, uint32_t n_frames) {
  if (!p->is_prepared || p->is_planned || !lac_processor_is_whole(p) || !p->cls->observe ||
      n_frames > p->setup.max_block_frames) {
    return LAC_ERR_USAGE;
  }
  return n_frames > 0 ? p->cls->observe(p, channels, n_frames) : LAC_OK;
}

LacStatus lac_processor_plan(LacProcessor *p, const LacCancel *cancel) {
  if (!p->is_prepared || p->is_planned || !lac_processor_is_whole(p) || !p->cls->plan) {
    return LAC_ERR_USAGE;
  }
  LacStatus status = p->cls->plan(p, cancel);
  p->is_planned = status == LAC_OK;
  return status;
}

/* Takes the changes of this border; returns how many of n frames may run before the next one. */
static uint32_t take_changes(LacProcessor *p, uint32_t n_frames) {
  size_t taken = 0;
  while (taken < p->n_pending && p->pending[taken].at_frame <= p->frame) {
    const LacPendingChange *change = &p->pending[taken++];
    p->values[change->param] = change->value;
    p->cls->changed(p, change->param);
  }
  if (taken > 0) {
    p->n_pending -= taken;
    memmove(p->pending, p->pending + taken, p->n_pending * sizeof p->pending[0]);
  }
  if (p->n_pending > 0 && p->pending[0].at_frame - p->frame < n_frames) {
    return (uint32_t)(p->pending[0].at_frame - p->frame);
  }
  return n_frames;
}

void lac_processor_process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  if (!p->is_prepared || (lac_processor_is_whole(p) && !p->is_planned)) {
    return;
  }
  float *run_channels[LAC_MAX_CHANNELS] = {channels[0], p->setup.n_channels > 1 ? channels[1] : NULL};
  while (n_frames > 0) {
    uint32_t run = n_frames < p->setup.max_block_frames ? n_frames : p->setup.max_block_frames;
    if (p->n_pending > 0) {
      run = take_changes(p, run);
    }
    p->cls->process(p, run_channels, run);
    p->frame += run;
    n_frames -= run;
    for (unsigned c = 0; c < p->setup.n_channels; c++) {
      run_channels[c] += run;
    }
  }
}

void lac_processor_reset(LacProcessor *p) {
  settle_pending(p);
  p->frame = 0;
  if (p->is_prepared && p->cls->reset) {
    p->cls->reset(p);
  }
}

void lac_processor_free(LacProcessor *p) {
  if (!p) {
    return;
  }
  drop_prepared(p);
  for (size_t i = 0; p->lists && i < p->cls->info.n_params; i++) {
    lac_free(p->lists[i].points);
  }
  lac_free(p->lists);
  lac_free(p->values);
  lac_free(p);
}
