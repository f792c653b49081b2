/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reverb: a little common room under a mix (dsp/delay_network.h), added to the untouched song.
 *
 *   left, right -> high-pass -> low-pass -> predelay -> network -> mid and side return -> width, level -> + song
 *
 * With the return off nothing runs, and what was in the room is forgotten. While it is on, every value glides: levels,
 * decay and send filters sample by sample between quantum borders, delays by a fade from one set to the next. */

#include <math.h>

#include "dsp/delay_network.h"
#include "dsp/delay_network_kernels.h"
#include "dsp/elementary.h"
#include "dsp/svf_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

/* Half way after 80 ms, and the decay after 270 ms: what is in the lines cannot leave faster. */
#define LEVEL_POLE_S 0.03
#define DECAY_POLE_S 0.1

#define RETURN_OFF_DB (-60.0)

enum {
  RETURN_DB,
  TIME_S,
  PREDELAY_MS,
  SIZE_PERCENT,
  HIGH_TIME_PERCENT,
  HIGH_HZ,
  LOW_TIME_PERCENT,
  LOW_HZ,
  SEND_HIGHPASS_HZ,
  SEND_LOWPASS_HZ,
  WIDTH_PERCENT
};

static const LacParam params[] = {
    [RETURN_DB] =
        LAC_NUMBER_ROW("return_db", "Return", "dB", RETURN_OFF_DB, -6, RETURN_OFF_DB, 0.5, LAC_SCALE_LINEAR,
                       "How far the room lies below the song within its band, whatever its time and size; -60 is off, "
                       "-32 to -22 is glue."),
    [TIME_S] = LAC_NUMBER_ROW("time_s", "Time", "s", 0.2, 3, 0.6, 0.01, LAC_SCALE_LOG,
                              "How long the room takes to die away by 60 dB in the middle of the spectrum."),
    [PREDELAY_MS] =
        LAC_NUMBER_ROW("predelay_ms", "Predelay", "ms", 0, LAC_ROOM_MAX_PREDELAY_MS, 10, 1, LAC_SCALE_LINEAR,
                       "Waits before the room answers, so that attacks stay in front; the first echo needs some 20 "
                       "ms by itself."),
    [SIZE_PERCENT] =
        LAC_NUMBER_ROW("size_percent", "Size", "%", 50, 100 * LAC_ROOM_MAX_SIZE, 100, 1, LAC_SCALE_LINEAR,
                       "Scales every distance in the room: smaller is tighter and denser, larger is calmer."),
    [HIGH_TIME_PERCENT] =
        LAC_NUMBER_ROW("high_time_percent", "High time", "%", 10, 100, 60, 1, LAC_SCALE_LINEAR,
                       "How long the treble lives, as a share of the time: less is a softer, darker room."),
    [HIGH_HZ] = LAC_NUMBER_ROW("high_hz", "High frequency", "Hz", 1000, 16000, 5000, 10, LAC_SCALE_LOG,
                               "Around which frequency the treble begins to die away sooner."),
    [LOW_TIME_PERCENT] =
        LAC_NUMBER_ROW("low_time_percent", "Low time", "%", 25, 200, 100, 1, LAC_SCALE_LINEAR,
                       "How long the bass lives, as a share of the time: more is warmer, less is cleaner."),
    [LOW_HZ] = LAC_NUMBER_ROW("low_hz", "Low frequency", "Hz", 50, 1000, 250, 1, LAC_SCALE_LOG,
                              "Around which frequency the bass begins to live longer or shorter."),
    [SEND_HIGHPASS_HZ] =
        LAC_NUMBER_ROW("send_highpass_hz", "Send high-pass", "Hz", 20, 2000, 250, 1, LAC_SCALE_LOG,
                       "Keeps what is below out of the room, 12 dB per octave: bass stays dry and tight."),
    [SEND_LOWPASS_HZ] =
        LAC_NUMBER_ROW("send_lowpass_hz", "Send low-pass", "Hz", 1000, 20000, 7000, 10, LAC_SCALE_LOG,
                       "Keeps what is above out of the room, 12 dB per octave: no hiss on cymbals and voices."),
    [WIDTH_PERCENT] =
        LAC_NUMBER_ROW("width_percent", "Width", "%", 0, 200, 100, 1, LAC_SCALE_LINEAR,
                       "0 is a room in the middle, 100 one all around, 200 is at the sides only: mixed to mono "
                       "the song is then exactly as without it."),
};

