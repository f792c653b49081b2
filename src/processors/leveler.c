/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Leveler: the level of the song follows a drawn curve, as a hand on a fader would.
 *
 * The curve gives dB over the song's seconds, monotone cubic between its points and held beyond them
 * (dsp/monotone_curve.h), times `amount_percent`. It and its slope are evaluated at the quantum borders of the absolute
 * frame index; between them the linear gain is the cubic with those values and slopes, so a curve of seconds is met to
 * far below a float's last bit. Where the curve rests at 0 dB the input is not touched. What to draw is the assistant's
 * business (assistant/level_ride.h) or a person's. */

#include "dsp/cubic_gain.h"
#include "dsp/elementary.h"
#include "dsp/monotone_curve.h"
#include "processors/glide.h"
#include "processors/processor_class.h"

enum { LEVELER_CURVE, LEVELER_AMOUNT };
enum { READOUT_GAIN };

static const LacParam params[] = {
    {.id = "curve",
     .title = "Curve",
     .unit = "dB",
     .type = LAC_PARAM_CURVE,
     .minimum = -6,
     .maximum = 6,
     .step = 0.01,
     .x_unit = "s",
     .flags = LAC_PARAM_SONG_BOUND,
     .help = "How much louder or quieter the song is made, over its time: points of seconds and dB (typed as "
             "0:0,30:1.5,62:-1)."},
    {.id = "amount_percent",
     .title = "Amount",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .help = "How much of the curve is applied: 100 is as drawn, 50 half of every dB, 0 nothing."},
};

static const LacReadout readouts[] = {
    {.id = "gain_db", .title = "Gain", .unit = "dB", .help = "The gain the leveler applies."},
};

/* The ride at a quantum border. */
typedef struct Border {
  double curve_db, slope_db; /* of the curve at full amount; slope per quantum */
  double amount;             /* 0..1 */
  double gain_db, gain;      /* of the curve at that amount */
} Border;

typedef struct Leveler {
  LacCurveKnot *knots;
  size_t n_knots;
  size_t piece; /* of the curve, where the last border was */
  bool is_flat; /* the curve is 0 dB throughout */
  LacGlide amount;
  double glide_factor;
  Border border;   /* where the present quantum ends */
  bool is_resting; /* through the present quantum */
  double cubic[4]; /* linear gain over it, by place 0..1 */
  float gain_db;   /* where it began */
  LacReadoutWriter readout;
  const LacCubicGainKernels *kernels;
} Leveler;

_Static_assert((int)LAC_CUBIC_GAIN_RUN == (int)LAC_QUANTUM_FRAMES, "a cubic is a quantum long");

/* ---- the gain ---- */

static Border border_at(LacProcessor *p, uint64_t frame) {
  Leveler *self = p->state;
  double seconds = ((double)frame - (double)p->setup.late_frames) / p->setup.rate_hz;
  Border border = {.amount = lac_glide_value(&self->amount)};
  border.curve_db = lac_monotone_curve_at(self->knots, self->n_knots, seconds, &self->piece, &border.slope_db);
  border.slope_db *= (double)LAC_QUANTUM_FRAMES / p->setup.rate_hz;
  border.gain_db = border.amount * border.curve_db;
  border.gain = lac_gain_from_db(border.gain_db);
  return border;
}

/* A slope that a monotone cubic over this rise can have (Fritsch and Carlson 1980), with room for the crest of a slow
 * curve: only a curve that turns within one quantum is held back. */
static double bounded_slope(double slope, double rise) {
  double least = (rise < 0 ? 3.0 * rise : 0) - 1e-3, most = (rise > 0 ? 3.0 * rise : 0) + 1e-3;
  return slope > most ? most : slope < least ? least : slope;
}

