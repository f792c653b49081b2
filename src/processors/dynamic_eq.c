/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Dynamic equaliser: six bells or shelves that act as far as what they hear is over (or under) a threshold.
 *
 * Bands hear the input of the whole processor, through a filter of their own shape, and act in series, stereo ones
 * first, then those over mid or side. A filter's poles stand still while its gain moves (dsp/dynamic_filter.h); with no
 * gain it returns its input bit for bit. A relative detector compares the band with everything, which makes it
 * independent of level: the de-esser. Bands that are off, or of the side of a mono song, do not run. */

#include "processors/dynamic_eq.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

#define GLIDE_POLE_S 0.01
/* A detector's mean is taken over this many radians of the band's frequency, or over this time if that is longer:
 * the square of a sine then ripples by less than 2 % (two poles of half the time each). A low shelf hears what is far
 * below its corner: for it at least the other time, good for 50 Hz. */
#define DETECTOR_RADIANS 8.0
#define DETECTOR_S 0.002
#define DETECTOR_LOW_S 0.02
/* The louder moments of noise in a narrow band would pull it down where the mean is under the threshold: there the mean
 * is taken over this many radians of the bandwidth, but not over more than the attack. So much of what is added to it
 * the attack gets back (measured with steps of 20 dB). */
#define MEAN_IN_ATTACK 0.6

enum {
  BAND_TYPE,
  BAND_HZ,
  BAND_Q,
  BAND_THRESHOLD_DB,
  BAND_RATIO,
  BAND_KNEE_DB,
  BAND_RANGE_DB,
  BAND_ATTACK_MS,
  BAND_RELEASE_MS,
  BAND_DIRECTION,
  BAND_DETECTOR,
  BAND_CHANNEL,
  PARAMS_PER_BAND
};

static const char *const types[] = {"off", "bell", "low_shelf", "high_shelf", NULL};
static const char *const directions[] = {"above", "below", NULL};
static const char *const detectors[] = {"absolute", "relative", NULL};
static const char *const channels_of_band[] = {"stereo", "mid", "side", NULL};

#define CHOICE(row_id, row_title, last, names, sentence)                                                               \
  {                                                                                                                    \
    .id = row_id, .title = row_title, .unit = "", .type = LAC_PARAM_CHOICE, .maximum = last, .step = 1,                \
    .choices = names, .help = sentence                                                                                 \
  }

#define BAND_ROWS(n, hz)                                                                                               \
  CHOICE("band" #n "_type", "Band " #n " type", DYNAMIC_EQ_TYPES - 1, types,                                           \
         "Where the band acts: around a frequency (bell), below or above it (shelves)."),                              \
      LAC_NUMBER_ROW("band" #n "_hz", "Band " #n " frequency", "Hz", 20, 20000, hz, 1, LAC_SCALE_LOG,                  \
                     "The middle of a bell, the corner of a shelf; what the sample rate cannot carry rests."),         \
      LAC_NUMBER_ROW("band" #n "_q", "Band " #n " Q", "", 0.1, 20, 1, 0.01, LAC_SCALE_LOG,                             \
                     "How narrow a bell is; 0.71 gives shelves no bump."),                                             \
      LAC_NUMBER_ROW(                                                                                                  \
          "band" #n "_threshold_db", "Band " #n " threshold", "dB", -80, 0, -30, 0.1, LAC_SCALE_LINEAR,                \
          "Level in the band from which it acts; with a relative detector, level of the band against everything."),    \
      LAC_NUMBER_ROW("band" #n "_ratio", "Band " #n " ratio", "", 1, 20, 2, 0.01, LAC_SCALE_LOG,                       \
                     "How strongly: at 2 the gain moves by half of what the level is beyond the threshold."),          \
      LAC_NUMBER_ROW("band" #n "_knee_db", "Band " #n " knee", "dB", 0, 30, 6, 0.1, LAC_SCALE_LINEAR,                  \
                     "How gradually it sets in around the threshold."),                                                \
      LAC_NUMBER_ROW("band" #n "_range_db", "Band " #n " range", "dB", -DYNAMIC_EQ_MOST_DB, DYNAMIC_EQ_MOST_DB, 0,     \
                     0.1, LAC_SCALE_LINEAR,                                                                            \
                     "The most the gain moves: negative to cut, positive to lift; 0 does nothing."),                   \
      LAC_NUMBER_ROW("band" #n "_attack_ms", "Band " #n " attack", "ms", 0.1, 300, 10, 0.1, LAC_SCALE_LOG,             \
                     "How long the gain takes to follow a louder sound (63 % of the way)."),                           \
      LAC_NUMBER_ROW("band" #n "_release_ms", "Band " #n " release", "ms", 5, 5000, 120, 1, LAC_SCALE_LOG,             \
                     "How long it takes to follow a quieter one; never faster than the attack."),                      \
      CHOICE("band" #n "_direction", "Band " #n " direction", 1, directions,                                           \
             "Whether the band acts on what is louder than the threshold, or on what is quieter."),                    \
      CHOICE("band" #n "_detector", "Band " #n " detector", 1, detectors,                                              \
             "Whether the threshold is a level (absolute), or a share of the whole sound, however loud that is "       \
             "(relative), as in a de-esser."),                                                                         \
      CHOICE("band" #n "_channel", "Band " #n " channel", 2, channels_of_band,                                         \
             "What the band hears and changes: both channels alike, the middle, or the sides.")

