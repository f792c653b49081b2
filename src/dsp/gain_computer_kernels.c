/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: plain loops without branches, which the compiler turns into vectors of the level. */

#include "dsp/gain_computer_kernels.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/frame_pairs.h"

#define ALWAYS static inline __attribute__((always_inline))

typedef LacPair Pair;

static inline float clampf(float x, float low, float high) {
  float above = x > low ? x : low;
  return above < high ? above : high;
}

static void squares(const double *restrict frames, double *restrict left, double *restrict right, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    left[i] = frames[2 * i] * frames[2 * i];
    right[i] = frames[2 * i + 1] * frames[2 * i + 1];
  }
}

typedef LacPairs Wide;
typedef int64_t Masks __attribute__((vector_size(8 * LAC_PAIRS_WIDTH)));

/* What a vector of bands, both channels of each, remembers; `second` is `first` where there is but one. Frames of even
 * and of odd index are summed apart: a sum waits for the one before it. */
typedef struct Means {
  LacMeanSquare *first, *second;
  LacQuadrature *quadratures[2];
  const double *x, *other;
  double *powers[2][2]; /* of band, of channel */
  Wide factor, squares[2], poles[2];
  Wide sounds[2], input, output[2][LAC_QUADRATURE_SECTIONS]; /* of the quadratures */
} Means;

/* A vector of bands from `band` on, and how many it holds. */
ALWAYS unsigned begin_means(Means *m, LacMeanSquare *bands, LacQuadrature *quadratures, unsigned band, unsigned end,
                            unsigned n_bands, const double *const *frames, double *const *powers) {
  const unsigned n = end - band < LAC_PAIRS ? 1 : LAC_PAIRS, other = band + n - 1;
  LacMeanSquare *f = &bands[band], *s = &bands[other];
  *m = (Means){.first = f,
               .second = s,
               .x = frames[band],
               .other = frames[other],
               .powers = {{powers[band], powers[n_bands + band]}, {powers[other], powers[n_bands + other]}},
               .factor = lac_pairs_of((LacPair){f->factor, f->factor}, (LacPair){s->factor, s->factor})};
  for (int k = 0; k < 2; k++) {
    m->squares[k] = lac_pairs_load(f->sum[k], s->sum[k]);
    m->poles[k] = lac_pairs_load(f->state[k], s->state[k]);
  }
  if (quadratures) {
    LacQuadrature *fq = &quadratures[band], *sq = &quadratures[other];
    m->quadratures[0] = fq;
    m->quadratures[1] = sq;
    m->input = lac_pairs_load(fq->input, sq->input);
    for (int k = 0; k < 2; k++) {
      m->sounds[k] = lac_pairs_load(fq->sum[k], sq->sum[k]);
      for (int i = 0; i < LAC_QUADRATURE_SECTIONS; i++) {
        m->output[k][i] = lac_pairs_load(fq->output[k][i], sq->output[k][i]);
      }
    }
  }
  return n;
}

ALWAYS void end_means(const Means *m, bool is_steady) {
  LacQuadrature *fq = m->quadratures[0], *sq = m->quadratures[1];
  for (int k = 0; k < 2; k++) {
    lac_pairs_store(m->squares[k], m->first->sum[k], m->second->sum[k]);
    lac_pairs_store(m->poles[k], m->first->state[k], m->second->state[k]);
  }
  if (is_steady) {
    lac_pairs_store(m->input, fq->input, sq->input);
    for (int k = 0; k < 2; k++) {
      lac_pairs_store(m->sounds[k], fq->sum[k], sq->sum[k]);
      for (int i = 0; i < LAC_QUADRATURE_SECTIONS; i++) {
        lac_pairs_store(m->output[k][i], fq->output[k][i], sq->output[k][i]);
      }
    }
  }
}

