/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A value on its way: three equal one-pole low-passes in series, so that a step of the target leaves with zero slope
 * and zero curvature and any number of new targets on the way is followed without a kink. Embedded by value. */

#ifndef LAC_PROCESSORS_GLIDE_H
#define LAC_PROCESSORS_GLIDE_H

#include <math.h>
#include <stdbool.h>

#include "dsp/elementary.h"

typedef struct LacGlide {
  double target;
  double stage[3]; /* the last one is the value */
  bool is_moving;
} LacGlide;

/* The factor of lac_glide_step for `steps_per_s` steps in a second and poles of `pole_s` seconds each: half way after
 * 2.7 of them, arrived (to 1e-7) after 22. */
static inline double lac_glide_factor_of(double pole_s, double steps_per_s) {
  return 1.0 - lac_exp(-1.0 / (pole_s * steps_per_s));
}

/* The same for a level: half way after 13 ms. A step of any size under a tone stays within 300 Hz of it, to -80 dB. */
static inline double lac_glide_factor(double steps_per_s) {
  return lac_glide_factor_of(0.005, steps_per_s);
}

static inline void lac_glide_jump(LacGlide *glide, double value) {
  *glide = (LacGlide){value, {value, value, value}, false};
}

static inline void lac_glide_aim(LacGlide *glide, double target) {
  glide->target = target;
  glide->is_moving = glide->is_moving || target != glide->stage[2];
}

static inline double lac_glide_value(const LacGlide *glide) {
  return glide->stage[2];
}

/* One step, in which the first stage goes no further than `most`: so a long way takes longer than a short one. Lands
 * exactly on the target once all three stages are within 1e-7 of it. */
static inline double lac_glide_step_at_most(LacGlide *glide, double factor, double most) {
  double target = glide->target, furthest = 0;
  double into = target, farthest = most;
  for (int i = 0; i < 3; i++) {
    double by = (into - glide->stage[i]) * factor;
    by = by < farthest ? by : farthest;
    glide->stage[i] += by > -farthest ? by : -farthest;
    into = glide->stage[i];
    farthest = INFINITY;
    double distance = fabs(target - into);
    furthest = distance > furthest ? distance : furthest;
  }
  if (furthest <= 1e-7 * (1.0 + fabs(target))) {
    lac_glide_jump(glide, target);
  }
  return glide->stage[2];
}

static inline double lac_glide_step(LacGlide *glide, double factor) {
  return lac_glide_step_at_most(glide, factor, INFINITY);
}

/* `most` of a logarithm of a frequency: 43 octaves in a second. A filter turns the phase of what it crosses, the faster
 * the further that is heard beside it: at this speed a crossover of fourth order stays within 300 Hz, to -80 dB. */
static inline double lac_glide_most_log_hz(double steps_per_s) {
  return 30.0 / steps_per_s;
}

/* A gain on its way in decibels: no part of a large change is faster than the others. */
typedef struct LacGainGlide {
  LacGlide log;
  double target;
} LacGainGlide;

/* Half way after 54 ms: a limiter behind it, whose gain has to go the other way, takes 40 dB without a sound. */
static inline double lac_gain_glide_factor(double steps_per_s) {
  return lac_glide_factor_of(0.02, steps_per_s);
}

static inline void lac_gain_glide_jump(LacGainGlide *glide, double gain) {
  glide->target = gain;
  lac_glide_jump(&glide->log, lac_log(gain));
}

static inline void lac_gain_glide_aim(LacGainGlide *glide, double gain) {
  glide->target = gain;
  lac_glide_aim(&glide->log, lac_log(gain));
}

static inline bool lac_gain_glide_is_moving(const LacGainGlide *glide) {
  return glide->log.is_moving;
}

/* Exactly the gain it was given once that is reached. */
static inline double lac_gain_glide_value(const LacGainGlide *glide) {
  return glide->log.is_moving ? lac_exp(lac_glide_value(&glide->log)) : glide->target;
}

static inline double lac_gain_glide_step(LacGainGlide *glide, double factor) {
  if (glide->log.is_moving) {
    lac_glide_step(&glide->log, factor);
  }
  return lac_gain_glide_value(glide);
}

#endif