static const LacParam params[] = {
    BAND_ROWS(1, 100),  BAND_ROWS(2, 250),  BAND_ROWS(3, 800),
    BAND_ROWS(4, 2500), BAND_ROWS(5, 7000), BAND_ROWS(6, 10000),
};

_Static_assert(sizeof params / sizeof params[0] == DYNAMIC_EQ_BANDS * PARAMS_PER_BAND, "one row per value of a band");

#define READOUT_ROW(n)                                                                                                 \
  {                                                                                                                    \
    .id = "band" #n "_gain_db", .title = "Band " #n " gain", .unit = "dB",                                             \
    .help = "What the band does at its middle: negative where it cuts."                                                \
  }

static const LacReadout readouts[] = {READOUT_ROW(1), READOUT_ROW(2), READOUT_ROW(3),
                                      READOUT_ROW(4), READOUT_ROW(5), READOUT_ROW(6)};

static double value_of(const LacProcessor *p, unsigned band, unsigned param) {
  return p->values[band * PARAMS_PER_BAND + param];
}

/* ---- values into bands ---- */

/* The kind that a band has in effect: off when it would do nothing. */
static DynamicEqKind wanted_kind(const LacProcessor *p, unsigned band) {
  const bool is_prepared = p->state != NULL, is_mono = is_prepared && p->setup.n_channels < 2;
  DynamicEqKind kind = {.type = (DynamicEqType)value_of(p, band, BAND_TYPE),
                        .is_below = value_of(p, band, BAND_DIRECTION) != 0,
                        .is_relative = value_of(p, band, BAND_DETECTOR) != 0,
                        .channel = (DynamicEqChannel)value_of(p, band, BAND_CHANNEL)};
  const bool is_heard = !is_mono || kind.channel != DYNAMIC_EQ_SIDE;
  const bool is_carried =
      !is_prepared || kind.type == DYNAMIC_EQ_LOW_SHELF || value_of(p, band, BAND_HZ) < 0.45 * p->setup.rate_hz;
  const bool acts = value_of(p, band, BAND_RANGE_DB) != 0 && value_of(p, band, BAND_RATIO) > 1;
  if (kind.type == DYNAMIC_EQ_OFF || !is_heard || !is_carried || !acts) {
    return (DynamicEqKind){.type = DYNAMIC_EQ_OFF};
  }
  if (is_mono) {
    kind.channel = DYNAMIC_EQ_STEREO;
  }
  return kind;
}

static bool is_same_kind(DynamicEqKind a, DynamicEqKind b) {
  return a.type == b.type && a.is_below == b.is_below && a.is_relative == b.is_relative && a.channel == b.channel;
}

