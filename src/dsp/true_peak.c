/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/true_peak.h"

#include "dsp/elementary.h"
#include "dsp/peak_bound.h"
#include "dsp/true_peak_kernels.h"
#include "dsp/vector_kernels.h"
#include "dsp/window.h"

#include <math.h>
#include <string.h>

/* The 8x signal is made in two steps. First 2x: 256 taps, Kaiser 12, cut-off at half the rate: exactly the judge's
 * half-way phase, flat to 0.97 of it, so the detector sees everything the judge sees. Then, as that signal fills only
 * half of its band, 12 taps (Kaiser 7) are enough for the other six phases: one third of the work of 256 taps each. */
/* How far the parabola may lift a value (true_peak_kernels.c): an eighth of the bend it goes through, 2 % at most. */
static const double RISE_OF_BEND = 0.125, MOST_RISE = 0.02;
static const double ROUNDING = 1.0 + 1e-6; /* of a bound to float */
static const double HALF_BETA = 12.0, FINE_BETA = 7.0, BRIEF_BETA = 6.0;

enum {
  DELAY = 132,   /* the value behind frame n needs 131 later frames, one more for the frame border */
  HISTORY = 288, /* samples kept before the newest: DELAY + what the oldest frame reaches back, in full cache lines */
  USEFUL = 4,    /* a closer look spares at least one group in so many */
  UNSEEN_STRETCHES = 6,
  MOST_READ_UNSEEN = 4 /* groups: reading so few costs less than a closer look at the stretch */
};

struct LacTruePeak {
  const LacTruePeakKernels *kernels;
  const LacVectorKernels *vectors;
  LacTruePeakTaps taps;
  LacPeakBound bound, bend;           /* of the values at 8x, and of their second differences, from the samples */
  LacPeakBound fine_bound, fine_bend; /* and from the values at 2x */
  uint32_t n_unseen;                  /* stretches still to go without a closer look: of use to speed alone */
  LacPeakMiss brief_miss;             /* of the brief taps */
  float buffer[HISTORY + LAC_TP_CHUNK + LAC_TP_SLACK];
  float bends[HISTORY + LAC_TP_CHUNK + LAC_TP_SLACK]; /* second differences there, but of the newest sample */
};

/* Weight of a sample `distance` away, the window ending at `reach`. */
static double weight(double distance, double reach, double beta) {
  return (distance == 0.0 ? 1.0 : lac_sin(LAC_PI * distance) / (LAC_PI * distance)) *
         lac_kaiser(distance / reach, beta);
}

static void design(LacTruePeakTaps *taps) {
  double half[LAC_TP_HALF_PAIRS], middle[LAC_TP_FINE_PAIRS], left[LAC_TP_FINE_PAIRS], right[LAC_TP_FINE_PAIRS];
  double brief[LAC_TP_BRIEF_PAIRS], half_sum = 0, middle_sum = 0, quarter_sum = 0, brief_sum = 0;
  for (int k = 0; k < LAC_TP_HALF_PAIRS; k++)
    half_sum += 2 * (half[k] = weight(k + 0.5, LAC_TP_HALF_PAIRS, HALF_BETA));
  for (int k = 0; k < LAC_TP_BRIEF_PAIRS; k++)
    brief_sum += 2 * (brief[k] = weight(k + 0.5, LAC_TP_BRIEF_PAIRS, BRIEF_BETA));
  for (int k = 0; k < LAC_TP_FINE_PAIRS; k++) {
    middle_sum += 2 * (middle[k] = weight(k + 0.5, LAC_TP_FINE_PAIRS, FINE_BETA));
    left[k] = weight(k + 0.25, LAC_TP_FINE_PAIRS, FINE_BETA);
    right[k] = weight(k + 0.75, LAC_TP_FINE_PAIRS, FINE_BETA);
    quarter_sum += left[k] + right[k];
  }
  for (int k = 0; k < LAC_TP_HALF_PAIRS; k++)
    taps->half[k] = (float)(half[k] / half_sum);
  for (int k = 0; k < LAC_TP_BRIEF_PAIRS; k++)
    taps->brief[k] = (float)(brief[k] / brief_sum);
  for (int k = 0; k < LAC_TP_FINE_PAIRS; k++) {
    taps->middle[k] = (float)(middle[k] / middle_sum);
    taps->even[k] = (float)(0.5 * (left[k] + right[k]) / quarter_sum);
    taps->odd[k] = (float)(0.5 * (left[k] - right[k]) / quarter_sum);
  }
}

