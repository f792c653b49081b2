/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What compressors and dynamic equalisers share: from the power of a signal to a gain, in decibels, after Giannoulis,
 * Massberg & Reiss, "Digital Dynamic Range Compressor Design - A Tutorial and Analysis" (JAES 60, 2012).
 *
 *   power -> [LacQuadrature] -> [LacMeanSquare] -> level in dB
 *         -> LacGainCurve -> amount in dB >= 0 -> LacBallistics -> gain
 *
 * Powers are taken of every frame; everything after them, whose times are far longer, at control points (LacSteps), and
 * gains run in straight lines from one to the next.
 *
 * A *lane* is one such chain: one band, or one band of one channel. All structs are plain, embedded by value, and own
 * nothing; one thread. The loops over arrays are in dsp/gain_computer_kernels.h. */

#ifndef LAC_DSP_GAIN_COMPUTER_H
#define LAC_DSP_GAIN_COMPUTER_H

#include <lacquer/core.h>

/* ---- control points ---- */

/* A run of frames as steps: control points are the frames whose absolute index is a multiple of `frames`, a power of
 * two up to LAC_MOST_STEP_FRAMES. A point stands for the powers of its own frame and of those after the point before;
 * what it finds is reached at the last frame before the next point. So nothing depends on how frames are cut into runs,
 * and what happens in a frame is heard (frames - 1) / 2 frames later on average: lac_steps_delay_s. */
typedef struct LacSteps {
  uint32_t n_frames; /* of the run */
  uint32_t frames;   /* of a step */
  uint32_t at;       /* absolute index of the first frame, modulo `frames` */
} LacSteps;

enum { LAC_MOST_STEP_FRAMES = 32 };

/* Frames of a step: about 0.18 ms, or 0.09 ms where the shortest time constant is below 10 ms, and less where the delay
 * would be more than 4 % of it. */
uint32_t lac_steps_frames(double shortest_s, double rate_hz);
double lac_steps_delay_s(uint32_t step_frames, double rate_hz);

/* Frames of the run before its first control point, and how many points it has. */
static inline uint32_t lac_steps_before(LacSteps steps) {
  return (steps.frames - steps.at) % steps.frames;
}
static inline uint32_t lac_steps_points(LacSteps steps) {
  const uint32_t before = lac_steps_before(steps);
  return before < steps.n_frames ? (steps.n_frames - before + steps.frames - 1) / steps.frames : 0;
}

/* ---- the static curve ---- */

/* How much a level is acted on: slope times what it is over the threshold (or under it), bent in over the knee, at most
 * range. slope = 1 - 1 / ratio. */
typedef struct LacGainCurve {
  double threshold_db;
  double slope;    /* 0..1 (and beyond, for those who want it) */
  double knee_db;  /* whole width of the knee; the curve leaves zero half of it before the threshold */
  double range_db; /* >= 0 */
  double fade_db;  /* below only: nothing under this level, everything from 12 dB above it; -INFINITY: no fade */
  bool is_below;
} LacGainCurve;

#define LAC_DYNAMICS_NO_RANGE_DB 1000.0
#define LAC_DYNAMICS_NO_FADE_DB (-1000.0)
/* Width of the fade of an upward curve: from 6 to 18 dB over the noise floor. */
#define LAC_DYNAMICS_FADE_WIDTH_DB 12.0

/* Amount in dB, 0..range, at a level in dB. */
double lac_gain_curve_db(const LacGainCurve *curve, double level_db);

/* ---- the detector ---- */

/* Power that stands still under a tone. Over a step of frames x with the mean m,
 *
 *   power = mean of x^2 - m^2 + (p^2 + q^2) / 2
 *
 * where p and q are m through two chains of all-passes of first order (Darlington, "Realization of a Constant Phase
 * Difference", Bell Syst. Tech. J. 29, 1950), a quarter of a period apart for whatever is slow enough to make a mean
 * square ripple: of a tone p^2 + q^2 is the squared amplitude at any moment, while x^2 goes up and down twice a period.
 * All-passes keep powers, so the mean is that of x^2 for every sound, and what has gone by within the step (the first
 * difference, never negative) is heard at once. */
enum { LAC_QUADRATURE_SECTIONS = 2 };
/* Tones above this hardly ripple: bands that begin higher need none. */
#define LAC_QUADRATURE_MOST_HZ 250.0

