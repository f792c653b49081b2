/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/test/whole_class.h"

#include <math.h>

#include "processors/processor_class.h"

static const LacParam params[] = {
    {.id = "peak",
     .title = "Peak",
     .unit = "",
     .type = LAC_PARAM_NUMBER,
     .maximum = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "The sample peak that comes out; 0 does nothing."},
    {.id = "refuses",
     .title = "Refuses",
     .unit = "",
     .type = LAC_PARAM_SWITCH,
     .maximum = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "Lets the plan fail."},
};

static const LacReadout readouts[] = {{.id = "gain", .title = "Gain", .unit = "", .help = "What it multiplies by."}};

typedef struct Normalizer {
  float peak;
  float gain;
  uint64_t n_observed;
  LacReadoutWriter writer;
} Normalizer;

static LacStatus prepare(LacProcessor *p) {
  Normalizer *self = p->state;
  self->gain = 1;
  lac_readout_begin(&self->writer, p, 0);
  return LAC_OK;
}

static LacStatus observe(LacProcessor *p, const float *const *channels, uint32_t n_frames) {
  Normalizer *self = p->state;
  for (unsigned c = 0; c < p->setup.n_channels; ++c) {
    for (uint32_t i = 0; i < n_frames; ++i) {
      self->peak = fabsf(channels[c][i]) > self->peak ? fabsf(channels[c][i]) : self->peak;
    }
  }
  self->n_observed += n_frames;
  return LAC_OK;
}

static LacStatus plan(LacProcessor *p, const LacCancel *cancel) {
  Normalizer *self = p->state;
  if (p->values[NORMALIZER_REFUSES] != 0) {
    return LAC_ERR_INTERNAL;
  }
  if (lac_cancelled(cancel)) {
    return LAC_ERR_CANCELLED;
  }
  /* All of it must have come by. */
  if (self->n_observed != p->setup.total_frames) {
    return LAC_ERR_DAMAGED;
  }
  self->gain = self->peak > 0 ? (float)p->values[NORMALIZER_PEAK] / self->peak : 1;
  return LAC_OK;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Normalizer *self = p->state;
  for (unsigned c = 0; c < p->setup.n_channels; ++c) {
    for (uint32_t i = 0; i < n_frames; ++i) {
      channels[c][i] *= self->gain;
    }
  }
  lac_readout_push_constant(&self->writer, self->gain, n_frames);
}

static void reset(LacProcessor *p) {
  lac_readout_begin(&((Normalizer *)p->state)->writer, p, 0);
}

static bool is_neutral(const LacProcessor *p) {
  return p->values[NORMALIZER_PEAK] == 0;
}

const LacProcessorClass test_normalizer_class = {
    .info = {.id = "normalizer",
             .title = "Normalizer",
             .purpose = "Tests the passes of a render.",
             .revision = 1,
             .kinds = LAC_KIND_WHOLE,
             .params = params,
             .n_params = 2,
             .readouts = readouts,
             .n_readouts = 1},
    .state_size = sizeof(Normalizer),
    .prepare = prepare,
    .process = process,
    .reset = reset,
    .is_neutral = is_neutral,
    .observe = observe,
    .plan = plan,
};