static void begin_quantum(LacProcessor *p, uint64_t frame) {
  Leveler *self = p->state;
  const double ln_gain_per_db = 0.11512925464970228420; /* ln(10) / 20 */
  Border from = self->border;
  if (self->amount.is_moving) {
    lac_glide_step(&self->amount, self->glide_factor);
  }
  Border to = self->border = border_at(p, frame + LAC_QUANTUM_FRAMES);
  double turn = to.amount - from.amount; /* the amount moves in a line within the quantum */
  double from_slope = from.amount * from.slope_db + turn * from.curve_db;
  double to_slope = to.amount * to.slope_db + turn * to.curve_db;
  self->gain_db = (float)from.gain_db;
  self->is_resting = from.gain_db == 0 && to.gain_db == 0 && from_slope == 0 && to_slope == 0;
  if (self->is_resting) {
    return;
  }
  double start = from.gain, end = to.gain, rise = end - start;
  double leave = bounded_slope(ln_gain_per_db * from_slope * start, rise);
  double arrive = bounded_slope(ln_gain_per_db * to_slope * end, rise);
  self->cubic[0] = start;
  self->cubic[1] = leave;
  self->cubic[2] = 3.0 * rise - 2.0 * leave - arrive;
  self->cubic[3] = leave + arrive - 2.0 * rise;
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  Leveler *self = p->state;
  float *at[LAC_MAX_CHANNELS] = {channels[0], p->setup.n_channels > 1 ? channels[1] : NULL};
  for (uint32_t done = 0; done < n_frames;) {
    uint32_t place = (uint32_t)((p->frame + done) % LAC_QUANTUM_FRAMES), run = LAC_QUANTUM_FRAMES - place;
    run = n_frames - done < run ? n_frames - done : run;
    if (place == 0) {
      begin_quantum(p, p->frame + done);
    }
    if (!self->is_resting) {
      self->kernels->apply(self->cubic, place, at[0], at[1], run);
    }
    lac_readout_push_constant(&self->readout, self->gain_db, run);
    at[0] += run;
    at[1] = at[1] ? at[1] + run : NULL;
    done += run;
  }
}

/* ---- life ---- */

static void start(LacProcessor *p) {
  Leveler *self = p->state;
  lac_glide_jump(&self->amount, 0.01 * p->values[LEVELER_AMOUNT]);
  self->piece = 0;
  self->border = border_at(p, 0);
  lac_readout_begin(&self->readout, p, READOUT_GAIN);
}

static bool is_flat(const LacPointList *curve) {
  for (size_t i = 0; i < curve->count; i++) {
    if (curve->points[i].y != 0) {
      return false;
    }
  }
  return true;
}

static LacStatus prepare(LacProcessor *p) {
  Leveler *self = p->state;
  const LacPointList *curve = &p->lists[LEVELER_CURVE];
  self->kernels = lac_cubic_gain_kernels_at(lac_cpu_level());
  self->is_flat = is_flat(curve);
  self->n_knots = curve->count;
  self->knots = lac_arena_alloc(p->arena, curve->count + 1, sizeof *self->knots);
  if (!self->knots) {
    return LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < curve->count; i++) {
    self->knots[i] = (LacCurveKnot){.x = curve->points[i].x, .y = curve->points[i].y};
  }
  lac_monotone_curve_fit(self->knots, self->n_knots);
  self->glide_factor = lac_glide_factor(p->setup.rate_hz / LAC_QUANTUM_FRAMES);
  start(p);
  return LAC_OK;
}

static void changed(LacProcessor *p, size_t param) {
  (void)param;
  Leveler *self = p->state;
  lac_glide_aim(&self->amount, 0.01 * p->values[LEVELER_AMOUNT]);
}

static bool is_neutral(const LacProcessor *p) {
  const Leveler *self = p->state;
  if (self ? self->is_flat : is_flat(&p->lists[LEVELER_CURVE])) {
    return true;
  }
  bool is_off = !self || (self->border.amount == 0 && !self->amount.is_moving);
  return p->values[LEVELER_AMOUNT] == 0 && is_off;
}

extern const LacProcessorClass lac_leveler_class;
const LacProcessorClass lac_leveler_class = {
    .info = {.id = "leveler",
             .title = "Leveler",
             .purpose = "Rides the level of the song's sections along a curve.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0],
             .readouts = readouts,
             .n_readouts = sizeof readouts / sizeof readouts[0]},
    .state_size = sizeof(Leveler),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = start,
    .is_neutral = is_neutral,
};
