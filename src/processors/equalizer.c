/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Equaliser: twelve minimum-phase bands without the cramping of the bilinear transform (dsp/biquad_fit.h), in double.
 *
 * Bands run in series, stereo, left and right ones first, then, in one trip through mid and side, the mid and side
 * ones. Bands that are off, at 0 dB, or meaningless on mono (left, right, side) do not run at all: with none left the
 * input is not touched. A changed value glides: the section's coefficients are interpolated sample by sample between
 * quantum borders, which the state-variable form allows. A second section that a moving band needs grows from one that
 * does nothing, and shrinks to that before it goes. Switching a band on, off, or to another type or channel fades the
 * band out and in again. Designs happen at the border where a change lands, at most one per band and some 0.1 ms for
 * one section, 0.1 to 0.3 ms for two. */

#include <math.h>
#include <string.h>

#include "dsp/biquad_fit.h"
#include "dsp/elementary.h"
#include "dsp/mid_side.h"
#include "dsp/svf_kernels.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

/* Slow enough that a narrow band may jump across the whole range without a click (test_equalizer.c): half way after
 * 27 ms. */
#define GLIDE_POLE_S 0.01

enum { N_BANDS = 12 };
enum { BAND_TYPE, BAND_HZ, BAND_DB, BAND_Q, BAND_CHANNEL, PARAMS_PER_BAND };

typedef enum BandChannel {
  CHANNEL_STEREO,
  CHANNEL_LEFT,
  CHANNEL_RIGHT,
  CHANNEL_MID,
  CHANNEL_SIDE,
  N_CHANNELS
} BandChannel;

/* In the order of LacBandType. */
static const char *const types[] = {"off",          "bell",        "low_shelf",    "high_shelf",  "tilt",
                                    "notch",        "high_pass",   "low_pass",     "high_pass_6", "low_pass_6",
                                    "high_pass_24", "low_pass_24", "high_pass_48", "low_pass_48", NULL};
static const char *const channels_of_band[] = {"stereo", "left", "right", "mid", "side", NULL};

#define BAND_ROWS(n, default_hz)                                                                                       \
  {.id = "band" #n "_type",                                                                                            \
   .title = "Band " #n " type",                                                                                        \
   .unit = "",                                                                                                         \
   .type = LAC_PARAM_CHOICE,                                                                                           \
   .maximum = LAC_BAND_TYPES - 1,                                                                                      \
   .step = 1,                                                                                                          \
   .choices = types,                                                                                                   \
   .help = "What this band does: lift or cut around a frequency (bell), below or above it (shelves), turn the whole "  \
           "balance (tilt), or remove (notch, passes with 6, 12, 24 or 48 dB per octave)."},                           \
      {.id = "band" #n "_hz",                                                                                          \
       .title = "Band " #n " frequency",                                                                               \
       .unit = "Hz",                                                                                                   \
       .type = LAC_PARAM_NUMBER,                                                                                       \
       .minimum = 10,                                                                                                  \
       .maximum = 40000,                                                                                               \
       .neutral = default_hz,                                                                                          \
       .step = 1,                                                                                                      \
       .scale = LAC_SCALE_LOG,                                                                                         \
       .help =                                                                                                         \
           "Where the band works; above half the sample rate a bell or shelf keeps what is audible of it, a notch "    \
           "or high-pass moves down to 0.49 of the rate."},                                                            \
      {.id = "band" #n "_db",                                                                                          \
       .title = "Band " #n " gain",                                                                                    \
       .unit = "dB",                                                                                                   \
       .type = LAC_PARAM_NUMBER,                                                                                       \
       .minimum = -18,                                                                                                 \
       .maximum = 18,                                                                                                  \
       .step = 0.1,                                                                                                    \
       .help = "How much the band lifts or cuts; a tilt lifts the top by half of it and lowers the bottom by half."},  \
      {.id = "band" #n "_q",                                                                                           \
       .title = "Band " #n " Q",                                                                                       \
       .unit = "",                                                                                                     \
       .type = LAC_PARAM_NUMBER,                                                                                       \
       .minimum = 0.1,                                                                                                 \
       .maximum = 40,                                                                                                  \
       .neutral = 0.71,                                                                                                \
       .step = 0.01,                                                                                                   \
       .scale = LAC_SCALE_LOG,                                                                                         \
       .help = "How narrow the band is: 0.5 is broad, 4 is narrow; 0.71 gives shelves and passes no bump."},           \
  {                                                                                                                    \
    .id = "band" #n "_channel", .title = "Band " #n " channel", .unit = "", .type = LAC_PARAM_CHOICE,                  \
    .maximum = N_CHANNELS - 1, .step = 1, .choices = channels_of_band,                                                 \
    .help = "What the band hears: both channels, one of them, the middle, or the sides; a mono song is all middle."    \
  }

