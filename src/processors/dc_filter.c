/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* DC filter: a Butterworth high-pass far below the music, first to fourth order, as trapezoidal state-variable
 * sections (dsp/svf.h) in double.
 *
 * It begins as if the first sample of the programme had been there for ever: a song that stands on a DC offset begins
 * without a step, and the offset is gone from its first sample on (processors/test/test_dc_filter.c). Digital silence
 * or a tight cut before a drum, both at 0, start it from rest.
 *
 * A new frequency glides, coefficients being interpolated sample by sample; a new slope, and switching on and off, fade
 * the filter out and in. */

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/svf_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { DC_HZ, DC_SLOPE };
enum { MAX_SECTIONS = 2, STRETCH_FRAMES = 256 };

/* Lower corners work as this one: its transients already last a second. */
static const double LEAST_HZ = 0.5;
/* As the equalizer's bands glide: half way after 27 ms. */
static const double GLIDE_POLE_S = 0.01;

static const LacParam params[] = {
    {.id = "hz",
     .title = "Frequency",
     .unit = "Hz",
     .type = LAC_PARAM_NUMBER,
     .maximum = 100,
     .step = 0.1,
     .help = "Removes what lies below, 3 dB down here: 2 to 10 for an offset, 15 to 30 for rumble; 0 is off."},
    {.id = "slope_db_per_octave",
     .title = "Slope",
     .unit = "dB/octave",
     .type = LAC_PARAM_NUMBER,
     .minimum = 6,
     .maximum = 24,
     .neutral = 12,
     .step = 6,
     .help = "How steeply it falls: 6 turns the phase of the bass least, 12 is the middle, 24 cuts rumble closest to "
             "the music; values between count as the nearest of 6, 12, 18 and 24."},
};

typedef struct DcFilter {
  const LacSvfKernels *kernels;
  unsigned order; /* of the running filter, 1..4; 0: none runs */
  bool is_dirty;  /* values have changed since they were looked at */
  bool is_moving; /* through this quantum, from `now` to `next` */
  bool is_settled;
  bool is_fresh; /* its states wait for the first sample */
  LacGlide log_g, wet;
  double glide_factor;
  LacSvfSection now[MAX_SECTIONS], next[MAX_SECTIONS];
  LacSvfState states[MAX_SECTIONS];
} DcFilter;

/* ---- design ---- */

static unsigned wanted_order(const LacProcessor *p) {
  return p->values[DC_HZ] > 0 ? (unsigned)floor(p->values[DC_SLOPE] / 6.0 + 0.5) : 0;
}

static double wanted_log_g(const LacProcessor *p) {
  double hz = p->values[DC_HZ] > LEAST_HZ ? p->values[DC_HZ] : LEAST_HZ;
  return lac_log(lac_tan(LAC_PI * hz / p->setup.rate_hz));
}

/* Section `index` of Butterworth's high-pass: pairs of poles at angle a have k = 2 cos a. One real pole is
 * p / (p + 1) = (p^2 + p) / (p^2 + 2p + 1). */
static LacSvf section_of(unsigned order, unsigned index, double g) {
  if (order % 2 == 1 && index == 0) {
    return (LacSvf){.g = g, .k = 2.0, .band = 1.0, .high = 1.0};
  }
  unsigned pair = order % 2 == 1 ? index - 1 : index;
  double angle = order % 2 == 1 ? LAC_PI * (pair + 1.0) / order : LAC_PI * (pair + 0.5) / order;
  return (LacSvf){.g = g, .k = 2.0 * lac_cos(angle), .high = 1.0};
}

static unsigned n_sections(const DcFilter *self) {
  return (self->order + 1) / 2;
}

static void write_next(DcFilter *self) {
  double g = lac_exp(lac_glide_value(&self->log_g)), wet = lac_glide_value(&self->wet);
  for (unsigned k = 0; k < n_sections(self); k++) {
    LacSvf svf = section_of(self->order, k, g);
    for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
      lac_svf_lane(&self->next[k], lane, &svf, wet);
    }
  }
}

/* Until what an end of the programme leaves behind has fallen by 120 dB: 13.8 = ln 10^6 times the slowest of the time
 * constants 2 / (k w), for each section. */
static uint64_t decay_frames(const DcFilter *self) {
  double w = 2.0 * lac_exp(self->log_g.target), frames = 0; /* radians per frame */
  for (unsigned k = 0; k < n_sections(self); k++) {
    double damping = section_of(self->order, k, 1.0).k;
    frames += 2.0 + 13.8 * 2.0 / ((damping < 2.0 ? damping : 2.0) * w);
  }
  return (uint64_t)frames;
}

/* ---- movement ---- */