/* Frame i of n_vectors, the first n_steady of which have quadratures; side: 0 for an even frame, 1 for an odd one. */
ALWAYS void sum_frame(Means *m, unsigned n_vectors, unsigned n_steady, uint32_t i, unsigned side) {
  for (unsigned v = 0; v < n_vectors; v++) {
    const Wide frame = lac_pairs_load(m[v].x + 2 * i, m[v].other + 2 * i);
    m[v].squares[side] += frame * frame;
    if (v < n_steady) {
      m[v].sounds[side] += frame;
    }
  }
}

/* Frames i to end - 1 of a run whose first one is odd or not. */
ALWAYS void sum_frames(Means *m, unsigned n_vectors, unsigned n_steady, uint32_t i, uint32_t end, uint32_t first) {
  if (i < end && (first + i) % 2 == 0) {
    sum_frame(m, n_vectors, n_steady, i++, 0);
  }
  for (; i + 2 <= end; i += 2) {
    sum_frame(m, n_vectors, n_steady, i, 1);
    sum_frame(m, n_vectors, n_steady, i + 1, 0);
  }
  if (i < end) {
    sum_frame(m, n_vectors, n_steady, i, 1);
  }
}

/* The square of x through a chain of all-passes y = a (x - y') + x', where y' and x' are those of the point before. */
ALWAYS Wide chain_square(Wide x, Wide before, Wide *outputs, const double *factors) {
  for (unsigned s = 0; s < LAC_QUADRATURE_SECTIONS; s++) {
    const Wide last = outputs[s];
    x = factors[s] * (x - last) + before;
    outputs[s] = x;
    before = last;
  }
  return x * x;
}

/* Power over the step that ends. */
ALWAYS Wide step_power(Means *m, double share, bool is_steady) {
  Wide power = (m->squares[0] + m->squares[1]) * share;
  m->squares[0] = m->squares[1] = (Wide){0};
  if (is_steady) {
    const Wide x = (m->sounds[0] + m->sounds[1]) * share;
    const Wide p = chain_square(x, m->input, m->output[0], m->quadratures[0]->factors[0]);
    const Wide q = chain_square(x, m->input, m->output[1], m->quadratures[0]->factors[1]);
    power = (power - x * x) + 0.5 * (p + q);
    m->input = x;
    m->sounds[0] = m->sounds[1] = (Wide){0};
  }
  return power;
}

/* n_vectors (constants, as n_steady) side by side: each is a chain of dependent operations. */
ALWAYS void mean_vectors(Means *vectors, unsigned n_vectors, unsigned n_steady, LacSteps steps) {
  const uint32_t n_points = lac_steps_points(steps);
  const double share = 1.0 / (double)steps.frames; /* exact: a power of two */
  Means m[2] = {vectors[0], vectors[n_vectors - 1]};
  uint32_t i = 0, at = lac_steps_before(steps);
  for (uint32_t point = 0; point < n_points; point++, i = at + 1, at += steps.frames) {
    sum_frames(m, n_vectors, n_steady, i, at + 1, steps.at);
    for (unsigned v = 0; v < n_vectors; v++) {
      const Wide power = step_power(&m[v], share, v < n_steady);
      m[v].poles[0] = m[v].poles[0] * (1.0 - m[v].factor) + power * m[v].factor;
      m[v].poles[1] = m[v].poles[1] * (1.0 - m[v].factor) + m[v].poles[0] * m[v].factor;
      for (unsigned lane = 0; lane < LAC_PAIRS_WIDTH; lane++) {
        m[v].powers[lane / 2][lane % 2][point] = m[v].poles[1][lane];
      }
    }
  }
  sum_frames(m, n_vectors, n_steady, i, steps.n_frames, steps.at);
  for (unsigned v = 0; v < n_vectors; v++) {
    end_means(&m[v], v < n_steady);
  }
}

