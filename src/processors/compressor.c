/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compressor of one to five bands, down- and upward.
 *
 * Feed-forward, in decibels (dsp/gain_computer.h). Bands are heard through a Linkwitz-Riley crossover
 * (dsp/crossover.h). What they want is applied in one of two ways. Shelves: a cascade of low shelves at the crossovers,
 * whose gains are the differences of neighbouring bands, and the gain of the highest band for everything; no crossover
 * is in the way of the sound, nothing at all where nothing is reduced. Crossover: the bands themselves times their
 * gains; steeper apart, but an all-pass whenever it is used. */

#include "processors/compressor.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

/* As slow as the equalizer's: any value may be stepped under a full-scale sine. */
#define GLIDE_POLE_S 0.01
/* Where the coupling sets in the gain has a bend. */
#define COUPLING_POLE_S 0.02

static const char *const structures[] = {"shelves", "crossover", NULL};
static const char *const detectors[] = {"rms", "peak", NULL};

#define BAND_ROWS(n)                                                                                                   \
  LAC_NUMBER_ROW("band" #n "_threshold_db", "Band " #n " threshold", "dB", -80, 0, -20, 0.1, LAC_SCALE_LINEAR,         \
                 "The level above which the band is turned down."),                                                    \
      LAC_NUMBER_ROW("band" #n "_ratio", "Band " #n " ratio", "", 1, 20, 1, 0.01, LAC_SCALE_LOG,                       \
                     "How strongly: at 2 every 2 dB over the threshold come out as 1 dB; 1 does nothing."),            \
      LAC_NUMBER_ROW("band" #n "_knee_db", "Band " #n " knee", "dB", 0, 30, 6, 0.1, LAC_SCALE_LINEAR,                  \
                     "How gradually it sets in around the threshold; the whole width of the bend."),                   \
      LAC_NUMBER_ROW(                                                                                                  \
          "band" #n "_attack_ms", "Band " #n " attack", "ms", 0.1, 300, 30, 0.1, LAC_SCALE_LOG,                        \
          "How long the gain takes to follow a louder sound (63 % of the way); longer lets more punch through."),      \
      LAC_NUMBER_ROW("band" #n "_release_ms", "Band " #n " release", "ms", 5, 5000, 200, 1, LAC_SCALE_LOG,             \
                     "How long it takes to come back (63 % of the way); never faster than the attack."),               \
      LAC_NUMBER_ROW("band" #n "_makeup_db", "Band " #n " makeup gain", "dB", -24, 24, 0, 0.1, LAC_SCALE_LINEAR,       \
                     "Gain of the band after compression."),                                                           \
      LAC_NUMBER_ROW("band" #n "_upward_threshold_db", "Band " #n " upward threshold", "dB", -80, 0, -40, 0.1,         \
                     LAC_SCALE_LINEAR, "The level below which the band is lifted."),                                   \
      LAC_NUMBER_ROW("band" #n "_upward_ratio", "Band " #n " upward ratio", "", 1, 20, 1, 0.01, LAC_SCALE_LOG,         \
                     "How strongly quiet parts are lifted; 1 does nothing."),                                          \
      LAC_NUMBER_ROW("band" #n "_upward_range_db", "Band " #n " upward range", "dB", 0, COMPRESSOR_UP_MOST_DB, 6, 0.1, \
                     LAC_SCALE_LINEAR, "The most that quiet parts are lifted.")

