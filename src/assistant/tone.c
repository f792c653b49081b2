/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/tone.h"

#include <math.h>

#include "core/number.h"
#include "dsp/elementary.h"

typedef struct Candidate {
  LacBandType type;
  double hz;
  double q;
} Candidate;

enum { MAX_CANDIDATES = 96 };

typedef struct Search {
  const LacToneView *view;
  double rate_hz;
  double wanted_db[LAC_BANDS]; /* need x amount */
  double bound_db;             /* of one move */
  double low_cut_db;           /* of cuts below low_below_hz, >= bound_db */
  Candidate candidates[MAX_CANDIDATES];
  double shapes[MAX_CANDIDATES][LAC_BANDS]; /* response of one dB */
  int n_candidates;
  int chosen[LAC_TONE_MAX_MOVES];
  double gains[LAC_TONE_MAX_MOVES];
  unsigned count;
} Search;

/* 3 dB at strength 60, in proportion. */
static const double bound_db_per_percent = 0.05;
/* Where the peaks of a heavy low end come from. */
static const double low_below_hz = 400.0;
static const double widest_cut_db = 6.0;
/* Fewer dB than this are not worth a filter. */
static const double least_move_db = 0.4;
/* Below this share of the weighted need a move gains nothing. */
static const double least_gain = 0.1;

static void add_candidate(Search *search, LacBandType type, double hz, double q) {
  if (search->n_candidates == MAX_CANDIDATES)
    return;
  int index = search->n_candidates++;
  search->candidates[index] = (Candidate){type, hz, q};
  for (int b = 0; b < LAC_BANDS; b++) /* dB shapes scale with the gain closely enough up to 5 dB; 2 dB is the middle */
    search->shapes[index][b] = lac_band_prototype_db(type, hz, 2.0, q, search->view->bands_hz[b]) / 2.0;
}

/* Shelves where shelves are used, bells from one octave wide to three (narrower ones are for faults, not for balance).
 */
static void list_candidates(Search *search) {
  static const double low_hz[] = {80, 125, 200, 315};
  static const double high_hz[] = {2500, 4000, 6300, 10000};
  static const double bell_hz[] = {50,   63,   80,   100,  125,  160,  200,  250,  315,  400,  500,   630,  800,
                                   1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500};
  static const double bell_q[] = {0.5, 0.8, 1.2};
  double top_hz = 0.45 * search->rate_hz;
  for (size_t i = 0; i < sizeof low_hz / sizeof low_hz[0]; i++)
    add_candidate(search, LAC_BAND_LOW_SHELF, low_hz[i], 0.7);
  for (size_t i = 0; i < sizeof high_hz / sizeof high_hz[0] && high_hz[i] < top_hz; i++)
    add_candidate(search, LAC_BAND_HIGH_SHELF, high_hz[i], 0.7);
  for (size_t k = 0; k < sizeof bell_q / sizeof bell_q[0]; k++)
    for (size_t i = 0; i < sizeof bell_hz / sizeof bell_hz[0] && bell_hz[i] < top_hz; i++)
      add_candidate(search, LAC_BAND_BELL, bell_hz[i], bell_q[k]);
}

/* What the moves leave of the wanted change; `without` (or -1) is left out. */
static void residual_db(const Search *search, int without, double out_db[LAC_BANDS]) {
  for (int b = 0; b < LAC_BANDS; b++) {
    out_db[b] = search->wanted_db[b];
    for (unsigned m = 0; m < search->count; m++)
      if ((int)m != without)
        out_db[b] -= search->gains[m] * search->shapes[search->chosen[m]][b];
  }
}

static double cost_of(const Search *search, const double error_db[LAC_BANDS]) {
  double cost = 0.0;
  for (int b = 0; b < LAC_BANDS; b++)
    cost += search->view->weight[b] * error_db[b] * error_db[b];
  return cost;
}

/* The best gain of a shape against a residual, within the bound. */
static double fit_gain(const Search *search, int candidate, const double error_db[LAC_BANDS]) {
  const double *shape = search->shapes[candidate];
  double along = 0.0;
  double square = 1e-9;
  for (int b = 0; b < LAC_BANDS; b++) {
    along += search->view->weight[b] * shape[b] * error_db[b];
    square += search->view->weight[b] * shape[b] * shape[b];
  }
  double gain = along / square;
  double cut_db = search->candidates[candidate].hz < low_below_hz ? search->low_cut_db : search->bound_db;
  return gain > search->bound_db ? search->bound_db : gain < -cut_db ? -cut_db : gain;
}

static int nearest_band(const LacToneView *view, double hz) {
  int best = 0;
  for (int b = 1; b < LAC_BANDS; b++)
    if (fabs(lac_log2(view->bands_hz[b] / hz)) < fabs(lac_log2(view->bands_hz[best] / hz)))
      best = b;
  return best;
}

/* The band where a move answers most of a need; -1 when it answers none, or acts against what its middle shows. */
static int band_of_move(const Search *search, int candidate, double gain) {
  const LacToneView *view = search->view;
  const double *shape = search->shapes[candidate];
  double most = 0.0;
  double net = 0.0;
  int best = -1;
  for (int b = 0; b < LAC_BANDS; b++) {
    double answered = view->weight[b] * view->need_db[b] * shape[b] * gain;
    net += answered;
    if (answered > most) {
      most = answered;
      best = b;
    }
  }
  int middle = nearest_band(view, search->candidates[candidate].hz);
  bool is_bell = search->candidates[candidate].type == LAC_BAND_BELL;
  if (!(net > 0.0) || (is_bell && view->error_db[middle] * gain < 0.0))
    return -1;
  /* Said of its own middle when that is in need itself. */
  return is_bell && view->need_db[middle] * gain > 0.0 ? middle : best;
}