static const LacParam params[] = {
    BAND_ROWS(1, 30),   BAND_ROWS(2, 60),     BAND_ROWS(3, 120),    BAND_ROWS(4, 250),
    BAND_ROWS(5, 500),  BAND_ROWS(6, 1000),   BAND_ROWS(7, 2000),   BAND_ROWS(8, 4000),
    BAND_ROWS(9, 8000), BAND_ROWS(10, 10000), BAND_ROWS(11, 12000), BAND_ROWS(12, 16000),
};

_Static_assert(sizeof params / sizeof params[0] == N_BANDS * PARAMS_PER_BAND, "one row per value of a band");
_Static_assert(sizeof types / sizeof types[0] == LAC_BAND_TYPES + 1, "every band type has its name");

/* One second-order section: what it is, on its way to what it shall be. */
typedef struct Section {
  LacSvf target;
  LacGlide log_g, log_k, low;
  LacGlide peak;      /* band / k, so that a moving Q leaves the gain of a bell alone */
  LacGlide high;      /* over nyquist_gain(g) */
  LacSvfSection now;  /* at the last quantum border */
  LacSvfSection next; /* at the next one; the same unless the band is moving */
  LacSvfState state;
} Section;

typedef struct Band {
  bool is_running;
  bool is_moving; /* in this quantum */
  bool is_dirty;  /* a value has changed */
  LacBandType type;
  BandChannel channel;
  LacGlide wet;        /* 0 = not there, 1 = all there */
  unsigned n_sections; /* that run */
  unsigned n_wanted;   /* of these, the first ones; the others are on their way out */
  Section sections[LAC_BAND_MAX_SECTIONS];
} Band;

/* Of the absolute frame index: at its ends states below 1e-30 are set to zero. A decay that gets from there to the
 * denormals within eight quanta falls by more than a decade per frame and is through them at once. */
enum { STRETCH_FRAMES = 8 * LAC_QUANTUM_FRAMES };

enum { MAX_ROWS = N_BANDS * LAC_BAND_MAX_SECTIONS };

/* The sections that run, in order; the first n_direct of them over left and right, the others over mid and side. */
typedef struct RowList {
  unsigned n_rows;
  unsigned n_direct;
  const LacSvfSection *now[MAX_ROWS];
  const LacSvfSection *next[MAX_ROWS];
  LacSvfState *state[MAX_ROWS];
  bool is_moving[MAX_ROWS];
} RowList;

typedef struct Equalizer {
  Band bands[N_BANDS];
  RowList rows;
  bool is_settled; /* nothing moves and nothing has changed */
  double glide_factor, most_log_hz;
  const LacSvfKernels *kernels;
} Equalizer;

static double value_of(const LacProcessor *p, unsigned band, unsigned param) {
  return p->values[band * PARAMS_PER_BAND + param];
}

/* The type that a band has in effect: off when it would do nothing. */
static LacBandType effective_type(const LacProcessor *p, unsigned band, unsigned n_channels) {
  LacBandType type = (LacBandType)value_of(p, band, BAND_TYPE);
  BandChannel channel = (BandChannel)value_of(p, band, BAND_CHANNEL);
  bool is_heard = n_channels > 1 || channel == CHANNEL_STEREO || channel == CHANNEL_MID;
  bool acts = !lac_band_uses_db(type) || value_of(p, band, BAND_DB) != 0;
  return is_heard && acts ? type : LAC_BAND_OFF;
}

static BandChannel effective_channel(const LacProcessor *p, unsigned band) {
  return p->setup.n_channels > 1 ? (BandChannel)value_of(p, band, BAND_CHANNEL) : CHANNEL_STEREO;
}

/* ---- values into sections ---- */