/* Bring the filter toward its values; `at_once` when there is no sound yet that could click. */
static void retarget(LacProcessor *p, bool at_once) {
  DcFilter *self = p->state;
  unsigned order = wanted_order(p);
  self->is_dirty = false;
  if (self->order > 0 && order != self->order) {
    lac_glide_aim(&self->wet, 0); /* what is wanted instead starts when this has faded out */
    return;
  }
  if (order == 0) {
    return;
  }
  if (self->order > 0) {
    lac_glide_aim(&self->log_g, wanted_log_g(p));
    lac_glide_aim(&self->wet, 1.0);
    return;
  }
  self->order = order;
  self->is_fresh = true;
  memset(self->states, 0, sizeof self->states);
  lac_glide_jump(&self->log_g, wanted_log_g(p));
  lac_glide_jump(&self->wet, at_once ? 1.0 : 0.0);
  lac_glide_aim(&self->wet, 1.0);
  write_next(self);
}

static void begin_quantum(LacProcessor *p) {
  DcFilter *self = p->state;
  if (self->order > 0 && !self->wet.is_moving && lac_glide_value(&self->wet) == 0) {
    self->order = 0;
    self->is_dirty = true;
  }
  if (self->is_dirty) {
    retarget(p, false);
  }
  self->is_moving = self->order > 0 && (self->wet.is_moving || self->log_g.is_moving);
  memcpy(self->now, self->next, sizeof self->now);
  if (self->is_moving) {
    lac_glide_step(&self->log_g, self->glide_factor);
    lac_glide_step(&self->wet, self->glide_factor);
    write_next(self);
  }
  bool fades_out = self->order > 0 && self->wet.target == 0;
  self->is_settled = !self->is_moving && !self->is_dirty && !fades_out;
  p->tail_frames = self->is_settled ? decay_frames(self) : p->tail_frames;
}

/* ---- audio ---- */

/* The steady state under x, the first frame: the low-pass of the first section holds it, nothing comes out. */
static void begin_steady(DcFilter *self, const double x[LAC_SVF_LANES]) {
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
    self->states[0].z2[lane] = x[lane];
  }
  self->is_fresh = false;
}

/* At most to the end of a quantum while anything moves, else of a stretch; the quantum began `place` frames before. */
static void run_stretch(DcFilter *self, float *left, float *right, uint32_t n_frames, uint32_t place) {
  _Alignas(64) double frames[LAC_SVF_LANES * STRETCH_FRAMES];
  self->kernels->interleave(left, right, frames, n_frames);
  if (self->is_fresh) {
    begin_steady(self, frames);
  }
  if (self->is_moving) {
    for (unsigned k = 0; k < n_sections(self); k++) {
      lac_svf_run_moving(&self->now[k], &self->next[k], &self->states[k], frames, n_frames, place, LAC_QUANTUM_FRAMES);
    }
  } else {
    const LacSvfSection *const rows[MAX_SECTIONS] = {&self->next[0], &self->next[1]};
    LacSvfState *const states[MAX_SECTIONS] = {&self->states[0], &self->states[1]};
    self->kernels->run(rows, states, n_sections(self), frames, n_frames);
  }
  self->kernels->separate(frames, left, right, n_frames);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  DcFilter *self = p->state;
  /* Ahead of the programme nothing is heard, and nothing may be learnt of its offset. */
  uint64_t ahead = p->frame < p->setup.late_frames ? p->setup.late_frames - p->frame : 0;
  uint32_t done = ahead < n_frames ? (uint32_t)ahead : n_frames;
  while (done < n_frames) {
    uint32_t place = (uint32_t)((p->frame + done) % STRETCH_FRAMES);
    if (place % LAC_QUANTUM_FRAMES == 0 && !self->is_settled) {
      begin_quantum(p);
    }
    if (self->is_settled && self->order == 0) {
      return;
    }
    uint32_t whole = self->is_settled ? STRETCH_FRAMES : LAC_QUANTUM_FRAMES, run = whole - place % whole;
    run = n_frames - done < run ? n_frames - done : run;
    if (self->order > 0) {
      run_stretch(self, channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL, run,
                  place % LAC_QUANTUM_FRAMES);
    }
    for (unsigned k = 0; place + run == STRETCH_FRAMES && k < n_sections(self); k++) {
      lac_svf_flush(&self->states[k]);
    }
    done += run;
  }
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  DcFilter *self = p->state;
  self->order = 0;
  self->is_moving = false;
  retarget(p, true);
  self->is_settled = true;
  p->tail_frames = decay_frames(self);
}

static LacStatus prepare(LacProcessor *p) {
  DcFilter *self = p->state;
  self->kernels = lac_svf_kernels_at(lac_cpu_level());
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  start(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  (void)param;
  DcFilter *self = p->state;
  self->is_dirty = true;
  self->is_settled = false;
}

static bool is_neutral(const LacProcessor *p) {
  const DcFilter *self = p->state;
  return p->values[DC_HZ] == 0 && !(self && (!self->is_settled || self->order > 0));
}

extern const LacProcessorClass lac_dc_filter_class;
const LacProcessorClass lac_dc_filter_class = {
    .info = {.id = "dc_filter",
             .title = "DC filter",
             .purpose = "Removes a constant offset and rumble below the music.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(DcFilter),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