static double cost_with(const Search *search, int candidate, double gain, const double error_db[LAC_BANDS]) {
  double left[LAC_BANDS];
  for (int b = 0; b < LAC_BANDS; b++)
    left[b] = error_db[b] - gain * search->shapes[candidate][b];
  return cost_of(search, left);
}

/* Moves that overlap may not add up beyond the bound of one: true when every band stays within it with this gain for
 * `candidate` and without move `without` (or -1). */
static bool sum_fits(const Search *search, int candidate, double gain, int without) {
  for (int b = 0; b < LAC_BANDS; b++) {
    double sum = gain * search->shapes[candidate][b];
    for (unsigned m = 0; m < search->count; m++)
      if ((int)m != without)
        sum += search->gains[m] * search->shapes[search->chosen[m]][b];
    double cut_db = search->view->bands_hz[b] < low_below_hz ? search->low_cut_db : search->bound_db;
    if (sum > search->bound_db + 0.05 || sum < -cut_db - 0.05)
      return false;
  }
  return true;
}

/* Adds the best next move; false when none is worth it. `*gained`: its share of the cost at the start. */
static bool add_move(Search *search, double first_cost, double *gained) {
  double error_db[LAC_BANDS];
  residual_db(search, -1, error_db);
  double before = cost_of(search, error_db);
  double best = before;
  int winner = -1;
  double winner_gain = 0.0;
  for (int c = 0; c < search->n_candidates; c++) {
    double gain = fit_gain(search, c, error_db);
    double cost = cost_with(search, c, gain, error_db);
    if (fabs(gain) >= least_move_db && cost < best && sum_fits(search, c, gain, -1) &&
        band_of_move(search, c, gain) >= 0) {
      best = cost;
      winner = c;
      winner_gain = gain;
    }
  }
  if (winner < 0 || before - best < least_gain * first_cost)
    return false;
  search->chosen[search->count] = winner;
  search->gains[search->count++] = winner_gain;
  *gained = (before - best) / first_cost;
  return true;
}

/* Gains again, one after another, until they agree (the cost only falls). */
static void refit_gains(Search *search) {
  for (int round = 0; round < 8; round++) {
    for (unsigned m = 0; m < search->count; m++) {
      double error_db[LAC_BANDS];
      residual_db(search, (int)m, error_db);
      double gain = fit_gain(search, search->chosen[m], error_db);
      if (sum_fits(search, search->chosen[m], gain, (int)m))
        search->gains[m] = gain;
    }
  }
}

static void keep_moves(const Search *search, const double *gained, LacTonePlan *plan) {
  for (unsigned m = 0; m < search->count; m++) {
    const Candidate *candidate = &search->candidates[search->chosen[m]];
    double db = lac_round_to_step(search->gains[m], 0.1);
    int band = band_of_move(search, search->chosen[m], db);
    if (fabs(db) < least_move_db || band < 0) /* refitting left nothing of it */
      continue;
    plan->moves[plan->count++] = (LacToneMove){
        .type = candidate->type,
        .hz = candidate->hz,
        .db = db,
        .q = candidate->q,
        .band = band,
        .gained = gained[m],
    };
  }
}

static int worst_band(const LacToneView *view) {
  int worst = 0;
  double most = -1.0;
  for (int b = 0; b < LAC_BANDS; b++) {
    double distance = view->weight[b] > 0.0 ? fabs(view->error_db[b]) / view->spread_db[b] : 0.0;
    if (distance > most) {
      most = distance;
      worst = b;
    }
  }
  return worst;
}

bool lac_tone_plan(const LacAnalysis *analysis, const LacSourceState *state, double strength_percent,
                   LacTonePlan *plan) {
  Search search = {.view = &plan->view, .rate_hz = analysis->rate_hz};
  double gained[LAC_TONE_MAX_MOVES] = {0};
  *plan = (LacTonePlan){0};
  if (!lac_tone_view(analysis, &plan->view))
    return false;
  plan->worst_band = worst_band(&plan->view);
  double amount = strength_percent / 100.0 * state->amount;
  search.bound_db = bound_db_per_percent * strength_percent * state->amount;
  plan->bound_db = search.bound_db;
  search.low_cut_db = fmax(search.bound_db, fmin(widest_cut_db, search.bound_db * (1.0 + state->room_short)));
  for (int b = 0; b < LAC_BANDS; b++) {
    double wanted = amount * plan->view.need_db[b];
    /* What a lossy coder threw away comes back as noise when raised. */
    search.wanted_db[b] = state->is_lossy && wanted > 0.0 && plan->view.bands_hz[b] > 8000.0 ? 0.0 : wanted;
  }
  double first_cost = cost_of(&search, search.wanted_db);
  if (first_cost <= 0.0)
    return true;
  list_candidates(&search);
  unsigned limit = state->max_moves < LAC_TONE_MAX_MOVES ? state->max_moves : LAC_TONE_MAX_MOVES;
  while (search.count < limit && add_move(&search, first_cost, &gained[search.count]))
    refit_gains(&search);
  keep_moves(&search, gained, plan);
  return true;
}

const char *lac_tone_region(double f_hz) {
  static const struct {
    double below_hz;
    const char *name;
  } regions[] = {{60, "the deep bass"},        {150, "the bass"},    {400, "the low mids"}, {1500, "the mids"},
                 {5000, "the presence range"}, {10000, "the treble"}};
  for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
    if (f_hz < regions[i].below_hz)
      return regions[i].name;
  return "the air above 10 kHz";
}
