/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Match EQ: a curve of the mid and one of the side, exactly, as one long FIR filter each (dsp/fir_design.h) over a
 * partitioned convolver (dsp/convolver.h).
 *
 *   minimum  up to 4 L taps from the first on, as many as the curves need, no latency at all
 *   mixed    3/8 L taps before the main one
 *   linear   as many on both sides as a latency of 2 L holds
 *
 * with L = 2048 at 44.1 and 48 kHz, as many seconds at other rates. A flat curve has no filter: its part is the delayed
 * input. A new amount is a new filter: designed a few bins per quantum beside the sound, then faded in over L frames;
 * what is asked for meanwhile comes next. */

#include <string.h>

#include "dsp/convolver.h"
#include "dsp/elementary.h"
#include "dsp/fir_design.h"
#include "dsp/monotone_curve.h"
#include "processors/processor_class.h"

/* Of the gain at any frequency, in taps that are left out: 0.01 dB. */
static const double SPARED_FRACTION = 1.15e-3;

enum { MID_CURVE, SIDE_CURVE, AMOUNT, PHASE };
enum { MID, SIDE, N_LANES, CHUNK = 256 };

static const char *const phases[] = {"minimum", "linear", "mixed", NULL}; /* as LacFirPhase */

static const LacParam params[] = {
    {.id = "mid_curve",
     .title = "Mid curve",
     .unit = "dB",
     .type = LAC_PARAM_CURVE,
     .minimum = -24,
     .maximum = 24,
     .step = 0.01,
     .x_unit = "Hz",
     .help = "Gain over frequency for the middle of the stereo image; on a mono song for everything."},
    {.id = "side_curve",
     .title = "Side curve",
     .unit = "dB",
     .type = LAC_PARAM_CURVE,
     .minimum = -24,
     .maximum = 24,
     .step = 0.01,
     .x_unit = "Hz",
     .help = "Gain over frequency for what differs between left and right."},
    {.id = "amount_percent",
     .title = "Amount",
     .unit = "%",
     .type = LAC_PARAM_NUMBER,
     .minimum = 0,
     .maximum = 100,
     .neutral = 100,
     .step = 1,
     .help = "How much of both curves is applied: at 50 every dB counts half."},
    {.id = "phase",
     .title = "Phase",
     .unit = "",
     .type = LAC_PARAM_CHOICE,
     .minimum = 0,
     .maximum = 2,
     .neutral = LAC_FIR_MINIMUM,
     .step = 1,
     .choices = phases,
     .flags = LAC_PARAM_RESTARTS,
     .help = "minimum sounds like an analogue equaliser and adds no delay; mixed keeps the mids and highs of mid and "
             "side in step; linear keeps everything in step but echoes ahead of hits in the bass."},
};

/* What happens to a changed amount. */
typedef enum Stage { STAGE_REST, STAGE_BINS, STAGE_TAPS, STAGE_FADE } Stage;

typedef struct Lane {
  bool has_filter;
  LacFirShape shape;
  LacConvolver convolver;
  double *work; /* of the design */
} Lane;

typedef struct MatchEq {
  LacConvolverPlan *plan;
  uint32_t small, large;   /* blocks of the convolvers */
  uint32_t n_taps, center; /* of the design */
  LacFirDesigner designer;
  Lane lanes[N_LANES];
  float *taps;
  Stage stage;
  double amount;       /* that is heard, or comes */
  uint32_t n_designed; /* bins */
  uint32_t bins_per_quantum;
  unsigned next_lane;             /* to load */
  float *delay[LAC_MAX_CHANNELS]; /* of the input, latency_frames long */
  uint32_t delay_at;
} MatchEq;

static bool is_flat(const LacPointList *list) {
  for (size_t i = 0; i < list->count; i++) {
    if (list->points[i].y != 0) {
      return false;
    }
  }
  return true;
}

static double wanted_amount(const LacProcessor *p) {
  return p->values[AMOUNT] * 0.01;
}

/* ---- preparing ---- */

typedef struct KnotList {
  LacCurveKnot *knots; /* x: the logarithm of Hz */
  size_t count;
} KnotList;

static double db_at(const void *context, double hz) {
  const KnotList *curve = context;
  size_t piece = 0;
  return lac_monotone_curve_at(curve->knots, curve->count, hz > 0 ? lac_log(hz) : curve->knots[0].x, &piece, NULL);
}