#define CROSSOVER_ROW(n, hz)                                                                                           \
  LAC_NUMBER_ROW("crossover" #n "_hz", "Crossover " #n, "Hz", 20, 20000, hz, 1, LAC_SCALE_LOG,                         \
                 "Where band " #n " ends and the next begins; keep them rising.")

static const LacParam params[] = {
    BAND_ROWS(1),
    BAND_ROWS(2),
    BAND_ROWS(3),
    BAND_ROWS(4),
    BAND_ROWS(5),
    {.id = "bands",
     .title = "Bands",
     .unit = "",
     .type = LAC_PARAM_NUMBER,
     .minimum = 1,
     .maximum = COMPRESSOR_BANDS,
     .neutral = 1,
     .step = 1,
     .flags = LAC_PARAM_RESTARTS | LAC_PARAM_COUNTS,
     .help = "How many bands are compressed on their own; one is the classic compressor of the whole mix."},
    {.id = "band_structure",
     .title = "Band structure",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .maximum = 1,
     .step = 1,
     .choices = structures,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How several bands are treated: shelves leave what is not reduced exactly as it is; a crossover keeps "
             "bands further apart, but turns phase (an all-pass) even where nothing is reduced."},
    CROSSOVER_ROW(1, 120),
    CROSSOVER_ROW(2, 500),
    CROSSOVER_ROW(3, 2500),
    CROSSOVER_ROW(4, 8000),
    {.id = "detector",
     .title = "Detector",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .maximum = 1,
     .step = 1,
     .choices = detectors,
     .flags = LAC_PARAM_RESTARTS,
     .help = "What counts as level: the average power, for glue, or the peaks, for control."},
    LAC_NUMBER_ROW("detector_ms", "Detector time", "ms", 1, 200, 10, 0.1, LAC_SCALE_LOG,
                   "Over how long the average power is taken; 5 to 50 ms for glue. Not used by the peak detector."),
    {.id = "auto_times",
     .title = "Automatic times",
     .unit = "",
     .type = LAC_PARAM_SWITCH,
     .maximum = 1,
     .step = 1,
     .help = "Makes attack and release faster the more a sound consists of peaks; the times that are set then belong "
             "to a steady tone (80 and 1000 ms suit most music)."},
    LAC_NUMBER_ROW(
        "steady_release_ms", "Steady release", "ms", 0, 10000, 0, 10, LAC_SCALE_LINEAR,
        "A second, slower release for reduction that has lasted as long as this, so that the average stays put "
        "while peaks recover fast; 0 is off."),
    LAC_NUMBER_ROW("sidechain_highpass_hz", "Side-chain high-pass", "Hz", COMPRESSOR_SIDECHAIN_OFF_HZ, 500,
                   COMPRESSOR_SIDECHAIN_OFF_HZ, 1, LAC_SCALE_LOG,
                   "Below this the detector hears less, so that bass does not pump the rest; 20 Hz is off."),
    {.id = "link_percent",
     .title = "Channel link",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "At 100 the louder channel decides for both and the image stands still; at 0 each is on its own."},
    LAC_NUMBER_ROW(
        "band_coupling_db", "Band coupling", "dB", 0, 60, 4, 0.1, LAC_SCALE_LINEAR,
        "How far the gains of bands may be apart before makeup, so that the tone does not flap; 60 sets them free."),
    {.id = "lookahead_ms",
     .title = "Lookahead",
     .unit = "ms",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 5,
     .neutral = 0,
     .step = 0.1,
     .flags = LAC_PARAM_RESTARTS,
     .help = "How far ahead the detector hears, so that a fast attack is in place in time."},
    LAC_NUMBER_ROW("mix_percent", "Mix", "%", 0, 100, 100, 1, LAC_SCALE_LINEAR,
                   "How much of the compressed sound is mixed with the untouched one: parallel compression below 100."),
    LAC_NUMBER_ROW(
        "noise_floor_db", "Noise floor", "dB", -120, -30, -90, 1, LAC_SCALE_LINEAR,
        "Level of noise in a band: what is less than 6 dB above it is not lifted at all, what is 18 dB above it "
        "fully."),
};

_Static_assert(sizeof params / sizeof params[0] == COMPRESSOR_PARAMS, "one row per value");

#define READOUT_ROW(n)                                                                                                 \
  {                                                                                                                    \
    .id = "band" #n "_gain_reduction_db", .title = "Band " #n " gain reduction", .unit = "dB",                         \
    .help = "Gain of the band before makeup and mix: negative where it is turned down, positive where it is lifted."   \
  }

static const LacReadout readouts[] = {READOUT_ROW(1), READOUT_ROW(2), READOUT_ROW(3), READOUT_ROW(4), READOUT_ROW(5)};

static LacCompressor *compressor_of(const LacProcessor *p) {
  return p->state;
}

/* ---- at quantum borders ---- */

static bool values_do_nothing(const LacProcessor *p) {
  if (p->values[COMPRESSOR_STRUCTURE] != 0 && lac_compressor_count_bands(p) > 1) {
    return false;
  }
  bool does_nothing = true;
  for (unsigned b = 0; b < lac_compressor_count_bands(p); b++) {
    does_nothing = does_nothing && lac_compressor_band_value(p, b, COMPRESSOR_RATIO) == 1 &&
                   lac_compressor_band_value(p, b, COMPRESSOR_UP_RATIO) == 1 &&
                   lac_compressor_band_value(p, b, COMPRESSOR_MAKEUP_DB) == 0;
  }
  return does_nothing || p->values[COMPRESSOR_MIX_PERCENT] == 0;
}

static bool is_at_rest(const LacCompressor *self) {
  for (unsigned lane = 0; lane < self->n_bands * self->n_paths; lane++) {
    if (self->down[lane].value != 0) {
      return false;
    }
  }
  return !self->is_lifting;
}

/* The upward part runs while a ratio asks for it, and until what it lifted has been let go. */
static bool needs_lifting(const LacCompressor *self) {
  for (unsigned b = 0; b < self->n_bands; b++) {
    if (self->now.up[b].slope > 0 || self->next.up[b].slope > 0 || COMPRESSOR_UP_MOST_DB - self->up[b].value > 1e-6) {
      return true;
    }
  }
  return false;
}

static void reset_lifts(LacCompressor *self) {
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    lac_ballistics_rest(&self->up[b], COMPRESSOR_UP_MOST_DB);
  }
}

