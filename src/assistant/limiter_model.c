/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/limiter_model.h"

#include <math.h>
#include <string.h>

#include "assistant/gated_loudness.h"
#include "core/memory.h"
#include "dsp/elementary.h"

enum {
  HOPS_PER_STRETCH = 100, /* 1-ms hops to the 100-ms stretches that loudness blocks are made of */
  HOPS_PER_ENTRY = 10,    /* to the 10-ms entries of a readout */
  STEPS_PER_DB = 20,
  HISTOGRAM = 64 * STEPS_PER_DB
};

typedef struct Histogram {
  size_t counts[HISTOGRAM];
  size_t total;
} Histogram;

struct LacLimiterModel {
  const LacControlTrack *control;
  double shift_lu;     /* measured - modelled, without limiting */
  size_t window_hops;  /* how many hops a peak holds the gain down */
  float release;       /* share of the way back to 1 per hop */
  size_t average_hops; /* the average over the lookahead looks this far ahead, */
  float average_part;  /* and this part of a hop farther */
  float largest_peak;
  float *allowed;   /* count + window_hops + 2 */
  float *gain;      /* count + average_hops + 2 */
  double *energies; /* count / 100 */
  size_t n_stretches;
};

static void add_reduction(Histogram *histogram, double reduction_db) {
  size_t step = reduction_db > 0.0 ? (size_t)(reduction_db * STEPS_PER_DB) : 0;
  if (reduction_db < LAC_LIMITED_FROM_DB)
    return;
  histogram->counts[step < HISTOGRAM ? step : HISTOGRAM - 1]++;
  histogram->total++;
}

/* Nearest rank: the least value that 95 % do not exceed. */
static double percentile_95(const Histogram *histogram) {
  size_t rank = histogram->total - histogram->total / 20;
  size_t seen = 0;
  for (size_t step = 0; histogram->total > 0 && step < HISTOGRAM; step++) {
    seen += histogram->counts[step];
    if (seen >= rank)
      return ((double)step + 0.5) / STEPS_PER_DB;
  }
  return 0.0;
}

double lac_limiting_p95_db(const float *gain_db, size_t count) {
  Histogram histogram = {0};
  for (size_t i = 0; i < count; i++)
    add_reduction(&histogram, -(double)gain_db[i]);
  return percentile_95(&histogram);
}

/* A peak, anywhere in its hop, holds the gain for `lookahead` and touches one hop more than fit into it; the frames
 * leave `lookahead` later through a bell-shaped average as long, whose middle lies half-way: so a frame's gain is that
 * of the holding half a lookahead ahead of it. Twice the fast release stands for what the slow path for low tones adds
 * on average. Checked against the limiter on 12 songs: the loudness that limiting takes is predicted within 0.1 LU at
 * 1 dB of loss and 0.2 LU at 3 dB for half of them; bass-heavy songs lose up to 0.6 LU more. */
static void take_times(LacLimiterModel *model, LacLimiterTimes times) {
  double hop_ms = 1000.0 * model->control->hop_frames / model->control->rate_hz;
  double lookahead = times.lookahead_ms / hop_ms;
  model->window_hops = (size_t)floor(lookahead) + 2;
  model->release = (float)(1.0 - lac_exp(-hop_ms / (2.0 * times.release_ms)));
  model->average_hops = (size_t)floor(0.5 * lookahead);
  model->average_part = (float)(0.5 * lookahead - floor(0.5 * lookahead));
}

static double modelled_lufs(const LacLimiterModel *model) {
  return lac_gated_lufs(model->energies, model->n_stretches, (double)HOPS_PER_STRETCH * model->control->hop_frames);
}

/* Energies of 100 ms; an incomplete last one is left out as the meter does. gain NULL: as they are. */
static void sum_energies(LacLimiterModel *model, double power, const float *gain) {
  const float *energy = model->control->k_energy;
  for (size_t s = 0; s < model->n_stretches; s++) {
    double sum = 0.0;
    for (size_t k = s * HOPS_PER_STRETCH; k < (s + 1) * HOPS_PER_STRETCH; k++)
      sum += gain ? (double)(energy[k] * gain[k] * gain[k]) : (double)energy[k];
    model->energies[s] = sum * power;
  }
}