/* What glides, in this order. */
enum { SEND, MID, SIDE, LOG_TIME, LOG_HIGH, LOG_HIGH_HZ, LOG_LOW, LOG_LOW_HZ, LOG_HIGHPASS, LOG_LOWPASS, N_GLIDES };

static bool is_decay(unsigned glide) {
  return glide >= LOG_TIME && glide <= LOG_LOW_HZ;
}

enum { HIGHPASS, LOWPASS, N_SEND, CHUNK = 8 * LAC_QUANTUM_FRAMES };

typedef struct Reverb {
  LacDelayNetwork *network;
  LacGlide glides[N_GLIDES];
  double level_factor, decay_factor;
  double send, mid, side, next_send, next_mid, next_side; /* levels at the last border of a quantum, and at the next */
  LacSvfSection now[N_SEND], next[N_SEND];
  LacSvfState state[N_SEND];
  const LacSvfKernels *kernels;
  const LacNetworkKernels *room_kernels;
  bool is_running;
  bool is_moving; /* something glides, in this quantum */
  bool is_dirty;  /* a value has changed */
} Reverb;

static bool is_on(const LacProcessor *p) {
  return p->values[RETURN_DB] > RETURN_OFF_DB;
}

/* Mid and side of the width, of equal power together; on mono the mid alone, as loud as a stereo return. */
static void find_goals(const LacProcessor *p, double *goals) {
  const double level = is_on(p) ? lac_gain_from_db(p->values[RETURN_DB]) : 0.0;
  const double angle = p->values[WIDTH_PERCENT] / 200.0 * (0.5 * LAC_PI);
  const bool is_mono = p->setup.n_channels == 1;
  const bool sides_only = p->values[WIDTH_PERCENT] == 200.0 && !is_mono;
  goals[SEND] = 1.0;
  goals[MID] = sides_only ? 0.0 : sqrt(2.0) * level * (is_mono ? 1.0 : lac_cos(angle));
  goals[SIDE] = is_mono ? 0.0 : sqrt(2.0) * level * lac_sin(angle);
  goals[LOG_TIME] = lac_log(p->values[TIME_S]);
  goals[LOG_HIGH] = lac_log(0.01 * p->values[HIGH_TIME_PERCENT]);
  goals[LOG_HIGH_HZ] = lac_log(p->values[HIGH_HZ]);
  goals[LOG_LOW] = lac_log(0.01 * p->values[LOW_TIME_PERCENT]);
  goals[LOG_LOW_HZ] = lac_log(p->values[LOW_HZ]);
  goals[LOG_HIGHPASS] = lac_log(p->values[SEND_HIGHPASS_HZ]);
  goals[LOG_LOWPASS] = lac_log(p->values[SEND_LOWPASS_HZ]);
}

static LacDecay decay_now(const Reverb *self) {
  return (LacDecay){.time_s = lac_exp(lac_glide_value(&self->glides[LOG_TIME])),
                    .low = lac_exp(lac_glide_value(&self->glides[LOG_LOW])),
                    .low_hz = lac_exp(lac_glide_value(&self->glides[LOG_LOW_HZ])),
                    .high = lac_exp(lac_glide_value(&self->glides[LOG_HIGH])),
                    .high_hz = lac_exp(lac_glide_value(&self->glides[LOG_HIGH_HZ]))};
}

static LacRoom room_of(const LacProcessor *p) {
  return (LacRoom){.size = 0.01 * p->values[SIZE_PERCENT], .predelay_ms = p->values[PREDELAY_MS]};
}

/* A Butterworth pass of 12 dB per octave; one above what the rate carries stands at its top. */
static void write_pass(const LacProcessor *p, LacSvfSection *section, unsigned which, double log_hz) {
  const double top = 0.45 * p->setup.rate_hz, hz = lac_exp(log_hz);
  const LacSvf svf = {.g = lac_tan(LAC_PI * (hz < top ? hz : top) / p->setup.rate_hz),
                      .k = sqrt(2.0),
                      .low = which == LOWPASS ? 1.0 : 0.0,
                      .high = which == HIGHPASS ? 1.0 : 0.0};
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
    lac_svf_lane(section, lane, &svf, 1.0);
  }
}