static void mean_squares(LacMeanSquare *bands, unsigned n_bands, LacQuadrature *quadratures, unsigned n_steady,
                         const double *const *frames, double *const *powers, LacSteps steps) {
  for (unsigned b = 0, n_vectors, n_here; b < n_bands;) {
    Means m[2];
    n_here = 0; /* vectors that have quadratures */
    for (n_vectors = 0; n_vectors < 2 && b < n_bands; n_vectors++) {
      const bool is_steady = b < n_steady;
      b += begin_means(&m[n_vectors], bands, is_steady ? quadratures : NULL, b, is_steady ? n_steady : n_bands, n_bands,
                       frames, powers);
      n_here += is_steady;
    }
    switch (3 * n_vectors + n_here) {
    case 3:
      mean_vectors(m, 1, 0, steps);
      break;
    case 4:
      mean_vectors(m, 1, 1, steps);
      break;
    case 6:
      mean_vectors(m, 2, 0, steps);
      break;
    case 7:
      mean_vectors(m, 2, 1, steps);
      break;
    case 8:
      mean_vectors(m, 2, 2, steps);
      break;
    }
  }
}

/* The largest squares of frames i to end - 1 and `most`, of two signals side by side. */
ALWAYS Wide largest_square(const double *first, const double *second, uint32_t i, uint32_t end, Wide most) {
  Wide odd = {0}; /* a maximum waits for the one before it */
  for (; i + 2 <= end; i += 2) {
    const Wide x = lac_pairs_load(first + 2 * i, second + 2 * i);
    const Wide next = lac_pairs_load(first + 2 * i + 2, second + 2 * i + 2);
    most = lac_pairs_larger(x * x, most);
    odd = lac_pairs_larger(next * next, odd);
  }
  if (i < end) {
    const Wide x = lac_pairs_load(first + 2 * i, second + 2 * i);
    most = lac_pairs_larger(x * x, most);
  }
  return lac_pairs_larger(odd, most);
}

static void peak_squares(double (*peaks)[2], unsigned n_bands, const double *const *frames, double *const *powers,
                         LacSteps steps) {
  const uint32_t n_points = lac_steps_points(steps);
  for (unsigned b = 0; b < n_bands; b += LAC_PAIRS) {
    const unsigned other = b + LAC_PAIRS <= n_bands ? b + LAC_PAIRS - 1 : b;
    double *const rows[4] = {powers[b], powers[n_bands + b], powers[other], powers[n_bands + other]};
    Wide most = lac_pairs_load(peaks[b], peaks[other]);
    uint32_t i = 0, at = lac_steps_before(steps);
    for (uint32_t point = 0; point < n_points; point++, i = at + 1, at += steps.frames) {
      most = largest_square(frames[b], frames[other], i, at + 1, most);
      for (unsigned lane = 0; lane < LAC_PAIRS_WIDTH; lane++) {
        rows[lane][point] = most[lane];
      }
      most = (Wide){0};
    }
    most = largest_square(frames[b], frames[other], i, steps.n_frames, most);
    lac_pairs_store(most, peaks[b], peaks[other]);
  }
}

/* n_bands is a constant at every call. */
static inline __attribute__((always_inline)) void
mix_bands(const double *const *frames, unsigned n_bands, const float *const (*gains)[2], double *out, LacSteps steps) {
  const double share = 1.0 / (double)steps.frames;
  uint32_t i = 0, at = steps.at;
  for (uint32_t ramp = 0; i < steps.n_frames; ramp++, at = 0) {
    const uint32_t left = steps.n_frames - i, run = steps.frames - at < left ? steps.frames - at : left;
    Pair from[5], slope[5];
    for (unsigned b = 0; b < n_bands; b++) {
      from[b] = (Pair){(double)gains[b][0][ramp], (double)gains[b][1][ramp]};
      slope[b] = (Pair){(double)gains[b][0][ramp + 1], (double)gains[b][1][ramp + 1]} - from[b];
    }
    for (const uint32_t end = i + run; i < end; i++, at++) {
      Pair x, y = {0, 0};
      for (unsigned b = 0; b < n_bands; b++) {
        memcpy(&x, frames[b] + 2 * i, sizeof x);
        Pair part = x * (from[b] + slope[b] * ((double)(at + 1) * share));
        y = b == 0 ? part : y + part;
      }
      memcpy(out + 2 * i, &y, sizeof y);
    }
  }
}