LacStatus lac_limiter_model_new(const LacControlTrack *control, double measured_lufs, LacLimiterTimes times,
                                LacLimiterModel **out) {
  LacLimiterModel *model = lac_calloc(1, sizeof *model);
  *out = model;
  if (!model)
    return LAC_ERR_MEMORY;
  model->control = control;
  take_times(model, times);
  model->n_stretches = control->count / HOPS_PER_STRETCH;
  model->allowed = lac_alloc(control->count + model->window_hops + 2, sizeof *model->allowed);
  model->gain = lac_alloc(control->count + model->average_hops + 2, sizeof *model->gain);
  model->energies = lac_calloc(model->n_stretches + 1, sizeof *model->energies);
  if (!model->allowed || !model->gain || !model->energies) {
    lac_limiter_model_free(model);
    *out = NULL;
    return LAC_ERR_MEMORY;
  }
  for (size_t k = 0; k < control->count; k++)
    model->largest_peak = control->peak[k] > model->largest_peak ? control->peak[k] : model->largest_peak;
  sum_energies(model, 1.0, NULL);
  double lufs = modelled_lufs(model);
  model->shift_lu = isfinite(lufs) && isfinite(measured_lufs) ? measured_lufs - lufs : 0.0;
  return LAC_OK;
}

void lac_limiter_model_free(LacLimiterModel *model) {
  if (!model)
    return;
  lac_free(model->allowed);
  lac_free(model->gain);
  lac_free(model->energies);
  lac_free(model);
}

double lac_limiter_model_peak_db(const LacLimiterModel *model) {
  return model->largest_peak > 0.0f ? lac_db_from_gain(model->largest_peak) : -INFINITY;
}

/* What each hop's peak allows; `window_hops` ones stand before the first. */
static void find_allowed(LacLimiterModel *model, float limit) {
  size_t before = model->window_hops;
  for (size_t k = 0; k < before; k++)
    model->allowed[k] = 1.0f;
  for (size_t k = 0; k < model->control->count; k++) {
    float peak = model->control->peak[k];
    model->allowed[before + k] = peak > limit ? limit / peak : 1.0f;
  }
}

/* Held over the window, released, averaged: model->gain[k] is the gain of hop k. */
static void find_gain(LacLimiterModel *model) {
  size_t count = model->control->count;
  size_t window = model->window_hops;
  size_t ahead = model->average_hops + 1;
  float part = model->average_part;
  float released = 1.0f;
  for (size_t k = 0; k < count; k++) {
    const float *newest = model->allowed + window + k;
    float held = newest[0];
    for (size_t j = 1; j < window; j++)
      held = newest[-(ptrdiff_t)j] < held ? newest[-(ptrdiff_t)j] : held;
    released += (1.0f - released) * model->release;
    released = held < released ? held : released;
    model->gain[k] = released;
  }
  for (size_t k = count; k < count + ahead; k++) /* the end: nothing new comes */
    model->gain[k] = 1.0f;
  for (size_t k = 0; k < count; k++) {
    float near = model->gain[k + ahead - 1];
    model->gain[k] = near + part * (model->gain[k + ahead] - near);
  }
}

/* As the readout of a render: means of 10 ms in dB. */
static void describe_gain(const LacLimiterModel *model, LacLimiterPrediction *prediction) {
  Histogram histogram = {0};
  size_t n_entries = model->control->count / HOPS_PER_ENTRY;
  float lowest = 1.0f;
  for (size_t i = 0; i < n_entries; i++) {
    double sum = 0.0;
    for (size_t k = i * HOPS_PER_ENTRY; k < (i + 1) * HOPS_PER_ENTRY; k++) {
      float gain = model->gain[k];
      lowest = gain < lowest ? gain : lowest;
      sum += gain < 1.0f ? 6.0205999132796239 * (double)lac_fast_log2f(gain) : 0.0;
    }
    add_reduction(&histogram, -sum / HOPS_PER_ENTRY);
  }
  prediction->p95_db = percentile_95(&histogram);
  prediction->maximum_db = lowest < 1.0f ? -lac_db_from_gain(lowest) : 0.0;
  prediction->limited_fraction = n_entries ? (double)histogram.total / (double)n_entries : 0.0;
}

LacLimiterPrediction lac_limiter_model_predict(LacLimiterModel *model, double gain_db, double ceiling_db) {
  LacLimiterPrediction prediction = {0};
  double gain = lac_gain_from_db(gain_db);
  float limit = (float)(lac_gain_from_db(ceiling_db) / gain);
  if (model->largest_peak <= limit) {
    sum_energies(model, gain * gain, NULL);
  } else {
    find_allowed(model, limit);
    find_gain(model);
    sum_energies(model, gain * gain, model->gain);
    describe_gain(model, &prediction);
  }
  prediction.lufs = modelled_lufs(model) + model->shift_lu;
  return prediction;
}