/* A section whose poles lie close to Nyquist has a `high`, the gain there, that grows with g^2 without being heard
 * (5500 and 3e7 where a shelf peaks at 21.6 kHz). On its own way it would be there long before g, and the treble 75 dB
 * up. */
static double nyquist_gain(double g) {
  return g > 3.0 ? g * g / 9.0 : 1.0;
}

static void aim_section(Section *section, const LacSvf *target) {
  section->target = *target;
  lac_glide_aim(&section->log_g, lac_log(target->g));
  lac_glide_aim(&section->log_k, lac_log(target->k));
  lac_glide_aim(&section->low, target->low);
  lac_glide_aim(&section->peak, target->band / target->k);
  lac_glide_aim(&section->high, target->high / nyquist_gain(target->g));
}

static bool section_moves(const Section *section) {
  return section->log_g.is_moving || section->log_k.is_moving || section->low.is_moving || section->peak.is_moving ||
         section->high.is_moving;
}

/* Coefficients of both lanes as the glides stand now. */
static void write_lanes(const Band *band, const Section *section, LacSvfSection *lanes) {
  LacSvf svf = section->target;
  if (section_moves(section)) {
    svf = (LacSvf){.g = lac_exp(lac_glide_value(&section->log_g)),
                   .k = lac_exp(lac_glide_value(&section->log_k)),
                   .low = lac_glide_value(&section->low)};
    svf.band = svf.k * lac_glide_value(&section->peak);
    svf.high = nyquist_gain(svf.g) * lac_glide_value(&section->high);
  }
  bool is_on[LAC_SVF_LANES] = {band->channel != CHANNEL_RIGHT && band->channel != CHANNEL_SIDE,
                               band->channel != CHANNEL_LEFT && band->channel != CHANNEL_MID};
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
    if (is_on[lane]) {
      lac_svf_lane(lanes, lane, &svf, lac_glide_value(&band->wet));
    } else {
      lac_svf_lane_through(lanes, lane);
    }
  }
}

static void begin_section(const Band *band, Section *section, const LacSvf *svf) {
  *section = (Section){.target = *svf};
  lac_glide_jump(&section->log_g, lac_log(svf->g));
  lac_glide_jump(&section->log_k, lac_log(svf->k));
  lac_glide_jump(&section->low, svf->low);
  lac_glide_jump(&section->peak, svf->band / svf->k);
  lac_glide_jump(&section->high, svf->high / nyquist_gain(svf->g));
  write_lanes(band, section, &section->next);
  section->now = section->next;
}

/* Poles and zeros in the same places: the section returns its input. */
static LacSvf at_rest(const LacSvf *svf) {
  return (LacSvf){.g = svf->g, .k = svf->k, .low = 1.0, .band = svf->k, .high = 1.0};
}

/* New sections of a band that runs grow from rest, those no longer wanted go there. */
static void aim_sections(Band *band, LacSvf targets[LAC_BAND_MAX_SECTIONS], unsigned n_wanted, bool is_new) {
  band->n_wanted = n_wanted;
  for (; band->n_sections < n_wanted; band->n_sections++) {
    LacSvf rest = at_rest(&targets[band->n_sections]);
    begin_section(band, &band->sections[band->n_sections], is_new ? &targets[band->n_sections] : &rest);
  }
  for (unsigned k = 0; k < band->n_sections; k++) {
    LacSvf rest = at_rest(&band->sections[k].target);
    aim_section(&band->sections[k], k < n_wanted ? &targets[k] : &rest);
  }
}

/* Bring a band toward its values; `at_once` when there is no sound yet that could click. */
static void retarget(LacProcessor *p, unsigned index, bool at_once) {
  Equalizer *self = p->state;
  Band *band = &self->bands[index];
  LacBandType type = effective_type(p, index, p->setup.n_channels);
  BandChannel channel = effective_channel(p, index);
  band->is_dirty = false;
  if (band->is_running && (type != band->type || channel != band->channel)) {
    lac_glide_aim(&band->wet, 0); /* what is wanted instead starts when this has faded out */
    return;
  }
  if (type == LAC_BAND_OFF) {
    return;
  }
  LacSvf targets[LAC_BAND_MAX_SECTIONS];
  unsigned n_wanted = lac_band_design(type, value_of(p, index, BAND_HZ), value_of(p, index, BAND_DB),
                                      value_of(p, index, BAND_Q), p->setup.rate_hz, targets);
  bool is_new = !band->is_running;
  if (is_new) {
    band->type = type;
    band->channel = channel;
    band->n_sections = 0;
    band->is_running = true;
    lac_glide_jump(&band->wet, at_once ? 1.0 : 0.0);
  }
  lac_glide_aim(&band->wet, 1.0);
  aim_sections(band, targets, n_wanted, is_new);
}

