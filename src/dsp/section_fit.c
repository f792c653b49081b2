/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/section_fit.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

enum { LOG_POINTS = 72, NEAR_POINTS = 40, MAX_POINTS = LOG_POINTS + NEAR_POINTS };
/* What may move: of the section, then of its corrector. */
enum { FREE_G, FREE_K, FREE_HIGH, FREE_BAND, N_FREE_ALONE, FREE_HIGH_2 = N_FREE_ALONE, FREE_BAND_2, N_FREE };
enum { MAX_UNKNOWNS = N_FREE + 1 }; /* of a linear system: the free values and the height of the ripple */
enum { QUICK_ROUNDS = 8, FIT_ROUNDS = 28, EXCHANGE_ROUNDS = 8, N_STARTS = 3 };

/* Errors far below the loudest point stop to matter: about -50 dB. A notch has no error in dB at all. */
#define POWER_FLOOR 1e-5
/* Largest |ln error| at which a fit stops: 0.001 dB. */
#define GOOD_ENOUGH 2.3e-4
/* Ripples as equal as this end the search: no section's largest error is smaller than the smallest ripple of this one.
 */
#define EQUAL_ENOUGH 0.998

/* How much a pair is held where it started, for each of its six values and for each point: so that of two designs that
 * are alike the values are too, and a band that moves goes straight from one to the other. Ten times as much costs 0.02
 * dB, a tenth of it leaves jumps of 1 to 3 dB on the way. */
#define HOLD 1e-5

/* A section and its corrector, whose poles are always the same. */
typedef struct Pair {
  LacSvf main;
  LacSvf corrector;
  double moved[N_FREE]; /* logarithms, since the start */
} Pair;

typedef struct Fit {
  const LacPrototype *prototype;
  double w0;
  LacSectionForm form;
  unsigned n_free;      /* the first n of FREE_* */
  double notch_tangent; /* tan^2(w0 / 2) */
  unsigned n_points;
  double w[MAX_POINTS];      /* ascending */
  double v[MAX_POINTS];      /* sin^2(w / 2) */
  double target[MAX_POINTS]; /* |H analogue|^2 */
  double weight[MAX_POINTS];
  double error[MAX_POINTS]; /* ln of the power ratio, of the present section */
  double hold;              /* weight of the squares of moved[] */
} Fit;

double lac_prototype_power(const LacPrototype *h, double x) {
  double x2 = x * x;
  double numerator = (h->n0 - h->n2 * x2) * (h->n0 - h->n2 * x2) + h->n1 * h->n1 * x2;
  double denominator = (h->d0 - h->d2 * x2) * (h->d0 - h->d2 * x2) + h->d1 * h->d1 * x2;
  return numerator / denominator;
}

/* ---- starting points ---- */

/* Prewarped bilinear transform: cramped, but it always exists. */
static LacSvf bilinear(const LacPrototype *h, double w0) {
  double angle = 0.5 * w0 < 0.47 * LAC_PI ? 0.5 * w0 : 0.47 * LAC_PI;
  double ratio = sqrt(h->d0 / h->d2);
  return (LacSvf){.g = lac_tan(angle) * ratio,
                  .k = h->d1 / sqrt(h->d0 * h->d2),
                  .low = h->n0 / h->d0,
                  .band = h->n1 / (ratio * h->d2),
                  .high = h->n2 / h->d2};
}

/* Poles of impulse invariance, those beyond Nyquist held just below it; gains that meet the prototype at Nyquist and,
 * where the form leaves that open, at w0. */
