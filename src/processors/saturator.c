/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Saturator: bends the wave and adds nothing else (docs/processors/guidance/saturator.md).
 *
 * What the curve adds, r(u) = f(u) - u, takes its own way and is added to the input, which waits for it untouched:
 *
 *   x --+--------------------------- delay -----------------------------------------------------(+)-- gain --> y
 *       '-- band -- emphasis -- drive G -- up -- r -- down -- mix / G -- 1 / emphasis -- DC, tone --'
 *
 * So whatever the filters and the oversampler do to a signal, they do to the distortion alone: below the bend the
 * output is the input, bit for bit and flat to the last hertz; outside the driven band too. The exciter is the same way
 * with its own band, a drive that follows the loudness of that band, and a high-pass behind. */

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/glide.h"
#include "processors/processor_class.h"
#include "processors/saturator_path.h"
#include "processors/saturator_voice.h"

enum {
  MODE,
  CHARACTER,
  DRIVE_DB,
  EVEN_PERCENT,
  ODD_PERCENT,
  FROM_HZ,
  TO_HZ,
  TONE_DB,
  MIX_PERCENT,
  EXCITE_DB,
  OUTPUT_DB,
  LEVEL_MATCH,
  QUALITY,
  N_PARAMS
};
enum { MODE_SATURATE, MODE_EXCITE };

#define LOWEST_HZ 20
#define HIGHEST_HZ 20000
#define EXCITE_OFF_DB -60

static const char *const modes[] = {"saturate", "excite", NULL};
static const char *const characters[] = {"tape", "tube", "transformer", "soft_clip", NULL};
static const char *const qualities[] = {"standard", "best", NULL};

static const LacParam params[] = {
    [MODE] = {.id = "mode",
              .title = "Mode",
              .unit = "",
              .type = LAC_PARAM_CHOICE,
              .maximum = 1,
              .step = 1,
              .choices = modes,
              .help = "Saturate drives the song into a character; excite adds fresh harmonics of the presence range "
                      "alone, by excite_db."},
    [CHARACTER] = {.id = "character",
                   .title = "Character",
                   .unit = "",
                   .type = LAC_PARAM_CHOICE,
                   .maximum = 3,
                   .step = 1,
                   .choices = characters,
                   .help = "Tape is round and softens loud highs first, tube is warm with even harmonics, transformer "
                           "thickens the bass, soft clip shaves peaks and leaves all else alone."},
    [DRIVE_DB] = {.id = "drive_db",
                  .title = "Drive",
                  .unit = "dB",
                  .type = LAC_PARAM_NUMBER,
                  .maximum = 24,
                  .step = 0.1,
                  .help = "How hard the song is pushed into the character; quiet parts keep their level, 0 does "
                          "nothing at all."},
    [EVEN_PERCENT] = {.id = "even_percent",
                      .title = "Even harmonics",
                      .unit = "%",
                      .type = LAC_PARAM_NUMBER,
                      .maximum = 300,
                      .neutral = 100,
                      .step = 1,
                      .help = "How much second harmonic, warm and an octave up: 100 is what the character has of its "
                              "own (soft clip has none)."},
    [ODD_PERCENT] = {.id = "odd_percent",
                     .title = "Odd harmonics",
                     .unit = "%",
                     .type = LAC_PARAM_NUMBER,
                     .maximum = 100,
                     .neutral = 100,
                     .step = 1,
                     .help = "How much third harmonic, with the rounding of peaks that comes with it: 100 is the whole "
                             "character."},
    [FROM_HZ] = {.id = "from_hz",
                 .title = "Drive from",
                 .unit = "Hz",
                 .type = LAC_PARAM_NUMBER,
                 .minimum = LOWEST_HZ,
                 .maximum = 10000,
                 .neutral = LOWEST_HZ,
                 .step = 1,
                 .scale = LAC_SCALE_LOG,
                 .help = "Only what lies above is driven, everything below stays as it is; 20 drives all."},
    [TO_HZ] = {.id = "to_hz",
               .title = "Drive to",
               .unit = "Hz",
               .type = LAC_PARAM_NUMBER,
               .minimum = 40,
               .maximum = HIGHEST_HZ,
               .neutral = HIGHEST_HZ,
               .step = 1,
               .scale = LAC_SCALE_LOG,
               .help = "Only what lies below is driven, everything above stays as it is; 20000 drives all."},
    [TONE_DB] = {.id = "tone_db",
                 .title = "Tone",
                 .unit = "dB",
                 .type = LAC_PARAM_NUMBER,
                 .minimum = -12,
                 .maximum = 12,
                 .step = 0.1,
                 .help = "Tilts what the saturation adds, around 1.5 kHz: up is brighter, down is darker; the song "
                         "itself keeps its tone."},
    [MIX_PERCENT] = {.id = "mix_percent",
                     .title = "Mix",
                     .unit = "%",
                     .type = LAC_PARAM_NUMBER,
                     .maximum = 100,
                     .neutral = 100,
                     .step = 1,
                     .help = "How much of the saturated sound is blended with the untouched song."},
    [EXCITE_DB] = {.id = "excite_db",
                   .title = "Excite",
                   .unit = "dB",
                   .type = LAC_PARAM_NUMBER,
                   .minimum = EXCITE_OFF_DB,
                   .maximum = -12,
                   .neutral = EXCITE_OFF_DB,
                   .step = 0.1,
                   .help = "In the mode excite: level of the added harmonics against the presence range; -34 is a "
                           "breath, -20 is plain, -60 is off."},
    [OUTPUT_DB] = {.id = "output_db",
                   .title = "Output",
                   .unit = "dB",
                   .type = LAC_PARAM_NUMBER,
                   .minimum = -24,
                   .maximum = 24,
                   .step = 0.01,
                   .help = "Level behind the saturation."},
    [LEVEL_MATCH] = {.id = "level_match",
                     .title = "Level match",
                     .unit = "",
                     .type = LAC_PARAM_SWITCH,
                     .maximum = 1,
                     .step = 1,
                     .help = "Holds the loudness of the song as it came in, so that you hear the colour and not the "
                             "level."},
    [QUALITY] = {.id = "quality",
                 .title = "Quality",
                 .unit = "",
                 .type = LAC_PARAM_CHOICE,
                 .maximum = 1,
                 .step = 1,
                 .choices = qualities,
                 .flags = LAC_PARAM_RESTARTS,
                 .help = "Standard works at four times the sample rate, best at eight times, for still less aliasing."},
};