/* --- What bounds a reading without making it -------------------------------------------------------------------- */

enum { N_WEIGHTS = 2 * LAC_PEAK_BOUND_REACH };

/* weights[REACH] belongs to z[0], the value lies `quarter` quarters of the way (0 to 4) from there to z[1], at 2x. */
static void weigh_quarter(const LacTruePeakTaps *taps, int quarter, double *weights) {
  double *z = weights + LAC_PEAK_BOUND_REACH;
  memset(weights, 0, N_WEIGHTS * sizeof *weights);
  if (quarter % 4 == 0)
    z[quarter / 4] = 1;
  for (int k = 0; k < LAC_TP_FINE_PAIRS && quarter % 4; k++) {
    const double even = (double)(quarter == 2 ? taps->middle[k] : taps->even[k]);
    const double odd = quarter == 2 ? 0.0 : (double)taps->odd[k] * (quarter == 1 ? 1.0 : -1.0);
    z[-k] = even + odd;
    z[1 + k] = even - odd;
  }
}

/* Adds `gain` times the 2x value z[at] (z[0] = x[0], z[1] half way to x[1]) to the weights of x. */
static void add_value(const LacTruePeakTaps *taps, double *weights, int at, double gain) {
  const int n = at >= 0 ? at / 2 : -((1 - at) / 2);
  if (at == 2 * n) {
    weights[n] += gain;
  } else {
    for (int k = 0; k < LAC_TP_HALF_PAIRS; k++) {
      weights[n - k] += gain * (double)taps->half[k];
      weights[n + 1 + k] += gain * (double)taps->half[k];
    }
  }
}

/* The same of x for the value `phase` eighths (0 to 8) after x[0]. */
static void weigh_phase(const LacTruePeakTaps *taps, int phase, double *weights) {
  double at_2x[N_WEIGHTS];
  const int from = phase / 4 - phase / 8, quarter = phase - 4 * from;
  weigh_quarter(taps, quarter, at_2x);
  memset(weights, 0, N_WEIGHTS * sizeof *weights);
  for (int j = -LAC_TP_FINE_PAIRS; j <= LAC_TP_FINE_PAIRS; j++)
    if (at_2x[LAC_PEAK_BOUND_REACH + j] != 0.0)
      add_value(taps, weights + LAC_PEAK_BOUND_REACH, from + j, at_2x[LAC_PEAK_BOUND_REACH + j]);
}

/* The values between two neighbours, n - 1 of them, and the bends from each (the first neighbour too) to the values on
 * either side. */
static void bound_values(const LacTruePeakTaps *taps, void (*weigh)(const LacTruePeakTaps *, int, double *), int n,
                         LacPeakBound *values, LacPeakBound *bends) {
  double weights[10][N_WEIGHTS], bend[N_WEIGHTS]; /* [1 + place] */
  lac_peak_bound_init(values);
  lac_peak_bound_init(bends);
  for (int place = 0; place <= n; place++)
    weigh(taps, place, weights[1 + place]);
  memcpy(weights[0], weights[n] + 1, (N_WEIGHTS - 1) * sizeof(double)); /* the last before the first neighbour */
  weights[0][N_WEIGHTS - 1] = 0;
  for (int place = 0; place < n; place++) {
    const double *before = weights[place], *here = weights[place + 1], *after = weights[place + 2];
    lac_peak_bound_add(values, here, (double)place / n);
    for (int k = 0; k < N_WEIGHTS; k++)
      bend[k] = (before[k] - here[k]) + (after[k] - here[k]);
    lac_peak_bound_add_bend(bends, bend);
  }
}

static void bound_readings(LacTruePeak *d) {
  double miss[N_WEIGHTS] = {0};
  bound_values(&d->taps, weigh_phase, 8, &d->bound, &d->bend);
  bound_values(&d->taps, weigh_quarter, 4, &d->fine_bound, &d->fine_bend);
  add_value(&d->taps, miss + LAC_PEAK_BOUND_REACH, 1, 1.0);
  for (int k = 0; k < LAC_TP_BRIEF_PAIRS; k++) {
    miss[LAC_PEAK_BOUND_REACH - k] -= (double)d->taps.brief[k];
    miss[LAC_PEAK_BOUND_REACH + 1 + k] -= (double)d->taps.brief[k];
  }
  lac_peak_miss_init(&d->brief_miss, miss);
}