static LacSvf invariant(const LacPrototype *h, LacSectionForm form, double w0) {
  double natural = w0 * sqrt(h->d0 / h->d2);
  double damping = 0.5 * h->d1 / sqrt(h->d0 * h->d2);
  double a1, a2 = lac_exp(-2.0 * damping * natural);
  if (damping <= 1.0) {
    double angle = sqrt(1.0 - damping * damping) * natural;
    a1 = -2.0 * lac_exp(-damping * natural) * lac_cos(angle < 0.95 * LAC_PI ? angle : 0.95 * LAC_PI);
  } else {
    double spread = sqrt(damping * damping - 1.0) * natural;
    a1 = -(lac_exp(spread - damping * natural) + lac_exp(-spread - damping * natural));
  }
  LacSvf svf = {.low = h->n0 / h->d0};
  svf.g = sqrt((1.0 + a1 + a2) / (1.0 - a1 + a2));
  svf.k = 2.0 * (1.0 - a2) / (svf.g * (1.0 - a1 + a2));
  svf.high = sqrt(lac_prototype_power(h, LAC_PI / w0));
  double w = w0 < 0.95 * LAC_PI ? w0 : 0.95 * LAC_PI;
  double half = lac_sin(0.5 * w), v = half * half, u = (1.0 - v) * svf.g * svf.g;
  double wanted = lac_prototype_power(h, w / w0) * ((u - v) * (u - v) + svf.k * svf.k * u * v);
  if (form == LAC_FORM_DOUBLE_ZERO_AT_DC) {
    svf.high = sqrt(wanted) / v;
  } else if (form != LAC_FORM_NOTCH) {
    double rest = wanted - (svf.low * u - svf.high * v) * (svf.low * u - svf.high * v);
    svf.band = rest > 0 ? sqrt(rest / (u * v)) : 0;
  }
  return svf;
}

/* The fit moves logarithms: nothing it moves may be zero. */
static void make_valid(const Fit *fit, LacSvf *svf) {
  svf->low = fit->form == LAC_FORM_ZERO_AT_DC || fit->form == LAC_FORM_DOUBLE_ZERO_AT_DC ? 0 : svf->low;
  if (fit->form == LAC_FORM_NOTCH) {
    svf->high = svf->low * svf->g * svf->g / fit->notch_tangent;
  }
  double largest = svf->low > svf->high ? svf->low : svf->high;
  svf->high = svf->high > 1e-4 * largest ? svf->high : 1e-4 * largest;
  svf->band = fit->n_free <= FREE_BAND ? 0 : svf->band > 1e-3 * svf->k * largest ? svf->band : 1e-3 * svf->k * largest;
}

/* ---- the fit ---- */

static void set_point(Fit *fit, unsigned i, double w) {
  double half = lac_sin(0.5 * w);
  fit->w[i] = w;
  fit->v[i] = half * half;
  fit->target[i] = lac_prototype_power(fit->prototype, w / fit->w0);
}

static void insert_frequency(Fit *fit, double w) {
  unsigned i = fit->n_points++;
  for (; i > 0 && fit->w[i - 1] > w; i--) {
    fit->w[i] = fit->w[i - 1];
  }
  fit->w[i] = w;
}

/* Points up to `top` about poles or zeros. */
static void insert_near(Fit *fit, double centre, double bandwidth, unsigned n, double top) {
  for (unsigned i = 0; i < n; i++) {
    double w = centre * lac_exp(1.5 * bandwidth * ((double)i / (0.5 * (n - 1)) - 1.0));
    if (w <= top) {
      insert_frequency(fit, w);
    }
  }
}

/* Points from 20 Hz to 20 kHz, closer to each other toward the top, where digital and analogue part, and more where the
 * section acts. */
static void begin_fit(Fit *fit, const LacPrototype *h, LacSectionForm form, double w0, double rate_hz) {
  const double to_w = 2.0 * LAC_PI / rate_hz;
  double top = 20000.0 < 0.499 * rate_hz ? 20000.0 : 0.499 * rate_hz;
  fit->hold = 0;
  fit->prototype = h;
  fit->w0 = w0;
  fit->form = form;
  fit->n_free = form == LAC_FORM_NOTCH ? FREE_HIGH : form == LAC_FORM_DOUBLE_ZERO_AT_DC ? FREE_BAND : N_FREE_ALONE;
  double tangent = form == LAC_FORM_NOTCH ? lac_tan(0.5 * w0) : 1.0;
  fit->notch_tangent = tangent * tangent;
  fit->n_points = 0;
  double span = lac_log(top / 20.0);
  for (int i = 0; i < LOG_POINTS; i++) {
    double down = (double)(LOG_POINTS - 1 - i) / (LOG_POINTS - 1);
    insert_frequency(fit, top * to_w * lac_exp(-span * down * sqrt(down)));
  }
  /* A resonance above 20 kHz is not heard but must not run away where the rate has room for it. */
  double poles = w0 * sqrt(h->d0 / h->d2), bandwidth = h->d1 / sqrt(h->d0 * h->d2);
  bool is_above = w0 > top * to_w || (poles > top * to_w && bandwidth < 0.5);
  double poles_top = is_above ? 0.9 * LAC_PI : top * to_w;
  bool has_zeros = h->n0 > 0 && h->n1 > 0 && h->n2 > 0 && h->n0 * h->d2 != h->n2 * h->d0;
  unsigned n_of_zeros = has_zeros ? NEAR_POINTS / 2 : 0;
  insert_near(fit, poles, bandwidth, NEAR_POINTS - n_of_zeros, poles_top);
  if (has_zeros) {
    insert_near(fit, w0 * sqrt(h->n0 / h->n2), h->n1 / sqrt(h->n0 * h->n2), n_of_zeros, top * to_w);
  }
  for (unsigned i = 0; i < fit->n_points; i++) {
    set_point(fit, i, fit->w[i]);
  }
}