_Static_assert(sizeof params / sizeof params[0] == N_PARAMS, "one row per value");

static const double DC_HZ = 4.0, TONE_HZ = 1500.0;
static const double EXCITE_FROM_HZ = 3000.0, EXCITE_TO_HZ = 10000.0, EXCITE_PASS_HZ = 5000.0;
/* RMS of what the exciter's curve gives behind its high-pass when the band has RMS 1: measured on pink noise
 * (test_saturator.c). Music, whose level moves, gives 1 to 4 dB less. */
static const double EXCITE_YIELD = 0.1538;
/* The drive follows the louder of two means: momentary loudness (EBU Tech 3341), and a fast one for what begins. */
static const double EXCITE_LOUDNESS_S = 0.4, EXCITE_ONSET_S = 0.01;
static const double EXCITE_QUIETEST = 1e-6; /* mean square, -60 dB: below it the drive rises no further */
static const double FADE_IN_DB = 3.0;       /* of drive: the first ones bring the stage in, so that 0 is nothing */
static const double MATCH_POLE_S = 0.05;
/* As the equalizer's bands glide: half way after 27 ms. */
static const double GLIDE_POLE_S = 0.01;

/* What glides, once per quantum. */
enum { DRIVE_LOG, ODD, EVEN, FROM_LOG, FROM_WET, TO_LOG, TO_WET, TONE_GLIDE, AMOUNT, OUTPUT, VOICE_WET, N_GLIDES };