/* One quantum of movement. A band that has faded out stops; its values are looked at again. */
static void move_band(LacProcessor *p, unsigned index) {
  Equalizer *self = p->state;
  Band *band = &self->bands[index];
  if (band->is_running && !band->wet.is_moving && lac_glide_value(&band->wet) == 0) {
    band->is_running = false;
    band->is_dirty = true;
  }
  if (band->is_dirty) {
    retarget(p, index, false);
  }
  while (band->n_sections > band->n_wanted && !section_moves(&band->sections[band->n_sections - 1])) {
    band->n_sections--;
  }
  bool was_moving = band->is_moving;
  band->is_moving = band->is_running && band->wet.is_moving;
  for (unsigned k = 0; band->is_running && k < band->n_sections; k++) {
    band->is_moving = band->is_moving || section_moves(&band->sections[k]);
  }
  if (band->is_moving && band->wet.is_moving) {
    lac_glide_step(&band->wet, self->glide_factor);
  }
  for (unsigned k = 0; band->is_running && (was_moving || band->is_moving) && k < band->n_sections; k++) {
    Section *section = &band->sections[k];
    section->now = section->next;
    LacGlide *glides[] = {&section->log_g, &section->log_k, &section->low, &section->peak, &section->high};
    for (size_t i = 0; i < sizeof glides / sizeof glides[0]; i++) {
      if (glides[i]->is_moving) {
        lac_glide_step_at_most(glides[i], self->glide_factor, i == 0 ? self->most_log_hz : INFINITY);
      }
    }
    write_lanes(band, section, &section->next);
  }
}

static bool is_mid_side(const Band *band) {
  return band->channel == CHANNEL_MID || band->channel == CHANNEL_SIDE;
}

static void list_rows(Equalizer *self) {
  RowList *rows = &self->rows;
  rows->n_rows = rows->n_direct = 0;
  for (int mid_side = 0; mid_side < 2; mid_side++) {
    for (unsigned b = 0; b < N_BANDS; b++) {
      Band *band = &self->bands[b];
      for (unsigned k = 0; band->is_running && is_mid_side(band) == mid_side && k < band->n_sections; k++) {
        rows->now[rows->n_rows] = &band->sections[k].now;
        rows->next[rows->n_rows] = &band->sections[k].next;
        rows->state[rows->n_rows] = &band->sections[k].state;
        rows->is_moving[rows->n_rows] = band->is_moving;
        rows->n_rows++;
      }
    }
    rows->n_direct = mid_side == 0 ? rows->n_rows : rows->n_direct;
  }
}

/* Frames until the slowest pole of every section in series has fallen by 120 dB, added up. */
static uint64_t decay_frames(const Equalizer *self) {
  double frames = 0;
  for (unsigned b = 0; b < N_BANDS; b++) {
    for (unsigned k = 0; self->bands[b].is_running && k < self->bands[b].n_sections; k++) {
      const LacSvf *svf = &self->bands[b].sections[k].target;
      double slow = svf->k > 2.0 ? 0.5 * (svf->k - sqrt(svf->k * svf->k - 4.0)) : 0;
      double shrink = svf->k > 2.0
                          ? fabs((1.0 - svf->g * slow) / (1.0 + svf->g * slow))
                          : sqrt((1.0 - svf->g * svf->k + svf->g * svf->g) / (1.0 + svf->g * svf->k + svf->g * svf->g));
      /* 13.8 = ln 10^6 */
      frames += 2.0 + 13.8 / -lac_log(shrink > 1e-6 ? shrink : 1e-6);
    }
  }
  return (uint64_t)frames;
}