/* |H|^2 at one point, and its derivatives by the logarithms of the free values. */
static double main_power(const Fit *fit, const LacSvf *svf, double v, double slope[N_FREE]) {
  double u = (1.0 - v) * svf->g * svf->g, uv = u * v;
  double even_n = svf->low * u - svf->high * v, odd_n = svf->band * svf->band * uv;
  double even_d = u - v, odd_d = svf->k * svf->k * uv;
  double numerator = even_n * even_n + odd_n, denominator = even_d * even_d + odd_d;
  double power = numerator / denominator;
  double by_high = -2.0 * even_n * svf->high * v;
  double by_g = 4.0 * even_n * svf->low * u + 2.0 * odd_n;
  if (fit->form == LAC_FORM_NOTCH) {
    by_g += 2.0 * by_high;
  }
  slope[FREE_G] = (by_g - power * (4.0 * even_d * u + 2.0 * odd_d)) / denominator;
  slope[FREE_K] = -power * 2.0 * odd_d / denominator;
  slope[FREE_HIGH] = by_high / denominator;
  slope[FREE_BAND] = 2.0 * odd_n / denominator;
  return power;
}

/* The same of the pair, from what main_power() left. */
static double pair_power(const LacSvf *corrector, double v, double power, double slope[N_FREE]) {
  double u = (1.0 - v) * corrector->g * corrector->g, uv = u * v;
  double even = u - corrector->high * v, odd = corrector->band * corrector->band * uv;
  double denominator = (u - v) * (u - v) + corrector->k * corrector->k * uv;
  double ratio = (even * even + odd) / denominator;
  for (unsigned r = 0; r < N_FREE_ALONE; r++) {
    slope[r] *= ratio;
  }
  slope[FREE_HIGH_2] = -2.0 * even * corrector->high * v * power / denominator;
  slope[FREE_BAND_2] = 2.0 * odd * power / denominator;
  return power * ratio;
}

static double power_and_slopes(const Fit *fit, const Pair *pair, double v, double slope[N_FREE]) {
  double power = main_power(fit, &pair->main, v, slope);
  return fit->n_free > N_FREE_ALONE ? pair_power(&pair->corrector, v, power, slope) : power;
}

static double error_at(const Fit *fit, const Pair *pair, unsigned i) {
  double slope[N_FREE];
  double power = power_and_slopes(fit, pair, fit->v[i], slope);
  return lac_log((power + POWER_FLOOR) / (fit->target[i] + POWER_FLOOR));
}

/* Fills error[], ln of the ratio to the target; returns the largest |error|. */
static double measure(const Fit *fit, const Pair *pair, double error[MAX_POINTS]) {
  double worst = 0;
  for (unsigned i = 0; i < fit->n_points; i++) {
    error[i] = error_at(fit, pair, i);
    worst = fabs(error[i]) <= worst ? worst : fabs(error[i]);
  }
  return isfinite(worst) ? worst : DBL_MAX;
}

static double cost_of(const Fit *fit, const Pair *pair, const double error[MAX_POINTS]) {
  double cost = 0;
  for (unsigned r = 0; r < fit->n_free; r++) {
    cost += fit->hold * pair->moved[r] * pair->moved[r];
  }
  for (unsigned i = 0; i < fit->n_points; i++) {
    cost += fit->weight[i] * error[i] * error[i];
  }
  return cost;
}

/* Gauss with pivots by column: m is n rows of n coefficients and a right side, which becomes the solution. False when
 * it has none. */
