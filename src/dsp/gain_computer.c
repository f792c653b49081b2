/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/gain_computer.h"

#include <math.h>
#include <string.h>

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
  lane->held = lane->mean = lane->value = lane->latest = lane->before = amount_db;
  lane->age = 0;
}

void lac_ballistics_settle(LacBallistics *lane) {
  if (lane->held < 1e-6 && lane->mean < 1e-6 && lane->value < 1e-6) {
    lac_ballistics_rest(lane, 0.0);
  }
}

/* The most that was wanted within the last windows. */
static double recent_most(LacBallistics *lane, double amount) {
  if (lane->age >= lane->window) {
    lane->before = lane->latest;
    lane->latest = amount;
    lane->age = 0;
  }
  lane->age += 1;
  lane->latest = amount > lane->latest ? amount : lane->latest;
  return lane->latest > lane->before ? lane->latest : lane->before;
}

static void run_lane(LacBallistics *lane, float *amounts, uint32_t n_frames) {
  lane->mean = lane->steady > 0 ? lane->mean : 0.0; /* then it is never the larger one */
  for (uint32_t i = 0; i < n_frames; i++) {
    const double amount = (double)amounts[i];
    double let_go = lane->held * (1.0 - lane->release) + amount * lane->release;
    if (lane->window > 0) {
      const double recent = recent_most(lane, amount), most = recent > lane->value ? recent : lane->value;
      let_go = let_go < most ? let_go : most;
    }
    lane->held = amount > let_go ? amount : let_go;
    lane->mean = lane->mean * (1.0 - lane->steady) + lane->held * lane->steady;
    const double target = lane->held > lane->mean ? lane->held : lane->mean;
    lane->value = lane->value * (1.0 - lane->attack) + target * lane->attack;
    amounts[i] = (float)lane->value;
  }
}

void lac_ballistics_run(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_frames) {
  for (unsigned k = 0; k < n_lanes; k++) {
    run_lane(&lanes[k], amounts[k], n_frames);
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

void lac_mean_power_run(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_points) {
  for (unsigned k = 0; k < n_lanes; k++) {
    double *const first = &lanes[k].state[0][0], *const second = &lanes[k].state[1][0], factor = lanes[k].factor;
    for (uint32_t i = 0; i < n_points; i++) {
      *first = *first * (1.0 - factor) + powers[k][i] * factor;
      *second = *second * (1.0 - factor) + *first * factor;
      powers[k][i] = *second;
    }
  }
}

/* Poles in Hz of the sections: found by a simplex search so that p and q are least apart from a quarter of a period
 * from 28 Hz on, weighted with 1/f^3, as the ripple that is left goes through poles and ballistics: 0.04 degrees at 31
 * Hz, 0.02 at 50, 0.6 at 80, 6 at 160. */
static const double QUADRATURE_HZ[2][LAC_QUADRATURE_SECTIONS] = {{8.3328, 72.363}, {29.484, 264.24}};

void lac_quadrature_aim(LacQuadrature *quadrature, double rate_hz) {
  for (int chain = 0; chain < 2; chain++) {
    for (int section = 0; section < LAC_QUADRATURE_SECTIONS; section++) {
      const double w = LAC_PI * QUADRATURE_HZ[chain][section] / rate_hz;
      quadrature->factors[chain][section] = (w - 1.0) / (w + 1.0);
    }
  }
}

void lac_quadrature_rest(LacQuadrature *quadrature) {
  memset(quadrature->sum, 0, sizeof quadrature->sum);
  memset(quadrature->input, 0, sizeof quadrature->input);
  memset(quadrature->output, 0, sizeof quadrature->output);
}

void lac_mean_square_restep(LacMeanSquare *lane, LacQuadrature *quadrature, uint32_t old_frames, uint32_t new_frames) {
  const double counts_for = old_frames > 1 ? (new_frames - 1.0) / (old_frames - 1.0) : 0.0;
  for (int side = 0; side < 2; side++) {
    for (int channel = 0; channel < 2; channel++) {
      const double n_more = old_frames > 1 ? 0.0 : 0.5 * (new_frames - 1);
      double *const squares = &lane->sum[side][channel], *const sounds = &quadrature->sum[side][channel];
      *squares = counts_for * *squares + n_more * lane->state[1][channel];
      *sounds = counts_for * *sounds + n_more * quadrature->input[channel];
    }
  }
}

static void flush_pair(double *pair) {
  pair[0] = fabs(pair[0]) < 1e-30 ? 0.0 : pair[0];
  pair[1] = fabs(pair[1]) < 1e-30 ? 0.0 : pair[1];
}

void lac_mean_square_flush(LacMeanSquare *lane) {
  flush_pair(lane->state[0]);
  flush_pair(lane->state[1]);
  flush_pair(lane->sum[0]);
  flush_pair(lane->sum[1]);
}

void lac_quadrature_flush(LacQuadrature *quadrature) {
  flush_pair(quadrature->sum[0]);
  flush_pair(quadrature->sum[1]);
  flush_pair(quadrature->input);
  for (int i = 0; i < 2 * LAC_QUADRATURE_SECTIONS; i++) {
    flush_pair(quadrature->output[i % 2][i / 2]);
  }
}

void lac_crest_flush(LacCrest *crest) {
  crest->peak = crest->peak < 1e-30 ? 0.0 : crest->peak;
  crest->mean = crest->mean < 1e-30 ? 0.0 : crest->mean;
}