/* Quadratures for the bands that have deep tones; where one begins, its states are silent. */
static void choose_steady(LacCompressor *self) {
  unsigned n_steady = 1;
  while (n_steady < self->n_bands && self->crossover.places[n_steady - 1].hz < LAC_QUADRATURE_MOST_HZ) {
    n_steady++;
  }
  for (unsigned b = self->n_steady; b < n_steady; b++) {
    lac_quadrature_rest(&self->quadratures[b]);
  }
  self->n_steady = n_steady;
}

static void silence_states(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  lac_crossover_reset(&self->crossover);
  lac_crossover_reset(&self->sound_crossover);
  memset(self->high_pass, 0, sizeof self->high_pass);
  for (unsigned lane = 0; lane < COMPRESSOR_LANES; lane++) {
    lac_ballistics_rest(&self->down[lane], 0.0);
  }
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    lac_crest_init(&self->crests[b], p->setup.rate_hz);
    memset(self->means[b].state, 0, sizeof self->means[b].state);
    memset(self->means[b].sum, 0, sizeof self->means[b].sum);
    lac_quadrature_rest(&self->quadratures[b]);
    memset(self->peaks[b], 0, sizeof self->peaks[b]);
    self->shown_db[b] = 0.0f;
  }
  for (unsigned j = 0; j + 1 < COMPRESSOR_BANDS; j++) {
    memset(self->shelves[j].w1, 0, sizeof self->shelves[j].w1);
    memset(self->shelves[j].w2, 0, sizeof self->shelves[j].w2);
  }
  reset_lifts(self);
}

static void step_glide(LacCompressor *self, size_t param) {
  LacGlide *glide = &self->glides[param];
  if (param >= COMPRESSOR_CROSSOVER_HZ && param < COMPRESSOR_CROSSOVER_HZ + LAC_CROSSOVER_MAX_SPLITS) {
    lac_glide_step_at_most(glide, self->glide_factor, self->crossover_most);
  } else {
    lac_glide_step(glide, param == COMPRESSOR_COUPLING_DB ? self->coupling_factor : self->glide_factor);
  }
}

static void move_glides(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  bool is_time_moving = false;
  for (size_t i = 0; i < COMPRESSOR_PARAMS; i++) {
    if (self->glides[i].is_moving) {
      is_time_moving = is_time_moving || lac_compressor_is_band_time(i);
      step_glide(self, i);
      self->is_settled = false;
    }
  }
  if (is_time_moving) {
    lac_compressor_set_times(p);
  }
}