static void read_glides(const LacProcessor *p, DynamicEqBand *band) {
  const double hz = lac_exp(lac_glide_value(&band->glides[GLIDE_LOG_HZ])), highest = 0.45 * p->setup.rate_hz;
  const LacDynamicPoles poles = {.g = lac_tan(LAC_PI * (hz < highest ? hz : highest) / p->setup.rate_hz),
                                 .k = lac_exp(-lac_glide_value(&band->glides[GLIDE_LOG_Q]))};
  band->next = (LacGainCurve){.threshold_db = lac_glide_value(&band->glides[GLIDE_THRESHOLD]),
                              .slope = lac_glide_value(&band->glides[GLIDE_SLOPE]),
                              .knee_db = lac_glide_value(&band->glides[GLIDE_KNEE]),
                              .range_db = lac_glide_value(&band->glides[GLIDE_RANGE]),
                              .fade_db = LAC_DYNAMICS_NO_FADE_DB,
                              .is_below = band->kind.is_below};
  band->next_share = lac_glide_value(&band->glides[GLIDE_SIGN]) * lac_glide_value(&band->glides[GLIDE_WET]);
  band->filter.to = poles;
}

static void aim(LacGlide *glide, double value, bool at_once) {
  if (at_once) {
    lac_glide_jump(glide, value);
  } else {
    lac_glide_aim(glide, value);
  }
}

/* Exactly what is set, once it has arrived there. */
static double time_ms(const LacProcessor *p, unsigned index, unsigned value) {
  const DynamicEq *self = p->state;
  const LacGlide *glide = &self->bands[index].glides[value == BAND_ATTACK_MS ? GLIDE_LOG_ATTACK : GLIDE_LOG_RELEASE];
  return glide->is_moving ? lac_exp(lac_glide_value(glide)) : value_of(p, index, value);
}

/* Twice as long as those of a compressor, where the attack allows it: what moves is a part of the spectrum and never by
 * more than 24 dB, so that what straight lines add to a sine whose level swings by 20 dB stays below -118 dB. */
static uint32_t step_frames_for(double attack_s, double rate_hz) {
  const uint32_t frames = lac_steps_frames(attack_s, rate_hz);
  const bool is_short = 4 * frames - 1 <= 0.08 * attack_s * rate_hz;
  return attack_s >= 0.01 && is_short && frames < LAC_MOST_STEP_FRAMES ? 2 * frames : frames;
}

/* Takes the step that suits the shortest attack of the bands that run. */
static void set_step(LacProcessor *p) {
  DynamicEq *self = p->state;
  double shortest_ms = 1000;
  for (unsigned r = 0; r < self->n_running; r++) {
    const double attack_ms = time_ms(p, self->running[r], BAND_ATTACK_MS);
    shortest_ms = attack_ms < shortest_ms ? attack_ms : shortest_ms;
  }
  const uint32_t step_frames = step_frames_for(1e-3 * shortest_ms, p->setup.rate_hz);
  for (unsigned r = 0; r < self->n_running && step_frames != self->step_frames; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    /* As the means are: this step has no frames of its own yet. */
    lac_dynamic_ear_restep(&band->ear, step_frames, self->heard[r].state[1][0]);
    band->everything.sum[0][0] = band->everything.sum[0][1] = (step_frames - 1) * self->broad[r].state[1][0];
    band->everything.sum[1][0] = band->everything.sum[1][1] = 0;
  }
  self->step_frames = step_frames;
}

static void set_times(LacProcessor *p) {
  DynamicEq *self = p->state;
  set_step(p);
  const double steps_hz = p->setup.rate_hz / self->step_frames;
  const double delay_s = lac_steps_delay_s(self->step_frames, p->setup.rate_hz);
  for (unsigned r = 0; r < self->n_running; r++) {
    const unsigned index = self->running[r];
    const double radian_s = 1.0 / (2.0 * LAC_PI * value_of(p, index, BAND_HZ));
    const double least_s = self->bands[index].kind.type == DYNAMIC_EQ_LOW_SHELF ? DETECTOR_LOW_S : DETECTOR_S;
    const double attack_s = 1e-3 * time_ms(p, index, BAND_ATTACK_MS);
    const double wide_s = fmax(DETECTOR_RADIANS * radian_s, least_s);
    const double mean_s = fmax(wide_s, fmin(DETECTOR_RADIANS * radian_s * value_of(p, index, BAND_Q), attack_s));
    self->heard[r].factor = self->broad[r].factor = lac_one_pole_factor(0.5 * mean_s, steps_hz);
    lac_ballistics_set(&self->ballistics[r], attack_s - MEAN_IN_ATTACK * (mean_s - wide_s) - delay_s,
                       time_ms(p, index, BAND_RELEASE_MS) * 1e-3 - delay_s, 0.0, steps_hz);
  }
}