static void write_next(const LacProcessor *p) {
  Reverb *self = p->state;
  self->next_send = lac_glide_value(&self->glides[SEND]);
  self->next_mid = lac_glide_value(&self->glides[MID]);
  self->next_side = lac_glide_value(&self->glides[SIDE]);
  write_pass(p, &self->next[HIGHPASS], HIGHPASS, lac_glide_value(&self->glides[LOG_HIGHPASS]));
  write_pass(p, &self->next[LOWPASS], LOWPASS, lac_glide_value(&self->glides[LOG_LOWPASS]));
}

static void hold(Reverb *self) {
  self->send = self->next_send;
  self->mid = self->next_mid;
  self->side = self->next_side;
  self->now[HIGHPASS] = self->next[HIGHPASS];
  self->now[LOWPASS] = self->next[LOWPASS];
}

/* Seconds to the last 60 dB of the slowest part, and everything that stands before it. */
static uint64_t tail_frames(const LacProcessor *p) {
  const Reverb *self = p->state;
  const double low = 0.01 * p->values[LOW_TIME_PERCENT], slowest = low > 1.0 ? low : 1.0;
  const double send_s = 2.0 / p->values[SEND_HIGHPASS_HZ]; /* 13.8 / (sqrt(2) pi hz) is 60 dB of a pass, and some */
  const double decay_s = 1.05 * p->values[TIME_S] * slowest + 2.0 * send_s;
  return is_on(p) ? (uint64_t)(decay_s * p->setup.rate_hz) + lac_delay_network_fill_frames(self->network) : 0;
}

static void start(LacProcessor *p) {
  Reverb *self = p->state;
  double goals[N_GLIDES];
  find_goals(p, goals);
  for (unsigned g = 0; g < N_GLIDES; g++) {
    lac_glide_jump(&self->glides[g], goals[g]);
  }
  self->is_running = is_on(p);
  self->is_moving = self->is_dirty = false;
  self->state[HIGHPASS] = self->state[LOWPASS] = (LacSvfState){0};
  const LacDecay decay = decay_now(self);
  const LacRoom room = room_of(p);
  lac_delay_network_reset(self->network, &decay, &room);
  write_next(p);
  hold(self);
  p->tail_frames = tail_frames(p);
}