static LacStatus prepare_lane(LacProcessor *p, Lane *lane, const LacPointList *list) {
  MatchEq *self = p->state;
  lane->has_filter = true;
  const KnotList curve = {lac_arena_alloc(p->arena, list->count, sizeof *curve.knots), list->count};
  lane->work = lac_arena_alloc(p->arena, lac_fir_work_doubles(&self->designer), sizeof *lane->work);
  if (!curve.knots || !lane->work) {
    return LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < list->count; i++) {
    curve.knots[i] = (LacCurveKnot){.x = lac_log(list->points[i].x), .y = list->points[i].y};
  }
  lac_monotone_curve_fit(curve.knots, list->count);
  return lac_fir_shape_init(&lane->shape, p->arena, &self->designer, db_at, &curve);
}

/* Block sizes of the convolver and length of the filter, for this rate and phase. */
static LacStatus prepare_designer(LacProcessor *p) {
  MatchEq *self = p->state;
  const double rate_hz = p->setup.rate_hz;
  const LacFirPhase phase = (LacFirPhase)p->values[PHASE];
  uint32_t large = 256;
  while (2.0 * large <= 0.05 * rate_hz) { /* a fade of 25 to 50 ms */
    large *= 2;
  }
  /* Measured: shorter blocks cost more transforms, longer ones more direct taps. */
  const uint32_t most = phase == LAC_FIR_MINIMUM ? 64 : 256,
                 wanted = large * most / 2048 < most ? large * most / 2048 : most, small = wanted > 16 ? wanted : 16;
  const uint32_t center = phase == LAC_FIR_MINIMUM ? 0 : phase == LAC_FIR_LINEAR ? 2 * large - small : 3 * large / 8;
  const uint32_t n_taps = phase == LAC_FIR_MINIMUM  ? 4 * large
                          : phase == LAC_FIR_LINEAR ? 2 * center
                                                    : 4 * large - small;
  const LacStatus status = lac_fir_designer_init(&self->designer, p->arena, phase, n_taps, center, rate_hz);
  self->taps = lac_arena_alloc(p->arena, n_taps, sizeof *self->taps);
  if (status != LAC_OK || !self->taps) {
    return LAC_ERR_MEMORY;
  }
  self->small = small;
  self->large = large;
  self->n_taps = n_taps;
  self->center = center;
  /* The design takes about as long as the fade. */
  self->bins_per_quantum = lac_fir_n_bins(&self->designer) / (large / LAC_QUANTUM_FRAMES) + 1;
  return LAC_OK;
}

static void design(MatchEq *self, Lane *lane, double amount) {
  lac_fir_bins(&self->designer, &lane->shape, amount, 0, lac_fir_n_bins(&self->designer), lane->work);
  lac_fir_taps(&self->designer, lane->work, self->taps);
}

/* Taps that the filter needs at its full amount, where it is longest, in large blocks. */
static uint32_t needed_taps(MatchEq *self, Lane *lane) {
  uint32_t n = self->n_taps;
  design(self, lane, 1.0);
  while (n > self->large &&
         lac_fir_loss(&self->designer, &lane->shape, self->taps, n - self->large, lane->work) < SPARED_FRACTION) {
    n -= self->large;
  }
  return n;
}

static LacStatus prepare_convolvers(LacProcessor *p) {
  MatchEq *self = p->state;
  const bool is_minimum = p->values[PHASE] == LAC_FIR_MINIMUM;
  uint32_t n_taps = is_minimum ? 0 : self->n_taps;
  for (int k = 0; k < N_LANES; k++) {
    if (is_minimum && self->lanes[k].has_filter) {
      const uint32_t needed = needed_taps(self, &self->lanes[k]);
      n_taps = needed > n_taps ? needed : n_taps;
    }
  }
  LacStatus status = lac_convolver_plan_new(self->small, self->large, n_taps, is_minimum, &self->plan);
  for (int k = 0; k < N_LANES && status == LAC_OK; k++) {
    if (self->lanes[k].has_filter) {
      status = lac_convolver_init(&self->lanes[k].convolver, p->arena, self->plan);
    }
  }
  if (status == LAC_OK) {
    p->latency_frames = self->center + lac_convolver_latency_frames(self->plan);
    p->tail_frames = n_taps - self->center;
  }
  return status;
}