static void begin_quantum(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  const bool was_moving = !self->is_settled;
  self->is_settled = true;
  move_glides(p);
  if (was_moving || !self->is_settled) {
    self->now = self->next;
    lac_compressor_read_glides(p, &self->next);
    for (unsigned j = 0; j + 1 < self->n_bands; j++) {
      lac_crossover_aim(&self->crossover, j, self->next.middles.hz[j]);
      lac_crossover_aim(&self->sound_crossover, j, self->next.middles.hz[j]);
    }
    choose_steady(self);
    lac_compressor_set_windows(p);
    self->is_filtering = p->values[COMPRESSOR_SIDECHAIN_HZ] > COMPRESSOR_SIDECHAIN_OFF_HZ ||
                         self->glides[COMPRESSOR_SIDECHAIN_HZ].is_moving;
  }
  const bool lifts = needs_lifting(self);
  if (self->is_lifting && !lifts) {
    reset_lifts(self);
  }
  self->is_lifting = lifts;
  self->is_idle =
      self->is_settled && values_do_nothing(p) && (is_at_rest(self) || p->values[COMPRESSOR_MIX_PERCENT] == 0);
  if (self->is_idle) {
    silence_states(p);
    lac_compressor_rest_gains(self);
  }
  if (p->values[COMPRESSOR_AUTO_TIMES] != 0) {
    lac_compressor_set_automatic_times(p);
  }
}

static void tidy(LacCompressor *self) {
  lac_crossover_flush(&self->crossover);
  lac_crossover_flush(&self->sound_crossover);
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    lac_svf_flush(&self->high_pass[b]);
    lac_mean_square_flush(&self->means[b]);
    lac_quadrature_flush(&self->quadratures[b]);
    lac_crest_flush(&self->crests[b]);
    if (b + 1 < COMPRESSOR_BANDS) {
      lac_dynamic_filter_flush(&self->shelves[b]);
    }
  }
  lac_dynamic_filter_flush(&self->overall);
  for (unsigned lane = 0; lane < COMPRESSOR_LANES; lane++) {
    lac_ballistics_settle(&self->down[lane]);
  }
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  LacCompressor *self = compressor_of(p);
  uint32_t done = 0;
  while (done < n_frames) {
    const uint32_t place = (uint32_t)((p->frame + done) % COMPRESSOR_STRETCH);
    const bool is_automatic = p->values[COMPRESSOR_AUTO_TIMES] != 0;
    if (place % LAC_QUANTUM_FRAMES == 0 && (place == 0 || !self->is_settled || is_automatic) && !self->is_idle) {
      begin_quantum(p);
    }
    const uint32_t whole = self->is_settled && !is_automatic ? COMPRESSOR_STRETCH : LAC_QUANTUM_FRAMES;
    uint32_t run = whole - place % whole;
    run = n_frames - done < run ? n_frames - done : run;
    float *at[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    if (self->is_idle) {
      lac_compressor_delay(self, at, p->setup.n_channels, run);
      for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
        lac_readout_push_constant(&self->readouts[b], 0.0f, run);
      }
    } else {
      lac_compressor_run(p, at, run, place % whole);
      for (unsigned b = self->n_bands; b < COMPRESSOR_BANDS; b++) {
        lac_readout_push_constant(&self->readouts[b], 0.0f, run);
      }
      if (place + run == COMPRESSOR_STRETCH) {
        tidy(self);
      }
    }
    done += run;
  }
}

/* ---- life ---- */

/* Until what sounds on in crossover or shelves is 180 dB down (gains may have lifted it by 48): two sections per
 * crossover and one of every later one, whose poles shrink by r = sqrt((1 - g k + g^2) / (1 + g k + g^2)) a frame.
 * ln 10^9 = 20.7. */
static uint64_t tail_frames(const LacProcessor *p) {
  double frames = 0, rate_hz = p->setup.rate_hz;
  for (unsigned j = 0; j + 1 < lac_compressor_count_bands(p); j++) {
    double hz = p->values[COMPRESSOR_CROSSOVER_HZ + j], held = hz < 0.45 * rate_hz ? hz : 0.45 * rate_hz;
    double g = lac_tan(LAC_PI * held / rate_hz), gk = sqrt(2.0) * g, g2 = 1.0 + g * g;
    frames += (j + 2.0) * (2.0 - 20.7 / (0.5 * lac_log((g2 - gk) / (g2 + gk))));
  }
  return (uint64_t)frames;
}