/* Puts a band that begins to run in its place, its states silent. */
static void enter(LacProcessor *p, unsigned index) {
  DynamicEq *self = p->state;
  const bool is_direct = self->bands[index].kind.channel == DYNAMIC_EQ_STEREO;
  unsigned at = is_direct ? 0 : self->n_direct, end = is_direct ? self->n_direct : self->n_running;
  if (self->n_running == 0) {
    memset(self->past, 0, sizeof self->past);
  }
  while (at < end && self->running[at] < index) {
    at++;
  }
  const size_t n_after = self->n_running - at;
  memmove(&self->running[at + 1], &self->running[at], n_after * sizeof self->running[0]);
  memmove(&self->heard[at + 1], &self->heard[at], n_after * sizeof self->heard[0]);
  memmove(&self->broad[at + 1], &self->broad[at], n_after * sizeof self->broad[0]);
  memmove(&self->ballistics[at + 1], &self->ballistics[at], n_after * sizeof self->ballistics[0]);
  self->running[at] = index;
  self->heard[at] = self->broad[at] = (LacMeanSquare){0};
  self->ballistics[at] = (LacBallistics){0};
  lac_ballistics_rest(&self->ballistics[at], self->bands[index].kind.is_below ? DYNAMIC_EQ_MOST_DB : 0.0);
  self->n_running++;
  self->n_direct += is_direct;
}

static void leave(LacProcessor *p, unsigned index) {
  DynamicEq *self = p->state;
  unsigned at = 0;
  while (self->running[at] != index) {
    at++;
  }
  const size_t n_after = self->n_running - at - 1;
  memmove(&self->running[at], &self->running[at + 1], n_after * sizeof self->running[0]);
  memmove(&self->heard[at], &self->heard[at + 1], n_after * sizeof self->heard[0]);
  memmove(&self->broad[at], &self->broad[at + 1], n_after * sizeof self->broad[0]);
  memmove(&self->ballistics[at], &self->ballistics[at + 1], n_after * sizeof self->ballistics[0]);
  self->n_running--;
  self->n_direct -= at < self->n_direct;
  self->bands[index].is_running = false;
}