static bool solve(double m[MAX_UNKNOWNS][MAX_UNKNOWNS + 1], unsigned n) {
  for (unsigned j = 0; j < n; j++) {
    unsigned pivot = j;
    for (unsigned r = j + 1; r < n; r++) {
      pivot = fabs(m[r][j]) > fabs(m[pivot][j]) ? r : pivot;
    }
    if (!(fabs(m[pivot][j]) > 0)) {
      return false;
    }
    for (unsigned c = j; c <= n; c++) {
      double swapped = m[j][c];
      m[j][c] = m[pivot][c];
      m[pivot][c] = swapped;
    }
    for (unsigned r = j + 1; r < n; r++) {
      double factor = m[r][j] / m[j][j];
      for (unsigned c = j; c <= n; c++) {
        m[r][c] -= factor * m[j][c];
      }
    }
  }
  for (unsigned j = n; j-- > 0;) {
    for (unsigned c = j + 1; c < n; c++) {
      m[j][n] -= m[j][c] * m[c][n];
    }
    m[j][n] /= m[j][j];
  }
  return true;
}

/* Derivatives of the error at point i by the logarithms of the free values. */
static void error_slopes(const Fit *fit, const Pair *pair, unsigned i, double slope[N_FREE]) {
  double power = power_and_slopes(fit, pair, fit->v[i], slope);
  double scale = 1.0 / (power + POWER_FLOOR);
  for (unsigned r = 0; r < fit->n_free; r++) {
    slope[r] *= scale;
  }
}

static Pair stepped(const Fit *fit, const Pair *pair, const double step[N_FREE]) {
  double factor[N_FREE] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
  Pair next = *pair;
  for (unsigned r = 0; r < fit->n_free; r++) {
    double by = step[r] > 1.0 ? 1.0 : step[r] < -1.0 ? -1.0 : step[r];
    factor[r] = lac_exp(by);
    next.moved[r] += by;
  }
  next.main.g *= factor[FREE_G];
  next.main.k *= factor[FREE_K];
  next.main.high *= fit->form == LAC_FORM_NOTCH ? factor[FREE_G] * factor[FREE_G] : factor[FREE_HIGH];
  next.main.band *= factor[FREE_BAND];
  next.corrector.high *= factor[FREE_HIGH_2];
  next.corrector.band *= factor[FREE_BAND_2];
  return next;
}

/* One step of Levenberg and Marquardt. */
static bool next_section(const Fit *fit, const Pair *pair, double damping, Pair *next) {
  double m[MAX_UNKNOWNS][MAX_UNKNOWNS + 1] = {{0}}, slope[N_FREE], step[N_FREE];
  unsigned n = fit->n_free;
  for (unsigned i = 0; i < fit->n_points; i++) {
    error_slopes(fit, pair, i, slope);
    for (unsigned r = 0; r < n; r++) {
      for (unsigned c = 0; c <= r; c++) {
        m[r][c] += fit->weight[i] * slope[r] * slope[c];
      }
      m[r][n] -= fit->weight[i] * slope[r] * fit->error[i];
    }
  }
  for (unsigned r = 0; r < n; r++) {
    for (unsigned c = r + 1; c < n; c++) {
      m[r][c] = m[c][r];
    }
    m[r][r] += fit->hold;
    m[r][n] -= fit->hold * pair->moved[r];
    m[r][r] += damping * m[r][r] + 1e-12;
  }
  if (!solve(m, n)) {
    return false;
  }
  for (unsigned r = 0; r < n; r++) {
    step[r] = m[r][n];
  }
  *next = stepped(fit, pair, step);
  return true;
}

/* Lawson's rule: the larger the error, the more it counts next time. */
static void reweight(Fit *fit, double worst) {
  for (unsigned i = 0; i < fit->n_points && worst > 0; i++) {
    fit->weight[i] *= sqrt(0.3 + fabs(fit->error[i]) / worst);
  }
}

typedef struct Best {
  Pair pair;
  double worst;
} Best;