typedef struct Saturator {
  bool is_resting;                 /* nothing to do: the song is only delayed */
  LacSaturatorCharacter character; /* at work; VOICE_WET goes through 0 on the way to another */
  LacSaturatorVoice voices[SATURATOR_CHARACTERS];
  LacGlide glides[N_GLIDES];
  LacGlide match_gain;
  double glide_factor, edge_most, match_factor;
  double loudness, onset; /* of the exciter's band: mean squares */
  double loudness_factor, onset_factor;
  LacSaturatorPath path;
} Saturator;

/* ---- values ---- */

static bool has_work(const LacProcessor *p) {
  const double *v = p->values;
  const bool adds = v[MIX_PERCENT] > 0 && (v[MODE] == MODE_EXCITE ? v[EXCITE_DB] > EXCITE_OFF_DB : v[DRIVE_DB] > 0);
  return adds || v[OUTPUT_DB] != 0;
}

static LacSaturatorCharacter wanted_character(const LacProcessor *p) {
  return p->values[MODE] == MODE_EXCITE ? SATURATOR_EXCITER : (LacSaturatorCharacter)p->values[CHARACTER];
}

/* Where the glides shall go. */
static void goals_of(const LacProcessor *p, double goals[N_GLIDES]) {
  const Saturator *self = p->state;
  const double *v = p->values;
  const bool excites = self->character == SATURATOR_EXCITER;
  const double from = excites ? fmax(v[FROM_HZ], EXCITE_FROM_HZ) : v[FROM_HZ];
  const double to = excites ? fmin(v[TO_HZ], EXCITE_TO_HZ) : v[TO_HZ],
               highest = fmin(HIGHEST_HZ, 0.45 * p->setup.rate_hz);
  goals[DRIVE_LOG] = excites ? 0.0 : lac_log(lac_gain_from_db(v[DRIVE_DB]));
  goals[ODD] = v[ODD_PERCENT] * 0.01;
  goals[EVEN] = v[EVEN_PERCENT] * 0.01;
  goals[FROM_LOG] = lac_log(from);
  goals[FROM_WET] = from > LOWEST_HZ ? 1.0 : 0.0;
  goals[TO_LOG] = lac_log(fmin(to, highest));
  goals[TO_WET] = to < highest ? 1.0 : 0.0;
  goals[TONE_GLIDE] = v[TONE_DB];
  goals[AMOUNT] = v[MIX_PERCENT] * 0.01 *
                  (!excites                       ? fmin(1.0, v[DRIVE_DB] / FADE_IN_DB)
                   : v[EXCITE_DB] > EXCITE_OFF_DB ? lac_gain_from_db(v[EXCITE_DB]) / EXCITE_YIELD
                                                  : 0.0);
  goals[OUTPUT] = lac_gain_from_db(v[OUTPUT_DB]);
  goals[VOICE_WET] = self->character == wanted_character(p) ? 1.0 : 0.0;
}

static double glide(const Saturator *self, unsigned which) {
  return lac_glide_value(&self->glides[which]);
}

/* ---- what follows from the glides at a quantum border ---- */

static void set_filter(LacSaturatorPath *path, LacSaturatorFilter filter, const LacSvf *svf, double wet) {
  path->is_filter_on[filter] = wet > 0;
  for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++)
    lac_svf_lane(&path->filter_next[filter], lane, svf, wet);
}

static void set_filters(LacProcessor *p) {
  Saturator *self = p->state;
  const double rate_hz = p->setup.rate_hz, tone = glide(self, TONE_GLIDE), lift = lac_gain_from_db(0.5 * tone);
  const LacSvf from = lac_saturator_pass(lac_exp(glide(self, FROM_LOG)), true, rate_hz);
  const LacSvf to = lac_saturator_pass(lac_exp(glide(self, TO_LOG)), false, rate_hz);
  const LacSvf tilt = lac_saturator_shelf(TONE_HZ, 1.0 / lift, lift, rate_hz);
  const LacSvf pass = lac_saturator_pass(EXCITE_PASS_HZ, true, rate_hz);
  set_filter(&self->path, SATURATOR_BAND_FROM, &from, glide(self, FROM_WET));
  set_filter(&self->path, SATURATOR_BAND_TO, &to, glide(self, TO_WET));
  set_filter(&self->path, SATURATOR_TONE, &tilt, tone != 0 || self->glides[TONE_GLIDE].is_moving ? 1.0 : 0.0);
  set_filter(&self->path, SATURATOR_EXCITE_PASS, &pass, self->character == SATURATOR_EXCITER ? 1.0 : 0.0);
}