uint32_t lac_true_peak_delay_frames(void) {
  return DELAY;
}

LacStatus lac_true_peak_new(LacArena *arena, LacTruePeak **out) {
  LacTruePeak *detector = lac_arena_alloc(arena, 1, sizeof *detector);
  if (!detector)
    return LAC_ERR_MEMORY;
  detector->kernels = lac_true_peak_kernels_at(lac_cpu_level());
  detector->vectors = lac_vector_kernels_at(lac_cpu_level());
  design(&detector->taps);
  bound_readings(detector);
  *out = detector;
  return LAC_OK;
}

void lac_true_peak_reset(LacTruePeak *detector) {
  memset(detector->buffer, 0, sizeof detector->buffer);
  memset(detector->bends, 0, sizeof detector->bends);
  detector->n_unseen = 0;
}

/* --- One run of at most LAC_TP_CHUNK - 1 frames --------------------------------------------------------------- */

/* Reading i belongs to the frames i - 1 and i, so n frames have n + 1 readings. */
typedef struct Stretch {
  const float *x, *bends;
  uint32_t n_frames;
  LacTruePeakSurvey survey;
  float bound[LAC_TP_GROUPS]; /* no reading of the group exceeds it */
  LacTruePeakReadings readings;
} Stretch;

static uint32_t next_run(uint32_t left) {
  return left < LAC_TP_CHUNK - 1 ? left : LAC_TP_CHUNK - 1;
}

static uint32_t n_groups(const Stretch *s) {
  return s->n_frames / LAC_TP_GROUP + 1;
}

/* From the samples alone: near enough to the truth for what is far below a limit. */
static float bound_of(const LacTruePeak *d, float level, float near_bend, float far_bend) {
  const double near = (double)near_bend, far = (double)far_bend;
  const double most = lac_peak_bound(&d->bound, (double)level, near, far), capped = MOST_RISE * most;
  const double rise = RISE_OF_BEND * lac_peak_bound_bend(&d->bend, (double)level, near, far);
  return (float)((most + (rise < capped ? rise : capped)) * ROUNDING);
}

static void bound_groups(const LacTruePeak *d, Stretch *s) {
  const LacTruePeakSurvey *survey = &s->survey;
  d->kernels->survey(s->x, s->bends, s->n_frames + 1, &s->survey);
  for (uint32_t g = 0; g < n_groups(s); g++)
    s->bound[g] = bound_of(d, survey->level[g], survey->near_bend[g], survey->far_bend);
}

/* Of all groups at once, which is mostly enough. */
static float bound_all(const LacTruePeak *d, const Stretch *s) {
  const uint32_t n = n_groups(s) * LAC_TP_GROUP;
  const float level = d->vectors->max_abs(s->x, n + 1);
  const float bend = d->vectors->max_abs(s->bends - LAC_PEAK_BOUND_REACH, n + 2 * LAC_PEAK_BOUND_REACH);
  return bound_of(d, level, bend, bend);
}

/* Lowers the bounds by what the values at 2x look like, nearly. */
static void look_closer(const LacTruePeak *d, Stretch *s) {
  LacTruePeakOutline outline;
  d->kernels->outline(&d->taps, s->x, n_groups(s), &outline);
  for (uint32_t g = 0; g < n_groups(s); g++) {
    const double level = (double)s->survey.level[g];
    const double miss = lac_peak_miss(&d->brief_miss, level, (double)s->survey.near_bend[g], (double)s->survey.far_bend,
                                      (double)outline.near_edge[g], (double)outline.far_edge);
    const double half_way = (double)outline.half_way[g] + miss, top = half_way > level ? half_way : level;
    const double bend = (double)outline.bend[g] + 2 * miss;
    const double most = lac_peak_bound(&d->fine_bound, top, bend, 0.0);
    const double rise = RISE_OF_BEND * lac_peak_bound_bend(&d->fine_bend, top, bend, 0.0);
    const float bound = (float)((most + rise) * ROUNDING);
    s->bound[g] = bound < s->bound[g] ? bound : s->bound[g];
  }
}

/* Takes in n samples, which complete n frames. */
static void begin(LacTruePeak *d, Stretch *s, const float *in, uint32_t n) {
  memmove(d->buffer + HISTORY, in, n * sizeof *in); /* gcc 12 makes a string instruction of a short memcpy: slow */
  d->kernels->bends(d->buffer + HISTORY - 1, d->bends + HISTORY - 1, n);
  s->x = d->buffer + HISTORY - DELAY - 1;
  s->bends = d->bends + HISTORY - DELAY - 1;
  s->n_frames = n;
  s->readings.half_ways = 0;
}