/* Walks from `now` toward the least maximum error; every section it meets may become the best one. */
static void descend(Fit *fit, Pair now, int rounds, Best *best) {
  double next_error[MAX_POINTS], damping = 1e-3;
  for (unsigned i = 0; i < fit->n_points; i++) {
    fit->weight[i] = 1.0;
  }
  double worst = measure(fit, &now, fit->error), nearest = DBL_MAX;
  int rounds_since_nearest = 0;
  for (int round = 0; round <= rounds && rounds_since_nearest < 8; round++) {
    rounds_since_nearest++;
    if (worst < nearest) {
      nearest = worst;
      rounds_since_nearest = 0;
    }
    if (worst < best->worst) {
      *best = (Best){now, worst};
    }
    Pair next;
    if (round == rounds || nearest <= GOOD_ENOUGH || !next_section(fit, &now, damping, &next)) {
      return;
    }
    double next_worst = measure(fit, &next, next_error);
    if (cost_of(fit, &next, next_error) < cost_of(fit, &now, fit->error)) {
      now = next;
      worst = next_worst;
      memcpy(fit->error, next_error, sizeof fit->error);
      damping *= 0.2;
    } else {
      damping *= 8.0;
    }
    reweight(fit, worst);
  }
}

/* ---- equal ripple ---- */

static void sharpen_point(Fit *fit, const Pair *pair, unsigned i) {
  double e = fit->error[i], before = fit->error[i - 1] - e, after = fit->error[i + 1] - e;
  double left = fit->w[i - 1] - fit->w[i], right = fit->w[i + 1] - fit->w[i];
  bool is_peak = e > 0 ? before < 0 && after < 0 : before > 0 && after > 0;
  if (is_peak && left < 0 && right > 0) {
    double bend = (before / left - after / right) / (left - right), shift = 0.5 * (left - before / (left * bend));
    set_point(fit, i, fit->w[i] + (shift < 0.9 * left ? 0.9 * left : shift > 0.9 * right ? 0.9 * right : shift));
    fit->error[i] = error_at(fit, pair, i);
  }
}

/* Moves the points at the peaks of the present error onto them, to the vertex of the parabola through three; returns
 * the largest |error|. */
static double sharpen(Fit *fit, const Pair *pair) {
  double worst = 0;
  for (unsigned i = 0; i < fit->n_points; i++) {
    if (i > 0 && i + 1 < fit->n_points) {
      sharpen_point(fit, pair, i);
    }
    worst = fabs(fit->error[i]) > worst ? fabs(fit->error[i]) : worst;
  }
  return worst;
}

/* The largest peaks of alternating sign; returns their number. Of more than wanted the smaller one at the ends goes. */
static unsigned alternation(const Fit *fit, unsigned wanted, unsigned peak[MAX_POINTS]) {
  unsigned n = 0, first = 0;
  for (unsigned i = 0; i < fit->n_points; i++) {
    double e = fit->error[i];
    if (n > 0 && (e < 0) == (fit->error[peak[n - 1]] < 0)) {
      peak[n - 1] = fabs(e) > fabs(fit->error[peak[n - 1]]) ? i : peak[n - 1];
    } else if (e != 0) {
      peak[n++] = i;
    }
  }
  for (; n - first > wanted;) {
    if (fabs(fit->error[peak[first]]) < fabs(fit->error[peak[n - 1]])) {
      first++;
    } else {
      n--;
    }
  }
  memmove(peak, peak + first, (n - first) * sizeof *peak);
  return n - first;
}

/* The step after which, as far as slopes tell, all peaks are as high as each other. */
static bool level_peaks(const Fit *fit, const Pair *pair, const unsigned *peak, double step[N_FREE]) {
  double m[MAX_UNKNOWNS][MAX_UNKNOWNS + 1], slope[N_FREE];
  unsigned n = fit->n_free;
  for (unsigned r = 0; r <= n; r++) {
    error_slopes(fit, pair, peak[r], slope);
    memcpy(m[r], slope, n * sizeof *slope);
    m[r][n] = r % 2 ? 1.0 : -1.0;
    m[r][n + 1] = -fit->error[peak[r]];
  }
  if (!solve(m, n + 1)) {
    return false;
  }
  for (unsigned r = 0; r < n; r++) {
    step[r] = m[r][n + 1];
  }
  return true;
}

/* Goes the step, or a half, quarter or eighth of it; false when none of them is better. */
static bool take_step(const Fit *fit, double step[N_FREE], Best *best) {
  double error[MAX_POINTS];
  for (int halving = 0; halving < 4; halving++) {
    Pair next = stepped(fit, &best->pair, step);
    double worst = measure(fit, &next, error);
    if (worst < best->worst) {
      *best = (Best){next, worst};
      return true;
    }
    for (unsigned r = 0; r < fit->n_free; r++) {
      step[r] *= 0.5;
    }
  }
  return false;
}