static void mix(const double *const *frames, unsigned n_bands, const float *const (*gains)[2], double *out,
                LacSteps steps) {
  switch (n_bands) {
  case 1:
    mix_bands(frames, 1, gains, out, steps);
    break;
  case 2:
    mix_bands(frames, 2, gains, out, steps);
    break;
  case 3:
    mix_bands(frames, 3, gains, out, steps);
    break;
  case 4:
    mix_bands(frames, 4, gains, out, steps);
    break;
  case 5:
    mix_bands(frames, 5, gains, out, steps);
    break;
  }
}

static void larger(const double *a, const double *b, double *out, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    out[i] = a[i] > b[i] ? a[i] : b[i];
  }
}

static void levels(const double *restrict powers, double scale, float *restrict level_db, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    double power = powers[i] * scale;
    double above = power > 1e-30 ? power : 1e-30;
    level_db[i] = 3.01029995664f * lac_fast_log2f((float)(above < 1e30 ? above : 1e30));
  }
}

static void amounts(const LacGainCurve *curve, const float *restrict level_db, float *restrict amount_db,
                    uint32_t n_frames) {
  const float sign = curve->is_below ? -1.0f : 1.0f, threshold = (float)curve->threshold_db;
  /* A knee of almost nothing stands in for none. */
  const float knee = (float)(curve->knee_db > 1e-3 ? curve->knee_db : 1e-3), half = 0.5f * knee, bend = 0.5f / knee;
  const float slope = (float)curve->slope, range = (float)curve->range_db;
  for (uint32_t i = 0; i < n_frames; i++) {
    float over = sign * (level_db[i] - threshold);
    float in_knee = clampf(over + half, 0.0f, knee), beyond = clampf(over - half, 0.0f, 2000.0f);
    amount_db[i] = clampf(slope * (in_knee * in_knee * bend + beyond), 0.0f, range);
  }
  const float fade = (float)curve->fade_db, per_db = (float)(1.0 / LAC_DYNAMICS_FADE_WIDTH_DB);
  for (uint32_t i = 0; curve->is_below && i < n_frames; i++) {
    float t = clampf((level_db[i] - fade) * per_db, 0.0f, 1.0f);
    amount_db[i] = amount_db[i] * (t * t * (3.0f - 2.0f * t));
  }
}

static void gains(const float *restrict gain_db, float *restrict gain, uint32_t n_frames) {
  for (uint32_t i = 0; i < n_frames; i++) {
    gain[i] = lac_fast_exp2f(0.16609640474f * clampf(gain_db[i], -200.0f, 200.0f));
  }
}

static void couple(float *const *gain_db, unsigned n_bands, const float *half_db, uint32_t n_points) {
  enum { RUN = 64 };
  float lowest[RUN], highest[RUN];
  for (uint32_t done = 0, n; done < n_points; done += n) {
    n = n_points - done < RUN ? n_points - done : RUN;
    memcpy(lowest, gain_db[0] + done, n * sizeof lowest[0]);
    memcpy(highest, gain_db[0] + done, n * sizeof highest[0]);
    for (unsigned b = 1; b < n_bands; b++) {
      const float *db = gain_db[b] + done;
      for (uint32_t i = 0; i < n; i++) {
        lowest[i] = db[i] < lowest[i] ? db[i] : lowest[i];
        highest[i] = db[i] > highest[i] ? db[i] : highest[i];
      }
    }
    for (uint32_t i = 0; i < n; i++) {
      const float half = half_db[done + i], middle = 0.5f * (lowest[i] + highest[i]);
      const float apart = 0.5f * (highest[i] - lowest[i]);
      lowest[i] = apart > half ? middle - half : lowest[i];
      highest[i] = apart > half ? middle + half : highest[i];
    }
    for (unsigned b = 0; b < n_bands; b++) {
      float *db = gain_db[b] + done;
      for (uint32_t i = 0; i < n; i++) {
        db[i] = clampf(db[i], lowest[i], highest[i]);
      }
    }
  }
}

static void roots(const float *restrict below, const float *restrict above, float *restrict out, uint32_t n_points) {
  for (uint32_t i = 0; i < n_points; i++) {
    out[i] = sqrtf(below[i] / above[i]);
  }
}