/* Brings a band toward its values; `at_once` when there is no sound yet that could click. */
static void retarget(LacProcessor *p, unsigned index, bool at_once) {
  DynamicEq *self = p->state;
  DynamicEqBand *band = &self->bands[index];
  const DynamicEqKind kind = wanted_kind(p, index);
  const double range_db = value_of(p, index, BAND_RANGE_DB);
  band->is_dirty = false;
  if (band->is_running && !is_same_kind(kind, band->kind)) {
    lac_glide_aim(&band->glides[GLIDE_WET], 0); /* what is wanted instead starts when this has faded out */
    return;
  }
  if (kind.type == DYNAMIC_EQ_OFF) {
    return;
  }
  const bool is_new = !band->is_running;
  if (is_new) {
    static const LacDynamicShape shapes[] = {[DYNAMIC_EQ_BELL] = LAC_DYNAMIC_BELL,
                                             [DYNAMIC_EQ_LOW_SHELF] = LAC_DYNAMIC_LOW_SHELF,
                                             [DYNAMIC_EQ_HIGH_SHELF] = LAC_DYNAMIC_HIGH_SHELF};
    band->kind = kind;
    band->is_running = true;
    band->filter = (LacDynamicFilter){.shape = shapes[kind.type]};
    lac_dynamic_ear_init(&band->ear, shapes[kind.type], (LacDynamicPoles){1.0, 1.0});
    band->ear.lanes[0] = kind.channel != DYNAMIC_EQ_SIDE;
    band->ear.lanes[1] = kind.channel != DYNAMIC_EQ_MID;
    band->everything = (LacMeanSquare){.factor = 1.0};
    band->past[0] = band->past[1] = 1.0f;
    band->shown_db = 0.0f;
    lac_glide_jump(&band->glides[GLIDE_WET], at_once ? 1.0 : 0.0);
    enter(p, index);
  }
  lac_glide_aim(&band->glides[GLIDE_WET], 1.0);
  aim(&band->glides[GLIDE_LOG_HZ], lac_log(value_of(p, index, BAND_HZ)), is_new);
  aim(&band->glides[GLIDE_LOG_Q], lac_log(value_of(p, index, BAND_Q)), is_new);
  aim(&band->glides[GLIDE_THRESHOLD], value_of(p, index, BAND_THRESHOLD_DB), is_new);
  aim(&band->glides[GLIDE_SLOPE], 1.0 - 1.0 / value_of(p, index, BAND_RATIO), is_new);
  aim(&band->glides[GLIDE_KNEE], value_of(p, index, BAND_KNEE_DB), is_new);
  aim(&band->glides[GLIDE_RANGE], fabs(range_db), is_new);
  aim(&band->glides[GLIDE_SIGN], range_db < 0 ? -1.0 : 1.0, is_new);
  aim(&band->glides[GLIDE_LOG_ATTACK], lac_log(value_of(p, index, BAND_ATTACK_MS)), is_new);
  aim(&band->glides[GLIDE_LOG_RELEASE], lac_log(value_of(p, index, BAND_RELEASE_MS)), is_new);
  set_times(p);
  if (is_new) {
    read_glides(p, band);
    band->now = band->next;
    band->now_share = band->next_share;
    band->filter.from = band->filter.to;
    band->ear.poles = band->filter.to;
  }
}

/* ---- at quantum borders ---- */

/* One quantum of movement. A band that has faded out stops; its values are looked at again. */
static void move_band(LacProcessor *p, unsigned index) {
  DynamicEq *self = p->state;
  DynamicEqBand *band = &self->bands[index];
  const LacGlide *wet = &band->glides[GLIDE_WET];
  if (band->is_running && !wet->is_moving && lac_glide_value(wet) == 0) {
    leave(p, index);
    set_times(p);
    band->is_dirty = true;
  }
  if (band->is_dirty) {
    retarget(p, index, false);
  }
  const bool was_moving = band->is_moving;
  const bool is_time_moving = band->glides[GLIDE_LOG_ATTACK].is_moving || band->glides[GLIDE_LOG_RELEASE].is_moving;
  band->is_moving = false;
  for (int k = 0; band->is_running && k < GLIDES; k++) {
    if (band->glides[k].is_moving) {
      band->is_moving = true;
      lac_glide_step(&band->glides[k], self->glide_factor);
    }
  }
  if (band->is_running && is_time_moving) {
    set_times(p);
  }
  if (band->is_running && (was_moving || band->is_moving)) {
    band->now = band->next;
    band->now_share = band->next_share;
    band->filter.from = band->filter.to;
    read_glides(p, band);
    lac_dynamic_ear_aim(&band->ear, band->filter.to);
  }
}

/* Until filters of 24 dB gain are 120 dB down: 168 dB, ln 10^8.4 = 19.3 (poles as in the equalizer). */
static uint64_t decay_frames(const DynamicEq *self) {
  double frames = 0;
  for (unsigned r = 0; r < self->n_running; r++) {
    const LacDynamicPoles poles = self->bands[self->running[r]].filter.to;
    const double g = poles.g, k = poles.k, square = 1.0 + g * g;
    double slow = k > 2.0 ? 0.5 * (k - sqrt(k * k - 4.0)) : 0;
    double shrink = k > 2.0 ? fabs((1.0 - g * slow) / (1.0 + g * slow)) : sqrt((square - g * k) / (square + g * k));
    double fast = k > 2.0 ? fabs((1.0 - g / slow) / (1.0 + g / slow)) : 0;
    shrink = fast > shrink ? fast : shrink;
    frames += 2.0 + 19.3 / -lac_log(shrink > 1e-6 ? shrink : 1e-6);
  }
  return (uint64_t)frames;
}