static void start(LacProcessor *p) {
  MatchEq *self = p->state;
  self->stage = STAGE_REST;
  self->amount = wanted_amount(p);
  for (int k = 0; k < N_LANES; k++) {
    Lane *lane = &self->lanes[k];
    if (lane->has_filter) {
      design(self, lane, self->amount);
      lac_convolver_load(&lane->convolver, self->taps);
      lac_convolver_restart(&lane->convolver);
    }
  }
  for (unsigned c = 0; c < p->setup.n_channels && p->latency_frames > 0; c++) {
    memset(self->delay[c], 0, p->latency_frames * sizeof(float));
  }
  self->delay_at = 0;
}

static LacStatus prepare(LacProcessor *p) {
  MatchEq *self = p->state;
  const bool is_heard[N_LANES] = {!is_flat(&p->lists[MID_CURVE]),
                                  p->setup.n_channels > 1 && !is_flat(&p->lists[SIDE_CURVE])};
  if (!is_heard[MID] && !is_heard[SIDE]) {
    return LAC_OK;
  }
  LacStatus status = prepare_designer(p);
  for (int k = 0; k < N_LANES && status == LAC_OK; k++) {
    status = is_heard[k] ? prepare_lane(p, &self->lanes[k], &p->lists[k == MID ? MID_CURVE : SIDE_CURVE]) : LAC_OK;
  }
  if (status == LAC_OK) {
    status = prepare_convolvers(p);
  }
  for (unsigned c = 0; c < p->setup.n_channels && status == LAC_OK; c++) {
    self->delay[c] = lac_arena_alloc(p->arena, p->latency_frames, sizeof(float));
    status = self->delay[c] ? LAC_OK : LAC_ERR_MEMORY;
  }
  if (status == LAC_OK) {
    start(p);
  }
  return status;
}

static void release(LacProcessor *p) {
  MatchEq *self = p->state;
  lac_convolver_plan_free(self->plan);
  lac_fir_designer_drop(&self->designer);
}

/* Not one filter at work: either there is no curve or nothing of it is wanted. */
static bool is_at_rest(const MatchEq *self) {
  return !self->plan || (self->stage == STAGE_REST && self->amount == 0);
}

static bool is_settled(const LacProcessor *p) {
  const MatchEq *self = p->state;
  return !self->plan || (self->stage == STAGE_REST && self->amount == wanted_amount(p));
}

static bool lane_fades(const Lane *lane) {
  return lane->has_filter && lane->convolver.change != LAC_CONVOLVER_STEADY;
}

/* One step of the way to another amount, at a quantum border. */
static void step(LacProcessor *p) {
  MatchEq *self = p->state;
  const uint32_t n_bins = lac_fir_n_bins(&self->designer), left = n_bins - self->n_designed;
  const uint32_t n = left < self->bins_per_quantum ? left : self->bins_per_quantum;
  switch (self->stage) {
  case STAGE_REST:
    self->amount = wanted_amount(p);
    self->n_designed = 0;
    self->stage = STAGE_BINS;
    break;
  case STAGE_BINS:
    for (int k = 0; k < N_LANES; k++) {
      if (self->lanes[k].has_filter) {
        lac_fir_bins(&self->designer, &self->lanes[k].shape, self->amount, self->n_designed, n, self->lanes[k].work);
      }
    }
    self->n_designed += n;
    self->next_lane = MID;
    self->stage = n == left ? STAGE_TAPS : STAGE_BINS;
    break;
  case STAGE_TAPS:
    if (self->lanes[self->next_lane].has_filter) {
      lac_fir_taps(&self->designer, self->lanes[self->next_lane].work, self->taps);
      lac_convolver_load(&self->lanes[self->next_lane].convolver, self->taps);
    }
    if (++self->next_lane == N_LANES) {
      for (int k = 0; k < N_LANES; k++) {
        if (self->lanes[k].has_filter) {
          lac_convolver_fade(&self->lanes[k].convolver);
        }
      }
      self->stage = STAGE_FADE;
    }
    break;
  case STAGE_FADE:
    self->stage = lane_fades(&self->lanes[MID]) || lane_fades(&self->lanes[SIDE]) ? STAGE_FADE : STAGE_REST;
    break;
  }
}

/* `step` looks at the values itself. */
static void changed(LacProcessor *p, size_t param) {
  (void)p;
  (void)param;
}

/* ---- audio ---- */