/* What belongs to the character and never moves. */
static void set_ends(LacProcessor *p) {
  Saturator *self = p->state;
  const LacSaturatorVoice *voice = &self->voices[self->character];
  const LacSvf dc = lac_saturator_shelf(DC_HZ, 0.0, 1.0, p->setup.rate_hz);
  self->path.leaves = self->path.comes_back = (LacPoleSum){.through = 1.0};
  lac_pole_sum_times(&self->path.comes_back, dc.g, dc.low, dc.high);
  if (!voice->has_emphasis)
    return;
  lac_pole_sum_times(&self->path.leaves, voice->emphasis.g, voice->emphasis.low, voice->emphasis.high);
  lac_pole_sum_times(&self->path.comes_back, voice->deemphasis.g, voice->deemphasis.low, voice->deemphasis.high);
}

static void set_levels(LacProcessor *p) {
  Saturator *self = p->state;
  const bool excites = self->character == SATURATOR_EXCITER;
  const double drive =
      excites ? 1.0 / sqrt(fmax(self->loudness, self->onset) + EXCITE_QUIETEST) : lac_exp(glide(self, DRIVE_LOG));
  self->path.drive.next = drive;
  self->path.wet.next = glide(self, AMOUNT) * glide(self, VOICE_WET) / drive;
  self->path.gain.next = glide(self, OUTPUT) * lac_glide_value(&self->match_gain);
}

/* Everything as the glides say, at both ends of the quantum. */
static void jump(LacProcessor *p) {
  Saturator *self = p->state;
  double goals[N_GLIDES];
  goals_of(p, goals);
  for (unsigned k = 0; k < N_GLIDES; k++)
    lac_glide_jump(&self->glides[k], goals[k]);
  set_filters(p);
  set_ends(p);
  set_levels(p);
  lac_saturator_voice_curve(&self->voices[self->character], goals[ODD], goals[EVEN], &self->path.curve_next);
  self->path.is_curve_moving = false;
  self->path.measures_band = self->character == SATURATOR_EXCITER;
  self->path.matches_level = p->values[LEVEL_MATCH] != 0;
  lac_saturator_path_arrive(&self->path);
}

/* The old character has faded out: the new one begins in silence. */
static void change_character(LacProcessor *p) {
  Saturator *self = p->state;
  self->character = wanted_character(p);
  lac_saturator_path_empty_filters(&self->path);
  self->loudness = self->onset = 0;
  double goals[N_GLIDES];
  goals_of(p, goals);
  static const unsigned leaps[] = {DRIVE_LOG, FROM_LOG, FROM_WET, TO_LOG, TO_WET, AMOUNT};
  for (size_t k = 0; k < sizeof leaps / sizeof leaps[0]; k++)
    lac_glide_jump(&self->glides[leaps[k]], goals[leaps[k]]);
  lac_saturator_voice_curve(&self->voices[self->character], glide(self, ODD), glide(self, EVEN),
                            &self->path.curve_next);
  set_filters(p);
  set_ends(p);
}

/* A filter that was not there begins as itself, not as a mixture with what stood in its place. */
static void begin_filters(LacSaturatorPath *path, const bool *was_on) {
  for (unsigned f = 0; f < SATURATOR_FILTERS; f++) {
    if (!was_on[f] && path->is_filter_on[f]) {
      path->filter_now[f] = path->filter_next[f];
      memset(&path->filter_state[f], 0, sizeof path->filter_state[f]);
    }
  }
}

static void step_glide(Saturator *self, unsigned k) {
  if (k == FROM_LOG || k == TO_LOG)
    lac_glide_step_at_most(&self->glides[k], self->glide_factor, self->edge_most);
  else
    lac_glide_step(&self->glides[k], self->glide_factor);
}