static void end(LacTruePeak *d, const Stretch *s) {
  memmove(d->buffer, d->buffer + s->n_frames, HISTORY * sizeof *d->buffer);
  memmove(d->bends, d->bends + s->n_frames, HISTORY * sizeof *d->bends);
}

static uint32_t bounded_over(const Stretch *s, const float *lowest) {
  uint32_t groups = 0;
  for (uint32_t g = 0; g < n_groups(s); g++)
    groups |= (uint32_t) !(s->bound[g] <= lowest[g]) << g;
  return groups;
}

/* The groups that may exceed the lowest limit of their frames. Noise up to half the rate leaves a closer look as much
 * in doubt as before: where it was of little use it is not tried again at once. */
static uint32_t groups_over(LacTruePeak *d, Stretch *s, const float *lowest) {
  bound_groups(d, s);
  const uint32_t groups = bounded_over(s, lowest);
  const int n_over = __builtin_popcount(groups);
  if (n_over <= MOST_READ_UNSEEN)
    return groups;
  if (d->n_unseen > 0) {
    d->n_unseen--;
    return groups;
  }
  look_closer(d, s);
  const uint32_t left = bounded_over(s, lowest);
  if (USEFUL * (n_over - __builtin_popcount(left)) < n_over)
    d->n_unseen = UNSEEN_STRETCHES;
  return left;
}

/* The same with one limit for all. */
static uint32_t groups_over_level(LacTruePeak *d, Stretch *s, float limit) {
  float lowest[LAC_TP_GROUPS];
  if (limit <= 0.0f)
    return (1u << n_groups(s)) - 1;
  if (limit == INFINITY || bound_all(d, s) <= limit)
    return 0;
  for (uint32_t g = 0; g < n_groups(s); g++)
    lowest[g] = limit;
  return groups_over(d, s, lowest);
}

/* What is never read stays 0. */
static void read_groups(const LacTruePeak *d, Stretch *s, uint32_t groups) {
  memset(s->readings.most, 0, (s->n_frames + 1) * sizeof *s->readings.most);
  d->kernels->wide(&d->taps, s->x, groups, &s->readings);
}

/* The peaks of the frames from the readings of some groups. */
static void read_peaks(const LacTruePeak *d, Stretch *s, uint32_t groups, float *peak) {
  const float *most = s->readings.most;
  if (!groups) {
    memset(peak, 0, s->n_frames * sizeof *peak);
    return;
  }
  read_groups(d, s, groups);
  for (uint32_t i = 0; i < s->n_frames; i++)
    peak[i] = most[i] > most[i + 1] ? most[i] : most[i + 1];
}

bool lac_true_peak_track(LacTruePeak *detector, const float *in, float *peak, uint32_t n_frames, float ignore_below) {
  Stretch s;
  bool is_any_read = false;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = next_run(n_frames - done);
    begin(detector, &s, in + done, n);
    const uint32_t groups = groups_over_level(detector, &s, ignore_below);
    is_any_read = is_any_read || groups != 0;
    read_peaks(detector, &s, groups, peak + done);
    end(detector, &s);
  }
  return is_any_read;
}

void lac_true_peak_track_over(LacTruePeak *detector, const float *in, const float *limits, float *peak,
                              uint32_t n_frames) {
  Stretch s;
  float lowest[LAC_TP_GROUPS];
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = next_run(n_frames - done);
    begin(detector, &s, in + done, n);
    detector->kernels->group_limits(limits + done, n, lowest);
    read_peaks(detector, &s, groups_over(detector, &s, lowest), peak + done);
    end(detector, &s);
  }
}

float lac_true_peak_block(LacTruePeak *detector, const float *in, uint32_t n_frames, float ignore_below) {
  Stretch s;
  float largest = 0.0f;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = next_run(n_frames - done);
    begin(detector, &s, in + done, n);
    const uint32_t groups = groups_over_level(detector, &s, largest > ignore_below ? largest : ignore_below);
    if (groups) {
      read_groups(detector, &s, groups);
      /* The first reading belongs to the frames of the call before as well, and was measured there. */
      const float found = detector->vectors->max_abs(s.readings.most + 1, n);
      largest = found > largest ? found : largest;
    }
    end(detector, &s);
  }
  return largest;
}