typedef struct LacQuadrature {
  double factors[2][LAC_QUADRATURE_SECTIONS];   /* of chain, of section */
  double sum[2][2];                             /* of even and odd frames since the last control point, of channel */
  double input[2];                              /* at the last control point, */
  double output[2][LAC_QUADRATURE_SECTIONS][2]; /* and what came out of chain, of section, of channel */
} LacQuadrature;

/* For control points at rate_hz; states go on. */
void lac_quadrature_aim(LacQuadrature *quadrature, double rate_hz);
/* Silences the states. */
void lac_quadrature_rest(LacQuadrature *quadrature);

/* Mean square of a pair of signals by two equal one-poles in series, half the time each: as quick as one pole of the
 * whole time, but with the square of half its ripple (a sine of 50 Hz over 20 ms: 2.5 instead of 8 %). */
typedef struct LacMeanSquare {
  double factor;      /* of each pole, per step: lac_one_pole_factor(time / 2) */
  double state[2][2]; /* of pole, of channel */
  double sum[2][2];   /* of the powers of even and odd frames since the last control point */
} LacMeanSquare;

/* Of a one-pole that gets 63 % of the way in `time_s`; 1 (at once) for 0. */
double lac_one_pole_factor(double time_s, double rate_hz);
/* When the step becomes another one: the frames since the last control point count for as many as the new step has
 * before its first point; where there were none, all is taken to be as it was. */
void lac_mean_square_restep(LacMeanSquare *lane, LacQuadrature *quadrature, uint32_t old_frames, uint32_t new_frames);
/* The same over n_lanes single signals whose powers at control points are known already, in place; uses state[][0]. */
void lac_mean_power_run(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_points);
/* Sets states below 1e-30 to zero. */
void lac_mean_square_flush(LacMeanSquare *lane);
void lac_quadrature_flush(LacQuadrature *quadrature);

/* ---- the ballistics ---- */

/* Smooth decoupled ballistics: an amount is held and let go with the release, then follows with the attack:
 *   held = max(amount, held + release (amount - held));  value += attack (target - value).
 * target is what is held; or, with a steady release, the larger of it and its slow mean: after a short peak the gain
 * returns with the release, after long reduction only as far as the mean of it, and from there slowly.
 *
 * With a window (for peaks, which come once in half a period), what was neither wanted within the last one or two
 * windows nor ever applied is not held: a tone that begins overshoots in the filters of a band, and would be reduced
 * too quickly for as long as the release lasts. */
typedef struct LacBallistics {
  double attack; /* one-pole factors per step (or frame, for those who run it so) */
  double release;
  double steady; /* 0: no steady release */
  double window; /* in steps; 0: none. Of lanes that run together all have one or none has */
  double held;
  double mean;
  double value;
  double latest, before; /* the most that was wanted within this window so far, and within the one before */
  double age;            /* steps of this window so far */
} LacBallistics;

/* attack_s is when a step up is 63 % there, release_s a step down: the two stages in series would take longer, so the
 * pole of the release is shortened by what the attack adds. A release faster than the attack becomes as slow as it. */
void lac_ballistics_set(LacBallistics *lane, double attack_s, double release_s, double steady_s, double rate_hz);
/* The same by subtraction of the attack, cheap enough for every quantum (exact within 8 % of the release, and within
 * 1 % when it is nine times the attack or longer). */
void lac_ballistics_set_quickly(LacBallistics *lane, double attack_s, double release_s, double steady_s,
                                double rate_hz);
/* At rest at an amount. */
void lac_ballistics_rest(LacBallistics *lane, double amount_db);
/* amounts[lane][frame], in place: what is wanted becomes what is applied. */
void lac_ballistics_run(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_frames);
/* What has come within 1e-6 dB of zero is zero: so that a gain at rest is exactly 1. Call at fixed places. */
void lac_ballistics_settle(LacBallistics *lane);

/* ---- program-dependent times ---- */

/* Crest factor: peak^2 / mean^2 over 200 ms (Giannoulis, Massberg & Reiss, "Parameter Automation in a Dynamic Range
 * Compressor", JAES 61, 2013, eqs. 6 and 7). */
typedef struct LacCrest {
  double factor;
  double peak;
  double mean;
} LacCrest;

void lac_crest_init(LacCrest *crest, double rate_hz);
void lac_crest_run(LacCrest *crest, const double *powers, uint32_t n_frames);
/* C^2, 1..1000; 2 (a sine) in silence. */
double lac_crest_square(const LacCrest *crest);
void lac_crest_flush(LacCrest *crest);

#endif