/* Steps every glide; returns whether any was on its way. */
static bool step_glides(LacProcessor *p) {
  Saturator *self = p->state;
  double goals[N_GLIDES];
  goals_of(p, goals);
  bool moves = false;
  for (unsigned k = 0; k < N_GLIDES; k++) {
    lac_glide_aim(&self->glides[k], goals[k]);
    moves = moves || self->glides[k].is_moving;
    if (self->glides[k].is_moving)
      step_glide(self, k);
  }
  return moves;
}

/* Returns whether the level match is at work or on its way back. */
static bool step_match(LacProcessor *p) {
  Saturator *self = p->state;
  const bool matches = self->path.matches_level = p->values[LEVEL_MATCH] != 0;
  const double applied = lac_glide_value(&self->match_gain);
  lac_glide_aim(&self->match_gain, matches ? lac_level_match_step(&self->path.match, applied) : 1.0);
  const bool moves = self->match_gain.is_moving;
  if (moves)
    lac_glide_step(&self->match_gain, self->match_factor);
  return matches || moves;
}

static void step_loudness(Saturator *self) {
  double *sums = self->path.band_sums;
  const double mean = (sums[0] + sums[1]) / (LAC_QUANTUM_FRAMES * self->path.n_channels);
  self->loudness += (mean - self->loudness) * self->loudness_factor;
  self->onset += (mean - self->onset) * self->onset_factor;
  sums[0] = sums[1] = 0;
}

/* Nothing but the loudness of the exciter's band has an effect on this quantum. */
static void follow_loudness(LacProcessor *p) {
  Saturator *self = p->state;
  lac_saturator_path_arrive_levels(&self->path);
  step_loudness(self);
  set_levels(p);
}

static void begin_quantum(LacProcessor *p) {
  Saturator *self = p->state;
  LacSaturatorPath *path = &self->path;
  bool was_on[SATURATOR_FILTERS];
  memcpy(was_on, path->is_filter_on, sizeof was_on);
  lac_saturator_path_arrive(path);
  if (glide(self, VOICE_WET) == 0 && path->wet.now == 0) {
    change_character(p);
    path->curve_now = path->curve_next;
  }
  const bool moves = step_glides(p), matches = step_match(p);
  path->is_curve_moving = false;
  if (moves) {
    set_filters(p);
    lac_saturator_voice_curve(&self->voices[self->character], glide(self, ODD), glide(self, EVEN), &path->curve_next);
    path->is_curve_moving = memcmp(&path->curve_now, &path->curve_next, sizeof path->curve_now) != 0;
  }
  begin_filters(path, was_on);
  step_loudness(self);
  set_levels(p);
  path->measures_band = self->character == SATURATOR_EXCITER;
  const bool was_resting = self->is_resting, has_arrived = !moves && !matches && lac_saturator_path_has_arrived(path);
  self->is_resting = has_arrived && !has_work(p);
  path->is_settled = has_arrived && (self->is_resting || !path->measures_band);
  path->is_following = path->measures_band && has_work(p) && !moves && !matches;
  if (was_resting && !self->is_resting)
    lac_saturator_path_wake(path);
}