static void begin_quantum(LacProcessor *p) {
  Equalizer *self = p->state;
  self->is_settled = true;
  for (unsigned b = 0; b < N_BANDS; b++) {
    move_band(p, b);
    const Band *band = &self->bands[b];
    bool fades_out = band->is_running && band->wet.target == 0;
    self->is_settled = self->is_settled && !band->is_moving && !band->is_dirty && !fades_out;
  }
  list_rows(self);
  p->tail_frames = self->is_settled ? decay_frames(self) : p->tail_frames;
}

/* ---- audio ---- */

static void run_rows(const Equalizer *self, unsigned first, unsigned end, double *frames, uint32_t n_frames,
                     uint32_t place) {
  const RowList *rows = &self->rows;
  while (first < end) {
    unsigned next = first + 1;
    if (rows->is_moving[first]) {
      lac_svf_run_moving(rows->now[first], rows->next[first], rows->state[first], frames, n_frames, place,
                         LAC_QUANTUM_FRAMES);
    } else {
      while (next < end && !rows->is_moving[next]) {
        next++;
      }
      self->kernels->run(&rows->next[first], &rows->state[first], next - first, frames, n_frames);
    }
    first = next;
  }
}

/* At most to the end of a quantum while anything moves, else of a stretch; the quantum began `place` frames before. */
static void run_stretch(Equalizer *self, float *left, float *right, uint32_t n_frames, uint32_t place) {
  const RowList *rows = &self->rows;
  _Alignas(64) double frames[LAC_SVF_LANES * STRETCH_FRAMES];
  self->kernels->interleave(left, right, frames, n_frames);
  run_rows(self, 0, rows->n_direct, frames, n_frames, place);
  if (rows->n_rows > rows->n_direct) {
    lac_to_mid_side(frames, frames, n_frames);
    run_rows(self, rows->n_direct, rows->n_rows, frames, n_frames, place);
    lac_to_left_right(frames, n_frames);
  }
  self->kernels->separate(frames, left, right, n_frames);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Equalizer *self = p->state;
  uint32_t done = 0;
  while (done < n_frames) {
    uint32_t place = (uint32_t)((p->frame + done) % STRETCH_FRAMES);
    if (place % LAC_QUANTUM_FRAMES == 0 && !self->is_settled) {
      begin_quantum(p);
    }
    if (self->is_settled && self->rows.n_rows == 0) {
      return;
    }
    uint32_t whole = self->is_settled ? STRETCH_FRAMES : LAC_QUANTUM_FRAMES, run = whole - place % whole;
    run = n_frames - done < run ? n_frames - done : run;
    if (self->rows.n_rows > 0) {
      run_stretch(self, channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL, run,
                  place % LAC_QUANTUM_FRAMES);
    }
    for (unsigned r = 0; place + run == STRETCH_FRAMES && r < self->rows.n_rows; r++) {
      lac_svf_flush(self->rows.state[r]);
    }
    done += run;
  }
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  Equalizer *self = p->state;
  for (unsigned b = 0; b < N_BANDS; b++) {
    self->bands[b].is_running = false;
    self->bands[b].is_moving = false;
    retarget(p, b, true);
  }
  list_rows(self);
  self->is_settled = true;
  p->tail_frames = decay_frames(self);
}

static LacStatus prepare(LacProcessor *p) {
  Equalizer *self = p->state;
  self->kernels = lac_svf_kernels_at(lac_cpu_level());
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->most_log_hz = lac_glide_most_log_hz(p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  start(p);
  return LAC_OK;
}

/* Only noted here: however many values of a band change at a border, it is designed once. */
static void changed(LacProcessor *p, size_t param) {
  Equalizer *self = p->state;
  self->bands[param / PARAMS_PER_BAND].is_dirty = true;
  self->is_settled = false;
}

static bool is_neutral(const LacProcessor *p) {
  const Equalizer *self = p->state;
  if (self && (!self->is_settled || self->rows.n_rows > 0)) {
    return false;
  }
  for (unsigned b = 0; b < N_BANDS; b++) {
    if (effective_type(p, b, self ? p->setup.n_channels : 2) != LAC_BAND_OFF) {
      return false;
    }
  }
  return true;
}

extern const LacProcessorClass lac_equalizer_class;
const LacProcessorClass lac_equalizer_class = {
    .info = {.id = "equalizer",
             .title = "Equalizer",
             .purpose = "Shapes the tone with up to twelve bands.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(Equalizer),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
