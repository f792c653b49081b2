/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/gain_computer.h"

#include <math.h>

#include "dsp/elementary.h"

static double clamp(double x, double low, double high) {
  double above = x > low ? x : low;
  return above < high ? above : high;
}

uint32_t lac_steps_frames(double shortest_s, double rate_hz) {
  const double most = rate_hz / (shortest_s < 0.01 ? 11025.0 : 5512.5), most_later = 0.08 * shortest_s * rate_hz;
  uint32_t frames = 1;
  while (frames < LAC_MOST_STEP_FRAMES && 2 * frames <= most && 2 * frames - 1 <= most_later) {
    frames *= 2;
  }
  return frames;
}

double lac_steps_delay_s(uint32_t step_frames, double rate_hz) {
  return 0.5 * (step_frames - 1) / rate_hz;
}

double lac_gain_curve_db(const LacGainCurve *curve, double level_db) {
  double over = curve->is_below ? curve->threshold_db - level_db : level_db - curve->threshold_db;
  double knee = curve->knee_db, bent = 0;
  if (2.0 * fabs(over) < knee) {
    bent = (over + 0.5 * knee) * (over + 0.5 * knee) / (2.0 * knee);
  } else if (over > 0) {
    bent = over;
  }
  double amount = clamp(curve->slope * bent, 0.0, curve->range_db);
  if (!curve->is_below) {
    return amount;
  }
  double t = clamp((level_db - curve->fade_db) / LAC_DYNAMICS_FADE_WIDTH_DB, 0.0, 1.0);
  return amount * (t * t * (3.0 - 2.0 * t));
}

double lac_one_pole_factor(double time_s, double rate_hz) {
  return time_s > 0 ? 1.0 - lac_exp(-1.0 / (time_s * rate_hz)) : 1.0;
}

/* How far a step down is after t seconds through poles of `release` and `attack` seconds in series. */
static double two_pole_step(double t, double release, double attack) {
  if (fabs(release - attack) < 1e-6 * attack) {
    return 1.0 - (1.0 + t / attack) * lac_exp(-t / attack);
  }
  return 1.0 - (release * lac_exp(-t / release) - attack * lac_exp(-t / attack)) / (release - attack);
}

/* The release pole with which both poles together take release_s; the step rises as the pole gets shorter. */
static double release_pole(double attack_s, double release_s) {
  const double there = 1.0 - lac_exp(-1.0);
  double low = 0, high = release_s;
  for (int i = 0; i < 30; i++) {
    double middle = 0.5 * (low + high);
    bool is_late = two_pole_step(release_s, middle, attack_s) < there;
    *(is_late ? &high : &low) = middle;
  }
  return low;
}

static void set_poles(LacBallistics *lane, double attack_s, double pole_s, double steady_s, double rate_hz) {
  lane->attack = lac_one_pole_factor(attack_s, rate_hz);
  lane->release = lac_one_pole_factor(pole_s, rate_hz);
  lane->steady = steady_s > 0 ? lac_one_pole_factor(steady_s, rate_hz) : 0.0;
}

void lac_ballistics_set(LacBallistics *lane, double attack_s, double release_s, double steady_s, double rate_hz) {
  double pole_s = release_s > attack_s ? release_pole(attack_s, release_s) : 0.0;
  set_poles(lane, attack_s, pole_s, steady_s, rate_hz);
}

void lac_ballistics_set_quickly(LacBallistics *lane, double attack_s, double release_s, double steady_s,
                                double rate_hz) {
  set_poles(lane, attack_s, release_s - attack_s, steady_s, rate_hz);
}

void lac_ballistics_rest(LacBallistics *lane, double amount_db) {
  lane->held = lane->mean = lane->value = amount_db;
}

void lac_ballistics_settle(LacBallistics *lane) {
  if (lane->held < 1e-6 && lane->mean < 1e-6 && lane->value < 1e-6) {
    lac_ballistics_rest(lane, 0.0);
  }
}

/* Four lanes at once: each is a chain of dependent operations, which overlap. n_lanes and is_steady are constants at
 * every call. */
static inline __attribute__((always_inline)) void run_lanes(LacBallistics *lanes, unsigned n_lanes,
                                                            float *const *amounts, uint32_t n_frames, bool is_steady) {
  double held[4], mean[4], value[4];
  for (unsigned k = 0; k < n_lanes; k++) {
    held[k] = lanes[k].held;
    mean[k] = lanes[k].steady > 0 ? lanes[k].mean : 0.0; /* then it is never the larger one */
    value[k] = lanes[k].value;
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    for (unsigned k = 0; k < n_lanes; k++) {
      double amount = (double)amounts[k][i];
      double let_go = held[k] * (1.0 - lanes[k].release) + amount * lanes[k].release;
      held[k] = amount > let_go ? amount : let_go;
      double target = held[k];
      if (is_steady) {
        mean[k] = mean[k] * (1.0 - lanes[k].steady) + held[k] * lanes[k].steady;
        target = held[k] > mean[k] ? held[k] : mean[k];
      }
      value[k] = value[k] * (1.0 - lanes[k].attack) + target * lanes[k].attack;
      amounts[k][i] = (float)value[k];
    }
  }
  for (unsigned k = 0; k < n_lanes; k++) {
    lanes[k].held = held[k];
    lanes[k].mean = mean[k];
    lanes[k].value = value[k];
  }
}