/* out = the input as it was latency_frames ago. */
static void exchange(float *ring, uint32_t size, uint32_t at, const float *in, float *out, uint32_t n) {
  if (size == 0) {
    memcpy(out, in, n * sizeof *out);
    return;
  }
  for (uint32_t done = 0, run; done < n; done += run) {
    run = n - done < size - at ? n - done : size - at;
    memcpy(out + done, ring + at, run * sizeof *out);
    memcpy(ring + at, in + done, run * sizeof *out);
    at = at + run < size ? at + run : 0;
  }
}

static void run_stereo(MatchEq *self, float *left, float *right, const float *late_left, const float *late_right,
                       uint32_t n) {
  float mid[CHUNK], side[CHUNK];
  const float *from[N_LANES][2] = {{left, right}, {left, right}};
  float *lanes[N_LANES] = {mid, side};
  for (int k = 0; k < N_LANES; k++) {
    if (!self->lanes[k].has_filter) {
      from[k][0] = late_left;
      from[k][1] = late_right;
    }
  }
  for (uint32_t i = 0; i < n; i++) {
    mid[i] = 0.5F * from[MID][0][i] + 0.5F * from[MID][1][i];
    side[i] = 0.5F * from[SIDE][0][i] - 0.5F * from[SIDE][1][i];
  }
  for (int k = 0; k < N_LANES; k++) {
    if (self->lanes[k].has_filter) {
      lac_convolver_process(&self->lanes[k].convolver, lanes[k], n);
    }
  }
  for (uint32_t i = 0; i < n; i++) {
    left[i] = mid[i] + side[i];
    right[i] = mid[i] - side[i];
  }
}

static void run_chunk(LacProcessor *p, float *const *channels, uint32_t n) {
  MatchEq *self = p->state;
  float late[LAC_MAX_CHANNELS][CHUNK];
  const unsigned n_channels = p->setup.n_channels;
  for (unsigned c = 0; c < n_channels; c++) {
    exchange(self->delay[c], p->latency_frames, self->delay_at, channels[c], late[c], n);
  }
  self->delay_at = p->latency_frames > 0 ? (self->delay_at + n) % p->latency_frames : 0;
  const bool rests = is_at_rest(self);
  if (n_channels > 1) {
    run_stereo(self, channels[0], channels[1], late[0], late[1], n);
  } else {
    lac_convolver_process(&self->lanes[MID].convolver, channels[0], n);
  }
  for (unsigned c = 0; c < n_channels && rests; c++) {
    memcpy(channels[c], late[c], n * sizeof(float));
  }
}

static void process(LacProcessor *p, float *const *channels, uint32_t n_frames) {
  MatchEq *self = p->state;
  for (uint32_t done = 0, n; self->plan && done < n_frames; done += n) {
    n = n_frames - done < CHUNK ? n_frames - done : CHUNK;
    if (!is_settled(p)) {
      const uint32_t place = (uint32_t)((p->frame + done) % LAC_QUANTUM_FRAMES);
      if (place == 0) {
        step(p);
      }
      n = n < LAC_QUANTUM_FRAMES - place ? n : LAC_QUANTUM_FRAMES - place;
    }
    float *run[LAC_MAX_CHANNELS] = {channels[0] + done, p->setup.n_channels > 1 ? channels[1] + done : NULL};
    run_chunk(p, run, n);
  }
}

static void reset(LacProcessor *p) {
  const MatchEq *self = p->state;
  if (self->plan) {
    start(p);
  }
}

/* Before prepare both curves count; then those that this song has a channel for. */
static bool is_neutral(const LacProcessor *p) {
  const MatchEq *self = p->state;
  const bool asks_nothing = p->values[AMOUNT] == 0 || (is_flat(&p->lists[MID_CURVE]) && is_flat(&p->lists[SIDE_CURVE]));
  return self ? is_at_rest(self) && (!self->plan || asks_nothing) : asks_nothing;
}

extern const LacProcessorClass lac_match_eq_class;
const LacProcessorClass lac_match_eq_class = {
    .info = {.id = "match_eq",
             .title = "Match EQ",
             .purpose = "Gives mid and side the tone of a curve, for instance the difference to a reference.",
             .revision = 1,
             .kinds = LAC_KIND_STREAM,
             .params = params,
             .n_params = sizeof params / sizeof params[0]},
    .state_size = sizeof(MatchEq),
    .prepare = prepare,
    .changed = changed,
    .process = process,
    .reset = reset,
    .is_neutral = is_neutral,
    .release = release,
};