/* ---- lanes side by side ---- */

enum { WIDTH = LAC_PAIRS_WIDTH, MOST_VECTORS = 2, MOST_LANES = MOST_VECTORS * WIDTH };

static inline __attribute__((always_inline)) Wide load(const double *x) {
  return lac_pairs_load(x, x + 2);
}

/* Lanes beyond the last do what the last one does. */
static inline unsigned lane_of(unsigned k, unsigned n_lanes) {
  return k < n_lanes ? k : n_lanes - 1;
}

/* A vector of lanes at work. */
typedef struct Lanes {
  Wide attack, release, steady, window;
  Wide held, mean, value, latest, before, age;
} Lanes;

ALWAYS Lanes take_up(const LacBallistics *lanes, unsigned first, unsigned n_lanes) {
  double all[10][WIDTH];
  for (unsigned k = 0; k < WIDTH; k++) {
    const LacBallistics *lane = &lanes[lane_of(first + k, n_lanes)];
    const double values[10] = {
        lane->attack, lane->release, lane->steady, lane->window, lane->held, lane->steady > 0 ? lane->mean : 0.0,
        lane->value,  lane->latest,  lane->before, lane->age};
    for (unsigned i = 0; i < 10; i++) {
      all[i][k] = values[i];
    }
  }
  return (Lanes){load(all[0]), load(all[1]), load(all[2]), load(all[3]), load(all[4]),
                 load(all[5]), load(all[6]), load(all[7]), load(all[8]), load(all[9])};
}

ALWAYS void put_down(const Lanes *from, LacBallistics *lanes, unsigned first, unsigned n_lanes) {
  for (unsigned k = 0; k < WIDTH && first + k < n_lanes; k++) {
    LacBallistics *lane = &lanes[first + k];
    lane->held = from->held[k];
    lane->mean = from->mean[k];
    lane->value = from->value[k];
    lane->latest = from->latest[k];
    lane->before = from->before[k];
    lane->age = from->age[k];
  }
}

ALWAYS Wide chosen(Masks is_first, Wide first, Wide second) {
  return (Wide)((is_first & (Masks)first) | (~is_first & (Masks)second));
}

/* Where a lane's age has come to its window, a window begins. */
ALWAYS Wide recent_most(Lanes *lanes, Wide amount) {
  const Masks is_over = lanes->age >= lanes->window;
  lanes->before = chosen(is_over, lanes->latest, lanes->before);
  lanes->latest = lac_pairs_larger(amount, chosen(is_over, amount, lanes->latest));
  lanes->age = chosen(is_over, (Wide){0}, lanes->age) + 1.0;
  return lac_pairs_larger(lanes->latest, lanes->before);
}

/* One step: what is applied. */
ALWAYS Wide step_lanes(Lanes *lanes, Wide amount, bool has_windows) {
  Wide let_go = lanes->held * (1.0 - lanes->release) + amount * lanes->release;
  if (has_windows) {
    let_go = lac_pairs_smaller(let_go, lac_pairs_larger(recent_most(lanes, amount), lanes->value));
  }
  lanes->held = lac_pairs_larger(amount, let_go);
  lanes->mean = lanes->mean * (1.0 - lanes->steady) + lanes->held * lanes->steady;
  const Wide target = lac_pairs_larger(lanes->held, lanes->mean);
  lanes->value = lanes->value * (1.0 - lanes->attack) + target * lanes->attack;
  return lanes->value;
}

