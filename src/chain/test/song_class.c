/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/test/song_class.h"

#include "processors/processor_class.h"

static const LacParam params[] = {
    {.id = "curve",
     .title = "Curve",
     .unit = "dB",
     .type = LAC_PARAM_CURVE,
     .minimum = -6,
     .maximum = 6,
     .x_unit = "Hz",
     .help = "A curve."},
    {.id = "times",
     .title = "Times",
     .unit = "s",
     .type = LAC_PARAM_LIST,
     .minimum = 0,
     .maximum = 1000,
     .help = "A list."},
    {.id = "on", .title = "On", .unit = "", .type = LAC_PARAM_SWITCH, .maximum = 1, .help = "A switch."},
    {.id = "offset",
     .title = "Offset",
     .unit = "",
     .type = LAC_PARAM_NUMBER,
     .minimum = -1,
     .maximum = 1,
     .flags = LAC_PARAM_SONG_BOUND,
     .help = "Added to every sample; means nothing on another song."},
    {.id = "delay_frames",
     .title = "Delay",
     .unit = "frames",
     .type = LAC_PARAM_NUMBER,
     .maximum = 4096,
     .flags = LAC_PARAM_RESTARTS,
     .help = "Latency on purpose."},
};

static const LacReadout readouts[] = {{.id = "input", .title = "Input", .unit = "", .help = "The left input."}};

typedef struct Rider {
  float *ring[LAC_MAX_CHANNELS];
  uint32_t at;
  LacReadoutWriter input;
} Rider;

static LacStatus prepare(LacProcessor *p) {
  Rider *self = p->state;
  p->latency_frames = (uint32_t)p->values[RIDER_DELAY];
  p->tail_frames = 0;
  for (unsigned c = 0; c < p->setup.n_channels; ++c) {
    self->ring[c] = lac_arena_alloc(p->arena, p->latency_frames + 1, sizeof(float));
    if (!self->ring[c]) {
      return LAC_ERR_MEMORY;
    }
  }
  lac_readout_begin(&self->input, p, 0);
  return LAC_OK;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Rider *self = p->state;
  const uint32_t length = p->latency_frames + 1;
  for (uint32_t i = 0; i < n_frames; ++i) {
    for (unsigned c = 0; c < p->setup.n_channels; ++c) {
      self->ring[c][self->at] = channels[c][i];
      channels[c][i] = self->ring[c][(self->at + 1) % length];
    }
    self->at = (self->at + 1) % length;
    lac_readout_push(&self->input, &channels[0][i], 1);
    for (unsigned c = 0; c < p->setup.n_channels; ++c) {
      channels[c][i] += (float)p->values[RIDER_OFFSET];
    }
  }
}

static void reset(LacProcessor *p) {
  Rider *self = p->state;
  self->at = 0;
  for (unsigned c = 0; c < p->setup.n_channels; ++c) {
    for (uint32_t i = 0; i <= p->latency_frames; ++i) {
      self->ring[c][i] = 0;
    }
  }
  lac_readout_begin(&self->input, p, 0);
}

static bool is_neutral(const LacProcessor *p) {
  return p->values[RIDER_OFFSET] == 0 && p->values[RIDER_DELAY] == 0;
}

const LacProcessorClass test_rider_class = {
    .info = {.id = "rider",
             .title = "Rider",
             .purpose = "Tests recipes and chains.",
             .revision = 3,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = 1},
    .state_size = sizeof(Rider),
    .prepare = prepare,
    .process = process,
    .reset = reset,
    .is_neutral = is_neutral,
};
