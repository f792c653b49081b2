/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Imager: how wide every part of the spectrum stands, on mid and side.
 *
 *   left, right -> mid, side -> phase rotation -> splits: side times the width of its band -> + decorrelated mid on the
 *   side -> left, right -> balance
 *
 * A split is a Linkwitz-Riley crossover on the side while the mid passes the matching all-pass (dsp/width_splits.h), so
 * that a panned sound stays where it is at every frequency. It is there only where the widths on its two sides differ,
 * or for mono bass: equal widths, or none, filter nothing. When a split or a rotation comes or goes, a second path with
 * the new arrangement starts beside the old one, settles, and takes over by a fade; all other values glide. Mono: steps
 * aside. */

#include <math.h>
#include <string.h>

#include "dsp/decorrelator.h"
#include "dsp/elementary.h"
#include "dsp/svf_kernels.h"
#include "dsp/width_splits_kernels.h"
#include "processors/glide.h"
#include "processors/imager_path.h"
#include "processors/processor_class.h"

/* Half way after 27 ms, and frequencies after 110 ms: an all-pass that rushes through a tone bends it. */
#define GLIDE_POLE_S 0.01
#define HZ_POLE_S 0.04
/* A new path runs unheard for this long, then fades in for as long. */
#define SETTLE_S 0.05

#define MONO_OFF_HZ 20.0
#define ROTATE_OFF_HZ 60.0

/* At multiples of this states are flushed. */
enum { STRETCH = 8 * LAC_QUANTUM_FRAMES };
_Static_assert((int)STRETCH <= (int)LAC_WIDTH_MOST_FRAMES && (int)STRETCH <= (int)LAC_DECORRELATOR_MOST_FRAMES,
               "room for a stretch");

enum { N_BANDS = LAC_IMAGER_BANDS, N_CROSSOVERS = N_BANDS - 1, N_ROTATIONS = LAC_IMAGER_ROTATIONS };

enum {
  BAND1_WIDTH,
  CROSSOVER1_HZ = BAND1_WIDTH + N_BANDS,
  MONO_BELOW_HZ = CROSSOVER1_HZ + N_CROSSOVERS,
  WIDEN_PERCENT,
  BALANCE_DB,
  ROTATE1_HZ,
  ROTATE_Q = ROTATE1_HZ + N_ROTATIONS
};

#define WIDTH(n, where)                                                                                                \
  LAC_NUMBER_ROW("band" #n "_width_percent", "Band " #n " width", "%", 0, 200, 100, 1, LAC_SCALE_LINEAR,               \
                 "How wide the sound stands " where ": 0 is mono, 100 as it came, 200 doubles the sides.")
