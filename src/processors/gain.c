/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gain: one level for all channels. */

#include <float.h>

#include "dsp/elementary.h"
#include "dsp/vector_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { GAIN_DB };

static const LacParam params[] = {
    {.id = "db",
     .title = "Gain",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = -60,
     .maximum = 60,
     .neutral = 0,
     .step = 0.01,
     .help = "Makes everything louder or quieter without changing anything else."},
};

typedef struct Gain {
  LacGlide gain;
  double glide_factor;
  const LacVectorKernels *kernels;
} Gain;

static void start(LacProcessor *p) {
  Gain *self = p->state;
  lac_glide_jump(&self->gain, lac_gain_from_db(p->values[GAIN_DB]));
}

static LacStatus prepare(LacProcessor *p) {
  Gain *self = p->state;
  self->kernels = lac_vector_kernels_at(lac_cpu_level());
  self->glide_factor = lac_glide_factor(p->setup.rate_hz);
  start(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  (void)param;
  Gain *self = p->state;
  lac_glide_aim(&self->gain, lac_gain_from_db(p->values[GAIN_DB]));
}

/* Finite in, finite out, also for absurd input. */
static float to_float(double value) {
  double limited = value > (double)FLT_MAX ? (double)FLT_MAX : value;
  return (float)(limited < -(double)FLT_MAX ? -(double)FLT_MAX : limited);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Gain *self = p->state;
  unsigned n_channels = p->setup.n_channels;
  uint32_t i = 0;
  for (; i < n_frames && self->gain.is_moving; i++) {
    double gain = lac_glide_step(&self->gain, self->glide_factor);
    for (unsigned c = 0; c < n_channels; c++) {
      channels[c][i] = to_float((double)channels[c][i] * gain);
    }
  }
  double gain = lac_glide_value(&self->gain);
  if (gain == 1.0) {
    return;
  }
  for (unsigned c = 0; c < n_channels; c++) {
    self->kernels->amplify(channels[c] + i, gain, n_frames - i);
  }
}

static bool is_neutral(const LacProcessor *p) {
  const Gain *self = p->state;
  return p->values[GAIN_DB] == 0 && !(self && self->gain.is_moving);
}

extern const LacProcessorClass lac_gain_class;
const LacProcessorClass lac_gain_class = {
    .info = {.id = "gain",
             .title = "Gain",
             .purpose = "Sets the level.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(Gain),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