/* The exchange algorithm (Remez 1934) from the best section on; true when it ends where no section is better. There is
 * one such end: "numerator within +-E of target times denominator" is linear in the coefficients of |H|^2, so the
 * sections with an error of at most E form a convex set, and a smaller E a smaller one. */
static bool equalise(Fit *fit, Best *best) {
  unsigned peak[MAX_POINTS], wanted = fit->n_free + 1;
  double step[N_FREE];
  if (best->worst == DBL_MAX) {
    return false;
  }
  for (int round = 0; round < EXCHANGE_ROUNDS; round++) {
    measure(fit, &best->pair, fit->error);
    best->worst = sharpen(fit, &best->pair);
    if (best->worst <= GOOD_ENOUGH) {
      return true;
    }
    if (alternation(fit, wanted, peak) < wanted || !level_peaks(fit, &best->pair, peak, step)) {
      return false;
    }
    double least = best->worst;
    for (unsigned r = 0; r < wanted; r++) {
      least = fabs(fit->error[peak[r]]) < least ? fabs(fit->error[peak[r]]) : least;
    }
    if (least >= EQUAL_ENOUGH * best->worst) {
      return true;
    }
    if (!take_step(fit, step, best)) {
      return false;
    }
  }
  return false;
}

/* The two closed forms, the better one first, and a bilinear section further down. */
static void find_starts(const Fit *fit, Pair starts[N_STARTS]) {
  const LacPrototype *h = fit->prototype;
  double w0 = fit->w0, lower = w0 < 0.9 * LAC_PI ? 0.6 * w0 : 0.54 * LAC_PI, error[MAX_POINTS];
  const LacSvf sections[N_STARTS] = {invariant(h, fit->form, w0), bilinear(h, w0), bilinear(h, lower)};
  for (int i = 0; i < N_STARTS; i++) {
    starts[i] = (Pair){.main = sections[i]};
    make_valid(fit, &starts[i].main);
  }
  if (measure(fit, &starts[1], error) < measure(fit, &starts[0], error)) {
    Pair better = starts[1];
    starts[1] = starts[0];
    starts[0] = better;
  }
}

/* Only where a short way from the first start does not end in equal ripples (some shelves and passes, resonances at and
 * above Nyquist) the long one follows, also from the others. */
static Best search(Fit *fit, const Pair starts[N_STARTS]) {
  Best best = {starts[0], DBL_MAX};
  descend(fit, starts[0], QUICK_ROUNDS, &best);
  bool is_least = equalise(fit, &best);
  for (int i = 0; i < N_STARTS && !is_least; i++) {
    descend(fit, starts[i], FIT_ROUNDS, &best);
    is_least = equalise(fit, &best);
  }
  return best;
}

LacSvf lac_section_fit(const LacPrototype *h, LacSectionForm form, double hz, double rate_hz) {
  Fit fit;
  Pair starts[N_STARTS];
  begin_fit(&fit, h, form, 2.0 * LAC_PI * hz / rate_hz, rate_hz);
  find_starts(&fit, starts);
  return search(&fit, starts).pair.main;
}

/* What a corrector starts from: a fall to -0.3 dB at half of Nyquist and -1.9 at Nyquist. Its poles, real ones at 0.63
 * and 0.86 of Nyquist, stay. Chosen by trial, for small errors of bells and shelves and short ways between them. */
static const LacSvf corrector_start = {.g = 2.6, .k = 2.3, .low = 1.0, .band = 2.06, .high = 0.8};

unsigned lac_section_pair_fit(const LacPrototype *h, double hz, double rate_hz, double enough_db,
                              LacSvf sections[LAC_PAIR_SECTIONS]) {
  Fit fit;
  Pair starts[N_STARTS];
  begin_fit(&fit, h, LAC_FORM_FULL, 2.0 * LAC_PI * hz / rate_hz, rate_hz);
  find_starts(&fit, starts);
  Best alone = search(&fit, starts);
  sections[0] = alone.pair.main;
  if (lac_db_from_power(lac_exp(alone.worst)) <= enough_db) {
    return 1;
  }
  Pair start = {.main = alone.pair.main, .corrector = corrector_start};
  Best best = {start, DBL_MAX};
  fit.n_free = N_FREE;
  fit.hold = HOLD * fit.n_points;
  descend(&fit, start, FIT_ROUNDS, &best);
  sections[0] = best.pair.main;
  sections[1] = best.pair.corrector;
  return 2;
}