/* n_vectors is a constant at every call: of that many, which overlap, each is a chain of dependent operations. */
ALWAYS void run_ballistics(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_points,
                           unsigned n_vectors, bool has_windows) {
  Lanes vectors[MOST_VECTORS];
  float *rows[MOST_LANES];
  for (unsigned v = 0; v < n_vectors; v++) {
    vectors[v] = take_up(lanes, v * WIDTH, n_lanes);
  }
  for (unsigned k = 0; k < n_vectors * WIDTH; k++) {
    rows[k] = amounts[lane_of(k, n_lanes)];
  }
  for (uint32_t i = 0; i < n_points; i++) {
    Wide values[MOST_VECTORS];
    for (unsigned v = 0; v < n_vectors; v++) {
      double parts[WIDTH];
      for (unsigned k = 0; k < WIDTH; k++) {
        parts[k] = (double)rows[v * WIDTH + k][i];
      }
      values[v] = step_lanes(&vectors[v], load(parts), has_windows);
    }
    for (unsigned k = 0; k < n_vectors * WIDTH; k++) {
      rows[k][i] = (float)values[k / WIDTH][k % WIDTH];
    }
  }
  for (unsigned v = 0; v < n_vectors; v++) {
    put_down(&vectors[v], lanes, v * WIDTH, n_lanes);
  }
}

static void ballistics(LacBallistics *lanes, unsigned n_lanes, float *const *amounts, uint32_t n_points) {
  for (unsigned k = 0, n; k < n_lanes; k += n) {
    n = n_lanes - k < MOST_LANES ? n_lanes - k : MOST_LANES;
    if (lanes[k].window > 0 && n > WIDTH) {
      run_ballistics(lanes + k, n, amounts + k, n_points, 2, true);
    } else if (lanes[k].window > 0) {
      run_ballistics(lanes + k, n, amounts + k, n_points, 1, true);
    } else if (n > WIDTH) {
      run_ballistics(lanes + k, n, amounts + k, n_points, 2, false);
    } else {
      run_ballistics(lanes + k, n, amounts + k, n_points, 1, false);
    }
  }
}

static inline __attribute__((always_inline)) void
run_means(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_points, unsigned n_vectors) {
  double factors[MOST_LANES], firsts[MOST_LANES], seconds[MOST_LANES], *rows[MOST_LANES];
  Wide factor[MOST_VECTORS], first[MOST_VECTORS], second[MOST_VECTORS];
  for (unsigned k = 0; k < n_vectors * WIDTH; k++) {
    const LacMeanSquare *lane = &lanes[lane_of(k, n_lanes)];
    rows[k] = powers[lane_of(k, n_lanes)];
    factors[k] = lane->factor;
    firsts[k] = lane->state[0][0];
    seconds[k] = lane->state[1][0];
  }
  for (unsigned v = 0; v < n_vectors; v++) {
    factor[v] = load(factors + v * WIDTH);
    first[v] = load(firsts + v * WIDTH);
    second[v] = load(seconds + v * WIDTH);
  }
  for (uint32_t i = 0; i < n_points; i++) {
    for (unsigned v = 0; v < n_vectors; v++) {
      double parts[WIDTH];
      for (unsigned k = 0; k < WIDTH; k++) {
        parts[k] = rows[v * WIDTH + k][i];
      }
      first[v] = first[v] * (1.0 - factor[v]) + load(parts) * factor[v];
      second[v] = second[v] * (1.0 - factor[v]) + first[v] * factor[v];
    }
    for (unsigned k = 0; k < n_vectors * WIDTH; k++) {
      rows[k][i] = second[k / WIDTH][k % WIDTH];
    }
  }
  for (unsigned k = 0; k < n_lanes; k++) {
    lanes[k].state[0][0] = first[k / WIDTH][k % WIDTH];
    lanes[k].state[1][0] = second[k / WIDTH][k % WIDTH];
  }
}

static void mean_powers(LacMeanSquare *lanes, unsigned n_lanes, double *const *powers, uint32_t n_points) {
  for (unsigned k = 0, n; k < n_lanes; k += n) {
    n = n_lanes - k < MOST_LANES ? n_lanes - k : MOST_LANES;
    if (n > WIDTH) {
      run_means(lanes + k, n, powers + k, n_points, 2);
    } else {
      run_means(lanes + k, n, powers + k, n_points, 1);
    }
  }
}

const LacGainComputerKernels LAC_KERNEL(lac_gain_computer_kernels) = {
    squares, mean_squares, peak_squares, mix, larger, levels, amounts, gains, couple, roots, mean_powers, ballistics};