static void start(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  double hz[LAC_CROSSOVER_MAX_SPLITS];
  for (size_t i = 0; i < COMPRESSOR_PARAMS; i++) {
    lac_glide_jump(&self->glides[i], lac_compressor_glide_target(p, i));
  }
  for (unsigned j = 0; j < LAC_CROSSOVER_MAX_SPLITS; j++) {
    hz[j] = lac_exp(lac_glide_value(&self->glides[COMPRESSOR_CROSSOVER_HZ + j]));
    self->shelves[j].shape = LAC_DYNAMIC_LOW_SHELF;
    self->shelves[j].from = self->shelves[j].to = (LacDynamicPoles){.k = sqrt(2.0)};
  }
  self->overall = (LacDynamicFilter){.shape = LAC_DYNAMIC_GAIN};
  lac_crossover_init(&self->crossover, self->n_bands, p->setup.rate_hz, hz);
  lac_crossover_init(&self->sound_crossover, self->n_bands, p->setup.rate_hz, hz);
  self->step_frames = 0; /* whatever hangs on it is found anew */
  lac_compressor_set_times(p);
  silence_states(p);
  choose_steady(self);
  lac_compressor_read_glides(p, &self->next);
  self->now = self->next;
  self->is_settled = true;
  self->is_filtering = p->values[COMPRESSOR_SIDECHAIN_HZ] > COMPRESSOR_SIDECHAIN_OFF_HZ;
  lac_compressor_rest_gains(self);
  self->is_lifting = needs_lifting(self);
  self->is_idle = values_do_nothing(p);
  for (unsigned c = 0; c < p->setup.n_channels && self->delay_frames > 0; c++) {
    memset(self->delay[c], 0, self->delay_frames * sizeof *self->delay[c]);
  }
  self->delay_at = 0;
  for (unsigned b = 0; b < COMPRESSOR_BANDS; b++) {
    lac_readout_begin(&self->readouts[b], p, b);
  }
}

static LacStatus prepare(LacProcessor *p) {
  LacCompressor *self = compressor_of(p);
  self->svf = lac_svf_kernels_at(lac_cpu_level());
  self->dynamics = lac_gain_computer_kernels_at(lac_cpu_level());
  self->filters = lac_dynamic_filter_kernels_at(lac_cpu_level());
  self->middles = lac_band_middles_kernels_at(lac_cpu_level());
  self->n_bands = lac_compressor_count_bands(p);
  self->is_split = p->values[COMPRESSOR_STRUCTURE] != 0 && self->n_bands > 1;
  self->is_rms = p->values[COMPRESSOR_DETECTOR] == 0;
  self->link = (float)(p->values[COMPRESSOR_LINK_PERCENT] * 0.01);
  self->n_paths = p->setup.n_channels > 1 && self->link < 1.0f ? 2 : 1;
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->coupling_factor = lac_glide_factor_of(COUPLING_POLE_S, p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->crossover_most = lac_glide_most_log_hz(p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  self->delay_frames = (uint32_t)rint(p->values[COMPRESSOR_LOOKAHEAD_MS] * 1e-3 * p->setup.rate_hz);
  p->latency_frames = self->delay_frames;
  p->tail_frames = tail_frames(p);
  self->work = lac_arena_alloc(p->arena, 1, sizeof *self->work);
  if (!self->work) {
    return LAC_ERR_MEMORY;
  }
  for (unsigned c = 0; c < p->setup.n_channels && self->delay_frames > 0; c++) {
    self->delay[c] = lac_arena_alloc(p->arena, self->delay_frames, sizeof *self->delay[c]);
    if (!self->delay[c]) {
      return LAC_ERR_MEMORY;
    }
  }
  start(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  LacCompressor *self = compressor_of(p);
  if (param == COMPRESSOR_DETECTOR_MS || param == COMPRESSOR_AUTO_TIMES || param == COMPRESSOR_STEADY_RELEASE_MS) {
    lac_compressor_set_times(p); /* states go on as they are: no click */
  }
  lac_glide_aim(&self->glides[param], lac_compressor_glide_target(p, param));
  self->is_settled = false;
  self->is_idle = false;
  p->tail_frames = tail_frames(p);
}

static bool is_neutral(const LacProcessor *p) {
  const LacCompressor *self = p->state;
  return values_do_nothing(p) && p->values[COMPRESSOR_LOOKAHEAD_MS] == 0 && (!self || self->is_idle);
}

extern const LacProcessorClass lac_compressor_class;
const LacProcessorClass lac_compressor_class = {
    .info = {.id = "compressor",
             .title = "Compressor",
             .purpose = "Evens out level in one to five bands.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(LacCompressor),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