static void begin_quantum(LacProcessor *p) {
  DynamicEq *self = p->state;
  self->is_settled = true;
  for (unsigned b = 0; b < DYNAMIC_EQ_BANDS; b++) {
    move_band(p, b);
    const DynamicEqBand *band = &self->bands[b];
    bool fades_out = band->is_running && band->glides[GLIDE_WET].target == 0;
    self->is_settled = self->is_settled && !band->is_moving && !band->is_dirty && !fades_out;
  }
  p->tail_frames = self->is_settled ? decay_frames(self) : p->tail_frames;
}

static void tidy(DynamicEq *self) {
  for (unsigned r = 0; r < self->n_running; r++) {
    DynamicEqBand *band = &self->bands[self->running[r]];
    lac_dynamic_filter_flush(&band->filter);
    lac_dynamic_ear_flush(&band->ear);
    lac_mean_square_flush(&self->heard[r]);
    lac_mean_square_flush(&self->broad[r]);
    lac_mean_square_flush(&band->everything);
    lac_ballistics_settle(&self->ballistics[r]);
  }
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  DynamicEq *self = p->state;
  for (uint32_t done = 0, run; done < n_frames; done += run) {
    const uint32_t place = (uint32_t)((p->frame + done) % DYNAMIC_EQ_STRETCH);
    if (place % LAC_QUANTUM_FRAMES == 0 && !self->is_settled) {
      begin_quantum(p);
    }
    const uint32_t whole = self->is_settled ? DYNAMIC_EQ_STRETCH : LAC_QUANTUM_FRAMES;
    run = whole - place % whole;
    run = n_frames - done < run ? n_frames - done : run;
    float *at[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    if (self->n_running > 0) {
      lac_dynamic_eq_run(p, at, run, place % whole);
    }
    for (unsigned b = 0; b < DYNAMIC_EQ_BANDS; b++) {
      if (!self->bands[b].is_running) {
        lac_readout_push_constant(&self->readouts[b], 0.0f, run);
      }
    }
    if (place + run == DYNAMIC_EQ_STRETCH) {
      tidy(self);
    }
  }
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  DynamicEq *self = p->state;
  self->n_running = self->n_direct = 0;
  set_times(p);
  for (unsigned b = 0; b < DYNAMIC_EQ_BANDS; b++) {
    self->bands[b].is_running = false;
    self->bands[b].is_moving = false;
    retarget(p, b, true);
    lac_readout_begin(&self->readouts[b], p, b);
  }
  self->is_settled = true;
  p->tail_frames = decay_frames(self);
}

static LacStatus prepare(LacProcessor *p) {
  DynamicEq *self = p->state;
  self->svf = lac_svf_kernels_at(lac_cpu_level());
  self->dynamics = lac_gain_computer_kernels_at(lac_cpu_level());
  self->filters = lac_dynamic_filter_kernels_at(lac_cpu_level());
  self->ears = lac_dynamic_ear_kernels_at(lac_cpu_level());
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->work = lac_arena_alloc(p->arena, 1, sizeof *self->work);
  if (!self->work) {
    return LAC_ERR_MEMORY;
  }
  for (uint32_t i = 0; i < DYNAMIC_EQ_POINTS; i++) {
    self->work->ones[i] = 1.0f;
  }
  start(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  DynamicEq *self = p->state;
  self->bands[param / PARAMS_PER_BAND].is_dirty = true;
  self->is_settled = false;
}

static bool is_neutral(const LacProcessor *p) {
  const DynamicEq *self = p->state;
  if (self && (!self->is_settled || self->n_running > 0)) {
    return false;
  }
  for (unsigned b = 0; b < DYNAMIC_EQ_BANDS; b++) {
    if (wanted_kind(p, b).type != DYNAMIC_EQ_OFF) {
      return false;
    }
  }
  return true;
}

extern const LacProcessorClass lac_dynamic_eq_class;
const LacProcessorClass lac_dynamic_eq_class = {
    .info = {.id = "dynamic_eq",
             .title = "Dynamic equalizer",
             .purpose = "Shapes the tone only where and while it is needed.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(DynamicEq),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