#define CROSSOVER(n, hz)                                                                                               \
  LAC_NUMBER_ROW("crossover" #n "_hz", "Crossover " #n, "Hz", 40, 16000, hz, 1, LAC_SCALE_LOG,                         \
                 "Where band " #n " ends and the next one begins; keep the three in rising order.")
#define ROTATE(n)                                                                                                      \
  LAC_NUMBER_ROW(                                                                                                      \
      "rotate" #n "_hz", "Rotation " #n, "Hz", ROTATE_OFF_HZ, 600, ROTATE_OFF_HZ, 1, LAC_SCALE_LOG,                    \
      "Turns the phase around this frequency, on both sides alike, to make lopsided peaks lower; 60 is off.")

static const LacParam params[] = {
    WIDTH(1, "below the first crossover"),
    WIDTH(2, "between the first and second crossover"),
    WIDTH(3, "between the second and third crossover"),
    WIDTH(4, "above the third crossover"),
    CROSSOVER(1, 200),
    CROSSOVER(2, 1000),
    CROSSOVER(3, 5000),
    [MONO_BELOW_HZ] =
        LAC_NUMBER_ROW("mono_below_hz", "Mono below", "Hz", MONO_OFF_HZ, 400, MONO_OFF_HZ, 1, LAC_SCALE_LOG,
                       "Puts everything below this frequency in the middle, for vinyl and for a firm bass; 20 is "
                       "off."),
    [WIDEN_PERCENT] =
        LAC_NUMBER_ROW("widen_percent", "Widen", "%", 0, 100, 0, 1, LAC_SCALE_LINEAR,
                       "Spreads the middle above 300 Hz to the sides, also of a narrow recording; mixed to mono "
                       "the song stays exactly what it was."),
    [BALANCE_DB] = LAC_NUMBER_ROW("balance_db", "Balance", "dB", -12, 12, 0, 0.1, LAC_SCALE_LINEAR,
                                  "How much louder right is made than left, at the same loudness of both together."),
    ROTATE(1),
    ROTATE(2),
    ROTATE(3),
    ROTATE(4),
    [ROTATE_Q] = LAC_NUMBER_ROW("rotate_q", "Rotation Q", "", 0.3, 2, 0.5, 0.01, LAC_SCALE_LOG,
                                "How sharply the rotations turn: lower is gentler."),
};

/* What glides, in this order; frequencies and Q by their logarithms. */
enum {
  WIDTH_1,
  SPLIT_LOG_HZ = WIDTH_1 + N_BANDS, /* mono bass, then the crossovers */
  ROTATE_LOG_HZ = SPLIT_LOG_HZ + 1 + N_CROSSOVERS,
  LOG_Q = ROTATE_LOG_HZ + N_ROTATIONS,
  WIDEN,
  LEFT,
  RIGHT,
  N_GLIDES
};

typedef struct Levels {
  double widen, left, right;
} Levels;

typedef struct Imager {
  LacImagerPath paths[2];
  unsigned heard; /* the path; the other one is settling or fading in when... */
  uint32_t faded; /* ... this many quanta of it have begun; 0: there is none */
  uint32_t settle_quanta;
  LacGlide glides[N_GLIDES];
  double glide_factor, hz_factor;
  Levels now, next;
  LacDecorrelator decorrelator;
  bool is_widening;
  uint32_t warming; /* quanta until the widening, which already runs, may be heard */
  bool is_moving;   /* something glides or fades, in this quantum */
  bool is_dirty;    /* a value has changed */
  bool is_resting;
  const LacSvfKernels *kernels;
} Imager;

/* ---- values into goals ---- */

static LacImagerArrangement wanted(const LacProcessor *p) {
  LacImagerArrangement a = p->values[MONO_BELOW_HZ] > MONO_OFF_HZ ? 1u : 0;
  for (unsigned k = 0; k < N_CROSSOVERS; k++) {
    a |= p->values[BAND1_WIDTH + k] != p->values[BAND1_WIDTH + k + 1] ? 2u << k : 0;
  }
  for (unsigned r = 0; r < N_ROTATIONS; r++) {
    a |= p->values[ROTATE1_HZ + r] > ROTATE_OFF_HZ ? 1u << (LAC_IMAGER_SPLITS + r) : 0;
  }
  return a;
}

static void find_goals(const LacProcessor *p, double goals[N_GLIDES]) {
  for (unsigned b = 0; b < N_BANDS; b++) {
    goals[WIDTH_1 + b] = 0.01 * p->values[BAND1_WIDTH + b];
  }
  goals[SPLIT_LOG_HZ] = lac_log(p->values[MONO_BELOW_HZ]);
  for (unsigned k = 0; k < N_CROSSOVERS; k++) {
    goals[SPLIT_LOG_HZ + 1 + k] = lac_log(p->values[CROSSOVER1_HZ + k]);
  }
  for (unsigned r = 0; r < N_ROTATIONS; r++) {
    goals[ROTATE_LOG_HZ + r] = lac_log(p->values[ROTATE1_HZ + r]);
  }
  goals[LOG_Q] = lac_log(p->values[ROTATE_Q]);
  goals[WIDEN] = 0.01 * p->values[WIDEN_PERCENT];
  /* right / left is the balance, left^2 + right^2 is 2. */
  const double ratio = lac_power_from_db(p->values[BALANCE_DB]);
  goals[LEFT] = ratio == 1.0 ? 1.0 : sqrt(2.0 / (1.0 + ratio));
  goals[RIGHT] = ratio == 1.0 ? 1.0 : sqrt(2.0 * ratio / (1.0 + ratio));
}

/* ---- movement ---- */

static LacImagerPlace place_now(const Imager *self) {
  LacImagerPlace place;
  for (unsigned b = 0; b < N_BANDS; b++) {
    place.width[b] = lac_glide_value(&self->glides[WIDTH_1 + b]);
  }
  for (unsigned s = 0; s < LAC_IMAGER_SPLITS; s++) {
    place.split_hz[s] = lac_exp(lac_glide_value(&self->glides[SPLIT_LOG_HZ + s]));
  }
  for (unsigned r = 0; r < N_ROTATIONS; r++) {
    place.rotate_hz[r] = lac_exp(lac_glide_value(&self->glides[ROTATE_LOG_HZ + r]));
  }
  place.rotate_q = lac_exp(lac_glide_value(&self->glides[LOG_Q]));
  return place;
}

static Levels levels_of(const Imager *self) {
  return (Levels){lac_glide_value(&self->glides[WIDEN]), lac_glide_value(&self->glides[LEFT]),
                  lac_glide_value(&self->glides[RIGHT])};
}

/* What begins in the new arrangement begins where it belongs: nothing is heard of it yet. */
static void start_other(LacProcessor *p, LacImagerArrangement arrangement) {
  Imager *self = p->state;
  const LacImagerArrangement added = arrangement & ~self->paths[self->heard].arrangement;
  for (unsigned k = 0; k < LAC_IMAGER_SPLITS + N_ROTATIONS; k++) {
    LacGlide *glide = &self->glides[SPLIT_LOG_HZ + k];
    if (added >> k & 1u) {
      lac_glide_jump(glide, glide->target);
    }
  }
  const LacImagerPlace place = place_now(self);
  lac_imager_path_init(&self->paths[1 - self->heard], arrangement, p->setup.rate_hz, &place);
  self->faded = 1;
}

static void fade_on(LacProcessor *p) {
  Imager *self = p->state;
  if (self->faded == 2 * self->settle_quanta) {
    self->heard = 1 - self->heard;
    self->faded = 0;
  }
  if (self->faded > 0) {
    self->faded++;
  } else if (wanted(p) != self->paths[self->heard].arrangement) {
    start_other(p, wanted(p));
  }
}

/* Frames until every filter has fallen by 60 dB one after the other, and the taps of the widening. */
static uint64_t tail_frames(const LacProcessor *p) {
  const Imager *self = p->state;
  const LacImagerArrangement a = wanted(p);
  const double q = p->values[ROTATE_Q], slowness = q > 1.0 ? q : 1.0;
  double seconds = self->is_widening ? 0.035 : 0;
  for (unsigned s = 0; s < LAC_IMAGER_SPLITS; s++) {
    const double hz = s == 0 ? p->values[MONO_BELOW_HZ] : p->values[CROSSOVER1_HZ + s - 1];
    seconds += a >> s & 1u ? 3.0 / hz : 0; /* 6.9 / (2 pi hz sqrt(1/2)), and twice the same pole */
  }
  for (unsigned r = 0; r < N_ROTATIONS; r++) {
    seconds += a >> (LAC_IMAGER_SPLITS + r) & 1u ? 4.0 * slowness / p->values[ROTATE1_HZ + r] : 0;
  }
  return (uint64_t)(seconds * p->setup.rate_hz);
}

/* The taps must be full of sound before they are heard, or each of them begins with a step. */
static void warm_widening(Imager *self) {
  const LacGlide *amount = &self->glides[WIDEN];
  const bool widens = amount->is_moving || amount->target > 0;
  if (widens && !self->is_widening) {
    lac_decorrelator_reset(&self->decorrelator);
    self->warming = self->settle_quanta;
  } else if (self->warming > 0) {
    self->warming--;
  }
  self->is_widening = widens;
}

/* Neither filters nor gains: the input itself. */
static bool rests(const LacProcessor *p) {
  const Imager *self = p->state;
  bool has_width = false;
  for (unsigned b = 0; b < N_BANDS; b++) {
    has_width = has_width || self->glides[WIDTH_1 + b].stage[2] != 1.0;
  }
  const Levels levels = levels_of(self);
  return p->setup.n_channels == 1 || (self->paths[self->heard].arrangement == 0 && !has_width && levels.widen == 0 &&
                                      levels.left == 1.0 && levels.right == 1.0);
}

static void begin_quantum(LacProcessor *p) {
  Imager *self = p->state;
  bool is_gliding = false;
  for (unsigned g = 0; g < N_GLIDES; g++) {
    is_gliding = is_gliding || self->glides[g].is_moving;
  }
  const bool was_moving = self->is_moving;
  self->is_moving = is_gliding || self->is_dirty || self->faded > 0;
  self->is_dirty = false;
  if (!self->is_moving && !was_moving) {
    return;
  }
  fade_on(p);
  warm_widening(self);
  for (unsigned g = 0; g < N_GLIDES; g++) {
    if (self->glides[g].is_moving && !(g == WIDEN && self->warming > 0)) {
      lac_glide_step(&self->glides[g], g >= SPLIT_LOG_HZ && g <= LOG_Q ? self->hz_factor : self->glide_factor);
    }
  }
  const LacImagerPlace place = place_now(self);
  lac_imager_path_aim(&self->paths[self->heard], &place);
  if (self->faded > 0) {
    lac_imager_path_aim(&self->paths[1 - self->heard], &place);
  }
  self->now = self->next;
  self->next = levels_of(self);
  self->is_resting = !self->is_moving && rests(p);
  p->tail_frames = p->setup.n_channels > 1 ? tail_frames(p) : 0;
}

/* ---- audio ---- */

typedef struct Stretch {
  uint32_t n, place; /* frames, and of the quantum already run */
  bool is_moving;    /* then it ends with the quantum */
} Stretch;

static double place_of(const Stretch *s, uint32_t i) {
  return (double)(s->place + i + 1) / LAC_QUANTUM_FRAMES;
}

/* Where the fade stands after so many quanta: 0 while the new path settles, then to 1 with flat ends. */
static double fade_place(const Imager *self, uint32_t quanta) {
  if (quanta <= self->settle_quanta) {
    return 0;
  }
  const double t = (double)(quanta - self->settle_quanta) / self->settle_quanta;
  return t * t * (3.0 - 2.0 * t);
}

static void run_paths(Imager *self, double *frames, const Stretch *s) {
  double other[LAC_SVF_LANES * LAC_QUANTUM_FRAMES];
  if (self->faded > 0) {
    memcpy(other, frames, LAC_SVF_LANES * s->n * sizeof *frames);
    lac_imager_path_run(&self->paths[1 - self->heard], self->kernels, other, s->n, s->place, s->is_moving);
  }
  lac_imager_path_run(&self->paths[self->heard], self->kernels, frames, s->n, s->place, s->is_moving);
  if (self->faded > self->settle_quanta) {
    const double from = fade_place(self, self->faded - 1), step = fade_place(self, self->faded) - from;
    for (uint32_t i = 0; i < 2 * s->n; i++) {
      frames[i] += (from + step * place_of(s, i / 2)) * (other[i] - frames[i]);
    }
  }
}

static void widen(Imager *self, double *frames, const Stretch *s) {
  float spread[STRETCH];
  lac_decorrelator_run(&self->decorrelator, frames, spread, s->n);
  const double from = self->now.widen, way = self->next.widen - from;
  if (way == 0) {
    for (uint32_t i = 0; i < s->n; i++) {
      frames[2 * i + 1] += from * (double)spread[i];
    }
    return;
  }
  for (uint32_t i = 0; i < s->n; i++) {
    frames[2 * i + 1] += (from + way * place_of(s, i)) * (double)spread[i];
  }
}

/* Mid and side as they are once a balance on its way has turned left and right. */
static void turn_balance(const Imager *self, double *frames, const Stretch *s) {
  const Levels *now = &self->now, *next = &self->next;
  for (uint32_t i = 0; i < s->n; i++) {
    const double mid = frames[2 * i], side = frames[2 * i + 1], at = place_of(s, i);
    const double left = (mid + side) * (now->left + (next->left - now->left) * at);
    const double right = (mid - side) * (now->right + (next->right - now->right) * at);
    frames[2 * i] = 0.5 * (left + right);
    frames[2 * i + 1] = 0.5 * (left - right);
  }
}

static void run_stretch(Imager *self, float *left, float *right, const Stretch *s) {
  _Alignas(64) double frames[LAC_SVF_LANES * STRETCH];
  const LacWidthSplitsKernels *kernels = self->paths[self->heard].width.kernels;
  kernels->to_mid_side(left, right, frames, s->n);
  run_paths(self, frames, s);
  if (self->is_widening) {
    widen(self, frames, s);
  }
  double gains[2] = {self->next.left, self->next.right};
  if (self->now.left != self->next.left || self->now.right != self->next.right) {
    turn_balance(self, frames, s);
    gains[0] = gains[1] = 1.0;
  }
  kernels->to_left_right(frames, gains, left, right, s->n);
}

static void flush(Imager *self) {
  lac_imager_path_flush(&self->paths[0]);
  lac_imager_path_flush(&self->paths[1]);
  lac_decorrelator_flush(&self->decorrelator);
}

/* While nothing moves a stretch may be longer than a quantum. */
static Stretch next_stretch(const Imager *self, uint64_t frame, uint32_t left) {
  const uint32_t place = (uint32_t)(frame % LAC_QUANTUM_FRAMES);
  const bool ends_soon = self->is_moving || self->is_dirty;
  const uint32_t room = ends_soon ? LAC_QUANTUM_FRAMES - place : STRETCH - (uint32_t)(frame % STRETCH);
  return (Stretch){left < room ? left : room, place, self->is_moving};
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Imager *self = p->state;
  for (uint32_t done = 0; done < n_frames;) {
    if (self->is_resting && !self->is_dirty) {
      return;
    }
    const uint64_t frame = p->frame + done;
    if (frame % LAC_QUANTUM_FRAMES == 0) {
      begin_quantum(p);
    }
    const Stretch s = next_stretch(self, frame, n_frames - done);
    if (!self->is_resting) {
      run_stretch(self, channels[0] + done, channels[1] + done, &s);
      if ((frame + s.n) % STRETCH == 0) {
        flush(self);
      }
    }
    done += s.n;
  }
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  Imager *self = p->state;
  double goals[N_GLIDES];
  find_goals(p, goals);
  for (unsigned g = 0; g < N_GLIDES; g++) {
    lac_glide_jump(&self->glides[g], goals[g]);
  }
  self->heard = self->faded = 0;
  const LacImagerPlace place = place_now(self);
  lac_imager_path_init(&self->paths[0], wanted(p), p->setup.rate_hz, &place);
  self->now = self->next = levels_of(self);
  self->is_widening = self->next.widen > 0;
  self->warming = 0;
  lac_decorrelator_reset(&self->decorrelator);
  self->is_moving = self->is_dirty = false;
  self->is_resting = rests(p);
  p->tail_frames = p->setup.n_channels > 1 ? tail_frames(p) : 0;
}

static LacStatus prepare(LacProcessor *p) {
  Imager *self = p->state;
  self->kernels = lac_svf_kernels_at(lac_cpu_level());
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->hz_factor = lac_glide_factor_of(HZ_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->settle_quanta = (uint32_t)ceil(SETTLE_S * p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  LacStatus status = lac_decorrelator_init(&self->decorrelator, p->arena, p->setup.rate_hz);
  if (status == LAC_OK) {
    start(p);
  }
  return status;
}

static void changed(LacProcessor *p, size_t param) {
  (void)param;
  Imager *self = p->state;
  double goals[N_GLIDES];
  find_goals(p, goals);
  for (unsigned g = 0; g < N_GLIDES; g++) {
    lac_glide_aim(&self->glides[g], goals[g]);
  }
  self->is_dirty = p->setup.n_channels > 1;
}

static bool is_neutral(const LacProcessor *p) {
  const Imager *self = p->state;
  if (self && (!self->is_resting || self->is_dirty)) {
    return false;
  }
  if (self && p->setup.n_channels == 1) {
    return true;
  }
  bool is_plain = wanted(p) == 0 && p->values[BAND1_WIDTH] == 100.0;
  return is_plain && p->values[WIDEN_PERCENT] == 0 && p->values[BALANCE_DB] == 0;
}

extern const LacProcessorClass lac_imager_class;
const LacProcessorClass lac_imager_class = {
    .info = {.id = "imager",
             .title = "Imager",
             .purpose = "Sets how wide each part of the spectrum stands.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(Imager),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