/* From `place` in a quantum on; to its end, unless settled or following. */
static void run_path(LacProcessor *p, float *const *channels, uint32_t n, uint32_t place) {
  Saturator *self = p->state;
  LacSaturatorRun run;
  lac_saturator_path_begin(&self->path, &run, channels, n, place);
  for (uint32_t done = 0, part; done < n; done += part) {
    const uint32_t at = (place + done) % LAC_QUANTUM_FRAMES, left = n - done;
    if (at == 0 && done > 0 && self->path.is_following)
      follow_loudness(p);
    part = self->path.is_settled || left < LAC_QUANTUM_FRAMES - at ? left : LAC_QUANTUM_FRAMES - at;
    lac_saturator_path_drive(&self->path, &run, part, at);
  }
  lac_saturator_path_end(&self->path, &run, place);
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Saturator *self = p->state;
  for (uint32_t done = 0, run; done < n_frames; done += run) {
    const uint32_t place = (uint32_t)((p->frame + done) % SATURATOR_RUN), in_quantum = place % LAC_QUANTUM_FRAMES;
    if (in_quantum == 0 && self->path.is_following)
      follow_loudness(p);
    else if (in_quantum == 0 && !self->path.is_settled)
      begin_quantum(p);
    const uint32_t whole = self->path.is_settled || self->path.is_following ? SATURATOR_RUN : LAC_QUANTUM_FRAMES;
    run = whole - place % whole;
    run = n_frames - done < run ? n_frames - done : run;
    float *at[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    if (self->is_resting)
      lac_saturator_path_delay(&self->path, at, run);
    else
      run_path(p, at, run, in_quantum);
    if ((place + run) % SATURATOR_RUN == 0)
      lac_saturator_path_flush(&self->path);
  }
}

/* ---- life ---- */

static void declare(LacProcessor *p) {
  const Saturator *self = p->state;
  p->latency_frames = self->path.delay_frames;
  /* Until -120 dB (ln 10^6 = 13.8): the block of direct current, then the lowest band edge (20 Hz, second order) and
   * the emphasis (30 Hz). */
  const double slowest_s = 13.8 / (2.0 * LAC_PI) * (1.0 / DC_HZ + 1.41 / LOWEST_HZ + 1.0 / 30.0);
  p->tail_frames = (uint64_t)(slowest_s * p->setup.rate_hz);
}

static void start(LacProcessor *p) {
  Saturator *self = p->state;
  self->character = wanted_character(p);
  self->loudness = self->onset = 0;
  self->path.is_settled = self->path.is_following = false;
  lac_glide_jump(&self->match_gain, 1.0);
  self->is_resting = !has_work(p);
  lac_saturator_path_reset(&self->path);
  jump(p);
  declare(p);
}

/* Internal rates of 176 kHz and more do for the standard quality. */
static unsigned factor_of(const LacProcessor *p) {
  const unsigned standard = p->setup.rate_hz < 100000 ? 4 : 2;
  return p->values[QUALITY] != 0 ? 2 * standard : standard;
}

static LacStatus prepare(LacProcessor *p) {
  Saturator *self = p->state;
  const double rate_hz = p->setup.rate_hz, quanta_per_s = rate_hz / LAC_QUANTUM_FRAMES;
  const bool is_best = p->values[QUALITY] != 0;
  self->glide_factor = lac_glide_factor_of(GLIDE_POLE_S, quanta_per_s);
  self->edge_most = lac_glide_most_log_hz(quanta_per_s);
  self->match_factor = lac_glide_factor_of(MATCH_POLE_S, quanta_per_s);
  self->loudness_factor = lac_glide_factor_of(EXCITE_LOUDNESS_S, quanta_per_s);
  self->onset_factor = lac_glide_factor_of(EXCITE_ONSET_S, quanta_per_s);
  for (unsigned k = 0; k < SATURATOR_CHARACTERS; k++)
    lac_saturator_voice_init(&self->voices[k], (LacSaturatorCharacter)k, is_best, rate_hz);
  const LacOversamplerKind kind = is_best ? LAC_OVERSAMPLER_FULL : LAC_OVERSAMPLER_LEAN;
  LacStatus status =
      lac_saturator_path_prepare(&self->path, p->arena, rate_hz, p->setup.n_channels, kind, factor_of(p));
  if (status == LAC_OK)
    start(p);
  return status;
}

/* Only noted here; begin_quantum follows. */
static void changed(LacProcessor *p, size_t param) {
  Saturator *self = p->state;
  if (param == LEVEL_MATCH)
    lac_level_match_reset(&self->path.match);
  self->path.is_settled = self->path.is_following = false;
}

static bool is_neutral(const LacProcessor *p) {
  const Saturator *self = p->state;
  return !has_work(p) && (!self || self->is_resting);
}

extern const LacProcessorClass lac_saturator_class;
const LacProcessorClass lac_saturator_class = {
    .info = {.id = "saturator",
             .title = "Saturator",
             .purpose = "Adds the warmth, weight or bite of tape, tubes, transformers and soft clipping.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = N_PARAMS},
    .state_size = sizeof(Saturator),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
