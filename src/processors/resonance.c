/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Resonance: pulls down single frequencies that stick out of their surroundings, as long as they do.
 *
 * Every frame (dsp/stft.h, 75 to 128 ms, half of that from one to the next), for both channels together:
 *
 *   power -> prominence P (dsp/spectral_prominence.h)
 *         -> wanted reduction min(P s, depth), s rising from 0 to 1 around the threshold; half at partials of notes
 *         -> spread in frequency -> attack and release per bin -> gain G, truncated in time (dsp/spectral_gain.h)
 *         -> the sum of (G - 1) X joins the delayed input
 *
 * so what is not touched is the input bit for bit. What sticks out is taken down to its surroundings, not just to the
 * threshold: the threshold says what is meant, the depth how much at most. */

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/spectral_gain.h"
#include "dsp/spectral_prominence.h"
#include "dsp/stft.h"
#include "processors/processor_class.h"

enum { DEPTH, THRESHOLD, SHARPNESS, FROM, TO, ATTACK, RELEASE, MIX };
enum { REDUCTION };

static const LacParam params[] = {
    {.id = "depth_db",
     .title = "Depth",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 24,
     .step = 0.1,
     .help = "How far a resonance is pulled down at most; 2 to 4 is careful, 6 and more is repair."},
    {.id = "threshold_db",
     .title = "Threshold",
     .unit = "dB",
     .type = LAC_PARAM_NUMBER,
     .minimum = 2,
     .maximum = 20,
     .neutral = 5,
     .step = 0.1,
     .help = "How far a frequency must stick out of its surroundings to be pulled down; higher leaves more alone."},
    {.id = "sharpness_percent",
     .title = "Sharpness",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 50,
     .step = 1,
     .help = "How narrow the cuts are: 0 takes a sixth of an octave with every resonance, 100 a 24th."},
    {.id = "from_hz",
     .title = "From",
     .unit = "Hz",
     .type = LAC_PARAM_NUMBER,
     .minimum = 100,
     .maximum = 20000,
     .neutral = 150,
     .step = 1,
     .scale = LAC_SCALE_LOG,
     .help = "Nothing below this frequency is touched."},
    {.id = "to_hz",
     .title = "To",
     .unit = "Hz",
     .type = LAC_PARAM_NUMBER,
     .minimum = 100,
     .maximum = 20000,
     .neutral = 16000,
     .step = 1,
     .scale = LAC_SCALE_LOG,
     .help = "Nothing above this frequency is touched."},
    {.id = "attack_ms",
     .title = "Attack",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 5,
     .maximum = 30,
     .neutral = 15,
     .step = 0.1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast a cut deepens once a resonance is recognised."},
    {.id = "release_ms",
     .title = "Release",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 60,
     .maximum = 250,
     .neutral = 120,
     .step = 1,
     .scale = LAC_SCALE_LOG,
     .help = "How fast a cut is given back when the resonance has gone."},
    {.id = "mix_percent",
     .title = "Mix",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .help = "How much of the treated sound is heard beside the untouched one."},
};

static const LacReadout readouts[] = {
    {.id = "reduction_db",
     .title = "Strongest reduction",
     .unit = "dB",
     .help = "The deepest cut at any frequency: 0 or below."},
};

/* Around the threshold: where s rises from 0 to 1. */
static const float KNEE_DB = 3.0f;
static const float PARTIAL_SHARE = 0.5f;
/* What a frame smears of a narrow peak reads too low; by this many bins over the number of the bin, measured with
 * resonances of Q 30. */
static const float SMEARED_BINS = 12.0f;
/* A cut that has come back to this is over. */
static const float OVER_DB = 1e-3f;
/* A cut cannot be narrower than some 13 bins to either side (spectral_gain.h): toward low frequencies, where that is
 * much of an octave, depth fades out from the 32nd bin (350 Hz) to the 8th. */
enum { FIRST_BIN = 8, FULL_BIN = 32 };
/* Ends of the range fade over a sixth of an octave, as far as there is room. */
static const double RANGE_OCTAVES = 1.0 / 6.0;

typedef struct Resonance {
  LacStft stft;
  LacProminence prominence;
  LacFft *fft; /* of the shape */
  LacSpectralGain shape;
  uint32_t n_bins;
  float *power;
  float *range;          /* 0 .. 1 per bin */
  float *unsmeared;      /* factor per bin */
  float *share;          /* of the guard */
  float *wanted;         /* dB */
  float *reduction;      /* dB, as attack and release have it */
  float *cut;            /* 1 - G */
  double from_hz, to_hz; /* that `range` is for */
  bool is_cutting;       /* any reduction */
  unsigned n_sounding;   /* frames whose difference is still in the sum */
  float strongest;       /* of the last frame */
  float report;          /* for the hop that leaves now */
  LacReadoutWriter readout;
} Resonance;

/* ---- one frame ---- */

static void set_range(LacProcessor *p) {
  Resonance *self = p->state;
  if (self->from_hz == p->values[FROM] && self->to_hz == p->values[TO]) {
    return;
  }
  self->from_hz = p->values[FROM];
  self->to_hz = p->values[TO];
  const double per_bin = p->setup.rate_hz / self->stft.size;
  for (uint32_t k = 0; k < self->n_bins; k++) {
    const double hz = fmax(k, 0.5) * per_bin;
    const double above = 1.0 + lac_log2(hz / self->from_hz) / RANGE_OCTAVES;
    const double below = 1.0 - lac_log2(hz / self->to_hz) / RANGE_OCTAVES;
    const double inside = fmin(fmin(above, below), ((double)k - FIRST_BIN) / (FULL_BIN - FIRST_BIN));
    self->range[k] = (float)fmin(1.0, fmax(0.0, inside));
  }
}

/* What this frame shows, into `wanted`. */
static void look(Resonance *self, float depth_db, float threshold_db) {
  lac_stft_power(&self->stft, self->power);
  lac_prominence_update(&self->prominence, self->power);
  const LacSpectralKnee knee = {threshold_db, KNEE_DB, depth_db};
  self->stft.kernels->want(self->prominence.average, self->unsmeared, self->range, &knee, self->wanted, self->n_bins);
  if (self->stft.vectors->max_abs(self->wanted, self->n_bins) > 0) {
    lac_prominence_guard(&self->prominence, threshold_db - 0.5f * KNEE_DB, PARTIAL_SHARE, self->share);
    self->stft.vectors->multiply(self->wanted, self->share, self->wanted, self->n_bins);
    lac_spectral_spread(&self->shape, self->wanted);
  }
}

static float step_factor(const LacProcessor *p, size_t param) {
  const Resonance *self = p->state;
  return (float)(1.0 - lac_exp(-1000.0 * self->stft.hop / (p->setup.rate_hz * p->values[param])));
}

/* One step of every bin toward what is wanted, and the cut. */
static void follow(LacProcessor *p) {
  Resonance *self = p->state;
  const LacSpectralKernels *kernels = self->stft.kernels;
  kernels->follow(self->wanted, step_factor(p, ATTACK), step_factor(p, RELEASE), OVER_DB, self->reduction,
                  self->n_bins);
  self->is_cutting = self->stft.vectors->max_abs(self->reduction, self->n_bins) > 0;
  if (self->is_cutting) {
    kernels->cut_from_db(self->reduction, self->cut, self->n_bins);
    lac_spectral_truncate(&self->shape, self->cut);
  }
}

/* X becomes mix (G - 1) X. Returns the lowest gain. */
static float apply(Resonance *self, float mix) {
  lac_stft_multiply(&self->stft, self->cut, -mix);
  const float most = mix * self->stft.vectors->max_abs(self->cut, self->n_bins);
  return most < 0.999f ? 1.0f - most : 1e-3f;
}

/* What leaves now is of this frame and of the one before. */
static void report(Resonance *self, float gain) {
  const float strongest = gain < 1.0f ? lac_fast_db_from_gainf(gain) : 0.0f;
  self->report = fminf(strongest, self->strongest);
  self->strongest = strongest;
}

static bool work(void *context) {
  LacProcessor *p = context;
  Resonance *self = p->state;
  const float mix = (float)(0.01 * p->values[MIX]);
  const float depth_db = mix > 0 ? (float)p->values[DEPTH] : 0.0f;
  self->n_sounding -= self->n_sounding > 0;
  if (depth_db == 0 && !self->is_cutting) {
    lac_prominence_reset(&self->prominence);
    report(self, 1.0f);
    return false;
  }
  set_range(p);
  lac_spectral_gain_set_width(&self->shape, lac_exp2(-0.02 * p->values[SHARPNESS]) / 12.0);
  look(self, depth_db, (float)p->values[THRESHOLD]);
  follow(p);
  const bool sounds = self->is_cutting && mix > 0;
  report(self, sounds ? apply(self, mix) : 1.0f);
  self->n_sounding = sounds ? LAC_STFT_HOPS : self->n_sounding;
  return sounds;
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  Resonance *self = p->state;
  lac_stft_reset(&self->stft);
  lac_prominence_reset(&self->prominence);
  memset(self->reduction, 0, self->n_bins * sizeof(float));
  memset(self->wanted, 0, self->n_bins * sizeof(float));
  self->is_cutting = false;
  self->n_sounding = 0;
  self->strongest = 0;
  self->report = 0;
  lac_readout_begin(&self->readout, p, REDUCTION);
}

static LacStatus prepare(LacProcessor *p) {
  Resonance *self = p->state;
  uint32_t size = 512;
  while (size < 0.08 * p->setup.rate_hz) { /* 4096 at 44.1 and 48 kHz */
    size *= 2;
  }
  LacStatus status = lac_stft_init(&self->stft, p->arena, size, p->setup.n_channels, work, p);
  if (status == LAC_OK) {
    status = lac_prominence_init(&self->prominence, p->arena, size, self->stft.hop, p->setup.rate_hz);
  }
  if (status == LAC_OK) {
    status = lac_fft_new(size, &self->fft);
  }
  if (status == LAC_OK) {
    status = lac_spectral_gain_init(&self->shape, p->arena, size, self->fft);
  }
  if (status != LAC_OK) {
    return status;
  }
  self->n_bins = size / 2 + 1;
  float **rows[] = {&self->power,  &self->range,     &self->unsmeared, &self->share,
                    &self->wanted, &self->reduction, &self->cut};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    *rows[i] = lac_arena_alloc(p->arena, self->n_bins, sizeof(float));
    if (!*rows[i]) {
      return LAC_ERR_MEMORY;
    }
  }
  for (uint32_t k = 0; k < self->n_bins; k++) {
    self->unsmeared[k] = 1.0f + SMEARED_BINS / ((float)k + 1.0f);
  }
  p->latency_frames = size;
  p->tail_frames = 0;
  start(p);
  return LAC_OK;
}