static inline __attribute__((always_inline)) void run_groups(LacBallistics *lanes, unsigned n_lanes,
                                                             float *const *amounts, uint32_t n_frames, bool is_steady) {
  for (; n_lanes >= 4; n_lanes -= 4, lanes += 4, amounts += 4) {
    run_lanes(lanes, 4, amounts, n_frames, is_steady);
  }
  for (; n_lanes >= 2; n_lanes -= 2, lanes += 2, amounts += 2) {
    run_lanes(lanes, 2, amounts, n_frames, is_steady);
  }
  if (n_lanes > 0) {
    run_lanes(lanes, 1, amounts, n_frames, is_steady);
  }
}

void lac_ballistics_run(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_frames) {
  bool is_steady = false;
  for (unsigned k = 0; k < n_lanes; k++) {
    is_steady = is_steady || lanes[k].steady > 0;
  }
  if (is_steady) {
    run_groups(lanes, n_lanes, amounts, n_frames, true);
  } else {
    run_groups(lanes, n_lanes, amounts, n_frames, false);
  }
}

void lac_crest_init(LacCrest *crest, double rate_hz) {
  *crest = (LacCrest){.factor = lac_one_pole_factor(0.2, rate_hz)};
}

void lac_crest_run(LacCrest *crest, const double *powers, uint32_t n_frames) {
  double peak = crest->peak, mean = crest->mean, keep = 1.0 - crest->factor;
  for (uint32_t i = 0; i < n_frames; i++) {
    double let_go = peak * keep + powers[i] * crest->factor;
    peak = powers[i] > let_go ? powers[i] : let_go;
    mean = mean * keep + powers[i] * crest->factor;
  }
  crest->peak = peak;
  crest->mean = mean;
}

double lac_crest_square(const LacCrest *crest) {
  return crest->mean > 1e-15 ? clamp(crest->peak / crest->mean, 1.0, 1000.0) : 2.0;
}

static inline __attribute__((always_inline)) void smooth_lanes(LacMeanSquare *lanes, unsigned n_lanes,
                                                               double *const *powers, uint32_t n_frames) {
  double first[4], second[4];
  for (unsigned k = 0; k < n_lanes; k++) {
    first[k] = lanes[k].state[0][0];
    second[k] = lanes[k].state[1][0];
  }
  for (uint32_t i = 0; i < n_frames; i++) {
    for (unsigned k = 0; k < n_lanes; k++) {
      first[k] = first[k] * (1.0 - lanes[k].factor) + powers[k][i] * lanes[k].factor;
      second[k] = second[k] * (1.0 - lanes[k].factor) + first[k] * lanes[k].factor;
      powers[k][i] = second[k];
    }
  }
  for (unsigned k = 0; k < n_lanes; k++) {
    lanes[k].state[0][0] = first[k];
    lanes[k].state[1][0] = second[k];
  }
}

void lac_mean_power_run(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_frames) {
  for (; n_lanes >= 3; n_lanes -= 3, lanes += 3, powers += 3) {
    smooth_lanes(lanes, 3, powers, n_frames);
  }
  for (; n_lanes > 0; n_lanes--, lanes++, powers++) {
    smooth_lanes(lanes, 1, powers, n_frames);
  }
}

void lac_mean_square_restep(LacMeanSquare *lane, uint32_t step_frames) {
  for (int channel = 0; channel < 2; channel++) {
    lane->sum[channel] = (step_frames - 1) * lane->state[1][channel];
  }
}

void lac_mean_square_flush(LacMeanSquare *lane) {
  for (int i = 0; i < 4; i++) {
    double *state = &lane->state[i / 2][i % 2];
    *state = *state < 1e-30 ? 0.0 : *state;
  }
  lane->sum[0] = lane->sum[0] < 1e-30 ? 0.0 : lane->sum[0];
  lane->sum[1] = lane->sum[1] < 1e-30 ? 0.0 : lane->sum[1];
}

void lac_crest_flush(LacCrest *crest) {
  crest->peak = crest->peak < 1e-30 ? 0.0 : crest->peak;
  crest->mean = crest->mean < 1e-30 ? 0.0 : crest->mean;
}