static LacStatus prepare(LacProcessor *p) {
  Reverb *self = p->state;
  self->kernels = lac_svf_kernels_at(lac_cpu_level());
  self->room_kernels = lac_network_kernels_at(lac_cpu_level());
  self->level_factor = lac_glide_factor_of(LEVEL_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->decay_factor = lac_glide_factor_of(DECAY_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  LacStatus status = lac_delay_network_new(p->arena, p->setup.rate_hz, &self->network);
  if (status == LAC_OK) {
    start(p);
  }
  return status;
}

static void changed(LacProcessor *p, size_t param) {
  (void)param;
  Reverb *self = p->state;
  if (!self->is_running && !is_on(p)) {
    return;
  }
  if (!self->is_running) { /* an empty room with these values, into which the sound comes softly */
    start(p);
    lac_glide_jump(&self->glides[SEND], 0);
    lac_glide_jump(&self->glides[MID], 0);
    lac_glide_jump(&self->glides[SIDE], 0);
    write_next(p);
    hold(self);
  }
  double goals[N_GLIDES];
  find_goals(p, goals);
  for (unsigned g = 0; g < N_GLIDES; g++) {
    lac_glide_aim(&self->glides[g], goals[g]);
  }
  self->is_dirty = true;
}

static void begin_quantum(LacProcessor *p) {
  Reverb *self = p->state;
  hold(self);
  bool is_gliding = false;
  for (unsigned g = 0; g < N_GLIDES; g++) {
    is_gliding = is_gliding || self->glides[g].is_moving;
  }
  self->is_moving = is_gliding || self->is_dirty || lac_delay_network_is_fading(self->network);
  self->is_dirty = false;
  if (!is_on(p) && !self->glides[MID].is_moving && !self->glides[SIDE].is_moving) {
    self->is_running = self->is_moving = false;
    p->tail_frames = 0;
    return;
  }
  if (!self->is_moving) {
    return;
  }
  for (unsigned g = 0; g < N_GLIDES; g++) {
    if (self->glides[g].is_moving) {
      lac_glide_step(&self->glides[g], is_decay(g) ? self->decay_factor : self->level_factor);
    }
  }
  write_next(p);
  const LacDecay decay = decay_now(self);
  const LacRoom room = room_of(p);
  lac_delay_network_move(self->network, &decay, &room);
  p->tail_frames = tail_frames(p);
}

/* ---- audio ---- */

static void fade_send(const Reverb *self, double *frames, uint32_t n_frames, uint32_t place) {
  for (uint32_t i = 0; i < n_frames; i++) {
    const double at = (double)(place + i + 1) / LAC_QUANTUM_FRAMES;
    const double gain = self->send + (self->next_send - self->send) * at;
    frames[2 * i] *= gain;
    frames[2 * i + 1] *= gain;
  }
}

static void run_send(Reverb *self, double *frames, uint32_t n_frames, uint32_t place) {
  const LacSvfSection *sections[N_SEND] = {&self->next[HIGHPASS], &self->next[LOWPASS]};
  LacSvfState *states[N_SEND] = {&self->state[HIGHPASS], &self->state[LOWPASS]};
  if (!self->is_moving) {
    self->kernels->run(sections, states, N_SEND, frames, n_frames);
    return;
  }
  fade_send(self, frames, n_frames, place);
  for (unsigned k = 0; k < N_SEND; k++) {
    lac_svf_run_moving(&self->now[k], &self->next[k], &self->state[k], frames, n_frames, place, LAC_QUANTUM_FRAMES);
  }
}

/* Within one quantum, or, while nothing moves, within CHUNK, of which `place` frames are done. */
static void run_stretch(Reverb *self, float *left, float *right, uint32_t n_frames, uint32_t place) {
  _Alignas(64) double frames[LAC_SVF_LANES * CHUNK];
  _Alignas(64) float room[LAC_SVF_LANES][CHUNK];
  const uint32_t in_quantum = place % LAC_QUANTUM_FRAMES;
  self->kernels->interleave(left, right ? right : left, frames, n_frames);
  run_send(self, frames, n_frames, in_quantum);
  self->kernels->separate(frames, room[0], room[1], n_frames);
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    const uint32_t at = (place + done) % LAC_DELAY_NETWORK_RUN, left_of = LAC_DELAY_NETWORK_RUN - at;
    n = n_frames - done < left_of ? n_frames - done : left_of;
    lac_delay_network_run(self->network, room[0] + done, room[1] + done, n, at);
  }
  self->room_kernels->add(left, right, (const float *const[]){room[0], room[1]},
                          (const float[]){(float)self->mid, (float)self->next_mid},
                          (const float[]){(float)self->side, (float)self->next_side}, n_frames, in_quantum);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Reverb *self = p->state;
  for (uint32_t done = 0; done < n_frames && self->is_running;) {
    const uint32_t place = (uint32_t)((p->frame + done) % CHUNK), in_quantum = place % LAC_QUANTUM_FRAMES;
    if (in_quantum == 0) {
      begin_quantum(p);
    }
    const uint32_t left = self->is_moving ? LAC_QUANTUM_FRAMES - in_quantum : CHUNK - place;
    const uint32_t run = n_frames - done < left ? n_frames - done : left;
    if (self->is_running) {
      run_stretch(self, channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL, run, place);
    }
    if (place + run == CHUNK) {
      lac_svf_flush(&self->state[HIGHPASS]);
      lac_svf_flush(&self->state[LOWPASS]);
    }
    done += run;
  }
}

static bool is_neutral(const LacProcessor *p) {
  const Reverb *self = p->state;
  return !is_on(p) && !(self && self->is_running);
}

extern const LacProcessorClass lac_reverb_class;
const LacProcessorClass lac_reverb_class = {
    .info = {.id = "reverb",
             .title = "Reverb",
             .purpose = "Lets the song stand in a little common room.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(Reverb),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
