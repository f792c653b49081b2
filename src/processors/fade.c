/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fade: the programme comes out of silence at its start and goes into silence at its end.
 *
 * A fade of n frames has the gains shape(k / n), k = 0 .. n - 1, so the outermost sample is silent and the sample
 * beyond the fade is untouched; the fade-out is the mirror image. Fades longer than the programme are as long as it.
 * Without a known length (a plugin) there is no fade-out. */

#include <math.h>

#include "dsp/elementary.h"
#include "processors/processor_class.h"

enum { FADE_IN_S, FADE_IN_SHAPE, FADE_OUT_S, FADE_OUT_SHAPE };

typedef enum FadeShape { SHAPE_LINEAR, SHAPE_EQUAL_POWER, SHAPE_S_CURVE, SHAPE_LOGARITHMIC, N_SHAPES } FadeShape;

static const char *const shapes[] = {"linear", "equal_power", "s_curve", "logarithmic", NULL};

#define FADE_SHAPE_HELP                                                                                                \
  "Path of the fade: linear, equal_power (fast near silence), s_curve (soft at both ends), logarithmic (even in dB)."

static const LacParam params[] = {
    {.id = "in_s",
     .title = "Fade-in",
     .unit = "s",
     .type = LAC_PARAM_NUMBER,
     .maximum = 120,
     .step = 0.001,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How long the beginning takes to come up from silence."},
    {.id = "in_shape",
     .title = "Fade-in shape",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .maximum = N_SHAPES - 1,
     .neutral = SHAPE_EQUAL_POWER,
     .step = 1,
     .choices = shapes,
     .flags = LAC_PARAM_RESTARTS,
     .help = FADE_SHAPE_HELP},
    {.id = "out_s",
     .title = "Fade-out",
     .unit = "s",
     .type = LAC_PARAM_NUMBER,
     .maximum = 120,
     .step = 0.001,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How long the end takes to go down to silence."},
    {.id = "out_shape",
     .title = "Fade-out shape",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .maximum = N_SHAPES - 1,
     .neutral = SHAPE_S_CURVE,
     .step = 1,
     .choices = shapes,
     .flags = LAC_PARAM_RESTARTS,
     .help = FADE_SHAPE_HELP},
};

typedef struct Fade {
  uint64_t in_start; /* first frame of the programme */
  uint64_t in_end;
  uint64_t out_start; /* first frame of the fade-out, UINT64_MAX without one */
  uint64_t out_end;
} Fade;

/* A fade of `seconds`, no longer than the programme when its length is known. */
static uint64_t fade_frames(double seconds, const LacProcessorSetup *setup) {
  uint64_t frames = (uint64_t)rint(seconds * setup->rate_hz);
  uint64_t longest = setup->total_frames > setup->late_frames ? setup->total_frames - setup->late_frames : 0;
  return setup->total_frames > 0 && frames > longest ? longest : frames;
}

static LacStatus prepare(LacProcessor *p) {
  Fade *self = p->state;
  uint64_t out_frames = p->setup.total_frames > 0 ? fade_frames(p->values[FADE_OUT_S], &p->setup) : 0;
  self->in_start = p->setup.late_frames;
  self->in_end = self->in_start + fade_frames(p->values[FADE_IN_S], &p->setup);
  self->out_start = out_frames > 0 ? p->setup.total_frames - out_frames : UINT64_MAX;
  self->out_end = out_frames > 0 ? p->setup.total_frames : UINT64_MAX;
  return LAC_OK;
}

/* Gain at the place u = 0 (silence) .. 1 (untouched). */
static double shape_gain(FadeShape shape, double u) {
  /* The logarithmic shape runs through 60 dB; the last thousandth is taken off so that it ends in silence. */
  const double floor_gain = 1e-3;
  switch (shape) {
  case SHAPE_EQUAL_POWER:
    return lac_sin(0.5 * LAC_PI * u);
  case SHAPE_S_CURVE:
    return 0.5 - 0.5 * lac_cos(LAC_PI * u);
  case SHAPE_LOGARITHMIC:
    return (lac_gain_from_db(60.0 * (u - 1.0)) - floor_gain) / (1.0 - floor_gain);
  case SHAPE_LINEAR:
  case N_SHAPES:
    break;
  }
  return u;
}

static void scale_frame(const LacProcessor *p, float *const *channels, uint32_t i, double gain) {
  double limited = gain < 0 ? 0 : gain;
  for (unsigned c = 0; c < p->setup.n_channels; c++) {
    channels[c][i] = (float)((double)channels[c][i] * limited);
  }
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  const Fade *self = p->state;
  uint64_t first = p->frame, end = p->frame + n_frames;
  FadeShape in_shape = (FadeShape)p->values[FADE_IN_SHAPE], out_shape = (FadeShape)p->values[FADE_OUT_SHAPE];
  double in_frames = (double)(self->in_end - self->in_start), out_frames = (double)(self->out_end - self->out_start);
  for (uint64_t n = first; n < end && n < self->in_end && self->in_start < self->in_end; n++) {
    double gone = n > self->in_start ? (double)(n - self->in_start) : 0.0;
    scale_frame(p, channels, (uint32_t)(n - first), shape_gain(in_shape, gone / in_frames));
  }
  for (uint64_t n = first > self->out_start ? first : self->out_start; n < end; n++) {
    /* Beyond the announced end it stays silent. */
    double left = n < self->out_end ? (double)(self->out_end - 1 - n) : 0.0;
    scale_frame(p, channels, (uint32_t)(n - first), shape_gain(out_shape, left / out_frames));
  }
}

static bool is_neutral(const LacProcessor *p) {
  const Fade *self = p->state;
  if (self) {
    return self->in_start == self->in_end && self->out_start == UINT64_MAX;
  }
  return p->values[FADE_IN_S] == 0 && p->values[FADE_OUT_S] == 0;
}

extern const LacProcessorClass lac_fade_class;
const LacProcessorClass lac_fade_class = {
    .info = {.id = "fade",
             .title = "Fade",
             .purpose = "Fades the beginning in and the end out.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(Fade),
    .prepare = prepare,
    .process = process,
    .is_neutral = is_neutral,
};