static void release(LacProcessor *p) {
  Resonance *self = p->state;
  lac_stft_drop(&self->stft);
  lac_fft_free(self->fft);
}

/* Every frame looks at the values itself; frames blend into each other. */
static void changed(LacProcessor *p, size_t param) {
  (void)p;
  (void)param;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Resonance *self = p->state;
  const unsigned n_channels = p->setup.n_channels;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    /* Not beyond the end of a hop, so that one value is reported for all of it. */
    const uint32_t left = self->stft.fill < self->stft.hop ? self->stft.hop - self->stft.fill : self->stft.hop;
    n = n_frames - done < left ? n_frames - done : left;
    float *late[LAC_MAX_CHANNELS] = {channels[0] + done, n_channels > 1 ? channels[1] + done : NULL};
    lac_stft_process(&self->stft, (const float *const *)late, late, NULL, n);
    lac_readout_push_constant(&self->readout, self->report, n);
  }
}

static bool is_neutral(const LacProcessor *p) {
  const Resonance *self = p->state;
  const bool asks_nothing = p->values[DEPTH] == 0 || p->values[MIX] == 0;
  return asks_nothing && !(self && (self->is_cutting || self->n_sounding > 0));
}

extern const LacProcessorClass lac_resonance_class;
const LacProcessorClass lac_resonance_class = {
    .info = {.id = "resonance",
             .title = "Resonance",
             .purpose = "Pulls down single frequencies that stick out, as long as they do.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(Resonance),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
    .release = release,
};
